package sim

import (
	"context"
	"net/http"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
)

// tickLimit bounds one jump of the clock: everything due until then is run.
const tickLimit = 2 * time.Minute

// clockOrder is the body of POST /sim/clock: an instant, or one of the steps 10m, 1h and habil (next business day,
// 09:00 in Santiago).
type clockOrder struct {
	At   time.Time `json:"at,omitzero"`
	Step string    `json:"step"`
}

// target gives the instant an order means.
func (s *Simulator) target(o clockOrder, now time.Time) (time.Time, error) {
	switch o.Step {
	case "10m":
		return now.Add(10 * time.Minute), nil
	case "1h":
		return now.Add(time.Hour), nil
	case "habil":
		return s.nextOpening(now)
	case "":
		if o.At.After(now) {
			return o.At, nil
		}
		return now, invalid("El reloj solo avanza. Elige un momento posterior al actual.")
	}
	return now, invalid("El paso debe ser 10m, 1h o habil.")
}

// nextOpening gives 09:00 of the next business day after today.
func (s *Simulator) nextOpening(now time.Time) (time.Time, error) {
	day := s.cal.DateOf(now, nil).AddDays(1)
	day, err := s.cal.Computable(day)
	if err != nil {
		return now, invalid("Esa fecha está fuera del calendario de feriados.")
	}
	return s.atHour(day, 9, 0), nil
}

func (s *Simulator) atHour(day calendar.Date, hour, minute int) time.Time {
	return time.Date(day.Year, day.Month, day.Day, hour, minute, 0, 0, s.cal.Zone()).UTC()
}

// businessDaysAgo gives the n-th business day before today.
func (s *Simulator) businessDaysAgo(now time.Time, n int) (calendar.Date, error) {
	day := s.cal.DateOf(now, nil)
	for n > 0 {
		day = day.AddDays(-1)
		works, err := s.cal.IsBusiness(day)
		if err != nil {
			return day, err
		}
		if works {
			n--
		}
	}
	return day, nil
}

// advance moves the local clock and gives where it stands then.
func (s *Simulator) advance(ctx context.Context, o clockOrder) (time.Time, error) {
	if s.cfg.Tick == nil {
		return time.Time{}, &refusal{http.StatusNotImplemented, "Este simulador no gobierna el reloj del sistema local."}
	}
	at, err := s.target(o, s.cfg.Clock())
	if err != nil {
		return at, err
	}
	ctx, cancel := context.WithTimeout(ctx, tickLimit)
	defer cancel()
	if err := s.cfg.Tick(ctx, at); err != nil {
		return at, &refusal{http.StatusBadGateway, "El sistema local no pudo avanzar su reloj."}
	}
	s.outbox.wake()
	return at, nil
}

func (s *Simulator) postClock(w http.ResponseWriter, r *http.Request) {
	var o clockOrder
	err := readJSON(r, &o)
	var at time.Time
	if err == nil {
		at, err = s.advance(r.Context(), o)
	}
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]time.Time{"at": at.UTC()})
}

func (s *Simulator) getClock(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]time.Time{"at": s.cfg.Clock().UTC()})
}
