package calendar

import (
	"errors"
	"sort"
	"time"

	"sence.gob.cl/gestor/shared/fault"
)

// Office hours, local time of the calendar's zone. No zone of Chile changes its clocks between them.
const (
	opens  = 9
	closes = 18
)

// AddBusinessHours gives the instant, in UTC, at which that many office hours (09:00 to 18:00 on business days) have
// passed since from. What enters while the office is closed starts at its next opening. Negative hours are Invalid.
func (c *Calendar) AddBusinessHours(from time.Time, hours int) (time.Time, error) {
	const op = "calendar.AddBusinessHours"
	if hours < 0 {
		return time.Time{}, fault.New(fault.Invalid, op, errors.New("hours cannot be negative"))
	}
	if hours > len(c.habiles)*(closes-opens) {
		return time.Time{}, fault.New(fault.Permanent, op, ErrOutsideTable)
	}
	left := time.Duration(hours) * time.Hour
	for d := DateOf(from, c.zone); ; d = d.AddDays(1) {
		var err error
		if d, err = c.computable(op, d); err != nil {
			return time.Time{}, err
		}
		start, end := c.clock(d, opens), c.clock(d, closes)
		if from.After(start) {
			start = from
		}
		if !start.Before(end) {
			continue
		}
		if open := end.Sub(start); left > open {
			left -= open
			continue
		}
		return start.Add(left).UTC(), nil
	}
}

// clock gives the instant of a full hour of the day that exists on every date (not the small hours).
func (c *Calendar) clock(d Date, hour int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, 0, 0, 0, c.zone)
}

// EndOf gives the last instant of d in the calendar's zone, in UTC. The next day's start is searched between the two
// noons, not built as a midnight, which one night of the year does not exist.
func (c *Calendar) EndOf(d Date) time.Time {
	noon, next := c.clock(d, 12), c.clock(d.AddDays(1), 12)
	seconds := sort.Search(int(next.Sub(noon)/time.Second), func(s int) bool {
		return d.Before(DateOf(noon.Add(time.Duration(s)*time.Second), c.zone))
	})
	return noon.Add(time.Duration(seconds)*time.Second - time.Nanosecond).UTC()
}
