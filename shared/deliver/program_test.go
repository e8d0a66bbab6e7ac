package deliver_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/fault"
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
		w.at(noon())
		c, m := w.planned()
		w.network.script = rapid.SliceOfN(rapid.SampledFrom(answers()), 1, 5).Draw(rt, "answers")
		w.network.lag = time.Duration(rapid.SampledFrom([]int{0, 10, 100, 1000}).Draw(rt, "seconds until it shows")) * time.Second
		for _, down := range rapid.SliceOfN(rapid.Bool(), 0, 4).Draw(rt, "looks that fail") {
			var err error
			if down {
				err = fault.New(fault.Transient, "test", nil)
			}
			w.network.looks = append(w.network.looks, err)
		}
		before := rapid.SliceOfN(rapid.IntRange(0, 7), 0, 3).Draw(rt, "crash before commit")
		after := rapid.SliceOfN(rapid.IntRange(0, 7), 0, 3).Draw(rt, "crash after commit")
		n := 0
		w.store.set(func(ticket.Change) error {
			n++
			if slices.Contains(before, n-1) {
				return crash()
			}
			return nil
		}, func(ticket.Change) error {
			if slices.Contains(after, n-1) {
				return crash()
			}
			return nil
		})
		undone := false
		undoAt := rapid.IntRange(0, 4).Draw(rt, "undo at step")
		repeat := rapid.SliceOfN(rapid.IntRange(0, 6), 0, 3).Draw(rt, "hand over twice at step")
		for step := 0; ; step++ {
			if step > 120 {
				rt.Fatalf("it never ends: %+v", w.waiting(c.ID))
			}
			if step == undoAt {
				undone = w.undo(c.ID) || undone
			}
			todo := w.next(c.ID)
			if len(todo) == 0 {
				break
			}
			if todo[0].Due.After(w.clock()) {
				w.at(todo[0].Due)
			}
			err := w.handle(todo[0])
			if slices.Contains(repeat, step) {
				_ = w.handle(todo[0])
				_ = w.handle(m) // the very first one again
			}
			if err != nil {
				w.at(w.clock().Add(time.Minute))
			}
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
	s, err := w.store.Story(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	r := s.Replies[len(s.Replies)-1]
	if r.State != ticket.ReplyPlanned {
		return false
	}
	c, err := s.Ticket.Undo(ana(), &r, w.clock())
	if err != nil {
		return false
	}
	return w.store.Store.Commit(w.Context(), c) == nil
}
