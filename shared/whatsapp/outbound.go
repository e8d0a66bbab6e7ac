package whatsapp

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/post"
)

// The defaults of Config. Version v25.0 appeared on 2026-02-18 and expires on 2028-07-29.
const (
	DefaultBaseURL = "https://graph.facebook.com/"
	DefaultVersion = "v25.0"
)

// Config is what an Outbound needs; each field may be left out. BaseURL is https, or http on a loopback or private address
// for local work; Version that of the Graph API, "v25.0"; AppSecret gives the application's secret, with which each call
// proves that its token was not stolen, and may cache; Transport nil opens a connection for each request; Timeout of one
// request must be shorter than what is left to the caller.
type Config struct {
	BaseURL   string
	Version   string
	AppSecret func(context.Context) (string, error)
	Transport http.RoundTripper
	Timeout   time.Duration
}

// Outbound is the way out to WhatsApp: private texts to a person who wrote to us within the last 24 hours, and templates to
// anybody. It is safe for concurrent use and keeps no token.
type Outbound struct {
	graph
	access Access
}

// Access gives the key of an account of ours, which is the id of the phone number. An error of kind Denied says that nobody
// but a person can get another.
type Access func(ctx context.Context, account string) (channel.Access, error)

// NewOutbound makes the way out. The error is fault.Invalid and names the wrong field.
func NewOutbound(c Config, access Access) (*Outbound, error) {
	g, err := newGraph("whatsapp.NewOutbound", c)
	if err != nil {
		return nil, err
	}
	return &Outbound{graph: g, access: access}, nil
}

// graph is how WhatsApp is called.
type graph struct {
	client  once.Client
	version string
	secret  func(context.Context) (string, error)
}

