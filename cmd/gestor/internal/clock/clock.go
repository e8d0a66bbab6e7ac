// Package clock is the local system's time: the wall clock plus an offset that only grows, kept over restarts.
package clock

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/durable"
)

// ErrPast answers a jump to an instant that has already passed: what has happened cannot be taken back.
var ErrPast = errors.New("clock: the local clock only moves forward")

const fileName = "clock.json"

// Clock gives the local time. It is safe for concurrent use.
type Clock struct {
	wall func() time.Time
	path string

	jump sync.Mutex // one jump at a time, listeners included

	mu        sync.RWMutex
	offset    time.Duration
	listeners []func()
}

type state struct {
	V      int           `json:"v"`
	Offset time.Duration `json:"offset_ns"`
}

// Open reads the offset kept in dir, zero when there is none, and counts on from wall.
func Open(dir string, wall func() time.Time) (*Clock, error) {
	c := &Clock{wall: wall, path: filepath.Join(dir, fileName)}
	raw, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("clock.Open: %w", err)
	}
	var s state
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("clock.Open: %s: %w", c.path, err)
	}
	if s.V != 1 || s.Offset < 0 {
		return nil, fmt.Errorf("clock.Open: %s: version %d, offset %s: not what this program writes", c.path, s.V, s.Offset)
	}
	c.offset = s.Offset
	return c, nil
}

// Now is the local time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.wall().Add(c.offset).UTC()
}

// Offset is how far the local time is ahead of the wall clock.
func (c *Clock) Offset() time.Duration {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.offset
}

// JumpTo moves the local clock forward to t, from where it goes on; earlier than now is ErrPast. The new offset is on
// disk before anybody sees the new time. Every listener has returned when JumpTo returns.
func (c *Clock) JumpTo(t time.Time) error {
	c.jump.Lock()
	defer c.jump.Unlock()
	ahead := t.Sub(c.Now())
	if ahead < 0 {
		return ErrPast
	}
	offset := c.Offset() + ahead
	raw, err := json.Marshal(state{V: 1, Offset: offset})
	if err != nil {
		return fmt.Errorf("clock.JumpTo: %w", err)
	}
	if err := durable.WriteFile(c.path, raw); err != nil {
		return fmt.Errorf("clock.JumpTo: %w", err)
	}
	c.mu.Lock()
	c.offset = offset
	listeners := c.listeners
	c.mu.Unlock()
	for _, heard := range listeners {
		heard()
	}
	return nil
}

// OnJump has f called after every jump, in the order of registration. f must not call JumpTo.
func (c *Clock) OnJump(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// A fresh slice: JumpTo walks the old one without the lock.
	c.listeners = append(c.listeners[:len(c.listeners):len(c.listeners)], f)
}
