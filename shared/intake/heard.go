package intake

import (
	"context"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/citizen"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// excerptLength is how many characters of a masked text a list shows.
const excerptLength = 160

// heard opens a case for what somebody said, or hangs it on the person's open case in that conversation. What was awaited goes
// the same way, over the memory of what was told of it first.
func (w *Worker) heard(ctx context.Context, e mention.Event, a *arrival) error {
	told, known, err := w.first(ctx, e, a)
	if err != nil {
		return err
	}
	for round := range rounds {
		if known.done {
			return w.again(ctx, e, known.seen, a)
		}
		step := w.step(told, known, a)
		change, skip, err := w.decide(ctx, step, a, round)
		if err != nil || skip {
			return err
		}
		if a.origin != mention.OriginItem { // who read the item asked for the name too
			change = change.AskName(step.event, w.sealed(told), a.now)
		}
		err = w.cfg.Store.Commit(ctx, change)
		switch {
		case err == nil:
			a.news(told, step.seenWas)
			return nil
		case fault.Is(err, fault.Duplicate):
			if told, known, err = w.pending(ctx, e, a); err != nil {
				return err
			}
		case fault.Is(err, fault.Conflict):
			// Somebody opened, closed or changed the case meanwhile, or the number is taken: read and decide again. What is
			// known of the item may have moved too.
			if step.seenWas == nil {
				continue
			}
			if told, known, err = w.pending(ctx, e, a); err != nil {
				return err
			}
		default:
			return err
		}
	}
	return fault.New(fault.Transient, "intake.heard", nil)
}

// past is what is known of an item before it is taken: nothing, or what came of it first. Done means that nothing of it is
// left to open a case with.
type past struct {
	seen *ticket.Seen
	done bool
}

// first is what is known of an item when its event comes: what was read because it was awaited is looked up, and all else is
// taken for new, because most of it is.
func (w *Worker) first(ctx context.Context, e mention.Event, a *arrival) (mention.Event, past, error) {
	if a.origin != mention.OriginItem {
		return e, past{}, nil
	}
	return w.pending(ctx, e, a)
}

// pending tells what is known of an item that is known: an edit or a withdrawal that came before it, or that it was told of by
// its id alone. The event is completed with what was told then.
func (w *Worker) pending(ctx context.Context, e mention.Event, a *arrival) (mention.Event, past, error) {
	was, found, err := w.cfg.Store.Seen(ctx, e.Network, w.nameless(e).Key)
	switch {
	case err != nil || !found:
		return e, past{}, err
	case was.Ticket != "" || was.Deleted || was.Edited == nil && was.Awaited == nil:
		return e, past{seen: &was, done: true}, nil
	}
	if was.Awaited != nil {
		if e, err = w.completed(e, was); err != nil {
			return e, past{}, err
		}
	}
	if was.Edited != nil && !(a.read() && was.Edited.At.Before(a.received)) { // what stands on the network now is not older
		e.Text = was.Edited.Text
	}
	return e, past{seen: &was}, nil
}

// again takes an item that is a mention already: it is a repetition, or brings the words that were missing.
func (w *Worker) again(ctx context.Context, e mention.Event, was *ticket.Seen, a *arrival) error {
	if was.Deleted {
		return nil // withdrawn before we heard it: the tombstone stands, nobody is to be answered
	}
	if was.Blank && was.Reply == "" {
		return w.fill(ctx, e, a)
	}
	unit.Of(ctx).Count(unit.Duplicates, 1)
	return nil
}

// stepping is what one step of an item is decided with.
type stepping struct {
	event                mention.Event // nameless
	class                classify.Result
	thread               string // what it stands under
	conversation, person string
	others               []string // conversations of the person's other names
	seenWas              *ticket.Seen
	received             time.Time
}

// step prepares what somebody said for a decision. An item that was awaited has the time at which we first heard of it.
func (w *Worker) step(e mention.Event, known past, a *arrival) stepping {
	s := stepping{seenWas: known.seen, received: a.received}
	s.conversation, s.person = w.conversation(e)
	s.others = w.others(e)
	s.event = w.nameless(e)
	s.class, s.thread = w.classify(e, nil, nil), e.Thread
	if was := known.seen; was != nil && was.Awaited != nil && was.At.Before(s.received) {
		s.received = was.At
	}
	return s
}

// decide reads what the decision needs and makes the step. A sticker or a pressed button opens no case of its own (skip).
func (w *Worker) decide(ctx context.Context, s stepping, a *arrival, round int) (change ticket.Change, skip bool, err error) {
	e := s.event
	doubtAt, err := w.cfg.Calendar.AddBusinessHours(a.now, w.cfg.Policy.DoubtHours)
	if err != nil {
		return ticket.Change{}, false, fault.New(fault.Permanent, "intake.decide", err)
	}
	at, err := w.where(ctx, s)
	if err != nil {
		return ticket.Change{}, false, err
	}
	if at.open {
		s.class = w.classify(e, &at.ticket, nil)
		t, names := at.ticket.KnownAs(at.free)
		change = t.Append(e, s.class, excerptOf(e), w.cfg.Policy, a.now, doubtAt, s.seenWas)
		if change.Names = names; len(names) > 0 {
			change.Over = at.over
		}
		return change, false, nil
	}
	wordless := e.Text == "" && !e.Flag(mention.FlagUnavailable)
	if e.Outcome == mention.Thread && (wordless || e.Flag(mention.FlagSticker) || e.Flag(mention.FlagPostback)) {
		return ticket.Change{}, true, nil
	}
	if s.class, err = w.below(ctx, s); err != nil {
		return ticket.Change{}, false, err
	}
	due, term, err := w.term(e.At, s.received, s.class.Intent)
	if err != nil {
		return ticket.Change{}, false, err
	}
	newID := ticket.NewID(s.received, w.cfg.Entropy())
	return ticket.Open(ticket.Opening{
		ID: newID, Number: ticket.Number(newID, w.cfg.Calendar.DateOf(s.received, nil).Year, round),
		Conversation: s.conversation, Aliases: at.free, Over: at.over, CitizenKey: s.person, Event: e, Class: s.class, Excerpt: excerptOf(e),
		DueDate: due.String(), DueAt: w.cfg.Calendar.EndOf(due), Term: term, DoubtAt: doubtAt, Received: s.received, Now: a.now,
	}, w.cfg.Policy, s.seenWas), false, nil
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

// nameless drops the network's id of the author wherever it stands; from here on the person is a key. It stands in the
// thread of a direct message too, in the name of an item which its network did not name, and in every name WhatsApp gives
// (a wamid holds the phone number). What an answer needs of it goes on sealed: only deliver opens it.
func (w *Worker) nameless(e mention.Event) mention.Event {
	e.Thread = ""
	whatsApp := e.Network == mention.WhatsApp
	known := e.Author != nil && e.Author.ID != ""
	if citizen.NamesPerson(e) {
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

// sealed is the network's id of the author in the form in which it may be kept.
func (w *Worker) sealed(e mention.Event) string {
	if e.Author == nil {
		return ""
	}
	return w.cfg.Citizens.Seal(e.Author.ID)
}

// hidden is the name of an item under which nobody finds a person.
func (w *Worker) hidden(e mention.Event, name string) string {
	return "h." + w.cfg.Citizens.Key(string(e.Network)+"\x00"+name)
}

// excerptOf is the excerpt of an item, or that its network would not give its words.
func excerptOf(e mention.Event) string {
	if e.Text == "" && e.Flag(mention.FlagUnavailable) {
		return ticket.NoText
	}
	return Excerpt(e.Text)
}

// Excerpt is the beginning of a text for lists, personal data masked.
func Excerpt(text string) string {
	runes := []rune(classify.Mask(text))
	if len(runes) <= excerptLength {
		return string(runes)
	}
	return string(runes[:excerptLength-1]) + "…"
}
