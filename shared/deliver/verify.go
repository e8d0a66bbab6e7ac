package deliver

import (
	"context"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// firstLook is when an unknown reply is read back first; lastLook is when reading back ends and a person decides
// (reliability-performance.md §3.3, policy E: settle 300 s, then a human).
const (
	firstLook = 5 * time.Second
	lastLook  = 5 * time.Minute
)

// skew allows for the network's clock running behind ours.
const skew = 2 * time.Minute

// duplicateSpan is how far back a text can lie that the network calls ours already.
const duplicateSpan = giveUp

// verify reads back whether an unknown reply was said. It never says anything.
func (w *Worker) verify(ctx context.Context, now time.Time, m outbox.Message) error {
	t, r, platform, err := w.load(ctx, m)
	if err != nil {
		return err
	}
	a, err := w.account(ctx, t.Channel(), "", now)
	if err != nil {
		return err
	}
	remoteID, found, lookErr := w.look(ctx, platform, t, r, a, now)
	w.point(ctx, t, r, remoteID, now)
	// A network that can never be read back answers Permanent: waiting a day for it would only let the answer's window pass.
	ended := lookErr == nil || fault.Is(lookErr, fault.Permanent)
	return w.settle(ctx, m, func(t ticket.Ticket, r ticket.Reply) ticket.Change {
		switch {
		case found:
			return t.ReplySentStep(r, m.Ref(), remoteID, r.ClaimedAt, now)
		case ended && now.Sub(m.First) >= lastLook:
			return t.ReplyUnresolvedStep(r, m.Ref(), now)
		case lookErr != nil && now.Sub(m.First) >= giveUp:
			return t.ReplyUnresolvedStep(r, m.Ref(), now)
		default:
			again := m.Again(outbox.Verify, now.Add(w.wait(m.Attempt, lookErr)))
			if last := m.First.Add(lastLook); ended && again.Due.After(last) {
				again.Due = last
			}
			r.Message = again.ID
			return t.ReplyLookAgainStep(r, m.Ref(), again)
		}
	})
}

// look looks for the reply on its network. A closed account will never show it, and a paused one not now.
func (w *Worker) look(ctx context.Context, p Platform, t ticket.Ticket, r ticket.Reply, a account, now time.Time) (string, bool, error) {
	const op = "deliver.look"
	if a.closed() {
		return "", false, fault.New(fault.Permanent, op, errClosed)
	}
	if a.channel.State == channel.Paused {
		return "", false, fault.New(fault.Transient, op, errPaused)
	}
	out, err := w.outgoing(ctx, t, r, now)
	if err != nil {
		return "", false, err
	}
	since := r.ClaimedAt.Add(-skew)
	if r.Reason == reasonDuplicate {
		since = r.ClaimedAt.Add(-duplicateSpan)
	}
	id, found, err := p.Find(ctx, out, since)
	if err != nil {
		w.called(ctx, a, useOf(r), outcome{err: err, reason: p.Reason(err)}, now)
	}
	return id, found, err
}

// Why nobody looked.
var (
	errClosed = errors.New("the account was taken away")
	errPaused = errors.New("the account is paused")
)
