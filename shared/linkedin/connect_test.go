package linkedin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
)

const (
	back = "https://gestor.example.cl/oauth/callback"
	day  = 24 * time.Hour
)

func provider(t testing.TB, base string) *linkedin.Provider {
	t.Helper()
	p, err := linkedin.NewProvider(config(base))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func begun() channel.Connection {
	return channel.Connection{ID: "estado-1", Network: "linkedin", Method: channel.OAuth2, Redirect: back}
}

func at() time.Time { return platformtest.SaidAt() }

func TestBegin(t *testing.T) {
	base, all := recorder(t, platformtest.Answer{Status: 200})
	out, err := provider(t, base).Begin(t.Context(), begun(), at())
	if err != nil || len(*all) != 0 || !strings.HasPrefix(out.URL, base+"/login/oauth/v2/authorization?") {
		t.Fatalf("%+v, %v after %d requests", out, err, len(*all))
	}
	u, err := url.Parse(out.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "cliente-ficticio", "redirect_uri": back, "state": "estado-1",
		"scope": "rw_organization_admin r_organization_social_feed w_organization_social_feed",
	} {
		if got := u.Query().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	c := config("")
	c.SignInURL, c.Scopes = "", []string{"r_organization_social"}
	p, err := linkedin.NewProvider(c)
	if err != nil {
		t.Fatal(err)
	}
	if out, err = p.Begin(t.Context(), begun(), at()); err != nil || !strings.HasPrefix(out.URL, "https://www.linkedin.com/oauth/v2/authorization?") ||
		!strings.Contains(out.URL, "&scope=r_organization_social&") {
		t.Errorf("with the defaults: %+v, %v", out, err)
	}
}

// granting plays the token address and keeps what it was asked.
func granting(t *testing.T, body string) (string, *[]url.Values) {
	t.Helper()
	var all []url.Values
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(text))
		if r.Method != http.MethodPost || r.URL.Path != "/login/oauth/v2/accessToken" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" ||
			r.Header.Get("Authorization") != "" {
			t.Errorf("asked %s %s %v", r.Method, r.URL, r.Header)
		}
		all = append(all, form)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL, &all
}

func TestExchange(t *testing.T) {
	base, all := granting(t, `{"access_token":"CANARY-a","expires_in":5184000,"refresh_token":"CANARY-r","refresh_token_expires_in":31536000,"scope":"b,a"}`)
	got, err := provider(t, base).Exchange(t.Context(), begun(), "c1", at())
	if err != nil || got.Method != channel.OAuth2 || got.Access != "CANARY-a" || got.Refresh != "CANARY-r" || got.Until != at().Add(60*day) ||
		got.RefreshUntil != at().Add(365*day) || got.FirstAt != at() || got.RenewedAt != at() || strings.Join(got.Scopes, " ") != "a b" {
		t.Errorf("%v", err)
	}
	want := url.Values{"grant_type": {"authorization_code"}, "code": {"c1"}, "redirect_uri": {back}, "client_id": {"cliente-ficticio"}, "client_secret": {"CANARY-client"}}
	if len(*all) != 1 || (*all)[0].Encode() != want.Encode() {
		t.Errorf("asked %v", *all)
	}
	base, _ = granting(t, `{"access_token":"CANARY-a","refresh_token":"CANARY-r"}`)
	if got, err = provider(t, base).Exchange(t.Context(), begun(), "c1", at()); err != nil || got.RefreshUntil != at().Add(365*day) {
		t.Errorf("LinkedIn does not say how long: %s, %v", got.RefreshUntil, err)
	}
	base, _ = granting(t, `{"access_token":"CANARY-a","expires_in":60}`)
	if got, err = provider(t, base).Exchange(t.Context(), begun(), "c1", at()); err != nil || !got.RefreshUntil.IsZero() || got.Refresh != "" {
		t.Errorf("nothing to renew with: %s, %v", got.RefreshUntil, err)
	}
}

// The end of the grant is 365 days after its first day, however often it is renewed and whatever LinkedIn says then.
func TestRefresh(t *testing.T) {
	first := at().AddDate(0, 0, -59)
	old := channel.Tokens{
		Method: channel.OAuth2, Access: "CANARY-1", Refresh: "CANARY-2", Scopes: []string{"a"}, FirstAt: first, RenewedAt: first, RefreshUntil: first.Add(365 * day),
	}
	short := old
	short.RefreshUntil = first.Add(100 * day)
	bare := old
	bare.RefreshUntil = time.Time{}
	unknown := bare
	unknown.FirstAt = time.Time{}
	for _, c := range []struct {
		name string
		of   channel.Tokens
		body string
		end  time.Time
	}{
		{"LinkedIn says what is left", old, `{"access_token":"CANARY-3","expires_in":5184000,"refresh_token":"CANARY-4","refresh_token_expires_in":26438400}`, at().Add(306 * day)},
		{"LinkedIn says a year anew", old, `{"access_token":"CANARY-3","expires_in":5184000,"refresh_token":"CANARY-4","refresh_token_expires_in":31536000}`, first.Add(365 * day)},
		{"LinkedIn says nothing", old, `{"access_token":"CANARY-3","expires_in":5184000,"refresh_token":"CANARY-4"}`, first.Add(365 * day)},
		{"less than was thought", old, `{"access_token":"CANARY-3","expires_in":5184000,"refresh_token":"CANARY-4","refresh_token_expires_in":864000}`, at().Add(10 * day)},
		{"a grant that was shorter from the first day", short, `{"access_token":"CANARY-3","expires_in":5184000,"refresh_token":"CANARY-4","refresh_token_expires_in":31536000}`, first.Add(100 * day)},
		{"nobody noted the end", bare, `{"access_token":"CANARY-3","expires_in":5184000,"refresh_token":"CANARY-4","refresh_token_expires_in":31536000}`, first.Add(365 * day)},
		{"nobody noted anything", unknown, `{"access_token":"CANARY-3","expires_in":5184000,"refresh_token":"CANARY-4","refresh_token_expires_in":864000}`, at().Add(10 * day)},
	} {
		base, all := granting(t, c.body)
		got, err := provider(t, base).Refresh(t.Context(), c.of, at())
		if err != nil || got.Access != "CANARY-3" || got.Refresh != "CANARY-4" || got.FirstAt != c.of.FirstAt || got.RefreshUntil != c.end || got.Until != at().Add(60*day) ||
			strings.Join(got.Scopes, " ") != "a" || got.RenewedAt != at() {
			t.Errorf("%s: until %s, want %s, %v", c.name, got.RefreshUntil, c.end, err)
		}
		want := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"CANARY-2"}, "client_id": {"cliente-ficticio"}, "client_secret": {"CANARY-client"}}
		if len(*all) != 1 || (*all)[0].Encode() != want.Encode() {
			t.Errorf("%s: asked %v", c.name, *all)
		}
	}
	base, _ := granting(t, `{"access_token":"CANARY-3","scope":"b"}`)
	if got, err := provider(t, base).Refresh(t.Context(), old, at()); err != nil || got.Refresh != "CANARY-2" || got.Scopes[0] != "b" || !got.Until.IsZero() {
		t.Errorf("the same to renew with: %v", err)
	}
}

