package fetch

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// waits are the times between the tries to read an item. A network shows a new item within seconds; after the last of them,
// some six minutes later, the case opens without its words: what was said to us is not kept from people any longer.
func waits() []time.Duration {
	return []time.Duration{10 * time.Second, 20 * time.Second, 45 * time.Second, 90 * time.Second, 180 * time.Second}
}

// lastTry is how long an item is tried to be read, whatever keeps us from it.
const lastTry = 6 * time.Minute

// item reads what a network told of by its id alone and puts it into the inbox, or that it cannot be read.
func (w *Worker) item(ctx context.Context, now time.Time, m outbox.Message) error {
	ref, ok := channel.ParseRef(m.Channel)
	if !ok {
		return fault.New(fault.Poison, "fetch.item", errors.New("no account"))
	}
	seen, found, err := w.cfg.Cases.Seen(ctx, ref.Network, m.Subject)
	if err != nil {
		return err
	}
	if !found || !awaits(seen) {
		return w.finish(ctx, m, ticket.Change{})
	}
	if seen.Awaited == nil && !seen.Blank {
		return w.name(ctx, now, ref, m, seen)
	}
	told, err := w.toldOf(ctx, ref, seen)
	switch {
	case fault.Is(err, fault.NotFound): // its case is kept no longer
		return w.finish(ctx, m, ticket.Change{})
	case err != nil:
		return err
	}
	got, reason, err := w.read(ctx, now, ref, told, channel.Stop)
	if err != nil {
		return err
	}
	switch wait, again := retry(m, reason, now); {
	case reason == "":
	case again:
		return w.later(ctx, m, now.Add(wait))
	case seen.Awaited == nil: // people see its case already, and that its words are missing
		return w.finish(ctx, m, ticket.Change{})
	default:
		got = unavailable(told, reason)
	}
	if err := w.deliver(ctx, now, ref.Network, mention.OriginItem, []mention.Event{got}); err != nil {
		return err
	}
	return w.finish(ctx, m, ticket.Change{})
}

// retry says how long to wait before an item is tried to be read again, false when it is not.
func retry(m outbox.Message, reason string, now time.Time) (time.Duration, bool) {
	n := m.Attempt - 1
	if n >= len(waits()) || now.Sub(m.First) >= lastTry || final(reason) {
		return 0, false
	}
	return waits()[n], true
}

// unavailable is what is left of an item that cannot be read.
func unavailable(told mention.Event, reason string) mention.Event {
	told.Flags = append(slices.Clone(told.Flags), mention.FlagUnavailable)
	told.Reason = reason
	return told
}

// awaits reports whether an item is still to be read: it may have come meanwhile, or its author took it back.
func awaits(s ticket.Seen) bool { return !s.Deleted && (s.Awaited != nil || s.Blank || s.Nameless) }

// toldOf is what is known of an item that is to be read: what its network told, or what its case says of it.
func (w *Worker) toldOf(ctx context.Context, ref channel.Ref, seen ticket.Seen) (mention.Event, error) {
	if seen.Awaited != nil {
		return w.cfg.Back(ctx, *seen.Awaited)
	}
	said, err := w.cfg.Cases.Mention(ctx, seen.Ticket, seen.Key, seen.At)
	return mention.Event{
		Outcome: mention.Fetch, Network: ref.Network, Account: ref.Account, Kind: said.Kind, Key: seen.Key, Parent: said.Parent, At: said.At,
	}, err
}

// final reports a reason that time does not mend.
func final(reason string) bool {
	return slices.Contains([]string{"gone", "unsupported", channel.ReasonPermission, "input", "content"}, reason)
}

// read reads one item, while the use of the account's calls is below stop; reason says why it could not be. An err is a failure of
// our own side.
func (w *Worker) read(ctx context.Context, now time.Time, ref channel.Ref, told mention.Event, stop channel.Pace) (got mention.Event, reason string, err error) {
	n, a, c, reason, err := w.open(ctx, now, ref, stop)
	if err != nil || reason != "" {
		return mention.Event{}, reason, err
	}
	got, usage, err := n.Reader.Item(ctx, a, told)
	if reasonOf(n.Reader, err) == reasonAuth && w.renewed(ctx, ref, a) {
		return mention.Event{}, reasonKeys, nil
	}
	if err := w.note(ctx, now, c, n.Reader, usage, err); err != nil {
		return mention.Event{}, "", err
	}
	if err != nil {
		return mention.Event{}, cmp.Or(n.Reader.Reason(err), "unknown_outcome"), nil
	}
	if err := w.pay(ctx, ref, now, 1); err != nil {
		return mention.Event{}, "", err
	}
	// It is that item and no other, whatever the network calls it now.
	got.Network, got.Key, got.Account = told.Network, told.Key, cmp.Or(told.Account, got.Account)
	return got, "", nil
}

// open gives what one call in the name of an account needs, while the use of its calls is below stop; reason says why no call may be
// made now.
func (w *Worker) open(ctx context.Context, now time.Time, ref channel.Ref, stop channel.Pace) (n Network, a channel.Access, c channel.Channel, reason string, err error) {
	n, err = w.network(ref)
	if err != nil {
		return n, a, c, "", err
	}
	c, found, err := w.cfg.Channels.Channel(ctx, ref)
	if err != nil {
		return n, a, c, "", err
	}
	if !found {
		c.Ref = ref
	}
	spent, err := w.spentUp(ctx, ref, now)
	switch {
	case err != nil:
		return n, a, c, "", err
	case held(c), c.State == channel.Closed:
		return n, a, c, reasonPaused, nil
	case c.Usage.Pace(now) >= stop:
		return n, a, c, reasonBudget, nil
	case spent:
		return n, a, c, reasonSpent, nil
	}
	a, err = w.cfg.Keys.Access(ctx, ref)
	if err != nil {
		return n, a, c, w.keyless(err), nil
	}
	return n, a, c, "", nil
}

// note writes onto the account what a call told of it, where that is worth a write. That somebody else writes the account at
// the same time harms nobody: the next call tells it again.
func (w *Worker) note(ctx context.Context, now time.Time, c channel.Channel, r Reader, u channel.Usage, failed error) error {
	if c.Rev == 0 {
		return nil // nothing is known of the account: it is not made known by the way
	}
	var worth bool
	next := c
	switch reason := reasonOf(r, failed); {
	case failed == nil:
		next, worth = c.Answered(u, now)
	case reason == reasonAuth:
		next, worth = c.Halt(reasonAuth, now)
		next.Failed = reasonAuth
	case channel.Ails(reason):
		if reason == "throttle" && !u.Known() {
			u = channel.Throttled(max(fault.RetryAfter(failed), time.Minute), now)
		}
		next, worth = c.Refused(reason, u, now)
	}
	if !worth {
		return nil
	}
	next.Rev = c.Rev + 1
	err := w.cfg.Channels.Commit(ctx, ticket.AccountStep(c, next, now))
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	return err
}

func reasonOf(r Reader, err error) string {
	if err == nil {
		return ""
	}
	return r.Reason(err)
}
