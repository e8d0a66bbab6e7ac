package desk

import (
	"net/http"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// late is how long work may be overdue before a person is shown it.
const late = 15 * time.Minute

// sick is how old the oldest unfinished due work may be before the service calls itself unwell (contract.md §3).
const sick = 2 * time.Minute

func (d *Desk) changes(w http.ResponseWriter, req *http.Request) {
	if !d.admit(w, req, ticket.CanRead) {
		return
	}
	items, cursor, err := d.cfg.Feeds.Changes(req.Context(), req.URL.Query().Get("since"))
	if fault.Is(err, fault.Invalid) { // the store knows it as a cursor
		err = fault.Reject("desk.changes", "since", "Ese cursor no sirve: empieza de nuevo, sin él.")
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.json(w, http.StatusOK, struct {
		Items  []ticket.ChangeRow `json:"items"`
		Cursor string             `json:"cursor"`
	}{list(items), cursor})
}

// quarantinedJSON is a delivery kept apart, without its bytes: they may hold anybody's words.
type quarantinedJSON struct {
	ID      string          `json:"id"`
	Network mention.Network `json:"network"`
	Reason  string          `json:"reason"`
	At      time.Time       `json:"at"`
	Size    int             `json:"size"`
}

func (d *Desk) quarantine(w http.ResponseWriter, req *http.Request) {
	if !d.admit(w, req, ticket.CanOperate) {
		return
	}
	limit, err := limitOf(req)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	items, next, err := d.cfg.Feeds.Quarantined(req.Context(), req.URL.Query().Get("cursor"), limit)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out := page[quarantinedJSON]{Items: []quarantinedJSON{}, Next: next}
	for _, q := range items {
		out.Items = append(out.Items, quarantinedJSON{q.ID, q.Network, q.Reason, q.At, q.Size})
	}
	d.json(w, http.StatusOK, out)
}

// attention lists what waits for a person: matters the workers raised and, on the first page, work that should have ended
// long ago (its queue gave it up, or nothing works it).
func (d *Desk) attention(w http.ResponseWriter, req *http.Request) {
	if !d.admit(w, req, ticket.CanOperate) {
		return
	}
	limit, err := limitOf(req)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	cursor := req.URL.Query().Get("cursor")
	items, next, err := d.cfg.Feeds.Attention(req.Context(), cursor, limit)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out := page[ticket.Attention]{Items: list(items), Next: next}
	if cursor == "" {
		overdue, err := d.cfg.Feeds.Unfinished(req.Context(), d.cfg.Arrived(req.Context()).Add(-late), maxLimit)
		if err != nil {
			d.fail(w, req, err, nil)
			return
		}
		for _, m := range overdue {
			out.Items = append(out.Items, overdueMatter(m))
		}
	}
	d.json(w, http.StatusOK, out)
}

func overdueMatter(m outbox.Message) ticket.Attention {
	return ticket.Attention{Ticket: m.Ticket, ID: "work_overdue-" + m.ID, Kind: "work_overdue", Reason: string(m.Topic), At: m.Due}
}

// healthJSON says how old the oldest due work is that nobody finished, and what it is.
type healthJSON struct {
	Status     string  `json:"status"`
	AgeSeconds float64 `json:"ageSeconds"`
	What       string  `json:"what,omitempty"`
	Ticket     string  `json:"ticket,omitempty"`
}

func (d *Desk) health(w http.ResponseWriter, req *http.Request) {
	now := d.cfg.Arrived(req.Context())
	oldest, err := d.cfg.Feeds.Unfinished(req.Context(), now, 1)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out, status := healthJSON{Status: "ok"}, http.StatusOK
	if len(oldest) > 0 {
		age := now.Sub(oldest[0].Due)
		out.AgeSeconds, out.What, out.Ticket = age.Seconds(), string(oldest[0].Topic), oldest[0].Ticket
		if age >= sick {
			out.Status, status = "atrasado", http.StatusServiceUnavailable
		}
	}
	d.json(w, status, out)
}

// admit answers who may not, and reports whether the request goes on.
func (d *Desk) admit(w http.ResponseWriter, req *http.Request, verb ticket.Verb) bool {
	by, err := d.caller(req)
	if err == nil && !ticket.Allowed(by, verb) {
		err = fault.Say(fault.Denied, "desk.admit", "Tu rol no ve esto.")
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return false
	}
	return true
}

func limitOf(req *http.Request) (int, error) {
	text := req.URL.Query().Get("limit")
	if text == "" {
		return defaultLimit, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxLimit {
		return 0, fault.Reject("desk.limitOf", "limit", "El límite va de 1 a 200.")
	}
	return limit, nil
}
