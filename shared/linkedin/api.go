package linkedin

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// The defaults of Config. LinkedIn names its versions by their month and drops each after a year or a little more: this one
// must be exchanged before July 2027.
const (
	DefaultBaseURL   = "https://api.linkedin.com/"
	DefaultSignInURL = "https://www.linkedin.com/"
	DefaultVersion   = "202607"
)

// App is what LinkedIn gave our application: its client of OAuth 2.0, and the number by which its subscriptions are named. They
// are never printed.
type App struct {
	ID           string `json:"applicationId"`
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
}

// String keeps the keys out of everything that prints.
func (App) String() string { return "App{…}" }

// GoString is String for %#v.
func (a App) GoString() string { return a.String() }

// Config is what the ways to LinkedIn need; each field may be left out. BaseURL and SignInURL are https, or http on a loopback
// or private address for local work; Version the month of the API, "202607"; Transport nil opens a connection for each
// request; Timeout of one request must be shorter than what is left to the caller. App reads the application's keys, and may
// cache: an Outbound needs none. Scopes replaces the rights that are asked for, where LinkedIn knows our application's by their
// older names.
type Config struct {
	BaseURL   string
	SignInURL string
	Version   string
	Transport http.RoundTripper
	Timeout   time.Duration
	App       func(context.Context) (App, error)
	Scopes    []string
}

// api makes requests to LinkedIn. It is safe for concurrent use and keeps no key.
type api struct {
	client    once.Client
	signIn    once.Client
	transport http.RoundTripper // of requests to where LinkedIn takes bytes
	timeout   time.Duration
	version   string
	keys      func(context.Context) (App, error)
	scopes    []string
}

func newAPI(op string, c Config) (api, error) {
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	if c.SignInURL == "" {
		c.SignInURL = DefaultSignInURL
	}
	if c.Version == "" {
		c.Version = DefaultVersion
	}
	if len(c.Scopes) == 0 {
		c.Scopes = channel.Names(mention.LinkedIn)
	}
	if c.App == nil {
		c.App = func(context.Context) (App, error) { return App{}, nil }
	}
	client, ok := once.New(string(mention.LinkedIn), c.BaseURL, c.Transport, c.Timeout)
	signIn, fine := once.New(string(mention.LinkedIn), c.SignInURL, c.Transport, c.Timeout)
	switch {
	case !ok:
		return api{}, once.Refuse(op, once.ReasonInput, "BaseURL or Timeout")
	case !fine:
		return api{}, once.Refuse(op, once.ReasonInput, "SignInURL")
	case len(c.Version) != 6 || !digits(c.Version):
		return api{}, once.Refuse(op, once.ReasonInput, "Version")
	}
	return api{client: client, signIn: signIn, transport: c.Transport, timeout: c.Timeout, version: c.Version, keys: c.App, scopes: c.Scopes}, nil
}

// Reason gives the reason code of an error of this network, "" for any other.
func (api) Reason(err error) string { return once.Reason(err) }

// as makes one request with a key of one of our accounts.
func (c api) as(ctx context.Context, op, token string, call once.Call) (once.Answer, error) {
	if !visible(token) {
		return once.Answer{}, once.NoToken(op, nil)
	}
	header := http.Header{
		"Authorization":             {"Bearer " + token},
		"Linkedin-Version":          {c.version},
		"X-Restli-Protocol-Version": {"2.0.0"},
	}
	maps.Copy(header, call.Header)
	call.Header = header
	return c.client.Do(ctx, call), nil
}

// look makes one request that only looks, and gives its answer when that is a whole success.
func (c api) look(ctx context.Context, op string, a channel.Access, path string) (once.Answer, channel.Usage, error) {
	answer, err := c.as(ctx, op, a.Token, once.Call{Path: path})
	if err != nil {
		return answer, channel.Usage{}, err
	}
	err = answer.Verdict(op, false, refused)
	return answer, usage(answer, err), err
}

// visible reports a text without spaces, line breaks or letters outside of ASCII.
func visible(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

const organization = "urn:li:organization:"

// organizationOf gives the URN of an account, which is one or the number in it; "" for anything else.
func organizationOf(account string) string {
	number := account[strings.LastIndexByte(account, ':')+1:]
	if !digits(number) || account != number && account != organization+number {
		return ""
	}
	return organization + number
}

// leastWait is how long a network that had enough of us is left alone when it does not say how long it wants to be.
const leastWait = time.Minute

// usage says that what LinkedIn lets us call is used up, and until when; before that it says nothing. err is what the answer
// came to.
func usage(a once.Answer, err error) channel.Usage {
	at := a.Date()
	if at.IsZero() || once.Reason(err) != once.ReasonThrottle {
		return channel.Usage{}
	}
	return channel.Usage{Share: 1, Until: at.Add(max(fault.RetryAfter(err), leastWait)), At: at}
}
