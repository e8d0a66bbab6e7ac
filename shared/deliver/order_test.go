package deliver_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
)

// A reply the network refuses for the moment goes before the one that was written after it, however long it takes.
func TestOrder_WithinAConversation(t *testing.T) {
	w := newWorld(t)
	for range 6 {
		w.network.script = append(w.network.script, scripted{err: fault.New(fault.Transient, "test", nil)})
	}
	c, first := w.planned()
	if err := w.Handle(first); err != nil {
		t.Fatal(err)
	}
	second := w.further(c.ID, "Segunda.")
	if err := w.Handle(second); err != nil {
		t.Fatal(err)
	}
	if calls, _ := w.network.times(); calls != 1 {
		t.Errorf("%d calls: the second did not wait", calls)
	}
	w.Run(c.ID, 400, outbox.Notify)
	if diff := cmp.Diff([]string{answer, "Segunda."}, w.texts()); diff != "" {
		t.Errorf("said (-want +got)\n%s", diff)
	}
	if n := w.entries(c.ID, audit.ReplyDelayed, ""); n != 0 {
		t.Errorf("%d entries say that it stood in line", n)
	}
}

// A first reply that is refused leaves the way to the second.
func TestOrder_FirstIsRefused(t *testing.T) {
	w := newWorld(t)
	w.network.script = []scripted{{err: fault.New(fault.Transient, "test", nil)}, {err: fault.New(fault.Permanent, "test", nil)}}
	c, _ := w.planned()
	w.further(c.ID, "Segunda.")
	w.Run(c.ID, 50, outbox.Notify)
	if diff := cmp.Diff([]string{"Segunda."}, w.texts()); diff != "" {
		t.Errorf("said (-want +got)\n%s", diff)
	}
}
