package deliver_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// further plans another answer of ana's in the case, due now.
func (w *world) further(id, text string) outbox.Message {
	w.Helper()
	s, err := w.Store.Story(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	v := post.Public
	if !s.Ticket.Public {
		v = post.Private
	}
	c, err := s.PlanReply(worker.Ana(), text, v, ticket.DefaultPolicy(), w.Clock(), w.Clock())
	w.Must(c, err)
	return c.Send[0]
}

// pass works what the case has to do that falls due within a span, minute by minute.
func (w *world) pass(id string, span time.Duration) {
	w.Helper()
	end := w.Clock().Add(span)
	for {
		left := w.next(id)
		if len(left) == 0 || left[0].Due.After(end) {
			w.At(end)
			return
		}
		if left[0].Due.After(w.Clock()) {
			w.At(left[0].Due)
		}
		if err := w.Handle(left[0]); err != nil {
			w.Wait()
		}
	}
}

// entries counts the entries of a kind in the bitácora of the case.
func (w *world) entries(id string, kind audit.Kind, reason string) int {
	w.Helper()
	all, err := w.Store.History(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	n := 0
	for _, e := range all {
		if e.Kind == kind && e.Reason == reason {
			n++
		}
	}
	return n
}

func (w *world) texts() []string {
	var out []string
	for _, s := range w.network.said {
		out = append(out, s.Text)
	}
	return out
}

// While the account is paused nothing goes out and nothing is lost; once it is resumed, everything leaves within a minute, each
// conversation in its order. The case says once why it waited.
func TestHold_PausedAndResumed(t *testing.T) {
	w := newWorld(t)
	w.page(in(channel.Paused, channel.ReasonByHand))
	c, _ := w.planned()
	w.At(w.Clock().Add(20 * time.Second))
	w.further(c.ID, "Segunda.")
	w.At(w.Clock().Add(20 * time.Second))
	w.further(c.ID, "Tercera.")
	w.pass(c.ID, 30*time.Minute)
	if calls, _ := w.network.times(); calls != 0 {
		t.Fatalf("%d calls while paused", calls)
	}
	if got := w.seen(c.ID); got.State != ticket.ReplyPlanned || got.Reason != channel.HeldPaused || len(got.Raised) != 0 {
		t.Errorf("while paused: %+v", got)
	}
	if n := w.entries(c.ID, audit.ReplyDelayed, channel.HeldPaused); n != 3 {
		t.Errorf("%d entries for three replies in half an hour", n)
	}
	w.page(in(channel.Working, ""))
	w.pass(c.ID, time.Minute+5*time.Second)
	if diff := cmp.Diff([]string{answer, "Segunda.", "Tercera."}, w.texts()); diff != "" {
		t.Errorf("said (-want +got)\n%s", diff)
	}
	if left := w.next(c.ID); len(left) != 0 {
		t.Errorf("still to do: %+v", left)
	}
}

// What waits because of the account can still be undone, and makes room for what stood behind it.
func TestHold_Undo(t *testing.T) {
	w := newWorld(t)
	w.page(in(channel.Paused, channel.ReasonAuth))
	c, m := w.planned()
	w.further(c.ID, "Segunda.")
	w.pass(c.ID, 5*time.Minute)
	s := w.Proven(c.ID)
	w.Must(s.Ticket.Undo(worker.Ana(), &s.Replies[0], w.Clock()))
	w.page(in(channel.Working, ""))
	if err := w.Handle(m); err != nil { // the very first message again
		t.Fatal(err)
	}
	w.pass(c.ID, 2*time.Minute)
	if diff := cmp.Diff([]string{"Segunda."}, w.texts()); diff != "" {
		t.Errorf("said (-want +got)\n%s", diff)
	}
}

// A key the network no longer takes pauses the account and refuses nothing: the reply waits, and is said once when somebody has
// connected the account again.
func TestHold_Auth(t *testing.T) {
	w := newWorld(t)
	w.network.script = []scripted{{err: saying(fault.Denied, "auth")}}
	c, m := w.planned()
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	if got := w.page(); got.State != channel.Paused || got.Reason != channel.ReasonAuth || got.Failed != "auth" || !got.Since.Equal(w.Clock()) {
		t.Errorf("the account: %+v", got)
	}
	if got := w.seen(c.ID); got.State != ticket.ReplyPlanned || got.Reason != channel.HeldPaused || len(got.Raised) != 0 {
		t.Errorf("the reply: %+v", got)
	}
	other, _ := w.planned()
	w.pass(other.ID, 3*time.Minute)
	w.pass(c.ID, 3*time.Minute)
	if calls, _ := w.network.times(); calls != 1 {
		t.Errorf("%d calls with a key that is no good", calls)
	}
	w.page(in(channel.Working, ""))
	w.pass(c.ID, 2*time.Minute)
	if calls, said := w.network.times(); calls != 2 || said != 1 || w.seen(c.ID).State != ticket.ReplySent {
		t.Errorf("%d calls, %d said: %+v", calls, said, w.seen(c.ID))
	}
	if got := w.page(); got.Failed != "" || !got.Called.Equal(w.network.said[0].SentAt) {
		t.Errorf("the account: %+v", got)
	}
}

// Others write the account meanwhile: it is paused all the same.
func TestHold_AuthPausesAgainstOthers(t *testing.T) {
	w := newWorld(t)
	stale := fault.New(fault.Conflict, "test", ticket.ErrStale)
	w.accounts.fails = []error{stale, stale, stale}
	w.network.script = []scripted{{err: saying(fault.Denied, "auth")}}
	_, m := w.planned()
	if err := w.Handle(m); err != nil || w.page().State != channel.Paused {
		t.Errorf("%v, %+v", err, w.page())
	}
}

// A network that asks for time gets it, from everything that goes through the account.
func TestHold_Throttle(t *testing.T) {
	told := channel.Usage{Share: 1, Until: worker.Noon().Add(20 * time.Minute), At: worker.Noon()}
	asked := saying(fault.Transient, "throttle")
	asked.RetryAfter = 10 * time.Minute
	for _, tt := range []struct {
		name string
		said scripted
		wait time.Duration
	}{
		{"it says how long", scripted{err: asked}, 10 * time.Minute},
		{"its headers say until when", scripted{err: saying(fault.Transient, "throttle"), usage: told}, 20 * time.Minute},
		{"both", scripted{err: asked, usage: told}, 20 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.network.script = []scripted{tt.said}
			w.accounts.fails = []error{fault.New(fault.Conflict, "test", ticket.ErrStale)} // others write the account too
			c, m := w.planned()
			if err := w.Handle(m); err != nil {
				t.Fatal(err)
			}
			if left := w.next(c.ID); len(left) != 1 || !left[0].Due.Equal(worker.Noon().Add(tt.wait)) {
				t.Errorf("planned %+v", left)
			}
			other, _ := w.planned()
			w.pass(other.ID, tt.wait-time.Second)
			if calls, _ := w.network.times(); calls != 1 || w.page().Usage.Pace(w.Clock()) != channel.Stop || w.seen(other.ID).Reason != channel.HeldBudget {
				t.Errorf("%d calls, %+v, %+v", calls, w.page(), w.seen(other.ID))
			}
			w.pass(c.ID, 2*time.Second)
			w.pass(other.ID, 2*time.Second)
			if _, said := w.network.times(); said != 2 {
				t.Errorf("%d said when the time was over", said)
			}
		})
	}
}

// A throttle without a time is one message's trouble: it backs off, and others go on.
func TestHold_ThrottleWithoutATime(t *testing.T) {
	w := newWorld(t)
	w.network.script = []scripted{{err: saying(fault.Transient, "throttle")}}
	_, m := w.planned()
	other, _ := w.planned()
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	w.pass(other.ID, time.Second)
	if got := w.seen(other.ID); got.State != ticket.ReplySent {
		t.Errorf("the other: %+v", got)
	}
}

// A missing right refuses what needs it and nothing else; the account says which it is.
func TestHold_Permission(t *testing.T) {
	w := newWorld(t)
	w.network.script = []scripted{{err: saying(fault.Denied, "permission")}}
	c, m := w.planned()
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	want := seen{State: ticket.ReplyRefused, Reason: "permission", Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyRefused}}
	if diff := cmp.Diff(want, w.seen(c.ID)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := w.page(); got.State != channel.Working || !slices.Equal(got.Missing, []string{"pages_manage_engagement"}) {
		t.Errorf("the account: %+v", got)
	}
}

// A closed account says nothing any more: a person is told at once.
func TestHold_Closed(t *testing.T) {
	w := newWorld(t)
	w.page(in(channel.Closed, channel.ReasonByHand))
	c, _ := w.planned()
	w.Run(c.ID, 5)
	want := seen{State: ticket.ReplyRefused, Reason: channel.ShutClosed, Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyRefused}}
	ends(w, c.ID, want, 0)
}

