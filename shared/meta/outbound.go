package meta

import (
	"context"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
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
	access  Access
}

// Access gives the key of an account of ours: of a page its page token, of an Instagram account that of the page it is
// linked with. An error of kind Denied says that nobody but a person can get another.
type Access func(ctx context.Context, account string) (channel.Access, error)

// NewOutbound makes the way out to Facebook and Messenger. Config's AppSecret is read anew for each call, so a rotation
// needs no restart.
func NewOutbound(cfg Config, app func(context.Context) (AppSecret, error), access Access) Outbound {
	return Outbound{network: mention.Facebook, cfg: cfg, app: app, access: access}
}

// NewInstagramOutbound makes the way out to Instagram.
func NewInstagramOutbound(cfg Config, app func(context.Context) (AppSecret, error), access Access) Outbound {
	return Outbound{network: mention.Instagram, cfg: cfg, app: app, access: access}
}

// Send says the answer as its account; one call at most. The receipt tells how much of our quota is used up, also when
// there is an error.
func (o Outbound) Send(ctx context.Context, out post.Outgoing) (post.Receipt, error) {
	if err := seen(out); err != nil {
		return post.Receipt{}, err
	}
	c, token, err := o.client(ctx, out.Account)
	if err != nil {
		return post.Receipt{}, err
	}
	id, err := o.say(ctx, c, token, out)
	return post.Receipt{ID: id, Usage: c.meter.read()}, err
}

func (o Outbound) say(ctx context.Context, c *Client, token string, out post.Outgoing) (string, error) {
	switch {
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
	if err := seen(out); err != nil {
		return "", false, err
	}
	c, token, err := o.client(ctx, out.Account)
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
	return Letter{Account: out.Account, Recipient: out.Recipient, About: out.Target, Text: out.Text, Tag: out.Tag, Extended: out.Extended}
}

// Reason gives the short code of an error.
func (o Outbound) Reason(err error) string { return Reason(err) }

// seen refuses an answer that is neither public nor private: nobody knows who would see it.
func seen(out post.Outgoing) error {
	if out.Visibility != post.Public && out.Visibility != post.Private {
		return &fault.Error{Kind: fault.Invalid, Op: "meta.Outbound", Field: "visibility", Err: &Failure{Reason: ReasonInput}}
	}
	return nil
}

// client gives a caller for the account and its token. An account without a token is an authorisation fault: nothing is
// sent.
func (o Outbound) client(ctx context.Context, account string) (*Client, string, error) {
	const op = "meta.Outbound"
	c, err := clientFor(ctx, op, o.network, o.cfg, o.app)
	if err != nil {
		return nil, "", err
	}
	access, err := o.access(ctx, account)
	switch {
	case fault.Is(err, fault.Denied):
		return nil, "", fault.New(fault.Denied, op, &Failure{Reason: ReasonAuth, cause: err})
	case err != nil:
		return nil, "", unread(op, err)
	case access.Token == "":
		return nil, "", fault.New(fault.Denied, op, &Failure{Reason: ReasonAuth})
	}
	return c, access.Token, nil
}

// clientFor gives a caller with the secret as it is now.
func clientFor(ctx context.Context, op string, n mention.Network, cfg Config, app func(context.Context) (AppSecret, error)) (*Client, error) {
	secret, err := app(ctx)
	if err != nil {
		return nil, unread(op, err)
	}
	cfg.AppSecret = secret.AppSecret
	c, err := New(cfg)
	if err != nil {
		return nil, err
	}
	c.network, c.appID = n, secret.AppID
	return c, nil
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
