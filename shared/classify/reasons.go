package classify

import (
	"cmp"
	"slices"
)

// The kinds of reason.
const (
	reasonRule  = "regla"
	reasonWord  = "palabra"
	reasonClass = "clase"
)

// mostReasons is how many reasons a result carries.
const mostReasons = 5

// why names what in a text spoke most for the intent, against the likeliest other. Letters inside of words and signs are left out:
// they say nothing to a person.
func (c *Classifier) why(r *Result, read reading, with *scratch) []Reason {
	second := Denuncia
	if r.Intent == Denuncia {
		second = Reclamo
	}
	for _, i := range Intents() {
		if i != r.Intent && r.Probabilities[i] > r.Probabilities[second] {
			second = i
		}
	}
	found := with.reasons[:0]
	ask := func(kind string, hash uint32, text string) {
		if weight := c.model.speaks(with.features, with.bag.place(hash), r.Intent.Rank(), second.Rank()); weight > 0.01 {
			found = append(found, Reason{kind, text, thousandths(weight)})
		}
	}
	for _, hit := range read.score.hits {
		ask(reasonRule, uint32(begin(sortRule).text(hit)), hit)
	}
	for i, w := range with.words {
		ask(reasonWord, uint32(begin(sortWord).text(w)), w)
		if i > 0 {
			ask(reasonWord, uint32(begin(sortPair).text(with.words[i-1]).byte(' ').text(w)), with.words[i-1]+" "+w)
		}
	}
	for _, one := range with.classes {
		ask(reasonClass, c.lexicon.single[one.id], c.lexicon.names[one.id])
	}
	with.reasons = found
	slices.SortStableFunc(found, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Text, b.Text))
	})
	found = slices.Compact(found)
	return slices.Clone(found[:min(mostReasons, len(found))])
}
