package relay_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/relay"
	"sence.gob.cl/gestor/shared/unit"
)

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

// sent is one thing the relay gave to a queue.
type sent struct {
	To    outbox.Worker // empty for the waiting queue
	Group string
	Dedup string
	Body  string
	Delay time.Duration
}

// queues remember what they were given, unless they are down.
type queues struct {
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
	if q.down != nil {
		return q.down
	}
	q.all = append(q.all, s)
	return nil
}

func message(topic outbox.Topic, due time.Time) outbox.Message {
	return outbox.New("01T-000001", topic, "01T", "r000001", "conv", due)
}

// What is due goes to its worker, what is due soon waits with its address only, what is due later is left to the sweep.
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
		{"a notice due now", outbox.Notify, 0, outbox.Deliver, 0},
		{"a filing due now", outbox.File, 0, outbox.Escalate, 0},
		{"a check due now", outbox.Check, 0, outbox.Escalate, 0},
		{"an act due now", outbox.Act, 0, outbox.Deliver, 0},
		{"an item to read", outbox.FetchItem, 0, outbox.Fetch, 0},
		{"media to keep", outbox.CopyMedia, 0, outbox.Fetch, 0},
		{"words to forget", outbox.Forget, 0, outbox.Fetch, 0},
		{"a connection to go on with", outbox.Connect, 0, outbox.Fetch, 0},
		{"media to bring ahead", outbox.Prepare, 0, outbox.Deliver, 0},
		{"a post to publish", outbox.Broadcast, 0, outbox.Deliver, 0},
		{"a post to read back", outbox.Confirm, 0, outbox.Deliver, 0},
		{"a post nobody approved", outbox.Lapse, 0, outbox.Deliver, 0},
		{"an account to look at", outbox.Look, 0, outbox.Fetch, 0},
		{"due in a moment", outbox.Publish, time.Millisecond, "", time.Millisecond},
		{"due in ten seconds", outbox.Publish, 10 * time.Second, "", 10 * time.Second},
		{"due in exactly a quarter of an hour", outbox.File, outbox.Soon, "", outbox.Soon},
		{"due just later", outbox.File, outbox.Soon + time.Millisecond, "nobody", 0},
		{"due tomorrow", outbox.Publish, 24 * time.Hour, "nobody", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := &queues{}
			m := message(tt.topic, noon().Add(tt.in))
			if err := relay.New(q).Handle(t.Context(), noon(), m); err != nil {
				t.Fatal(err)
			}
			whole, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			var want []sent
			switch tt.worker {
			case "":
				want = []sent{{Body: `{"ticket":"01T","id":"01T-000001"}`, Delay: tt.delay}}
			case "nobody":
			default:
				want = []sent{{To: tt.worker, Group: "conv", Dedup: "01T-000001.1", Body: string(whole)}}
			}
			if diff := cmp.Diff(want, q.all); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}

// What follows from no case is handed over like all else, and its line names no case.
func TestHandle_NoCase(t *testing.T) {
	for _, in := range []time.Duration{0, time.Minute} {
		q := &queues{}
		m := outbox.New("item-1", outbox.FetchItem, outbox.ItemCause("linkedin", "urn:li:comment:(urn:li:activity:1,2)"), "", "g", noon().Add(in))
		ctx, w := unit.Begin(t.Context(), "")
		if err := relay.New(q).Handle(ctx, noon(), m); err != nil {
			t.Fatal(err)
		}
		var ref outbox.Ref
		if err := json.Unmarshal([]byte(q.all[0].Body), &ref); err != nil || ref != m.Ref() {
			t.Errorf("handed over as %s (%v)", q.all[0].Body, err)
		}
		if f := w.Facts(); len(f.Tickets) != 0 || !slices.Equal(f.Causes, []string{"item"}) {
			t.Errorf("noted %+v", f)
		}
	}
}

// A queue that refuses is the stream's to try again.
func TestHandle_QueueDown(t *testing.T) {
	q := &queues{down: fault.New(fault.Transient, "test", errors.New("down"))}
	for _, m := range []outbox.Message{message(outbox.Publish, noon()), message(outbox.File, noon().Add(time.Minute))} {
		if err := relay.New(q).Handle(t.Context(), noon(), m); !fault.Is(err, fault.Transient) {
			t.Errorf("%s: %v", m.Topic, err)
		}
	}
}

// A topic nobody works is poison: the stream must not wait for it.
func TestHandOver_UnknownTopic(t *testing.T) {
	q := &queues{}
	if err := relay.New(q).Handle(t.Context(), noon(), message("post.delete", noon())); !fault.Is(err, fault.Poison) {
		t.Errorf("err = %v, want poison", err)
	}
	if len(q.all) != 0 {
		t.Errorf("sent %+v", q.all)
	}
}
