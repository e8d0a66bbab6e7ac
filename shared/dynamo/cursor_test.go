package dynamo

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

func TestCursor_ReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.StringMatching(`[^|]*`).Draw(t, "first")
		last := rapid.String().Draw(t, "last")
		got, err := decodeCursor("op", encodeCursor(cursorList, first, last), cursorList, 2)
		if err != nil || got[0] != first || got[1] != last {
			t.Fatalf("decodeCursor = %q, %v; want %q, %q", got, err, first, last)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(encodeCursor(cursorMore, "2026-11-30T22:05:06.007Z", "2026-11-30T22:05:06.007Z", "2026-11-30T22:05:06.007Z#01T#1"))
	f.Add(encodeCursor(cursorChanges, "2026-11-30T22:05:06.007Z"))
	f.Add(encodeCursor(cursorAttention, "2026-11-30T22:05:06.007Z#01T#a"))
	f.Add("")
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, cursor string) {
		if way, err := begin("op", cursor, now); err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("begin: %v", err)
			}
		} else if _, err := time.Parse(day, way.from[:len(day)]); err != nil {
			t.Errorf("begin takes %q, which begins on no day", cursor)
		}
		if _, err := position("op", cursor, cursorAttention); err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("position: %v", err)
		}
	})
}

// What a finished sweep may count as read: the newest instant met, but nothing after the sweep began; and in silence, the
// clock at a distance.
func TestSweep_End(t *testing.T) {
	began := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name        string
		newest, now time.Time
		want        time.Time
	}{
		{"the newest", began.Add(-30 * time.Second), began, began.Add(-30 * time.Second)},
		{"a long sweep counts from its beginning", began.Add(4 * time.Minute), began.Add(5 * time.Minute), began},
		{"entries ahead of the clock are told again", began.Add(time.Hour), began, began},
		{"silence", began.Add(-time.Hour), began, began.Add(-ticket.ChangeOverlap)},
		{"silence through a long sweep", began.Add(-time.Hour), began.Add(time.Hour), began.Add(-time.Hour)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := sweep{started: began, newest: tt.newest}
			parts, err := decodeCursor("op", w.end(nil, tt.now), cursorChanges, 1)
			if err != nil || parts[0] != at(tt.want) {
				t.Errorf("end = %v, %v; want %s", parts, err, at(tt.want))
			}
		})
	}
}
