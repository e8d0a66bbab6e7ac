package dynamo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// missing is the answer for what does not exist.
func missing(op string) error { return fault.New(fault.NotFound, op, ticket.ErrGone) }

// Ticket gives a case as it is now; NotFound when there is none. Here and wherever else a citizen's words or name are read,
// what its network no longer lets us keep is not given: the same instant decides as over what has expired, and no reader can
// forget to ask (ADR 0022).
func (s *Store) Ticket(ctx context.Context, id string) (ticket.Ticket, error) {
	const op = "dynamo.Ticket"
	found, err := s.get(ctx, op, ticketKey(id))
	if err != nil {
		return ticket.Ticket{}, err
	}
	if found == nil {
		return ticket.Ticket{}, missing(op)
	}
	t, err := s.readTicket(found)
	if err != nil {
		return ticket.Ticket{}, broken(op, err)
	}
	return t.Kept(s.now(ctx)), nil
}

// readTicket reads the document that stands behind the row in the packed bytes.
func (s *Store) readTicket(found attrs) (ticket.Ticket, error) {
	var t ticket.Ticket
	both, err := s.packer.unpackPair(found.bytes(attrRow), found.bytes(attrDoc))
	if err != nil {
		return t, err
	}
	_, doc, ok := bytes.Cut(both, []byte("\n"))
	if !ok {
		return t, fmt.Errorf("decode: no document behind the row")
	}
	if err := json.Unmarshal(doc, &t); err != nil {
		return t, fmt.Errorf("decode: %w", err)
	}
	t.Expires = found.expiry()
	return t, nil
}

func (s *Store) readRow(found attrs) (ticket.Row, error) {
	var row ticket.Row
	raw, err := s.packer.unpackFirst(found.bytes(attrRow))
	if err != nil {
		return row, err
	}
	if err := json.Unmarshal(raw, &row); err != nil {
		return row, fmt.Errorf("decode: %w", err)
	}
	return row, nil
}

// Story gives a case with its mentions and replies in order of time, as they are now; NotFound when there is none. A
// planned reply whose message is claimed is shown as claimed, since the claim.
func (s *Store) Story(ctx context.Context, id string) (ticket.Story, error) {
	const op = "dynamo.Story"
	var story ticket.Story
	claimed := map[string]time.Time{}
	now := s.now(ctx)
	err := s.each(ctx, op, s.inCase(s.work, id), func(found attrs) (bool, error) {
		return true, s.tell(&story, claimed, found, now)
	})
	if err != nil {
		return ticket.Story{}, err
	}
	if story.Ticket.ID == "" {
		return ticket.Story{}, missing(op)
	}
	slices.SortStableFunc(story.Replies, func(a, b ticket.Reply) int { return a.PlannedAt.Compare(b.PlannedAt) })
	for i, r := range story.Replies {
		if when, ok := claimed[r.Message]; ok && r.State == ticket.ReplyPlanned {
			story.Replies[i].State, story.Replies[i].ClaimedAt = ticket.ReplyClaimed, when
		}
	}
	return story, nil
}

// tell adds one item of the case to its story, as it may be read at the instant now.
func (s *Store) tell(story *ticket.Story, claimed map[string]time.Time, found attrs, now time.Time) error {
	sk := found.text(attrSK)
	switch {
	case sk == "T":
		t, err := s.readTicket(found)
		story.Ticket = t.Kept(now)
		return err
	case strings.HasPrefix(sk, "M#"):
		var m ticket.Mention
		if err := s.packer.doc(found, &m); err != nil {
			return err
		}
		m.Expires = found.expiry()
		story.Mentions = append(story.Mentions, m.Kept(now))
	case strings.HasPrefix(sk, "P#"):
		var r ticket.Reply
		if err := s.packer.doc(found, &r); err != nil {
			return err
		}
		r.Expires = found.expiry()
		story.Replies = append(story.Replies, r)
	case strings.HasPrefix(sk, "L#"):
		l, err := s.readLabel(found)
		story.Labels = append(story.Labels, l)
		return err
	case strings.HasPrefix(sk, "O#"):
		if when := found.when("claimed"); !when.IsZero() {
			claimed[strings.TrimPrefix(sk, "O#")] = when
		}
	}
	return nil
}

// History gives the bitácora of a case from its first entry; nothing for a case nobody knows.
func (s *Store) History(ctx context.Context, id string) ([]audit.Entry, error) {
	var history []audit.Entry
	err := s.each(ctx, "dynamo.History", s.inCase(s.bitacora, id), func(found attrs) (bool, error) {
		var e audit.Entry
		if err := s.packer.doc(found, &e); err != nil {
			return false, err
		}
		history = append(history, e)
		return true, nil
	})
	return history, err
}

// Mention gives one mention of a case by its key and its time; NotFound when there is none.
func (s *Store) Mention(ctx context.Context, ticketID, item string, at time.Time) (ticket.Mention, error) {
	var m ticket.Mention
	found, err := s.mustDoc(ctx, "dynamo.Mention", mentionKey(ticketID, at, item), &m)
	m.Expires = found.expiry()
	return m.Kept(s.now(ctx)), err
}

// Reply gives one reply as it is stored; NotFound when there is none.
func (s *Store) Reply(ctx context.Context, ticketID, replyID string) (ticket.Reply, error) {
	var r ticket.Reply
	found, err := s.mustDoc(ctx, "dynamo.Reply", replyKey(ticketID, replyID), &r)
	r.Expires = found.expiry()
	return r, err
}

// mustDoc reads the document of an item that should exist, and gives the item.
func (s *Store) mustDoc(ctx context.Context, op string, k key, v any) (attrs, error) {
	found, err := s.get(ctx, op, k)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, missing(op)
	}
	if err := s.packer.doc(found, v); err != nil {
		return nil, broken(op, err)
	}
	return found, nil
}
