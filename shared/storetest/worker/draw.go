package worker

import (
	"flag"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// Main runs the tests of a package whose properties talk to a database: a run draws fewer programs than usual, and other
// ones each time; -rapid.checks asks for more.
func Main(m *testing.M) {
	if err := flag.Set("rapid.checks", "40"); err != nil {
		panic(err)
	}
	m.Run()
}

// DrawCrashes draws at which of the commits to come the process ends, before them and after them; last is the last that may be
// drawn, counting from 0.
func (w *World) DrawCrashes(rt *rapid.T, last int) {
	where := rapid.SliceOfN(rapid.IntRange(0, last), 0, 3)
	before, after := where.Draw(rt, "crash before commit"), where.Draw(rt, "crash after commit")
	n := -1
	at := func(drawn []int) error {
		if slices.Contains(drawn, n) {
			return Crash()
		}
		return nil
	}
	w.Store.Set(func(ticket.Change) error { n++; return at(before) }, func(ticket.Change) error { return at(after) })
}

// DrawLooks draws what up to four looks answer: one of the faults named, or nil, which is a look that works.
func DrawLooks(rt *rapid.T, faults ...fault.Kind) []error {
	var looks []error
	for _, kind := range rapid.SliceOfN(rapid.SampledFrom(append([]fault.Kind{0}, faults...)), 0, 4).Draw(rt, "looks") {
		var err error
		if kind != 0 {
			err = fault.New(kind, "test", nil)
		}
		looks = append(looks, err)
	}
	return looks
}

// Next takes the next answer off a script; otherwise is what the script does not say.
func Next[A any](script *[]A, otherwise A) A {
	if len(*script) == 0 {
		return otherwise
	}
	next := (*script)[0]
	*script = (*script)[1:]
	return next
}