func TestProvider_refusals(t *testing.T) {
	old := channel.Tokens{Method: channel.OAuth2, Access: "a", Refresh: "CANARY"}
	byHand := begun()
	byHand.Method = channel.ByHand
	lost := begun()
	lost.Redirect = ""
	refresh := func(of channel.Tokens) func(context.Context, *linkedin.Provider) error {
		return func(ctx context.Context, p *linkedin.Provider) error {
			got, err := p.Refresh(ctx, of, at())
			if err != nil && got.Method != "" {
				return errors.New("keys with an error")
			}
			return err
		}
	}
	exchange := func(in channel.Connection, code string) func(context.Context, *linkedin.Provider) error {
		return func(ctx context.Context, p *linkedin.Provider) error {
			got, err := p.Exchange(ctx, in, code, at())
			if err != nil && got.Method != "" {
				return errors.New("keys with an error")
			}
			return err
		}
	}
	begin := func(in channel.Connection) func(context.Context, *linkedin.Provider) error {
		return func(ctx context.Context, p *linkedin.Provider) error { _, err := p.Begin(ctx, in, at()); return err }
	}
	for _, c := range []struct {
		name   string
		do     func(context.Context, *linkedin.Provider) error
		status int
		body   string
		kind   fault.Kind
		reason string
		calls  int
	}{
		{"begun by hand", begin(byHand), 200, "", fault.Permanent, once.ReasonUnsupported, 0},
		{"begun without an address", begin(lost), 200, "", fault.Invalid, once.ReasonInput, 0},
		{"exchanged by hand", exchange(byHand, "c"), 200, "", fault.Permanent, once.ReasonUnsupported, 0},
		{"a code over two lines", exchange(begun(), "a\n"), 200, "", fault.Invalid, once.ReasonInput, 0},
		{"an endless code", exchange(begun(), strings.Repeat("a", 5000)), 200, "", fault.Invalid, once.ReasonInput, 0},
		{"the code is too old", exchange(begun(), "c"), 400, `{"error":"invalid_grant","error_description":"CANARY"}`, fault.Denied, once.ReasonAuth, 1},
		{"our application is not known", exchange(begun(), "c"), 401, `{"error":"invalid_client","error_description":"CANARY"}`, fault.Denied, once.ReasonCredentials, 1},
		{"keys that cannot be", exchange(begun(), "c"), 200, `{"access_token":"CANARY a"}`, fault.Uncertain, once.ReasonUnknown, 1},
		{"the grant is over", refresh(old), 400, `{"error":"invalid_grant","error_description":"CANARY"}`, fault.Denied, once.ReasonAuth, 1},
		{"nobody knows", refresh(old), 502, `<html>CANARY`, fault.Uncertain, once.ReasonUnknown, 1},
		{"throttled", refresh(old), 429, `CANARY`, fault.Transient, once.ReasonThrottle, 1},
		{"nothing to renew with", refresh(channel.Tokens{Method: channel.OAuth2, Access: "a"}), 200, "", fault.Permanent, once.ReasonUnsupported, 0},
		{"pasted", refresh(channel.Tokens{Method: channel.ByHand, Refresh: "a"}), 200, "", fault.Permanent, once.ReasonUnsupported, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, all := recorder(t, platformtest.Answer{Status: c.status, Body: c.body})
			p := provider(t, base)
			err := c.do(t.Context(), p)
			if fault.Of(err) != c.kind || p.Reason(err) != c.reason || len(*all) != c.calls || strings.Contains(fmt.Sprintf("%+v %#v", err, err), "CANARY") {
				t.Errorf("%v after %d requests", err, len(*all))
			}
		})
	}
	for name, app := range map[string]func(context.Context) (linkedin.App, error){
		"none":         func(context.Context) (linkedin.App, error) { return linkedin.App{}, nil },
		"no secret":    func(context.Context) (linkedin.App, error) { return linkedin.App{ClientID: "a"}, nil },
		"not readable": func(context.Context) (linkedin.App, error) { return linkedin.App{}, errors.New("x") },
	} {
		conf := config("http://127.0.0.1:9")
		conf.App = app
		p, err := linkedin.NewProvider(conf)
		if err != nil {
			t.Fatal(err)
		}
		_, err1 := p.Begin(t.Context(), begun(), at())
		_, err2 := p.Exchange(t.Context(), begun(), "c", at())
		_, err3 := p.Refresh(t.Context(), old, at())
		for i, err := range []error{err1, err2, err3} {
			if p.Reason(err) != once.ReasonCredentials {
				t.Errorf("%s, %d: %v", name, i, err)
			}
		}
	}
	if _, err := linkedin.NewProvider(linkedin.Config{BaseURL: "http://x.com"}); fault.Of(err) != fault.Invalid {
		t.Errorf("in the clear: %v", err)
	}
	app := linkedin.App{ClientSecret: "CANARY"}
	if printed := fmt.Sprintf("%v %+v %#v", app, app, app); strings.Contains(printed, "CANARY") {
		t.Errorf("printed as %s", printed)
	}
}

