package meta

import (
	"context"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// Outbound says our answers on one of Meta's networks, as the accounts whose tokens it can read: public ones under a
// comment or post, private ones to a person or to whoever wrote a comment or post.
type Outbound struct {
	network mention.Network
	cfg     Config
	app     func(context.Context) (AppSecret, error)
	tokens  func(context.Context) (map[string]string, error)
}

// NewOutbound makes the way out to Facebook and Messenger. Config's AppSecret is read anew for each call, so a rotation
// needs no restart; tokens maps page ids to page tokens.
func NewOutbound(cfg Config, app func(context.Context) (AppSecret, error), tokens func(context.Context) (map[string]string, error)) Outbound {
	return Outbound{network: mention.Facebook, cfg: cfg, app: app, tokens: tokens}
}

// NewInstagramOutbound makes the way out to Instagram; tokens maps the ids of Instagram accounts to the tokens of the
// pages they are linked with.
func NewInstagramOutbound(cfg Config, app func(context.Context) (AppSecret, error), tokens func(context.Context) (map[string]string, error)) Outbound {
	return Outbound{network: mention.Instagram, cfg: cfg, app: app, tokens: tokens}
}

// Send says the answer as its account; one call at most.
func (o Outbound) Send(ctx context.Context, out post.Outgoing) (string, error) {
	c, token, err := o.client(ctx, out)
	switch {
	case err != nil:
		return "", err
	case out.Visibility == post.Private:
		return c.Write(ctx, token, letter(out))
	case o.network == mention.Instagram:
		if media, comment, is := strings.Cut(out.Target, ":"); is {
			return c.AnswerMention(ctx, token, out.Account, media, comment, out.Text)
		}
		return c.ReplyInstagram(ctx, token, out.Target, out.Text)
	default:
		return c.Reply(ctx, token, out.Target, out.Text)
	}
}

// Find looks for what its account said, at or after since.
func (o Outbound) Find(ctx context.Context, out post.Outgoing, since time.Time) (string, bool, error) {
	c, token, err := o.client(ctx, out)
	switch {
	case err != nil:
		return "", false, err
	case out.Visibility == post.Private:
		return c.FindLetter(ctx, token, letter(out), since)
	case o.network == mention.Instagram:
		target := out.Target
		if _, comment, is := strings.Cut(out.Target, ":"); is {
			target = comment // under a caption nothing can be looked for: it is no object of ours, and a person looks
		}
		return c.FindInstagram(ctx, token, target, out.Account, out.Text, since)
	default:
		return c.Find(ctx, token, out.Target, out.Account, out.Text, since)
	}
}

// letter is a private answer as its network takes it.
func letter(out post.Outgoing) Letter {
	return Letter{Account: out.Account, Recipient: out.Recipient, About: out.Target, Text: out.Text, Tag: out.Tag}
}

// Reason gives the short code of an error.
func (o Outbound) Reason(err error) string { return Reason(err) }

// client gives a caller for the account and its token. An account without a token is an authorisation fault, and an
// answer that is neither public nor private nobody's: both are proven not to be sent.
func (o Outbound) client(ctx context.Context, out post.Outgoing) (*Client, string, error) {
	const op = "meta.Outbound"
	if out.Visibility != post.Public && out.Visibility != post.Private {
		return nil, "", &fault.Error{Kind: fault.Invalid, Op: op, Field: "visibility", Err: &Failure{Reason: ReasonInput}}
	}
	app, err := o.app(ctx)
	if err != nil {
		return nil, "", unread(op, err)
	}
	tokens, err := o.tokens(ctx)
	if err != nil {
		return nil, "", unread(op, err)
	}
	token := tokens[out.Account]
	if token == "" {
		return nil, "", fault.New(fault.Denied, op, &Failure{Reason: ReasonAuth})
	}
	cfg := o.cfg
	cfg.AppSecret = app.AppSecret
	c, err := New(cfg)
	if err != nil {
		return nil, "", err
	}
	c.network = o.network
	return c, token, nil
}

// unread is a call that was not made because our own store did not give what it needs: nothing was sent, whatever the
// store's trouble is, so it is never a doubt.
func unread(op string, err error) error {
	kind := fault.Transient
	if fault.Is(err, fault.Denied) {
		kind = fault.Denied
	}
	return fault.New(kind, op, &Failure{Reason: ReasonCredentials, cause: err})
}
