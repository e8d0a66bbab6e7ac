package issuer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

const verifier = "una-prueba-suficientemente-larga-0123456789-abc"

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

type world struct {
	*Issuer
	server *httptest.Server
	now    time.Time
	file   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), file: filepath.Join(t.TempDir(), "key.pem")}
	var inner http.Handler
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { inner.ServeHTTP(rw, r) }))
	t.Cleanup(w.server.Close)
	i, err := New(Config{
		URL: w.server.URL + "/local/oidc", Audience: "gestor", ClientID: "consola", KeyFile: w.file,
		Wall: func() time.Time { return w.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Issuer, inner = i, i.Handler()
	return w
}

func (w *world) wish(change ...string) url.Values {
	v := url.Values{
		"client_id": {"consola"}, "redirect_uri": {w.server.URL + "/ingreso?x=1"}, "response_type": {"code"},
		"code_challenge": {challenge()}, "code_challenge_method": {"S256"}, "state": {"st"}, "nonce": {"no"}, "user": {"siac"},
	}
	for i := 0; i+1 < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v
}

// reply is what of an answer the tests look at.
type reply struct {
	StatusCode int
	Header     http.Header
}

func (w *world) do(t *testing.T, method, path, contentType, body string) (reply, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+"/local/oidc"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header}, string(text)
}

const form = "application/x-www-form-urlencoded"

// code signs in and gives the code the browser would carry back.
func (w *world) code(t *testing.T) string {
	t.Helper()
	res, body := w.do(t, "POST", "/authorize", form, w.wish().Encode())
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil || res.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in: got %d %s", res.StatusCode, body)
	}
	if to.Path != "/ingreso" || to.Query().Get("state") != "st" || to.Query().Get("x") != "1" {
		t.Errorf("sent back to %s", to)
	}
	return to.Query().Get("code")
}

func (w *world) redeem(code string, change ...string) url.Values {
	v := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"consola"}, "code": {code}, "code_verifier": {verifier},
		"redirect_uri": {w.server.URL + "/ingreso?x=1"},
	}
	for i := 0; i+1 < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v
}

func (w *world) claims(t *testing.T, raw string) jwt.MapClaims {
	t.Helper()
	c := jwt.MapClaims{}
	p := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(func() time.Time { return w.now }))
	token, err := p.ParseWithClaims(raw, c, func(*jwt.Token) (any, error) { return &w.key.PublicKey, nil })
	if err != nil {
		t.Fatal(err)
	}
	if token.Header["kid"] != w.keyID {
		t.Errorf("kid: got %v", token.Header["kid"])
	}
	return c
}

