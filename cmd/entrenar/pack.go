package main

import (
	"math"

	"sence.gob.cl/gestor/shared/classify"
)

// packed is a model of the heads as functions carry it: every column scaled so that its largest weight is 127.
func packed(name string, h heads, temperature, mass float64, cuts []float64) ([]byte, error) {
	all := []*head{h.intent, h.urgency, h.tone, h.topics}
	m := &classify.Linear{Name: name, Temperature: float32(temperature), Mass: float32(mass)}
	for _, c := range cuts {
		m.Cuts = append(m.Cuts, float32(c))
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
