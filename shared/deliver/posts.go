package deliver

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Posts is what deliver reads of what we publish; what it writes goes through Store.
type Posts interface {
	Plan(ctx context.Context, id string) (agenda.Plan, error)
	Target(ctx context.Context, id, name string) (post.Target, error)
	// Matter gives a matter by its name; false when it waits for nobody any more.
	Matter(ctx context.Context, cause, id string) (ticket.Attention, bool, error)
	// ClaimedAt gives the instant a message was claimed at; false when it is gone.
	ClaimedAt(ctx context.Context, ref outbox.Ref) (time.Time, bool, error)
}

// Publisher is one network's way out for posts of ours.
type Publisher interface {
	// Prepare brings to the network what the post needs there before, as far as the time of ctx goes. Nobody sees it, and it may
	// be repeated freely.
	Prepare(ctx context.Context, b post.Broadcast, now time.Time) (post.Prepared, error)
	// Publish makes the post seen with exactly one call, and gives the network's id of it. Its error's kind decides: Transient
	// was proven not to have happened, Uncertain may have, the rest never will.
	Publish(ctx context.Context, b post.Broadcast) (post.Receipt, error)
	// Published looks for the post among our own, made at or after since. Permanent: it can never be looked for.
	Published(ctx context.Context, b post.Broadcast, since time.Time) (remoteID string, found bool, err error)
	// PostURL gives the public address of a post by its id; "" where none can be told without a call.
	PostURL(account, id string) string
	// Reason gives the short code of an error of this network.
	Reason(err error) string
}

// Publishing is by which rules posts go out; each may be nil. Judge tells whether what a post says on a network is within the
// network's rules, and ours. Barred tells that nothing is published on the day of an instant, and why (ReasonBan when it does
// not say); an emergency goes out all the same.
type Publishing struct {
	Judge  func(c post.Content, n mention.Network) bool
	Barred func(at time.Time) (reason string, barred bool)
}

// Why a post was refused by ourselves.
const (
	ReasonBan   = "veda"
	ReasonRules = "reglas"     // it is not within the network's rules, or ours
	ReasonNoWay = "sin_salida" // nothing of ours publishes there
)

// errand is the way of a post to one network at the moment one of its messages is carried out.
type errand struct {
	m       outbox.Message
	post    post.Post
	target  post.Target
	piece   post.Piece
	way     Publisher // nil where there is none
	account account
}

// stepOf is what becomes of a target, decided on how it stands then.
type stepOf func(s agenda.Step) ticket.Change

// errand reads what message m is about. False when the target, in state, is another message's by now: m is done.
func (w *Worker) errand(ctx context.Context, m outbox.Message, state post.State) (errand, bool, error) {
	const op = "deliver.errand"
	id, is := outbox.PostOf(m.Ticket)
	if !is || w.cfg.Posts == nil {
		return errand{}, false, fault.New(fault.Poison, op, errors.New("of no post, or nobody publishes here"))
	}
	plan, err := w.cfg.Posts.Plan(ctx, id)
	if err != nil {
		return errand{}, false, err
	}
	i := slices.IndexFunc(plan.Targets, func(t post.Target) bool { return t.Name() == m.Subject })
	if i < 0 {
		return errand{}, false, fault.New(fault.NotFound, op, errors.New("no such target"))
	}
	t := plan.Targets[i]
	e := errand{m: m, post: plan.Post, target: t, piece: plan.Post.For(t.Network), way: w.cfg.Publishers[t.Network]}
	return e, t.State == state && t.Message == m.ID, nil
}

// cost is what publishing it is billed as.
func (e errand) cost() channel.Cost {
	if e.piece.Template != nil {
		return channel.CostTemplate
	}
	return channel.CostOf(false, e.piece.Link != "" || post.HasLink(e.piece.Text), false)
}

// broadcastOf is the target as its network takes it.
func (w *Worker) broadcastOf(ctx context.Context, e errand) (post.Broadcast, error) {
	recipient := ""
	if e.target.Recipient != "" {
		var err error
		if recipient, err = w.cfg.Open(ctx, e.target.Recipient); err != nil {
			return post.Broadcast{}, err
		}
	}
	return post.Broadcast{
		Account: e.target.Account, Text: e.piece.Text, Link: e.piece.Link, Media: e.piece.Media, Template: e.piece.Template,
		Recipient: recipient, Tag: e.target.Chain(), Prepared: e.target.Prepared, Stands: e.target.Stands,
	}, nil
}

