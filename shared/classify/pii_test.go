package classify

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/rut"
)

// Each « » marks what must be found; the type stands before it.
func TestPII(t *testing.T) {
	for _, tt := range []struct{ kind, marked string }{
		{"rut", "mi rut es «61.531.000-K» gracias"},
		{"rut", "«76.086.428-5»"},
		{"rut", "«60.805.000-0»,"},
		{"rut", "soy («12.345.678-5»)."},
		{"rut", "RUT:«12345678-5»"},
		{"rut", "rut«12.345.678-5»"},
		{"rut", "«11.111.111-1» y nada más"},
		{"rut", "«9.999.999-3»"},
		{"rut", "«7.000.013-k»"},
		{"rut", "«1000005-K»"},
		{"rut", "«20347878k»"},
		{"rut", "«10.000.013‐K»"},
		{"rut", "«10.000.013‑K»"},
		{"rut", "«10.000.013‒K»"},
		{"rut", "«10.000.013–K»"},
		{"rut", "«10.000.013—K»"},
		{"rut", "«10.000.004 - 0»"},
		{"rut", "«100.000.000-7»"},
		{"rut", "«12.345.678-9» con el dígito mal puesto"},
		{"rut", "«12345678-9»"},
		{"rut", "mi run «30686957»"},
		{"rut", "carnet: «24.965.885»"},
		{"rut", "cédula de identidad n° «24.965.885»"},
		{"rut", "rut «123456785»"},
		{"rut", "«12.3\u200b45.678-5»"},
		{"rut", "«１２.３４５.６７８-５»"},
		{"rut", "¿año? ñandú «12.345.678-5» 👍"},
		{"rut", "«12.345.678-5»gracias"},
		{"rut", "cuenta rut «12.345.678-5»"},
		{"telefono", "llámame al «9 0011 2233»"},
		{"telefono", "«900112233»"},
		{"telefono", "«+56 9 0011 2233» urgente"},
		{"telefono", "«+56900112233»"},
		{"telefono", "«56900112233»"},
		{"telefono", "«(9) 0011 2233»"},
		{"telefono", "«09-0011 2233»"},
		{"telefono", "«9.0011.2233»"},
		{"telefono", "«900 112 233»"},
		{"telefono", "«2 2345 6789»"},
		{"telefono", "«(2) 2345 6789»"},
		{"telefono", "«+56 2 2345 6789»"},
		{"telefono", "«+56 41 234 5678»"},
		{"telefono", "fono «41 234 5678»"},
		{"email", "escribe a «testigo01@example.com»."},
		{"email", "«TESTIGO.uno+x@example.co.uk»"},
		{"email", "«testigo arroba example punto com» por favor"},
		{"email", "«testigo(arroba)example.com»"},
		{"clave", "mi clave es «Gato2026», ayuda"},
		{"clave", "contraseña: «12345678»"},
		{"clave", "la clave unica «abc123» no entra"},
		{"cuenta", "depositen en mi cuenta rut «12345678»"},
		{"cuenta", "cta corriente banco estado n° «000-123-45678»"},
		{"cuenta", "mi cuenta «123456785»"},
		{"cuenta", "cuenta «12-345-6785»"},
		{"tarjeta", "mi tarjeta «4000 1234 5678 9010»"},
	} {
		before, rest, _ := strings.Cut(tt.marked, "«")
		datum, tail, _ := strings.Cut(rest, "»")
		text := before + datum + tail
		start := utf8.RuneCountInString(before)
		want := []Span{{Type: tt.kind, Start: start, End: start + utf8.RuneCountInString(datum)}}
		if got := PII(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
		if got, masked := Mask(text), before+"["+tt.kind+"]"+tail; got != masked {
			t.Errorf("%q is masked as %q, want %q", text, got, masked)
		}
	}
}

func TestPII_Order(t *testing.T) {
	text := "Reclamo formal: Rut 44.120.333-0, fono 9 0011 2233, correo testigo@example.com"
	want := "Reclamo formal: Rut [rut], fono [telefono], correo [email]"
	if got := Mask(text); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A chain in which every number hides behind the next is given up whole.
func TestMask_Chain(t *testing.T) {
	masked := Mask(strings.Repeat("12345678-", 40) + " fin")
	if left := PII(masked); len(left) > 0 || !strings.HasSuffix(masked, " fin") {
		t.Errorf("%v is left in %q", left, masked)
	}
}

// What looks like personal data and is none must survive, or texts become unreadable.
func TestPII_Negative(t *testing.T) {
	for _, text := range []string{
		"Ley 19.880, artículo 25", "fueron 2.100.059 atenciones", "me pagaron $12.345.678", "me pagaron $ 12.345.678 pesos",
		"son 900.000.000 de pesos", "folio 2026-0001234", "caso RS-2026-1234567-4", "RS-2026-0001234-5",
		"el 21-11-2026 a las 10:30", "2026-11-21", "llama al 600 801 3020", "800 123 456", "call center 600 200 0000",
		"escribe a contacto@sence.cl", "ayuda@mail.sence.cl", "oirs@mintrab.gob.cl", "@sence_chile. Saludos",
		"código sence 12-37-9876-54", "https://facebook.com/123456789012345/posts/987654321098765",
		"mi clave es incorrecta", "cambié la clave 5 veces", "clave unica: no funciona", "1-9", "curso de 120 horas",
		"gané 450000 - 3 cuotas", "llevo 90 días", "entre 1.000.000 y 2.000.000", "en la cuenta 1.250.000", "en la cuenta 2.345.678", "Ley 21.719 y DS 83",
	} {
		if got := PII(text); len(got) != 0 {
			t.Errorf("%q: found %v", text, got)
		}
		if got := Mask(text); got != text {
			t.Errorf("%q is masked as %q", text, got)
		}
	}
}

// However a person writes a number with its right digit, no two digits of it are left.
func TestMask_HidesEveryRUT(t *testing.T) {
	forms := []func(n int, check string) string{
		func(n int, check string) string { return rut.RUT{Number: n, Check: check}.String() },
		func(n int, check string) string { return fmt.Sprintf("%d-%s", n, check) },
		func(n int, check string) string { return fmt.Sprintf("%d-%s", n, strings.ToLower(check)) },
		func(n int, check string) string { return fmt.Sprintf("%d – %s", n, check) },
		func(n int, check string) string {
			return strings.ReplaceAll(rut.RUT{Number: n, Check: check}.String(), ".", " ")
		},
		func(n int, check string) string { return fmt.Sprintf("rut %d%s", n, check) },
	}
	around := []string{"", " ", "hola ", "(", "n°", ": ", "🙏", "ñ", "mi clave es ", "cuenta ", "fono ", ".", "\n", "\u200b"}
	digits := regexp.MustCompile(`\d\d`)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1_000_000, 99_999_999).Draw(t, "number")
		written := forms[rapid.IntRange(0, len(forms)-1).Draw(t, "form")](n, rut.CheckDigit(n))
		text := rapid.SampledFrom(around).Draw(t, "before") + written + rapid.SampledFrom([]string{"", " ", ".", ",", "\n", ")", "🙏", " gracias"}).Draw(t, "after")
		masked := Mask(text)
		if digits.MatchString(masked) {
			t.Fatalf("%q is masked as %q", text, masked)
		}
	})
}

