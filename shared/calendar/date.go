package calendar

import (
	"errors"
	"fmt"
	"time"

	"sence.gob.cl/gestor/shared/fault"
)

// dateLayout is ISO 8601, the only form in which a date is stored or parsed.
const dateLayout = "2006-01-02"

// Date is a civil date: a day of the Gregorian calendar without time of day and without zone. Arithmetic on it never
// passes through a zone, because in Chile one midnight a year does not exist and another hour comes twice. Its zero value
// is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads YYYY-MM-DD; a day that does not exist (30 February) is Invalid.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil {
		// The parser's own error quotes the input, which may be anything: only its shape is said.
		return Date{}, fault.New(fault.Invalid, "calendar.ParseDate", errors.New("not a date of the form YYYY-MM-DD"))
	}
	return civil(t), nil
}

// DateOf gives the civil date that a clock in zone shows at the instant.
func DateOf(instant time.Time, zone *time.Location) Date { return civil(instant.In(zone)) }

func civil(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

// noon is a stand-in for the date in UTC, where every day has 24 hours and every hour exists.
func (d Date) noon() time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

// days counts the days from 1970-01-01, negative before it.
func (d Date) days() int {
	const day = 24 * 60 * 60
	return int((d.noon().Unix() - day/2) / day)
}

// String gives YYYY-MM-DD.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// MarshalText stores the date as String gives it.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// AddDays gives the date n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return civil(d.noon().AddDate(0, 0, n)) }

// Weekday gives the day of the week.
func (d Date) Weekday() time.Weekday { return d.noon().Weekday() }

// Compare is negative when d is before e, zero when they are the same day, positive when it is after.
func (d Date) Compare(e Date) int { return d.noon().Compare(e.noon()) }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }
