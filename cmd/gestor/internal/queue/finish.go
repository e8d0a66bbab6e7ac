package queue

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// handle is what a receipt says: which message, in which queue, as it was handed out for the n-th time. A message that
// has moved to another queue is not the one a handle from the first names.
type handle struct {
	queue string
	id    string
	n     int
}

// receipt gives the handle as the opaque text that consumers get.
func (h handle) receipt() string {
	return base64.RawURLEncoding.EncodeToString([]byte(h.queue + ":" + h.id + ":" + strconv.Itoa(h.n)))
}

// parseReceipt reads what receipt gave; of queue q only, when q is given.
func parseReceipt(q *queue, text string) (handle, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(raw), ":")
	if err == nil && len(parts) == 3 && (q == nil || parts[0] == q.spec.Name) {
		if n, err := strconv.Atoi(parts[2]); err == nil {
			return handle{parts[0], parts[1], n}, nil
		}
	}
	return handle{}, &apiError{shape: "ReceiptHandleIsInvalid", code: "ReceiptHandleIsInvalid", message: "the receipt handle is not one of this queue"}
}

// held finds the message of a handle, nil when it is not in that queue any more. The caller holds the lock.
func (s *Service) held(h handle) *message {
	if m := s.messages[h.id]; m != nil && m.queue.spec.Name == h.queue {
		return m
	}
	return nil
}

// Delete removes received messages and returns when that is on disk. A message that is gone already is no error. A
// receipt that a later receive has replaced deletes nothing: in a standard queue silently, as SQS may do; in a FIFO
// queue, where also an expired one is refused, with an error.
func (s *Service) Delete(receipts ...string) error {
	for _, err := range s.remove(nil, receipts) {
		if err != nil {
			return err
		}
	}
	return nil
}

// remove deletes by receipt, of queue q only when q is given; one error per receipt.
func (s *Service) remove(q *queue, receipts []string) []error {
	errs := make([]error, len(receipts))
	waits := make([]*batch, len(receipts))
	s.mu.Lock()
	now := s.clock()
	for i, text := range receipts {
		if errs[i] = s.usable(); errs[i] == nil {
			waits[i], errs[i] = s.expel(q, text, now)
		}
	}
	s.mu.Unlock()
	for i, b := range waits {
		if b != nil {
			errs[i] = b.await()
		}
	}
	return errs
}

// expel begins one deletion and answers the batch that makes it last; nil when there is nothing to delete. The caller
// holds the lock.
func (s *Service) expel(q *queue, text string, now time.Time) (*batch, error) {
	h, err := parseReceipt(q, text)
	if err != nil {
		return nil, err
	}
	m := s.held(h)
	if m == nil {
		return nil, nil
	}
	if m.mode == modeLeaving {
		return m.exit, nil
	}
	m.queue.promote(now)
	if m.queue.spec.FIFO && (m.mode != modeHeld || h.n != m.Count) {
		return nil, badParameter("the receipt handle has expired")
	}
	if h.n != m.Count {
		return nil, nil
	}
	b := s.append(record{Op: opGone, ID: m.ID}, true)
	m.queue.park(m, b)
	return b, nil
}

// Release gives a received message back: at once, or hidden for after (up to 12 hours). Its receive count stays.
func (s *Service) Release(text string, after time.Duration) error {
	return s.rehide(nil, text, after, modeDeferred)
}

// rehide changes how long a held message stays hidden; with 0 it shows.
func (s *Service) rehide(q *queue, text string, after time.Duration, as mode) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	h, err := parseReceipt(q, text)
	if err != nil {
		return err
	}
	if after < 0 || after > 12*time.Hour {
		return badParameter("visibility timeout must be 0 to 43200 seconds")
	}
	m, now := s.held(h), s.clock()
	if m == nil {
		return badParameter("message does not exist or is not available for a change of visibility")
	}
	m.queue.promote(now)
	if (m.mode != modeHeld && m.mode != modeDeferred) || h.n != m.Count {
		return &apiError{shape: "MessageNotInflight", code: "AWS.SimpleQueueService.MessageNotInflight", message: "the message is not in flight under this receipt"}
	}
	if after == 0 {
		m.queue.show(m)
	} else {
		m.queue.hide(m, as, now.Add(after))
	}
	m.queue.ring()
	return nil
}
