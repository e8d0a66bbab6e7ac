package sim

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dghubble/oauth1"

	"sence.gob.cl/gestor/shared/mention"
)

const verifier = "un-secreto-bastante-largo-para-pkce-0123456789"

func challenge(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func xAuthorize(challenge string) string {
	return "/x-api/i/oauth2/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {DefaultXClientID}, "redirect_uri": {returning}, "state": {"estado-2"},
		"scope":          {"tweet.read tweet.write users.read dm.read dm.write offline.access"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}.Encode()
}

func linkedinAuthorize(scopes string) string {
	return "/oauth/v2/authorization?" + url.Values{
		"response_type": {"code"}, "client_id": {DefaultLinkedInClientID}, "redirect_uri": {returning}, "state": {"estado-3"}, "scope": {scopes},
	}.Encode()
}

func xBasic() header {
	return header{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(DefaultXClientID+":"+DefaultXClientSecret))}
}

func TestXConnectsAndRenews(t *testing.T) {
	r := newRig(t)
	r.sim.cfg.XToken = "la-primera"
	code := func() string {
		t.Helper()
		return r.saysYes(targetX, xAuthorize(challenge(verifier)), "").Get("code")
	}
	exchange := func(code, verifier string) url.Values {
		return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {returning}, "code_verifier": {verifier}, "client_id": {DefaultXClientID}}
	}
	const endpoint = "/x-api/2/oauth2/token"
	r.posts(400, endpoint, exchange(code(), "otro"), xBasic())
	late := code()
	r.clock.move(31 * time.Second)
	r.posts(400, endpoint, exchange(late, verifier), xBasic())
	good := code()
	r.posts(401, endpoint, exchange(good, verifier), header{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(DefaultXClientID+":otra"))})
	v := r.posts(200, endpoint, exchange(good, verifier), xBasic())
	r.posts(400, endpoint, exchange(good, verifier), xBasic())
	if v["expires_in"] != 7200.0 || v["token_type"] != "bearer" || !strings.Contains(v["scope"].(string), "tweet.write") {
		t.Errorf("keys: %v", v)
	}
	me := func(token string, want int) {
		t.Helper()
		if status, v := r.answer(http.MethodGet, "/x-api/2/users/me", "", header{"Authorization", "Bearer " + token}); status != want {
			t.Errorf("me: %d %v, want %d", status, v, want)
		}
	}
	access, refresh := v["access_token"].(string), v["refresh_token"].(string)
	me(access, 200)
	m := r.on(targetX, `{"text":"@SENCE_simulado hola"}`)
	status, _ := r.answer(http.MethodPut, "/x-api/2/tweets/"+m.ID+"/hidden", `{"hidden":true}`, header{"Authorization", "Bearer " + access})
	if status != http.StatusForbidden {
		t.Errorf("a right that was not asked for: %d", status)
	}
	r.clock.move(2 * time.Hour)
	me(access, 401)
	renew := func(want int, token string) map[string]any {
		t.Helper()
		return r.posts(want, endpoint, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {DefaultXClientID}}, xBasic())
	}
	next := renew(200, refresh)
	me(next["access_token"].(string), 200)
	if again := renew(400, refresh); again["error"] != "invalid_grant" {
		t.Errorf("second use: %v", again)
	}
	third := renew(200, next["refresh_token"].(string))
	me(third["access_token"].(string), 200)
	got := calls[tokenView](r, 200, http.MethodGet, "/sim/x/token", "")
	if got.Renewals != 2 || got.Refused != 1 || len(got.Keys) != 4 {
		t.Errorf("keys of X: %+v", got)
	}
	again := r.again()
	again.sim.cfg.XToken = "la-primera"
	again.clock.move(r.clock.now().Sub(again.clock.now()))
	if status, v := again.answer(http.MethodGet, "/x-api/2/users/me", "", header{"Authorization", "Bearer " + third["access_token"].(string)}); status != 200 {
		t.Errorf("after a restart: %d %v", status, v)
	}
	// What an account takes away, X tells; and what renewed it renews no more.
	told := len(r.gestor.deliveries("/webhooks/x"))
	r.call(http.MethodPost, "/sim/x/token", `{"state":"revoked"}`)
	if e := r.heard(targetX, told+1); e.Outcome != mention.Alert || e.Reason != mention.ReasonRevoked {
		t.Errorf("told: %+v", e)
	}
	renew(400, third["refresh_token"].(string))
	me(third["access_token"].(string), 401)
	me("la-primera", 401)
}

