package sim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// subscription is what a network tells our application of an account. Without Fields it tells nothing, and Why says why.
type subscription struct {
	Account string    `json:"account"`
	Fields  []string  `json:"fields,omitempty"`
	Until   time.Time `json:"until,omitzero"` // LinkedIn
	Hook    string    `json:"hook,omitempty"` // where it was asked to tell it
	Serial  int       `json:"serial,omitempty"`
	Why     string    `json:"why,omitempty"`
}

// hook is our address at X, which tells it everything or nothing.
type hook struct {
	ID      string    `json:"id"`
	URL     string    `json:"url"`
	Valid   bool      `json:"valid"`
	Created time.Time `json:"created"`
}

// How long a subscription of LinkedIn lasts.
const linkedinSubscriptionLife = 365 * 24 * time.Hour

// linkedinEvents is the only thing LinkedIn tells.
const linkedinEvents = "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"

// xEventTypes are what X tells of an account that asked for everything.
func xEventTypes() []string {
	return []string{
		"post.mention.create", "post.reply.create", "post.quote.create", "post.create", "post.delete", "dm.received", "dm.sent", "chat.received", "oauth.revoke",
	}
}

// toldOf is what can be told of an account of a network.
func toldOf(network string) []string {
	switch network {
	case targetX:
		return xEventTypes()
	case targetLinkedIn:
		return []string{linkedinEvents}
	case targetWhatsApp:
		return []string{"messages", "smb_message_echoes"}
	}
	return webhookFields()
}

// subscribedAccount is the account whose subscription counts: at Meta the page's, for the Instagram account linked to it too.
func (w *world) subscribedAccount(network string) string {
	switch network {
	case "", targetFacebook, targetInstagram:
		return w.pageID
	}
	return networkAccount(network)
}

// seedSubscriptions asks for everything in a world in which nobody asked yet.
func (s *Simulator) seedSubscriptions(t *tx) {
	if len(t.w.hooks) == 0 {
		t.add(change{Hook: &hook{ID: "1900000000000000001", URL: s.cfg.WebhookBase + "/webhooks/x", Valid: true, Created: t.now.UTC()}})
	}
	for _, network := range []string{targetFacebook, targetWhatsApp, targetX, targetLinkedIn} {
		account := t.w.subscribedAccount(network)
		if _, there := t.w.subs[account]; there {
			continue
		}
		t.add(change{Sub: s.full(network, account, t.now)})
	}
}

// full is the subscription of somebody who asked for everything.
func (s *Simulator) full(network, account string, now time.Time) *subscription {
	sub := &subscription{Account: account, Fields: toldOf(network), Hook: s.cfg.WebhookBase + "/webhooks/" + network}
	if network == targetLinkedIn {
		sub.Until = now.UTC().Add(linkedinSubscriptionLife)
	}
	return sub
}

func (w *world) applySub(c change) {
	if c.Sub != nil {
		w.subs[c.Sub.Account] = *c.Sub
		return
	}
	if c.Hook != nil {
		i := slices.IndexFunc(w.hooks, func(h hook) bool { return h.ID == c.Hook.ID })
		if i < 0 {
			w.hooks = append(w.hooks, *c.Hook)
			return
		}
		w.hooks[i] = *c.Hook
		return
	}
	w.subs[w.pageID] = subscription{Account: w.pageID, Fields: c.Fields}
}

// deaf says why our application hears nothing of a network, and of what with a name; empty when it does.
func (w *world) deaf(network, name string, now time.Time) string {
	account := w.subscribedAccount(network)
	sub := w.subs[account]
	switch {
	case len(sub.Fields) == 0 && sub.Why != "":
		return sub.Why
	case len(sub.Fields) == 0:
		return "sin suscripción"
	case network != targetInstagram && name != "" && !slices.Contains(sub.Fields, name):
		return "sin suscripción a " + name
	case network == targetX && !slices.ContainsFunc(w.hooks, func(h hook) bool { return h.Valid }):
		return "X no da por válida la dirección del webhook"
	case network == targetLinkedIn && !sub.Until.IsZero() && !now.Before(sub.Until):
		return "la suscripción venció"
	case network == targetLinkedIn && w.mutedByKey(sub):
		return "LinkedIn dejó de avisar: la persona ya no administra la página"
	}
	return ""
}

// mutedByKey reports a subscription of LinkedIn whose person lost the page or took the key back: it dies without a word.
func (w *world) mutedByKey(sub subscription) bool {
	st, ok := w.ring.states[sub.Account]
	return ok && (st.State == tokenDemoted || st.State == tokenRevoked && sub.Serial <= st.Serial)
}

// listening says why our system does not hear what the network tells of an item, empty when it does.
func (t *tx) listening(it *item, name string) string { return t.w.deaf(it.target(), name, t.now) }

