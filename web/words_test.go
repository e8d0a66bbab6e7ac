package web_test

import (
	"bytes"
	"os"
	"regexp"
	"testing"
)

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
