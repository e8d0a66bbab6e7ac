package meta

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

// subscribeRight is the right without which no page tells our application anything.
const subscribeRight = "pages_manage_metadata"

// pageFields are what a page must tell us of: every field whose deliveries we read.
func pageFields() []string {
	return []string{
		"feed", "mention", "ratings", "messages", "message_echoes", "messaging_postbacks", "message_reactions", "message_edits",
		"message_deliveries", "message_reads", "messaging_policy_enforcement", "standby",
	}
}

// Check looks at the key, its rights, and what the page tells our application of, and asks for what is missing. The address
// of our webhook is the application's and not the account's: it is set in Meta's console. What the key may not see is
// missing a right and no failure.
func (r Reader) Check(ctx context.Context, a channel.Access, _ string, now time.Time) (channel.Health, error) {
	const op = "meta.Check"
	c, err := r.client(ctx)
	if err != nil {
		return channel.Health{}, err
	}
	h, err := r.check(ctx, op, c, a, now)
	if err != nil {
		h = channel.Health{}
	}
	h.Usage = c.meter.read()
	return h, err
}

func (r Reader) check(ctx context.Context, op string, c *Client, a channel.Access, now time.Time) (channel.Health, error) {
	if err := usable(ctx, op, a.Token, a.Account); err != nil {
		return channel.Health{}, err
	}
	key, err := c.inspect(ctx, op, a.Token)
	if err != nil {
		return channel.Health{}, err
	}
	h := channel.Health{Missing: channel.Missing(r.network, key.scopes), Expiries: key.expiries()}
	page, name, err := r.who(ctx, op, c, a)
	if err != nil {
		return channel.Health{}, err
	}
	h.Name = name
	needed := pageFields()
	if r.network == mention.Instagram {
		needed = nil // which of Instagram's fields are told is the application's; the page must have it at all
	}
	err = c.subscribed(ctx, op, a.Token, page, needed, now, &h)
	if fault.Is(err, fault.Denied) && Reason(err) == ReasonPermission {
		if !slices.Contains(h.Missing, subscribeRight) {
			h.Missing = append(h.Missing, subscribeRight)
		}
		err = nil
	}
	return h, err
}

// who gives the page behind an account, and the account's name.
func (r Reader) who(ctx context.Context, op string, c *Client, a channel.Access) (page, name string, err error) {
	if r.network == mention.Facebook {
		got, err := c.look(ctx, op, a.Token, a.Account, facebook.Params{"fields": "id,name"})
		if err != nil {
			return "", "", err
		}
		var p person
		if !readObject(got.body, &p) || p.ID.s == "" {
			return "", "", unseen(op)
		}
		name, _ := p.Name.capped()
		return a.Account, name, nil
	}
	got, err := c.look(ctx, op, a.Token, "me", facebook.Params{"fields": "id,instagram_business_account{id,username}"})
	if err != nil {
		return "", "", err
	}
	var p graphPage
	switch {
	case !readObject(got.body, &p) || !objectLike(p.ID.s):
		return "", "", unseen(op)
	case p.Instagram.ID.s != a.Account: // the page was parted from the account
		return "", "", fault.New(fault.Denied, op, &Failure{Reason: ReasonPermission, Status: http.StatusOK})
	}
	return p.ID.s, p.Instagram.name(), nil
}

// graphPage is a page as Graph shows it to who administers it.
type graphPage struct {
	ID        ident    `json:"id"`
	Name      words    `json:"name"`
	Token     words    `json:"access_token"`
	Instagram igPerson `json:"instagram_business_account"`
}

// name is how people know an account on Instagram.
func (p igPerson) name() string {
	if p.Username == "" {
		return ""
	}
	name, _ := p.Username.capped()
	return "@" + name
}

// subscribedTo is the name of what a network tells us of at all, where it does not say of what in particular.
const subscribedTo = "subscribed_apps"

// subscribed looks which fields a page tells our application of, and asks for those that are missing; without needed fields
// our application must only be there. (GET and POST /{page-id}/subscribed_apps)
func (c *Client) subscribed(ctx context.Context, op, token, page string, needed []string, now time.Time, h *channel.Health) error {
	got, err := c.look(ctx, op, token, page+"/subscribed_apps", facebook.Params{})
	if err != nil {
		return err
	}
	there, installed, err := c.fields(op, got.body)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(needed), func(f string) bool { return slices.Contains(there, f) })
	names, broken, ask := needed, missing, missing
	if len(needed) == 0 {
		names, broken, ask = []string{subscribedTo}, nil, nil
		if !installed {
			broken, ask = names, []string{"feed"} // any field will do
		}
	}
	if len(ask) > 0 {
		all := strings.Join(append(slices.Clone(there), ask...), ",")
		switch err := c.do(ctx, op, token, facebook.POST, page, "/subscribed_apps", facebook.Params{"subscribed_fields": all}); {
		case err == nil:
			h.Mended, broken = broken, nil
		case fault.Is(err, fault.Uncertain): // asking twice is asking once
			return fault.New(fault.Transient, op, err)
		case !fault.Is(err, fault.Permanent) && Reason(err) != ReasonPermission:
			return err
		}
	}
	for _, name := range names {
		h.Subscriptions = append(h.Subscriptions, channel.Subscription{Name: name, Working: !slices.Contains(broken, name), Checked: now})
	}
	return nil
}

// fields reads which fields our application has of a page, and whether it is there at all. Where the application's number
// is not known, any application is taken for ours.
func (c *Client) fields(op string, body []byte) (fields []string, installed bool, err error) {
	apps, _, err := c.items(op, body)
	if err != nil {
		return nil, false, err
	}
	for _, raw := range apps {
		var app struct {
			ID     ident           `json:"id"`
			Fields json.RawMessage `json:"subscribed_fields"`
		}
		if !readObject(raw, &app) || c.appID != "" && app.ID.s != c.appID {
			continue
		}
		installed = true
		names, _, _ := elements(app.Fields, maxScopes)
		for _, raw := range names {
			var name ident
			if _ = json.Unmarshal(raw, &name); name.s != "" && !slices.Contains(fields, name.s) {
				fields = append(fields, name.s)
			}
		}
	}
	return fields, installed, nil
}
