package tick_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/relay"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/tick"
	"sence.gob.cl/gestor/shared/ticket"
)

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

// queues keep the ids handed over, in order, and refuse those of refuse.
type queues struct {
	mu     sync.Mutex
	ids    []string
	dedup  []string
	refuse map[string]bool
	taken  func(outbox.Ref) // what the worker does at once, if anything
}

func (q *queues) Work(_ context.Context, _ outbox.Worker, m outbox.Message, _ string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.refuse[m.ID] {
		return fault.New(fault.Transient, "test", errors.New("down"))
	}
	q.ids, q.dedup = append(q.ids, m.ID), append(q.dedup, m.Dedup())
	if q.taken != nil {
		q.taken(m.Ref())
	}
	return nil
}

func (q *queues) Wait(context.Context, string, time.Duration) error {
	return errors.New("what is ripe does not wait again")
}

type world struct {
	*testing.T
	store  *dynamo.Store
	crash  *crashing
	queues *queues
	tick   *tick.Tick
}

// crashing is the store, whose writes fail as often as asked: as if the function died before it marked a message.
type crashing struct {
	tick.Store
	crashes int
}

func (c *crashing) Commit(ctx context.Context, change ticket.Change) error {
	if c.crashes > 0 {
		c.crashes--
		return fault.New(fault.Transient, "test", errors.New("crash"))
	}
	return c.Store.Commit(ctx, change)
}

func newWorld(t *testing.T) *world {
	e := engine.Start(t)
	work, bitacora := e.Tables(t)
	w := &world{T: t, queues: &queues{}, store: dynamo.New(dynamo.Config{Client: e.Client, Table: work, Bitacora: bitacora, Clock: noon})}
	w.crash = &crashing{Store: w.store}
	w.tick = tick.New(w.crash, relay.New(w.queues))
	return w
}

// plan puts messages into the outbox, all in one step.
func (w *world) plan(all ...outbox.Message) {
	w.Helper()
	for len(all) > 0 {
		n := min(len(all), 100)
		if err := w.store.Commit(w.Context(), ticket.Change{Send: all[:n]}); err != nil {
			w.Fatal(err)
		}
		all = all[n:]
	}
}

func message(id string, due time.Time) outbox.Message {
	return outbox.New(id, outbox.Publish, "01T", "r000001", "conv", due)
}

func (w *world) left() int {
	w.Helper()
	all, err := w.store.Due(w.Context(), noon().AddDate(1, 0, 0), 5000)
	if err != nil {
		w.Fatal(err)
	}
	return len(all)
}

// A sweep takes what is due, oldest first, and nothing that is not; the same again has nothing left to do.
func TestSweep(t *testing.T) {
	w := newWorld(t)
	w.plan(message("c", noon()), message("a", noon().Add(-time.Hour)), message("d", noon().Add(time.Millisecond)),
		message("b", noon().Add(-time.Minute)), message("e", noon().Add(time.Hour)))
	for range 2 {
		if err := w.tick.Sweep(t.Context(), noon()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a", "b", "c"}, w.queues.ids); diff != "" {
			t.Errorf("handed over (-want +got):\n%s", diff)
		}
	}
	if err := w.tick.Sweep(t.Context(), noon().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, w.queues.ids); diff != "" {
		t.Errorf("an hour later (-want +got):\n%s", diff)
	}
}

// More than a page is handed over in one sweep, each once.
func TestSweep_Pages(t *testing.T) {
	const size = 1203 // two full pages and a rest
	w := newWorld(t)
	var all []outbox.Message
	want := map[string]int{}
	for n := range size {
		m := message(fmt.Sprintf("m%04d", n), noon().Add(-time.Duration(n%7)*time.Second))
		all, want[m.ID] = append(all, m), 1
	}
	w.plan(all...)
	if err := w.tick.Sweep(t.Context(), noon()); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, id := range w.queues.ids {
		got[id]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("handed over (-want +got):\n%s", diff)
	}
	if left := w.left(); left != 0 {
		t.Errorf("%d left", left)
	}
}

// One message that cannot be handed over holds up no other; the sweep says that it failed, and the next one tries again.
func TestSweep_OneFailure(t *testing.T) {
	w := newWorld(t)
	w.queues.refuse = map[string]bool{"b": true}
	poison := message("p", noon().Add(-time.Hour))
	poison.Topic = "post.delete"
	w.plan(poison, message("a", noon().Add(-2*time.Minute)), message("b", noon().Add(-time.Minute)), message("c", noon()))
	if err := w.tick.Sweep(t.Context(), noon()); err == nil {
		t.Error("a failed sweep says that all is well")
	}
	if diff := cmp.Diff([]string{"a", "c"}, w.queues.ids); diff != "" {
		t.Errorf("handed over (-want +got):\n%s", diff)
	}
	w.queues.refuse = nil
	if err := w.tick.Sweep(t.Context(), noon().Add(time.Minute)); !fault.Is(err, fault.Poison) {
		t.Errorf("the topic nobody works: %v", err)
	}
	if diff := cmp.Diff([]string{"a", "c", "b"}, w.queues.ids); diff != "" {
		t.Errorf("a minute later (-want +got):\n%s", diff)
	}
}

