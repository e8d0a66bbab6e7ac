package intake

import (
	"context"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// changed takes a later version of an item: another text, or that it is gone.
func (w *Worker) changed(ctx context.Context, e mention.Event, a *arrival) error {
	ours, seen, err := w.mine(ctx, e, a)
	if err != nil {
		return err
	}
	if planned, err := w.touched(ctx, e, ours, a); err != nil || planned {
		return err
	}
	switch {
	case ours:
		return w.rewritten(ctx, e, a)
	case e.Outcome == mention.Delete:
		return w.withdrawn(ctx, e, a)
	case e.Network == mention.X && e.Flag(mention.FlagSummoned) && seen == nil:
		// X tells of posts that name us and of no others, so the edit may be the first we hear of a post that did not name us
		// before: then it is what was said, and waiting for an earlier form would lose it.
		e.Outcome = mention.Interaction
		return w.heard(ctx, e, a)
	case seen != nil && seen.Blank && e.Text != "":
		return w.fill(ctx, e, a)
	default:
		return w.edited(ctx, e, a)
	}
}

// mine reports whether a later version is of something an account of ours said, and what is known of the item (nil: nothing).
func (w *Worker) mine(ctx context.Context, e mention.Event, a *arrival) (bool, *ticket.Seen, error) {
	seen, found, err := w.cfg.Store.Seen(ctx, e.Network, w.nameless(e).Key)
	if err != nil {
		return false, nil, err
	}
	if found && seen.Ticket != "" {
		return seen.Reply != "", &seen, nil
	}
	ours, err := w.isOurs(ctx, e, a)
	if !found {
		return ours, nil, err
	}
	return ours, &seen, err
}

// edited takes a newer text of a known item; one that comes before its item waits for it.
func (w *Worker) edited(ctx context.Context, e mention.Event, a *arrival) error {
	class := w.classify(e, nil, nil)
	e = w.nameless(e)
	doubtAt, err := w.cfg.Calendar.AddBusinessHours(a.now, w.cfg.Policy.DoubtHours)
	if err != nil {
		return fault.New(fault.Permanent, "intake.edited", err)
	}
	return w.revise(ctx, e,
		func(seen *ticket.Seen) (ticket.Seen, bool) {
			if seen != nil && (seen.Deleted || (seen.Edited != nil && !e.At.After(seen.Edited.At))) {
				return ticket.Seen{}, false
			}
			early := e
			early.Author = nil // whoever wrote it comes with the item
			next := ticket.Seen{
				Network: e.Network, Key: e.Key, Edited: &early, Rev: revision(seen), Expires: ticket.EarlyExpires(e.Network, a.received),
			}
			if seen != nil {
				next.At, next.Awaited = seen.At, seen.Awaited
			}
			return next, true
		},
		func(t ticket.Ticket, m ticket.Mention, _ ticket.Seen) (ticket.Change, bool) {
			return t.EditMention(m, e, class, Excerpt(e.Text), w.cfg.Policy, a.now, doubtAt)
		})
}

// withdrawn redacts a known item; one that comes before its item leaves a tombstone.
func (w *Worker) withdrawn(ctx context.Context, e mention.Event, a *arrival) error {
	e = w.nameless(e)
	return w.revise(ctx, e,
		func(seen *ticket.Seen) (ticket.Seen, bool) {
			if seen != nil && seen.Deleted {
				return ticket.Seen{}, false
			}
			return ticket.Seen{Network: e.Network, Key: e.Key, Deleted: true, Rev: revision(seen)}, true
		},
		func(t ticket.Ticket, m ticket.Mention, seen ticket.Seen) (ticket.Change, bool) {
			return t.WithdrawMention(m, seen, a.now)
		})
}

// moderated notes that an item of somebody is hidden from the public, or shown again. It opens nothing.
func (w *Worker) moderated(ctx context.Context, e mention.Event, a *arrival) error {
	hidden := e.Flag(mention.FlagHidden)
	e = w.nameless(e)
	return w.revise(ctx, e,
		func(*ticket.Seen) (ticket.Seen, bool) { return ticket.Seen{}, false },
		func(t ticket.Ticket, m ticket.Mention, _ ticket.Seen) (ticket.Change, bool) {
			return t.ModerateStep(m, hidden, e.At, a.now)
		})
}

// revise applies a later version: to the case when the item is known, to the memory of the item when it is not yet.
func (w *Worker) revise(ctx context.Context, e mention.Event,
	early func(*ticket.Seen) (ticket.Seen, bool),
	known func(ticket.Ticket, ticket.Mention, ticket.Seen) (ticket.Change, bool),
) error {
	for range rounds {
		seen, found, err := w.cfg.Store.Seen(ctx, e.Network, e.Key)
		if err != nil {
			return err
		}
		var change ticket.Change
		switch {
		case found && seen.Reply != "":
			return nil // what people do to their own does not touch what we said
		case found && seen.Ticket != "":
			t, m, gone, err := w.held(ctx, e, seen)
			if err != nil || gone {
				return err
			}
			next, changes := known(t, m, seen)
			if !changes {
				return nil
			}
			change = next
		default:
			var was *ticket.Seen
			if found {
				was = &seen
			}
			next, changes := early(was)
			if !changes {
				return nil
			}
			change = ticket.Change{Seen: &next, SeenWas: was}
		}
		err = w.cfg.Store.Commit(ctx, change)
		if !fault.Is(err, fault.Duplicate) && !fault.Is(err, fault.Conflict) {
			return err
		}
		// The item arrived, or changed, between our reading and our writing.
	}
	return fault.New(fault.Transient, "intake.revise", nil)
}

// held reads the case of a known item and its mention there. When the case is kept no longer (gone), its items are still
// known, and what becomes of them later is nobody's business: it is counted and ignored.
func (w *Worker) held(ctx context.Context, e mention.Event, seen ticket.Seen) (t ticket.Ticket, m ticket.Mention, gone bool, err error) {
	t, err = w.cfg.Store.Ticket(ctx, seen.Ticket)
	ended := fault.Is(err, fault.NotFound)
	if err == nil {
		m, err = w.cfg.Store.Mention(ctx, seen.Ticket, e.Key, seen.At)
		ended = fault.Is(err, fault.NotFound) && t.State.Final() // it went between the two readings
	}
	if ended {
		e.Outcome, e.Reason = mention.Ignore, mention.ReasonExpired
		w.cfg.Count(ctx, e)
		return t, m, true, nil
	}
	return t, m, false, err
}

func revision(was *ticket.Seen) int {
	if was == nil {
		return 1
	}
	return was.Rev + 1
}
