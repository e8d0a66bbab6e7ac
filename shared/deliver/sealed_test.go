package deliver_test

import (
	"context"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// opening gives the world a worker that opens ids as told.
func (w *world) opening(open func(id string) (string, error)) {
	w.Restart(deliver.New(deliver.Config{
		Store: w.Store, Platforms: map[mention.Network]deliver.Platform{mention.Facebook: w.network}, Jitter: func() float64 { return 0.5 },
		Open: func(_ context.Context, id string) (string, error) { return open(id) },
	}))
}

// Sealed ids are opened for the network alone: what is stored stays sealed.
func TestPublish_OpensIDs(t *testing.T) {
	w := newWorld(t)
	w.opening(func(id string) (string, error) { return "abierto:" + id, nil })
	c, _ := w.planned()
	w.Run(c.ID, 20)
	if got := w.seen(c.ID).State; got != ticket.ReplySent {
		t.Fatalf("the reply is %s", got)
	}
	if said := w.network.said[0].Target; !strings.HasPrefix(said, "abierto:") {
		t.Errorf("said under %s", said)
	}
	if stored := w.Proven(c.ID).Replies[0].Target; strings.HasPrefix(stored, "abierto:") {
		t.Errorf("stored open: %s", stored)
	}
}

// An id that this installation cannot open names nobody: no call, and a person is told. A secret that cannot be read right now
// is tried again.
func TestPublish_CannotOpen(t *testing.T) {
	w := newWorld(t)
	w.opening(func(string) (string, error) { return "", fault.New(fault.Permanent, "test", nil) })
	c, _ := w.planned()
	w.Run(c.ID, 20)
	calls, _ := w.network.times()
	if got := w.seen(c.ID); got.State != ticket.ReplyRefused || len(got.Raised) != 1 || calls != 0 {
		t.Errorf("%+v after %d calls", got, calls)
	}
	failures := 2
	w = newWorld(t)
	w.opening(func(id string) (string, error) {
		if failures--; failures >= 0 {
			return "", fault.New(fault.Transient, "test", nil)
		}
		return id, nil
	})
	c, _ = w.planned()
	w.Run(c.ID, 20)
	calls, said := w.network.times()
	if got := w.seen(c.ID).State; got != ticket.ReplySent || calls != 1 || said != 1 {
		t.Errorf("%s after %d calls, %d said", got, calls, said)
	}
}
