package calendar

import (
	"fmt"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/fault"
)

// The forms in which the clock on the wall is written: as a person types it, and with seconds.
const (
	WallMinute = "2006-01-02T15:04"
	WallSecond = "2006-01-02T15:04:05"
)

// Gap is why a time of the clock on the wall never is: that night the clock goes forward over it. Next is the first minute
// that is again.
type Gap struct {
	Local string
	Next  string
}

// Error names the time and the next one that exists.
func (g *Gap) Error() string { return g.Local + " does not exist; the next minute is " + g.Next }

// Fold is the two instants at which the clock on the wall shows one time, in the night it goes back. It is zero for a time
// that occurs once.
type Fold struct {
	First, Second time.Time
}

// Twice reports whether the time occurs twice.
func (f Fold) Twice() bool { return !f.Second.IsZero() }

// Note tells a person that the time occurs twice and which one counts; empty for a time that occurs once.
func (f Fold) Note(zone *time.Location, later bool) string {
	if !f.Twice() {
		return ""
	}
	at, which, other := f.First, "primera", "segunda"
	if later {
		at, which, other = f.Second, "segunda", "primera"
	}
	season := "hora de invierno"
	if at.In(zone).IsDST() {
		season = "hora de verano"
	}
	return "Esa hora ocurre dos veces, porque esa noche se atrasa el reloj. Se publicará la " + which + " vez (" +
		season + ", " + offsetWords(at.In(zone)) + "); puedes elegir la " + other + "."
}

// offsetWords writes how far a clock is from UTC: UTC−3, UTC+5:30.
func offsetWords(t time.Time) string {
	_, seconds := t.Zone()
	sign := "+"
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	if minutes := seconds / 60 % 60; minutes != 0 {
		return fmt.Sprintf("UTC%s%d:%02d", sign, seconds/3600, minutes)
	}
	return fmt.Sprintf("UTC%s%d", sign, seconds/3600)
}

// ZoneOf gives the zone of that name, the seat's when it has none; field is what a wrong one is told under.
func ZoneOf(field, name string) (*time.Location, error) {
	const op = "calendar.ZoneOf"
	if name == "" {
		name = Zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fault.Reject(op, field, "Esa zona horaria no existe. Usa, por ejemplo, America/Santiago.")
	}
	return zone, nil
}

// Wall gives what the clock on the wall of zone shows at the instant, to the minute.
func Wall(at time.Time, zone *time.Location) string { return at.In(zone).Format(WallMinute) }

// Resolve gives the instant, in UTC, at which the clock on the wall of zone shows local (WallMinute or WallSecond). What it
// shows twice is the first time, or the second when later; the fold then holds both. What it never shows is an Invalid about
// field, whose cause is a *Gap. A date-time that is none is an Invalid too.
func Resolve(field, local string, zone *time.Location, later bool) (time.Time, Fold, error) {
	const op = "calendar.Resolve"
	wall, err := ParseWall(local)
	if err != nil {
		return time.Time{}, Fold{}, fault.Reject(op, field, "Escribe la fecha y la hora así: 2026-12-01T09:00.")
	}
	found := instants(wall, zone)
	switch len(found) {
	case 0:
		return time.Time{}, Fold{}, missing(op, field, wall, zone)
	case 1:
		return found[0], Fold{}, nil
	}
	fold := Fold{First: found[0], Second: found[1]}
	if later {
		return fold.Second, fold, nil
	}
	return fold.First, fold, nil
}

// ParseWall reads what a clock on the wall shows as that time in UTC, where every time exists once: what is added to it is
// added on the wall.
func ParseWall(local string) (time.Time, error) {
	layout := WallMinute
	if len(local) == len(WallSecond) {
		layout = WallSecond
	}
	if len(local) != len(layout) { // the parser would take a fraction of a second
		return time.Time{}, fault.New(fault.Invalid, "calendar.ParseWall", nil)
	}
	wall, err := time.Parse(layout, local)
	if err != nil {
		// The parser's own error quotes the input.
		return time.Time{}, fault.New(fault.Invalid, "calendar.ParseWall", nil)
	}
	return wall, nil
}

// instants gives every instant at which zone's clock shows wall, in order: none, one or two.
func instants(wall time.Time, zone *time.Location) []time.Time {
	var out []time.Time
	for _, offset := range offsets(wall, zone) {
		at := wall.Add(-offset)
		if shown(at, zone).Equal(wall) {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// offsets gives how far from UTC the zone's clock is before the change nearest before wall, between the changes and after the
// next one. Changes lie months apart, so wall means no other.
func offsets(wall time.Time, zone *time.Location) []time.Duration {
	near := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	out := []time.Duration{offset(near)}
	start, end := near.ZoneBounds()
	if !start.IsZero() {
		out = append(out, offset(start.Add(-1)))
	}
	if !end.IsZero() {
		out = append(out, offset(end))
	}
	return out
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// shown gives what zone's clock shows at the instant, as ParseWall gives it.
func shown(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	return at.Add(offset(local)).UTC()
}

// missing tells a person that the clock never shows wall.
func missing(op, field string, wall time.Time, zone *time.Location) error {
	next := afterGap(wall, zone)
	article, verb := "las", "existen"
	if wall.Hour() == 1 {
		article, verb = "la", "existe"
	}
	months := [...]string{
		"enero", "febrero", "marzo", "abril", "mayo", "junio",
		"julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
	}
	e := fault.Reject(op, field, fmt.Sprintf("Esa noche se adelanta el reloj: %s %s del %d de %s no %s. Elige %s o más tarde.",
		article, wall.Format(clockTime), wall.Day(), months[wall.Month()-1], verb, next.Format(clockTime)))
	e.Err = &Gap{Local: wall.Format(WallMinute), Next: next.Format(WallMinute)}
	return e
}

// afterGap gives the first minute the clock shows after the gap wall lies in.
func afterGap(wall time.Time, zone *time.Location) time.Time {
	near := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	start, end := near.ZoneBounds()
	for _, change := range []time.Time{start, end} {
		if change.IsZero() {
			continue
		}
		before, after := change.Add(offset(change.Add(-1))).UTC(), shown(change, zone)
		if !wall.Before(before) && wall.Before(after) {
			if whole := after.Truncate(time.Minute); !whole.Equal(after) {
				return whole.Add(time.Minute)
			}
			return after
		}
	}
	return wall
}
