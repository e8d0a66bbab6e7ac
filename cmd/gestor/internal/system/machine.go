package system

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/clock"
	"sence.gob.cl/gestor/cmd/gestor/internal/issuer"
	"sence.gob.cl/gestor/cmd/gestor/internal/local"
)

const (
	// drainLimit is how long a tick waits for what it set in motion. The first drainStrict of it also waits for messages
	// that failed and come again in a moment; later, those that keep failing hold nobody up.
	drainLimit  = time.Minute
	drainStrict = 10 * time.Second
)

// machine is the System as the control surface sees it.
type machine struct{ s *System }

// Login implements local.Machine.
func (m machine) Login(user string) (string, error) {
	if m.s.issuer == nil {
		// Somebody else's issuer was named; it knows none of our users.
		return "", local.ErrNoUser
	}
	token, err := m.s.issuer.Token(user)
	if errors.Is(err, issuer.ErrNoUser) {
		return "", local.ErrNoUser
	}
	return token, err
}

// Tick implements local.Machine.
func (m machine) Tick(ctx context.Context, at time.Time) (time.Time, bool, error) {
	m.s.ticking.Lock()
	defer m.s.ticking.Unlock()
	if at.After(m.s.clock.Now()) {
		// A message in a worker's hands would be given out a second time: its visibility ends at the jump.
		_ = m.s.drain(ctx)
	}
	jumped := !at.IsZero()
	if !jumped {
		at = m.s.clock.Now()
	} else if err := m.s.clock.JumpTo(at); errors.Is(err, clock.ErrPast) {
		return time.Time{}, false, local.ErrPast
	} else if err != nil {
		return time.Time{}, false, err
	}
	if err := m.s.pollers.Fire(ctx, at); err != nil {
		return at, false, err
	}
	drained := m.s.drain(ctx)
	if jumped {
		// What expired on the way is deleted only now: had the time really passed, its work would have been done before.
		m.s.sweepSoon()
	}
	return at, drained, nil
}

// State implements local.Machine.
func (m machine) State() local.State {
	st := local.State{
		Now: m.s.clock.Now(), Ahead: int64(m.s.clock.Offset().Seconds()), Idle: m.s.pollers.Idle() && m.s.settled(), Queues: []local.Queue{},
	}
	for _, q := range m.s.tpl.Queues {
		visible, inFlight, delayed := m.s.queues.Depth(q.Name())
		st.Queues = append(st.Queues, local.Queue{
			Name: q.ID, Visible: visible, InFlight: inFlight, Delayed: delayed, Dead: m.s.tpl.DeadLetters(q.ID),
		})
	}
	return st
}

// Redrive implements local.Machine; name is the queue's logical id.
func (m machine) Redrive(ctx context.Context, name string) (int, error) {
	q, ok := m.s.tpl.Queue(name)
	if !ok || !m.s.tpl.DeadLetters(name) {
		return 0, local.ErrNoQueue
	}
	for _, source := range m.s.tpl.Sources {
		if source.OnFailureTo == name {
			return 0, local.ErrNoHome
		}
	}
	moved, err := m.s.queues.Redrive(ctx, q.Name())
	m.s.log.LogAttrs(ctx, slog.LevelInfo, "dead letters sent back", slog.String("queue", name), slog.Int("moved", moved))
	return moved, err
}

// drain waits until nothing is left to do at the local clock's now; false when that takes too long.
func (s *System) drain(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, drainLimit)
	defer cancel()
	strict, cancelStrict := context.WithTimeout(ctx, s.strict)
	defer cancelStrict()
	if s.pollers.Drain(strict, s.settled) == nil {
		return true
	}
	return s.pollers.Drain(ctx, s.quiet) == nil && s.settled()
}

// quiet reports whether neither queues nor functions have work now.
func (s *System) quiet() bool { return s.queues.Idle() && s.functions.InFlight() == 0 }

// settled is quiet, and no message waits to be tried again either.
func (s *System) settled() bool {
	for _, q := range s.tpl.Queues {
		if _, inFlight, _ := s.queues.Depth(q.Name()); inFlight > 0 && !s.tpl.DeadLetters(q.ID) {
			return false
		}
	}
	return s.quiet()
}
