package linkedin

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain gives the words of a post as people see them. LinkedIn writes posts in "little text": a backslash before each sign
// that could mean something, @[Name](urn:li:…) for who is named, and {hashtag|\#|word} for a hashtag.
func plain(little string) string {
	var out strings.Builder
	for at := 0; at < len(little); {
		rest := little[at:]
		switch {
		case rest[0] == '\\' && len(rest) > 1:
			out.WriteByte(rest[1]) // in UTF-8 the bytes that follow it are its own
			at += 2
		case strings.HasPrefix(rest, "@["):
			name, used := mentioned(rest)
			out.WriteString(name)
			at += used
		case strings.HasPrefix(rest, "{hashtag|"):
			tag, used := hashtag(rest)
			out.WriteString(tag)
			at += used
		default:
			out.WriteByte(rest[0])
			at++
		}
	}
	return out.String()
}

// mentioned reads @[Name](urn:…) at the beginning of text; what is none is its own first letter.
func mentioned(text string) (shown string, used int) {
	end := unescaped(text, "](")
	if end < 0 {
		return text[:1], 1
	}
	name := text[len("@["):end]
	end += len("](")
	closing := strings.IndexByte(text[end:], ')')
	if closing < 0 || !strings.HasPrefix(text[end:], "urn:li:") {
		return text[:1], 1
	}
	return plain(name), end + closing + 1
}

// hashtag reads {hashtag|\#|word} at the beginning of text; what is none is its own first letter.
func hashtag(text string) (shown string, used int) {
	end := unescaped(text, "}")
	parts := strings.SplitN(text[:max(end, 0)], "|", 3)
	if end < 0 || len(parts) < 3 {
		return text[:1], 1
	}
	return "#" + plain(parts[2]), end + 1
}

// unescaped finds a sign that no backslash takes its meaning from, -1 for none.
func unescaped(text, sign string) int {
	for at := 0; at < len(text); at++ {
		switch {
		case text[at] == '\\':
			at++
		case strings.HasPrefix(text[at:], sign):
			return at
		}
	}
	return -1
}

// reserved are the signs that could mean something in little text.
const reserved = `\|{}@[]()<>#*_~`

// escape writes a text as little text, in which it means itself: LinkedIn cuts a post without a word at the first sign that
// means something and does not. Only hashtags keep their meaning.
func escape(text string) string {
	var out strings.Builder
	before := ' '
	for at, r := range text {
		if r == '#' && !wordy(before) && tagged(text[at+1:]) {
			out.WriteByte('#')
			before = r
			continue
		}
		if strings.ContainsRune(reserved, r) {
			out.WriteByte('\\')
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		out.WriteString(text[at : at+size])
		before = r
	}
	return out.String()
}

// tagged reports a hashtag's word at the beginning of text: letters and digits, and not digits alone.
func tagged(text string) bool {
	for _, r := range text {
		if unicode.IsLetter(r) {
			return true
		}
		if !unicode.IsDigit(r) {
			return false
		}
	}
	return false
}

// wordy reports what a hashtag cannot follow at once: a word, or another sign of one.
func wordy(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("#&_/", r)
}
