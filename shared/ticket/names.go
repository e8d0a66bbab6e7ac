package ticket

import "slices"

// mostAliases bounds the pointers of one case: closing it takes all of them away in one step (see stepTexts). A network has three
// ids for a person at most; the fourth is for one that changed.
const mostAliases = 4

// LedToBy reports whether a conversation leads to the case while it is open.
func (t Ticket) LedToBy(conversation string) bool {
	return conversation == t.Conversation || slices.Contains(t.Aliases, conversation)
}

// Within reports whether a person of these conversations has every name the case is known by. Where one is missing the case may be
// somebody else's: telephones change hands.
func (t Ticket) Within(conversations []string) bool {
	for _, own := range append([]string{t.Conversation}, t.Aliases...) {
		if !slices.Contains(conversations, own) {
			return false
		}
	}
	return true
}

// KnownAs is the case with further conversations that lead to it, as far as they are new and there is room; they are given too.
func (t Ticket) KnownAs(conversations []string) (Ticket, []string) {
	var names []string
	for _, c := range conversations {
		if room := len(t.Aliases)+len(names) < mostAliases; room && c != "" && !t.LedToBy(c) && !slices.Contains(names, c) {
			names = append(names, c)
		}
	}
	if len(names) > 0 {
		t.Aliases = slices.Concat(t.Aliases, names)
	}
	return t, names
}
