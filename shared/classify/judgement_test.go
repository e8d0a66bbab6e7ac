package classify

import (
	"slices"
	"testing"
)

// What is kept of a result is reckoned by hand here: how far apart the first two are, and the bits of doubt.
func TestResult_Judgement(t *testing.T) {
	r := Result{
		Model: "m", Intent: Reclamo, Unknown: 0.12345,
		Probabilities: map[Intent]float64{Denuncia: 0.25, Reclamo: 0.5, Consulta: 0.125, Sugerencia: 0.125},
	}
	want := Judgement{Model: "m", Intent: Reclamo, Sure: 0.5, Margin: 0.25, Entropy: 1.75, Unknown: 0.123}
	if got := r.Judgement(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	// The chosen one need not be the likeliest: the margin is of the likelihoods.
	r.Intent = Denuncia
	if got := r.Judgement(); got.Sure != 0.25 || got.Margin != 0.25 {
		t.Errorf("chosen by its cost: %+v", got)
	}
}

// A topic is named from its own probability on, from a lower one where a rule heard a word of it; a course is left out beside a
// programme, and otro stands alone.
func TestNamed(t *testing.T) {
	c := &Classifier{topics: []string{"becas_laborales", topicCourse, "pagos", topicOther}, model: &Linear{
		Cuts: []float32{0.5, 0.5, 0.5, 0.5}, Heard: []float32{0.2, 0.2, 0.2, 0.2},
	}}
	const likely, perhaps, hardly = 2, -1, -3 // 0.88, 0.27, 0.05
	for name, tt := range map[string]struct {
		scores []float32
		found  map[string]bool
		want   []string
	}{
		"likely":                {[]float32{hardly, likely, hardly, likely}, nil, []string{topicCourse}},
		"perhaps":               {[]float32{hardly, hardly, perhaps, hardly}, nil, []string{topicOther}},
		"perhaps, and heard":    {[]float32{hardly, hardly, perhaps, hardly}, map[string]bool{"pagos": true}, []string{"pagos"}},
		"hardly, though heard":  {[]float32{hardly, hardly, hardly, hardly}, map[string]bool{"pagos": true}, []string{topicOther}},
		"a course of a program": {[]float32{likely, likely, likely, hardly}, nil, []string{"becas_laborales", "pagos"}},
	} {
		if got := c.about(tt.scores, tt.found); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// Another language must be clearly ahead: a borrowed word or two make none.
func TestLanguages_Sure(t *testing.T) {
	l, err := parseLanguages("es\tel la\nen\tthe is it")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"the": "es", "the is": "en", "el the is": "es", "el the is it": "en", "": "es"} {
		if got := l.of(words(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
