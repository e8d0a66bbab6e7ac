package desk

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// captureOrder is what a person types in. At is RFC 3339; Evidence the ids of files that were taken before.
type captureOrder struct {
	Network    mention.Network `json:"network"`
	Account    string          `json:"account"`
	Visibility post.Visibility `json:"visibility"`
	Name       string          `json:"name"`
	Handle     string          `json:"handle"`
	Text       string          `json:"text"`
	At         string          `json:"at"`
	Link       string          `json:"link"`
	Source     string          `json:"source"`
	Evidence   []string        `json:"evidence"`
}

// numberRounds is how often another number is tried: about one in five is taken at two million cases a year.
const numberRounds = 8

// capture makes a case of what a person types in or pastes.
func (d *Desk) capture(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanCapture)) {
		return
	}
	click, o, p := asked[captureOrder](req, by)
	if p != nil {
		d.problem(w, *p)
		return
	}
	if d.repeated(w, req, click) {
		return
	}
	now := d.cfg.Arrived(req.Context())
	c, err := o.read()
	if err == nil {
		err = c.Check(by, now)
	}
	var kinds map[string]string
	if err == nil {
		kinds, err = d.evidence(req, o.Evidence)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.cfg.Classifier.Refresh(req.Context(), now)
	id := ticket.NewID(now, d.cfg.Entropy())
	for round := range numberRounds {
		change, err := d.opening(c, by, id, round, now)
		if err == nil {
			hang(change.Mentions[0].Attachments, kinds)
			err = d.opened(w, req, by, change, click)
		}
		switch {
		case err == nil:
			return
		case errors.Is(err, ticket.ErrNumberTaken):
		case errors.Is(err, ticket.ErrSeen), errors.Is(err, ticket.ErrConversationOpen):
			d.typedBefore(w, req, by, c, click)
			return
		case fault.Is(err, fault.Duplicate) && d.repeated(w, req, click):
			return
		default:
			d.fail(w, req, err, nil)
			return
		}
	}
	d.fail(w, req, fault.New(fault.Transient, "desk.capture", nil), nil)
}

// read gives the capture that was asked for.
func (o captureOrder) read() (ticket.Capture, error) {
	c := ticket.Capture{
		Network: o.Network, Account: o.Account, Name: o.Name, Handle: o.Handle, Text: o.Text, Link: o.Link, Visibility: o.Visibility,
		Source: o.Source, Evidence: o.Evidence,
	}
	if o.At == "" {
		return c, nil
	}
	at, err := time.Parse(time.RFC3339, o.At)
	if err != nil {
		return c, fault.Reject("desk.capture", "at", "La fecha no se entiende: va como 2026-12-01T09:00:00-03:00.")
	}
	c.At = at
	return c, nil
}

// evidence gives the types of the files that show what is typed in: they must be there.
func (d *Desk) evidence(req *http.Request, ids []string) (map[string]string, error) {
	const op = "desk.evidence"
	kinds := map[string]string{}
	for _, id := range ids {
		if id == "" || len(id) > 64 || strings.Trim(id, "0123456789abcdef") != "" {
			return nil, fault.Reject(op, "evidence", "Ese archivo no existe. Adjúntalo de nuevo.")
		}
		kind, err := d.cfg.Media.Type(req.Context(), evidenceKey(id))
		if fault.Is(err, fault.NotFound) {
			err = fault.Reject(op, "evidence", "Ese archivo ya no está. Adjúntalo de nuevo.")
		}
		if err != nil {
			return nil, err
		}
		kinds[id] = kind
	}
	return kinds, nil
}

// hang says of each file where it lies and what it is.
func hang(attached []mention.Attachment, kinds map[string]string) {
	for i, a := range attached {
		if kind, is := kinds[a.ID]; is {
			attached[i].Stored, attached[i].ContentType = evidenceKey(a.ID), kind
		}
	}
}

