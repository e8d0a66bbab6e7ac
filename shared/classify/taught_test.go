package classify

import (
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/rut"
)

func TestTaught(t *testing.T) {
	for _, tt := range []struct {
		text, want, shown string
		kinds             []string
	}{
		{"sin nada", "sin nada", "sin nada", nil},
		{"@sence_chile no me pagan", "@sence_chile no me pagan", "@sence_chile no me pagan", nil},
		{"lo dijo @juanito.perez_9 ayer", "lo dijo @persona ayer", "lo dijo @persona ayer", nil},
		{"mi rut 11.111.111-1 y ana@correo.cl", "mi rut  datorut  y  datoemail ", "mi rut [rut] y [email]", []string{"email", "rut"}},
		{"fono 9 1234 5678 o 9 8765 4321", "fono  datotelefono  o  datotelefono ", "fono [telefono] o [telefono]", []string{"telefono"}},
	} {
		got, kinds := Taught(tt.text)
		if got != tt.want || !slices.Equal(kinds, tt.kinds) {
			t.Errorf("%q is taught as %q %v, want %q %v", tt.text, got, kinds, tt.want, tt.kinds)
		}
		if got := Shown(tt.text); got != tt.shown {
			t.Errorf("%q is shown as %q, want %q", tt.text, got, tt.shown)
		}
	}
}

// What is taken out is read as what came in: the same features, so that nothing is learnt about the masks.
func TestTaught_SameFeatures(t *testing.T) {
	c := New()
	for _, text := range []string{"no me pagan, rut 11.111.111-1", "llámenme al +56 9 1234 5678 por favor", "escriban a ana.soto@correo.cl o al 912345678, gracias"} {
		taught, _ := Taught(text)
		want := featuresOf(c, Input{Text: text, Public: true})
		if diff := cmp.Diff(want, featuresOf(c, Input{Text: taught, Public: true})); diff != "" {
			t.Errorf("%q (-itself +taught)\n%s", text, diff)
		}
	}
}

// No number of a person is left, however it is written and wherever it stands.
func TestTaught_LeavesNoNumber(t *testing.T) {
	around := []string{"", " ", "hola ", "(", ": ", "🙏", "mi clave es ", "cuenta ", "fono ", "@", "\u200b"}
	digits := regexp.MustCompile(`\d\d`)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1_000_000, 99_999_999).Draw(t, "number")
		written := rapid.SampledFrom(around).Draw(t, "before") + rut.RUT{Number: n, Check: rut.CheckDigit(n)}.String() +
			rapid.SampledFrom([]string{"", " ", ".", "\n", "🙏"}).Draw(t, "after")
		for _, text := range []string{Shown(written), first(Taught(written))} {
			if digits.MatchString(text) {
				t.Fatalf("%q leaves %q", written, text)
			}
		}
	})
}

func first(text string, _ []string) string { return text }

// featuresOf gives the features of a mention, to keep.
func featuresOf(c *Classifier, in Input) []Feature {
	features, _ := c.Features(in)
	return slices.Clone(features)
}
