package clock

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func fixed(at time.Time) func() time.Time { return func() time.Time { return at } }

func TestClock_JumpTo(t *testing.T) {
	dir := t.TempDir()
	wall := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	c, err := Open(dir, func() time.Time { return wall })
	if err != nil {
		t.Fatal(err)
	}
	if !c.Now().Equal(wall) {
		t.Fatalf("a new clock reads %s, want the wall clock", c.Now())
	}
	heard := 0
	c.OnJump(func() { heard++ })
	c.OnJump(func() { heard += 10 })

	target := time.Date(2026, 12, 1, 9, 0, 0, 0, time.FixedZone("CLST", -3*3600))
	if err := c.JumpTo(target); err != nil {
		t.Fatal(err)
	}
	if !c.Now().Equal(target) || c.Now().Location() != time.UTC {
		t.Errorf("after the jump the clock reads %s, want %s in UTC", c.Now(), target.UTC())
	}
	if heard != 11 {
		t.Errorf("listeners heard %d, want each once", heard)
	}

	wall = wall.Add(time.Minute)
	if want := target.Add(time.Minute); !c.Now().Equal(want) {
		t.Errorf("a minute later the clock reads %s, want %s: it must go on", c.Now(), want)
	}
	if err := c.JumpTo(target); !errors.Is(err, ErrPast) {
		t.Errorf("jump back: %v, want ErrPast", err)
	}
	if heard != 11 {
		t.Error("a refused jump was announced")
	}
	if err := c.JumpTo(c.Now()); err != nil {
		t.Errorf("jump to now: %v", err)
	}

	again, err := Open(dir, func() time.Time { return wall })
	if err != nil {
		t.Fatal(err)
	}
	if !again.Now().Equal(c.Now()) {
		t.Errorf("after a restart the clock reads %s, want %s", again.Now(), c.Now())
	}
}

func TestClock_JumpTo_keepsTheOldTimeWhenItCannotBeStored(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	c, err := Open(dir, fixed(now))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.JumpTo(now.Add(time.Hour)); err == nil {
		t.Fatal("JumpTo without a directory: no error")
	}
	if !c.Now().Equal(now) {
		t.Errorf("the clock moved to %s although the jump was not stored", c.Now())
	}
}

func TestOpen_refusesWhatItDidNotWrite(t *testing.T) {
	for name, content := range map[string]string{
		"broken":          `{"v":1,"off`,
		"empty":           ``,
		"unknown version": `{"v":2,"offset_ns":1}`,
		"negative":        `{"v":1,"offset_ns":-1}`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, fileName), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(dir, time.Now); err == nil {
				t.Error("no error")
			}
		})
	}
}

// Several callers at once never move the clock back, and each ends at its own instant or later.
func TestClock_concurrentJumps(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	c, err := Open(t.TempDir(), fixed(start))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			target := start.Add(time.Duration(i) * time.Hour)
			if err := c.JumpTo(target); err != nil && !errors.Is(err, ErrPast) {
				t.Error(err)
			}
			if c.Now().Before(target) {
				t.Errorf("clock reads %s, before the instant it was moved to", c.Now())
			}
		})
	}
	wg.Wait()
	if want := start.Add(7 * time.Hour); !c.Now().Equal(want) {
		t.Errorf("clock reads %s, want %s", c.Now(), want)
	}
}
