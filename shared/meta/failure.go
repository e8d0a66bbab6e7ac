package meta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/fault"
)

// Why a call to the Graph API came to nothing, as the ticket keeps it.
const (
	ReasonAuth        = "auth"            // the token is no longer good: pause the channel, keep the queue
	ReasonPermission  = "permission"      // the application may not do this: pause the action
	ReasonWindow      = "window"          // the time in which an answer is allowed is over
	ReasonRecipient   = "recipient"       // this person cannot be written to
	ReasonNotAllowed  = "not_allowed"     // this item cannot be answered so: answered privately before, hidden, live
	ReasonThrottle    = "throttle"        // too many calls: wait
	ReasonDuplicate   = "duplicate"       // the network has this text already: look whether it is ours
	ReasonContent     = "content"         // the network will not publish this text
	ReasonGone        = "gone"            // what was to be answered no longer exists
	ReasonUnsupported = "unsupported"     // the network has no such thing, or no longer
	ReasonUnknown     = "unknown_outcome" // perhaps done, perhaps not
	ReasonUnreachable = "unreachable"     // no connection came about: certainly not done
	ReasonForeignHost = "foreign_host"    // the network pointed to an address that is not its own
	ReasonTooMany     = "too_many"        // more comments than are looked through
	ReasonCredentials = "credentials"     // our own store did not give the token; nothing was sent
	ReasonInput       = "input"           // the call itself was wrong; nothing was sent
	ReasonNotReady    = "not_ready"       // what is to be published is not there yet, or no longer: prepare it
	ReasonLimit       = "limit"           // the account has published all it may today
)

// Failure is the cause inside the fault.Error of a failed call. It holds numbers and Meta's trace id only: what Meta writes
// in words may quote the citizen, the text or the token.
type Failure struct {
	Reason  string // one of the Reason constants
	Status  int    // HTTP status, 0 when no answer came
	Code    int    // Graph error code, 0 when there was none
	Subcode int
	Trace   string // fbtrace_id, for Meta's support
	cause   error  // a context error, an error of our own store, or nil
}

// Error gives reason and numbers, and the cause.
func (f *Failure) Error() string {
	s := fmt.Sprintf("%s (http %d, code %d/%d)", f.Reason, f.Status, f.Code, f.Subcode)
	if f.Trace != "" {
		s += " trace " + f.Trace
	}
	if f.cause != nil {
		s += ": " + f.cause.Error()
	}
	return s
}

// Unwrap gives what ended the call: a context error, an error of our own store, or nil.
func (f *Failure) Unwrap() error { return f.cause }

// Reason gives the reason code of an error of this package, "" for any other error.
func Reason(err error) string {
	var f *Failure
	if errors.As(err, &f) {
		return f.Reason
	}
	return ""
}

// verdict says what became of the call, nil when Graph did it. write tells calls that change something from those that
// only look: only for the former is an unknown outcome a danger.
func (x *exchange) verdict(op string, write bool, err error) error {
	if err == nil && x.body != nil && x.status < 400 {
		return nil
	}
	f := &Failure{Status: x.status}
	var refusal *facebook.Error
	switch {
	case x.foreign:
		f.Reason = ReasonForeignHost
	case x.neverSent():
		f.Reason, f.cause = ReasonUnreachable, contextError(x.err)
	case x.err != nil:
		f.Reason, f.cause = ReasonUnknown, contextError(x.err)
	case errors.As(err, &refusal) || errors.As(x.refusal(), &refusal):
		f.Code, f.Subcode, f.Trace = refusal.Code, refusal.ErrorSubcode, traceID(refusal.TraceID)
		f.Reason = x.reason(refusal)
	default:
		f.Reason = statusReason(x.status)
	}
	out := fault.New(kindOf(f.Reason, write), op, f)
	switch f.Reason {
	case ReasonThrottle:
		out.RetryAfter = retryAfter(x.header)
	case ReasonLimit:
		out.RetryAfter = limitRests
	}
	return out
}

// refusal reads the error object of an answer that was kept from the library; nil when there is none.
func (x *exchange) refusal() error {
	if x.body == nil {
		return nil
	}
	_, err := facebook.MakeResult(x.body)
	return err
}

func contextError(err error) error {
	for _, known := range []error{context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, known) {
			return known
		}
	}
	return nil
}

// traceID keeps a trace id that looks like one.
func traceID(id string) string {
	if len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool { return !wordRune(r) }) {
		return ""
	}
	return id
}

