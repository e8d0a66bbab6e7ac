// Package intake understands a delivery: it decodes it, classifies what people say, and opens or extends their cases.
package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/citizen"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// maxBody is the largest raw delivery taken back out of the inbox, in bytes: what the webhook lets in.
const maxBody = 4 << 20

// width is how many conversations of one delivery are worked at once.
const width = 8

// rounds is how often a step lost to somebody faster is read and decided again.
const rounds = 4

// Store is what intake reads and the one thing it writes by.
type Store interface {
	OpenTicket(ctx context.Context, conversation string) (id string, found bool, err error)
	Ticket(ctx context.Context, id string) (ticket.Ticket, error)
	Seen(ctx context.Context, n mention.Network, key string) (ticket.Seen, bool, error)
	Mention(ctx context.Context, ticketID, key string, at time.Time) (ticket.Mention, error)
	Commit(ctx context.Context, c ticket.Change) error
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

// Config is what a Worker needs. Decode turns a body of one network into events; Citizens is the fixed secret under
// which citizens' ids become keys; Entropy gives the random part of a new case's id; Count takes one event's outcome.
type Config struct {
	Store      Store
	Blobs      Blobs
	Calendar   Calendar
	Classifier *classify.Classifier
	Decode     map[mention.Network]func(body []byte) []mention.Event
	Citizens   citizen.Secret
	Policy     ticket.Policy
	Entropy    func() [10]byte
	Count      func(ctx context.Context, e mention.Event)
}

// Worker takes deliveries out of the inbox.
type Worker struct{ cfg Config }

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
	raw, err := w.raw(ctx, d)
	if err != nil {
		return err
	}
	decode, known := w.cfg.Decode[d.Network]
	if !known {
		return fault.New(fault.Poison, op, errors.New("no decoder for the network"))
	}
	received := now
	if !d.Received.IsZero() && d.Received.Before(now) {
		received = d.Received
	}
	return w.each(ctx, Order(decode(raw)), func(ctx context.Context, e mention.Event) error {
		return w.event(ctx, e, d.Network, raw, received, now)
	})
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
func (w *Worker) event(ctx context.Context, e mention.Event, n mention.Network, raw []byte, received, now time.Time) error {
	w.cfg.Count(ctx, e)
	switch e.Outcome {
	case mention.Interaction, mention.Thread, mention.Fetch:
		if e.Key == "" {
			return w.quarantine(ctx, e, n, raw, received) // nothing to know it by, nothing to fetch it with
		}
		return w.heard(ctx, e, received, now)
	case mention.Edit:
		if e.Author != nil && e.Author.ID == e.Account {
			return nil // we edited ourselves
		}
		if e.Network == mention.X && e.Flag(mention.FlagSummoned) {
			return w.named(ctx, e, received, now)
		}
		return w.edited(ctx, e, now)
	case mention.Delete:
		return w.withdrawn(ctx, e, now)
	case mention.Quarantine, mention.IgnoreUnknown:
		return w.quarantine(ctx, e, n, raw, received)
	case mention.Own, mention.Moderation, mention.Reaction, mention.Metric, mention.Status, mention.Ops, mention.Alert,
		mention.Ignore:
		return nil // counted; none of them is a case
	default:
		return w.quarantine(ctx, e, n, raw, received)
	}
}

// quarantine keeps the delivery's exact bytes with the reason, once; of a delivery too large for an item, that it came.
func (w *Worker) quarantine(ctx context.Context, e mention.Event, n mention.Network, raw []byte, received time.Time) error {
	sum := sha256.New()
	sum.Write([]byte(n))
	sum.Write(raw)
	sum.Write([]byte(e.Reason))
	packed, err := mention.Pack(raw)
	if err != nil {
		return fault.New(fault.Transient, "intake.quarantine", err)
	}
	const inItem = 300 << 10 // DynamoDB takes 400 KB an item, and the store packs too
	kept := raw
	if len(packed) > inItem {
		kept = nil
	}
	q := ticket.Quarantined{
		ID: hex.EncodeToString(sum.Sum(nil)[:16]), Network: n, Reason: reasonOf(e), At: received, Size: len(raw), Raw: kept,
	}
	err = w.cfg.Store.Commit(ctx, ticket.Change{Quarantine: &q})
	if fault.Is(err, fault.Duplicate) {
		return nil
	}
	return err
}

func reasonOf(e mention.Event) string {
	if e.Reason != "" {
		return e.Reason
	}
	return string(e.Outcome)
}

// conversation is the key of (network, account, thread, citizen); an item without an author is a conversation of its own.
// The citizen's id enters only as HMAC.
func (w *Worker) conversation(e mention.Event) (conversation, person string) {
	who := "anon:" + e.Key
	if e.Author != nil && e.Author.ID != "" {
		who = e.Author.ID
	}
	person = w.cfg.Citizens.Key(string(e.Network) + "\x00" + who)
	return w.cfg.Citizens.Key(string(e.Network) + "\x00" + e.Account + "\x00" + e.Thread + "\x00" + person), person
}
