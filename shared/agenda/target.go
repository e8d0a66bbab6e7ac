package agenda

import (
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Why a target ended or waits, for people and for the bitácora.
const (
	ReasonLate      = "vencida"     // its moment passed before it could go out
	ReasonUnasked   = "sin_aprobar" // what it says is not what was approved
	ReasonNotFound  = "no_encontrada"
	ReasonDiscarded = "descartada"
	ReasonWorking   = "procesando"   // its moment passed while the network still works on its media
	ReasonSilent    = "sin_noticias" // its moment passed, and nobody has recorded anything of it
	ReasonBySight   = "confirmada"   // a person saw it there
)

// Channel is the account of ours that a target goes out through.
func Channel(t post.Target) channel.Ref { return channel.Ref{Network: t.Network, Account: t.Account} }

// matters gives every matter there may be about a target: whatever ends its doubt settles all of them.
func matters(t post.Target) []ticket.Attention {
	var out []ticket.Attention
	for _, kind := range []string{MatterUnknown, MatterRefused, MatterExpired, MatterLate} {
		out = append(out, about(t.Cause(), kind, t.Name(), "", time.Time{}))
	}
	return out
}

func matterOf(t post.Target, kind, reason string, now time.Time) ticket.Attention {
	a := about(t.Cause(), kind, t.Name(), reason, now)
	a.Network, a.Channel = t.Network, Channel(t).String()
	return a
}

// raiseFor gives a matter about a target to a person.
func raiseFor(change ticket.Change, t post.Target, kind, reason string, now time.Time) ticket.Change {
	return raise(change, matterOf(t, kind, reason, now), t.Name()+"-"+strconv.Itoa(t.Rev+1))
}

// Step is one outcome of a worker's message about a target.
type Step struct {
	Target post.Target
	Done   outbox.Ref
	Now    time.Time
}

func (s Step) moved(to post.Target, kind audit.Kind, reason string) ticket.Change {
	change := moved(s.Target, to, kind, system(), reason, s.Now)
	change.Done = []outbox.Ref{s.Done}
	return change
}

// quiet is a step of which nothing is said in the bitácora: only where the work stands.
func (s Step) quiet(to post.Target, send ...outbox.Message) ticket.Change {
	to.Rev++
	return ticket.Change{Targets: []post.Target{to}, Done: []outbox.Ref{s.Done}, Send: send}
}

// Sent records that the network has it, under its own name there.
func (s Step) Sent(remoteID, url string, at time.Time) ticket.Change {
	to := s.Target
	to.State, to.RemoteID, to.URL, to.SentAt, to.Reason, to.Message, to.Due = post.Sent, remoteID, url, at.UTC(), "", "", time.Time{}
	change := s.moved(to, audit.PostSent, "")
	change.Settle = matters(s.Target)
	return change
}

// Prepared records how far the network has what the post needs; again goes on with it. When the network still works on it and
// the moment is past by then, people are told, once.
func (s Step) Prepared(p post.Prepared, again outbox.Message) ticket.Change {
	to := s.Target
	to.Prepared, to.Message, to.Due, to.Reason = p, again.ID, again.Due, ""
	if p.Ready {
		change := s.moved(to, audit.PostPrepared, "")
		change.Send = []outbox.Message{again}
		return change
	}
	late := overdue(again) && to.Late.IsZero()
	if late {
		to.Late = s.Now.UTC()
	}
	change := s.quiet(to, again)
	if late {
		change = raiseFor(change, s.Target, MatterLate, ReasonWorking, s.Now)
	}
	return change
}

// overdue reports whether people are to know that what m is about goes out late.
func overdue(m outbox.Message) bool { return m.Due.Sub(m.First) > ToldAfter }

// Delayed plans the next attempt after a refusal that is proven to have come before anything was done. When the moment is
// past by then, people are told, once.
func (s Step) Delayed(again outbox.Message, reason string) ticket.Change {
	to := s.Target
	news := to.Reason != reason
	to.Message, to.Due, to.Reason = again.ID, again.Due, reason
	late := overdue(again) && to.Late.IsZero()
	if late {
		to.Late = s.Now.UTC()
	}
	var change ticket.Change
	if news || late {
		change = s.moved(to, audit.PostDelayed, reason)
		change.Send = []outbox.Message{again}
	} else {
		change = s.quiet(to, again)
	}
	if late {
		change = raiseFor(change, s.Target, MatterLate, reason, s.Now)
	}
	return change
}

// Overdue tells people that a planned target is past its moment and that nobody has recorded anything of it since: whoever
// carries it out died, or nobody does. False where they are told already, or nothing is late.
func Overdue(t post.Target, m outbox.Message, now time.Time) (ticket.Change, bool) {
	if t.State != post.Planned || t.Message != m.ID || !t.Late.IsZero() || now.Sub(m.First) <= ToldAfter {
		return ticket.Change{}, false
	}
	change := raiseFor(ticket.Change{}, t, MatterLate, ReasonSilent, now)
	t.Late = now.UTC()
	t.Rev++
	change.Targets = []post.Target{t}
	return change, true
}

// Refused records a refusal that no further attempt will change.
func (s Step) Refused(reason string) ticket.Change {
	return s.ended(post.Refused, audit.PostRefused, MatterRefused, reason)
}

// Expired records that it may not go out any more.
func (s Step) Expired(reason string) ticket.Change {
	return s.ended(post.Expired, audit.PostExpired, MatterExpired, reason)
}

func (s Step) ended(state post.State, kind audit.Kind, about, reason string) ticket.Change {
	to := s.Target
	to.State, to.Reason, to.Message, to.Due = state, reason, "", time.Time{}
	change := s.moved(to, kind, reason)
	if !s.Target.Late.IsZero() {
		change.Settle = []ticket.Attention{matterOf(s.Target, MatterLate, "", s.Now)}
	}
	return raiseFor(change, s.Target, about, reason, s.Now)
}

// Unknown records that nobody knows whether the network has it; check reads it back. Where people know of its delay already, or
// should, they are told now; else the first look may still spare them.
func (s Step) Unknown(check outbox.Message, claimed time.Time, reason string) ticket.Change {
	to := s.Target
	to.State, to.Reason, to.Message, to.Due, to.ClaimedAt = post.Unknown, reason, check.ID, check.Due, claimed.UTC()
	told := overdue(check) || !to.Late.IsZero()
	if told {
		to.Late = s.Now.UTC()
	}
	change := s.moved(to, audit.PostUnknown, reason)
	change.Send = []outbox.Message{check}
	if told {
		change.Settle = []ticket.Attention{matterOf(s.Target, MatterLate, "", s.Now)}
		change = raiseFor(change, s.Target, MatterUnknown, reason, s.Now)
	}
	return change
}

// LookAgain plans another look for an unknown one. The first look that came too late to be quiet about it tells people, and so
// does one after which the next would.
func (s Step) LookAgain(check outbox.Message) ticket.Change {
	to := s.Target
	to.Message, to.Due = check.ID, check.Due
	waits := s.Now.Sub(s.Target.ClaimedAt) > ToldAfter/3 || check.Due.Sub(s.Target.ClaimedAt) > ToldAfter
	told := (waits || overdue(check)) && to.Late.IsZero()
	if told {
		to.Late = s.Now.UTC()
	}
	change := s.quiet(to, check)
	if told {
		change = raiseFor(change, s.Target, MatterUnknown, s.Target.Reason, s.Now)
	}
	return change
}

// Unresolved leaves an unknown one to a person: it was looked for, and nobody found it.
func (s Step) Unresolved() ticket.Change {
	to := s.Target
	to.Reason, to.Message, to.Due = ReasonNotFound, "", time.Time{}
	change := s.moved(to, audit.PostUnknown, ReasonNotFound)
	if s.Target.Late.IsZero() {
		return raiseFor(change, s.Target, MatterUnknown, ReasonNotFound, s.Now)
	}
	change.Raise = []ticket.Attention{matterOf(s.Target, MatterUnknown, ReasonNotFound, s.Now)} // told of before
	return change
}

// Resent plans saying it once more by itself: whoever wrote it asked for that, nobody found it, and it is the only time.
func (s Step) Resent() ticket.Change {
	to := s.Target
	to.Resent = true
	return retried(s.Target, to, system(), s.Now, func(c ticket.Change) ticket.Change {
		c.Done = []outbox.Ref{s.Done}
		return c
	})
}

// retried plans another attempt at saying what ended, or what nobody found.
func retried(was, to post.Target, by ticket.Actor, now time.Time, and func(ticket.Change) ticket.Change) ticket.Change {
	m := outbox.New(was.Post+"-"+was.Name()+"-r"+strconv.Itoa(was.Rev+1), outbox.Prepare, was.Cause(), was.Name(), was.Chain(), now)
	m.Channel = Channel(was).String()
	to.State, to.Message, to.Due, to.Reason, to.Prepared, to.Late = post.Planned, m.ID, m.Due, "", post.Prepared{}, time.Time{}
	change := moved(was, to, audit.PostRetried, by, "", now)
	change.Send, change.Settle = []outbox.Message{m}, matters(was)
	return and(change)
}

// Retry says once more what was refused, expired, or is nowhere to be found: a person has looked.
func (p Plan) Retry(by ticket.Actor, name string, now time.Time) (ticket.Change, error) {
	t, err := p.decided("agenda.Retry", by, name)
	if err != nil {
		return ticket.Change{}, err
	}
	return retried(t, t, by, now, func(c ticket.Change) ticket.Change { return unlooked(c, t) }), nil
}

// Discard ends a failed target for good.
func (p Plan) Discard(by ticket.Actor, name string, now time.Time) (ticket.Change, error) {
	return p.close("agenda.Discard", by, name, now, func(t *post.Target) audit.Kind {
		t.State, t.Reason = post.Cancelled, ReasonDiscarded
		return audit.PostDiscarded
	})
}

// Published records what a person saw: it is there after all.
func (p Plan) Published(by ticket.Actor, name, url string, now time.Time) (ticket.Change, error) {
	return p.close("agenda.Published", by, name, now, func(t *post.Target) audit.Kind {
		t.State, t.Reason, t.URL = post.Sent, ReasonBySight, url
		if t.SentAt = t.ClaimedAt; t.SentAt.IsZero() {
			t.SentAt = now.UTC()
		}
		return audit.PostConfirmed
	})
}

func (p Plan) close(op string, by ticket.Actor, name string, now time.Time, end func(*post.Target) audit.Kind) (ticket.Change, error) {
	t, err := p.decided(op, by, name)
	if err != nil {
		return ticket.Change{}, err
	}
	to := t
	kind := end(&to)
	to.Message, to.Due = "", time.Time{}
	change := moved(t, to, kind, by, to.Reason, now)
	change.Settle = matters(t)
	return unlooked(change, t), nil
}

// unlooked takes away the message that still looks for the target.
func unlooked(change ticket.Change, t post.Target) ticket.Change {
	if t.Message != "" {
		change.Cancel = append(change.Cancel, outbox.Ref{Ticket: t.Cause(), ID: t.Message})
	}
	return change
}

// decided gives the target that a person decides about: it failed, or nobody knows.
func (p Plan) decided(op string, by ticket.Actor, name string) (post.Target, error) {
	if !ticket.Allowed(by, ticket.CanPost) && !ticket.Allowed(by, ticket.CanApprovePost) {
		return post.Target{}, fault.Say(fault.Denied, op, "Tu rol no puede decidir sobre publicaciones.")
	}
	t, found := p.target(name)
	if !found {
		return t, fault.Reject(op, "network", "Esta publicación no va a esa red.")
	}
	switch t.State {
	case post.Unknown, post.Refused, post.Expired:
		return t, nil
	case post.Draft, post.Submitted, post.Approved, post.Rejected, post.Planned, post.Claimed, post.Sent, post.Cancelled:
		return t, fault.Say(fault.Conflict, op, "En esa red no hay nada que decidir: no ha fallado.")
	default:
		return t, fault.Say(fault.Conflict, op, "En esa red no hay nada que decidir.")
	}
}

// Native records what was done to a published post in the network's own application. An edit may be told of after the removal that
// followed it. False when nothing is new in it.
func Native(t post.Target, removed bool, at, now time.Time) (ticket.Change, bool) {
	if at.IsZero() || at.After(now) {
		at = now
	}
	to, kind := t, audit.PostRewritten
	switch {
	case t.State != post.Sent:
		return ticket.Change{}, false
	case removed:
		to.RemovedAt, kind = at.UTC(), audit.PostRemoved
		if !t.RemovedAt.IsZero() {
			return ticket.Change{}, false
		}
	default:
		to.EditedAt = at.UTC()
		if !at.After(t.EditedAt) {
			return ticket.Change{}, false
		}
	}
	return moved(t, to, kind, system(), "", now), true
}

// Counted records what the network counts of a published post; nothing about it changes otherwise.
func Counted(t post.Target, f post.Figures) ticket.Change {
	t.Figures = &f
	t.Rev++
	return ticket.Change{Targets: []post.Target{t}}
}
