package deliver_test

import (
	"errors"
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

func sara() ticket.Actor {
	return ticket.Actor{ID: "supervisor", Name: "Sara Ficticia", Roles: []ticket.Role{ticket.Supervisor}}
}

// ordered opens a case of a comment that sara wants hidden: it leaves in ten seconds.
func (w *world) ordered() (ticket.Ticket, outbox.Message) {
	w.Helper()
	t, _ := w.planned()
	s := w.Proven(t.ID)
	w.Must(s.Ticket.Undo(worker.Ana(), &s.Replies[0], w.Clock()))
	return w.order(t.ID, sara(), ticket.ActOrder{Verb: post.Hide, Mention: t.First, Reason: "spam"})
}

// order plans an act in the case, and lets the time to undo it pass.
func (w *world) order(id string, by ticket.Actor, o ticket.ActOrder) (ticket.Ticket, outbox.Message) {
	w.Helper()
	c, err := w.Proven(id).PlanAct(by, o, w.Clock())
	t := w.Must(c, err)
	w.At(c.Send[0].Due)
	return t, c.Send[0]
}

// acted is what is left to be seen of an act.
type acted struct {
	State   ticket.ActState
	Refused string
	Doubt   bool
	Hidden  bool
	Raised  []string
}

func (w *world) acted(id string) acted {
	w.Helper()
	m := w.Proven(id).Mentions[0]
	a, _ := m.Act(post.Hide)
	return acted{State: a.State, Refused: a.Refused, Doubt: a.Doubt, Hidden: m.Hidden(), Raised: w.Raised(id)}
}

// Each class of answer has its consequence.
func TestAct_Outcomes(t *testing.T) {
	w := newWorld(t)
	asked := saying(fault.Transient, "throttle")
	asked.RetryAfter = 7 * time.Minute
	refused := func(code string) acted {
		return acted{State: ticket.ActRefused, Refused: code, Raised: []string{ticket.MatterActRefused}}
	}
	waits := func(code string, doubt bool) acted {
		return acted{State: ticket.ActPlanned, Refused: code, Doubt: doubt}
	}
	for _, tt := range []struct {
		name string
		err  error
		want acted
		in   time.Duration // until the next try; 0 none
	}{
		{"done", nil, acted{State: ticket.ActDone, Hidden: true}, 0},
		{"surely not", fault.New(fault.Transient, "test", nil), waits("codigo_transient", false), 750 * time.Millisecond},
		{"perhaps", fault.New(fault.Uncertain, "test", nil), waits("codigo_uncertain", true), 750 * time.Millisecond},
		{"an error of nobody", errors.New("x"), waits("codigo_unknown", true), 750 * time.Millisecond},
		{"throttled", asked, waits(channel.HeldBudget, false), 7 * time.Minute},
		{"the key is no good", saying(fault.Denied, "auth"), waits(channel.HeldPaused, false), time.Minute},
		{"a right is missing", saying(fault.Denied, "permission"), refused("permission"), 0},
		{"never", fault.New(fault.Permanent, "test", nil), refused("codigo_permanent"), 0},
		{"gone", saying(fault.Permanent, "gone"), refused("gone"), 0},
		{"invalid", fault.New(fault.Invalid, "test", nil), refused("codigo_invalid"), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.reset()
			w.At(worker.Noon())
			w.network.acts = []error{tt.err}
			c, m := w.ordered()
			for range 3 { // the same message again changes nothing
				if err := w.Handle(m); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tt.want, w.acted(c.ID)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if w.network.calls != 1 {
				t.Errorf("%d calls", w.network.calls)
			}
			left := w.next(c.ID)
			if (len(left) == 1) != (tt.in > 0) || tt.in > 0 && !left[0].Due.Equal(w.Clock().Add(tt.in)) {
				t.Errorf("still to do: %+v", left)
			}
		})
	}
}

// What is asked for is what was ordered, of the thing it was ordered for.
func TestAct_AsksWhatWasOrdered(t *testing.T) {
	w := newWorld(t)
	c, m := w.ordered()
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	want := []post.Act{{Account: c.Account, Target: c.First, Verb: post.Hide}}
	if diff := cmp.Diff(want, w.network.done); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := w.entries(c.ID, audit.ActDone, "spam"); n != 1 {
		t.Errorf("%d entries with its reason", n)
	}
}

// An act that cannot be done for a day is given to a person.
func TestAct_GivesUpAfterADay(t *testing.T) {
	w := newWorld(t)
	c, _ := w.ordered()
	for range 300 {
		w.network.acts = append(w.network.acts, fault.New(fault.Uncertain, "test", nil))
	}
	w.Run(c.ID, 300)
	want := acted{State: ticket.ActRefused, Refused: "codigo_uncertain", Doubt: true, Raised: []string{ticket.MatterActRefused}}
	if diff := cmp.Diff(want, w.acted(c.ID)); diff != "" || w.network.calls < 20 || w.network.calls > 200 {
		t.Errorf("%d calls (-want +got)\n%s", w.network.calls, diff)
	}
}

// The account's troubles are those of acts too.
func TestAct_Account(t *testing.T) {
	w := newWorld(t)
	w.page(in(channel.Paused, channel.ReasonAuth))
	c, _ := w.ordered()
	w.pass(c.ID, 5*time.Minute)
	if got := w.acted(c.ID); w.network.calls != 0 || got.State != ticket.ActPlanned || len(got.Raised) != 0 {
		t.Errorf("paused: %d calls, %+v", w.network.calls, got)
	}
	w.page(in(channel.Working, ""))
	w.pass(c.ID, time.Minute)
	if got := w.acted(c.ID); got.State != ticket.ActDone {
		t.Errorf("resumed: %+v", got)
	}
	w.page(in(channel.Closed, channel.ReasonByHand))
	c, _ = w.ordered()
	w.Run(c.ID, 5)
	if got := w.acted(c.ID); got.State != ticket.ActRefused || got.Refused != channel.ShutClosed || w.network.calls != 1 {
		t.Errorf("closed: %+v", got)
	}
}

// The process ends anywhere: the act is done again, which harms nobody, and ends done.
func TestAct_Crashes(t *testing.T) {
	for name, when := range map[string]func(w *world, m outbox.Message){
		"after the claim":   func(w *world, m outbox.Message) { w.Crashes(m, nil, worker.Once(worker.Claims)) },
		"before the claim":  func(w *world, m outbox.Message) { w.Crashes(m, worker.Once(worker.Claims), nil) },
		"after the call":    func(w *world, m outbox.Message) { w.Crashes(m, worker.Once(worker.Settles), nil) },
		"after it is known": func(w *world, m outbox.Message) { w.Crashes(m, nil, worker.Once(worker.Settles)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c, m := w.ordered()
			when(w, m)
			w.Store.Set(nil, nil)
			if err := w.Handle(m); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(acted{State: ticket.ActDone, Hidden: true}, w.acted(c.ID)); diff != "" || len(w.next(c.ID)) != 0 {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What is undone in time is never asked for, and what was asked for was not undone.
func TestAct_UndoRace(t *testing.T) {
	w := newWorld(t)
	undone := 0
	for n := range 20 {
		w.reset()
		w.At(worker.Noon())
		c, m := w.ordered()
		back, err := w.Proven(c.ID).CancelAct(sara(), ticket.ActOrder{Verb: post.Hide, Mention: c.First}, w.Clock())
		if err != nil {
			t.Fatal(err)
		}
		told := w.Race(m, back, time.Duration(n%8)*500*time.Microsecond)
		w.Run(c.ID, 20)
		got := w.acted(c.ID)
		if told == nil {
			undone++
		}
		if (told == nil) != (w.network.calls == 0) || (told == nil) != (got.State == ticket.ActCancelled) || (told != nil) != got.Hidden {
			t.Fatalf("undone: %v; %d calls: %+v", told, w.network.calls, got)
		}
	}
	t.Logf("undone %d of 20", undone)
}

// What its author took away meanwhile needs no hiding.
func TestAct_Gone(t *testing.T) {
	w := newWorld(t)
	c, _ := w.ordered()
	s := w.Proven(c.ID)
	seen := ticket.Seen{Network: c.Network, Key: c.First, Ticket: c.ID, At: s.Mentions[0].At, Rev: 1}
	withdrawn, ok := s.Ticket.WithdrawMention(s.Mentions[0], seen, w.Clock())
	if !ok {
		t.Fatal("not withdrawn")
	}
	w.Must(withdrawn, nil)
	w.Run(c.ID, 5)
	if got := w.acted(c.ID); w.network.calls != 0 || got.State != ticket.ActCancelled || len(got.Raised) != 0 {
		t.Errorf("%d calls, %+v", w.network.calls, got)
	}
}

// A denuncia is not talked about in public, not even by a like; hiding it stays possible.
func TestAct_Denuncia(t *testing.T) {
	w := newWorld(t)
	c, _ := w.planned()
	w.Run(c.ID, 5)
	_, like := w.order(c.ID, worker.Ana(), ticket.ActOrder{Verb: post.Like, Mention: c.First})
	_, hide := w.order(c.ID, sara(), ticket.ActOrder{Verb: post.Hide, Mention: c.First, Reason: "delito"})
	w.Denounced(c.ID)
	calls := w.network.calls
	for _, m := range []outbox.Message{like, hide} {
		if err := w.Handle(m); err != nil {
			t.Fatal(err)
		}
	}
	m := w.Proven(c.ID).Mentions[0]
	liked, _ := m.Act(post.Like)
	if liked.State != ticket.ActRefused || liked.Refused != ticket.NotDenuncia || !m.Hidden() || w.network.calls != calls+1 {
		t.Errorf("like %+v, hidden %t, %d calls", liked, m.Hidden(), w.network.calls-calls)
	}
}

// An answer of ours is taken away; what we said stays in our record.
func TestAct_Remove(t *testing.T) {
	w := newWorld(t)
	c, said := w.planned()
	w.Run(c.ID, 5)
	_, m := w.order(c.ID, worker.Ana(), ticket.ActOrder{Verb: post.Remove, Reply: said.Subject, Confirm: "borrar"})
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	if r := w.Proven(c.ID).Replies[0]; r.Removed.State != ticket.ActDone || r.State != ticket.ReplySent || r.Text != answer {
		t.Errorf("%+v", r)
	}
	want := []post.Act{{Account: c.Account, Target: "remoto-1", Parent: c.Target, Verb: post.Remove}}
	if diff := cmp.Diff(want, w.network.done); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// An act never holds up a reply, and a message about nothing ends.
func TestAct_Message(t *testing.T) {
	w := newWorld(t)
	c, m := w.ordered()
	reply := w.further(c.ID, "Hola.")
	if m.Group == reply.Group {
		t.Errorf("one group: %s", m.Group)
	}
	stray := outbox.New(m.ID+"-x", outbox.Act, c.ID, "hide/otra", "g", w.Clock())
	if err := w.Store.Store.Commit(t.Context(), ticket.Change{Send: []outbox.Message{stray}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Handle(stray); err != nil || w.network.calls != 0 {
		t.Errorf("%d calls, %v", w.network.calls, err)
	}
	if _, _, found, _ := w.Store.Message(t.Context(), stray.Ref()); found {
		t.Error("a message about nothing stays")
	}
}
