package intake

import (
	"context"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// excerptLength is how many characters of a masked text a list shows.
const excerptLength = 160

// heard opens a case for what somebody said, or hangs it on the person's open case in that conversation.
func (w *Worker) heard(ctx context.Context, e mention.Event, received, now time.Time) error {
	conversation, person := w.conversation(e)
	e = w.nameless(e)
	class := w.cfg.Classifier.Classify(classify.Input{Text: e.Text, Network: e.Network, Public: e.Public()})
	var seenWas *ticket.Seen
	for round := range rounds {
		change, skip, err := w.decide(ctx, e, class, conversation, person, seenWas, received, now, round)
		if err != nil || skip {
			return err
		}
		err = w.cfg.Store.Commit(ctx, change)
		switch {
		case fault.Is(err, fault.Duplicate):
			was, done, err := w.pending(ctx, e)
			if err != nil {
				return err
			}
			if done {
				unit.Of(ctx).Count(unit.Duplicates, 1)
				return nil
			}
			if was.Deleted {
				return nil // withdrawn before we heard it: the tombstone stands, nobody is to be answered
			}
			seenWas = &was
			e.Text = was.Edited.Text
			class = w.cfg.Classifier.Classify(classify.Input{Text: e.Text, Network: e.Network, Public: e.Public()})
		case fault.Is(err, fault.Conflict):
			// Somebody opened, closed or changed the case meanwhile, or the number is taken: read and decide again.
		default:
			return err
		}
	}
	return fault.New(fault.Transient, "intake.heard", nil)
}

// decide reads what the decision needs and makes the step. A sticker or a pressed button opens no case of its own (skip).
func (w *Worker) decide(ctx context.Context, e mention.Event, class classify.Result, conversation, person string, seenWas *ticket.Seen, received, now time.Time, round int) (change ticket.Change, skip bool, err error) {
	doubtAt, err := w.cfg.Calendar.AddBusinessHours(now, w.cfg.Policy.DoubtHours)
	if err != nil {
		return ticket.Change{}, false, fault.New(fault.Permanent, "intake.decide", err)
	}
	id, open, err := w.cfg.Store.OpenTicket(ctx, conversation)
	if err != nil {
		return ticket.Change{}, false, err
	}
	if open {
		t, err := w.cfg.Store.Ticket(ctx, id)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return ticket.Change{}, false, err
		}
		open = err == nil && !t.State.Final() // it may have ended since we read where the conversation stands
		if open {
			return t.Append(e, class, Excerpt(e.Text), w.cfg.Policy, now, doubtAt, seenWas), false, nil
		}
	}
	if e.Outcome == mention.Thread && (e.Text == "" || e.Flag(mention.FlagSticker) || e.Flag(mention.FlagPostback)) {
		return ticket.Change{}, true, nil
	}
	due, term, err := w.term(e.At, received, class.Intent)
	if err != nil {
		return ticket.Change{}, false, err
	}
	newID := ticket.NewID(received, w.cfg.Entropy())
	return ticket.Open(ticket.Opening{
		ID: newID, Number: ticket.Number(newID, w.cfg.Calendar.DateOf(received, nil).Year, round),
		Conversation: conversation, CitizenKey: person, Event: e, Class: class, Excerpt: Excerpt(e.Text),
		DueDate: due.String(), DueAt: w.cfg.Calendar.EndOf(due), Term: term, DoubtAt: doubtAt, Received: received, Now: now,
	}, w.cfg.Policy, seenWas), false, nil
}

// term is the civil date the case must be answered by, and how it was counted. What its network tells no time of, or one
// ahead of us or outside the holiday table (years-old items come again), counts from the day we received it: no term is
// better than a wrong one, but a case without any is lost sight of.
func (w *Worker) term(wrote, received time.Time, intent classify.Intent) (calendar.Date, ticket.Term, error) {
	term := ticket.Term{Days: ticket.TermDays(intent), From: ticket.FromWritten}
	if !wrote.IsZero() && !wrote.After(received) {
		if due, err := w.cfg.Calendar.Due(wrote, term.Days); err == nil {
			return due, term, nil
		}
	}
	term.From = ticket.FromReceived
	due, err := w.cfg.Calendar.Due(received, term.Days)
	if err != nil {
		return calendar.Date{}, ticket.Term{}, fault.New(fault.Permanent, "intake.term", err)
	}
	return due, term, nil
}

// pending tells whether a known item is only known by an edit or a withdrawal that came before it; done means that the
// item itself was stored before.
func (w *Worker) pending(ctx context.Context, e mention.Event) (was ticket.Seen, done bool, err error) {
	was, found, err := w.cfg.Store.Seen(ctx, e.Network, e.Key)
	if err != nil {
		return ticket.Seen{}, false, err
	}
	if !found {
		return ticket.Seen{}, false, fault.New(fault.Transient, "intake.pending", nil)
	}
	return was, was.Ticket != "" || (was.Edited == nil && !was.Deleted), nil
}

// nameless drops the network's id of the author wherever it stands; from here on the person is a key. It stands in the
// thread of a direct message too, in the name of an item which its network did not name, and in every name WhatsApp gives
// (a wamid holds the phone number). What an answer needs of it goes on sealed: only deliver opens it.
func (w *Worker) nameless(e mention.Event) mention.Event {
	e.Thread = ""
	whatsApp := e.Network == mention.WhatsApp
	known := e.Author != nil && e.Author.ID != ""
	if whatsApp || known && !e.Public() && strings.Contains(e.Key, e.Author.ID) {
		e.Remote, e.Key = w.cfg.Citizens.Seal(e.Key), w.hidden(e, e.Key)
	}
	if whatsApp && e.Parent != "" {
		e.Parent = w.hidden(e, e.Parent)
	}
	if !known {
		return e
	}
	if !e.Public() || e.Kind == mention.StoryMention || e.Network == mention.X {
		e.Recipient = w.cfg.Citizens.Seal(e.Author.ID)
	}
	author := *e.Author
	author.ID = ""
	if whatsApp {
		author.Aliases = nil // phone numbers, most of them
	}
	e.Author = &author
	return e
}

// hidden is the name of an item under which nobody finds a person.
func (w *Worker) hidden(e mention.Event, name string) string {
	return "h." + w.cfg.Citizens.Key(string(e.Network)+"\x00"+name)
}

// Excerpt is the beginning of a text for lists, personal data masked.
func Excerpt(text string) string {
	runes := []rune(classify.Mask(text))
	if len(runes) <= excerptLength {
		return string(runes)
	}
	return string(runes[:excerptLength-1]) + "…"
}
