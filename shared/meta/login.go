package meta

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

// DefaultDialogURL is where people say that an application may act for them.
const DefaultDialogURL = "https://www.facebook.com/"

// Login connects accounts of Facebook, Instagram and WhatsApp: one person signs in once, and may act for any of them.
// (Facebook Login, "Manually build a login flow"; "Long-lived access tokens")
type Login struct {
	cfg    Config
	dialog string
	app    func(context.Context) (AppSecret, error)
}

// NewLogin makes it; dialog empty is Meta's own. The secret must have the application's number.
func NewLogin(cfg Config, dialog string, app func(context.Context) (AppSecret, error)) (Login, error) {
	if dialog == "" {
		dialog = DefaultDialogURL
	}
	u, err := url.Parse(dialog)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !safeScheme(u) {
		return Login{}, &fault.Error{Kind: fault.Invalid, Op: "meta.NewLogin", Field: "dialog", Err: &Failure{Reason: ReasonInput}}
	}
	return Login{cfg: cfg, dialog: strings.TrimSuffix(u.String(), "/") + "/", app: app}, nil
}

// Reason gives the short code of an error.
func (Login) Reason(err error) string { return Reason(err) }

// client gives a caller, and the application's secret with its number.
func (l Login) client(ctx context.Context, op string) (*Client, AppSecret, error) {
	secret, err := l.app(ctx)
	if err != nil {
		return nil, AppSecret{}, unread(op, err)
	}
	if !objectLike(secret.AppID) {
		return nil, AppSecret{}, &fault.Error{Kind: fault.Invalid, Op: op, Field: "appId", Err: &Failure{Reason: ReasonInput}}
	}
	c, err := clientFor(ctx, op, mention.Facebook, l.cfg, func(context.Context) (AppSecret, error) { return secret, nil })
	return c, secret, err
}

// Begin says where the person goes to say yes. Facebook and Instagram are asked for together, because one page stands for
// both; nothing is called.
func (l Login) Begin(ctx context.Context, in channel.Connection, _ time.Time) (channel.Connection, error) {
	const op = "meta.Begin"
	c, secret, err := l.client(ctx, op)
	if err != nil {
		return in, err
	}
	scopes, known := scopesFor(mention.Network(in.Network))
	if in.ID == "" || in.Redirect == "" || !known {
		return in, &fault.Error{Kind: fault.Invalid, Op: op, Field: "connection", Err: &Failure{Reason: ReasonInput}}
	}
	query := url.Values{
		"client_id": {secret.AppID}, "redirect_uri": {in.Redirect}, "state": {in.ID}, "response_type": {"code"},
		"auth_type": {"rerequest"}, // asks again for what the person once refused
	}
	if secret.LoginConfig != "" {
		query.Set("config_id", secret.LoginConfig) // it has its own list of scopes
	} else {
		query.Set("scope", strings.Join(scopes, ","))
	}
	in.URL = l.dialog + c.version + "/dialog/oauth?" + query.Encode()
	return in, nil
}

// scopesFor gives what is asked for to connect an account of a network, each once.
func scopesFor(n mention.Network) (scopes []string, known bool) {
	networks := []mention.Network{mention.Facebook, mention.Instagram}
	switch n {
	case mention.Facebook, mention.Instagram:
	case mention.WhatsApp:
		networks = []mention.Network{mention.WhatsApp}
	case mention.X, mention.LinkedIn:
		return nil, false
	default:
		return nil, false
	}
	for _, one := range networks {
		for _, r := range channel.RightsOf(one) {
			if !slices.Contains(scopes, r.Name) {
				scopes = append(scopes, r.Name)
			}
		}
	}
	return scopes, true
}

// Exchange turns the word the person came back with into a key of theirs that lasts about 60 days; what pages give for it
// lasts longer. The word can be used once: a second time is fault.Denied. No key is ever in an address here.
// (POST /oauth/access_token, twice)
func (l Login) Exchange(ctx context.Context, in channel.Connection, code string, now time.Time) (channel.Tokens, error) {
	const op = "meta.Exchange"
	c, secret, err := l.client(ctx, op)
	if err != nil {
		return channel.Tokens{}, err
	}
	if code == "" || in.Redirect == "" {
		return channel.Tokens{}, &fault.Error{Kind: fault.Invalid, Op: op, Field: "code", Err: &Failure{Reason: ReasonInput}}
	}
	short, _, err := c.exchanged(ctx, op, facebook.Params{
		"client_id": secret.AppID, "client_secret": secret.AppSecret, "redirect_uri": in.Redirect, "code": code,
	})
	if err != nil {
		return channel.Tokens{}, err
	}
	long, lasts, err := c.exchanged(ctx, op, facebook.Params{
		"client_id": secret.AppID, "client_secret": secret.AppSecret, "grant_type": "fb_exchange_token", "fb_exchange_token": short,
	})
	if err != nil {
		return channel.Tokens{}, err
	}
	key, err := c.inspect(ctx, op, long)
	if err != nil {
		return channel.Tokens{}, err
	}
	t := channel.Tokens{
		Method: channel.OAuth2, Access: long, Until: key.until, DataUntil: key.dataUntil, Scopes: key.scopes, FirstAt: now, RenewedAt: now,
	}
	if t.Until.IsZero() && lasts > 0 {
		t.Until = now.Add(lasts)
	}
	return t, nil
}

