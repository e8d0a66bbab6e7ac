package post_test

import (
	"testing"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/post"
)

func TestAlike(t *testing.T) {
	for _, tt := range []struct {
		name, sent, shown string
		want              bool
	}{
		{"the same", "Hola, ya lo vemos.", "Hola, ya lo vemos.", true},
		{"tidied", "Hola,  ya\nlo vemos. ", "Hola, ya lo vemos.", true},
		{"composed", "¿Que\u0301 tal?", "¿Qué tal?", true},
		{"escaped", "Cursos & becas <hoy>", "Cursos &amp; becas &lt;hoy&gt;", true},
		{"a link shortened", "Mira https://sence.cl/curso?x=1 ahora", "Mira https://t.co/AbC1 ahora", true},
		{"a link typed without its beginning", "Mira sence.cl/curso", "Mira https://t.co/AbC1", true},
		{"a name before it", "Hola", "@ficticia Hola", true},
		{"names before it", "Hola", "@ficticia @otra_cuenta Hola", true},
		{"a name that was sent", "@ficticia Hola", "@ficticia Hola", true},
		{"other words", "Hola, ya lo vemos.", "Hola, ya lo vimos.", false},
		{"more words", "Hola", "Hola a todos", false},
		{"fewer words", "Hola a todos", "Hola", false},
		{"a link less", "Mira https://sence.cl/curso", "Mira", false},
		{"a link more", "Mira", "Mira https://t.co/AbC1", false},
		{"a name inside", "Hola", "Hola @ficticia", false},
		{"nothing", "Hola", "", false},
		{"a name alone", "Hola", "@ficticia", false},
	} {
		if got := post.Alike(tt.sent, tt.shown); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if !post.Alike(text, text) {
			t.Fatalf("%q is not alike itself", text)
		}
	})
}