func FuzzMask(f *testing.F) {
	whole := regexp.MustCompile(`(?:^|[^\d-])(\d{1,2}\.\d{3}\.\d{3}-[\dkK]|\d{7,8}-[\dkK])(?:[^\d\p{L}-]|$)`)
	for _, s := range []string{
		"rut 12.345.678-5", "912345678-12345678-5", "cuenta 1234567 12345678-5", "a@b.cl12345678-5", "clave: 12345678-5",
		"2026-12345678-5", "0000000K82000011-0", "6002000-0ݤ", "12345678-12345678-12345678-", "9 1234 2026-1234567-4", "\xff12.345.678-5", "+56 9 0011 2233", "4000123456789010", "A@B. 0l12345678-5",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, s := range PII(text) {
			if s.Start < last || s.End <= s.Start || s.End > utf8.RuneCountInString(text) {
				t.Fatalf("%q: span %+v after %d", text, s, last)
			}
			last = s.End
		}
		masked := Mask(text)
		if left := PII(masked); len(left) > 0 {
			t.Errorf("%q is masked as %q, where %v is left", text, masked, left)
		}
		for _, m := range whole.FindAllStringSubmatchIndex(masked, -1) {
			before := plain(nil, masked[:m[2]])
			code := (&finder{view: before}).isCode(len(before)) // a folio, with the check digit of a RUT by chance
			if said := masked[m[2]:m[3]]; rut.Valid(said) && !code {
				t.Errorf("%q is masked as %q: %s is left", text, masked, said)
			}
		}
	})
}
