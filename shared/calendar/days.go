package calendar

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"sence.gob.cl/gestor/shared/fault"
)

// vedasFile is reckoned from the dates of the elections as the laws set them (primaries twenty Sundays before; the last Sunday of
// October and the third of November; second votes four Sundays after): a campaign begins sixty days before, fourteen before a
// second vote, and ends on the third day before. Whether and what a service may publish meanwhile is for its lawyers to confirm;
// then they change the file.
//
//go:embed vedas.json
var vedasFile []byte

// DayKind is why a day is not like the others; spoken of by its name.
type DayKind string

// The kinds of day.
const (
	Feriado DayKind = "feriado" // a legal holiday
	Veda    DayKind = "veda"    // the law restricts what a service publishes, because of an election
	Pausa   DayKind = "pausa"   // somebody of the service stopped publishing
)

// Period is some days on end, first and last included, that are not like the others. Blocks says that nothing goes out in them.
type Period struct {
	Kind   DayKind `json:"kind"`
	Name   string  `json:"name"`
	From   Date    `json:"from"`
	To     Date    `json:"to"`
	Law    string  `json:"law,omitempty"`
	Blocks bool    `json:"blocks"`
}

// Day is one day that is not like the others, for one reason; it may have several.
type Day struct {
	Date   Date    `json:"date"`
	Kind   DayKind `json:"kind"`
	Name   string  `json:"name"`
	Blocks bool    `json:"blocks"`
}

// LoadVedas reads the periods of election that are part of the program, in order.
func LoadVedas() ([]Period, error) { return ParsePeriods(vedasFile) }

// ParsePeriods reads a table of periods (JSON) in order of their first day.
func ParsePeriods(table []byte) ([]Period, error) {
	const op = "calendar.ParsePeriods"
	dec := json.NewDecoder(bytes.NewReader(table))
	dec.DisallowUnknownFields()
	var out []Period
	if err := dec.Decode(&out); err != nil {
		return nil, fault.New(fault.Invalid, op, err)
	}
	for i, p := range out {
		switch {
		case p.Kind != Veda && p.Kind != Pausa || p.Name == "":
			return nil, fault.New(fault.Invalid, op, fmt.Errorf("period %d has no kind or no name", i+1))
		case p.From.IsZero() || p.To.Before(p.From):
			return nil, fault.New(fault.Invalid, op, fmt.Errorf("period %d ends before it begins", i+1))
		case i > 0 && p.From.Before(out[i-1].From):
			return nil, fault.New(fault.Invalid, op, errors.New("the periods are not in order"))
		}
	}
	return out, nil
}

// Almanac is a calendar with the periods in which less, or nothing, is published.
type Almanac struct {
	Calendar *Calendar
	Periods  []Period
}

// LoadAlmanac gives the calendar and the periods that are part of the program, and those more that somebody set.
func LoadAlmanac(more ...Period) (*Almanac, error) {
	c, err := Load()
	if err != nil {
		return nil, err
	}
	vedas, err := LoadVedas()
	if err != nil {
		return nil, err
	}
	return &Almanac{Calendar: c, Periods: slices.Concat(vedas, more)}, nil
}

// Days gives the days from from to to, both included, that are not like the others, in order; a day that is so for two reasons
// twice. A holiday blocks nothing. Days the holiday table does not cover are an error (ErrOutsideTable), as everywhere.
func (a *Almanac) Days(from, to Date) ([]Day, error) {
	const op = "calendar.Days"
	for _, end := range []Date{from, to} {
		if _, err := a.Calendar.index(op, end); err != nil {
			return nil, err
		}
	}
	var out []Day
	for d := from; !to.Before(d); d = d.AddDays(1) {
		if h, is := a.Calendar.holiday(d); is {
			out = append(out, Day{Date: d, Kind: Feriado, Name: h.Name})
		}
		for _, p := range a.Periods {
			if !d.Before(p.From) && !p.To.Before(d) {
				out = append(out, Day{Date: d, Kind: p.Kind, Name: p.Name, Blocks: p.Blocks})
			}
		}
	}
	return out, nil
}
