// Package deliver says our replies and our posts on their networks, each once or not at all: it claims, calls once, and records
// what became of it; what nobody knows is read back and never said again by itself, except for a post whose author asked for
// that. It tells people of what waits for them in the same way.
package deliver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// Store is what deliver reads and writes.
type Store interface {
	Ticket(ctx context.Context, id string) (ticket.Ticket, error)
	Reply(ctx context.Context, ticketID, replyID string) (ticket.Reply, error)
	Mention(ctx context.Context, ticketID, key string, at time.Time) (ticket.Mention, error)
	Message(ctx context.Context, ref outbox.Ref) (m outbox.Message, claimed, found bool, err error)
	Commit(ctx context.Context, c ticket.Change) error
}

// Platform is one network's way out.
type Platform interface {
	// Send says one answer with exactly one call, and gives the network's id of what it made. Its error's kind decides:
	// Transient was proven not to have happened, Uncertain may have, the rest never will. What is used up of our quota is told
	// with an error too.
	Send(ctx context.Context, o post.Outgoing) (post.Receipt, error)
	// Find looks for our own answer, said at or after since.
	Find(ctx context.Context, o post.Outgoing, since time.Time) (remoteID string, found bool, err error)
	// Act does one thing with one call. What is done already is done: it may be asked for again.
	Act(ctx context.Context, a post.Act) (post.Receipt, error)
	// Reason gives the short code of an error of this network for the case ("auth", "gone", …).
	Reason(err error) string
}

// Config is what a Worker needs. Open gives the id that was sealed, and what was never sealed as it is (package citizen).
// Jitter gives a number in [0,1). Posts and Publishers are what it takes to publish posts of ours, by Publishing's rules.
type Config struct {
	Store      Store
	Accounts   Accounts
	Platforms  map[mention.Network]Platform
	Posts      Posts
	Publishers map[mention.Network]Publisher
	Publishing Publishing
	Open       func(ctx context.Context, sealed string) (string, error)
	Jitter     func() float64
	Notices    Notices
}

// Worker carries out post.publish, post.verify and post.act, of posts post.prepare, post.broadcast, post.confirm and post.lapse,
// and notice.send.
type Worker struct{ cfg Config }

// New makes the worker.
func New(cfg Config) *Worker {
	if cfg.Notices.Log == nil {
		cfg.Notices.Log = slog.New(slog.DiscardHandler)
	}
	return &Worker{cfg: cfg}
}

// giveUp is how long a refused reply is tried again, and how late a reply may still be said; after it the text goes back
// to the person, expired: what stood still for a day is not said out of the blue.
const giveUp = 24 * time.Hour

// reasonLate is why a reply expired that nobody tried to say in time.
const reasonLate = "vencida"

// reasonText is why a reply was refused that its network's rules, as they are now, do not take.
const reasonText = "text"

// reasonWindow is why a reply expired that its network no longer takes.
const reasonWindow = "window"

// Handle carries out one message at the instant now.
func (w *Worker) Handle(ctx context.Context, now time.Time, body string) error {
	const op = "deliver.Handle"
	var m outbox.Message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return fault.New(fault.Poison, op, err)
	}
	work := unit.Of(ctx)
	work.Follow(m.Trace)
	work.Ticket(m.Ticket)
	_, claimed, found, err := w.cfg.Store.Message(ctx, m.Ref())
	if err != nil || !found {
		return err // not found: cancelled or already recorded
	}
	err = w.carryOut(ctx, now, m, claimed)
	if fault.Is(err, fault.NotFound) { // the case is kept no longer: there is nobody to answer, and nothing to record it in
		return w.finish(ctx, ticket.Change{Done: []outbox.Ref{m.Ref()}})
	}
	return err
}

