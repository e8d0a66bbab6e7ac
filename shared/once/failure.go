package once

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/fault"
)

// Why a call came to nothing, as the case keeps it. Every network has its own numbers and sentences for the same few
// reasons.
const (
	ReasonAuth        = "auth"            // the token is no longer good: pause the channel, keep the queue
	ReasonPermission  = "permission"      // the application may not do this: pause the action
	ReasonQuota       = "quota"           // what was paid for is used up
	ReasonNotSummoned = "not_summoned"    // the author lets us not answer here
	ReasonRecipient   = "recipient"       // this person cannot be written to
	ReasonThrottle    = "throttle"        // too many calls: wait
	ReasonDuplicate   = "duplicate"       // the network has this text already: look whether it is ours
	ReasonContent     = "content"         // the network will not publish this text
	ReasonGone        = "gone"            // what was to be answered no longer exists
	ReasonUnsupported = "unsupported"     // the network has no such answer
	ReasonVersion     = "version"         // the network no longer speaks the version of its API that is configured
	ReasonUnknown     = "unknown_outcome" // perhaps done, perhaps not
	ReasonUnreachable = "unreachable"     // no connection came about: certainly not done
	ReasonTooMany     = "too_many"        // more items than are looked through
	ReasonCredentials = "credentials"     // our own store did not give the token: nothing was sent
	ReasonInput       = "input"           // the call itself was wrong: nothing was sent
	ReasonFile        = "file"            // a file of ours could not be read: nothing was said
)

// Failure is the cause inside the fault.Error of a failed call. It holds numbers only: what a network writes in words may
// quote the citizen, our text or the token.
type Failure struct {
	Reason string // one of the Reason constants
	Status int    // HTTP status, 0 when no answer came
	Code   int    // the network's own number of the error, 0 when there was none
	stands string // see Stands
	cause  error  // a context error, an error of our own store, or nil
}

// Error gives reason and numbers, and the cause.
func (f *Failure) Error() string {
	s := fmt.Sprintf("%s (http %d, code %d)", f.Reason, f.Status, f.Code)
	if f.cause != nil {
		s += ": " + f.cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.cause }

// Reason gives the reason code of an error that holds a Failure, "" for any other.
func Reason(err error) string {
	var f *Failure
	if errors.As(err, &f) {
		return f.Reason
	}
	return ""
}

// Stands gives the network's id of what it says stands there already, of a refused duplicate that names it; "" for any other
// error.
func Stands(err error) string {
	var f *Failure
	if errors.As(err, &f) {
		return f.stands
	}
	return ""
}

// Refuse makes the error of a call that was not made because it cannot be right.
func Refuse(op, reason, field string) error {
	return &fault.Error{Kind: kindOf(reason, true), Op: op, Field: field, Err: &Failure{Reason: reason}}
}

// NoToken makes the error of a call that was not made because our own store did not give the token: Denied when it may
// not, and Transient for all else, because nothing was sent whatever the store's trouble is. err nil says that it has none
// for this account.
func NoToken(op string, err error) error {
	switch {
	case err == nil:
		return fault.New(fault.Denied, op, &Failure{Reason: ReasonAuth})
	case fault.Is(err, fault.Denied):
		return fault.New(fault.Denied, op, &Failure{Reason: ReasonCredentials, cause: err})
	}
	return fault.New(fault.Transient, op, &Failure{Reason: ReasonCredentials, cause: err})
}

// NoFile makes the error of a post of which a file of ours could not be read: Permanent when there is none any more, and
// Transient for all else.
func NoFile(op string, err error) error {
	kind := fault.Transient
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Permanent) {
		kind = fault.Permanent
	}
	return fault.New(kind, op, &Failure{Reason: ReasonFile, cause: err})
}

// Standing makes of a refused duplicate, which is a doubt where an answer is said, what it is where a post is published: the
// network says that it stands there. Any other error stays as it is.
func Standing(op string, err error) error {
	var f *Failure
	if errors.As(err, &f) && f.Reason == ReasonDuplicate {
		return fault.New(fault.Duplicate, op, f)
	}
	return err
}

// Refusal is how a network explains an answer that is no success: what it comes to, "" for unknown; its own number of it;
// how long it asks to wait; and its id of what stands there already, where it names that.
type Refusal struct {
	Reason string
	Code   int
	Wait   time.Duration
	Stands string
}

// Verdict says what became of a call: nil when a whole answer of 2xx came. refused reads all other whole answers below 500;
// from 500 on nothing is proven, whatever is said. write tells calls that say something from those that only look: only for
// the former is an unknown outcome a danger.
func (a Answer) Verdict(op string, write bool, refused func(Answer) Refusal) error {
	r := Refusal{Reason: ReasonUnknown}
	switch {
	case a.NeverSent:
		r.Reason = ReasonUnreachable
	case a.Body == nil || a.Status >= 500:
	case a.Status >= 200 && a.Status < 300:
		return nil
	default:
		r = refused(a)
	}
	return a.Fail(op, write, r)
}

// Fail makes the error of a call that came to nothing.
func (a Answer) Fail(op string, write bool, r Refusal) error {
	if r.Reason == "" {
		r.Reason = ReasonUnknown
	}
	f := fault.New(kindOf(r.Reason, write), op, &Failure{
		Reason: r.Reason, Status: a.Status, Code: r.Code, stands: r.Stands, cause: a.Cause,
	})
	if r.Reason == ReasonThrottle {
		f.RetryAfter = min(max(r.Wait, a.retryAfter()), longestWait)
	}
	return f
}

// kindOf says what a reason asks of the caller.
func kindOf(reason string, write bool) fault.Kind {
	switch reason {
	case ReasonAuth, ReasonPermission, ReasonQuota, ReasonCredentials:
		return fault.Denied
	case ReasonThrottle, ReasonUnreachable, ReasonTooMany, ReasonFile:
		return fault.Transient
	case ReasonDuplicate:
		return fault.Uncertain
	case ReasonUnknown:
		if write {
			return fault.Uncertain
		}
		return fault.Transient
	case ReasonInput:
		return fault.Invalid
	}
	return fault.Permanent
}

// longestWait bounds what a network may ask us to wait; all their windows are of a day or less.
const longestWait = 24 * time.Hour

// retryAfter reads Retry-After in seconds, 0 when there is none.
func (a Answer) retryAfter() time.Duration {
	seconds, err := strconv.ParseUint(strings.TrimSpace(a.Header.Get("Retry-After")), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// Date is the network's own clock when it answered, zero when it does not say. What it says to wait for is measured by it
// and not by a clock of ours.
func (a Answer) Date() time.Time {
	at, err := http.ParseTime(a.Header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at
}
