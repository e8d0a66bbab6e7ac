package x

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	texts "sence.gob.cl/gestor/shared/post"
)

// Outbound is the way out to X: public answers to posts, direct messages, and what may be done besides. It is safe for
// concurrent use and keeps no key.
type Outbound struct {
	api
	access func(ctx context.Context, account string) (channel.Access, error)
}

// NewOutbound makes the way out; access gives the key of one of our accounts, and may cache: its error of kind Denied says
// that nobody but a person can get another. The error is fault.Invalid and names the wrong field.
func NewOutbound(c Config, access func(ctx context.Context, account string) (channel.Access, error)) (*Outbound, error) {
	calls, err := newAPI("x.NewOutbound", c)
	if err != nil {
		return nil, err
	}
	return &Outbound{api: calls, access: access}, nil
}

type (
	newPost struct {
		Text  string  `json:"text"`
		Reply replyTo `json:"reply"`
	}
	replyTo struct {
		ID string `json:"in_reply_to_tweet_id"`
	}
	newMessage struct {
		Text string `json:"text"`
	}
)

// Send says the answer with one request and never a second, and gives the id of the post or of the message. fault.Uncertain
// means that it may stand there, and Find tells; other kinds are proven not to have said it.
// (POST /2/tweets, POST /2/dm_conversations/with/{participant_id}/messages)
func (o *Outbound) Send(ctx context.Context, out texts.Outgoing) (texts.Receipt, error) {
	const op = "x.Send"
	call := once.Call{Path: "/2/tweets", Body: newPost{Text: out.Text, Reply: replyTo{ID: out.Target}}}
	if out.Visibility == texts.Private {
		call = once.Call{Path: messagesPath(out) + "/messages", Body: newMessage{Text: out.Text}}
	}
	if err := usable(op, out); err != nil {
		return texts.Receipt{}, err
	}
	answer, err := o.call(ctx, op, out.Account, call)
	if err != nil {
		return texts.Receipt{}, err
	}
	if err := answer.Verdict(op, true, refused); err != nil {
		return texts.Receipt{Usage: usage(answer, err)}, err
	}
	var said struct {
		Data struct {
			ID    ident `json:"id"`
			Event ident `json:"dm_event_id"`
		} `json:"data"`
	}
	_ = answer.Object(&said) // what is no object names no id
	id := said.Data.ID.s
	if out.Visibility == texts.Private {
		id = said.Data.Event.s
	}
	receipt := texts.Receipt{ID: id, Usage: usage(answer, nil)}
	if !number(id) { // errors beside no id, or nothing we can read: a success all the same
		receipt.ID = ""
		return receipt, answer.Fail(op, true, once.Refusal{})
	}
	return receipt, nil
}

// usable refuses what cannot be sent, and so cannot be found.
func usable(op string, out texts.Outgoing) error {
	field := ""
	switch {
	case !number(out.Account):
		field = "account"
	case out.Visibility == texts.Public && !number(out.Target): // without it, it would be a post of its own
		field = "target"
	case out.Visibility == texts.Private && !number(out.Recipient):
		field = "recipient"
	case out.Visibility != texts.Public && out.Visibility != texts.Private:
		field = "visibility"
	case texts.Check(mention.X, out.Visibility, out.Text) != nil:
		return once.Refuse(op, once.ReasonContent, "text")
	}
	if field != "" {
		return once.Refuse(op, once.ReasonInput, field)
	}
	return nil
}

func messagesPath(out texts.Outgoing) string { return "/2/dm_conversations/with/" + out.Recipient }

// call makes one request in the name of one of our accounts.
func (o *Outbound) call(ctx context.Context, op, account string, call once.Call) (once.Answer, error) {
	a, err := o.access(ctx, account)
	switch {
	case fault.Is(err, fault.Denied):
		return once.Answer{}, once.NoToken(op, nil) // nobody but a person can get another key
	case err != nil:
		return once.Answer{}, once.NoToken(op, err)
	}
	return o.as(ctx, op, a, call)
}

// What Find looks through, and how much earlier than asked for an item may be dated: X cuts instants to whole seconds in
// places, and two clocks are never the same.
const (
	maxPages  = 10
	pageSize  = "100"
	clockSkew = 30 * time.Second
)

