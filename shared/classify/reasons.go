package classify

import "slices"

// The kinds of reason.
const (
	reasonRule  = "regla"
	reasonWord  = "palabra"
	reasonClass = "clase"
)

// mostReasons is how many reasons a result carries; what speaks less than leastReason is none.
const (
	mostReasons = 5
	leastReason = 0.01
)

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
	top := make([]Reason, 0, mostReasons+1)
	ask := func(kind string, hash uint32, text string) {
		weight := c.model.speaks(with.features, with.bag.place(hash), r.Intent.Rank(), second.Rank())
		if weight < leastReason || len(top) == mostReasons && weight <= top[mostReasons-1].Weight {
			return
		}
		if r := (Reason{kind, text, thousandths(weight)}); !slices.Contains(top, r) {
			at := len(top)
			for at > 0 && top[at-1].Weight < r.Weight {
				at--
			}
			top = slices.Insert(top, at, r)
			top = top[:min(len(top), mostReasons)]
		}
	}
	for _, hit := range read.score.hits {
		ask(reasonRule, uint32(begin(sortRule).text(hit)), hit)
	}
	for i, w := range with.words {
		ask(reasonWord, uint32(begin(sortWord).text(w)), w)
		if i > 0 {
			pair := begin(sortPair).text(with.words[i-1]).byte(' ').text(w)
			ask(reasonWord, uint32(pair), with.words[i-1]+" "+w)
		}
	}
	for _, one := range with.classes {
		ask(reasonClass, c.lexicon.single[one.id], c.lexicon.names[one.id])
	}
	return top
}
