package meta

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

// What is looked through, and how much earlier than the claim an answer may be dated: Graph cuts its instants to whole
// seconds, and two clocks are never the same.
const (
	maxPages  = 10
	pageSize  = "100"
	clockSkew = 30 * time.Second
)

// search is what is looked for: what was said at or after since. said and at name the members that hold text and
// instant, id tells what may be an item's id; ours, by author and text, which item it is; newestFirst says that a page of too old
// items ends the list.
type search struct {
	ours        func(from, shown string) bool
	since       time.Time
	said, at    string
	id          func(string) bool
	newestFirst bool
}

// looking checks what a look needs.
func looking(ctx context.Context, op, token, object, account, text string, since time.Time) (search, error) {
	if err := usable(ctx, op, token, object); err != nil {
		return search{}, err
	}
	if account == "" || since.IsZero() {
		return search{}, &fault.Error{Kind: fault.Invalid, Op: op, Field: "page or since", Err: &Failure{Reason: ReasonInput}}
	}
	hash := post.Hash(text)
	ours := func(from, shown string) bool { return from == account && post.Hash(shown) == hash }
	return search{ours: ours, since: since.Add(-clockSkew), id: objectLike}, nil
}

// walk looks through a list page by page.
func (c *Client) walk(ctx context.Context, op, token, path string, s search, params facebook.Params) (string, bool, error) {
	for range maxPages {
		res, err := c.call(ctx, op, token, facebook.GET, path, params)
		if err != nil {
			return "", false, err
		}
		id, following, err := c.page(op, s, res)
		if err != nil || id != "" || following == nil {
			return id, id != "", err
		}
		params = following
	}
	return "", false, fault.New(fault.Transient, op, &Failure{Reason: ReasonTooMany, Status: http.StatusOK})
}

// page looks through one page: the id looked for, or the parameters of the page that follows, nil at the end.
func (c *Client) page(op string, s search, res facebook.Result) (string, facebook.Params, error) {
	list, ok := res["data"].([]any)
	if !ok {
		return "", nil, fault.New(fault.Transient, op, &Failure{Reason: ReasonUnknown, Status: http.StatusOK})
	}
	id, past := s.look(list)
	next := asText(res.Get("paging.next"))
	if id != "" || past || next == "" {
		return id, nil, nil
	}
	params, ok := c.following(next)
	if !ok {
		return "", nil, fault.New(fault.Permanent, op, &Failure{Reason: ReasonForeignHost, Status: http.StatusOK})
	}
	return "", params, nil
}

// look goes through one page: the id looked for, or whether this page and so all later ones are too old.
func (s search) look(list []any) (id string, past bool) {
	older := 0
	for _, item := range list {
		members, _ := item.(map[string]any)
		one := facebook.Result(members)
		at := parseInstant(asText(one[s.at]))
		switch {
		case at.IsZero():
		case at.Before(s.since):
			older++
		case s.ours(asText(one.Get("from.id")), asText(one[s.said])) && s.id(asText(one["id"])):
			return asText(one["id"]), false
		}
	}
	return "", s.newestFirst && len(list) > 0 && older == len(list)
}

// asText gives a JSON string or number as text, "" for anything else.
func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// following gives the parameters of the next page. Only they are taken from the address that Graph gives, and only when it
// is Graph's own: the request goes where the first went, with the credentials in its own header.
func (c *Client) following(next string) (facebook.Params, bool) {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != c.scheme || u.Host != c.host {
		return nil, false
	}
	params := facebook.Params{}
	for name, values := range u.Query() {
		switch name {
		case "access_token", "appsecret_proof", "method", "batch", "format", "debug":
		default:
			params[name] = values[0]
		}
	}
	return params, true
}
