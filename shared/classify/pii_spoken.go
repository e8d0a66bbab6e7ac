package classify

import "bytes"

// What a word says when somebody dictates a number.
type sayKind byte

const (
	sayNothing sayKind = iota
	sayUnit            // 1 to 9
	sayZero
	sayTeen    // 10 to 19 and 21 to 29: nothing can follow
	sayTens    // 20 to 90
	sayHundred // 100 to 900
	sayThousand
	sayMillion
	sayTwice // "doble cero"
)

// say gives what a folded word says and its value.
func say(word []byte) (sayKind, int) {
	if len(word) < 2 || len(word) > 16 {
		return sayNothing, 0
	}
	switch string(word) { // few words do, and the rest of them end here
	case "catorce", "ceis", "cero", "cien", "ciento", "ciete", "cinco", "cincuenta", "cuarenta", "cuatr", "cuatro", "cuatrocientos",
		"diecinueve", "dieciocho", "dieciseis", "diecisiete", "diez", "doble", "doce", "dos", "doscientos", "mil", "millon", "millones",
		"novecientos", "noventa", "nuebe", "nueve", "ochenta", "ocho", "ochocientos", "once", "quatro", "quince", "quiniento", "quinientos",
		"seis", "seiscientos", "sero", "sesenta", "setecientos", "setenta", "siete", "sinco", "trece", "treinta", "tres", "trescientos",
		"triple", "un", "una", "uno", "veinte", "veinticinco", "veinticuatro", "veintidos", "veintinueve", "veintiocho", "veintiseis",
		"veintisiete", "veintitres", "veintiun", "veintiuno", "zero":
	default:
		return sayJoined(word)
	}
	if kind, value := sayShort(word); kind != sayNothing {
		return kind, value
	}
	return sayLong(word)
}

// sayJoined gives what a word says that was two: treintaitres.
func sayJoined(word []byte) (sayKind, int) {
	if end := bytes.Index(word, []byte("nta")) + 3; end > 6 && end+3 < len(word) && (word[end] == 'i' || word[end] == 'y') {
		tens, from := say(word[:end])
		unit, value := say(word[end+1:])
		if tens == sayTens && unit == sayUnit {
			return sayTeen, from + value
		}
	}
	return sayNothing, 0
}

func sayShort(word []byte) (sayKind, int) {
	switch string(word) {
	case "cero", "zero", "sero":
		return sayZero, 0
	case "un", "uno", "una":
		return sayUnit, 1
	case "dos":
		return sayUnit, 2
	case "tres":
		return sayUnit, 3
	case "cuatro", "cuatr", "quatro":
		return sayUnit, 4
	case "cinco", "sinco":
		return sayUnit, 5
	case "seis", "ceis":
		return sayUnit, 6
	case "siete", "ciete":
		return sayUnit, 7
	case "ocho":
		return sayUnit, 8
	case "nueve", "nuebe":
		return sayUnit, 9
	case "doble":
		return sayTwice, 2
	case "triple":
		return sayTwice, 3
	case "mil":
		return sayThousand, 1_000
	case "millon", "millones":
		return sayMillion, 1_000_000
	}
	return sayNothing, 0
}

func sayLong(word []byte) (sayKind, int) {
	for i, w := range [...]string{"diez", "once", "doce", "trece", "catorce", "quince", "dieciseis", "diecisiete", "dieciocho", "diecinueve"} {
		if w == string(word) {
			return sayTeen, 10 + i
		}
	}
	for i, w := range [...]string{"veintiuno", "veintidos", "veintitres", "veinticuatro", "veinticinco", "veintiseis", "veintisiete", "veintiocho", "veintinueve"} {
		if w == string(word) {
			return sayTeen, 21 + i
		}
	}
	for i, w := range [...]string{"veinte", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"} {
		if w == string(word) {
			return sayTens, 20 + 10*i
		}
	}
	for i, w := range [...]string{"ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos", "ochocientos", "novecientos"} {
		if w == string(word) {
			return sayHundred, 100 * (i + 1)
		}
	}
	switch string(word) {
	case "cien":
		return sayHundred, 100
	case "veintiun":
		return sayTeen, 21
	case "quiniento":
		return sayHundred, 500
	}
	return sayNothing, 0
}

// spoken is a number of several words: the last of them can take what is smaller ("treinta" takes "y dos", and both
// together "millones").
type spoken struct {
	start, end  int
	gap         byte // what stood before it
	whole, part int  // the millions and thousands, and what is under a thousand
	scale       int  // of the last "mil" or "millones", zero before one
	room        int  // what may be added to part: less than this; 1000 when nothing was said
	open        bool
}

// add takes one more word, or says that it does not belong to the number. gap is what stands before the word.
func (s *spoken) add(kind sayKind, value int, gap byte) bool {
	scaled := kind == sayThousand || kind == sayMillion
	if s.open && !s.joins(gap, scaled) {
		return false
	}
	if !s.open {
		s.room = 1000
	}
	if scaled {
		return s.times(value)
	}
	if value == 0 || value >= s.room || gap == 'y' && kind != sayUnit && s.scale == 0 {
		return false
	}
	s.part, s.open = s.part+value, true
	s.room = roomAfter(kind)
	return true
}

// roomAfter gives what may still be added after a word: less than this.
func roomAfter(kind sayKind) int {
	if kind == sayHundred {
		return 100
	}
	if kind == sayTens {
		return 10
	}
	return 0
}

// joins reports whether what stands before a word may stand inside a number: a comma only beside "millones" and "mil".
func (s *spoken) joins(gap byte, scaled bool) bool {
	return gap == ' ' || gap == 'y' || gap == ';' && (scaled || s.scale > 0 && s.room == 1000)
}

// times takes "mil" or "millones".
func (s *spoken) times(scale int) bool {
	if s.scale > 0 && s.scale <= scale || scale > 1_000 && s.part == 0 {
		return false
	}
	s.whole, s.part, s.scale, s.room, s.open = s.whole+max(s.part, 1)*scale, 0, scale, 1000, true
	return true
}
