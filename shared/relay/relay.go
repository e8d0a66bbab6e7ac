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
	"sence.gob.cl/gestor/shared/unit"
)

// Queues sends to the workers' queues and to the waiting one.
type Queues interface {
	// Work gives a message to its worker's queue, in order within its group, once per Dedup.
	Work(ctx context.Context, to outbox.Worker, m outbox.Message, body string) error
	// Wait gives a message's address to the waiting queue, to come back after delay.
	Wait(ctx context.Context, body string, delay time.Duration) error
}

// Relay hands messages over. It writes nothing: a message that a worker finishes within the minute is never marked, and the
// sweep marks the others (ADR 0005).
type Relay struct{ queues Queues }

// New makes the relay.
func New(queues Queues) *Relay { return &Relay{queues: queues} }

// Handle hands over one new message at the instant now. A message that is gone meanwhile was cancelled: nothing is lost.
func (r *Relay) Handle(ctx context.Context, now time.Time, m outbox.Message) error {
	follow(ctx, m)
	wait := m.Due.Sub(now)
	switch {
	case wait <= 0:
		return r.HandOver(ctx, m)
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

// follow tells the unit of work what its message follows from.
func follow(ctx context.Context, m outbox.Message) {
	w := unit.Of(ctx)
	w.Follow(m.Trace)
	w.Ticket(m.Ticket)
}

// HandOver sends the message to its worker. It may do so twice for one message, when the sweep meets a message that is on
// its way: the deduplication id swallows the second within five minutes, the worker's claim makes it harmless after that.
func (r *Relay) HandOver(ctx context.Context, m outbox.Message) error {
	const op = "relay.HandOver"
	worker, known := m.Topic.Worker()
	if !known {
		return fault.New(fault.Poison, op, errors.New("unknown topic"))
	}
	body, err := json.Marshal(m)
	if err != nil {
		return fault.New(fault.Poison, op, err)
	}
	return r.queues.Work(ctx, worker, m, string(body))
}
