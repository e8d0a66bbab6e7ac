package ticket

import (
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/mention"
)

// ModerateStep records that a mention is hidden from the public, or shown again: what may be answered depends on it. False when
// something as new is known.
func (t Ticket) ModerateStep(m Mention, hidden bool, at, now time.Time) (Change, bool) {
	at = entryTime(at, now)
	if m.Deleted || !at.After(m.ModeratedAt) {
		return Change{}, false
	}
	if m.flag(mention.FlagHidden) == hidden { // the instant alone: what is told later and is older must not undo it
		m.ModeratedAt = at
		m.Rev++
		return Change{Mentions: []Mention{m}}, true
	}
	kind := audit.MentionShown
	m.Flags = slices.DeleteFunc(slices.Clone(m.Flags), func(f string) bool { return f == mention.FlagHidden })
	if hidden {
		kind = audit.MentionHidden
		m.Flags = append(m.Flags, mention.FlagHidden)
	}
	m.ModeratedAt = at
	m.Rev++
	return t.next(t, kind, system(), "", map[string]string{"mention": m.Key}, now).texts([]Mention{m}, nil), true
}