func TestAccounts(t *testing.T) {
	keys := channel.Tokens{Method: channel.OAuth2, Access: "CANARY-a", Refresh: "CANARY-r"}
	base, asked := played(t, map[string][]platformtest.Answer{
		"GET /rest/organizationAcls": ok(acls(us, "organization:7", us, "urn:li:organizationBrand:8", "urn:li:person:9")), "GET /rest/organizations/7": ok(`{"id":7,"localizedName":"Otra Ficticia"}`),
	})
	got, err := provider(t, base).Accounts(t.Context(), keys)
	if err != nil || len(got) != 2 || got[0].Account != us || got[0].Name != "Servicio Ficticio" || got[1].Account != "urn:li:organization:7" ||
		got[1].Name != "Otra Ficticia" || got[1].Network != mention.LinkedIn || got[1].Tokens.Refresh != "CANARY-r" || len(*asked) != 3 {
		t.Errorf("%+v, %v after %q", got, err, *asked)
	}
	base, _ = played(t, map[string][]platformtest.Answer{"GET /rest/organizationAcls": ok(page(""))})
	if got, err = provider(t, base).Accounts(t.Context(), keys); err != nil || len(got) != 0 {
		t.Errorf("administrator of nothing: %+v, %v", got, err)
	}
	base, _ = played(t, map[string][]platformtest.Answer{"GET /rest/organizations/": {problem(500, "x")}})
	if got, err = provider(t, base).Accounts(t.Context(), keys); !fault.Is(err, fault.Transient) || got != nil {
		t.Errorf("half a list: %+v, %v", got, err)
	}
	if _, err = provider(t, base).Accounts(t.Context(), channel.Tokens{}); !fault.Is(err, fault.Denied) {
		t.Errorf("without a key: %v", err)
	}
}
