package classify

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// finder is one text on its way through the detectors. They read a view of it: one ASCII byte for each visible rune, lower
// case, accents, look-alikes and typographic hyphens folded, so that a form is written once for all the ways to type it.
// What a detector takes is blanked in the view and not offered to the next.
type finder struct {
	view  []byte
	spans []Span // over the view; over the runes of the text at the end
	run   []digit
}

// taken stands in the view where a datum was.
const taken = 0x01

// PII finds personal data that has a form: RUT, telephone, e-mail, password, bank account and card number, in digits, in
// words ("nueve cero cero…", "arroba", "guion k") or in both. Names, addresses and dates of birth have none and are not
// found. Money, totals, law numbers, folios, dates, service numbers (600, 800) and the institution's own addresses are no
// personal data. A number in the form of a RUT with its right check digit is one whatever stands beside it; with a wrong
// one, the words around decide between a slip of the finger and a folio. Time is linear in the text.
func PII(text string) []Span {
	// Most mentions fit and have nothing that could be a datum: then nothing is allocated.
	var few [1024]byte
	view := plain(few[:0], text)
	s := signsOf(view)
	if !s.address && !s.secret && s.digits+3*s.words < 5 {
		return []Span{}
	}
	f := finder{view: slices.Clone(view)}
	if s.address {
		f.emails()
	}
	if s.secret {
		f.secrets()
	}
	f.numbers()
	if len(f.spans) == 0 {
		return []Span{}
	}
	slices.SortFunc(f.spans, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	return onText(text, f.spans)
}

// take claims view[start:end).
func (f *finder) take(kind string, start, end int) {
	f.spans = append(f.spans, Span{Type: kind, Start: start, End: end})
	for i := start; i < end; i++ {
		f.view[i] = taken
	}
}

// Mask gives the text with every personal datum replaced by its type in brackets: safe for excerpts and for the audit.
func Mask(text string) string {
	// A replaced datum can uncover one that hung on it. Nobody writes chains of them: who does loses every letter.
	for range 8 {
		spans := PII(text)
		if len(spans) == 0 {
			return text
		}
		runes, b, done := []rune(text), strings.Builder{}, 0
		for _, s := range spans {
			b.WriteString(string(runes[done:s.Start]))
			b.WriteString("[" + s.Type + "]")
			done = s.End
		}
		b.WriteString(string(runes[done:]))
		text = b.String()
	}
	hidden := func(gone func(rune) bool) string {
		return strings.Map(func(r rune) rune {
			if gone(r) {
				return '•'
			}
			return r
		}, text)
	}
	if text = hidden(unicode.IsNumber); len(PII(text)) > 0 {
		text = hidden(unicode.IsLetter)
	}
	return text
}

// plain appends the view of a text.
func plain(view []byte, text string) []byte {
	for _, r := range text {
		if r < unicode.MaxASCII {
			view = append(view, lower(byte(r)))
		} else if r = visible(r); r >= 0 {
			view = append(view, byte(r))
		}
	}
	return view
}

// lower gives the byte that stands for an ASCII one in the view.
func lower(b byte) byte {
	switch {
	case b >= 'A' && b <= 'Z':
		return b + 'a' - 'A'
	case b < ' ':
		return ' '
	}
	return b
}

// signs is what a text has of which a datum could be made.
type signs struct {
	digits, words   int // digits, and words that say one or more of them
	address, secret bool
}

// signsOf looks through a view once, cheaply: most texts go no further.
func signsOf(view []byte) signs {
	s := signs{}
	for i := 0; i < len(view); i++ {
		switch c := view[i]; {
		case isNumber(c):
			s.digits++
		case c == '@':
			s.address = true
		case isLetter(c):
			from := i
			for i+1 < len(view) && isLetter(view[i+1]) {
				i++
			}
			if kind, _ := say(view[from : i+1]); kind != sayNothing {
				s.words++
			}
		}
	}
	has := func(words ...string) bool {
		for _, w := range words {
			if bytes.Contains(view, []byte(w)) {
				return true
			}
		}
		return false
	}
	s.address = s.address || has("roba", "rova", " at ", "(a", "[a", "{a", "<a")
	s.secret = s.digits > 0 && has("clave", "contrasena", "pass", "pin")
	return s
}

// visible gives the byte that stands for a rune in the view, -1 when it is invisible.
func visible(r rune) rune {
	if r < unicode.MaxASCII {
		return rune(lower(byte(r)))
	}
	switch r {
	case 'á', 'Á':
		return 'a'
	case 'é', 'É':
		return 'e'
	case 'í', 'Í':
		return 'i'
	case 'ó', 'Ó':
		return 'o'
	case 'ú', 'Ú':
		return 'u'
	case 'ñ', 'Ñ':
		return 'n'
	case '«', '»', '“', '”':
		return '"'
	case '…':
		return '.'
	}
	if d := digitOf(r); d >= 0 {
		return '0' + d
	}
	switch r = fold(r); {
	case r < 0 || r <= unicode.MaxASCII:
		return r
	case r == 'ñ':
		return 'n'
	case unicode.IsLetter(r):
		return 'z'
	}
	return '~' // no mark that ends a sentence: people write emoji inside of them
}

// digitOf gives the value of a digit of any script and of the ones in circles, -1 for what is none.
func digitOf(r rune) rune {
	switch {
	case r >= '①' && r <= '⑨':
		return r - '①' + 1
	case r >= '❶' && r <= '❾':
		return r - '❶' + 1
	case r == '⓪' || r == '⓿' || r == '⁰':
		return 0
	case r == '¹':
		return 1
	case r == '²' || r == '³':
		return r - '²' + 2
	case r >= '⁴' && r <= '⁹':
		return r - '⁴' + 4
	case !unicode.Is(unicode.Nd, r):
		return -1
	}
	// The digits of a script stand together, from zero.
	first := r
	for unicode.Is(unicode.Nd, first-1) {
		first--
	}
	return (r - first) % 10
}

// onText turns ordered spans over the view into spans over the runes of the text.
func onText(text string, spans []Span) []Span {
	at, seen, next, first := 0, 0, 0, 0
	for _, r := range text {
		if next == len(spans) {
			break
		}
		if visible(r) >= 0 {
			if seen == spans[next].Start {
				first = at
			}
			if seen == spans[next].End-1 {
				spans[next].Start, spans[next].End = first, at+1
				next++
			}
			seen++
		}
		at++
	}
	return spans
}

func isWord(b byte) bool { return isNumber(b) || isLetter(b) }

func isNumber(b byte) bool { return b >= '0' && b <= '9' }

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' }

// at gives a byte of the view, a blank beyond the ends.
func (f *finder) at(i int) byte {
	if i < 0 || i >= len(f.view) {
		return ' '
	}
	return f.view[i]
}

// wordAt gives the end of the letters that begin at i.
func (f *finder) wordAt(i int) int {
	for i < len(f.view) && isLetter(f.view[i]) {
		i++
	}
	return i
}
