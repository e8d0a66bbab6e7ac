package escalate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// perhaps is an answer that leaves open whether the case was filed.
func perhaps(applied bool) scripted { return scripted{err: kind(fault.Uncertain), applied: applied} }

// An unknown outcome is looked up by our number: what SIAC has is not posted again.
func TestCheck_Found(t *testing.T) {
	w := newWorld(t)
	w.siac.script = []scripted{perhaps(true)}
	c, _ := w.planned()
	w.run(c.ID, 10)
	if got := w.seen(c.ID); got.State != ticket.Filed || got.Folio != "SIAC-1" || len(got.Raised) != 0 {
		t.Errorf("in the end: %+v", got)
	}
	if len(w.siac.posts) != 1 {
		t.Errorf("%d posts", len(w.siac.posts))
	}
}

// What SIAC does not have is posted again under the same Idempotency-Key: whether it was late or lost, there is one folio.
func TestCheck_NotFoundIsFiledAgain(t *testing.T) {
	for name, applied := range map[string]bool{"it was lost": false, "it only shows late": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.siac.script, w.siac.lag = []scripted{perhaps(applied), perhaps(applied)}, time.Hour
			c, _ := w.planned()
			w.run(c.ID, 20)
			if got := w.seen(c.ID); got.State != ticket.Filed || got.Folio != "SIAC-1" {
				t.Errorf("in the end: %+v", got)
			}
			if len(w.siac.posts) != 3 || w.siac.posts[0] != w.siac.posts[1] || w.siac.posts[1] != w.siac.posts[2] {
				t.Errorf("posted %+v", w.siac.posts)
			}
			if got := w.siac.folios(c.Number); len(got) != 1 {
				t.Errorf("folios %v", got)
			}
		})
	}
}

// The person writes on while SIAC has the case and we do not know it: the second post has another body, and SIAC's 409
// means that the case is there.
func TestCheck_409MeansItIsThere(t *testing.T) {
	w := newWorld(t)
	w.siac.script, w.siac.lag = []scripted{perhaps(true)}, 10*time.Minute
	c, m := w.planned()
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	w.At(worker.Noon().Add(time.Second))
	w.adds(c.ID, "7_a", "Y además nadie responde")
	w.run(c.ID, 40)
	if got := w.seen(c.ID); got.State != ticket.Filed || got.Folio != "SIAC-1" || len(got.Raised) != 0 {
		t.Errorf("in the end: %+v", got)
	}
	if got := w.siac.folios(c.Number); len(got) != 1 || len(w.siac.posts) < 2 {
		t.Errorf("folios %v in %d posts", got, len(w.siac.posts))
	}
}

// Look-ups that fail prove nothing; they go on for a day, and then a person asks.
func TestCheck_LooksFail(t *testing.T) {
	throttled := fault.New(fault.Transient, "test", nil)
	throttled.RetryAfter = time.Hour
	many := slices.Repeat([]error{throttled}, 60)
	tests := []struct {
		name  string
		looks []error
		want  seen
		from  time.Duration
		until time.Duration
	}{
		{
			"some fail",
			[]error{throttled, kind(fault.Denied), throttled},
			seen{State: ticket.Filed, Folio: "SIAC-1", Reason: ticket.RuleSure},
			2 * time.Hour, 3 * time.Hour,
		},
		{
			"all fail", many,
			seen{State: ticket.FilingUnknown, Reason: ticket.RuleSure, Raised: []string{ticket.MatterSIACUnknown}},
			24 * time.Hour, 26 * time.Hour,
		},
		{
			"SIAC has it twice",
			[]error{kind(fault.Permanent)},
			seen{State: ticket.FilingUnknown, Reason: ticket.RuleSure, Raised: []string{ticket.MatterSIACUnknown}},
			0, time.Minute,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.siac.script, w.siac.looks = []scripted{perhaps(true)}, tt.looks
			c, _ := w.planned()
			w.run(c.ID, 100)
			if diff := cmp.Diff(tt.want, w.seen(c.ID)); diff != "" {
				t.Errorf("in the end (-want +got):\n%s", diff)
			}
			if spent := w.Clock().Sub(worker.Noon()); spent < tt.from || spent > tt.until {
				t.Errorf("it took %s, want %s to %s", spent, tt.from, tt.until)
			}
			if len(w.siac.posts) != 1 {
				t.Errorf("%d posts", len(w.siac.posts))
			}
		})
	}
}

