package siac

import (
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"
)

// longestWait bounds what a Retry-After may ask of us: filing is given up after a day.
const longestWait = 24 * time.Hour

// retryAfter reads Retry-After, seconds or a date. A date is compared with the answer's own Date, so that no clock of ours
// is asked; without one it says nothing.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestWait)
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return min(max(0, until.Sub(now)), longestWait)
}

// validKey reports whether a key may stand in a header: printable ASCII, not empty, not too long.
func validKey(key string) bool {
	for _, r := range key {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return key != "" && len(key) <= longestKey
}

// validFolio reports whether a folio can be stored and shown; what it means is SIAC's business.
func validFolio(folio string) bool {
	for _, r := range folio {
		if r <= ' ' || r == utf8.RuneError || r == 0x7f {
			return false
		}
	}
	return folio != "" && utf8.RuneCountInString(folio) <= longestID
}
