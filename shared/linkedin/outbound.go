package linkedin

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/post"
)

// Outbound is the way out to LinkedIn: comments of our organization, and what may be done besides. It is safe for concurrent
// use and keeps no key.
type Outbound struct {
	api
	access func(ctx context.Context, account string) (channel.Access, error)
}

// NewOutbound makes the way out; access gives the key of one of our accounts, which is an organization's URN or the number in
// it, and may cache: its error of kind Denied says that nobody but a person can get another. The error is fault.Invalid and
// names the wrong field.
func NewOutbound(c Config, access func(ctx context.Context, account string) (channel.Access, error)) (*Outbound, error) {
	calls, err := newAPI("linkedin.NewOutbound", c)
	if err != nil {
		return nil, err
	}
	return &Outbound{api: calls, access: access}, nil
}

// answering is an outgoing answer in LinkedIn's words.
type answering struct {
	actor  string // our organization
	object string // the post
	parent string // the comment that is answered, "" for an answer to the post itself
}

// under is what the comment hangs on.
func (a answering) under() string {
	if a.parent != "" {
		return a.parent
	}
	return a.object
}

func (a answering) path() string {
	return "/rest/socialActions/" + url.QueryEscape(a.under()) + "/comments"
}

// read says the answer in LinkedIn's words, or why it cannot be said: LinkedIn has no messages for us.
func read(op string, out post.Outgoing) (answering, error) {
	wrong := func(field string) (answering, error) { return answering{}, once.Refuse(op, once.ReasonInput, field) }
	if out.Visibility == post.Private {
		return answering{}, once.Refuse(op, once.ReasonUnsupported, "visibility")
	}
	if out.Visibility != post.Public {
		return wrong("visibility")
	}
	us := organizationOf(out.Account)
	if us == "" {
		return wrong("account")
	}
	if post.Check(mention.LinkedIn, post.Public, out.Text) != nil {
		return answering{}, once.Refuse(op, once.ReasonContent, "text")
	}
	a := answering{actor: us}
	if c, ok := parseComment(out.Target); ok {
		a.object, a.parent = c.post, c.String()
		return a, nil
	}
	if a.object = parsePost(out.Target); a.object == "" {
		return wrong("target")
	}
	return a, nil
}

type newComment struct {
	Actor   string  `json:"actor"`
	Object  string  `json:"object"`
	Parent  string  `json:"parentComment,omitempty"`
	Message message `json:"message"`
}

// message is plain here: only the text of posts has signs to be escaped.
type message struct {
	Text string `json:"text"`
}

// comment is a comment as LinkedIn gives it back.
type comment struct {
	URN     ident `json:"$URN"`
	ID      ident `json:"id"`
	Actor   ident `json:"actor"`
	Object  ident `json:"object"`
	Message prose `json:"message"`
	Created struct {
		Time stamp `json:"time"`
	} `json:"created"`
}

// urn gives the one spelling under which the comment is known, "" when it has no usable id: its own URN, or its number
// together with the post it says it stands under, or else the post we named.
func (c comment) urn(id, object string) string {
	for _, whole := range []string{c.URN.s, id} {
		if urn, ok := parseComment(whole); ok {
			return urn.String()
		}
	}
	if !digits(id) {
		return ""
	}
	if said := normalise(c.Object); isURN(said) {
		object = said
	}
	if urn, ok := parseComment("urn:li:comment:(" + object + "," + id + ")"); ok {
		return urn.String()
	}
	return ""
}

// Send comments with one request and never a second, and gives the URN of the comment. fault.Uncertain means that it may
// stand there, and Find tells; other kinds are proven not to have said it. A duplicate may name what stands there (Stands).
// (POST /rest/socialActions/{urn}/comments)
func (o *Outbound) Send(ctx context.Context, out post.Outgoing) (post.Receipt, error) {
	const op = "linkedin.Send"
	a, err := read(op, out)
	if err != nil {
		return post.Receipt{}, err
	}
	body := newComment{Actor: a.actor, Object: a.object, Parent: a.parent, Message: message{Text: out.Text}}
	answer, err := o.call(ctx, op, out.Account, once.Call{Path: a.path(), Body: body})
	if err != nil {
		return post.Receipt{}, err
	}
	if err := answer.Verdict(op, true, refused); err != nil {
		return post.Receipt{Usage: usage(answer, err), Stands: once.Stands(err)}, err
	}
	var said comment
	if !answer.Object(&said) && strings.TrimSpace(string(answer.Body)) != "" {
		return post.Receipt{}, answer.Fail(op, true, once.Refusal{}) // not LinkedIn's words, whatever its headers say
	}
	id, err := url.PathUnescape(answer.Header.Get("X-Restli-Id"))
	if err != nil || id == "" {
		id = said.ID.s
	}
	if urn := said.urn(id, a.object); urn != "" {
		return post.Receipt{ID: urn}, nil
	}
	return post.Receipt{}, answer.Fail(op, true, once.Refusal{})
}

// call makes one request in the name of one of our accounts.
func (o *Outbound) call(ctx context.Context, op, account string, call once.Call) (once.Answer, error) {
	a, err := o.key(ctx, op, account)
	if err != nil {
		return once.Answer{}, err
	}
	return o.as(ctx, op, a.Token, call)
}

