package deliver_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
)

// doubt gives a post of which nobody knows whether it is there, with what its network does from then on.
func (w *agendaWorld) doubt(c post.Content, applied bool, s script) (agenda.Plan, time.Time) {
	w.Helper()
	p, m := w.due(c)
	s.answers = append([]published{{err: fault.New(fault.Uncertain, "test", nil), applied: applied}}, s.answers...)
	w.wall.scripts[p.Targets[0].Chain()] = &s
	for m.Topic != outbox.Confirm {
		w.At(m.Due)
		if err := w.Handle(m); err != nil {
			w.Fatal(err)
		}
		m = w.left(p)[0]
	}
	if got := w.ended(p); got.State != post.Unknown || len(got.Raised) != 0 {
		w.Fatalf("in doubt: %+v", got)
	}
	return p, w.Clock()
}

// What is there is found as soon as the network shows it; people hear of it only when that takes long.
func TestConfirm_Found(t *testing.T) {
	for lag, letters := range map[time.Duration][]string{
		0: nil, 15 * time.Second: nil, time.Minute: {agenda.MatterUnknown}, 4 * time.Minute: {agenda.MatterUnknown},
	} {
		w := newAgenda(t)
		p, at := w.doubt(words(), true, script{lag: lag})
		w.run(p)
		if diff := cmp.Diff(ended{State: post.Sent, Remote: "remoto-1"}, w.ended(p)); diff != "" || w.wall.calls != 1 {
			t.Errorf("lag %s: %d calls (-want +got):\n%s", lag, w.wall.calls, diff)
		}
		if got := w.plan(p.Post.ID).Targets[0]; !got.SentAt.Equal(at) || got.URL == "" || !slices.Equal(w.letters(p), letters) {
			t.Errorf("lag %s: %+v, letters %v", lag, got, w.letters(p))
		}
		if seen, found, err := w.Store.Seen(t.Context(), p.Targets[0].Network, "remoto-1"); err != nil || !found || seen.Reply != "facebook" {
			t.Errorf("its echo would be a mention: %+v, %v", seen, err)
		}
	}
}

// What nobody finds is a person's after five minutes, and told of within one; looks grow rare.
func TestConfirm_NotFound(t *testing.T) {
	w := newAgenda(t)
	p, at := w.doubt(words(), false, script{})
	var looks []time.Duration
	for left := w.left(p); len(left) > 0; left = w.left(p) {
		w.At(left[0].Due)
		looks = append(looks, w.Clock().Sub(at))
		if err := w.Handle(left[0]); err != nil {
			t.Fatal(err)
		}
		if got := w.ended(p); w.Clock().Sub(at) > time.Minute && !slices.Equal(got.Raised, []string{agenda.MatterUnknown}) {
			t.Errorf("after %s nobody knows: %+v", w.Clock().Sub(at), got)
		}
	}
	s := time.Second
	if diff := cmp.Diff([]time.Duration{5 * s, 10 * s, 20 * s, 40 * s, 80 * s, 160 * s, 300 * s}, looks); diff != "" {
		t.Errorf("looks (-want +got):\n%s", diff)
	}
	for _, since := range w.wall.since {
		if !since.Equal(at.Add(-2 * time.Minute)) {
			t.Errorf("looked since %s", since)
		}
	}
	want := ended{State: post.Unknown, Reason: agenda.ReasonNotFound, Raised: []string{agenda.MatterUnknown}}
	if diff := cmp.Diff(want, w.ended(p)); diff != "" || w.wall.calls != 1 {
		t.Errorf("%d calls (-want +got):\n%s", w.wall.calls, diff)
	}
}

// A network that cannot be read back leaves it to a person at once; so does an account that is gone.
func TestConfirm_Blind(t *testing.T) {
	w := newAgenda(t)
	want := ended{State: post.Unknown, Reason: agenda.ReasonNotFound, Raised: []string{agenda.MatterUnknown}}
	p, at := w.doubt(words(resend), false, script{looks: []error{fault.New(fault.Permanent, "test", nil)}})
	w.run(p)
	if diff := cmp.Diff(want, w.ended(p)); diff != "" || w.wall.calls != 1 || w.Clock().Sub(at) > 10*time.Second {
		t.Errorf("%d calls (-want +got):\n%s", w.wall.calls, diff)
	}
	w.reset()
	p, _ = w.doubt(words(resend), true, script{})
	w.account(in(channel.Closed, channel.ReasonByHand))
	w.run(p)
	if diff := cmp.Diff(want, w.ended(p)); diff != "" || len(w.wall.since) != 0 {
		t.Errorf("%d looks (-want +got):\n%s", len(w.wall.since), diff)
	}
}