// subOrder is the body of POST /sim/{network}/subscription: gone takes it away, ok asks for everything again, invalid makes X
// doubt our address. Until sets when LinkedIn's ends.
type subOrder struct {
	State string    `json:"state"`
	Until time.Time `json:"until,omitzero"`
}

// subView is what GET /sim/{network}/subscription says.
type subView struct {
	Account string    `json:"account"`
	State   string    `json:"state"` // ok or gone
	Fields  []string  `json:"fields"`
	Until   time.Time `json:"until,omitzero"`
	Why     string    `json:"why,omitempty"`
}

func (s *Simulator) subscriptionOf(network string) subView {
	var v subView
	s.read(func(w *world) {
		sub := w.subs[w.subscribedAccount(network)]
		v = subView{Account: sub.Account, State: tokenOK, Fields: append([]string{}, sub.Fields...), Until: sub.Until, Why: w.deaf(network, "", s.cfg.Clock())}
		if v.Why != "" {
			v.State = "gone"
		}
	})
	return v
}

func (s *Simulator) setSubscription(network string, o subOrder) error {
	return s.commit(func(t *tx) error {
		account := t.w.subscribedAccount(network)
		switch {
		case o.State == "gone":
			t.add(change{Sub: &subscription{Account: account, Why: "la red quitó la suscripción"}})
		case o.State == "invalid" && network == targetX:
			for _, h := range slices.Clone(t.w.hooks) {
				h.Valid = false
				t.add(change{Hook: &h})
			}
		case o.State == tokenOK || o.State == "" && !o.Until.IsZero():
			sub := s.full(network, account, t.now)
			sub.Serial = len(t.w.ring.keys)
			if !o.Until.IsZero() {
				sub.Until = o.Until.UTC()
			}
			t.add(change{Sub: sub})
			for _, h := range slices.Clone(t.w.hooks) {
				if network == targetX {
					h.Valid = true
					t.add(change{Hook: &h})
				}
			}
		default:
			return invalid("El estado debe ser ok o gone, y en X también invalid.")
		}
		return nil
	})
}

func (s *Simulator) postSubscription(w http.ResponseWriter, r *http.Request) {
	var o subOrder
	network := r.PathValue("network")
	err := known(network)
	if err == nil {
		err = readJSON(r, &o)
	}
	if err == nil {
		err = s.setSubscription(network, o)
	}
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, s.subscriptionOf(network))
}

func (s *Simulator) getSubscription(w http.ResponseWriter, r *http.Request) {
	network := r.PathValue("network")
	if err := known(network); err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, s.subscriptionOf(network))
}

// graphSubscription is GET /{page or business account}/subscribed_apps.
func (s *Simulator) graphSubscription(w http.ResponseWriter, _ *http.Request, object string) {
	account, network := s.graphAccount(object)
	data := []any{}
	s.read(func(w *world) {
		sub := w.subs[account]
		if len(sub.Fields) == 0 {
			return
		}
		if network == targetWhatsApp {
			data = append(data, obj{"whatsapp_business_api_data": obj{"id": s.cfg.MetaAppID, "name": "gestor (local)", "link": "https://www.facebook.com/games/?app_id=" + s.cfg.MetaAppID}})
			return
		}
		data = append(data, obj{"id": s.cfg.MetaAppID, "name": "gestor (local)", "category": "Business", "subscribed_fields": sub.Fields})
	})
	writeGraph(w, http.StatusOK, obj{"data": data})
}

// graphSubscribe is POST /{page or business account}/subscribed_apps: from now on only these fields are delivered; of a
// business account all are.
func (s *Simulator) graphSubscribe(w http.ResponseWriter, r *http.Request, object string) {
	account, network := s.graphAccount(object)
	fields := strings.FieldsFunc(r.Form.Get("subscribed_fields"), func(c rune) bool { return strings.ContainsRune(`,[]" `, c) })
	if network == targetWhatsApp {
		fields = toldOf(network)
	}
	unknown := slices.ContainsFunc(fields, func(f string) bool { return !slices.Contains(toldOf(network), f) })
	if len(fields) == 0 || unknown {
		writeGraphError(w, oauthError(100, "(#100) Param subscribed_fields must be an array of known fields"))
		return
	}
	s.changeSubscription(w, &subscription{Account: account, Fields: fields})
}

// graphUnsubscribe is DELETE /{page or business account}/subscribed_apps.
func (s *Simulator) graphUnsubscribe(w http.ResponseWriter, _ *http.Request, object string) {
	account, _ := s.graphAccount(object)
	s.changeSubscription(w, &subscription{Account: account, Why: "la aplicación se dio de baja"})
}

func (s *Simulator) changeSubscription(w http.ResponseWriter, sub *subscription) {
	if err := s.commit(func(t *tx) error { t.add(change{Sub: sub}); return nil }); err != nil {
		writeGraphError(w, err)
		return
	}
	writeGraph(w, http.StatusOK, map[string]bool{"success": true})
}