// Windows and the day after which nothing is said go on while a reply waits; whoever wrote it learns what it waited for.
func TestHold_ExpiresWhileItWaits(t *testing.T) {
	t.Run("after a day", func(t *testing.T) {
		w := newWorld(t)
		w.page(in(channel.Paused, channel.ReasonAuth))
		c, _ := w.planned()
		w.At(worker.Noon().Add(24*time.Hour - 90*time.Second))
		w.pass(c.ID, 90*time.Second)
		if got := w.seen(c.ID); got.State != ticket.ReplyPlanned {
			t.Errorf("a day: %+v", got)
		}
		w.pass(c.ID, 2*time.Second)
		w.Run(c.ID, 5)
		ends(w, c.ID, expired(channel.HeldPaused), 0)
	})
	t.Run("its window ends", func(t *testing.T) {
		w := newWorld(t)
		w.page(in(channel.Paused, channel.ReasonAuth))
		r, _ := w.message()
		w.At(r.Until.Add(-90 * time.Second))
		w.pass(r.Ticket, 89*time.Second)
		if got := w.seen(r.Ticket); got.State != ticket.ReplyPlanned {
			t.Errorf("a second before: %+v", got)
		}
		w.pass(r.Ticket, time.Second)
		w.Run(r.Ticket, 5)
		ends(w, r.Ticket, expired(channel.HeldPaused), 0)
	})
	t.Run("it waited, then was tried too late", func(t *testing.T) {
		w := newWorld(t)
		w.page(in(channel.Paused, channel.ReasonAuth))
		r, m := w.message()
		w.pass(r.Ticket, time.Minute)
		w.page(in(channel.Working, ""))
		w.At(r.Until)
		if err := w.Handle(w.next(r.Ticket)[0]); err != nil {
			t.Fatal(err)
		}
		_ = w.Handle(m)
		w.Run(r.Ticket, 5)
		ends(w, r.Ticket, expired(channel.HeldPaused), 0)
	})
}

