package deliver

import (
	"cmp"
	"context"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Why nobody knows whether a post is there, besides what its network says.
const (
	reasonInterrupted = "interrumpida"    // an earlier try claimed it and never came back
	reasonNameless    = "unknown_outcome" // the network took it and gave no name to it
)

// broadcast publishes a post on one network: everything is looked at again, then it claims, looks once more, calls once, and
// records the outcome.
func (w *Worker) broadcast(ctx context.Context, now time.Time, m outbox.Message) error {
	e, mine, err := w.errand(ctx, m, post.Planned)
	if err != nil {
		return err
	}
	if !mine {
		return w.done(ctx, m)
	}
	if e.account, err = w.account(ctx, agenda.Channel(e.target), e.cost(), now); err != nil {
		return err
	}
	if end := firstOf(w.bar(e, now), unprepared(e, now)); end != nil {
		return w.move(ctx, m, now, unclaimed(end))
	}
	ref := m.Ref()
	err = w.cfg.Store.Commit(ctx, ticket.Change{Claim: &ref, ClaimAt: now})
	switch {
	case fault.Is(err, fault.NotFound):
		return nil // taken back between our look and our claim
	case fault.Is(err, fault.Duplicate):
		return w.interrupted(ctx, now, m)
	case err != nil:
		return err
	}
	// The claim's condition is on the message alone; from here on nobody can take the post back, but it may have been changed
	// between the look and the claim.
	account := e.account
	if e, mine, err = w.errand(ctx, m, post.Planned); err != nil {
		return err
	}
	switch e.account = account; {
	case !mine:
		return w.done(ctx, m)
	case !e.asked():
		return w.move(ctx, m, now, func(s agenda.Step) ticket.Change { return s.Expired(agenda.ReasonUnasked) })
	}
	return w.say(ctx, now, e)
}

// firstOf gives the first step there is.
func firstOf(a, b stepOf) stepOf {
	if a != nil {
		return a
	}
	return b
}

// unprepared is the step of a target whose media are not at the network, or no longer: they are brought there again. nil when
// nothing is missing.
func unprepared(e errand, now time.Time) stepOf {
	if len(e.piece.Media) == 0 || e.target.Prepared.Good(now) {
		return nil
	}
	again := e.m.Later(e.within(now.Add(soonest)))
	again.Topic = outbox.Prepare
	return func(s agenda.Step) ticket.Change { return s.Prepared(post.Prepared{}, again) }
}

// say makes the one call that the claimed message stands for, and records what became of it.
func (w *Worker) say(ctx context.Context, now time.Time, e errand) error {
	b, err := w.broadcastOf(ctx, e)
	if err != nil {
		return w.move(ctx, e.m, now, w.said(e, outcome{err: err, reason: e.way.Reason(err)}, now))
	}
	receipt, err := e.way.Publish(ctx, b)
	out := outcome{remoteID: receipt.ID, stands: receipt.Stands, usage: receipt.Usage, err: err}
	if err != nil {
		out.remoteID, out.reason = "", e.way.Reason(err)
	}
	known := out
	if id, ours := w.stood(ctx, e, b, out, now); ours {
		known = outcome{remoteID: id}
	}
	w.remember(ctx, e.target, known.remoteID, now)
	err = w.move(ctx, e.m, now, w.said(e, known, now))
	w.called(ctx, e.account, channel.UsePost, out, now)
	return err
}

// stood looks whether what the network says stands there already is this post, said by an earlier attempt.
func (w *Worker) stood(ctx context.Context, e errand, b post.Broadcast, out outcome, now time.Time) (string, bool) {
	if !fault.Is(out.err, fault.Duplicate) || out.stands == "" {
		return "", false
	}
	b.Stands = out.stands
	id, found, err := e.way.Published(ctx, b, e.begun(now).Add(-skew))
	return id, found && err == nil && id != ""
}

// begun is when the first attempt may have been made at saying it.
func (e errand) begun(now time.Time) time.Time {
	first := now
	for _, at := range []time.Time{e.m.First, e.target.ClaimedAt} {
		if !at.IsZero() && at.Before(first) {
			first = at
		}
	}
	return first
}

// said is what becomes of a target after the call that publishes it.
func (w *Worker) said(e errand, out outcome, now time.Time) stepOf {
	reason := cmp.Or(out.reason, fault.Of(out.err).String())
	switch {
	case out.err == nil && out.remoteID != "":
		url := e.way.PostURL(e.target.Account, out.remoteID)
		return func(s agenda.Step) ticket.Change { return s.Sent(out.remoteID, url, now) }
	case out.err == nil:
		return doubtful(e, "", reasonNameless, now, now)
	}
	if held, until, waits := waits(out, now); waits {
		again := e.m.Later(e.within(until))
		return func(s agenda.Step) ticket.Change { return s.Delayed(again, held) }
	}
	switch fault.Of(out.err) {
	case fault.Transient:
		again := e.m.Again(outbox.Broadcast, e.within(now.Add(w.wait(e.m.Tried(), out.err))))
		return func(s agenda.Step) ticket.Change { return s.Delayed(again, reason) }
	case fault.Denied, fault.Permanent, fault.Invalid, fault.NotFound:
		return func(s agenda.Step) ticket.Change { return s.Refused(reason) }
	case fault.Duplicate:
		return doubtful(e, out.stands, reasonDuplicate, e.begun(now), now)
	case fault.Conflict, fault.Poison, fault.Uncertain:
		return doubtful(e, "", reason, now, now)
	default:
		return doubtful(e, "", reason, now, now)
	}
}

// doubtful is the step of a target that may be there since claimed: it is read back soon, as networks usually show what they
// took within seconds.
func doubtful(e errand, stands, reason string, claimed, now time.Time) stepOf {
	check := e.m.Again(outbox.Confirm, now.Add(firstLook))
	return func(s agenda.Step) ticket.Change {
		s.Target.Stands = cmp.Or(stands, s.Target.Stands)
		return s.Unknown(check, claimed, reason)
	}
}

// underWay is how long after its claim whoever claimed it may still be carrying it out.
const underWay = 30 * time.Second

// interrupted records that an earlier try of this message claimed it and never came back: perhaps the post is there. One that may
// still come back is waited for: it has not called yet, perhaps, and would find its message gone.
func (w *Worker) interrupted(ctx context.Context, now time.Time, m outbox.Message) error {
	claimed, found, err := w.cfg.Posts.ClaimedAt(ctx, m.Ref())
	if err != nil || !found {
		return err // not found: recorded by that try after all
	}
	if now.Sub(claimed) < underWay {
		return fault.New(fault.Transient, "deliver.interrupted", ticket.ErrClaimed)
	}
	return w.move(ctx, m, now, doubtful(errand{m: m}, "", reasonInterrupted, claimed, now))
}
