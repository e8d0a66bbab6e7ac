package intake

import (
	"context"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// conversation is the key of (network, account, thread, citizen); an item without an author is a conversation of its own.
// The citizen's id enters only as HMAC.
func (w *Worker) conversation(e mention.Event) (conversation, person string) {
	who := "anon:" + e.Key
	if e.Author != nil && e.Author.ID != "" {
		who = e.Author.ID
	}
	return w.under(e, e.Thread, who)
}

func (w *Worker) under(e mention.Event, thread, who string) (conversation, person string) {
	person = w.cfg.Citizens.Key(string(e.Network) + "\x00" + who)
	return w.cfg.Citizens.Key(string(e.Network) + "\x00" + e.Account + "\x00" + thread + "\x00" + person), person
}

// others are the conversations in which the same person would write under each of their other names. WhatsApp alone has several
// for one person: it tells sometimes the telephone, sometimes an id of its own, sometimes both (ADR 0027).
func (w *Worker) others(e mention.Event) []string {
	if e.Network != mention.WhatsApp || e.Author == nil || e.Author.ID == "" {
		return nil
	}
	var all []string
	for _, id := range e.Author.IDs()[1:] {
		thread := e.Thread
		if thread == e.Author.ID { // a talk of two is named after the person
			thread = id
		}
		conversation, _ := w.under(e, thread, id)
		all = append(all, conversation)
	}
	return all
}

// standing is where what a person says belongs: the open case, if there is one; the person's other conversations that lead nowhere
// yet; and an ended case that one of them was still found to lead to.
type standing struct {
	ticket ticket.Ticket
	open   bool
	free   []string
	over   string
}

// where looks for the open case of a person, by the name the person has now and, where nothing leads on from it, by the others.
func (w *Worker) where(ctx context.Context, s stepping) (standing, error) {
	var at standing
	names := append([]string{s.conversation}, s.others...)
	for i, name := range names {
		if at.open && at.ticket.LedToBy(name) {
			continue
		}
		id, leads, err := w.cfg.Store.OpenTicket(ctx, name)
		if err != nil {
			return at, err
		}
		free := !leads || at.open && id == at.ticket.ID // it leads here, and the case does not know it any more
		if !free {
			t, err := w.cfg.Store.Ticket(ctx, id)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return at, err
			}
			ended := err != nil || t.State.Final() // it may have ended since we read where the conversation stands
			at, free = at.met(id, t, ended, i == 0 || t.Within(names))
		}
		if free {
			at.free = append(at.free, name)
		}
	}
	return at, nil
}

// met takes into account a case that one of the names leads to. It is the person's if they are known by that name first, or have all
// the names it is known by (theirs). Free says that the name may lead elsewhere: the case has ended.
func (at standing) met(id string, t ticket.Ticket, ended, theirs bool) (next standing, free bool) {
	switch {
	case ended && (at.over == "" || at.over == id):
		at.over = id
		return at, true
	case !ended && !at.open && theirs:
		at.ticket, at.open = t, true
	}
	return at, false
}
