package main

import (
	"math"
	"math/rand/v2"

	"sence.gob.cl/gestor/shared/classify"
)

// recipe is how a head is trained: passes over the examples, the step, and how strongly weights are held small.
type recipe struct {
	passes int
	rate   float64
	decay  float64
	seed   uint64
}

// head is a table of weights, one row for each bucket; single heads say one of their columns, others each column yes or no.
type head struct {
	width  int
	single bool
	rows   []float64
	biases []float64
}

// goal is what an example asks of a head: the columns that are right, and how much it counts.
type goal struct {
	right  []float64
	weight float64
}

// train fits a head by stochastic gradient descent with a step for each weight (AdaGrad). The same examples and recipe give the
// same bits: everything happens in one order.
func train(examples []example, goals []goal, width int, single bool, r recipe) *head {
	h := &head{width: width, single: single, rows: make([]float64, classify.Buckets*width), biases: make([]float64, width)}
	squares, squaresBias := make([]float64, len(h.rows)), make([]float64, width)
	order := rand.New(rand.NewPCG(r.seed, uint64(width)))
	scores := make([]float64, width)
	places := make([]int, len(examples))
	for i := range places {
		places[i] = i
	}
	for range r.passes {
		order.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
		for _, n := range places {
			features := examples[n].features
			h.scores(features, scores)
			h.likely(scores)
			for c := range width {
				slope := (scores[c] - goals[n].right[c]) * goals[n].weight
				squaresBias[c] += slope * slope
				h.biases[c] -= r.rate * slope / (1e-8 + math.Sqrt(squaresBias[c]))
				for _, f := range features {
					at := int(f.Bucket)*width + c
					step := slope*float64(f.Weight) + r.decay*h.rows[at]
					squares[at] += step * step
					h.rows[at] -= r.rate * step / (1e-8 + math.Sqrt(squares[at]))
				}
			}
		}
	}
	return h
}

// scores gives the sums of a mention's features by column.
func (h *head) scores(features []classify.Feature, into []float64) {
	copy(into, h.biases)
	for _, f := range features {
		row := h.rows[int(f.Bucket)*h.width : (int(f.Bucket)+1)*h.width]
		for c, w := range row {
			into[c] += float64(f.Weight) * w
		}
	}
}

// likely turns scores into probabilities in place.
func (h *head) likely(scores []float64) {
	if !h.single {
		for i, s := range scores {
			scores[i] = 1 / (1 + math.Exp(-s))
		}
		return
	}
	most, sum := scores[0], 0.0
	for _, s := range scores {
		most = max(most, s)
	}
	for i, s := range scores {
		scores[i] = math.Exp(s - most)
		sum += scores[i]
	}
	for i := range scores {
		scores[i] /= sum
	}
}
