// Package relay hands new outbox messages to whoever works them: what is due now to its worker's queue, what is due within
// a quarter of an hour to the queue that waits, and leaves the rest for the minute sweep.
package relay

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// Queues sends to the workers' queues and to the waiting one.
type Queues interface {
	// Work gives a message to its worker's queue, in order within its group, once per Dedup.
	Work(ctx context.Context, to outbox.Worker, m outbox.Message, body string) error
	// Wait gives a message's address to the waiting queue, to come back after delay.
	Wait(ctx context.Context, body string, delay time.Duration) error
}

// Store marks what was handed over.
type Store interface {
	Commit(ctx context.Context, c ticket.Change) error
}

// Relay hands messages over.
type Relay struct {
	queues Queues
	store  Store
}

// New makes the relay.
func New(queues Queues, store Store) *Relay { return &Relay{queues: queues, store: store} }

// Handle hands over one new message at the instant now. A message that is gone meanwhile was cancelled: nothing is lost.
func (r *Relay) Handle(ctx context.Context, now time.Time, m outbox.Message) error {
	wait := m.Due.Sub(now)
	switch {
	case wait <= 0:
		return r.HandOver(ctx, now, m)
	case wait <= outbox.Soon:
		body, err := json.Marshal(m.Ref())
		if err != nil {
			return fault.New(fault.Poison, "relay.Handle", err)
		}
		return r.queues.Wait(ctx, string(body), wait)
	default:
		return nil // the minute sweep finds it when it is due
	}
}

// HandOver sends the message to its worker, then marks it as handed over. A crash between the two sends it twice, which
// the worker's claim makes harmless.
func (r *Relay) HandOver(ctx context.Context, now time.Time, m outbox.Message) error {
	const op = "relay.HandOver"
	worker, known := m.Topic.Worker()
	if !known {
		return fault.New(fault.Poison, op, errors.New("unknown topic"))
	}
	body, err := json.Marshal(m)
	if err != nil {
		return fault.New(fault.Poison, op, err)
	}
	if err := r.queues.Work(ctx, worker, m, string(body)); err != nil {
		return err
	}
	ref := m.Ref()
	err = r.store.Commit(ctx, ticket.Change{HandedOver: &ref, HandedAt: now})
	if fault.Is(err, fault.NotFound) {
		return nil // worked, or cancelled, before the mark
	}
	return err
}
