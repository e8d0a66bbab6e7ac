// Package calendar counts Chilean business days ("días hábiles") and computes legal deadlines ("plazos") on civil dates.
//
// Saturdays, Sundays and legal holidays are not hábiles; terms run from the day after entry, and what enters on a day that
// is not hábil counts as entered at the first hour of the next one (Ley 19.880, article 25). Holidays are a table, not a
// formula: Chile adds one-off holidays at days of notice. Outside the table every answer is an error, never "no holidays".
package calendar

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"
	_ "time/tzdata" // functions run on images that may carry no zone data, or data older than America/Coyhaique

	"sence.gob.cl/gestor/shared/fault"
)

// Zone is the zone of a calendar nobody told otherwise: the seat of the service.
const Zone = "America/Santiago"

// ErrOutsideTable marks a question about a day the holiday table does not cover.
var ErrOutsideTable = errors.New("outside the holiday table")

//go:embed feriados.csv
var embedded []byte

// Holiday is one row of the table. Law names what makes the day a holiday; Irrenunciable means that shops must close.
type Holiday struct {
	Date          Date
	Name          string
	Law           string
	Irrenunciable bool
}

// Calendar answers questions about business days for the years its holiday table covers, in one zone. It does not change
// once made and may be shared.
type Calendar struct {
	zone  *time.Location
	first Date
	last  Date
	rows  []Holiday
	// habiles[i] counts the business days among the first i days of the table, so that counting is one subtraction.
	habiles []int
}

// Load reads the table that is part of the program.
func Load() (*Calendar, error) { return Parse(embedded) }

// Parse reads a table: CSV with the header date,name,law,irrenunciable, sorted by date, whole years. A table that was cut
// (a year without its 1 January or its 25 December, a year left out) is Invalid: it would make holidays working days.
func Parse(table []byte) (*Calendar, error) {
	const op = "calendar.Parse"
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return nil, fault.New(fault.Permanent, op, err)
	}
	rows, err := parseRows(table)
	if err != nil {
		return nil, fault.New(fault.Invalid, op, err)
	}
	c := &Calendar{
		zone:  zone,
		first: Date{rows[0].Date.Year, time.January, 1},
		last:  Date{rows[len(rows)-1].Date.Year, time.December, 31},
		rows:  rows,
	}
	if err := c.whole(); err != nil {
		return nil, fault.New(fault.Invalid, op, err)
	}
	c.count()
	return c, nil
}

func parseRows(table []byte) ([]Holiday, error) {
	r := csv.NewReader(bytes.NewReader(table))
	r.FieldsPerRecord = 4
	records, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) < 2 || !slices.Equal(records[0], []string{"date", "name", "law", "irrenunciable"}) {
		return nil, errors.New("the header is not date,name,law,irrenunciable, or no rows follow it")
	}
	rows := make([]Holiday, 0, len(records)-1)
	for i, record := range records[1:] {
		d, err := ParseDate(record[0])
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i+2, err)
		}
		if record[3] != "true" && record[3] != "false" {
			return nil, fmt.Errorf("row %d: irrenunciable is neither true nor false", i+2)
		}
		if len(rows) > 0 && !rows[len(rows)-1].Date.Before(d) {
			return nil, fmt.Errorf("row %d: %s does not come after the row before it", i+2, d)
		}
		rows = append(rows, Holiday{Date: d, Name: record[1], Law: record[2], Irrenunciable: record[3] == "true"})
	}
	return rows, nil
}

// whole refuses a table in which some year lacks its first or its last fixed holiday.
func (c *Calendar) whole() error {
	for year := c.first.Year; year <= c.last.Year; year++ {
		for _, d := range []Date{{year, time.January, 1}, {year, time.December, 25}} {
			if _, ok := c.holiday(d); !ok {
				return fmt.Errorf("%s is missing: year %d is not whole", d, year)
			}
		}
	}
	return nil
}

func (c *Calendar) count() {
	start, size := c.first.days(), c.last.days()-c.first.days()+1
	holiday := make([]bool, size)
	for _, h := range c.rows {
		holiday[h.Date.days()-start] = true
	}
	c.habiles = make([]int, size+1)
	weekday := int(c.first.Weekday())
	for i, closed := range holiday {
		c.habiles[i+1] = c.habiles[i]
		if day := time.Weekday((weekday + i) % 7); day != time.Saturday && day != time.Sunday && !closed {
			c.habiles[i+1]++
		}
	}
}

// In gives the same table for a unit that lives in another zone, such as America/Punta_Arenas.
func (c *Calendar) In(zone *time.Location) *Calendar {
	other := *c
	other.zone = zone
	return &other
}

// Zone gives the calendar's zone.
func (c *Calendar) Zone() *time.Location { return c.zone }

