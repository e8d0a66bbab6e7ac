package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/post"
)

// Templates are texts that Meta approved; what is filled into them stands in their body. (WhatsApp Cloud API, "Message
// templates", "Template components")
type (
	filled struct {
		Name     string      `json:"name"`
		Language language    `json:"language"`
		Parts    []component `json:"components,omitempty"`
	}
	language struct {
		Code string `json:"code"`
	}
	component struct {
		Type   string      `json:"type"`
		Params []parameter `json:"parameters"`
	}
	parameter struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
)

// maxParam bounds what is filled in, in characters; a body has at most 1 024 with all of it.
const maxParam = 1024

// fill says a template in WhatsApp's words, or what is wrong with it. WhatsApp takes no line breaks and no runs of spaces in
// what is filled in, so that each becomes one space.
func fill(op string, t post.Template) (*filled, error) {
	wrong := func() (*filled, error) { return nil, once.Refuse(op, once.ReasonInput, "template") }
	if !nameLike(t.Name) || !nameLike(t.Language) {
		return wrong()
	}
	f := &filled{Name: t.Name, Language: language{t.Language}}
	body := component{Type: "body"}
	for _, text := range t.Params {
		said := post.NormaliseForCompare(text)
		if said == "" || !utf8.ValidString(text) || utf8.RuneCountInString(said) > maxParam {
			return wrong()
		}
		body.Params = append(body.Params, parameter{"text", said})
	}
	if len(body.Params) > 0 {
		f.Parts = []component{body}
	}
	return f, nil
}

// misfilled makes Invalid what WhatsApp says of the template itself: it is not approved, or not filled in as it was.
func misfilled(op string, err error) error {
	var f *once.Failure
	if !errors.As(err, &f) || f.Reason != once.ReasonContent || f.Code < 132_000 || f.Code >= 133_000 {
		return err
	}
	return &fault.Error{Kind: fault.Invalid, Op: op, Field: "template", Err: f}
}

// Publisher sends templates to people. It is safe for concurrent use and keeps no token.
type Publisher struct{ out *Outbound }

// NewPublisher makes it. The error is fault.Invalid and names the wrong field.
func NewPublisher(c Config, access Access) (*Publisher, error) {
	out, err := NewOutbound(c, access)
	if err != nil {
		return nil, err
	}
	return &Publisher{out: out}, nil
}

// Reason gives the reason code of an error of this network, "" for any other.
func (*Publisher) Reason(err error) string { return once.Reason(err) }

// PostURL has none: nobody but its reader sees a message.
func (*Publisher) PostURL(string, string) string { return "" }

// Prepare has nothing to bring: a template is there since it was approved.
func (*Publisher) Prepare(context.Context, post.Broadcast, time.Time) (post.Prepared, error) {
	return post.Prepared{Ready: true}, nil
}

// Publish sends a template to one person, with one request and never a second, and gives the message's id. Its kinds are those
// of Send. (POST /{phone-number-id}/messages)
func (p *Publisher) Publish(ctx context.Context, b post.Broadcast) (post.Receipt, error) {
	const op = "whatsapp.Publish"
	switch {
	case b.Template == nil:
		return post.Receipt{}, once.Refuse(op, once.ReasonUnsupported, "template")
	case len(b.Media) > 0:
		return post.Receipt{}, once.Refuse(op, once.ReasonUnsupported, "media")
	}
	return p.out.say(ctx, op, post.Outgoing{
		Account: b.Account, Recipient: b.Recipient, Visibility: post.Private, Text: b.Text, Template: b.Template, Tag: b.Tag,
	})
}

// Published cannot look, as Find cannot: statuses tell, by the tag that went along.
func (*Publisher) Published(context.Context, post.Broadcast, time.Time) (string, bool, error) {
	return "", false, fault.New(fault.Permanent, "whatsapp.Published", &once.Failure{Reason: once.ReasonUnknown})
}

// maxPages bounds the pages of templates; an account may have 6 000 of them, a hundred a page.
const maxPages = 60

