package issuer

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"slices"
)

//go:embed page.html
var page embed.FS

// maxForm bounds what a request of the protocol may carry.
const maxForm = 16 << 10

// challengeLength is that of a S256 challenge: 32 bytes in base64 without padding (RFC 7636 §4.2).
const challengeLength = 43

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                i.cfg.URL,
		"authorization_endpoint":                i.cfg.URL + "/authorize",
		"token_endpoint":                        i.cfg.URL + "/token",
		"jwks_uri":                              i.cfg.URL + "/jwks.json",
		"end_session_endpoint":                  i.cfg.URL + "/logout",
		"response_types_supported":              []string{"code"},
		"grant_types_supported":                 []string{"authorization_code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"code_challenge_methods_supported":      []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"none"},
		"scopes_supported":                      []string{"openid", "profile"},
	})
}

// wish is what a client asks of /authorize.
type wish struct {
	Client, Redirect, Type, Challenge, Method, State, Nonce string
}

func readWish(form url.Values) wish {
	return wish{
		Client: form.Get("client_id"), Redirect: form.Get("redirect_uri"), Type: form.Get("response_type"),
		Challenge: form.Get("code_challenge"), Method: form.Get("code_challenge_method"),
		State: form.Get("state"), Nonce: form.Get("nonce"),
	}
}

// admit checks a wish. Mistakes in client or address are told to the person, because sending the browser to an unknown
// address is what must not happen; all others travel back to the client (RFC 6749 §4.1.2.1).
func (i *Issuer) admit(w http.ResponseWriter, r *http.Request, q wish) bool {
	switch {
	case q.Client != i.cfg.ClientID:
		refusePage(w, "La aplicación que pide el ingreso no es la consola local.")
	case !i.returnable(q.Redirect):
		refusePage(w, "La dirección de vuelta no es de este sistema local.")
	case q.Type != "code":
		back(w, r, q, url.Values{"error": {"unsupported_response_type"}})
	case q.Method != "S256" || len(q.Challenge) != challengeLength:
		back(w, r, q, url.Values{"error": {"invalid_request"}, "error_description": {"PKCE with S256 is required"}})
	default:
		return true
	}
	return false
}

// back sends the browser to the client with an outcome.
func back(w http.ResponseWriter, r *http.Request, q wish, outcome url.Values) {
	u, err := url.Parse(q.Redirect)
	if err != nil {
		refusePage(w, "La dirección de vuelta no se entiende.")
		return
	}
	values := u.Query()
	for name, v := range outcome {
		values[name] = v
	}
	if q.State != "" {
		values.Set("state", q.State)
	}
	u.RawQuery = values.Encode()
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}

func (i *Issuer) askUser(w http.ResponseWriter, r *http.Request) {
	q := readWish(r.URL.Query())
	if !i.admit(w, r, q) {
		return
	}
	render(w, http.StatusOK, view{Wish: q, Users: Users(), Action: i.path + "/authorize"})
}

func (i *Issuer) takeUser(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if !isForm(r) || r.ParseForm() != nil {
		refusePage(w, "El formulario no se entiende.")
		return
	}
	q := readWish(r.PostForm)
	if !i.admit(w, r, q) {
		return
	}
	users := Users()
	n := slices.IndexFunc(users, func(u User) bool { return u.Name == r.PostForm.Get("user") })
	if n < 0 {
		refusePage(w, "Ese usuario no existe en el sistema local.")
		return
	}
	code, err := i.issueCode(grant{user: users[n], challenge: q.Challenge, redirect: q.Redirect, nonce: q.Nonce})
	if err != nil {
		back(w, r, q, url.Values{"error": {"temporarily_unavailable"}})
		return
	}
	back(w, r, q, url.Values{"code": {code}})
}

// token redeems a code (RFC 6749 §4.1.3 with PKCE, RFC 7636 §4.6).
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if !isForm(r) || r.ParseForm() != nil {
		refuseToken(w, "invalid_request")
		return
	}
	form := r.PostForm
	if form.Get("grant_type") != "authorization_code" {
		refuseToken(w, "unsupported_grant_type")
		return
	}
	if form.Get("client_id") != i.cfg.ClientID {
		refuseToken(w, "invalid_client")
		return
	}
	g, ok := i.redeemCode(form.Get("code"))
	if !ok || g.redirect != form.Get("redirect_uri") || !proves(form.Get("code_verifier"), g.challenge) {
		refuseToken(w, "invalid_grant")
		return
	}
	access, err := i.sign(g.user, "access", "")
	if err != nil {
		refuseToken(w, "server_error")
		return
	}
	id, err := i.sign(g.user, "id", g.nonce)
	if err != nil {
		refuseToken(w, "server_error")
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": access, "id_token": id, "token_type": "Bearer", "expires_in": int(lifetime.Seconds()), "scope": "openid profile",
	})
}

func proves(verifier, challenge string) bool {
	// RFC 7636 §4.1: 43 to 128 characters.
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

// logout has nothing to forget: the page asks for the user each time. It sends the browser back where it may.
func (i *Issuer) logout(w http.ResponseWriter, r *http.Request) {
	target := r.URL.Query().Get("post_logout_redirect_uri")
	if target == "" || !i.returnable(target) {
		target = i.origin + "/"
	}
	back(w, r, wish{Redirect: target, State: r.URL.Query().Get("state")}, nil)
}

func isForm(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/x-www-form-urlencoded"
}

type view struct {
	Wish    wish
	Users   []User
	Action  string
	Problem string
}

func refusePage(w http.ResponseWriter, problem string) {
	render(w, http.StatusBadRequest, view{Problem: problem})
}

func render(w http.ResponseWriter, status int, v view) {
	t, err := template.ParseFS(page, "page.html")
	var out bytes.Buffer
	if err == nil {
		err = t.Execute(&out, v)
	}
	if err != nil {
		http.Error(w, "No se pudo mostrar la página.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	// Not "no-referrer": under it the form of this page would name its origin "null", and the guard refuses that.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}

func refuseToken(w http.ResponseWriter, code string) {
	writeJSON(w, http.StatusBadRequest, map[string]string{"error": code})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
