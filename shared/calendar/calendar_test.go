package calendar

import (
	"encoding/csv"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/fault"
)

func load(t testing.TB) *Calendar {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func date(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// The worked examples carry both ways to treat an entry on a day that is not hábil.
func TestCalendar_WorkedExamples(t *testing.T) {
	c := load(t)
	f, err := os.Open("testdata/vectores.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 29 {
		t.Fatalf("%d rows, want a header and 28 examples", len(rows))
	}
	for _, row := range rows[1:] {
		t.Run(row[0], func(t *testing.T) {
			from, to := instant(t, row[1]), instant(t, row[6])
			if got := c.DateOf(from, nil).String(); got != row[2] {
				t.Errorf("DateOf = %s, want %s", got, row[2])
			}
			computable, err := c.Computable(c.DateOf(from, nil))
			if err != nil || computable.String() != row[3] {
				t.Errorf("Computable = %s, %v, want %s", computable, err, row[3])
			}
			term, _ := strconv.Atoi(row[4])
			due, err := c.Due(from, term)
			if err != nil || due.String() != row[5] {
				t.Errorf("Due(%d) = %s, %v, want %s", term, due, err, row[5])
			}
			days, err := c.Count(from, to)
			if err != nil || strconv.Itoa(days) != row[7] {
				t.Errorf("Count = %d, %v, want %s", days, err, row[7])
			}
			raw, err := c.CountRaw(from, to)
			if err != nil || strconv.Itoa(raw) != row[8] {
				t.Errorf("CountRaw = %d, %v, want %s", raw, err, row[8])
			}
			if over := map[bool]string{true: "si", false: "no"}[days > 20]; over != row[9] {
				t.Errorf("more than 20 = %s, want %s", over, row[9])
			}
		})
	}
}

func TestCalendar_OutsideTable(t *testing.T) {
	c := load(t)
	in, out := instant(t, "2028-12-28T12:00:00-03:00"), instant(t, "2029-01-02T12:00:00-03:00")
	old := instant(t, "2018-12-31T12:00:00-03:00")
	asks := map[string]func() error{
		"Due from before":          func() error { _, err := c.Due(old, 1); return err },
		"Due to after":             func() error { _, err := c.Due(in, 20); return err },
		"Due very far":             func() error { _, err := c.Due(in, 1<<62); return err },
		"Count to after":           func() error { _, err := c.Count(in, out); return err },
		"Count from before":        func() error { _, err := c.Count(old, in); return err },
		"CountRaw to after":        func() error { _, err := c.CountRaw(in, out); return err },
		"IsBusiness after":         func() error { _, err := c.IsBusiness(Date{2029, 1, 1}); return err },
		"IsBusiness before":        func() error { _, err := c.IsBusiness(Date{2018, 12, 31}); return err },
		"Computable at the end":    func() error { _, err := c.Computable(Date{2028, 12, 31}); return err },
		"BusinessLeft":             func() error { _, err := c.BusinessLeft(in, Date{2029, 1, 2}); return err },
		"AddBusinessHours":         func() error { _, err := c.AddBusinessHours(in, 40); return err },
		"AddBusinessHours far off": func() error { _, err := c.AddBusinessHours(in, 1<<62); return err },
	}
	for name, ask := range asks {
		t.Run(name, func(t *testing.T) {
			if err := ask(); !errors.Is(err, ErrOutsideTable) || !fault.Is(err, fault.Permanent) {
				t.Errorf("got %v, want a permanent ErrOutsideTable", err)
			}
		})
	}
	first, last := c.Range()
	if first != (Date{2019, 1, 1}) || last != (Date{2028, 12, 31}) {
		t.Errorf("Range = %s to %s", first, last)
	}
}

func TestCalendar_Negative(t *testing.T) {
	c, now := load(t), instant(t, "2026-03-02T12:00:00-03:00")
	if _, err := c.Due(now, -1); !fault.Is(err, fault.Invalid) {
		t.Errorf("Due(-1) = %v, want invalid", err)
	}
	if _, err := c.AddBusinessHours(now, -1); !fault.Is(err, fault.Invalid) {
		t.Errorf("AddBusinessHours(-1) = %v, want invalid", err)
	}
}

func TestParse_Refuses(t *testing.T) {
	const header = "date,name,law,irrenunciable\n"
	const whole = "2026-01-01,a,b,true\n2026-12-25,c,d,true\n"
	if _, err := Parse([]byte(header + whole)); err != nil {
		t.Fatalf("a whole year was refused: %v", err)
	}
	tables := map[string]string{
		"nothing":          "",
		"no rows":          header,
		"other header":     "fecha,name,law,irrenunciable\n" + whole,
		"no Christmas":     header + "2026-01-01,a,b,true\n",
		"no New Year":      header + "2026-12-25,c,d,true\n",
		"a year left out":  header + whole + "2028-01-01,a,b,true\n2028-12-25,c,d,true\n",
		"unsorted":         header + "2026-12-25,c,d,true\n2026-01-01,a,b,true\n",
		"a day twice":      header + "2026-01-01,a,b,true\n" + whole,
		"no such day":      header + "2026-01-01,a,b,true\n2026-02-30,a,b,true\n2026-12-25,c,d,true\n",
		"a bad truth":      header + "2026-01-01,a,b,sí\n2026-12-25,c,d,true\n",
		"a missing column": header + "2026-01-01,a,b\n",
	}
	for name, table := range tables {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse([]byte(table)); !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v, want invalid", err)
			}
		})
	}
}

