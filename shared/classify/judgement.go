package classify

import "math"

// Judgement is what a model said of one text, as far as it can be looked at later without the text: by it the service sees whether a
// model still fits what people write. Margin is how far the second intent was from the first, Entropy how undecided the model was, in
// bits (0 to 2.6), Unknown the share of the text it has never met; each is rounded to thousandths.
type Judgement struct {
	Model   string  `json:"m"`
	Intent  Intent  `json:"i"`
	Sure    float64 `json:"p"`
	Margin  float64 `json:"d"`
	Entropy float64 `json:"h"`
	Unknown float64 `json:"u"`
}

// Judgement gives what is kept of a result.
func (r Result) Judgement() Judgement {
	first, second, entropy := 0.0, 0.0, 0.0
	for _, intent := range Intents() {
		p := r.Probabilities[intent]
		switch {
		case p > first:
			first, second = p, first
		case p > second:
			second = p
		}
		if p > 0 {
			entropy -= p * math.Log2(p)
		}
	}
	return Judgement{
		Model: r.Model, Intent: r.Intent, Sure: thousandths(r.Probabilities[r.Intent]), Margin: thousandths(first - second),
		Entropy: thousandths(entropy), Unknown: thousandths(r.Unknown),
	}
}

func thousandths(x float64) float64 { return math.Round(x*1000) / 1000 }
