package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// linkedinReactions are what a reaction may be.
func linkedinReactions() []string {
	return []string{"LIKE", "PRAISE", "EMPATHY", "INTEREST", "APPRECIATION", "ENTERTAINMENT"}
}

// linkedinRemove is DELETE /rest/socialActions/{post}/comments/{comment}?actor=: a comment of ours anywhere, or anybody's
// under a post of ours.
func (s *Simulator) linkedinRemove(w http.ResponseWriter, r *http.Request, urn, id string) {
	n, _ := networkOf(targetLinkedIn)
	err := s.commit(func(t *tx) error {
		it, err := t.w.linkedinComment(urn, id)
		if err != nil {
			return err
		}
		post := t.w.items[it.Thread]
		if r.URL.Query().Get("actor") != n.Account || !it.can(actRemove) || !it.Own && (post == nil || !post.Own) {
			return &linkedinError{http.StatusForbidden, 100, "ACCESS_DENIED", "Not enough permissions to access: socialActions.comments.DELETE"}
		}
		t.does(it, actRemove, "", byGestor)
		return nil
	})
	if err != nil {
		writeLinkedInError(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// linkedinComment gives a comment by the post it stands under and its number, or its URN.
func (w *world) linkedinComment(urn, id string) (*item, error) {
	if to := w.items[urn]; to != nil && to.Kind == kindComment {
		urn = to.Thread
	}
	if !strings.HasPrefix(id, "urn:") {
		id = "urn:li:comment:(" + strings.Replace(urn, ":share:", ":activity:", 1) + "," + id + ")"
	}
	return w.linkedinObject(id)
}

// linkedinReact is POST /rest/reactions?actor= {root, reactionType}, and DELETE /rest/reactions/(actor:…,entity:…).
func (s *Simulator) linkedinReact(w http.ResponseWriter, r *http.Request, key string) {
	n, _ := networkOf(targetLinkedIn)
	actor, target, reaction, verb := r.URL.Query().Get("actor"), "", "", actLike
	if r.Method == http.MethodDelete {
		actor, target = reactionKey(key)
		verb = actUnlike
	} else {
		var in struct {
			Root string `json:"root"`
			Type string `json:"reactionType"`
		}
		body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
		if err != nil || json.Unmarshal(body, &in) != nil || !slices.Contains(linkedinReactions(), in.Type) {
			writeLinkedInError(w, &linkedinError{http.StatusUnprocessableEntity, 0, "INVALID_VALUE", "root and reactionType are required"})
			return
		}
		target, reaction = in.Root, in.Type
	}
	var id string
	err := s.commit(func(t *tx) error {
		it, err := t.w.linkedinObject(target)
		switch {
		case err != nil:
			return err
		case actor != n.Account:
			return &linkedinError{http.StatusForbidden, 100, "ACCESS_DENIED", "Not enough permissions to access: reactions"}
		case verb == actUnlike && it.Liked == "":
			return &linkedinError{http.StatusNotFound, 0, "NOT_FOUND", "The requested reaction could not be found"}
		}
		id = "urn:li:reaction:(" + actor + "," + it.ID + ")"
		t.does(it, verb, reaction, byGestor)
		return nil
	})
	if err != nil {
		writeLinkedInError(w, err)
		return
	}
	if verb == actUnlike {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("X-Restli-Id", id)
	writeJSON(w, http.StatusCreated, obj{"id": id, "reactionType": reaction, "root": target, "created": obj{"actor": actor, "time": s.cfg.Clock().UnixMilli()}})
}

// reactionKey reads the compound key (actor:urn,entity:urn), whose URNs are encoded once more than the address.
func reactionKey(key string) (actor, entity string) {
	inside := strings.TrimSuffix(strings.TrimPrefix(key, "("), ")")
	for part := range strings.SplitSeq(inside, ",entity:") {
		if rest, ok := strings.CutPrefix(part, "actor:"); ok {
			actor = rest
		} else {
			entity = part
		}
	}
	return decoded(actor), decoded(entity)
}

func decoded(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
