package deliver

import (
	"cmp"
	"context"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// act does one thing on a network. Doing it twice is doing it once: whatever nobody knows the outcome of is simply done again,
// and the claim is only there so that nobody can undo what may have happened.
func (w *Worker) act(ctx context.Context, now time.Time, m outbox.Message, claimed bool) error {
	s, err := w.about(ctx, m)
	if err != nil {
		return err
	}
	d, found := s.Doing(m)
	if !found {
		return w.finish(ctx, ticket.Change{Done: []outbox.Ref{m.Ref()}})
	}
	platform, known := w.cfg.Platforms[s.Ticket.Network]
	if !known {
		return fault.New(fault.Permanent, "deliver.act", errors.New("no way out to this network"))
	}
	a, err := w.account(ctx, s.Ticket.Channel(), "", now)
	if err != nil {
		return err
	}
	if end := barAct(d, a, m, now); end != nil {
		return w.settleAct(ctx, m, func(s ticket.Story, d ticket.Doing) ticket.Change {
			if claimed {
				return end(s, d)
			}
			return end(s, d).Unclaimed()
		})
	}
	ref := m.Ref()
	if !claimed {
		err := w.cfg.Store.Commit(ctx, ticket.Change{Claim: &ref, ClaimAt: now})
		switch {
		case fault.Is(err, fault.NotFound):
			return nil // cancelled between our look and our claim
		case err != nil && !fault.Is(err, fault.Duplicate):
			return err
		}
	}
	out := w.perform(ctx, platform, s.Ticket, d)
	err = w.settleAct(ctx, m, w.became(m, out, now))
	w.called(ctx, a, channel.Use(d.Verb), out, now)
	return err
}

// about reads of a story what an act is about: its case, and the mention or the reply. What is kept no longer is not in it.
func (w *Worker) about(ctx context.Context, m outbox.Message) (ticket.Story, error) {
	t, err := w.cfg.Store.Ticket(ctx, m.Ticket)
	s := ticket.Story{Ticket: t}
	on, ok := ticket.ParseActSubject(m.Subject)
	if err != nil || !ok {
		return s, err
	}
	if on.Reply != "" {
		r, err := w.cfg.Store.Reply(ctx, m.Ticket, on.Reply)
		if err == nil {
			s.Replies = []ticket.Reply{r}
		}
		return s, unless(err, fault.NotFound)
	}
	about, err := w.cfg.Store.Mention(ctx, m.Ticket, on.Key, on.At)
	if err == nil {
		s.Mentions = []ticket.Mention{about}
	}
	return s, unless(err, fault.NotFound)
}

// unless is err, but nil for a kind that is no failure here.
func unless(err error, kind fault.Kind) error {
	if fault.Is(err, kind) {
		return nil
	}
	return err
}

// actEnd is what becomes of an act in the freshest story.
type actEnd func(s ticket.Story, d ticket.Doing) ticket.Change

// barAct is the end of an act that may not be done now, nil when it may.
func barAct(d ticket.Doing, a account, m outbox.Message, now time.Time) actEnd {
	refuse := func(code string) actEnd {
		return func(s ticket.Story, d ticket.Doing) ticket.Change { return s.ActRefusedStep(d, m.Ref(), code, now) }
	}
	switch {
	case d.Gone:
		return func(s ticket.Story, d ticket.Doing) ticket.Change { return s.ActGoneStep(d, m.Ref(), now) }
	case d.Barred != "":
		return refuse(d.Barred)
	case now.Sub(m.First) > giveUp:
		return refuse(cmp.Or(d.LastCode(), reasonLate))
	case a.closed():
		return refuse(channel.ShutClosed)
	}
	reason, until, held := a.hold(now)
	if !held {
		return nil
	}
	return func(s ticket.Story, d ticket.Doing) ticket.Change {
		return s.ActAgainStep(d, m.Ref(), later(m, ticket.Reply{}, until), reason, false)
	}
}

// perform calls the network once.
func (w *Worker) perform(ctx context.Context, p Platform, t ticket.Ticket, d ticket.Doing) outcome {
	target, err := w.cfg.Open(ctx, d.Target)
	parent := ""
	if err == nil {
		parent, err = w.cfg.Open(ctx, d.Parent)
	}
	if err != nil {
		return outcome{err: err, reason: p.Reason(err)}
	}
	receipt, err := p.Act(ctx, post.Act{Account: t.Account, Target: target, Parent: parent, Verb: d.Verb})
	return outcome{usage: receipt.Usage, err: err, reason: reason(p, err)}
}

// became is what a call comes to.
func (w *Worker) became(m outbox.Message, out outcome, now time.Time) actEnd {
	return func(s ticket.Story, d ticket.Doing) ticket.Change {
		if out.err == nil {
			return s.ActDoneStep(d, m.Ref(), now)
		}
		if reason, until, held := waits(out, now); held {
			return s.ActAgainStep(d, m.Ref(), later(m, ticket.Reply{}, until), reason, false)
		}
		code := cmp.Or(out.reason, fault.Of(out.err).String())
		switch fault.Of(out.err) {
		case fault.Denied, fault.Permanent, fault.Invalid, fault.NotFound:
			return s.ActRefusedStep(d, m.Ref(), code, now)
		case fault.Transient:
			return s.ActAgainStep(d, m.Ref(), m.Again(outbox.Act, now.Add(w.wait(m.Tried(), out.err))), code, false)
		case fault.Duplicate, fault.Conflict, fault.Poison, fault.Uncertain:
			return s.ActAgainStep(d, m.Ref(), m.Again(outbox.Act, now.Add(w.wait(m.Tried(), out.err))), code, true)
		default:
			return s.ActAgainStep(d, m.Ref(), m.Again(outbox.Act, now.Add(w.wait(m.Tried(), out.err))), code, true)
		}
	}
}

// settleAct commits what decide makes of the freshest story; who loses to another writer reads and decides again.
func (w *Worker) settleAct(ctx context.Context, m outbox.Message, decide actEnd) error {
	return w.rounds(ctx, "deliver.settleAct", func() (ticket.Change, error) {
		s, err := w.about(ctx, m)
		if err != nil {
			return ticket.Change{}, err
		}
		if d, found := s.Doing(m); found {
			return decide(s, d), nil
		}
		return ticket.Change{Done: []outbox.Ref{m.Ref()}}, nil
	})
}

// rounds commits what read makes of what it reads; who loses to another writer reads and decides again.
func (w *Worker) rounds(ctx context.Context, op string, read func() (ticket.Change, error)) error {
	const rounds = 6
	for range rounds {
		change, err := read()
		if err != nil {
			return err
		}
		err = w.cfg.Store.Commit(ctx, change)
		switch {
		case errors.Is(err, ticket.ErrClaimed): // somebody carries it out at this moment: look again when they have ended
			return fault.New(fault.Transient, op, err)
		case fault.Is(err, fault.Conflict):
			continue
		case fault.Is(err, fault.NotFound):
			return nil // the message is gone: its outcome was recorded by another try
		default:
			return err
		}
	}
	return fault.New(fault.Transient, op, errors.New("lost every round to other writers"))
}
