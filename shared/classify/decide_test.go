package classify

import "testing"

// Rules only ever raise what the model says, each to what it knows of.
func TestRaised(t *testing.T) {
	for name, tt := range map[string]struct {
		model  Urgency
		intent Intent
		found  score
		want   Urgency
	}{
		"nothing found":                   {Media, Reclamo, score{}, Media},
		"a life":                          {Baja, Spam, score{critical: true}, Critica},
		"somebody's living":               {Baja, Reclamo, score{high: true}, Alta},
		"the same in a question":          {Media, Consulta, score{high: true}, Alta},
		"the same in praise":              {Baja, Felicitacion, score{high: true}, Baja},
		"less than the model says":        {Critica, Reclamo, score{high: true}, Critica},
		"a right over one's data":         {Baja, Consulta, score{flags: []string{FlagDataRights}}, Media},
		"the same, more urgent otherwise": {Alta, Consulta, score{flags: []string{FlagDataRights}}, Alta},
	} {
		if got := raised(tt.model, tt.intent, &tt.found); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// What is somebody's case is never put away, however sure the model is of spam besides.
func TestResult_Collapsible(t *testing.T) {
	for name, tt := range map[string]struct {
		result Result
		want   bool
	}{
		"surely nobody's":             {Result{Intent: Spam, Fold: 0.15, Probabilities: map[Intent]float64{Spam: 0.9, Consulta: 0.1}}, true},
		"perhaps somebody's":          {Result{Intent: Spam, Fold: 0.15, Probabilities: map[Intent]float64{Spam: 0.8, Reclamo: 0.1, Consulta: 0.06}}, false},
		"more than its model allows":  {Result{Intent: Spam, Fold: 0.05, Probabilities: map[Intent]float64{Spam: 0.9, Consulta: 0.1}}, false},
		"a model that allows all":     {Result{Intent: Spam, Fold: 1, Probabilities: map[Intent]float64{Spam: 0.8, Denuncia: 0.2}}, false},
		"speaks to the classifier":    {Result{Intent: Spam, Fold: 0.15, Flags: []string{FlagInjection}, Probabilities: map[Intent]float64{Spam: 1}}, false},
		"not spam in the first place": {Result{Intent: Sugerencia, Fold: 0.15, Probabilities: map[Intent]float64{Sugerencia: 1}}, false},
	} {
		if got := tt.result.Collapsible(); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// The model is small enough to be read where it lies in a function's program.
func TestModel_Small(t *testing.T) {
	if most := 4 << 20; len(trained) > most {
		t.Errorf("the model has %d bytes, more than %d", len(trained), most)
	}
}

// A damaged model is refused, wherever it is cut.
func TestReadLinear_Damaged(t *testing.T) {
	for _, n := range []int{0, 7, 8, 9, 20, 100, len(trained) / 2, len(trained) - 1} {
		if _, err := ReadLinear(trained[:n]); err == nil {
			t.Errorf("%d of %d bytes pass for a model", n, len(trained))
		}
	}
	if _, err := ReadLinear(append([]byte("OTRACOSA"), trained[8:]...)); err == nil {
		t.Error("another file passes for a model")
	}
}
