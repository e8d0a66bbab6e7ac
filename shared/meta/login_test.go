package meta_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
)

type ctx = context.Context

const redirect = "https://consola.example.com/conectar/facebook"

func login(t *testing.T, base string, edit ...func(*meta.AppSecret)) meta.Login {
	t.Helper()
	l, err := meta.NewLogin(meta.Config{BaseURL: base + "/graph/"}, "", func(c ctx) (meta.AppSecret, error) {
		s, err := withID(c)
		for _, e := range edit {
			e(&s)
		}
		return s, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLogin_Begin(t *testing.T) {
	in := channel.Connection{ID: "01STATE", Network: "facebook", Redirect: redirect, By: "ana"}
	l := login(t, "https://graph.facebook.com")
	out, err := l.Begin(t.Context(), in, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(out.URL)
	if err != nil || u.Scheme+"://"+u.Host+u.Path != "https://www.facebook.com/v25.0/dialog/oauth" {
		t.Fatalf("%s, %v", out.URL, err)
	}
	scopes := "pages_show_list,pages_read_engagement,pages_read_user_content,pages_manage_engagement,pages_manage_metadata,pages_manage_posts,pages_messaging," +
		"instagram_basic,instagram_manage_comments,instagram_content_publish,instagram_manage_messages"
	want := url.Values{
		"client_id": {"42"}, "redirect_uri": {redirect}, "state": {"01STATE"}, "response_type": {"code"}, "auth_type": {"rerequest"}, "scope": {scopes},
	}
	if diff := cmp.Diff(want, u.Query()); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	if out.URL = ""; cmp.Diff(in, out) != "" {
		t.Errorf("more was changed: %s", cmp.Diff(in, out))
	}
	configured := login(t, "https://graph.facebook.com", func(s *meta.AppSecret) { s.LoginConfig = "77" })
	if out, err = configured.Begin(t.Context(), in, time.Time{}); err != nil || !strings.Contains(out.URL, "config_id=77") || strings.Contains(out.URL, "scope=") {
		t.Errorf("%s, %v", out.URL, err)
	}
	in.Network = "whatsapp"
	if out, err = l.Begin(t.Context(), in, time.Time{}); err != nil || !strings.Contains(out.URL, "scope=whatsapp_business_messaging%2Cwhatsapp_business_management") {
		t.Errorf("%s, %v", out.URL, err)
	}
	for name, spoil := range map[string]func(*channel.Connection){
		"no state":        func(c *channel.Connection) { c.ID = "" },
		"no way back":     func(c *channel.Connection) { c.Redirect = "" },
		"another network": func(c *channel.Connection) { c.Network = "x" },
	} {
		bad := in
		spoil(&bad)
		if _, err := l.Begin(t.Context(), bad, time.Time{}); fault.Of(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	nameless := login(t, "https://graph.facebook.com", func(s *meta.AppSecret) { s.AppID = "" })
	if _, err := nameless.Begin(t.Context(), in, time.Time{}); fault.Of(err) != fault.Invalid {
		t.Errorf("an application without its number: %v", err)
	}
}

const (
	shortKey = "CANARY-short"
	longKey  = "CANARY-long"
	userKey  = `{"data":{"is_valid":true,"expires_at":1805000000,"data_access_expires_at":1806000000,"scopes":["pages_show_list"],"granular_scopes":[
		{"scope":"pages_show_list","target_ids":["100"]},{"scope":"whatsapp_business_management","target_ids":["500",501]},{"scope":"whatsapp_business_messaging","target_ids":["501"]}]}}`
)

// signedIn answers what follows a sign-in.
func signedIn(answers map[string]platformtest.Answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, "/graph/v25.0/")
		if path == "oauth/access_token" {
			path = "code"
			if r.PostForm.Get("grant_type") != "" {
				path = r.PostForm.Get("grant_type")
			}
		}
		if path == "me/accounts" && r.Form.Get("after") != "" {
			path += "?after=" + r.Form.Get("after")
		}
		a, there := answers[path]
		if !there {
			a = object(400, 100, 33)
		}
		say(a.Status, strings.ReplaceAll(a.Body, "{here}", "http://"+r.Host))(w, r)
	}
}

func yes(body string) platformtest.Answer { return platformtest.Answer{Status: 200, Body: body} }

func exchange() map[string]platformtest.Answer {
	return map[string]platformtest.Answer{
		"code":              yes(`{"access_token":"` + shortKey + `","token_type":"bearer","expires_in":5183}`),
		"fb_exchange_token": yes(`{"access_token":"` + longKey + `","token_type":"bearer","expires_in":5184000}`),
		"debug_token":       yes(userKey),
	}
}

func TestLogin_Exchange(t *testing.T) {
	g := newGraph(t, signedIn(exchange()))
	in := channel.Connection{ID: "01STATE", Network: "facebook", Redirect: redirect}
	got, err := login(t, g.URL).Exchange(t.Context(), in, "CANARY-code", at(1800000000))
	if err != nil {
		t.Fatal(err)
	}
	want := channel.Tokens{
		Method: channel.OAuth2, Access: longKey, Until: at(1805000000), DataUntil: at(1806000000), Scopes: []string{"pages_show_list"},
		FirstAt: at(1800000000), RenewedAt: at(1800000000),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	forms := []url.Values{
		{"client_id": {"42"}, "client_secret": {appSecret}, "redirect_uri": {redirect}, "code": {"CANARY-code"}, "format": {"json"}},
		{"client_id": {"42"}, "client_secret": {appSecret}, "grant_type": {"fb_exchange_token"}, "fb_exchange_token": {shortKey}, "format": {"json"}},
	}
	for i, form := range forms {
		r := g.requests()[i]
		if diff := cmp.Diff(form, r.PostForm); diff != "" || r.Method != http.MethodPost || r.URL.RawQuery != "" || strings.Contains(r.Header.Get("Authorization"), "CANARY") {
			t.Errorf("%s %s: %s", r.Method, r.URL, diff)
		}
	}
	answers := exchange()
	answers["debug_token"] = yes(`{"data":{"is_valid":true,"scopes":[]}}`)
	got, err = login(t, newGraph(t, signedIn(answers)).URL).Exchange(t.Context(), in, "c", at(1800000000))
	if err != nil || !got.Until.Equal(at(1800000000+5184000)) || !got.DataUntil.IsZero() {
		t.Errorf("what Graph says when it gives the key: %v, %v", got.Until, err)
	}
}

func TestLogin_ExchangeRefused(t *testing.T) {
	in := channel.Connection{ID: "01STATE", Network: "facebook", Redirect: redirect}
	for name, c := range map[string]struct {
		where  string
		answer platformtest.Answer
		kind   fault.Kind
		reason string
		calls  int
	}{
		"a word used before":     {"code", object(400, 100, 36009), fault.Denied, meta.ReasonAuth, 1},
		"another secret":         {"code", object(400, 1, 0), fault.Uncertain, meta.ReasonUnknown, 1},
		"the network is down":    {"code", platformtest.Answer{Status: 503, Body: "<html>CANARY"}, fault.Uncertain, meta.ReasonUnknown, 1},
		"no key":                 {"code", yes(`{"token_type":"bearer"}`), fault.Uncertain, meta.ReasonUnknown, 1},
		"a key of two lines":     {"code", yes(`{"access_token":"a\nb"}`), fault.Uncertain, meta.ReasonUnknown, 1},
		"no long key":            {"fb_exchange_token", object(400, 190, 0), fault.Denied, meta.ReasonAuth, 2},
		"too many calls":         {"fb_exchange_token", object(400, 4, 0), fault.Transient, meta.ReasonThrottle, 2},
		"a key that is no good":  {"debug_token", yes(`{"data":{"is_valid":false}}`), fault.Denied, meta.ReasonAuth, 3},
		"nothing about the key":  {"debug_token", yes(`{}`), fault.Transient, meta.ReasonUnknown, 3},
		"an application unknown": {"debug_token", object(400, 190, 0), fault.Denied, meta.ReasonAuth, 3},
	} {
		t.Run(name, func(t *testing.T) {
			answers := exchange()
			answers[c.where] = c.answer
			g := newGraph(t, signedIn(answers))
			got, err := login(t, g.URL).Exchange(t.Context(), in, "CANARY-code", at(1800000000))
			if fault.Of(err) != c.kind || meta.Reason(err) != c.reason || len(g.requests()) != c.calls || got.Access != "" {
				t.Errorf("%v after %d calls, want %s %s", err, len(g.requests()), c.kind, c.reason)
			}
			quiet(t, err)
		})
	}
	g := newGraph(t, signedIn(nil))
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := login(t, g.URL).Exchange(done, in, "c", at(1)); fault.Of(err) != fault.Transient {
		t.Errorf("too late: %v", err)
	}
	if _, err := login(t, g.URL).Exchange(t.Context(), in, "", at(1)); fault.Of(err) != fault.Invalid {
		t.Errorf("no word: %v", err)
	}
	if n := len(g.requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestLogin_Accounts(t *testing.T) {
	tokens := channel.Tokens{Method: channel.OAuth2, Access: platformtest.Token, Until: at(1805000000), DataUntil: at(1806000000), FirstAt: at(1800000000)}
	page := func(id, name, more string) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"access_token":"CANARY-page-%s"%s}`, id, name, id, more)
	}
	linked := `,"instagram_business_account":{"id":"` + ourIG + `","username":"ficticia"}`
	answers := map[string]platformtest.Answer{
		"debug_token":         yes(userKey),
		"me/accounts":         yes(`{"data":[` + page("100", "Uno", linked) + `,{"id":"101","name":"sin llave"}],"paging":{"next":"{here}/graph/v25.0/me/accounts?after=B&access_token=x"}}`),
		"me/accounts?after=B": yes(`{"data":[` + page("102", "Dos", "") + `,{"id":"../1","access_token":"CANARY"}]}`),
		"500/phone_numbers":   yes(`{"data":[{"id":"600","display_phone_number":"+56 2 0000 0000","verified_name":"SENCE"},{"id":601}]}`),
		"501/phone_numbers":   object(403, 200, 0),
	}
	g := newGraph(t, signedIn(answers))
	got, err := login(t, g.URL).Accounts(t.Context(), tokens)
	if err != nil {
		t.Fatal(err)
	}
	own := func(id string) channel.Tokens {
		t := tokens
		t.Access, t.Until = "CANARY-page-"+id, time.Time{}
		return t
	}
	one := func(n mention.Network, account, name string, t channel.Tokens) channel.Candidate {
		return channel.Candidate{Network: n, Choice: channel.Choice{Account: account, Name: name}, Tokens: t}
	}
	want := []channel.Candidate{
		one(mention.Facebook, "100", "Uno", own("100")), one(mention.Instagram, ourIG, "@ficticia", own("100")), one(mention.Facebook, "102", "Dos", own("102")),
		one(mention.WhatsApp, "600", "SENCE +56 2 0000 0000", tokens), one(mention.WhatsApp, "601", "", tokens),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
	for where, c := range map[string]struct {
		answer platformtest.Answer
		kind   fault.Kind
	}{
		"debug_token":       {yes(`{"data":{"is_valid":false}}`), fault.Denied},
		"me/accounts":       {yes(`{"data":[],"paging":{"next":"https://example.com/x?after=B"}}`), fault.Permanent},
		"500/phone_numbers": {object(500, 2, 0), fault.Transient},
	} {
		changed := map[string]platformtest.Answer{}
		for k, v := range answers {
			changed[k] = v
		}
		changed[where] = c.answer
		if got, err := login(t, newGraph(t, signedIn(changed)).URL).Accounts(t.Context(), tokens); fault.Of(err) != c.kind || got != nil {
			t.Errorf("%s: %v, %v", where, got, err)
		} else {
			quiet(t, err)
		}
	}
}

func TestLogin_others(t *testing.T) {
	l := login(t, "https://graph.facebook.com")
	if got, err := l.Refresh(t.Context(), channel.Tokens{Access: "x"}, time.Time{}); fault.Of(err) != fault.Permanent || l.Reason(err) != meta.ReasonUnsupported || got.Access != "" {
		t.Errorf("Refresh: %+v, %v", got, err)
	}
	for _, dialog := range []string{"http://www.facebook.com/", "https://a:b@www.facebook.com/", "https://www.facebook.com/?x=1", "::"} {
		if _, err := meta.NewLogin(meta.Config{}, dialog, withID); fault.Of(err) != fault.Invalid {
			t.Errorf("%s: %v", dialog, err)
		}
	}
	down := func(ctx) (meta.AppSecret, error) { return meta.AppSecret{}, fault.New(fault.Transient, "x", nil) }
	l, err := meta.NewLogin(meta.Config{}, "http://127.0.0.1:8090/facebook", down)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Begin(t.Context(), channel.Connection{ID: "1", Redirect: redirect, Network: "facebook"}, time.Time{}); fault.Of(err) != fault.Transient || l.Reason(err) != meta.ReasonCredentials {
		t.Errorf("without a secret: %v", err)
	}
}
