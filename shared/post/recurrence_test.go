package post_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

func TestRecurrence_Dates(t *testing.T) {
	for _, tt := range []struct {
		name  string
		r     post.Recurrence
		first string
		want  []string
	}{
		{"three days", post.Recurrence{Every: "daily", Count: 3}, "2026-12-30T09:00", []string{"2026-12-30T09:00", "2026-12-31T09:00", "2027-01-01T09:00"}},
		{"every second day until", post.Recurrence{Every: "daily", Interval: 2, Until: "2026-12-05"}, "2026-12-01T09:00", []string{"2026-12-01T09:00", "2026-12-03T09:00", "2026-12-05T09:00"}},
		{"over the night of the missing hour", post.Recurrence{Every: "daily", Count: 3}, "2026-09-05T00:30", []string{"2026-09-05T00:30", "2026-09-06T00:30", "2026-09-07T00:30"}},
		{"weekly on the day of the first", post.Recurrence{Every: "weekly", Count: 3}, "2026-12-01T09:00", []string{"2026-12-01T09:00", "2026-12-08T09:00", "2026-12-15T09:00"}},
		{
			"days of the week, in any order, from the middle of one",
			post.Recurrence{Every: "weekly", Days: []string{"fri", "mon", "wed"}, Count: 4},
			"2026-12-02T18:15",
			[]string{"2026-12-02T18:15", "2026-12-04T18:15", "2026-12-07T18:15", "2026-12-09T18:15"},
		},
		{
			"every second week keeps to the weeks of the first",
			post.Recurrence{Every: "weekly", Interval: 2, Days: []string{"mon", "sun"}, Count: 4},
			"2026-12-06T10:00",
			[]string{"2026-12-06T10:00", "2026-12-14T10:00", "2026-12-20T10:00", "2026-12-28T10:00"},
		},
		{
			"the 31st",
			post.Recurrence{Every: "monthly", Count: 5},
			"2026-12-31T09:00",
			[]string{"2026-12-31T09:00", "2027-01-31T09:00", "2027-02-28T09:00", "2027-03-31T09:00", "2027-04-30T09:00"},
		},
		{"the 29th of a leap year", post.Recurrence{Every: "monthly", Interval: 12, Count: 3}, "2028-02-29T09:00", []string{"2028-02-29T09:00", "2029-02-28T09:00", "2030-02-28T09:00"}},
		{"every quarter", post.Recurrence{Every: "monthly", Interval: 3, Until: "2027-07-31"}, "2026-10-31T09:00", []string{"2026-10-31T09:00", "2027-01-31T09:00", "2027-04-30T09:00", "2027-07-31T09:00"}},
		{"both ends, the date first", post.Recurrence{Every: "daily", Count: 9, Until: "2026-12-02"}, "2026-12-01T09:00", []string{"2026-12-01T09:00", "2026-12-02T09:00"}},
		{"both ends, the number first", post.Recurrence{Every: "daily", Count: 1, Until: "2026-12-02"}, "2026-12-01T09:00", []string{"2026-12-01T09:00"}},
		{"until the day itself", post.Recurrence{Every: "weekly", Until: "2026-12-01"}, "2026-12-01T23:59", []string{"2026-12-01T23:59"}},
		{"seconds are dropped", post.Recurrence{Every: "daily", Count: 1}, "2026-12-01T09:00:59", []string{"2026-12-01T09:00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.r.Dates(tt.first, 60)
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

func TestRecurrence_Refused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		r      post.Recurrence
		first  string
		most   int
		public string
	}{
		{"no rhythm", post.Recurrence{Count: 2}, "2026-12-01T09:00", 60, "Elige si se repite cada día, cada semana o cada mes."},
		{"a yearly one", post.Recurrence{Every: "yearly", Count: 2}, "2026-12-01T09:00", 60, "Elige si se repite cada día, cada semana o cada mes."},
		{"backwards", post.Recurrence{Every: "daily", Interval: -1, Count: 2}, "2026-12-01T09:00", 60, "El intervalo de la repetición va de 1 a 60."},
		{"no end", post.Recurrence{Every: "daily"}, "2026-12-01T09:00", 60, "Elige hasta qué fecha se repite, o cuántas veces."},
		{"too often", post.Recurrence{Every: "daily", Count: 61}, "2026-12-01T09:00", 60, "Una publicación se repite entre 1 y 60 veces."},
		{"less than never", post.Recurrence{Every: "daily", Count: -1}, "2026-12-01T09:00", 60, "Una publicación se repite entre 1 y 60 veces."},
		{"days of a month", post.Recurrence{Every: "monthly", Days: []string{"mon"}, Count: 2}, "2026-12-01T09:00", 60, "Los días de la semana solo se eligen cuando se repite cada semana."},
		{"a day that is none", post.Recurrence{Every: "weekly", Days: []string{"lun"}, Count: 2}, "2026-12-01T09:00", 60, "Elige los días de la semana, cada uno una vez."},
		{"a day twice", post.Recurrence{Every: "weekly", Days: []string{"tue", "tue"}, Count: 2}, "2026-12-01T09:00", 60, "Elige los días de la semana, cada uno una vez."},
		{"no date", post.Recurrence{Every: "daily", Until: "31/12/2026"}, "2026-12-01T09:00", 60, "Escribe la última fecha así: 2026-12-31."},
		{"ends before it begins", post.Recurrence{Every: "daily", Until: "2026-11-30"}, "2026-12-01T09:00", 60, "La última fecha es anterior a la primera."},
		{"no first", post.Recurrence{Every: "daily", Count: 2}, "", 60, "Elige primero la fecha y la hora de la primera publicación."},
		{"the first is on another day", post.Recurrence{Every: "weekly", Days: []string{"mon"}, Count: 2}, "2026-12-01T09:00", 60, "La primera fecha no cae en ninguno de los días elegidos. Cambia la fecha o agrega ese día."},
		{"a date too far", post.Recurrence{Every: "daily", Until: "2027-12-01"}, "2026-12-01T09:00", 99, "La repetición daría más de 60 publicaciones. Acorta el plazo o repítela menos seguido."},
		{"more than asked", post.Recurrence{Every: "daily", Count: 5}, "2026-12-01T09:00", 4, "La repetición daría más de 4 publicaciones. Acorta el plazo o repítela menos seguido."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.r.Dates(tt.first, tt.most)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Field != "recurrence" || f.Public != tt.public || got != nil {
				t.Errorf("%v, %#v, want %q", got, err, tt.public)
			}
		})
	}
}

// The dates ascend, are distinct, begin with the first, show the same on the wall, fall on the days asked, end where asked, and
// there is none missing between.
func TestRecurrence_Properties(t *testing.T) {
	days := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 1, 1, 0, rapid.IntRange(0, 5*366*24*60).Draw(t, "minute"), 0, 0, time.UTC)
		r := post.Recurrence{
			Every:    rapid.SampledFrom([]string{"daily", "weekly", "monthly"}).Draw(t, "every"),
			Interval: rapid.IntRange(0, 6).Draw(t, "interval"),
		}
		if r.Every == "weekly" {
			r.Days = rapid.SliceOfNDistinct(rapid.SampledFrom(days), 0, 7, rapid.ID[string]).Draw(t, "days")
			if own := days[start.Weekday()]; len(r.Days) > 0 && !slices.Contains(r.Days, own) {
				r.Days = append(r.Days, own)
			}
		}
		if rapid.Bool().Draw(t, "counted") {
			r.Count = rapid.IntRange(1, 60).Draw(t, "count")
		}
		if r.Count == 0 || rapid.Bool().Draw(t, "dated") {
			r.Until = start.AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "span")).Format(time.DateOnly)
		}
		got, err := r.Dates(start.Format("2006-01-02T15:04"), 60)
		if err != nil {
			if r.Count > 0 {
				t.Fatalf("%+v: %v", r, err)
			}
			return
		}
		if len(got) == 0 || got[0] != start.Format("2006-01-02T15:04") || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("%+v: %v", r, got)
		}
		if r.Count > 0 && len(got) > r.Count || r.Count > 0 && r.Until == "" && len(got) != r.Count {
			t.Fatalf("%+v: %d dates", r, len(got))
		}
		interval := max(r.Interval, 1)
		for i, local := range got {
			at, err := time.Parse("2006-01-02T15:04", local)
			if err != nil || local[10:] != got[0][10:] || r.Until != "" && local[:10] > r.Until {
				t.Fatalf("%+v: %s, %v", r, local, err)
			}
			if len(r.Days) > 0 && !slices.Contains(r.Days, days[at.Weekday()]) {
				t.Fatalf("%+v: %s is a %s", r, local, at.Weekday())
			}
			if i > 0 && len(r.Days) > 0 && interval == 1 {
				for prev, _ := time.Parse("2006-01-02T15:04", got[i-1]); prev.Before(at.AddDate(0, 0, -1)); {
					prev = prev.AddDate(0, 0, 1)
					if slices.Contains(r.Days, days[prev.Weekday()]) {
						t.Fatalf("%+v: %s is missing", r, prev)
					}
				}
			}
			if want := expected(start, r, interval, i); want != "" && local != want {
				t.Fatalf("%+v: the %d. is %s, want %s", r, i, local, want)
			}
		}
	})
}

// expected gives the i-th date of a recurrence without days of the week, reckoned another way.
func expected(start time.Time, r post.Recurrence, interval, i int) string {
	switch {
	case r.Every == "daily":
		return start.Add(time.Duration(i*interval) * 24 * time.Hour).Format("2006-01-02T15:04")
	case r.Every == "weekly" && len(r.Days) == 0:
		return start.Add(time.Duration(i*interval) * 7 * 24 * time.Hour).Format("2006-01-02T15:04")
	case r.Every == "monthly":
		months := int(start.Month()) - 1 + i*interval
		for day := start.Day(); ; day-- {
			at := time.Date(start.Year()+months/12, time.Month(months%12+1), day, 0, 0, 0, 0, time.UTC)
			if at.Day() == day {
				return fmt.Sprintf("%sT%s", at.Format(time.DateOnly), start.Format("15:04"))
			}
		}
	}
	return ""
}
