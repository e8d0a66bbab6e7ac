package classify

import "bytes"

// notOurs stands in the view in the place of an address that is nobody's.
const notOurs = 0x02

// emails takes addresses, whose @ may be said: arroba, (at), [arroba].
func (f *finder) emails() {
	for i := 0; i < len(f.view); {
		start, end := f.atSign(i)
		if end == 0 {
			return
		}
		if i = end; f.at(start) == taken {
			continue
		}
		hostEnd, host := f.host(end)
		local := f.local(start)
		if hostEnd == end || local == start || f.at(local-1) == '@' || !f.addressed(start, end, local, host) {
			continue
		}
		if host.ours {
			for j := local; j < hostEnd; j++ {
				f.view[j] = notOurs
			}
		} else {
			f.take("email", local, hostEnd)
		}
		i = hostEnd
	}
}

// host is what was read after an @.
type host struct {
	dots     int
	said     bool // a dot was said
	provider bool // gmail, which needs no dot
	ours     bool // sence.cl, gob.cl

	before, last []byte // parts
}

// atSign gives the next sign from i on with the brackets and blanks around it.
func (f *finder) atSign(i int) (start, end int) {
	for ; i < len(f.view); i++ {
		switch f.view[i] {
		case '@':
			start, end = i, i+1
		case 'a':
			if end = f.arroba(i); end == 0 {
				continue
			}
			start = i
		default:
			continue
		}
		for n := 0; n < 3 && start > 0 && isAround(f.view[start-1]); n++ {
			start--
		}
		end = f.skipAround(end)
		return start, end
	}
	return 0, 0
}

func isAround(b byte) bool {
	switch b {
	case ' ', '(', ')', '[', ']', '{', '}', '<', '>', ',', '\'', '"':
		return true
	}
	return false
}

// arroba gives the end of a word for @ that begins at i, 0 when there is none.
func (f *finder) arroba(i int) int {
	rest := f.view[i:]
	for _, w := range [...]string{"arroba", "aroba", "arrova", "arova"} {
		if len(rest) >= len(w) && string(rest[:len(w)]) == w {
			return i + len(w)
		}
	}
	next := i + 1
	if f.at(next) == 't' {
		next++
	}
	before, after := f.at(i-1), f.at(next)
	if closed := bytes.IndexByte([]byte("([{<"), before); closed >= 0 && after == ")]}>"[closed] {
		return next
	}
	if next == i+2 && before == ' ' && after == ' ' {
		return next
	}
	return 0
}

// isLocal knows the letters of the part before the @.
func isLocal(b byte) bool {
	return isWord(b) || b == '.' || b == '_' || b == '-' || b == '+' || b == '%'
}

// local gives where the part before the @ begins. Dots and underscores may be said in it.
func (f *finder) local(end int) int {
	start := f.localWord(end)
	for range 6 {
		word := start // of what joins, when something does
		for n := 0; n < 2 && (f.at(word-1) == ' ' || f.at(word-1) == ',') && word > 0; n++ {
			word--
		}
		joint := f.joint(word)
		if joint == word || joint == 0 || f.at(joint-1) != ' ' {
			return start
		}
		from := f.localWord(joint - 1)
		if from == joint-1 {
			return start
		}
		start = from
	}
	return start
}

// joint gives where the words that join two parts of an address begin, end when none do.
func (f *finder) joint(end int) int {
	for _, w := range [...]string{"guion bajo", "guion abajo", "underscore", "punto", "guion", "raya", "mas", "dot"} {
		if from := end - len(w); from >= 0 && string(f.view[from:end]) == w && !isWord(f.at(from-1)) {
			return from
		}
	}
	return end
}

// localWord gives where the letters before end begin, without the marks that only stand before them.
func (f *finder) localWord(end int) int {
	start := end
	for start > 0 && isLocal(f.view[start-1]) {
		start--
	}
	for start < end && !isWord(f.view[start]) && f.view[start] != '_' {
		start++
	}
	return start
}

// host reads what stands after the @ and gives where it ends.
func (f *finder) host(start int) (int, host) {
	h, end := host{}, f.hostWord(start)
	h.provider = isProvider(f.view[start:end])
	h.hear(f.view[start:end])
	for h.dots <= 6 && end > start {
		if to := f.tightDot(end, h.dots); to > 0 {
			h.hear(f.view[end+1 : to])
			h.dots, end = h.dots+1, to
			continue
		}
		next, said := f.dot(end)
		to := f.hostWord(next)
		if next == 0 || to == next || !said && (!isSuffix(f.view[next:to]) || h.dots > 0) {
			break
		}
		h.hear(f.view[next:to])
		h.said, h.dots, end = h.said || said, h.dots+1, to
	}
	if h.provider && h.dots == 0 {
		end = f.bareSuffix(end)
	}
	h.ours = string(h.last) == "cl" && isState(h.before) || h.dots == 0 && isState(h.last)
	return end, h
}

