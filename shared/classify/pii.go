package classify

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"sence.gob.cl/gestor/shared/rut"
)

// The patterns read a view of the text: one ASCII byte for each visible rune, lower case, accents, look-alikes and
// typographic hyphens folded. Go's expressions have no look-around, so what stands beside a match is checked in code.
var (
	emailPattern = regexp.MustCompile(`[a-z0-9._%+-]+(?:@| ?[(\[]? ?arroba ?[)\]]? ?)[a-z0-9-]+(?:(?:\.| ?[(\[]? ?punto ?[)\]]? ?)[a-z0-9-]+)+`)
	clavePattern = regexp.MustCompile(`(?:clave(?: ?unica| sence)?|contrasena|password|pin)( es| era|:| :|=)? *[:=]? *([^ ]{3,39}[^ .,;:!?)"'])`)
	bankPattern  = regexp.MustCompile(`(?:cuenta|cta)\.?(?: ?rut| vista| corriente| de ahorro| bancaria| banco\w*| estado| del?| n| no| nro| numero| num| es| mi| la| el| bci| chile| santander)*[ .:#?-]*(\d[\d .-]{4,20}\d)`)
	rutPattern   = regexp.MustCompile(`\d{1,3}(?:[., ]?\d{3}){2} ?- ?[\dk]|\d{1,2}\.?\d{3}\.?\d{3}k`)
	namedPattern = regexp.MustCompile(`(?:rut|run|r\.u\.t\.?|cedula|carnet)(?: (?:es|numero|nro|num|no|n|de|del|mi|el|la|identidad|empresa|trabajador|trabajadora))*[ .:#?=]*(\d{1,2}(?:[. ]?\d{3}){2}(?:[ -]?[\dk])?)`)
	abroad       = regexp.MustCompile(`(?:\+|00)?56[ .-]?\(?\d{1,2}\)?(?:[ .-]?\d){7,8}`)
	mobile       = regexp.MustCompile(`0?\(?9\)?[ .-]{0,2}(?:\d{4}[ .-]?\d{4}|\d{2}[ .-]\d{2}[ .-]\d{2}[ .-]\d{2}|\d{3}[ .-]\d{2}[ .-]\d{3}|\d{2}[ .-]?\d{3}[ .-]?\d{3}|\d[ .-]\d{3}[ .-]\d{4})`)
	santiago     = regexp.MustCompile(`\(?2\)?[ .-]?[23]\d{3}[ .-]?\d{4}`)
	regional     = regexp.MustCompile(`(?:fono|tel|llam\w*|cel|celular|whatsapp|wsp|contacto)(?:efono)?\.?(?: (?:al|a|es|mi|de|del|el|me|fijo|numero))*[ .:#?]*(\(?(?:3[2-5]|4[1-5]|5[1-378]|6[13-57]|7[1-5])\)?[ .-]?\d{3}[ .-]?\d{4})`)
	cardPattern  = regexp.MustCompile(`\d(?:[ -]?\d){13,18}`)
	thousands    = regexp.MustCompile(`^\d{1,3}(?:\.\d{3})+$`)
	ourNumber    = regexp.MustCompile(`^20\d\d-\d{7}-\d$`)
)

// detector finds one form of one type. The data is the last group that matched, or the whole match.
type detector struct {
	kind    string
	pattern *regexp.Regexp
	accept  func(view string, start, end int) bool
}

// detectors in the order in which they claim text: what is claimed is not offered to the next.
func detectors() []detector {
	return []detector{
		{"email", emailPattern, isEmail},
		{"clave", clavePattern, isSecret},
		{"cuenta", bankPattern, isAccount},
		{"rut", rutPattern, isRUT},
		{"rut", namedPattern, isAlone},
		{"telefono", abroad, isPhone},
		{"telefono", mobile, isPhone},
		{"telefono", santiago, isPhone},
		{"telefono", regional, isPhone},
		{"tarjeta", cardPattern, isCard},
	}
}

// PII finds personal data that has a form: RUT, telephone, e-mail, password, bank account and card number. Names, addresses
// and dates of birth have none and are not found. Money, totals, law numbers, folios, dates, service numbers (600, 800) and
// the institution's own addresses are no personal data.
func PII(text string) []Span {
	view, at := ascii(text)
	spans := []Span{}
	if !strings.ContainsAny(view, "0123456789@") && !strings.Contains(view, "arroba") {
		return spans
	}
	claimed := make([]bool, len(view))
	for _, d := range detectors() {
		for from := 0; from < len(view); {
			m := d.pattern.FindStringSubmatchIndex(view[from:])
			if m == nil {
				break
			}
			start, end := from+m[len(m)-2], from+m[len(m)-1]
			if slices.Contains(claimed[start:end], true) || !d.accept(view, start, end) {
				if from = afterToken(view, start); d.kind == "email" {
					from = end
				}
				continue
			}
			for i := start; i < end; i++ {
				claimed[i] = true
			}
			spans = append(spans, Span{Type: d.kind, Start: at[start], End: at[end-1] + 1})
			from = end
		}
	}
	slices.SortFunc(spans, func(a, b Span) int { return a.Start - b.Start })
	return spans
}

