package whatsapp

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// The names of what a check looks at.
const (
	manageRight  = "whatsapp_business_management"
	subscribedTo = "subscribed_apps"
	numberWorks  = "phone_number" // not told of, and as good as that: a number that is not connected hears nothing
)

// Check looks at the key, its rights, the number, and whether the business account tells our application anything; when it
// does not, it is asked to. The address of our webhook is the application's, and set in Meta's console. What the key may not
// see is missing a right and no failure.
func (r *Reader) Check(ctx context.Context, a channel.Access, _ string, now time.Time) (channel.Health, error) {
	l := &round{Reader: r, op: "whatsapp.Check", key: a.Token}
	h, err := l.check(ctx, a, now)
	if err != nil {
		h = channel.Health{}
	}
	h.Usage = l.use
	return h, err
}

// Probe asks for the number's own id: the least that tells whether the key still opens anything. (GET /{phone-number-id})
func (r *Reader) Probe(ctx context.Context, a channel.Access) (channel.Usage, error) {
	l := &round{Reader: r, op: "whatsapp.Probe", key: a.Token}
	if !digits(a.Account) {
		return l.use, once.Refuse(l.op, once.ReasonInput, "account")
	}
	var number struct {
		ID ident `json:"id"`
	}
	err := l.look(ctx, a.Token, "/"+a.Account, url.Values{"fields": {"id"}}, &number)
	if err == nil && number.ID.s != a.Account {
		err = l.strange()
	}
	return l.use, err
}

func (r *round) check(ctx context.Context, a channel.Access, now time.Time) (channel.Health, error) {
	if !digits(a.Account) {
		return channel.Health{}, once.Refuse(r.op, once.ReasonInput, "account")
	}
	app, businesses, h, err := r.inspect(ctx)
	if err != nil {
		return channel.Health{}, err
	}
	var number struct {
		ID     ident `json:"id"`
		Number words `json:"display_phone_number"`
		Name   words `json:"verified_name"`
		Status words `json:"status"`
	}
	err = r.look(ctx, a.Token, "/"+a.Account, url.Values{"fields": {"display_phone_number,verified_name,status"}}, &number)
	switch {
	case err != nil:
		return channel.Health{}, err
	case number.ID.s == "":
		return channel.Health{}, r.strange()
	}
	h.Name, _ = words(strings.TrimSpace(string(number.Name) + " " + string(number.Number))).capped()
	h.Subscriptions = []channel.Subscription{{
		Name: numberWorks, Working: number.Status == "" || number.Status == "CONNECTED", Checked: now,
	}}
	switch err = r.subscribed(ctx, a, app, businesses, now, &h); {
	case once.Reason(err) == once.ReasonPermission:
		if !slices.Contains(h.Missing, manageRight) {
			h.Missing = append(h.Missing, manageRight)
		}
	case err != nil:
		return channel.Health{}, err
	}
	return h, nil
}

// keyInfo is what Graph says of a key.
type keyInfo struct {
	Data struct {
		Valid     *yes    `json:"is_valid"`
		Until     stamp   `json:"expires_at"`
		DataUntil stamp   `json:"data_access_expires_at"`
		Scopes    []ident `json:"scopes"`
		Granular  []struct {
			Scope   ident   `json:"scope"`
			Targets []ident `json:"target_ids"`
		} `json:"granular_scopes"`
	} `json:"data"`
}

// inspect asks about the key, in the application's own name where its number is known: what it lacks, until when it is good,
// and which business accounts it was given for. Graph takes the key that is asked about in the address and in no other
// place. (GET /debug_token)
func (r *round) inspect(ctx context.Context) (app string, businesses []string, h channel.Health, err error) {
	if !visible(r.key) {
		return "", nil, h, once.NoToken(r.op, nil)
	}
	by, app, err := r.asking(ctx)
	if err != nil {
		return "", nil, h, err
	}
	var k keyInfo
	if err := r.look(ctx, by, "/debug_token", url.Values{"input_token": {r.key}}, &k); err != nil {
		return "", nil, h, err
	}
	switch {
	case k.Data.Valid == nil:
		return "", nil, h, r.strange()
	case !bool(*k.Data.Valid):
		return "", nil, h, once.Answer{Status: http.StatusOK, Body: []byte{}}.Fail(r.op, false, once.Refusal{Reason: once.ReasonAuth})
	}
	return app, k.businesses(), k.health(), nil
}

