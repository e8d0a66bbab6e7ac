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
	Media    []mediaView
	Veiled   bool   // hidden from the public by us
	Liked    bool   // by us
	Taken    string // who took it away
	Link     string // what a post of ours points to
	Ours     bool   // our people may change it in the network's own application
	Speak    bool   // our people may answer it there
	Acts     []actChoice
}

// mediaView is what hangs on a text as a page shows it.
type mediaView struct {
	Address string
	Name    string
	Alt     string
	Type    string
	Picture bool
}

// actChoice is something our people may do to a text in the network's own application.
type actChoice struct{ Verb, Label string }

// textOf makes the view of an item, with how its last delivery went.
func (w *world) textOf(it *item, waiting map[string]owed) text {
	v := text{
		ID: it.ID, Net: it.target(), Name: it.From.Name, Initials: initials(it.From.Name), Text: it.Text, At: it.At, Own: it.Own, Removed: it.Removed,
		Edited: it.Edits > 0, CanEdit: !it.Own && !it.Foreign && !it.Removed, Answer: !it.Removed, Stars: it.Rating, Label: it.label(),
	}
	if it.Own {
		v.Initials = v.Initials[:1]
	}
	v.moderated(it)
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

// moderated adds what hangs on a text, what we did to it, and what our people may do to it.
func (v *text) moderated(it *item) {
	v.Veiled, v.Liked, v.Taken, v.Link = it.Hidden, it.Liked != "", "su autor", it.Link
	if it.By != "" || it.Own {
		v.Taken = "SENCE"
	}
	if it.Removed {
		return
	}
	for _, m := range it.Media {
		v.Media = append(v.Media, m.view(it.From.Name))
	}
	v.Ours = it.Own && !it.Seed && it.Kind != kindRating
	v.Speak = !it.Own && it.Kind != kindDM && (it.Network != "" || it.Kind != kindMention)
	for _, verb := range []string{actHide, actUnhide, actLike, actUnlike, actRemove} {
		if !it.Own && it.can(verb) && !it.done(verb, "LIKE") {
			v.Acts = append(v.Acts, actChoice{verb, actName(verb)})
		}
	}
}

// view is a medium as a page shows it: with its own words for what it shows, or else with whose it is.
func (m medium) view(whose string) mediaView {
	v := mediaView{Address: "/medio/" + m.ID, Name: m.filename(), Alt: m.Alt, Type: mediaName(m.Type)}
	v.Picture = m.Type == mediaImage || m.Type == mediaSticker
	if v.Alt == "" {
		v.Alt = v.Type + " de " + whose
	}
	return v
}

// actName is an act as a button calls it.
func actName(verb string) string {
	switch verb {
	case actHide:
		return "Ocultar"
	case actUnhide:
		return "Mostrar"
	case actLike:
		return "Me gusta"
	case actUnlike:
		return "Quitar me gusta"
	}
	return "Borrar"
}

// mediaName is a sort of medium as a person reads it.
func mediaName(kind string) string {
	switch kind {
	case mediaImage:
		return "Imagen"
	case mediaAudio:
		return "Audio"
	case mediaVideo:
		return "Video"
	case mediaSticker:
		return "Sticker"
	case mediaLocation:
		return "Ubicación"
	}
	return "Documento"
}

// label says what sort of text it is, where that is not plain to see.
func (i *item) label() string {
	switch {
	case i.Kind == kindRating:
		return "Valoración"
	case i.Kind == kindMention:
		return "Mención"
	case i.Story == storyMention:
		return "Mención en su historia"
	case i.Story == storyReply:
		return "Responde a nuestra historia"
	case i.Sealed:
		return "Mensaje cifrado"
	case i.Native:
		return "Desde la app de la red"
	case i.Template != "":
		return "Plantilla " + i.Template
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
	Net    string
}

func (s *Simulator) pageTalks(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "mensajes", "Mensajes privados", s.talks(r, targetFacebook))
}

// talks gives the conversations of a network, and the texts of the one asked for.
func (s *Simulator) talks(r *http.Request, network string) talksView {
	waiting, now := s.waiting(), s.cfg.Clock()
	view := talksView{Path: talksPage(network), Net: network}
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
