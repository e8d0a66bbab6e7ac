package calendar

import (
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// The nights on which clocks change in continental Chile, and one on which they do not although the rule of other years
// says so (2022 waited a week for the plebiscite).
func TestCalendar_EndOf(t *testing.T) {
	c := load(t)
	for _, tt := range []struct{ name, zone, date, want string }{
		{"a plain day", "America/Santiago", "2026-03-10", "2026-03-11T02:59:59.999999999Z"},
		{"the hour that repeats is the same day", "America/Santiago", "2026-04-04", "2026-04-05T03:59:59.999999999Z"},
		{"the day before the missing midnight", "America/Santiago", "2026-09-05", "2026-09-06T03:59:59.999999999Z"},
		{"the day without its midnight", "America/Santiago", "2026-09-06", "2026-09-07T02:59:59.999999999Z"},
		{"no change on the first Sunday of September 2022", "America/Santiago", "2022-09-03", "2022-09-04T03:59:59.999999999Z"},
		{"the change came a week later", "America/Santiago", "2022-09-11", "2022-09-12T02:59:59.999999999Z"},
		{"Magallanes does not change", "America/Punta_Arenas", "2026-09-05", "2026-09-06T02:59:59.999999999Z"},
		{"Aysén no longer changes", "America/Coyhaique", "2026-07-01", "2026-07-02T02:59:59.999999999Z"},
		{"Rapa Nui is two hours behind", "Pacific/Easter", "2026-03-10", "2026-03-11T04:59:59.999999999Z"},
		{"the end of the year", "America/Santiago", "2026-12-31", "2027-01-01T02:59:59.999999999Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := c.In(zone(t, tt.zone)).EndOf(date(t, tt.date))
			if s := got.Format(time.RFC3339Nano); s != tt.want {
				t.Errorf("EndOf(%s) = %s, want %s", tt.date, s, tt.want)
			}
			if d := DateOf(got.Add(time.Nanosecond), zone(t, tt.zone)); d != date(t, tt.date).AddDays(1) {
				t.Errorf("a nanosecond later it is %s", d)
			}
		})
	}
}

// Every day of the table ends where the next one begins, in every zone of the country.
func TestCalendar_EndOfEveryDay(t *testing.T) {
	for _, name := range []string{"America/Santiago", "America/Punta_Arenas", "America/Coyhaique", "Pacific/Easter"} {
		c := load(t).In(zone(t, name))
		first, last := c.Range()
		for d := first; d.Before(last); d = d.AddDays(1) {
			end := c.EndOf(d)
			if got, next := c.DateOf(end, nil), c.DateOf(end.Add(1), nil); got != d || next != d.AddDays(1) {
				t.Fatalf("%s: EndOf(%s) = %s: it is %s, and then %s", name, d, end, got, next)
			}
		}
	}
}

// The library the project refused counts four days here, because it builds the midnight that does not exist.
func TestCalendar_WeekAfterMissingMidnight(t *testing.T) {
	c := load(t)
	got, err := c.CountRaw(instant(t, "2026-09-06T05:00:00Z"), instant(t, "2026-09-11T15:00:00Z"))
	if err != nil || got != 5 {
		t.Errorf("Sunday 6 to Friday 11 September 2026: %d, %v, want 5", got, err)
	}
}

func TestCalendar_DateOfAroundChanges(t *testing.T) {
	c := load(t)
	for at, want := range map[string]string{
		"2026-04-05T02:30:00Z": "2026-04-04", // 23:30 for the first time
		"2026-04-05T03:30:00Z": "2026-04-04", // 23:30 again
		"2026-04-05T04:00:00Z": "2026-04-05",
		"2026-09-06T03:59:59Z": "2026-09-05",
		"2026-09-06T04:00:00Z": "2026-09-06", // 01:00; 00:30 never was
		"2022-09-04T04:30:00Z": "2022-09-04", // 00:30, which did exist that year
	} {
		if got := c.DateOf(instant(t, at), nil).String(); got != want {
			t.Errorf("%s is %s in Chile, want %s", at, got, want)
		}
	}
	at := instant(t, "2026-07-02T03:30:00Z")
	if got := c.DateOf(at, zone(t, "America/Coyhaique")).String(); got != "2026-07-02" {
		t.Errorf("in Coyhaique it is %s", got)
	}
	if got := c.DateOf(at, nil).String(); got != "2026-07-01" {
		t.Errorf("in Santiago it is %s", got)
	}
}

// The zone decides the day of entry, and with it the term.
func TestCalendar_In(t *testing.T) {
	c, at := load(t), instant(t, "2026-07-02T03:30:00Z")
	here, err := c.Due(at, 1)
	if err != nil || here.String() != "2026-07-02" {
		t.Errorf("Santiago: %s, %v", here, err)
	}
	there, err := c.In(zone(t, "America/Coyhaique")).Due(at, 1)
	if err != nil || there.String() != "2026-07-03" {
		t.Errorf("Coyhaique: %s, %v", there, err)
	}
	if c.Zone().String() != Zone {
		t.Errorf("the calendar itself moved to %s", c.Zone())
	}
}

func TestCalendar_AddBusinessHours(t *testing.T) {
	c := load(t)
	for _, tt := range []struct {
		name, from string
		hours      int
		want       string
	}{
		{"inside one day", "2026-03-10T10:15:00-03:00", 4, "2026-03-10T14:15:00-03:00"},
		{"up to the close", "2026-03-10T14:00:00-03:00", 4, "2026-03-10T18:00:00-03:00"},
		{"over the night", "2026-03-10T16:30:00-03:00", 4, "2026-03-11T11:30:00-03:00"},
		{"before opening", "2026-03-10T03:00:00-03:00", 4, "2026-03-10T13:00:00-03:00"},
		{"after closing", "2026-03-10T18:00:00-03:00", 4, "2026-03-11T13:00:00-03:00"},
		{"over a weekend", "2026-03-13T17:00:00-03:00", 4, "2026-03-16T12:00:00-03:00"},
		{"entered on a Saturday", "2026-03-14T10:00:00-03:00", 12, "2026-03-17T12:00:00-03:00"},
		{"over Fiestas Patrias", "2026-09-17T17:00:00-03:00", 4, "2026-09-21T12:00:00-03:00"},
		{"over the clock change of April", "2026-04-02T17:00:00-03:00", 4, "2026-04-06T12:00:00-04:00"},
		{"over the clock change of September", "2026-09-04T17:00:00-04:00", 4, "2026-09-07T12:00:00-03:00"},
		{"no hours while open", "2026-03-10T10:15:00-03:00", 0, "2026-03-10T10:15:00-03:00"},
		{"no hours while closed", "2026-03-14T10:15:00-03:00", 0, "2026-03-16T09:00:00-03:00"},
		{"three whole days", "2026-03-10T09:00:00-03:00", 27, "2026-03-12T18:00:00-03:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.AddBusinessHours(instant(t, tt.from), tt.hours)
			if err != nil || !got.Equal(instant(t, tt.want)) {
				t.Errorf("got %s, %v, want %s", got.In(c.Zone()), err, tt.want)
			}
		})
	}
}
