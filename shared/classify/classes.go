package classify

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed clases.tsv
var classesTable string

// lexicon tells of what kind a word is: several words of one kind count together, so that what was learned of one holds for the
// others.
type lexicon struct {
	names    []string
	words    map[string][]uint8
	prefixes map[string][]uint8
	longest  int // of the prefixes, in bytes
	// single and pairs are the hashes of the features of a class and of two classes one after the other.
	single []uint32
	pairs  []uint32 // by first × len(names) + second
}

// span is how many words apart two classes may stand to count as a pair.
const span = 5

// parseLexicon reads the table of classes: a name, and words or prefixes without accents.
func parseLexicon(table string) (lexicon, error) {
	l := lexicon{words: map[string][]uint8{}, prefixes: map[string][]uint8{}}
	next := uint8(0)
	for n, line := range strings.Split(table, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, "\t")
		words := strings.Fields(rest)
		if name == "" || len(words) == 0 || slices.Contains(l.names, name) || len(l.names) > 250 {
			return lexicon{}, fmt.Errorf("classes, line %d: a name that is new and its words", n+1)
		}
		id := next
		next++
		l.names = append(l.names, name)
		for _, w := range words {
			stem, ok := strings.CutSuffix(w, "*")
			stem = string(sound(stem, nil))
			if ok {
				l.prefixes[stem] = append(l.prefixes[stem], id)
				l.longest = max(l.longest, len(stem))
				continue
			}
			if !slices.Contains(l.words[stem], id) {
				l.words[stem] = append(l.words[stem], id)
			}
		}
	}
	for _, first := range l.names {
		l.single = append(l.single, uint32(begin(sortClass).text(first)))
		for _, second := range l.names {
			l.pairs = append(l.pairs, uint32(begin(sortClasses).text(first).byte(' ').text(second)))
		}
	}
	return l, nil
}

// of adds the classes of a word to a list, each once.
func (l *lexicon) of(word []byte, to []uint8) []uint8 {
	from := len(to)
	to = append(to, l.words[string(word)]...)
	for end := 2; end <= min(l.longest, len(word)); end++ {
		for _, id := range l.prefixes[string(word[:end])] {
			if !slices.Contains(to[from:], id) {
				to = append(to, id)
			}
		}
	}
	return to
}

// classed is a class at the place of its word.
type classed struct {
	id uint8
	at int
}

// addClasses counts the classes of the words, and which stand shortly after which.
func (b *bag) addClasses(l *lexicon, words []string, with *scratch) {
	seen := with.classes[:0]
	for i, w := range words {
		with.sound = sound(w, with.sound[:0])
		b.add(uint32(begin(sortSound).bytes(with.sound)), soundWeight)
		with.ids = l.of(with.sound, with.ids[:0])
		before := len(seen)
		for _, id := range with.ids {
			b.add(l.single[id], classWeight)
			for j := before - 1; j >= 0 && i-seen[j].at <= span; j-- {
				b.add(l.pairs[int(seen[j].id)*len(l.names)+int(id)], classesWeight)
			}
		}
		for _, id := range with.ids {
			seen = append(seen, classed{id, i})
		}
	}
	with.classes = seen
}
