// Package intake understands a delivery: it decodes it, classifies what people say, and opens or extends their cases; what
// our own accounts said, and what became of it, it notes where it belongs.
package intake

import (
	"context"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/citizen"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// maxBody is the largest raw delivery taken back out of the inbox, in bytes: what the webhook lets in.
const maxBody = 4 << 20

// width is how many conversations of one delivery are worked at once.
const width = 8

// rounds is how often a step lost to somebody faster is read and decided again.
const rounds = 4

// Store is what intake reads of people's items and the one thing it writes by.
type Store interface {
	OpenTicket(ctx context.Context, conversation string) (id string, found bool, err error)
	Ticket(ctx context.Context, id string) (ticket.Ticket, error)
	Seen(ctx context.Context, n mention.Network, key string) (ticket.Seen, bool, error)
	Mention(ctx context.Context, ticketID, key string, at time.Time) (ticket.Mention, error)
	Commit(ctx context.Context, c ticket.Change) error
}

// Replies is what intake reads of our own answers.
type Replies interface {
	Story(ctx context.Context, id string) (ticket.Story, error)
	Reply(ctx context.Context, ticketID, replyID string) (ticket.Reply, error)
	Message(ctx context.Context, ref outbox.Ref) (m outbox.Message, claimed, found bool, err error)
	Unfinished(ctx context.Context, before time.Time, limit int) ([]outbox.Message, error)
}

// Posts is what intake reads of what we publish.
type Posts interface {
	// InFlight gives the posts that may be on their way through the account, or just went; a change can show late in it.
	InFlight(ctx context.Context, ref channel.Ref, now time.Time) ([]agenda.Plan, error)
	Plan(ctx context.Context, id string) (agenda.Plan, error)
	ClaimedAt(ctx context.Context, ref outbox.Ref) (time.Time, bool, error)
}

// Channels is what intake reads of our accounts.
type Channels interface {
	Channel(ctx context.Context, ref channel.Ref) (channel.Channel, bool, error)
	Channels(ctx context.Context) ([]channel.Channel, error)
}

// Blobs gives back the bodies that were too large for the inbox.
type Blobs interface {
	Get(ctx context.Context, key string) ([]byte, error)
}

// Calendar knows the terms.
type Calendar interface {
	Due(from time.Time, days int) (calendar.Date, error)
	EndOf(d calendar.Date) time.Time
	AddBusinessHours(from time.Time, hours int) (time.Time, error)
	DateOf(instant time.Time, zone *time.Location) calendar.Date
}

// Classifier proposes what a mention asks for, by the model of the moment; Refresh lets it look which one that is.
type Classifier interface {
	Refresh(ctx context.Context, now time.Time)
	Classify(in classify.Input) classify.Result
}

// Config is what a Worker needs. Decode turns a body of one network into events, given the accounts that are ours: those of
// Accounts, which are configured, and those that are connected; where Accounts is nil, every account is ours. Citizens is the
// fixed secret under which citizens' ids become keys; Entropy gives the random part of a new case's id; Count takes one
// event's outcome. Address gives where everybody sees a post of an account of ours, "" where its id does not tell; it may be nil.
type Config struct {
	Store      Store
	Replies    Replies
	Channels   Channels
	Posts      Posts
	Blobs      Blobs
	Calendar   Calendar
	Classifier Classifier
	Decode     map[mention.Network]func(body []byte, ours mention.Accounts) []mention.Event
	Accounts   mention.Accounts
	Citizens   citizen.Secret
	Policy     ticket.Policy
	Entropy    func() [10]byte
	Count      func(ctx context.Context, e mention.Event)
	Address    func(n mention.Network, account, id string) string
}

// Worker takes deliveries out of the inbox. It is safe for concurrent use.
type Worker struct {
	cfg   Config
	known accounts
	noted noted
}

// New makes the worker.
func New(cfg Config) *Worker { return &Worker{cfg: cfg} }

// Handle works one delivery at the instant now. Items already known cost one refused write each; an item that cannot be
// understood is kept apart and the others go on; failures are returned together after all were worked. None of them is of
// a kind that a queue takes for done, because then the delivery would be gone and its item nowhere.
func (w *Worker) Handle(ctx context.Context, now time.Time, body string) error {
	const op = "intake.Handle"
	d, err := mention.ParseDelivery(body)
	if err != nil {
		return fault.New(fault.Poison, op, err)
	}
	work := unit.Of(ctx)
	work.Follow(d.Trace)
	work.Network(string(d.Network))
	a := &arrival{network: d.Network, origin: d.Origin, received: now, now: now}
	if a.raw, err = w.raw(ctx, d); err != nil {
		return err
	}
	if !d.Received.IsZero() && d.Received.Before(now) {
		a.received = d.Received
	}
	events, err := w.events(ctx, d, a)
	if err != nil {
		return err
	}
	w.cfg.Classifier.Refresh(ctx, now)
	aside := w.noteDelivered(ctx, a, events)
	// What people said comes first: what our accounts said to it, and what became of that, hangs on it.
	theirs, ours := apart(Order(events))
	handle := func(ctx context.Context, e mention.Event) error { return w.event(ctx, e, a) }
	err = errors.Join(w.each(ctx, theirs, handle), w.each(ctx, ours, handle))
	aside.Wait()
	w.noteRepaired(ctx, a)
	if err == nil {
		w.noteCost(ctx, a, events)
	}
	return err
}

// events reads the delivery. An event for an account that nobody knew a moment ago is looked at again with what is connected
// by now: a delivery is told of once.
func (w *Worker) events(ctx context.Context, d mention.Delivery, a *arrival) ([]mention.Event, error) {
	const op = "intake.events"
	switch d.Form {
	case "":
	case mention.FormEvents:
		events, err := mention.ParseEvents(d.Network, a.raw)
		if err != nil {
			return nil, fault.New(fault.Poison, op, err)
		}
		return w.sinceConnected(ctx, a, events)
	default:
		return nil, fault.New(fault.Poison, op, errors.New("no delivery of this form is known"))
	}
	decode, known := w.cfg.Decode[d.Network]
	if !known {
		return nil, fault.New(fault.Poison, op, errors.New("no decoder for the network"))
	}
	ours, err := w.ours(ctx, a.now, false)
	if err != nil {
		return nil, unfinished(err)
	}
	events := decode(a.raw, ours)
	if !anyForeign(events) {
		return events, nil
	}
	if ours, err = w.ours(ctx, a.now, true); err != nil {
		return nil, unfinished(err)
	}
	return decode(a.raw, ours), nil
}

func (w *Worker) raw(ctx context.Context, d mention.Delivery) ([]byte, error) {
	const op = "intake.raw"
	var packed []byte
	var err error
	if d.Blob != "" {
		packed, err = w.cfg.Blobs.Get(ctx, d.Blob)
		if err != nil {
			return nil, unfinished(err)
		}
	} else if packed, err = d.Packed(); err != nil {
		return nil, fault.New(fault.Poison, op, err)
	}
	raw, err := mention.Unpack(packed, maxBody)
	if err != nil {
		return nil, fault.New(fault.Poison, op, err)
	}
	return raw, nil
}

// unfinished gives a failure a kind that brings the delivery back, or into the dead letters: what was not stored is not
// done, whatever the store calls the reason.
func unfinished(err error) error {
	switch fault.Of(err) {
	case fault.Duplicate, fault.Invalid, fault.Denied, fault.NotFound:
		return fault.New(fault.Permanent, "intake.Handle", err)
	case fault.Conflict, fault.Transient, fault.Permanent, fault.Poison, fault.Uncertain:
		return err
	default:
		return err
	}
}

// event works one item.
func (w *Worker) event(ctx context.Context, e mention.Event, a *arrival) error {
	w.cfg.Count(ctx, e)
	e.Received = a.received
	switch e.Outcome {
	case mention.Interaction, mention.Thread, mention.Fetch:
		switch {
		case e.Key == "":
			return w.quarantine(ctx, e, a) // nothing to know it by, nothing to fetch it with
		case e.Flag(mention.FlagNaming):
			return w.named(ctx, e, a)
		case e.Outcome == mention.Fetch && !e.Flag(mention.FlagUnavailable):
			return w.await(ctx, e, a)
		}
		return w.heard(ctx, e, a)
	case mention.Edit, mention.Delete:
		return w.changed(ctx, e, a)
	case mention.Own:
		return w.said(ctx, e, a)
	case mention.Moderation:
		return w.moderated(ctx, e, a)
	case mention.Status:
		return w.status(ctx, e, a)
	case mention.Alert:
		return w.alerted(ctx, e, a)
	case mention.Quarantine, mention.IgnoreUnknown:
		return w.quarantine(ctx, e, a)
	case mention.Reaction, mention.Metric, mention.Ops, mention.Ignore:
		return nil // counted; none of them is a case
	default:
		return w.quarantine(ctx, e, a)
	}
}
