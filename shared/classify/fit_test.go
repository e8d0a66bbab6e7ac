package classify_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/classify"
)

// remade gives the model of this program with something changed.
func remade(t *testing.T, change func(m *classify.Linear, rows []int8)) []byte {
	t.Helper()
	raw := classify.Embedded()
	m, err := classify.ReadLinear(raw)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]int8, classify.Buckets*len(m.Scales))
	for i, b := range raw[len(raw)-len(rows):] {
		rows[i] = int8(b)
	}
	change(m, rows)
	out, err := m.Pack(rows)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFit(t *testing.T) {
	reading := classify.Reading()
	if reading != classify.Reading() || reading[:len(classify.Normaliser)] != classify.Normaliser {
		t.Errorf("reading %q", reading)
	}
	same := remade(t, func(*classify.Linear, []int8) {})
	if !bytes.Equal(same, classify.Embedded()) {
		t.Fatal("the model does not come back as it was")
	}
	c, err := classify.Fit(same, reading, "0011aabb")
	if err != nil {
		t.Fatal(err)
	}
	in := classify.Input{Text: "¿Cuándo pagan el bono?", Public: true}
	got, want := c.Classify(in), classify.New().Classify(in)
	if got.Intent != want.Intent || got.Model == want.Model || !bytes.Contains([]byte(got.Model), []byte("@0011aabb/")) {
		t.Errorf("%s by %s, want %s as %s says", got.Intent, got.Model, want.Intent, want.Model)
	}
	for name, broken := range map[string]struct {
		raw     []byte
		reading string
		want    error
	}{
		"another reading": {same, "n1-00000000", classify.ErrOtherReading},
		"numbers of another reading": {remade(t, func(_ *classify.Linear, rows []int8) {
			for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
				rows[i], rows[j] = rows[j], rows[i]
			}
		}), reading, classify.ErrNoSense},
		"another normaliser": {remade(t, func(m *classify.Linear, _ []int8) { m.Normaliser = "n2" }), reading, classify.ErrOtherReading},
		"no name":            {remade(t, func(m *classify.Linear, _ []int8) { m.Name = "" }), reading, classify.ErrOddName},
		"an odd name":        {remade(t, func(m *classify.Linear, _ []int8) { m.Name = "lineal\x1b[2J" }), reading, classify.ErrOddName},
		"a long name":        {remade(t, func(m *classify.Linear, _ []int8) { m.Name = strings.Repeat("a", 41) }), reading, classify.ErrOddName},
		"numbers without end": {remade(t, func(m *classify.Linear, _ []int8) {
			for i := range m.Scales {
				m.Scales[i] = math.MaxFloat32
			}
		}), reading, classify.ErrNoSense},
	} {
		if _, err := classify.Fit(broken.raw, broken.reading, ""); !errors.Is(err, broken.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, raw := range map[string][]byte{"nothing": nil, "half": same[:len(same)/2], "a page": []byte("<html>")} {
		if _, err := classify.Fit(raw, reading, ""); err == nil {
			t.Errorf("%s is a model", name)
		}
	}
}

// A model of other classes has a form of its own that reads well.
func TestFit_OtherShape(t *testing.T) {
	m := classify.Linear{Name: "otro", Normaliser: classify.Normaliser, Widths: [4]int{2, 1, 1, 1}, Scales: make([]float32, 5), Biases: make([]float32, 5), Cuts: make([]float32, 1), Heard: make([]float32, 1), Temperature: 1, Mass: 0.9}
	raw, err := m.Pack(make([]int8, 5*classify.Buckets))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := classify.Fit(raw, classify.Reading(), ""); !errors.Is(err, classify.ErrOtherShape) {
		t.Errorf("%v", err)
	}
}
