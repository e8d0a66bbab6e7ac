package intake

import (
	"context"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// status takes what became of something we sent. What we do not know of is nobody's business.
func (w *Worker) status(ctx context.Context, e mention.Event, a *arrival) error {
	if e.Rank() == 0 {
		return nil
	}
	for range rounds {
		ticketID, replyID, err := w.sent(ctx, e)
		if err != nil || replyID == "" {
			return err
		}
		change, err := w.became(ctx, ticketID, replyID, e, a)
		if err != nil || len(change.Replies) == 0 {
			return err
		}
		err = w.cfg.Store.Commit(ctx, change)
		if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
			return err
		}
		// The reply moved, or its sending was recorded, between our reading and our writing.
	}
	return fault.New(fault.Transient, "intake.status", nil)
}

// sent finds the reply a status is of: by our own word in it; else by the network's name of it, where that is remembered, or
// where the conversation it was said in is open. Empty when there is none.
func (w *Worker) sent(ctx context.Context, e mention.Event) (ticketID, replyID string, err error) {
	if ticketID, replyID, ours := ticket.ParseTag(e.Tag); ours {
		return ticketID, replyID, nil
	}
	if e.Key == "" {
		return "", "", nil
	}
	e.Kind = mention.DM // of messages alone is told what becomes of them
	t, r, found, err := w.ourReply(ctx, e)
	if err != nil || !found {
		return "", "", err
	}
	return t.ID, r.ID, nil
}

// became is the step of what became of a reply; empty when that is known. A receipt is written into the reply alone: who it
// reached says nothing about the case.
func (w *Worker) became(ctx context.Context, ticketID, replyID string, e mention.Event, a *arrival) (ticket.Change, error) {
	r, err := w.cfg.Replies.Reply(ctx, ticketID, replyID)
	if fault.Is(err, fault.NotFound) {
		return ticket.Change{}, nil
	}
	r, news := r.Received(e, a.now)
	if err != nil || !news || r.State == ticket.ReplyCancelled {
		return ticket.Change{}, err
	}
	refused := r.State == ticket.ReplyRefused || r.State == ticket.ReplyExpired
	switch r.Receipt {
	case mention.FlagFailed:
		if refused { // the person knows already
			return r.ReceiptStep(), nil
		}
	case mention.FlagDeleted:
	default:
		if r.State == ticket.ReplySent {
			return r.ReceiptStep(), nil
		}
	}
	return w.turned(ctx, r, e, a)
}

// turned is the step by which a status changes what is known of the reply: it will not arrive, it was withdrawn, or it was said
// after all, whatever we knew of it before.
func (w *Worker) turned(ctx context.Context, r ticket.Reply, e mention.Event, a *arrival) (ticket.Change, error) {
	s, there, err := w.story(ctx, r.Ticket, e)
	if err != nil || !there {
		return ticket.Change{}, err
	}
	open, err := w.open(ctx, r)
	switch {
	case err != nil:
		return ticket.Change{}, err
	case r.Receipt == mention.FlagFailed:
		return s.ReplyFailedStep(r, open, e.Reason, a.now), nil
	case r.State == ticket.ReplySent:
		change, changes := s.Ticket.ReplyRevisedStep(r, mention.Event{Outcome: mention.Delete, At: e.At}, a.now)
		if !changes { // we took it away ourselves
			return r.ReceiptStep(), nil
		}
		return change, nil
	}
	ours, _ := w.ourName(e)
	change := s.ConfirmStep(r, ours.Key, open, e.At, a.now)
	change.Seen = nil // our own word finds it
	return change, nil
}

// alerted takes what stops an account, or lets it go on: nothing goes out through it meanwhile, and what waits is kept. News of
// WhatsApp about the business account as a whole concern each of its numbers.
func (w *Worker) alerted(ctx context.Context, e mention.Event, a *arrival) error {
	step := alarm(e, a)
	if step == nil {
		return nil
	}
	var refs []channel.Ref
	if e.Account != "" {
		refs = append(refs, refOf(e))
	}
	if e.Network == mention.WhatsApp {
		numbers, err := w.numbers(ctx, e.Account)
		if err != nil {
			return err
		}
		refs = numbers
	}
	for _, ref := range refs {
		if err := w.move(ctx, ref, a.now, step); err != nil {
			return err
		}
	}
	return nil
}

// alarm is what an alert does with an account; nil for a mere warning.
func alarm(e mention.Event, a *arrival) func(channel.Channel) (channel.Channel, bool) {
	halt := func(reason string) func(channel.Channel) (channel.Channel, bool) {
		return func(c channel.Channel) (channel.Channel, bool) {
			if !e.At.IsZero() && c.Rev > 0 && e.At.Before(c.Since) && c.State == channel.Working {
				return c, false // somebody mended it since
			}
			return c.Halt(reason, a.now)
		}
	}
	switch e.Reason {
	case mention.ReasonRevoked:
		return halt(channel.ReasonRevoked)
	case mention.ReasonBlocked, mention.FailedContent: // content: Meta's error 368, blocked for what was written
		return halt(channel.ReasonBlocked)
	case mention.FailedAuth:
		return halt(channel.ReasonAuth)
	case mention.FailedPermission:
		return halt(channel.ReasonPermission)
	case mention.ReasonUnblocked:
		return func(c channel.Channel) (channel.Channel, bool) { return c.Lift(channel.ReasonBlocked, a.now) }
	default:
		return nil
	}
}

// numbers gives the account itself where it is one of ours, else every number of ours on WhatsApp.
func (w *Worker) numbers(ctx context.Context, account string) ([]channel.Ref, error) {
	all, err := w.cfg.Channels.Channels(ctx)
	if err != nil {
		return nil, err
	}
	ids := append([]string(nil), w.cfg.Accounts[mention.WhatsApp]...)
	for _, c := range all {
		if c.Network == mention.WhatsApp {
			ids = append(ids, c.Account)
		}
	}
	var refs []channel.Ref
	seen := map[string]bool{}
	for _, id := range ids {
		if id == account {
			return []channel.Ref{{Network: mention.WhatsApp, Account: id}}, nil
		}
		if !seen[id] {
			seen[id] = true
			refs = append(refs, channel.Ref{Network: mention.WhatsApp, Account: id})
		}
	}
	return refs, nil
}

// move writes a step of an account that must not be lost.
func (w *Worker) move(ctx context.Context, ref channel.Ref, now time.Time, step func(channel.Channel) (channel.Channel, bool)) error {
	for range rounds {
		c, _, err := w.cfg.Channels.Channel(ctx, ref)
		if err != nil {
			return err
		}
		c.Ref = ref
		next, changes := step(c)
		if !changes {
			return nil
		}
		if err = w.cfg.Store.Commit(ctx, ticket.AccountStep(c, next, now)); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return fault.New(fault.Transient, "intake.move", nil)
}