// A page of nothing but failures must not keep the sweep from what stands behind it.
func TestSweep_FailuresDoNotStarve(t *testing.T) {
	w := newWorld(t)
	var all []outbox.Message
	for n := range 500 {
		m := message(fmt.Sprintf("p%04d", n), noon().Add(-time.Hour))
		m.Topic = "post.delete"
		all = append(all, m)
	}
	w.plan(append(all, message("a", noon()))...)
	for range 3 {
		if err := w.tick.Sweep(t.Context(), noon()); !fault.Is(err, fault.Poison) {
			t.Fatalf("err = %v", err)
		}
	}
	if len(w.queues.ids) == 0 || w.queues.ids[0] != "a" {
		t.Errorf("handed over %v: the message behind a page of poison never leaves", w.queues.ids)
	}
}

// Two sweeps at once may hand a message over twice, but never under two deduplication ids.
func TestSweep_Twice(t *testing.T) {
	w := newWorld(t)
	var all []outbox.Message
	for n := range 40 {
		all = append(all, message(fmt.Sprintf("m%02d", n), noon()))
	}
	w.plan(all...)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := w.tick.Sweep(t.Context(), noon()); err != nil && !fault.Is(err, fault.Transient) {
				t.Errorf("Sweep: %v", err)
			}
		})
	}
	both.Wait()
	ids := map[string]bool{}
	for i, id := range w.queues.ids {
		if w.queues.dedup[i] != id+".1" {
			t.Errorf("%s under %s", id, w.queues.dedup[i])
		}
		ids[id] = true
	}
	if len(ids) != 40 || w.left() != 0 {
		t.Errorf("%d of 40 handed over, %d left", len(ids), w.left())
	}
}

// A message sent and not marked is sent again by the next sweep, under the id that the queue knows already. One that was
// marked is not, however long its worker takes; one that was worked meanwhile does not come back.
func TestSweep_CrashBetweenSendAndMark(t *testing.T) {
	w := newWorld(t)
	m := message("a", noon())
	w.plan(m)
	w.crash.crashes = 1
	if err := w.tick.Sweep(t.Context(), noon()); !fault.Is(err, fault.Transient) {
		t.Fatalf("the crash is %v", err)
	}
	for n := range 3 {
		if err := w.tick.Sweep(t.Context(), noon().Add(time.Duration(n+1)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"a.1", "a.1"}, w.queues.dedup); diff != "" {
		t.Errorf("handed over (-want +got):\n%s", diff)
	}
	if _, claimed, found, err := w.store.Message(t.Context(), m.Ref()); err != nil || !found || claimed {
		t.Errorf("a message lives until its work is done: found %t, claimed %t, %v", found, claimed, err)
	}
}

// A message whose worker is quicker than the mark stays gone.
func TestSweep_WorkedBeforeTheMark(t *testing.T) {
	w := newWorld(t)
	m := message("a", noon())
	w.plan(m)
	w.queues.taken = func(ref outbox.Ref) {
		if err := w.store.Commit(t.Context(), ticket.Change{Done: []outbox.Ref{ref}}); err != nil {
			t.Error(err)
		}
	}
	if err := w.tick.Sweep(t.Context(), noon()); err != nil {
		t.Fatal(err)
	}
	if _, _, found, err := w.store.Message(t.Context(), m.Ref()); err != nil || found {
		t.Errorf("a finished message is back: %t, %v", found, err)
	}
}

// What waited in the soon queue is handed over if it still exists.
func TestRipe(t *testing.T) {
	w := newWorld(t)
	kept, cancelled := message("kept", noon()), message("cancelled", noon())
	w.plan(kept, cancelled)
	if err := w.store.Commit(t.Context(), ticket.Change{Cancel: []outbox.Ref{cancelled.Ref()}}); err != nil {
		t.Fatal(err)
	}
	for _, m := range []outbox.Message{cancelled, kept, kept, {Ticket: "01T", ID: "never"}} {
		body, err := json.Marshal(m.Ref())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.tick.Ripe(t.Context(), string(body)); err != nil {
			t.Errorf("%s: %v", m.ID, err)
		}
	}
	if diff := cmp.Diff([]string{"kept.1", "kept.1"}, w.queues.dedup); diff != "" {
		t.Errorf("handed over (-want +got):\n%s", diff)
	}
	for _, body := range []string{"", "[]", `{"ticket":`, "no es JSON"} {
		if err := w.tick.Ripe(t.Context(), body); !fault.Is(err, fault.Poison) {
			t.Errorf("%q: %v", body, err)
		}
	}
}
