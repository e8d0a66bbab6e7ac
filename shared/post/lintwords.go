package post

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is one word of a text: as it stands there, in small letters (composed), and which runes of the text it is. A link, an
// address or name of an account and a place to be filled in ({url}) count as one word each, and no pattern knows them.
type word struct {
	raw        string
	text       string
	start, end int
	paren      bool // stands in parentheses
}

// opaque is the text of a word no pattern knows.
const opaque = "\x00"

// maxBlank is how long a place to be filled in may be.
const maxBlank = 40

// sentencesOf gives the sentences of a text that have words.
func sentencesOf(text string) [][]word {
	runes := []rune(text)
	links := linkRunes(text)
	var out [][]word
	var s []word
	depth := 0
	close := func() {
		if len(s) > 0 {
			out = append(out, s)
		}
		s, depth = nil, 0
	}
	for i := 0; i < len(runes); {
		end, known := tokenEnd(runes, i, links)
		switch {
		case end > i:
			w := word{raw: string(runes[i:end]), text: opaque, start: i, end: end, paren: depth > 0}
			if known {
				w.text = strings.ToLower(norm.NFC.String(w.raw))
			}
			s = append(s, w)
			i = end
			continue
		case runes[i] == '(':
			depth++
		case runes[i] == ')':
			depth = max(0, depth-1)
		case endsSentence(runes, i, s):
			close()
		}
		i++
	}
	close()
	return out
}

// linkRunes gives where each link of the text ends, by where it begins, in runes.
func linkRunes(text string) map[int]int {
	out := map[int]int{}
	runes, bytes := 0, 0
	for _, l := range links(text) {
		start := runes + utf8.RuneCountInString(text[bytes:l[0]])
		end := start + utf8.RuneCountInString(text[l[0]:l[1]])
		out[start] = end
		runes, bytes = end, l[1]
	}
	return out
}

// tokenEnd gives where the word that begins at i ends, i when none does, and whether patterns may know it.
func tokenEnd(runes []rune, i int, links map[int]int) (end int, known bool) {
	if end, is := links[i]; is {
		return end, false
	}
	switch {
	case runes[i] == '{':
		for end := i + 1; end < len(runes) && end <= i+maxBlank && runes[end] != '\n'; end++ {
			if runes[end] == '}' {
				return end + 1, false
			}
		}
		return i, false
	case runes[i] == '@' && i+1 < len(runes) && wordRune(runes[i+1]):
		return addressEnd(runes, i), false
	case !wordRune(runes[i]):
		return i, false
	}
	if end := addressEnd(runes, i); end > i {
		return end, false
	}
	return run(runes, i), true
}

// maxLocal is how long an address is before its @.
const maxLocal = 64

// addressEnd gives where the address of e-mail that begins at i ends, i when none does.
func addressEnd(runes []rune, i int) int {
	for end := i; end < len(runes) && end < i+maxLocal; end++ {
		switch {
		case runes[end] == '@' && end+1 < len(runes) && wordRune(runes[end+1]):
			end++
			for end < len(runes) && (wordRune(runes[end]) || strings.ContainsRune(".-", runes[end]) && end+1 < len(runes) && wordRune(runes[end+1])) {
				end++
			}
			return end
		case !wordRune(runes[end]) && !strings.ContainsRune(".-+", runes[end]):
			return i
		}
	}
	return i
}

// run gives where the letters and digits from i on end; what stands between digits (1.000, 09:30, 01/12/2026,
// 600 801 030) is in.
func run(runes []rune, i int) int {
	for ; i < len(runes); i++ {
		if wordRune(runes[i]) {
			continue
		}
		inside := i > 0 && i+1 < len(runes) && unicode.IsDigit(runes[i-1]) && unicode.IsDigit(runes[i+1])
		if !inside || !strings.ContainsRune(".,:/- ", runes[i]) {
			break
		}
	}
	return i
}

// endsSentence reports whether the sentence so far ends at rune i.
func endsSentence(runes []rune, i int, so []word) bool {
	switch runes[i] {
	case '\n', '\r', '\u2028', '\u2029':
		return true
	case '!', '?':
		return blankAfter(runes, i)
	case '.', '…':
		return blankAfter(runes, i) && !smallAfter(runes, i) && (runes[i] != '.' || !abbreviated(so))
	default:
		return false
	}
}

// closers may stand between the end of a sentence and the blank after it.
const closers = `"»”’'),.!?…*_`

// blankAfter reports whether a blank or nothing follows, after what closes quotes and parentheses.
func blankAfter(runes []rune, i int) bool {
	for i++; i < len(runes) && strings.ContainsRune(closers, runes[i]); i++ {
	}
	return i >= len(runes) || unicode.IsSpace(runes[i])
}

// smallAfter reports whether the text goes on in small letters: what stood before was an abbreviation, or a pause.
func smallAfter(runes []rune, i int) bool {
	for i++; i < len(runes) && !wordRune(runes[i]); i++ {
		if runes[i] == '\n' || strings.ContainsRune("{@#¿¡", runes[i]) {
			return false
		}
	}
	return i < len(runes) && unicode.IsLower(runes[i])
}

// abbreviated reports whether the last word is one that a point follows within a sentence, or an initial.
func abbreviated(so []word) bool {
	if len(so) == 0 {
		return false
	}
	last := so[len(so)-1]
	if r, size := utf8.DecodeRuneInString(last.raw); size == len(last.raw) && unicode.IsUpper(r) {
		return true
	}
	return strings.Contains(" sr sra srta sres dr dra art arts av avda núm nro n ing prof dpto depto pje ud uds vd ", " "+last.text+" ")
}
