package meta

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
)

// keyInfo is what Graph says of a key. Instants are zero for what does not end. Targets are, by scope, the ids of what the
// key may act on, where Graph names them.
type keyInfo struct {
	until, dataUntil time.Time
	scopes           []string
	targets          map[string][]string
}

// maxScopes bounds what is read of a key's scopes and their targets.
const maxScopes = 200

// inspect asks about a key, in the application's own name or, where its number is not known, in the key's. A key that is no
// longer good is fault.Denied. Graph takes the key that is asked about in the address and in no other place.
// (GET /debug_token)
func (c *Client) inspect(ctx context.Context, op, token string) (keyInfo, error) {
	if err := usable(ctx, op, token, "me"); err != nil {
		return keyInfo{}, err
	}
	by := token
	if c.appID != "" {
		by = c.appID + "|" + c.app.AppSecret
	}
	got, err := c.look(ctx, op, by, "debug_token", facebook.Params{"input_token": token})
	if err != nil {
		return keyInfo{}, err
	}
	return readKey(op, got.body)
}

func readKey(op string, body []byte) (keyInfo, error) {
	var a struct {
		Data struct {
			Valid     *yes            `json:"is_valid"`
			Until     stamp           `json:"expires_at"`
			DataUntil stamp           `json:"data_access_expires_at"`
			Scopes    json.RawMessage `json:"scopes"`
			Granular  json.RawMessage `json:"granular_scopes"`
		} `json:"data"`
	}
	if !readObject(body, &a) || a.Data.Valid == nil {
		return keyInfo{}, unseen(op)
	}
	if !*a.Data.Valid {
		return keyInfo{}, fault.New(fault.Denied, op, &Failure{Reason: ReasonAuth, Status: http.StatusOK})
	}
	k := keyInfo{until: a.Data.Until.Time, dataUntil: a.Data.DataUntil.Time, targets: map[string][]string{}}
	scopes, _, _ := elements(a.Data.Scopes, maxScopes)
	for _, raw := range scopes {
		var scope ident
		if _ = json.Unmarshal(raw, &scope); scope.s != "" { // ident reads any value
			k.scopes = append(k.scopes, scope.s)
		}
	}
	granular, _, _ := elements(a.Data.Granular, maxScopes)
	for _, raw := range granular {
		var g struct {
			Scope   ident           `json:"scope"`
			Targets json.RawMessage `json:"target_ids"`
		}
		if !readObject(raw, &g) || g.Scope.s == "" {
			continue
		}
		ids, _, _ := elements(g.Targets, maxScopes)
		for _, raw := range ids {
			var id ident
			if _ = json.Unmarshal(raw, &id); objectLike(id.s) {
				k.targets[g.Scope.s] = append(k.targets[g.Scope.s], id.s)
			}
		}
	}
	return k, nil
}

// expiries are what of the key ends by itself: only the person who connected the account can prolong either.
func (k keyInfo) expiries() []channel.Expiry {
	var out []channel.Expiry
	add := func(kind string, at time.Time) {
		if !at.IsZero() {
			out = append(out, channel.Expiry{Kind: kind, At: at, Warn: at.AddDate(0, 0, -channel.WarnDays), Hands: true})
		}
	}
	add(channel.ExpiresAccess, k.until)
	add(channel.ExpiresData, k.dataUntil)
	return out
}
