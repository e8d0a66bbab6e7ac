package classify

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNormalize(t *testing.T) {
	for text, want := range map[string]string{
		"Pésimo SERVICIO":           "pesimo servicio",
		"AÑO nuevo, pingu\u0308ino": "año nuevo, pinguino",
		"an\u0303o":                 "año",
		"p\u200be\u200bs\u00adimo":  "pesimo",
		"\u202eoculto\u202c":        "oculto",
		"рésimо":                    "pesimo",
		"ｐｅｓｉｍｏ":                    "pesimo",
		"𝐩𝐞𝐬𝐢𝐦𝐨 𝟕":                  "pesimo 7",
		"graciassss!!!!":            "gracias!",
		"ⓟⓔⓢⓘⓜⓞ 🄿ésimo ²":           "pesimo pesimo 2",
		"llamar, perro, accede":     "llamar, perro, accede",
		"p3s1m0 serv1c10":           "pesimo servicio",
		"m3 p1d13ron l4 cl4v3":      "me pidieron la clave",
		"15lucas covid19 1000 600":  "15lucas covid19 1000 600",
		"1111 aaaa1111":             "1111 a1111",
		"hola\nchao\tya":            "hola\nchao\tya",
		"uno\u00a0dos – tres":       "uno dos - tres",
	} {
		if got := Normalize(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	got := strings.Join(words(Normalize("@sence_chile: ¿Dónde (está) mi pago? https://example.com/x #SENCE www.example.com 👍")), " ")
	if want := "donde esta mi pago sence"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"p3s1m0", "aaa111b", "n\u0303\u0303", "İstanbul ǅ", "\xff\xfe", "１２３ａ", "nnn\u0303", "aaa1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := Normalize(text)
		if twice := Normalize(once); twice != once {
			t.Errorf("%q: %q, and again %q", text, once, twice)
		}
		if !utf8.ValidString(once) || utf8.RuneCountInString(once) > utf8.RuneCountInString(text) {
			t.Errorf("%q grew or broke: %q", text, once)
		}
	})
}

func TestParseRules_Refuses(t *testing.T) {
	if _, err := parseRules("# c\n\nreclamo\t1.5\tno ~ pag*|llega ; hasta cuando"); err != nil {
		t.Fatalf("a right table is refused: %v", err)
	}
	for name, table := range map[string]string{
		"two columns":      "reclamo\t1.5",
		"no number":        "reclamo\tmucho\tx",
		"unknown intent":   "queja\t1\tx",
		"a topic":          "tema:pagos\t1\tx",
		"accents":          "reclamo\t1\tpésimo",
		"begins with gap":  "reclamo\t1\t~ x",
		"ends with gap":    "reclamo\t1\tx ~",
		"empty pattern":    "reclamo\t1\tx ; ",
		"an empty word":    "reclamo\t1\tx||y",
		"only an asterisk": "reclamo\t1\t*",
	} {
		if _, err := parseRules(table); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestFound(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{"hasta cuando", "y hasta cuando esperamos", true},
		{"hasta cuando", "hasta ayer cuando", false},
		{"no ~ pag*", "no me lo han pagado", true},
		{"no ~ pag*", "no uno dos tres cuatro pagado", false},
		{"no ~ pag*", "no", false},
		{"a|b c", "x b c", true},
		{"a ~ b c", "a b b c", true},
	} {
		steps, err := parsePattern(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := startsOf([]rule{{patterns: [][]step{steps}}}).found(strings.Fields(tt.text), 1)[0]; got != tt.want {
			t.Errorf("%q in %q: %v", tt.pattern, tt.text, got)
		}
	}
}