// Looks that are not answered decide nothing: people know, and the next answered one tells.
func TestConfirm_Unanswered(t *testing.T) {
	w := newAgenda(t)
	down := fault.New(fault.Transient, "test", nil)
	patient := fault.New(fault.Transient, "test", nil)
	patient.RetryAfter = 10 * time.Minute
	p, at := w.doubt(words(), true, script{looks: []error{patient, down, down, down}})
	first := w.left(p)[0]
	w.At(first.Due)
	if err := w.Handle(first); err != nil {
		t.Fatal(err)
	}
	if got := w.ended(p); len(got.Raised) != 1 {
		t.Errorf("it looks again in ten minutes, and nobody knows: %+v", got)
	}
	w.run(p)
	if got := w.ended(p); got.State != post.Sent || len(got.Raised) != 0 || w.Clock().Sub(at) < 10*time.Minute {
		t.Errorf("after %s: %+v", w.Clock().Sub(at), got)
	}
	w.reset()
	s := script{}
	for range 300 {
		s.looks = append(s.looks, down)
	}
	p, at = w.doubt(words(), true, s)
	w.run(p)
	if got := w.ended(p); got.State != post.Unknown || got.Reason != agenda.ReasonNotFound || w.Clock().Sub(at) > 25*time.Hour {
		t.Errorf("after %s: %+v", w.Clock().Sub(at), got)
	}
}

// Whoever asked for it has a post said once more by itself: after a quarter of an hour without it, and never again.
func TestConfirm_Resend(t *testing.T) {
	w := newAgenda(t)
	p, at := w.doubt(pictures(resend), false, script{})
	w.run(p)
	if got := w.ended(p); got.State != post.Sent || len(got.Raised) != 0 || w.wall.calls != 2 || w.wall.there[0].At.Sub(at) < 15*time.Minute {
		t.Errorf("%d calls: %+v", w.wall.calls, got)
	}
	if got := w.plan(p.Post.ID).Targets[0]; !got.Resent {
		t.Errorf("%+v", got)
	}

	w.reset() // nobody finds the second either
	p, _ = w.doubt(words(resend), false, script{answers: []published{{err: fault.New(fault.Uncertain, "test", nil)}}})
	w.run(p)
	if got := w.ended(p); got.State != post.Unknown || len(got.Raised) != 1 || w.wall.calls != 2 {
		t.Errorf("%d calls: %+v", w.wall.calls, got)
	}

	w.reset() // the network shows it just in time
	p, _ = w.doubt(words(resend), true, script{lag: 15 * time.Minute})
	w.run(p)
	if got := w.ended(p); got.State != post.Sent || w.wall.calls != 1 {
		t.Errorf("%d calls: %+v", w.wall.calls, got)
	}

	w.reset() // it shows it later, and refuses the second
	p, _ = w.doubt(words(resend), true, script{lag: 16*time.Minute + time.Second})
	w.wall.refuses = true
	w.Work(200, func(int) []outbox.Message { return w.left(p) }, func(_ int, m outbox.Message) error { return w.Handle(m) })
	if got := w.ended(p); len(w.wall.there) != 1 || got.State != post.Sent && got.State != post.Unknown {
		t.Errorf("%d there: %+v", len(w.wall.there), got)
	}
}

// Nobody says again what the network says stands there, nor what could not be looked for in time.
func TestConfirm_NoResend(t *testing.T) {
	w := newAgenda(t)
	p, m := w.due(words(resend))
	w.wall.scripts[p.Targets[0].Chain()] = &script{answers: []published{{err: fault.New(fault.Duplicate, "test", nil)}}}
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	w.run(p)
	if got := w.ended(p); got.State != post.Unknown || w.wall.calls != 1 {
		t.Errorf("%d calls: %+v", w.wall.calls, got)
	}
	w.reset()
	s := script{}
	for range 11 {
		s.looks = append(s.looks, fault.New(fault.Transient, "test", nil))
	}
	p, at := w.doubt(words(resend), false, s)
	w.run(p)
	if got := w.ended(p); got.State != post.Unknown || w.wall.calls != 1 || w.Clock().Sub(at) < 30*time.Minute {
		t.Errorf("%d calls after %s: %+v", w.wall.calls, w.Clock().Sub(at), got)
	}
}

// Doubt about what is late already is told of at once, in the place of its delay.
func TestConfirm_LateAlready(t *testing.T) {
	w := newAgenda(t)
	p, m := w.due(words())
	w.wall.scripts[p.Targets[0].Chain()] = &script{answers: []published{{err: fault.New(fault.Uncertain, "test", nil), applied: true}}}
	w.At(m.Due.Add(3 * time.Minute))
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{agenda.MatterUnknown}, w.ended(p).Raised); diff != "" {
		t.Errorf("raised (-want +got):\n%s", diff)
	}
	w.run(p)
	if got := w.ended(p); got.State != post.Sent || len(got.Raised) != 0 {
		t.Errorf("%+v", got)
	}
}
