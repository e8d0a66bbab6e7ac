package x

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/once"
)

// problem is how X explains a refusal: in the form of RFC 9457, or as a list "errors" of those or of the old API's numbers.
type problem struct {
	Type    words           `json:"type"`
	Title   words           `json:"title"`
	Detail  words           `json:"detail"`
	Message words           `json:"message"`
	Code    json.RawMessage `json:"code"`
	Errors  json.RawMessage `json:"errors"`
}

// problems reads how an answer explains itself; explained is false for what is not X's own word.
func problems(a once.Answer) (all []problem, explained bool) {
	var outer problem
	explained = a.Object(&outer) && (outer.Type != "" || outer.Title != "" || given(outer.Errors))
	all = []problem{outer}
	items, _, _ := elements(outer.Errors, maxParts)
	for _, raw := range items {
		var p problem
		if readObject(raw, &p) {
			all = append(all, p)
		}
	}
	return all, explained
}

// refused reads an answer that is no success.
func refused(a once.Answer) once.Refusal {
	all, explained := problems(a)
	r := once.Refusal{Wait: wait(a)}
	for _, p := range all {
		if r.Code == 0 {
			r.Code, _ = strconv.Atoi(string(p.Code)) // no number is no code
		}
		if r.Reason == "" {
			r.Reason = p.reason()
		}
	}
	if r.Reason == "" {
		r.Reason = statusReason(a.Status, explained)
	}
	return r
}

// unseen reads an answer that does not give one item: what we may not see is as good as gone, and no right of ours is missing.
func unseen(a once.Answer) once.Refusal {
	r := refused(a)
	all, _ := problems(a)
	for _, p := range all {
		if p.kind() == "not-authorized-for-resource" {
			r.Reason = once.ReasonGone
		}
	}
	return r
}

// reason classifies a problem, "" for those that prove nothing.
func (p problem) reason() string {
	code, _ := strconv.Atoi(string(p.Code)) // no number is no code
	if reason := codeReason(code); reason != "" {
		return reason
	}
	// For most refusals X has no type and no number, only sentences ("about:blank"). They are matched by the words that
	// carry them; what they become when X writes others is a refusal without a known reason, never a success.
	said := strings.ToLower(string(p.Title + " " + p.Detail + " " + p.Message))
	for _, known := range [][2]string{
		{"duplicate content", once.ReasonDuplicate},
		{"not been mentioned", once.ReasonNotSummoned},
		{"summon", once.ReasonNotSummoned},
		{"reply to this conversation is not allowed", once.ReasonNotSummoned},
		{"only reply to or quote posts", once.ReasonNotSummoned},
		{"restricted who can reply", once.ReasonNotSummoned},
		{"deleted or not visible", once.ReasonGone},
		{"cannot send messages to this", once.ReasonRecipient},
		{"permission to dm", once.ReasonRecipient},
		{"cashtag", once.ReasonContent},
		{"invalid url", once.ReasonContent},
		{"text is too long", once.ReasonContent},
	} {
		if strings.Contains(said, known[0]) {
			return known[1]
		}
	}
	return typeReason(p.kind())
}

// kind names the problem: the last part of its type, which is an address (X, "Error handling").
func (p problem) kind() string { return string(p.Type[strings.LastIndexByte(string(p.Type), '/')+1:]) }

// codeReason classifies the numbers of the old API, which some answers of API v2 still carry (X, "Response codes").
func codeReason(code int) string {
	switch code {
	case 32, 89, 99, 135, 215:
		return once.ReasonAuth
	case 64, 220, 261, 326, 453:
		return once.ReasonPermission
	case 88, 185:
		return once.ReasonThrottle
	case 187:
		return once.ReasonDuplicate
	case 186, 226:
		return once.ReasonContent
	case 144, 385:
		return once.ReasonGone
	case 433:
		return once.ReasonNotSummoned
	case 150, 349:
		return once.ReasonRecipient
	}
	return ""
}

// typeReason classifies the types of problems by their names.
func typeReason(kind string) string {
	switch kind {
	case "unsupported-authentication":
		return once.ReasonAuth
	case "client-forbidden", "client-disconnected", "not-authorized-for-resource", "not-authorized-for-field", "oauth-client-forbidden":
		return once.ReasonPermission
	case "usage-capped", "credits":
		return once.ReasonQuota
	case "resource-not-found", "resource-unavailable":
		return once.ReasonGone
	case "invalid-request":
		return once.ReasonContent
	}
	return ""
}

// statusReason classifies an answer by its status alone. Refusals that X explains were not carried out; what stands before
// X also answers 400 and 403, in HTML, and proves nothing.
func statusReason(status int, explained bool) string {
	switch status {
	case http.StatusUnauthorized:
		return once.ReasonAuth
	case http.StatusPaymentRequired:
		return once.ReasonQuota
	case http.StatusNotFound:
		return once.ReasonGone
	case http.StatusTooManyRequests:
		return once.ReasonThrottle
	}
	switch {
	case explained && status == http.StatusBadRequest:
		return once.ReasonContent
	case explained && status == http.StatusForbidden:
		return once.ReasonPermission
	}
	return ""
}

// wait gives how long until the limit begins anew: X says when, in seconds of Unix, for the quarter of an hour and for the
// days of user and application. The days count only when they are used up.
func wait(a once.Answer) time.Duration {
	now := a.Date()
	if now.IsZero() {
		return 0
	}
	longest := time.Duration(0)
	for _, limit := range limits() {
		reset, err := strconv.ParseInt(a.Header.Get(limit+"-Reset"), 10, 64)
		if err == nil && (limit == limits()[0] || a.Header.Get(limit+"-Remaining") == "0") {
			longest = max(longest, time.Unix(reset, 0).Sub(now))
		}
	}
	return longest
}
