package meta

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

// list is one list of Graph: where it is, what is asked of each item, and how an item is read. within is what hangs on its
// items. Reach is how much older than what is looked for an item may be and still have something new hanging on it; the
// newest come first.
type list struct {
	path   func(id string) string
	params facebook.Params
	limit  int
	reach  time.Duration
	read   func(in spot, raw []byte) found
	within *list
}

// spot is where an item was found: in a list of our account, under ID, which may hang on something itself.
type spot struct {
	account, id, of string
}

// found is what an item of a list is: what people or we wrote, when it counts as of, and what else may be read on it: the
// ids of it, if anything happened there at active (zero: nobody says).
type found struct {
	events []mention.Event
	at     time.Time
	under  []hanging
	active time.Time
}

// hanging is something to be read on an item: which list of those below it, of which id, on what.
type hanging struct {
	Level int    `json:"l"`
	ID    string `json:"i"`
	Of    string `json:"o,omitempty"`
}

// scan is how far a list was read; it is the cursor. A round begins with the newest, and reads what is new since Since. What
// is to be read under items waits in Queue, of which Next is how the first goes on; Top is how the list itself goes on, and
// Ended that it has ended. Began is when the round began by Graph's clock: the next begins there.
type scan struct {
	Since int64     `json:"s"`
	Began int64     `json:"b,omitempty"`
	Top   string    `json:"t,omitempty"`
	Ended bool      `json:"e,omitempty"`
	Queue []hanging `json:"q,omitempty"`
	Next  string    `json:"n,omitempty"`
}

// overlap is how much of the time before a round the next one reads again: lists are not exact to the second, and what was
// seen before is known by its key.
const overlap = 10 * time.Minute

// maxQueue bounds what waits under the items of a list, and so the cursor.
const maxQueue = 200

// resume reads a cursor; one that is none begins anew.
func resume(q channel.ListQuery) scan {
	var s scan
	if json.Unmarshal([]byte(q.Cursor), &s) == nil && s.Since > 0 && len(s.Queue) <= maxQueue {
		return s
	}
	return scan{Since: max(q.Since.Unix(), 1)}
}

func (s scan) String() string {
	text, err := json.Marshal(s)
	if err != nil {
		return "" // numbers and texts can always be written
	}
	return string(text)
}

// over ends a round: the next one begins where this one began.
func (s scan) over() scan {
	if s.Began == 0 {
		return scan{Since: s.Since}
	}
	return scan{Since: max(s.Since, s.Began-int64(overlap/time.Second))}
}

// step makes one request of a list and gives what it brought.
func (c *Client) step(ctx context.Context, op, token, account string, top list, s scan) (channel.Page, error) {
	l, in, next := top, spot{account: account, id: account}, s.Top
	if len(s.Queue) > 0 {
		first := s.Queue[0]
		in, next = spot{account: account, id: first.ID, of: first.Of}, s.Next
		for range first.Level {
			if l.within != nil {
				l = *l.within
			}
		}
	}
	if err := usable(ctx, op, token, account); err != nil {
		return channel.Page{}, err
	}
	if !nameLike(in.id) {
		return channel.Page{}, &fault.Error{Kind: fault.Invalid, Op: op, Field: "cursor", Err: &Failure{Reason: ReasonInput}}
	}
	items, following, at, err := c.turn(ctx, op, token, l, in, next)
	switch {
	case err != nil && len(s.Queue) > 0 && (Reason(err) == ReasonGone || Reason(err) == ReasonContent):
		items, following = nil, "" // it was taken away meanwhile, or never has such a list
	case err != nil && len(s.Queue) == 0 && Reason(err) == ReasonUnsupported:
		items, following = nil, "" // a list that this version of Graph no longer has is empty
	case err != nil:
		return channel.Page{}, err
	}
	if s.Began == 0 && !at.IsZero() {
		s.Began = at.Unix()
	}
	events, under, past := l.take(in, items, time.Unix(s.Since, 0))
	if past {
		following = ""
	}
	s = s.after(following, under)
	page := channel.Page{Events: events, More: !s.Ended || len(s.Queue) > 0}
	if !page.More {
		s = s.over()
	}
	page.Cursor = s.String()
	return page, nil
}

