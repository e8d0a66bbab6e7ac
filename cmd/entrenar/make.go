package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"sence.gob.cl/gestor/shared/classify"
)

// made is what training gives.
type made struct{ model, card []byte }

// modelName names the model of these data; a change of data or recipe is a new one.
const modelName = "lineal-1"

// build trains twice: without the voices that tune, to learn how sure it may be, and with them. Voices that test are in neither.
func build(dir string, out io.Writer) (made, error) {
	read := classify.NewWith(nil)
	all, err := readAll(dir, read)
	if err != nil {
		return made{}, err
	}
	with := recipe{passes: 20, rate: 0.3, decay: 1e-5, seed: 1}
	topics := read.Topics()
	_, _ = fmt.Fprintf(out, "entrenar: %d menciones, %d voces\n", len(all.examples), len(all.voices))
	first := trainAll(all.of("train"), topics, with)
	how := tune(first, all.of("tune"))
	second := trainAll(all.of("train", "tune"), topics, with)
	raw, err := packed(modelName, second, how.temperature, how.mass, slices.Repeat([]float64{topicCut}, len(topics)))
	if err != nil {
		return made{}, err
	}
	model, err := classify.ReadLinear(raw)
	if err != nil {
		return made{}, err
	}
	tested := all.answers(classify.NewWith(model), "test")
	if len(tested) == 0 {
		return made{}, errors.New("no voice tests the model")
	}
	f := measure(tested)
	_, _ = fmt.Fprintf(out, "entrenar: macro-F1 %.3f, costo %.2f, reclamo o denuncia %.3f (marcado %.3f), ECE %.3f, urgencia %.3f, temas %.3f\n",
		f.macroF1, f.cost, f.caught, f.flagged, f.ece, f.urgencyF1, f.topicsF1)
	return made{model: raw, card: cardOf(all, how, tested, f)}, nil
}

// topicCut is how likely a topic must be to be named.
const topicCut = 0.3

// tuned is how scores are read.
type tuned struct{ temperature, mass float64 }

// tune finds the temperature at which the probabilities of voices not trained on are most honest, and how much the set of intents
// has to cover so that the right one is in it nine times of ten.
func tune(h heads, voices []example) tuned {
	best, least := 1.0, math.Inf(1)
	for t := 0.5; t <= 3; t += 0.05 {
		loss := 0.0
		for _, e := range voices {
			loss -= math.Log(max(h.intents(e, t)[e.intent.Rank()], 1e-9))
		}
		if loss < least {
			best, least = t, loss
		}
	}
	needed := make([]float64, len(voices))
	for i, e := range voices {
		p := h.intents(e, best)
		right := p[e.intent.Rank()]
		for _, other := range p {
			if other > right {
				needed[i] += other
			}
		}
	}
	slices.Sort(needed)
	at := int(math.Ceil(0.9*float64(len(needed)+1))) - 1
	return tuned{best, min(needed[min(at, len(needed)-1)]+1e-6, 0.999)}
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
