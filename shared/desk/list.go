package desk

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// The sizes of a page.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// page is every list of the API.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

func (d *Desk) list(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if who := ticket.ReachOf(by); err == nil && !who.Ordinary && !who.Restricted {
		err = fault.Say(fault.Denied, "desk.list", "Tu rol no ve casos.")
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	now := d.cfg.Arrived(req.Context())
	limit, err := limitOf(req)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	q, err := query(req.URL.Query(), by, limit)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out := page[ticketJSON]{Items: []ticketJSON{}}
	if found, handled, err := d.byName(req, by, now); handled || err != nil {
		if err != nil {
			d.fail(w, req, err, nil)
			return
		}
		out.Items = found
		d.json(w, http.StatusOK, out)
		return
	}
	rows, next, err := d.walk(req.Context(), q)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	for _, t := range rows {
		out.Items = append(out.Items, d.row(t, now))
	}
	out.Next = next
	d.json(w, http.StatusOK, out)
}

// byName answers a search for one exact number or folio without walking any list. A name whose case the caller may not
// know of is not handled: it must be answered to the byte as one that nobody has, cursor included.
func (d *Desk) byName(req *http.Request, by ticket.Actor, now time.Time) (rows []ticketJSON, handled bool, err error) {
	name := strings.TrimSpace(req.URL.Query().Get("q"))
	if name == "" || len(name) > 64 {
		return nil, false, nil
	}
	id, found, err := d.cfg.Finder.Number(req.Context(), strings.ToUpper(name))
	if err == nil && !found {
		id, found, err = d.cfg.Finder.Folio(req.Context(), name)
	}
	if err != nil || !found {
		return nil, false, err
	}
	story, err := d.cfg.Cases.Story(req.Context(), id)
	if fault.Is(err, fault.NotFound) {
		return nil, false, nil // its time was over: the name stays taken, and nobody has it
	}
	if err != nil {
		return nil, false, err
	}
	if !story.Ticket.VisibleTo(by) {
		return nil, false, nil // the walk answers, as it does for a name nobody has
	}
	return []ticketJSON{d.row(story.Ticket.Row(), now)}, true, nil
}

// The views of the API.
const (
	viewWaiting    = "waiting"
	viewMine       = "mine"
	viewRestricted = "restricted"
	viewState      = "state"
	viewAll        = "all"
)

// query reads the parameters of a list. Who answers for denuncias sees their own queue by default, and nobody else sees it;
// who reaches nothing else finds denuncias in every view.
func query(v url.Values, by ticket.Actor, limit int) (walk, error) {
	const op = "desk.query"
	who := ticket.ReachOf(by)
	responsible := who.Restricted
	out := walk{Query: ticket.Query{Limit: limit, Cursor: v.Get("cursor"), Restricted: responsible}}
	if !who.Ordinary {
		out.Intent = classify.Denuncia
	}
	state := ticket.State(v.Get("state"))
	if state != "" && !state.Known() {
		return out, fault.Reject(op, "state", "Ese estado no existe.")
	}
	switch viewOf(v.Get("view"), state, responsible) {
	case viewRestricted:
		if !responsible {
			return out, fault.Say(fault.Denied, op, "Solo quien está a cargo de las denuncias ve esta cola.")
		}
		out.View = ticket.ViewWaiting
	case viewWaiting:
		out.View, out.Restricted = ticket.ViewWaiting, !who.Ordinary
	case viewMine:
		out.View, out.Assignee = ticket.ViewAssigned, by.ID
	case viewState:
		out.View, out.State = ticket.ViewState, state
		if state.Waiting() {
			out.View = ticket.ViewWaiting
		}
	case viewAll:
		out.all = true
	default:
		return out, fault.Reject(op, "view", "Esa vista no existe.")
	}
	match, err := matcher(v, state)
	out.Match = match
	return out, err
}

// viewOf is the view asked for, or the one a person begins with.
func viewOf(view string, state ticket.State, responsible bool) string {
	switch {
	case view != "":
		return view
	case state != "":
		return viewState
	case responsible:
		return viewRestricted
	default:
		return viewWaiting
	}
}

// matcher keeps the rows that the filters ask for.
func matcher(v url.Values, state ticket.State) (func(ticket.Row) bool, error) {
	const op = "desk.matcher"
	intent := classify.Intent(v.Get("intent"))
	if intent != "" && !intent.Known() {
		return nil, fault.Reject(op, "intent", "Esa clase no existe.")
	}
	network := mention.Network(v.Get("network"))
	if network != "" && !network.Known() {
		return nil, fault.Reject(op, "network", "Esa red no existe.")
	}
	needle := classify.Normalize(strings.TrimSpace(v.Get("q")))
	return func(t ticket.Row) bool {
		switch {
		case state != "" && t.State != state, intent != "" && t.Intent.Final != intent, network != "" && t.Network != network:
			return false
		case needle == "":
			return true
		}
		hay := strings.Join([]string{t.Number, t.SIAC.Folio, t.Citizen.Name, t.Citizen.Handle, t.Excerpt, t.First, t.AssigneeName}, " ")
		return strings.Contains(classify.Normalize(hay), needle)
	}, nil
}

// walk is a list that may run through every state, the waiting first.
type walk struct {
	ticket.Query
	all bool
}

// walk gives one page. The cursor of a walk through every state says at which state it stands: "3~<cursor>".
func (d *Desk) walk(ctx context.Context, w walk) ([]ticket.Row, string, error) {
	if !w.all {
		return d.cfg.Cases.List(ctx, w.Query)
	}
	parts := []ticket.Query{{View: ticket.ViewWaiting}}
	for _, s := range ticket.States() {
		if !s.Waiting() {
			parts = append(parts, ticket.Query{View: ticket.ViewState, State: s})
		}
	}
	at := 0
	if w.Cursor != "" {
		head, tail, found := strings.Cut(w.Cursor, "~")
		n, err := strconv.Atoi(head)
		if err != nil || !found || n < 0 || n >= len(parts) {
			return nil, "", fault.Reject("desk.walk", "cursor", "Ese cursor no sirve: empieza la lista de nuevo.")
		}
		at, w.Cursor = n, tail
	}
	var rows []ticket.Row
	for ; at < len(parts); at++ {
		q := w.Query
		q.View, q.State, q.Limit = parts[at].View, parts[at].State, w.Limit-len(rows)
		got, next, err := d.cfg.Cases.List(ctx, q)
		if err != nil {
			return nil, "", err
		}
		rows, w.Cursor = append(rows, got...), ""
		if next != "" {
			return rows, strconv.Itoa(at) + "~" + next, nil
		}
		if len(rows) >= w.Limit && at+1 < len(parts) {
			return rows, strconv.Itoa(at+1) + "~", nil
		}
	}
	return rows, "", nil
}

func (d *Desk) get(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	id := req.PathValue("id")
	story, err := d.visible(req, id, by)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	events, err := d.cfg.Cases.History(req.Context(), id)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out := d.render(story, by, d.cfg.Arrived(req.Context()))
	out.Events = events
	d.json(w, http.StatusOK, out)
}

// visible reads a case; one that the caller may not know of is answered exactly as one that does not exist.
func (d *Desk) visible(req *http.Request, id string, by ticket.Actor) (ticket.Story, error) {
	story, err := d.cfg.Cases.Story(req.Context(), id)
	if err != nil {
		return ticket.Story{}, err
	}
	if !story.Ticket.VisibleTo(by) {
		return ticket.Story{}, fault.New(fault.NotFound, "desk.visible", nil)
	}
	return story, nil
}
