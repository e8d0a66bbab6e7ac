// Package rut computes and checks the módulo-11 digit of Chilean identity numbers (RUT, RUN), which our own ticket numbers
// borrow.
package rut

import (
	"errors"
	"strconv"
	"strings"

	"sence.gob.cl/gestor/shared/fault"
)

// maxDigits bounds what Parse takes as a number without its check digit; nine digits are provisional identities.
const maxDigits = 9

// RUT is an identity number that passed its check. Its zero value is none.
type RUT struct {
	Number int    // without the check digit
	Check  string // "0" to "9" or "K"
}

// CheckDigit gives the módulo-11 digit of a number that is not negative: "0" to "9" or "K". The weights 2 to 7 run in
// cycles from the right, so leading zeros change nothing.
func CheckDigit(number int) string {
	sum := 0
	for weight := 2; number > 0; number /= 10 {
		sum += number % 10 * weight
		if weight++; weight > 7 {
			weight = 2
		}
	}
	switch digit := 11 - sum%11; digit {
	case 11:
		return "0"
	case 10:
		return "K"
	default:
		return strconv.Itoa(digit)
	}
}

// Parse reads a number with its check digit in any usual form: 12.345.678-5, 12345678-5, 123456785, with the typographic
// hyphens, spaces and small k that people paste. What is not a number, or has another check digit, is Invalid. Whether the
// number belongs to anybody is not asked: 11.111.111-1 is right.
func Parse(s string) (RUT, error) {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == '.' || r == ' ' || r == '\u00a0' || r == '-' || r >= '\u2010' && r <= '\u2015' || r == '\u2212':
			return -1
		case r == 'k':
			return 'K'
		default:
			return r
		}
	}, s)
	invalid := fault.New(fault.Invalid, "rut.Parse", errors.New("not a RUT with its check digit"))
	if len(plain) < 2 || len(plain) > maxDigits+1 {
		return RUT{}, invalid
	}
	body, check := plain[:len(plain)-1], plain[len(plain)-1:]
	// ParseUint in base ten: a sign is refused and a leading zero does not mean octal.
	number, err := strconv.ParseUint(body, 10, 32)
	if err != nil || number == 0 || CheckDigit(int(number)) != check {
		return RUT{}, invalid
	}
	return RUT{Number: int(number), Check: check}, nil
}

// Valid reports whether s is a number with its right check digit, in any form Parse reads.
func Valid(s string) bool {
	_, err := Parse(s)
	return err == nil
}

// String gives the official form, 12.345.678-5. It is personal data: keep it out of logs and errors.
func (r RUT) String() string {
	digits := strconv.Itoa(r.Number)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteRune(d)
	}
	return b.String() + "-" + r.Check
}
