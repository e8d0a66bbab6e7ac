package meta

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/unit"
)

// The defaults of Config. Version v25.0 appeared on 2026-02-18 and expires on 2028-07-29; an unversioned call would change
// its meaning by itself.
const (
	DefaultBaseURL = "https://graph.facebook.com/"
	DefaultVersion = "v25.0"
	DefaultTimeout = 10 * time.Second
)

// Config is what a Client needs. Empty fields take the defaults; AppSecret has none.
type Config struct {
	BaseURL   string            // https, or http on a loopback or private address for local work
	Version   string            // of the Graph API, "v25.0"
	AppSecret string            // proves with each call that the token was not stolen
	Transport http.RoundTripper // nil: one connection per request
	Timeout   time.Duration     // of one request; must be shorter than what is left to the caller
}

// Client calls the Graph API with the page's token of each call. It is safe for concurrent use and keeps no token.
type Client struct {
	app          *facebook.App
	base         string
	scheme, host string
	version      string
	transport    http.RoundTripper
	timeout      time.Duration
}

// New checks the configuration; an error is fault.Invalid and says which field is wrong.
func New(c Config) (*Client, error) {
	const op = "meta.New"
	wrong := func(field string) (*Client, error) {
		return nil, &fault.Error{Kind: fault.Invalid, Op: op, Field: field, Err: &Failure{Reason: ReasonInput}}
	}
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	if c.Version == "" {
		c.Version = DefaultVersion
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Transport == nil {
		c.Transport = newTransport()
	}
	base, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" || !safeScheme(base):
		return wrong("BaseURL")
	case !versionLike(c.Version):
		return wrong("Version")
	case c.AppSecret == "":
		return wrong("AppSecret")
	case c.Timeout < 0:
		return wrong("Timeout")
	}
	app := facebook.New("", c.AppSecret)
	app.EnableAppsecretProof = true
	return &Client{
		app: app, base: strings.TrimSuffix(base.String(), "/") + "/", scheme: base.Scheme, host: base.Host,
		version: c.Version, transport: c.Transport, timeout: c.Timeout,
	}, nil
}

// safeScheme refuses to send tokens in the clear to anybody but this machine and its own network.
func safeScheme(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	near := u.Hostname() == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsPrivate())
	return u.Scheme == "https" || u.Scheme == "http" && near
}

// versionLike reports "v" and two numbers with a point between.
func versionLike(v string) bool {
	major, minor, ok := strings.Cut(strings.TrimPrefix(v, "v"), ".")
	return ok && v[0] == 'v' && digits(major) && digits(minor)
}

func digits(s string) bool { return s != "" && len(s) <= 3 && strings.Trim(s, "0123456789") == "" }

// Reply publishes text as a comment under the object, a post or a comment, and gives the id of the new comment. It sends
// one HTTP request and never a second: fault.Uncertain means that the comment may stand there, and Find tells. Other kinds
// are proven not to have published: Denied, Permanent and Invalid will not work later either, Transient may.
// (POST /{object-id}/comments)
func (c *Client) Reply(ctx context.Context, token, objectID, text string) (string, error) {
	const op = "meta.Reply"
	if err := usable(ctx, op, token, objectID); err != nil {
		return "", err
	}
	if err := post.Check(mention.Facebook, post.Public, text); err != nil {
		return "", err
	}
	res, err := c.call(ctx, op, token, facebook.POST, objectID+"/comments", facebook.Params{"message": text})
	if err != nil {
		return "", err
	}
	if id := asText(res["id"]); objectLike(id) {
		return id, nil
	}
	return "", fault.New(fault.Uncertain, op, &Failure{Reason: ReasonUnknown, Status: http.StatusOK})
}

// usable refuses a call that cannot be made: nothing has been sent then.
func usable(ctx context.Context, op, token, objectID string) error {
	switch {
	case token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fault.New(fault.Denied, op, &Failure{Reason: ReasonAuth})
	case !objectLike(objectID):
		return &fault.Error{Kind: fault.Invalid, Op: op, Field: "object", Err: &Failure{Reason: ReasonInput}}
	case ctx.Err() != nil:
		return fault.New(fault.Transient, op, &Failure{Reason: ReasonUnreachable, cause: contextError(ctx.Err())})
	}
	return nil
}

