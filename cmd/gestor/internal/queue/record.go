package queue

import (
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// recordVersion is the version of the log's form.
const recordVersion = 1

// The kinds of record.
const (
	opStart = "start" // first record of a compacted log: V and the last order number
	opPut   = "put"   // a message arrives in Queue
	opKeep  = "keep"  // a message that a compacted log carries on
	opSeen  = "seen"  // a deduplication id of Queue that outlived its put
	opGot   = "got"   // a message was received for the Count-th time
	opGone  = "gone"  // a message was deleted
	opMove  = "move"  // a message goes to Queue: to the dead letters, or back when NewID is set
	opPurge = "purge" // all messages of Queue are deleted
)

// record is one change of the queues. Replaying a record that is already in force changes nothing: a compacted log may
// be followed by records whose effect it holds.
type record struct {
	Op      string    `json:"op"`
	V       int       `json:"v,omitempty"`
	Seq     uint64    `json:"seq,omitempty"`
	Queue   string    `json:"queue,omitempty"`
	ID      string    `json:"id,omitempty"`
	NewID   string    `json:"new_id,omitempty"`
	Count   int       `json:"count,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Dedup   string    `json:"dedup,omitempty"`
	Message *stored   `json:"message,omitempty"`
}

// batch is what goes to the log in one write.
type batch struct {
	records []record
	durable int           // how many of them must be on disk
	done    chan struct{} // closed when written and applied, or failed
	err     error         // valid after done
}

func newBatch() *batch { return &batch{done: make(chan struct{})} }

// await waits until the batch is on disk and applied.
func (b *batch) await() error {
	<-b.done
	return b.err
}

// append adds a record to the next batch. With durable the batch is synced; without, it is written and survives the
// process, not the machine. The caller holds the lock and has checked usable.
func (s *Service) append(r record, durable bool) *batch {
	s.next.records = append(s.next.records, r)
	if durable {
		s.next.durable++
		s.pending++
	}
	select {
	case s.work <- struct{}{}:
	default: // the writer will find this record with the one that woke it
	}
	return s.next
}

// write takes batch after batch to the log and then into memory, until Close.
func (s *Service) write() {
	defer close(s.stopped)
	for range s.work {
		s.flush()
	}
	s.flush()
}

// flush writes what has come together since the last write.
func (s *Service) flush() {
	s.mu.Lock()
	b, broken := s.next, s.broken
	if len(b.records) == 0 {
		s.mu.Unlock()
		return
	}
	s.next = newBatch()
	s.mu.Unlock()

	err := broken
	if err == nil {
		err = s.journal.append(b.records, b.durable > 0)
	}
	s.mu.Lock()
	s.pending -= b.durable
	if err == nil {
		err = s.applyAll(b)
	}
	if err != nil && s.broken == nil {
		s.fail(err)
	}
	b.err = s.broken
	b.records = nil
	var rewrite []record
	if s.broken == nil && s.journal.bloated(s.live) {
		rewrite = s.snapshot()
	}
	s.mu.Unlock()
	close(b.done)

	if rewrite == nil {
		return
	}
	if err := s.journal.compact(rewrite); err != nil {
		s.mu.Lock()
		s.fail(err)
		s.mu.Unlock()
	}
}

// fail stops the service: after a failed write nobody knows what the file holds, so nothing more is acknowledged until
// the log is opened again. The caller holds the lock.
func (s *Service) fail(err error) {
	s.broken = fmt.Errorf("queue: log failed: %w", err)
	s.log.Error("queue log failed, no message is taken any more", slog.Any("error", err))
}

// applyAll takes a written batch into memory. The caller holds the lock.
func (s *Service) applyAll(b *batch) error {
	now := s.clock()
	for _, r := range b.records {
		if err := s.apply(r, now); err != nil {
			return err
		}
	}
	return nil
}

// apply makes one record true in memory. The caller holds the lock, or is Open.
func (s *Service) apply(r record, now time.Time) error {
	switch r.Op {
	case opStart:
		if r.V != recordVersion {
			return fmt.Errorf("log version %d, this program reads %d", r.V, recordVersion)
		}
		s.seq = max(s.seq, r.Seq)
	case opPut:
		s.remember(r)
		s.arrive(r, now)
	case opKeep:
		s.arrive(r, now)
	case opSeen:
		s.seq = max(s.seq, r.Seq)
		s.place(r.Queue).note(r.Dedup, &sighting{ID: r.ID, Seq: r.Seq, At: r.At})
	case opGot:
		if m := s.messages[r.ID]; m != nil {
			// The message in memory may have been received again before this record was written.
			m.Count = max(m.Count, r.Count)
			if m.First.IsZero() {
				m.First = r.At
			}
		}
	case opGone:
		s.leave(s.messages[r.ID])
	case opMove:
		s.move(r, now)
	case opPurge:
		for _, m := range s.messages {
			if m.queue.spec.Name == r.Queue {
				s.leave(m)
			}
		}
	default:
		return fmt.Errorf("unknown record %q", r.Op)
	}
	return nil
}

// place finds a queue, or makes room for one that is no longer declared.
func (s *Service) place(name string) *queue {
	q := s.queues[name]
	if q == nil {
		q = newQueue(Spec{Name: name}, false)
		s.queues[name] = q
	}
	return q
}

// remember makes the deduplication id of a written message count, also after a replay.
func (s *Service) remember(r record) {
	st := r.Message
	if st.Dedup == "" {
		return
	}
	q := s.place(r.Queue)
	if known := q.seen[st.Dedup]; known != nil && known.ID == st.ID {
		known.batch = nil
		return
	}
	q.note(st.Dedup, &sighting{ID: st.ID, Seq: st.Seq, At: st.Sent})
}

// arrive puts a message in its queue.
func (s *Service) arrive(r record, now time.Time) {
	st := *r.Message
	s.seq = max(s.seq, st.Seq)
	s.settle(s.place(r.Queue), st, now)
}

// settle gives a message its place in memory and tells the receivers.
func (s *Service) settle(q *queue, st stored, now time.Time) {
	s.messages[st.ID] = q.add(st, now)
	s.live += st.size()
	q.ring()
}

// leave takes a message out for good; nil is one that left before.
func (s *Service) leave(m *message) {
	if m == nil {
		return
	}
	m.queue.drop(m)
	m.queue.ring() // its lane may give the next one
	delete(s.messages, m.ID)
	s.live -= m.size()
}

// move takes a message to another queue: as it is, with where it came from, or as a new message.
func (s *Service) move(r record, now time.Time) {
	s.seq = max(s.seq, r.Seq)
	m := s.messages[r.ID]
	if m == nil || m.queue.spec.Name == r.Queue {
		return
	}
	st := m.stored
	s.leave(m)
	st.Seq, st.Ready = r.Seq, time.Time{}
	if r.NewID == "" {
		st.Source = m.queue.spec.Name
	} else {
		st.ID, st.Sent, st.Source, st.Count, st.First = r.NewID, r.At, "", 0, time.Time{}
	}
	s.settle(s.place(r.Queue), st, now)
}

// snapshot gives the records that make the present state from nothing. What is appended and not yet written is left
// out: its records follow. The caller holds the lock, or is Open.
func (s *Service) snapshot() []record {
	records := []record{{Op: opStart, V: recordVersion, Seq: s.seq}}
	for name, q := range s.queues {
		for _, dedup := range q.sightings {
			if seen := q.seen[dedup]; seen.batch == nil {
				records = append(records, record{Op: opSeen, Queue: name, Dedup: dedup, ID: seen.ID, Seq: seen.Seq, At: seen.At})
			}
		}
	}
	var rest []record
	for _, m := range s.messages {
		st := m.stored
		rest = append(rest, record{Op: opKeep, Queue: m.queue.spec.Name, Message: &st})
	}
	slices.SortFunc(rest, func(a, b record) int {
		if a.Message.Seq < b.Message.Seq {
			return -1
		}
		return 1
	})
	return append(records, rest...)
}
