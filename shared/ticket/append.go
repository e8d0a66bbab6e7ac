package ticket

import (
	"cmp"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
)

// Append hangs a further mention on an open case. What the person now says can raise the case (to reclamo or denuncia,
// and to a higher urgency), never lower it; an answered case comes back to the queue.
func (t Ticket) Append(e mention.Event, c classify.Result, excerpt string, p Policy, now, doubtAt time.Time, seenWas *Seen) Change {
	to := t
	to.Mentions++
	to.Excerpt = excerpt
	if e.Public() == t.Public {
		to.Target = target(e)
	}
	if e.Recipient != "" {
		to.Recipient = e.Recipient
	}
	if to.Citizen.Name == "" {
		to.Citizen = t.Citizen.told(e, t.Citizen.Key)
	}
	kind := audit.MentionAdded
	if t.State == Respondido {
		to.State, to.Assignee, to.AssigneeName = Reabierto, "", ""
		kind = audit.TicketReopened
	}
	facts := map[string]string{"mention": e.Key, "intent": string(c.Intent)}
	to, send, cancel := t.raise(to, c, p, now, doubtAt, facts)
	m := newMention(t.ID, e, entryTime(e.At, now), seenWas, now).judged(c)
	to, m, forget := to.lend(m, seenWas, cmp.Or(e.Received, now), now, t.Version+1)
	to, overtaken := to.overtake(now)
	step := t.next(to, kind, system(), "", facts, now)
	step.Send, step.Cancel = slices.Concat(send, forget, MediaToCopy(m, t.Channel(), now)), cancel
	step = step.texts([]Mention{m}, nil)
	for i, a := range overtaken {
		if i == 0 {
			step = step.raise(a) // one letter, however many they are
			continue
		}
		step.Raise = append(step.Raise, a)
	}
	step.Seen, step.SeenWas = seenAs(e, m, seenWas), seenWas
	return step
}

// raisedBy reports whether a further mention changes what the case is: only upwards to reclamo or denuncia, only while
// no person has decided and nothing was filed.
func (t Ticket) raisedBy(c classify.Result) bool {
	if t.Intent.Gestor != "" || (t.SIAC.State != NotFiled && t.SIAC.State != Pending && t.SIAC.State != NotApplicable) {
		return false
	}
	if t.SIAC.Reason == Undone || c.Intent.Rank() >= t.Intent.Final.Rank() {
		return false
	}
	return c.Intent == classify.Reclamo || c.Intent == classify.Denuncia
}

// raise moves the class of to upwards when the text says so, and plans what follows from it.
func (t Ticket) raise(to Ticket, c classify.Result, p Policy, now, doubtAt time.Time, facts map[string]string) (Ticket, []outbox.Message, []outbox.Ref) {
	if urgencyRank(c.Urgency) < urgencyRank(to.Urgency) {
		to.Urgency = c.Urgency
	}
	if !t.raisedBy(c) {
		return to, nil, nil
	}
	var cancel []outbox.Ref
	if t.SIAC.State == Pending {
		cancel = append(cancel, t.pendingRef())
	}
	to.Intent.Model, to.Intent.Final, to.Intent.Confidence = c.Intent, c.Intent, c.Probabilities[c.Intent]
	to.Intent.Reasons, to.Intent.Set, to.Intent.Subtype = c.Reasons, c.Set, c.Subtype
	to, send := to.planByClass(c, p, now, doubtAt, t.Version+1)
	facts["rule"] = to.SIAC.Reason
	if c.Intent == classify.Denuncia {
		to = to.freed()
	}
	return to, send, cancel
}

// freed takes a case that became a denuncia, or stopped being one, out of the hands it is in: who held it may not even see
// it any more, so nobody could go on with it (E-4).
func (t Ticket) freed() Ticket {
	switch {
	case t.State == EnAnalisis:
		t.State = Ingresado
	case t.State == Respondido:
		t.State = Reabierto
	}
	t.Assignee, t.AssigneeName = "", ""
	return t
}

// EditMention takes a newer text of a mention and may raise the case by it; an older or equal version than the one held
// changes nothing (false). The same words again are a version too: they outdate the edits between.
func (t Ticket) EditMention(m Mention, e mention.Event, c classify.Result, excerpt string, p Policy, now, doubtAt time.Time) (Change, bool) {
	at := entryTime(e.At, now)
	if m.Deleted || !at.After(m.EditedAt) {
		return Change{}, false
	}
	m.Text, m.EditedAt = e.Text, at
	m.Rev++
	m = m.judged(c)
	to := t
	to.Excerpt = excerpt
	facts := map[string]string{"mention": m.Key}
	var send []outbox.Message
	var cancel []outbox.Ref
	if !t.State.Final() {
		to, send, cancel = t.raise(to, c, p, now, doubtAt, facts)
	}
	to, m, forget := to.lendAgain(m, cmp.Or(e.Received, now), now, t.Version+1)
	change := t.next(to, audit.MentionEdited, system(), "", facts, now)
	change.Send, change.Cancel = append(send, forget...), cancel
	return change.texts([]Mention{m}, nil), true
}

// WithdrawMention redacts a mention its author took back; the case and its class stay, for the statistics and for the
// person who may already be answering.
func (t Ticket) WithdrawMention(m Mention, seen Seen, now time.Time) (Change, bool) {
	if m.Deleted {
		return Change{}, false
	}
	m.Text, m.Attachments, m.Deleted = "", []mention.Attachment{}, true
	m.Rev++
	to := t
	to.Excerpt, to.ExcerptUntil = "", time.Time{}
	change := t.next(to, audit.MentionDeleted, system(), "", map[string]string{"mention": m.Key}, now)
	change = change.texts([]Mention{m}, nil)
	was := seen
	seen.Deleted = true
	seen.Rev++
	change.Seen, change.SeenWas = &seen, &was
	return change, true
}

func urgencyRank(u classify.Urgency) int {
	switch u {
	case classify.Critica:
		return 0
	case classify.Alta:
		return 1
	case classify.Media:
		return 2
	case classify.Baja:
		return 3
	default:
		return 4
	}
}
