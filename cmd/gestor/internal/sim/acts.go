package sim

import (
	"net/http"
	"slices"
	"time"
)

// What may be done to a text that somebody else wrote, or to one of ours.
const (
	actHide   = "hide"
	actUnhide = "unhide"
	actLike   = "like"
	actUnlike = "unlike"
	actRemove = "remove"
)

// Who did it: our system through the network's API, or our people in the network's own application.
const (
	byGestor = "gestor"
	byNative = "nativa"
)

// act is one thing done to a text.
type act struct {
	Network  string    `json:"network"`
	Verb     string    `json:"verb"`
	Target   string    `json:"target"`
	Reaction string    `json:"reaction,omitempty"` // of a like, where there are several
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

func (w *world) applyAct(a act) {
	it := w.items[a.Target]
	if it == nil {
		return
	}
	w.acts = append(w.acts, a)
	switch a.Verb {
	case actHide, actUnhide:
		it.Hidden = a.Verb == actHide
	case actLike:
		it.Liked = a.Reaction
	case actUnlike:
		it.Liked = ""
	case actRemove:
		it.Text, it.Removed, it.By, it.Changed = "", true, a.By, a.At
	}
}

// does does something to a text and tells our system where the network tells: twice is once.
func (t *tx) does(it *item, verb, reaction, by string) {
	if it.done(verb, reaction) {
		return
	}
	t.add(change{Act: &act{Network: it.target(), Verb: verb, Target: it.ID, Reaction: reaction, By: by, At: t.now.UTC()}})
	told := map[string]string{actHide: verbHide, actUnhide: verbUnhide, actRemove: verbRemove}[verb]
	if told == "" {
		return
	}
	if name, body := t.w.webhook(it, told, t.now); body != nil && t.listening(it, name) == "" {
		t.owe(it, body)
	}
}

// done reports whether the text is already as the act would make it.
func (i *item) done(verb, reaction string) bool {
	switch verb {
	case actHide:
		return i.Hidden
	case actUnhide:
		return !i.Hidden
	case actLike:
		return i.Liked == reaction
	case actUnlike:
		return i.Liked == ""
	}
	return i.Removed
}

// can reports whether a network has the act at all, for our account on such a text.
func (i *item) can(verb string) bool {
	if i.Kind == kindDM {
		return false
	}
	switch verb {
	case actHide, actUnhide:
		return i.hideable()
	case actLike, actUnlike:
		return i.Network == "" || i.Network == targetLinkedIn
	}
	switch i.target() {
	case targetX:
		return i.Own
	case targetInstagram:
		return i.Kind == kindComment
	case targetLinkedIn:
		return i.Own || i.Kind == kindComment
	}
	return !i.Foreign && (i.Own || i.Kind == kindComment || i.Kind == kindPost)
}

// hideable reports a comment of somebody else that our account may hide.
func (i *item) hideable() bool {
	switch i.target() {
	case targetFacebook, targetInstagram, targetX:
		return i.Kind == kindComment && !i.Own
	}
	return false
}

// actItem is one act, as GET /sim/{network}/acts lists it.
type actItem struct {
	Verb     string    `json:"verb"`
	Target   string    `json:"target"`
	Reaction string    `json:"reaction,omitempty"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

func (s *Simulator) getActs(w http.ResponseWriter, r *http.Request) {
	network := r.PathValue("network")
	if err := known(network); err != nil {
		writeProblem(w, err)
		return
	}
	list := []actItem{}
	s.read(func(w *world) {
		for _, a := range w.acts {
			if a.Network == network {
				list = append(list, actItem{a.Verb, a.Target, a.Reaction, a.By, a.At})
			}
		}
	})
	writeJSON(w, http.StatusOK, list)
}

// actOrder is the body of POST /sim/{network}/acts: what our people do in the network's own application.
type actOrder struct {
	ID   string `json:"id"`
	Verb string `json:"verb"`
}

func (s *Simulator) postAct(w http.ResponseWriter, r *http.Request) {
	var o actOrder
	network := r.PathValue("network")
	err := known(network)
	if err == nil {
		err = readJSON(r, &o)
	}
	if err == nil {
		err = s.nativeAct(network, o)
	}
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"id": o.ID, "verb": o.Verb})
}

// nativeAct does what our people do in the network's own application.
func (s *Simulator) nativeAct(network string, o actOrder) error {
	return s.commit(func(t *tx) error {
		it := t.w.items[o.ID]
		switch {
		case !slices.Contains([]string{actHide, actUnhide, actLike, actUnlike, actRemove}, o.Verb):
			return invalid("La acción debe ser hide, unhide, like, unlike o remove.")
		case it == nil || it.Removed || it.target() != network:
			return notFound("Ese texto no existe o ya fue borrado.")
		case !it.can(o.Verb):
			return invalid("Esa red no deja hacer eso con ese texto.")
		}
		reaction := ""
		if o.Verb == actLike {
			reaction = "LIKE"
		}
		t.does(it, o.Verb, reaction, byNative)
		return nil
	})
}

func (s *Simulator) formAct(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	to, extra := s.origin(r, v.Get("id"))
	if err == nil {
		err = s.nativeAct(r.PathValue("network"), actOrder{ID: v.Get("id"), Verb: v.Get("verb")})
	}
	s.back(w, r, err, to, "hecho", extra)
}
