package classify

import "sence.gob.cl/gestor/shared/rut"

// judge takes what is somebody's among the digits of one run: first the RUT that its hyphen shows, then what lies between.
func (f *finder) judge(run []digit) {
	if len(run) < 4 {
		return
	}
	from := 0
	for dv := 6; dv < len(run); dv++ {
		if !isCheck(run, dv) {
			continue
		}
		if start := f.hyphened(run, from, dv); start >= 0 {
			f.rest(run[from:start])
			f.claim("rut", run[start:dv+1])
			from = dv + 1
		}
	}
	f.rest(run[from:])
}

// claim takes the digits.
func (f *finder) claim(kind string, d []digit) {
	start, end := d[0].start, d[len(d)-1].end
	if kind == "telefono" || kind == "tarjeta" {
		start = f.opened(start)
	}
	f.take(kind, start, end)
}

// opened gives the place of the sign before a telephone: +56, (9), más 56.
func (f *finder) opened(start int) int {
	for range 2 {
		if c := f.at(start - 1); c == '+' || c == '(' {
			start--
		}
	}
	if start >= 4 && string(f.view[start-4:start]) == "mas " && !isWord(f.at(start-5)) {
		start -= 4
	}
	return start
}

// isCheck reports whether one digit stands alone after a hyphen, and the digit before it does not: 3-5-0-6-1-6-5-8-6 has
// hyphens everywhere.
func isCheck(run []digit, i int) bool {
	return (run[i].gap == '-' || run[i].gap == '/') && boundary(run, i+1) && run[i-1].gap != '-'
}

// boundary reports whether a written or said number begins at i, or ends before it.
func boundary(run []digit, i int) bool { return i == 0 || i >= len(run) || run[i].gap != 0 }

// begins reports whether a RUT may begin at i: also after a letter that was read as a digit.
func (f *finder) begins(run []digit, i int) bool {
	return boundary(run, i) || !run[i-1].said && isLetter(f.view[run[i-1].start])
}

// hyphened gives where the RUT begins whose check digit stands at dv, -1 when it is none.
func (f *finder) hyphened(run []digit, from, dv int) int {
	loose, wrong := -1, -1
	for _, size := range [...]int{8, 7, 9} {
		start := dv - size
		if start < from || !f.begins(run, start) || ours(run, start, dv) {
			continue
		}
		grouped := inThrees(run[start:dv])
		switch right := isRight(run[start:dv], run[dv].is) && !f.isCode(run[start].start); {
		case right && grouped:
			return start
		case right && loose < 0:
			loose = start
		case grouped && wrong < 0 && size < 9:
			wrong = start
		}
	}
	if loose >= 0 {
		return loose
	}
	if run[dv].gap == '/' {
		return -1
	}
	return f.mistyped(run, from, wrong, dv)
}

// isCode reports whether a number is called a folio or a code right before it: one in eleven has the check digit of a RUT.
func (f *finder) isCode(start int) bool {
	c := f.before(start)
	return c.cue == cueCode && c.near && !c.person
}

// mistyped decides on a number with a wrong check digit, grouped from wrong on when that is not negative.
func (f *finder) mistyped(run []digit, from, wrong, dv int) int {
	if run[from].said && paddedRight(run[from:dv], run[dv].is) {
		return from
	}
	start := wrong
	if start < 0 {
		start = from // everything before the hyphen, however it is grouped
	}
	if size := dv - start; size < 7 || size > 9 || ours(run, start, dv) {
		return -1
	}
	c := f.before(run[start].start)
	if c.cue == cueRUT && (c.near || c.sentence && !c.number) {
		return start
	}
	if !f.nobodys(run[start:dv+1], c) && isWritten(run[start:dv+1], start == from && dv == len(run)-1) {
		return start
	}
	return -1
}

// isWritten reports whether a number without a label is written as only a RUT is. whole tells whether nothing else stands
// beside it.
func isWritten(number []digit, whole bool) bool {
	last := number[len(number)-1]
	if tight(number) || number[0].said || last.said {
		return true
	}
	return whole && number[len(number)-2].end+3 < last.start // "guion" in letters
}

// nobodys reports whether what stands around a number says that it is a folio, an amount or a law.
func (f *finder) nobodys(number []digit, c context) bool {
	start, end := number[0].start, number[len(number)-1].end
	next := f.at(end)
	if number[0].is == '0' || next == '-' || isWord(next) || f.glued(start) || f.money(start, end) {
		return true
	}
	if isOther(c.cue) || c.number && c.cue != cuePhone {
		return true
	}
	after, _ := f.after(end)
	return isOther(after)
}

// isOther reports whether a cue speaks of a number that is nobody's.
func isOther(c cue) bool { return c == cueCode || c == cueFolio || c == cueLaw || c == cueMoney }

// glued reports whether letters, a hyphen or a slash stand right before a number: PF-1.104.233-7.
func (f *finder) glued(start int) bool {
	b := f.at(start - 1)
	return b == '-' || b == '/' || isLetter(b)
}

// ours knows our own ticket numbers, 2026-1234567-4.
func ours(run []digit, start, dv int) bool {
	return start >= 4 && dv-start == 7 && run[start].gap == '-' && boundary(run, start-4) && run[start-4].is == '2' && run[start-3].is == '0'
}

// inThrees reports whether digits are grouped as numbers are: not at all, or in threes from the right.
func inThrees(body []digit) bool {
	for i := 1; i < len(body); i++ {
		if g := body[i].gap; g != 0 && ((len(body)-i)%3 != 0 || g == ';' && !body[i].said) {
			return false
		}
	}
	return true
}

// tight reports whether a RUT is written as one: no blank in its body, and a hyphen.
func tight(number []digit) bool {
	for i := 1; i < len(number)-1; i++ {
		if g := number[i].gap; g != 0 && g != '.' && g != ',' || number[i].start-number[i-1].end > 1 {
			return false
		}
	}
	last := number[len(number)-1]
	return last.start-number[len(number)-2].end <= 3
}

// isRight reports whether check is the check digit of the digits of body.
func isRight(body []digit, check byte) bool {
	n := 0
	for _, d := range body {
		if d.is == 'k' {
			return false
		}
		n = n*10 + int(d.is-'0')
	}
	return n > 0 && isCheckOf(n, check)
}

func isCheckOf(n int, check byte) bool {
	if check == 'k' {
		check = 'K'
	}
	return rut.CheckDigit(n)[0] == check
}

// paddedRight reads a body said in threes without its zeros, "treinta y ocho, setenta y cinco, trescientos diez", and
// reports whether its check digit is right.
func paddedRight(body []digit, check byte) bool {
	n, part, groups, size := 0, 0, 0, 0
	for i := 0; i <= len(body); i++ {
		if i == len(body) || i > 0 && body[i].gap != 0 {
			if size > 3 {
				return false
			}
			n, part, size = n*1000+part, 0, 0
			groups++
		}
		if i < len(body) {
			part = part*10 + int(body[i].is-'0')
			size++
		}
	}
	return groups == 3 && n >= 1_000_000 && isCheckOf(n, check)
}
