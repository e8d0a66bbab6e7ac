package linkedin

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// ListNotifications is the one list of LinkedIn: what people did on our page, kept for 60 days.
const ListNotifications = "notifications"

// Lists names what List can read.
func (*Reader) Lists() []string { return []string{ListNotifications} }

// overlap is how much of what was seen already is looked at again: LinkedIn dates a notification by what somebody did, and
// lists it a little later.
const overlap = 10 * time.Minute

// place is how far the list was read: everything that happened before from, and of what came after it the first start
// notifications, of which top is the latest.
type place struct {
	from, top time.Time
	start     int
}

// parsePlace reads what String wrote; of anything else it makes a list that was never read.
func parsePlace(text string) place {
	values, err := url.ParseQuery(text)
	if err != nil {
		return place{}
	}
	var p place
	from, errFrom := strconv.ParseInt(values.Get("from"), 10, 64)
	if errFrom != nil || from <= 0 || from/1000 >= lastSecond {
		return place{}
	}
	p.from = time.UnixMilli(from).UTC()
	if top, err := strconv.ParseInt(values.Get("top"), 10, 64); err == nil && top > 0 && top/1000 < lastSecond {
		p.top = time.UnixMilli(top).UTC()
	}
	if start, err := strconv.Atoi(values.Get("start")); err == nil && start > 0 && start < maxStart {
		p.start = start
	}
	return p
}

// maxStart is how far into a list LinkedIn is asked to count.
const maxStart = 100_000

// String writes the place as a cursor.
func (p place) String() string {
	values := url.Values{"from": {strconv.FormatInt(p.from.UnixMilli(), 10)}}
	if !p.top.IsZero() {
		values.Set("top", strconv.FormatInt(p.top.UnixMilli(), 10))
	}
	if p.start > 0 {
		values.Set("start", strconv.Itoa(p.start))
	}
	return values.Encode()
}

// seen takes note of a notification of this page.
func (p *place) seen(at time.Time) {
	if at.After(p.top) {
		p.top = at
	}
}

// after gives the place after a page of so many notifications; an empty one on the way is passed over.
func (p place) after(here int, more bool) place {
	if here == 0 {
		here = pageSize
	}
	if more && p.start+here < maxStart {
		p.start += here
		return p
	}
	if floor := p.top.Add(-overlap); floor.After(p.from) {
		p.from = floor
	}
	p.top, p.start = time.Time{}, 0
	return p
}

// actions are what is asked for: likes and shares are no cases, and only counted when they are delivered.
const actions = "List(COMMENT,SHARE_MENTION,ADMIN_COMMENT,COMMENT_EDIT,COMMENT_DELETE)"

// List reads one page of what people, and we, wrote on our page. It gives the events that the deliveries of the same
// notifications give.
// (GET /rest/organizationalEntityNotifications?q=criteria)
func (r *Reader) List(ctx context.Context, a channel.Access, q channel.ListQuery) (channel.Page, error) {
	const op = "linkedin.List"
	us := organizationOf(a.Account)
	at := parsePlace(q.Cursor)
	if at == (place{}) {
		at.from = q.Since.UTC().Truncate(time.Millisecond)
	}
	switch {
	case us == "":
		return channel.Page{}, once.Refuse(op, once.ReasonInput, "account")
	case q.List != ListNotifications:
		return channel.Page{}, once.Refuse(op, once.ReasonInput, "list")
	case at.from.Unix() < firstSecond:
		return channel.Page{}, once.Refuse(op, once.ReasonInput, "since")
	}
	// The brackets of a list and of a range are part of the language of these addresses and stay as they are.
	answer, use, err := r.look(ctx, op, a, "/rest/organizationalEntityNotifications?q=criteria&actions="+actions+
		"&organizationalEntity="+url.QueryEscape(us)+"&timeRange=(start:"+strconv.FormatInt(at.from.UnixMilli(), 10)+")"+
		"&start="+strconv.Itoa(at.start)+"&count="+strconv.Itoa(pageSize))
	page := channel.Page{Usage: use}
	if err != nil {
		return page, err
	}
	var l listing
	_ = answer.Object(&l) // what is no object has no list
	items, cut, ok := elements(l.Elements, maxItems)
	if !ok || cut {
		return page, answer.Fail(op, false, once.Refusal{})
	}
	d := &decoder{ours: mention.Accounts{mention.LinkedIn: {us}}}
	for _, raw := range items {
		before := len(d.events)
		d.notification(raw)
		for _, e := range d.events[before:] {
			at.seen(e.At)
		}
	}
	next := at.after(len(items), l.more(at.start, len(items)))
	page.Events, page.Cursor, page.More = heard(d.events), next.String(), next.start > 0
	return page, nil
}

// heard leaves out what asks nothing of us. What cannot be read is left out too: a delivery brings it, with its own bytes to
// look at, and every look would bring it again.
func heard(events []mention.Event) []mention.Event {
	var out []mention.Event
	for _, e := range events {
		switch e.Outcome {
		case mention.Interaction, mention.Thread, mention.Own, mention.Edit, mention.Delete, mention.Fetch:
			out = append(out, e)
		case mention.Moderation, mention.Reaction, mention.Metric, mention.Status, mention.Ops, mention.Alert, mention.Ignore,
			mention.IgnoreUnknown, mention.Quarantine:
		}
	}
	return out
}
