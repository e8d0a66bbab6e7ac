package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// consentView is the page on which a person is asked.
type consentView struct {
	App      string
	Network  string
	Query    string
	Accounts []accountChoice
	One      bool // only one account may be given
	Rights   []rightChoice
	Returns  string
}

type accountChoice struct {
	ID, Name, Network string
	Given             bool
}

type rightChoice struct{ Name, For string }

// pageConsent is where our system sends a person to say yes. With auto=1 in the address the person says yes at once, to
// everything that is asked and to our own accounts.
func (s *Simulator) pageConsent(app string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, err := s.ask(app, r.URL.Query())
		if err != nil {
			s.back(w, r, err, "/conexiones", "", nil)
			return
		}
		if r.URL.Query().Get("auto") != "" {
			say := reply{No: r.URL.Query().Get("auto") == "no", Accounts: fields(r.URL.Query().Get("accounts"))}
			to, pin, err := s.answered(a, say)
			s.leave(w, r, to, pin, err)
			return
		}
		view := consentView{App: app, Network: appTitle(app), Query: r.URL.RawQuery, One: app == appX, Returns: returnsTo(a.Redirect)}
		for _, o := range s.ownedBy(app) {
			view.Accounts = append(view.Accounts, accountChoice{o.ID, o.Name, targetName(o.Network), !isSecond(o.ID)})
		}
		for _, name := range a.Scopes {
			view.Rights = append(view.Rights, rightChoice{name, rightFor(app, name)})
		}
		// The form's answer leads back to the application, which the policy must let it.
		s.showWith(w, r, http.StatusOK, "permiso", "Permiso en "+view.Network, view, origin(a.Redirect))
	}
}

// fields cuts a list at its commas; an empty text has none.
func fields(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// appTitle is an application's network as a person reads it.
func appTitle(app string) string {
	if app == appMeta {
		return "Facebook"
	}
	return targetName(app)
}

func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func returnsTo(address string) string {
	if o := origin(address); o != "" {
		return o
	}
	return "la aplicación"
}

// formConsent is the person's answer.
func (s *Simulator) formConsent(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	var q url.Values
	if err == nil {
		q, err = url.ParseQuery(v.Get("q"))
	}
	var a asking
	if err == nil {
		a, err = s.ask(v.Get("app"), q)
	}
	if err != nil {
		s.leave(w, r, "", "", err)
		return
	}
	say := reply{No: v.Get("answer") != "si", Accounts: v["account"]}
	if !say.No && len(say.Accounts) == 0 {
		s.leave(w, r, "", "", invalid("Elige al menos una cuenta."))
		return
	}
	for _, name := range a.Scopes {
		if !slices.Contains(v["right"], name) {
			say.Without = append(say.Without, name)
		}
	}
	to, pin, err := s.answered(a, say)
	s.leave(w, r, to, pin, err)
}

// leave sends the person back to the application, shows the PIN, or says what went wrong.
func (s *Simulator) leave(w http.ResponseWriter, r *http.Request, to, pin string, err error) {
	switch {
	case err != nil:
		s.back(w, r, err, "/conexiones", "", nil)
	case pin != "":
		s.show(w, r, http.StatusOK, "pin", "Tu PIN", pin)
	default:
		http.Redirect(w, r, to, http.StatusSeeOther) // ask lets no foreign address through
	}
}