// carryOut does what the message asks for; NotFound when its case or reply is gone.
func (w *Worker) carryOut(ctx context.Context, now time.Time, m outbox.Message, claimed bool) error {
	const op = "deliver.Handle"
	switch m.Topic {
	case outbox.Publish:
		if claimed {
			return w.abandoned(ctx, now, m)
		}
		return w.publish(ctx, now, m)
	case outbox.Verify:
		return w.verify(ctx, now, m)
	case outbox.Notify:
		if claimed {
			return w.giveUpNotice(ctx, m, errInterrupted)
		}
		return w.notify(ctx, now, m)
	case outbox.Act:
		return w.act(ctx, now, m, claimed)
	case outbox.Prepare:
		return w.prepare(ctx, now, m)
	case outbox.Broadcast:
		if claimed {
			return w.interrupted(ctx, now, m)
		}
		return w.broadcast(ctx, now, m)
	case outbox.Confirm:
		return w.confirm(ctx, now, m)
	case outbox.Lapse:
		return w.lapse(ctx, now, m)
	case outbox.File, outbox.Check, outbox.FetchItem, outbox.CopyMedia, outbox.Forget, outbox.Connect, outbox.Look:
		return fault.New(fault.Poison, op, errors.New("not a topic of this worker"))
	default:
		return fault.New(fault.Poison, op, errors.New("unknown topic"))
	}
}

// publish claims, calls once, and records the outcome; what may not go out now waits, or ends, without a claim.
func (w *Worker) publish(ctx context.Context, now time.Time, m outbox.Message) error {
	t, r, platform, err := w.load(ctx, m)
	if err != nil {
		return err
	}
	a, err := w.account(ctx, t.Channel(), costOf(r), now)
	if err != nil {
		return err
	}
	first, err := w.first(ctx, r)
	if err != nil {
		return err
	}
	if _, barred := bar(t, r, first, a, m, now); barred || r.State.Ended() {
		return w.barred(ctx, m, func(t ticket.Ticket, r ticket.Reply) (ticket.Change, bool) { return bar(t, r, first, a, m, now) })
	}
	ref := m.Ref()
	err = w.cfg.Store.Commit(ctx, ticket.Change{Claim: &ref, ClaimAt: now})
	switch {
	case fault.Is(err, fault.NotFound):
		return nil // cancelled between our look and our claim
	case fault.Is(err, fault.Duplicate):
		return w.abandoned(ctx, now, m)
	case err != nil:
		return err
	}
	// A case can become a denuncia between the look and the claim, and nothing but this second look would see it: the
	// claim's condition is on the message alone (ADR 0006).
	if t, err = w.cfg.Store.Ticket(ctx, m.Ticket); err != nil {
		return err
	}
	if t.Intent.Final == classify.Denuncia {
		return w.withhold(ctx, now, m)
	}
	said, err := w.outgoing(ctx, t, r, now)
	if err != nil {
		return w.record(ctx, now, m, outcome{err: err, reason: platform.Reason(err)})
	}
	receipt, err := platform.Send(ctx, said)
	w.point(ctx, t, r, receipt.ID, now)
	out := outcome{remoteID: receipt.ID, stands: receipt.Stands, usage: receipt.Usage, err: err, reason: reason(platform, err)}
	err = w.record(ctx, now, m, out)
	w.called(ctx, a, useOf(r), out, now)
	return err
}

// bar is the step of a reply that may not be said now: it ends, or waits for its account or for the reply first, which goes
// before it. False when it may be said.
func bar(t ticket.Ticket, r, first ticket.Reply, a account, m outbox.Message, now time.Time) (ticket.Change, bool) {
	end := func(state ticket.ReplyState, reason string) (ticket.Change, bool) {
		return t.ReplyRefusedStep(r, m.Ref(), state, reason, now), true
	}
	held := ""
	if channel.Held(r.Reason) {
		held = r.Reason
	}
	switch {
	case t.Intent.Final == classify.Denuncia:
		return end(ticket.ReplyRefused, ticket.NotDenuncia)
	case r.Over(now):
		return end(ticket.ReplyExpired, cmp.Or(held, reasonWindow))
	case now.Sub(m.First) > giveUp:
		return end(ticket.ReplyExpired, cmp.Or(r.Reason, reasonLate))
	case r.Template == nil && post.Check(t.Network, r.Visibility, r.Text) != nil:
		return end(ticket.ReplyRefused, reasonText)
	case a.closed():
		return end(ticket.ReplyRefused, channel.ShutClosed)
	}
	if reason, until, waits := a.hold(now); waits {
		return t.ReplyHeldStep(r, m.Ref(), later(m, r, until), reason, now), true
	}
	if first.ID != "" {
		after := first.Due
		if now.After(after) {
			after = now
		}
		return t.ReplyHeldStep(r, m.Ref(), later(m, r, after.Add(time.Second)), "", now), true
	}
	return ticket.Change{}, false
}

