package sim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// tokenOrder is the body of POST /sim/{network}/token: what becomes of all keys the account has now. Missing takes rights
// away, Until and DataUntil set ends.
type tokenOrder struct {
	State     string    `json:"state"`
	Account   string    `json:"account"`
	Missing   []string  `json:"missing"`
	Until     time.Time `json:"until,omitzero"`
	DataUntil time.Time `json:"dataUntil,omitzero"`
}

// tokenStates are what an order may say of a network's keys.
func tokenStates(network string) []string {
	all := []string{tokenOK, tokenRevoked, tokenStale}
	if network == targetLinkedIn {
		all = append(all, tokenDemoted)
	}
	return all
}

// setToken makes an order true. X tells our webhook when an account takes its access away.
func (s *Simulator) setToken(network string, o tokenOrder) error {
	if o.Account == "" {
		o.Account = s.account(network)
	}
	if o.State == "" {
		o.State = tokenOK
	}
	switch {
	case s.networkOfAccount(o.Account) != network:
		return notFound("Esa cuenta no es de SENCE en esa red.")
	case !slices.Contains(tokenStates(network), o.State):
		return invalid("El estado debe ser " + strings.Join(tokenStates(network), ", ") + ".")
	}
	return s.commit(func(t *tx) error {
		t.add(change{Token: &tokenState{
			Account: o.Account, State: o.State, Missing: o.Missing, Until: o.Until.UTC(), DataUntil: o.DataUntil.UTC(), Serial: len(t.w.ring.keys),
		}})
		if network == targetX && o.State == tokenRevoked {
			t.revokedOnX(o.Account)
		}
		return nil
	})
}

func (s *Simulator) postToken(w http.ResponseWriter, r *http.Request) {
	var o tokenOrder
	network := r.PathValue("network")
	err := known(network)
	if err == nil {
		err = readJSON(r, &o)
	}
	if err == nil {
		err = s.setToken(network, o)
	}
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, s.tokensOf(network))
}

// tokenView is what GET /sim/{network}/token says of an account's keys. It never shows a key itself.
type tokenView struct {
	Account  string    `json:"account"`
	State    string    `json:"state"`
	Missing  []string  `json:"missing,omitempty"`
	Renewals int       `json:"renewals"` // keys that were renewed
	Refused  int       `json:"refused"`  // renewals that were refused
	Keys     []keyView `json:"keys"`
}

type keyView struct {
	Kind         string    `json:"kind"`
	Works        bool      `json:"works"`
	Rights       []string  `json:"rights"`
	At           time.Time `json:"at,omitzero"`
	Until        time.Time `json:"until,omitzero"`
	RefreshUntil time.Time `json:"refreshUntil,omitzero"`
	Renewed      bool      `json:"renewed,omitempty"`
}

// tokensOf gives what is known of the keys of a network's accounts, ours first.
func (s *Simulator) tokensOf(network string) []tokenView {
	var list []tokenView
	now := s.cfg.Clock()
	s.read(func(w *world) {
		for _, account := range []string{s.account(network), secondAccount(network)} {
			v := tokenView{Account: account, State: tokenOK, Renewals: w.ring.renewed[account], Refused: w.ring.refused[account], Keys: []keyView{}}
			if st, ok := w.ring.states[account]; ok {
				v.State, v.Missing = st.State, st.Missing
			}
			for _, k := range w.ring.keys {
				if !slices.Contains(k.Accounts, account) {
					continue
				}
				v.Keys = append(v.Keys, keyView{
					Kind: k.Kind, Works: w.alive(k, account, now) == "", Rights: w.rightsOf(k, account), At: k.At, Until: w.endOf(k, account),
					RefreshUntil: k.RefreshUntil, Renewed: k.Renews,
				})
			}
			list = append(list, v)
		}
	})
	return list
}

// getToken answers with the account of ours that people write to; ?account= names another.
func (s *Simulator) getToken(w http.ResponseWriter, r *http.Request) {
	network := r.PathValue("network")
	if err := known(network); err != nil {
		writeProblem(w, err)
		return
	}
	for _, v := range s.tokensOf(network) {
		if asked := r.URL.Query().Get("account"); v.Account == asked || asked == "" {
			writeJSON(w, http.StatusOK, v)
			return
		}
	}
	writeProblem(w, notFound("Esa cuenta no es de SENCE en esa red."))
}
