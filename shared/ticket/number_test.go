package ticket_test

import (
	"regexp"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/ticket"
)

func TestNumber(t *testing.T) {
	shape := regexp.MustCompile(`^RS-\d{4}-\d{7}-[0-9K]$`)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringN(1, 40, 40).Draw(t, "id")
		got := ticket.Number(id, 2026, 0)
		if !shape.MatchString(got) {
			t.Fatalf("Number = %q", got)
		}
		if got != ticket.Number(id, 2026, 0) {
			t.Fatal("the same case got two numbers")
		}
		if got == ticket.Number(id, 2026, 1) {
			t.Fatal("a taken number is offered again")
		}
	})
}

func TestNewID_TimeOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := time.UnixMilli(rapid.Int64Range(0, 1<<47).Draw(t, "a"))
		b := time.UnixMilli(rapid.Int64Range(0, 1<<47).Draw(t, "b"))
		x := ticket.NewID(a, [10]byte(rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(t, "x")))
		y := ticket.NewID(b, [10]byte(rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(t, "y")))
		if len(x) != 26 || a.Before(b) && x >= y || b.Before(a) && y >= x {
			t.Fatalf("%s is %s and %s is %s", a, x, b, y)
		}
	})
}
