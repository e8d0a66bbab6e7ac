package post

import (
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/mention"
)

// Unit is how a network counts the length of a text; stored and spoken of by its lower-case name.
type Unit string

// The units.
const (
	Characters Unit = "characters" // Unicode code points
	Bytes      Unit = "bytes"      // of UTF-8: a ñ is two, an emoji four
	Weighted   Unit = "weighted"   // as X counts, see Weight
)

// Count gives the length of text in the unit.
func (u Unit) Count(text string) int {
	switch u {
	case Bytes:
		return len(text)
	case Weighted:
		return Weight(text)
	case Characters:
		return utf8.RuneCountInString(text)
	default:
		return utf8.RuneCountInString(text)
	}
}

// Limits are what a network accepts as the text of one answer: at most Max, counted in Unit.
type Limits struct {
	Max  int
	Unit Unit
}

// Rule is one line of the table of answers: the limits of one kind of answer on one network or, when there is no such
// answer, why, in a sentence for the person (None).
type Rule struct {
	Network    mention.Network
	Visibility Visibility
	Limits
	None string
}

// Rules gives the table: every network with every visibility (platforms.md §3 to §5). Where a network publishes no limit
// the number is the one its users report.
func Rules() []Rule {
	return []Rule{
		{Network: mention.Facebook, Visibility: Public, Limits: Limits{8000, Characters}},
		{Network: mention.Facebook, Visibility: Private, Limits: Limits{2000, Characters}},
		{Network: mention.Instagram, Visibility: Public, Limits: Limits{2200, Characters}},
		{Network: mention.Instagram, Visibility: Private, Limits: Limits{1000, Bytes}},
		{Network: mention.WhatsApp, Visibility: Public, None: "WhatsApp no tiene respuestas públicas. Responde en privado."},
		{Network: mention.WhatsApp, Visibility: Private, Limits: Limits{4096, Characters}},
		{Network: mention.X, Visibility: Public, Limits: Limits{280, Weighted}},
		{Network: mention.X, Visibility: Private, Limits: Limits{10000, Characters}},
		{Network: mention.LinkedIn, Visibility: Public, Limits: Limits{1250, Characters}},
		{Network: mention.LinkedIn, Visibility: Private, None: "LinkedIn no permite mensajes privados desde aquí. Responde en público."},
	}
}

// Of gives the line of the table for network n and visibility v.
func Of(n mention.Network, v Visibility) Rule {
	for _, r := range Rules() {
		if r.Network == n && r.Visibility == v {
			return r
		}
	}
	return Rule{Network: n, Visibility: v, None: "Elige si la respuesta es pública o privada."}
}

// For gives the limits of an answer on network n with visibility v, and whether there are such answers at all.
func For(n mention.Network, v Visibility) (Limits, bool) {
	r := Of(n, v)
	return r.Limits, r.None == ""
}
