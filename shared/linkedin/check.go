package linkedin

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// Administrator is the role without which a person's keys open nothing of an organization.
const Administrator = "ADMINISTRATOR"

// eventType is the one subscription there is.
const eventType = "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"

// The days before which a subscription is made anew, and from which on people hear that a key was not renewed.
const (
	renewBefore = 7 * 24 * time.Hour
	warnBefore  = 6 * 24 * time.Hour
)

// Check looks what the organization is called, whether the person whose key it is is still its administrator and gave us all
// rights, when the key ends, and whether LinkedIn tells our address of what happens; a subscription that is gone, goes
// elsewhere or ends soon is made anew. callback "" leaves it alone.
// (GET /rest/organizations/{id}, GET /rest/organizationAcls, POST /oauth/v2/introspectToken, GET and PUT /rest/eventSubscriptions)
func (r *Reader) Check(ctx context.Context, a channel.Access, callback string, now time.Time) (channel.Health, error) {
	const op = "linkedin.Check"
	us := organizationOf(a.Account)
	name, use, err := r.organization(ctx, op, a, us)
	if err != nil {
		return channel.Health{Usage: use}, err
	}
	h := channel.Health{Name: name}
	person, use, err := r.administrator(ctx, op, a, us)
	if err != nil {
		return channel.Health{Usage: use}, err
	}
	if person == "" {
		h.Missing = append(h.Missing, Administrator)
	}
	app, err := r.keys(ctx)
	if err != nil {
		return channel.Health{}, once.NoToken(op, err)
	}
	if app.ClientID != "" {
		if err := r.introspect(ctx, op, app, a, &h); err != nil {
			return channel.Health{}, err
		}
	}
	if callback == "" {
		return h, nil
	}
	use, err = r.subscription(ctx, op, subscriptionKey{app: app.ID, person: person, entity: us}, a, callback, now, &h)
	if err != nil {
		return channel.Health{Usage: use}, err
	}
	return h, nil
}

// role is what a person may do with an organization.
type role struct {
	Organization ident `json:"organization"`
	Target       ident `json:"organizationTarget"`
	Person       ident `json:"roleAssignee"`
	Role         words `json:"role"`
	State        words `json:"state"`
}

// roles lists the organizations of which the person whose key it is is administrator, a page at a time.
func (c api) roles(ctx context.Context, op string, a channel.Access, each func(organization, person string) (enough bool)) (channel.Usage, error) {
	for start := 0; start < maxPages*pageSize; {
		answer, use, err := c.look(ctx, op, a, "/rest/organizationAcls?q=roleAssignee&role="+Administrator+"&state=APPROVED&start="+
			strconv.Itoa(start)+"&count="+strconv.Itoa(pageSize))
		if err != nil {
			return use, err
		}
		var page listing
		_ = answer.Object(&page) // what is no object has no list
		items, cut, ok := elements(page.Elements, maxItems)
		if !ok || cut {
			return use, answer.Fail(op, false, once.Refusal{})
		}
		for _, raw := range items {
			var it role
			if !readObject(raw, &it) || it.Role != Administrator || it.State != "" && it.State != "APPROVED" {
				continue
			}
			if urn := organizationOf(normalise(either(it.Organization, it.Target))); urn != "" && each(urn, it.Person.s) {
				return use, nil
			}
		}
		if !page.more(start, len(items)) {
			return use, nil
		}
		start += max(len(items), 1)
	}
	return channel.Usage{}, once.Answer{}.Fail(op, false, once.Refusal{Reason: once.ReasonTooMany})
}

// administrator gives the URN of the person whose key it is, "" when that person does not administer the organization.
func (r *Reader) administrator(ctx context.Context, op string, a channel.Access, us string) (person string, use channel.Usage, err error) {
	use, err = r.roles(ctx, op, a, func(organization, who string) bool {
		if organization == us {
			person = who
		}
		return organization == us
	})
	return person, use, err
}

