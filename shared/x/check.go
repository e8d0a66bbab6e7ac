package x

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/once"
)

// webhook is the subscription without which there are no others.
const webhook = "webhook"

// wanted are the events that X is to tell us of, and the right each needs. Likes, reposts and followers are left out: each
// that is delivered is paid for, and none is a case.
func wanted() [][2]string {
	const posts, messages = "tweet.read", "dm.read"
	return [][2]string{
		{asMention, posts},
		{asReply, posts},
		{asQuote, posts},
		{"post.create", posts},
		{"post.delete", posts},
		{"dm.received", messages},
		{"dm.sent", messages},
		{"chat.received", messages},
		{"oauth.revoke", ""},
	}
}

// Check looks whether the key opens the account, whether X finds our address in order, and whether it tells us of all that it
// is to tell. What is missing is made anew; an address that X holds for broken is tried again. callback "" leaves both alone.
// (GET /2/users/me, GET, POST and PUT /2/webhooks, GET and POST /2/activity/subscriptions)
func (r *Reader) Check(ctx context.Context, a channel.Access, callback string, now time.Time) (channel.Health, error) {
	const op = "x.Check"
	who, answer, use, err := r.me(ctx, op, a)
	if err != nil {
		return channel.Health{Usage: use}, err
	}
	if who.Account != a.Account {
		return channel.Health{Usage: use}, answer.Fail(op, false, once.Refusal{Reason: once.ReasonAuth})
	}
	h := channel.Health{Name: who.Name, Usage: use}
	if a.Secret != "" {
		h.Missing = barred(answer.Header.Get("X-Access-Level"))
	}
	if callback == "" {
		return h, nil
	}
	app, err := r.application(ctx, op)
	if err != nil {
		return failed(use, err)
	}
	id, err := r.webhook(ctx, op, app, callback, now, &h)
	if err == nil {
		err = r.subscriptions(ctx, op, app, a, id, now, &h)
	}
	if err != nil {
		return failed(use, err)
	}
	return h, nil
}

// failed is half a look, which says nothing but how much is used up.
func failed(use channel.Usage, err error) (channel.Health, error) {
	return channel.Health{Usage: use}, err
}

// barred gives the rights that an access level of OAuth 1.0a does not hold; X names none that it does not know.
func barred(level string) []string {
	switch level {
	case "read":
		return []string{"tweet.write", "media.write", "dm.read", "dm.write"}
	case "read-write":
		return []string{"dm.read", "dm.write"}
	}
	return nil
}

// application gets the key of the application itself, which alone may see its address and its subscriptions. What X does not
// take here is our configuration and not the account's key.
// (POST /oauth2/token)
func (r *Reader) application(ctx context.Context, op string) (http.Header, error) {
	app, err := r.keys(ctx)
	if err != nil {
		return nil, once.NoToken(op, err)
	}
	if !visible(app.ConsumerKey) || !visible(app.ConsumerSecret) {
		return nil, once.Refuse(op, once.ReasonCredentials, "")
	}
	answer := r.client.Do(ctx, once.Call{
		Path: "/oauth2/token", Form: url.Values{"grant_type": {"client_credentials"}}, Header: basic(app.ConsumerKey, app.ConsumerSecret),
	})
	if err := answer.Verdict(op, false, refusedToApp); err != nil {
		return nil, err
	}
	var got struct {
		Token words `json:"access_token"`
	}
	if !answer.Object(&got) || !visible(string(got.Token)) {
		return nil, answer.Fail(op, false, once.Refusal{})
	}
	return http.Header{"Authorization": {"Bearer " + string(got.Token)}}, nil
}

// basic is how an application says who it is (RFC 6749, 2.3.1).
func basic(id, secret string) http.Header {
	pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}}
}

// refusedToApp reads a refusal of the application's own key.
func refusedToApp(a once.Answer) once.Refusal {
	r := refused(a)
	if r.Reason == once.ReasonAuth || a.Status == http.StatusForbidden {
		r.Reason = once.ReasonCredentials
	}
	return r
}

// hook is our address as X knows it.
type hook struct {
	ID    ident `json:"id"`
	URL   words `json:"url"`
	Valid bool  `json:"valid"`
}

// hooks lists the addresses of the application.
func (r *Reader) hooks(ctx context.Context, op string, app http.Header) ([]hook, error) {
	answer := r.client.Do(ctx, once.Call{Path: "/2/webhooks", Header: app})
	if err := answer.Verdict(op, false, refusedToApp); err != nil {
		return nil, err
	}
	var page listing
	_ = answer.Object(&page) // what is no object has no list
	items, _, isList := elements(page.Items, maxParts)
	if !isList && string(page.Meta.Count) != "0" {
		return nil, answer.Fail(op, false, once.Refusal{})
	}
	var all []hook
	for _, raw := range items {
		var one hook
		if readObject(raw, &one) && number(one.ID.s) {
			all = append(all, one)
		}
	}
	return all, nil
}

// found looks for our address among the others.
func found(all []hook, callback string) (hook, bool) {
	at := slices.IndexFunc(all, func(one hook) bool {
		return strings.TrimSuffix(string(one.URL), "/") == strings.TrimSuffix(callback, "/")
	})
	if at < 0 {
		return hook{}, false
	}
	return all[at], true
}

