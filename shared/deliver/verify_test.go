package deliver_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// perhaps is an answer that leaves open whether the text was said.
func perhaps(applied bool) scripted {
	return scripted{err: fault.New(fault.Uncertain, "test", nil), applied: applied}
}

// lost gives a case whose reply is unknown.
func (w *world) lost(applied bool) ticket.Ticket {
	w.Helper()
	w.reset()
	w.network.script = []scripted{perhaps(applied)}
	c, m := w.planned()
	if err := w.Handle(m); err != nil {
		w.Fatal(err)
	}
	if got := w.seen(c.ID); got.State != ticket.ReplyUnknown {
		w.Fatalf("after an answer that says nothing: %+v", got)
	}
	return c
}

// Found when it is looked for, the reply is sent, since the call, and the case answered.
func TestVerify_Found(t *testing.T) {
	for name, lag := range map[string]time.Duration{"at once": 0, "a while later": time.Minute, "at the very last": 5*time.Minute + 5*time.Second} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c := w.lost(true)
			w.network.lag = lag
			w.Run(c.ID, 50)
			want := seen{State: ticket.ReplySent, Remote: "remoto-1", Case: ticket.Respondido}
			if diff := cmp.Diff(want, w.seen(c.ID)); diff != "" {
				t.Errorf("in the end (-want +got):\n%s", diff)
			}
			s, err := w.Store.Story(t.Context(), c.ID)
			if err != nil || !s.Replies[0].SentAt.Equal(worker.Noon()) || !s.Ticket.AnsweredAt.Equal(worker.Noon()) {
				t.Errorf("sent %s, answered %s, %v: the clock of the case stops when it was said", s.Replies[0].SentAt, s.Ticket.AnsweredAt, err)
			}
			if calls, said := w.network.times(); calls != 1 || said != 1 {
				t.Errorf("%d calls, %d said", calls, said)
			}
		})
	}
}

// Looked for in vain for five minutes, it goes to a person and is never said again.
func TestVerify_NeverFound(t *testing.T) {
	w := newWorld(t)
	c := w.lost(false)
	w.Run(c.ID, 50)
	want := seen{State: ticket.ReplyUnknown, Reason: "codigo_uncertain", Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyUnknown}}
	if diff := cmp.Diff(want, w.seen(c.ID)); diff != "" {
		t.Errorf("in the end (-want +got):\n%s", diff)
	}
	raised := w.Matters(c.ID)[0]
	if after := raised.At.Sub(worker.Noon()); after != 5*time.Minute+5*time.Second {
		t.Errorf("a person is told after %s", after)
	}
	if raised.Number != c.Number || raised.Reason != "codigo_uncertain" {
		t.Errorf("the matter is %+v", raised)
	}
	calls, said := w.network.times()
	if calls != 1 || said != 0 || len(w.network.lookups) < 4 || len(w.network.lookups) > 10 {
		t.Errorf("%d calls, %d said, %d looks", calls, said, len(w.network.lookups))
	}
	for _, since := range w.network.lookups {
		if !since.Equal(worker.Noon().Add(-2 * time.Minute)) {
			t.Errorf("looked for since %s: from the call, less what clocks differ", since)
		}
	}
}

// Looks that fail prove nothing: they go on for a day, no more often than the network asks for.
func TestVerify_LooksFail(t *testing.T) {
	throttled := fault.New(fault.Transient, "test", nil)
	throttled.RetryAfter = time.Hour
	tests := []struct {
		name  string
		looks []error
		said  bool
		want  ticket.ReplyState
		from  time.Duration
		until time.Duration
	}{
		{"some fail, then it is found", []error{throttled, fault.New(fault.Denied, "test", nil)}, true, ticket.ReplySent, time.Hour, 2 * time.Hour},
		{"some fail, then it is not found", []error{throttled}, false, ticket.ReplyUnknown, time.Hour, 2 * time.Hour},
		{"all fail", fails(200, fault.New(fault.Denied, "test", nil)), true, ticket.ReplyUnknown, 24 * time.Hour, 25 * time.Hour},
		{
			"none can ever see", fails(200, fault.New(fault.Permanent, "test", nil)), true, ticket.ReplyUnknown,
			5 * time.Minute, 5*time.Minute + 10*time.Second,
		},
		{"all are throttled", fails(200, throttled), true, ticket.ReplyUnknown, 24 * time.Hour, 26 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			c := w.lost(tt.said)
			w.network.looks = tt.looks
			w.Run(c.ID, 250)
			got := w.seen(c.ID)
			if got.State != tt.want || (len(got.Raised) == 1) != (tt.want == ticket.ReplyUnknown) {
				t.Errorf("in the end: %+v", got)
			}
			if spent := w.Clock().Sub(worker.Noon()); spent < tt.from || spent > tt.until {
				t.Errorf("it took %s, want %s to %s", spent, tt.from, tt.until)
			}
			if calls, _ := w.network.times(); calls != 1 {
				t.Errorf("%d calls", calls)
			}
		})
	}
}

func fails(n int, err error) []error {
	all := make([]error, n)
	for i := range all {
		all[i] = err
	}
	return all
}

// The same words said under the item long before are not this reply.
func TestVerify_AnOldReply(t *testing.T) {
	w := newWorld(t)
	w.reset()
	w.network.script = []scripted{perhaps(false)}
	c, m := w.planned()
	w.network.said = []ticket.Reply{{Author: c.Account, Target: c.Target, Text: answer, SentAt: worker.Noon().Add(-time.Hour), RemoteID: "de antes"}}
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	w.Run(c.ID, 50)
	if got := w.seen(c.ID); got.State != ticket.ReplyUnknown {
		t.Errorf("in the end: %+v", got)
	}
}

// A crash while a look is recorded costs another look, and nothing else.
func TestVerify_Crash(t *testing.T) {
	for name, after := range map[string]bool{"before it is written": false, "after it is written": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c := w.lost(true)
			if after {
				w.Store.Set(nil, worker.Once(worker.Settles))
			} else {
				w.Store.Set(worker.Once(worker.Settles), nil)
			}
			w.Run(c.ID, 50)
			if got := w.seen(c.ID); got.State != ticket.ReplySent || got.Case != ticket.Respondido {
				t.Errorf("in the end: %+v", got)
			}
		})
	}
}
