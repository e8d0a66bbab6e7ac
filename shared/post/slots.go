package post

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

//go:embed data/slots.json
var slotsFile []byte

const (
	// MaxSlots is how many slots are given at once.
	MaxSlots = 50
	// slotApart is how far from a slot a post of ours must lie for the slot to be free.
	slotApart = 30 * time.Minute
	// slotDays is how many days ahead a free slot is looked for: more than the longest period before an election.
	slotDays = 180
)

// SlotTable is the times of day at which we like to publish: by network and day of the week (mon, tue, …), in order, as the clock
// on the wall of Zone shows them. Source says who thinks so.
type SlotTable struct {
	Source   string                                  `json:"source"`
	Zone     string                                  `json:"zone"`
	Networks map[mention.Network]map[string][]string `json:"networks"`
}

// Slot is one moment at which a post may well go out.
type Slot struct {
	Network mention.Network `json:"network"`
	At      time.Time       `json:"at"`
	Local   string          `json:"local"`
	Zone    string          `json:"zone"`
}

// SpecialDays tells which days are not like the others; calendar.Almanac is one.
type SpecialDays interface {
	Days(from, to calendar.Date) ([]calendar.Day, error)
}

// LoadSlots reads the table that is part of the program.
func LoadSlots() (SlotTable, error) { return ParseSlots(slotsFile) }

// ParseSlots reads a table (JSON): every network, with times in order.
func ParseSlots(table []byte) (SlotTable, error) {
	const op = "post.ParseSlots"
	var t SlotTable
	if err := json.Unmarshal(table, &t); err != nil {
		return SlotTable{}, fault.New(fault.Invalid, op, err)
	}
	if _, err := calendar.ZoneOf("zone", t.Zone); err != nil || t.Zone == "" {
		return SlotTable{}, fault.New(fault.Invalid, op, errors.New("no such zone"))
	}
	for _, n := range mention.Networks() {
		days, has := t.Networks[n]
		if !has {
			return SlotTable{}, fault.New(fault.Invalid, op, fmt.Errorf("%s is missing", n))
		}
		for day, times := range days {
			if !slices.Contains(weekdays(), day) || !slices.IsSorted(times) {
				return SlotTable{}, fault.New(fault.Invalid, op, fmt.Errorf("%s: %s is no day, or its times are not in order", n, day))
			}
			for _, at := range times {
				if _, err := calendar.ParseWall("2026-12-01T" + at); err != nil || len(at) != len("15:04") {
					return SlotTable{}, fault.New(fault.Invalid, op, fmt.Errorf("%s, %s: a time is none", n, day))
				}
			}
		}
	}
	return t, nil
}

// Next gives the next n free slots of a network after from, in order: on no holiday, on no day on which nothing goes out, and
// with no post of ours (taken) within half an hour. Fewer when there are none in the next half year, or when the calendar ends;
// a calendar that does not know the first day is an error. A time the clock does not show that night is none.
func (t SlotTable) Next(network mention.Network, taken []time.Time, from time.Time, n int, days SpecialDays) ([]Slot, error) {
	zone, err := calendar.ZoneOf("zone", t.Zone)
	if err != nil {
		return nil, err
	}
	n = min(n, MaxSlots)
	first := calendar.DateOf(from, zone)
	var out []Slot
	for i := 0; i < slotDays && len(out) < n; i++ {
		d := first.AddDays(i)
		special, err := days.Days(d, d)
		if err != nil {
			if i > 0 && errors.Is(err, calendar.ErrOutsideTable) {
				return out, nil
			}
			return nil, err
		}
		if slices.ContainsFunc(special, func(s calendar.Day) bool { return s.Blocks || s.Kind == calendar.Feriado }) {
			continue
		}
		for _, slot := range t.on(network, d, zone) {
			if len(out) < n && slot.At.After(from) && free(slot.At, taken) {
				out = append(out, slot)
			}
		}
	}
	return out, nil
}

// on gives the slots of a network on one day.
func (t SlotTable) on(network mention.Network, d calendar.Date, zone *time.Location) []Slot {
	var out []Slot
	for _, clock := range t.Networks[network][weekdays()[(int(d.Weekday())+6)%7]] {
		local := d.String() + "T" + clock
		if at, _, err := calendar.Resolve("publishAt", local, zone, false); err == nil {
			out = append(out, Slot{Network: network, At: at, Local: local, Zone: t.Zone})
		}
	}
	return out
}

func free(at time.Time, taken []time.Time) bool {
	return !slices.ContainsFunc(taken, func(other time.Time) bool { return at.Sub(other).Abs() < slotApart })
}

// NextSlots is Next by the table that is part of the program.
func NextSlots(network mention.Network, taken []time.Time, from time.Time, n int, days SpecialDays) ([]Slot, error) {
	t, err := LoadSlots()
	if err != nil {
		return nil, err
	}
	return t.Next(network, taken, from, n, days)
}
