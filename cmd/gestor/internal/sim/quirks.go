package sim

import (
	"io"
	"net/http"
	"slices"
	"time"
)

// Modes of fault beside those of contract §4: how the real networks surprise.
const (
	refuse500Bare = "refuse_500_bare" // a 500 without an error object; nothing happened
	htmlError     = "html_error"      // a page of the network's front, not its API's words
	quota429      = "quota_429"       // 429 with the headers that say when it ends, which ms sets
	echoAhead     = "echo_first"      // the webhook of what we publish comes before the answer to the call
	foreignPaging = "foreign_paging"  // the next page of a list is on somebody else's host
	statusFailed  = "status_failed"   // WhatsApp takes a message and says later that it did not arrive
)

// quirks are those modes.
func quirks() []string {
	return []string{refuse500Bare, htmlError, quota429, echoAhead, foreignPaging, statusFailed}
}

// fits reports a mode that a target has.
func fits(target, mode string) bool {
	switch mode {
	case refuseDuplicate:
		return target == targetFacebook || target == targetLinkedIn
	case statusFailed:
		return target == targetWhatsApp
	case quota429, echoAhead:
		return target != targetSiac
	case foreignPaging:
		return slices.Contains([]string{targetFacebook, targetInstagram, targetX, targetLinkedIn}, target)
	}
	return true
}

// quotaDefault is when a 429 ends if nobody says.
const quotaDefault = time.Minute

// surprise answers a request under one of the modes above that refuse; false for any other.
func (s *Simulator) surprise(w http.ResponseWriter, target string, f mishap) bool {
	switch f.Mode {
	case refuse500Bare:
		// As after apply_then_500: a client that looks only for "error" takes it for a success.
		writeJSON(w, http.StatusInternalServerError, map[string]any{"debug": map[string]any{}})
	case htmlError:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "<!doctype html><html><head><title>503 Service Unavailable</title></head><body><h1>Sorry, something went wrong.</h1></body></html>\n")
	case quota429:
		wait := quotaDefault
		if f.Millis > 0 {
			wait = time.Duration(f.Millis) * time.Millisecond
		}
		s.overused(w, target, wait)
	default:
		return false
	}
	return true
}

// echoLimit is how long a call waits for its own webhook under echo_first.
const echoLimit = 5 * time.Second

// echoed lets the webhook of what a call published overtake its answer, if a fault says so.
func (s *Simulator) echoed(target, told string) bool {
	if told == "" {
		return false
	}
	hit := false
	err := s.commit(func(t *tx) error {
		t.relaxed = true
		_, hit = t.strike(target, echoAhead)
		return nil
	})
	if err != nil || !hit {
		return false
	}
	s.outbox.afterFirst(told, echoLimit)
	return true
}

// foreignHost is where no continuation may be followed to; nobody can have this name (RFC 2606).
const foreignHost = "https://red-ajena.invalid"

// strays reports that the next page of a list is said to be elsewhere.
func (s *Simulator) strays(target string) bool {
	hit := false
	err := s.commit(func(t *tx) error {
		t.relaxed = true
		_, hit = t.strike(target, foreignPaging)
		return nil
	})
	return err == nil && hit
}
