package sim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (w *world) applySiac(c change) {
	if c.Case != nil {
		kept := *c.Case
		w.cases[kept.Folio] = &kept
		w.caseOrder = append(w.caseOrder, kept.Folio)
		w.caseKeys[kept.Key] = kept.Folio
		return
	}
	e := *c.Event
	kept := w.cases[e.Folio]
	if kept == nil {
		return
	}
	kept.History = append(kept.History, e)
	kept.Sequence = e.Sequence
	if e.State != "" {
		kept.State = e.State
	}
	if e.Key != "" {
		w.eventKeys[e.Folio+" "+e.Key] = &e
	}
}

// siacFind is GET casos?ref_externa=&estado=: the look-up before a second attempt, and the list to reconcile with.
func (s *Simulator) siacFind(w http.ResponseWriter, r *http.Request) {
	ref, state := r.URL.Query().Get("ref_externa"), r.URL.Query().Get("estado")
	items := s.briefs(func(c *siacCase) bool { return (ref == "" || c.Ref == ref) && (state == "" || c.State == state) })
	writeJSON(w, http.StatusOK, map[string]any{"items": items})
}

// getCases is GET /sim/siac/casos.
func (s *Simulator) getCases(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.briefs(func(*siacCase) bool { return true }))
}

func (s *Simulator) briefs(want func(*siacCase) bool) []siacBrief {
	found := []siacBrief{}
	s.read(func(w *world) {
		for _, folio := range w.caseOrder {
			if c := w.cases[folio]; want(c) {
				found = append(found, c.brief())
			}
		}
	})
	return found
}

func (s *Simulator) siacGet(w http.ResponseWriter, r *http.Request) {
	var found *siacBrief
	s.read(func(w *world) {
		if c := w.cases[r.PathValue("folio")]; c != nil {
			b := c.full()
			found = &b
		}
	})
	if found == nil {
		writeSiacError(w, siacError(http.StatusNotFound, "folio", "Ese folio no existe."))
		return
	}
	writeJSON(w, http.StatusOK, found)
}

// noted is the body of POST casos/{folio}/eventos: what the gestor tells SIAC of a case.
type noted struct {
	Type  string `json:"tipo"`
	State string `json:"estado"`
	Text  string `json:"texto"`
}

func (s *Simulator) siacNote(w http.ResponseWriter, r *http.Request) {
	var n noted
	_, _, err := siacBody(r, &n)
	if err == nil && n.Type == "" {
		err = siacError(http.StatusUnprocessableEntity, "campos", "Falta el tipo de evento.", siacField{"tipo", "Es obligatorio."})
	}
	if err == nil && n.State != "" && !slices.Contains(siacStates(), n.State) {
		err = siacError(http.StatusUnprocessableEntity, "campos", "Ese estado no existe.", siacField{"estado", "No existe."})
	}
	var e caseEvent
	status := http.StatusCreated
	if err == nil {
		err = s.commit(func(t *tx) error {
			c := t.w.cases[r.PathValue("folio")]
			if c == nil {
				return siacError(http.StatusNotFound, "folio", "Ese folio no existe.")
			}
			key := r.Header.Get("Idempotency-Key")
			if before := t.w.eventKeys[c.Folio+" "+key]; before != nil && key != "" {
				e, status = *before, http.StatusOK
				return nil
			}
			e = t.step(c, n.Type, n.State, n.Text, "gestor")
			e.Key = key
			t.add(change{Event: &e})
			return nil
		})
	}
	if err != nil {
		writeSiacError(w, err)
		return
	}
	writeJSON(w, status, map[string]any{"folio": e.Folio, "id_evento": e.ID, "secuencia": e.Sequence, "tipo": e.Type, "estado": e.State})
}

func (t *tx) step(c *siacCase, kind, state, text, by string) caseEvent {
	n := c.Sequence + 1
	return caseEvent{
		ID: "ev-" + token(c.Folio+strconv.Itoa(n)+t.now.Format(time.RFC3339Nano), 12), Folio: c.Folio, Sequence: n, Type: kind,
		State: state, Text: text, By: by, At: t.now.UTC(),
	}
}

