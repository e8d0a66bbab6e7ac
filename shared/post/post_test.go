package post_test

import (
	"errors"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

func TestCheck(t *testing.T) {
	cases := []struct {
		name    string
		network mention.Network
		visible post.Visibility
		text    string
		field   string // "" when the text may be sent
		says    string
	}{
		{"an ordinary answer", mention.Facebook, post.Public, "Hola, te respondemos mañana. ¡Gracias! 👩‍👩‍👧", "", ""},
		{"two paragraphs, as a browser sends them", mention.Facebook, post.Public, "Hola:\r\n\r\n\tgracias.\n", "", ""},
		{"exactly 8 000 ñ", mention.Facebook, post.Public, strings.Repeat("ñ", 8000), "", ""},
		{"exactly 8 000 emoji", mention.Facebook, post.Public, strings.Repeat("😀", 8000), "", ""},
		{"8 001 characters", mention.Facebook, post.Public, strings.Repeat("ñ", 8001), "text", "8.001 caracteres y el máximo es 8.000"},
		{"a million characters", mention.Facebook, post.Public, strings.Repeat("a", 1_000_000), "text", "1.000.000"},
		{"nothing", mention.Facebook, post.Public, "", "text", "Escribe un texto"},
		{"only white space", mention.Facebook, post.Public, " \r\n\t\u00a0\u2003", "text", "Escribe un texto"},
		{"a NUL", mention.Facebook, post.Public, "hola\x00", "text", "control"},
		{"an escape", mention.Facebook, post.Public, "hola\x1b[31m", "text", "control"},
		{"a lone carriage return", mention.Facebook, post.Public, "hola\rchao", "text", "control"},
		{"a C1 control", mention.Facebook, post.Public, "hola\u0085", "text", "control"},
		{"bad UTF-8", mention.Facebook, post.Public, "hola\xff", "text", "no se pueden leer"},
		{"exactly 2 000 in private", mention.Facebook, post.Private, strings.Repeat("ñ", 2000), "", ""},
		{"2 001 in private", mention.Facebook, post.Private, strings.Repeat("ñ", 2001), "text", "2.001 caracteres y el máximo es 2.000"},
		{"exactly 2 200 on Instagram", mention.Instagram, post.Public, strings.Repeat("ñ", 2200), "", ""},
		{"2 201 on Instagram", mention.Instagram, post.Public, strings.Repeat("ñ", 2201), "text", "2.200"},
		{"exactly 1 000 bytes", mention.Instagram, post.Private, strings.Repeat("ñ", 500), "", ""},
		{"a byte more", mention.Instagram, post.Private, strings.Repeat("ñ", 500) + "a", "text", "1.001 bytes"},
		{"40 families of 25 bytes", mention.Instagram, post.Private, strings.Repeat("👨‍👩‍👧‍👦", 40), "", ""},
		{"41 families of 25 bytes", mention.Instagram, post.Private, strings.Repeat("👨‍👩‍👧‍👦", 41), "text", "1.025 bytes"},
		{"exactly 280 ñ on X", mention.X, post.Public, strings.Repeat("ñ", 280), "", ""},
		{"280 n with a tilde of its own on X", mention.X, post.Public, strings.Repeat("n\u0303", 280), "", ""},
		{"281 ñ on X", mention.X, post.Public, strings.Repeat("ñ", 281), "text", "281 caracteres según cuenta X"},
		{"140 families on X", mention.X, post.Public, strings.Repeat("👨‍👩‍👧‍👦", 140), "", ""},
		{"140 families and a letter on X", mention.X, post.Public, strings.Repeat("👨‍👩‍👧‍👦", 140) + "a", "text", "281"},
		{"256 and a link on X", mention.X, post.Public, strings.Repeat("a", 256) + " https://sence.gob.cl/" + strings.Repeat("b", 300), "", ""},
		{"257 and a link on X", mention.X, post.Public, strings.Repeat("a", 257) + " https://sence.gob.cl", "text", "281"},
		{"10 000 in private on X", mention.X, post.Private, strings.Repeat("😀", 10000), "", ""},
		{"10 001 in private on X", mention.X, post.Private, strings.Repeat("ñ", 10001), "text", "10.001"},
		{"exactly 1 250 on LinkedIn", mention.LinkedIn, post.Public, strings.Repeat("ñ", 1250), "", ""},
		{"1 251 on LinkedIn", mention.LinkedIn, post.Public, strings.Repeat("ñ", 1251), "text", "1.250"},
		{"in private on LinkedIn", mention.LinkedIn, post.Private, "hola", "visibility", "LinkedIn no permite mensajes privados"},
		{"exactly 4 096 on WhatsApp", mention.WhatsApp, post.Private, strings.Repeat("ñ", 4096), "", ""},
		{"4 097 on WhatsApp", mention.WhatsApp, post.Private, strings.Repeat("ñ", 4097), "text", "4.096"},
		{"in public on WhatsApp", mention.WhatsApp, post.Public, "hola", "visibility", "no tiene respuestas públicas"},
		{"no visibility", mention.Facebook, "", "hola", "visibility", "pública o privada"},
		{"no network", "", post.Public, "hola", "visibility", "pública o privada"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := post.Check(c.network, c.visible, c.text)
			if c.field == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid {
				t.Fatalf("got %v, want a fault.Invalid", err)
			}
			if f.Field != c.field || !strings.Contains(f.Public, c.says) {
				t.Errorf("field %q, says %q; want field %q saying %q", f.Field, f.Public, c.field, c.says)
			}
			if c.text == "hola\x00" && strings.Contains(f.Public+f.Error(), "hola") {
				t.Error("the error quotes the text")
			}
		})
	}
}

