package dynamo

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/fault"
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
