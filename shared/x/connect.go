package x

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dghubble/oauth1"
	"golang.org/x/oauth2"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// Provider connects accounts of X, by OAuth 2.0 with PKCE or by OAuth 1.0a, whose keys do not end. It is safe for concurrent
// use and keeps no key.
type Provider struct {
	api
	signIn string
	random io.Reader
}

// NewProvider makes it; random gives the secrets of PKCE where the caller brings none, nil for the machine's own. The error is
// fault.Invalid and names the wrong field.
func NewProvider(c Config, random io.Reader) (*Provider, error) {
	const op = "x.NewProvider"
	calls, err := newAPI(op, c)
	if err != nil {
		return nil, err
	}
	if c.SignInURL == "" {
		c.SignInURL = DefaultSignInURL
	}
	people, ok := once.New(string(mention.X), c.SignInURL, nil, 0)
	if !ok {
		return nil, once.Refuse(op, once.ReasonInput, "SignInURL")
	}
	if random == nil {
		random = rand.Reader
	}
	return &Provider{api: calls, signIn: people.Address(""), random: random}, nil
}

// outOfBand is the address of who has none: X shows the person a PIN to be typed in.
const outOfBand = "oob"

// Begin says where the person goes to say yes. For OAuth 2.0 nothing is called; for OAuth 1.0a one request gets the request
// token, which goes into Sealed in the clear: the caller seals it, and opens it again for Exchange. X knows no state there, so
// it stands in the address to come back to; without one, or with "oob", the person gets a PIN instead, which is the code.
// (POST /oauth/request_token)
func (p *Provider) Begin(ctx context.Context, in channel.Connection, _ time.Time) (channel.Connection, error) {
	const op = "x.Begin"
	app, err := p.keys(ctx)
	if err != nil {
		return in, once.NoToken(op, err)
	}
	switch in.Method {
	case channel.OAuth2:
		return p.begin2(op, app, in)
	case channel.OAuth1:
		return p.begin1(ctx, op, app, in)
	case channel.ByHand:
		return in, once.Refuse(op, once.ReasonUnsupported, "method")
	default:
		return in, once.Refuse(op, once.ReasonUnsupported, "method")
	}
}

func (p *Provider) begin2(op string, app App, in channel.Connection) (channel.Connection, error) {
	switch {
	case !visible(app.ClientID):
		return in, once.Refuse(op, once.ReasonCredentials, "")
	case in.ID == "" || in.Redirect == "":
		return in, once.Refuse(op, once.ReasonInput, "redirect")
	}
	if in.Verifier == "" {
		secret := make([]byte, 32)
		if _, err := io.ReadFull(p.random, secret); err != nil {
			return in, once.NoToken(op, err)
		}
		in.Verifier = base64.RawURLEncoding.EncodeToString(secret)
	}
	config := oauth2.Config{
		ClientID: app.ClientID, RedirectURL: in.Redirect, Scopes: channel.Names(mention.X),
		Endpoint: oauth2.Endpoint{AuthURL: p.signIn + "/i/oauth2/authorize", AuthStyle: oauth2.AuthStyleInHeader},
	}
	in.URL = config.AuthCodeURL(in.ID, oauth2.S256ChallengeOption(in.Verifier))
	return in, nil
}

func (p *Provider) begin1(ctx context.Context, op string, app App, in channel.Connection) (channel.Connection, error) {
	config, err := p.oauth1(op, app)
	if err != nil {
		return in, err
	}
	config.CallbackURL = outOfBand
	if in.Redirect != "" && in.Redirect != outOfBand {
		back, err := url.Parse(in.Redirect)
		if err != nil || in.ID == "" {
			return in, once.Refuse(op, once.ReasonInput, "redirect")
		}
		query := back.Query()
		query.Set("state", in.ID)
		back.RawQuery = query.Encode()
		config.CallbackURL = back.String()
	}
	var word signed
	config.HTTPClient = &http.Client{Transport: &word}
	_, _, _ = config.RequestToken() // it is only to sign: see signed
	pair, err := p.pair(ctx, op, "/oauth/request_token", word.authorization, refusedToApp)
	if err != nil {
		return in, err
	}
	if pair.Get("oauth_callback_confirmed") != "true" {
		return in, once.Refuse(op, once.ReasonInput, "redirect")
	}
	in.Sealed = url.Values{"oauth_token": pair["oauth_token"], "oauth_token_secret": pair["oauth_token_secret"]}.Encode()
	in.URL = p.client.Address("/oauth/authorize?" + url.Values{"oauth_token": pair["oauth_token"]}.Encode())
	return in, nil
}

