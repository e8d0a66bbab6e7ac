package desk

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// fieldTemplate is what a wrong template of an answer is told under.
const fieldTemplate = "template"

// texts are those WhatsApp has approved, by the account of ours they may be sent through.
type texts map[string][]channel.KnownTemplate

// textsOf are those of the accounts that are connected.
func textsOf(all []channel.Channel) texts {
	out := texts{}
	for _, c := range all {
		if c.Network == mention.WhatsApp && c.State != "" && c.State != channel.Closed {
			out[c.Account] = c.Templates
		}
	}
	return out
}

// of are those of one account, or of all when none is named.
func (t texts) of(account string) []channel.KnownTemplate {
	if account != "" {
		return t[account]
	}
	var all []channel.KnownTemplate
	for _, account := range slices.Sorted(maps.Keys(t)) {
		all = append(all, t[account]...)
	}
	return all
}

// findings are all that keeps a template from being sent through an account, or through any.
func (t texts) findings(says post.Template, account string) []post.Finding {
	return append(post.CheckPiece(mention.WhatsApp, post.Piece{Template: &says}), post.CheckTemplate(says, t.of(account))...)
}

// read is what a template reads as, "" when nobody knows it.
func (t texts) read(says *post.Template, account string) string {
	if says == nil {
		return ""
	}
	known, _ := says.Among(t.of(account))
	return says.Reads(known)
}

// texts are those approved now.
func (d *Desk) texts(ctx context.Context) (texts, error) {
	all, err := d.cfg.Channels.Channels(ctx)
	return textsOf(all), err
}

// templateJSON is a text WhatsApp has approved, with the account of ours it may be sent through.
type templateJSON struct {
	Name     string `json:"name"`
	Language string `json:"language"`
	Body     string `json:"body"`
	Params   int    `json:"params"`
	Category string `json:"category"`
	Account  string `json:"account"`
}

// templates lists the approved texts, for who publishes and for who answers.
func (d *Desk) templates(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanSeePosts) || ticket.Allowed(by, ticket.CanReply)) {
		return
	}
	known, err := d.texts(req.Context())
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out := page[templateJSON]{Items: []templateJSON{}}
	for account, all := range known {
		for _, t := range all {
			out.Items = append(out.Items, templateJSON{t.Name, t.Language, t.Body, t.Params, t.Category, account})
		}
	}
	slices.SortFunc(out.Items, func(a, b templateJSON) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Language, b.Language), cmp.Compare(a.Account, b.Account))
	})
	d.json(w, http.StatusOK, out)
}

// planned plans an answer, in the person's own words or in an approved text.
func (d *Desk) planned(s ticket.Story, by ticket.Actor, o order, due, now time.Time) (ticket.Change, error) {
	const op = "desk.planned"
	if o.Template == nil {
		change, err := s.PlanReply(by, o.Text, o.Visibility, d.cfg.Policy, due, now)
		if err != nil {
			return ticket.Change{}, err
		}
		return change, post.Check(s.Ticket.Network, o.Visibility, o.Text)
	}
	switch {
	case o.Text != "":
		return ticket.Change{}, fault.Reject(op, "text", "Una plantilla va sin más texto. Envía una cosa o la otra.")
	case o.Visibility != post.Private:
		return ticket.Change{}, fault.Reject(op, "visibility", "Una plantilla la lee solo la persona: va como respuesta privada.")
	}
	change, err := s.PlanTemplate(by, *o.Template, o.texts.read(o.Template, s.Ticket.Account), d.cfg.Policy, due, now)
	if err != nil {
		return ticket.Change{}, err
	}
	for _, f := range o.texts.findings(*o.Template, s.Ticket.Account) {
		if f.Level == post.LevelError {
			return ticket.Change{}, fault.Reject(op, fieldTemplate, f.Message)
		}
	}
	return change, nil
}