// after is where a scan stands when a page was read: following is how its list goes on, under what waits below its items.
func (s scan) after(following string, under []hanging) scan {
	if len(s.Queue) == 0 {
		s.Top, s.Ended = following, following == ""
		s.Queue = under
	} else {
		rest := s.Queue[1:]
		if following != "" {
			rest = s.Queue
		}
		s.Next, s.Queue = following, append(slices.Clone(rest), under...)
	}
	s.Queue = s.Queue[:min(len(s.Queue), maxQueue)]
	return s
}

// take reads the items of a page: what is new in it, what waits below, and whether all that follows is too old.
func (l list) take(in spot, items [][]byte, since time.Time) (events []mention.Event, under []hanging, past bool) {
	older := 0
	for _, raw := range items {
		one := l.read(in, raw)
		if !one.at.IsZero() && one.at.Before(since.Add(-l.reach)) {
			older++
		}
		for _, e := range one.events {
			if told(e) && (e.At.IsZero() || !e.At.Before(since)) {
				events = append(events, e)
			}
		}
		if one.active.IsZero() || !one.active.Before(since) {
			under = append(under, one.under...)
		}
	}
	return events, under, len(items) > 0 && older == len(items)
}

// told reports an event that somebody wrote and that can be told from others.
func told(e mention.Event) bool {
	return e.Key != "" && (e.Outcome == mention.Interaction || e.Outcome == mention.Thread || e.Outcome == mention.Own)
}

// turn reads one page of a list: its items, and what the address of the page that follows has besides, "" at the end.
func (c *Client) turn(ctx context.Context, op, token string, l list, in spot, next string) (items [][]byte, following string, at time.Time, err error) {
	params := facebook.Params{"limit": strconv.Itoa(l.limit)}
	for name, value := range l.params {
		params[name] = value
	}
	if next != "" {
		more, bad := url.ParseQuery(next)
		if bad != nil {
			return nil, "", at, &fault.Error{Kind: fault.Invalid, Op: op, Field: "cursor", Err: &Failure{Reason: ReasonInput}}
		}
		for name := range more {
			params[name] = more.Get(name)
		}
	}
	got, err := c.look(ctx, op, token, l.path(url.PathEscape(in.id)), params)
	if err != nil {
		return nil, "", at, err
	}
	items, further, err := c.items(op, got.body)
	if err != nil {
		return nil, "", at, err
	}
	for name := range params {
		if name == "limit" || l.params[name] != nil {
			further.Del(name)
		}
	}
	if following = further.Encode(); following == next {
		following = "" // a page that follows itself never ends
	}
	return items, following, got.at, nil
}

// maxListed bounds the items of a page; none that we ask for is longer than 100.
const maxListed = 500

// items cuts a page into its items. That a page follows is only believed when it is Graph's own, and of its address only the
// parameters are taken.
func (c *Client) items(op string, body []byte) (items [][]byte, following url.Values, err error) {
	var page struct {
		Data   json.RawMessage `json:"data"`
		Paging struct {
			Next words `json:"next"`
		} `json:"paging"`
	}
	_ = readObject(body, &page) // what is no page has no items
	items, _, ok := elements(page.Data, maxListed)
	if !ok {
		return nil, nil, unseen(op)
	}
	if page.Paging.Next == "" {
		return items, nil, nil
	}
	params, ok := c.following(string(page.Paging.Next))
	if !ok {
		return nil, nil, fault.New(fault.Permanent, op, &Failure{Reason: ReasonForeignHost, Status: http.StatusOK})
	}
	values := url.Values{}
	for name, value := range params {
		if text, is := value.(string); is {
			values.Set(name, text)
		}
	}
	return items, values, nil
}
