package queue

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"
)

// Receive hands out up to max messages (1 to 10) of a queue, hidden for the queue's visibility. Without any it waits up
// to wait, measured by the machine and not by the injected clock. It answers none when the wait is over or the service
// closes, and ctx's error when ctx ends.
func (s *Service) Receive(ctx context.Context, name string, limit int, wait time.Duration) ([]Message, error) {
	s.mu.Lock()
	q, err := s.lookup(name)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return s.receive(ctx, q, min(max(limit, 1), 10), q.spec.Visibility, wait)
}

func (s *Service) receive(ctx context.Context, q *queue, limit int, visibility, wait time.Duration) ([]Message, error) {
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.mu.Lock()
		if err := s.usable(); err != nil {
			s.mu.Unlock()
			return nil, err
		}
		now := s.clock()
		got := s.take(q, now, limit, visibility)
		if len(got) > 0 || wait <= 0 {
			s.mu.Unlock()
			return got, nil
		}
		bell := q.listen()
		pause, timed := q.nextChange(now)
		q.waiting++
		s.mu.Unlock()
		again := s.sleep(ctx, bell, over.C, pause, timed)
		s.mu.Lock()
		q.waiting--
		s.mu.Unlock()
		if !again {
			return nil, ctx.Err()
		}
	}
}

// sleep waits for a reason to look again: the bell, or (timed) the end of pause. It answers false when there is nothing
// to wait for any more.
func (s *Service) sleep(ctx context.Context, bell <-chan struct{}, over <-chan time.Time, pause time.Duration, timed bool) bool {
	var change <-chan time.Time
	if timed {
		change = time.After(pause)
	}
	select {
	case <-bell:
		return true
	case <-change:
		return true
	case <-over:
	case <-s.closing:
	case <-ctx.Done():
	}
	return false
}

// take hands out what is ready, oldest lane first, and sends the exhausted to the dead letters. The caller holds the
// lock.
func (s *Service) take(q *queue, now time.Time, limit int, visibility time.Duration) []Message {
	q.promote(now)
	var got []Message
	for len(got) < limit && q.ready.len() > 0 {
		l := q.ready.top()
		for _, m := range slices.Clone(l.messages[:min(len(l.messages), limit)]) {
			if q.exhausted(m) {
				s.bury(m)
				continue
			}
			if len(got) == limit {
				break
			}
			m.Count++
			if m.First.IsZero() {
				m.First = now
			}
			q.hide(m, modeHeld, now.Add(visibility))
			s.append(record{Op: opGot, ID: m.ID, Count: m.Count, At: m.First}, false)
			got = append(got, m.hand())
		}
	}
	return got
}

// bury sends a message to the dead letters of its queue. The caller holds the lock.
func (s *Service) bury(m *message) {
	s.seq++
	m.queue.park(m, s.append(record{Op: opMove, ID: m.ID, Queue: m.queue.spec.DeadLetters, Seq: s.seq}, true))
	s.log.Warn("message went to the dead letters",
		slog.String("queue", m.queue.spec.Name), slog.String("message_id", m.ID), slog.Int("received", m.Count))
}

// hand makes what a consumer gets of the message.
func (m *message) hand() Message {
	out := Message{ID: m.ID, Receipt: handle{m.queue.spec.Name, m.ID, m.Count}.receipt(), Body: m.Body, BodyMD5: md5Hex(m.Body), Attributes: m.Attributes}
	out.System = map[string]string{
		"SenderId":                         "000000000000",
		"SentTimestamp":                    millis(m.Sent),
		"ApproximateReceiveCount":          strconv.Itoa(m.Count),
		"ApproximateFirstReceiveTimestamp": millis(m.First),
	}
	for name, value := range map[string]string{
		"MessageGroupId": m.Group, "MessageDeduplicationId": m.Dedup, "AWSTraceHeader": m.Trace,
	} {
		if value != "" {
			out.System[name] = value
		}
	}
	if m.queue.spec.FIFO {
		out.System["SequenceNumber"] = sequence(m.Seq)
	}
	if m.Source != "" {
		out.System["DeadLetterQueueSourceArn"] = ARN(m.Source)
	}
	return out
}

// millis is a time as SQS writes it.
func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// sequence is an order number as SQS writes it: 20 digits.
func sequence(n uint64) string { return fmt.Sprintf("%020d", n) }