func expired(reason string) seen {
	return seen{State: ticket.ReplyExpired, Reason: reason, Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyExpired}}
}

// Somebody claims the message between our look and our word that it may not go out: what they do with it stands.
func TestHold_ClaimedMeanwhile(t *testing.T) {
	for name, c := range map[string]func(w *world){
		"its window is over": func(w *world) { w.At(w.Clock().Add(25 * time.Hour)) },
		"it would wait":      func(w *world) { w.page(in(channel.Paused, channel.ReasonAuth)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r, m := w.message()
			c(w)
			ref := m.Ref()
			w.Store.Set(worker.First(worker.Settles, func() error {
				return w.Store.Store.Commit(t.Context(), ticket.Change{Claim: &ref, ClaimAt: w.Clock()})
			}), nil)
			if err := w.Handle(m); !fault.Is(err, fault.Transient) {
				t.Errorf("the message is done with: %v", err)
			}
			if got := w.seen(r.Ticket); got.State != ticket.ReplyClaimed && got.State != ticket.ReplyPlanned {
				t.Errorf("decided against who carries it out: %+v", got)
			}
			if _, claimed, found, err := w.Store.Message(t.Context(), ref); !claimed || !found || err != nil {
				t.Errorf("claimed %t, found %t, %v", claimed, found, err)
			}
		})
	}
}