// afterToken gives the place after the letters, or the digits, that stand at start, so that a refused match is not met
// again and one that begins later is.
func afterToken(view string, start int) int {
	end := start + 1
	for end < len(view) && isWord(view[end]) == isWord(view[start]) && isNumber(view[end]) == isNumber(view[start]) {
		end++
	}
	return end
}

// Mask gives the text with every personal datum replaced by its type in brackets: safe for excerpts and for the audit.
func Mask(text string) string {
	// A replaced datum can uncover one that hung on it. Nobody writes chains of them: who does loses every digit.
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
	return strings.Map(func(r rune) rune {
		if unicode.IsNumber(r) {
			return '•'
		}
		return r
	}, text)
}

// ascii gives the view of a text and, for each of its bytes, the rune of the text it stands for.
func ascii(text string) (view string, at []int) {
	bytes := make([]byte, 0, len(text))
	at = make([]int, 0, len(text))
	i := -1
	for _, r := range text {
		i++
		switch r = fold(r); {
		case r < 0:
			continue
		case r == '\n' || r == '\t' || r == '\r':
			r = ' '
		case r == 'ñ':
			r = 'n'
		case r > unicode.MaxASCII && unicode.IsLetter(r):
			r = 'z'
		case r > unicode.MaxASCII:
			r = '?'
		}
		bytes = append(bytes, byte(r))
		at = append(at, i)
	}
	return string(bytes), at
}

func isWord(b byte) bool { return isNumber(b) || b >= 'a' && b <= 'z' }

func isNumber(b byte) bool { return b >= '0' && b <= '9' }

// before and after give the byte beside a match, a blank beyond the ends.
func before(view string, start int) byte {
	if start <= 0 {
		return ' '
	}
	return view[start-1]
}

func after(view string, end int) byte {
	if end >= len(view) {
		return ' '
	}
	return view[end]
}

// isAlone reports whether a number is whole: not a part of a longer number or word.
func isAlone(view string, start, end int) bool {
	return !isNumber(before(view, start)) && !isWord(after(view, end))
}

func isEmail(view string, start, end int) bool {
	address := view[start:end]
	host := address[strings.LastIndexAny(address, "@ ")+1:]
	return !strings.HasSuffix("."+host, ".sence.cl") && !strings.HasSuffix("."+host, ".gob.cl")
}

// isSecret takes what was announced as a password ("es", ":") and holds a digit, or mixes letters and digits.
func isSecret(view string, start, end int) bool {
	value := view[start:end]
	letters := strings.ContainsAny(value, "abcdefghijklmnopqrstuvwxyz")
	announced := strings.HasSuffix(strings.TrimRight(view[:start], " "), " es") || strings.ContainsAny(view[max(0, start-3):start], ":=")
	return strings.ContainsAny(value, "0123456789") && (letters || announced) && !strings.HasPrefix(value, "[")
}

func isAccount(view string, start, end int) bool {
	value := view[start:end]
	digits := len(value) - strings.Count(value, " ") - strings.Count(value, ".") - strings.Count(value, "-")
	if rutPattern.FindString(value) == value && isRUT(view, start, end) {
		return false // a RUT beside the word: the next detector says so
	}
	return digits >= 7 && isAlone(view, start, end) && !thousands.MatchString(value)
}

// isRUT takes a number with its right check digit; with a wrong one, only when it is written as nobody writes anything
// else: a slip of the finger is still somebody's number.
func isRUT(view string, start, end int) bool {
	value := view[start:end]
	next := after(view, end)
	if isNumber(before(view, start)) || isNumber(next) || ourNumber.MatchString(view[max(0, start-len("2026-")):end]) {
		return false
	}
	if isWord(next) && view[end-1] == 'k' {
		return false // a word that begins with k
	}
	if rut.Valid(strings.ReplaceAll(value, ",", ".")) {
		return true
	}
	tight := !isWord(next) && !strings.ContainsAny(value, " ,") && strings.Contains(value, "-")
	digits := len(value) - strings.Count(value, ".") - 2
	return tight && digits < 9 && value[0] != '0' && before(view, start) != '$' && next != '-'
}

func isPhone(view string, start, end int) bool {
	beside, further := before(view, start), before(view, start-1)
	if beside == '$' || beside == ' ' && further == '$' || (beside == '.' || beside == ',') && isNumber(further) {
		return false
	}
	next := after(view, end)
	decimal := (next == '.' || next == ',') && isNumber(after(view, end+1))
	return isAlone(view, start, end) && !decimal && !thousands.MatchString(view[start:end])
}

// isCard takes a card's digits outside of links, whose ids are as long.
func isCard(view string, start, end int) bool {
	field := view[strings.LastIndexByte(view[:start], ' ')+1 : start]
	return isAlone(view, start, end) && !strings.ContainsAny(field, "/=")
}
