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

// Check reports what keeps text from being sent on network n with visibility v: a fault.Invalid whose Field is "text"
// (or "visibility", when there is no such answer) and whose Public is the sentence its author reads. The text itself is
// never part of the error.
func Check(n mention.Network, v Visibility, text string) error {
	const op = "post.Check"
	rule := Of(n, v)
	switch {
	case rule.None != "":
		return fault.Reject(op, "visibility", rule.None)
	case !utf8.ValidString(text):
		return fault.Reject(op, "text", "El texto contiene caracteres que no se pueden leer. Escríbelo de nuevo.")
	case NormaliseForCompare(text) == "":
		return fault.Reject(op, "text", "Escribe un texto antes de enviar.")
	case hasControl(text):
		return fault.Reject(op, "text", "El texto contiene caracteres invisibles de control. Bórralos o escribe el texto de nuevo.")
	}
	if long := rule.Unit.Count(text); long > rule.Max {
		return fault.Reject(op, "text", "El texto tiene "+thousands(long)+" "+rule.Unit.words()+" y el máximo es "+thousands(rule.Max)+". Acórtalo.")
	}
	return nil
}

// words names the unit to a person.
func (u Unit) words() string {
	switch u {
	case Bytes:
		return "bytes (una ñ o una tilde ocupan 2; un emoji, 4 o más)"
	case Weighted:
		return "caracteres según cuenta X (un emoji vale 2; un enlace, 23)"
	case Characters:
		return "caracteres"
	default:
		return "caracteres"
	}
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