// Each network stands in the table once for each visibility: with limits, or with why not.
func TestRules(t *testing.T) {
	seen := map[string]int{}
	for _, r := range post.Rules() {
		seen[string(r.Network)+" "+string(r.Visibility)]++
		if (r.None == "") != (r.Max > 0 && r.Unit != "") {
			t.Errorf("%s %s: %+v and %q", r.Network, r.Visibility, r.Limits, r.None)
		}
		if limits, ok := post.For(r.Network, r.Visibility); ok != (r.None == "") || limits != r.Limits {
			t.Errorf("For(%s, %s) = %+v, %t", r.Network, r.Visibility, limits, ok)
		}
	}
	for _, n := range mention.Networks() {
		for _, v := range []post.Visibility{post.Public, post.Private} {
			if seen[string(n)+" "+string(v)] != 1 {
				t.Errorf("%s %s stands in the table %d times", n, v, seen[string(n)+" "+string(v)])
			}
		}
	}
}

func TestNormaliseForCompare(t *testing.T) {
	same := [][2]string{
		{"Atención mañana", "Atencio\u0301n man\u0303ana"},
		{"  Hola:\r\n\r\nte respondemos. ", "Hola: te respondemos."},
		{"a\u00a0b", "a b"},
	}
	for _, pair := range same {
		if post.Hash(pair[0]) != post.Hash(pair[1]) {
			t.Errorf("%q and %q count as different texts", pair[0], pair[1])
		}
	}
	different := [][2]string{
		{"Hola", "hola"},
		{"año", "ano"},
		{"a b", "ab"},
		{"👩‍👧", "👩👧"},
	}
	for _, pair := range different {
		if post.Hash(pair[0]) == post.Hash(pair[1]) {
			t.Errorf("%q and %q count as the same text", pair[0], pair[1])
		}
	}
	if got := post.Hash(""); got != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("hash of nothing is %s", got)
	}
}

func FuzzNormaliseForCompare(f *testing.F) {
	f.Add("Hola,\r\n ¿cómo estás? 👍🏽")
	f.Add("a\u0301\u0301 \xff\x00")
	f.Fuzz(func(t *testing.T, text string) {
		once := post.NormaliseForCompare(text)
		if twice := post.NormaliseForCompare(once); twice != once {
			t.Errorf("normalising %q again changes %q into %q", text, once, twice)
		}
		if len(post.Hash(text)) != 64 {
			t.Errorf("hash of %q is not 64 digits", text)
		}
	})
}
