package whatsapp

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The types of this file read one JSON value each and never fail, so that a strange value spoils its own field and not
// the item, and a strange item not the delivery.

// maxIDBytes bounds an id; the longest known, those of messages, have about 100 characters, those of persons up to 131.
const maxIDBytes = 512

// ident is an id. It is written as a string and sometimes as a number above 2^53: the digits are kept as they stand.
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
		i.s = unquote(b)
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

// unquote reads a JSON string, known to be valid; most have no escapes and are as they stand.
func unquote(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b) {
		return string(b[1 : len(b)-1])
	}
	var s string
	_ = json.Unmarshal(b, &s) // cannot fail
	return s
}

// words is a text; a number or a boolean is taken as written, anything else is no text.
type words string

// UnmarshalJSON replaces what is not UTF-8, and NUL, by U+FFFD.
func (w *words) UnmarshalJSON(b []byte) error {
	*w = ""
	switch {
	case len(b) == 0:
	case b[0] == '"':
		*w = words(strings.ReplaceAll(unquote(b), "\x00", "\ufffd"))
	case b[0] != '{' && b[0] != '[' && b[0] != 'n':
		*w = words(b)
	}
	return nil
}

// maxTextRunes is how much of a text is kept. Messages have at most 4 096 characters; forms may have more.
const maxTextRunes = 20_000

// capped gives the text, cut when it is too long, and whether it was.
func (w words) capped() (string, bool) {
	s := string(w)
	if len(s) <= maxTextRunes || utf8.RuneCountInString(s) <= maxTextRunes {
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

// plain gives a word of ASCII letters, digits and underscores as it stands, and nothing for any other text: what may be
// printed and stored without a look at who wrote it.
func (w words) plain() string {
	for _, r := range w {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return ""
		}
	}
	if len(w) > 64 {
		return ""
	}
	return string(w)
}

// yes is a truth value, which also comes as 1 and as a string.
type yes bool

// UnmarshalJSON takes true, 1, "true" and "1" for true and all else for false.
func (y *yes) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	*y = s == "true" || s == "1"
	return nil
}

// code is the number of an error of Meta; what is not one is 0.
type code int

// UnmarshalJSON takes a whole number, as a number or a string.
func (c *code) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 32)
	if err != nil {
		n = 0
	}
	*c = code(n)
	return nil
}

// stamp is an instant.
type stamp struct{ time.Time }

// Instants outside of these cannot be meant: WhatsApp opened in 2009, and no delivery is from after 2100.
const (
	firstSecond    = 1_230_768_000 // 2009-01-01
	lastSecond     = 4_102_444_800 // 2100-01-01
	leastMillisecs = 100_000_000_000
)

// UnmarshalJSON takes a whole number, as a string or a number: seconds, which is what WhatsApp writes; from 1e11
// milliseconds, because other deliveries of Meta mix the two. What cannot be meant is no instant.
func (s *stamp) UnmarshalJSON(b []byte) error {
	s.Time = time.Time{}
	n, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	if err != nil {
		return nil //nolint:nilerr // a strange value is no instant, and no reason to lose the item
	}
	at := time.Unix(n, 0)
	if n >= leastMillisecs {
		at = time.UnixMilli(n)
	}
	if at.Unix() >= firstSecond && at.Unix() < lastSecond {
		s.Time = at.UTC()
	}
	return nil
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

// nesting follows a scan of JSON: how deep it stands, and whether in a string.
type nesting struct {
	depth           int
	quoted, escaped bool
}

func (n *nesting) step(c byte) {
	switch {
	case n.escaped:
		n.escaped = false
	case n.quoted && c == '\\':
		n.escaped = true
	case c == '"':
		n.quoted = !n.quoted
	case n.quoted:
	case c == '{' || c == '[':
		n.depth++
	case c == '}' || c == ']':
		n.depth--
	}
}

// maxDepth is how deep a delivery may nest; real ones stay below 12.
const maxDepth = 64

// tooDeep reports whether some value of text, valid JSON or not, stands deeper than maxDepth.
func tooDeep(text []byte) bool {
	var n nesting
	for _, c := range text {
		if n.step(c); n.depth > maxDepth {
			return true
		}
	}
	return false
}

// elements cuts a JSON array, known to be valid, into its elements without copying them, at most limit; more reports that
// there were others. ok is false for what is not an array.
func elements(array []byte, limit int) (items [][]byte, more, ok bool) {
	if len(array) < 2 || array[0] != '[' {
		return nil, false, false
	}
	var n nesting
	start := 1
	for i, c := range array {
		n.step(c)
		last := n.depth == 0
		if !last && (c != ',' || n.depth != 1 || n.quoted) {
			continue
		}
		item := bytes.TrimSpace(array[start:i])
		start = i + 1
		switch {
		case len(item) == 0: // only an array without elements has none before its end
		case len(items) == limit:
			return items, true, true
		default:
			items = append(items, item)
		}
	}
	return items, false, true
}

// readObject reads a JSON object, and reports false for any other value.
func readObject(raw []byte, into any) bool {
	return len(raw) > 0 && raw[0] == '{' && json.Unmarshal(raw, into) == nil
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// maxURLBytes bounds an address.
const maxURLBytes = 4096

// address gives an address that a browser may follow, and nothing for any other text.
func address(url words) string {
	s := string(url)
	if len(s) > maxURLBytes || !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return ""
	}
	return s
}
