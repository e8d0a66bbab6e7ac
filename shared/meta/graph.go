package meta

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
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
	network      mention.Network // which of Meta's networks the calls count for
	app          *facebook.App
	appID        string // empty: not known
	base         string
	scheme, host string
	version      string
	transport    http.RoundTripper
	timeout      time.Duration
	meter        *meter
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
		network: mention.Facebook, app: app, base: strings.TrimSuffix(base.String(), "/") + "/", scheme: base.Scheme, host: base.Host,
		version: c.Version, transport: c.Transport, timeout: c.Timeout, meter: &meter{},
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
	_, res, err := c.exchange(ctx, op, token, method, path, params)
	return res, err
}

// answer is what Graph said: a JSON object, and when by its own clock.
type answer struct {
	body []byte
	at   time.Time
}

// look reads something; what it is, is for the caller to say.
func (c *Client) look(ctx context.Context, op, token, path string, params facebook.Params) (answer, error) {
	x, _, err := c.exchange(ctx, op, token, facebook.GET, path, params)
	if err != nil {
		return answer{}, err
	}
	at, bad := http.ParseTime(x.header.Get("Date"))
	if bad != nil {
		at = time.Time{}
	}
	return answer{body: x.body, at: at.UTC()}, nil
}

func (c *Client) exchange(
	ctx context.Context, op, token string, method facebook.Method, path string, params facebook.Params,
) (*exchange, facebook.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	x := &exchange{next: c.transport, scheme: c.scheme, host: c.host}
	session := c.app.Session(token)
	session.HttpClient = &http.Client{Transport: x}
	session.BaseURL, session.Version = c.base, c.version
	session.UseAuthorizationHeader()
	session.AppsecretProof()
	work := unit.Of(ctx)
	work.Network(string(c.network))
	work.Count(unit.NetworkCalls, 1)
	res, err := session.WithContext(ctx).Api(path, method, params)
	err = x.verdict(op, method != facebook.GET, err)
	c.meter.note(usage(x.header, err))
	return x, res, err
}
