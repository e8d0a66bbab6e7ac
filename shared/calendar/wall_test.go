package calendar

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/fault"
)

func TestResolve(t *testing.T) {
	for _, tt := range []struct {
		name, local, zone string
		later             bool
		want, second      string
	}{
		{"summer", "2026-12-01T09:00", "America/Santiago", false, "2026-12-01T12:00:00Z", ""},
		{"winter", "2026-07-01T09:00", "America/Santiago", false, "2026-07-01T13:00:00Z", ""},
		{"with seconds", "2026-12-01T09:00:30", "America/Santiago", false, "2026-12-01T12:00:30Z", ""},
		{"later means nothing on a plain day", "2026-12-01T09:00", "America/Santiago", true, "2026-12-01T12:00:00Z", ""},
		{"twice, the first", "2027-04-03T23:30", "America/Santiago", false, "2027-04-04T02:30:00Z", "2027-04-04T03:30:00Z"},
		{"twice, the second", "2027-04-03T23:30", "America/Santiago", true, "2027-04-04T03:30:00Z", "2027-04-04T03:30:00Z"},
		{"the first minute that repeats", "2027-04-03T23:00", "America/Santiago", false, "2027-04-04T02:00:00Z", "2027-04-04T03:00:00Z"},
		{"the minute before", "2027-04-03T22:59", "America/Santiago", false, "2027-04-04T01:59:00Z", ""},
		{"the minute after", "2027-04-04T00:00", "America/Santiago", false, "2027-04-04T04:00:00Z", ""},
		{"before the gap", "2026-09-05T23:59", "America/Santiago", false, "2026-09-06T03:59:00Z", ""},
		{"after the gap", "2026-09-06T01:00", "America/Santiago", false, "2026-09-06T04:00:00Z", ""},
		{"Magallanes has no gap", "2026-09-06T00:30", "America/Punta_Arenas", false, "2026-09-06T03:30:00Z", ""},
		{"nor does Aysén", "2026-09-06T00:30", "America/Coyhaique", false, "2026-09-06T03:30:00Z", ""},
		{"and nothing repeats there", "2027-04-03T23:30", "America/Coyhaique", false, "2027-04-04T02:30:00Z", ""},
		{"Rapa Nui repeats two hours before", "2027-04-03T21:30", "Pacific/Easter", true, "2027-04-04T03:30:00Z", "2027-04-04T03:30:00Z"},
		{"a zone of one offset", "2026-09-06T00:30", "UTC", false, "2026-09-06T00:30:00Z", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, fold, err := Resolve("publishAt", tt.local, zone(t, tt.zone), tt.later)
			if err != nil || at.Format(time.RFC3339) != tt.want || at.Location() != time.UTC {
				t.Errorf("%s, %v, want %s", at, err, tt.want)
			}
			if fold.Twice() != (tt.second != "") || fold.Twice() && fold.Second.Format(time.RFC3339) != tt.second {
				t.Errorf("fold %v, want %s", fold, tt.second)
			}
		})
	}
}

func TestResolve_Gap(t *testing.T) {
	for _, tt := range []struct{ local, zone, next, public string }{
		{
			"2026-09-06T00:30", "America/Santiago", "2026-09-06T01:00",
			"Esa noche se adelanta el reloj: las 00:30 del 6 de septiembre no existen. Elige 01:00 o más tarde.",
		},
		{
			"2026-09-06T00:00", "America/Santiago", "2026-09-06T01:00",
			"Esa noche se adelanta el reloj: las 00:00 del 6 de septiembre no existen. Elige 01:00 o más tarde.",
		},
		{
			"2026-09-05T22:59:59", "Pacific/Easter", "2026-09-05T23:00",
			"Esa noche se adelanta el reloj: las 22:59 del 5 de septiembre no existen. Elige 23:00 o más tarde.",
		},
		{
			"2026-03-29T01:30", "Europe/London", "2026-03-29T02:00",
			"Esa noche se adelanta el reloj: la 01:30 del 29 de marzo no existe. Elige 02:00 o más tarde.",
		},
	} {
		at, fold, err := Resolve("publishAt", tt.local, zone(t, tt.zone), true)
		var f *fault.Error
		var gap *Gap
		if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Field != "publishAt" || f.Public != tt.public {
			t.Errorf("%s: %#v, want %q", tt.local, err, tt.public)
		}
		if !errors.As(err, &gap) || gap.Next != tt.next || !at.IsZero() || fold.Twice() {
			t.Errorf("%s: %v %v %v, want next %s", tt.local, at, fold, err, tt.next)
		}
	}
}

