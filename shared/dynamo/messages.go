package dynamo

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
)

// dueLimit is how many messages Due and Unfinished give when they are not told.
const dueLimit = 1000

// Message gives a message that is neither done nor cancelled, and whether a worker has claimed it.
func (s *Store) Message(ctx context.Context, ref outbox.Ref) (m outbox.Message, claimed, found bool, err error) {
	const op = "dynamo.Message"
	i, err := s.get(ctx, op, messageKey(ref))
	if err != nil || i == nil {
		return m, false, false, err
	}
	if m, err = readMessage(i); err != nil {
		return m, false, false, broken(op, err)
	}
	return m, i.text("claimed") != "", true, nil
}

// ClaimedAt gives the instant a message was claimed at; false when it is gone or nobody has claimed it.
func (s *Store) ClaimedAt(ctx context.Context, ref outbox.Ref) (time.Time, bool, error) {
	i, err := s.get(ctx, "dynamo.ClaimedAt", messageKey(ref))
	if err != nil || i == nil {
		return time.Time{}, false, err
	}
	when := i.when("claimed")
	return when, !when.IsZero(), nil
}

func readMessage(i attrs) (outbox.Message, error) { return DecodeMessage(i.text(attrRow)) }

// RowAttribute is the attribute of an outbox item, in the table and in its stream, that DecodeMessage reads.
const RowAttribute = attrRow

// DecodeMessage reads a message from its item's row. What is no message is Poison.
func DecodeMessage(row string) (outbox.Message, error) {
	const op = "dynamo.DecodeMessage"
	var m outbox.Message
	if err := json.Unmarshal([]byte(row), &m); err != nil {
		return m, fault.New(fault.Poison, op, err)
	}
	if m.ID == "" || m.Ticket == "" {
		return m, fault.New(fault.Poison, op, errors.New("no address"))
	}
	return m, nil
}

// Due gives the messages that should be handed over by now and have not been, the oldest first, limit at most (1000
// when 0).
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]outbox.Message, error) {
	return s.messages(ctx, "dynamo.Due", now.Add(time.Millisecond), limit, toHandOver)
}

// Unfinished gives the messages that were due before an instant and are not done, handed over or not, the oldest first,
// limit at most (1000 when 0).
func (s *Store) Unfinished(ctx context.Context, before time.Time, limit int) ([]outbox.Message, error) {
	return s.messages(ctx, "dynamo.Unfinished", before, limit, toHandOver, handedOver)
}

// messages asks every shard of the families at once for what is due before an instant and merges the answers.
func (s *Store) messages(ctx context.Context, op string, before time.Time, limit int, families ...string) ([]outbox.Message, error) {
	if limit <= 0 {
		limit = dueLimit
	}
	parts := make([][]outbox.Message, len(families)*messageShards)
	err := together(len(parts), func(n int) error {
		var err error
		parts[n], err = s.shard(ctx, op, shardPK(families[n/messageShards], n%messageShards), before, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	all := slices.Concat(parts...)
	slices.SortFunc(all, func(a, b outbox.Message) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Ticket, b.Ticket), cmp.Compare(a.ID, b.ID))
	})
	return all[:min(limit, len(all))], nil
}

// shard reads one shard in order of due time, up to limit messages.
func (s *Store) shard(ctx context.Context, op, pk string, before time.Time, limit int) ([]outbox.Message, error) {
	var out []outbox.Message
	in := s.inWaits(pk)
	in.before, in.limit = at(before), min(limit, dueLimit)
	err := s.each(ctx, op, in, func(found attrs) (bool, error) {
		m, err := readMessage(found)
		if err != nil {
			return false, err
		}
		out = append(out, m)
		return len(out) < limit, nil
	})
	return out, err
}

// together runs f for 0 to n-1 at the same time and joins what fails.
func together(n int, f func(int) error) error {
	failed := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { failed[i] = f(i) })
	}
	wg.Wait()
	return errors.Join(failed...)
}
