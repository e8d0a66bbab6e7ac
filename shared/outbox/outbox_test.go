package outbox_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/outbox"
)

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

func TestTopic_Worker(t *testing.T) {
	want := map[outbox.Topic]outbox.Worker{
		outbox.Publish: outbox.Deliver, outbox.Verify: outbox.Deliver, outbox.File: outbox.Escalate, outbox.Check: outbox.Escalate,
		outbox.Notify: outbox.Deliver, outbox.Act: outbox.Deliver, outbox.FetchItem: outbox.Fetch, outbox.CopyMedia: outbox.Fetch,
		outbox.Forget: outbox.Fetch, outbox.Connect: outbox.Fetch, outbox.Look: outbox.Fetch,
		outbox.Prepare: outbox.Deliver, outbox.Broadcast: outbox.Deliver, outbox.Confirm: outbox.Deliver, outbox.Lapse: outbox.Deliver,
	}
	for topic, worker := range want {
		if got, known := topic.Worker(); got != worker || !known {
			t.Errorf("%s is done by %q, %t; want %q", topic, got, known, worker)
		}
	}
	for _, topic := range []outbox.Topic{"", "post.delete", "POST.PUBLISH"} {
		if got, known := topic.Worker(); known || got != "" {
			t.Errorf("topic %q is done by %q", topic, got)
		}
	}
}

func TestNew(t *testing.T) {
	santiago := time.FixedZone("-03", -3*60*60)
	m := outbox.New("01T-000002", outbox.Publish, "01T", "r000002", "conv", noon().In(santiago))
	want := outbox.Message{
		V: 1, ID: "01T-000002", Topic: outbox.Publish, Ticket: "01T", Subject: "r000002", Group: "conv",
		Due: noon(), First: noon(), Attempt: 1,
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if m.Due.Location() != time.UTC {
		t.Errorf("due in %s", m.Due.Location())
	}
	if got := m.Ref(); got != (outbox.Ref{Ticket: "01T", ID: "01T-000002"}) {
		t.Errorf("Ref = %+v", got)
	}
}

// What follows from no case never passes for one, whatever the network calls its items.
func TestIsCase(t *testing.T) {
	for cause, want := range map[string]bool{
		"01KAPTV1BG0000000000000000": true, "": false, outbox.ItemCause("x", "1"): false, outbox.ItemCause("linkedin", "urn:li:comment:(a,b)"): false,
		outbox.ChannelCause("facebook/100"): false, outbox.ConnectionCause("abc"): false,
	} {
		m := outbox.New("m", outbox.FetchItem, cause, "", "g", noon())
		if got := outbox.IsCase(cause); got != want || (m.Case() == cause && cause != "") != want {
			t.Errorf("%q is a case: %t, of its message %q", cause, got, m.Case())
		}
	}
	if a, b := outbox.ItemCause("x", "1"), outbox.ItemCause("facebook", "1"); a == b {
		t.Errorf("items of two networks are both %q", a)
	}
}

// An attempt is a message of its own, whose name follows from the one before: decided twice, it is the same.
func TestMessage_Again(t *testing.T) {
	first := outbox.New("01T-000002", outbox.File, "01T", "", "conv", noon())
	second := first.Again(outbox.Check, noon().Add(time.Minute))
	third := second.Again(outbox.File, noon().Add(time.Hour))
	if diff := cmp.Diff(second, first.Again(outbox.Check, noon().Add(time.Minute))); diff != "" {
		t.Errorf("decided twice (-first +second):\n%s", diff)
	}
	want := []struct {
		m       outbox.Message
		id      string
		topic   outbox.Topic
		attempt int
		dedup   string
	}{
		{first, "01T-000002", outbox.File, 1, "01T-000002.1"},
		{second, "01T-000002~2", outbox.Check, 2, "01T-000002~2.2"},
		{third, "01T-000002~3", outbox.File, 3, "01T-000002~3.3"},
	}
	for _, w := range want {
		if w.m.ID != w.id || w.m.Topic != w.topic || w.m.Attempt != w.attempt || w.m.Dedup() != w.dedup || !w.m.First.Equal(noon()) {
			t.Errorf("message = %+v dedup %s, want %s %s attempt %d dedup %s", w.m, w.m.Dedup(), w.id, w.topic, w.attempt, w.dedup)
		}
	}
}

func TestMessage_AgainNeverRepeatsAName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.StringMatching(`[0-9A-Z]{26}-[0-9]{6}`).Draw(t, "id")
		m := outbox.New(base, outbox.Publish, base[:26], "r000001", "conv", noon())
		ids, dedups := map[string]bool{m.ID: true}, map[string]bool{m.Dedup(): true}
		for n := range rapid.IntRange(1, 150).Draw(t, "attempts") {
			topic := rapid.SampledFrom([]outbox.Topic{outbox.Publish, outbox.Verify}).Draw(t, "topic")
			m = m.Again(topic, noon().Add(time.Duration(n)*time.Minute))
			if ids[m.ID] || dedups[m.Dedup()] || !strings.HasPrefix(m.ID, base+"~") {
				t.Fatalf("attempt %d is called %s, dedup %s", m.Attempt, m.ID, m.Dedup())
			}
			if len(m.Dedup()) > 128 { // what SQS takes as a deduplication id
				t.Fatalf("deduplication id of %d characters", len(m.Dedup()))
			}
			ids[m.ID], dedups[m.Dedup()] = true, true
		}
	})
}

// Workers read what older versions wrote.
func TestMessage_Stored(t *testing.T) {
	const stored = `{"v":1,"id":"01T-000002~2","topic":"post.verify","ticket":"01T","subject":"r000002","group":"conv",` +
		`"due":"2026-11-23T15:00:05Z","first":"2026-11-23T15:00:00Z","attempt":2}`
	var m outbox.Message
	if err := json.Unmarshal([]byte(stored), &m); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(m)
	if err != nil || string(raw) != stored {
		t.Errorf("written again: %s, %v", raw, err)
	}
}

func TestBackoff(t *testing.T) {
	whole := []time.Duration{
		time.Second, 4 * time.Second, 16 * time.Second, 64 * time.Second, 256 * time.Second, 15 * time.Minute, 15 * time.Minute,
	}
	for i, want := range whole {
		low, high := outbox.Backoff(i+1, 0), outbox.Backoff(i+1, 0.999999)
		if low != want/2 || high < want*99/100 || high >= want {
			t.Errorf("attempt %d waits %s to %s, want half of %s to nearly all of it", i+1, low, high, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n, jitter := rapid.IntRange(-5, 1<<40).Draw(t, "attempt"), rapid.Float64Range(0, 0.9999).Draw(t, "jitter")
		got := outbox.Backoff(n, jitter)
		if got < time.Second/2 || got >= outbox.Soon {
			t.Errorf("attempt %d waits %s", n, got)
		}
		if next := outbox.Backoff(n+1, jitter); next < got {
			t.Errorf("attempt %d waits %s and the next %s", n, got, next)
		}
	})
}
