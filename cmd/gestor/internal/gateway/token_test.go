package gateway

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

func wall() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

// issuer plays an OpenID provider with one RSA and one elliptic key.
type issuer struct {
	*httptest.Server
	rsa     *rsa.PrivateKey
	ec      *ecdsa.PrivateKey
	fetched int
	hidden  bool
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{rsa: rsaKey, ec: ecKey}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/jwks"})
	})
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) {
		i.fetched++
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": i.keys(t)})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) keys(t *testing.T) []map[string]string {
	if i.hidden {
		return nil
	}
	text := base64.RawURLEncoding.EncodeToString
	point, err := i.ec.PublicKey.Bytes()
	if err != nil {
		t.Error(err)
	}
	return []map[string]string{
		{"kty": "oct", "kid": "other", "k": "AAAA"},
		{"kty": "RSA", "kid": "r", "use": "sig", "n": text(i.rsa.N.Bytes()), "e": text(big.NewInt(int64(i.rsa.E)).Bytes())},
		{"kty": "EC", "kid": "e", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:])},
		{"kty": "EC", "kid": "off-curve", "crv": "P-256", "x": text(point[1:33]), "y": text(point[1:33])},
		{"kty": "RSA", "kid": "short", "n": text(make([]byte, 8)), "e": "AQAB"},
		{"kty": "RSA", "kid": "enc", "use": "enc", "n": text(i.rsa.N.Bytes()), "e": "AQAB"},
	}
}

func (i *issuer) claims(change func(jwt.MapClaims)) jwt.MapClaims {
	c := jwt.MapClaims{
		"iss": i.URL, "aud": "gestor", "sub": "ejecutivo1", "exp": wall().Add(time.Hour).Unix(), "iat": wall().Unix(),
		"cognito:groups": []string{"community_manager", "supervisor"}, "fresh": true, "scope": "openid desk",
	}
	if change != nil {
		change(c)
	}
	return c
}

