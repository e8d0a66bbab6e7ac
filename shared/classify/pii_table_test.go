package classify

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// written is one line of testdata/pii.tsv: a shape, and a text in which «type:datum» marks what must be found.
type written struct {
	shape, text string
	want        []Span
}

// table reads testdata/pii.tsv. Line breaks and invisible characters are escaped in it.
func table(t *testing.T) []written {
	t.Helper()
	raw, err := os.ReadFile("testdata/pii.tsv")
	if err != nil {
		t.Fatal(err)
	}
	escapes := strings.NewReplacer(`\n`, "\n", `\u200b`, "\u200b", `\u00a0`, "\u00a0")
	var rows []written
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n")[1:] {
		shape, rest, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("no shape: %q", line)
		}
		row, rest := written{shape: shape, want: []Span{}}, escapes.Replace(rest)
		for rest != "" {
			before, marked, found := strings.Cut(rest, "«")
			row.text += before
			if rest = ""; found {
				datum, after, _ := strings.Cut(marked, "»")
				kind, said, _ := strings.Cut(datum, ":")
				start := utf8.RuneCountInString(row.text)
				row.want = append(row.want, Span{Type: kind, Start: start, End: start + utf8.RuneCountInString(said)})
				row.text += said
				rest = after
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// What people write in the place of a number, and what only looks like one.
func TestPII_Table(t *testing.T) {
	found, missed, wrong, near := 0, 0, 0, 0
	for _, row := range table(t) {
		got := PII(row.text)
		for _, s := range row.want {
			if slices.Contains(got, s) {
				found++
			} else {
				missed++
			}
		}
		for _, s := range got {
			if !slices.Contains(row.want, s) {
				wrong++
			}
		}
		if len(row.want) == 0 {
			near++
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s, %q is masked as %q: %v, want %v", row.shape, row.text, Mask(row.text), got, row.want)
		}
	}
	t.Logf("%d found, %d missed, %d wrong, in %d texts without any", found, missed, wrong, near)
	if found < 150 || near < 150 {
		t.Errorf("only %d data and %d texts without any", found, near)
	}
}
