package sim

import (
	"net/http"
	"time"
)

// morning is one press of the button: what it wrote, in order.
type morning struct {
	At  time.Time `json:"at"`
	IDs []string  `json:"ids"`
}

// progress is how far the last morning got.
type progress struct {
	Total     int  `json:"total"`
	Delivered int  `json:"delivered"`
	Pending   int  `json:"pending"`
	Lost      int  `json:"lost"` // never told, by a fault or for want of a subscription
	Running   bool `json:"running"`
}

// playMorning writes the 40 texts at once, in one commit: a morning is whole or did not happen.
func (s *Simulator) playMorning() ([]string, error) {
	var ids []string
	err := s.commit(func(t *tx) error {
		staged, err := s.stageAll(t)
		if err != nil {
			return err
		}
		for i, sc := range scenes() {
			m := staged[i]
			if sc.After > 0 {
				m.Thread = ids[sc.After-1]
			}
			it, err := t.writeOn(sc.Net, m)
			if err != nil {
				return err
			}
			ids = append(ids, it.ID)
		}
		t.add(change{Morning: &morning{At: t.now.UTC(), IDs: ids}})
		return nil
	})
	return ids, err
}

func (s *Simulator) stageAll(t *tx) ([]written, error) {
	all := scenes()
	staged := make([]written, 0, len(all))
	for i, sc := range all {
		m, err := s.stage(t, sc, i, len(all))
		if err != nil {
			return nil, err
		}
		staged = append(staged, m)
	}
	return staged, nil
}

// stage turns a scene into what its writer posts. Fresh ones spread over the last hour, one a minute and a half.
func (s *Simulator) stage(t *tx, sc scene, i, total int) (written, error) {
	who := fictitious()[sc.Who]
	m := written{Author: who.ID, Name: who.Name, Kind: sc.Kind, Text: sc.Text, At: t.now.Add(-time.Duration(total-1-i) * 90 * time.Second)}
	if sc.Kind == kindComment && sc.Net == "" {
		m.Thread = t.w.pageID + "_" + seedFirst + string(rune('1'+sc.Post))
	}
	if sc.Back > 0 {
		day, err := s.businessDaysAgo(t.now, sc.Back)
		if err != nil {
			return m, invalid("La mañana cae fuera del calendario de feriados.")
		}
		m.At = s.atHour(day, 10, 7*i)
	}
	return m, nil
}

func (s *Simulator) morningProgress() progress {
	var p progress
	s.read(func(w *world) {
		if len(w.mornings) == 0 {
			return
		}
		last := w.mornings[len(w.mornings)-1]
		p.Total = len(last.IDs)
		for _, id := range last.IDs {
			switch d := w.about[id]; {
			case d == "":
				p.Lost++
			case w.states[d] == stateDelivered:
				p.Delivered++
			default:
				p.Pending++
			}
		}
		p.Running = p.Pending > 0
	})
	return p
}

func (s *Simulator) postMorning(w http.ResponseWriter, _ *http.Request) {
	ids, err := s.playMorning()
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"total": len(ids), "ids": ids})
}

func (s *Simulator) getMorning(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.morningProgress())
}
