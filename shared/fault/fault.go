// Package fault names the kinds of failure and what each asks of whoever handles it.
package fault

import (
	"errors"
	"time"
)

// Kind says what a failure asks of its handler. Numbers are append-only: they travel in logs and dead letters.
type Kind int

// The kinds. An error without a kind counts as Transient at queues (bounded by the queue's receive count) and as 500 at
// HTTP.
const (
	// Duplicate: the work is already done; acknowledge it.
	Duplicate Kind = iota + 1
	// Conflict: somebody was faster; read again and decide again.
	Conflict
	// Transient: try later, after RetryAfter when it is set.
	Transient
	// Invalid: the caller's mistake; Field says where.
	Invalid
	// Denied: not allowed.
	Denied
	// Permanent: will never work; a person must be told.
	Permanent
	// Poison: cannot be understood; keep it apart and go on.
	Poison
	// Uncertain: perhaps done; never repeat it blindly.
	Uncertain
	// NotFound: what was asked for does not exist, or may not be seen.
	NotFound
)

// String gives the kind's name for logs.
func (k Kind) String() string {
	switch k {
	case Duplicate:
		return "duplicate"
	case Conflict:
		return "conflict"
	case Transient:
		return "transient"
	case Invalid:
		return "invalid"
	case Denied:
		return "denied"
	case Permanent:
		return "permanent"
	case Poison:
		return "poison"
	case Uncertain:
		return "uncertain"
	case NotFound:
		return "not_found"
	default:
		return "unknown"
	}
}

// Error is a failure with its kind. Op names the operation ("dynamo.Commit"), never data. Public is the Spanish sentence
// a user may read; Field names the wrong field of an Invalid; RetryAfter is how long to wait before a Transient is worth
// another try (0: the handler decides).
type Error struct {
	Kind       Kind
	Op         string
	Public     string
	Field      string
	RetryAfter time.Duration
	Err        error
}

// New makes an error of kind k at operation op; err may be nil.
func New(k Kind, op string, err error) *Error { return &Error{Kind: k, Op: op, Err: err} }

// Say makes an error with the sentence its user may read.
func Say(k Kind, op, public string) *Error { return &Error{Kind: k, Op: op, Public: public} }

// Reject makes an Invalid for one field with the sentence its user may read.
func Reject(op, field, public string) *Error {
	return &Error{Kind: Invalid, Op: op, Field: field, Public: public}
}

// Error gives operation, kind and cause; never the public sentence, which may quote the user's own input.
func (e *Error) Error() string {
	s := e.Op + ": " + e.Kind.String()
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Of gives the kind of err, 0 when no error in its chain carries one.
func Of(err error) Kind {
	var f *Error
	if errors.As(err, &f) {
		return f.Kind
	}
	return 0
}

// Is reports whether err carries kind k.
func Is(err error, k Kind) bool { return err != nil && Of(err) == k }

// RetryAfter gives how long err asks to wait, 0 when it does not say.
func RetryAfter(err error) time.Duration {
	var f *Error
	if errors.As(err, &f) {
		return f.RetryAfter
	}
	return 0
}
