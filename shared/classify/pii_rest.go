package classify

import "bytes"

// rest takes telephones, accounts, cards and RUTs without a hyphen.
func (f *finder) rest(run []digit) {
	first := true // nothing of the run was passed over
	for i := 0; i < len(run); {
		if !boundary(run, i) {
			i++
			continue
		}
		kind, end := f.first(run[i:], first)
		if end == 0 {
			i, first = i+1, false
			continue
		}
		f.claim(kind, run[i:i+end])
		i, first = i+end, true
	}
}

// first gives the kind and the number of digits of what begins the run. whole tells whether the run began here.
func (f *finder) first(run []digit, whole bool) (kind string, size int) {
	start := run[0].start
	if len(run) < 4 || f.at(start-1) == '$' {
		return "", 0
	}
	digits := run
	if last := len(run) - 1; run[last].is == 'k' {
		digits = run[:last]
	}
	if len(digits) < 7 {
		if whole && run[0].said && f.secretSaid(start) {
			return "clave", len(digits)
		}
		return "", 0
	}
	if len(digits) < len(run) && len(digits) <= 9 && f.withK(run) {
		return "rut", len(run)
	}
	c := f.before(start)
	if whole {
		if kind, size = f.labelled(digits, c); size > 0 {
			return kind, size
		}
	}
	if size = f.phone(digits, c, whole); size > 0 || !whole {
		return "telefono", size
	}
	return f.bare(digits, c)
}

// withK decides on a number that ends in k: 20347878k.
func (f *finder) withK(run []digit) bool {
	k := len(run) - 1
	if isWord(f.at(run[k].end)) {
		return false
	}
	if isRight(run[:k], 'k') && !f.isCode(run[0].start) {
		return inThrees(run[:k]) || f.before(run[0].start).cue == cueRUT
	}
	// With a blank before it, k is also how people write "que".
	spaced := run[k].gap != ' ' || f.at(run[k].end) != ' ' || run[k].end >= len(f.view)
	for _, d := range run[1:k] {
		spaced = spaced || d.gap == ' '
	}
	c := f.before(run[0].start)
	return c.cue == cueRUT && c.near && spaced
}

// secretSaid reports whether a password was announced right before: "mi clave es uno dos tres cuatro".
func (f *finder) secretSaid(start int) bool {
	c := f.before(start)
	return c.cue == cueSecret && c.near
}

// labelled takes a number by the word before it.
func (f *finder) labelled(run []digit, c context) (string, int) {
	n := len(run)
	plain := f.alone(run) && !isDate(run) && !f.money(run[0].start, run[n-1].end)
	switch {
	case c.cue == cueRUT:
		return "rut", f.named(run, c, plain)
	case !plain:
		return "", 0
	case c.cue == cueAccount && n <= 20 && f.account(run, c):
		return "cuenta", n
	case c.cue == cueSecret && c.near && run[0].said:
		return "clave", n
	case n >= 14 && n <= 19 && f.card(run, c):
		return "tarjeta", n
	}
	return "", 0
}

// named gives the number of digits after the word for a RUT. plain tells that they are no date and no amount.
func (f *finder) named(run []digit, c context, plain bool) int {
	n := len(run)
	switch {
	case !c.sentence:
		return 0
	case n <= 9 && c.near && f.alone(run), n <= 9 && plain && !isThousands(run) && !isMobile(run):
		return n
	case c.near && inThrees(run[:8]): // and another number behind it
		for _, size := range [...]int{9, 8} {
			if size < n && boundary(run, size) {
				return size
			}
		}
	}
	return 0
}

// account decides on a number after the word: not an amount, and near the word unless it begins as accounts do.
func (f *finder) account(run []digit, c context) bool {
	if f.accountRUT(run) {
		return true
	}
	if isThousands(run) || len(run) == 9 && isMobile(run) && !c.near {
		return false
	}
	return c.near || c.sentence && len(run) >= 9 || run[0].is == '0' && run[1].is == '0'
}

// accountRUT knows the account whose number is its owner's RUT without the check digit: cuenta rut 30.123.456.
func (f *finder) accountRUT(run []digit) bool {
	rut := bytes.TrimRight(f.view[:run[0].start], " :.")
	return (len(run) == 7 || len(run) == 8) && bytes.HasSuffix(rut, []byte("rut"))
}

// card takes a card's digits outside of links, whose ids are as long: after its word, in fours, or with its own check digit.
func (f *finder) card(run []digit, c context) bool {
	if f.linked(run[0].start) || isOther(c.cue) {
		return false
	}
	if after, _ := f.after(run[len(run)-1].end); c.cue == cueCard || after == cueCard {
		return true
	}
	return len(run) == 16 && inFours(run) || inOne(run) && luhn(run)
}

// inFours reports whether digits are written in fours, or in one.
func inFours(run []digit) bool {
	for i := 1; i < len(run); i++ {
		if g := run[i].gap; g != 0 && (i%4 != 0 || g != ' ' && g != '-') {
			return false
		}
	}
	return true
}

// luhn reports whether the last digit is the one that a card with these digits has.
func luhn(run []digit) bool {
	sum := 0
	for i, d := range run {
		v := int(d.is - '0')
		if (len(run)-i)%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// bare takes a number without a word for it: a RUT whose check digit is right, written without its hyphen.
func (f *finder) bare(run []digit, c context) (string, int) {
	if len(run) > 9 && boundary(run, 9) && inOne(run[:9]) { // and another number behind it
		run = run[:9]
	} else if !f.alone(run) {
		return "", 0
	}
	if len(run) != 9 || run[0].is < '1' || run[0].is > '5' || !isRight(run[:8], run[8].is) {
		return "", 0
	}
	if isThousands(run) || !inThrees(run[:8]) && !(run[0].said && run[8].said) || f.isElse(run, c) {
		return "", 0
	}
	return "rut", len(run)
}

// isElse reports whether what stands around nine digits makes them something else than a RUT.
func (f *finder) isElse(run []digit, c context) bool {
	start := run[0].start
	return isOther(c.cue) || c.number || f.linked(start) || isLetter(f.at(start-1)) || f.money(start, run[8].end)
}

// alone reports whether a number is whole: not a part of a longer one, of a word or of a decimal.
func (f *finder) alone(run []digit) bool {
	start, end := run[0].start, run[len(run)-1].end
	b, next := f.at(start-1), f.at(end)
	if isNumber(b) || isWord(next) || (b == '.' || b == ',') && isNumber(f.at(start-2)) {
		return false
	}
	return (next != '.' && next != ',') || !isNumber(f.at(end+1))
}

// isThousands knows 900.112.233 and 1.250.000.
func isThousands(run []digit) bool {
	dots := 0
	for i := 1; i < len(run); i++ {
		switch g := run[i].gap; {
		case g == '.' && (len(run)-i)%3 == 0:
			dots++
		case g != 0:
			return false
		}
	}
	return dots > 0 && dots == (len(run)-1)/3
}

// isDate knows 14.03.1985, 14-03-1985 and 14/03/1985.
func isDate(run []digit) bool {
	return len(run) == 8 && run[2].gap != 0 && run[4].gap != 0 && boundary(run, 4) && run[1].gap == 0 && run[3].gap == 0 && run[5].gap == 0 && run[6].gap == 0
}