// A refusal after an outcome nobody knows refuses the repetition: it does not say that SIAC lacks the case.
func TestCheck_RefusedAfterADoubt(t *testing.T) {
	for _, k := range []fault.Kind{fault.Permanent, fault.Denied, fault.Invalid, fault.NotFound} {
		w := newWorld(t)
		w.siac.script, w.siac.lag = []scripted{perhaps(true), {err: kind(fault.Transient)}, {err: kind(k)}}, time.Hour
		c, m := w.planned()
		if err := w.Handle(m); err != nil {
			t.Fatal(err)
		}
		for range 3 { // look-up, post, post
			todo := w.next(c.ID)
			if len(todo) == 0 {
				break
			}
			if w.undo(c.ID) {
				t.Errorf("%s: undone, although SIAC may have the case", k)
			}
			w.At(todo[0].Due)
			if err := w.Handle(todo[0]); err != nil {
				t.Fatal(err)
			}
		}
		want := seen{State: ticket.FilingUnknown, Reason: ticket.RuleSure, Raised: []string{ticket.MatterSIACUnknown}}
		if diff := cmp.Diff(want, w.seen(c.ID)); diff != "" || len(w.siac.posts) != 3 {
			t.Errorf("%s: %d posts, in the end (-want +got):\n%s", k, len(w.siac.posts), diff)
		}
	}
}

// SIAC answers with the folio of another case: it is not taken, and a person asks.
func TestCheck_AFolioOfAnotherCase(t *testing.T) {
	w := newWorld(t)
	first, _ := w.planned()
	w.run(first.ID, 5)
	w.siac.script = []scripted{{applied: true, folio: "SIAC-1"}}
	second, _ := w.planned()
	w.run(second.ID, 20)
	if got := w.seen(second.ID); got.State != ticket.FilingUnknown || got.Folio != "" || !slices.Equal(got.Raised, []string{ticket.MatterSIACUnknown}) {
		t.Errorf("in the end: %+v", got)
	}
	if got := w.seen(first.ID); got.State != ticket.Filed || got.Folio != "SIAC-1" {
		t.Errorf("the other case: %+v", got)
	}
	if len(w.siac.posts) != 2 {
		t.Errorf("%d posts", len(w.siac.posts))
	}
}

// Whatever SIAC answers, wherever the process crashes, whoever writes or undoes meanwhile: a case has one folio at most,
// and it ends filed, undone, refused, or with a person.
func TestProgram_OneFolio(t *testing.T) {
	answers := []scripted{
		{applied: true},
		perhaps(true), perhaps(false),
		{err: kind(fault.Transient)},
		{err: kind(fault.Permanent)},
		{err: kind(fault.Denied)},
		{err: kind(0), applied: true},
		{err: kind(fault.Poison)},
	}
	w := newWorld(t)
	ends := map[ticket.Filing]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w.reset()
		w.At(worker.Noon())
		c, m := w.planned()
		w.siac.script = rapid.SliceOfN(rapid.SampledFrom(answers), 1, 5).Draw(rt, "answers")
		w.siac.lag = time.Duration(rapid.SampledFrom([]int{0, 10, 1000}).Draw(rt, "seconds until it shows")) * time.Second
		w.siac.looks = worker.DrawLooks(rt, fault.Transient)
		w.DrawCrashes(rt, 7)
		undoAt, writeAt := rapid.IntRange(0, 6).Draw(rt, "undo at step"), rapid.IntRange(0, 6).Draw(rt, "write at step")
		undone := false
		ended := w.Work(121, func(step int) []outbox.Message {
			if step == undoAt {
				undone = w.undo(c.ID)
			}
			if step == writeAt {
				w.adds(c.ID, c.First+"-más", "Y además nadie responde")
			}
			return w.next(c.ID)
		}, func(_ int, next outbox.Message) error {
			if w.Handle(next) != nil {
				w.Wait()
				_ = w.Handle(m) // the very first one again
			}
			return nil
		})
		if !ended {
			rt.Fatalf("it never ends: %+v", w.next(c.ID))
		}
		got := w.oneFolio(rt, c)
		ends[got.State]++
		switch got.State {
		case ticket.Filed, ticket.FilingUnknown:
		case ticket.NotFiled:
			if folios := w.siac.folios(c.Number); len(folios) != 0 {
				rt.Fatalf("SIAC has %v, and the case says %+v: a person would file it by hand, twice", folios, got)
			}
			if !undone && len(got.Raised) != 1 {
				rt.Fatalf("not filed, and nobody is told: %+v", got)
			}
		default:
			rt.Fatalf("nothing is left to do, and the filing is %+v", got)
		}
	})
	t.Logf("ends: %v", ends)
}

// undo takes the pending filing back, if it still is, and reports whether it did.
func (w *world) undo(id string) bool {
	w.Helper()
	t, err := w.Store.Ticket(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	c, err := t.Undo(worker.Ana(), nil, w.Clock())
	return err == nil && w.Store.Store.Commit(w.Context(), c) == nil
}

// A message handed over twice after its work is done does nothing.
func TestCheck_Redelivered(t *testing.T) {
	w := newWorld(t)
	w.siac.script = []scripted{perhaps(true)}
	c, m := w.planned()
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	check := w.next(c.ID)[0]
	if check.Topic != outbox.Check {
		t.Fatalf("planned %+v", check)
	}
	w.At(check.Due)
	for range 3 {
		if err := w.Handle(check); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.seen(c.ID); got.State != ticket.Filed || w.siac.finds != 1 {
		t.Errorf("in the end: %+v after %d look-ups", got, w.siac.finds)
	}
}
