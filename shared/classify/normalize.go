package classify

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normalize gives the text as the rules read it: lower case, without accents (ñ stays), without invisible characters, with
// look-alike letters of other alphabets as the Latin ones, digits used as letters read as letters, and letters repeated
// for emphasis once. Normalizing twice changes nothing.
func Normalize(text string) string { return squeeze(unleet(squeeze(foldAll(text)))) }

// foldAll folds rune by rune.
func foldAll(text string) string {
	out := make([]rune, 0, len(text))
	for _, r := range text {
		if r == '\u0303' && len(out) > 0 && out[len(out)-1] == 'n' {
			out[len(out)-1] = 'ñ' // written as n and a combining tilde
			continue
		}
		if r = fold(r); r >= 0 {
			out = append(out, r)
		}
	}
	return string(out)
}

// latin maps letters to the plain ones they are or look like: accents, then Cyrillic, then Greek.
const (
	latinFrom = "áàâäãåāăąçćčéèêëēęíìîïīıóòôöõōøśšúùûüūýÿźžªº" + "аеорсхуіѕјһкмнтв" + "αοειντυκρ"
	latinTo   = "aaaaaaaaaccceeeeeeiiiiiiooooooossuuuuuyyzzao" + "aeopcxyisjhkmhtb" + "aoeivtukp"
)

// latin is the table of the two strings above.
func latin(r rune) rune {
	i := 0
	for _, from := range latinFrom {
		if from == r {
			return rune(latinTo[i])
		}
		i++
	}
	return r
}

// fold gives the plain form of one rune, -1 when it is invisible.
func fold(r rune) rune {
	switch {
	case r < unicode.MaxASCII:
		return unicode.ToLower(r)
	case unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me) || r == '\u00ad':
		return -1
	case r >= 0xFF01 && r <= 0xFF5E: // full width
		return unicode.ToLower(r - 0xFF01 + '!')
	case r >= 0x1D400 && r <= 0x1D6A3: // mathematical letters, 26 capitals and 26 small ones in each style
		return 'a' + (r-0x1D400)%26
	case r >= 0x1D7CE && r <= 0x1D7FF:
		return '0' + (r-0x1D7CE)%10
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Pd, r) || r == '\u2212':
		return '-'
	default:
		return latin(unicode.ToLower(plainForm(r)))
	}
}

// plainForm gives the letter or digit that a rune is a compatible form of (NFKC): circled, squared, raised. What would become several
// stays as it is, so that a text never grows.
func plainForm(r rune) rune {
	raised := r == '¹' || r == '²' || r == '³'
	if r < 0x2000 && !raised || r >= 0x1F300 { // nothing else of the kind below, emojis above
		return r
	}
	var one [utf8.UTFMax]byte
	form := norm.NFKC.Bytes(utf8.AppendRune(one[:0], r))
	if plain, size := utf8.DecodeRune(form); size == len(form) && plain != utf8.RuneError {
		return plain
	}
	return r
}

// unleet reads digits as letters inside tokens that mix both ("p3s1m0"); amounts with a unit ("15lucas") and codes
// ("covid19") stay.
func unleet(text string) string {
	if !strings.ContainsAny(text, "0123456789") {
		return text
	}
	runes := []rune(text)
	for start := 0; start < len(runes); {
		end := start
		for end < len(runes) && (unicode.IsLetter(runes[end]) || isDigit(runes[end])) {
			end++
		}
		if token := runes[start:end]; mixed(token) && sayable(token) {
			for i, r := range token {
				token[i] = letterOf(r)
			}
		}
		start = max(end, start+1)
	}
	return string(runes)
}

// mixed reports whether a token has a letter and a digit, and is neither digits and then letters nor letters and then
// several digits.
func mixed(token []rune) bool {
	digits, changes := 0, 0
	for i, r := range token {
		if isDigit(r) {
			digits++
		}
		if i > 0 && isDigit(r) != isDigit(token[i-1]) {
			changes++
		}
	}
	if changes == 1 {
		return digits == 1 && len(token) > 1 && !isDigit(token[0])
	}
	return changes > 1
}

// letterOf gives the letter a digit stands for.
func letterOf(r rune) rune {
	if isDigit(r) {
		return rune("oizeasgtbg"[r-'0'])
	}
	return r
}

// sayable reports whether a token would be a word that somebody could say if its digits were letters: no code is.
func sayable(token []rune) bool {
	consonants, vowels := 0, 0
	for _, r := range token {
		switch letterOf(r) {
		case 'a', 'e', 'i', 'o', 'u':
			consonants = 0
			vowels++
		case 'y', 'h', 's', 'r', 'l', 'n': // stand beside others in a word
		default:
			if consonants++; consonants > 2 {
				return false
			}
		}
	}
	return vowels > 0 || len(token) <= 3
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// squeeze writes letters and marks that stand three times or more in a row once.
func squeeze(text string) string {
	runes := []rune(text)
	out := runes[:0]
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && runes[j] == runes[i] {
			j++
		}
		keep := j - i
		if keep >= 3 && !isDigit(runes[i]) {
			keep = 1
		}
		out = append(out, runes[i:i+keep]...)
		i = j
	}
	return string(out)
}

// words splits a normalized text into words; handles, hashtags' signs, links and marks are left out.
func words(normal string) []string {
	fields := strings.Fields(normal)
	kept := fields[:0]
	for _, f := range fields {
		if !strings.HasPrefix(f, "@") && !isLink(f) {
			kept = append(kept, f)
		}
	}
	return strings.FieldsFunc(strings.Join(kept, " "), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// isLink knows links as squeeze leaves them: www has become w.
func isLink(field string) bool {
	return strings.Contains(field, "://") || strings.HasPrefix(field, "w.") || strings.HasPrefix(field, "bit.ly/")
}