// Find looks for our own answer, said at or after since: a post of the account that answers the target, or a message of it
// to the recipient, with the same text as X shows it (see same). It only looks. found is false without an error when
// everything since then was seen and none is it.
// (GET /2/users/{id}/tweets and GET /2/dm_conversations/with/{participant_id}/dm_events, newest first)
func (o *Outbound) Find(ctx context.Context, out texts.Outgoing, since time.Time) (remoteID string, found bool, err error) {
	const op = "x.Find"
	if err := usable(op, out); err != nil {
		return "", false, err
	}
	if since.IsZero() {
		return "", false, once.Refuse(op, once.ReasonInput, "since")
	}
	since = since.Add(-clockSkew)
	path, query := "/2/users/"+out.Account+"/tweets", url.Values{
		"tweet.fields": {"created_at,entities,note_tweet,referenced_tweets"},
		"max_results":  {pageSize},
		"start_time":   {since.UTC().Format(time.RFC3339)}, // each post that is read is paid for
	}
	if out.Visibility == texts.Private {
		path, query = messagesPath(out)+"/dm_events", url.Values{
			"dm_event.fields": {"created_at,entities,event_type,id,sender_id,text"},
			"event_types":     {"MessageCreate"},
			"max_results":     {pageSize},
		}
	}
	return o.walk(ctx, op, out.Account, path, query, func(items []json.RawMessage) (string, bool) {
		return look(items, since, func(s shown) bool { return s.says(out) })
	})
}

// walk looks through a list, newest first, until a page has what is looked for or is past it.
func (o *Outbound) walk(
	ctx context.Context, op, account, path string, query url.Values, look func(items []json.RawMessage) (id string, past bool),
) (remoteID string, found bool, err error) {
	for range maxPages {
		answer, err := o.call(ctx, op, account, once.Call{Path: path + "?" + query.Encode()})
		if err != nil {
			return "", false, err
		}
		if err := answer.Verdict(op, false, refused); err != nil {
			return "", false, err
		}
		var page listing
		if !answer.Object(&page) {
			return "", false, answer.Fail(op, false, once.Refusal{})
		}
		items, more, isList := elements(page.Items, maxItems)
		id, past := look(items)
		switch {
		case id != "":
			return id, true, nil
		case given(page.Errors): // a list with something left out is no proof of absence
			return "", false, answer.Fail(op, false, refused(answer))
		case more, !isList && string(page.Meta.Count) != "0": // X leaves out a list of nothing, and says so
			return "", false, answer.Fail(op, false, once.Refusal{})
		case past, page.Meta.Next == "":
			return "", false, nil
		}
		query.Set("pagination_token", string(page.Meta.Next)) // never an address: the look stays on its host
	}
	return "", false, once.Answer{}.Fail(op, false, once.Refusal{Reason: once.ReasonTooMany})
}

// listing is one page of posts or messages.
type listing struct {
	Items  json.RawMessage `json:"data"`
	Errors json.RawMessage `json:"errors"`
	Meta   struct {
		Count json.RawMessage `json:"result_count"`
		Next  words           `json:"next_token"`
	} `json:"meta"`
}

// shown is a post or a message as X gives it back. Long posts carry their whole text apart.
type shown struct {
	ID         ident           `json:"id"`
	Sender     ident           `json:"sender_id"`
	Text       words           `json:"text"`
	At         stamp           `json:"created_at"`
	Referenced json.RawMessage `json:"referenced_tweets"`
	Entities   links           `json:"entities"`
	Whole      struct {
		Text     words `json:"text"`
		Entities links `json:"entities"`
	} `json:"note_tweet"`
}

// look goes through one page, newest first: the id of what is looked for, or whether this page and so all later ones are
// too old.
func look(items []json.RawMessage, since time.Time, is func(shown) bool) (id string, past bool) {
	older := 0
	for _, raw := range items {
		var s shown
		switch {
		case !readObject(raw, &s), s.At.IsZero():
		case s.At.Before(since):
			older++
		case number(s.ID.s) && is(s):
			return s.ID.s, false
		}
	}
	return "", len(items) > 0 && older == len(items)
}

// says reports that this is the answer we gave.
func (s shown) says(out texts.Outgoing) bool {
	if out.Visibility == texts.Private {
		return s.Sender.s == out.Account && same(out.Text, string(s.Text), s.Entities, false)
	}
	var p post
	v2Post{Referenced: s.Referenced}.refer(&p, includes{})
	if p.replyTo.s != out.Target {
		return false
	}
	if s.Whole.Text != "" {
		return same(out.Text, string(s.Whole.Text), s.Whole.Entities, true)
	}
	return same(out.Text, string(s.Text), s.Entities, true)
}