func TestXWithoutOfflineAccessHasNothingToRenewWith(t *testing.T) {
	r := newRig(t)
	code := r.saysYes(targetX, xAuthorize(challenge(verifier)), `,"without":["offline.access"],"accounts":["`+secondAccount(targetX)+`"]`).Get("code")
	v := r.posts(200, "/x-api/2/oauth2/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {returning}, "code_verifier": {verifier}}, xBasic())
	if v["refresh_token"] != nil {
		t.Errorf("keys: %v", v)
	}
	bearer := header{"Authorization", "Bearer " + v["access_token"].(string)}
	if _, v := r.answer(http.MethodGet, "/x-api/2/users/me", "", bearer); at(v, "data", "id") != secondAccount(targetX) {
		t.Errorf("me: %v", v)
	}
	if _, v := r.answer(http.MethodGet, "/x-api/2/users/"+secondAccount(targetX)+"/mentions", "", bearer); at(v, "meta", "result_count") != 0.0 {
		t.Errorf("mentions of the other account: %v", v)
	}
	if status, _ := r.answer(http.MethodPost, "/x-api/2/tweets", `{"text":"hola"}`, bearer); status != http.StatusForbidden {
		t.Errorf("posting there: %d", status)
	}
}

func TestXConnectsByOAuth1(t *testing.T) {
	r := newRig(t)
	config := &oauth1.Config{
		ConsumerKey: DefaultXConsumerKey, ConsumerSecret: testSecret + "-x", CallbackURL: returning + "?state=estado-4",
		Endpoint: oauth1.Endpoint{RequestTokenURL: r.url + "/x-api/oauth/request_token", AuthorizeURL: r.url + "/x-api/oauth/authorize", AccessTokenURL: r.url + "/x-api/oauth/access_token"},
	}
	wrong := *config
	wrong.ConsumerSecret = "otro"
	if _, _, err := wrong.RequestToken(); err == nil {
		t.Error("a wrong signature got a request token")
	}
	foreign := *config
	foreign.CallbackURL = "https://malo.example/"
	if _, _, err := foreign.RequestToken(); err == nil {
		t.Error("a foreign callback got a request token")
	}
	request, secret, err := config.RequestToken()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := config.AccessToken(request, secret, "0000000"); err == nil {
		t.Error("a key before anybody said yes")
	}
	back := r.saysYes(targetX, "/oauth/authorize?oauth_token="+request, "")
	if back.Get("state") != "estado-4" || back.Get("oauth_token") != request {
		t.Errorf("sent back with %v", back)
	}
	token, half, err := config.AccessToken(request, secret, back.Get("oauth_verifier"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := config.AccessToken(request, secret, back.Get("oauth_verifier")); err == nil {
		t.Error("a second key for one yes")
	}
	get := func(half, path string) (int, string) {
		t.Helper()
		res, err := config.Client(t.Context(), oauth1.NewToken(token, half)).Get(r.url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("X-Access-Level") + string(raw)
	}
	if status, body := get(half, "/x-api/2/users/me?user.fields=name,username"); status != 200 || !strings.HasPrefix(body, "read-write-directmessages") {
		t.Errorf("me: %d %s", status, body)
	}
	if status, _ := get("otra", "/x-api/2/users/me"); status != http.StatusUnauthorized {
		t.Errorf("with the wrong half: %d", status)
	}
	r.clock.move(1000 * 24 * time.Hour)
	if status, body := get(half, "/x-api/2/dm_events?max_results=5"); status != 200 {
		t.Errorf("years later: %d %s", status, body)
	}
	config.CallbackURL = "oob"
	request, _, err = config.RequestToken()
	if err != nil {
		t.Fatal(err)
	}
	got := calls[map[string]string](r, 200, http.MethodPost, "/sim/x/consent", `{"url":"/oauth/authorize?oauth_token=`+request+`"}`)
	if len(got["pin"]) != 7 || !digits(got["pin"]) || got["redirect"] != "" {
		t.Errorf("PIN: %v", got)
	}
}

func TestXHasAnApplicationsKey(t *testing.T) {
	r := newRig(t)
	consumer := header{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(DefaultXConsumerKey+":"+testSecret+"-x"))}
	v := r.posts(200, "/x-api/oauth2/token", url.Values{"grant_type": {"client_credentials"}}, consumer)
	if again := r.posts(200, "/x-api/oauth2/token", url.Values{"grant_type": {"client_credentials"}}, consumer); again["access_token"] != v["access_token"] {
		t.Error("another key each time")
	}
	r.posts(403, "/x-api/oauth2/token", url.Values{"grant_type": {"client_credentials"}}, xBasic())
	m := r.on(targetX, `{"text":"hola"}`)
	bearer := header{"Authorization", "Bearer " + v["access_token"].(string)}
	if status, _ := r.answer(http.MethodGet, "/x-api/2/tweets/"+m.ID, "", bearer); status != 200 {
		t.Errorf("reading: %d", status)
	}
	if status, _ := r.answer(http.MethodPost, "/x-api/2/tweets", `{"text":"hola"}`, bearer); status != http.StatusForbidden {
		t.Errorf("writing: %d", status)
	}
}

func TestLinkedInConnectsAndRenews(t *testing.T) {
	r := newRig(t)
	r.sim.cfg.LinkedInToken = "la-primera"
	const all = "r_organization_social_feed w_organization_social_feed rw_organization_admin"
	client := func(more url.Values) url.Values {
		v := url.Values{"client_id": {DefaultLinkedInClientID}, "client_secret": {testSecret + "-li"}}
		for name, values := range more {
			v[name] = values
		}
		return v
	}
	connect := func(scopes, more string) map[string]any {
		t.Helper()
		code := r.saysYes(targetLinkedIn, linkedinAuthorize(scopes), more).Get("code")
		return r.posts(200, "/oauth/v2/accessToken", client(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {returning}}))
	}
	v := connect(all, "")
	if v["expires_in"] != linkedinTokenLife.Seconds() || v["refresh_token_expires_in"] != linkedinRefreshLife.Seconds() || v["scope"] != strings.ReplaceAll(all, " ", ",") {
		t.Errorf("keys: %v", v)
	}
	access, refresh := v["access_token"].(string), v["refresh_token"].(string)
	acls := func(token string) (int, map[string]any) {
		return r.rest(http.MethodGet, "organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED&start=0&count=100", "", header{"Authorization", "Bearer " + token})
	}
	if status, v := acls(access); status != 200 || at(v, "elements", "0", "organization") != networkAccount(targetLinkedIn) {
		t.Errorf("organizations: %d %v", status, v)
	}
	if _, v := r.rest(http.MethodGet, "organizations/1000031", "", header{"Authorization", "Bearer " + access}); v["localizedName"] != pageName {
		t.Errorf("organization: %v", v)
	}
	introspect := func(token string) map[string]any {
		t.Helper()
		return r.posts(200, "/linkedin-api/oauth/v2/introspectToken", client(url.Values{"token": {token}}))
	}
	if v := introspect(access); v["active"] != true || v["expires_at"] != float64(r.clock.now().Add(linkedinTokenLife).Unix()) || v["scope"] != strings.ReplaceAll(all, " ", ",") {
		t.Errorf("introspection: %v", v)
	}
	r.posts(401, "/oauth/v2/introspectToken", url.Values{"client_id": {"otra"}, "token": {access}})
	r.clock.move(linkedinTokenLife)
	if v := introspect(access); v["active"] != false {
		t.Errorf("after 60 days: %v", v)
	}
	next := r.posts(200, "/oauth/v2/accessToken", client(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}))
	if next["refresh_token"] != refresh || next["refresh_token_expires_in"] != (linkedinRefreshLife-linkedinTokenLife).Seconds() {
		t.Errorf("renewed: %v", next)
	}
	if status, _ := acls(next["access_token"].(string)); status != 200 {
		t.Errorf("with the renewed key: %d", status)
	}
	if got := calls[tokenView](r, 200, http.MethodGet, "/sim/linkedin/token", ""); got.Renewals != 1 {
		t.Errorf("%d renewals", got.Renewals)
	}
	// The person no longer administers the page.
	r.call(http.MethodPost, "/sim/linkedin/token", `{"state":"demoted"}`)
	if status, v := acls(next["access_token"].(string)); status != 200 || len(texts(v["elements"])) != 0 {
		t.Errorf("demoted: %d %v", status, v)
	}
	if status, _ := r.rest(http.MethodGet, "organizations/1000031", "", header{"Authorization", "Bearer " + next["access_token"].(string)}); status != http.StatusForbidden {
		t.Errorf("demoted: %d", status)
	}
	r.call(http.MethodPost, "/sim/linkedin/token", `{"state":"ok"}`)
	// Asking for other rights ends all earlier keys.
	fewer := connect(all, `,"without":["rw_organization_admin"]`)
	if v := introspect(next["access_token"].(string)); v["active"] != false {
		t.Errorf("an earlier key: %v", v)
	}
	if status, _ := acls(fewer["access_token"].(string)); status != http.StatusForbidden {
		t.Errorf("without the right: %d", status)
	}
	r.clock.move(linkedinRefreshLife)
	r.posts(400, "/oauth/v2/accessToken", client(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {fewer["refresh_token"].(string)}}))
}

