package intake_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

func (w *world) verify(history []audit.Entry) {
	w.Helper()
	if err := audit.Verify(history); err != nil {
		w.Error(err)
	}
}

// An item is a mention once, however often and however batched it comes.
func TestHandle_OneItemOneMention(t *testing.T) {
	w := newWorld(t)
	items := []mention.Event{
		said("80000001", "i1", reclamo), said("80000002", "i2", consulta), said("80000003", "i3", felicitacion),
		said("80000001", "i4", consulta, at(noon().Add(-5*time.Minute))),
	}
	for range 5 {
		w.hears(items...)
	}
	for _, e := range items { // each alone
		w.hears(e)
	}
	w.hears(append(slices.Clone(items), items...)...) // all twice in one delivery
	shuffled := slices.Clone(items)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	w.hears(shuffled...)
	if got := []int{w.count("T"), w.count("M#"), w.count("OPEN"), w.count("N")}; !slices.Equal(got, []int{3, 4, 3, 3}) {
		t.Errorf("cases, mentions, conversations, numbers = %v, want 3 4 3 3", got)
	}
	first := w.must("i1")
	if diff := cmp.Diff(sorted([]string{consulta, reclamo}), texts(first)); diff != "" || first.Ticket.Mentions != 2 {
		t.Errorf("%d mentions (-want +got):\n%s", first.Ticket.Mentions, diff)
	}
	if diff := cmp.Diff([]string{"ticket.opened", "mention.added"}, w.kinds(first.Ticket.ID)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

func sorted(in []string) []string {
	slices.Sort(in)
	return in
}

// The same item in sixteen hands at once is one mention, and so are sixteen items of one conversation one case.
func TestHandle_SixteenAtOnce(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			w.hears(said("80000001", "mismo", reclamo))
			w.hears(said("80000002", fmt.Sprintf("uno-%02d", n), consulta))
		})
	}
	all.Wait()
	one, many := w.must("mismo"), w.must("uno-00")
	if one.Ticket.Mentions != 1 || len(one.Mentions) != 1 || one.Ticket.Version != 1 {
		t.Errorf("the same item: %d mentions, version %d", len(one.Mentions), one.Ticket.Version)
	}
	if many.Ticket.Mentions != 16 || len(many.Mentions) != 16 {
		t.Errorf("sixteen items of one conversation: %d mentions, %d counted", len(many.Mentions), many.Ticket.Mentions)
	}
	w.kinds(many.Ticket.ID)
	if got := w.count("T"); got != 2 {
		t.Errorf("%d cases, want 2", got)
	}
}

// A crash at any commit loses nothing: what comes again ends as if nothing had happened.
func TestHandle_CrashAtAnyCommit(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		run := w.made.Add(1)
		key := func(n int) string { return fmt.Sprintf("c%d-%d", run, n) }
		var events []mention.Event
		for n := range rapid.IntRange(1, 4).Draw(rt, "items") {
			person := fmt.Sprintf("8%07d%d", run, rapid.IntRange(0, 1).Draw(rt, "person"))
			events = append(events, said(person, key(n), consulta, at(noon().Add(-time.Duration(9-n)*time.Minute))))
		}
		crashes := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 4).Draw(rt, "crash before commit")
		var mu sync.Mutex
		n := 0
		w.set(func(ticket.Change) error {
			mu.Lock()
			defer mu.Unlock()
			n++
			if slices.Contains(crashes, n-1) {
				return fault.New(fault.Transient, "test", errors.New("crash"))
			}
			return nil
		})
		w.hears(events...)
		w.hears(events...)
		w.set(nil)
		people := map[string]int{}
		for i, e := range events {
			s := w.must(key(i))
			if got := len(s.Mentions); got != s.Ticket.Mentions {
				rt.Fatalf("case of item %d has %d mentions and counts %d", i, got, s.Ticket.Mentions)
			}
			people[e.Author.ID] = len(s.Mentions)
		}
		total := 0
		for _, mentions := range people {
			total += mentions
		}
		if total != len(events) {
			rt.Fatalf("%d mentions of %d items", total, len(events))
		}
	})
}

func (w *world) set(commit func(ticket.Change) error) {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	w.store.commit = commit
}

// While one item of a delivery fails for a passing reason, the delivery must come back, whatever else failed in it: a
// kind that is acknowledged may never hide one that is not.
func TestHandle_FailsWhileAnItemIsNotStored(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Invalid, fault.Denied, fault.NotFound, fault.Permanent, fault.Poison} {
		w := newWorld(t)
		w.set(func(c ticket.Change) error {
			switch {
			case c.Seen != nil && c.Seen.Key == "i1":
				return fault.New(kind, "test", nil)
			case c.Seen != nil && c.Seen.Key == "i3":
				return fault.New(fault.Transient, "test", nil)
			}
			return nil
		})
		err := w.worker.Handle(context.Background(), noon(), delivery(noon(),
			said("80000001", "i1", consulta), said("80000002", "i2", consulta), said("80000003", "i3", consulta)))
		switch fault.Of(err) {
		case fault.Transient, fault.Permanent, fault.Poison: // these come back
		default:
			t.Errorf("beside %s: %v (%s), and the delivery is gone", kind, err, fault.Of(err))
		}
		if _, stored := w.story("i2"); !stored {
			t.Errorf("beside %s: the neighbour was not stored", kind)
		}
		w.set(func(c ticket.Change) error {
			if c.Seen != nil && c.Seen.Key == "i1" {
				return fault.New(kind, "test", nil)
			}
			return nil
		})
		err = w.worker.Handle(context.Background(), noon(), delivery(noon(), said("80000001", "i1", consulta)))
		if got := fault.Of(err); got == fault.Duplicate || got == fault.Invalid || got == fault.Denied || got == fault.NotFound {
			t.Errorf("an item that was not stored ends as %s: acknowledged and lost", got)
		}
	}
}
