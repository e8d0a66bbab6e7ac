package queue

import (
	"context"
	"fmt"
	"slices"
)

// Redrive sends the dead letters in dlq back to the queues they died in, as new messages (new id, receive count 0), and
// returns how many when that is on disk. Letters that somebody holds stay. Letters that nobody knows the origin of stay
// too, and are an error.
func (s *Service) Redrive(_ context.Context, dlq string) (int, error) {
	s.mu.Lock()
	q, err := s.lookup(dlq)
	if err == nil {
		err = s.usable()
	}
	if err != nil {
		s.mu.Unlock()
		return 0, err
	}
	now := s.clock()
	q.promote(now)
	var last *batch
	moved, lost := 0, 0
	for _, m := range s.visible(q) {
		home := s.origin(q, m)
		if home == "" {
			lost++
			continue
		}
		s.seq++
		last = s.append(record{Op: opMove, ID: m.ID, NewID: newID(), Queue: home, Seq: s.seq, At: now}, true)
		q.park(m, last)
		moved++
	}
	s.mu.Unlock()
	if last != nil {
		if err := last.await(); err != nil {
			return 0, err
		}
	}
	if lost > 0 {
		return moved, fmt.Errorf("queue.Redrive: %d messages of %s have no known origin", lost, dlq)
	}
	return moved, nil
}

// visible lists the messages of a queue that are not hidden, oldest first. The caller holds the lock.
func (s *Service) visible(q *queue) []*message {
	var list []*message
	for _, m := range s.messages {
		if m.queue == q && m.mode == modeVisible {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b *message) int {
		if a.Seq < b.Seq {
			return -1
		}
		return 1
	})
	return list
}

// origin is the queue a dead letter goes back to: the one it died in, else the only one that has q as its dead letters.
func (s *Service) origin(q *queue, m *message) string {
	if home := s.queues[m.Source]; home != nil && home.known {
		return m.Source
	}
	home := ""
	for name, other := range s.queues {
		if other.known && other.spec.DeadLetters == q.spec.Name {
			if home != "" {
				return ""
			}
			home = name
		}
	}
	return home
}
