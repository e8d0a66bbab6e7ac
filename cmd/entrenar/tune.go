package main

import (
	"math"
	"slices"

	"sence.gob.cl/gestor/shared/classify"
)

// tuned is how scores are read: how sure they are (temperature), what the set of intents covers (mass), how much costs count in the
// choice of the intent (lean), how much of a case may be in what is folded as spam (fold), what is added to the score of what is critical, and from which probability on a topic is named.
type tuned struct {
	temperature, mass, lean, critical, fold float64
	cuts, heard                             []float32
}

// tune looks for all that on voices the heads were not trained on. The mentions the rules were written beside can only tell how topics
// are named: of their intents the rules know too much.
func tune(h heads, voices, named []example, topics []string) tuned {
	var how tuned
	how.temperature = honest(h, voices)
	p := make([][]float64, len(voices))
	for i, e := range voices {
		p[i] = h.intents(e, how.temperature)
	}
	how.mass = covering(voices, p)
	how.lean = leaning(voices, p)
	how.fold = folding(voices, p, how.lean)
	how.critical = watchful(h, voices)
	for i, topic := range topics {
		plain, heard := cutsOf(h, named, i, topic)
		how.cuts, how.heard = append(how.cuts, plain), append(how.heard, heard)
	}
	return how
}

// honest is the temperature at which the probabilities fit best.
func honest(h heads, voices []example) float64 {
	best, least := 1.0, math.Inf(1)
	for t := 0.4; t <= 3; t += 0.05 {
		loss := 0.0
		for _, e := range voices {
			loss -= math.Log(max(h.intents(e, t)[e.intent.Rank()], 1e-9))
		}
		if loss < least {
			best, least = t, loss
		}
	}
	return best
}

// covering is how much the set of intents has to cover so that the right one is in it nine times of ten.
func covering(voices []example, p [][]float64) float64 {
	needed := make([]float64, len(voices))
	for i, e := range voices {
		right := p[i][e.intent.Rank()]
		for _, other := range p[i] {
			if other > right {
				needed[i] += other
			}
		}
	}
	slices.Sort(needed)
	at := int(math.Ceil(0.9*float64(len(needed)+1))) - 1
	return min(needed[min(at, len(needed)-1)]+1e-6, 0.999)
}

// What the choice of the intent has to reach on the voices that tune: a little more than classification.md §5 asks, as voices differ.
const (
	enoughCaught  = 0.93
	enoughFlagged = 0.48
)

// leaning is the least lean with which enough of what is reclamo or denuncia is proposed as such, without proposing it of half of
// all.
func leaning(voices []example, p [][]float64) float64 {
	lean := 0.0
	for try := 0.0; try <= 1; try += 0.05 {
		caught, cases, flagged := 0.0, 0.0, 0.0
		for i, e := range voices {
			by := map[classify.Intent]float64{}
			for j, intent := range classify.Intents() {
				by[intent] = p[i][j]
			}
			said := classify.Cheapest(by, try).Rank() <= 1
			is := e.intent.Rank() <= 1
			if said {
				flagged++
			}
			if is {
				cases++
			}
			if said && is {
				caught++
			}
		}
		if flagged > enoughFlagged*float64(len(voices)) {
			break
		}
		lean = try
		if caught >= enoughCaught*cases {
			break
		}
	}
	return lean
}

// mostFold is the most that may be somebody's case in what is folded, whatever the voices say (architecture.md).
const mostFold = 0.15

// folding is how much of reclamo, denuncia and consulta together may be in what is put away as spam: a third of what the least clear case
// had that would be lost.
func folding(voices []example, p [][]float64, lean float64) float64 {
	limit := mostFold
	for i, e := range voices {
		cases := 0.0
		by := map[classify.Intent]float64{}
		for j, intent := range classify.Intents() {
			by[intent] = p[i][j]
			if intent == classify.Reclamo || intent == classify.Denuncia || intent == classify.Consulta {
				cases += p[i][j]
			}
		}
		if e.intent.Rank() <= classify.Consulta.Rank() && classify.Cheapest(by, lean) == classify.Spam {
			limit = min(limit, cases/3)
		}
	}
	return limit
}

// worthALife is how much of the mean F1 of the urgencies may go so that fewer of what is critical are overlooked.
const worthALife = 0.03

// watchful is what is added to the score of what is critical: a life that is overlooked costs more than many that are looked at in
// vain. It is the most that loses no more than worthALife.
func watchful(h heads, voices []example) float64 {
	most, best := 0.0, 0.0
	scores := make([]float64, h.urgency.width)
	for add := 0.0; add <= 2; add += 0.25 {
		table := [][]int{make([]int, 4), make([]int, 4), make([]int, 4), make([]int, 4)}
		for _, e := range voices {
			h.urgency.scores(e.features, scores)
			scores[0] += add
			table[slices.Index(classify.Urgencies(), e.urgency)][slices.Index(scores, slices.Max(scores))]++
		}
		_, f1 := byClass(table)
		if best = max(best, mean(f1)); mean(f1) >= best-worthALife {
			most = add
		}
	}
	return most
}

// cutsOf gives the probabilities from which on a topic is named, where no rule heard a word of it and where one did: those with which
// it is named best.
func cutsOf(h heads, voices []example, column int, topic string) (plain, heard float32) {
	type one struct {
		p      float64
		is, by bool
	}
	scores := make([]float64, h.topics.width)
	all := make([]one, len(voices))
	for i, e := range voices {
		h.topics.scores(e.features, scores)
		all[i] = one{1 / (1 + math.Exp(-scores[column])), slices.Contains(e.topics, topic), slices.Contains(e.heard, topic)}
	}
	best := -1.0
	for _, a := range []float64{0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5} {
		for _, b := range []float64{0, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3} {
			hits, wrong, missed := 0.0, 0.0, 0.0
			for _, x := range all {
				cut := a
				if x.by {
					cut = b
				}
				switch said := x.p >= cut; {
				case said && x.is:
					hits++
				case said:
					wrong++
				case x.is:
					missed++
				}
			}
			// The further from what most topics do, the better it has to be.
			f1 := 2*hits/max(2*hits+wrong+missed, 1) - 0.05*math.Abs(a-0.15)
			if b <= a && f1 > best {
				best, plain, heard = f1, float32(a), float32(b)
			}
		}
	}
	return plain, heard
}

// intents gives the probabilities of the intents of an example at a temperature.
func (h heads) intents(e example, temperature float64) []float64 {
	p := make([]float64, h.intent.width)
	h.intent.scores(e.features, p)
	for i := range p {
		p[i] /= temperature
	}
	h.intent.likely(p)
	return p
}
