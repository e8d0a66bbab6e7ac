package escalate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/escalate"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

func kind(k fault.Kind) error { return fault.New(k, "test", nil) }

// Each class of answer has its consequence: where the filing stands, what is planned, and who is told.
func TestFile_Outcomes(t *testing.T) {
	throttled := fault.New(fault.Transient, "test", nil)
	throttled.RetryAfter = 90 * time.Second
	refused := func(k fault.Kind) seen {
		return seen{State: ticket.NotFiled, Reason: k.String(), Raised: []string{ticket.MatterSIACRefused}}
	}
	unknown := seen{State: ticket.FilingUnknown, Reason: ticket.RuleSure}
	tests := []struct {
		name string
		err  error
		want seen
		next outbox.Topic
		in   time.Duration
	}{
		{"filed", nil, seen{State: ticket.Filed, Folio: "SIAC-1", Reason: ticket.RuleSure}, "", 0},
		{"surely not filed", kind(fault.Transient), seen{State: ticket.Pending, Reason: ticket.RuleSure}, outbox.File, 750 * time.Millisecond},
		{"throttled", throttled, seen{State: ticket.Pending, Reason: ticket.RuleSure}, outbox.File, 90 * time.Second},
		{"denied", kind(fault.Denied), refused(fault.Denied), "", 0},
		{"never", kind(fault.Permanent), refused(fault.Permanent), "", 0},
		{"invalid", kind(fault.Invalid), refused(fault.Invalid), "", 0},
		{"not found", kind(fault.NotFound), refused(fault.NotFound), "", 0},
		{"perhaps filed", kind(fault.Uncertain), unknown, outbox.Check, 2 * time.Second},
		{"known with another body", kind(fault.Conflict), unknown, outbox.Check, 2 * time.Second},
		{"filed before", kind(fault.Duplicate), unknown, outbox.Check, 2 * time.Second},
		{"not understood", kind(fault.Poison), unknown, outbox.Check, 2 * time.Second},
		{"an error of nobody", errors.New("x"), unknown, outbox.Check, 2 * time.Second},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.reset()
			w.siac.script = []scripted{{err: tt.err, applied: tt.err == nil}}
			c, m := w.planned()
			for range 3 { // the same message again changes nothing
				if err := w.Handle(m); err != nil {
					t.Fatalf("Handle: %v", err)
				}
			}
			if len(w.siac.posts) != 1 {
				t.Errorf("%d posts", len(w.siac.posts))
			}
			if diff := cmp.Diff(tt.want, w.seen(c.ID)); diff != "" {
				t.Errorf("afterwards (-want +got):\n%s", diff)
			}
			var want []outbox.Message
			if tt.next != "" {
				want = []outbox.Message{m.Again(tt.next, worker.Noon().Add(tt.in))}
				want[0].Doubt = tt.next == outbox.Check
			}
			if diff := cmp.Diff(want, w.next(c.ID)); diff != "" {
				t.Errorf("planned (-want +got):\n%s", diff)
			}
		})
	}
}

// SIAC is told what the person wrote, in order, when, and under which number of ours.
func TestFile_Case(t *testing.T) {
	w := newWorld(t)
	c, _ := w.planned()
	w.At(worker.Noon().Add(time.Minute))
	w.adds(c.ID, "7_a", "Y además nadie responde")
	w.run(c.ID, 3)
	want := []escalate.Case{{
		IdempotencyKey: "facebook:comment:" + c.First, ExternalRef: c.Number, Network: "facebook", Type: "reclamo",
		Description: words + "\n\nY además nadie responde", EnteredAt: worker.Noon().Add(-time.Hour), PersonType: "desconocido",
	}}
	if diff := cmp.Diff(want, w.siac.posts); diff != "" {
		t.Errorf("posted (-want +got):\n%s", diff)
	}
}

