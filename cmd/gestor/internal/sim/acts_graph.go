package sim

import (
	"net/http"
	"strconv"
)

// graphAct answers a call of Graph that does something to a text.
func (s *Simulator) graphAct(w http.ResponseWriter, r *http.Request, object, verb string) {
	err := s.commit(func(t *tx) error {
		it := t.w.items[object]
		switch {
		case it == nil || it.Removed || it.Kind == kindDM || it.target() != targetFacebook && it.target() != targetInstagram:
			return gone(r.Method, object)
		case it.Foreign || it.Kind == kindMention && it.target() == targetFacebook:
			e := oauthError(200, "(#200) Permissions error")
			e.status = http.StatusForbidden
			return e
		case !it.can(verb):
			return oauthError(100, "(#100) This object does not support this operation")
		}
		reaction := ""
		if verb == actLike {
			reaction = "LIKE"
		}
		t.does(it, verb, reaction, byGestor)
		return nil
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	writeGraph(w, http.StatusOK, map[string]bool{"success": true})
}

// graphChange is POST /{comment}: is_hidden on Facebook, hide on Instagram.
func (s *Simulator) graphChange(w http.ResponseWriter, r *http.Request, object string) {
	name := "is_hidden"
	if s.graphNetwork(object) == targetInstagram {
		name = "hide"
	}
	hidden, err := strconv.ParseBool(r.Form.Get(name))
	if err != nil {
		writeGraphError(w, oauthError(100, "(#100) The parameter "+name+" is required"))
		return
	}
	verb := actUnhide
	if hidden {
		verb = actHide
	}
	s.graphAct(w, r, object, verb)
}

// graphRemove is DELETE /{comment or post}.
func (s *Simulator) graphRemove(w http.ResponseWriter, r *http.Request, object string) {
	s.graphAct(w, r, object, actRemove)
}

// graphLike is POST and DELETE /{comment or post}/likes.
func (s *Simulator) graphLike(verb string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, r *http.Request, object string) { s.graphAct(w, r, object, verb) }
}
