package web_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"sence.gob.cl/gestor/shared/classify"
)

// A kind of matter without its words would show as a code to who should do something about it.
func TestEveryMatterHasItsWords(t *testing.T) {
	words, err := os.ReadFile("src/matterWords.ts")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range []string{"../shared/ticket/outcome.go", "../shared/ticket/account.go", "../shared/agenda/agenda.go"} {
		source, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range regexp.MustCompile(`Matter\w+ += "([a-z_]+)"`).FindAllSubmatch(source, -1) {
			found++
			if !bytes.Contains(words, []byte("\n  "+string(kind[1])+": {")) {
				t.Errorf("src/matterWords.ts has no words for %s", kind[1])
			}
		}
	}
	if found < 14 {
		t.Errorf("found %d kinds of matter", found)
	}
}

// A kind of entry without its words would show as a code in the history of a case. Those of the classifier's models are of no case
// and no post: gestor model list shows them.
func TestEveryEntryOfTheBitacoraHasItsWords(t *testing.T) {
	source, err := os.ReadFile("../shared/audit/audit.go")
	if err != nil {
		t.Fatal(err)
	}
	var words []byte
	for _, file := range []string{"src/history.ts", "src/publish/history.ts"} {
		text, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			t.Fatal(err)
		}
		words = append(words, text...)
	}
	kinds := regexp.MustCompile(`Kind = "([a-z.]+)"`).FindAllSubmatch(source, -1)
	if len(kinds) < 20 {
		t.Fatalf("found %d kinds of entry", len(kinds))
	}
	for _, kind := range kinds {
		ofModels := bytes.HasPrefix(kind[1], []byte("model."))
		if !ofModels && !bytes.Contains(words, []byte("'"+string(kind[1])+"': ")) {
			t.Errorf("neither history.ts nor publish/history.ts has words for %s", kind[1])
		}
	}
}

// A flag without its words would show as a code beside the case.
func TestEveryFlagHasItsWords(t *testing.T) {
	words, err := os.ReadFile("src/words.ts")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for file, pattern := range map[string]string{
		"../shared/classify/classify.go": `Flag\w+ += "([a-z_]+)"`, "../shared/classify/reglas.tsv": `(?m)^marca:([a-z_]+)\t`, "../shared/classify/codes.go": `Subtype += "([a-z_]+)"`,
	} {
		source, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range regexp.MustCompile(pattern).FindAllSubmatch(source, -1) {
			found++
			if !regexp.MustCompile(`\b` + string(code[1]) + `: '`).Match(words) {
				t.Errorf("src/words.ts has no words for %s", code[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d flags were looked at", found)
	}
}

// Every topic has its name in the console, and a programme that is no longer given says so.
func TestEveryTopicHasItsName(t *testing.T) {
	words, err := os.ReadFile("src/words.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range classify.Topics() {
		name := regexp.MustCompile(`\b` + topic.Code + `: '([^']+)'`).FindSubmatch(words)
		if name == nil {
			t.Errorf("src/words.ts has no name for %s", topic.Code)
			continue
		}
		if past := topic.State == classify.TopicPast; past != bytes.Contains(name[1], []byte("(histórico)")) {
			t.Errorf("%s is past: %t, and is called %s", topic.Code, past, name[1])
		}
	}
}
