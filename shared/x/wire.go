package x

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The types of this file read one JSON value each and never fail, so that a strange value spoils its own field and not
// the item, and a strange item not the delivery.

// maxIDBytes bounds an id. Those of posts have 19 digits, those of likes and chats up to 36 letters.
const maxIDBytes = 128

// ident is an id, with all its digits: those of X have been above 2^53 for years, and come as strings and as numbers.
type ident struct {
	s   string
	bad bool // there is something, and it cannot be an id
}

// UnmarshalJSON takes a string of visible ASCII or a whole number; null is no id.
func (i *ident) UnmarshalJSON(b []byte) error {
	*i = ident{}
	switch {
	case len(b) == 0 || b[0] == 'n':
		return nil
	case b[0] == '"':
		_ = json.Unmarshal(b, &i.s) // a valid string
	default:
		i.s = string(b)
		i.bad = strings.Trim(i.s, "0123456789") != ""
	}
	i.bad = i.bad || len(i.s) > maxIDBytes || strings.ContainsFunc(i.s, func(r rune) bool { return r <= ' ' || r > '~' })
	if i.bad {
		i.s = ""
	}
	return nil
}

// either gives the first id that is one.
func either(ids ...ident) ident {
	bad := false
	for _, id := range ids {
		if id.s != "" {
			return id
		}
		bad = bad || id.bad
	}
	return ident{bad: bad}
}

// anyBad reports whether one of the ids cannot be an id.
func anyBad(ids ...ident) bool {
	for _, id := range ids {
		if id.bad {
			return true
		}
	}
	return false
}

// words is a text; a value that is no text is none.
type words string

// UnmarshalJSON replaces what is not UTF-8 by U+FFFD.
func (w *words) UnmarshalJSON(b []byte) error {
	*w = ""
	if len(b) > 0 && b[0] == '"' {
		var s string
		_ = json.Unmarshal(b, &s) // a valid string
		*w = words(s)
	}
	return nil
}

// maxTextRunes is how much of a text is kept. The longest posts have 25 000 characters, and nobody answers what stands
// after the first 20 000.
const maxTextRunes = 20_000

// clean gives a text as its author wrote it, cut when it is too long, and whether it was. X escapes three letters as HTML
// does.
func clean(text string) (string, bool) {
	text = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "\x00", "\ufffd").Replace(text)
	if utf8.RuneCountInString(text) <= maxTextRunes {
		return text, false
	}
	runes := 0
	for at := range text {
		if runes == maxTextRunes {
			return text[:at], true
		}
		runes++
	}
	return text, false
}

// cutByX reports a text that X shortened: it ends in an ellipsis and the post's own address behind it.
func cutByX(text string) bool {
	at := strings.LastIndex(text, "https://t.co/")
	if at < 0 || strings.ContainsAny(text[at:], " \n") {
		return false
	}
	return strings.HasSuffix(strings.TrimSpace(text[:at]), "…")
}

// stamp is an instant: RFC 3339, the old API's "Mon Jan 2 15:04:05 -0700 2006", or a whole number of milliseconds, as a
// number or a string.
type stamp struct{ time.Time }

// Instants outside of these cannot be meant: the first post is of March 2006, and no delivery is from after 2100.
const (
	firstSecond    = 1_142_899_200 // 2006-03-21
	lastSecond     = 4_102_444_800 // 2100-01-01
	leastMillisecs = 100_000_000_000
)

// UnmarshalJSON reads an instant; what cannot be meant is none.
func (s *stamp) UnmarshalJSON(b []byte) error {
	s.Time = parseInstant(strings.Trim(string(b), `"`))
	return nil
}

func parseInstant(text string) time.Time {
	at := time.Time{}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n < leastMillisecs {
			at = time.Unix(n, 0)
		} else {
			at = time.UnixMilli(n)
		}
	} else if t, err := time.Parse(time.RFC3339, text); err == nil {
		at = t
	} else if t, err := time.Parse(time.RubyDate, text); err == nil {
		at = t
	}
	if at.Unix() < firstSecond || at.Unix() >= lastSecond {
		return time.Time{}
	}
	return at.UTC()
}

// firstOf gives the first instant that is one.
func firstOf(instants ...stamp) time.Time {
	for _, s := range instants {
		if !s.IsZero() {
			return s.Time
		}
	}
	return time.Time{}
}

// maxDepth is how deep a delivery may nest; real ones stay below 20.
const maxDepth = 64

// tooDeep reports whether some value of text, valid JSON or not, stands deeper than maxDepth.
func tooDeep(text []byte) bool {
	depth, quoted, escaped := 0, false, false
	for _, c := range text {
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// elements cuts a JSON array into its elements, at most limit; more reports that there were others. ok is false for what
// is not an array.
func elements(array []byte, limit int) (items []json.RawMessage, more, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(array))
	if opening, err := dec.Token(); err != nil || opening != json.Delim('[') {
		return nil, false, false
	}
	for dec.More() {
		if len(items) == limit {
			return items, true, true
		}
		var item json.RawMessage
		if dec.Decode(&item) != nil {
			return items, false, true // cannot happen in valid JSON
		}
		items = append(items, item)
	}
	return items, false, true
}

// readObject reads a JSON object, and reports false for any other value. A member of the wrong type is as if it were not
// there; the others are read.
func readObject(raw []byte, into any) bool {
	if len(raw) == 0 || raw[0] != '{' {
		return false
	}
	var wrongType *json.UnmarshalTypeError
	err := json.Unmarshal(raw, into)
	return err == nil || errors.As(err, &wrongType)
}

// given reports a member that is there and not null.
func given(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
