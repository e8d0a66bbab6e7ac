package main

import (
	"math"

	"sence.gob.cl/gestor/shared/classify"
)

// packed is a model of the heads as functions carry it: every column scaled so that its largest weight is 127.
func packed(name string, h heads, how tuned) ([]byte, error) {
	all := []*head{h.intent, h.urgency, h.tone, h.topics}
	m := &classify.Linear{
		Name: name, Normaliser: classify.Normaliser, Temperature: float32(how.temperature), Mass: float32(how.mass), Lean: float32(how.lean), Fold: float32(how.fold),
		Cuts: how.cuts, Heard: how.heard,
	}
	columns := 0
	for i, one := range all {
		m.Widths[i] = one.width
		columns += one.width
	}
	rows := make([]int8, classify.Buckets*columns)
	at := 0
	for _, one := range all {
		for c := range one.width {
			top := 0.0
			for b := range classify.Buckets {
				top = max(top, math.Abs(one.rows[b*one.width+c]))
			}
			scale := max(top, 1e-9) / 127
			for b := range classify.Buckets {
				rows[b*columns+at] = int8(math.Round(one.rows[b*one.width+c] / scale))
			}
			m.Scales, m.Biases = append(m.Scales, float32(scale)), append(m.Biases, float32(one.biases[c]))
			at++
		}
	}
	return m.Pack(rows)
}
