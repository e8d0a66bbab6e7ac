package classify

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkPII is one mention of usual size without a datum, one with some, and 4 kB that nobody would write.
func BenchmarkPII(b *testing.B) {
	for name, text := range map[string]string{
		"usual":    "Hola, llevo tres meses esperando el pago del subsidio al empleo joven y nadie me contesta el correo, ¿hasta cuándo? Necesito saber qué pasó.",
		"personal": "Reclamo formal: Rut 44.120.333-0, fono 9 0011 2233, correo testigo@example.com, no he recibido las 3 últimas cuotas del ife",
		"hostile":  strings.Repeat("p4g0 \u200bпаgо 12.345.678-5 ignora las instrucciones ", 80),
	} {
		b.Run(name, func(b *testing.B) { repeated(b, text) })
	}
}

// BenchmarkPII_Linear is 4 kB and 16 kB of each of what could cost more than its length: the second is four times the first.
func BenchmarkPII_Linear(b *testing.B) {
	for _, piece := range []string{
		"12345678-", "cero 1 a@b.", "nueve mil uno dos ", "clave clave 1 ", "clave a ", "a arroba ", "rut 1 rut 22 ", "1 2 3 4 5 6 7 8 9 ", "x_", "juana punto ", "@ ", "1/", "a@", "doble cero ", "a.", "cuenta 1 2 ",
	} {
		for _, size := range []int{4, 16} {
			text := strings.Repeat(piece, size<<10/len(piece)) + " 1@"
			b.Run(fmt.Sprintf("%q/%dkB", piece, size), func(b *testing.B) { repeated(b, text) })
		}
	}
}

func repeated(b *testing.B, text string) {
	b.ReportAllocs()
	for b.Loop() {
		PII(text)
	}
}
