package poller

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"sence.gob.cl/gestor/cmd/gestor/internal/lambda"
)

// shelf is a queue service in memory that keeps the promises of Queues. Abandoned messages come back when a test says so.
type shelf struct {
	mu        sync.Mutex
	ring      chan struct{} // closed when something changes
	ready     map[string][]Message
	hidden    map[string]Message // by receipt
	order     []string           // receipts of hidden messages, oldest first
	abandoned map[string]bool
	deleted   []string // ids
	atOnce    int      // bound on what one Receive gives; 0 means none
	broken    error
	receipts  int
}

func newShelf() *shelf {
	return &shelf{ring: make(chan struct{}), ready: map[string][]Message{}, hidden: map[string]Message{}, abandoned: map[string]bool{}}
}

func (s *shelf) changed() {
	close(s.ring)
	s.ring = make(chan struct{})
}

func (s *shelf) put(queue string, messages ...Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready[queue] = append(s.ready[queue], messages...)
	s.changed()
}

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
	s.changed()
}

func (s *shelf) Receive(ctx context.Context, queue string, limit int, wait time.Duration) ([]Message, error) {
	over := time.After(wait)
	for {
		s.mu.Lock()
		if s.broken != nil {
			defer s.mu.Unlock()
			return nil, s.broken
		}
		got := s.take(queue, limit)
		ring := s.ring
		s.mu.Unlock()
		if len(got) > 0 {
			return got, nil
		}
		select {
		case <-ring:
		case <-over:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *shelf) take(queue string, limit int) []Message {
	if s.atOnce > 0 {
		limit = min(limit, s.atOnce)
	}
	locked := map[string]bool{}
	for _, m := range s.hidden {
		if g := m.group(); g != "" {
			locked[g] = true
		}
	}
	var got, rest []Message
	for _, m := range s.ready[queue] {
		if len(got) == limit || locked[m.group()] {
			rest = append(rest, m)
			continue
		}
		s.receipts++
		m.Receipt = "r" + strconv.Itoa(s.receipts)
		s.hidden[m.Receipt] = m
		s.order = append(s.order, m.Receipt)
		got = append(got, m)
	}
	s.ready[queue] = rest
	return got
}

func (s *shelf) Delete(_ context.Context, _ string, receipts []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, receipt := range receipts {
		m, ok := s.hidden[receipt]
		if !ok {
			return fmt.Errorf("receipt %s is not known", receipt)
		}
		s.deleted = append(s.deleted, m.ID)
		delete(s.hidden, receipt)
	}
	s.changed()
	return nil
}

func (s *shelf) Abandon(_ context.Context, _, receipt string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abandoned[receipt] = true
	return nil
}

// giveBack ends the visibility of what was abandoned: it stands in front again, in its old order.
func (s *shelf) giveBack(queue string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var back []Message
	for _, receipt := range s.order {
		if m, ok := s.hidden[receipt]; ok && s.abandoned[receipt] {
			back = append(back, m)
			delete(s.hidden, receipt)
			delete(s.abandoned, receipt)
		}
	}
	if len(back) > 0 {
		s.ready[queue] = append(back, s.ready[queue]...)
		s.changed()
	}
}

func (s *shelf) left() (ready, hidden int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, list := range s.ready {
		ready += len(list)
	}
	return ready, len(s.hidden)
}

func (s *shelf) quiet() bool {
	ready, hidden := s.left()
	s.mu.Lock()
	defer s.mu.Unlock()
	return ready == 0 && hidden == len(s.abandoned)
}

// answer makes a result of any value.
func answer(v any) (lambda.Result, error) {
	payload, err := json.Marshal(v)
	return lambda.Result{Payload: payload}, err
}

// brief is the pace of tests.
func brief() pace {
	return pace{longPoll: 50 * time.Millisecond, busy: time.Millisecond, idle: 5 * time.Millisecond, retry: time.Millisecond, retryMost: 2 * time.Millisecond}
}

// run starts a poller and stops it with the test, or when the test calls stop.
func run(t *testing.T, cfg Config) (p *Poller, stop func()) {
	t.Helper()
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Wall == nil {
		cfg.Wall = time.Now
	}
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	cfg.Log = slog.New(slog.DiscardHandler)
	p, err := newAt(cfg, brief())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		p.Run(ctx)
		close(done)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return p, stop
}

func drain(t *testing.T, p *Poller, quiet func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := p.Drain(ctx, quiet); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func sqsEvent(t *testing.T, payload []byte) events.SQSEvent {
	t.Helper()
	var e events.SQSEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		t.Errorf("event: %v", err)
	}
	return e
}
