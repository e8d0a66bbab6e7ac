package classify

import (
	"slices"
	"strings"
)

// phone gives the number of digits of the telephone that begins the run, 0 when none does.
func (f *finder) phone(run []digit, c context, whole bool) int {
	start := run[0].start
	if f.continued(start) || f.linked(start) || c.near && isOther(c.cue) {
		return 0
	}
	size := abroad(run, f.at(start-1) == '+')
	if size == 0 {
		size = home(run, whole)
	}
	if size == 0 && whole {
		size = f.announced(run, c)
	}
	if size == 0 || !f.ends(run, size) {
		return 0
	}
	if first := run[:size]; isThousands(first) || counted(first) || f.money(start, first[size-1].end) {
		return 0
	}
	return size
}

// continued reports whether a number goes on from what stands before it: 1.900123456.
func (f *finder) continued(start int) bool {
	switch b := f.at(start - 1); b {
	case '.', ',', '-':
		return isNumber(f.at(start - 2))
	default:
		return isNumber(b)
	}
}

// ends reports whether a number ends after size digits.
func (f *finder) ends(run []digit, size int) bool {
	if size < len(run) {
		g := run[size].gap
		return g != 0 && g != 'w' && (run[size-1].said || g != '.' && g != ',')
	}
	end := run[size-1].end
	next := f.at(end)
	if isWord(next) {
		return run[size-1].said || isLetter(next) && !isNumber(f.at(f.wordAt(end)))
	}
	return (next != '.' && next != ',') || !isNumber(f.at(end+1))
}

// abroad reads +56 and nine digits, of a mobile or with an area code.
func abroad(run []digit, plus bool) int {
	skip := 2
	if run[0].is == '0' && run[1].is == '0' {
		skip = 4
	}
	if plus && isForeign(run) {
		return len(run)
	}
	if len(run) < skip+8 || run[skip-2].is != '5' || run[skip-1].is != '6' || isService(run[skip:]) {
		return 0
	}
	for _, size := range [...]int{9, 10, 8} {
		if rest := run[skip:]; len(rest) >= size && boundary(rest, size) && isNational(rest[:size], plus) {
			return skip + size
		}
	}
	return 0
}

// isForeign reports whether what follows a + is a number of another country.
func isForeign(run []digit) bool {
	return len(run) >= 9 && len(run) <= 14 && (run[0].is != '5' || run[1].is != '6')
}

// isNational reports whether digits are what follows +56.
func isNational(d []digit, plus bool) bool {
	switch len(d) {
	case 9:
		return d[0].is == '9' || isArea(d)
	case 10: // +56 09…
		return d[0].is == '0' && d[1].is == '9'
	default: // without its 9, as they were before 2016
		return d[0].is != '0' && (plus || d[0].is >= '5')
	}
}

// home reads a number of nine digits as it is dialled in Chile: a mobile, or Santiago with its 2.
func home(run []digit, whole bool) int {
	skip := 0
	if run[0].is == '0' {
		skip = 1
	}
	rest := run[skip:]
	if len(rest) < 9 || !boundary(rest, 9) {
		return 0
	}
	santiago := rest[0].is == '2' && (rest[1].is == '2' || rest[1].is == '3')
	if !santiago && rest[0].is != '9' {
		return 0
	}
	if !usual(rest[:9]) {
		// It is one only when nothing else stands beside it.
		if santiago || !whole || len(rest) != 9 || listed(rest) {
			return 0
		}
	} else if santiago && inThreeThrees(rest) {
		return 0 // 235 000 000
	}
	return skip + 9
}

// inThreeThrees reports whether nine digits are grouped as amounts are.
func inThreeThrees(run []digit) bool { return run[3].gap != 0 && run[6].gap != 0 }

// listed reports whether commas and blanks part written digits: 9, 8, 7, 6.
func listed(run []digit) bool {
	return slices.ContainsFunc(run[1:], func(d digit) bool { return d.gap == ';' && !d.said })
}

