package ticket

import (
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
)

// lentFor is how long a network lets us keep what people wrote and who they are, counted from when we received it; zero
// where its rules say nothing (platforms.md §4, ADR 0022).
func lentFor(n mention.Network) (words, name time.Duration) {
	switch n {
	case mention.LinkedIn:
		return 2 * day, day
	case mention.Facebook, mention.Instagram, mention.X, mention.WhatsApp:
		return 0, 0
	default:
		return 0, 0
	}
}

// KeptRaw is when bytes of a network that nobody could read must go because of its rules, of those received at an instant;
// zero where it has none.
func KeptRaw(n mention.Network, received time.Time) time.Time {
	if words, _ := lentFor(n); words > 0 {
		return received.UTC().Add(words)
	}
	return time.Time{}
}

// lend sets how long m, the newest mention of the case, and the person's name may be kept that were received at an instant,
// and plans to take them away by then. Of words that came before their item (was) the time has begun already.
func (t Ticket) lend(m Mention, was *Seen, received, now time.Time, version int) (Ticket, Mention, []outbox.Message) {
	words, _ := lentFor(t.Network)
	t.ExcerptUntil = time.Time{}
	if words == 0 {
		return t, m, nil
	}
	m.Until = received.UTC().Add(words)
	if was != nil && !was.Expires.IsZero() && was.Expires.Before(m.Until) {
		m.Until = was.Expires.UTC()
	}
	t.ExcerptUntil = m.Until
	plan := []outbox.Message{t.toForget("w", m.Key, m.Until, now, version)}
	t, forget := t.lendName(m.Key, received, now, version)
	return t, m, append(plan, forget...)
}

// lendName sets how long the person's name may be kept, where that is not set yet, and plans to take it away by then.
func (t Ticket) lendName(key string, received, now time.Time, version int) (Ticket, []outbox.Message) {
	_, name := lentFor(t.Network)
	if name == 0 || t.Citizen.Name == "" && t.Citizen.Handle == "" || !t.Citizen.Until.IsZero() {
		return t, nil
	}
	t.Citizen.Until = received.UTC().Add(name)
	return t, []outbox.Message{t.toForget("p", key, t.Citizen.Until, now, version)}
}

// lendAgain is lend for other words of a mention that is known: they may stay as long as the first, and as long as usual when
// those are gone. A name that came with them has a time of its own.
func (t Ticket) lendAgain(m Mention, received, now time.Time, version int) (Ticket, Mention, []outbox.Message) {
	if m.Until.After(now) {
		t.ExcerptUntil = m.Until
		t, forget := t.lendName(m.Key, received, now, version)
		return t, m, forget
	}
	m.Flags = slices.DeleteFunc(slices.Clone(m.Flags), func(f string) bool { return f == mention.FlagForgotten })
	return t.lend(m, nil, received, now, version)
}

// toForget is the message that takes words or a name away when their time is over.
func (t Ticket) toForget(what, key string, at, now time.Time, version int) outbox.Message {
	if at.Before(now) {
		at = now
	}
	id := t.messageID(version) + "-" + what
	m := outbox.New(id, outbox.Forget, t.ID, key, id, at)
	m.Channel = t.Channel().String()
	return m
}

// Over reports whether the network's rules no longer let us keep the words at the instant now.
func (m Mention) Over(now time.Time) bool { return !m.Until.IsZero() && !now.Before(m.Until) }

// Kept is the mention as it may be read at the instant now. Until stays: only what is stored without the words loses it.
func (m Mention) Kept(now time.Time) Mention {
	if m.Deleted || !m.Over(now) {
		return m
	}
	m.Text, m.Attachments = "", []mention.Attachment{}
	if !m.flag(mention.FlagForgotten) {
		m.Flags = append(slices.Clone(m.Flags), mention.FlagForgotten)
	}
	return m
}

// Kept is the case as it may be read at the instant now.
func (t Ticket) Kept(now time.Time) Ticket {
	if !t.ExcerptUntil.IsZero() && !now.Before(t.ExcerptUntil) {
		t.Excerpt = ""
	}
	t.Citizen = t.Citizen.kept(now)
	return t
}

func (c Citizen) kept(now time.Time) Citizen {
	if !c.Until.IsZero() && !now.Before(c.Until) {
		c.Name, c.Handle = "", ""
	}
	return c
}

// Kept is the line of a list as it may be read at the instant now.
func (r Row) Kept(now time.Time) Row {
	if !r.ExcerptUntil.IsZero() && !now.Before(r.ExcerptUntil) {
		r.Excerpt = ""
	}
	if !r.Citizen.Until.IsZero() && !now.Before(r.Citizen.Until) {
		r.Citizen.Name, r.Citizen.Handle = "", ""
	}
	return r
}

// ForgetStep takes out of the case what its network no longer lets us keep at the instant now, and ends the message that asked
// for it. What we know of the item, its class and our own answers stay. Where nothing is to be taken away the step only ends
// the message. One step takes as many mentions as fit into it; each has a message of its own.
func (s Story) ForgetStep(done outbox.Ref, now time.Time) Change {
	to, gone := s.Ticket.Kept(now), false
	if !to.ExcerptUntil.IsZero() && !now.Before(to.ExcerptUntil) {
		to.ExcerptUntil, gone = time.Time{}, true
	}
	if !to.Citizen.Until.IsZero() && !now.Before(to.Citizen.Until) {
		to.Citizen.Until, gone = time.Time{}, true
	}
	var mentions []Mention
	for _, m := range s.Mentions {
		if m.Over(now) && len(mentions) < stepTexts {
			m = m.Kept(now)
			m.Until = time.Time{}
			m.Rev++
			mentions = append(mentions, m)
		}
	}
	if !gone && len(mentions) == 0 {
		return Change{Done: []outbox.Ref{done}}
	}
	change := s.Ticket.next(to, audit.MentionForgotten, system(), "", nil, now).texts(mentions, nil)
	change.Done = []outbox.Ref{done}
	return change
}