// bareSuffix gives the end of the "com" in "gmail com", i without one.
func (f *finder) bareSuffix(i int) int {
	if i+1 >= len(f.view) || f.view[i] != ' ' {
		return i
	}
	if to := f.wordAt(i + 1); isSuffix(f.view[i+1 : to]) {
		return to
	}
	return i
}

// isState knows who holds the institutions' addresses under cl.
func isState(part []byte) bool {
	switch string(part) {
	case "sence", "gob", "gov":
		return true
	}
	return false
}

// hear takes one more part of the host.
func (h *host) hear(part []byte) { h.before, h.last = h.last, part }

// tightDot reads a dot with letters right after it, also the comma of gmail,com, and gives where they end, 0 without one.
func (f *finder) tightDot(i, dots int) int {
	to := f.hostWord(i + 1)
	switch mark := f.at(i); {
	case to == i+1 || mark != '.' && mark != ',':
		return 0
	case mark == ',' && (dots > 0 || !isSuffix(f.view[i+1:to])):
		return 0
	}
	return to
}

func isHost(b byte) bool { return isWord(b) || b == '-' }

func (f *finder) hostWord(i int) int {
	for i < len(f.view) && isHost(f.view[i]) {
		i++
	}
	return i
}

// dot reads a dot that is said, in brackets or between blanks, from i on. It gives where the next part begins, 0 without one.
func (f *finder) dot(i int) (next int, said bool) {
	from := f.skipAround(i)
	rest := f.view[from:]
	switch {
	case bytes.HasPrefix(rest, []byte("punto")):
		from, said = from+len("punto"), true
	case bytes.HasPrefix(rest, []byte("dot")):
		from, said = from+len("dot"), true
	case len(rest) > 0 && rest[0] == '.':
		from++
	default:
		return 0, false
	}
	return f.skipAround(from), said
}

// skipAround gives the end of the brackets and blanks from i on.
func (f *finder) skipAround(i int) int {
	for n := 0; n < 3 && i < len(f.view) && isAround(f.view[i]); n++ {
		i++
	}
	return i
}

// isSuffix knows the ends of addresses that are not also words, for dots with blanks around them.
func isSuffix(word []byte) bool {
	switch string(word) {
	case "com", "cl", "net", "org":
		return true
	}
	return false
}

// isProvider knows who gives people their mail. People leave out the dot and what follows it.
func isProvider(word []byte) bool {
	switch string(word) {
	case "gmail", "gmai", "gmial", "hotmail", "hotmai", "outlook", "outlok", "yahoo", "icloud", "live", "protonmail", "proton", "ymail", "msn", "jemail":
		return true
	}
	return false
}

// addressed decides whether what stands around a sign is an address, and no handle after a word.
func (f *finder) addressed(start, end, local int, h host) bool {
	sign := f.view[start:end]
	switch {
	case h.provider || h.ours:
		return true
	case h.dots == 0:
		return len(h.last) > 3 && f.shortAddress(sign, local, start)
	case bytes.Contains(sign, []byte("ro")): // arroba
		return true
	case bytes.IndexByte(sign, '@') < 0: // at
		return h.said || f.isMarked(local, start, sign)
	case !isAround(sign[0]) || isAround(sign[len(sign)-1]):
		return true
	}
	// "gracias @tienda.cl" is a handle.
	return isSuffix(h.last) && f.isChosen(local, start) || f.mailNear(local, end)
}

// isMarked knows the at of ana(at)example.cl from the one of interesado(a).
func (f *finder) isMarked(local, start int, sign []byte) bool {
	return bytes.ContainsAny(sign, "([{<") && (bytes.IndexByte(sign, 't') >= 0 || f.isChosen(local, start))
}

// isChosen reports whether something has what names in addresses have and words have not.
func (f *finder) isChosen(start, end int) bool {
	return bytes.ContainsAny(f.view[start:end], "0123456789._")
}

// shortAddress decides on an address without its end: ana90@example, ana (arroba) example.
func (f *finder) shortAddress(sign []byte, local, start int) bool {
	if len(sign) == 1 {
		return start-local > 2 && (f.isChosen(local, start) || f.mailNear(local, start))
	}
	if !bytes.Contains(sign, []byte("ro")) {
		return false
	}
	c := f.before(local)
	return bytes.ContainsAny(sign, "([{<") || c.cue == cueMail && c.near && start-local > 2 && meaning(f.view[local:start]) == cueNone
}

// mailNear reports whether an address was announced, or is said to be one after it.
func (f *finder) mailNear(start, end int) bool {
	if c, _ := f.after(end); c == cueMail {
		return true
	}
	return f.before(start).cue == cueMail
}
