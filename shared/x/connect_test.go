package x_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/x"
)

const back = "https://gestor.example.cl/connect/x"

func provider(t testing.TB, base string) *x.Provider {
	t.Helper()
	p, err := x.NewProvider(config(base), strings.NewReader(strings.Repeat("x", 64)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func begun(method channel.Method) channel.Connection {
	return channel.Connection{ID: "estado-1", Network: "x", Method: method, Redirect: back, Verifier: "verificador-ficticio"}
}

var errCanary = errors.New("CANARY")

func at() time.Time { return platformtest.SaidAt() }

// The vector of RFC 7636, appendix B.
func TestBegin_oauth2(t *testing.T) {
	base, all := recorder(t, 200, `{}`)
	in := begun(channel.OAuth2)
	in.Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	out, err := provider(t, base).Begin(t.Context(), in, at())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(out.URL)
	if err != nil || u.Path != "/i/oauth2/authorize" || len(*all) != 0 || out.Verifier != in.Verifier || out.Sealed != "" {
		t.Fatalf("%+v, %v after %d requests", out, err, len(*all))
	}
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "cliente-ficticio", "redirect_uri": back, "state": "estado-1", "code_challenge_method": "S256",
		"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "scope": "tweet.read users.read tweet.write media.write tweet.moderate.write dm.read dm.write offline.access",
	} {
		if got := u.Query().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	in.Verifier = ""
	if out, err = provider(t, base).Begin(t.Context(), in, at()); err != nil || len(out.Verifier) != 43 || strings.Contains(out.URL, out.Verifier) {
		t.Errorf("a verifier of its own: %+v, %v", out, err)
	}
	c := config("")
	c.SignInURL = ""
	p, err := x.NewProvider(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if out, err = p.Begin(t.Context(), in, at()); err != nil || !strings.HasPrefix(out.URL, "https://x.com/i/oauth2/authorize?") {
		t.Errorf("with the defaults: %+v, %v", out, err)
	}
}

func TestExchange_oauth2(t *testing.T) {
	base, all := recorder(t, 200, `{"token_type":"bearer","expires_in":7200,"access_token":"CANARY-a","refresh_token":"CANARY-r","scope":"users.read tweet.read"}`)
	got, err := provider(t, base).Exchange(t.Context(), begun(channel.OAuth2), "c1", at())
	if err != nil || got.Method != channel.OAuth2 || got.Access != "CANARY-a" || got.Refresh != "CANARY-r" || got.Until != at().Add(2*time.Hour) ||
		got.FirstAt != at() || got.RenewedAt != at() || strings.Join(got.Scopes, " ") != "tweet.read users.read" || !got.RefreshUntil.IsZero() {
		t.Errorf("%#v %+v, %v", got, got.Scopes, err)
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {"c1"}, "redirect_uri": {back}, "code_verifier": {"verificador-ficticio"}, "client_id": {"cliente-ficticio"}}
	a := (*all)[0]
	if len(*all) != 1 || a.method != http.MethodPost || a.path != "/2/oauth2/token" || a.body != form.Encode() ||
		a.authorization != "Basic Y2xpZW50ZS1maWN0aWNpbzpDQU5BUlktY2xpZW50" || a.contentType != "application/x-www-form-urlencoded" {
		t.Errorf("asked %+v", *all)
	}
}

// The key that renews is spent by one request, whatever comes of it.
func TestRefresh(t *testing.T) {
	first := at().AddDate(0, -1, 0)
	old := channel.Tokens{Method: channel.OAuth2, Access: "CANARY-1", Refresh: "CANARY-2", Scopes: []string{"tweet.read"}, FirstAt: first, RenewedAt: first}
	base, all := recorder(t, 200, `{"token_type":"bearer","expires_in":7200,"access_token":"CANARY-3","refresh_token":"CANARY-4"}`)
	got, err := provider(t, base).Refresh(t.Context(), old, at())
	if err != nil || got.Access != "CANARY-3" || got.Refresh != "CANARY-4" || got.FirstAt != first || got.RenewedAt != at() || got.Until != at().Add(2*time.Hour) ||
		strings.Join(got.Scopes, " ") != "tweet.read" {
		t.Errorf("%+v", err)
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"CANARY-2"}, "client_id": {"cliente-ficticio"}}
	if len(*all) != 1 || (*all)[0].body != form.Encode() {
		t.Errorf("asked %+v", *all)
	}
	base, _ = recorder(t, 200, `{"access_token":"CANARY-3"}`)
	if got, err = provider(t, base).Refresh(t.Context(), old, at()); err != nil || got.Refresh != "CANARY-2" || !got.Until.IsZero() {
		t.Errorf("without another to renew: %v", err)
	}
	for _, c := range []struct {
		name   string
		t      channel.Tokens
		status int
		body   string
		kind   fault.Kind
		reason string
		calls  int
	}{
		{"spent", old, 400, `{"error":"invalid_request","error_description":"CANARY"}`, fault.Denied, once.ReasonAuth, 1},
		{"revoked", old, 401, `{"error":"invalid_grant"}`, fault.Denied, once.ReasonAuth, 1},
		{"our application is not known", old, 401, `{"error":"invalid_client"}`, fault.Denied, once.ReasonCredentials, 1},
		{"nobody knows", old, 500, `CANARY`, fault.Uncertain, once.ReasonUnknown, 1},
		{"a success of nothing", old, 200, `{}`, fault.Uncertain, once.ReasonUnknown, 1},
		{"a success in HTML", old, 200, `<html>`, fault.Uncertain, once.ReasonUnknown, 1},
		{"throttled", old, 429, ``, fault.Transient, once.ReasonThrottle, 1},
		{"of OAuth 1.0a", channel.Tokens{Method: channel.OAuth1, Access: "a", Secret: "s"}, 200, ``, fault.Permanent, once.ReasonUnsupported, 0},
		{"nothing to renew with", channel.Tokens{Method: channel.OAuth2, Access: "a"}, 200, ``, fault.Permanent, once.ReasonUnsupported, 0},
	} {
		base, all := recorder(t, c.status, c.body)
		p := provider(t, base)
		got, err := p.Refresh(t.Context(), c.t, at())
		if fault.Of(err) != c.kind || p.Reason(err) != c.reason || len(*all) != c.calls || got.Access != "" || strings.Contains(fmt.Sprintf("%+v %#v", err, err), "CANARY") {
			t.Errorf("%s: %v after %d requests", c.name, err, len(*all))
		}
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	if _, err := provider(t, closed.URL).Refresh(t.Context(), old, at()); !fault.Is(err, fault.Transient) {
		t.Errorf("nobody listens: %v", err) // nothing was spent
	}
}

// steps plays the three steps of OAuth 1.0a and checks their signatures.
func steps(t *testing.T, callback string) (*x.Provider, *[]string) {
	t.Helper()
	var done []string
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	signedBy := func(r *http.Request, secret string) map[string]string {
		params := map[string]string{}
		for pair := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), "OAuth "), ", ") {
			name, value, _ := strings.Cut(pair, "=")
			params[name], _ = url.QueryUnescape(strings.Trim(value, `"`))
		}
		want := signature(asked{method: r.Method, path: r.URL.Path}, s.URL, params, application().ConsumerSecret, secret)
		if params["oauth_signature"] != want || params["oauth_consumer_key"] != "llave-ficticia" || !r.Close || r.ContentLength != 0 {
			t.Errorf("%s %s signed as %v, want %s", r.Method, r.URL, params, want)
		}
		done = append(done, r.URL.Path)
		return params
	}
	mux.HandleFunc("POST /oauth/request_token", func(w http.ResponseWriter, r *http.Request) {
		params := signedBy(r, "")
		if _, has := params["oauth_token"]; has || params["oauth_callback"] != callback {
			t.Errorf("a request for a token with %v", params)
		}
		_, _ = w.Write([]byte("oauth_token=CANARY-pedido&oauth_token_secret=CANARY%26secreto&oauth_callback_confirmed=true"))
	})
	mux.HandleFunc("POST /oauth/access_token", func(w http.ResponseWriter, r *http.Request) {
		params := signedBy(r, "CANARY&secreto")
		if params["oauth_token"] != "CANARY-pedido" || params["oauth_verifier"] != "1234567" {
			t.Errorf("a request for keys with %v", params)
		}
		_, _ = w.Write([]byte("oauth_token=" + ourID + "-CANARY&oauth_token_secret=CANARY-s&user_id=" + ourID + "&screen_name=servicio\n"))
	})
	mux.HandleFunc("GET /2/users/me", func(w http.ResponseWriter, r *http.Request) {
		done = append(done, r.URL.Path+" "+strings.SplitN(r.Header.Get("Authorization"), " ", 2)[0])
		_, _ = w.Write([]byte(me))
	})
	return provider(t, s.URL), &done
}

func TestOAuth1(t *testing.T) {
	for redirect, want := range map[string]string{
		back: back + "?state=estado-1", back + "?a=b": back + "?a=b&state=estado-1", "": "oob", "oob": "oob",
	} {
		t.Run(redirect, func(t *testing.T) {
			p, done := steps(t, want)
			in := begun(channel.OAuth1)
			in.Redirect = redirect
			in, err := p.Begin(t.Context(), in, at())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(in.URL, "/oauth/authorize?oauth_token=CANARY-pedido") || strings.Contains(in.URL, "secreto") || in.Sealed == "" {
				t.Errorf("goes to %s", in.URL)
			}
			keys, err := p.Exchange(t.Context(), in, "1234567", at())
			if err != nil || keys.Method != channel.OAuth1 || keys.Access != ourID+"-CANARY" || keys.Secret != "CANARY-s" || !keys.Until.IsZero() || keys.FirstAt != at() {
				t.Fatalf("%+v, %v", keys, err)
			}
			accounts, err := p.Accounts(t.Context(), keys)
			if err != nil || len(accounts) != 1 || accounts[0].Account != ourID || accounts[0].Name != "@servicio" || accounts[0].Network != mention.X ||
				accounts[0].Tokens.Secret != "CANARY-s" {
				t.Errorf("%+v, %v", accounts, err)
			}
			if got := strings.Join(*done, " "); got != "/oauth/request_token /oauth/access_token /2/users/me OAuth" {
				t.Errorf("asked %s", got)
			}
		})
	}
}

func TestProvider_refusals(t *testing.T) {
	oauth1, oauth2, byHand := begun(channel.OAuth1), begun(channel.OAuth2), begun(channel.ByHand)
	pair := "oauth_token=t&oauth_token_secret=s"
	oauth1.Sealed = pair
	unsealed := begun(channel.OAuth1)
	stateless := begun(channel.OAuth1)
	stateless.ID = ""
	begin := func(in channel.Connection) func(context.Context, *x.Provider) error {
		return func(ctx context.Context, p *x.Provider) error {
			out, err := p.Begin(ctx, in, at())
			if err != nil && out.URL != "" {
				return errors.New("an address with an error")
			}
			return err
		}
	}
	exchange := func(in channel.Connection, code string) func(context.Context, *x.Provider) error {
		return func(ctx context.Context, p *x.Provider) error {
			keys, err := p.Exchange(ctx, in, code, at())
			if err != nil && (keys.Access != "" || keys.Method != "") {
				return errors.New("keys with an error")
			}
			return err
		}
	}
	for _, c := range []struct {
		name   string
		do     func(context.Context, *x.Provider) error
		status int
		body   string
		kind   fault.Kind
		reason string
		calls  int
	}{
		{"begun by hand", begin(byHand), 200, "", fault.Permanent, once.ReasonUnsupported, 0},
		{"begun in no way", begin(channel.Connection{}), 200, "", fault.Permanent, once.ReasonUnsupported, 0},
		{"begun without an address", begin(channel.Connection{ID: "1", Method: channel.OAuth2}), 200, "", fault.Invalid, once.ReasonInput, 0},
		{"begun without a state", begin(stateless), 200, "", fault.Invalid, once.ReasonInput, 0},
		{"the application's key is wrong", begin(unsealed), 401, `{"errors":[{"code":32,"message":"CANARY"}]}`, fault.Denied, once.ReasonCredentials, 1},
		{"the address is not allowed", begin(unsealed), 403, `{"errors":[{"code":415,"message":"CANARY"}]}`, fault.Denied, once.ReasonCredentials, 1},
		{"the address is not confirmed", begin(unsealed), 200, pair + "&oauth_callback_confirmed=false", fault.Invalid, once.ReasonInput, 1},
		{"a success in HTML", begin(unsealed), 200, "<html>CANARY", fault.Uncertain, once.ReasonUnknown, 1},
		{"two tokens", begin(unsealed), 200, pair + "&oauth_token=u", fault.Uncertain, once.ReasonUnknown, 1},
		{"a token over two lines", begin(unsealed), 200, "oauth_token=a%0a&oauth_token_secret=s", fault.Uncertain, once.ReasonUnknown, 1},
		{"broken", begin(unsealed), 500, "", fault.Uncertain, once.ReasonUnknown, 1},
		{"a code over two lines", exchange(oauth2, "a\nb"), 200, "", fault.Invalid, once.ReasonInput, 0},
		{"no code", exchange(oauth2, ""), 200, "", fault.Invalid, once.ReasonInput, 0},
		{"exchanged by hand", exchange(byHand, "c"), 200, "", fault.Permanent, once.ReasonUnsupported, 0},
		{"exchanged in no way", exchange(channel.Connection{}, "c"), 200, "", fault.Permanent, once.ReasonUnsupported, 0},
		{"the code is too old", exchange(oauth2, "c"), 400, `{"error":"invalid_grant","error_description":"CANARY"}`, fault.Denied, once.ReasonAuth, 1},
		{"our application is not known", exchange(oauth2, "c"), 401, `{"error":"invalid_client"}`, fault.Denied, once.ReasonCredentials, 1},
		{"keys that cannot be", exchange(oauth2, "c"), 200, `{"access_token":"CANARY a"}`, fault.Uncertain, once.ReasonUnknown, 1},
		{"still sealed", exchange(unsealed, "c"), 200, "", fault.Invalid, once.ReasonInput, 0},
		{"a wrong PIN", exchange(oauth1, "c"), 401, "CANARY", fault.Denied, once.ReasonAuth, 1},
		{"a wrong PIN, in other words", exchange(oauth1, "c"), 403, "CANARY", fault.Denied, once.ReasonAuth, 1},
		{"half a pair", exchange(oauth1, "c"), 200, "oauth_token=t", fault.Uncertain, once.ReasonUnknown, 1},
		{"an endless pair", exchange(oauth1, "c"), 200, pair + strings.Repeat("&a=b", 2000), fault.Uncertain, once.ReasonUnknown, 1},
		{"nobody's keys", func(ctx context.Context, p *x.Provider) error {
			all, err := p.Accounts(ctx, channel.Tokens{Access: "CANARY"})
			if len(all) != 0 {
				return errors.New("accounts with an error")
			}
			return err
		}, 200, `{"data":{"id":"../1"}}`, fault.Transient, once.ReasonUnknown, 1},
		{"keys of nothing", func(ctx context.Context, p *x.Provider) error {
			_, err := p.Accounts(ctx, channel.Tokens{})
			return err
		}, 200, me, fault.Denied, once.ReasonAuth, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, all := recorder(t, c.status, c.body)
			p := provider(t, base)
			err := c.do(t.Context(), p)
			if fault.Of(err) != c.kind || p.Reason(err) != c.reason || len(*all) != c.calls || strings.Contains(fmt.Sprintf("%+v %#v", err, err), "CANARY") {
				t.Errorf("%v after %d requests", err, len(*all))
			}
		})
	}
}

