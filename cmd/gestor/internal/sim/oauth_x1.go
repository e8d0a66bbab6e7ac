package sim

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // OAuth 1.0a knows no other
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// signature are the parameters of a request signed by OAuth 1.0a (RFC 5849).
type signature map[string]string

// signatureOf reads the header of a signed request.
func signatureOf(r *http.Request) signature {
	list, found := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth ")
	if !found {
		return nil
	}
	sig := signature{}
	for part := range strings.SplitSeq(list, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			continue
		}
		plainName, err := url.PathUnescape(name)
		plainValue, bad := url.PathUnescape(strings.Trim(value, `"`))
		if err == nil && bad == nil {
			sig[plainName] = plainValue
		}
	}
	return sig
}

// valid reports that the request was signed with the application's secret and this token's.
func (s *Simulator) valid(r *http.Request, sig signature, tokenSecret string) bool {
	if sig["oauth_consumer_key"] != s.cfg.XConsumerKey || sig["oauth_signature_method"] != "HMAC-SHA1" || sig["oauth_nonce"] == "" || sig["oauth_timestamp"] == "" {
		return false
	}
	var pairs []string
	add := func(name, value string) { pairs = append(pairs, percent(name)+"="+percent(value)) }
	for name, value := range sig {
		if name != "oauth_signature" && name != "realm" {
			add(name, value)
		}
	}
	values := r.URL.Query()
	if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		body, err := xBodyCopy(r)
		form, bad := url.ParseQuery(string(body))
		if err != nil || bad != nil {
			return false
		}
		for name, all := range form {
			values[name] = append(values[name], all...)
		}
	}
	for name, all := range values {
		for _, value := range all {
			add(name, value)
		}
	}
	slices.Sort(pairs)
	base := r.Method + "&" + percent("http://"+strings.ToLower(r.Host)+r.URL.EscapedPath()) + "&" + percent(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(percent(s.cfg.XConsumerSecret)+"&"+percent(tokenSecret)))
	_, _ = mac.Write([]byte(base)) // a hash never fails to write
	return hmac.Equal([]byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))), []byte(sig["oauth_signature"]))
}

// percent encodes as RFC 5849 section 3.6 asks: all but letters, digits and -._~.
func percent(text string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(text))
}

// signedKey gives the key that signed a request.
func (s *Simulator) signedKey(r *http.Request) (*key, error) {
	sig := signatureOf(r)
	var k *key
	s.read(func(w *world) {
		for _, one := range w.ring.keys {
			if one.App == appX && one.Kind == keyOAuth1 && one.Token == sig["oauth_token"] {
				k = one
			}
		}
	})
	if k == nil || !s.valid(r, sig, k.Secret) {
		return nil, &xProblem{"Unauthorized", "Unauthorized", xBlank, http.StatusUnauthorized}
	}
	return k, nil
}

// writePair answers the two halves of a key as X does, as a form.
func writePair(w http.ResponseWriter, pair url.Values) {
	w.Header().Set("Content-Type", "text/html;charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(pair.Encode()))
}

func refusePair(w http.ResponseWriter, message string) {
	writeJSON(w, http.StatusUnauthorized, obj{"errors": []obj{{"code": 32, "message": message}}})
}

// xRequestToken is POST /oauth/request_token.
func (s *Simulator) xRequestToken(w http.ResponseWriter, r *http.Request) {
	sig := signatureOf(r)
	back := sig["oauth_callback"]
	switch {
	case !s.valid(r, sig, ""):
		refusePair(w, "Could not authenticate you.")
		return
	case back != outOfBand && !s.mayReturn(back):
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		writeJSON(w, http.StatusForbidden, obj{"errors": []obj{{"code": 415, "message": "Callback URL not approved for this client application."}}})
		return
	}
	var c grantCode
	err := s.commit(func(t *tx) error {
		c = grantCode{Code: t.secret("pregunta"), App: appX, Redirect: back, Secret: t.secret("mitad"), At: t.now.UTC()}
		t.add(change{Code: &c})
		return nil
	})
	if err != nil {
		s.writeXError(w, err)
		return
	}
	writePair(w, url.Values{"oauth_token": {c.Code}, "oauth_token_secret": {c.Secret}, "oauth_callback_confirmed": {"true"}})
}

// ask1 reads what a request token asks for.
func (s *Simulator) ask1(request string) (asking, error) {
	var c *grantCode
	s.read(func(w *world) { c = w.ring.codes[request] })
	switch {
	case c == nil || c.Secret == "":
		return asking{}, invalid("X no conoce esa pregunta.")
	case c.Verifier != "":
		return asking{}, invalid("Esa pregunta ya se contestó.")
	case s.cfg.Clock().Sub(c.At) > requestLife:
		return asking{}, invalid("Esa pregunta venció. Empieza de nuevo en el gestor.")
	}
	a := asking{App: appX, Redirect: c.Redirect, Request: request}
	for _, r := range rightsKnown(appX) {
		if r.Name != "offline.access" {
			a.Scopes = append(a.Scopes, r.Name)
		}
	}
	return a, nil
}

// xAccessToken is POST /oauth/access_token: a key that does not end, for a request token a person said yes to.
func (s *Simulator) xAccessToken(w http.ResponseWriter, r *http.Request) {
	sig := signatureOf(r)
	var c *grantCode
	s.read(func(w *world) { c = w.ring.codes[sig["oauth_token"]] })
	if c == nil || c.Secret == "" || !s.valid(r, sig, c.Secret) {
		refusePair(w, "Could not authenticate you.")
		return
	}
	var made key
	err := s.commit(func(t *tx) error {
		now := t.w.ring.codes[c.Code]
		if now.Used || now.Verifier == "" || now.Verifier != sig["oauth_verifier"] || t.now.Sub(now.At) > requestLife {
			return &oauthRefusal{http.StatusUnauthorized, "", ""}
		}
		used := *now
		used.Used = true
		t.add(change{Code: &used})
		account := used.Accounts[0]
		made = key{App: appX, Kind: keyOAuth1, Token: account + "-" + t.secret("x1"), Secret: t.secret("x1-mitad"), Accounts: used.Accounts, At: t.now.UTC(), First: t.now.UTC()}
		t.add(change{Key: &made})
		return nil
	})
	if err != nil {
		refusePair(w, "Could not authenticate you.")
		return
	}
	writePair(w, url.Values{
		"oauth_token": {made.Token}, "oauth_token_secret": {made.Secret}, "user_id": {made.Accounts[0]}, "screen_name": {xHandle(made.Accounts[0])},
	})
}

// xHandle is what an account of ours calls itself on X.
func xHandle(account string) string {
	if isSecond(account) {
		return "SENCE_nuble_sim"
	}
	n, _ := networkOf(targetX)
	return n.handle
}
