package sim

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// xHooks is GET /2/webhooks.
func (s *Simulator) xHooks(*http.Request) (int, any, error) {
	data := []obj{}
	s.read(func(w *world) {
		for _, h := range w.hooks {
			data = append(data, h.view())
		}
	})
	answer := obj{"meta": obj{"result_count": len(data)}}
	if len(data) > 0 {
		answer["data"] = data
	}
	return http.StatusOK, answer, nil
}

func (h hook) view() obj {
	return obj{"id": h.ID, "url": h.URL, "valid": h.Valid, "created_at": h.Created.UTC().Format(xTime)}
}

// xNewHook is POST /2/webhooks {url}: X asks the address to prove itself at once.
func (s *Simulator) xNewHook(r *http.Request) (int, any, error) {
	var in struct {
		URL string `json:"url"`
	}
	if err := xBody(r, &in); err != nil {
		return 0, nil, err
	}
	if !s.mayReturn(in.URL) || len(in.URL) > 200 {
		return 0, nil, xBad("The webhook URL is not valid.")
	}
	if s.crc(r.Context()) != nil {
		return 0, nil, &xProblem{"CrcValidationFailed", "Crc validation failed", "https://api.twitter.com/2/problems/invalid-request", http.StatusBadRequest}
	}
	var made hook
	err := s.commit(func(t *tx) error {
		if slices.ContainsFunc(t.w.hooks, func(h hook) bool { return h.URL == in.URL }) {
			return &xProblem{"DuplicateUrlFailed", "Webhook with same url already exists", xInvalid, http.StatusConflict}
		}
		made = hook{ID: strconv.FormatInt(1_900_000_000_000_000_001+int64(len(t.w.hooks)), 10), URL: in.URL, Valid: true, Created: t.now.UTC()}
		t.add(change{Hook: &made})
		return nil
	})
	return http.StatusOK, obj{"data": made.view()}, err
}

// xRecheck is PUT /2/webhooks/{id}: X asks the address to prove itself again.
func (s *Simulator) xRecheck(r *http.Request) (int, any, error) {
	id := r.PathValue("id")
	found := false
	s.read(func(w *world) { found = slices.ContainsFunc(w.hooks, func(h hook) bool { return h.ID == id }) })
	if !found {
		return 0, nil, &xProblem{"Not Found Error", "Could not find webhook with id: [" + id + "].", xNotFound, http.StatusNotFound}
	}
	valid := s.crc(r.Context()) == nil
	err := s.commit(func(t *tx) error {
		for _, h := range slices.Clone(t.w.hooks) {
			if h.ID == id {
				h.Valid = valid
				t.add(change{Hook: &h})
			}
		}
		return nil
	})
	return http.StatusOK, obj{"data": obj{"attempted": true}}, err
}

// crc asks our webhook to prove itself, as X does.
func (s *Simulator) crc(ctx context.Context) error { return s.handshake(ctx, targetX) }

// xSubscriptions is GET /2/activity/subscriptions.
func (s *Simulator) xSubscriptions(r *http.Request) (int, any, error) {
	var data []obj
	s.read(func(w *world) {
		for _, account := range []string{networkAccount(targetX), secondAccount(targetX)} {
			for _, kind := range w.subs[account].Fields {
				data = append(data, w.xSubscription(account, kind))
			}
		}
	})
	total := len(data)
	start, _ := strconv.Atoi(r.URL.Query().Get("pagination_token")) // not a number: from the beginning
	most, err := strconv.Atoi(r.URL.Query().Get("max_results"))
	if err != nil || most < 1 {
		most = 100
	}
	data = data[min(max(start, 0), total):]
	meta := obj{"total_subscriptions": total, "result_count": min(most, len(data))}
	if len(data) > most {
		data = data[:most]
		meta["next_token"] = strconv.Itoa(start + most)
	}
	answer := obj{"meta": meta}
	if len(data) > 0 {
		answer["data"] = data
	}
	return http.StatusOK, answer, nil
}

func (w *world) xSubscription(account, kind string) obj {
	hookID := ""
	if len(w.hooks) > 0 {
		hookID = w.hooks[0].ID
	}
	return obj{"subscription_id": xSubscriptionID(account, kind), "event_type": kind, "filter": obj{"user_id": account}, "webhook_id": hookID, "tag": "gestor"}
}

func xSubscriptionID(account, kind string) string { return mediumID("", account+kind) }

// xSubscribe is POST /2/activity/subscriptions, of one type.
func (s *Simulator) xSubscribe(r *http.Request) (int, any, error) {
	var in struct {
		Type   string `json:"event_type"`
		Filter struct {
			User string `json:"user_id"`
		} `json:"filter"`
		Hook string `json:"webhook_id"`
	}
	if err := xBody(r, &in); err != nil {
		return 0, nil, err
	}
	k := keyIn(r)
	var made obj
	err := s.commit(func(t *tx) error {
		sub := t.w.subs[in.Filter.User]
		switch {
		case !slices.Contains(xEventTypes(), in.Type):
			return xBad("The event_type is not valid.")
		case s.networkOfAccount(in.Filter.User) != targetX || k.Kind != keyApp && !slices.Contains(k.Accounts, in.Filter.User):
			return xForbidden(xBlank, "The authenticated user does not match the filter.")
		case k.Kind == keyApp && !strings.HasPrefix(in.Type, "post."):
			return xForbidden(xBlank, "This event type needs the authorization of the user.")
		case in.Hook != "" && !slices.ContainsFunc(t.w.hooks, func(h hook) bool { return h.ID == in.Hook }):
			return xBad("The webhook_id is not valid.")
		case slices.Contains(sub.Fields, in.Type):
			return &xProblem{"Conflict", "A subscription with the same event type and filter already exists.", xBlank, http.StatusConflict}
		}
		sub.Account, sub.Why = in.Filter.User, ""
		sub.Fields = append(slices.Clone(sub.Fields), in.Type)
		t.add(change{Sub: &sub})
		made = t.w.xSubscription(in.Filter.User, in.Type)
		return nil
	})
	return http.StatusCreated, obj{"data": made}, err
}

// xUnsubscribe is DELETE /2/activity/subscriptions/{id}.
func (s *Simulator) xUnsubscribe(r *http.Request) (int, any, error) {
	id := r.PathValue("id")
	err := s.commit(func(t *tx) error {
		for _, account := range []string{networkAccount(targetX), secondAccount(targetX)} {
			sub := t.w.subs[account]
			kept := slices.DeleteFunc(slices.Clone(sub.Fields), func(kind string) bool { return xSubscriptionID(account, kind) == id })
			if len(kept) < len(sub.Fields) {
				sub.Fields = kept
				t.add(change{Sub: &sub})
				return nil
			}
		}
		return &xProblem{"Not Found Error", "Could not find subscription with id: [" + id + "].", xNotFound, http.StatusNotFound}
	})
	return http.StatusOK, obj{"data": obj{"deleted": true}}, err
}