// key gets the key of one of our accounts.
func (o *Outbound) key(ctx context.Context, op, account string) (channel.Access, error) {
	a, err := o.access(ctx, account)
	switch {
	case fault.Is(err, fault.Denied):
		return a, once.NoToken(op, nil) // nobody but a person can get another key
	case err != nil:
		return a, once.NoToken(op, err)
	}
	return a, nil
}

// What Find looks through, and how much earlier than asked for a comment may be dated: two clocks are never the same.
const (
	maxPages  = 10
	pageSize  = 100
	clockSkew = 30 * time.Second
)

// listing is one page of comments. A page may hold fewer than asked for and still not be the last.
type listing struct {
	Elements json.RawMessage `json:"elements"`
	Paging   struct {
		Total int `json:"total"`
		Links []struct {
			Rel string `json:"rel"`
		} `json:"links"`
	} `json:"paging"`
}

// more reports whether comments follow after those of the page from start on.
func (l listing) more(start, here int) bool {
	for _, link := range l.Paging.Links {
		if link.Rel == "next" {
			return true
		}
	}
	return l.Paging.Total > start+pageSize || here >= pageSize
}

// is reports that a comment is our answer: of our organization, with its text (post.Hash), and made at or after since.
func (c comment) is(a answering, hash string, since time.Time) bool {
	return normalise(c.Actor) == a.actor && post.Hash(string(c.Message)) == hash && !c.Created.Time.Before(since.Add(-clockSkew))
}

// Find looks for a comment of our organization under the target, made at or after since, with the same text, and gives its
// URN. It only looks, first at the one that LinkedIn named (Stands). found is false without an error when every comment was
// seen and none is it: LinkedIn promises no order, so that an old comment does not end the look.
// (GET /rest/socialActions/{urn}/comments, GET /rest/socialActions/{urn}/comments/{id})
func (o *Outbound) Find(ctx context.Context, out post.Outgoing, since time.Time) (remoteID string, found bool, err error) {
	const op = "linkedin.Find"
	a, err := read(op, out)
	if err != nil {
		return "", false, err
	}
	if since.IsZero() {
		return "", false, once.Refuse(op, once.ReasonInput, "since")
	}
	hash := post.Hash(out.Text)
	if named, ok := parseComment(out.Stands); ok {
		found, err := o.stands(ctx, op, out.Account, a, named, hash, since)
		switch {
		case err != nil:
			return "", false, err
		case found:
			return named.String(), true, nil
		}
	}
	for start := 0; start < maxPages*pageSize; start += pageSize {
		urn, more, err := o.page(ctx, op, out.Account, a, start, hash, since)
		if err != nil || urn != "" || !more {
			return urn, urn != "", err
		}
	}
	return "", false, once.Answer{}.Fail(op, false, once.Refusal{Reason: once.ReasonTooMany})
}

// page looks through one page of comments for our answer: its URN, or whether others follow. The next page is counted, never
// an address that LinkedIn gives: the look stays on its host.
func (o *Outbound) page(
	ctx context.Context, op, account string, a answering, start int, hash string, since time.Time,
) (urn string, more bool, err error) {
	answer, err := o.call(ctx, op, account, once.Call{Path: a.path() + "?start=" + strconv.Itoa(start) + "&count=" + strconv.Itoa(pageSize)})
	if err != nil {
		return "", false, err
	}
	if err := answer.Verdict(op, false, refused); err != nil {
		return "", false, err
	}
	var page listing
	_ = answer.Object(&page) // what is no object has no list
	items, cut, ok := elements(page.Elements, maxItems)
	for _, raw := range items {
		var c comment
		if !readObject(raw, &c) || !c.is(a, hash, since) {
			continue
		}
		if urn := c.urn(c.ID.s, a.object); urn != "" {
			return urn, false, nil
		}
	}
	if !ok || cut {
		return "", false, answer.Fail(op, false, once.Refusal{})
	}
	return "", page.more(start, len(items)), nil
}

// read reads one thing that LinkedIn named; false without an error when it is gone. What is not whole is an answer nobody expects.
func (o *Outbound) read(ctx context.Context, op, account, path string, into any, whole func() bool) (bool, error) {
	answer, err := o.call(ctx, op, account, once.Call{Path: path})
	if err != nil {
		return false, err
	}
	err = answer.Verdict(op, false, refused)
	switch {
	case once.Reason(err) == once.ReasonGone:
		return false, nil
	case err != nil:
		return false, err
	case !answer.Object(into) || !whole():
		return false, answer.Fail(op, false, once.Refusal{})
	}
	return true, nil
}

// stands reports that the comment which LinkedIn named is our answer. One that is gone is not.
func (o *Outbound) stands(
	ctx context.Context, op, account string, a answering, named commentURN, hash string, since time.Time,
) (bool, error) {
	var c comment
	there, err := o.read(ctx, op, account, named.path(), &c, func() bool { return normalise(c.Actor) != "" })
	if !there {
		return false, err
	}
	return named.post == a.object && c.is(a, hash, since), nil
}
