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

// soonest is the least that passes before a network is asked again how far it is.
const soonest = 2 * time.Second

// room is what Prepare leaves of the time of its call, to record how far it came.
const room = 5 * time.Second

// prepare brings to the network what a post needs there before it can be seen, ahead of its moment.
func (w *Worker) prepare(ctx context.Context, now time.Time, m outbox.Message) error {
	e, mine, err := w.errand(ctx, m, post.Planned)
	if err != nil {
		return err
	}
	if !mine {
		return w.done(ctx, m)
	}
	if e.account, err = w.account(ctx, agenda.Channel(e.target), "", now); err != nil { // only what is seen costs
		return err
	}
	if end := w.bar(e, now); end != nil {
		return w.move(ctx, m, now, unclaimed(end))
	}
	got, err := w.bring(ctx, e, now)
	out := outcome{usage: got.Usage, err: err}
	if err != nil {
		out.reason = e.way.Reason(err)
	}
	err = w.move(ctx, m, now, w.prepared(e, got, out, now))
	if len(e.piece.Media) > 0 || out.err != nil {
		w.called(ctx, e.account, channel.UsePost, out, now)
	}
	return err
}

// bring has the adapter bring as much as there is time for.
func (w *Worker) bring(ctx context.Context, e errand, now time.Time) (post.Prepared, error) {
	b, err := w.broadcastOf(ctx, e)
	if err != nil {
		return post.Prepared{}, err
	}
	if end, has := ctx.Deadline(); has {
		short, cancel := context.WithDeadline(ctx, end.Add(-room))
		defer cancel()
		ctx = short
	}
	return e.way.Prepare(ctx, b, now)
}

// prepared is what becomes of a target after Prepare. What nobody understands is asked again: nothing of it is seen.
func (w *Worker) prepared(e errand, got post.Prepared, out outcome, now time.Time) stepOf {
	switch {
	case out.err == nil && got.Ready:
		next := e.m.Later(latest(now, e.target.At))
		next.Topic = outbox.Broadcast
		return func(s agenda.Step) ticket.Change { return s.Prepared(got, next) }
	case out.err == nil:
		next := e.m.Later(e.within(now.Add(max(got.Wait, soonest))))
		return func(s agenda.Step) ticket.Change { return s.Prepared(got, next) }
	}
	reason := cmp.Or(out.reason, fault.Of(out.err).String())
	if held, until, waits := waits(out, now); waits {
		again := e.m.Later(e.within(until))
		return keeping(got, func(s agenda.Step) ticket.Change { return s.Delayed(again, held) })
	}
	switch fault.Of(out.err) {
	case fault.Denied, fault.Permanent, fault.Invalid, fault.NotFound:
		return func(s agenda.Step) ticket.Change { return s.Refused(reason) }
	case fault.Transient, fault.Uncertain, fault.Duplicate, fault.Conflict, fault.Poison:
	default:
	}
	again := e.m.Again(outbox.Prepare, e.within(now.Add(w.wait(e.m.Tried(), out.err))))
	return keeping(got, func(s agenda.Step) ticket.Change { return s.Delayed(again, reason) })
}

// keeping keeps what came there before a failure, where the adapter tells.
func keeping(got post.Prepared, step stepOf) stepOf {
	return func(s agenda.Step) ticket.Change {
		if len(got.Has) > 0 {
			s.Target.Prepared = got
		}
		return step(s)
	}
}
