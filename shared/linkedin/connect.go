package linkedin

import (
	"context"
	"net/url"
	"slices"
	"time"

	"golang.org/x/oauth2"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// Provider connects organizations of LinkedIn by the grant of one of their administrators. It is safe for concurrent use and
// keeps no key.
type Provider struct{ api }

// NewProvider makes it. The error is fault.Invalid and names the wrong field.
func NewProvider(c Config) (*Provider, error) {
	calls, err := newAPI("linkedin.NewProvider", c)
	if err != nil {
		return nil, err
	}
	return &Provider{api: calls}, nil
}

// app reads the application's keys and refuses those that cannot be used.
func (p *Provider) app(ctx context.Context, op string) (App, error) {
	app, err := p.keys(ctx)
	switch {
	case err != nil:
		return App{}, once.NoToken(op, err)
	case !visible(app.ClientID) || !visible(app.ClientSecret):
		return App{}, once.Refuse(op, once.ReasonCredentials, "")
	}
	return app, nil
}

// Begin says where the person goes to say yes; nothing is called.
func (p *Provider) Begin(ctx context.Context, in channel.Connection, _ time.Time) (channel.Connection, error) {
	const op = "linkedin.Begin"
	switch {
	case in.Method != channel.OAuth2:
		return in, once.Refuse(op, once.ReasonUnsupported, "method")
	case in.ID == "" || in.Redirect == "":
		return in, once.Refuse(op, once.ReasonInput, "redirect")
	}
	app, err := p.app(ctx, op)
	if err != nil {
		return in, err
	}
	config := oauth2.Config{
		ClientID: app.ClientID, RedirectURL: in.Redirect, Scopes: p.scopes,
		Endpoint: oauth2.Endpoint{AuthURL: p.signIn.Address("/oauth/v2/authorization"), AuthStyle: oauth2.AuthStyleInParams},
	}
	in.URL = config.AuthCodeURL(in.ID)
	return in, nil
}

// maxCode bounds the word a person comes back with; LinkedIn's have a few hundred letters.
const maxCode = 4096

// Exchange makes keys of the code the person came back with, which is good for half an hour. fault.Denied with reason auth: it
// is not good, or no longer; reason credentials: our application's own keys are wrong.
// (POST /oauth/v2/accessToken)
func (p *Provider) Exchange(ctx context.Context, in channel.Connection, code string, now time.Time) (channel.Tokens, error) {
	const op = "linkedin.Exchange"
	switch {
	case in.Method != channel.OAuth2:
		return channel.Tokens{}, once.Refuse(op, once.ReasonUnsupported, "method")
	case !visible(code) || len(code) > maxCode:
		return channel.Tokens{}, once.Refuse(op, once.ReasonInput, "code")
	}
	t, lasts, err := p.granted(ctx, op, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {in.Redirect}}, now)
	if err != nil {
		return channel.Tokens{}, err
	}
	t.FirstAt = t.RenewedAt
	if t.Refresh != "" {
		if lasts == 0 {
			lasts = refreshLasts
		}
		t.RefreshUntil = t.FirstAt.Add(lasts)
	}
	return t, nil
}

// refreshLasts is how long LinkedIn lets a grant be renewed, counted from the first day of it and never prolonged
// (LinkedIn, "Programmatic refresh tokens").
const refreshLasts = 365 * 24 * time.Hour

// Refresh makes the next key. The grant's own end stays where it was, whatever LinkedIn says later: renewing does not prolong
// it. fault.Denied with reason auth: the person must connect again.
// (POST /oauth/v2/accessToken)
func (p *Provider) Refresh(ctx context.Context, t channel.Tokens, now time.Time) (channel.Tokens, error) {
	const op = "linkedin.Refresh"
	if t.Method != channel.OAuth2 || !visible(t.Refresh) {
		return channel.Tokens{}, once.Refuse(op, once.ReasonUnsupported, "refresh")
	}
	next, lasts, err := p.granted(ctx, op, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.Refresh}}, now)
	if err != nil {
		return channel.Tokens{}, err
	}
	next.FirstAt, next.RefreshUntil = t.FirstAt, t.RefreshUntil
	if next.RefreshUntil.IsZero() && !t.FirstAt.IsZero() {
		next.RefreshUntil = t.FirstAt.Add(refreshLasts)
	}
	if end := now.UTC().Add(lasts); lasts > 0 && (next.RefreshUntil.IsZero() || end.Before(next.RefreshUntil)) {
		next.RefreshUntil = end
	}
	if next.Refresh == "" {
		next.Refresh = t.Refresh
	}
	if len(next.Scopes) == 0 {
		next.Scopes = slices.Clone(t.Scopes)
	}
	return next, nil
}

// granted asks for keys, and how long the one that renews is good from now on.
func (p *Provider) granted(ctx context.Context, op string, form url.Values, now time.Time) (channel.Tokens, time.Duration, error) {
	app, err := p.app(ctx, op)
	if err != nil {
		return channel.Tokens{}, 0, err
	}
	form.Set("client_id", app.ClientID)
	form.Set("client_secret", app.ClientSecret)
	answer := p.signIn.Do(ctx, once.Call{Path: "/oauth/v2/accessToken", Form: form})
	if err := answer.Verdict(op, true, once.RefusedKeys); err != nil {
		return channel.Tokens{}, 0, err
	}
	keys, ok := answer.Keys()
	if !ok {
		return channel.Tokens{}, 0, answer.Fail(op, true, once.Refusal{})
	}
	t := channel.Tokens{Method: channel.OAuth2, Access: keys.Access, Refresh: keys.Refresh, Scopes: keys.Scopes, RenewedAt: now.UTC()}
	if keys.Lasts > 0 {
		t.Until = now.UTC().Add(keys.Lasts)
	}
	return t, keys.RefreshLasts, nil
}

// Accounts gives the organizations that the person administers, with their names; the keys are the same for all. An account is
// named by its URN, as the notifications name it.
// (GET /rest/organizationAcls?q=roleAssignee, GET /rest/organizations/{id})
func (p *Provider) Accounts(ctx context.Context, t channel.Tokens) ([]channel.Candidate, error) {
	const op = "linkedin.Accounts"
	a := channel.Access{Token: t.Access}
	var urns []string
	if _, err := p.roles(ctx, op, a, func(organization, _ string) bool {
		if !slices.Contains(urns, organization) {
			urns = append(urns, organization)
		}
		return len(urns) == maxAccounts
	}); err != nil {
		return nil, err
	}
	var out []channel.Candidate
	for _, urn := range urns {
		name, _, err := p.organization(ctx, op, a, urn)
		if err != nil {
			return nil, err
		}
		out = append(out, channel.Candidate{Choice: channel.Choice{Account: urn, Name: name}, Network: mention.LinkedIn, Tokens: t})
	}
	return out, nil
}

// maxAccounts bounds the organizations a person is asked to choose from: each costs a call.
const maxAccounts = 25
