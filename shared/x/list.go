package x

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// The lists of X: posts that name the account, and its direct messages, of which X keeps 30 days.
const (
	ListMentions = "mentions"
	ListMessages = "messages"
)

// Lists names what List can read.
func (*Reader) Lists() []string { return []string{ListMentions, ListMessages} }

// place is how far a list was read, which X gives newest first: everything up to the id floor, or, where there is none yet, up
// to the instant from; and of what came after it, everything from the newest, top, down to where next goes on.
type place struct {
	floor, top, next string
	from             time.Time
}

// parsePlace reads what String wrote; of anything else it makes a list that was never read.
func parsePlace(text string) place {
	values, err := url.ParseQuery(text)
	if err != nil {
		return place{}
	}
	p := place{floor: values.Get("floor"), top: values.Get("top"), next: values.Get("next")}
	p.from, err = time.Parse(time.RFC3339, values.Get("from"))
	if err != nil {
		p.from = time.Time{}
	}
	if p.floor != "" && !number(p.floor) || p.top != "" && !number(p.top) || p.floor == "" && p.from.IsZero() {
		return place{}
	}
	return p
}

// String writes the place as a cursor.
func (p place) String() string {
	values := url.Values{}
	for name, value := range map[string]string{"floor": p.floor, "top": p.top, "next": p.next} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if !p.from.IsZero() {
		values.Set("from", p.from.UTC().Format(time.RFC3339))
	}
	return values.Encode()
}

// seen takes note of an item of this page.
func (p *place) seen(id string) {
	if number(id) && older(p.top, id) {
		p.top = id
	}
}

// after gives the place after a page; next is where X goes on, "" at the end.
func (p place) after(next string) place {
	if next != "" {
		p.next = next
		return p
	}
	if older(p.floor, p.top) {
		p.floor, p.from = p.top, time.Time{}
	}
	p.top, p.next = "", ""
	return p
}

