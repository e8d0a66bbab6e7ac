package sim

import (
	"net/http"
	"slices"
	"time"
)

// How much a page shows at once.
const (
	wallPosts    = 15
	wallComments = 40
	threadAll    = 400
	listMost     = 100
)

// text is one item as a page shows it.
type text struct {
	ID       string
	Net      string
	Name     string
	Initials string
	Text     string
	At       time.Time
	Label    string
	Own      bool
	Removed  bool
	Edited   bool
	CanEdit  bool
	Answer   bool // may be answered in public
	Stars    int
	Notice   string // how the app was told of it
	Owed     bool   // not told yet
	Hidden   int    // older texts under it that are not shown
	Under    []text
	People   []person // who may answer it, when it may be answered here
	As       string
}

// textOf makes the view of an item, with how its last delivery went.
func (w *world) textOf(it *item, waiting map[string]owed) text {
	v := text{
		ID: it.ID, Net: it.target(), Name: it.From.Name, Initials: initials(it.From.Name), Text: it.Text, At: it.At, Own: it.Own, Removed: it.Removed,
		Edited: it.Edits > 0, CanEdit: !it.Own && !it.Foreign && !it.Removed, Answer: !it.Removed, Stars: it.Rating, Label: it.label(),
	}
	if it.Own {
		v.Initials = v.Initials[:1]
	}
	d := w.about[it.ID]
	switch o, pending := waiting[d]; {
	case it.Note != "":
		v.Notice = it.Note
	case pending && o.Tries > 0:
		v.Notice, v.Owed = "Aviso pendiente: "+plural(o.Tries, "intento", "intentos")+", "+o.Last, true
	case pending:
		v.Notice, v.Owed = "Aviso en camino", true
	case w.states[d] == stateAbandoned:
		v.Notice, v.Owed = "Aviso abandonado", true
	case w.states[d] == stateLost:
		v.Notice, v.Owed = "Aviso perdido", true
	case w.states[d] == stateDelivered:
		v.Notice = "Aviso entregado"
	}
	return v
}

// label says what sort of text it is, where that is not plain to see.
func (i *item) label() string {
	switch {
	case i.Kind == kindRating:
		return "Valoración"
	case i.Kind == kindMention:
		return "Mención"
	case i.Foreign:
		return "Página ajena"
	case i.Quoted != "":
		return "Nos cita"
	case i.Kind == kindPost && !i.Own:
		return "Publicación de visitante"
	}
	return ""
}

func (s *Simulator) waiting() map[string]owed {
	waiting := map[string]owed{}
	for _, o := range s.outbox.list() {
		waiting[o.ID] = o
	}
	return waiting
}

// under gives the views of what hangs on an item, at most the last most, and how many were left out.
func (w *world) viewsUnder(id string, waiting map[string]owed, most int) (views []text, hidden int) {
	ids := w.replies[id]
	hidden = max(len(ids)-most, 0)
	for _, id := range ids[hidden:] {
		v := w.textOf(w.items[id], waiting)
		v.Under, v.Hidden = w.viewsUnder(id, waiting, most)
		views = append(views, v)
	}
	return views, hidden
}

type wallView struct {
	Posts  []text
	Thread string // the one post shown, when only one is
	Hidden int
	People []person
	As     string
}

func (s *Simulator) pageWall(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "facebook", "Facebook", s.wall(r, targetFacebook))
}

// wall gives the public posts of a network with what hangs on them, those with the newest texts first.
func (s *Simulator) wall(r *http.Request, network string) wallView {
	waiting := s.waiting()
	view := wallView{Thread: r.URL.Query().Get("hilo"), People: fictitious(), As: r.URL.Query().Get("como")}
	s.read(func(w *world) {
		p := w.at(network)
		posts, most := slices.Clone(p.posts), wallComments
		if it := w.items[view.Thread]; it != nil && it.top() && it.target() == network {
			posts, most = []string{view.Thread}, threadAll
		} else {
			view.Thread = ""
		}
		slices.SortStableFunc(posts, func(a, b string) int { return p.active[b] - p.active[a] })
		view.Hidden = max(len(posts)-wallPosts, 0)
		for _, id := range posts[:min(len(posts), wallPosts)] {
			v := w.textOf(w.items[id], waiting)
			v.Under, v.Hidden = w.viewsUnder(id, waiting, most)
			slices.Reverse(v.Under) // the newest comment first, its answers in order
			for i := range v.Under {
				v.Under[i].People, v.Under[i].As = view.People, view.As
			}
			view.Posts = append(view.Posts, v)
		}
	})
	return view
}

// networkView is the page of a network beside Facebook.
type networkView struct {
	Net     network
	Wall    wallView
	Talks   talksView
	Private bool // it has private messages
}

func (s *Simulator) pageNetwork(n network) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		view := networkView{Net: n, Wall: s.wall(r, n.Name), Talks: s.talks(r, n.Name), Private: slices.Contains(n.Kinds, kindDM)}
		s.show(w, r, http.StatusOK, n.Name, n.Title, view)
	}
}

type talk struct {
	ID       string
	Name     string
	Initials string
	Last     string
	At       time.Time
	Current  bool
}

type talksView struct {
	Talks  []talk
	Hidden int
	With   talk
	Texts  []text
	Closed bool // the 24-hour window has passed
	Path   string
}

func (s *Simulator) pageTalks(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "mensajes", "Mensajes privados", s.talks(r, targetFacebook))
}

// talks gives the conversations of a network, and the texts of the one asked for.
func (s *Simulator) talks(r *http.Request, network string) talksView {
	waiting, now := s.waiting(), s.cfg.Clock()
	view := talksView{Path: talksPage(network)}
	s.read(func(w *world) {
		p := w.at(network)
		with := r.URL.Query().Get("con")
		ids := slices.Clone(p.talkers)
		slices.SortStableFunc(ids, func(a, b string) int { return p.active[b] - p.active[a] })
		view.Hidden = max(len(ids)-listMost, 0)
		for _, id := range ids[:min(len(ids), listMost)] {
			t := w.talkOf(network, id)
			if t.Current = id == with || (with == "" && len(view.Talks) == 0); t.Current {
				view.With = t
			}
			view.Talks = append(view.Talks, t)
		}
		talked := p.talks[view.With.ID]
		for _, id := range talked[max(len(talked)-threadAll, 0):] {
			view.Texts = append(view.Texts, w.textOf(w.items[id], waiting))
		}
		if heard := w.items[w.heard(network, view.With.ID)]; heard != nil && network != targetX {
			view.Closed = now.Sub(heard.At) > messageWindow
		}
	})
	return view
}

// talksPage is the page that shows the conversations of a network.
func talksPage(network string) string {
	if network == targetFacebook {
		return "/facebook/mensajes"
	}
	return "/" + network
}

func (w *world) talkOf(network, citizen string) talk {
	texts := w.at(network).talks[citizen]
	last := w.items[texts[len(texts)-1]]
	t := talk{ID: citizen, At: last.At, Last: last.Text, Name: "Persona sin nombre"}
	if last.Removed {
		t.Last = "Mensaje borrado"
	}
	// A private answer to a comment opens a conversation in which the citizen has not spoken yet.
	if who := w.items[w.heard(network, citizen)]; who != nil {
		t.Name = who.From.Name
	} else if answered := w.items[w.items[texts[0]].InReplyTo]; answered != nil {
		t.Name = answered.From.Name
	}
	t.Initials = initials(t.Name)
	if runes := []rune(t.Last); len(runes) > 80 {
		t.Last = string(runes[:80]) + "…"
	}
	return t
}

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
