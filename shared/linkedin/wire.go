package linkedin

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

// maxIDBytes bounds an id; the longest known, those of comments, have about 80 letters.
const maxIDBytes = 256

// ident is an id: a URN, or a number with all its digits.
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

// words is a text; a value that is no text is none.
type words string

// UnmarshalJSON takes a string.
func (w *words) UnmarshalJSON(b []byte) error {
	*w = ""
	if len(b) > 0 && b[0] == '"' {
		_ = json.Unmarshal(b, (*string)(w)) // a valid string
	}
	return nil
}

// prose is what somebody wrote: a string, or an object with the string in its member "text".
type prose string

// UnmarshalJSON replaces what is not UTF-8, and NUL, by U+FFFD.
func (p *prose) UnmarshalJSON(b []byte) error {
	*p = ""
	var inside struct {
		Text words `json:"text"`
	}
	if !readObject(b, &inside) {
		_ = json.Unmarshal(b, &inside.Text) // words read any value
	}
	*p = prose(strings.ReplaceAll(string(inside.Text), "\x00", "\ufffd"))
	return nil
}

// maxTextRunes is how much of a text is kept. Posts have at most 3 000 characters and comments 1 250.
const maxTextRunes = 20_000

// capped gives the text, cut when it is too long, and whether it was.
func (p prose) capped() (string, bool) {
	s := string(p)
	if utf8.RuneCountInString(s) <= maxTextRunes {
		return s, false
	}
	runes := 0
	for at := range s {
		if runes == maxTextRunes {
			return s[:at], true
		}
		runes++
	}
	return s, false
}

// stamp is an instant, which LinkedIn writes in milliseconds.
type stamp struct{ time.Time }

// Instants outside of these cannot be meant: LinkedIn opened in May 2003, and no delivery is from after 2100.
const (
	firstSecond    = 1_051_747_200 // 2003-05-01
	lastSecond     = 4_102_444_800 // 2100-01-01
	leastMillisecs = 100_000_000_000
)

// UnmarshalJSON takes a whole number, as a number or a string: seconds below 1e11, milliseconds from there. What cannot be
// meant is no instant.
func (s *stamp) UnmarshalJSON(b []byte) error {
	s.Time = time.Time{}
	n, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	if err != nil {
		return nil //nolint:nilerr // another value is no instant, not an error
	}
	at := time.UnixMilli(n)
	if n < leastMillisecs {
		at = time.Unix(n, 0)
	}
	if at.Unix() >= firstSecond && at.Unix() < lastSecond {
		s.Time = at.UTC()
	}
	return nil
}

// maxDepth is how deep a delivery may nest; real ones stay below 8.
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