// Range gives the first and the last day the table covers. Somebody must be told well before the last one comes.
func (c *Calendar) Range() (first, last Date) { return c.first, c.last }

// Holidays gives the table in order of date.
func (c *Calendar) Holidays() []Holiday { return slices.Clone(c.rows) }

func (c *Calendar) holiday(d Date) (Holiday, bool) {
	i, ok := slices.BinarySearchFunc(c.rows, d, func(h Holiday, d Date) int { return h.Date.Compare(d) })
	if !ok {
		return Holiday{}, false
	}
	return c.rows[i], true
}

// DateOf gives the civil date that a clock in zone shows at the instant; a nil zone is the calendar's own.
func (c *Calendar) DateOf(instant time.Time, zone *time.Location) Date {
	if zone == nil {
		zone = c.zone
	}
	return DateOf(instant, zone)
}

// index gives the place of d in the table.
func (c *Calendar) index(op string, d Date) (int, error) {
	i := d.days() - c.first.days()
	if i < 0 || i >= len(c.habiles)-1 {
		return 0, fault.New(fault.Permanent, op, fmt.Errorf("%s: %w (%s to %s)", d, ErrOutsideTable, c.first, c.last))
	}
	return i, nil
}

// at gives the first day d on which the table holds n business days from its start up to and including d.
func (c *Calendar) at(op string, n int) (Date, error) {
	i := sort.SearchInts(c.habiles, n)
	if i == len(c.habiles) {
		return Date{}, fault.New(fault.Permanent, op, fmt.Errorf("after %s: %w", c.last, ErrOutsideTable))
	}
	return c.first.AddDays(i - 1), nil
}

// IsBusiness reports whether d is hábil.
func (c *Calendar) IsBusiness(d Date) (bool, error) {
	i, err := c.index("calendar.IsBusiness", d)
	if err != nil {
		return false, err
	}
	return c.habiles[i+1] > c.habiles[i], nil
}

// Computable gives the day on which what entered on d counts as entered: d when it is hábil, else the next hábil.
func (c *Calendar) Computable(d Date) (Date, error) { return c.computable("calendar.Computable", d) }

func (c *Calendar) computable(op string, d Date) (Date, error) {
	i, err := c.index(op, d)
	if err != nil {
		return Date{}, err
	}
	return c.at(op, c.habiles[i]+1)
}

// Due gives the last day of a term of n business days for what entered at the instant: the n-th hábil after its
// computable day. A term of 0 days is that day itself; a negative one is Invalid.
func (c *Calendar) Due(from time.Time, days int) (Date, error) {
	const op = "calendar.Due"
	if days < 0 {
		return Date{}, fault.New(fault.Invalid, op, errors.New("a term cannot be negative"))
	}
	i, err := c.index(op, DateOf(from, c.zone))
	if err != nil {
		return Date{}, err
	}
	if days > len(c.habiles) {
		return Date{}, fault.New(fault.Permanent, op, fmt.Errorf("a term of %d days: %w", days, ErrOutsideTable))
	}
	return c.at(op, c.habiles[i]+1+days)
}

// Count gives the business days an answer took: those after the computable day of entry, up to and including the day of
// the answer; 0 when the answer came no later than that day.
func (c *Calendar) Count(from, to time.Time) (int, error) {
	const op = "calendar.Count"
	entry, err := c.computable(op, DateOf(from, c.zone))
	if err != nil {
		return 0, err
	}
	return c.between(op, entry, DateOf(to, c.zone))
}

// CountRaw counts as Count does, but from the day of entry as it is: what entered on a day that is not hábil gets one
// day more. For services whose SIAC does not apply the last part of article 25.
func (c *Calendar) CountRaw(from, to time.Time) (int, error) {
	return c.between("calendar.CountRaw", DateOf(from, c.zone), DateOf(to, c.zone))
}

// BusinessLeft gives the business days that remain after the day of now until due, due included: 0 on the due day. Once
// due has passed it is negative: as many as passed since. It stays 0 on a weekend right after due, when an answer would
// still count as given in time.
func (c *Calendar) BusinessLeft(now time.Time, due Date) (int, error) {
	const op = "calendar.BusinessLeft"
	today := DateOf(now, c.zone)
	if due.Before(today) {
		past, err := c.between(op, due, today)
		return -past, err
	}
	return c.between(op, today, due)
}

// between counts the hábiles after a up to and including b, 0 when b is not after a.
func (c *Calendar) between(op string, a, b Date) (int, error) {
	i, err := c.index(op, a)
	if err != nil {
		return 0, err
	}
	j, err := c.index(op, b)
	if err != nil {
		return 0, err
	}
	return max(0, c.habiles[j+1]-c.habiles[i+1]), nil
}
