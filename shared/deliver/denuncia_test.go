package deliver_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// refusedQuietly is a reply that was not said because its case became a denuncia.
func refusedQuietly() seen {
	return seen{State: ticket.ReplyRefused, Reason: ticket.NotDenuncia, Case: ticket.Ingresado, Raised: []string{ticket.MatterReplyRefused}}
}

// A case becomes a denuncia while its reply waits: the reply is not said, whenever in that time it happens.
func TestDenuncia_BeforeTheClaim(t *testing.T) {
	t.Run("before the message is looked at", func(t *testing.T) {
		w := newWorld(t)
		c, _ := w.planned()
		w.Denounced(c.ID)
		w.Run(c.ID, 5)
		ends(w, c.ID, refusedQuietly(), 0)
	})
	t.Run("a private answer", func(t *testing.T) {
		w := newWorld(t)
		r, _ := w.message()
		w.Denounced(r.Ticket)
		w.Run(r.Ticket, 5)
		ends(w, r.Ticket, refusedQuietly(), 0)
	})
	t.Run("while it waits for the account", func(t *testing.T) {
		w := newWorld(t)
		w.page(in(channel.Paused, channel.ReasonAuth))
		c, _ := w.planned()
		w.pass(c.ID, 3*time.Minute)
		w.Denounced(c.ID)
		w.Run(c.ID, 5)
		ends(w, c.ID, refusedQuietly(), 0)
	})
	t.Run("between the look and the claim", func(t *testing.T) {
		w := newWorld(t)
		c, _ := w.planned()
		w.Store.Set(worker.First(worker.Claims, func() error { w.Denounced(c.ID); return nil }), nil)
		w.Run(c.ID, 5)
		ends(w, c.ID, refusedQuietly(), 0)
	})
	t.Run("while a refused try waits for the next", func(t *testing.T) {
		w := newWorld(t)
		w.network.script = []scripted{{err: worker.Crash()}} // transient: surely not said
		c, m := w.planned()
		if err := w.Handle(m); err != nil {
			t.Fatal(err)
		}
		w.Denounced(c.ID)
		w.Run(c.ID, 5)
		ends(w, c.ID, refusedQuietly(), 1)
	})
	t.Run("and somebody else writes while it is refused", func(t *testing.T) {
		w := newWorld(t)
		c, _ := w.planned()
		w.Denounced(c.ID)
		w.Store.Set(worker.First(worker.Settles, func() error {
			t, err := w.Store.Ticket(w.Context(), c.ID)
			if err != nil {
				return err
			}
			by := ticket.Actor{ID: "denuncias", Roles: []ticket.Role{ticket.EncargadoDenuncia}}
			w.Must(t.Claim(by, w.Clock()))
			return nil
		}), nil)
		w.Run(c.ID, 5)
		want := refusedQuietly()
		want.Case = ticket.EnAnalisis
		ends(w, c.ID, want, 0)
	})
}

// Once the call has begun nobody can take the reply back: it is recorded as what it is.
func TestDenuncia_AfterTheCall(t *testing.T) {
	w := newWorld(t)
	c, _ := w.planned()
	// When it settles, the network has it, and nobody has written that down.
	w.Store.Set(worker.First(worker.Settles, func() error { w.Denounced(c.ID); return nil }), nil)
	w.Run(c.ID, 5)
	ends(w, c.ID, seen{State: ticket.ReplySent, Remote: "remoto-1", Case: ticket.Ingresado}, 1)
}

// A crash after the refusal's claim leaves a reply of which nobody knows: it is looked for, and never said.
func TestDenuncia_CrashBetweenClaimAndRefusal(t *testing.T) {
	w := newWorld(t)
	c, _ := w.planned()
	denounced := worker.First(worker.Claims, func() error { w.Denounced(c.ID); return nil })
	fails := worker.Once(worker.Settles)
	w.Store.Set(func(change ticket.Change) error { return errors.Join(denounced(change), fails(change)) }, nil)
	w.Run(c.ID, 40)
	if calls, said := w.network.times(); calls != 0 || said != 0 {
		t.Errorf("%d calls, %d said", calls, said)
	}
	if got := w.seen(c.ID); got.State != ticket.ReplyUnknown || len(got.Raised) != 1 {
		t.Errorf("in the end %+v", got)
	}
}

func ends(w *world, id string, want seen, calls int) {
	w.Helper()
	if diff := cmp.Diff(want, w.seen(id)); diff != "" {
		w.Errorf("in the end (-want +got):\n%s", diff)
	}
	if got, _ := w.network.times(); got != calls {
		w.Errorf("%d calls, want %d", got, calls)
	}
	if left := w.Waiting(id); len(left) != 0 {
		w.Errorf("still to do: %+v", left)
	}
}

// A letter about a denuncia is not sent: who gets letters need not be who may know of it.
func TestDenuncia_NoLetter(t *testing.T) {
	n := withNotice(t, "supervisora@sence.example")
	n.store.about.Intent.Final = classify.Denuncia
	n.must(n.first, noticeTime)
	n.ended(0)
}