// introspect reads what the key may do and when it ends.
func (r *Reader) introspect(ctx context.Context, op string, app App, a channel.Access, h *channel.Health) error {
	answer := r.signIn.Do(ctx, once.Call{Path: "/oauth/v2/introspectToken", Form: url.Values{
		"client_id": {app.ClientID}, "client_secret": {app.ClientSecret}, "token": {a.Token},
	}})
	if err := answer.Verdict(op, false, refusedToApp); err != nil {
		return err
	}
	var key struct {
		Active json.RawMessage `json:"active"`
		Scope  words           `json:"scope"`
		Until  stamp           `json:"expires_at"`
	}
	_ = answer.Object(&key) // what is no object says nothing
	switch string(key.Active) {
	case "true":
	case "false":
		return answer.Fail(op, false, once.Refusal{Reason: once.ReasonAuth})
	default:
		return answer.Fail(op, false, once.Refusal{})
	}
	given := strings.FieldsFunc(string(key.Scope), func(r rune) bool { return r == ',' || r == ' ' })
	h.Missing = append(h.Missing, channel.Missing(mention.LinkedIn, given)...)
	if !key.Until.IsZero() {
		h.Expiries = append(h.Expiries, channel.Expiry{Kind: channel.ExpiresAccess, At: key.Until.Time, Warn: key.Until.Add(-warnBefore)})
	}
	return nil
}

// refusedToApp reads a refusal of what our application says of itself, which is not the account's fault.
func refusedToApp(a once.Answer) once.Refusal {
	r := once.RefusedKeys(a)
	if r.Reason == once.ReasonAuth {
		r.Reason = once.ReasonCredentials
	}
	return r
}

// subscriptionKey names the subscription of one person's application for one organization.
type subscriptionKey struct{ app, person, entity string }

// path is where it stands. Its brackets, colons and commas are part of the language of these addresses.
func (k subscriptionKey) path() string {
	return "/rest/eventSubscriptions/(developerApplication:" + url.QueryEscape("urn:li:developerApplication:"+k.app) +
		",user:" + url.QueryEscape(k.person) + ",entity:" + url.QueryEscape(k.entity) + ",eventType:" + eventType + ")"
}

// known reports that all of it is known.
func (k subscriptionKey) known() bool {
	id, isPerson := strings.CutPrefix(k.person, "urn:li:person:")
	return digits(k.app) && isPerson && memberID(id)
}

// told is where LinkedIn tells, and until when.
type told struct {
	Webhook words `json:"webhook"`
	Until   stamp `json:"expiresAt"`
}

// subscription sees to it that LinkedIn tells our address.
func (r *Reader) subscription(
	ctx context.Context, op string, key subscriptionKey, a channel.Access, callback string, now time.Time, h *channel.Health,
) (channel.Usage, error) {
	sub := channel.Subscription{Name: eventType, Checked: now}
	defer func() { h.Subscriptions = append(h.Subscriptions, sub) }()
	if !key.known() {
		return channel.Usage{}, nil // without the role, or our application's number, there is none to be had
	}
	at, use, err := r.toldAt(ctx, op, key, a)
	if err != nil {
		return use, err
	}
	good := func() bool { return string(at.Webhook) == callback && (at.Until.IsZero() || at.Until.After(now)) }
	if !good() || !at.Until.IsZero() && at.Until.Before(now.Add(renewBefore)) {
		answer, err := r.as(ctx, op, a.Token, once.Call{Method: http.MethodPut, Path: key.path(), Body: map[string]string{"webhook": callback}})
		if err != nil {
			return use, err
		}
		err = answer.Verdict(op, false, refused)
		switch once.Reason(err) {
		case "":
			h.Mended = append(h.Mended, eventType)
		case once.ReasonPermission, once.ReasonContent, once.ReasonGone:
			return use, nil // refused: it stays as it is
		default:
			return usage(answer, err), err
		}
		if at, use, err = r.toldAt(ctx, op, key, a); err != nil {
			return use, err
		}
	}
	sub.Working, sub.Until = good(), at.Until.Time
	if !at.Until.IsZero() {
		h.Expiries = append(h.Expiries, channel.Expiry{Kind: channel.ExpiresSubscription, At: at.Until.Time, Warn: at.Until.Add(-warnBefore)})
	}
	return use, nil
}

// toldAt reads the subscription; none is no error.
func (r *Reader) toldAt(ctx context.Context, op string, key subscriptionKey, a channel.Access) (told, channel.Usage, error) {
	answer, use, err := r.look(ctx, op, a, key.path())
	if once.Reason(err) == once.ReasonGone {
		return told{}, use, nil
	}
	if err != nil {
		return told{}, use, err
	}
	var at told
	if !answer.Object(&at) || at.Webhook == "" {
		return told{}, use, answer.Fail(op, false, once.Refusal{})
	}
	return at, use, nil
}
