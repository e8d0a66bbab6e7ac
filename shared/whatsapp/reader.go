package whatsapp

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// Reader finds the media of messages and looks whether all is well with a number of ours. Nothing else can be read on
// WhatsApp: what was not delivered is in no list. It is safe for concurrent use and keeps no key.
type Reader struct {
	graph
	home  *url.URL
	appID func(context.Context) (string, error)
}

// NewReader makes it; appID gives the application's number, may cache, and may be nil where it is not known. The error is
// fault.Invalid and names the wrong field.
func NewReader(c Config, appID func(context.Context) (string, error)) (*Reader, error) {
	g, err := newGraph("whatsapp.NewReader", c)
	if err != nil {
		return nil, err
	}
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	home, err := url.Parse(c.BaseURL)
	if err != nil {
		return nil, once.Refuse("whatsapp.NewReader", once.ReasonInput, "BaseURL")
	}
	return &Reader{graph: g, home: home, appID: appID}, nil
}

// Reason gives the short code of an error.
func (*Reader) Reason(err error) string { return once.Reason(err) }

// Lists names no list.
func (*Reader) Lists() []string { return nil }

// List has no list to read.
func (*Reader) List(context.Context, channel.Access, channel.ListQuery) (channel.Page, error) {
	return channel.Page{}, once.Refuse("whatsapp.List", once.ReasonUnsupported, "list")
}

// Item has nothing to read: a message comes whole or not at all.
func (*Reader) Item(context.Context, channel.Access, mention.Event) (mention.Event, channel.Usage, error) {
	return mention.Event{}, channel.Usage{}, once.Refuse("whatsapp.Item", once.ReasonUnsupported, "key")
}

// round is the requests of one look, and the worst use that they told.
type round struct {
	*Reader
	op, key string
	use     channel.Usage
}

// look makes one request and reads the object it is answered with.
func (r *round) look(ctx context.Context, key, path string, query url.Values, into any) error {
	call, err := r.call(ctx, r.op, key, path, query)
	if err != nil {
		return err
	}
	return r.send(ctx, call, into)
}

func (r *round) send(ctx context.Context, call once.Call, into any) error {
	answer := r.client.Do(ctx, call)
	err := answer.Verdict(r.op, false, refused)
	var said struct {
		Error *struct{} `json:"error"`
	}
	switch {
	case err != nil:
	case !answer.Object(&said):
		err = answer.Fail(r.op, false, once.Refusal{})
	case said.Error != nil:
		err = answer.Fail(r.op, false, refused(answer))
	default:
		_ = answer.Object(into) // it is an object; what is missing in it, the caller sees
	}
	if u := usage(answer, err); u.Known() && u.Share >= r.use.Share {
		r.use = u
	}
	return err
}

// strange is an answer that is a success and says nothing of what was asked.
func (r *round) strange() error {
	return once.Answer{Status: http.StatusOK, Body: []byte{}}.Fail(r.op, false, once.Refusal{})
}

// reasonForeign: the network pointed to an address that is not its own.
const reasonForeign = "foreign_host"

// Media asks where the bytes are: the address is good for five minutes, and only with the account's key, which goes to no
// host but Meta's. (GET /{media-id}; Cloud API, "Media")
func (r *Reader) Media(ctx context.Context, a channel.Access, m mention.Attachment) (channel.Download, error) {
	const op = "whatsapp.Media"
	if !visible(a.Token) {
		return channel.Download{}, once.NoToken(op, nil)
	}
	address := m.URL
	switch {
	case m.ID == "" && address == "":
		return channel.Download{}, once.Refuse(op, once.ReasonUnsupported, "attachment")
	case m.ID != "" && !nameLike(m.ID), !digits(a.Account):
		return channel.Download{}, once.Refuse(op, once.ReasonInput, "attachment")
	case m.ID != "":
		var found struct {
			URL words `json:"url"`
		}
		l := &round{Reader: r, op: op, key: a.Token}
		if err := l.look(ctx, a.Token, "/"+m.ID, url.Values{"phone_number_id": {a.Account}}, &found); err != nil {
			return channel.Download{}, err
		}
		if address = string(found.URL); address == "" {
			return channel.Download{}, l.strange()
		}
	}
	u, err := url.Parse(address)
	if err != nil || !r.metas(u) {
		return channel.Download{}, fault.New(fault.Permanent, op, &once.Failure{Reason: reasonForeign})
	}
	return channel.Download{URL: address, Header: map[string]string{"Authorization": "Bearer " + a.Token}}, nil
}

// metas reports an address to which our key may go: one of Meta's, or of where Graph is for us.
func (r *Reader) metas(u *url.URL) bool {
	if u.Host == r.home.Host && u.Scheme == r.home.Scheme {
		return true
	}
	host := u.Hostname()
	return u.Scheme == "https" && u.User == nil && slices.ContainsFunc([]string{".fbsbx.com", ".whatsapp.net", ".fbcdn.net", ".facebook.com"},
		func(suffix string) bool { return strings.HasSuffix(host, suffix) })
}

// nameLike reports an id that may stand in the path of an address.
func nameLike(id string) bool {
	return id != "" && len(id) <= maxIDBytes && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-'
	})
}
