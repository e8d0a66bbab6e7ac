package ticket

import (
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
)

// doing is one act with what it is done to: a mention or, where there is none, a reply.
type doing struct {
	verb    post.Verb
	act     Act
	mention *Mention
	reply   *Reply
}

// find looks up what an order, or the subject of a message, is about.
func (s Story) find(v post.Verb, mentionKey, replyID string) (doing, bool) {
	d := doing{verb: v}
	if v == post.Remove {
		r, found := s.reply(replyID)
		d.act, d.reply = r.Removed, &r
		return d, found
	}
	m, found := s.mention(mentionKey)
	d.act, _ = m.Act(v)
	d.mention = &m
	return d, found
}

// subject is what a message about it carries.
func (d doing) subject() ActSubject {
	if d.reply != nil {
		return ActSubject{Verb: d.verb, Reply: d.reply.ID}
	}
	return ActSubject{Verb: d.verb, Key: d.mention.Key, At: d.mention.At}
}

// matter names it among the matters of its case.
func (d doing) matter() string {
	if d.reply != nil {
		return string(d.verb) + "/" + d.reply.ID
	}
	return string(d.verb) + "/" + d.mention.Key
}

func (d doing) facts() map[string]string {
	if d.reply != nil {
		return map[string]string{"verb": string(d.verb), "reply": d.reply.ID}
	}
	return map[string]string{"verb": string(d.verb), "mention": d.mention.Key}
}

// into puts the act, as it is now, into the step.
func (d doing) into(c Change, a Act) Change {
	if d.reply != nil {
		r := d.reply.stored()
		r.Removed = a
		r.Rev++
		if c.Ticket != nil {
			r.Expires = c.Ticket.Expires
		}
		c.Replies = append(c.Replies, r)
		return c
	}
	m := d.mention.with(a)
	if a.State == ActDone && a.Verb != post.Like {
		m = m.shown(a.Verb == post.Hide, a.At)
	}
	if c.Ticket != nil {
		m.Expires = c.Ticket.Expires
	}
	c.Mentions = append(c.Mentions, m)
	return c
}

const notThere = "Eso ya no está en el caso."

// PlanAct carries out what a person asks for after the moment in which it can be undone. What a community manager wants
// hidden, or shown again, becomes a proposal.
func (s Story) PlanAct(by Actor, o ActOrder, now time.Time) (Change, error) {
	const op = "ticket.PlanAct"
	d, found := s.find(o.Verb, o.Mention, o.Reply)
	if !found {
		return Change{}, fault.Say(fault.NotFound, op, notThere)
	}
	if d.reply != nil {
		if err := s.mayRemove(op, by, *d.reply); err != nil {
			return Change{}, err
		}
		if !strings.EqualFold(strings.TrimSpace(o.Confirm), ConfirmRemove) {
			return Change{}, fault.Reject(op, "confirm", "Escribe «"+ConfirmRemove+"» para confirmar: no se puede recuperar.")
		}
		return s.planAct(by, d, Act{Verb: o.Verb}, now), nil
	}
	if err := s.mayAct(op, by, *d.mention, o.Verb); err != nil {
		return Change{}, err
	}
	a := Act{Verb: o.Verb}
	if o.Verb == post.Hide {
		if !slices.Contains(HideReasons(), o.Reason) {
			return Change{}, fault.Reject(op, "reason", "Elige por qué se oculta: muestra datos personales, es spam, es un delito o expone a un menor.")
		}
		a.Reason = o.Reason
	}
	if o.Verb == post.Like || Allowed(by, CanHide) {
		if d.act.State == ActProposed {
			a.AskedBy, a.AskedByName = d.act.By, d.act.ByName
		}
		return s.planAct(by, d, a, now), nil
	}
	a.State, a.By, a.ByName, a.At = ActProposed, by.ID, by.Name, now.UTC()
	change := s.Ticket.next(s.Ticket, audit.ActProposed, by, a.Reason, d.facts(), now)
	change.Settle = s.overtakenAct(d)
	return d.into(change, a).raise(s.Ticket.matter(MatterActProposed, d.matter(), a.Reason, now)), nil
}

// planAct puts the act into the outbox. Its group is its own: what waits for a network must never hold up a reply.
func (s Story) planAct(by Actor, d doing, a Act, now time.Time) Change {
	t := s.Ticket
	m := outbox.New(t.messageID(t.Version+1), outbox.Act, t.ID, d.subject().String(), t.ID+".acts", now.Add(actUndo))
	m.Channel = t.Channel().String()
	a.State, a.By, a.ByName, a.At, a.Due, a.Message = ActPlanned, by.ID, by.Name, now.UTC(), m.Due, m.ID
	change := t.next(t, audit.ActPlanned, by, a.Reason, d.facts(), now)
	change.Send = []outbox.Message{m}
	change.Settle = s.overtakenAct(d)
	return d.into(change, a)
}

// overtakenAct gives the matter about an earlier act that a new one on the same thing answers.
func (s Story) overtakenAct(d doing) []Attention {
	if kind, raised := matterOfAct(d.act.State); raised {
		return []Attention{s.Ticket.matter(kind, d.matter(), "", time.Time{})}
	}
	return nil
}

func matterOfAct(state ActState) (kind string, raised bool) {
	switch state {
	case ActProposed:
		return MatterActProposed, true
	case ActRefused:
		return MatterActRefused, true
	case ActPlanned, ActDone, ActCancelled:
		return "", false
	default:
		return "", false
	}
}

