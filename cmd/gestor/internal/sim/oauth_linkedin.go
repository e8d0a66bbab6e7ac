package sim

import (
	"crypto/hmac"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// How long LinkedIn's keys last (platforms.md §4): the renewing one a year from the first grant, whatever happens.
const (
	linkedinTokenLife   = 60 * 24 * time.Hour
	linkedinRefreshLife = 365 * 24 * time.Hour
)

// linkedinClient checks the application's name and secret in a form.
func (s *Simulator) linkedinClient(id, secret string) error {
	if id != s.cfg.LinkedInClientID || !hmac.Equal([]byte(secret), []byte(s.cfg.LinkedInClientSecret)) {
		return &oauthRefusal{http.StatusUnauthorized, "invalid_client", "Client authentication failed"}
	}
	return nil
}

// linkedinAccess is POST /oauth/v2/accessToken.
func (s *Simulator) linkedinAccess(w http.ResponseWriter, r *http.Request) {
	form, err := oauthForm(r)
	if err == nil {
		err = s.linkedinClient(form.Get("client_id"), form.Get("client_secret"))
	}
	var made key
	if err == nil {
		err = s.commit(func(t *tx) error {
			var err error
			switch form.Get("grant_type") {
			case "authorization_code":
				made, err = t.linkedinFromCode(form.Get("code"), form.Get("redirect_uri"))
			case "refresh_token":
				made, err = t.renew(appLinkedIn, form.Get("refresh_token"))
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
	now := s.cfg.Clock()
	writeJSON(w, http.StatusOK, obj{
		"access_token": made.Token, "expires_in": int64(made.Until.Sub(now).Seconds()), "refresh_token": made.Refresh,
		"refresh_token_expires_in": int64(made.RefreshUntil.Sub(now).Seconds()), "scope": strings.Join(made.Scopes, ","), "token_type": "Bearer",
	})
}

// linkedinFromCode makes keys for a code. A grant of other rights ends all earlier keys.
func (t *tx) linkedinFromCode(code, redirect string) (key, error) {
	c, ok := t.redeem(appLinkedIn, code, redirect)
	if !ok {
		return key{}, &oauthRefusal{http.StatusBadRequest, "invalid_request", "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired."}
	}
	for _, old := range t.w.ring.keys {
		if old.App == appLinkedIn && old.Kind == keyUser && !t.w.ring.ended[old.Serial] && !sameRights(old.Scopes, c.Scopes) {
			t.add(change{Ended: old.Serial})
		}
	}
	now := t.now.UTC()
	return key{
		App: appLinkedIn, Kind: keyUser, Token: t.secret("li"), Refresh: t.secret("li-renueva"), Accounts: c.Accounts, Scopes: c.Scopes, At: now, First: now,
		Until: now.Add(linkedinTokenLife), RefreshUntil: now.Add(linkedinRefreshLife),
	}, nil
}

func sameRights(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// linkedinIntrospect is POST /oauth/v2/introspectToken.
func (s *Simulator) linkedinIntrospect(w http.ResponseWriter, r *http.Request) {
	form, err := oauthForm(r)
	if err == nil {
		err = s.linkedinClient(form.Get("client_id"), form.Get("client_secret"))
	}
	if err != nil {
		writeOAuthError(w, err)
		return
	}
	answer := obj{"active": false}
	now := s.cfg.Clock()
	s.read(func(w *world) {
		k := w.keyOf(appLinkedIn, form.Get("token"), s.cfg.LinkedInToken, true)
		if why := w.over(k, now); why != "" {
			if why == shutExpired || why == shutRevoked {
				answer["status"] = why
			}
			return
		}
		account := k.Accounts[0]
		answer = obj{
			"active": true, "status": "active", "auth_type": "3L", "client_id": s.cfg.LinkedInClientID, "scope": strings.Join(w.rightsOf(k, account), ","),
		}
		for name, at := range map[string]time.Time{"authorized_at": k.First, "created_at": k.At, "expires_at": w.endOf(k, account)} {
			if !at.IsZero() {
				answer[name] = at.Unix()
			}
		}
	})
	writeJSON(w, http.StatusOK, answer)
}

// linkedinAcls is GET /rest/organizationAcls?q=roleAssignee: which organizations the person of the key administers.
func (s *Simulator) linkedinAcls(w http.ResponseWriter, r *http.Request) {
	list := []obj{}
	k := keyIn(r)
	role := r.URL.Query().Get("role")
	s.read(func(w *world) {
		for _, account := range k.Accounts {
			if w.alive(k, account, s.cfg.Clock()) == "" && !w.demoted(account) && (role == "" || role == "ADMINISTRATOR") {
				list = append(list, obj{"organization": account, "organizationTarget": account, "role": "ADMINISTRATOR", "roleAssignee": linkedinSubscriber, "state": "APPROVED"})
			}
		}
	})
	s.writeLinkedInList(w, r, list)
}

// linkedinOrganization is GET /rest/organizations/{number}.
func (s *Simulator) linkedinOrganization(w http.ResponseWriter, number string) {
	names := map[string]string{networkAccount(targetLinkedIn): pageName, secondAccount(targetLinkedIn): secondName}
	name := names["urn:li:organization:"+number]
	if name == "" {
		writeLinkedInError(w, &linkedinError{http.StatusNotFound, 0, "NOT_FOUND", "The requested organization could not be found"})
		return
	}
	writeJSON(w, http.StatusOK, obj{"id": json.Number(number), "localizedName": name, "vanityName": "sence-simulado-" + number, "$URN": "urn:li:organization:" + number})
}