// oauth1 prepares the signing of a connection.
func (p *Provider) oauth1(op string, app App) (*oauth1.Config, error) {
	if !visible(app.ConsumerKey) || !visible(app.ConsumerSecret) {
		return nil, once.Refuse(op, once.ReasonCredentials, "")
	}
	config := oauth1.NewConfig(app.ConsumerKey, app.ConsumerSecret)
	config.Endpoint = oauth1.Endpoint{
		RequestTokenURL: p.client.Address("/oauth/request_token"), AccessTokenURL: p.client.Address("/oauth/access_token"),
	}
	return config, nil
}

// pair makes a signed request for the two halves of a key of OAuth 1.0a.
func (p *Provider) pair(ctx context.Context, op, path, authorization string, read func(once.Answer) once.Refusal) (url.Values, error) {
	if authorization == "" {
		return nil, once.Refuse(op, once.ReasonInput, "BaseURL")
	}
	answer := p.client.Do(ctx, once.Call{Method: http.MethodPost, Path: path, Header: http.Header{"Authorization": {authorization}}})
	if err := answer.Verdict(op, true, read); err != nil {
		return nil, err
	}
	pair, ok := parsePair(string(answer.Body))
	if !ok {
		return nil, answer.Fail(op, true, once.Refusal{})
	}
	return pair, nil
}

// refusedWord reads a refusal of what the person came back with.
func refusedWord(a once.Answer) once.Refusal {
	r := refused(a)
	if r.Reason == "" && (a.Status == http.StatusBadRequest || a.Status == http.StatusForbidden) {
		r.Reason = once.ReasonAuth
	}
	return r
}

// maxPair bounds the text of a pair; X's have about 150 bytes.
const maxPair = 4096

// parsePair reads the two halves of a key, which X writes as a form.
func parsePair(text string) (url.Values, bool) {
	text = strings.TrimSpace(text)
	if len(text) > maxPair {
		return nil, false
	}
	values, err := url.ParseQuery(text)
	if err != nil || len(values["oauth_token"]) != 1 || len(values["oauth_token_secret"]) != 1 {
		return nil, false
	}
	return values, visible(values.Get("oauth_token")) && visible(values.Get("oauth_token_secret"))
}

// Exchange makes keys of the word the person came back with: the code of OAuth 2.0, which X takes for 30 seconds, or the
// verifier or PIN of OAuth 1.0a, whose request token stands open in Sealed. fault.Denied with reason auth: it is not good, or
// no longer; reason credentials: our application's own keys are wrong.
// (POST /2/oauth2/token, POST /oauth/access_token)
func (p *Provider) Exchange(ctx context.Context, in channel.Connection, code string, now time.Time) (channel.Tokens, error) {
	const op = "x.Exchange"
	if !visible(code) || len(code) > maxPair {
		return channel.Tokens{}, once.Refuse(op, once.ReasonInput, "code")
	}
	app, err := p.keys(ctx)
	if err != nil {
		return channel.Tokens{}, once.NoToken(op, err)
	}
	switch in.Method {
	case channel.OAuth2:
		t, err := p.granted(ctx, op, app, url.Values{
			"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {in.Redirect}, "code_verifier": {in.Verifier},
		}, now)
		t.FirstAt = t.RenewedAt
		return t, err
	case channel.OAuth1:
		return p.exchange1(ctx, op, app, in, code, now)
	case channel.ByHand:
		return channel.Tokens{}, once.Refuse(op, once.ReasonUnsupported, "method")
	default:
		return channel.Tokens{}, once.Refuse(op, once.ReasonUnsupported, "method")
	}
}

