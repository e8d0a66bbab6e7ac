package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// eventKey reads the compound key of a subscription: (developerApplication:…,user:…,entity:…,eventType:…).
func eventKey(key string) map[string]string {
	parts := map[string]string{}
	inside := strings.TrimSuffix(strings.TrimPrefix(key, "("), ")")
	for part := range strings.SplitSeq(inside, ",") {
		name, value, _ := strings.Cut(part, ":")
		parts[name] = decoded(value)
	}
	return parts
}

// linkedinSubscription is GET, PUT and DELETE /rest/eventSubscriptions/{key}.
func (s *Simulator) linkedinSubscription(w http.ResponseWriter, r *http.Request, key string) {
	parts := eventKey(key)
	entity := parts["entity"]
	switch {
	case parts["developerApplication"] == "" || parts["user"] == "" || parts["eventType"] != linkedinEvents:
		writeLinkedInError(w, &linkedinError{http.StatusBadRequest, 0, "ILLEGAL_ARGUMENT", "The key of the event subscription is not valid"})
	case s.networkOfAccount(entity) != targetLinkedIn || !slices.Contains(keyIn(r).Accounts, entity):
		writeLinkedInError(w, &linkedinError{http.StatusForbidden, 100, "ACCESS_DENIED", "The member is not an ADMINISTRATOR of the organization"})
	case r.Method == http.MethodGet:
		s.linkedinSubscribed(w, entity, parts)
	case r.Method == http.MethodPut:
		s.linkedinSubscribe(w, r, entity)
	case r.Method == http.MethodDelete:
		s.keepSubscription(w, &subscription{Account: entity, Why: "la aplicación se dio de baja"})
	default:
		writeLinkedInError(w, noResource())
	}
}

func (s *Simulator) linkedinSubscribed(w http.ResponseWriter, entity string, parts map[string]string) {
	var sub subscription
	muted := false
	s.read(func(w *world) { sub, muted = w.subs[entity], w.mutedByKey(w.subs[entity]) })
	if len(sub.Fields) == 0 || muted || !sub.Until.IsZero() && !s.cfg.Clock().Before(sub.Until) {
		writeLinkedInError(w, &linkedinError{http.StatusNotFound, 0, "NOT_FOUND", "The event subscription could not be found"})
		return
	}
	writeJSON(w, http.StatusOK, obj{
		"webhook": sub.Hook, "expiresAt": sub.Until.UnixMilli(), "entity": entity, "eventType": linkedinEvents,
		"developerApplication": parts["developerApplication"], "user": parts["user"],
	})
}

// linkedinSubscribe asks the address to prove itself before anything is told there.
func (s *Simulator) linkedinSubscribe(w http.ResponseWriter, r *http.Request, entity string) {
	var in struct {
		Webhook string `json:"webhook"`
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	if err != nil || json.Unmarshal(body, &in) != nil || !s.mayReturn(in.Webhook) {
		writeLinkedInError(w, &linkedinError{http.StatusBadRequest, 0, "ILLEGAL_ARGUMENT", "webhook must be the registered address of the application"})
		return
	}
	if s.handshake(r.Context(), targetLinkedIn) != nil {
		writeLinkedInError(w, &linkedinError{http.StatusUnprocessableEntity, 0, "WEBHOOK_VALIDATION_FAILED", "The webhook did not answer the challenge"})
		return
	}
	sub := s.full(targetLinkedIn, entity, s.cfg.Clock())
	sub.Hook = in.Webhook
	s.read(func(w *world) { sub.Serial = len(w.ring.keys) })
	s.keepSubscription(w, sub)
}

func (s *Simulator) keepSubscription(w http.ResponseWriter, sub *subscription) {
	if err := s.commit(func(t *tx) error { t.add(change{Sub: sub}); return nil }); err != nil {
		writeLinkedInError(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
