package worker

import (
	"context"
	"errors"
	"sync"

	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// Store is the real store with a crash now and then: before a commit (nothing is written) or after it (it is, and nobody
// is told).
type Store struct {
	*dynamo.Store
	mu     sync.Mutex
	before func(ticket.Change) error
	after  func(ticket.Change) error
}

// Commit commits the change, unless the process ends first; its error may hide that the change was written.
func (s *Store) Commit(ctx context.Context, c ticket.Change) error {
	s.mu.Lock()
	before, after := s.before, s.after
	s.mu.Unlock()
	if before != nil {
		if err := before(c); err != nil {
			return err
		}
	}
	err := s.Store.Commit(ctx, c)
	if err == nil && after != nil {
		err = after(c)
	}
	return err
}

// Set says what happens before each commit and after it, an error being a crash; nil is nothing.
func (s *Store) Set(before, after func(ticket.Change) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.after = before, after
}

// Crash is how the end of a process looks to the queue: it brings the message back.
func Crash() error { return fault.New(fault.Transient, "test", errors.New("crash")) }

// Once crashes the first time yes says so.
func Once(yes func(ticket.Change) bool) func(ticket.Change) error { return First(yes, Crash) }

// First does something the first time yes says so, as others do meanwhile; its error is a crash.
func First(yes func(ticket.Change) bool, do func() error) func(ticket.Change) error {
	done := false
	return func(c ticket.Change) error {
		if done || !yes(c) {
			return nil
		}
		done = true
		return do()
	}
}

// Claims reports the commit by which a worker takes a message, before it calls anybody.
func Claims(c ticket.Change) bool { return c.Claim != nil }

// Settles reports the commit by which a worker records what became of a message.
func Settles(c ticket.Change) bool { return len(c.Done)+len(c.Cancel) > 0 }
