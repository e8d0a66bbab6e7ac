package relay_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/relay"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
)

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

// sent is one message given to a queue.
type sent struct {
	To    outbox.Worker // empty for the waiting queue
	Group string
	Dedup string
	Body  string
	Delay time.Duration
}

// queues keep what they were given; while down they take nothing.
type queues struct {
	mu   sync.Mutex
	all  []sent
	down error
}

func (q *queues) Work(_ context.Context, to outbox.Worker, m outbox.Message, body string) error {
	return q.take(sent{To: to, Group: m.Group, Dedup: m.Dedup(), Body: body})
}

func (q *queues) Wait(_ context.Context, body string, delay time.Duration) error {
	return q.take(sent{Body: body, Delay: delay})
}

func (q *queues) take(s sent) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.down != nil {
		return q.down
	}
	q.all = append(q.all, s)
	return nil
}

// crashing is a store before whose next commits the process ends.
type crashing struct {
	relay.Store
	crashes int
}

func (c *crashing) Commit(ctx context.Context, change ticket.Change) error {
	if c.crashes > 0 {
		c.crashes--
		return fault.New(fault.Transient, "test", errors.New("crash"))
	}
	return c.Store.Commit(ctx, change)
}

type world struct {
	*testing.T
	store  *dynamo.Store
	queues *queues
	relay  *relay.Relay
	crash  *crashing
}

func newWorld(t *testing.T) *world {
	e := engine.Start(t)
	work, bitacora := e.Tables(t)
	w := &world{T: t, queues: &queues{}, store: dynamo.New(dynamo.Config{Client: e.Client, Table: work, Bitacora: bitacora, Clock: noon})}
	w.crash = &crashing{Store: w.store}
	w.relay = relay.New(w.queues, w.crash)
	return w
}

// plan puts a message into the outbox.
func (w *world) plan(id string, topic outbox.Topic, due time.Time) outbox.Message {
	w.Helper()
	m := outbox.New(id, topic, "01T", "r000001", "conv", due)
	if err := w.store.Commit(w.Context(), ticket.Change{Send: []outbox.Message{m}}); err != nil {
		w.Fatal(err)
	}
	return m
}

// due counts the messages that nobody handed over yet, whenever they are due.
func (w *world) due() int {
	w.Helper()
	all, err := w.store.Due(w.Context(), noon().AddDate(1, 0, 0), 0)
	if err != nil {
		w.Fatal(err)
	}
	return len(all)
}

// What is due now goes to its worker, what is due soon to the queue that waits, and what is due later nowhere.
func TestHandle_ByTime(t *testing.T) {
	tests := []struct {
		name   string
		topic  outbox.Topic
		in     time.Duration
		worker outbox.Worker
		delay  time.Duration
	}{
		{"due long ago", outbox.Publish, -48 * time.Hour, outbox.Deliver, 0},
		{"due now", outbox.Publish, 0, outbox.Deliver, 0},
		{"a look-up due now", outbox.Verify, 0, outbox.Deliver, 0},
		{"a filing due now", outbox.File, 0, outbox.Escalate, 0},
		{"a check due now", outbox.Check, 0, outbox.Escalate, 0},
		{"due in a moment", outbox.Publish, time.Millisecond, "", time.Millisecond},
		{"due in ten seconds", outbox.Publish, 10 * time.Second, "", 10 * time.Second},
		{"due in exactly a quarter of an hour", outbox.File, outbox.Soon, "", outbox.Soon},
		{"due just later", outbox.File, outbox.Soon + time.Millisecond, "nobody", 0},
		{"due tomorrow", outbox.Publish, 24 * time.Hour, "nobody", 0},
	}
	w := newWorld(t)
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.queues.all = nil
			m := w.plan("01T-"+string(rune('a'+i)), tt.topic, noon().Add(tt.in))
			waiting := w.due()
			if err := w.relay.Handle(t.Context(), noon(), m); err != nil {
				t.Fatal(err)
			}
			whole, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			var want []sent
			left := waiting
			switch tt.worker {
			case "":
				want = []sent{{Body: `{"ticket":"01T","id":"` + m.ID + `"}`, Delay: tt.delay}}
			case "nobody":
			default:
				want = []sent{{To: tt.worker, Group: "conv", Dedup: m.ID + ".1", Body: string(whole)}}
				left--
			}
			if diff := cmp.Diff(want, w.queues.all); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			if got := w.due(); got != left {
				t.Errorf("%d messages still to hand over, want %d", got, left)
			}
			if _, claimed, found, err := w.store.Message(t.Context(), m.Ref()); err != nil || !found || claimed {
				t.Errorf("a message lives until its work is done: found %t, claimed %t, %v", found, claimed, err)
			}
		})
	}
}

// A crash between the sending and the mark sends again under the same deduplication id, and loses nothing.
func TestHandle_CrashBetweenSendAndMark(t *testing.T) {
	w := newWorld(t)
	m := w.plan("01T-000001", outbox.Publish, noon())
	w.crash.crashes = 1
	if err := w.relay.Handle(t.Context(), noon(), m); !fault.Is(err, fault.Transient) {
		t.Fatalf("the crash is %v: the stream would go on", err)
	}
	if w.due() != 1 {
		t.Fatal("nobody would hand it over again")
	}
	if err := w.relay.Handle(t.Context(), noon().Add(time.Second), m); err != nil {
		t.Fatal(err)
	}
	if len(w.queues.all) != 2 || w.queues.all[0] != w.queues.all[1] {
		t.Errorf("sent %+v, want the same twice", w.queues.all)
	}
	if w.due() != 0 {
		t.Error("handed over, and still to hand over")
	}
}

// While the queue takes nothing, nothing is marked.
func TestHandle_QueueDown(t *testing.T) {
	w := newWorld(t)
	w.queues.down = fault.New(fault.Transient, "test", errors.New("down"))
	for _, m := range []outbox.Message{w.plan("01T-000001", outbox.Publish, noon()), w.plan("01T-000002", outbox.File, noon().Add(time.Minute))} {
		if err := w.relay.Handle(t.Context(), noon(), m); !fault.Is(err, fault.Transient) {
			t.Errorf("%s: %v", m.ID, err)
		}
	}
	if got := w.due(); got != 2 {
		t.Errorf("%d messages to hand over, want 2", got)
	}
}

// What was worked or cancelled between the sending and the mark is no failure, and does not come back to life.
func TestHandOver_GoneMeanwhile(t *testing.T) {
	w := newWorld(t)
	m := w.plan("01T-000001", outbox.Publish, noon())
	ref := m.Ref()
	if err := w.store.Commit(t.Context(), ticket.Change{Cancel: []outbox.Ref{ref}}); err != nil {
		t.Fatal(err)
	}
	if err := w.relay.HandOver(t.Context(), noon(), m); err != nil {
		t.Fatal(err)
	}
	if _, _, found, err := w.store.Message(t.Context(), ref); err != nil || found {
		t.Errorf("a cancelled message is back: %t, %v", found, err)
	}
}

// A topic nobody works is poison: it goes where a person looks, and nothing was sent.
func TestHandOver_UnknownTopic(t *testing.T) {
	w := newWorld(t)
	m := w.plan("01T-000001", "post.delete", noon())
	if err := w.relay.Handle(t.Context(), noon(), m); !fault.Is(err, fault.Poison) {
		t.Errorf("err = %v, want poison", err)
	}
	if len(w.queues.all) != 0 || w.due() != 1 {
		t.Errorf("sent %+v, %d to hand over", w.queues.all, w.due())
	}
}
