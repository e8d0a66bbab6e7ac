package deliver_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// Media are brought ahead, as often as it takes, and the post goes out at its moment to the second with what was brought.
func TestPrepare_Ahead(t *testing.T) {
	w := newAgenda(t)
	p, m := w.due(pictures())
	if m.Topic != outbox.Prepare || !m.Due.Equal(m.First.Add(-agenda.Lead)) {
		t.Fatalf("begins with %+v", m)
	}
	has := map[string]string{"upload": "u1", "sent": "4096"}
	w.wall.scripts[p.Targets[0].Chain()] = &script{brings: []brought{
		{got: post.Prepared{Has: has}}, {got: post.Prepared{Has: has, Wait: 7 * time.Second}}, {got: post.Prepared{Has: has, Ready: true}},
	}}
	for i, in := range []time.Duration{2 * time.Second, 9 * time.Second, agenda.Lead} {
		next := w.left(p)[0]
		w.At(next.Due)
		if err := w.Handle(next); err != nil {
			t.Fatal(err)
		}
		left := w.left(p)
		if len(left) != 1 || !left[0].Due.Equal(m.Due.Add(in)) || !left[0].First.Equal(m.First) || left[0].Tried() != 1 {
			t.Errorf("after step %d: %+v, want it in %s", i, left, in)
		}
	}
	if got := w.plan(p.Post.ID).Targets[0]; !got.Prepared.Ready || got.State != post.Planned || w.wall.calls != 0 {
		t.Errorf("ahead of its moment: %+v", got)
	}
	w.run(p)
	got := w.ended(p)
	if got.State != post.Sent || !w.wall.there[0].At.Equal(m.First) || w.wall.there[0].Broadcast.Prepared.Has["upload"] != "u1" {
		t.Errorf("%+v as %+v", got, w.wall.there)
	}
}

// What Prepare answers decides what is planned. What nobody understands is asked again: nothing of it was seen.
func TestPrepare_Outcomes(t *testing.T) {
	asked := saying(fault.Transient, "throttle")
	asked.RetryAfter = 90 * time.Second
	kind := func(k fault.Kind) error { return fault.New(k, "test", nil) }
	again := func(k string) ended { return ended{State: post.Planned, Reason: "codigo_" + k} }
	refused := func(k string) ended {
		return ended{State: post.Refused, Reason: "codigo_" + k, Raised: []string{agenda.MatterRefused}}
	}
	first := 750 * time.Millisecond
	w := newAgenda(t)
	for _, tt := range []struct {
		name string
		err  error
		want ended
		in   time.Duration // 0: never again
	}{
		{"busy", kind(fault.Transient), again("transient"), first},
		{"asked to wait", asked, ended{State: post.Planned, Reason: channel.HeldBudget}, 90 * time.Second},
		{"no key", saying(fault.Denied, "auth"), ended{State: post.Planned, Reason: channel.HeldPaused}, time.Minute},
		{"perhaps", kind(fault.Uncertain), again("uncertain"), first},
		{"not understood", kind(fault.Poison), again("poison"), first},
		{"an error of nobody", errors.New("x"), again("unknown"), first},
		{"denied", kind(fault.Denied), refused("denied"), 0},
		{"never", kind(fault.Permanent), refused("permanent"), 0},
		{"invalid", kind(fault.Invalid), refused("invalid"), 0},
		{"gone", kind(fault.NotFound), refused("not_found"), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.reset()
			p, m := w.due(pictures())
			w.wall.scripts[p.Targets[0].Chain()] = &script{brings: []brought{{err: tt.err, got: post.Prepared{Has: map[string]string{"sent": "10"}}}}}
			for range 2 {
				if err := w.Handle(m); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tt.want, w.ended(p)); diff != "" || w.wall.prepares != 1 || w.wall.calls != 0 {
				t.Errorf("%+v, afterwards (-want +got):\n%s", w.wall, diff)
			}
			left := w.left(p)
			if (tt.in == 0) != (len(left) == 0) || len(left) == 1 && (!left[0].Due.Equal(m.Due.Add(tt.in)) || left[0].Topic != outbox.Prepare) {
				t.Errorf("planned: %+v", left)
			}
			if got := w.plan(p.Post.ID).Targets[0]; tt.in != 0 && got.Prepared.Has["sent"] != "10" {
				t.Errorf("what came there is forgotten: %+v", got.Prepared)
			}
		})
	}
}

// A network that works on a video past its moment makes it late, which people hear of; in the end it expires.
func TestPrepare_WorksForTooLong(t *testing.T) {
	w := newAgenda(t)
	p, m := w.due(pictures())
	s := &script{}
	for range 400 {
		s.brings = append(s.brings, brought{got: post.Prepared{Wait: time.Minute}})
	}
	w.wall.scripts[p.Targets[0].Chain()] = s
	w.Work(20, func(int) []outbox.Message {
		if left := w.left(p); !left[0].Due.After(m.First.Add(2 * time.Minute)) {
			return left
		}
		return nil
	}, func(_ int, m outbox.Message) error { return w.Handle(m) })
	if got := w.ended(p); got.State != post.Planned || len(got.Raised) != 1 || got.Raised[0] != agenda.MatterLate {
		t.Errorf("two minutes after its moment: %+v", got)
	}
	w.run(p)
	want := ended{State: post.Expired, Reason: agenda.ReasonLate, Raised: []string{agenda.MatterExpired}}
	if diff := cmp.Diff(want, w.ended(p)); diff != "" || w.wall.calls != 0 || !w.Clock().Equal(m.First.Add(agenda.LateAfter+time.Second)) {
		t.Errorf("at %s (-want +got):\n%s", w.Clock(), diff)
	}
}