// Templates gives the approved templates of the number's business account that can be sent by filling in their body alone.
// (GET /debug_token, GET /{waba-id}/phone_numbers, GET /{waba-id}/message_templates)
func (r *Reader) Templates(ctx context.Context, a channel.Access) ([]channel.KnownTemplate, channel.Usage, error) {
	l := &round{Reader: r, op: "whatsapp.Templates", key: a.Token}
	list, err := l.templates(ctx, a)
	return list, l.use, err
}

func (r *round) templates(ctx context.Context, a channel.Access) ([]channel.KnownTemplate, error) {
	if !digits(a.Account) {
		return nil, once.Refuse(r.op, once.ReasonInput, "account")
	}
	_, businesses, _, err := r.inspect(ctx)
	if err != nil {
		return nil, err
	}
	business, err := r.business(ctx, a, businesses)
	switch {
	case err != nil:
		return nil, err
	case business == "": // of a key that names none nothing is known
		return nil, once.Answer{Status: http.StatusOK, Body: []byte{}}.Fail(r.op, false, once.Refusal{Reason: once.ReasonPermission})
	}
	query := url.Values{"status": {"APPROVED"}, "fields": {"name,language,status,category,parameter_format,components"}, "limit": {"100"}}
	var all []channel.KnownTemplate
	for range maxPages {
		var page struct {
			Data   json.RawMessage `json:"data"`
			Paging struct {
				Cursors struct {
					After words `json:"after"`
				} `json:"cursors"`
				Next json.RawMessage `json:"next"`
			} `json:"paging"`
		}
		if err := r.look(ctx, a.Token, "/"+business+"/message_templates", query, &page); err != nil {
			return nil, err
		}
		items, cut, ok := elements(page.Data, maxItems)
		if !ok || cut {
			return nil, r.strange()
		}
		for _, raw := range items {
			if t, ok := readTemplate(raw); ok {
				all = append(all, t)
			}
		}
		if !present(page.Paging.Next) || page.Paging.Cursors.After == "" {
			return all, nil
		}
		query.Set("after", string(page.Paging.Cursors.After)) // never an address: the look stays on its host
	}
	return nil, once.Answer{}.Fail(r.op, false, once.Refusal{Reason: once.ReasonTooMany})
}

// readTemplate reads a template; false for one that needs more than its body filled in.
func readTemplate(raw []byte) (channel.KnownTemplate, bool) {
	var t struct {
		Name     ident           `json:"name"`
		Language ident           `json:"language"`
		Status   words           `json:"status"`
		Category words           `json:"category"`
		Format   words           `json:"parameter_format"`
		Parts    json.RawMessage `json:"components"`
	}
	if !readObject(raw, &t) || t.Status != "APPROVED" || t.Format == "NAMED" || t.Category == "AUTHENTICATION" ||
		!nameLike(t.Name.s) || !nameLike(t.Language.s) {
		return channel.KnownTemplate{}, false
	}
	known := channel.KnownTemplate{Name: t.Name.s, Language: t.Language.s, Category: t.Category.plain()}
	parts, _, _ := elements(t.Parts, maxItems)
	for _, raw := range parts {
		var part struct {
			Type   words `json:"type"`
			Format words `json:"format"`
			Text   words `json:"text"`
		}
		switch readable := readObject(raw, &part); {
		case !readable:
			return known, false
		case part.Type == "BODY":
			known.Body, _ = part.Text.capped()
		case part.Type == "HEADER" && part.Format != "TEXT" && part.Format != "":
			return known, false // a file would have to be sent along
		case part.Type != "FOOTER" && strings.Contains(string(raw), "{{"):
			return known, false // of a header or a button something would have to be filled in
		}
	}
	known.Params = params(known.Body)
	return known, known.Body != ""
}

// params counts what is filled into a body: the highest number between its double braces.
func params(body string) int {
	most := 0
	for _, part := range strings.Split(body, "{{")[1:] {
		number, _, closed := strings.Cut(part, "}}")
		if n, err := strconv.Atoi(strings.TrimSpace(number)); closed && err == nil && n > most && n <= maxItems {
			most = n
		}
	}
	return most
}
