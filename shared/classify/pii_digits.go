package classify

import "strconv"

// digit is one digit of a number as it stands in the view, or one that a word there says.
type digit struct {
	start, end int  // in the view: of the digit, or of the words that say it
	gap        byte // before it: 0 none, ' ' '.' ',' '-' '/' as written or said, ';' a comma and a blank, 'w' from word to digit
	is         byte // '0' to '9', 'k'
	said       bool // in words
}

// numbers reads every run of digits, of words that say digits and of both, and takes what is somebody's.
func (f *finder) numbers() {
	for i := 0; i < len(f.view); {
		switch c := f.view[i]; {
		case isNumber(c):
			i = f.runAt(i)
		case isLetter(c):
			end := f.wordAt(i)
			if kind, _ := say(f.view[i:end]); kind != sayNothing {
				end = max(end, f.runAt(i))
			}
			i = end
		default:
			i++
		}
	}
}

// runner reads one run.
type runner struct {
	*finder
	run    []digit
	number spoken // the number of several words that is being said
	end    int    // of what was read
}

// runAt reads the digits from i on, as far as only what people put between digits lies between them, takes what is
// somebody's among them and gives where it stopped.
func (f *finder) runAt(i int) int {
	if f.run == nil {
		f.run = make([]digit, 0, 64)
	}
	r := runner{finder: f, run: f.run[:0], end: i}
	gap, ok := byte(0), true
	for ok {
		if ok = r.element(i, gap); ok {
			gap, i = f.gapAt(r.end)
			ok = gap != 'x'
		}
	}
	r.flush()
	f.run = r.run // longer now, perhaps
	f.judge(r.run)
	return r.end
}

// element reads the digits, the number word or the k at i.
func (r *runner) element(i int, gap byte) bool {
	switch c := r.at(i); {
	case isNumber(c):
		return r.written(i, gap)
	case isLetter(c):
		if (c == 'o' || c == 'l') && isNumber(r.at(i+1)) && len(r.run) > 0 && (gap == '.' || gap == '-') {
			return r.written(i, gap) // 4O.86O.O24-6
		}
		end := r.wordAt(i)
		if kind, value := say(r.view[i:end]); kind != sayNothing {
			return r.saidAt(i, end, kind, value, gap)
		}
		return r.letterK(i, end, gap)
	}
	return false
}

// written reads digits, and the letters o and l in the place of one.
func (r *runner) written(i int, gap byte) bool {
	end := i + 1
	for end < len(r.view) && (isNumber(r.view[end]) || r.alike(end)) {
		end++
	}
	if end-i <= 6 && r.scaled(i, end, gap) {
		return true
	}
	r.flush()
	if gap == 'y' {
		return false
	}
	if gap == 0 && len(r.run) > 0 {
		gap = 'w'
	}
	for j := i; j < end; j++ {
		is := r.view[j]
		switch is {
		case 'o':
			is = '0'
		case 'l', 'i':
			is = '1'
		}
		r.run = append(r.run, digit{j, j + 1, gap, is, false})
		gap = 0
	}
	r.end = end
	return true
}

// alike knows a letter among digits that was typed for a digit: 9oo123456, 3O.123.456-7.
func (r *runner) alike(i int) bool {
	if c := r.view[i]; c != 'o' && c != 'l' && c != 'i' {
		return false
	}
	next := r.at(i + 1)
	if after := r.at(i + 2); (next == '.' || next == '-') && (isNumber(after) || after == 'o') {
		return true
	}
	return isNumber(next) || next == 'o' && isNumber(r.at(i+2))
}

// scaled reads digits that are a part of a number in words: 48 millones 490 mil 77.
func (r *runner) scaled(i, end int, gap byte) bool {
	word := end
	for r.at(word) == ' ' && word < len(r.view) {
		word++
	}
	if r.afterMillions(i, end, gap) {
		return true
	}
	kind, _ := say(r.view[word:r.wordAt(word)])
	if kind != sayThousand && kind != sayMillion && !(r.number.scale > 0 && r.number.room == 1000) {
		return false
	}
	value, err := strconv.Atoi(string(r.view[i:end]))
	return err == nil && value > 0 && r.saidAt(i, end, sayTeen, value, gap)
}

// afterMillions reads what a telephone makes of the rest of a dictated number: 48 millones 490.077.
func (r *runner) afterMillions(i, end int, gap byte) bool {
	if !r.number.open || r.number.scale != 1_000_000 || r.number.room != 1000 || gap != ' ' {
		return false
	}
	rest := string(r.view[i:end])
	if next := end + 4; end-i == 3 && (r.at(end) == '.' || r.at(end) == ' ') && isNumber(r.at(end+1)) && isNumber(r.at(end+2)) && isNumber(r.at(end+3)) && !isNumber(r.at(next)) {
		rest, end = rest+string(r.view[end+1:next]), next
	}
	value, err := strconv.Atoi(rest)
	if err != nil || len(rest) != 6 {
		return false
	}
	r.number.part, r.number.room, r.number.end, r.end = value, 0, end, end
	return true
}

