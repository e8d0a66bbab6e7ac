package main

import (
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// publishing wires by which rules posts go out: those they were approved by, and the days on which nothing is published. A day the
// table of holidays does not reach is an ordinary one.
func publishing() (deliver.Publishing, error) {
	days, err := calendar.LoadAlmanac()
	if err != nil {
		return deliver.Publishing{}, err
	}
	zone, err := time.LoadLocation(calendar.Zone)
	if err != nil {
		return deliver.Publishing{}, err
	}
	linter, err := post.NewLinter()
	if err != nil {
		return deliver.Publishing{}, err
	}
	return deliver.Publishing{
		Judge: func(c post.Content, n mention.Network) bool { return !post.Blocked(linter.Flaws(c, n)) },
		Barred: func(at time.Time) (string, bool) {
			day := calendar.DateOf(at, zone)
			special, err := days.Days(day, day)
			for _, s := range special {
				if err == nil && s.Blocks {
					return deliver.ReasonBan, true
				}
			}
			return "", false
		},
	}, nil
}
