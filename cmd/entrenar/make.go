package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"sence.gob.cl/gestor/shared/classify"
)

// made is what training gives.
type made struct{ model, card []byte }

// modelName names the model of these data; a change of data or recipe is a new one.
const modelName = "lineal-3"

// build trains twice: without the voices that tune, to learn how sure it may be, and with them. Voices that test are in neither.
func build(dir string, out io.Writer) (made, error) {
	read := classify.NewWith(nil)
	all, err := readAll(dir, read)
	if err != nil {
		return made{}, err
	}
	with := recipe{passes: 20, rate: 0.2, decay: 5e-5, seed: 1}
	topics := read.Topics()
	_, _ = fmt.Fprintf(out, "entrenar: %d menciones, %d voces\n", len(all.examples), len(all.voices))
	train, tuning, named := all.of("train"), all.of("tune"), all.of("topics")
	// How topics are named was agreed on in the mentions of the start: they count three times where that is tuned.
	first := trainAll(slices.Concat(train, varied(train, read)), topics, with)
	how := tune(first, tuning, slices.Concat(tuning, named, named, named), topics)
	both := slices.Concat(train, tuning, named)
	second := trainAll(slices.Concat(both, varied(both, read)), topics, with)
	second.urgency.biases[0] += how.critical
	raw, err := packed(modelName, second, how)
	if err != nil {
		return made{}, err
	}
	model, err := classify.ReadLinear(raw)
	if err != nil {
		return made{}, err
	}
	trained := classify.NewWith(model)
	tested := all.answers(trained, "test")
	if len(tested) == 0 {
		return made{}, errors.New("no voice tests the model")
	}
	f := measure(tested)
	_, _ = fmt.Fprintf(out, "entrenar: macro-F1 %.3f, costo %.2f, reclamo o denuncia %.3f (marcado %.3f), ECE %.3f, urgencia %.3f, temas %.3f\n",
		f.macroF1, f.cost, f.caught, f.flagged, f.ece, f.urgencyF1, f.topicsF1)
	return made{model: raw, card: cardOf(all, how, tested, f, steady(trained, tested))}, nil
}