// older compares two ids of X: they are numbers that grow with time. No id is older than any.
func older(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// List reads one page of what people wrote to the account and, among its messages, of what we wrote. It gives the events that
// the deliveries of the same items give. Cost is how many posts or messages X gave.
// (GET /2/users/{id}/mentions, GET /2/dm_events)
func (r *Reader) List(ctx context.Context, a channel.Access, q channel.ListQuery) (channel.Page, error) {
	const op = "x.List"
	at := parsePlace(q.Cursor)
	if at == (place{}) {
		at.from = q.Since.UTC().Truncate(time.Second)
	}
	switch {
	case !number(a.Account):
		return channel.Page{}, once.Refuse(op, once.ReasonInput, "account")
	case at.floor == "" && at.from.IsZero():
		return channel.Page{}, once.Refuse(op, once.ReasonInput, "since")
	}
	switch q.List {
	case ListMentions:
		return r.mentions(ctx, op, a, at)
	case ListMessages:
		return r.messages(ctx, op, a, at)
	default:
		return channel.Page{}, once.Refuse(op, once.ReasonInput, "list")
	}
}

// sheet is one page as X gives it.
type sheet struct {
	listing
	Includes json.RawMessage `json:"includes"`
}

// sheet reads one page. A place in the middle that X no longer knows gives a page with nothing and begins anew: what it
// brings twice is known.
func (r *Reader) sheet(ctx context.Context, op string, a channel.Access, path string, query url.Values, at place) (s sheet, items []json.RawMessage, page channel.Page, err error) {
	query.Set("max_results", pageSize)
	if at.next != "" {
		query.Set("pagination_token", at.next) // never an address: the look stays on its host
	}
	answer, err := r.as(ctx, op, a, once.Call{Path: path + "?" + query.Encode()})
	if err != nil {
		return s, nil, channel.Page{}, err
	}
	err = answer.Verdict(op, false, refused)
	page.Usage = usage(answer, err)
	if at.next != "" && once.Reason(err) == once.ReasonContent {
		at.top, at.next = "", ""
		page.Cursor, page.More = at.String(), true
		return s, nil, page, nil
	}
	if err != nil {
		return s, nil, page, err
	}
	_ = answer.Object(&s) // what is no object has no list
	items, more, isList := elements(s.Items, maxItems)
	switch {
	case !isList && given(s.Errors):
		return s, nil, page, answer.Fail(op, false, refused(answer))
	case more, !isList && string(s.Meta.Count) != "0": // X leaves out a list of nothing, and says so
		return s, nil, page, answer.Fail(op, false, once.Refusal{})
	}
	page.Cost = len(items)
	return s, items, page, nil
}

func (r *Reader) mentions(ctx context.Context, op string, a channel.Access, at place) (channel.Page, error) {
	query := asPost("attachments.media_keys,author_id")
	if at.floor != "" {
		query.Set("since_id", at.floor)
	} else {
		query.Set("start_time", at.from.Format(time.RFC3339))
	}
	s, items, page, err := r.sheet(ctx, op, a, "/2/users/"+a.Account+"/mentions", query, at)
	if err != nil || page.Cursor != "" {
		return page, err
	}
	d := decoderFor(a)
	for _, raw := range items {
		var p v2Post
		if readObject(raw, &p) {
			at.seen(p.ID.s)
			d.post(p.post(s.Includes), a.Account, "")
		}
	}
	page.Events = heard(d.events)
	for i, e := range page.Events {
		if e.Outcome == mention.Edit { // a list has the latest version alone: whether an earlier one was told of, its key says
			page.Events[i].Outcome = mention.Interaction
		}
	}
	page.Cursor, page.More = at.after(string(s.Meta.Next)).String(), s.Meta.Next != ""
	return page, nil
}

func (r *Reader) messages(ctx context.Context, op string, a channel.Access, at place) (channel.Page, error) {
	query := asMessage()
	query.Set("event_types", "MessageCreate")
	s, items, page, err := r.sheet(ctx, op, a, "/2/dm_events", query, at)
	if err != nil || page.Cursor != "" {
		return page, err
	}
	d, past := decoderFor(a), false
	for _, raw := range items {
		var m v2Message
		switch {
		case !readObject(raw, &m):
		case at.floor != "" && m.ID.s != "" && !older(at.floor, m.ID.s), at.floor == "" && !m.At.IsZero() && m.At.Before(at.from):
			past = true // and so is all that comes after it
		default:
			at.seen(m.ID.s)
			d.directMessage(a.Account, raw, s.Includes)
		}
	}
	next := string(s.Meta.Next)
	if past {
		next = ""
	}
	page.Events = heard(d.events)
	page.Cursor, page.More = at.after(next).String(), next != ""
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

// v2Message is a direct message as API v2 writes it.
type v2Message struct {
	ID           ident `json:"id"`
	Type         words `json:"event_type"`
	Text         words `json:"text"`
	Sender       ident `json:"sender_id"`
	Conversation ident `json:"dm_conversation_id"` // of two: both ids, with a dash between
	At           stamp `json:"created_at"`
	Attachments  struct {
		Keys json.RawMessage `json:"media_keys"`
	} `json:"attachments"`
}

// directMessage reads a message as it is listed, and makes of it the event that its delivery makes.
func (d *decoder) directMessage(account string, raw, beside json.RawMessage) {
	var m v2Message
	_ = readObject(raw, &m) // what is no object has no id
	switch {
	case m.Type != "MessageCreate" && m.Type != "":
		d.add(mention.Event{Outcome: mention.IgnoreUnknown, Account: account, At: m.At.Time, Reason: mention.ReasonUnknownMessage})
		return
	case anyBad(m.ID, m.Sender):
		d.quarantine(account, mention.ReasonBadID)
		return
	case m.ID.s == "":
		d.quarantine(account, mention.ReasonNoID)
		return
	case m.Sender.s == "":
		d.quarantine(account, mention.ReasonNoSender)
		return
	}
	var in includes
	_ = readObject(beside, &in) // without it there are no names
	e := mention.Event{
		Outcome: mention.Interaction, Kind: mention.DM, Account: account, Key: m.ID.s, At: m.At.Time,
		Author: in.author(m.Sender), Thread: m.Sender.s,
	}
	long := false
	if e.Text, long = clean(string(m.Text)); long {
		e.Flags = append(e.Flags, mention.FlagTruncated)
	}
	hung := v2Post{}
	hung.Attachments.Keys = m.Attachments.Keys
	e.Attachments = hung.media(in)
	switch {
	case m.Sender.s == account:
		e.Outcome, e.Thread = mention.Own, partner(strings.ReplaceAll(m.Conversation.s, "-", ":"), account)
	case e.Text == "" && len(e.Attachments) == 0:
		e.Outcome, e.Reason = mention.Fetch, mention.ReasonFetchText
	}
	d.add(e)
}

// author gives who has the id, with the name that stands beside.
func (in includes) author(id ident) *mention.Author {
	users, _, _ := elements(in.Users, maxParts)
	for _, raw := range users {
		if u, ok := readUser(raw); ok && u.ID.s == id.s {
			return u.author()
		}
	}
	return user{ID: id}.author()
}