// callback is what SIAC posts to /siac/callback (domain.md §6.2): at least once, in any order.
type callback struct {
	ID       string       `json:"id_evento"`
	Folio    string       `json:"folio"`
	Sequence int          `json:"secuencia"`
	Type     string       `json:"tipo"`
	At       time.Time    `json:"ocurrido_en"`
	Data     callbackData `json:"datos"`
}

type callbackData struct {
	State string `json:"estado"`
	Text  string `json:"texto,omitempty"`
	Ref   string `json:"ref_externa"`
}

// move is the body of POST /sim/siac/casos/{folio}/eventos: SIAC's own staff moves a case. Any state may follow any
// other here: what SIAC allows itself is not ours to know.
type move struct {
	State string `json:"estado"`
	Text  string `json:"texto"`
}

// moved says what a move did and whether our system was told of it.
type moved struct {
	Folio    string `json:"folio"`
	State    string `json:"estado"`
	Sequence int    `json:"secuencia"`
	ID       string `json:"id_evento"`
	Notice   notice `json:"aviso"`
}

// notice is how telling our system went; a pending one is tried again.
type notice struct {
	State  string `json:"estado"` // entregado, pendiente or descartado
	Detail string `json:"detalle"`
}

func (s *Simulator) moveCase(folio string, m move) (moved, error) {
	m.State, m.Text = strings.TrimSpace(m.State), strings.TrimSpace(m.Text)
	if !slices.Contains(siacStates(), m.State) {
		return moved{}, invalid("El estado debe ser uno de: " + strings.Join(siacStates(), ", ") + ".")
	}
	var out moved
	told := ""
	err := s.commit(func(t *tx) error {
		c := t.w.cases[folio]
		if c == nil {
			return notFound("Ese folio no existe.")
		}
		e := t.step(c, "cambio_estado", m.State, m.Text, "siac")
		t.add(change{Event: &e})
		out = moved{Folio: folio, State: m.State, Sequence: e.Sequence, ID: e.ID}
		if _, hit := t.strike(targetSiac, dropWebhooks); hit {
			out.Notice = notice{"descartado", "La falla activa hizo que SIAC no avisara."}
			return nil
		}
		body, err := json.Marshal(callback{e.ID, folio, e.Sequence, e.Type, e.At, callbackData{m.State, m.Text, c.Ref}})
		if err != nil {
			return err
		}
		told = t.deliveryID()
		t.add(change{Queue: &delivery{ID: told, Target: targetSiac, About: e.ID, Body: string(body), At: t.now}})
		return nil
	})
	if err == nil && told != "" {
		out.Notice = s.noticeOf(told)
	}
	return out, err
}

// noticeOf waits for the first try of a callback and says how it went.
func (s *Simulator) noticeOf(told string) notice {
	s.outbox.afterFirst(told, 5*time.Second)
	state := ""
	s.read(func(w *world) { state = w.states[told] })
	if state == stateDelivered {
		return notice{stateDelivered, "El gestor recibió el aviso."}
	}
	detail := "El gestor todavía no contesta. El aviso quedó pendiente y se reintentará."
	for _, o := range s.outbox.list() {
		if o.ID == told && o.Last != "" {
			detail = "El primer intento no sirvió (" + o.Last + "). El aviso quedó pendiente y se reintentará."
		}
	}
	return notice{"pendiente", detail}
}

func (s *Simulator) postMove(w http.ResponseWriter, r *http.Request) {
	var m move
	err := readJSON(r, &m)
	var out moved
	if err == nil {
		out, err = s.moveCase(r.PathValue("folio"), m)
	}
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

// description is what the filing says happened.
func (c *siacCase) description() string {
	var f filing
	if json.Unmarshal(c.Body, &f) != nil {
		return ""
	}
	return f.Description
}
