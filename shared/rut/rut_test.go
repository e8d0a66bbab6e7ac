package rut

import (
	"fmt"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
)

// Published examples and made-up numbers, each with its right digit.
func examples() []string {
	return []string{
		"61.531.000-K", "76.086.428-5", "60.805.000-0", "12.345.678-5", "11.111.111-1", "22.222.222-2", "9.999.999-3",
		"7.000.013-K", "1.000.005-K", "20.347.878-K", "10.000.013-K", "10.000.004-0", "30.686.957-4", "24.965.885-5",
		"8.675.309-K", "1-9", "100.000.000-7",
	}
}

func TestParse(t *testing.T) {
	for _, s := range examples() {
		r, err := Parse(s)
		if err != nil {
			t.Errorf("%s is refused: %v", s, err)
			continue
		}
		if r.String() != s {
			t.Errorf("%s reads as %s", s, r)
		}
	}
}

func TestParse_Forms(t *testing.T) {
	want := RUT{Number: 61531000, Check: "K"}
	for _, s := range []string{
		"61.531.000-K", "61531000-k", "61531000K", "61 531 000 - k", "61.531.000‐K", "61.531.000‑K", "61.531.000‒K",
		"61.531.000–K", "61.531.000—k", "61.531.000−K", "061.531.000-K",
	} {
		if got, err := Parse(s); err != nil || got != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
}

func TestParse_Refuses(t *testing.T) {
	for _, s := range []string{
		"", "-", "K", "5", "0-0", "12.345.678-4", "12.345.678-K", "12345678", "+1-9", "-12345678-", "12.3a5.678-5", "1234567890123-4",
		"12.345.678-5x", "１２345678-5",
	} {
		if r, err := Parse(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q reads as %v, %v", s, r, err)
		}
	}
}

// The digit exists to catch a slip of one digit: no substitution may pass.
func TestValid_SingleSubstitutions(t *testing.T) {
	for number := 20_000_000; number < 20_000_100; number++ {
		s := []byte(fmt.Sprintf("%d-%s", number, CheckDigit(number)))
		if !Valid(string(s)) {
			t.Fatalf("%s is refused", s)
		}
		for i := range 8 {
			right := s[i]
			for wrong := byte('0'); wrong <= '9'; wrong++ {
				if s[i] = wrong; wrong != right && Valid(string(s)) {
					t.Errorf("%s passes with digit %d wrong", s, i)
				}
			}
			s[i] = right
		}
	}
}

// Eleven digits, as our own ticket numbers have, and leading zeros.
func TestCheckDigit(t *testing.T) {
	for number, want := range map[int]string{0: "0", 1: "9", 20260000123: "1", 20260000124: "K"} {
		if got := CheckDigit(number); got != want {
			t.Errorf("%d: %s, want %s", number, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range examples() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(r.String()); err != nil || again != r {
			t.Errorf("%q reads as %v, which reads as %v, %v", s, r, again, err)
		}
	})
}