func TestFile_Description(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("ñ", 9000)
	tests := []struct {
		name string
		text string
		want string
	}{
		{"nothing to read", "", "(sin texto)"},
		{"too long", long, long[:2*8000]},
		{"as long as may be", long[:2*8000], long[:2*8000]},
	}
	for _, tt := range tests {
		w.reset()
		c, m := w.planned(func(e *mention.Event) { e.Text = tt.text })
		if err := w.Handle(m); err != nil {
			t.Fatal(err)
		}
		if got := w.siac.posts[0].Description; got != tt.want {
			t.Errorf("%s: %d bytes of description, want %d", tt.name, len(got), len(tt.want))
		}
		w.siac.posts = nil
		_ = c
	}
	w.reset()
	c, m := w.planned()
	s, err := w.Store.Story(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	back, _ := c.WithdrawMention(s.Mentions[0], ticket.Seen{Network: c.Network, Key: c.First, Ticket: c.ID, At: s.Mentions[0].At, Rev: 1}, worker.Noon())
	w.Must(back, nil)
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	if got := w.siac.posts[0].Description; got != "(sin texto)" {
		t.Errorf("what its author withdrew is sent to SIAC: %q", got)
	}
}

// Ids of messages can be long and begin alike: each case keeps a key of its own, within what a header takes.
func TestFile_KeyIsTheCasesOwn(t *testing.T) {
	w := newWorld(t)
	common := "m_" + strings.Repeat("A", 200)
	keys := map[string]string{}
	for _, id := range []string{"7_x", common + "1", common + "2", common, strings.Repeat("B", 110), strings.Repeat("B", 111), strings.Repeat("B", 112)} {
		w.reset()
		_, m := w.planned(func(e *mention.Event) { e.Key = id })
		if err := w.Handle(m); err != nil {
			t.Fatal(err)
		}
		key := w.siac.posts[0].IdempotencyKey
		if len(key) > 128 || !strings.HasPrefix(key, "facebook:comment:") {
			t.Errorf("key %q of %d characters", key, len(key))
		}
		if other, taken := keys[key]; taken {
			t.Errorf("ids of %d and %d characters share the key %q", len(id), len(other), key)
		}
		keys[key] = id
	}
}

// The process ends between the post and its record: what comes again looks the case up and never posts blindly.
func TestFile_CrashAfterThePost(t *testing.T) {
	w := newWorld(t)
	c, m := w.planned()
	w.Crashes(m, worker.Once(worker.Settles), nil)
	w.run(c.ID, 20)
	if got := w.seen(c.ID); got.State != ticket.Filed || got.Folio != "SIAC-1" || len(got.Raised) != 0 {
		t.Errorf("in the end: %+v", got)
	}
	if len(w.siac.posts) != 1 || len(w.siac.folios(c.Number)) != 1 {
		t.Errorf("%d posts, folios %v", len(w.siac.posts), w.siac.folios(c.Number))
	}
}

// The process ends right after its claim: SIAC does not have the case, so it is filed, once.
func TestFile_CrashAfterTheClaim(t *testing.T) {
	w := newWorld(t)
	c, m := w.planned()
	w.Crashes(m, nil, worker.Once(worker.Claims))
	w.run(c.ID, 20)
	if got := w.seen(c.ID); got.State != ticket.Filed {
		t.Errorf("in the end: %+v", got)
	}
	if len(w.siac.posts) != 1 || w.siac.finds == 0 {
		t.Errorf("%d posts, %d look-ups", len(w.siac.posts), w.siac.finds)
	}
}

// Sixteen workers with one message file the case once.
func TestFile_SixteenAtOnce(t *testing.T) {
	w := newWorld(t)
	for range 4 {
		w.reset()
		c, m := w.planned()
		w.AllAtOnce(m)
		w.run(c.ID, 30)
		if len(w.siac.posts) != 1 || len(w.siac.cases) != 1 {
			t.Fatalf("%d posts, %d cases", len(w.siac.posts), len(w.siac.cases))
		}
		if got := w.seen(c.ID); got.State != ticket.Filed {
			t.Fatalf("in the end: %+v", got)
		}
	}
}

// Undo races with the worker: what was undone never reaches SIAC.
func TestFile_UndoRace(t *testing.T) {
	w := newWorld(t)
	undone, won := 0, 0
	for n := range 30 {
		w.reset()
		c, m := w.planned()
		back, err := c.Undo(worker.Ana(), nil, worker.Noon())
		if err != nil {
			t.Fatal(err)
		}
		undo := w.Race(m, back, time.Duration(n%6)*500*time.Microsecond)
		w.run(c.ID, 30)
		got := w.seen(c.ID)
		switch {
		case undo == nil:
			undone++
			if len(w.siac.posts) != 0 || got.State != ticket.NotFiled || got.Reason != ticket.Undone {
				t.Fatalf("undone, and yet %d posts: %+v", len(w.siac.posts), got)
			}
		default:
			won++
			if len(w.siac.cases) != 1 || got.State != ticket.Filed {
				t.Fatalf("not undone (%v), and %d cases: %+v", undo, len(w.siac.cases), got)
			}
		}
	}
	t.Logf("undone %d, filed %d", undone, won)
}

// SIAC refuses for a day: a person is told, and the case can be sent again by hand.
func TestFile_GivesUpAfterADay(t *testing.T) {
	w := newWorld(t)
	c, _ := w.planned()
	for range 300 {
		w.siac.script = append(w.siac.script, scripted{err: kind(fault.Transient)})
	}
	w.run(c.ID, 250)
	want := seen{State: ticket.NotFiled, Reason: "transient", Raised: []string{ticket.MatterSIACRefused}}
	if diff := cmp.Diff(want, w.seen(c.ID)); diff != "" {
		t.Errorf("in the end (-want +got):\n%s", diff)
	}
	if spent := w.Clock().Sub(worker.Noon()); spent < 24*time.Hour || spent > 25*time.Hour || len(w.siac.posts) > 200 {
		t.Errorf("%d posts in %s", len(w.siac.posts), spent)
	}
	w.siac.script = nil
	now, err := w.Store.Ticket(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.Must(now.Escalate(worker.Ana(), ticket.DefaultPolicy(), w.Clock()))
	w.run(c.ID, 5)
	if got := w.seen(c.ID); got.State != ticket.Filed || len(w.siac.folios(c.Number)) != 1 {
		t.Errorf("sent again by hand: %+v", got)
	}
}

// What is no message of this worker goes where a person looks.
func TestHandle_Poison(t *testing.T) {
	newWorld(t).RefusesPoison(outbox.Publish, outbox.Verify, outbox.Notify, "siac.close")
}
