package ticket

import (
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/outbox"
)

// The kinds of matter that wait for a person.
const (
	MatterReplyUnknown = "reply_unknown"
	MatterReplyRefused = "reply_refused"
	MatterReplyExpired = "reply_expired"
	MatterSIACUnknown  = "siac_unknown"
	MatterSIACRefused  = "siac_refused"
	MatterActProposed  = "act_proposed" // somebody wants something hidden, or shown again: another decides
	MatterActRefused   = "act_refused"

	MatterReplyOvertaken = "reply_overtaken" // the person wrote again, and an answer meant for later still goes out
)

// ReplySentStep records that the network has the reply: the case is answered, once (s(r) of domain.md §2.1).
func (t Ticket) ReplySentStep(r Reply, done outbox.Ref, remoteID string, at, now time.Time) Change {
	wasUnknown := r.State == ReplyUnknown
	r.State, r.RemoteID, r.SentAt, r.Reason = ReplySent, remoteID, at.UTC(), ""
	r.Rev++
	to, settled := t.passed(r.ID)
	if to.AnsweredAt.IsZero() {
		to.AnsweredAt = at.UTC()
	}
	if to.State == EnAnalisis {
		to.State = Respondido
	}
	change := t.next(to, audit.ReplySent, system(), "", map[string]string{"reply": r.ID, "remote": remoteID}, now)
	change = change.texts(nil, []Reply{r})
	change.Done, change.Settle = []outbox.Ref{done}, settled
	if wasUnknown {
		change.Settle = append(change.Settle, t.matter(MatterReplyUnknown, r.ID, "", now))
	}
	return change
}

// ReplyUnknownStep records that nobody knows whether the network has the reply; check reads it back later.
func (t Ticket) ReplyUnknownStep(r Reply, done outbox.Ref, check outbox.Message, reason string, now time.Time) Change {
	r.State, r.Reason = ReplyUnknown, reason
	r.Rev++
	to, settled := t.passed(r.ID)
	change := t.next(to, audit.ReplyUnknown, system(), reason, map[string]string{"reply": r.ID}, now)
	change = change.texts(nil, []Reply{r})
	change.Done, change.Settle = []outbox.Ref{done}, settled
	change.Send = []outbox.Message{check}
	return change
}

// ReplyUnresolvedStep gives an unknown reply to a person: reading back has not found it and never sends it again.
func (t Ticket) ReplyUnresolvedStep(r Reply, done outbox.Ref, now time.Time) Change {
	r.Message = "" // nobody looks for it any more
	r.Rev++
	change := t.next(t, audit.ReplyUnknown, system(), "no_encontrada", map[string]string{"reply": r.ID}, now)
	change = change.texts(nil, []Reply{r})
	change.Done = []outbox.Ref{done}
	return change.raise(t.matter(MatterReplyUnknown, r.ID, r.Reason, now))
}

// ReplyRefusedStep records a refusal that no retry will change; the text goes back to the person.
func (t Ticket) ReplyRefusedStep(r Reply, done outbox.Ref, state ReplyState, reason string, now time.Time) Change {
	kind := MatterReplyRefused
	if state == ReplyExpired {
		kind = MatterReplyExpired
	}
	r.State, r.Reason = state, reason
	r.Rev++
	to, settled := t.passed(r.ID)
	change := t.next(to, audit.ReplyRefused, system(), reason, map[string]string{"reply": r.ID, "state": string(state)}, now)
	change = change.texts(nil, []Reply{r})
	change.Done, change.Settle = []outbox.Ref{done}, settled
	return change.raise(t.matter(kind, r.ID, reason, now))
}

// ReplyDelayedStep plans the next attempt after a refusal proven to have come before execution.
func (t Ticket) ReplyDelayedStep(r Reply, done outbox.Ref, again outbox.Message, reason string, now time.Time) Change {
	r.Message, r.Reason, r.Due = again.ID, reason, again.Due
	r.Rev++
	change := t.next(t, audit.ReplyDelayed, system(), reason, map[string]string{"reply": r.ID}, now)
	change = change.texts(nil, []Reply{r})
	change.Done = []outbox.Ref{done}
	change.Send = []outbox.Message{again}
	return change
}

// ReplyHeldStep lets a reply wait because of the account it goes through, or for another reply that goes first. The case learns
// of it once for each reason; after that only the message moves.
func (t Ticket) ReplyHeldStep(r Reply, done outbox.Ref, again outbox.Message, reason string, now time.Time) Change {
	if reason != "" && r.Reason != reason {
		return t.ReplyDelayedStep(r, done, again, reason, now)
	}
	r.Message, r.Due, r.Expires = again.ID, again.Due, t.Expires
	r.Rev++
	return Change{Replies: []Reply{r}, Done: []outbox.Ref{done}, Send: []outbox.Message{again}}
}

// Unclaimed is the step of a message that nobody has claimed: it fails when somebody has, meanwhile.
func (c Change) Unclaimed() Change {
	c.Cancel, c.Done = append(c.Cancel, c.Done...), nil
	return c
}

// Ended reports whether nothing is to be done any more about saying the reply.
func (s ReplyState) Ended() bool {
	switch s {
	case ReplySent, ReplyRefused, ReplyExpired, ReplyCancelled:
		return true
	case ReplyPlanned, ReplyClaimed, ReplyUnknown:
		return false
	default:
		return false
	}
}

