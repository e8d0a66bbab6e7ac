package sim

import "net/http"

// xHide is PUT /2/tweets/{id}/hidden, of an answer in a conversation that is ours.
func (s *Simulator) xHide(r *http.Request) (int, any, error) {
	var in struct {
		Hidden *bool `json:"hidden"`
	}
	if err := xBody(r, &in); err != nil {
		return 0, nil, err
	}
	if in.Hidden == nil {
		return 0, nil, xBad("One or more parameters to your request was invalid.")
	}
	verb := actUnhide
	if *in.Hidden {
		verb = actHide
	}
	id := r.PathValue("id")
	err := s.commit(func(t *tx) error {
		it := t.w.items[id]
		if !t.w.xThere(it) {
			return xGone(id)
		}
		root := t.w.items[it.Thread]
		if root == nil || !root.Own || !it.can(verb) {
			return xForbidden(xBlank, "You are not allowed to hide or unhide this Tweet: it is not a reply in one of your conversations.")
		}
		t.does(it, verb, "", byGestor)
		return nil
	})
	return http.StatusOK, obj{"data": obj{"hidden": *in.Hidden}}, err
}

// xRemove is DELETE /2/tweets/{id}, of a post of ours.
func (s *Simulator) xRemove(r *http.Request) (int, any, error) {
	id := r.PathValue("id")
	err := s.commit(func(t *tx) error {
		it := t.w.items[id]
		switch {
		case !t.w.xThere(it):
			return xGone(id)
		case !it.can(actRemove):
			return xForbidden(xBlank, "You are not authorized to delete this Tweet.")
		}
		t.does(it, actRemove, "", byGestor)
		return nil
	})
	return http.StatusOK, obj{"data": obj{"deleted": true}}, err
}

// xThere reports a post that can be seen.
func (w *world) xThere(it *item) bool {
	return it != nil && !it.Removed && it.Network == targetX && it.Kind != kindDM
}

func xGone(id string) *xProblem {
	return &xProblem{"Not Found Error", "Could not find tweet with id: [" + id + "].", xNotFound, http.StatusNotFound}
}
