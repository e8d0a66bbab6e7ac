package sim

import (
	"net/http"
	"slices"
)

type caseView struct {
	siacBrief
	Steps  []siacStep
	Text   string
	Notice string
	Owed   bool
}

type casesView struct {
	Cases  []caseView
	Hidden int
	States []string
}

func (s *Simulator) pageCases(w http.ResponseWriter, r *http.Request) {
	waiting := s.waiting()
	view := casesView{States: siacStates()}
	s.read(func(w *world) {
		view.Hidden = max(len(w.caseOrder)-listMost, 0)
		for _, folio := range slices.Backward(w.caseOrder[view.Hidden:]) {
			view.Cases = append(view.Cases, w.caseView(w.cases[folio], waiting))
		}
	})
	s.show(w, r, http.StatusOK, "siac", "SIAC", view)
}

func (w *world) caseView(c *siacCase, waiting map[string]owed) caseView {
	full := c.full()
	v := caseView{siacBrief: full, Steps: full.History, Text: c.description()}
	for _, e := range slices.Backward(c.History) {
		d := w.about[e.ID]
		if d == "" {
			continue
		}
		switch o, pending := waiting[d]; {
		case pending:
			v.Notice, v.Owed = "Aviso pendiente: "+plural(o.Tries, "intento", "intentos"), true
		case w.states[d] == stateDelivered:
			v.Notice = "Aviso entregado"
		default:
			v.Notice, v.Owed = "Aviso abandonado", true
		}
		break
	}
	return v
}

type mailView struct {
	Letters []letter
	Hidden  int
}

func (s *Simulator) pageMail(w http.ResponseWriter, r *http.Request) {
	var view mailView
	s.read(func(w *world) {
		view.Hidden = max(len(w.mail)-listMost, 0)
		view.Letters = slices.Clone(w.mail[view.Hidden:])
	})
	slices.Reverse(view.Letters)
	s.show(w, r, http.StatusOK, "correo", "Correo", view)
}

type overview struct {
	Citizens int // texts by citizens
	Talks    int
	Sent     int
	Cases    int
	Mail     int
	Owed     []owed
	MoreOwed int
	Dead     int
	Faults   []mishap
	Modes    []string
	Morning  progress
	CanTick  bool
	Local    string
	Others   []tally
}

// tally is how much was written on a network beside Facebook.
type tally struct {
	network
	Citizens, Sent int
}

func (s *Simulator) pageOverview(w http.ResponseWriter, r *http.Request) {
	view := overview{
		Faults: s.activeFaults(), Modes: modes(), Morning: s.morningProgress(), CanTick: s.cfg.Tick != nil,
		Owed: s.outbox.list(), Local: s.cfg.WebhookBase,
	}
	view.MoreOwed = max(len(view.Owed)-10, 0)
	view.Owed = view.Owed[:len(view.Owed)-view.MoreOwed]
	s.read(func(w *world) {
		written := map[string]int{}
		view.Talks, view.Sent, view.Cases, view.Mail, view.Dead = len(w.talkers), len(w.sent), len(w.caseOrder), len(w.mail), len(w.dead)
		for _, it := range w.items {
			if !it.Own && !it.Seed {
				written[it.target()]++
			}
		}
		view.Citizens = written[targetFacebook]
		for _, n := range otherNetworks() {
			view.Others = append(view.Others, tally{n, written[n.Name], len(w.at(n.Name).sent)})
		}
	})
	s.show(w, r, http.StatusOK, "resumen", "Resumen", view)
}
