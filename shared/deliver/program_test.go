package deliver_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// answers are what a network may answer, and whether it may have done it all the same. A refusal has proven that it did
// not.
func answers() []scripted {
	all := []scripted{{applied: true}}
	for _, kind := range []fault.Kind{fault.Transient, fault.Denied, fault.Permanent, fault.Invalid, fault.NotFound} {
		all = append(all, scripted{err: fault.New(kind, "test", nil)})
	}
	for _, kind := range []fault.Kind{fault.Uncertain, fault.Duplicate, fault.Conflict, fault.Poison, 0} {
		err := error(fault.New(kind, "test", nil))
		all = append(all, scripted{err: err}, scripted{err: err, applied: true})
	}
	return append(all, scripted{err: fault.New(fault.Transient, "test", nil)}, scripted{err: fault.New(fault.Transient, "test", nil)})
}

// Whatever the network answers, wherever the process crashes, however often a message comes and whenever the person
// changes their mind: a reply is said at most once, never after it was undone, and it ends said, refused, or with a person.
func TestProgram_SaidAtMostOnce(t *testing.T) {
	w := newWorld(t)
	ends := map[ticket.ReplyState]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w.reset()
		w.At(worker.Noon())
		c, m := w.planned()
		w.network.script = rapid.SliceOfN(rapid.SampledFrom(answers()), 1, 5).Draw(rt, "answers")
		w.network.lag = time.Duration(rapid.SampledFrom([]int{0, 10, 100, 1000}).Draw(rt, "seconds until it shows")) * time.Second
		w.network.looks = worker.DrawLooks(rt, fault.Transient)
		w.DrawCrashes(rt, 7)
		undone := false
		undoAt := rapid.IntRange(0, 4).Draw(rt, "undo at step")
		repeat := rapid.SliceOfN(rapid.IntRange(0, 6), 0, 3).Draw(rt, "hand over twice at step")
		ended := w.Work(121, func(step int) []outbox.Message {
			if step == undoAt {
				undone = w.undo(c.ID) || undone
			}
			return w.next(c.ID)
		}, func(step int, next outbox.Message) error {
			err := w.Handle(next)
			if slices.Contains(repeat, step) {
				_ = w.Handle(next)
				_ = w.Handle(m) // the very first one again
			}
			return err
		})
		if !ended {
			rt.Fatalf("it never ends: %+v", w.Waiting(c.ID))
		}
		calls, said := w.network.times()
		got := w.seen(c.ID)
		ends[got.State]++
		if undone && (said != 0 || got.State != ticket.ReplyCancelled) {
			rt.Fatalf("undone, and said %d times in %d calls: %+v", said, calls, got)
		}
		switch got.State {
		case ticket.ReplySent:
			if said != 1 || len(got.Raised) != 0 {
				rt.Fatalf("sent, but said %d times: %+v", said, got)
			}
		case ticket.ReplyRefused, ticket.ReplyExpired:
			if said != 0 || len(got.Raised) != 1 {
				rt.Fatalf("said %d times: %+v", said, got)
			}
		case ticket.ReplyUnknown:
			if said > 1 || len(got.Raised) != 1 {
				rt.Fatalf("said %d times: %+v", said, got)
			}
		case ticket.ReplyCancelled:
			if !undone {
				rt.Fatalf("cancelled by nobody: %+v", got)
			}
		default:
			rt.Fatalf("nothing is left to do, and the reply is %+v", got)
		}
	})
	t.Logf("ends: %v", ends)
}

// undo takes the planned reply back, if there still is one, and reports whether it did.
func (w *world) undo(id string) bool {
	w.Helper()
	s, err := w.Store.Story(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	r := s.Replies[len(s.Replies)-1]
	if r.State != ticket.ReplyPlanned {
		return false
	}
	c, err := s.Ticket.Undo(worker.Ana(), &r, w.Clock())
	if err != nil {
		return false
	}
	return w.Store.Store.Commit(w.Context(), c) == nil
}
