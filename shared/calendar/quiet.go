package calendar

import (
	"fmt"
	"time"
)

// Quiet are the hours of the night, in Chile, in which nothing is sent to anybody that can wait for the morning. The zero
// value knows no such hours.
type Quiet struct {
	from, to time.Duration // since midnight; to may lie on the next day
	zone     *time.Location
}

// clockTime is how a time of day is written.
const clockTime = "15:04"

// ParseQuiet reads hours such as 22:00-07:00; an empty text is no hours at all.
func ParseQuiet(text string) (Quiet, error) {
	if text == "" {
		return Quiet{}, nil
	}
	bad := fmt.Errorf("calendar: quiet hours %q are not like 22:00-07:00", text)
	if len(text) != len(clockTime)*2+1 || text[len(clockTime)] != '-' {
		return Quiet{}, bad
	}
	from, errFrom := time.Parse(clockTime, text[:len(clockTime)])
	to, errTo := time.Parse(clockTime, text[len(clockTime)+1:])
	zone, errZone := time.LoadLocation(Zone)
	if errFrom != nil || errTo != nil || errZone != nil || from.Equal(to) {
		return Quiet{}, bad
	}
	return Quiet{from: sinceMidnight(from), to: sinceMidnight(to), zone: zone}, nil
}

func sinceMidnight(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

// Until gives the end of the quiet hours that now lies in; false when it lies in none. The end is a time of day by the clock
// on the wall: a night in which the clock is changed is an hour shorter or longer.
func (q Quiet) Until(now time.Time) (time.Time, bool) {
	if q.zone == nil {
		return time.Time{}, false
	}
	local := now.In(q.zone)
	at := sinceMidnight(local)
	year, month, day := local.Date()
	switch {
	case q.from < q.to && (at < q.from || at >= q.to), q.from > q.to && at >= q.to && at < q.from:
		return time.Time{}, false
	case q.from > q.to && at >= q.from:
		day++
	}
	end := time.Date(year, month, day, int(q.to/time.Hour), int(q.to%time.Hour/time.Minute), 0, 0, q.zone)
	return end.UTC(), true
}
