package classify

import (
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
	with.bag.addWords(shaped(r.score.words))
	for _, hit := range r.score.hits {
		with.bag.add(uint32(begin(sortRule).text(hit)), ruleWeight)
	}
	with.bag.addSigns(in, text, r.normal, len(r.score.words))
	with.features = with.bag.features(with.features)
	r.features = with.features
	return r
}

// Features gives what a mention has, as a model is trained on it and asked about it.
func (c *Classifier) Features(in Input) []Feature { return c.take(in, &scratch{}).features }

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

// shaped puts the length of a number in its place: which number it is says nothing.
func shaped(words []string) []string {
	var out []string
	for i, w := range words {
		if w == "" || strings.Trim(w, "0123456789") != "" {
			if out != nil {
				out = append(out, w)
			}
			continue
		}
		if out == nil {
			out = append(make([]string, 0, len(words)), words[:i]...)
		}
		out = append(out, "num"+strconv.Itoa(min(len(w), 6)))
	}
	if out == nil {
		return words
	}
	return out
}