// objectLike reports an id that may stand in the path of an address and cannot leave it.
func objectLike(id string) bool {
	return id != "" && len(id) <= 128 && !strings.ContainsFunc(id, func(r rune) bool { return !wordRune(r) })
}

// call makes one request. Everything the library would share between calls is made anew for each: it writes into the
// parameters, and computes the proof of the token on first use without a lock.
func (c *Client) call(ctx context.Context, op, token string, method facebook.Method, path string, params facebook.Params) (facebook.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	x := &exchange{next: c.transport, scheme: c.scheme, host: c.host}
	session := c.app.Session(token)
	session.HttpClient = &http.Client{Transport: x}
	session.BaseURL, session.Version = c.base, c.version
	session.UseAuthorizationHeader()
	session.AppsecretProof()
	work := unit.Of(ctx)
	work.Network(string(mention.Facebook))
	work.Count(unit.NetworkCalls, 1)
	res, err := session.WithContext(ctx).Api(path, method, params)
	return res, x.verdict(op, method == facebook.POST, err)
}

// What Find looks through, and how much earlier than the claim a comment may be dated: Graph cuts its instants to whole
// seconds, and two clocks are never the same.
const (
	maxPages  = 10
	pageSize  = "100"
	clockSkew = 30 * time.Second
)

// Find looks for a comment that pageID wrote under the object at or after since with the same text as text (post.Hash),
// and gives its id. It only looks. found is false without an error when every comment since then was seen and none is it.
// (GET /{object-id}/comments, newest first)
func (c *Client) Find(ctx context.Context, token, objectID, pageID, text string, since time.Time) (remoteID string, found bool, err error) {
	const op = "meta.Find"
	if err := usable(ctx, op, token, objectID); err != nil {
		return "", false, err
	}
	if pageID == "" || since.IsZero() {
		return "", false, &fault.Error{Kind: fault.Invalid, Op: op, Field: "page or since", Err: &Failure{Reason: ReasonInput}}
	}
	search := search{page: pageID, hash: post.Hash(text), since: since.Add(-clockSkew)}
	params := facebook.Params{"fields": "id,message,from,created_time", "order": "reverse_chronological", "limit": pageSize}
	for range maxPages {
		res, err := c.call(ctx, op, token, facebook.GET, objectID+"/comments", params)
		if err != nil {
			return "", false, err
		}
		list, ok := res["data"].([]any)
		if !ok {
			return "", false, fault.New(fault.Transient, op, &Failure{Reason: ReasonUnknown, Status: http.StatusOK})
		}
		id, past := search.look(list)
		next := asText(res.Get("paging.next"))
		if id != "" || past || next == "" {
			return id, id != "", nil
		}
		if params, ok = c.following(next); !ok {
			return "", false, fault.New(fault.Permanent, op, &Failure{Reason: ReasonForeignHost, Status: http.StatusOK})
		}
	}
	return "", false, fault.New(fault.Transient, op, &Failure{Reason: ReasonTooMany, Status: http.StatusOK})
}

// search is what Find looks for.
type search struct {
	page, hash string
	since      time.Time
}

// look goes through one page of comments, newest first: the id of the comment looked for, or whether this page and so
// all later ones are too old.
func (s search) look(list []any) (id string, past bool) {
	older := 0
	for _, item := range list {
		members, _ := item.(map[string]any)
		comment := facebook.Result(members)
		at := parseInstant(asText(comment["created_time"]))
		switch {
		case at.IsZero():
		case at.Before(s.since):
			older++
		case asText(comment.Get("from.id")) == s.page && post.Hash(asText(comment["message"])) == s.hash && objectLike(asText(comment["id"])):
			return asText(comment["id"]), false
		}
	}
	return "", len(list) > 0 && older == len(list)
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
