package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/local"
)

// asking is what an application asks a person for when it sends them to the network.
type asking struct {
	App       string
	Client    string
	Redirect  string
	State     string
	Scopes    []string
	Challenge string // PKCE
	Request   string // OAuth 1.0a: the request token
}

// grantCode is the word a person comes back with, or the request token of OAuth 1.0a, which Verifier completes.
type grantCode struct {
	Code      string    `json:"code"`
	App       string    `json:"app"`
	Redirect  string    `json:"redirect"`
	Challenge string    `json:"challenge,omitempty"`
	Secret    string    `json:"secret,omitempty"`
	Verifier  string    `json:"verifier,omitempty"`
	Accounts  []string  `json:"accounts,omitempty"`
	Scopes    []string  `json:"scopes,omitempty"`
	At        time.Time `json:"at"`
	Used      bool      `json:"used,omitempty"`
}

// How long a code is good (platforms.md §3 and §4).
func codeLife(app string) time.Duration {
	switch app {
	case appX:
		return 30 * time.Second
	case appLinkedIn:
		return 30 * time.Minute
	}
	return 10 * time.Minute
}

// requestLife is how long a person has to answer a request token of OAuth 1.0a.
const requestLife = 15 * time.Minute

// owned is an account the person who is asked may give.
type owned struct{ ID, Name, Network string }

// ownedBy are the accounts of the fictitious person who says yes: ours, and for each a second one that nobody writes to.
func (s *Simulator) ownedBy(app string) []owned {
	switch app {
	case appX:
		return []owned{{networkAccount(targetX), "SENCE (simulado), @SENCE_simulado", targetX}, {secondAccount(targetX), "SENCE Ñuble (simulado), @SENCE_nuble_sim", targetX}}
	case appLinkedIn:
		return []owned{{networkAccount(targetLinkedIn), pageName, targetLinkedIn}, {secondAccount(targetLinkedIn), secondName, targetLinkedIn}}
	}
	return []owned{
		{s.cfg.PageID, pageName, targetFacebook},
		{networkAccount(targetInstagram), "@sence_simulado", targetInstagram},
		{networkAccount(targetWhatsApp), "+56 9 0000 0041", targetWhatsApp},
		{secondAccount(targetFacebook), secondName, targetFacebook},
		{secondAccount(targetInstagram), "@sence_nuble_sim", targetInstagram},
		{secondAccount(targetWhatsApp), "+56 9 0000 0042", targetWhatsApp},
	}
}

// secondName is what the second account of each network calls itself.
const secondName = "SENCE Ñuble (simulado)"

// secondAccount is another account of ours, which can be connected and to which nobody writes.
func secondAccount(network string) string {
	switch network {
	case targetInstagram:
		return "100000000000012"
	case targetX:
		return "1000000000000000022"
	case targetLinkedIn:
		return "urn:li:organization:1000032"
	case targetWhatsApp:
		return "100000000000042"
	}
	return "100000000000002"
}

// isSecond reports one of the second accounts.
func isSecond(account string) bool {
	for _, network := range []string{targetFacebook, targetInstagram, targetWhatsApp, targetX, targetLinkedIn} {
		if account == secondAccount(network) {
			return true
		}
	}
	return false
}

// ask reads what an application asks for from the address it sent the person to, and says what is wrong with it.
func (s *Simulator) ask(app string, q url.Values) (asking, error) {
	if app == appX && q.Get("oauth_token") != "" {
		return s.ask1(q.Get("oauth_token"))
	}
	a := asking{
		App: app, Client: q.Get("client_id"), Redirect: q.Get("redirect_uri"), State: q.Get("state"), Challenge: q.Get("code_challenge"),
		Scopes: strings.FieldsFunc(q.Get("scope"), func(r rune) bool { return r == ',' || r == ' ' }),
	}
	if len(a.Scopes) == 0 && app == appMeta { // with config_id the application's own configuration says
		for _, r := range rightsKnown(app) {
			a.Scopes = append(a.Scopes, r.Name)
		}
	}
	switch {
	case q.Get("response_type") != "code":
		return a, invalid("La dirección no pide un código: falta response_type=code.")
	case a.Client != s.clientID(app):
		return a, invalid("Esa red no conoce a la aplicación que pregunta: client_id es otro.")
	case !s.mayReturn(a.Redirect):
		return a, invalid("La aplicación no registró esa dirección de vuelta: redirect_uri.")
	case a.State == "":
		return a, invalid("A la dirección le falta state.")
	case app == appX && (a.Challenge == "" || q.Get("code_challenge_method") != "S256"):
		return a, invalid("X pide PKCE con S256: code_challenge y code_challenge_method.")
	case len(a.Scopes) == 0:
		return a, invalid("A la dirección le faltan los permisos: scope.")
	}
	return a, nil
}

// mayReturn reports an address of the local system, or of this machine: no other gets a person back with a word that opens
// accounts.
func (s *Simulator) mayReturn(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return s.cfg.WebhookBase == u.Scheme+"://"+u.Host || (u.Scheme == "http" || u.Scheme == "https") && local.IsLoopback(u.Host)
}

// reply is what the person says: no, or yes to some accounts and rights.
type reply struct {
	No       bool     `json:"no"`
	Accounts []string `json:"accounts"`
	Without  []string `json:"without"`
}

