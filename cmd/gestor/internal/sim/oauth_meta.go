package sim

import (
	"crypto/hmac"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long Meta's keys last (platforms.md §5): a person's for an hour or two, then for 60 days; access to data for 90 days
// from the sign-in. A page's key made of a long one does not end.
const (
	metaShortLife = 2 * time.Hour
	metaLongLife  = 60 * 24 * time.Hour
	metaDataLife  = 90 * 24 * time.Hour
)

// metaPerson is who says yes.
const (
	metaPerson     = "100000000000900"
	metaPersonName = "Persona Ficticia Administradora"
)

// graphToken is /oauth/access_token: keys for a code, or a long key for a short one.
func (s *Simulator) graphToken(w http.ResponseWriter, r *http.Request) {
	f := r.Form
	if f.Get("client_id") != s.cfg.MetaAppID || !hmac.Equal([]byte(f.Get("client_secret")), []byte(s.cfg.AppSecret())) {
		writeGraphError(w, oauthError(101, "Error validating application. Cannot get application info due to a system error."))
		return
	}
	var made key
	err := s.commit(func(t *tx) error {
		var err error
		if f.Get("grant_type") == "fb_exchange_token" {
			made, err = t.metaLong(f.Get("fb_exchange_token"))
		} else {
			made, err = t.metaShort(f.Get("code"), f.Get("redirect_uri"))
		}
		if err == nil {
			t.add(change{Key: &made})
		}
		return err
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	writeGraph(w, http.StatusOK, obj{
		"access_token": made.Token, "token_type": "bearer", "expires_in": int64(made.Until.Sub(s.cfg.Clock()).Seconds()),
	})
}

// redeem takes a code that is good, once.
func (t *tx) redeem(app, code, redirect string) (grantCode, bool) {
	c := t.w.ring.codes[code]
	if c == nil || c.Secret != "" || c.Used || c.App != app || c.Redirect != redirect || t.now.Sub(c.At) > codeLife(app) {
		return grantCode{}, false
	}
	used := *c
	used.Used = true
	t.add(change{Code: &used})
	return used, true
}

func (t *tx) metaShort(code, redirect string) (key, error) {
	c, ok := t.redeem(appMeta, code, redirect)
	if !ok {
		e := oauthError(100, "This authorization code has been used, has expired, or belongs to another redirect_uri.")
		e.Subcode = 36009
		return key{}, e
	}
	now := t.now.UTC()
	return key{
		App: appMeta, Kind: keyUser, Token: t.secret("meta"), Accounts: c.Accounts, Scopes: c.Scopes, At: now, First: now,
		Until: now.Add(metaShortLife), DataUntil: now.Add(metaDataLife),
	}, nil
}

func (t *tx) metaLong(token string) (key, error) {
	k := t.w.keyOf(appMeta, token, "", false)
	if k == nil || k.Kind != keyUser || t.w.over(k, t.now) != "" {
		return key{}, oauthError(190, "Error validating access token: The session has been invalidated.")
	}
	long := *k
	long.Token, long.At, long.Until = t.secret("meta-largo"), t.now.UTC(), t.now.UTC().Add(metaLongLife)
	return long, nil
}

// linked are the accounts that go with a page.
func (s *Simulator) linked(page string) (instagram string) {
	if page == s.cfg.PageID {
		return networkAccount(targetInstagram)
	}
	return secondAccount(targetInstagram)
}

// graphMe answers /me and what hangs on it, and /debug_token.
func (s *Simulator) graphMe(w http.ResponseWriter, r *http.Request, k *key, call string) {
	switch {
	case call == "GET me" && k.Kind == keyUser:
		writeGraph(w, http.StatusOK, person{metaPerson, metaPersonName})
	case call == "GET me" && strings.Contains(r.Form.Get("fields"), "instagram_business_account") && s.cutOff(k, s.linked(s.pageOf(k))) != "":
		writeGraphError(w, shutError(s.cutOff(k, s.linked(s.pageOf(k))), ""))
	case call == "GET me":
		s.writePicked(w, func() (obj, error) { return s.pageView(s.pageOf(k), r.Form.Get("fields")) })
	case call == "GET me accounts" && k.Kind == keyUser:
		s.graphAccounts(w, r, k)
	case call == "GET me permissions" && k.Kind == keyUser:
		s.graphPermissions(w, k)
	case k.Kind == keyUser:
		writeGraphError(w, oauthError(100, "(#100) Tried accessing nonexisting field"))
	default: // a page's key names its page so
		s.graphCall(w, r, k, strings.Replace(call, " me", "", 1), s.pageOf(k))
	}
}

// cutOff says why a key opens nothing of an account any more, empty while it does.
func (s *Simulator) cutOff(k *key, account string) (why string) {
	s.read(func(w *world) { why = w.alive(k, account, s.cfg.Clock()) })
	return why
}

// pageOf is the page a key is of.
func (s *Simulator) pageOf(k *key) string {
	if k.Kind == keyPage {
		return k.Accounts[0]
	}
	return s.cfg.PageID
}

func (s *Simulator) writePicked(w http.ResponseWriter, view func() (obj, error)) {
	out, err := view()
	if err != nil {
		writeGraphError(w, err)
		return
	}
	writeGraph(w, http.StatusOK, out)
}

// pageView gives the named fields of a page.
func (s *Simulator) pageView(page, fields string) (obj, error) {
	name, handle := pageName, "sence_simulado"
	if page != s.cfg.PageID {
		name, handle = secondName, "sence_nuble_sim"
	}
	if fields == "" {
		fields = "name"
	}
	return pick(page, fields, func(f wanted) (any, bool, error) {
		v, there := map[string]any{
			"name": name, "category": "Government Organization", "link": "https://www.facebook.com/" + page,
			"instagram_business_account": obj{"id": s.linked(page), "username": handle},
		}[f.name]
		return v, there, nil
	})
}

// graphAccounts is GET /me/accounts: the pages a person gave, each with a key of its own.
func (s *Simulator) graphAccounts(w http.ResponseWriter, r *http.Request, k *key) {
	data := []obj{}
	err := s.commit(func(t *tx) error {
		if !t.w.grants(k, "", "pages_show_list") {
			return nil // without the right the list is empty
		}
		for _, page := range k.Accounts {
			if page != s.cfg.PageID && page != secondAccount(targetFacebook) {
				continue
			}
			one, err := s.pageView(page, "name,category")
			if err != nil {
				return err
			}
			one["access_token"] = t.pageKey(k, page, s.linked(page)).Token
			one["tasks"] = []string{"ANALYZE", "ADVERTISE", "MESSAGING", "MODERATE", "CREATE_CONTENT", "MANAGE"}
			if slices.Contains(k.Accounts, s.linked(page)) {
				more, err := s.pageView(page, "instagram_business_account")
				if err != nil {
					return err
				}
				one["instagram_business_account"] = more["instagram_business_account"]
			}
			data = append(data, one)
		}
		return nil
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	after := slices.IndexFunc(data, func(one obj) bool { return one["id"] == r.Form.Get("after") })
	data = data[after+1:]
	limit := pageSize(r)
	s.writeGraphPage(w, r, data[:min(limit, len(data))], len(data) > limit)
}

// pageKey gives a page's key made of a person's, the same each time.
func (t *tx) pageKey(k *key, page, instagram string) *key {
	for _, old := range t.w.ring.keys {
		if old.Kind == keyPage && old.Parent == k.Serial && old.Accounts[0] == page {
			return old
		}
	}
	made := key{
		App: appMeta, Kind: keyPage, Token: t.secret("pagina"), Parent: k.Serial, Accounts: []string{page}, Scopes: k.Scopes,
		At: t.now.UTC(), First: k.First, DataUntil: k.DataUntil,
	}
	if slices.Contains(k.Accounts, instagram) {
		made.Accounts = append(made.Accounts, instagram)
	}
	if k.Until.Sub(k.First) <= metaShortLife {
		made.Until = k.Until
	}
	t.add(change{Key: &made})
	return t.w.ring.keys[len(t.w.ring.keys)-1]
}

// graphPermissions is GET /me/permissions.
func (s *Simulator) graphPermissions(w http.ResponseWriter, k *key) {
	data := []obj{}
	for _, right := range rightsKnown(appMeta) {
		status := "granted"
		if !slices.Contains(k.Scopes, right.Name) {
			status = "declined"
		}
		data = append(data, obj{"permission": right.Name, "status": status})
	}
	writeGraph(w, http.StatusOK, obj{"data": data})
}

// graphDebug is GET /debug_token?input_token=: what a key is and until when it is good.
func (s *Simulator) graphDebug(w http.ResponseWriter, r *http.Request) {
	data := obj{"app_id": s.cfg.MetaAppID, "type": "PAGE", "application": "gestor (local)", "is_valid": false}
	now := s.cfg.Clock()
	s.read(func(w *world) {
		k := w.keyOf(appMeta, r.Form.Get("input_token"), s.cfg.PageToken, false)
		why := w.over(k, now)
		if why == shutUnknown {
			data = obj{"is_valid": false, "error": obj{"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}}
			return
		}
		if k.Kind == keyUser {
			data["type"] = "USER"
		}
		if k.Kind == keyPage || k.Kind == keyFirst {
			data["profile_id"] = s.pageOf(k)
		}
		// Ends are told of the first account: the others have the same key.
		account := k.Accounts[0]
		data["scopes"], data["granular_scopes"] = s.scopes(w, k), w.granular(k, s)
		data["user_id"], data["issued_at"] = metaPerson, seconds(k.At)
		data["expires_at"], data["data_access_expires_at"] = seconds(w.endOf(k, account)), seconds(w.dataEnd(k, account))
		if data["is_valid"] = why == ""; why != "" {
			data["error"] = shutError(why, "").debug()
		}
	})
	writeGraph(w, http.StatusOK, obj{"data": data})
}

// scopes are the rights of a key, but those taken away over the account they are about.
func (s *Simulator) scopes(w *world, k *key) []string {
	given := []string{}
	for _, name := range w.rightsOf(k, "") {
		missing := false
		for _, account := range k.Accounts {
			missing = missing || s.networkOfAccount(account) == rightNetwork(name) && !w.grants(k, account, name)
		}
		if !missing {
			given = append(given, name)
		}
	}
	return given
}

// dataEnd is when a key's access to data ends for an account.
func (w *world) dataEnd(k *key, account string) time.Time {
	if st, ok := w.ring.states[account]; ok && k.Serial <= st.Serial && !st.DataUntil.IsZero() {
		return st.DataUntil
	}
	return k.DataUntil
}

// seconds writes an instant as Meta does, which is 0 for never.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// granular says which accounts each right of a key is for.
func (w *world) granular(k *key, s *Simulator) []obj {
	list := []obj{}
	for _, right := range rightsKnown(appMeta) {
		var targets []string
		for _, account := range k.Accounts {
			network := s.networkOfAccount(account)
			if network != rightNetwork(right.Name) || !w.grants(k, account, right.Name) {
				continue
			}
			if right.Name == "whatsapp_business_management" || right.Name == "whatsapp_business_messaging" {
				account = businessOf(account)
			}
			targets = append(targets, account)
		}
		if targets != nil {
			list = append(list, obj{"scope": right.Name, "target_ids": targets})
		}
	}
	return list
}

// rightNetwork is the network a right of Meta's is about.
func rightNetwork(name string) string {
	switch {
	case strings.HasPrefix(name, "instagram"):
		return targetInstagram
	case strings.HasPrefix(name, "whatsapp"):
		return targetWhatsApp
	}
	return targetFacebook
}

// networkOfAccount is the network of one of our accounts, first or second; empty for another id.
func (s *Simulator) networkOfAccount(account string) string {
	for _, network := range []string{targetFacebook, targetInstagram, targetWhatsApp, targetX, targetLinkedIn} {
		if account == s.account(network) || account == secondAccount(network) {
			return network
		}
	}
	return ""
}

func (e *graphError) debug() obj {
	return obj{"code": e.Code, "message": e.Message, "subcode": e.Subcode}
}

// shutError is what Graph says of a key that does not open a call.
func shutError(why, lacks string) *graphError {
	switch why {
	case shutExpired:
		e := oauthError(190, "Error validating access token: Session has expired.")
		e.Subcode = 463
		return e
	case shutRevoked:
		e := oauthError(190, "Error validating access token: The user has not authorized application "+strconv.Itoa(appID)+".")
		e.Subcode = 458
		return e
	case shutLacking:
		e := oauthError(200, "(#200) Requires "+lacks+" permission to manage the object.")
		e.status = http.StatusForbidden
		return e
	}
	return oauthError(190, "Invalid OAuth access token - Cannot parse access token")
}
