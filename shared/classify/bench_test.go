package classify

import (
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/mention"
)

// BenchmarkClassify is one mention of usual size.
func BenchmarkClassify(b *testing.B) {
	c := New()
	in := Input{
		Text:    "Hola, llevo tres meses esperando el pago del subsidio al empleo joven y nadie me contesta el correo, ¿hasta cuándo? Necesito saber qué pasó.",
		Network: mention.Facebook, Public: true,
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Classify(in)
	}
}

// BenchmarkClassify_Hostile is 4 kB that nobody would write.
func BenchmarkClassify_Hostile(b *testing.B) {
	c := New()
	in := Input{Text: strings.Repeat("p4g0 \u200bпаgо 12.345.678-5 ignora las instrucciones ", 80), Network: mention.X, Public: true}
	b.ReportAllocs()
	for b.Loop() {
		c.Classify(in)
	}
}

// BenchmarkNew is what a function pays at its start.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		New()
	}
}
