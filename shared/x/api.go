package x

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dghubble/oauth1"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// Where X answers, and where people say yes.
const (
	DefaultBaseURL   = "https://api.x.com/"
	DefaultSignInURL = "https://x.com/"
)

// App is what X gave our application: the consumer key of OAuth 1.0a, which also signs for the application itself, and the
// client of OAuth 2.0. They are never printed.
type App struct {
	ConsumerKey    string `json:"consumerKey"`
	ConsumerSecret string `json:"consumerSecret"`
	ClientID       string `json:"clientId"`
	ClientSecret   string `json:"clientSecret"`
}

// String keeps the keys out of everything that prints.
func (App) String() string { return "App{…}" }

// GoString is String for %#v.
func (a App) GoString() string { return a.String() }

// Config is what the ways to X need; each field may be left out. BaseURL and SignInURL are https, or http on a loopback or
// private address for local work; Transport nil opens a connection for each request; Timeout of one request must be shorter
// than what is left to the caller. App reads the application's keys, and may cache: without it only keys of OAuth 2.0 work.
type Config struct {
	BaseURL   string
	SignInURL string
	Transport http.RoundTripper
	Timeout   time.Duration
	App       func(context.Context) (App, error)
}

// api makes requests to X. It is safe for concurrent use and keeps no key.
type api struct {
	client once.Client
	keys   func(context.Context) (App, error)
}

func newAPI(op string, c Config) (api, error) {
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	client, ok := once.New(string(mention.X), c.BaseURL, c.Transport, c.Timeout)
	if !ok {
		return api{}, once.Refuse(op, once.ReasonInput, "BaseURL or Timeout")
	}
	if c.App == nil {
		c.App = func(context.Context) (App, error) { return App{}, nil }
	}
	return api{client: client, keys: c.App}, nil
}

// Reason gives the reason code of an error of this network, "" for any other.
func (api) Reason(err error) string { return once.Reason(err) }

// as makes one request in the name of one of our accounts: signed by OAuth 1.0a where the key has a second half.
func (c api) as(ctx context.Context, op string, a channel.Access, call once.Call) (once.Answer, error) {
	switch {
	case !visible(a.Token):
		return once.Answer{}, once.NoToken(op, nil)
	case a.Secret == "":
		call.Header = http.Header{"Authorization": {"Bearer " + a.Token}}
		return c.client.Do(ctx, call), nil
	}
	app, err := c.keys(ctx)
	if err != nil {
		return once.Answer{}, once.NoToken(op, err)
	}
	if !visible(app.ConsumerKey) || !visible(app.ConsumerSecret) || !visible(a.Secret) {
		return once.Answer{}, once.NoToken(op, nil)
	}
	call.Sign = app.signer(a)
	return c.client.Do(ctx, call), nil
}

// signer puts the signature of OAuth 1.0a on each request. It stamps it with the machine's clock, which X compares with its
// own. A body of JSON is no part of what is signed (RFC 5849, 3.4.1.3).
func (a App) signer(as channel.Access) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		within := context.WithValue(context.Background(), oauth1.HTTPClient, &http.Client{Transport: next})
		return oauth1.NewConfig(a.ConsumerKey, a.ConsumerSecret).Client(within, oauth1.NewToken(as.Token, as.Secret)).Transport
	}
}

// errSigned ends a request that was only to be signed.
var errSigned = errors.New("signed")

// signed keeps the signature that a request carries, and sends nothing: the library has calls of its own for connecting, which
// know no context, no limit of an answer and no single attempt.
type signed struct{ authorization string }

// RoundTrip implements http.RoundTripper.
func (s *signed) RoundTrip(r *http.Request) (*http.Response, error) {
	s.authorization = r.Header.Get("Authorization")
	return nil, errSigned
}

// visible reports a text without spaces, line breaks or letters outside of ASCII.
func visible(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// number reports an id of X, which may stand in the path of an address and cannot leave it.
func number(id string) bool { return id != "" && len(id) <= 20 && strings.Trim(id, "0123456789") == "" }

// limits are the names under which X says how much may be called, for the quarter of an hour and for the days of user and
// application.
func limits() []string { return []string{"X-Rate-Limit", "X-User-Limit-24hour", "X-App-Limit-24hour"} }

// leastWait is how long a network that had enough of us is left alone when it does not say how long it wants to be.
const leastWait = time.Minute

// usage reads how much of what X lets us call is used up. Of its limits the fullest counts; err is what the answer came to.
func usage(a once.Answer, err error) channel.Usage {
	at := a.Date()
	if at.IsZero() {
		return channel.Usage{}
	}
	var u channel.Usage
	for _, limit := range limits() {
		most, errMost := strconv.ParseInt(a.Header.Get(limit+"-Limit"), 10, 64)
		left, errLeft := strconv.ParseInt(a.Header.Get(limit+"-Remaining"), 10, 64)
		reset, errReset := strconv.ParseInt(a.Header.Get(limit+"-Reset"), 10, 64)
		until := time.Unix(reset, 0).UTC()
		if errors.Join(errMost, errLeft, errReset) != nil || most <= 0 || left < 0 || left > most || !until.After(at) {
			continue
		}
		if share := 1 - float64(left)/float64(most); !u.Known() || share > u.Share {
			u = channel.Usage{Share: share, Until: until, At: at}
		}
	}
	if once.Reason(err) == once.ReasonThrottle {
		u = channel.Usage{Share: 1, Until: at.Add(max(fault.RetryAfter(err), leastWait)), At: at}
	}
	return u
}
