package ticket

import (
	"time"

	"sence.gob.cl/gestor/shared/audit"
)

// ModerateStep records that a mention is hidden from the public, or shown again: what may be answered depends on it. False when
// something as new is known.
func (t Ticket) ModerateStep(m Mention, hidden bool, at, now time.Time) (Change, bool) {
	at = entryTime(at, now)
	if m.Deleted || !at.After(m.ModeratedAt) {
		return Change{}, false
	}
	if m.Hidden() == hidden { // the instant alone: what is told later and is older must not undo it
		m.ModeratedAt = at
		m.Rev++
		return Change{Mentions: []Mention{m}}, true
	}
	kind := audit.MentionShown
	if hidden {
		kind = audit.MentionHidden
	}
	m = m.shown(hidden, at)
	m.Rev++
	return t.next(t, kind, system(), "", map[string]string{"mention": m.Key}, now).texts([]Mention{m}, nil), true
}
