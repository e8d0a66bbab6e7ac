package ticket

import (
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
)

// Outcome is what a person decides about a reply that failed, or of which nobody knows; spoken of by its name.
type Outcome string

// The outcomes.
const (
	OutcomeRetry     Outcome = "retry"     // say it now: it is not there, somebody has looked
	OutcomeDiscard   Outcome = "discard"   // leave it unsaid
	OutcomePublished Outcome = "published" // it is there after all
)

// Outcomes lists every outcome.
func Outcomes() []Outcome { return []Outcome{OutcomeRetry, OutcomeDiscard, OutcomePublished} }

// ReplyDiscarded is why a reply was cancelled that failed.
const ReplyDiscarded = "descartada"

// Settlement is what a person decides about a reply, by its id. URL is where it stands, if the person told.
type Settlement struct {
	Reply   string
	Outcome Outcome
	URL     string
}

// Settle ends the doubt about a reply as a person decides, who has looked at its network.
func (s Story) Settle(by Actor, o Settlement, p Policy, now time.Time) (Change, error) {
	const op = "ticket.Settle"
	r, found := s.reply(o.Reply)
	if !found {
		return Change{}, fault.Reject(op, "reply", "Esa respuesta no está en el caso.")
	}
	if err := s.maySettle(op, by, r); err != nil {
		return Change{}, err
	}
	switch o.Outcome {
	case OutcomeRetry:
		return s.retried(by, r, p, now)
	case OutcomeDiscard:
		return s.discarded(by, r, now), nil
	case OutcomePublished:
		if o.URL != "" && !webAddress(o.URL) {
			return Change{}, fault.Reject(op, "url", "Pega una dirección completa, que empiece con https://.")
		}
		return s.published(by, r, o.URL, now), nil
	default:
		return Change{}, fault.Reject(op, "outcome", "Elige si se intenta de nuevo (retry), se descarta (discard) o ya está en la red (published).")
	}
}

// MaySettle tells the actor whether there is something to decide about a reply, and how it may be decided (Reasons).
func (s Story) MaySettle(by Actor, r Reply, p Policy, now time.Time) Option {
	o := option(s.maySettle("ticket.MaySettle", by, r))
	for _, outcome := range Outcomes() {
		if _, err := s.Settle(by, Settlement{Reply: r.ID, Outcome: outcome}, p, now); err == nil {
			o.Reasons = append(o.Reasons, string(outcome))
		}
	}
	return o
}

// maySettle refuses who may not decide, and a reply about which nothing is to be decided.
func (s Story) maySettle(op string, by Actor, r Reply) error {
	if err := s.Ticket.mustNotIntrude(op, by, CanReply); err != nil {
		return err
	}
	if _, failed := matterOf(r.State); !failed {
		return fault.Say(fault.Conflict, op, "En esa respuesta no hay nada que decidir: no ha fallado.")
	}
	if s.Ticket.State.Final() {
		return fault.Say(fault.Conflict, op, "Este caso está terminado.")
	}
	return nil
}

// settled is the step that ends the doubt: nobody looks for the reply any more, and the matters about it are over.
func (s Story) settled(by Actor, to Ticket, r Reply, kind audit.Kind, facts map[string]string, now time.Time) Change {
	t := s.Ticket
	was, _ := s.reply(r.ID)
	facts["reply"], facts["was"] = r.ID, string(was.State)
	r.Rev++
	change := t.next(to, kind, by, "", facts, now).texts(nil, []Reply{r})
	for _, raised := range []string{MatterReplyUnknown, MatterReplyRefused, MatterReplyExpired} {
		change.Settle = append(change.Settle, t.matter(raised, r.ID, "", time.Time{}))
	}
	if was.State == ReplyUnknown && was.Message != "" {
		change.Cancel = []outbox.Ref{{Ticket: t.ID, ID: was.Message}}
	}
	return change
}

// published records that the reply is there: the case is answered, once, as when its network tells it.
func (s Story) published(by Actor, r Reply, url string, now time.Time) Change {
	at := r.ClaimedAt
	if at.IsZero() {
		at = now
	}
	r.State, r.SentAt, r.Reason, r.Message, r.URL = ReplySent, at.UTC(), "", "", url
	to := s.Ticket
	if to.AnsweredAt.IsZero() {
		to.AnsweredAt = at.UTC()
	}
	if to.State == EnAnalisis {
		to.State = Respondido
	}
	return s.settled(by, to, r, audit.ReplyConfirmed, map[string]string{}, now)
}

func (s Story) discarded(by Actor, r Reply, now time.Time) Change {
	r.State, r.Reason, r.Message = ReplyCancelled, ReplyDiscarded, ""
	return s.settled(by, s.Ticket, r, audit.ReplyDiscarded, map[string]string{}, now)
}

// retried puts the reply into the outbox again, as if it were written now: its network must still take it.
func (s Story) retried(by Actor, r Reply, p Policy, now time.Time) (Change, error) {
	const op = "ticket.retried"
	if err := s.Ticket.mayAnswer(op, by); err != nil {
		return Change{}, err
	}
	r, err := s.leading(op, "outcome", r, p, now)
	if err != nil {
		return Change{}, err
	}
	t := s.Ticket
	m := outbox.New(t.messageID(t.Version+1), outbox.Publish, t.ID, r.ID, t.Conversation, now)
	m.Channel = t.Channel().String()
	r.State, r.Message, r.Due, r.After = ReplyPlanned, m.ID, m.Due, s.waits(now)
	r.Reason, r.Stands, r.ClaimedAt, r.At = "", "", time.Time{}, time.Time{}
	change := s.settled(by, t, r, audit.ReplyRetried, map[string]string{}, now)
	change.Send = []outbox.Message{m}
	return change, nil
}
