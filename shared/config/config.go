// Package config reads what a program is told by its environment, once, and names everything that is missing at a time.
package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Env reads variables through get and remembers what is wrong with them.
type Env struct {
	get    func(string) string
	faults []string
}

// New makes a reader; get is os.Getenv in a program.
func New(get func(string) string) *Env { return &Env{get: get} }

// Text gives a variable that must not be empty.
func (e *Env) Text(name string) string {
	v := e.get(name)
	if v == "" {
		e.faults = append(e.faults, name+" is empty")
	}
	return v
}

// Optional gives a variable that may be empty.
func (e *Env) Optional(name string) string { return e.get(name) }

// Duration gives a variable such as 10m; it must not be negative.
func (e *Env) Duration(name string) time.Duration {
	d, err := time.ParseDuration(e.get(name))
	if err != nil || d < 0 {
		e.faults = append(e.faults, name+" is not a duration such as 10m")
		return 0
	}
	return d
}

// Seconds gives a variable that counts whole seconds, at least 1.
func (e *Env) Seconds(name string) time.Duration { return time.Duration(e.Count(name)) * time.Second }

// Count gives a variable that is a whole number, at least 1.
func (e *Env) Count(name string) int {
	n, err := strconv.Atoi(e.get(name))
	if err != nil || n < 1 {
		e.faults = append(e.faults, name+" is not a whole number above zero")
		return 0
	}
	return n
}

// Err names everything that was wrong, or is nil. Values stay out of it: some are secrets.
func (e *Env) Err() error {
	if len(e.faults) == 0 {
		return nil
	}
	return fmt.Errorf("config: %w", errors.New(strings.Join(e.faults, "; ")))
}