// opening decides the case. It is of a conversation and of a person of its own: what a network calls the person nobody typed
// in, and the secret that would make a key of it is not ours to have.
func (d *Desk) opening(c ticket.Capture, by ticket.Actor, id string, round int, now time.Time) (ticket.Change, error) {
	const op = "desk.opening"
	class := d.cfg.Classifier.Classify(classify.Input{Text: c.Text, Network: c.Network, Public: c.Visibility == post.Public})
	doubtAt, err := d.cfg.Calendar.AddBusinessHours(now, d.cfg.Policy.DoubtHours)
	if err != nil {
		return ticket.Change{}, fault.New(fault.Permanent, op, err)
	}
	due, term, err := d.term(c, class.Intent, now)
	if err != nil {
		return ticket.Change{}, fault.New(fault.Permanent, op, err)
	}
	return c.Open(by, ticket.Opening{
		ID: id, Number: ticket.Number(id, d.cfg.Calendar.DateOf(now, nil).Year, round), Conversation: c.Key(), CitizenKey: c.Key(),
		Class: class, Excerpt: excerpt(c.Text), DueDate: due.String(), DueAt: d.cfg.Calendar.EndOf(due), Term: term, DoubtAt: doubtAt, Now: now,
	}, d.cfg.Policy)
}

// term is the civil date the case must be answered by, and how it was counted.
func (d *Desk) term(c ticket.Capture, intent classify.Intent, now time.Time) (calendar.Date, ticket.Term, error) {
	from, basis := c.Written(now)
	term := ticket.Term{Days: ticket.TermDays(intent), From: basis}
	due, err := d.cfg.Calendar.Due(from, term.Days)
	if err != nil && basis == ticket.FromWritten {
		term.From = ticket.FromReceived
		due, err = d.cfg.Calendar.Due(now, term.Days)
	}
	return due, term, err
}

// excerptLength is how many characters of a masked text a list shows.
const excerptLength = 160

// excerpt is the beginning of a text for lists, personal data masked.
func excerpt(text string) string {
	runes := []rune(classify.Mask(strings.TrimSpace(text)))
	if len(runes) <= excerptLength {
		return string(runes)
	}
	return string(runes[:excerptLength-1]) + "…"
}

// reservedJSON answers who typed in what turned out to be a denuncia: it is there, and no longer theirs to see.
type reservedJSON struct {
	Number string `json:"number"`
	Detail string `json:"detail"`
}

// opened writes the case together with the remembered answer, and answers.
func (d *Desk) opened(w http.ResponseWriter, req *http.Request, by ticket.Actor, change ticket.Change, click ticket.Click) error {
	t := *change.Ticket
	story := ticket.Story{Ticket: t, Mentions: change.Mentions}
	a := answer{http.StatusCreated, d.render(story, by, d.cfg.Arrived(req.Context()))}
	if !t.VisibleTo(by) {
		a = answer{http.StatusAccepted, reservedJSON{t.Number, "Parece una denuncia: quedó en su cola reservada, con el número " + t.Number + "."}}
	}
	return d.remember(w, req, click, a, change)
}

// typedBefore says that the same was typed in before.
func (d *Desk) typedBefore(w http.ResponseWriter, req *http.Request, by ticket.Actor, c ticket.Capture, click ticket.Click) {
	if d.repeated(w, req, click) {
		return
	}
	seen, found, err := d.cfg.Finder.Seen(req.Context(), c.Network, c.Key())
	var story ticket.Story
	if err == nil && found {
		story, err = d.cfg.Cases.Story(req.Context(), seen.Ticket)
	}
	switch {
	case err == nil && found && story.Ticket.VisibleTo(by):
		fresh := d.render(story, by, d.cfg.Arrived(req.Context()))
		d.fail(w, req, fault.Say(fault.Conflict, "desk.capture", "Eso ya está ingresado: es el caso "+story.Ticket.Number+"."), &fresh)
	case err == nil || fault.Is(err, fault.NotFound):
		d.fail(w, req, fault.Say(fault.Conflict, "desk.capture", "Eso ya está ingresado."), nil)
	default:
		d.fail(w, req, err, nil)
	}
}
