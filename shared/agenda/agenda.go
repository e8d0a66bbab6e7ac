// Package agenda is what the comms team publishes: a post goes from draft through a second person's hands to its networks, and
// every step gives the Change that makes it.
package agenda

import (
	"slices"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Lead is how long before its moment a post with media is brought to its networks.
const Lead = 10 * time.Minute

// LateAfter is how long after its moment a post may still go out; later it expires, and people are told. ToldAfter is after how
// long they are told that it is late and still being tried.
const (
	LateAfter = 15 * time.Minute
	ToldAfter = 90 * time.Second
)

// patience is how long a post that is to go out as soon as it is approved waits for that.
const patience = 24 * time.Hour

// draftLife is how long a post that was thrown away is kept.
const draftLife = 30 * 24 * time.Hour

// The kinds of matter that wait for a person.
const (
	MatterUnknown   = "post_unknown"
	MatterRefused   = "post_refused"
	MatterExpired   = "post_expired"
	MatterLate      = "post_late"
	MatterLapsed    = "post_lapsed"    // nobody approved it in time
	MatterEmergency = "post_emergency" // one person alone published it
)

// About is what a post belongs to. A post has its place in its series for good; it can change its campaign.
type About struct {
	Series     string
	Place, Of  int
	Recurrence *post.Recurrence
	Campaign   string
}

// Draft begins a post.
func Draft(id string, by ticket.Actor, c post.Content, about About, now time.Time) (ticket.Change, error) {
	const op = "agenda.Draft"
	if !ticket.Allowed(by, ticket.CanPost) {
		return ticket.Change{}, fault.Say(fault.Denied, op, "Tu rol no puede escribir publicaciones.")
	}
	p := post.Post{
		ID: id, State: post.Draft, Content: c, Series: about.Series, Place: about.Place, Of: about.Of, Recurrence: about.Recurrence, Campaign: about.Campaign,
		Author: by.ID, AuthorName: by.Name, Hands: []string{by.ID}, CreatedAt: now.UTC(),
	}
	return step(p, p, audit.PostDrafted, by, "", nil, now), nil
}

// Edit gives a post another content. What was approved is so no longer: it waits for a second person again.
func (p Plan) Edit(by ticket.Actor, c post.Content, about About, now time.Time) (ticket.Change, error) {
	const op = "agenda.Edit"
	if !ticket.Allowed(by, ticket.CanPost) {
		return ticket.Change{}, fault.Say(fault.Denied, op, "Tu rol no puede cambiar publicaciones.")
	}
	to := p.Post
	to.Content, to.Campaign = c, about.Campaign
	changed := c.Digest() != p.Post.Digest()
	if changed && !slices.Contains(to.Hands, by.ID) {
		to.Hands = append(slices.Clone(to.Hands), by.ID)
	}
	switch state := p.State(); state {
	case post.Draft, post.Rejected:
		to.State, to.Reason = post.Draft, ""
		return step(p.Post, to, audit.PostEdited, by, "", nil, now), nil
	case post.Submitted, post.Planned:
		if !changed {
			return step(p.Post, to, audit.PostEdited, by, "", nil, now), nil
		}
		if err := timely(op, c, now); err != nil {
			return ticket.Change{}, err
		}
		if state == post.Planned {
			return p.reopen(by, to, now)
		}
		return resubmitted(p.Post, step(p.Post, to, audit.PostEdited, by, "", nil, now), now), nil
	case post.Approved, post.Claimed, post.Sent, post.Unknown, post.Refused, post.Expired, post.Cancelled:
		return ticket.Change{}, fault.Say(fault.Conflict, op, "Esta publicación ya salió o terminó: no se puede cambiar. Haz una copia.")
	default:
		return ticket.Change{}, fault.Say(fault.Conflict, op, "Esta publicación no se puede cambiar.")
	}
}

// reopen takes a planned post back to those that wait for approval, before anything of it went out.
func (p Plan) reopen(by ticket.Actor, to post.Post, now time.Time) (ticket.Change, error) {
	to.State, to.Approval = post.Submitted, nil
	change := step(p.Post, to, audit.PostEdited, by, "aprobacion_retirada", nil, now)
	change, err := p.withdraw(change, by, now)
	if err != nil {
		return ticket.Change{}, err
	}
	return resubmitted(post.Post{}, change, now), nil
}

// withdraw takes back every target; it fails when one of them went out, or is on its way.
func (p Plan) withdraw(change ticket.Change, by ticket.Actor, now time.Time) (ticket.Change, error) {
	const op = "agenda.withdraw"
	for _, t := range p.Targets {
		switch t.State {
		case post.Planned:
		case post.Cancelled:
			continue
		case post.Claimed, post.Sent, post.Unknown, post.Refused, post.Expired, post.Draft, post.Submitted, post.Approved, post.Rejected:
			return change, fault.Say(fault.Conflict, op, "Una parte de esta publicación ya salió, o está saliendo. Haz una copia para cambiarla.")
		default:
			return change, fault.Say(fault.Conflict, op, "Esta publicación no se puede cambiar.")
		}
		to := t
		to.State, to.Message, to.Prepared = post.Cancelled, "", post.Prepared{}
		change = change.With(moved(t, to, audit.PostWithdrawn, by, "", now))
		change.Cancel = append(change.Cancel, outbox.Ref{Ticket: t.Cause(), ID: t.Message})
	}
	return change, nil
}

// resubmitted gives a post that waits for approval the message that ends it when nobody approves it, instead of an earlier one.
func resubmitted(was post.Post, change ticket.Change, now time.Time) ticket.Change {
	p := *change.Post
	until := p.PublishAt.At
	if p.PublishAt.Now {
		until = now.Add(patience)
	}
	m := outbox.New(p.ID+"-vence-"+strconv.Itoa(p.Version), outbox.Lapse, p.Cause(), "", p.Cause(), until)
	if was.Lapse != "" {
		change.Cancel = append(change.Cancel, outbox.Ref{Ticket: p.Cause(), ID: was.Lapse})
	}
	p.Lapse = m.ID
	change.Post, change.Send = &p, append(change.Send, m)
	return change
}

// Submit asks a second person to approve the post. Whether its content may go out at all is judged before.
func (p Plan) Submit(by ticket.Actor, now time.Time) (ticket.Change, error) {
	const op = "agenda.Submit"
	switch state := p.State(); {
	case !ticket.Allowed(by, ticket.CanPost):
		return ticket.Change{}, fault.Say(fault.Denied, op, "Tu rol no puede enviar publicaciones a aprobación.")
	case state == post.Submitted:
		return ticket.Change{}, fault.Say(fault.Conflict, op, "Esta publicación ya espera aprobación.")
	case state != post.Draft && state != post.Rejected:
		return ticket.Change{}, fault.Say(fault.Conflict, op, "Solo se envía a aprobación un borrador.")
	}
	if err := timely(op, p.Post.Content, now); err != nil {
		return ticket.Change{}, err
	}
	to := p.Post
	to.State, to.Reason, to.SubmittedAt = post.Submitted, "", now.UTC()
	return resubmitted(post.Post{}, step(p.Post, to, audit.PostSubmitted, by, "", nil, now), now), nil
}

// timely refuses a content without a moment, or whose moment has passed.
func timely(op string, c post.Content, now time.Time) error {
	switch {
	case c.PublishAt.Now:
		return nil
	case c.PublishAt.At.IsZero():
		return fault.Reject(op, "publishAt", "Elige cuándo se publica.")
	case !c.PublishAt.At.After(now):
		return fault.Reject(op, "publishAt", "La hora elegida ya pasó. Elige otra.")
	default:
		return nil
	}
}

// Consent is how somebody approves: an emergency is one person's alone, with the reason.
type Consent struct {
	Emergency bool
	Reason    string
}

// Approve lets the post out at its moment: its targets and their messages are made here and nowhere else.
func (p Plan) Approve(by ticket.Actor, c Consent, accounts mention.Accounts, now time.Time) (ticket.Change, error) {
	const op = "agenda.Approve"
	if err := p.mayApprove(op, by, c); err != nil {
		return ticket.Change{}, err
	}
	if err := timely(op, p.Post.Content, now); err != nil {
		return ticket.Change{}, err
	}
	to := p.Post
	if to.PublishAt.Now {
		to.PublishAt.At = now.UTC()
	}
	to.State, to.Lapse = post.Planned, ""
	to.Approval = &post.Approval{By: by.ID, Name: by.Name, At: now.UTC(), Digest: to.Digest(), Emergency: c.Emergency, Reason: c.Reason}
	facts := map[string]string{"digest": to.Approval.Digest}
	if c.Emergency {
		facts["emergency"] = "1"
	}
	change := step(p.Post, to, audit.PostApproved, by, c.Reason, facts, now)
	if p.Post.Lapse != "" {
		change.Cancel = append(change.Cancel, outbox.Ref{Ticket: p.Post.Cause(), ID: p.Post.Lapse})
	}
	change, err := p.plan(change, by, accounts, now)
	if err == nil && c.Emergency {
		change = raise(change, matter(to, MatterEmergency, "", c.Reason, now), "e"+strconv.Itoa(to.Version))
	}
	return change, err
}

func (p Plan) mayApprove(op string, by ticket.Actor, c Consent) error {
	state := p.State()
	switch {
	case c.Emergency && !ticket.Allowed(by, ticket.CanEmergency):
		return fault.Say(fault.Denied, op, "Tu rol no puede publicar de emergencia.")
	case !c.Emergency && !ticket.Allowed(by, ticket.CanApprovePost):
		return fault.Say(fault.Denied, op, "Tu rol no puede aprobar publicaciones.")
	case !c.Emergency && slices.Contains(p.Post.Hands, by.ID):
		return fault.Say(fault.Denied, op, "Escribiste o cambiaste esta publicación: la aprueba otra persona.")
	case c.Emergency && len([]rune(c.Reason)) < minReason:
		return fault.Reject(op, "reason", "Explica la emergencia: por qué no puede esperar a una segunda persona (20 caracteres o más).")
	case state == post.Submitted, c.Emergency && state == post.Draft:
		return nil
	case state == post.Draft, state == post.Rejected:
		return fault.Say(fault.Conflict, op, "Esta publicación todavía no se envía a aprobación.")
	default:
		return fault.Say(fault.Conflict, op, "Esta publicación ya no espera aprobación.")
	}
}

// minReason is the shortest reason of an emergency, in characters.
const minReason = 20

// Reject gives the post back to who wrote it.
func (p Plan) Reject(by ticket.Actor, reason string, now time.Time) (ticket.Change, error) {
	const op = "agenda.Reject"
	switch {
	case !ticket.Allowed(by, ticket.CanApprovePost):
		return ticket.Change{}, fault.Say(fault.Denied, op, "Tu rol no puede rechazar publicaciones.")
	case p.State() != post.Submitted:
		return ticket.Change{}, fault.Say(fault.Conflict, op, "Esta publicación no espera aprobación.")
	case reason == "":
		return ticket.Change{}, fault.Reject(op, "reason", "Escribe qué hay que cambiar.")
	}
	to := p.Post
	to.State, to.Reason, to.Lapse = post.Rejected, reason, ""
	change := step(p.Post, to, audit.PostRejected, by, "", nil, now)
	change.Cancel = []outbox.Ref{{Ticket: p.Post.Cause(), ID: p.Post.Lapse}}
	return change, nil
}

// Cancel takes the post back before anything of it went out.
func (p Plan) Cancel(by ticket.Actor, now time.Time) (ticket.Change, error) {
	const op = "agenda.Cancel"
	if !ticket.Allowed(by, ticket.CanPost) && !ticket.Allowed(by, ticket.CanApprovePost) {
		return ticket.Change{}, fault.Say(fault.Denied, op, "Tu rol no puede cancelar publicaciones.")
	}
	to := p.Post
	was := p.State()
	to.State, to.Lapse = post.Cancelled, ""
	change := step(p.Post, to, audit.PostCancelled, by, "", nil, now)
	switch was {
	case post.Draft, post.Rejected:
		change.Post.Expires = now.Add(draftLife).UTC()
		return change, nil
	case post.Submitted:
		change.Cancel = []outbox.Ref{{Ticket: p.Post.Cause(), ID: p.Post.Lapse}}
		return change, nil
	case post.Planned:
		return p.withdraw(change, by, now)
	case post.Approved, post.Claimed, post.Sent, post.Unknown, post.Refused, post.Expired, post.Cancelled:
		return ticket.Change{}, fault.Say(fault.Conflict, op, "Esta publicación ya salió o terminó: no se puede cancelar.")
	default:
		return ticket.Change{}, fault.Say(fault.Conflict, op, "Esta publicación no se puede cancelar.")
	}
}

// Lapsed ends a post that nobody approved by its moment.
func (p Plan) Lapsed(done outbox.Ref, now time.Time) ticket.Change {
	if p.Post.State != post.Submitted || p.Post.Lapse != done.ID {
		return ticket.Change{Done: []outbox.Ref{done}}
	}
	to := p.Post
	to.State, to.Reason, to.Lapse = post.Expired, "sin_aprobar", ""
	change := step(p.Post, to, audit.PostLapsed, system(), "sin_aprobar", nil, now)
	change.Done = []outbox.Ref{done}
	return raise(change, matter(to, MatterLapsed, "", "sin_aprobar", now), "l"+strconv.Itoa(to.Version))
}

// Review settles the matter of an emergency: somebody else has looked at it.
func (p Plan) Review(by ticket.Actor, now time.Time) (ticket.Change, error) {
	const op = "agenda.Review"
	a := p.Post.Approval
	switch {
	case !ticket.Allowed(by, ticket.CanApprovePost):
		return ticket.Change{}, fault.Say(fault.Denied, op, "Tu rol no puede revisar publicaciones.")
	case a == nil || !a.Emergency:
		return ticket.Change{}, fault.Say(fault.Conflict, op, "Esta publicación no salió de emergencia.")
	case a.By == by.ID:
		return ticket.Change{}, fault.Say(fault.Denied, op, "La publicaste de emergencia: la revisa otra persona.")
	}
	change := step(p.Post, p.Post, audit.PostReviewed, by, "", nil, now)
	change.Settle = []ticket.Attention{matter(p.Post, MatterEmergency, "", "", now)}
	return change, nil
}