// barred commits what bar decides of the freshest case and reply. When the way has become free meanwhile, the message comes
// again.
func (w *Worker) barred(ctx context.Context, m outbox.Message, decide func(ticket.Ticket, ticket.Reply) (ticket.Change, bool)) error {
	free := false
	err := w.settle(ctx, m, func(t ticket.Ticket, r ticket.Reply) ticket.Change {
		change, barred := decide(t, r)
		free = !barred
		return change.Unclaimed()
	})
	if err == nil && free {
		return fault.New(fault.Transient, "deliver.barred", errors.New("the way became free"))
	}
	return err
}

// first gives the reply that must be said before r and waits still; none has no id. One that was taken back, or ended, leaves
// the place to the one it stood behind.
func (w *Worker) first(ctx context.Context, r ticket.Reply) (ticket.Reply, error) {
	for r.After != "" {
		before, err := w.cfg.Store.Reply(ctx, r.Ticket, r.After)
		switch {
		case fault.Is(err, fault.NotFound):
			return ticket.Reply{}, nil
		case err != nil:
			return ticket.Reply{}, err
		case before.State == ticket.ReplyPlanned:
			return before, nil
		}
		r = before
	}
	return ticket.Reply{}, nil
}

// useOf is what a reply needs a right for.
func useOf(r ticket.Reply) channel.Use {
	if r.Visibility == post.Private {
		return channel.UsePrivate
	}
	return channel.UsePublic
}

// outgoing is the reply as its network takes it at the instant now: ids that name a person are opened here and nowhere else.
func (w *Worker) outgoing(ctx context.Context, t ticket.Ticket, r ticket.Reply, now time.Time) (post.Outgoing, error) {
	target, err := w.cfg.Open(ctx, r.Target)
	if err != nil {
		return post.Outgoing{}, err
	}
	recipient, err := w.cfg.Open(ctx, r.Recipient)
	return post.Outgoing{
		Account: t.Account, Target: target, Recipient: recipient, Visibility: r.Visibility, Text: r.Text, Tag: t.ID + "." + r.ID,
		Template: r.Template, Stands: r.Stands, Extended: !r.ExtendedFrom.IsZero() && !now.Before(r.ExtendedFrom),
	}, err
}

// withhold refuses the reply without a call: its case became a denuncia after it was planned, and a denuncia is not answered on
// its network (E-4). It stays refused when the case stops being a denuncia meanwhile: whoever has the case then decides what
// to say.
func (w *Worker) withhold(ctx context.Context, now time.Time, m outbox.Message) error {
	return w.settle(ctx, m, func(t ticket.Ticket, r ticket.Reply) ticket.Change {
		return t.ReplyRefusedStep(r, m.Ref(), ticket.ReplyRefused, ticket.NotDenuncia, now)
	})
}

// outcome is what became of one call.
type outcome struct {
	remoteID string
	stands   string
	usage    channel.Usage
	err      error
	reason   string
}

func reason(p Platform, err error) string {
	if err == nil {
		return ""
	}
	return p.Reason(err)
}

