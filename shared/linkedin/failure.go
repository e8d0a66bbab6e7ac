package linkedin

import (
	"net/http"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/once"
)

// problem is how LinkedIn explains a refusal.
type problem struct {
	Status  int   `json:"status"`
	Service int   `json:"serviceErrorCode"`
	Code    words `json:"code"`
	Message words `json:"message"`
}

// refused reads an answer that is no success (LinkedIn, "Error handling"). What LinkedIn explains was not carried out; what
// stands before it also answers 400 and 403, in HTML, and proves nothing.
func refused(a once.Answer) once.Refusal {
	var p problem
	explained := a.Object(&p) && (p.Status != 0 || p.Message != "")
	said := strings.ToLower(string(p.Code + " " + p.Message))
	r := once.Refusal{Code: p.Service}
	switch {
	case a.Status == http.StatusUnauthorized:
		r.Reason = once.ReasonAuth
	case a.Status == http.StatusNotFound:
		r.Reason = once.ReasonGone
	case a.Status == http.StatusTooManyRequests:
		r.Reason, r.Wait = once.ReasonThrottle, untilMidnight(a, said)
	case !explained:
	case strings.Contains(said, "duplicate"):
		r.Reason, r.Stands = once.ReasonDuplicate, named(string(p.Message))
	case a.Status == http.StatusForbidden:
		r.Reason = once.ReasonPermission
	case a.Status == http.StatusUpgradeRequired:
		r.Reason = once.ReasonVersion
	case a.Status == http.StatusBadRequest, a.Status == http.StatusUnprocessableEntity:
		r.Reason = once.ReasonContent
	}
	return r
}

// named gives the URN that a refused duplicate names ("Content is a duplicate of urn:li:…"), "" when it names none. What goes
// on is made of letters and digits in known places, and no word of LinkedIn's.
func named(message string) string {
	at := strings.Index(message, "urn:li:")
	if at < 0 {
		return ""
	}
	urn := message[at:]
	if end := strings.IndexAny(urn, " \t\n\"'"); end >= 0 {
		urn = urn[:end]
	}
	urn = strings.TrimRight(urn, ".,;")
	if c, ok := parseComment(urn); ok {
		return c.String()
	}
	return parsePost(urn)
}

// untilMidnight gives the wait until the next day of UTC, by LinkedIn's own clock, when a day's calls are used up
// ("Resource level throttle APPLICATION DAY limit …"). Other limits are of a minute or so, which is what nobody needs to be
// told.
func untilMidnight(a once.Answer, said string) time.Duration {
	now := a.Date()
	if now.IsZero() || !strings.Contains(said, "day limit") {
		return 0
	}
	return now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1).Sub(now)
}
