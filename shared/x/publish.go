package x

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	texts "sence.gob.cl/gestor/shared/post"
)

// Files gives the bytes of the library's files, by their ids.
type Files interface {
	Range(ctx context.Context, key string, from, size int64) ([]byte, error)
}

// Publisher puts posts of ours on X. It is safe for concurrent use and keeps no key.
type Publisher struct {
	out   *Outbound
	files Files
}

// NewPublisher makes it; access is as for NewOutbound, and without files only words can be published. The error is fault.Invalid and names the wrong field.
func NewPublisher(c Config, access func(ctx context.Context, account string) (channel.Access, error), files Files) (*Publisher, error) {
	out, err := NewOutbound(c, access)
	if err != nil {
		return nil, err
	}
	return &Publisher{out: out, files: files}, nil
}

// Reason gives the reason code of an error of this network, "" for any other.
func (*Publisher) Reason(err error) string { return once.Reason(err) }

// PostURL gives the address at which everybody sees a post of ours; X finds its author by itself.
func (*Publisher) PostURL(_, id string) string {
	if !number(id) {
		return ""
	}
	return "https://x.com/i/web/status/" + id
}

type (
	publication struct {
		Text  string    `json:"text,omitempty"`
		Media *mediaIDs `json:"media,omitempty"`
	}
	mediaIDs struct {
		IDs []string `json:"media_ids"`
	}
)

// sayable refuses a post that cannot be published, and so cannot be found.
func sayable(op string, b texts.Broadcast) error {
	text := b.Whole(mention.X)
	rule, _ := texts.PublicationRuleOf(mention.X)
	switch {
	case !number(b.Account):
		return once.Refuse(op, once.ReasonInput, "account")
	case b.Template != nil:
		return once.Refuse(op, once.ReasonUnsupported, "template")
	case !utf8.ValidString(text), rule.Unit.Count(text) > rule.Max, texts.NormaliseForCompare(text) == "" && len(b.Media) == 0:
		return once.Refuse(op, once.ReasonContent, "text")
	}
	return attachable(op, b.Media)
}

// Publish makes the post seen, with one request and never a second, and gives its id. fault.Uncertain means that it may stand
// there, and Published tells; fault.Duplicate that X says so and names no id; other kinds are proven not to have said it.
// (POST /2/tweets)
func (p *Publisher) Publish(ctx context.Context, b texts.Broadcast) (texts.Receipt, error) {
	const op = "x.Publish"
	if err := sayable(op, b); err != nil {
		return texts.Receipt{}, err
	}
	body := publication{Text: b.Whole(mention.X)}
	if len(b.Media) > 0 {
		ids, ready := ready(b)
		if !ready {
			return texts.Receipt{}, once.Refuse(op, once.ReasonInput, "prepared")
		}
		body.Media = &mediaIDs{ids}
	}
	answer, err := p.out.call(ctx, op, b.Account, once.Call{Path: "/2/tweets", Body: body})
	if err != nil {
		return texts.Receipt{}, err
	}
	if err := answer.Verdict(op, true, refused); err != nil {
		return texts.Receipt{Usage: usage(answer, err)}, once.Standing(op, err)
	}
	var said single
	var made v2Post
	_ = answer.Object(&said) // what is no object names no id
	receipt := texts.Receipt{Usage: usage(answer, nil)}
	if !readObject(said.Data, &made) || !number(made.ID.s) { // a success all the same, of which nobody knows what it made
		return receipt, answer.Fail(op, true, once.Refusal{})
	}
	receipt.ID = made.ID.s
	return receipt, nil
}

// Published looks for the post among those of the account made at or after since. It only looks. found is false without an
// error when everything since then was seen and none is it.
// (GET /2/users/{id}/tweets, newest first)
func (p *Publisher) Published(ctx context.Context, b texts.Broadcast, since time.Time) (id string, found bool, err error) {
	const op = "x.Published"
	if err := sayable(op, b); err != nil {
		return "", false, err
	}
	if since.IsZero() {
		return "", false, once.Refuse(op, once.ReasonInput, "since")
	}
	since = since.Add(-clockSkew)
	return p.out.walk(ctx, op, b.Account, "/2/users/"+b.Account+"/tweets", url.Values{
		"tweet.fields": {"created_at,entities,note_tweet,referenced_tweets"},
		"exclude":      {"replies,retweets"},
		"max_results":  {pageSize},
		"start_time":   {since.UTC().Format(time.RFC3339)}, // each post that is read is paid for
	}, func(items []json.RawMessage) (string, bool) {
		return look(items, since, func(s shown) bool { return s.publishes(b) })
	})
}

// publishes reports that this is the post we published, and no answer to anything. X puts an address of its own for what hangs
// on a post behind its text.
func (s shown) publishes(b texts.Broadcast) bool {
	var p post
	v2Post{Referenced: s.Referenced}.refer(&p, includes{})
	if p.replyTo.s != "" || p.repost {
		return false
	}
	text, in := s.Text, s.Entities
	if s.Whole.Text != "" {
		text, in = s.Whole.Text, s.Whole.Entities
	}
	want, seen := b.Whole(mention.X), string(text)
	if texts.Alike(want, seen) || same(want, seen, in, false) {
		return true
	}
	at := strings.LastIndex(seen, "https://t.co/")
	return len(b.Media) > 0 && at >= 0 && !strings.ContainsAny(seen[at:], " \n") && texts.Alike(want, seen[:at])
}