// Without our application's keys nothing begins, and whose fault that is is said.
func TestProvider_withoutKeys(t *testing.T) {
	for name, c := range map[string]struct {
		app    func(context.Context) (x.App, error)
		kind   fault.Kind
		reason string
	}{
		"none are configured":           {func(context.Context) (x.App, error) { return x.App{}, nil }, fault.Denied, once.ReasonCredentials},
		"they cannot be read now":       {func(context.Context) (x.App, error) { return x.App{}, errCanary }, fault.Transient, once.ReasonCredentials},
		"they may not be read":          {func(context.Context) (x.App, error) { return x.App{}, fault.New(fault.Denied, "secret", nil) }, fault.Denied, once.ReasonCredentials},
		"they stand over several lines": {func(context.Context) (x.App, error) { return x.App{ClientID: "a\n", ConsumerKey: "b\n"}, nil }, fault.Denied, once.ReasonCredentials},
	} {
		base, all := recorder(t, 200, me)
		conf := config(base)
		conf.App = c.app
		p, err := x.NewProvider(conf, nil)
		if err != nil {
			t.Fatal(err)
		}
		sealed := begun(channel.OAuth1)
		sealed.Sealed = "oauth_token=t&oauth_token_secret=s"
		_, err1 := p.Begin(t.Context(), begun(channel.OAuth1), at())
		_, err2 := p.Begin(t.Context(), begun(channel.OAuth2), at())
		_, err3 := p.Exchange(t.Context(), sealed, "c", at())
		_, err4 := p.Exchange(t.Context(), begun(channel.OAuth2), "c", at())
		_, err5 := p.Refresh(t.Context(), channel.Tokens{Method: channel.OAuth2, Refresh: "r"}, at())
		for i, err := range []error{err1, err2, err3, err4, err5} {
			if fault.Of(err) != c.kind || p.Reason(err) != c.reason {
				t.Errorf("%s, %d: %v", name, i, err)
			}
		}
		if len(*all) != 0 {
			t.Errorf("%s: %d requests", name, len(*all))
		}
	}
	for _, c := range []x.Config{{BaseURL: "http://api.x.com"}, {SignInURL: "http://x.com"}} {
		if _, err := x.NewProvider(c, nil); fault.Of(err) != fault.Invalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if printed := fmt.Sprintf("%v %+v %#v", application(), application(), application()); strings.Contains(printed, "CANARY") {
		t.Errorf("printed as %s", printed)
	}
}

func FuzzPair(f *testing.F) {
	f.Add("oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true")
	f.Add("oauth_token=%0a&oauth_token_secret=s;x")
	f.Fuzz(func(t *testing.T, body string) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		defer s.Close()
		p := provider(t, s.URL)
		out, err := p.Begin(t.Context(), begun(channel.OAuth1), at())
		if err == nil {
			if _, err := url.Parse(out.URL); err != nil || strings.ContainsAny(out.URL+out.Sealed, " \n\x00") {
				t.Errorf("%q goes to %q with %q", body, out.URL, out.Sealed)
			}
		}
		if keys, err := p.Exchange(t.Context(), channel.Connection{Method: channel.OAuth1, Sealed: body}, "c", at()); err == nil && strings.ContainsAny(keys.Access+keys.Secret, " \n\x00") {
			t.Errorf("%q gives keys that cannot be sent", body)
		}
	})
}
