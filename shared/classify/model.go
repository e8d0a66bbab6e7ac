package classify

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// The heads of a model: what it says of a mention, each as some columns of one table. Intents are one of six, urgencies one of
// four, tones one of three; topics are each there or not.
const (
	headIntent = iota
	headUrgency
	headTone
	headTopics
	heads
)

// Urgencies lists the urgencies, from most to least.
func Urgencies() []Urgency { return []Urgency{Critica, Alta, Media, Baja} }

// Sentiments lists the tones.
func Sentiments() []Sentiment { return []Sentiment{Negativo, Neutro, Positivo} }

// magic begins every model; the last letter is the version of the form.
const magic = "GESTORC1"

// Linear is a trained model: for each bucket a row of small numbers, one for each column of each head; what they mean is scaled by
// column. Its bytes are read where they lie.
type Linear struct {
	Name string
	// Widths are the columns of each head, in order.
	Widths [heads]int
	// Scales and Biases are by column; Temperature and Cuts say how scores are read.
	Scales, Biases []float32
	Temperature    float32
	Cuts           []float32 // by topic: the probability from which on it is named
	Mass           float32   // what the set of intents covers
	rows           []byte    // Buckets × columns, int8
}

func (m *Linear) columns() int {
	n := 0
	for _, w := range m.Widths {
		n += w
	}
	return n
}

// Pack writes a model. Rows are Buckets rows of columns numbers.
func (m *Linear) Pack(rows []int8) ([]byte, error) {
	columns := m.columns()
	if len(rows) != Buckets*columns || len(m.Scales) != columns || len(m.Biases) != columns || len(m.Cuts) != m.Widths[headTopics] || len(m.Name) > 255 {
		return nil, errors.New("classify: a model of another shape")
	}
	out := append([]byte(magic), byte(len(m.Name)))
	out = append(out, m.Name...)
	for _, w := range m.Widths {
		out = append(out, byte(w))
	}
	for _, numbers := range [][]float32{m.Scales, m.Biases, m.Cuts, {m.Temperature, m.Mass}} {
		for _, f := range numbers {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(f))
		}
	}
	for _, v := range rows {
		out = append(out, byte(v))
	}
	return out, nil
}

// ReadLinear reads a model where its bytes lie.
func ReadLinear(raw []byte) (*Linear, error) {
	bad := errors.New("classify: not a model, or a damaged one")
	if len(raw) < len(magic)+1 || string(raw[:len(magic)]) != magic {
		return nil, bad
	}
	raw = raw[len(magic):]
	n := int(raw[0])
	if len(raw) < 1+n+heads {
		return nil, bad
	}
	m := &Linear{Name: string(raw[1 : 1+n])}
	raw = raw[1+n:]
	for i := range m.Widths {
		m.Widths[i] = int(raw[i])
	}
	raw = raw[heads:]
	columns := m.columns()
	numbers := 2*columns + m.Widths[headTopics] + 2
	if len(raw) != 4*numbers+Buckets*columns {
		return nil, bad
	}
	all := make([]float32, numbers)
	for i := range all {
		all[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	m.Scales, m.Biases, m.Cuts = all[:columns], all[columns:2*columns], all[2*columns:numbers-2]
	m.Temperature, m.Mass = all[numbers-2], all[numbers-1]
	m.rows = raw[4*numbers:]
	if m.Temperature <= 0 || slices.ContainsFunc(all, func(f float32) bool { return math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) }) {
		return nil, bad
	}
	return m, nil
}

// score adds the rows of the features up, into as many numbers as there are columns, and tells the share of the features that the
// model has never met.
func (m *Linear) score(features []Feature, into []float32) (unknown float64) {
	columns := m.columns()
	into = into[:columns]
	clear(into)
	blank := 0
	for _, f := range features {
		row := m.rows[int(f.Bucket)*columns : (int(f.Bucket)+1)*columns]
		said := byte(0)
		for i, v := range row {
			into[i] += f.Weight * float32(int8(v))
			said |= v
		}
		if said == 0 {
			blank++
		}
	}
	for i := range into {
		into[i] = into[i]*m.Scales[i] + m.Biases[i]
	}
	return float64(blank) / float64(max(len(features), 1))
}

// head gives the columns of one head.
func (m *Linear) head(scores []float32, h int) []float32 {
	from := 0
	for _, w := range m.Widths[:h] {
		from += w
	}
	return scores[from : from+m.Widths[h]]
}
