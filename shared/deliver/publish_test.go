package deliver_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// Each class of answer has its consequence: what the reply becomes, what is planned, and who is told.
func TestPublish_Outcomes(t *testing.T) {
	throttled := fault.New(fault.Transient, "test", nil)
	throttled.RetryAfter = 90 * time.Second
	kind := func(k fault.Kind) error { return fault.New(k, "test", nil) }
	refused := func(k fault.Kind) seen {
		return seen{State: ticket.ReplyRefused, Reason: "codigo_" + k.String(), Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyRefused}}
	}
	unknown := func(reason string) seen {
		return seen{State: ticket.ReplyUnknown, Reason: reason, Case: ticket.EnAnalisis}
	}
	tests := []struct {
		name string
		err  error
		want seen
		next outbox.Topic
		in   time.Duration
	}{
		{"said", nil, seen{State: ticket.ReplySent, Remote: "remoto-1", Case: ticket.Respondido}, "", 0},
		{"surely not said", kind(fault.Transient), seen{State: ticket.ReplyPlanned, Reason: "codigo_transient", Case: ticket.EnAnalisis}, outbox.Publish, 750 * time.Millisecond},
		{"throttled", throttled, seen{State: ticket.ReplyPlanned, Reason: "codigo_transient", Case: ticket.EnAnalisis}, outbox.Publish, 90 * time.Second},
		{"denied", kind(fault.Denied), refused(fault.Denied), "", 0},
		{"never", kind(fault.Permanent), refused(fault.Permanent), "", 0},
		{"invalid", kind(fault.Invalid), refused(fault.Invalid), "", 0},
		{"gone", kind(fault.NotFound), refused(fault.NotFound), "", 0},
		{"perhaps said", kind(fault.Uncertain), unknown("codigo_uncertain"), outbox.Verify, 5 * time.Second},
		{"said before", kind(fault.Duplicate), unknown("codigo_duplicate"), outbox.Verify, 5 * time.Second},
		{"conflict", kind(fault.Conflict), unknown("codigo_conflict"), outbox.Verify, 5 * time.Second},
		{"not understood", kind(fault.Poison), unknown("codigo_poison"), outbox.Verify, 5 * time.Second},
		{"an error of nobody", errors.New("x"), unknown("codigo_unknown"), outbox.Verify, 5 * time.Second},
		{"a kind of a later version", kind(fault.Kind(99)), unknown("codigo_unknown"), outbox.Verify, 5 * time.Second},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.reset()
			w.network.script = []scripted{{err: tt.err, applied: tt.err == nil}}
			c, m := w.planned()
			for range 3 { // the same message again changes nothing
				if err := w.Handle(m); err != nil {
					t.Fatalf("Handle: %v", err)
				}
			}
			if calls, _ := w.network.times(); calls != 1 {
				t.Errorf("%d calls", calls)
			}
			if diff := cmp.Diff(tt.want, w.seen(c.ID)); diff != "" {
				t.Errorf("afterwards (-want +got):\n%s", diff)
			}
			var want []outbox.Message
			if tt.next != "" {
				want = []outbox.Message{m.Again(tt.next, worker.Noon().Add(tt.in))}
				if tt.next == outbox.Verify {
					want[0].First = want[0].Due
				}
			}
			if diff := cmp.Diff(want, w.next(c.ID)); diff != "" {
				t.Errorf("planned (-want +got):\n%s", diff)
			}
		})
	}
}

// What is said is the planned text, under the item, as the account it was written to.
func TestPublish_SaysWhatWasPlanned(t *testing.T) {
	w := newWorld(t)
	c, m := w.planned()
	w.Run(c.ID, 3)
	want := []ticket.Reply{{Author: c.Account, Target: c.Target, Text: answer, SentAt: worker.Noon(), RemoteID: "remoto-1"}}
	if diff := cmp.Diff(want, w.network.said); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
	s, err := w.Store.Story(t.Context(), c.ID)
	if err != nil || !s.Ticket.AnsweredAt.Equal(worker.Noon()) || !s.Replies[0].SentAt.Equal(worker.Noon()) || s.Replies[0].ID != m.Subject {
		t.Errorf("the case: %+v, %v", s.Ticket, err)
	}
}

