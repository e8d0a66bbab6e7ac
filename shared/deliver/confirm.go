package deliver

import (
	"context"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// resendAfter is how long a post must have been nowhere to be found before it may be said once more by itself, for whose author
// asked for that: a quarter of an hour after a call that ended within the minute of its claim (reliability-performance.md §3.3,
// policy D). Past resendUntil it would be out of the blue.
const (
	resendAfter = 16 * time.Minute
	resendUntil = 2 * resendAfter
)

// confirm reads back whether a post is there.
func (w *Worker) confirm(ctx context.Context, now time.Time, m outbox.Message) error {
	e, mine, err := w.errand(ctx, m, post.Unknown)
	if err != nil {
		return err
	}
	if !mine {
		return w.done(ctx, m)
	}
	if e.account, err = w.account(ctx, agenda.Channel(e.target), "", now); err != nil {
		return err
	}
	id, found, lookErr := w.lookFor(ctx, e, now)
	if found {
		w.remember(ctx, e.target, id, now)
		return w.move(ctx, m, now, func(s agenda.Step) ticket.Change {
			return s.Sent(id, e.way.PostURL(e.target.Account, id), s.Target.ClaimedAt)
		})
	}
	return w.move(ctx, m, now, func(s agenda.Step) ticket.Change { return e.missing(s, lookErr) })
}

// missing is what becomes of a target that a look did not find: err is why it could not look.
func (e errand) missing(s agenda.Step, err error) ticket.Change {
	gone := s.Now.Sub(s.Target.ClaimedAt)
	resend := e.post.Resend && !s.Target.Resent && s.Target.Reason != reasonDuplicate && gone <= resendUntil
	last := lastLook
	if resend {
		last = resendAfter
	}
	switch {
	case fault.Is(err, fault.Permanent), err != nil && gone >= giveUp:
		return s.Unresolved()
	case err == nil && gone >= last && resend:
		return s.Resent()
	case err == nil && gone >= last:
		return s.Unresolved()
	}
	due := s.Now.Add(max(gap(gone), fault.RetryAfter(err)))
	if end := s.Target.ClaimedAt.Add(last); err == nil && due.After(end) {
		due = end
	}
	return s.LookAgain(e.m.Later(due))
}

// gap is how long to wait for the next look at what has been missing so long: looks grow rare.
func gap(gone time.Duration) time.Duration { return min(max(gone, firstLook), outbox.Soon) }

// lookFor looks for the post on its network. A closed account will never show it, and a paused one not now.
func (w *Worker) lookFor(ctx context.Context, e errand, now time.Time) (string, bool, error) {
	const op = "deliver.lookFor"
	switch {
	case e.way == nil, e.account.closed():
		return "", false, fault.New(fault.Permanent, op, errClosed)
	case e.account.channel.State == channel.Paused:
		return "", false, fault.New(fault.Transient, op, errPaused)
	}
	b, err := w.broadcastOf(ctx, e)
	if err != nil {
		return "", false, fault.New(fault.Transient, op, err)
	}
	id, found, err := e.way.Published(ctx, b, e.target.ClaimedAt.Add(-skew))
	if err != nil {
		w.called(ctx, e.account, channel.UsePost, outcome{err: err, reason: e.way.Reason(err)}, now)
	}
	return id, found && err == nil, err
}