// usual reports whether nine digits are grouped as telephones are.
func usual(d []digit) bool {
	var sizes [9]byte
	n := 0
	for i := range d {
		if g := d[i].gap; i > 0 && g != 0 {
			if g == ';' && !d[i].said {
				return false
			}
			n++
		}
		sizes[n]++
	}
	for i := range sizes[:n+1] {
		sizes[i] += '0'
	}
	switch string(sizes[:n+1]) {
	case "9", "18", "144", "54", "333", "12222", "1332", "324", "234", "1233", "1134":
		return true
	}
	return false
}

// announced reads what is a telephone only because it is said to be one: with an area code, or without its 9.
func (f *finder) announced(run []digit, c context) int {
	if isNoPhone(run) {
		return 0
	}
	if !c.sentence || !c.near && !run[0].said {
		c.cue = cueNone // too far away
	}
	noun, call := c.cue == cuePhone, c.cue == cueCall
	switch named := noun || call; {
	case f.at(run[0].start-1) == '(' && isLandline(run):
		return len(run)
	case named && isLandline(run), noun && isShort(run):
		return len(run)
	case run[0].said || run[len(run)-1].said:
		return f.dictated(run, c, named)
	case call && isEight(run):
		return len(run)
	}
	return 0
}

// isNoPhone knows what is never a telephone.
func isNoPhone(run []digit) bool { return len(run) > 11 || isService(run) || isDate(run) }

// isShort reports whether a number may be a telephone, whole or without its 9, when it is called one.
func isShort(run []digit) bool { return len(run) <= 9 && (run[0].is != '0' || len(run) == 8) }

// isEight reports whether eight digits are grouped as a telephone, and as no date.
func isEight(run []digit) bool {
	return len(run) == 8 && (run[4].gap == ' ' || run[0].is >= '5' && inOne(run))
}

// dictated decides on digits in words, with their 9 or without it.
func (f *finder) dictated(run []digit, c context, named bool) int {
	n := len(run)
	whole := n >= 8 && (run[0].is == '9' || run[0].is == '0')
	if named && n == 8 || whole && (named || f.numbered(run, c)) {
		return n
	}
	return 0
}

// numbered reports whether a number is called one, or said to be a telephone after it.
func (f *finder) numbered(run []digit, c context) bool {
	after, _ := f.after(run[len(run)-1].end)
	return c.number || c.own || after == cuePhone || after == cueCall
}

// isLandline reports whether a number has an area code, with or without the 0 before it.
func isLandline(run []digit) bool {
	if len(run) == 10 && run[0].is == '0' {
		run = run[1:]
	}
	return len(run) == 9 && isArea(run) && !isThousands(run)
}

// inOne reports whether digits are written without anything between.
func inOne(run []digit) bool {
	for _, d := range run[1:] {
		if d.gap != 0 {
			return false
		}
	}
	return true
}

// isService knows 600 and 800, which are nobody's.
func isService(run []digit) bool {
	return (run[0].is == '6' || run[0].is == '8') && run[1].is == '0' && run[2].is == '0'
}

// isArea reports whether digits begin with the code of a region.
func isArea(run []digit) bool {
	second := ""
	switch run[0].is {
	case '2':
		second = "23"
	case '3':
		second = "2345"
	case '4':
		second = "12345"
	case '5':
		second = "123578"
	case '6':
		second = "13457"
	case '7':
		second = "1235"
	}
	return strings.IndexByte(second, run[1].is) >= 0
}

// isMobile reports whether a number has the digits of a mobile.
func isMobile(run []digit) bool { return len(run) == 9 && run[0].is == '9' && usual(run) }

// counted knows a row that only counts: 9 10 11 12 13.
func counted(run []digit) bool {
	last, value, steps, groups := -1, 0, 0, 0
	for i := 0; i <= len(run); i++ {
		if i == len(run) || i > 0 && run[i].gap != 0 {
			if groups++; value == last+1 {
				steps++
			}
			last, value = value, 0
		}
		if i < len(run) {
			value = value*10 + int(run[i].is-'0')
		}
	}
	return groups > 3 && groups < len(run) && steps >= groups-1
}