// saidAt reads a word that says a number.
func (r *runner) saidAt(i, end int, kind sayKind, value int, gap byte) bool {
	if r.number.open && r.number.add(kind, value, gap) {
		r.number.end, r.end = end, end
		return true
	}
	r.flush()
	if gap == 'y' {
		if len(r.run) < 4 {
			return false
		}
		gap = ' ' // "nueve cero cero doce y treinta y cuatro"
	}
	if gap == 0 && len(r.run) > 0 {
		gap = 'w'
	}
	switch {
	case kind == sayZero:
		r.run = append(r.run, digit{i, end, gap, '0', true})
	case kind == sayTwice:
		return r.twice(i, end, value, gap)
	default:
		r.number = spoken{start: i, end: end, gap: gap}
		if !r.number.add(kind, value, ' ') {
			r.number = spoken{}
			return false
		}
	}
	r.end, r.number.end = end, end
	return true
}

// twice reads "doble cero" and "triple siete".
func (r *runner) twice(i, end, times int, gap byte) bool {
	if r.at(end) != ' ' || end+1 >= len(r.view) {
		return false
	}
	last := r.wordAt(end + 1)
	kind, value := say(r.view[end+1 : last])
	if kind != sayZero && kind != sayUnit {
		return false
	}
	for range times {
		r.run = append(r.run, digit{i, last, gap, '0' + byte(value), true})
		gap = 0
	}
	r.end = last
	return true
}

// dictated reports whether the last digits were said.
func (r *runner) dictated() bool {
	return r.number.open || len(r.run) > 0 && r.run[len(r.run)-1].said
}

// flush writes the digits of the number that was said.
func (r *runner) flush() {
	if r.number.open {
		var text [20]byte
		gap := r.number.gap
		for _, is := range strconv.AppendInt(text[:0], int64(r.number.whole+r.number.part), 10) {
			r.run = append(r.run, digit{r.number.start, r.number.end, gap, is, true})
			gap = 0
		}
	}
	r.number = spoken{}
}

// letterK reads the check digit that is a letter.
func (r *runner) letterK(i, end int, gap byte) bool {
	word := string(r.view[i:end])
	if word != "k" && (word != "ka" && word != "ca" || gap != '-' && !r.dictated()) || isNumber(r.at(end)) {
		return false
	}
	r.flush()
	if len(r.run) < 7 || gap != 0 && gap != ' ' && gap != '-' && gap != '.' && gap != '/' {
		return false
	}
	if gap == 0 {
		gap = 'w'
	}
	r.run = append(r.run, digit{i, end, gap, 'k', false})
	r.end = end
	return false // nothing follows it
}

// gapAt reads what stands between two digits from i on: its kind, 'x' when it ends the number, and where it ends.
func (f *finder) gapAt(i int) (byte, int) {
	gap := byte(0)
	for end := min(i+8, len(f.view)); i < end; i++ {
		c := f.view[i]
		if isWord(c) {
			return f.gapWord(gap, i)
		}
		if gap = widened(gap, c); gap == 'x' {
			break
		}
	}
	return 'x', i
}

// widened gives the kind of a gap with one more byte in it: a hyphen says most, a blank least.
func widened(gap, c byte) byte {
	switch c {
	case ' ', '(', ')', '*':
		switch gap {
		case ',':
			return ';'
		case 0:
			return ' '
		}
		return gap
	case '-', '_':
		return '-'
	case '.', ',', '/':
		if gap == '-' {
			return gap
		}
		return c
	}
	return 'x'
}

// gapWord reads the words for what stands between digits.
func (f *finder) gapWord(gap byte, i int) (byte, int) {
	if !isLetter(f.view[i]) {
		return gap, i
	}
	said, end := f.saidGap(i)
	if string(f.view[i:end]) == "con" { // con dígito, con guion
		if next, to := f.saidGap(min(end+1, len(f.view))); next == '-' {
			said, end = next, to
		}
	}
	if said == 0 {
		return gap, i
	}
	for n := 0; n < 3 && end < len(f.view); n++ {
		if c := f.view[end]; c == ' ' || c == ':' || c == ',' || c == '-' || c == '.' {
			end++
		}
	}
	return said, end
}

// saidGap gives what a word between digits stands for, 0 when it is another word, and where it ends.
func (f *finder) saidGap(i int) (byte, int) {
	end := f.wordAt(i)
	switch string(f.view[i:end]) {
	case "guion", "raya", "rayita", "guioncito", "gion", "dv", "verificador":
		return '-', end
	case "digito":
		return '-', f.skipWord(end, "verificador")
	case "punto", "puntito":
		return '.', end
	case "coma":
		return ',', end
	case "y":
		return 'y', end
	}
	return 0, end
}

// skipWord gives the end of a blank and the word when they stand at i.
func (f *finder) skipWord(i int, word string) int {
	if i >= len(f.view) || f.view[i] != ' ' {
		return i
	}
	if end := f.wordAt(i + 1); string(f.view[i+1:end]) == word {
		return end
	}
	return i
}
