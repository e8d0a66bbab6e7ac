package deliver_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// The process ends around the claim and the call: what comes again reads back and never publishes again.
func TestBroadcast_Crashes(t *testing.T) {
	sent := ended{State: post.Sent, Remote: "remoto-1"}
	unknown := ended{State: post.Unknown, Reason: agenda.ReasonNotFound, Raised: []string{agenda.MatterUnknown}}
	for _, tt := range []struct {
		name          string
		before, after func(ticket.Change) bool
		says          published
		want          ended
		calls         int
	}{
		{"before the claim", worker.Claims, nil, published{applied: true}, sent, 1},
		{"between claim and call", nil, worker.Claims, published{applied: true}, unknown, 0},
		{"between call and record, and it is there", worker.Settles, nil, published{applied: true}, sent, 1},
		{"between call and record, and it is not", worker.Settles, nil, published{err: fault.New(fault.Transient, "test", nil)}, unknown, 1},
		{"after the record", nil, worker.Settles, published{applied: true}, sent, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newAgenda(t)
			p, m := w.due(words())
			w.wall.scripts[p.Targets[0].Chain()] = &script{answers: []published{tt.says}}
			var before, after func(ticket.Change) error
			if tt.before != nil {
				before = worker.Once(tt.before)
			}
			if tt.after != nil {
				after = worker.Once(tt.after)
			}
			w.Crashes(m, before, after)
			w.Wait()
			w.run(p)
			if diff := cmp.Diff(tt.want, w.ended(p)); diff != "" || w.wall.calls != tt.calls {
				t.Errorf("%d calls, in the end (-want +got):\n%s", w.wall.calls, diff)
			}
		})
	}
}

// Sixteen workers with one message publish it once.
func TestBroadcast_SixteenAtOnce(t *testing.T) {
	w := newAgenda(t)
	for range 4 {
		w.reset()
		p, m := w.due(words())
		w.AllAtOnce(m)
		w.run(p)
		if got := w.ended(p); w.wall.calls != 1 || got.State != post.Sent {
			t.Fatalf("%d calls: %+v", w.wall.calls, got)
		}
	}
}

// Taking back races with the worker: what was taken back is never published, what was published was not taken back.
func TestBroadcast_CancelRace(t *testing.T) {
	w := newAgenda(t)
	back, out := 0, 0
	for n := range 30 {
		w.reset()
		p, m := w.due(words())
		undo, err := p.Cancel(author(), w.Clock())
		if err != nil {
			t.Fatal(err)
		}
		told := w.Race(m, undo, time.Duration(n%8)*700*time.Microsecond)
		w.run(p)
		got := w.ended(p)
		switch {
		case told == nil && w.wall.calls == 0 && got.State == post.Cancelled:
			back++
		case told != nil && w.wall.calls == 1 && got.State == post.Sent:
			out++
		default:
			t.Fatalf("told %v, %d calls: %+v", told, w.wall.calls, got)
		}
	}
	t.Logf("taken back %d, published %d", back, out)
}

// Another writer changes the target while the call is under way: its outcome is recorded on the newest.
func TestBroadcast_TargetChangesMeanwhile(t *testing.T) {
	w := newAgenda(t)
	p, m := w.due(words())
	w.wall.saying = func() {
		for range 3 {
			w.commit(agenda.Counted(w.plan(p.Post.ID).Targets[0], post.Figures{At: w.Clock()}), nil)
		}
	}
	if err := w.Handle(m); err != nil || w.ended(p).State != post.Sent || w.wall.calls != 1 {
		t.Errorf("%d calls: %+v, %v", w.wall.calls, w.ended(p), err)
	}
}

// Between the look and the claim everything may change: the second look sees it.
func TestBroadcast_SecondLook(t *testing.T) {
	w := newAgenda(t)
	p, m := w.due(words())
	w.Store.Set(worker.First(worker.Claims, func() error {
		p.Post.Text, p.Post.Version = "Otra cosa.", p.Post.Version+1
		e := sealed(p.Post)
		p.Post.Head = e.Hash
		w.commit(ticket.Change{Post: &p.Post, Logged: []entry{e}}, nil)
		return nil
	}), nil)
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	want := ended{State: post.Expired, Reason: agenda.ReasonUnasked, Raised: []string{agenda.MatterExpired}}
	if diff := cmp.Diff(want, w.ended(p)); diff != "" || w.wall.calls != 0 {
		t.Errorf("%d calls (-want +got):\n%s", w.wall.calls, diff)
	}
}