func (p *Provider) exchange1(ctx context.Context, op string, app App, in channel.Connection, code string, now time.Time) (channel.Tokens, error) {
	config, err := p.oauth1(op, app)
	if err != nil {
		return channel.Tokens{}, err
	}
	request, ok := parsePair(in.Sealed)
	if !ok {
		return channel.Tokens{}, once.Refuse(op, once.ReasonInput, "sealed")
	}
	var word signed
	config.HTTPClient = &http.Client{Transport: &word}
	_, _, _ = config.AccessToken(request.Get("oauth_token"), request.Get("oauth_token_secret"), code) // it is only to sign: see signed
	pair, err := p.pair(ctx, op, "/oauth/access_token", word.authorization, refusedWord)
	if err != nil {
		return channel.Tokens{}, err
	}
	return channel.Tokens{
		Method: channel.OAuth1, Access: pair.Get("oauth_token"), Secret: pair.Get("oauth_token_secret"), FirstAt: now.UTC(), RenewedAt: now.UTC(),
	}, nil
}

// Refresh makes the next keys of those of OAuth 2.0, with one request: the old one that renews is spent by it. fault.Uncertain
// means that it may be spent and nobody has the new one; fault.Denied with reason auth that the person must connect again.
// (POST /2/oauth2/token)
func (p *Provider) Refresh(ctx context.Context, t channel.Tokens, now time.Time) (channel.Tokens, error) {
	const op = "x.Refresh"
	if t.Method != channel.OAuth2 || !visible(t.Refresh) {
		return channel.Tokens{}, once.Refuse(op, once.ReasonUnsupported, "refresh")
	}
	app, err := p.keys(ctx)
	if err != nil {
		return channel.Tokens{}, once.NoToken(op, err)
	}
	next, err := p.granted(ctx, op, app, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.Refresh}}, now)
	if err != nil {
		return channel.Tokens{}, err
	}
	next.FirstAt = t.FirstAt
	if next.Refresh == "" {
		next.Refresh = t.Refresh
	}
	if len(next.Scopes) == 0 {
		next.Scopes = slices.Clone(t.Scopes)
	}
	return next, nil
}

// granted asks for keys.
func (p *Provider) granted(ctx context.Context, op string, app App, form url.Values, now time.Time) (channel.Tokens, error) {
	if !visible(app.ClientID) {
		return channel.Tokens{}, once.Refuse(op, once.ReasonCredentials, "")
	}
	form.Set("client_id", app.ClientID)
	call := once.Call{Path: "/2/oauth2/token", Form: form}
	if app.ClientSecret != "" {
		call.Header = basic(app.ClientID, app.ClientSecret)
	}
	answer := p.client.Do(ctx, call)
	if err := answer.Verdict(op, true, once.RefusedKeys); err != nil {
		return channel.Tokens{}, err
	}
	keys, ok := answer.Keys()
	if !ok {
		return channel.Tokens{}, answer.Fail(op, true, once.Refusal{})
	}
	t := channel.Tokens{Method: channel.OAuth2, Access: keys.Access, Refresh: keys.Refresh, Scopes: keys.Scopes, RenewedAt: now.UTC()}
	if keys.Lasts > 0 {
		t.Until = now.UTC().Add(keys.Lasts)
	}
	return t, nil
}

// Accounts gives the one account that keys of X open.
// (GET /2/users/me)
func (p *Provider) Accounts(ctx context.Context, t channel.Tokens) ([]channel.Candidate, error) {
	who, _, _, err := p.me(ctx, "x.Accounts", channel.Access{Token: t.Access, Secret: t.Secret})
	if err != nil {
		return nil, err
	}
	return []channel.Candidate{{Choice: who, Network: mention.X, Tokens: t}}, nil
}
