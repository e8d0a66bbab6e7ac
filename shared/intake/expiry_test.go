package intake_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// ages moves the store's clock so many days on from noon.
func (w *world) ages(days int) time.Time {
	w.days.Store(int64(days))
	return w.clock()
}

// What becomes of an item after its case is kept no longer is counted and ignored; the item itself stays known, and whoever
// wrote it has a new case when writing again.
func TestExpiry_LaterVersionsOfAnEndedCase(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", felicitacion), said(person, "i2", felicitacion+" a todos", later(1)))
	closed := w.step(w.must("i1").Close(ana(), "", noon()))
	now := w.ages(200)
	when := now.Add(-time.Minute)
	w.take(now, delivery(now, said(person, "i1", "otro texto secreto", is(mention.Edit), at(when))))
	w.take(now, delivery(now, said(person, "i2", "", is(mention.Delete), at(when))))
	w.take(now, delivery(now, said(person, "i1", felicitacion))) // the old item once more
	if got := w.outcomes(mention.Ignore); got != 2 {
		t.Errorf("%d items were counted as ignored, want 2", got)
	}
	if _, err := w.store.Ticket(t.Context(), closed.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the ended case: %v", err)
	}
	for _, i := range w.items() {
		if doc := text(i["doc"]); strings.Contains(doc, "secreto") {
			t.Errorf("the late words are stored: %s", doc)
		}
	}
	w.take(now, delivery(now, said(person, "i3", consulta, at(when))))
	if got := w.must("i3").Ticket; got.ID == closed.ID || got.State != ticket.Ingresado || !got.Expires.IsZero() {
		t.Errorf("the new case: %s %s expires %s", got.ID, got.State, got.Expires)
	}
}

// An edit and a withdrawal of an ended case that is still kept are taken, and keep its expiry.
func TestExpiry_LaterVersionsBeforeIt(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", felicitacion), said(person, "i2", felicitacion+" a todos", later(1)))
	closed := w.step(w.must("i1").Close(ana(), "", noon()))
	now := w.ages(100)
	w.take(now, delivery(now, said(person, "i1", felicitacion+" de nuevo", is(mention.Edit), at(now.Add(-time.Minute)))))
	w.take(now, delivery(now, said(person, "i2", "", is(mention.Delete), at(now.Add(-time.Minute)))))
	s := w.must("i1")
	if len(s.Mentions) != 2 || s.Mentions[0].Text != felicitacion+" de nuevo" || !s.Mentions[1].Deleted {
		t.Errorf("mentions %+v", s.Mentions)
	}
	for _, m := range s.Mentions {
		if !m.Expires.Equal(closed.Expires) || !s.Ticket.Expires.Equal(closed.Expires) {
			t.Errorf("mention %s expires %s, its case %s, want %s", m.Key, m.Expires, s.Ticket.Expires, closed.Expires)
		}
	}
}

// An edit waits thirty days for its item; an item that comes later is taken as it comes, whether or not the edit has been
// deleted by then.
func TestExpiry_EditWithoutItsItem(t *testing.T) {
	for days, want := range map[int]string{29: consulta + " corregida", 31: consulta} {
		w := newWorld(t)
		w.hears(said(person, "i1", consulta+" corregida", is(mention.Edit)))
		now := w.ages(days)
		w.take(now, delivery(now, said(person, "i1", consulta, at(noon().Add(-time.Hour)))))
		if got := texts(w.must("i1")); len(got) != 1 || got[0] != want {
			t.Errorf("after %d days: %q, want %q", days, got, want)
		}
		w.ages(3650)
		if seen, found, err := w.store.Seen(t.Context(), mention.X, "i1"); err != nil || !found || seen.Edited != nil || !seen.Expires.IsZero() {
			t.Errorf("after %d days the item is remembered as %+v, %v %v", days, seen, found, err)
		}
	}
}

// The case ends between the look at its conversation and the look at the case: what is said then opens a new one.
func TestExpiry_EndedWhileHearing(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", felicitacion))
	first := w.must("i1")
	var once atomic.Bool
	w.store.look = func(id string) {
		if id == first.Ticket.ID && once.CompareAndSwap(false, true) {
			w.step(first.Close(ana(), "", noon()))
		}
	}
	w.hears(said(person, "i2", consulta, later(1)))
	if got := w.must("i2").Ticket; got.ID == first.Ticket.ID || got.Mentions != 1 {
		t.Errorf("said after the end: case %s with %d mentions", got.ID, got.Mentions)
	}
	if got := w.must("i1").Ticket; got.State != ticket.Cerrado || got.Mentions != 1 {
		t.Errorf("the ended case: %s with %d mentions", got.State, got.Mentions)
	}
}