// The process ends between the call and its record: what comes again reads back and never says it again.
func TestPublish_CrashAfterTheCall(t *testing.T) {
	for name, applied := range map[string]bool{"it was said": true, "it was not said": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c, m := w.planned()
			if !applied {
				w.network.script = []scripted{{err: fault.New(fault.Uncertain, "test", nil)}}
			}
			w.Crashes(m, worker.Once(worker.Settles), nil)
			w.At(worker.Noon().Add(time.Minute))
			if err := w.Handle(m); err != nil {
				t.Fatal(err)
			}
			if got := w.seen(c.ID); got.State != ticket.ReplyUnknown || got.Reason != "interrumpida" {
				t.Errorf("after the crash: %+v", got)
			}
			w.Run(c.ID, 100)
			calls, _ := w.network.times()
			want := seen{State: ticket.ReplySent, Remote: "remoto-1", Case: ticket.Respondido}
			if !applied {
				want = seen{State: ticket.ReplyUnknown, Reason: "interrumpida", Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyUnknown}}
			}
			if diff := cmp.Diff(want, w.seen(c.ID)); diff != "" || calls != 1 {
				t.Errorf("%d calls, in the end (-want +got):\n%s", calls, diff)
			}
		})
	}
}

// The process ends right after its claim, before the call: nobody knows that nothing was said, so nobody says it.
func TestPublish_CrashAfterTheClaim(t *testing.T) {
	w := newWorld(t)
	c, m := w.planned()
	w.Crashes(m, nil, worker.Once(worker.Claims))
	w.Run(c.ID, 100)
	calls, said := w.network.times()
	want := seen{State: ticket.ReplyUnknown, Reason: "interrumpida", Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyUnknown}}
	if diff := cmp.Diff(want, w.seen(c.ID)); diff != "" || calls != 0 || said != 0 {
		t.Errorf("%d calls, %d said, in the end (-want +got):\n%s", calls, said, diff)
	}
}

// A claim that was not written is no claim: the message is carried out when it comes again.
func TestPublish_CrashBeforeTheClaim(t *testing.T) {
	w := newWorld(t)
	c, m := w.planned()
	w.Crashes(m, worker.Once(worker.Claims), nil)
	w.Run(c.ID, 3)
	if got := w.seen(c.ID); got.State != ticket.ReplySent {
		t.Errorf("in the end: %+v", got)
	}
}

// Sixteen workers with one message say it once.
func TestPublish_SixteenAtOnce(t *testing.T) {
	w := newWorld(t)
	for range 4 {
		w.reset()
		c, m := w.planned()
		w.AllAtOnce(m)
		w.Run(c.ID, 100)
		if calls, said := w.network.times(); calls != 1 || said != 1 {
			t.Fatalf("%d calls, %d said", calls, said)
		}
		if got := w.seen(c.ID); got.State != ticket.ReplySent {
			t.Fatalf("in the end: %+v", got)
		}
	}
}

