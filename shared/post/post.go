// Package post is the text that leaves: what each network accepts, and when two texts are the same text.
package post

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

// Visibility says who can read an answer; stored and spoken of by its lower-case name.
type Visibility string

// The visibilities.
const (
	Public  Visibility = "public"  // everybody
	Private Visibility = "private" // the person who wrote to us
)

// Limits are what a network accepts as the text of one answer.
type Limits struct {
	Runes int // most characters, counted as Unicode code points
}

// For gives the limits of an answer on network n with visibility v, and whether such answers can be sent at all. Only the
// public answer to a Facebook comment can, of at most 8 000 characters.
func For(n mention.Network, v Visibility) (Limits, bool) {
	if n == mention.Facebook && v == Public {
		return Limits{Runes: 8000}, true
	}
	return Limits{}, false
}

// Check reports what keeps text from being sent on network n with visibility v: a fault.Invalid whose Field is "text"
// (or "visibility", when there is no such answer) and whose Public is the sentence its author reads. The text itself is
// never part of the error.
func Check(n mention.Network, v Visibility, text string) error {
	const op = "post.Check"
	limits, ok := For(n, v)
	switch {
	case !ok:
		return fault.Reject(op, "visibility", "Este tipo de respuesta todavía no está disponible. Por ahora solo puedes responder en público en Facebook.")
	case !utf8.ValidString(text):
		return fault.Reject(op, "text", "El texto contiene caracteres que no se pueden leer. Escríbelo de nuevo.")
	case NormaliseForCompare(text) == "":
		return fault.Reject(op, "text", "Escribe un texto antes de enviar.")
	case hasControl(text):
		return fault.Reject(op, "text", "El texto contiene caracteres invisibles de control. Bórralos o escribe el texto de nuevo.")
	}
	if n := utf8.RuneCountInString(text); n > limits.Runes {
		return fault.Reject(op, "text", "El texto tiene "+thousands(n)+" caracteres y el máximo es "+thousands(limits.Runes)+". Acórtalo.")
	}
	return nil
}

// hasControl reports a control character that no person types on purpose: every one but the line breaks (LF and CR LF)
// and the tab.
func hasControl(text string) bool {
	plain := strings.ReplaceAll(text, "\r\n", "\n")
	return strings.ContainsFunc(plain, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t'
	})
}

// thousands writes n the Chilean way: 8.000.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "." + s[at:]
	}
	return s
}
