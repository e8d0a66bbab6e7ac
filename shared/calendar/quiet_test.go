package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/calendar"
)

func TestQuiet_Until(t *testing.T) {
	tests := []struct{ name, hours, now, until string }{ // until "": not quiet
		{"in the evening", "22:00-07:00", "2026-11-23T22:30:00-03:00", "2026-11-24T07:00:00-03:00"},
		{"at its first minute", "22:00-07:00", "2026-11-23T22:00:00-03:00", "2026-11-24T07:00:00-03:00"},
		{"after midnight", "22:00-07:00", "2026-11-24T03:00:00-03:00", "2026-11-24T07:00:00-03:00"},
		{"at its end", "22:00-07:00", "2026-11-24T07:00:00-03:00", ""},
		{"at noon", "22:00-07:00", "2026-11-24T12:00:00-03:00", ""},
		{"on the last day of a month", "22:00-07:00", "2026-11-30T23:59:59-03:00", "2026-12-01T07:00:00-03:00"},
		{"told in UTC", "22:00-07:00", "2026-11-24T01:30:00Z", "2026-11-24T10:00:00Z"},
		{"hours of the day", "13:00-14:30", "2026-11-24T13:10:00-03:00", "2026-11-24T14:30:00-03:00"},
		{"outside of them", "13:00-14:30", "2026-11-24T14:30:00-03:00", ""},
		{"the night that loses an hour", "22:00-07:00", "2026-09-05T23:30:00-04:00", "2026-09-06T07:00:00-03:00"},
		{"the night that gains one", "22:00-07:00", "2027-04-03T23:30:00-03:00", "2027-04-04T07:00:00-04:00"},
		{"no hours", "", "2026-11-24T03:00:00-03:00", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q, err := calendar.ParseQuiet(tt.hours)
			if err != nil {
				t.Fatal(err)
			}
			now, err := time.Parse(time.RFC3339, tt.now)
			if err != nil {
				t.Fatal(err)
			}
			got, quiet := q.Until(now)
			if quiet != (tt.until != "") {
				t.Fatalf("quiet = %t until %s", quiet, got)
			}
			if want, _ := time.Parse(time.RFC3339, tt.until); quiet && !got.Equal(want) {
				t.Errorf("until %s, want %s", got, want)
			}
		})
	}
}

func TestParseQuiet_Refuses(t *testing.T) {
	for _, text := range []string{"22:00", "22:00-22:00", "22-7", "25:00-07:00", "22:00-07:60", "22:00–07:00", "-", "22:00 07:00", "22:00-07:00 "} {
		if _, err := calendar.ParseQuiet(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// The end of quiet hours is ahead, within a day, and itself not quiet: what waits for it leaves.
func TestQuiet_Ends(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := rapid.Custom(func(t *rapid.T) string {
			return time.Date(2000, 1, 1, 0, rapid.IntRange(0, 24*60-1).Draw(t, "minute"), 0, 0, time.UTC).Format("15:04")
		})
		q, err := calendar.ParseQuiet(clock.Draw(t, "from") + "-" + clock.Draw(t, "to"))
		if err != nil {
			return // the same time twice
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, int64(3*365*24*time.Hour)).Draw(t, "now")))
		until, quiet := q.Until(now)
		if !quiet {
			return
		}
		if !until.After(now) || until.Sub(now) > 26*time.Hour {
			t.Fatalf("at %s until %s", now, until)
		}
		if later, still := q.Until(until); still && later.Sub(until) > time.Hour {
			t.Fatalf("at its end %s it is quiet until %s", until, later)
		}
	})
}