// OvertakenActs gives the matters about acts that closing the case answers.
func (s Story) OvertakenActs() []Attention {
	var out []Attention
	for _, m := range s.Mentions {
		for _, a := range m.Acts {
			out = append(out, s.overtakenAct(doing{verb: a.Verb, act: a, mention: &m})...)
		}
	}
	for _, r := range s.Replies {
		out = append(out, s.overtakenAct(doing{verb: post.Remove, act: r.Removed, reply: &r})...)
	}
	return out
}

// DecideAct says yes or no to what somebody proposed.
func (s Story) DecideAct(by Actor, o ActOrder, yes bool, now time.Time) (Change, error) {
	const op = "ticket.DecideAct"
	d, found := s.find(o.Verb, o.Mention, "")
	if !found || d.mention == nil {
		return Change{}, fault.Say(fault.NotFound, op, notThere)
	}
	if err := s.mayDecide(op, by, d.act); err != nil {
		return Change{}, err
	}
	if !yes {
		return s.cancelAct(by, d, now), nil
	}
	if err := s.applies(op, *d.mention, o.Verb); err != nil {
		return Change{}, err
	}
	return s.planAct(by, d, Act{Verb: o.Verb, Reason: d.act.Reason, AskedBy: d.act.By, AskedByName: d.act.ByName}, now), nil
}

// CancelAct takes back what has not happened yet.
func (s Story) CancelAct(by Actor, o ActOrder, now time.Time) (Change, error) {
	const op = "ticket.CancelAct"
	d, found := s.find(o.Verb, o.Mention, o.Reply)
	if !found {
		return Change{}, fault.Say(fault.NotFound, op, notThere)
	}
	decider := CanHide
	if d.reply != nil {
		decider = CanRemove
	}
	if err := s.mayCancel(op, by, d.act, decider); err != nil {
		return Change{}, err
	}
	return s.cancelAct(by, d, now), nil
}

func (s Story) cancelAct(by Actor, d doing, now time.Time) Change {
	facts := d.facts()
	facts["was"] = string(d.act.State)
	change := s.Ticket.next(s.Ticket, audit.ActCancelled, by, d.act.Reason, facts, now)
	change.Settle = s.overtakenAct(d)
	if d.act.State == ActPlanned {
		change.Cancel = []outbox.Ref{{Ticket: s.Ticket.ID, ID: d.act.Message}}
	}
	a := d.act
	a.State, a.At, a.Message = ActCancelled, now.UTC(), ""
	return d.into(change, a)
}

// Doing is the act that a message is about, with what its network needs to know: the ids may be sealed. Gone says that its
// author took away meanwhile what it was to be done to, Barred why it may not be done any more, as a code.
type Doing struct {
	doing
	Verb           post.Verb
	Target, Parent string
	Gone           bool
	Barred         string
}

// Doing finds the act of a message; false when nothing is to be done about it any more. Of the story it needs the case and
// what the message is about.
func (s Story) Doing(m outbox.Message) (Doing, bool) {
	on, ok := ParseActSubject(m.Subject)
	if !ok {
		return Doing{}, false
	}
	d, found := s.find(on.Verb, on.Key, on.Reply)
	if !found || d.act.State != ActPlanned || d.act.Message != m.ID {
		return Doing{}, false
	}
	out := Doing{doing: d, Verb: on.Verb}
	if d.reply != nil {
		out.Target, out.Parent = d.reply.RemoteID, d.reply.Target
		return out, true
	}
	out.Target, out.Parent, out.Gone = d.mention.Key, d.mention.Parent, d.mention.Deleted
	if on.Verb == post.Like && s.Ticket.Intent.Final == classify.Denuncia {
		out.Barred = NotDenuncia
	}
	return out, true
}

// ActDoneStep records that the network did it.
func (s Story) ActDoneStep(d Doing, done outbox.Ref, now time.Time) Change {
	a := d.act
	a.State, a.At, a.Message, a.Refused = ActDone, now.UTC(), "", ""
	change := s.Ticket.next(s.Ticket, audit.ActDone, system(), a.Reason, d.facts(), now)
	change.Done = []outbox.Ref{done}
	return d.into(change, a)
}

// ActRefusedStep records that it will not be done, and gives it to a person.
func (s Story) ActRefusedStep(d Doing, done outbox.Ref, code string, now time.Time) Change {
	a := d.act
	a.State, a.At, a.Message, a.Refused = ActRefused, now.UTC(), "", code
	facts := d.facts()
	facts["refused"] = code
	change := s.Ticket.next(s.Ticket, audit.ActRefused, system(), a.Reason, facts, now)
	change.Done = []outbox.Ref{done}
	return d.into(change, a).raise(s.Ticket.matter(MatterActRefused, d.matter(), code, now))
}

// ActGoneStep records that there is nothing left to do it to.
func (s Story) ActGoneStep(d Doing, done outbox.Ref, now time.Time) Change {
	change := s.cancelAct(system(), d.doing, now)
	change.Cancel, change.Done = nil, []outbox.Ref{done}
	return change
}

// ActAgainStep moves the act to its next try; nothing about the case changes. code is why it was not done, "" when it was not
// tried; doubt tells that it may have been.
func (s Story) ActAgainStep(d Doing, done outbox.Ref, again outbox.Message, code string, doubt bool) Change {
	a := d.act
	a.Message, a.Due, a.Refused, a.Doubt = again.ID, again.Due, code, a.Doubt || doubt
	return d.into(Change{Done: []outbox.Ref{done}, Send: []outbox.Message{again}}, a)
}

// LastCode is why the last try did not do it.
func (d Doing) LastCode() string { return d.act.Refused }
