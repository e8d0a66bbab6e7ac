package desk

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// late is how long work may be overdue before a person is shown it.
const late = 15 * time.Minute

// mostOverdue is how much overdue work is looked at: with more of it than that, nobody works through it one by one.
const mostOverdue = 200

// mattersOf is whose matters the actor may see: those of denuncias are for who answers for denuncias alone, and nobody else's
// are for them (E-4). Those of what we publish are for all who see it.
func mattersOf(a ticket.Actor) ticket.Reach {
	return ticket.Reach{
		Ordinary: ticket.Allowed(a, ticket.CanOperate), Restricted: ticket.Allowed(a, ticket.CanReadDenied), Posts: ticket.Allowed(a, ticket.CanSeePosts),
	}
}

// matterJSON is a matter as people see it; Post is what it is about, where that is one of our posts.
type matterJSON struct {
	ticket.Attention
	Post string `json:"post,omitempty"`
}

// attention lists what waits for a person: work that should have ended long ago (its queue gave it up, or nothing works
// it), and behind it the matters the workers raised.
func (d *Desk) attention(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	who := mattersOf(by)
	if !d.admit(w, req, err, who.Ordinary || who.Restricted || who.Posts) {
		return
	}
	limit, err := limitOf(req)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out, err := d.waiting(req.Context(), who, req.URL.Query().Get("cursor"), limit)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out.Items = list(out.Items)
	d.json(w, http.StatusOK, out)
}

// The cursors of attention, besides the store's own: behind overdue work (with its place), and at the first matter.
const (
	behindWork  = "~"
	firstMatter = "~~"
)

// waiting gives one page of at most limit.
func (d *Desk) waiting(ctx context.Context, who ticket.Reach, cursor string, limit int) (page[matterJSON], error) {
	var out page[matterJSON]
	if cursor == "" || cursor != firstMatter && strings.HasPrefix(cursor, behindWork) {
		overdue, err := d.overdue(ctx, who, strings.TrimPrefix(cursor, behindWork))
		if err != nil {
			return out, err
		}
		if len(overdue) > limit {
			out.Items, out.Next = overdue[:limit], behindWork+placeOf(overdue[limit-1])
			return out, nil
		}
		out.Items, cursor = overdue, firstMatter
	}
	if cursor == firstMatter {
		cursor = ""
	}
	if limit -= len(out.Items); limit == 0 {
		out.Next = firstMatter
		return out, nil
	}
	items, next, err := d.cfg.Feeds.Attention(ctx, who, cursor, limit)
	for _, a := range items {
		out.Items = append(out.Items, shown(a))
	}
	out.Next = next
	return out, err
}

// overdue gives the work behind a place ("" for all) that should have ended long ago, the oldest first.
func (d *Desk) overdue(ctx context.Context, who ticket.Reach, behind string) ([]matterJSON, error) {
	if stamp, _, _ := strings.Cut(behind, "~"); behind != "" {
		if _, err := time.Parse(placeTime, stamp); err != nil {
			return nil, fault.Reject("desk.overdue", "cursor", "Ese cursor no sirve: empieza la lista de nuevo.")
		}
	}
	work, err := d.cfg.Feeds.Unfinished(ctx, d.cfg.Arrived(ctx).Add(-late), mostOverdue)
	if err != nil {
		return nil, err
	}
	cases := make([]string, 0, len(work))
	for _, m := range work {
		cases = append(cases, m.Ticket)
	}
	reached, err := d.cfg.Feeds.Reached(ctx, who, cases)
	if err != nil {
		return nil, err
	}
	var out []matterJSON
	for _, m := range work {
		if a := overdueMatter(m); reached[m.Ticket] && placeOf(a) > behind {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b matterJSON) int { return cmp.Compare(placeOf(a), placeOf(b)) })
	return out, nil
}

// overdueMatter shows work by its case or, where it follows from none, by the account of ours it goes through.
func overdueMatter(m outbox.Message) matterJSON {
	return shown(ticket.Attention{Ticket: m.Ticket, ID: "work_overdue-" + m.ID, Kind: "work_overdue", Channel: m.Channel, Reason: string(m.Topic), At: m.Due})
}

// shown is a matter as people see it: a case or a post is something to open, and a channel has its network.
func shown(a ticket.Attention) matterJSON {
	if outbox.IsCase(a.Ticket) {
		return matterJSON{Attention: a}
	}
	id, _ := outbox.PostOf(a.Ticket)
	a.Ticket = ""
	if ref, ok := channel.ParseRef(a.Channel); ok && a.Network == "" {
		a.Network = ref.Network
	}
	return matterJSON{a, id}
}

// placeTime has a fixed width, so that places are in the order of time.
const placeTime = "20060102T150405.000000000"

// placeOf is where overdue work stands in its order: by when it was due, its case, its id.
func placeOf(a matterJSON) string {
	return a.At.UTC().Format(placeTime) + "~" + a.Ticket + "~" + a.ID
}