// A person sees who asks for what, and may untick rights.
func TestTheConsentPage(t *testing.T) {
	r := newRig(t)
	for name, address := range map[string]string{"meta": metaDialog(metaScopes), "x": xAuthorize("reto"), "linkedin": linkedinAuthorize("r_organization_social_feed")} {
		res, err := http.Get(r.url + address)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		html := string(raw)
		if err != nil || res.StatusCode != 200 || !strings.Contains(html, "SENCE de mentira quiere conectar") || strings.Count(html, "<h1>") != 1 {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
		if bad := inline.FindString(html); bad != "" {
			t.Errorf("%s: %q in the page", name, bad)
		}
		if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' http://127.0.0.1:8080;") {
			t.Errorf("%s: the answer may not lead back: %s", name, csp)
		}
	}
	query := strings.SplitN(xAuthorize(challenge(verifier)), "?", 2)[1]
	answer := func(v url.Values) (int, string) {
		v.Set("app", "x")
		v.Set("q", query)
		status, to, _ := r.submit("/permiso", v)
		return status, to
	}
	if status, to := answer(url.Values{"answer": {"no"}}); status != http.StatusSeeOther || !strings.Contains(to, "error=access_denied") {
		t.Errorf("no: %d %s", status, to)
	}
	if status, _ := answer(url.Values{"answer": {"si"}}); status != http.StatusBadRequest {
		t.Errorf("yes to nothing: %d", status)
	}
	status, to := answer(url.Values{"answer": {"si"}, "account": {networkAccount(targetX)}, "right": {"tweet.read", "users.read"}})
	back, err := url.Parse(to)
	if err != nil || status != http.StatusSeeOther {
		t.Fatalf("yes: %d %s", status, to)
	}
	v := r.posts(200, "/x-api/2/oauth2/token", url.Values{"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}, "redirect_uri": {returning}, "code_verifier": {verifier}}, xBasic())
	if v["scope"] != "tweet.read users.read" {
		t.Errorf("rights: %v", v["scope"])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(r.url + xAuthorize("reto") + "&auto=1")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || !strings.Contains(to, "code=") {
		t.Errorf("auto: %d %s", res.StatusCode, to)
	}
	if html := r.page("/i/oauth2/authorize?client_id=7", http.StatusBadRequest); !strings.Contains(html, `role="alert"`) {
		t.Error("a wrong question is not said to be one")
	}
	r.page("/oauth/authorize?oauth_token=nada", http.StatusBadRequest)
}
