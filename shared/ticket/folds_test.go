package ticket

import (
	"testing"

	"sence.gob.cl/gestor/shared/classify"
)

// Only what a person called spam, or what the model holds for surely nobody's case, lies folded.
func TestIntent_Folds(t *testing.T) {
	spam := func(others float64) classify.Result {
		return classify.Result{Intent: classify.Spam, Fold: 0.15, Probabilities: map[classify.Intent]float64{classify.Spam: 1 - others, classify.Consulta: others}}
	}
	corrected := intentOf(spam(0.3))
	corrected.Gestor = classify.Spam
	back := intentOf(spam(0))
	back.Gestor, back.Final = classify.Consulta, classify.Consulta
	for name, tt := range map[string]struct {
		intent Intent
		want   bool
	}{
		"surely":            {intentOf(spam(0.1)), true},
		"perhaps":           {intentOf(spam(0.2)), false},
		"a person's word":   {corrected, true},
		"taken back":        {back, false},
		"of an older model": {Intent{Model: classify.Spam, Final: classify.Spam}, false},
	} {
		if got := tt.intent.Folds(); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
