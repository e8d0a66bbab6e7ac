package sim

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// xTokenLife is how long a key of X is good; the one that renews it, half a year.
const (
	xTokenLife   = 2 * time.Hour
	xRefreshLife = 182 * 24 * time.Hour
)

// oauthRefusal is the error of a token endpoint (RFC 6749, section 5.2).
type oauthRefusal struct {
	status      int
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func (e *oauthRefusal) Error() string { return e.Description }

func invalidGrant(description string) *oauthRefusal {
	return &oauthRefusal{http.StatusBadRequest, "invalid_grant", description}
}

func writeOAuthError(w http.ResponseWriter, err error) {
	no, ok := err.(*oauthRefusal) //nolint:errorlint // made here and wrapped by nobody
	if !ok {
		no = &oauthRefusal{http.StatusInternalServerError, "server_error", "Something is broken."}
	}
	writeJSON(w, no.status, no)
}

// oauthForm reads the form of a token endpoint.
func oauthForm(r *http.Request) (url.Values, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	if err != nil {
		return nil, &oauthRefusal{http.StatusBadRequest, "invalid_request", "The body cannot be read."}
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, &oauthRefusal{http.StatusBadRequest, "invalid_request", "The body is no form."}
	}
	return form, nil
}

// basicOf reads a client's name and secret from the header, where both are written as in a form (RFC 6749, section 2.3.1).
func basicOf(r *http.Request) (id, secret string, there bool) {
	id, secret, there = r.BasicAuth()
	return unformed(id), unformed(secret), there
}

func unformed(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// xToken is POST /2/oauth2/token: keys for a code, or the next keys for the one that renews.
func (s *Simulator) xToken(w http.ResponseWriter, r *http.Request) {
	form, err := oauthForm(r)
	if err == nil {
		id, secret, there := basicOf(r)
		if !there {
			id, secret = form.Get("client_id"), s.cfg.XClientSecret // a public client has none
		}
		if id != s.cfg.XClientID || !hmac.Equal([]byte(secret), []byte(s.cfg.XClientSecret)) {
			err = &oauthRefusal{http.StatusUnauthorized, "unauthorized_client", "Missing valid authorization header"}
		}
	}
	var made key
	if err == nil {
		err = s.commit(func(t *tx) error {
			var err error
			switch form.Get("grant_type") {
			case "authorization_code":
				made, err = t.xFromCode(form)
			case "refresh_token":
				made, err = t.renew(appX, form.Get("refresh_token"))
			default:
				err = &oauthRefusal{http.StatusBadRequest, "unsupported_grant_type", "The grant type is not supported."}
			}
			if err == nil {
				t.add(change{Key: &made})
			}
			return err
		})
	}
	if err != nil {
		writeOAuthError(w, err)
		return
	}
	answer := obj{
		"token_type": "bearer", "access_token": made.Token, "scope": strings.Join(made.Scopes, " "),
		"expires_in": int64(made.Until.Sub(s.cfg.Clock()).Seconds()),
	}
	if made.Refresh != "" {
		answer["refresh_token"] = made.Refresh
	}
	writeJSON(w, http.StatusOK, answer)
}

func (t *tx) xFromCode(form url.Values) (key, error) {
	c, ok := t.redeem(appX, form.Get("code"), form.Get("redirect_uri"))
	if !ok {
		return key{}, &oauthRefusal{http.StatusBadRequest, "invalid_request", "Value passed for the authorization code was invalid."}
	}
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	if base64.RawURLEncoding.EncodeToString(sum[:]) != c.Challenge {
		return key{}, &oauthRefusal{http.StatusBadRequest, "invalid_request", "Value passed for the code verifier did not match the code challenge."}
	}
	now := t.now.UTC()
	made := key{App: appX, Kind: keyUser, Token: t.secret("x"), Accounts: c.Accounts, Scopes: c.Scopes, At: now, First: now, Until: now.Add(xTokenLife)}
	if slices.Contains(c.Scopes, "offline.access") {
		made.Refresh, made.RefreshUntil = t.secret("x-renueva"), now.Add(xRefreshLife)
	}
	return made, nil
}

// renew makes the next keys of a renewing one. X takes each once and gives another; LinkedIn's stays the same and ends a year
// after the first grant, however often it is used.
func (t *tx) renew(app, refresh string) (key, error) {
	i := slices.IndexFunc(t.w.ring.keys, func(k *key) bool { return k.App == app && k.Refresh == refresh && refresh != "" })
	if i < 0 {
		return key{}, invalidGrant("The refresh token is unknown.")
	}
	old := t.w.ring.keys[i]
	account := old.Accounts[0]
	refuse := func(why string) (key, error) {
		t.add(change{Refused: account})
		return key{}, invalidGrant(why)
	}
	// An access key may be over; what renews it is not, unless the account took it away.
	why := t.w.alive(old, account, t.now)
	switch {
	case t.w.ring.spent[refresh]:
		return refuse("The refresh token was used before.")
	case why == shutRevoked:
		return refuse("The refresh token was revoked.")
	case !t.now.Before(old.RefreshUntil):
		return refuse("The refresh token has expired.")
	}
	next := *old
	next.At, next.Spends = t.now.UTC(), ""
	next.Token, next.Renews = t.secret(app), true
	switch app {
	case appX:
		next.Spends, next.Refresh = refresh, t.secret("x-renueva")
		next.Until, next.RefreshUntil = next.At.Add(xTokenLife), next.At.Add(xRefreshLife)
	default:
		next.Until = next.At.Add(linkedinTokenLife)
	}
	return next, nil
}

// xAppToken is POST /oauth2/token: a key of the application, in nobody's name.
func (s *Simulator) xAppToken(w http.ResponseWriter, r *http.Request) {
	form, err := oauthForm(r)
	id, secret, _ := basicOf(r)
	switch {
	case err != nil:
		writeOAuthError(w, err)
		return
	case form.Get("grant_type") != "client_credentials":
		writeJSON(w, http.StatusBadRequest, obj{"errors": []obj{{"code": 170, "message": "Missing required parameter: grant_type", "label": "forbidden_missing_parameter"}}})
		return
	case id != s.cfg.XConsumerKey || !hmac.Equal([]byte(secret), []byte(s.cfg.XConsumerSecret)):
		writeJSON(w, http.StatusForbidden, obj{"errors": []obj{{"code": 99, "message": "Unable to verify your credentials", "label": "authenticity_token_error"}}})
		return
	}
	made := ""
	err = s.commit(func(t *tx) error {
		for _, k := range t.w.ring.keys {
			if k.App == appX && k.Kind == keyApp {
				made = k.Token // X gives the same one as long as it is not taken back
				return nil
			}
		}
		k := key{App: appX, Kind: keyApp, Token: t.secret("x-app"), At: t.now.UTC()}
		t.add(change{Key: &k})
		made = k.Token
		return nil
	})
	if err != nil {
		writeOAuthError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, obj{"token_type": "bearer", "access_token": made})
}

// xKeyName is under which a request carries its key.
type xKeyName struct{}

func withKey(r *http.Request, k *key) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), xKeyName{}, k))
}