// asking gives who asks about the key, and the application's number, "" where it is not known.
func (r *round) asking(ctx context.Context) (by, app string, err error) {
	if r.appID != nil {
		if app, err = r.appID(ctx); err != nil {
			return "", "", once.NoToken(r.op, err)
		}
	}
	if app == "" || r.secret == nil {
		return r.key, app, nil
	}
	secret, err := r.secret(ctx)
	if err != nil {
		return "", "", once.NoToken(r.op, err)
	}
	return app + "|" + secret, app, nil
}

// health is what the key lacks, and what of it ends by itself: only who connected the account can prolong it.
func (k keyInfo) health() (h channel.Health) {
	var scopes []string
	for _, scope := range k.Data.Scopes {
		scopes = append(scopes, scope.s)
	}
	h.Missing = channel.Missing(mention.WhatsApp, scopes)
	add := func(kind string, at stamp) {
		if !at.IsZero() {
			h.Expiries = append(h.Expiries, channel.Expiry{Kind: kind, At: at.Time, Warn: at.AddDate(0, 0, -channel.WarnDays), Hands: true})
		}
	}
	add(channel.ExpiresAccess, k.Data.Until)
	add(channel.ExpiresData, k.Data.DataUntil)
	return h
}

// businesses are the business accounts that the key was given for.
func (k keyInfo) businesses() []string {
	var out []string
	for _, g := range k.Data.Granular {
		for _, id := range g.Targets {
			if strings.HasPrefix(g.Scope.s, "whatsapp_business_") && nameLike(id.s) && !slices.Contains(out, id.s) {
				out = append(out, id.s)
			}
		}
	}
	return out
}

// maxBusinesses bounds the business accounts that are gone through for a number.
const maxBusinesses = 20

// subscribed looks whether the number's business account tells our application anything, and asks it to. Which account that
// is, only the key says; of a key that names none nothing is known. (GET and POST /{waba-id}/subscribed_apps)
func (r *round) subscribed(ctx context.Context, a channel.Access, app string, businesses []string, now time.Time, h *channel.Health) error {
	business, err := r.business(ctx, a, businesses)
	if err != nil || business == "" {
		return err
	}
	apps, err := r.list(ctx, a.Token, "/"+business+"/subscribed_apps", url.Values{})
	if err != nil {
		return err
	}
	told := channel.Subscription{Name: subscribedTo, Checked: now}
	for _, raw := range apps {
		var one struct {
			App struct {
				ID ident `json:"id"`
			} `json:"whatsapp_business_api_data"`
		}
		told.Working = told.Working || readObject(raw, &one) && (app == "" || one.App.ID.s == app)
	}
	if !told.Working {
		err = r.subscribe(ctx, a, business)
		switch {
		case err == nil:
			told.Working, h.Mended = true, []string{subscribedTo}
		case !fault.Is(err, fault.Permanent) && once.Reason(err) != once.ReasonPermission:
			return err
		}
	}
	h.Subscriptions = append(h.Subscriptions, told)
	return nil
}

// subscribe asks twice as well as once: an unknown outcome is only something to try again.
func (r *round) subscribe(ctx context.Context, a channel.Access, business string) error {
	call, err := r.call(ctx, r.op, a.Token, "/"+business+"/subscribed_apps", url.Values{})
	if err != nil {
		return err
	}
	call.Body = struct{}{}
	var done struct {
		Success yes `json:"success"`
	}
	if err := r.send(ctx, call, &done); err != nil {
		return err
	}
	if !done.Success {
		return r.strange()
	}
	return nil
}

// business gives the business account that has the number, "" when none of the key's has. (GET /{waba-id}/phone_numbers)
func (r *round) business(ctx context.Context, a channel.Access, businesses []string) (string, error) {
	if len(businesses) == 1 {
		return businesses[0], nil
	}
	for _, business := range businesses[:min(len(businesses), maxBusinesses)] {
		numbers, err := r.list(ctx, a.Token, "/"+business+"/phone_numbers", url.Values{"fields": {"id"}, "limit": {"100"}})
		if err != nil {
			return "", err
		}
		for _, raw := range numbers {
			var one struct {
				ID ident `json:"id"`
			}
			if readObject(raw, &one) && one.ID.s == a.Account {
				return business, nil
			}
		}
	}
	return "", nil
}

// list reads the items of a list; none of those that are asked for here has a second page.
func (r *round) list(ctx context.Context, key, path string, query url.Values) ([][]byte, error) {
	var page struct {
		Data json.RawMessage `json:"data"`
	}
	if err := r.look(ctx, key, path, query, &page); err != nil {
		return nil, err
	}
	items, _, ok := elements(page.Data, maxItems)
	if !ok {
		return nil, r.strange()
	}
	return items, nil
}