// reason classifies a refusal. An answer of 500 or more proves nothing whatever it says, except that the text is known
// already; such answers have been seen on comments that were published.
func (x *exchange) reason(e *facebook.Error) string {
	switch reason := codeReason(e.Code, e.ErrorSubcode); {
	case reason == ReasonDuplicate:
		return reason
	case x.status >= 500:
		return ReasonUnknown
	case reason != "":
		return reason
	case x.status == http.StatusTooManyRequests:
		return ReasonThrottle
	case e.IsTransient, e.Code == 1, e.Code == 2:
		return ReasonUnknown
	default:
		return statusReason(x.status)
	}
}

// codeReason classifies a Graph error by its numbers, "" for those that prove nothing (Graph API, "Handle errors";
// Messenger Platform, "Error codes"). The subcode decides first: code 10 and code 100 each mean several things.
func codeReason(code, subcode int) string {
	has := func(n int) bool { return code == n || subcode == n }
	switch {
	case has(506), has(1366051):
		return ReasonDuplicate
	case has(1545041), windowOver(code, subcode):
		return ReasonWindow
	case code == 100 && subcode == 33:
		return ReasonGone
	case has(368), has(324), has(1346003), has(1390008), has(1404102):
		return ReasonContent
	case has(551), subcode == 2018001, subcode == 2018108:
		return ReasonRecipient
	case code >= 10900 && code <= 10903:
		return ReasonNotAllowed
	case instagramTrouble(subcode):
		return ""
	case subcode == 2207042:
		return ReasonLimit
	case notReady(subcode):
		return ReasonNotReady
	case subcode >= 2207000 && subcode <= 2207999:
		return ReasonContent
	}
	return plainReason(code)
}

// windowOver reports that the time for an answer is over on Messenger or Instagram, or that only a tag Meta no longer takes
// would have kept it open.
func windowOver(code, subcode int) bool {
	return code == 10 && (subcode == 2018278 || subcode == 2534022) || code == 100 && subcode == 1893061
}

// instagramTrouble reports that Instagram took too long, or failed: perhaps it did it all the same. (Instagram Platform, "Error
// Codes")
func instagramTrouble(subcode int) bool {
	switch subcode {
	case 2207001, 2207003, 2207032, 2207053, 2207082:
		return true
	}
	return false
}

// notReady reports a container that Instagram is still working on, or has thrown away: nothing was published.
func notReady(subcode int) bool {
	return subcode == 2207027 || subcode == 2207008 || subcode == 2207020
}

// plainReason classifies the codes whose subcode adds nothing.
func plainReason(code int) string {
	switch {
	case code == 190, code == 102:
		return ReasonAuth
	case code == 4, code == 17, code == 32, code == 613, code >= 80000 && code <= 80099:
		return ReasonThrottle
	case code == 3, code == 10, code >= 200 && code <= 299:
		return ReasonPermission
	case code == 100:
		return ReasonContent
	case code == 12: // what was asked for is no longer there in this version
		return ReasonUnsupported
	}
	return ""
}

// statusReason classifies an answer by its status alone. What no documentation names is unknown.
func statusReason(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return ReasonAuth
	case http.StatusNotFound:
		return ReasonGone
	case http.StatusTooManyRequests:
		return ReasonThrottle
	}
	return ReasonUnknown
}

// kindOf says what a reason asks of the caller.
func kindOf(reason string, write bool) fault.Kind {
	switch reason {
	case ReasonAuth, ReasonPermission:
		return fault.Denied
	case ReasonThrottle, ReasonUnreachable, ReasonTooMany, ReasonNotReady, ReasonLimit:
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

// maxRetryAfter bounds what a network may ask us to wait; all its windows are of a day or less.
const maxRetryAfter = 24 * time.Hour

// retryAfter gives the longest wait that the headers ask for: Retry-After in seconds, and the minutes of
// X-Business-Use-Case-Usage ("estimated_time_to_regain_access"); 0 when they do not say.
func retryAfter(h http.Header) time.Duration {
	longest := time.Duration(0)
	ask := func(n int, unit time.Duration) {
		if n > int(maxRetryAfter/unit) {
			n = int(maxRetryAfter / unit)
		}
		longest = max(longest, time.Duration(n)*unit)
	}
	if seconds, err := strconv.Atoi(strings.TrimSpace(h.Get("Retry-After"))); err == nil {
		ask(seconds, time.Second)
	}
	var usage map[string][]struct {
		Minutes int `json:"estimated_time_to_regain_access"`
	}
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &usage) == nil {
		for _, uses := range usage {
			for _, use := range uses {
				ask(use.Minutes, time.Minute)
			}
		}
	}
	return longest
}