// webhook sees to it that X holds our address for good, and gives its id, "" when it is not there to be had.
func (r *Reader) webhook(ctx context.Context, op string, app http.Header, callback string, now time.Time, h *channel.Health) (string, error) {
	all, err := r.hooks(ctx, op, app)
	if err != nil {
		return "", err
	}
	ours, there := found(all, callback)
	if !there || !ours.Valid {
		repair := once.Call{Method: http.MethodPut, Path: "/2/webhooks/" + ours.ID.s, Header: app}
		if !there {
			repair = once.Call{Path: "/2/webhooks", Body: map[string]string{"url": callback}, Header: app}
		}
		if _, err := r.repaired(ctx, op, repair); err != nil {
			return "", err
		}
		if all, err = r.hooks(ctx, op, app); err != nil {
			return "", err
		}
		if ours, there = found(all, callback); there && ours.Valid {
			h.Mended = append(h.Mended, webhook)
		}
	}
	h.Subscriptions = append(h.Subscriptions, channel.Subscription{Name: webhook, Working: there && ours.Valid, Checked: now})
	return ours.ID.s, nil
}

// repaired makes something anew. That X refuses it is false and no error: the others are to be looked at all the same. Only
// what says that no further call will go through is an error.
func (r *Reader) repaired(ctx context.Context, op string, call once.Call) (bool, error) {
	answer := r.client.Do(ctx, call)
	done, err := settled(answer, op)
	if once.Reason(err) == once.ReasonAuth {
		err = answer.Fail(op, false, once.Refusal{Reason: once.ReasonCredentials})
	}
	return done, err
}

// settled tells a refusal of one thing from a failure of all.
func settled(answer once.Answer, op string) (bool, error) {
	err := answer.Verdict(op, false, refused)
	switch once.Reason(err) {
	case "":
		return err == nil, err
	case once.ReasonAuth, once.ReasonThrottle, once.ReasonUnknown, once.ReasonUnreachable:
		if answer.Status == http.StatusConflict {
			return true, nil // it is there already
		}
		return false, err
	}
	return false, nil
}

// subscriptions sees to it that X tells us of all that it is to tell of the account.
func (r *Reader) subscriptions(
	ctx context.Context, op string, app http.Header, a channel.Access, hookID string, now time.Time, h *channel.Health,
) error {
	have, err := r.subscribed(ctx, op, app, a.Account, hookID)
	if err != nil {
		return err
	}
	for _, want := range wanted() {
		event, right := want[0], want[1]
		working := have[event]
		if !working && hookID != "" {
			var answer once.Answer
			if answer, err = r.as(ctx, op, a, once.Call{Path: "/2/activity/subscriptions", Body: subscription{
				Type: event, Filter: whose{UserID: a.Account}, Webhook: hookID, Tag: "gestor",
			}}); err != nil {
				return err
			}
			if working, err = settled(answer, op); err != nil {
				return err
			}
			switch {
			case working:
				h.Mended = append(h.Mended, event)
			case right != "" && lacksRight(answer) && !slices.Contains(h.Missing, right):
				h.Missing = append(h.Missing, right)
			}
		}
		h.Subscriptions = append(h.Subscriptions, channel.Subscription{Name: event, Working: working, Checked: now})
	}
	return nil
}

// lacksRight reports a refusal for a right that the person did not give, and not for what our application may not do at all.
func lacksRight(a once.Answer) bool {
	all, _ := problems(a)
	return a.Status == http.StatusForbidden && !slices.ContainsFunc(all, func(p problem) bool { return p.kind() == "client-forbidden" })
}

// subscription is one kind of event of one account, told to one address.
type subscription struct {
	Type    string `json:"event_type"`
	Filter  whose  `json:"filter"`
	Webhook string `json:"webhook_id"`
	Tag     string `json:"tag"`
}

type whose struct {
	UserID string `json:"user_id"`
}

// subscribed lists the kinds of event that X tells our address of the account.
func (r *Reader) subscribed(ctx context.Context, op string, app http.Header, account, hookID string) (map[string]bool, error) {
	have := map[string]bool{}
	query := url.Values{"max_results": {"1000"}}
	for range maxPages {
		answer := r.client.Do(ctx, once.Call{Path: "/2/activity/subscriptions?" + query.Encode(), Header: app})
		if err := answer.Verdict(op, false, refusedToApp); err != nil {
			return nil, err
		}
		var page struct {
			Items json.RawMessage `json:"data"`
			Meta  struct {
				Total json.RawMessage `json:"total_subscriptions"`
				Count json.RawMessage `json:"result_count"`
				Next  words           `json:"next_token"`
			} `json:"meta"`
		}
		_ = answer.Object(&page) // what is no object has no list
		items, _, isList := elements(page.Items, maxItems)
		if !isList && string(page.Meta.Total) != "0" && string(page.Meta.Count) != "0" {
			return nil, answer.Fail(op, false, once.Refusal{})
		}
		for _, raw := range items {
			var one struct {
				Type   words `json:"event_type"`
				Filter struct {
					UserID ident `json:"user_id"`
				} `json:"filter"`
				Webhook ident `json:"webhook_id"`
			}
			// A subscription of which X does not say where it is told goes to the one address there is.
			if readObject(raw, &one) && one.Filter.UserID.s == account && (one.Webhook.s == hookID || one.Webhook.s == "") {
				have[string(one.Type)] = hookID != ""
			}
		}
		if page.Meta.Next == "" {
			return have, nil
		}
		query.Set("pagination_token", string(page.Meta.Next)) // never an address: the look stays on its host
	}
	return nil, once.Answer{}.Fail(op, false, once.Refusal{Reason: once.ReasonTooMany})
}