// asked reports whether what would go out is what was approved, and is so still.
func (e errand) asked() bool {
	a := e.post.Approval
	return e.post.State == post.Planned && a != nil && e.target.Digest == a.Digest && a.Digest == e.post.Digest()
}

// late reports that its moment is too long ago.
func (e errand) late(now time.Time) bool { return now.Sub(e.m.First) > agenda.LateAfter }

// within is the instant, or when the target expires, where that comes before.
func (e errand) within(at time.Time) time.Time {
	if last := e.m.First.Add(agenda.LateAfter + time.Second); at.After(last) {
		return last
	}
	return at
}

// bar is the step of a target that may not go out now: it ends, or waits for its account. nil when it may.
func (w *Worker) bar(e errand, now time.Time) stepOf {
	end := func(step func(agenda.Step, string) ticket.Change, reason string) stepOf {
		return func(s agenda.Step) ticket.Change { return step(s, reason) }
	}
	switch {
	case !e.asked():
		return end(agenda.Step.Expired, agenda.ReasonUnasked)
	case e.late(now):
		return end(agenda.Step.Expired, cmp.Or(e.target.Reason, agenda.ReasonLate))
	case e.way == nil:
		return end(agenda.Step.Refused, ReasonNoWay)
	case e.account.closed():
		return end(agenda.Step.Refused, channel.ShutClosed)
	}
	if reason, barred := w.forbidden(e, now); barred {
		return end(agenda.Step.Refused, reason)
	}
	if reason, until, held := e.account.hold(now); held {
		again := e.m.Later(e.within(until))
		return func(s agenda.Step) ticket.Change { return s.Delayed(again, reason) }
	}
	return nil
}

// forbidden tells why a rule, or the day it goes out on, forbids the target.
func (w *Worker) forbidden(e errand, now time.Time) (string, bool) {
	rules := w.cfg.Publishing
	if rules.Judge != nil && !rules.Judge(e.post.Content, e.target.Network) {
		return ReasonRules, true
	}
	if rules.Barred == nil || e.post.Approval.Emergency {
		return "", false
	}
	reason, barred := rules.Barred(latest(now, e.target.At))
	return cmp.Or(reason, ReasonBan), barred
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// move commits what decide makes of the freshest target, as long as it is message m's; who loses to another writer reads and
// decides again.
func (w *Worker) move(ctx context.Context, m outbox.Message, now time.Time, decide stepOf) error {
	id, _ := outbox.PostOf(m.Ticket)
	return w.rounds(ctx, "deliver.move", func() (ticket.Change, error) {
		t, err := w.cfg.Posts.Target(ctx, id, m.Subject)
		if err != nil || t.Message != m.ID {
			return ticket.Change{Done: []outbox.Ref{m.Ref()}}, err
		}
		return decide(agenda.Step{Target: t, Done: m.Ref(), Now: now}), nil
	})
}

// unclaimed is the step of a message that nobody has claimed: who carries it out at this moment goes before.
func unclaimed(decide stepOf) stepOf {
	return func(s agenda.Step) ticket.Change { return decide(s).Unclaimed() }
}

// done takes away a message that has nothing to do any more.
func (w *Worker) done(ctx context.Context, m outbox.Message) error {
	return w.finish(ctx, ticket.Change{Done: []outbox.Ref{m.Ref()}})
}

// lapse ends a post that nobody approved in time.
func (w *Worker) lapse(ctx context.Context, now time.Time, m outbox.Message) error {
	const op = "deliver.lapse"
	id, is := outbox.PostOf(m.Ticket)
	if !is || w.cfg.Posts == nil {
		return fault.New(fault.Poison, op, errors.New("of no post, or nobody publishes here"))
	}
	return w.rounds(ctx, op, func() (ticket.Change, error) {
		p, err := w.cfg.Posts.Plan(ctx, id)
		if err != nil {
			return ticket.Change{}, err
		}
		return p.Lapsed(m.Ref(), now), nil
	})
}

// remember keeps the network's name of a post, so that what the network then tells of it is not taken for a mention. That comes
// before the record of its sending. Where it cannot be written, only that memory is missing.
func (w *Worker) remember(ctx context.Context, t post.Target, remoteID string, now time.Time) {
	if remoteID == "" {
		return
	}
	own := ticket.Seen{Network: t.Network, Key: remoteID, Ticket: t.Cause(), Reply: t.Name(), At: now.UTC(), Rev: 1}
	_ = w.cfg.Store.Commit(ctx, ticket.Change{Seen: &own})
}