func TestResolve_NoDate(t *testing.T) {
	for _, local := range []string{
		"", "2026-12-01", "2026-12-01 09:00", "2026-12-01T9:00", "2026-02-30T09:00", "2026-12-01T24:00", "2026-12-01T09:00Z",
		"2026-12-01T09:00:00.5", "2026-12-01T09:00:0.", "mañana a las 9", "2026-13-01T09:00", "02026-12-01T09:00",
	} {
		if at, _, err := Resolve("sendAt", local, zone(t, Zone), false); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v, %v", local, at, err)
		}
	}
}

func TestFold_Note(t *testing.T) {
	santiago := zone(t, Zone)
	_, fold, err := Resolve("publishAt", "2027-04-03T23:30", santiago, false)
	if err != nil {
		t.Fatal(err)
	}
	for later, want := range map[bool]string{
		false: "Esa hora ocurre dos veces, porque esa noche se atrasa el reloj. Se publicará la primera vez (hora de verano, UTC−3); puedes elegir la segunda.",
		true:  "Esa hora ocurre dos veces, porque esa noche se atrasa el reloj. Se publicará la segunda vez (hora de invierno, UTC−4); puedes elegir la primera.",
	} {
		if got := fold.Note(santiago, later); got != want {
			t.Errorf("%t: %s", later, got)
		}
	}
	if got := (Fold{}).Note(santiago, false); got != "" {
		t.Errorf("a plain time: %s", got)
	}
	if got := offsetWords(time.Date(2026, 1, 1, 0, 0, 0, 0, zone(t, "Asia/Kolkata"))); got != "UTC+5:30" {
		t.Error(got)
	}
}

func TestZoneOf(t *testing.T) {
	if z, err := ZoneOf("publishAt", ""); err != nil || z.String() != Zone {
		t.Errorf("%v, %v", z, err)
	}
	for _, name := range []string{"Local", "America/Atlantis", "../etc/passwd"} {
		if z, err := ZoneOf("publishAt", name); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, %v", name, z, err)
		}
	}
}

// Every minute of five years in every zone of the country: what is answered shows the time asked on the wall, the two of a
// fold both do, and what does not exist names a minute that does, with nothing between.
func TestResolve_Properties(t *testing.T) {
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	minutes := int(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC).Sub(first) / time.Minute)
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.SampledFrom([]string{Zone, "America/Punta_Arenas", "Pacific/Easter", "America/Coyhaique"}).Draw(r, "zone")
		z := zone(t, name)
		wall := first.Add(time.Duration(rapid.IntRange(0, minutes-1).Draw(r, "minute")) * time.Minute)
		checkMinute(r, wall, z)
	})
	for _, name := range []string{Zone, "America/Punta_Arenas", "Pacific/Easter", "America/Coyhaique"} {
		z := zone(t, name)
		for wall := first; wall.Year() < 2031; wall = wall.Add(30 * time.Minute) {
			checkMinute(t, wall, z)
		}
	}
}

// fataler is a test or a property.
type fataler interface {
	Fatalf(format string, args ...any)
}

func checkMinute(t fataler, wall time.Time, z *time.Location) {
	local := wall.Format(WallMinute)
	at, fold, err := Resolve("publishAt", local, z, false)
	later, _, errLater := Resolve("publishAt", local, z, true)
	if err != nil {
		var gap *Gap
		if !errors.As(err, &gap) || !errors.As(errLater, new(*Gap)) {
			t.Fatalf("%s in %s: %v, %v", local, z, err, errLater)
		}
		next, _, err := Resolve("publishAt", gap.Next, z, false)
		if err != nil || gap.Next <= local || Wall(next.Add(-time.Minute), z) >= local {
			t.Fatalf("%s in %s: the next minute is %s (%v)", local, z, gap.Next, err)
		}
		return
	}
	if Wall(at, z) != local || Wall(later, z) != local || later.Before(at) {
		t.Fatalf("%s in %s: %s and %s", local, z, at, later)
	}
	if fold.Twice() != later.After(at) || fold.Twice() && (fold.First != at || fold.Second != later) {
		t.Fatalf("%s in %s: %v, %s, %s", local, z, fold, at, later)
	}
	if Wall(at.Add(-time.Hour), z) == local || !fold.Twice() && Wall(at.Add(time.Hour), z) == local {
		t.Fatalf("%s in %s: occurs at another hour than %s too", local, z, at)
	}
}

func FuzzParseWall(f *testing.F) {
	f.Add("2026-09-06T00:30")
	f.Add("2026-09-06T00:30:61")
	z := zone(f, Zone)
	f.Fuzz(func(t *testing.T, local string) {
		at, _, err := Resolve("publishAt", local, z, false)
		if err == nil && at.In(z).Format(WallSecond)[:len(local)] != local {
			t.Errorf("%q: %s", local, at)
		}
	})
}
