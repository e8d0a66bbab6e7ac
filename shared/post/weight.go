package post

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	linkWeight  = 23 // of every link, however long: X puts its own short one in its place
	emojiWeight = 2  // of every emoji, of however many code points it is made
)

// Weight gives the length of text as X counts it (configuration 3 of twitter-text): composed (NFC); one for a letter of
// most alphabets and for usual punctuation, two for the rest; emojiWeight for an emoji; linkWeight for a link. A link without
// https:// is one when its ending is that of a country or one of the usual others: X's own list of endings is longer.
func Weight(text string) int { return weigh(text, true) }

// weigh counts; with whole emoji as one, or as configuration 2 did, each of their code points.
func weigh(text string, emoji bool) int {
	text = norm.NFC.String(text)
	total, from := 0, 0
	for _, link := range links(text) {
		total += plain(text[from:link[0]], emoji) + linkWeight
		from = link[1]
	}
	return total + plain(text[from:], emoji)
}

// plain weighs a text without links.
func plain(text string, emoji bool) int {
	total := 0
	for runes := []rune(text); len(runes) > 0; {
		if n := emojiLength(runes); emoji && n > 0 {
			total += emojiWeight
			runes = runes[n:]
			continue
		}
		total += runeWeight(runes[0])
		runes = runes[1:]
	}
	return total
}

func runeWeight(r rune) int {
	if r <= 0x10FF || 0x2000 <= r && r <= 0x200D || 0x2010 <= r && r <= 0x201F || 0x2032 <= r && r <= 0x2037 {
		return 1
	}
	return 2
}

// What emoji are joined of (Unicode Technical Standard 51).
const (
	joiner      = 0x200D
	emojiLook   = 0xFE0F
	textLook    = 0xFE0E
	keycap      = 0x20E3
	blackFlag   = 0x1F3F4
	firstTag    = 0xE0020
	lastTag     = 0xE007F
	firstTone   = 0x1F3FB
	lastTone    = 0x1F3FF
	firstLetter = 0x1F1E6 // regional indicators: two of them are the flag of a country
	lastLetter  = 0x1F1FF
)

// emojiLength gives how many code points of the beginning of text are one emoji; 0 when it begins with none.
func emojiLength(text []rune) int {
	first := text[0]
	if strings.ContainsRune("0123456789#*", first) {
		n := 1 + at(text, 1, emojiLook)
		if at(text, n, keycap) == 1 {
			return n + 1
		}
		return 0
	}
	if letter(first) {
		if len(text) > 1 && letter(text[1]) {
			return 2
		}
		return 1
	}
	n := pictureLength(text)
	for n > 0 && at(text, n, joiner) == 1 {
		next := pictureLength(text[n+1:])
		if next == 0 {
			break
		}
		n += 1 + next
	}
	return n
}

// pictureLength is emojiLength for one picture with its tone, its look or the tags of a region's flag.
func pictureLength(text []rune) int {
	if len(text) == 0 || !picture(text[0]) || at(text, 1, textLook) == 1 {
		return 0
	}
	n := 1 + at(text, 1, emojiLook)
	if n < len(text) && firstTone <= text[n] && text[n] <= lastTone {
		n++
	}
	for text[0] == blackFlag && n < len(text) && firstTag <= text[n] && text[n] <= lastTag {
		n++
	}
	return n
}

// picture reports a code point of the blocks emoji are taken from. Most of the others in these blocks weigh as much, so what
// is no emoji among them counts the same.
func picture(r rune) bool {
	switch {
	case r == 0xA9, r == 0xAE, r == 0x203C, r == 0x2049, r == 0x2122, r == 0x2139, r == 0x24C2:
		return true
	case r == 0x3030, r == 0x303D, r == 0x3297, r == 0x3299:
		return true
	default:
		return 0x2190 <= r && r <= 0x21FF || 0x2300 <= r && r <= 0x23FF || 0x25A0 <= r && r <= 0x27BF ||
			0x2900 <= r && r <= 0x297F || 0x2B00 <= r && r <= 0x2BFF || 0x1F000 <= r && r <= 0x1FAFF
	}
}

// at gives 1 when r stands at place i of text, 0 when not.
func at(text []rune, i int, r rune) int {
	if i < len(text) && text[i] == r {
		return 1
	}
	return 0
}

func letter(r rune) bool { return firstLetter <= r && r <= lastLetter }

// HasLink reports whether there is a link in the text, as X would see one.
func HasLink(text string) bool { return len(links(text)) > 0 }

// linkPattern finds what may be a link: protocol, host, port, path, query. Which of them are links says linkEnd.
const linkPattern = `(?i)(https?://)?((?:[\p{L}\p{N}_-]+\.)+([a-z]{2,}))(:[0-9]+)?(/[\p{Latin}\p{Cyrillic}0-9!*';:=+,.$/%#\[\]\-_~@|&()]*)?(\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*)?`

// links gives where the links of text begin and end, in bytes.
func links(text string) [][2]int {
	if !strings.Contains(text, ".") {
		return nil
	}
	var out [][2]int
	for _, m := range regexp.MustCompile(linkPattern).FindAllStringSubmatchIndex(text, -1) {
		protocol := m[2] >= 0
		host, ending := text[m[4]:m[5]], strings.ToLower(text[m[6]:m[7]])
		before, _ := utf8.DecodeLastRuneInString(text[:m[0]])
		after, _ := utf8.DecodeRuneInString(text[m[7]:])
		switch {
		case m[0] > 0 && (strings.ContainsRune("@＠$#＃", before) || asciiWord(before)): // of an address or a tag
		case m[0] > 0 && !protocol && strings.ContainsRune(".-_/", before):
		case after == '@' || asciiWord(after):
		case !protocol && !knownEnding(ending):
		case !validHost(host):
		default:
			out = append(out, [2]int{m[0], m[0] + linkEnd(text[m[0]:m[1]], m[7]-m[0])})
		}
	}
	return out
}

// linkEnd takes off the end of a link what closes the sentence around it, down to the end of its host.
func linkEnd(link string, host int) int {
	for len(link) > host {
		last, size := utf8.DecodeLastRuneInString(link)
		if unicode.IsLetter(last) || unicode.IsDigit(last) || strings.ContainsRune("=_#/+-&", last) {
			break
		}
		if last == ')' && strings.Count(link, "(") >= strings.Count(link, ")") {
			break
		}
		link = link[:len(link)-size]
	}
	return len(link)
}

// validHost reports whether each part of a host is short enough to be one: 63 letters, fewer where they are not of ASCII,
// since each of those is written with several (RFC 3492; four is reckoned for each).
func validHost(host string) bool {
	for _, part := range strings.Split(host, ".") {
		length := utf8.RuneCountInString(part)
		if foreign := len([]rune(strings.Map(beyondASCII, part))); foreign > 0 {
			length += len("xn--") + 3*foreign
		}
		if length > 63 {
			return false
		}
	}
	return true
}

// beyondASCII keeps what is not of ASCII.
func beyondASCII(r rune) rune {
	if r > unicode.MaxASCII {
		return r
	}
	return -1
}

func asciiWord(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// knownEnding reports whether a host may end so without https:// before it.
func knownEnding(ending string) bool {
	list := endings
	if len(ending) == 2 {
		list = countries
	}
	return strings.Contains(list, " "+ending+" ")
}
