package classify

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed idiomas.tsv
var languagesTable string

// spanish is the language of nearly all mentions, and of what no other is surer of.
const spanish = "es"

// languages knows the small words of a few languages.
type languages struct {
	names []string // BCP 47
	words map[string]uint16
}

func parseLanguages(table string) (languages, error) {
	l := languages{words: map[string]uint16{}}
	for n, line := range strings.Split(table, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, "\t")
		words := strings.Fields(rest)
		if name == "" || len(words) == 0 || len(l.names) == 16 {
			return languages{}, fmt.Errorf("languages, line %d: a name and its words, for sixteen languages at most", n+1)
		}
		for _, w := range words {
			l.words[w] |= 1 << len(l.names)
		}
		l.names = append(l.names, name)
	}
	return l, nil
}

// sure is how many small words more than Spanish another language must have.
const sure = 2

// of gives the language of a text by its words; Spanish where nothing else is clear.
func (l languages) of(words []string) string {
	var counts [16]int
	for _, w := range words {
		if in := l.words[w]; in != 0 {
			for i := range l.names {
				counts[i] += int(in >> i & 1)
			}
		}
	}
	best := 0
	for i := range l.names {
		if counts[i] > counts[best] && (best != 0 || counts[i] >= counts[0]+sure) {
			best = i
		}
	}
	return l.names[best]
}
