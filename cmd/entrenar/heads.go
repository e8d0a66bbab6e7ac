package main

import (
	"slices"

	"sence.gob.cl/gestor/shared/classify"
)

// heads are what is trained: the same examples, each asked for something else.
type heads struct{ intent, urgency, tone, topics *head }

// weights is how much each intent counts in training: an overlooked denuncia or reclamo costs most (classification.md §5).
func weights() map[classify.Intent]float64 {
	return map[classify.Intent]float64{
		classify.Denuncia: 1.25, classify.Reclamo: 1.15, classify.Consulta: 1, classify.Sugerencia: 1.1, classify.Felicitacion: 1.1, classify.Spam: 0.9,
	}
}

// urgent is how much each urgency counts in training: a life that is overlooked costs most.
func urgent() map[classify.Urgency]float64 {
	return map[classify.Urgency]float64{classify.Critica: 3, classify.Alta: 2.2, classify.Media: 1.6, classify.Baja: 0.9}
}

func trainAll(examples []example, topics []string, with recipe) heads {
	calmer := recipe{passes: 20, rate: 0.1, decay: 4e-4, seed: with.seed}
	smaller := recipe{passes: 20, rate: 0.1, decay: 2e-4, seed: with.seed}
	return heads{
		intent: train(examples, goalsOf(examples, len(classify.Intents()), func(e example) ([]int, float64) { return []int{e.intent.Rank()}, weights()[e.intent] }), len(classify.Intents()), true, with),
		urgency: train(examples, goalsOf(examples, len(classify.Urgencies()), func(e example) ([]int, float64) {
			return []int{slices.Index(classify.Urgencies(), e.urgency)}, urgent()[e.urgency]
		}), len(classify.Urgencies()), true, calmer),
		tone: train(examples, goalsOf(examples, len(classify.Sentiments()), func(e example) ([]int, float64) { return []int{slices.Index(classify.Sentiments(), e.tone)}, 1 }), len(classify.Sentiments()), true, with),
		topics: train(examples, goalsOf(examples, len(topics), func(e example) ([]int, float64) {
			var right []int
			for _, t := range e.topics {
				right = append(right, slices.Index(topics, t))
			}
			return right, 1
		}), len(topics), false, smaller),
	}
}

func goalsOf(examples []example, width int, of func(example) ([]int, float64)) []goal {
	goals := make([]goal, len(examples))
	for i, e := range examples {
		right, weight := of(e)
		goals[i] = goal{right: make([]float64, width), weight: weight * e.share}
		for _, c := range right {
			if c >= 0 {
				goals[i].right[c] = 1
			}
		}
	}
	return goals
}
