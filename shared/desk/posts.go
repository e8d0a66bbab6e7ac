package desk

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Plans is the store as the work on what we publish needs it.
type Plans interface {
	Plan(ctx context.Context, id string) (agenda.Plan, error)
	Calendar(ctx context.Context, from, to time.Time, undated bool) ([]agenda.Plan, error)
	Waiting(ctx context.Context, state post.State, failed bool) ([]agenda.Plan, error)
	Series(ctx context.Context, series string, from, of int) ([]agenda.Plan, error)
	PostHistory(ctx context.Context, p agenda.Plan) ([]audit.Entry, error)
}

// Campaigns is the store as the work on campaigns needs it.
type Campaigns interface {
	Campaigns(ctx context.Context) ([]post.Campaign, error)
	Campaign(ctx context.Context, id string) (post.Campaign, error)
	Members(ctx context.Context, campaign string) ([]agenda.Plan, error)
}

// Files is what is known of the files of the library that posts may carry: those whose bytes are there.
type Files interface {
	File(ctx context.Context, id string) (f post.File, found bool, err error)
}

// noFiles is an installation without a library.
type noFiles struct{}

func (noFiles) File(context.Context, string) (post.File, bool, error) { return post.File{}, false, nil }

// reader is who asks to see what we publish.
func (d *Desk) reader(w http.ResponseWriter, req *http.Request) (ticket.Actor, bool) {
	by, err := d.caller(req)
	return by, d.admit(w, req, err, ticket.Allowed(by, ticket.CanSeePosts))
}

// The views of the posts.
const (
	viewCalendar  = "calendar"
	viewApprovals = "approvals"
	viewFailures  = "failures"
	viewDrafts    = "drafts"
)

// How far back and ahead the calendar shows posts when nobody asks for other days.
const (
	calendarBack  = 31 * 24 * time.Hour
	calendarAhead = 366 * 24 * time.Hour
)

func (d *Desk) listPosts(w http.ResponseWriter, req *http.Request) {
	by, ok := d.reader(w, req)
	if !ok {
		return
	}
	q, now := req.URL.Query(), d.cfg.Arrived(req.Context())
	limit, err := limitOf(req)
	var keep func(agenda.Plan) bool
	if err == nil {
		keep, err = postMatcher(q)
	}
	var all []agenda.Plan
	if err == nil {
		all, err = d.plansOf(req.Context(), q, now)
	}
	var e eye
	if err == nil {
		e, err = d.eye(req.Context(), by, now)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	all = slices.DeleteFunc(all, func(p agenda.Plan) bool { return !keep(p) })
	slices.SortStableFunc(all, func(a, b agenda.Plan) int { return cmp.Compare(postPlace(a), postPlace(b)) })
	out := page[postJSON]{Items: []postJSON{}}
	behind := q.Get("cursor")
	for _, p := range all {
		if postPlace(p) <= behind {
			continue
		}
		if len(out.Items) == limit {
			out.Next = behind
			break
		}
		shown, err := d.showPost(e, p)
		if err != nil {
			d.fail(w, req, err, nil)
			return
		}
		out.Items, behind = append(out.Items, shown), postPlace(p)
	}
	d.json(w, http.StatusOK, out)
}

// postPlace is where a post stands in every list: by its moment, those without one at the end.
func postPlace(p agenda.Plan) string {
	when := p.Post.PublishAt.At
	if when.IsZero() {
		return "~" + p.Post.ID
	}
	return when.UTC().Format(placeTime) + "~" + p.Post.ID
}

// plansOf reads the posts of a view. A campaign alone gives all of its posts, whenever they are.
func (d *Desk) plansOf(ctx context.Context, q url.Values, now time.Time) ([]agenda.Plan, error) {
	const op = "desk.plansOf"
	view := q.Get("view")
	if view == "" && q.Get("campaign") != "" && q.Get("from") == "" && q.Get("to") == "" {
		return d.cfg.Campaigns.Members(ctx, q.Get("campaign"))
	}
	switch view {
	case "", viewCalendar:
		return d.calendarOf(ctx, q, now)
	case viewApprovals:
		return d.cfg.Plans.Waiting(ctx, post.Submitted, false)
	case viewFailures:
		return d.cfg.Plans.Waiting(ctx, "", true)
	case viewDrafts:
		drafts, err := d.cfg.Plans.Waiting(ctx, post.Draft, false)
		if err != nil {
			return nil, err
		}
		rejected, err := d.cfg.Plans.Waiting(ctx, post.Rejected, false)
		return append(drafts, rejected...), err
	default:
		return nil, fault.Reject(op, "view", "Esa vista no existe.")
	}
}

// calendarOf reads the posts between two days or instants; without any it shows those without a moment too.
func (d *Desk) calendarOf(ctx context.Context, q url.Values, now time.Time) ([]agenda.Plan, error) {
	from, err := dayOrInstant("from", q.Get("from"), false, now.Add(-calendarBack))
	if err != nil {
		return nil, err
	}
	open := q.Get("from") == "" && q.Get("to") == ""
	base := now
	if from.After(base) {
		base = from
	}
	to, err := dayOrInstant("to", q.Get("to"), true, base.Add(calendarAhead))
	if err != nil {
		return nil, err
	}
	if !to.After(from) {
		return nil, fault.Reject("desk.calendarOf", "to", "El término va después del comienzo.")
	}
	return d.cfg.Plans.Calendar(ctx, from, to, open)
}

// dayOrInstant reads a limit of the calendar: an instant, or a day of the seat, whose end it is for the last.
func dayOrInstant(field, text string, last bool, otherwise time.Time) (time.Time, error) {
	const op = "desk.dayOrInstant"
	if text == "" {
		return otherwise, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil && decent(at) {
		return at, nil
	}
	day, err := calendar.ParseDate(text)
	if err != nil || !decent(time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, time.UTC)) {
		return time.Time{}, fault.Reject(op, field, "Escribe la fecha así: 2026-12-01.")
	}
	zone, err := calendar.ZoneOf(field, "")
	if err != nil {
		return time.Time{}, err
	}
	if last {
		day = day.AddDays(1)
	}
	return time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, zone), nil
}

