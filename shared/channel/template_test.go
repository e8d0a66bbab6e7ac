package channel_test

import (
	"fmt"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/channel"
)

// Templates are kept by name; of more than an account's item should hold, the last are left out.
func TestChannel_Approved(t *testing.T) {
	some := func(n int, body string) (all []channel.KnownTemplate) {
		for i := range n {
			all = append([]channel.KnownTemplate{{Name: fmt.Sprintf("t%03d", i), Language: "es_CL", Body: body}}, all...)
		}
		return all
	}
	for _, tt := range []struct {
		name string
		all  []channel.KnownTemplate
		want int
	}{
		{"none", nil, 0},
		{"some", some(3, "Hola."), 3},
		{"as many as fit", some(100, "Hola."), 100},
		{"more than that", some(101, "Hola."), 100},
		{"too long", some(100, strings.Repeat("ñ", 1024)), 23},
	} {
		c := working().Approved(tt.all)
		if len(c.Templates) != tt.want || tt.want > 0 && c.Templates[0].Name != "t000" {
			t.Errorf("%s: %d kept", tt.name, len(c.Templates))
		}
		if again := c.Approved(some(len(tt.all), "Hola.")); len(tt.all) == 3 && &again.Templates[0] != &c.Templates[0] {
			t.Error("the same list was written anew")
		}
		if c.Rev != working().Rev {
			t.Errorf("%s: rev %d", tt.name, c.Rev)
		}
	}
}
