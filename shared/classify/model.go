package classify

import (
	"encoding/binary"
	"errors"
	"fmt"
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
const magic = "GESTORC2"

// Linear is a trained model: for each bucket a row of small numbers, one for each column of each head; what they mean is scaled by
// column. Its bytes are read where they lie.
type Linear struct {
	Name string
	// Normaliser is how texts were read in training: the model is good for no other.
	Normaliser string
	// Widths are the columns of each head, in order.
	Widths [heads]int
	// Scales and Biases are by column; Temperature and Cuts say how scores are read.
	Scales, Biases []float32
	Temperature    float32
	Cuts           []float32 // by topic: the probability from which on it is named
	Heard          []float32 // by topic: the same, where a rule heard a word of it
	Mass           float32   // what the set of intents covers
	Fold           float32   // how much of a case may be in what is folded as spam, 0.15 at most
	Lean           float32   // how much costs count in the choice of the intent, from 0 (the likeliest) to 1 (the cheapest)
	rows           []byte    // Buckets × columns, int8
	costs          [6][6]float64
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
	if len(rows) != Buckets*columns || len(m.Scales) != columns || len(m.Biases) != columns || len(m.Cuts) != m.Widths[headTopics] || len(m.Heard) != len(m.Cuts) ||
		len(m.Name) > 255 || len(m.Normaliser) > 255 {
		return nil, errors.New("classify: a model of another shape")
	}
	out := []byte(magic)
	for _, s := range []string{m.Name, m.Normaliser} {
		out = append(append(out, byte(len(s))), s...)
	}
	for _, w := range m.Widths {
		out = append(out, byte(w))
	}
	for _, numbers := range [][]float32{m.Scales, m.Biases, m.Cuts, m.Heard, {m.Temperature, m.Mass, m.Lean, m.Fold}} {
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
	m := &Linear{}
	for _, s := range []*string{&m.Name, &m.Normaliser} {
		if len(raw) == 0 || len(raw) < 1+int(raw[0])+heads {
			return nil, bad
		}
		*s, raw = string(raw[1:1+int(raw[0])]), raw[1+int(raw[0]):]
	}
	if m.Normaliser != Normaliser {
		return nil, fmt.Errorf("%w: as %.20q, and this program reads them as %s", ErrOtherReading, m.Normaliser, Normaliser)
	}
	for i := range m.Widths {
		m.Widths[i] = int(raw[i])
	}
	raw = raw[heads:]
	columns := m.columns()
	if columns > mostColumns {
		return nil, bad
	}
	topics := m.Widths[headTopics]
	numbers := 2*columns + 2*topics + 4
	if len(raw) != 4*numbers+Buckets*columns {
		return nil, bad
	}
	all := make([]float32, numbers)
	for i := range all {
		all[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	m.Scales, m.Biases, m.Cuts, m.Heard = all[:columns], all[columns:2*columns], all[2*columns:2*columns+topics], all[2*columns+topics:numbers-4]
	m.Temperature, m.Mass, m.Lean, m.Fold = all[numbers-4], all[numbers-3], all[numbers-2], all[numbers-1]
	m.rows, m.costs = raw[4*numbers:], leaning(float64(m.Lean))
	if m.Temperature <= 0 || m.Fold > collapseLimit || slices.ContainsFunc(all, func(f float32) bool { return math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) }) {
		return nil, bad
	}
	return m, nil
}

// mostColumns is how many columns a model may have; one is the fixed point in which features are weighed against rows.
const (
	mostColumns = 64
	one         = 1 << 15
)

// score adds the rows of the features up, into as many numbers as there are columns, and tells the share of the features that the
// model has never met. Sums are of whole numbers: that is quicker, and the same on every machine.
func (m *Linear) score(features []Feature, into []float32) (unknown float64) {
	columns := m.columns()
	var sums [mostColumns]int32
	blank := 0
	for _, f := range features {
		from := int(f.Bucket) * columns
		row := m.rows[from : from+columns]
		weight, said, i := int32(f.Weight*one), byte(0), 0
		for ; i+4 <= len(row); i += 4 { // four at once: fewer bounds to check
			four, into := row[i:i+4:i+4], sums[i:i+4:i+4]
			said |= four[0] | four[1] | four[2] | four[3]
			into[0] += weight * int32(int8(four[0]))
			into[1] += weight * int32(int8(four[1]))
			into[2] += weight * int32(int8(four[2]))
			into[3] += weight * int32(int8(four[3]))
		}
		for ; i < len(row); i++ {
			sums[i] += weight * int32(int8(row[i]))
			said |= row[i]
		}
		if said == 0 {
			blank++
		}
	}
	for i := range into[:columns] {
		into[i] = float32(sums[i])/one*m.Scales[i] + m.Biases[i]
	}
	return float64(blank) / float64(max(len(features), 1))
}

// speaks is how much one of the features of a text speaks for a column and against another, in units of the scores.
func (m *Linear) speaks(features []Feature, at, column, other int) float64 {
	if at < 0 {
		return 0
	}
	row := int(features[at].Bucket) * m.columns()
	pro, contra := float32(int8(m.rows[row+column]))*m.Scales[column], float32(int8(m.rows[row+other]))*m.Scales[other]
	return float64(features[at].Weight * (pro - contra))
}

// head gives the columns of one head.
func (m *Linear) head(scores []float32, h int) []float32 {
	from := 0
	for _, w := range m.Widths[:h] {
		from += w
	}
	return scores[from : from+m.Widths[h]]
}
