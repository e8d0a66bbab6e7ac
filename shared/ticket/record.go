package ticket

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// ReplyRecorded is the reason of a sent reply that a person wrote down after answering outside.
const ReplyRecorded = "registrada"

// maxRecorded is the longest text that is taken from a person who writes down what was said elsewhere, in letters.
const maxRecorded = 10000

// Recording is what a person answered outside of our system: the words, whether all could read them, when (zero: now), and
// where they stand, if anywhere.
type Recording struct {
	Text       string
	Visibility post.Visibility
	At         time.Time
	Link       string
}

// mayRecord refuses who may not answer the case, and a case of which the network itself tells us what was answered: written
// down as well, it would count twice.
func (s Story) mayRecord(op string, by Actor) error {
	if err := s.Ticket.mayAnswer(op, by); err != nil {
		return err
	}
	m, _ := s.latest()
	if !s.echoes(m) {
		return nil
	}
	return fault.Say(fault.Conflict, op, "No hace falta: si respondes en la aplicación de la red, el caso lo sabe solo.")
}

// MayRecord tells the actor whether what was answered outside may be written down, and why not.
func (s Story) MayRecord(by Actor) Option { return option(s.mayRecord("ticket.MayRecord", by)) }

// echoes reports whether the network tells us what is answered in its own application (platforms.md §1).
func (s Story) echoes(m Mention) bool {
	switch {
	case m.flag(mention.FlagManual), m.flag(mention.FlagEncrypted), m.flag(mention.FlagGroup), m.flag(mention.FlagStandby):
		return false
	}
	switch s.Ticket.Network {
	case mention.Facebook, mention.X, mention.LinkedIn:
		return true
	case mention.Instagram:
		return messaged(m) // whether our own comments come back is not documented
	case mention.WhatsApp:
		return false // only where the number is in the telephone too
	default:
		return false
	}
}

// Recorded writes down what a person answered outside: the case is answered, once.
func (s Story) Recorded(by Actor, in Recording, now time.Time) (Change, error) {
	const op = "ticket.Recorded"
	if err := s.mayRecord(op, by); err != nil {
		return Change{}, err
	}
	if in.At.IsZero() {
		in.At = now
	}
	switch {
	case post.NormaliseForCompare(in.Text) == "" || !utf8.ValidString(in.Text):
		return Change{}, fault.Reject(op, "text", "Escribe lo que respondiste.")
	case utf8.RuneCountInString(in.Text) > maxRecorded:
		return Change{}, fault.Reject(op, "text", "El texto es demasiado largo. Escribe lo principal.")
	case in.Visibility != post.Public && in.Visibility != post.Private:
		return Change{}, fault.Reject(op, "visibility", "Elige si la respuesta fue pública o privada.")
	case in.At.After(now):
		return Change{}, fault.Reject(op, "at", "Esa fecha todavía no llega.")
	case in.At.Before(s.Ticket.OpenedAt):
		return Change{}, fault.Reject(op, "at", "Esa fecha es anterior a lo que escribió la persona.")
	case in.Link != "" && !webAddress(in.Link):
		return Change{}, fault.Reject(op, "link", "Pega una dirección completa, que empiece con https://.")
	}
	t := s.Ticket
	to := t
	if to.AnsweredAt.IsZero() {
		to.AnsweredAt = in.At.UTC()
	}
	if to.State == EnAnalisis {
		to.State = Respondido
	}
	r := Reply{
		Ticket: t.ID, ID: fmt.Sprintf("r%06d", t.Version+1), Text: strings.TrimSpace(in.Text), Visibility: in.Visibility, State: ReplySent,
		Author: by.ID, AuthorName: by.Name, PlannedAt: now.UTC(), Due: now.UTC(), SentAt: in.At.UTC(), Reason: ReplyRecorded, URL: in.Link, Rev: 1,
	}
	facts := map[string]string{"reply": r.ID, "visibility": string(r.Visibility)}
	change := t.next(to, audit.ReplyRecorded, by, "", facts, now)
	change.Settle = t.OvertakenReplies(s.Replies)
	return change.texts(nil, []Reply{r}), nil
}
