package classify

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/rut"
)

// inWords says a number under a thousand million, as people read a RUT aloud.
func inWords(n int) string {
	units := strings.Fields("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve")
	tens := strings.Fields("- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa")
	hundreds := strings.Fields("- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos")
	with := func(head string, rest int, joint string) string {
		if rest == 0 {
			return head
		}
		return head + joint + inWords(rest)
	}
	switch {
	case n < 30:
		return units[n]
	case n < 100:
		return with(tens[n/10], n%10, " y ")
	case n == 100:
		return "cien"
	case n < 1000:
		return with(hundreds[n/100], n%100, " ")
	case n < 2000:
		return with("mil", n%1000, " ")
	case n < 1_000_000:
		return with(inWords(n/1000)+" mil", n%1000, " ")
	default:
		return with(inWords(n/1_000_000)+" millones", n%1_000_000, " ")
	}
}

// oneByOne says digits, each alone.
func oneByOne(n int, between string) string {
	var said []string
	for _, d := range strconv.Itoa(n) {
		said = append(said, inWords(int(d-'0')))
	}
	return strings.Join(said, between)
}

// wide gives full-width digits.
func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '０'
		}
		return r
	}, s)
}

// dictated says a check digit.
func dictated(check string) string {
	if check == "K" {
		return "ka"
	}
	d, _ := strconv.Atoi(check)
	return inWords(d)
}

// ways gives one RUT in each form people write it in.
func ways(n int, check string) []string {
	number := rut.RUT{Number: n, Check: check}
	dotted, plain := number.String(), fmt.Sprintf("%d-%s", n, check)
	body := strings.TrimSuffix(dotted, "-"+check)
	spaced := strings.Join(strings.Split(strconv.Itoa(n), ""), " ")
	return []string{
		dotted, plain, strings.ToLower(dotted), wide(dotted),
		strings.ReplaceAll(dotted, ".", " "), strings.ReplaceAll(dotted, ".", ","), strings.ReplaceAll(dotted, ".", " . "),
		strings.ReplaceAll(dotted, ".", "-"), strings.ReplaceAll(dotted, "-", " - "), strings.ReplaceAll(dotted, "-", "—"),
		strings.ReplaceAll(dotted, "-", "/"), strings.ReplaceAll(dotted, ".", "\u200b.\u200b"), strings.Join(strings.Split(plain, ""), "\u2060"),
		body + " guion " + check, body + " guión " + strings.ToLower(check), body + " raya " + dictated(check), body + ", dígito verificador " + check,
		spaced + " - " + check, spaced + " guion " + dictated(check),
		strings.ReplaceAll(body, ".", " punto ") + " guion " + check,
		inWords(n) + " guion " + dictated(check), strings.ToUpper(inWords(n)) + " RAYA " + check,
		oneByOne(n, " ") + " guion " + dictated(check), oneByOne(n, ", ") + ", raya " + dictated(check),
		"rut " + strconv.Itoa(n) + check, "RUN: " + body + check, "carnet " + body + " " + check, "mi rut es " + oneByOne(n, " ") + " " + dictated(check),
	}
}

// Whatever stands around a RUT with its right digit, in whatever form: masked, nothing of it is left to be found.
func TestMask_HidesEveryWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(30_000_000, 49_999_999).Draw(t, "number")
		forms := ways(n, rut.CheckDigit(n))
		written := rapid.SampledFrom(forms).Draw(t, "written")
		around := rapid.SampledFrom([]string{
			"", "hola", "¿año?", "🙏", "el caso", "me deben $45.000 y", "la ley 19.880 dice", "ñandú:", "fono 9 0012 3456, rut", "juana@example.cl,",
			"https://example.cl/a?b=1", "el 21-11-2026,", "cuenta rut", "\xff", "solicitud", "a\u0301",
		})
		before, after := around.Draw(t, "before"), around.Draw(t, "after")
		if after != "" {
			after = " " + after // a word that goes on is another word
		}
		text := before + rapid.SampledFrom([]string{" ", "\n", "  ", " (", " «", "\u00a0"}).Draw(t, "gap") + written +
			rapid.SampledFrom([]string{"", ".", ", ", " ", "\n", ")", "»", "? ", "; "}).Draw(t, "end") + after
		masked := Mask(text)
		if left := PII(masked); len(left) > 0 {
			t.Fatalf("%q is masked as %q, where %v is left", text, masked, left)
		}
		if strings.Contains(masked, written) || !strings.Contains(masked, "[") {
			t.Fatalf("%q is masked as %q", text, masked)
		}
		for _, part := range strings.FieldsFunc(written, func(r rune) bool { return r < '0' || r > '9' }) {
			if len(part) >= 3 && strings.Count(masked, part) > strings.Count(before+" "+after, part) {
				t.Fatalf("%q is masked as %q: %s is left", text, masked, part)
			}
		}
	})
}

// Each form is found alone, whole.
func TestPII_EveryWay(t *testing.T) {
	for _, n := range []int{30_123_456, 38_000_500, 42_424_242, 40_866_024, 31_000_001, 45_100_100} {
		for _, written := range ways(n, rut.CheckDigit(n)) {
			text := "hola " + written
			spans := PII(text)
			if len(spans) != 1 || spans[0].Type != "rut" || spans[0].End != utf8.RuneCountInString(text) {
				t.Errorf("%q is masked as %q", text, Mask(text))
			}
		}
	}
}

// pieces are what hostile texts are made of.
func pieces() []string {
	return []string{
		"1", "12", "345", "9", "0012", "12345678", "123456785", "-", ".", " ", ",", "k", "K", "guion", "raya", "punto", "arroba", "@", "(at)", "gmail", "com", "cl",
		"cero", "nueve", "treinta", "y", "mil", "millones", "doble", "doscientos", "rut", "fono", "cuenta", "clave", "es", "tarjeta", "folio", "$", "pesos", "+56",
		"\n", "\u200b", "９", "ñ", "🙏", "\xff", "/", "(", ")", "[rut]", "juana", "a1b2c3", "o", "l", "sence.cl", ":", "«",
	}
}

// Spans are ordered, inside the text and apart, and a masked text has nothing more to mask.
func TestPII_Spans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces()), 1, 60).Draw(t, "pieces"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
		if why := broken(text); why != "" {
			t.Fatal(why)
		}
	})
}

// broken says what does not hold of a text, nothing when all does.
func broken(text string) string {
	last := 0
	for _, s := range PII(text) {
		if s.Start < last || s.End <= s.Start || s.End > utf8.RuneCountInString(text) {
			return fmt.Sprintf("%q: span %+v after %d", text, s, last)
		}
		last = s.End
	}
	if masked := Mask(text); len(PII(masked)) > 0 {
		return fmt.Sprintf("%q is masked as %q, where %v is left", text, masked, PII(masked))
	}
	return ""
}

// FuzzPII looks for a text that breaks what must hold of each.
func FuzzPII(f *testing.F) {
	for _, piece := range pieces() {
		f.Add(piece + " 12.345.678-5 " + piece + " nueve cero cero uno dos tres cuatro cinco seis " + piece)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if why := broken(text); why != "" {
			t.Error(why)
		}
	})
}
