package post

import (
	"slices"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/fault"
)

// MaxDates is how many posts one recurrence may become.
const MaxDates = 60

// The rhythms of a recurrence.
const (
	Daily   = "daily"
	Weekly  = "weekly"
	Monthly = "monthly"
)

// Recurrence is how often a post is said again, as a person put it. Every is daily, weekly or monthly; Interval each how many of
// those (1 when 0); Days the days of the week of a weekly one (mon, tue, …), the day of its first date when empty. It ends on the
// date Until (2026-12-31, inclusive) or after Count times, whichever is asked; when both are, whichever comes first.
type Recurrence struct {
	Every    string   `json:"every"`
	Interval int      `json:"interval,omitempty"`
	Days     []string `json:"days,omitempty"`
	Until    string   `json:"until,omitempty"`
	Count    int      `json:"count,omitempty"`
}

// weekdays gives the days of the week as a recurrence names them, in their order from Monday.
func weekdays() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// weekday gives the place of a date in its week, from Monday.
func weekday(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

// validDays reports whether each is a day of the week, and none is there twice.
func validDays(days []string) bool {
	for i, day := range days {
		if !slices.Contains(weekdays(), day) || slices.Contains(days[:i], day) {
			return false
		}
	}
	return true
}

// Validate reports what is wrong with a recurrence by itself: a fault.Invalid about "recurrence".
func (r Recurrence) Validate() error {
	const op = "post.Recurrence"
	reject := func(public string) error { return fault.Reject(op, "recurrence", public) }
	switch {
	case r.Every != Daily && r.Every != Weekly && r.Every != Monthly:
		return reject("Elige si se repite cada día, cada semana o cada mes.")
	case r.Interval < 0 || r.Interval > MaxDates:
		return reject("El intervalo de la repetición va de 1 a " + strconv.Itoa(MaxDates) + ".")
	case r.Count < 0 || r.Count > MaxDates:
		return reject("Una publicación se repite entre 1 y " + strconv.Itoa(MaxDates) + " veces.")
	case r.Count == 0 && r.Until == "":
		return reject("Elige hasta qué fecha se repite, o cuántas veces.")
	case len(r.Days) > 0 && r.Every != Weekly:
		return reject("Los días de la semana solo se eligen cuando se repite cada semana.")
	case !validDays(r.Days):
		return reject("Elige los días de la semana, cada uno una vez.")
	}
	if _, err := calendar.ParseDate(r.Until); r.Until != "" && err != nil {
		return reject("Escribe la última fecha así: 2026-12-31.")
	}
	return nil
}

// Dates gives the local date-times (calendar.WallMinute) of all occurrences, the first of them first: the clock on the wall
// shows the same at each, whatever the clocks do between. Whether it shows it at all that night says calendar.Resolve. A monthly
// one of the 29th, 30th or 31st falls on the last day of a month that is shorter, and on its own day again after it. More than
// most (at most MaxDates) are an error, not a shorter list: nobody should believe a post planned that is not.
func (r Recurrence) Dates(first string, most int) ([]string, error) {
	const op = "post.Dates"
	reject := func(public string) error { return fault.Reject(op, "recurrence", public) }
	if err := r.Validate(); err != nil {
		return nil, err
	}
	start, err := calendar.ParseWall(first)
	switch {
	case err != nil:
		return nil, reject("Elige primero la fecha y la hora de la primera publicación.")
	case len(r.Days) > 0 && !slices.Contains(r.Days, weekdays()[weekday(start)]):
		return nil, reject("La primera fecha no cae en ninguno de los días elegidos. Cambia la fecha o agrega ese día.")
	case r.Until != "" && start.Format(time.DateOnly) > r.Until:
		return nil, reject("La última fecha es anterior a la primera.")
	}
	most = max(0, min(most, MaxDates))
	dates := r.upTo(start, most+1)
	if len(dates) > most {
		return nil, reject("La repetición daría más de " + strconv.Itoa(most) + " publicaciones. Acorta el plazo o repítela menos seguido.")
	}
	return dates, nil
}

// upTo gives the occurrences from start on, at most that many.
func (r Recurrence) upTo(start time.Time, most int) []string {
	if r.Count > 0 {
		most = min(most, r.Count)
	}
	var out []string
	for i := 0; ; i++ {
		for _, at := range r.step(start, i) {
			if len(out) == most || r.Until != "" && at.Format(time.DateOnly) > r.Until {
				return out
			}
			if !at.Before(start) {
				out = append(out, at.Format(calendar.WallMinute))
			}
		}
	}
}

// step gives the times of the i-th day, week or month, in order; those of the first week may lie before the start.
func (r Recurrence) step(start time.Time, i int) []time.Time {
	n := i * max(r.Interval, 1)
	switch {
	case r.Every == Daily:
		return []time.Time{start.AddDate(0, 0, n)}
	case r.Every == Monthly:
		month := start.AddDate(0, 0, 1-start.Day()).AddDate(0, n, 0)
		last := month.AddDate(0, 1, -1).Day()
		return []time.Time{month.AddDate(0, 0, min(start.Day(), last)-1)}
	case len(r.Days) == 0:
		return []time.Time{start.AddDate(0, 0, 7*n)}
	}
	monday := start.AddDate(0, 0, 7*n-weekday(start))
	var out []time.Time
	for place, day := range weekdays() {
		if slices.Contains(r.Days, day) {
			out = append(out, monday.AddDate(0, 0, place))
		}
	}
	return out
}
