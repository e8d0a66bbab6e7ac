package post_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

func almanac(t *testing.T, more ...calendar.Period) *calendar.Almanac {
	t.Helper()
	a, err := calendar.LoadAlmanac(more...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func locals(slots []post.Slot) []string {
	var out []string
	for _, s := range slots {
		out = append(out, s.Local)
	}
	return out
}

func TestNextSlots(t *testing.T) {
	pause := calendar.Period{
		Kind: calendar.Pausa, Name: "Emergencia", From: calendar.Date{Year: 2026, Month: 12, Day: 1}, To: calendar.Date{Year: 2026, Month: 12, Day: 3}, Blocks: true,
	}
	open := pause
	open.Blocks = false
	for _, tt := range []struct {
		name    string
		network mention.Network
		from    string
		taken   []string
		n       int
		more    []calendar.Period
		want    []string
	}{
		{"the next ones", mention.X, "2026-12-01T10:00:00-03:00", nil, 3, nil, []string{"2026-12-01T12:00", "2026-12-01T17:30", "2026-12-02T08:30"}},
		{"not the one that is now", mention.X, "2026-12-01T12:00:00-03:00", nil, 1, nil, []string{"2026-12-01T17:30"}},
		{"over a weekend", mention.X, "2026-12-11T17:00:00-03:00", nil, 1, nil, []string{"2026-12-14T08:30"}},
		{"over a holiday", mention.WhatsApp, "2026-12-07T12:00:00-03:00", nil, 1, nil, []string{"2026-12-09T11:00"}},
		{"over what is taken, or nearly", mention.X, "2026-12-01T10:00:00-03:00", []string{"2026-12-01T12:00:00-03:00", "2026-12-01T17:01:00-03:00"}, 1, nil, []string{"2026-12-02T08:30"}},
		{"half an hour apart is free", mention.X, "2026-12-01T10:00:00-03:00", []string{"2026-12-01T12:30:00-03:00", "2026-12-01T11:30:00-03:00"}, 1, nil, []string{"2026-12-01T12:00"}},
		{"over a pause", mention.WhatsApp, "2026-12-01T08:00:00-03:00", nil, 1, []calendar.Period{pause}, []string{"2026-12-04T11:00"}},
		{"in one that stops nothing", mention.WhatsApp, "2026-12-01T08:00:00-03:00", nil, 1, []calendar.Period{open}, []string{"2026-12-01T11:00"}},
		{"over a campaign and what follows it", mention.WhatsApp, "2028-08-29T12:00:00-04:00", nil, 1, nil, []string{"2028-10-30T11:00"}},
		{"the zone says which day it is", mention.WhatsApp, "2026-12-02T02:00:00Z", nil, 1, nil, []string{"2026-12-02T11:00"}},
		{"none asked", mention.X, "2026-12-01T10:00:00-03:00", nil, 0, nil, nil},
		{"fewer than asked where the calendar ends", mention.WhatsApp, "2028-12-28T12:00:00-03:00", nil, 5, nil, []string{"2028-12-29T11:00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var taken []time.Time
			for _, s := range tt.taken {
				taken = append(taken, instant(t, s))
			}
			got, err := post.NextSlots(tt.network, taken, instant(t, tt.from), tt.n, almanac(t, tt.more...))
			if diff := cmp.Diff(tt.want, locals(got)); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
	got, err := post.NextSlots(mention.X, nil, instant(t, "2027-01-04T10:00:00-03:00"), 1, almanac(t))
	want := []post.Slot{{Network: mention.X, At: instant(t, "2027-01-04T15:00:00Z"), Local: "2027-01-04T12:00", Zone: "America/Santiago"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if got, err := post.NextSlots(mention.X, nil, instant(t, "2040-01-04T10:00:00-03:00"), 1, almanac(t)); !errors.Is(err, calendar.ErrOutsideTable) {
		t.Errorf("%v, %v", got, err)
	}
}

// A slot in the hour that is missing is passed over.
func TestSlotTable_MissingHour(t *testing.T) {
	table, err := post.LoadSlots()
	if err != nil {
		t.Fatal(err)
	}
	table.Networks[mention.X] = map[string][]string{"sun": {"00:30"}}
	got, err := table.Next(mention.X, nil, instant(t, "2026-08-30T12:00:00-04:00"), 2, almanac(t))
	if diff := cmp.Diff([]string{"2026-09-13T00:30", "2026-09-20T00:30"}, locals(got)); err != nil || diff != "" {
		// The 20th is a Sunday after the holidays of September.
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestNextSlots_Properties(t *testing.T) {
	a := almanac(t)
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.SampledFrom(mention.Networks()).Draw(r, "network")
		from := time.Date(2026, 12, 1, 0, rapid.IntRange(0, 365*24*60).Draw(r, "minute"), 0, 0, time.UTC)
		var taken []time.Time
		for _, m := range rapid.SliceOfN(rapid.IntRange(0, 20*24*60), 0, 20).Draw(r, "taken") {
			taken = append(taken, from.Add(time.Duration(m)*time.Minute))
		}
		count := rapid.IntRange(1, 60).Draw(r, "count")
		got, err := post.NextSlots(n, taken, from, count, a)
		if err != nil || len(got) != min(count, post.MaxSlots) {
			r.Fatalf("%d slots, %v", len(got), err)
		}
		for i, s := range got {
			d := calendar.DateOf(s.At, a.Calendar.Zone())
			special, err := a.Days(d, d)
			if err != nil || len(special) > 0 || !s.At.After(from) || s.Network != n || calendar.Wall(s.At, a.Calendar.Zone()) != s.Local {
				r.Fatalf("%+v on %v, %v", s, special, err)
			}
			if i > 0 && !s.At.After(got[i-1].At) || slices.ContainsFunc(taken, func(x time.Time) bool { return x.Sub(s.At).Abs() < 30*time.Minute }) {
				r.Fatalf("%+v", s)
			}
			taken = append(taken, s.At)
		}
	})
}

func TestParseSlots_Refused(t *testing.T) {
	for _, table := range []string{
		``, `{}`, `{"zone":"America/Atlantis"}`, `{"zone":"America/Santiago","networks":{"x":{}}}`,
		`{"zone":"America/Santiago","networks":{"facebook":{"lun":[]},"instagram":{},"x":{},"linkedin":{},"whatsapp":{}}}`,
		`{"zone":"America/Santiago","networks":{"facebook":{"mon":["10:00","09:00"]},"instagram":{},"x":{},"linkedin":{},"whatsapp":{}}}`,
		`{"zone":"America/Santiago","networks":{"facebook":{"mon":["25:00"]},"instagram":{},"x":{},"linkedin":{},"whatsapp":{}}}`,
	} {
		if got, err := post.ParseSlots([]byte(table)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, %v", table, got, err)
		}
	}
}
