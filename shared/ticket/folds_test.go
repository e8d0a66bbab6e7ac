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

// A case is of a kind for as long as it is of the class the kind belongs to.
func TestIntent_Kind(t *testing.T) {
	said := intentOf(classify.Result{Intent: classify.Reclamo, Subtype: classify.Apelacion})
	if said.Kind() != classify.Apelacion {
		t.Errorf("as the model said: %q", said.Kind())
	}
	if said.Gestor, said.Final = classify.Consulta, classify.Consulta; said.Kind() != "" {
		t.Errorf("after a person made it something else: %q", said.Kind())
	}
}

// What the model that decides and the one beside it said of the words is kept with them.
func TestMention_Judged(t *testing.T) {
	beside := classify.Judgement{Model: "otro", Intent: classify.Spam}
	m := Mention{}.judged(classify.Result{Model: "este", Intent: classify.Reclamo, Shadow: &beside})
	if m.Judged == nil || m.Judged.Model != "este" || m.Judged.Intent != classify.Reclamo || m.Shadow == nil || *m.Shadow != beside {
		t.Errorf("%+v, %+v", m.Judged, m.Shadow)
	}
	if m = m.judged(classify.Result{Model: "este"}); m.Shadow != nil {
		t.Error("who no longer speaks is still quoted of other words")
	}
}