// record commits the outcome of the call that m stood for. Other writers may change the case meanwhile, so it reads and
// decides again; the call itself is never repeated here.
func (w *Worker) record(ctx context.Context, now time.Time, m outbox.Message, out outcome) error {
	return w.settle(ctx, m, func(t ticket.Ticket, r ticket.Reply) ticket.Change {
		r.Stands = out.stands
		if reason, until, held := waits(out, now); held && now.Sub(m.First) <= giveUp {
			return t.ReplyHeldStep(r, m.Ref(), later(m, r, until), reason, now)
		}
		switch fault.Of(out.err) {
		case fault.Transient:
			if now.Sub(m.First) > giveUp {
				return t.ReplyRefusedStep(r, m.Ref(), ticket.ReplyExpired, out.reason, now)
			}
			return t.ReplyDelayedStep(r, m.Ref(), m.Again(outbox.Publish, now.Add(w.wait(m.Tried(), out.err))), out.reason, now)
		case fault.Denied, fault.Permanent, fault.Invalid, fault.NotFound:
			return t.ReplyRefusedStep(r, m.Ref(), ticket.ReplyRefused, out.reason, now)
		case fault.Duplicate, fault.Conflict, fault.Poison, fault.Uncertain:
			return w.unknown(t, r, m, out.reason, now)
		default:
			if out.err != nil {
				return w.unknown(t, r, m, out.reason, now)
			}
			return t.ReplySentStep(r, m.Ref(), out.remoteID, now, now)
		}
	})
}

// unknown plans the first read-back soon: the network usually shows what it took within seconds.
func (w *Worker) unknown(t ticket.Ticket, r ticket.Reply, m outbox.Message, reason string, now time.Time) ticket.Change {
	if r.ClaimedAt.IsZero() {
		r.ClaimedAt = now
	}
	check := m.Again(outbox.Verify, now.Add(firstLook))
	check.First = check.Due
	r.Message = check.ID
	return t.ReplyUnknownStep(r, m.Ref(), check, reason, now)
}

// abandoned records that an earlier try of this message claimed it and never came back: perhaps it was said.
func (w *Worker) abandoned(ctx context.Context, now time.Time, m outbox.Message) error {
	return w.settle(ctx, m, func(t ticket.Ticket, r ticket.Reply) ticket.Change {
		if r.ClaimedAt.IsZero() {
			r.ClaimedAt = m.Due
		}
		return w.unknown(t, r, m, "interrumpida", now)
	})
}

// wait is how long to stay away: what the other side asks for, or the back-off of the attempt.
func (w *Worker) wait(attempt int, err error) time.Duration {
	return max(fault.RetryAfter(err), outbox.Backoff(attempt, w.cfg.Jitter()))
}

func (w *Worker) load(ctx context.Context, m outbox.Message) (ticket.Ticket, ticket.Reply, Platform, error) {
	t, err := w.cfg.Store.Ticket(ctx, m.Ticket)
	if err != nil {
		return ticket.Ticket{}, ticket.Reply{}, nil, err
	}
	r, err := w.cfg.Store.Reply(ctx, m.Ticket, m.Subject)
	if err != nil {
		return ticket.Ticket{}, ticket.Reply{}, nil, err
	}
	p, known := w.cfg.Platforms[t.Network]
	if !known {
		return ticket.Ticket{}, ticket.Reply{}, nil, fault.New(fault.Permanent, "deliver.load", errors.New("no way out to this network"))
	}
	return t, r, p, nil
}

// settle commits what decide makes of the freshest case and reply; who loses to another writer reads and decides again. A
// reply that ended meanwhile has its end: the network itself can tell what became of it before its call returns.
func (w *Worker) settle(ctx context.Context, m outbox.Message, decide func(ticket.Ticket, ticket.Reply) ticket.Change) error {
	return w.rounds(ctx, "deliver.settle", func() (ticket.Change, error) {
		t, r, _, err := w.load(ctx, m)
		switch {
		case err != nil:
			return ticket.Change{}, err
		case r.State.Ended():
			return ticket.Change{Done: []outbox.Ref{m.Ref()}}, nil
		default:
			return decide(t, r), nil
		}
	})
}