// FiledStep records the one folio of the case.
func (t Ticket) FiledStep(done outbox.Ref, folio string, now time.Time) Change {
	to := t
	to.SIAC = SIAC{State: Filed, Folio: folio, Reason: t.SIAC.Reason, FiledAt: now.UTC()}
	change := t.next(to, audit.EscalationFiled, system(), t.SIAC.Reason, map[string]string{"folio": folio}, now)
	change.Done = []outbox.Ref{done}
	if t.SIAC.State == FilingUnknown {
		change.Settle = []Attention{t.matter(MatterSIACUnknown, "siac", "", now)}
	}
	return change
}

// FilingAgainStep plans the next look-up or the next attempt at filing. State tells whether the case may already be in
// SIAC (FilingUnknown) or surely is not (Pending).
func (t Ticket) FilingAgainStep(done outbox.Ref, again outbox.Message, state Filing, reason string, now time.Time) Change {
	kind := audit.EscalationDelayed
	if state == FilingUnknown {
		kind = audit.EscalationUnknown
	}
	to := t
	to.SIAC.State, to.SIAC.Message, to.SIAC.Due = state, again.ID, again.Due
	change := t.next(to, kind, system(), reason, nil, now)
	change.Done = []outbox.Ref{done}
	change.Send = []outbox.Message{again}
	return change
}

// FilingStuckStep gives a filing that does not end to a person; what is unknown stays unknown.
func (t Ticket) FilingStuckStep(done outbox.Ref, state Filing, kind, reason string, now time.Time) Change {
	to := t
	to.SIAC.State, to.SIAC.Message, to.SIAC.Due = state, "", time.Time{}
	if state == NotFiled {
		to.SIAC.Reason = reason
	}
	wrote := audit.EscalationRefused
	if state == FilingUnknown { // nobody can say that SIAC refused it
		wrote = audit.EscalationUnknown
	}
	change := t.next(to, wrote, system(), reason, nil, now)
	change.Done = []outbox.Ref{done}
	return change.raise(t.matter(kind, "siac", reason, now))
}

// raise gives a matter of this step to a person: it stands in Atención, and a notice tells it by e-mail. The notice's id
// leaves the plain one of its version to what the step itself may send. Its group is the case and not the conversation: a
// mail that waits must never hold up a reply.
func (c Change) raise(a Attention) Change {
	c.Raise = append(c.Raise, a)
	id := c.Ticket.messageID(c.Ticket.Version) + "-n"
	c.Send = append(c.Send, outbox.New(id, outbox.Notify, a.Ticket, a.ID, a.Ticket, a.At))
	return c
}

// MatterKind gives the kind of a matter from its id; it is empty for what is no such id.
func MatterKind(id string) string {
	kind, _, found := strings.Cut(id, "-") // no kind has a hyphen in it
	if !found {
		return ""
	}
	return kind
}

func (t Ticket) matter(kind, id, reason string, now time.Time) Attention {
	return Attention{Ticket: t.ID, ID: kind + "-" + id, Kind: kind, Number: t.Number, Network: t.Network, Reason: reason, At: now.UTC()}
}

// ReplyLookAgainStep plans another read-back of an unknown reply; nothing about the case changes.
func (t Ticket) ReplyLookAgainStep(r Reply, done outbox.Ref, again outbox.Message) Change {
	r.Message, r.Expires = again.ID, t.Expires
	r.Rev++
	return Change{Replies: []Reply{r}, Done: []outbox.Ref{done}, Send: []outbox.Message{again}}
}

// OvertakenReplies gives the matters about earlier replies that a person's new act answers: who replies again, or closes the
// case, has looked at them.
func (t Ticket) OvertakenReplies(replies []Reply) []Attention {
	var out []Attention
	for _, r := range replies {
		if kind, raised := matterOf(r.State); raised {
			out = append(out, t.matter(kind, r.ID, "", time.Time{}))
		}
	}
	return out
}

// filingLeft reports whether nobody will ever ask SIAC again about a filing of unknown outcome: the case is a denuncia now,
// and goes on without SIAC (E-4).
func (t Ticket) filingLeft() bool {
	return t.Intent.Final == classify.Denuncia && t.SIAC.State == FilingUnknown && t.SIAC.Message == ""
}

// OvertakenFiling gives the matter about a filing that a new filing, or closing the case, answers.
func (t Ticket) OvertakenFiling() []Attention {
	if t.filingLeft() {
		return []Attention{t.matter(MatterSIACUnknown, "siac", "", time.Time{})}
	}
	if t.SIAC.State != NotFiled || t.SIAC.Reason == "" || t.SIAC.Reason == Undone {
		return nil
	}
	return []Attention{t.matter(MatterSIACRefused, "siac", "", time.Time{})}
}

func matterOf(s ReplyState) (kind string, raised bool) {
	switch s {
	case ReplyUnknown:
		return MatterReplyUnknown, true
	case ReplyRefused:
		return MatterReplyRefused, true
	case ReplyExpired:
		return MatterReplyExpired, true
	case ReplyPlanned, ReplyClaimed, ReplySent, ReplyCancelled:
		return "", false
	default:
		return "", false
	}
}
