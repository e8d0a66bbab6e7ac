package intake

import (
	"cmp"
	"context"
	"slices"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// await remembers an item that was told of without its words or its author, and has it read. Its case begins when that has
// been done, or been given up. Told of again, it is a repetition; of a known item that has other words by now, those are read.
func (w *Worker) await(ctx context.Context, e mention.Event, a *arrival) error {
	told, key := w.cfg.Citizens.Away(e), w.nameless(e).Key
	var was *ticket.Seen
	for range rounds {
		err := w.cfg.Store.Commit(ctx, ticket.Await(key, told, was, a.received, a.now))
		if err == nil {
			a.news(e, was)
			return nil
		}
		if !fault.Is(err, fault.Duplicate) && !fault.Is(err, fault.Conflict) {
			return err
		}
		seen, found, err := w.cfg.Store.Seen(ctx, e.Network, key)
		switch {
		case err != nil:
			return err
		case !found:
			was = nil // an edit that came first has expired
		case seen.Ticket == "" && seen.Edited != nil && seen.Awaited == nil:
			was = &seen
		case e.Flag(mention.FlagRevised) && seen.Ticket != "":
			return w.outdated(ctx, e, seen, a)
		default:
			unit.Of(ctx).Count(unit.Duplicates, 1)
			return nil
		}
	}
	return fault.New(fault.Transient, "intake.await", nil)
}

// outdated has the new words of a known item read. Who comes second finds that it is planned.
func (w *Worker) outdated(ctx context.Context, e mention.Event, seen ticket.Seen, a *arrival) error {
	change, changes := seen.Outdated(refOf(e), a.now)
	if !changes {
		return nil
	}
	return w.cfg.Store.Commit(ctx, change)
}

// completed is the event of an awaited item with what was told of it first and what was read does not say. It was written when
// the network first said so, at the latest.
func (w *Worker) completed(e mention.Event, was ticket.Seen) (mention.Event, error) {
	told, err := w.cfg.Citizens.Back(*was.Awaited)
	if err != nil {
		return e, fault.New(fault.Permanent, "intake.completed", err)
	}
	e.Account, e.Thread, e.Parent = cmp.Or(e.Account, told.Account), cmp.Or(e.Thread, told.Thread), cmp.Or(e.Parent, told.Parent)
	e.Kind = cmp.Or(e.Kind, told.Kind)
	if e.At.IsZero() || !told.At.IsZero() && told.At.Before(e.At) {
		e.At = told.At
	}
	e.Author = bothOf(e.Author, told.Author)
	return toldOf(e, told), nil
}

// bothOf is the author that was read, or that of the notice, with what either knows.
func bothOf(read, told *mention.Author) *mention.Author {
	if read == nil || told == nil {
		return cmp.Or(read, told)
	}
	author := mention.Author{ID: cmp.Or(read.ID, told.ID), Name: cmp.Or(read.Name, told.Name), Aliases: slices.Clone(read.Aliases)}
	if read.ID == "" {
		author.Aliases = append(author.Aliases, told.Aliases...)
	}
	return &author
}

// toldOf adds what a notice said about the item itself. Its words, cut or without their author, are shown where none could be read.
func toldOf(e, told mention.Event) mention.Event {
	unread := e.Flag(mention.FlagUnavailable)
	if unread {
		e.Text = cmp.Or(e.Text, told.Text)
		if len(e.Attachments) == 0 {
			e.Attachments = told.Attachments
		}
	}
	for _, flag := range told.Flags {
		whole := flag == mention.FlagTruncated && !unread
		if !e.Flag(flag) && !whole && flag != mention.FlagRevised {
			e.Flags = append(slices.Clone(e.Flags), flag)
		}
	}
	return e
}

// named takes what the author of a known item is called. It opens nothing.
func (w *Worker) named(ctx context.Context, e mention.Event, a *arrival) error {
	if e.Author == nil {
		return nil
	}
	name := e.Author.Name
	return w.revise(ctx, w.nameless(e),
		func(*ticket.Seen) (ticket.Seen, bool) { return ticket.Seen{}, false },
		func(t ticket.Ticket, m ticket.Mention, seen ticket.Seen) (ticket.Change, bool) {
			return t.NameStep(m, name, seen, a.received, a.now)
		})
}

// fill takes the words of an item whose mention has none, or has others.
func (w *Worker) fill(ctx context.Context, e mention.Event, a *arrival) error {
	s := w.step(e, past{}, a)
	doubtAt, err := w.cfg.Calendar.AddBusinessHours(a.now, w.cfg.Policy.DoubtHours)
	if err != nil {
		return fault.New(fault.Permanent, "intake.fill", err)
	}
	if s.class, err = w.below(ctx, s); err != nil {
		return err
	}
	filling := ticket.Filling{
		Class: s.class, Excerpt: Excerpt(e.Text), CitizenKey: s.person, DoubtAt: doubtAt, Now: a.now,
		Read: a.read() || e.Outcome == mention.Edit,
	}
	return w.revise(ctx, s.event,
		func(*ticket.Seen) (ticket.Seen, bool) { return ticket.Seen{}, false },
		func(t ticket.Ticket, m ticket.Mention, seen ticket.Seen) (ticket.Change, bool) {
			due, term, err := w.term(t.OpenedAt, t.ReceivedAt, s.class.Intent)
			if err != nil { // of a case that has a term: it keeps it
				filling.DueDate, filling.DueAt, filling.Term = t.DueDate, t.DueAt, t.Term
			} else {
				filling.DueDate, filling.DueAt, filling.Term = due.String(), w.cfg.Calendar.EndOf(due), term
			}
			return t.FillMention(m, s.event, seen, filling, w.cfg.Policy)
		})
}
