package whatsapp_test

import (
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/whatsapp"
)

func TestProbe(t *testing.T) {
	for name, c := range map[string]struct {
		more    answers
		account string
		kind    fault.Kind
		asked   int
	}{
		"the key lives":         {nil, ourNumber, 0, 1},
		"the key died":          {answers{"GET " + ourNumber: "!190"}, ourNumber, fault.Denied, 1},
		"another number":        {answers{"GET " + ourNumber: `{"id":"7"}`}, ourNumber, fault.Transient, 1},
		"an account that leads": {nil, "../1", fault.Invalid, 0},
	} {
		server, asked := serving(t, well().with(c.more))
		r, err := whatsapp.NewReader(whatsapp.Config{BaseURL: server.URL + "/graph/"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := key()
		a.Account = c.account
		if _, err := r.Probe(t.Context(), a); fault.Of(err) != c.kind || len(*asked) != c.asked {
			t.Errorf("%s: %v, asked %v", name, err, *asked)
		}
	}
}