// keyIn gives the key a request came with.
func keyIn(r *http.Request) *key {
	k, _ := r.Context().Value(xKeyName{}).(*key)
	return k
}

// Whose key a call of X wants.
const (
	xUserKey = "user"
	xAnyKey  = "any"
	xAppKey  = "app"
)

// xOpen gives the key of a request if it opens the call, which wants rights of a person's key, or an application's.
func (s *Simulator) xOpen(r *http.Request, whose string, needs []string) (*key, error) {
	authorization := r.Header.Get("Authorization")
	var k *key
	if strings.HasPrefix(authorization, "OAuth ") {
		var err error
		if k, err = s.signedKey(r); err != nil {
			return nil, err
		}
	} else {
		bearer, _ := strings.CutPrefix(authorization, "Bearer ")
		s.read(func(w *world) { k = w.keyOf(appX, bearer, s.cfg.XToken, true) })
	}
	unauthorized := &xProblem{"Unauthorized", "Unauthorized", xBlank, http.StatusUnauthorized}
	unsupported := &xProblem{
		"Unsupported Authentication", "Authenticating with this type of token is forbidden for this endpoint.",
		"https://api.twitter.com/2/problems/unsupported-authentication", http.StatusForbidden,
	}
	switch {
	case k == nil:
		return nil, unauthorized
	case k.Kind == keyApp && whose == xUserKey, k.Kind != keyApp && whose == xAppKey:
		return nil, unsupported
	case k.Kind == keyApp:
		return k, nil
	}
	var why, lacks string
	s.read(func(w *world) { why, lacks = w.shut(k, k.Accounts[0], needs, s.cfg.Clock()) })
	switch {
	case why == shutLacking:
		return nil, xForbidden(xBlank, "Forbidden: the token lacks the scope "+lacks+".")
	case why != "":
		return nil, unauthorized
	}
	return k, nil
}

// xBodyCopy reads a body and puts it back.
func xBodyCopy(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	return body, nil
}