// answered keeps the person's word and gives the address they go back to, or the PIN they are shown.
func (s *Simulator) answered(a asking, say reply) (to, pin string, err error) {
	back, err := url.Parse(a.Redirect)
	if err != nil {
		return "", "", invalid("La dirección de vuelta está mal escrita.")
	}
	q := back.Query()
	if say.No {
		for name, value := range a.refusing() {
			q.Set(name, value)
		}
		back.RawQuery = q.Encode()
		return back.String(), "", nil
	}
	accounts, err := s.chosen(a.App, say.Accounts)
	if err != nil {
		return "", "", err
	}
	scopes := slices.DeleteFunc(slices.Clone(a.Scopes), func(name string) bool { return slices.Contains(say.Without, name) })
	var code grantCode
	err = s.commit(func(t *tx) error {
		code = grantCode{Code: t.secret("codigo"), App: a.App, Redirect: a.Redirect, Challenge: a.Challenge, Accounts: accounts, Scopes: scopes, At: t.now.UTC()}
		if a.Request != "" {
			asked := t.w.ring.codes[a.Request]
			if asked == nil || asked.Verifier != "" {
				return invalid("Esa pregunta ya se contestó.")
			}
			code.Code, code.Secret, code.Verifier = asked.Code, asked.Secret, pinOf(t.secret("pin"))
			code.Scopes = nil
		}
		t.add(change{Code: &code})
		return nil
	})
	if err != nil {
		return "", "", err
	}
	if a.Request != "" && a.Redirect == outOfBand {
		return "", code.Verifier, nil
	}
	if a.Request != "" {
		q.Set("oauth_token", code.Code)
		q.Set("oauth_verifier", code.Verifier)
	} else {
		q.Set("code", code.Code)
		q.Set("state", a.State)
	}
	back.RawQuery = q.Encode()
	return back.String(), "", nil
}

// outOfBand is the callback of an application that has none: the person is shown a PIN.
const outOfBand = "oob"

// refusing is what the address says when the person said no.
func (a asking) refusing() map[string]string {
	switch {
	case a.Request != "":
		return map[string]string{"denied": a.Request}
	case a.App == appLinkedIn:
		return map[string]string{"error": "user_cancelled_authorize", "error_description": "The user cancelled the authorization", "state": a.State}
	case a.App == appX:
		return map[string]string{"error": "access_denied", "state": a.State}
	}
	return map[string]string{"error": "access_denied", "error_code": "200", "error_description": "Permissions error", "error_reason": "user_denied", "state": a.State}
}

// chosen checks the accounts a person gives; without any they are ours.
func (s *Simulator) chosen(app string, accounts []string) ([]string, error) {
	all := s.ownedBy(app)
	if len(accounts) == 0 {
		for _, o := range all {
			if !isSecond(o.ID) {
				accounts = append(accounts, o.ID)
			}
		}
	}
	for _, id := range accounts {
		if !slices.ContainsFunc(all, func(o owned) bool { return o.ID == id }) {
			return nil, invalid("Esa cuenta no es de la persona que contesta.")
		}
	}
	if app == appX && len(accounts) != 1 {
		return nil, invalid("En X se conecta una cuenta a la vez.")
	}
	return accounts, nil
}

// secret makes a word that opens something, different each time.
func (t *tx) secret(kind string) string {
	seed := kind + strconv.Itoa(t.w.serial) + strconv.Itoa(len(t.w.ring.keys)) + strconv.Itoa(len(t.w.ring.codes)) + t.now.Format(time.RFC3339Nano) + strconv.Itoa(len(t.changes))
	return "sim-" + kind + "-" + token(seed, 32)
}

// pinOf makes the seven digits a person can type.
func pinOf(secret string) string { return mediumID("", secret)[:7] }

// clientID is the name of our application at a network.
func (s *Simulator) clientID(app string) string {
	switch app {
	case appX:
		return s.cfg.XClientID
	case appLinkedIn:
		return s.cfg.LinkedInClientID
	}
	return s.cfg.MetaAppID
}

// postConsent is POST /sim/{network}/consent {"url","accounts","without","no"}: a person's answer without a browser. Url is
// where our system sends the person; the answer is where the network sends them then.
func (s *Simulator) postConsent(w http.ResponseWriter, r *http.Request) {
	var in struct {
		URL string `json:"url"`
		reply
	}
	network := r.PathValue("network")
	err := known(network)
	if err == nil {
		err = readJSON(r, &in)
	}
	var to, pin string
	if err == nil {
		var asked *url.URL
		if asked, err = url.Parse(in.URL); err != nil {
			err = invalid("Falta la dirección a la que el sistema manda a la persona: url.")
		} else {
			to, pin, err = s.consent(appOf(network), asked.Query(), in.reply)
		}
	}
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"redirect": to, "pin": pin})
}

func (s *Simulator) consent(app string, q url.Values, say reply) (to, pin string, err error) {
	a, err := s.ask(app, q)
	if err != nil {
		return "", "", err
	}
	return s.answered(a, say)
}

// appOf is the application our system has at a network.
func appOf(network string) string {
	switch network {
	case targetX:
		return appX
	case targetLinkedIn:
		return appLinkedIn
	}
	return appMeta
}
