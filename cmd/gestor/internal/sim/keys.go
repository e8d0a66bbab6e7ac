package sim

import (
	"crypto/hmac"
	"slices"
	"time"
)

// Applications of ours: one for all of Meta's networks.
const (
	appMeta     = "meta"
	appX        = "x"
	appLinkedIn = "linkedin"
)

// Sorts of key.
const (
	keyFirst  = "primera" // the installation's own, from before anybody connected anything
	keyUser   = "usuario"
	keyPage   = "página"
	keyApp    = "aplicación" // of X, in the name of nobody
	keyOAuth1 = "oauth1"
)

// key opens calls in the name of accounts until Until (zero: it does not end). The first ones have no Token here: Config holds
// it. Spends is the renewing key that was used up to make this one.
type key struct {
	Serial       int       `json:"serial"`
	App          string    `json:"app"`
	Kind         string    `json:"kind"`
	Parent       int       `json:"parent,omitempty"` // the key it was made of
	Token        string    `json:"token,omitempty"`
	Secret       string    `json:"secret,omitempty"` // OAuth 1.0a
	Refresh      string    `json:"refresh,omitempty"`
	Spends       string    `json:"spends,omitempty"`
	Renews       bool      `json:"renews,omitempty"` // made by renewing another
	Accounts     []string  `json:"accounts,omitempty"`
	Scopes       []string  `json:"scopes,omitempty"` // nil: all there are
	At           time.Time `json:"at,omitzero"`
	First        time.Time `json:"first,omitzero"` // of the grant it comes from
	Until        time.Time `json:"until,omitzero"`
	RefreshUntil time.Time `json:"refreshUntil,omitzero"`
	DataUntil    time.Time `json:"dataUntil,omitzero"`
}

// States of an account's keys.
const (
	tokenOK      = "ok"
	tokenRevoked = "revoked"
	tokenStale   = "expired"
	tokenDemoted = "demoted" // on LinkedIn: the person no longer administers the page
)

// tokenState is what became of all keys of an account made up to Serial. Missing are rights that were taken away from them,
// Until and DataUntil ends that were set for them.
type tokenState struct {
	Account   string    `json:"account"`
	State     string    `json:"state"`
	Missing   []string  `json:"missing,omitempty"`
	Until     time.Time `json:"until,omitzero"`
	DataUntil time.Time `json:"dataUntil,omitzero"`
	Serial    int       `json:"serial"`
}

// keyring is all that is known of keys.
type keyring struct {
	keys    []*key
	states  map[string]tokenState
	ended   map[int]bool    // serials of keys that were replaced by a grant of other rights
	spent   map[string]bool // renewing keys that were used
	renewed map[string]int  // by account
	refused map[string]int  // renewals that were refused, by account
	codes   map[string]*grantCode
}

func newKeyring(firsts ...key) keyring {
	ring := keyring{
		states: map[string]tokenState{}, ended: map[int]bool{}, spent: map[string]bool{}, renewed: map[string]int{}, refused: map[string]int{},
		codes: map[string]*grantCode{},
	}
	for _, k := range firsts {
		ring.add(k)
	}
	return ring
}

func (ring *keyring) add(k key) {
	k.Serial = len(ring.keys) + 1
	ring.keys = append(ring.keys, &k)
	if k.Spends != "" {
		ring.spent[k.Spends] = true
	}
	if k.Renews {
		for _, account := range k.Accounts {
			ring.renewed[account]++
		}
	}
}

// firstKeys are those of the installation: one for Meta's accounts, one for each other network.
func firstKeys(pageID string) []key {
	return []key{
		{App: appMeta, Kind: keyFirst, Accounts: []string{pageID, networkAccount(targetInstagram), networkAccount(targetWhatsApp)}},
		{App: appX, Kind: keyFirst, Accounts: []string{networkAccount(targetX)}},
		{App: appLinkedIn, Kind: keyFirst, Accounts: []string{networkAccount(targetLinkedIn)}},
	}
}

