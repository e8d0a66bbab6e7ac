package ticket

import (
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
)

// statuses are the flags a Receipt may be, the furthest first; how they stand to each other says mention.Event.Rank.
func statuses() []string {
	return []string{
		mention.FlagDeleted, mention.FlagPlayed, mention.FlagRead, mention.FlagDelivered, mention.FlagFailed, mention.FlagSent,
	}
}

// Received is the reply with what a status says of its way to the person; false when as much is known already, or when the
// status says nothing about it.
func (r Reply) Received(e mention.Event, now time.Time) (Reply, bool) {
	known := mention.Event{Outcome: mention.Status, Flags: []string{r.Receipt}}
	if e.Rank() == 0 || e.Rank() <= known.Rank() {
		return r, false
	}
	for _, flag := range statuses() {
		if e.Flag(flag) {
			r.Receipt, r.ReceiptAt = flag, entryTime(e.At, now)
			break
		}
	}
	return r, true
}

// ReceiptStep writes the reply with its receipt, and nothing of its case: of receipts there are more than of anything else.
func (r Reply) ReceiptStep() Change {
	r = r.stored()
	r.Rev++
	return Change{Replies: []Reply{r}}
}

// ReplyFailedStep records that what a network had taken will not arrive, and why, as a class of its words. The text goes back to
// the person. If nothing else answers the case it is not answered: it goes back to who holds it, or to those who wait. Open
// are the messages that still stand for the reply.
func (s Story) ReplyFailedStep(r Reply, open []outbox.Ref, reason string, now time.Time) Change {
	to, was := s.Ticket, r.State
	r.State, r.Reason = ReplyRefused, reason
	r.Rev++
	other := slices.ContainsFunc(s.Replies, func(o Reply) bool { return o.ID != r.ID && o.State == ReplySent })
	if was == ReplySent && !other && !to.State.Final() {
		to.AnsweredAt = time.Time{}
		if to.State == Respondido {
			to.State = Reabierto
			if to.Assignee != "" {
				to.State = EnAnalisis
			}
		}
	}
	facts := map[string]string{"reply": r.ID, "state": string(ReplyRefused)}
	change := s.Ticket.next(to, audit.ReplyRefused, system(), reason, facts, now).texts(nil, []Reply{r})
	change.Done = open
	if was == ReplyUnknown {
		change.Settle = []Attention{s.Ticket.matter(MatterReplyUnknown, r.ID, "", now)}
	}
	return change.raise(s.Ticket.matter(MatterReplyRefused, r.ID, reason, now))
}
