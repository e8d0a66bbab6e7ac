package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// atOnce is how many cases are read at the same time.
const atOnce = 16

// Attention gives one page of what waits for a person, the oldest first, and the cursor of the next page, "" at the end.
// Whoever does not reach every case is shown the matters of those within their reach, by the class the case has now: it
// can change after a matter was raised. Then a page looks at no more than examined matters, so it can be shorter than asked
// for, even empty, and still have a next one. No cursor names a case that is not shown.
func (s *Store) Attention(ctx context.Context, who ticket.Reach, cursor string, limit int) (matters []ticket.Attention, next string, err error) {
	const op = "dynamo.Attention"
	in := s.inBoard(attentionPK)
	if in.after, err = position(op, cursor, cursorAttention); err != nil {
		return nil, "", err
	}
	limit = pageSize(limit)
	size := asked(limit)
	if who.Ordinary != who.Restricted || who.Posts != who.Ordinary { // most may be hidden: few rounds, whatever the page
		size = max(size, asked(pageDefault))
	}
	shown := place{text: in.after}
	for looked := size; ; looked += size {
		part, places, err := s.matters(ctx, op, in, size)
		if err != nil {
			return nil, "", err
		}
		visible, err := s.within(ctx, who, part)
		if err != nil {
			return nil, "", err
		}
		for n, a := range part {
			if !visible[a.Ticket] {
				continue
			}
			if len(matters) == limit {
				return matters, encodeCursor(cursorAttention, shown.text), nil
			}
			matters, shown = append(matters, a), place{text: places[n], at: at(a.At)}
		}
		if len(part) < size {
			return matters, "", nil
		}
		last := part[len(part)-1]
		if looked >= examined {
			return matters, encodeCursor(cursorAttention, shown.orJust(at(last.At))), nil
		}
		in.after = places[len(places)-1]
	}
}

// Matter gives one matter by the name it has in what it is about; false when it waits for nobody any more.
func (s *Store) Matter(ctx context.Context, cause, id string) (ticket.Attention, bool, error) {
	const op = "dynamo.Matter"
	var a ticket.Attention
	found, err := s.get(ctx, op, attentionKey(cause, id))
	if err != nil || found == nil {
		return a, false, err
	}
	if err := json.Unmarshal([]byte(found.text(attrRow)), &a); err != nil {
		return a, false, broken(op, err)
	}
	return a, true, nil
}

// place is where a matter that was shown stands in its list.
type place struct{ text, at string }

// orJust gives the place or, when what was looked at last stands at a later instant, a place before everything of that
// instant: it names nobody, and at most what shares the instant is looked at again.
func (p place) orJust(instant string) string {
	if p.at == instant {
		return p.text
	}
	return instant + "#!"
}

// matters reads a part of the list, with the place of each.
func (s *Store) matters(ctx context.Context, op string, in scope, limit int) (part []ticket.Attention, places []string, err error) {
	in.limit = limit
	err = s.each(ctx, op, in, func(found attrs) (bool, error) {
		var a ticket.Attention
		if err := json.Unmarshal([]byte(found.text(attrRow)), &a); err != nil {
			return false, fmt.Errorf("decode: %w", err)
		}
		part, places = append(part, a), append(places, found.text(attrGSI2SK))
		return len(part) < limit, nil
	})
	return part, places, err
}

// within tells which cases of the matters are within the reach.
func (s *Store) within(ctx context.Context, who ticket.Reach, matters []ticket.Attention) (map[string]bool, error) {
	ids := make([]string, 0, len(matters))
	for _, a := range matters {
		ids = append(ids, a.Ticket)
	}
	return s.Reached(ctx, who, ids)
}

// Reached tells which of the cases are within the reach, by the class each has now. A case nobody knows counts as no
// denuncia, and so does what is no case.
func (s *Store) Reached(ctx context.Context, who ticket.Reach, ids []string) (map[string]bool, error) {
	in := make(map[string]bool, len(ids))
	var unknown []string
	for _, id := range ids {
		if _, twice := in[id]; twice {
			continue
		}
		if _, is := outbox.PostOf(id); is {
			in[id] = who.Posts
			continue
		}
		if !outbox.IsCase(id) {
			in[id] = who.Ordinary
			continue
		}
		in[id] = who.Ordinary || who.Restricted
		unknown = append(unknown, id)
	}
	if who.Ordinary == who.Restricted { // all of them or none: no case need be read
		return in, nil
	}
	for len(unknown) > 0 {
		now := unknown[:min(atOnce, len(unknown))]
		unknown = unknown[len(now):]
		classes := make([]classify.Intent, len(now))
		err := together(len(now), func(n int) error {
			t, err := s.Ticket(ctx, now[n])
			if err != nil && !errors.Is(err, ticket.ErrGone) {
				return err
			}
			classes[n] = t.Intent.Final
			return nil
		})
		if err != nil {
			return nil, err
		}
		for n, id := range now {
			in[id] = who.Covers(classes[n])
		}
	}
	return in, nil
}
