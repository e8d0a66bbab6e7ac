package tick_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// planned has a post wait for its moment on Facebook.
func (w *world) planned(at time.Time) post.Target {
	w.Helper()
	author := ticket.Actor{ID: "ana", Roles: []ticket.Role{ticket.Comunicaciones}}
	c := post.Content{Text: "Aviso ficticio.", Networks: []mention.Network{mention.Facebook}, PublishAt: post.Moment{At: at}}
	step := func(change ticket.Change, err error) agenda.Plan {
		w.Helper()
		if err == nil {
			err = w.store.Commit(w.Context(), change)
		}
		if err != nil {
			w.Fatal(err)
		}
		p, err := w.store.Plan(w.Context(), "01P")
		if err != nil {
			w.Fatal(err)
		}
		return p
	}
	p := step(agenda.Draft("01P", author, c, agenda.About{}, noon()))
	p = step(p.Submit(author, noon()))
	ours := mention.Accounts{mention.Facebook: {"100"}}
	p = step(p.Approve(ticket.Actor{ID: "eva", Roles: []ticket.Role{ticket.Supervisor}}, agenda.Consent{}, ours, noon()))
	return p.Targets[0]
}

func (w *world) matters() []ticket.Attention {
	w.Helper()
	all, _, err := w.store.Attention(w.Context(), ticket.Reach{Posts: true}, "", 0)
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// A post whose moment passes without a word is told of within two minutes, once, whoever died with it; one of which something was
// recorded is its worker's to tell of.
func TestSweep_TellsOfSilentPosts(t *testing.T) {
	w := newWorld(t)
	at := noon().Add(time.Hour)
	target := w.planned(at)
	for _, minute := range []time.Duration{0, time.Minute, 2 * time.Minute, 3 * time.Minute, 30 * time.Minute} {
		if err := w.tick.Sweep(t.Context(), at.Add(minute)); err != nil {
			t.Fatal(err)
		}
		told := w.matters()
		if want := minute >= 2*time.Minute; (len(told) == 1) != want || len(told) > 1 {
			t.Errorf("after %s people are told %+v", minute, told)
		}
	}
	if a := w.matters()[0]; a.Kind != agenda.MatterLate || a.Ticket != target.Cause() {
		t.Errorf("told %+v", a)
	}
	late, err := w.store.Target(t.Context(), target.Post, target.Name())
	if err != nil {
		t.Fatal(err)
	}
	m := agenda.Step{Target: late, Done: outbox.Ref{Ticket: late.Cause(), ID: late.Message}, Now: at}.Sent("1", "", at)
	if err := w.store.Commit(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if told := w.matters(); len(told) != 0 {
		t.Errorf("published after all, and people are still told %+v", told)
	}
}

// Two sweeps at once tell of it once, and neither fails because of the other.
func TestSweep_TellsOnce(t *testing.T) {
	w := newWorld(t)
	at := noon().Add(time.Hour)
	w.planned(at)
	ended := make(chan error, 2)
	for range 2 {
		go func() { ended <- w.tick.Sweep(t.Context(), at.Add(5*time.Minute)) }()
	}
	for range 2 {
		if err := <-ended; err != nil && !fault.Is(err, fault.Transient) {
			t.Error(err)
		}
	}
	if told := w.matters(); len(told) != 1 {
		t.Errorf("told %+v", told)
	}
}