// exchanged asks for a key, and for how long it lasts (0: nobody says). A word that Graph does not take is no content of
// ours that it refuses: the person must begin anew.
func (c *Client) exchanged(ctx context.Context, op string, params facebook.Params) (string, time.Duration, error) {
	if ctx.Err() != nil {
		return "", 0, fault.New(fault.Transient, op, &Failure{Reason: ReasonUnreachable, cause: contextError(ctx.Err())})
	}
	x, _, err := c.exchange(ctx, op, "", facebook.POST, "oauth/access_token", params)
	switch {
	case Reason(err) == ReasonContent:
		return "", 0, fault.New(fault.Denied, op, &Failure{Reason: ReasonAuth, Status: x.status, Code: 100})
	case err != nil:
		return "", 0, err
	}
	var a struct {
		Token words       `json:"access_token"`
		Lasts json.Number `json:"expires_in"`
	}
	if !readObject(x.body, &a) || !keyLike(string(a.Token)) {
		return "", 0, fault.New(fault.Uncertain, op, &Failure{Reason: ReasonUnknown, Status: http.StatusOK})
	}
	seconds, err := strconv.ParseInt(a.Lasts.String(), 10, 32)
	if err != nil || seconds < 0 {
		seconds = 0
	}
	return string(a.Token), time.Duration(seconds) * time.Second, nil
}

// keyLike reports what can be sent as a key; Meta promises no length.
func keyLike(key string) bool {
	return key != "" && len(key) <= 4096 && !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

// maxAccountPages bounds the pages of 100 accounts that are read.
const maxAccountPages = 10

// Accounts gives what the person may act for: each page and the Instagram account linked with it, with the page's own key,
// which does not end; and each WhatsApp number of the businesses the key was given for, with the key of the person.
// (GET /me/accounts, GET /{waba-id}/phone_numbers)
func (l Login) Accounts(ctx context.Context, t channel.Tokens) ([]channel.Candidate, error) {
	const op = "meta.Accounts"
	c, _, err := l.client(ctx, op)
	if err != nil {
		return nil, err
	}
	key, err := c.inspect(ctx, op, t.Access)
	if err != nil {
		return nil, err
	}
	var out []channel.Candidate
	pages := list{
		path: edge("accounts"), limit: 100,
		params: facebook.Params{"fields": "id,name,access_token,tasks,instagram_business_account{id,username}"},
	}
	err = c.every(ctx, op, t.Access, pages, "me", func(raw []byte) { out = append(out, pageCandidates(t, raw)...) })
	if err != nil {
		return nil, err
	}
	numbers := list{path: edge("phone_numbers"), limit: 100, params: facebook.Params{"fields": "id,display_phone_number,verified_name"}}
	for _, business := range key.businesses() {
		err := c.every(ctx, op, t.Access, numbers, business, func(raw []byte) { out = append(out, numberCandidates(t, raw)...) })
		if err != nil && Reason(err) != ReasonPermission && Reason(err) != ReasonGone {
			return nil, err
		}
	}
	return out, nil
}

// every reads a list to its end.
func (c *Client) every(ctx context.Context, op, token string, l list, id string, read func(raw []byte)) error {
	next := ""
	for range maxAccountPages {
		items, following, _, err := c.turn(ctx, op, token, l, spot{id: id}, next)
		if err != nil {
			return err
		}
		for _, raw := range items {
			read(raw)
		}
		if next = following; next == "" {
			return nil
		}
	}
	return fault.New(fault.Transient, op, &Failure{Reason: ReasonTooMany, Status: http.StatusOK})
}

// pageCandidates reads a page and the account on Instagram that is linked with it.
func pageCandidates(t channel.Tokens, raw []byte) []channel.Candidate {
	var p graphPage
	if !readObject(raw, &p) || !objectLike(p.ID.s) || !keyLike(string(p.Token)) {
		return nil
	}
	own := t
	own.Access, own.Until = string(p.Token), time.Time{}
	name, _ := p.Name.capped()
	out := []channel.Candidate{{Network: mention.Facebook, Choice: channel.Choice{Account: p.ID.s, Name: name}, Tokens: own}}
	if objectLike(p.Instagram.ID.s) {
		out = append(out, channel.Candidate{
			Network: mention.Instagram, Choice: channel.Choice{Account: p.Instagram.ID.s, Name: p.Instagram.name()}, Tokens: own,
		})
	}
	return out
}

// numberCandidates reads a telephone number of a business on WhatsApp.
func numberCandidates(t channel.Tokens, raw []byte) []channel.Candidate {
	var n struct {
		ID     ident `json:"id"`
		Number words `json:"display_phone_number"`
		Name   words `json:"verified_name"`
	}
	if !readObject(raw, &n) || !objectLike(n.ID.s) {
		return nil
	}
	number, _ := n.Number.capped()
	name, _ := n.Name.capped()
	return []channel.Candidate{{
		Network: mention.WhatsApp, Choice: channel.Choice{Account: n.ID.s, Name: strings.TrimSpace(name + " " + number)}, Tokens: t,
	}}
}

// businesses are the accounts of WhatsApp's businesses that a key was given for.
func (k keyInfo) businesses() []string {
	out := slices.Clone(k.targets["whatsapp_business_management"])
	for _, id := range k.targets["whatsapp_business_messaging"] {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// Refresh has nothing to renew: a page's key does not end, and a person's is only prolonged by the person signing in.
func (Login) Refresh(context.Context, channel.Tokens, time.Time) (channel.Tokens, error) {
	return channel.Tokens{}, fault.New(fault.Permanent, "meta.Refresh", &Failure{Reason: ReasonUnsupported})
}
