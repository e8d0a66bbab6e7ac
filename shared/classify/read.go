package classify

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// reading is a text as the model reads it: what is personal masked, what speaks to the classifier left out, and what the rules
// found in it.
type reading struct {
	pii      []Span
	normal   string // all of it
	rest     string // without what speaks to the classifier
	cut      bool
	score    *score
	features []Feature
}

// scratch is the memory of one reading, used again for the next.
type scratch struct {
	bag      bag
	features []Feature
	scores   []float32
	classes  []classed
	ids      []uint8
	sound    []byte
	words    []string
}

// take reads one mention.
func (c *Classifier) take(in Input, with *scratch) reading {
	r := reading{pii: PII(in.Text)}
	text := veiled(in.Text, r.pii)
	text, r.cut = truncate(text)
	r.normal = Normalize(text)
	r.rest = c.withoutInjection(r.normal)
	r.score = c.read(r.rest)
	with.bag.reset()
	with.words = shaped(append(with.words[:0], ungreeted(r.score.words)...))
	with.bag.addWords(with.words)
	with.bag.addClasses(&c.lexicon, with.words, with)
	for _, hit := range r.score.hits {
		with.bag.add(uint32(begin(sortRule).text(hit)), ruleWeight)
	}
	with.bag.addSigns(in, text, r.normal, len(with.words))
	with.features = with.bag.features(with.features)
	r.features = with.features
	return r
}

// Features gives what a mention has, as a model is trained on it and asked about it, and the topics of which a rule heard a word.
func (c *Classifier) Features(in Input) (features []Feature, heard []string) {
	read := c.take(in, &scratch{})
	return read.features, slices.Sorted(maps.Keys(read.score.topics))
}

// veiled puts a word for its type in the place of each personal datum, so that no model ever learns one.
func veiled(text string, spans []Span) string {
	if len(spans) == 0 {
		return text
	}
	runes, b, done := []rune(text), strings.Builder{}, 0
	for _, s := range spans {
		b.WriteString(string(runes[done:s.Start]))
		b.WriteString(" dato" + s.Type + " ")
		done = s.End
	}
	b.WriteString(string(runes[done:]))
	return b.String()
}

// ungreeted drops the greeting a text begins with: how politely somebody begins says nothing about what they want. A text that is
// nothing else stays.
func ungreeted(words []string) []string {
	for i, w := range words {
		if !greeting(w) {
			return words[i:]
		}
	}
	return words
}

func greeting(word string) bool {
	switch word {
	case "hola", "holaa", "holi", "ola", "buenas", "buenos", "buen", "buena", "dia", "dias", "tarde", "tardes", "noche", "noches", "estimado",
		"estimada", "estimados", "estimadas", "señor", "señora", "señores", "saludos", "saludo", "alo", "sres", "sence":
		return true
	default:
		return false
	}
}

// shaped puts the length of a number in its place, and one word in the place of every code: which number or code it is says nothing.
func shaped(words []string) []string {
	for i, w := range words {
		switch digits := countDigits(w); {
		case digits == 0:
		case digits == len(w):
			words[i] = "num" + strconv.Itoa(min(digits, 6))
		case countDigits(w[digits:]) == 0: // 15lucas
			words[i] = w[digits:]
		default:
			words[i] = "codigo"
		}
	}
	return words
}

func countDigits(word string) int {
	n := 0
	for i := range len(word) {
		if word[i] >= '0' && word[i] <= '9' {
			n++
		}
	}
	return n
}
