package dynamo

import (
	"errors"
	"slices"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/ticket"
)

// coherent refuses a Change that no transition may make: writing it would break a promise of the store.
func coherent(c ticket.Change) error {
	if err := coherentCase(c); err != nil {
		return err
	}
	switch {
	case c.Seen == nil && c.SeenWas != nil:
		return errors.New("what an item was, but not what it is")
	case c.SeenWas != nil && c.Seen.Rev <= c.SeenWas.Rev:
		return errors.New("seen item does not move on from what it was")
	case c.Claim != nil && c.ClaimAt.IsZero(), c.HandedOver != nil && c.HandedAt.IsZero():
		return errors.New("claim or handing over without its instant")
	default:
		return errors.Join(coherentLife(c), coherentChannel(c), coherentPosts(c), coherentFile(c.File), coherentModels(c.Models))
	}
}

// coherentLife is coherent for how long things are kept: a case expires when it has ended and not before, what hangs on it
// together with it, and no text waits for ever for an item that never comes. An awaited item comes, or is given up; words that
// are known of it may end before.
func coherentLife(c ticket.Change) error {
	if s := c.Seen; s != nil {
		early := s.Edited != nil && s.Ticket == ""
		switch {
		case s.Awaited == nil && early == s.Expires.IsZero():
			return errors.New("seen item expires without an early edit, or an early edit never does")
		case s.Awaited != nil && s.Ticket != "":
			return errors.New("an item in a case is awaited")
		}
	}
	if c.Ticket == nil {
		return nil
	}
	until := c.Ticket.Expires
	if c.Ticket.State.Final() == until.IsZero() {
		return errors.New("open case expires, or an ended one never does")
	}
	for _, m := range c.Mentions {
		if !m.Expires.Equal(until) {
			return errors.New("mention expires without its case")
		}
	}
	for _, r := range c.Replies {
		if !r.Expires.Equal(until) {
			return errors.New("reply expires without its case")
		}
	}
	return nil
}

// coherentCase is coherent for the ticket, its entry and its conversation.
func coherentCase(c ticket.Change) error {
	t, e := c.Ticket, c.Entry
	pointers := c.Open || c.Close || len(c.Names) > 0
	switch {
	case t == nil && e == nil && !pointers:
		return nil
	case t == nil || e == nil:
		return errors.New("ticket and entry go together, and open or close with them")
	case pointers && t.Conversation == "":
		return errors.New("ticket has no conversation")
	default:
		return errors.Join(coherentNames(c), coherentEntry(*t, *e))
	}
}

// coherentNames is coherent for what leads to the case: one that does not know of a pointer would leave it behind at its end.
func coherentNames(c ticket.Change) error {
	switch {
	case c.Open && c.Close, (c.Open || c.Close) && len(c.Names) > 0:
		return errors.New("open and close at once, or names beside")
	case c.Over != "" && (c.Over == c.Ticket.ID || !c.Open && len(c.Names) == 0):
		return errors.New("an ended case, and nothing that takes its place")
	}
	known := map[string]bool{"": true, c.Ticket.Conversation: true}
	for _, alias := range c.Ticket.Aliases {
		if known[alias] {
			return errors.New("an alias twice, or without a name")
		}
		known[alias] = true
	}
	for _, name := range c.Names {
		if !slices.Contains(c.Ticket.Aliases, name) {
			return errors.New("a name that the case does not remember")
		}
	}
	return nil
}

// coherentEntry is coherent for the ticket and its entry.
func coherentEntry(t ticket.Ticket, e audit.Entry) error {
	switch {
	case t.ID == "" || t.Version < 1 || e.Hash == "":
		return errors.New("ticket without id or version, or entry without seal")
	case e.Ticket != t.ID || e.Version != t.Version || e.Hash != t.Head:
		return errors.New("entry is not of this version of the ticket")
	default:
		return nil
	}
}
