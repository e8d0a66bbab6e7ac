// Package tick hands over what has come due: every minute by a sweep, and to the second for what waited in the soon queue.
package tick

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// page is how many messages one sweep takes at a time.
const page = 500

// Store finds messages and marks those handed over.
type Store interface {
	// Due gives messages not handed over whose due time is not after the instant, oldest first.
	Due(ctx context.Context, at time.Time, limit int) ([]outbox.Message, error)
	// Message gives one message; found is false when it was worked or cancelled.
	Message(ctx context.Context, ref outbox.Ref) (m outbox.Message, claimed, found bool, err error)
	// Unfinished gives messages that were due before the instant and are not done, handed over or not, oldest first.
	Unfinished(ctx context.Context, before time.Time, limit int) ([]outbox.Message, error)
	// Target gives one way out of a post of ours.
	Target(ctx context.Context, id, name string) (post.Target, error)
	Commit(ctx context.Context, c ticket.Change) error
}

// Relay hands a message to its worker.
type Relay interface {
	HandOver(ctx context.Context, m outbox.Message) error
}

// Tick hands over what is due.
type Tick struct {
	store Store
	relay Relay
}

// New makes the tick.
func New(store Store, relay Relay) *Tick { return &Tick{store: store, relay: relay} }

// Sweep hands over everything due at the instant that nobody handed over yet, oldest first: what was planned further
// ahead than a queue can wait, and what the stream or the soon queue missed. Each is then marked, so that the next sweep
// passes it by. A message they are handing over at this very moment, or that its worker has not finished, goes twice under
// one deduplication id, which the FIFO queue swallows.
//
// What can never be handed over (Poison) is passed by, so that a page full of it does not keep back what stands behind;
// any other failure ends the sweep after its page, because the next message would most likely meet it too.
func (t *Tick) Sweep(ctx context.Context, at time.Time) error {
	if err := t.unfinished(ctx, at); err != nil {
		return err
	}
	poison := map[outbox.Ref]bool{}
	var failed error
	broken := false
	for {
		limit := page + len(poison)
		due, err := t.store.Due(ctx, at, limit)
		if err != nil {
			return errors.Join(err, failed)
		}
		goOn := false
		for _, m := range due {
			if poison[m.Ref()] {
				continue
			}
			goOn = true
			switch err := t.handOver(ctx, at, m); {
			case fault.Is(err, fault.Poison):
				poison[m.Ref()], failed = true, errors.Join(failed, err)
			case err != nil:
				broken, failed = true, errors.Join(failed, err)
			}
		}
		if !goOn || broken || len(due) < limit {
			return failed
		}
	}
}

// unfinished looks at the work that is due and that nobody has finished.
func (t *Tick) unfinished(ctx context.Context, at time.Time) error {
	due, err := t.store.Unfinished(ctx, at, watched)
	if err != nil {
		return err
	}
	measure(ctx, due, at)
	return t.watch(ctx, due, at)
}

// measure notes how old the oldest of it is: the one figure that grows whatever it is that stands still.
func measure(ctx context.Context, due []outbox.Message, at time.Time) {
	age := 0.0
	if len(due) > 0 {
		age = at.Sub(due[0].Due).Seconds()
	}
	unit.Of(ctx).Count(unit.OldestDueWork, age)
}

// watched is how much unfinished work is looked at, the oldest first.
const watched = 200

// watch tells people of posts whose moment has passed without a word: whoever carries them out tells of every delay, unless they
// died, and then their queue brings the work back only minutes later. Who writes at the same moment has told something.
func (t *Tick) watch(ctx context.Context, due []outbox.Message, at time.Time) error {
	for _, m := range due {
		id, is := outbox.PostOf(m.Ticket)
		if !is || at.Sub(m.First) <= agenda.ToldAfter || m.Topic != outbox.Broadcast && m.Topic != outbox.Prepare {
			continue
		}
		target, err := t.store.Target(ctx, id, m.Subject)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if change, overdue := agenda.Overdue(target, m, at); overdue {
			if err := t.store.Commit(ctx, change); err != nil && !fault.Is(err, fault.Conflict) {
				return err
			}
		}
	}
	return nil
}

// handOver sends the message, then marks it. A crash between the two sends it again a minute later.
func (t *Tick) handOver(ctx context.Context, at time.Time, m outbox.Message) error {
	if err := t.relay.HandOver(ctx, m); err != nil {
		return err
	}
	ref := m.Ref()
	err := t.store.Commit(ctx, ticket.Change{HandedOver: &ref, HandedAt: at})
	if fault.Is(err, fault.NotFound) {
		return nil // worked, or cancelled, before the mark
	}
	return err
}

// Ripe hands over one message that waited in the soon queue, if it still exists; body is its address.
func (t *Tick) Ripe(ctx context.Context, body string) error {
	const op = "tick.Ripe"
	var ref outbox.Ref
	if err := json.Unmarshal([]byte(body), &ref); err != nil {
		return fault.New(fault.Poison, op, err)
	}
	m, _, found, err := t.store.Message(ctx, ref)
	if err != nil || !found {
		return err
	}
	work := unit.Of(ctx)
	work.Follow(m.Trace)
	work.Ticket(m.Ticket)
	return t.relay.HandOver(ctx, m)
}
