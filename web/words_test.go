package web_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"testing"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/ticket"
)

// The console says how long the term of a class is; the service decides it.
func TestTermsAreThoseOfTheService(t *testing.T) {
	words, err := os.ReadFile("src/words.ts")
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`(?m)^export const terms[^{]*\{([^}]*)\}`).FindSubmatch(words)
	if table == nil {
		t.Fatal("src/words.ts has no table of terms")
	}
	for _, intent := range classify.Intents() {
		want := fmt.Sprintf(`\b%s: %d\b`, intent, ticket.TermDays(intent))
		if !regexp.MustCompile(want).Match(table[1]) {
			t.Errorf("terms of src/words.ts lack %s", want)
		}
	}
}

// A kind of entry without its words would show as a code in the history of a case.
func TestEveryEntryOfTheBitacoraHasItsWords(t *testing.T) {
	source, err := os.ReadFile("../shared/audit/audit.go")
	if err != nil {
		t.Fatal(err)
	}
	words, err := os.ReadFile("src/history.ts")
	if err != nil {
		t.Fatal(err)
	}
	kinds := regexp.MustCompile(`Kind = "([a-z.]+)"`).FindAllSubmatch(source, -1)
	if len(kinds) < 20 {
		t.Fatalf("found %d kinds of entry", len(kinds))
	}
	for _, kind := range kinds {
		if !bytes.Contains(words, []byte("'"+string(kind[1])+"': ")) {
			t.Errorf("src/history.ts has no words for %s", kind[1])
		}
	}
}