func newGraph(op string, c Config) (graph, error) {
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	if c.Version == "" {
		c.Version = DefaultVersion
	}
	client, ok := once.New(string(mention.WhatsApp), c.BaseURL, c.Transport, c.Timeout)
	major, minor, point := strings.Cut(strings.TrimPrefix(c.Version, "v"), ".")
	switch {
	case !ok:
		return graph{}, once.Refuse(op, once.ReasonInput, "BaseURL or Timeout")
	case c.Version[0] != 'v' || !point || !digits(major) || !digits(minor):
		return graph{}, once.Refuse(op, once.ReasonInput, "Version")
	}
	return graph{client: client, version: c.Version, secret: c.AppSecret}, nil
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// Reason gives the reason code of an error of this way out, "" for any other.
func (*Outbound) Reason(err error) string { return once.Reason(err) }

// sending is the body of POST /{phone-number-id}/messages. A person has a phone number, or only the id WhatsApp gives them
// for us: To is for the former and Recipient for the latter, and of two To would win.
type sending struct {
	Product   string      `json:"messaging_product"`
	To        string      `json:"to,omitempty"`
	Recipient string      `json:"recipient,omitempty"`
	Type      string      `json:"type"`
	Text      *body       `json:"text,omitempty"`
	Template  *filled     `json:"template,omitempty"`
	Context   *inAnswerTo `json:"context,omitempty"`
	Tag       string      `json:"biz_opaque_callback_data,omitempty"`
}

type body struct {
	Body string `json:"body"`
}

type inAnswerTo struct {
	ID string `json:"message_id"`
}

// maxTagBytes is how long a word of ours may be that WhatsApp gives back in its statuses.
const maxTagBytes = 512

// write says the answer in WhatsApp's words, or what is wrong with it. An answer to one message of the person quotes it.
func write(op string, out post.Outgoing) (sending, error) {
	wrong := func(field string) (sending, error) { return sending{}, once.Refuse(op, once.ReasonInput, field) }
	switch {
	case out.Visibility == post.Public:
		return sending{}, once.Refuse(op, once.ReasonUnsupported, "visibility")
	case out.Visibility != post.Private:
		return wrong("visibility")
	case !digits(out.Account):
		return wrong("account")
	case !visible(out.Recipient):
		return wrong("recipient")
	case len(out.Tag) > maxTagBytes:
		return wrong("tag")
	}
	s := sending{Product: "whatsapp", Type: "template", Tag: out.Tag}
	if out.Template != nil {
		t, err := fill(op, *out.Template)
		if err != nil {
			return sending{}, err
		}
		s.Template = t
	} else {
		if err := post.Check(mention.WhatsApp, post.Private, out.Text); err != nil {
			return sending{}, err
		}
		s.Type, s.Text = "text", &body{out.Text}
	}
	if phone := strings.TrimPrefix(out.Recipient, "+"); digits(phone) {
		s.To = phone
	} else {
		s.Recipient = out.Recipient
	}
	if out.Template == nil && strings.HasPrefix(out.Target, "wamid.") && visible(out.Target) {
		s.Context = &inAnswerTo{out.Target}
	}
	return s, nil
}

// visible reports what can be an id: visible ASCII, not too long.
func visible(id string) bool {
	return id != "" && len(id) <= maxIDBytes && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
}

// Send says the answer with one request and never a second, and gives the message's id and how much of our quota is used up: as
// a template where there is one, which WhatsApp also takes after 24 hours. That WhatsApp took it is not yet that it reached the
// person: a status tells, later. Kinds: Uncertain when it may have been taken; all others are proven not to have been. A
// template that WhatsApp does not know so is Invalid. (POST /{phone-number-id}/messages)
func (o *Outbound) Send(ctx context.Context, out post.Outgoing) (post.Receipt, error) {
	return o.say(ctx, "whatsapp.Send", out)
}

func (o *Outbound) say(ctx context.Context, op string, out post.Outgoing) (post.Receipt, error) {
	message, err := write(op, out)
	if err != nil {
		return post.Receipt{}, err
	}
	access, err := o.access(ctx, out.Account)
	switch {
	case fault.Is(err, fault.Denied):
		return post.Receipt{}, once.NoToken(op, nil) // nobody but a person can get another key
	case err != nil:
		return post.Receipt{}, once.NoToken(op, err)
	}
	call, err := o.call(ctx, op, access.Token, "/"+out.Account+"/messages", url.Values{})
	if err != nil {
		return post.Receipt{}, err
	}
	call.Body = message
	answer := o.client.Do(ctx, call)
	id, err := taken(op, answer)
	if message.Template != nil {
		err = misfilled(op, err)
	}
	return post.Receipt{ID: id, Usage: usage(answer, err)}, err
}

// taken reads the id of the message that WhatsApp took.
func taken(op string, answer once.Answer) (string, error) {
	if err := answer.Verdict(op, true, refused); err != nil {
		return "", err
	}
	var taken struct {
		Messages []struct {
			ID ident `json:"id"`
		} `json:"messages"`
		Error *struct{} `json:"error"`
	}
	switch {
	case !answer.Object(&taken):
	case taken.Error != nil:
		return "", answer.Fail(op, true, refused(answer))
	case len(taken.Messages) == 1 && taken.Messages[0].ID.s != "":
		return taken.Messages[0].ID.s, nil
	}
	return "", answer.Fail(op, true, once.Refusal{})
}

// Act does nothing: messages between two people are not hidden, and what we sent cannot be taken back by an application.
func (o *Outbound) Act(context.Context, post.Act) (post.Receipt, error) {
	return post.Receipt{}, once.Refuse("whatsapp.Act", once.ReasonUnsupported, "verb")
}

// Find cannot look: WhatsApp has no way to read messages back. That is Permanent and never "not there": nothing proves that
// nothing was sent, so the answer stays unknown and a person is told.
func (o *Outbound) Find(context.Context, post.Outgoing, time.Time) (string, bool, error) {
	return "", false, fault.New(fault.Permanent, "whatsapp.Find", &once.Failure{Reason: once.ReasonUnknown})
}

// call is a request with the key of an account, at a path of the version that is configured.
func (g graph) call(ctx context.Context, op, token, path string, query url.Values) (once.Call, error) {
	if !visible(token) {
		return once.Call{}, once.NoToken(op, nil)
	}
	if g.secret != nil {
		secret, err := g.secret(ctx)
		if err != nil {
			return once.Call{}, once.NoToken(op, err)
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(token))
		query.Set("appsecret_proof", hex.EncodeToString(mac.Sum(nil)))
	}
	path = "/" + g.version + path
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return once.Call{Path: path, Header: http.Header{"Authorization": {"Bearer " + token}}}, nil
}
