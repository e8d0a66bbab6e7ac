package unit_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/unit"
)

// What is noted anywhere below the edge is found at the edge.
func TestWork_Facts(t *testing.T) {
	ctx, w := unit.Begin(t.Context(), "req-1")
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	of := unit.Of(inner)
	of.Network("facebook")
	of.Ticket("01T")
	of.Ticket("01T")
	of.Ticket("")
	of.Ticket("01U")
	of.Count(unit.WriteUnits, 8)
	of.Count(unit.WriteUnits, 6.5)
	of.Count(unit.OldestDueWork, 0)
	want := unit.Facts{
		Trace: "req-1", Network: "facebook", Tickets: []string{"01T", "01U"},
		Counts: map[unit.Metric]float64{unit.WriteUnits: 14.5, unit.OldestDueWork: 0},
	}
	if diff := cmp.Diff(want, w.Facts()); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

// What is no case does not pass for one, and nothing of it is told but what it is.
func TestWork_NoCase(t *testing.T) {
	_, w := unit.Begin(t.Context(), "")
	for _, cause := range []string{"item:whatsapp/wamid.secreto", "01T", "item:x/1", "connection:estado-secreto", ":"} {
		w.Ticket(cause)
	}
	want := unit.Facts{Tickets: []string{"01T"}, Causes: []string{"item", "connection", ""}, Counts: map[unit.Metric]float64{}}
	if diff := cmp.Diff(want, w.Facts()); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

// A unit belongs to the chain that caused it; what knows of none changes nothing.
func TestWork_Follow(t *testing.T) {
	_, w := unit.Begin(t.Context(), "")
	for _, step := range []struct{ follow, want string }{{"", ""}, {"req-1", "req-1"}, {"", "req-1"}, {"req-2", "req-2"}} {
		w.Follow(step.follow)
		if got := w.Trace(); got != step.want {
			t.Errorf("after %q: %q, want %q", step.follow, got, step.want)
		}
	}
}

// Outside any unit notes go nowhere, and two contexts do not share them.
func TestOf_OutsideAnyUnit(t *testing.T) {
	unit.Of(t.Context()).Count(unit.Acked, 1)
	if got := unit.Of(t.Context()).Facts(); len(got.Counts) != 0 || got.Trace != "" {
		t.Errorf("facts = %+v", got)
	}
}

// A delivery of a thousand items names no thousand cases, and is counted right from many goroutines.
func TestWork_Many(t *testing.T) {
	ctx, w := unit.Begin(t.Context(), "")
	var all sync.WaitGroup
	for n := range 1000 {
		all.Go(func() {
			unit.Of(ctx).Ticket(fmt.Sprintf("T%04d", n))
			unit.Of(ctx).Count(unit.Items, 1)
		})
	}
	all.Wait()
	facts := w.Facts()
	if len(facts.Tickets) != 50 || facts.Counts[unit.Items] != 1000 {
		t.Errorf("%d cases named, %v items", len(facts.Tickets), facts.Counts[unit.Items])
	}
}
