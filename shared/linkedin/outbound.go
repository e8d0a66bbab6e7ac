package linkedin

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/post"
)

// The defaults of Config. LinkedIn names its versions by their month and drops each after a year or a little more: this one
// must be exchanged before July 2027.
const (
	DefaultBaseURL = "https://api.linkedin.com/"
	DefaultVersion = "202607"
)

// Config is what an Outbound needs; each field may be left out. BaseURL is https, or http on a loopback or private address
// for local work; Version the month of the API, "202607"; Transport nil opens a connection for each request; Timeout of one
// request must be shorter than what is left to the caller.
type Config struct {
	BaseURL   string
	Version   string
	Transport http.RoundTripper
	Timeout   time.Duration
}

// Outbound is the way out to LinkedIn: comments of our organization. It is safe for concurrent use and keeps no token.
type Outbound struct {
	client  once.Client
	version string
	tokens  func(context.Context) (map[string]string, error)
}

// NewOutbound makes the way out; tokens gives the access tokens of our accounts by account, which is an organization's URN
// or the number in it, and may cache. The error is fault.Invalid and names the wrong field.
func NewOutbound(c Config, tokens func(context.Context) (map[string]string, error)) (*Outbound, error) {
	const op = "linkedin.NewOutbound"
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	if c.Version == "" {
		c.Version = DefaultVersion
	}
	client, ok := once.New(string(mention.LinkedIn), c.BaseURL, c.Transport, c.Timeout)
	switch {
	case !ok:
		return nil, once.Refuse(op, once.ReasonInput, "BaseURL or Timeout")
	case len(c.Version) != 6 || !digits(c.Version):
		return nil, once.Refuse(op, once.ReasonInput, "Version")
	}
	return &Outbound{client: client, version: c.Version, tokens: tokens}, nil
}

// Reason gives the reason code of an error of this way out, "" for any other.
func (*Outbound) Reason(err error) string { return once.Reason(err) }

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
	number := out.Account[strings.LastIndexByte(out.Account, ':')+1:]
	if !digits(number) || out.Account != number && out.Account != organization+number {
		return wrong("account")
	}
	if post.Check(mention.LinkedIn, post.Public, out.Text) != nil {
		return answering{}, once.Refuse(op, once.ReasonContent, "text")
	}
	a := answering{actor: organization + number}
	if c, ok := parseComment(out.Target); ok {
		a.object, a.parent = c.post, c.String()
		return a, nil
	}
	kind, id, _ := strings.Cut(strings.TrimPrefix(out.Target, "urn:li:"), ":")
	if !letters(kind) || !digits(id) {
		return wrong("target")
	}
	a.object = "urn:li:" + kind + ":" + id
	return a, nil
}

const organization = "urn:li:organization:"

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
// stand there, and Find tells; other kinds are proven not to have said it.
// (POST /rest/socialActions/{urn}/comments)
func (o *Outbound) Send(ctx context.Context, out post.Outgoing) (string, error) {
	const op = "linkedin.Send"
	a, err := read(op, out)
	if err != nil {
		return "", err
	}
	body := newComment{Actor: a.actor, Object: a.object, Parent: a.parent, Message: message{Text: out.Text}}
	answer, err := o.call(ctx, op, out.Account, once.Call{Path: a.path(), Body: body})
	if err != nil {
		return "", err
	}
	if err := answer.Verdict(op, true, refused); err != nil {
		return "", err
	}
	var said comment
	if !answer.Object(&said) && strings.TrimSpace(string(answer.Body)) != "" {
		return "", answer.Fail(op, true, once.Refusal{}) // not LinkedIn's words, whatever its headers say
	}
	id, err := url.PathUnescape(answer.Header.Get("X-Restli-Id"))
	if err != nil || id == "" {
		id = said.ID.s
	}
	if urn := said.urn(id, a.object); urn != "" {
		return urn, nil
	}
	return "", answer.Fail(op, true, once.Refusal{})
}

// call makes one request in the name of one of our accounts.
func (o *Outbound) call(ctx context.Context, op, account string, call once.Call) (once.Answer, error) {
	all, err := o.tokens(ctx)
	if err != nil {
		return once.Answer{}, once.NoToken(op, err)
	}
	number := account[strings.LastIndexByte(account, ':')+1:]
	token := all[organization+number]
	if token == "" {
		token = all[number]
	}
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return once.Answer{}, once.NoToken(op, nil)
	}
	call.Header = http.Header{
		"Authorization":             {"Bearer " + token},
		"Linkedin-Version":          {o.version},
		"X-Restli-Protocol-Version": {"2.0.0"},
	}
	return o.client.Do(ctx, call), nil
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

// Find looks for a comment of our organization under the target, made at or after since, with the same text (post.Hash),
// and gives its URN. It only looks. found is false without an error when every comment was seen and none is it: LinkedIn
// promises no order, so that an old comment does not end the look.
// (GET /rest/socialActions/{urn}/comments)
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
	for start := 0; start < maxPages*pageSize; start += pageSize {
		// The next page is counted, never an address that LinkedIn gives: the look stays on its host.
		path := a.path() + "?start=" + strconv.Itoa(start) + "&count=" + strconv.Itoa(pageSize)
		answer, err := o.call(ctx, op, out.Account, once.Call{Path: path})
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
			if !readObject(raw, &c) || normalise(c.Actor) != a.actor || post.Hash(string(c.Message)) != hash {
				continue
			}
			urn := c.urn(c.ID.s, a.object)
			if urn != "" && !c.Created.Time.Before(since.Add(-clockSkew)) {
				return urn, true, nil
			}
		}
		switch {
		case !ok || cut:
			return "", false, answer.Fail(op, false, once.Refusal{})
		case !page.more(start, len(items)):
			return "", false, nil
		}
	}
	return "", false, once.Answer{}.Fail(op, false, once.Refusal{Reason: once.ReasonTooMany})
}