// decent reports whether an instant lies in years in which somebody may mean it.
func decent(at time.Time) bool { return at.Year() >= 2000 && at.Year() < 2100 }

// postMatcher keeps the posts that the filters ask for.
func postMatcher(q url.Values) (func(agenda.Plan) bool, error) {
	const op = "desk.postMatcher"
	state, network, campaign := post.State(q.Get("state")), mention.Network(q.Get("network")), q.Get("campaign")
	switch {
	case state != "" && !state.Known():
		return nil, fault.Reject(op, "state", "Ese estado no existe.")
	case network != "" && !network.Known():
		return nil, fault.Reject(op, "network", "Esa red no existe.")
	}
	if cursor := q.Get("cursor"); cursor != "" {
		stamp, id, found := strings.Cut(cursor, "~")
		if _, err := time.Parse(placeTime, stamp); !found || id == "" || stamp != "" && err != nil {
			return nil, fault.Reject(op, "cursor", "Ese cursor no sirve: empieza la lista de nuevo.")
		}
	}
	return func(p agenda.Plan) bool {
		return (state == "" || p.State() == state) && (network == "" || slices.Contains(p.Post.Networks, network)) &&
			(campaign == "" || p.Post.Campaign == campaign)
	}, nil
}

func (d *Desk) getPost(w http.ResponseWriter, req *http.Request) {
	by, ok := d.reader(w, req)
	if !ok {
		return
	}
	p, err := d.cfg.Plans.Plan(req.Context(), req.PathValue("id"))
	var shown postJSON
	if err == nil {
		shown, err = d.showAs(req.Context(), by, p)
	}
	if err == nil {
		shown.Events, err = d.cfg.Plans.PostHistory(req.Context(), p)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	slices.SortStableFunc(shown.Events, func(a, b audit.Entry) int { return a.At.Compare(b.At) })
	d.json(w, http.StatusOK, shown)
}

// eye is who looks at posts, through which of our accounts one may go out now, and in which approved texts.
type eye struct {
	by       ticket.Actor
	now      time.Time
	accounts mention.Accounts
	texts    texts
	people   func(cases []string) ([]agenda.Person, error)
}

func (d *Desk) eye(ctx context.Context, by ticket.Actor, now time.Time) (eye, error) {
	known, err := d.known(ctx)
	people := func(cases []string) ([]agenda.Person, error) { return d.people(ctx, cases) }
	return eye{by, now, d.ways(known), textsOf(known), people}, err
}

// ways are our accounts through which something may go out: connected, and not taken away. Those the installation names
// come first.
func (d *Desk) ways(known []channel.Channel) mention.Accounts {
	ways := mention.Accounts{}
	for _, c := range known {
		if c.Account != "" && c.State != "" && c.State != channel.Closed {
			ways[c.Network] = append(ways[c.Network], c.Account)
		}
	}
	for n, ours := range ways {
		place := func(account string) int {
			if i := slices.Index(d.cfg.Accounts[n], account); i >= 0 {
				return i
			}
			return len(d.cfg.Accounts[n])
		}
		slices.SortStableFunc(ours, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	}
	return ways
}
