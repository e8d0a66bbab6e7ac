package deliver_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// tweeted opens a case of X that ana holds and answered with a text: the reply waits.
func (w *world) tweeted(text string, flags ...string) (ticket.Ticket, outbox.Message) {
	w.Helper()
	t, _ := w.planned(func(e *mention.Event) { e.Network, e.Flags = mention.X, flags })
	s := w.Proven(t.ID)
	w.Must(s.Ticket.Undo(worker.Ana(), &s.Replies[0], w.Clock()))
	return t, w.further(t.ID, text)
}

// What X bills is added to the day; when the day's money is spent what costs waits, and the next day goes on.
func TestHold_Spend(t *testing.T) {
	w := newWorld(t)
	x := channel.Ref{Network: mention.X, Account: page().Account}
	spent := func() int64 {
		day, _ := w.accounts.Spent(t.Context(), x, w.Clock().Format(time.DateOnly))
		return day.Total()
	}
	plain, m := w.tweeted("Hola.")
	if err := w.Handle(m); err != nil || spent() != 15_000 {
		t.Fatalf("a post: %d, %v", spent(), err)
	}
	_, m = w.tweeted("Hola.", mention.FlagSummoned)
	if err := w.Handle(m); err != nil || spent() != 25_000 {
		t.Fatalf("to somebody who named us: %d, %v", spent(), err)
	}
	w.network.script = []scripted{{err: fault.New(fault.Permanent, "test", nil)}}
	_, m = w.tweeted("Hola.")
	if err := w.Handle(m); err != nil || spent() != 25_000 {
		t.Fatalf("refused: %d, %v", spent(), err)
	}
	w.network.script = []scripted{perhaps(true)}
	_, m = w.tweeted("Hola.")
	if err := w.Handle(m); err != nil || spent() != 40_000 {
		t.Fatalf("perhaps said: %d, %v", spent(), err)
	}
	calls, _ := w.network.times()
	linked, m := w.tweeted("Mira sence.gob.cl") // 0.20 of a limit of 0.10
	if err := w.Handle(m); err != nil || w.seen(linked.ID).Reason != channel.HeldSpend {
		t.Fatalf("over the limit: %+v, %v", w.seen(linked.ID), err)
	}
	if now, _ := w.network.times(); now != calls || spent() != 40_000 {
		t.Errorf("%d calls more, %d spent", now-calls, spent())
	}
	if left := w.next(linked.ID); !left[0].Due.Equal(w.Clock().Add(15 * time.Minute)) {
		t.Errorf("looked at again %s", left[0].Due)
	}
	_, m = w.tweeted("Otra.")
	if err := w.Handle(m); err != nil || spent() != 55_000 {
		t.Errorf("what is still within the limit: %d, %v", spent(), err)
	}
	if s := w.Proven(plain.ID); s.Replies[1].State != ticket.ReplySent {
		t.Errorf("the first: %+v", s.Replies)
	}
}

// A call is noted once a minute, and nothing about it fails the reply.
func TestCalled_IsWrittenSeldom(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		_, m := w.planned()
		if err := w.Handle(m); err != nil {
			t.Fatal(err)
		}
		w.At(w.Clock().Add(10 * time.Second))
	}
	if w.accounts.writes != 1 {
		t.Errorf("%d writes for five calls in a minute", w.accounts.writes)
	}
	w.At(w.Clock().Add(time.Minute))
	w.accounts.fails = []error{fault.New(fault.Transient, "test", nil)}
	c, m := w.planned()
	if err := w.Handle(m); err != nil || w.seen(c.ID).State != ticket.ReplySent {
		t.Errorf("the account could not be written: %v, %+v", err, w.seen(c.ID))
	}
}