func TestSignIn_WholeWay(t *testing.T) {
	w := newWorld(t)
	res, page := w.do(t, "GET", "/authorize?"+w.wish().Encode(), "", "")
	if res.StatusCode != 200 {
		t.Fatalf("page: got %d", res.StatusCode)
	}
	for _, u := range Users() {
		if !strings.Contains(page, `value="`+u.Name+`"`) || !strings.Contains(page, u.Display) {
			t.Errorf("the page does not offer %s", u.Name)
		}
	}
	if !strings.Contains(page, "Solo en el sistema local") || !strings.Contains(page, `lang="es-CL"`) {
		t.Error("the page does not say what it is")
	}
	if !strings.Contains(res.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("the page has no content security policy")
	}
	res, body := w.do(t, "POST", "/token", form, w.redeem(w.code(t)).Encode())
	if res.StatusCode != 200 {
		t.Fatalf("token: got %d %s", res.StatusCode, body)
	}
	var tokens struct {
		AccessToken string `json:"access_token"`
		IDToken     string `json:"id_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int64  `json:"expires_in"`
	}
	if err := json.Unmarshal([]byte(body), &tokens); err != nil {
		t.Fatal(err)
	}
	want := jwt.MapClaims{
		"iss": w.server.URL + "/local/oidc", "aud": "gestor", "client_id": "consola", "sub": "siac", "cognito:username": "siac",
		"cognito:groups": []any{"analista_siac"}, "name": "Silvia Simulada", "token_use": "access", "scope": "openid profile",
		"iat": float64(w.now.Unix()), "exp": float64(w.now.AddDate(0, 0, 400).Unix()),
	}
	if diff := cmp.Diff(want, w.claims(t, tokens.AccessToken)); diff != "" {
		t.Errorf("access token (-want +got):\n%s", diff)
	}
	if id := w.claims(t, tokens.IDToken); id["nonce"] != "no" || id["token_use"] != "id" {
		t.Errorf("id token: got %v", id)
	}
	if tokens.TokenType != "Bearer" || tokens.ExpiresIn != 400*24*3600 {
		t.Errorf("got %s for %d s", tokens.TokenType, tokens.ExpiresIn)
	}
}

func TestToken_Refuses(t *testing.T) {
	w := newWorld(t)
	cases := []struct {
		name   string
		change []string
		later  time.Duration
		want   string
	}{
		{"wrong verifier", []string{"code_verifier", strings.Repeat("x", 43)}, 0, "invalid_grant"},
		{"no verifier", []string{"code_verifier", ""}, 0, "invalid_grant"},
		{"the challenge instead of the verifier", []string{"code_verifier", challenge()}, 0, "invalid_grant"},
		{"other address", []string{"redirect_uri", w.server.URL + "/otra"}, 0, "invalid_grant"},
		{"too late", nil, time.Minute, "invalid_grant"},
		{"made-up code", []string{"code", "x"}, 0, "invalid_grant"},
		{"other client", []string{"client_id", "otra"}, 0, "invalid_client"},
		{"other grant", []string{"grant_type", "password"}, 0, "unsupported_grant_type"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code := w.code(t)
			w.now = w.now.Add(c.later)
			res, body := w.do(t, "POST", "/token", form, w.redeem(code, c.change...).Encode())
			if res.StatusCode != 400 || !strings.Contains(body, `"`+c.want+`"`) {
				t.Errorf("got %d %s, want %s", res.StatusCode, body, c.want)
			}
		})
	}
	t.Run("second use", func(t *testing.T) {
		code := w.code(t)
		if res, body := w.do(t, "POST", "/token", form, w.redeem(code).Encode()); res.StatusCode != 200 {
			t.Fatalf("first use: got %d %s", res.StatusCode, body)
		}
		if res, _ := w.do(t, "POST", "/token", form, w.redeem(code).Encode()); res.StatusCode != 400 {
			t.Errorf("second use: got %d", res.StatusCode)
		}
	})
	t.Run("a failed try burns the code", func(t *testing.T) {
		code := w.code(t)
		w.do(t, "POST", "/token", form, w.redeem(code, "code_verifier", "").Encode())
		if res, _ := w.do(t, "POST", "/token", form, w.redeem(code).Encode()); res.StatusCode != 400 {
			t.Errorf("got %d", res.StatusCode)
		}
	})
	t.Run("not a form", func(t *testing.T) {
		if res, body := w.do(t, "POST", "/token", "application/json", "{}"); res.StatusCode != 400 || !strings.Contains(body, "invalid_request") {
			t.Errorf("got %d %s", res.StatusCode, body)
		}
	})
}

func TestAuthorize_Refuses(t *testing.T) {
	w := newWorld(t)
	here := w.server.URL
	// These must not send the browser anywhere.
	for name, change := range map[string][]string{
		"other client":          {"client_id", "otra"},
		"other host":            {"redirect_uri", "http://ejemplo.invalid/"},
		"other port":            {"redirect_uri", "http://127.0.0.1:1/"},
		"other scheme":          {"redirect_uri", "javascript:alert(1)"},
		"host as user":          {"redirect_uri", strings.Replace(here, "http://", "http://"+strings.TrimPrefix(here, "http://")+"@", 1)},
		"no address":            {"redirect_uri", ""},
		"relative":              {"redirect_uri", "/ingreso"},
		"into the issuer":       {"redirect_uri", here + "/local/oidc/authorize"},
		"address with fragment": {"redirect_uri", here + "/#x"},
	} {
		for _, method := range []string{"GET", "POST"} {
			v := w.wish(change...).Encode()
			path, body := "/authorize?"+v, ""
			if method == "POST" {
				path, body = "/authorize", v
			}
			if res, text := w.do(t, method, path, form, body); res.StatusCode != 400 || res.Header.Get("Location") != "" || !strings.Contains(text, "No se puede ingresar") {
				t.Errorf("%s by %s: got %d to %q", name, method, res.StatusCode, res.Header.Get("Location"))
			}
		}
	}
	for name, change := range map[string][]string{
		"implicit":      {"response_type", "token"},
		"no PKCE":       {"code_challenge", ""},
		"plain PKCE":    {"code_challenge_method", "plain"},
		"not a S256":    {"code_challenge", "abc"},
		"unknown state": {"response_type", ""},
	} {
		res, _ := w.do(t, "POST", "/authorize", form, w.wish(change...).Encode())
		to := res.Header.Get("Location")
		if res.StatusCode != 303 || !strings.Contains(to, "error=") || strings.Contains(to, "code=") || !strings.Contains(to, "state=st") {
			t.Errorf("%s: got %d to %q", name, res.StatusCode, to)
		}
	}
	if res, _ := w.do(t, "POST", "/authorize", form, w.wish("user", "nadie").Encode()); res.StatusCode != 400 {
		t.Errorf("unknown user: got %d", res.StatusCode)
	}
}

func TestLogout(t *testing.T) {
	w := newWorld(t)
	for target, want := range map[string]string{
		"":                            w.server.URL + "/",
		w.server.URL + "/adios":       w.server.URL + "/adios?state=s",
		"http://ejemplo.invalid/robo": w.server.URL + "/?state=s",
	} {
		q := url.Values{"post_logout_redirect_uri": {target}, "state": {"s"}}
		if target == "" {
			q = url.Values{}
		}
		res, _ := w.do(t, "GET", "/logout?"+q.Encode(), "", "")
		if got := res.Header.Get("Location"); got != want {
			t.Errorf("logout to %q: sent to %q, want %q", target, got, want)
		}
	}
}

func TestToken_ForLogin(t *testing.T) {
	w := newWorld(t)
	for _, u := range Users() {
		raw, err := w.Token(u.Name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]any{u.Role}, w.claims(t, raw)["cognito:groups"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", u.Name, diff)
		}
	}
	if _, err := w.Token("nadie"); err == nil {
		t.Error("a user that does not exist got a token")
	}
}

func TestKey_SurvivesARestart(t *testing.T) {
	w := newWorld(t)
	raw, err := w.Token("ti")
	if err != nil {
		t.Fatal(err)
	}
	again, err := New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	if again.keyID != w.keyID {
		t.Error("the key changed")
	}
	w.Issuer = again
	w.claims(t, raw)
	info, err := os.Stat(w.file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: mode %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(w.file, []byte("roto"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(w.cfg); err == nil || !strings.Contains(err.Error(), "key.pem") {
		t.Errorf("a broken key: got %v", err)
	}
}

func TestDiscovery_NamesItself(t *testing.T) {
	w := newWorld(t)
	_, body := w.do(t, "GET", "/.well-known/openid-configuration", "", "")
	var d map[string]any
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		t.Fatal(err)
	}
	if d["issuer"] != w.server.URL+"/local/oidc" || d["jwks_uri"] != w.server.URL+"/local/oidc/jwks.json" {
		t.Errorf("got %v", d)
	}
	_, body = w.do(t, "GET", "/jwks.json", "", "")
	if !strings.Contains(body, w.keyID) || strings.Contains(body, `"d"`) {
		t.Errorf("keys: got %s", body)
	}
}
