// Package queue is the local system's SQS: durable queues behind the protocol of the AWS SDK, and behind Go methods for
// the pollers that live in the same process.
//
// A send or a delete is answered only after its record is in the log and the log is on disk; callers that arrive
// together share one sync. Memory is always what the log says: nothing changes in a queue before its record is written,
// except who holds a message, which ends with the process anyway. Receive counts are written but not waited for.
//
// Delays, visibility and the deduplication window follow the injected clock. Whoever makes that clock jump calls
// Service.Wake, so that waiting receivers look again.
package queue

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sort"
	"strings"
	"sync"
	"time"
)

// Spec describes one queue, as the template declares it.
type Spec struct {
	// Name is the last part of the queue's URL and ARN: 1 to 80 letters, digits, hyphens or underscores, and ".fifo".
	Name string
	// FIFO keeps the order inside each message group and drops repeats of a deduplication id for five minutes.
	FIFO bool
	// Visibility is how long a received message stays hidden; 0 means 30 seconds.
	Visibility time.Duration
	// MaxReceive is how often a message is handed out before it goes to DeadLetters; 0 means for ever.
	MaxReceive int
	// DeadLetters is the name of another queue of the same kind, or empty.
	DeadLetters string
	// Retention is only reported. No message is dropped for its age: the local clock jumps weeks in one step and would
	// take waiting mentions with it. 0 means four days.
	Retention time.Duration
}

const (
	defaultVisibility = 30 * time.Second
	defaultRetention  = 4 * 24 * time.Hour
	dedupWindow       = 5 * time.Minute
)

// Service is a set of queues on one directory. It is an http.Handler that speaks SQS's JSON protocol on any path.
type Service struct {
	clock   func() time.Time
	log     *slog.Logger
	ops     map[string]operation
	journal *journal

	work    chan struct{} // one pending signal for the writer
	closing chan struct{} // closed by Close; ends the long polls
	stopped chan struct{} // closed when the writer has left

	mu       sync.Mutex
	closed   bool
	broken   error // why the log takes no more; nil while it works
	queues   map[string]*queue
	messages map[string]*message
	seq      uint64 // last order number given out
	next     *batch
	pending  int   // durable records appended and not yet applied
	live     int64 // rough size of what a compacted log would hold
}

// errClosed answers whoever comes after Close.
var errClosed = errors.New("queue: closed")

// Open reads the log in dir (made when missing), compacts it and serves the queues of specs. Messages of a queue that
// specs no longer name stay in the log, unreachable, until a later Open names it again. The directory belongs to one
// process at a time. A log that is damaged anywhere but at its end is an error: nothing is dropped silently.
func Open(dir string, specs []Spec, clock func() time.Time, log *slog.Logger) (*Service, error) {
	s := &Service{
		clock:    clock,
		log:      log,
		work:     make(chan struct{}, 1),
		closing:  make(chan struct{}),
		stopped:  make(chan struct{}),
		queues:   make(map[string]*queue),
		messages: make(map[string]*message),
		next:     newBatch(),
	}
	s.ops = s.operations()
	if err := s.declare(specs); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("queue.Open: %w", err)
	}
	j, err := openJournal(dir)
	if err != nil {
		return nil, fmt.Errorf("queue.Open: %w", err)
	}
	s.journal = j
	if err := s.restore(); err != nil {
		return nil, fmt.Errorf("queue.Open: %w", errors.Join(err, j.close()))
	}
	go s.write()
	return s, nil
}

// declare makes the queues and ties each to its dead letters.
func (s *Service) declare(specs []Spec) error {
	for _, spec := range specs {
		if !legalName(strings.TrimSuffix(spec.Name, ".fifo"), 80, "_-") {
			return fmt.Errorf("queue.Open: %q is no queue name", spec.Name)
		}
		if s.queues[spec.Name] != nil {
			return fmt.Errorf("queue.Open: queue %q declared twice", spec.Name)
		}
		if spec.Visibility == 0 {
			spec.Visibility = defaultVisibility
		}
		if spec.Retention == 0 {
			spec.Retention = defaultRetention
		}
		s.queues[spec.Name] = newQueue(spec, true)
	}
	for _, spec := range specs {
		if spec.DeadLetters == "" {
			continue
		}
		target := s.queues[spec.DeadLetters]
		if target == nil || target.spec.FIFO != spec.FIFO || spec.DeadLetters == spec.Name {
			return fmt.Errorf("queue.Open: dead letters of %q: %q is not another declared queue of the same kind", spec.Name, spec.DeadLetters)
		}
		if spec.MaxReceive <= 0 {
			return fmt.Errorf("queue.Open: queue %q has dead letters and no receive limit", spec.Name)
		}
		target.deadLetters = true
	}
	return nil
}

// restore replays the log and leaves a compacted one behind.
func (s *Service) restore() error {
	now := s.clock()
	torn, err := s.journal.replay(func(r record) error { return s.apply(r, now) })
	if err != nil {
		return err
	}
	if torn > 0 {
		s.log.Warn("queue log ended in an unfinished write, dropped", slog.Int64("bytes", torn))
	}
	for _, q := range s.queues {
		q.forget(now)
	}
	return s.journal.compact(s.snapshot())
}

// Close ends the long polls, writes what is pending and lets the directory go. It may be called twice.
func (s *Service) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		<-s.stopped
		return nil
	}
	s.closed = true
	close(s.closing)
	close(s.work)
	s.mu.Unlock()
	<-s.stopped
	return s.journal.close()
}

// Wake makes every waiting receiver look again; call it after the clock jumped, holding no lock that the clock needs.
func (s *Service) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.queues {
		q.ring()
	}
}

// Names lists the declared queues in alphabetical order.
func (s *Service) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name, q := range s.queues {
		if q.known {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// Depth counts the messages of a queue: those that could be handed out, those received and not yet deleted, and those
// sent with a delay that has not passed. An unknown queue is empty.
func (s *Service) Depth(name string) (visible, inFlight, delayed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[name]
	if q == nil || !q.known {
		return 0, 0, 0
	}
	q.promote(s.clock())
	return q.counts[modeVisible], q.counts[modeHeld] + q.counts[modeDeferred] + q.counts[modeLeaving], q.counts[modeDelayed]
}

// Idle reports whether no queue has work at the clock's now: nothing could be received, nothing is being worked on,
// nothing waits to be written. Delayed messages, messages given back for later and dead letters are no work.
func (s *Service) Idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending > 0 {
		return false
	}
	now := s.clock()
	for _, q := range s.queues {
		if !q.known || q.deadLetters {
			continue
		}
		q.promote(now)
		if q.ready.len() > 0 || q.counts[modeHeld] > 0 || q.counts[modeLeaving] > 0 {
			return false
		}
	}
	return true
}

// lookup finds a declared queue. The caller holds the lock.
func (s *Service) lookup(name string) (*queue, error) {
	if q := s.queues[name]; q != nil && q.known {
		return q, nil
	}
	return nil, &apiError{shape: "QueueDoesNotExist", code: "AWS.SimpleQueueService.NonExistentQueue", message: "no queue has this name"}
}

// usable says why the service takes no calls, nil when it does. The caller holds the lock.
func (s *Service) usable() error {
	if s.closed {
		return errClosed
	}
	return s.broken
}