// What the network throws away before the moment is brought again; one that throws everything away at once ends.
func TestPrepare_ThrownAway(t *testing.T) {
	w := newAgenda(t)
	p, m := w.due(pictures())
	w.wall.scripts[p.Targets[0].Chain()] = &script{brings: []brought{{got: post.Prepared{Ready: true, Until: m.First}}}}
	w.run(p)
	if got := w.ended(p); got.State != post.Sent || w.wall.prepares != 2 || w.wall.calls != 1 {
		t.Errorf("%d times brought, %d calls: %+v", w.wall.prepares, w.wall.calls, got)
	}
	w.reset()
	p, m = w.due(pictures())
	s := &script{}
	for range 600 {
		s.brings = append(s.brings, brought{got: post.Prepared{Ready: true, Until: m.First.Add(-time.Hour)}})
	}
	w.wall.scripts[p.Targets[0].Chain()] = s
	w.At(m.First.Add(agenda.LateAfter - 10*time.Second))
	w.run(p)
	if got := w.ended(p); got.State != post.Expired || w.wall.calls != 0 {
		t.Errorf("%+v", got)
	}
}

// Whether the day is one without posts is asked of the day it goes out on, not of that on which its media go ahead.
func TestPrepare_DayOfTheMoment(t *testing.T) {
	for _, tt := range []struct {
		before bool
		want   post.State
	}{{true, post.Sent}, {false, post.Refused}} {
		w := newAgenda(t)
		p, m := w.due(pictures())
		w.rules.Barred = func(at time.Time) (string, bool) { return "veda", at.Before(m.First) == tt.before }
		w.run(p)
		if got := w.ended(p); got.State != tt.want {
			t.Errorf("barred before its moment %t: %+v", tt.before, got)
		}
	}
}

// deadlined is a publisher that tells how much time it was given.
type deadlined struct {
	*wall
	left *time.Duration
	end  time.Time
}

func (d deadlined) Prepare(ctx context.Context, b post.Broadcast, now time.Time) (post.Prepared, error) {
	if end, has := ctx.Deadline(); has {
		*d.left = d.end.Sub(end)
	}
	return d.wall.Prepare(ctx, b, now)
}

// Prepare leaves time to record how far it came.
func TestPrepare_LeavesRoom(t *testing.T) {
	w := newAgenda(t)
	_, m := w.due(pictures())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	end, _ := ctx.Deadline()
	var room time.Duration
	w.through(deadlined{w.wall, &room, end}, w.accounts)
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Worker.Handle(ctx, w.Clock(), string(body)); err != nil || room < 3*time.Second {
		t.Errorf("%s left, %v", room, err)
	}
}

// A post nobody approved in time ends; one that was, does not.
func TestLapse(t *testing.T) {
	w := newAgenda(t)
	p := w.submitted(words())
	m := w.left(p)[0]
	w.At(m.Due)
	if m.Topic != outbox.Lapse || !m.Due.Equal(p.Post.PublishAt.At) {
		t.Fatalf("waits for %+v", m)
	}
	other := worldOfFirst(w, m)
	for range 2 {
		if err := w.Handle(m); err != nil {
			t.Fatal(err)
		}
	}
	got := w.plan(p.Post.ID)
	if got.State() != post.Expired || got.Post.Reason != agenda.ReasonUnasked || len(w.Raised(m.Ticket)) != 1 || len(w.left(p)) != 0 || *other != 1 {
		t.Errorf("%+v, raised %v", got, w.Raised(m.Ticket))
	}
	w.reset()
	p, _ = w.approved(words())
	late := outbox.New("vence-1", outbox.Lapse, p.Post.Cause(), "", p.Post.Cause(), w.Clock())
	w.commit(ticket.Change{Send: []outbox.Message{late}}, nil)
	if err := w.Handle(late); err != nil || w.plan(p.Post.ID).State() != post.Planned || len(w.left(p)) != 1 {
		t.Errorf("%+v, %v", w.plan(p.Post.ID), err)
	}
}

// worldOfFirst has somebody else change the post the first time m is recorded, and counts that.
func worldOfFirst(w *agendaWorld, m outbox.Message) *int {
	times := 0
	w.Store.Set(worker.First(worker.Settles, func() error {
		times++
		id, _ := outbox.PostOf(m.Ticket)
		p := w.plan(id).Post
		p.Campaign, p.Version = "otra", p.Version+1
		e := sealed(p)
		p.Head = e.Hash
		w.commit(ticket.Change{Post: &p, Logged: []entry{e}}, nil)
		return nil
	}), nil)
	return &times
}
