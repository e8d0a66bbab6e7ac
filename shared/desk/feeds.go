package desk

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// sick is how old the oldest unfinished due work may be before the service calls itself unwell (contract.md §3).
const sick = 2 * time.Minute

func (d *Desk) changes(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	who := ticket.ReachOf(by)
	if !d.admit(w, req, err, who.Ordinary || who.Restricted || who.Posts) {
		return
	}
	items, cursor, err := d.cfg.Feeds.Changes(req.Context(), who, req.URL.Query().Get("since"))
	if fault.Is(err, fault.Invalid) { // the store knows it as a cursor
		err = fault.Reject("desk.changes", "since", "Ese cursor no sirve: empieza de nuevo, sin él.")
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out := changesJSON{Items: []ticket.ChangeRow{}, Cursor: cursor}
	if who.Posts {
		out.Posts = []changedPost{}
	}
	at := map[string]int{}
	for _, row := range items {
		id, isPost := outbox.PostOf(row.Ticket)
		if !isPost {
			out.Items = append(out.Items, row)
			continue
		}
		id, network, _ := strings.Cut(id, "/")
		if _, known := at[id]; !known {
			at[id] = len(out.Posts)
			out.Posts = append(out.Posts, changedPost{Post: id})
		}
		p := &out.Posts[at[id]]
		if network == "" {
			p.Version = row.Version
		}
		p.At = row.At // they come in the order of time
	}
	d.json(w, http.StatusOK, out)
}

// changesJSON is what changed: cases, and for who may see them posts.
type changesJSON struct {
	Items  []ticket.ChangeRow `json:"items"`
	Posts  []changedPost      `json:"posts,omitempty"`
	Cursor string             `json:"cursor"`
}

// changedPost is a post that changed. Version is 0 when only its way out to a network did.
type changedPost struct {
	Post    string    `json:"post"`
	Version int       `json:"version"`
	At      time.Time `json:"at"`
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
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanOperate)) {
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

// healthJSON says how old the oldest due work is that nobody finished, and what it is; not whose: everybody may read it.
type healthJSON struct {
	Status     string  `json:"status"`
	AgeSeconds float64 `json:"ageSeconds"`
	What       string  `json:"what,omitempty"`
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
		out.AgeSeconds, out.What = age.Seconds(), string(oldest[0].Topic)
		if age >= sick {
			out.Status, status = "atrasado", http.StatusServiceUnavailable
		}
	}
	d.json(w, status, out)
}

// admit answers who may not, and reports whether the request goes on; err is why nobody knows who asks.
func (d *Desk) admit(w http.ResponseWriter, req *http.Request, err error, may bool) bool {
	if err == nil && !may {
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