func signed(t *testing.T, method jwt.SigningMethod, kid string, key crypto.PrivateKey, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	if kid != "" {
		token.Header["kid"] = kid
	}
	raw, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func guarded(t *testing.T, i *issuer, f *recorder, scopes ...string) *httptest.Server {
	t.Helper()
	f.answer = `{"statusCode":200}`
	a := &Authorizer{Issuer: i.URL, Audience: []string{"gestor", "consola"}}
	return serve(t, config(f.invoke, Route{Key: "ANY /api/v1/{proxy+}", Function: "desk", Authorizer: a, Scopes: scopes}))
}

func ask(t *testing.T, s *httptest.Server, authorization string) (int, http.Header, string) {
	t.Helper()
	req := newRequest(t, "GET", s.URL+"/api/v1/tickets", nil)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return do(t, req)
}

func TestAuthorize_ClaimsReachTheFunction(t *testing.T) {
	i := newIssuer(t)
	f := &recorder{}
	s := guarded(t, i, f)
	for name, raw := range map[string]string{
		"RS256": signed(t, jwt.SigningMethodRS256, "r", i.rsa, i.claims(nil)),
		"ES256": signed(t, jwt.SigningMethodES256, "e", i.ec, i.claims(nil)),
		"client_id instead of aud": signed(t, jwt.SigningMethodRS256, "r", i.rsa, i.claims(func(c jwt.MapClaims) {
			delete(c, "aud")
			c["client_id"] = "consola"
		})),
		"one of several audiences": signed(t, jwt.SigningMethodRS256, "r", i.rsa, i.claims(func(c jwt.MapClaims) {
			c["aud"] = []string{"other", "gestor"}
		})),
	} {
		f.event.RequestContext.Authorizer = nil
		if status, _, body := ask(t, s, "Bearer "+raw); status != 200 {
			t.Errorf("%s: got %d %s", name, status, body)
			continue
		}
		got := f.event.RequestContext.Authorizer.JWT
		if got.Claims["cognito:groups"] != "[community_manager supervisor]" || got.Claims["sub"] != "ejecutivo1" ||
			got.Claims["exp"] != "1795255200" || got.Claims["fresh"] != "true" {
			t.Errorf("%s: got claims %v", name, got.Claims)
		}
		if diff := cmp.Diff([]string{"openid", "desk"}, got.Scopes); diff != "" {
			t.Errorf("%s scopes (-want +got):\n%s", name, diff)
		}
	}
	if i.fetched != 1 {
		t.Errorf("the keys were fetched %d times", i.fetched)
	}
}

func TestAuthorize_Refuses(t *testing.T) {
	i := newIssuer(t)
	stranger := newIssuer(t)
	f := &recorder{}
	s := guarded(t, i, f)
	rs := func(change func(jwt.MapClaims)) string {
		return "Bearer " + signed(t, jwt.SigningMethodRS256, "r", i.rsa, i.claims(change))
	}
	good := rs(nil)
	set := func(name string, value any) func(jwt.MapClaims) { return func(c jwt.MapClaims) { c[name] = value } }
	unset := func(name string) func(jwt.MapClaims) { return func(c jwt.MapClaims) { delete(c, name) } }
	cases := map[string]string{
		"no header":              "",
		"no token":               "Bearer ",
		"no token at all":        "Bearer nada",
		"basic":                  "Basic dXNlcjpwYXNz",
		"expired":                rs(set("exp", wall().Add(-time.Second).Unix())),
		"without expiry":         rs(unset("exp")),
		"not yet":                rs(set("nbf", wall().Add(time.Minute).Unix())),
		"issued in the future":   rs(set("iat", wall().Add(time.Minute).Unix())),
		"other issuer":           rs(set("iss", stranger.URL)),
		"other audience":         rs(set("aud", "otra")),
		"no audience":            rs(unset("aud")),
		"client_id beside a aud": rs(func(c jwt.MapClaims) { c["aud"], c["client_id"] = "otra", "gestor" }),
		"stranger's signature":   "Bearer " + signed(t, jwt.SigningMethodRS256, "r", stranger.rsa, i.claims(nil)),
		"key of another kind":    "Bearer " + signed(t, jwt.SigningMethodES256, "r", i.ec, i.claims(nil)),
		"unknown key":            "Bearer " + signed(t, jwt.SigningMethodRS256, "q", i.rsa, i.claims(nil)),
		"no key id":              "Bearer " + signed(t, jwt.SigningMethodRS256, "", i.rsa, i.claims(nil)),
		"encryption key":         "Bearer " + signed(t, jwt.SigningMethodRS256, "enc", i.rsa, i.claims(nil)),
		"RS512":                  "Bearer " + signed(t, jwt.SigningMethodRS512, "r", i.rsa, i.claims(nil)),
		"HS256 with public text": "Bearer " + signed(t, jwt.SigningMethodHS256, "r", []byte("x"), i.claims(nil)),
		"none":                   "Bearer " + signed(t, jwt.SigningMethodNone, "r", jwt.UnsafeAllowNoneSignatureType, i.claims(nil)),
		"changed":                good[:len(good)-12] + "AAAAAAAAAAAA",
	}
	for name, authorization := range cases {
		f.name = ""
		status, h, body := ask(t, s, authorization)
		if status != 401 || body != `{"message":"Unauthorized"}` || h.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: got %d %s", name, status, body)
		}
		if f.name != "" {
			t.Errorf("%s: it reached the function", name)
		}
	}
}

func TestAuthorize_Scopes(t *testing.T) {
	i := newIssuer(t)
	f := &recorder{}
	raw := "Bearer " + signed(t, jwt.SigningMethodRS256, "r", i.rsa, i.claims(nil))
	if status, _, _ := ask(t, guarded(t, i, f, "audit", "desk"), raw); status != 200 {
		t.Errorf("with one of the scopes: got %d", status)
	}
	if status, _, body := ask(t, guarded(t, i, f, "audit"), raw); status != 403 || body != `{"message":"Forbidden"}` {
		t.Errorf("without the scope: got %d %s", status, body)
	}
}

func TestKeyring_LooksAgainForNewKeysButNotForEveryStranger(t *testing.T) {
	i := newIssuer(t)
	i.hidden = true
	now := wall()
	k := newKeyring(http.DefaultClient, func() time.Time { return now })
	for range 3 {
		if _, err := k.key(t.Context(), i.URL, "r"); err == nil {
			t.Fatal("a key nobody published was found")
		}
	}
	if i.fetched != 1 {
		t.Errorf("fetched %d times for the same unknown key", i.fetched)
	}
	i.hidden = false
	now = now.Add(keysPause)
	if _, err := k.key(t.Context(), i.URL, "r"); err != nil {
		t.Errorf("after rotation: %v", err)
	}
	now = now.Add(keysFresh)
	if _, err := k.key(t.Context(), i.URL, "r"); err != nil || i.fetched != 3 {
		t.Errorf("old keys: %v, fetched %d times", err, i.fetched)
	}
	for _, bad := range []string{"short", "off-curve", "other"} {
		if _, err := k.key(t.Context(), i.URL, bad); err == nil {
			t.Errorf("key %q was taken", bad)
		}
	}
	if _, err := k.key(t.Context(), "http://127.0.0.1:1", "r"); err == nil {
		t.Error("an issuer that does not answer gave a key")
	}
}