func TestCalendar_BusinessLeft(t *testing.T) {
	c := load(t)
	due := date(t, "2026-09-21") // the Monday after Fiestas Patrias
	for now, want := range map[string]int{
		"2026-09-14T09:00:00-03:00": 4, // Tuesday to Thursday and the day itself; the 18th is a holiday
		"2026-09-17T23:59:59-03:00": 1,
		"2026-09-19T12:00:00-03:00": 1,
		"2026-09-21T00:00:00-03:00": 0,
		"2026-09-21T23:59:59-03:00": 0,
		"2026-09-22T02:59:59+00:00": 0, // still the 21st in Chile
		"2026-09-22T03:00:00+00:00": -1,
		"2026-09-28T12:00:00-03:00": -5,
	} {
		got, err := c.BusinessLeft(instant(t, now), due)
		if err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", now, got, err, want)
		}
	}
	if got, err := c.BusinessLeft(instant(t, "2026-09-26T12:00:00-03:00"), date(t, "2026-09-25")); err != nil || got != 0 {
		t.Errorf("the Saturday after: %d, %v, want 0", got, err)
	}
}

// Properties over every minute the table covers, with room for the longest term drawn.
func TestCalendar_Properties(t *testing.T) {
	c := load(t)
	from := time.Date(2019, 1, 1, 6, 0, 0, 0, time.UTC)
	minutes := int(time.Date(2028, 6, 1, 0, 0, 0, 0, time.UTC).Sub(from) / time.Minute)
	rapid.Check(t, func(t *rapid.T) {
		at := from.Add(time.Duration(rapid.IntRange(0, minutes).Draw(t, "minute")) * time.Minute)
		n := rapid.IntRange(0, 60).Draw(t, "term")
		due, err := c.Due(at, n)
		if err != nil {
			t.Fatal(err)
		}
		if business, err := c.IsBusiness(due); err != nil || !business {
			t.Fatalf("Due = %s is not hábil (%v)", due, err)
		}
		answer := c.EndOf(due)
		if got, err := c.Count(at, answer); err != nil || got != n {
			t.Fatalf("Count(%s, %s) = %d, %v, want %d", at, due, got, err, n)
		}
		if after, err := c.Due(at, n+1); err != nil || !due.Before(after) {
			t.Fatalf("Due(%d) = %s is not after Due(%d) = %s (%v)", n+1, after, n, due, err)
		}
		if later, err := c.Due(at.Add(time.Hour), n); err != nil || later.Before(due) {
			t.Fatalf("an hour later is due earlier: %s before %s (%v)", later, due, err)
		}
		raw, err := c.CountRaw(at, answer)
		entered, _ := c.IsBusiness(c.DateOf(at, nil))
		if want := n + map[bool]int{true: 0, false: 1}[entered]; err != nil || raw != want {
			t.Fatalf("CountRaw = %d, %v, want %d", raw, err, want)
		}
	})
}

// Counting by subtraction must agree with walking day by day.
func TestCalendar_CountAgainstWalk(t *testing.T) {
	c := load(t)
	closed := map[Date]bool{}
	for _, h := range c.Holidays() {
		closed[h.Date] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		a := Date{2019, 1, 1}.AddDays(rapid.IntRange(30, 3600).Draw(t, "start"))
		b := a.AddDays(rapid.IntRange(-30, 50).Draw(t, "span"))
		want := 0
		for d := a.AddDays(1); !b.Before(d); d = d.AddDays(1) {
			if !closed[d] && d.Weekday() != time.Saturday && d.Weekday() != time.Sunday {
				want++
			}
		}
		got, err := c.CountRaw(c.clock(a, 12), c.clock(b, 12))
		if err != nil || got != want {
			t.Fatalf("%s to %s: %d, %v, want %d", a, b, got, err, want)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-02-28", "2024-02-29", "2026-02-29", "0001-01-01", "", "2026-13-01", "26-1-1", "２０２６-01-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err != nil {
			if s != "" && strings.Contains(err.Error(), s) && len(s) > 10 {
				t.Errorf("the error quotes its input: %v", err)
			}
			return
		}
		if d.String() != s {
			t.Errorf("%q reads as %s", s, d)
		}
		if back := d.AddDays(1).AddDays(-1); back != d {
			t.Errorf("%s, a day later and a day earlier: %s", d, back)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(embedded)
	f.Add([]byte("date,name,law,irrenunciable\n2026-01-01,a,b,true\n2026-12-25,c,d,true\n"))
	f.Fuzz(func(t *testing.T, table []byte) {
		c, err := Parse(table)
		if err != nil {
			return
		}
		first, last := c.Range()
		if first.Month != time.January || first.Day != 1 || last.Month != time.December || last.Day != 31 {
			t.Errorf("the table covers %s to %s, not whole years", first, last)
		}
		for _, h := range c.Holidays() {
			if business, err := c.IsBusiness(h.Date); err != nil || business {
				t.Errorf("%s is a holiday and hábil (%v)", h.Date, err)
			}
		}
	})
}
