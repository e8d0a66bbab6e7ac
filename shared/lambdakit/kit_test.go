package lambdakit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/mention"
)

// timeout is the configured timeout of the functions under test.
const timeout = 30 * time.Second

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

// invocation is a context as the Lambda runtime makes it: it ends at the deadline of the platform's clock, which is not
// this machine's.
type invocation struct {
	context.Context
	deadline time.Time
}

func (i invocation) Deadline() (time.Time, bool) { return i.deadline, true }

// invoked begins an invocation at the instant.
func invoked(t *testing.T, at time.Time) context.Context {
	return invocation{t.Context(), at.Add(timeout)}
}

// logbook is a log in memory.
type logbook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logbook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logbook) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// lines gives every line of the log as JSON.
func (b *logbook) lines(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, line := range strings.Split(strings.TrimSpace(b.text()), "\n") {
		if line == "" {
			continue
		}
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("log line %q: %v", line, err)
		}
		all = append(all, one)
	}
	return all
}

func newKit() (*lambdakit.Kit, *logbook) {
	book := &logbook{}
	return lambdakit.New(slog.New(slog.NewJSONHandler(book, &slog.HandlerOptions{Level: slog.LevelDebug})), timeout), book
}

// Now is when the invocation began by the platform's clock: its deadline less the function's timeout.
func TestKit_NowIsTheDeadlineLessTheTimeout(t *testing.T) {
	kit, _ := newKit()
	santiago := time.FixedZone("-03", -3*60*60)
	var got time.Time
	handle := kit.Queue("unit", func(_ context.Context, now time.Time, _ lambdakit.Message) error {
		got = now
		return nil
	})
	if _, err := handle(invoked(t, noon().In(santiago)), sqsEvent(queued("m1", "", 1))); err != nil {
		t.Fatal(err)
	}
	if !got.Equal(noon()) || got.Location() != time.UTC {
		t.Errorf("now = %s, want %s", got, noon())
	}
}

// Without a deadline nobody knows the time: nothing may be worked.
func TestKit_WithoutADeadline(t *testing.T) {
	kit, _ := newKit()
	never := func(context.Context, time.Time, lambdakit.Message) error {
		t.Error("worked without a clock")
		return nil
	}
	if _, err := kit.Queue("unit", never)(t.Context(), sqsEvent(queued("m1", "", 1))); err == nil {
		t.Error("Queue: no error")
	}
	if _, err := kit.Parallel("unit", 2, never)(t.Context(), sqsEvent(queued("m1", "", 1))); err == nil {
		t.Error("Parallel: no error")
	}
	stream := kit.Stream("unit", func(context.Context, time.Time, lambdakit.Record) error {
		t.Error("worked without a clock")
		return nil
	})
	if _, err := stream(t.Context(), streamEvent("1")); err == nil {
		t.Error("Stream: no error")
	}
}

// One line for each unit of work, at the level its end deserves.
func TestKit_OneLineForEachUnit(t *testing.T) {
	tests := []struct {
		err            error
		level, outcome string
	}{
		{nil, "INFO", "ok"},
		{fault.New(fault.Duplicate, "a.Op", nil), "INFO", "duplicate"},
		{fault.New(fault.Conflict, "a.Op", nil), "INFO", "conflict"},
		{fault.New(fault.Transient, "a.Op", nil), "WARN", "transient"},
		{fault.New(fault.Invalid, "a.Op", nil), "INFO", "invalid"},
		{fault.New(fault.Denied, "a.Op", nil), "WARN", "denied"},
		{fault.New(fault.Permanent, "a.Op", nil), "ERROR", "permanent"},
		{fault.New(fault.Poison, "a.Op", nil), "ERROR", "poison"},
		{fault.New(fault.Uncertain, "a.Op", nil), "ERROR", "uncertain"},
		{fault.New(fault.NotFound, "a.Op", nil), "INFO", "not_found"},
		{errors.New("of nobody"), "ERROR", "unknown"},
		{fmt.Errorf("outer: %w", fault.New(fault.Transient, "a.Op", nil)), "WARN", "transient"},
	}
	for _, tt := range tests {
		t.Run(tt.outcome, func(t *testing.T) {
			kit, book := newKit()
			_, err := kit.Queue("reply", func(context.Context, time.Time, lambdakit.Message) error { return tt.err })(
				invoked(t, noon()), sqsEvent(queued("m1", "", 3)))
			if err != nil {
				t.Fatal(err)
			}
			lines := book.lines(t)
			if len(lines) != 1 {
				t.Fatalf("%d lines: %s", len(lines), book.text())
			}
			got := lines[0]
			if got["level"] != tt.level || got["outcome"] != tt.outcome || got["unit"] != "reply" || got["message_id"] != "m1" || got["received"] != 3.0 {
				t.Errorf("line = %v, want %s %s", got, tt.level, tt.outcome)
			}
			if _, has := got["error"]; has != (tt.err != nil) {
				t.Errorf("line = %v", got)
			}
		})
	}
}

// An alert is for somebody to see at once; all else is counted.
func TestKit_CountEvent(t *testing.T) {
	kit, book := newKit()
	words := mention.Event{
		Outcome: mention.Alert, Network: mention.Facebook, Kind: mention.Other, Reason: mention.ReasonBlocked, Key: "clave-ficticia",
		Text: "palabras de la red", Author: &mention.Author{ID: "80000001", Name: "Persona Ficticia"},
	}
	kit.CountEvent(t.Context(), words)
	words.Outcome, words.Reason = mention.Interaction, ""
	kit.CountEvent(t.Context(), words)
	lines := book.lines(t)
	if len(lines) != 2 || lines[0]["level"] != "ERROR" || lines[1]["level"] != "INFO" {
		t.Fatalf("lines = %v", lines)
	}
	if lines[0]["network"] != "facebook" || lines[0]["outcome"] != "alert" || lines[0]["reason"] != mention.ReasonBlocked || lines[0]["kind"] != "other" {
		t.Errorf("alert = %v", lines[0])
	}
	for _, secret := range []string{"clave-ficticia", "palabras", "80000001", "Persona"} {
		if strings.Contains(book.text(), secret) {
			t.Errorf("the log says %q", secret)
		}
	}
}