// keyOf gives the key of an application with this token, nil without one. An empty configured token means that any opens the
// first key's doors.
func (w *world) keyOf(app, token, first string, any bool) *key {
	var own *key
	for _, k := range w.ring.keys {
		switch {
		case k.App != app:
		case k.Kind == keyFirst:
			own = k
		case hmac.Equal([]byte(k.Token), []byte(token)):
			return k
		}
	}
	if token != "" && (first == "" && any || first != "" && hmac.Equal([]byte(first), []byte(token))) {
		return own
	}
	return nil
}

// Why a key does not open a call.
const (
	shutUnknown = "unknown"
	shutExpired = "expired"
	shutRevoked = "revoked"
	shutForeign = "foreign"
	shutLacking = "lacking"
)

// shut says why a key does not open a call on an account that needs a right, and the right it lacks; empty when it does.
func (w *world) shut(k *key, account string, needs []string, now time.Time) (why, lacks string) {
	if why := w.alive(k, account, now); why != "" {
		return why, ""
	}
	if !slices.Contains(k.Accounts, account) || w.demoted(account) {
		return shutForeign, ""
	}
	for _, right := range needs {
		if !w.grants(k, account, right) {
			return shutLacking, right
		}
	}
	return "", ""
}

// demoted reports an account whose person no longer administers it.
func (w *world) demoted(account string) bool { return w.ring.states[account].State == tokenDemoted }

// alive says why a key opens nothing of an account any more, empty when it may.
func (w *world) alive(k *key, account string, now time.Time) string {
	if k == nil {
		return shutUnknown
	}
	if w.ring.ended[k.Serial] {
		return shutRevoked
	}
	if st, ok := w.ring.states[account]; ok && k.Serial <= st.Serial {
		switch {
		case st.State == tokenRevoked:
			return shutRevoked
		case st.State == tokenStale, !st.Until.IsZero() && !now.Before(st.Until):
			return shutExpired
		}
	}
	if !k.Until.IsZero() && !now.Before(k.Until) {
		return shutExpired
	}
	return ""
}

// over says why a key opens nothing at all any more, empty while it opens something.
func (w *world) over(k *key, now time.Time) string {
	why := ""
	if k == nil || len(k.Accounts) == 0 {
		return w.alive(k, "", now)
	}
	for _, account := range k.Accounts {
		if why = w.alive(k, account, now); why == "" {
			return ""
		}
	}
	return why
}

// grants reports whether a key has a right over an account.
func (w *world) grants(k *key, account, right string) bool {
	if st, ok := w.ring.states[account]; ok && k.Serial <= st.Serial && slices.Contains(st.Missing, right) {
		return false
	}
	return k.Scopes == nil || slices.ContainsFunc(sameRight(right), func(name string) bool { return slices.Contains(k.Scopes, name) })
}

// sameRight gives the names of a right: LinkedIn has an old and a new one for some.
func sameRight(right string) []string {
	switch right {
	case "r_organization_social_feed":
		return []string{right, "r_organization_social"}
	case "w_organization_social_feed":
		return []string{right, "w_organization_social"}
	}
	return []string{right}
}

// rightsOf gives the rights of a key over an account; a key with all has those its application knows.
func (w *world) rightsOf(k *key, account string) []string {
	all := k.Scopes
	if all == nil {
		for _, r := range rightsKnown(k.App) {
			all = append(all, r.Name)
		}
	}
	var left []string
	for _, name := range all {
		if w.grants(k, account, name) {
			left = append(left, name)
		}
	}
	return left
}

// endOf is when a key ends for an account; zero when it does not.
func (w *world) endOf(k *key, account string) time.Time {
	if st, ok := w.ring.states[account]; ok && k.Serial <= st.Serial && !st.Until.IsZero() {
		return st.Until
	}
	return k.Until
}

// applyKey keeps what happens to keys.
func (w *world) applyKey(c change) {
	switch {
	case c.Key != nil:
		w.ring.add(*c.Key)
	case c.Token != nil:
		w.ring.states[c.Token.Account] = *c.Token
	case c.Ended != 0:
		w.ring.ended[c.Ended] = true
	case c.Refused != "":
		w.ring.refused[c.Refused]++
	case c.Code != nil:
		kept := *c.Code
		w.ring.codes[kept.Code] = &kept
	}
}
