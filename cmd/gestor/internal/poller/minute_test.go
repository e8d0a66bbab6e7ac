package poller

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sence.gob.cl/gestor/cmd/gestor/internal/lambda"
)

func TestPoller_Fire(t *testing.T) {
	var payload []byte
	failure := ""
	p, _ := run(t, Config{
		EveryMinute: []Minute{{Function: "tick", Rule: "MinuteRule"}},
		Invoke: func(_ context.Context, name string, in []byte) (lambda.Result, error) {
			if name != "tick" {
				t.Errorf("function %q was invoked", name)
			}
			payload = in
			return lambda.Result{FunctionError: failure, Payload: []byte(`{"errorType":"X"}`)}, nil
		},
	})
	at := time.Date(2026, 12, 1, 9, 30, 15, 0, time.FixedZone("CLST", -3*3600))
	if err := p.Fire(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	var got events.EventBridgeEvent
	if err := json.Unmarshal(payload, &got); err != nil {
		t.Fatal(err)
	}
	want := events.EventBridgeEvent{
		Version: "0", DetailType: "Scheduled Event", Source: "aws.events", AccountID: "000000000000",
		Time: time.Date(2026, 12, 1, 12, 30, 15, 0, time.UTC), Region: "us-east-1",
		Resources: []string{"arn:aws:events:us-east-1:000000000000:rule/MinuteRule"}, Detail: json.RawMessage(`{}`),
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(events.EventBridgeEvent{}, "ID")); diff != "" {
		t.Error(diff)
	}
	if len(got.ID) != 36 {
		t.Errorf("id %q, want a UUID", got.ID)
	}
	if want := `"time":"2026-12-01T12:30:15Z"`; !strings.Contains(string(payload), want) {
		t.Errorf("event %s lacks %s", payload, want)
	}

	failure = lambda.Unhandled
	if err := p.Fire(t.Context(), at); err == nil {
		t.Error("a function that failed: no error")
	}
	none, _ := run(t, Config{})
	if err := none.Fire(t.Context(), at); err == nil {
		t.Error("Fire without a rule: no error")
	}
}

// Two rules fire side by side, each its own function, and one that fails holds up no other.
func TestPoller_FireAll(t *testing.T) {
	var mu sync.Mutex
	rules := map[string]string{}
	both := make(chan struct{})
	p, _ := run(t, Config{
		EveryMinute: []Minute{{Function: "fetch", Rule: "LookRule"}, {Function: "tick", Rule: "MinuteRule"}},
		Invoke: func(_ context.Context, name string, in []byte) (lambda.Result, error) {
			var e events.EventBridgeEvent
			if err := json.Unmarshal(in, &e); err != nil {
				t.Error(err)
			}
			mu.Lock()
			rules[name] = e.Resources[0]
			if len(rules) == 2 {
				close(both)
			}
			mu.Unlock()
			<-both // neither ends before both have begun
			if name == "fetch" {
				return lambda.Result{FunctionError: lambda.Unhandled}, nil
			}
			return lambda.Result{}, nil
		},
	})
	if err := p.Fire(t.Context(), time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC)); err == nil || !strings.Contains(err.Error(), "fetch") {
		t.Errorf("a function that failed: %v", err)
	}
	want := map[string]string{"fetch": "arn:aws:events:us-east-1:000000000000:rule/LookRule", "tick": "arn:aws:events:us-east-1:000000000000:rule/MinuteRule"}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Error(diff)
	}
}

// The clock begins just before a full minute, so that the rule fires within milliseconds.
func TestMinute_firesOncePerMinuteOfTheLocalClock(t *testing.T) {
	start := time.Date(2026, 11, 21, 11, 59, 59, 990_000_000, time.UTC)
	wall := time.Now()
	got := make(chan time.Time, 10)
	_, stop := run(t, Config{
		Clock:       func() time.Time { return start.Add(time.Since(wall)) },
		EveryMinute: []Minute{{Function: "tick", Rule: "MinuteRule"}},
		Invoke: func(_ context.Context, _ string, in []byte) (lambda.Result, error) {
			var e events.EventBridgeEvent
			if err := json.Unmarshal(in, &e); err != nil {
				t.Error(err)
			}
			got <- e.Time
			return lambda.Result{}, nil
		},
	})
	if at := <-got; !at.Equal(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("fired for %s, want noon", at)
	}
	stop()
	if len(got) != 0 {
		t.Errorf("fired %d times more within the same minute", len(got))
	}
}
