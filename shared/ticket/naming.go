package ticket

import (
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/mention"
)

// namesApart reports a network that tells of people by ids alone, and what they are called only to who asks (platforms.md §4).
func namesApart(n mention.Network) bool { return n == mention.LinkedIn }

// askEvery is how often what the person of a case is called is asked for, at most: each time costs calls, and the name is lent for
// as long.
const askEvery = day

// AskName adds to the step that stores an item of a case that its author's name is to be read, where the network did not tell it and
// the case has none. The case does not wait for it. Person is the network's id of the author, sealed: it is kept in the message, and
// goes with it.
func (c Change) AskName(e mention.Event, person string, now time.Time) Change {
	switch {
	case c.Ticket == nil || c.Seen == nil || !namesApart(c.Ticket.Network):
		return c
	case person == "" || e.Text == "" || e.Flag(mention.FlagUnavailable):
		return c
	case c.Ticket.Citizen.Name != "" || now.Sub(c.Ticket.Citizen.Asked) < askEvery:
		return c
	}
	t, seen := *c.Ticket, *c.Seen
	t.Citizen.Asked, seen.Nameless = now.UTC(), true
	c.Ticket, c.Seen = &t, &seen
	m := toRead(seen, t.Channel(), now)
	m.Person = person
	c.Send = append(slices.Clone(c.Send), m)
	return c
}

// NameStep takes what the person of the case is called, who was known by an id alone; read is when the network told it. It moves
// nothing else: neither state, nor class, nor term. False when there is nothing to take it for, or it may no longer be kept.
func (t Ticket) NameStep(m Mention, name string, seen Seen, read, now time.Time) (Change, bool) {
	if name == "" || !seen.Nameless || m.Deleted || t.Citizen.Name != "" || t.State.Final() {
		return Change{}, false
	}
	to := t
	to.Citizen.Name, to.Citizen.Until = name, time.Time{}
	to, forget := to.lendName(m.Key, read, now, t.Version+1)
	if to.Citizen.kept(now).Name == "" {
		return Change{}, false
	}
	was := seen
	seen.Nameless = false
	seen.Rev++
	change := t.next(to, audit.CitizenNamed, system(), "", map[string]string{"mention": m.Key}, now)
	change.Send, change.Seen, change.SeenWas = forget, &seen, &was
	return change, true
}

// told is the person as an item names them, of whom we keep when we asked.
func (c Citizen) told(e mention.Event, key string) Citizen {
	asked := c.Asked
	c = citizen(e, key)
	c.Asked = asked
	return c
}