// Undo races with the worker: what was undone is never said, what was said was not undone.
func TestPublish_UndoRace(t *testing.T) {
	w := newWorld(t)
	undone, won := 0, 0
	for n := range 40 {
		w.reset()
		c, m := w.planned()
		s, err := w.Store.Story(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		back, err := s.Ticket.Undo(worker.Ana(), &s.Replies[0], worker.Noon())
		if err != nil {
			t.Fatal(err)
		}
		undo := w.Race(m, back, time.Duration(n%8)*500*time.Microsecond)
		w.Run(c.ID, 100)
		calls, _ := w.network.times()
		got := w.seen(c.ID)
		switch {
		case undo == nil:
			undone++
			if calls != 0 || got.State != ticket.ReplyCancelled {
				t.Fatalf("undone, and yet %d calls: %+v", calls, got)
			}
		default:
			won++
			if calls != 1 || got.State != ticket.ReplySent {
				t.Fatalf("not undone (%v), and %d calls: %+v", undo, calls, got)
			}
		}
	}
	t.Logf("undone %d, said %d", undone, won)
}

// Others change the case while the call is under way: its outcome is recorded on the newest version.
func TestPublish_CaseChangesMeanwhile(t *testing.T) {
	w := newWorld(t)
	c, m := w.planned()
	times := 0
	w.Store.Set(func(change ticket.Change) error {
		if !worker.Settles(change) || times == 3 {
			return nil
		}
		times++
		now, err := w.Store.Ticket(t.Context(), c.ID)
		if err != nil {
			return err
		}
		if now.Assignee == "" {
			w.Must(now.Claim(worker.Ana(), worker.Noon()))
		} else {
			w.Must(now.Release(worker.Ana(), worker.Noon()))
		}
		return nil
	}, nil)
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	if calls, _ := w.network.times(); calls != 1 || times != 3 {
		t.Errorf("%d calls, %d changes", calls, times)
	}
	if got := w.seen(c.ID); got.State != ticket.ReplySent || got.Case != ticket.Ingresado {
		t.Errorf("in the end: %+v", got)
	}
}

// A network that refuses for a day is left alone; the text goes back to the person, expired, with the network's reason.
func TestPublish_GivesUpAfterADay(t *testing.T) {
	w := newWorld(t)
	c, _ := w.planned()
	for range 500 {
		w.network.script = append(w.network.script, scripted{err: fault.New(fault.Transient, "test", nil)})
	}
	w.Run(c.ID, 300)
	calls, said := w.network.times()
	want := seen{State: ticket.ReplyExpired, Reason: "codigo_transient", Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyExpired}}
	if diff := cmp.Diff(want, w.seen(c.ID)); diff != "" || said != 0 {
		t.Errorf("%d said, in the end (-want +got):\n%s", said, diff)
	}
	if spent := w.Clock().Sub(worker.Noon()); spent < 24*time.Hour || spent > 25*time.Hour || calls < 20 || calls > 200 {
		t.Errorf("%d calls in %s", calls, spent)
	}
}

// What a broken queue brings a day late is not said out of the blue.
func TestPublish_TooLate(t *testing.T) {
	w := newWorld(t)
	c, m := w.planned()
	w.At(worker.Noon().Add(24*time.Hour + time.Second))
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	calls, _ := w.network.times()
	want := seen{State: ticket.ReplyExpired, Reason: "vencida", Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyExpired}}
	if diff := cmp.Diff(want, w.seen(c.ID)); diff != "" || calls != 0 || len(w.next(c.ID)) != 0 {
		t.Errorf("%d calls, in the end (-want +got):\n%s", calls, diff)
	}
	w.At(worker.Noon())
	other, late := w.planned()
	w.At(worker.Noon().Add(24 * time.Hour))
	if err := w.Handle(late); err != nil || w.seen(other.ID).State != ticket.ReplySent {
		t.Errorf("exactly a day late: %+v, %v", w.seen(other.ID), err)
	}
}

// What is no message of this worker goes where a person looks.
func TestHandle_Poison(t *testing.T) {
	newWorld(t).RefusesPoison(outbox.File, outbox.Check, "post.delete")
}

// A network without a way out claims nothing, so that nothing has to be read back.
func TestHandle_NoWayOut(t *testing.T) {
	w := newWorld(t)
	_, m := w.planned(func(e *mention.Event) { e.Network = mention.LinkedIn })
	if err := w.Handle(m); !fault.Is(err, fault.Permanent) {
		t.Errorf("err = %v", err)
	}
	if _, claimed, found, err := w.Store.Message(t.Context(), m.Ref()); err != nil || !found || claimed {
		t.Errorf("found %t, claimed %t, %v", found, claimed, err)
	}
}
