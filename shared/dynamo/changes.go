package dynamo

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/ticket"
)

// sweep is a reader's way through the day index. From is where it begins (a place of DAYSK, exclusive); started when it
// did; newest the newest instant it has met.
type sweep struct {
	from    string
	started time.Time
	newest  time.Time
}

// maxDays is how many days one answer looks through.
const maxDays = 31

// Changes gives the newest version of each case that changed since the cursor, in order of time, and the next cursor. It
// may repeat and never skips: every answer goes back ticket.ChangeOverlap over what was read before. "" begins at now,
// less the overlap. When there is more than one page, the cursor goes on exactly where the page ended; the last page's
// cursor counts from when the sweep began, since what was read early in it may have been read too early. It tells the
// reader only of steps within their reach, and nothing of others stands in the cursor; whoever later reaches further is
// told of what is further from then on.
func (s *Store) Changes(ctx context.Context, who ticket.Reach, since string) (changes []ticket.ChangeRow, cursor string, err error) {
	const op = "dynamo.Changes"
	now := s.now(ctx).UTC()
	way, err := begin(op, since, now)
	if err != nil {
		return nil, "", err
	}
	var found []ticket.ChangeRow
	date, err := time.Parse(day, way.from[:len(day)])
	if err != nil {
		return nil, "", badCursor(op)
	}
	last := now.Add(ticket.ChangeOverlap) // an entry may be stamped by a clock that runs before ours
	for days := 1; !date.After(last); days++ {
		part, horizon, err := s.oneDay(ctx, op, dayPKs(date, who), way.from)
		if err != nil {
			return nil, "", err
		}
		found = append(found, part...)
		date = date.AddDate(0, 0, 1)
		if horizon == "" && (len(found) >= dayShards*s.page || days == maxDays) {
			horizon = at(date)
		}
		if horizon != "" {
			return collapse(found), way.more(found, horizon), nil
		}
	}
	return collapse(found), way.end(found, now), nil
}

// begin reads a cursor: a plain one is an instant to go back from, one of a sweep goes on where its page ended.
func begin(op, since string, now time.Time) (sweep, error) {
	if since == "" {
		return sweep{from: at(now.Add(-ticket.ChangeOverlap)), started: now, newest: now.Add(-ticket.ChangeOverlap)}, nil
	}
	if parts, err := decodeCursor(op, since, cursorMore, 3); err == nil {
		started, errStarted := time.Parse(instant, parts[0])
		newest, errNewest := time.Parse(instant, parts[1])
		stamp, _, _ := strings.Cut(parts[2], "#")
		if _, err := time.Parse(instant, stamp); err != nil || errStarted != nil || errNewest != nil {
			return sweep{}, badCursor(op)
		}
		return sweep{from: parts[2], started: started, newest: newest}, nil
	}
	parts, err := decodeCursor(op, since, cursorChanges, 1)
	if err != nil {
		return sweep{}, err
	}
	when, err := time.Parse(instant, parts[0])
	if err != nil {
		return sweep{}, badCursor(op)
	}
	return sweep{from: at(when.Add(-ticket.ChangeOverlap)), started: now, newest: when}, nil
}

// more is the cursor of a page that did not reach the end.
func (w sweep) more(found []ticket.ChangeRow, horizon string) string {
	return encodeCursor(cursorMore, at(w.started), at(w.meet(found)), horizon)
}

// end is the cursor of a page that did. It is the newest instant met, but not after the sweep began; and while nothing
// happens it follows the clock at a distance, so that a long silence is not read over and over.
func (w sweep) end(found []ticket.ChangeRow, now time.Time) string {
	next := w.meet(found)
	if next.After(w.started) {
		next = w.started
	}
	if quiet := now.Add(-ticket.ChangeOverlap); quiet.Before(w.started) && next.Before(quiet) {
		next = quiet
	}
	return encodeCursor(cursorChanges, at(next))
}

// meet is the newest instant of the sweep so far.
func (w sweep) meet(found []ticket.ChangeRow) time.Time {
	newest := w.newest
	for _, c := range found {
		if c.At.After(newest) {
			newest = c.At
		}
	}
	return newest
}

// oneDay reads a page of each partition of a day. When one has more, what lies behind the earliest such page is left for
// the next answer, and the horizon is the place to go on from.
func (s *Store) oneDay(ctx context.Context, op string, pks []string, from string) (found []ticket.ChangeRow, horizon string, err error) {
	pages := make([][]string, len(pks))
	cut := make([]bool, len(pks))
	err = together(len(pks), func(n int) error {
		in := scope{
			table: s.bitacora, index: indexDay, pkName: attrDayPK, skName: attrDaySK, pk: pks[n], after: from, limit: s.page,
		}
		out, err := s.client.Query(ctx, in.input())
		if err != nil {
			return classified(op, err)
		}
		for _, i := range out.Items {
			pages[n] = append(pages[n], attrs(i).text(attrDaySK))
		}
		cut[n] = len(out.LastEvaluatedKey) > 0 && len(out.Items) > 0
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	for n, page := range pages {
		if cut[n] && (horizon == "" || page[len(page)-1] < horizon) {
			horizon = page[len(page)-1]
		}
	}
	for _, sk := range slices.Concat(pages...) {
		if c, ok := parseDaySK(sk); ok && (horizon == "" || sk <= horizon) {
			found = append(found, c)
		}
	}
	return found, horizon, nil
}

// collapse keeps the newest version of each case, in order of time.
func collapse(found []ticket.ChangeRow) []ticket.ChangeRow {
	newest := make(map[string]ticket.ChangeRow, len(found))
	for _, c := range found {
		if c.Version > newest[c.Ticket].Version {
			newest[c.Ticket] = c
		}
	}
	out := make([]ticket.ChangeRow, 0, len(newest))
	for _, c := range newest {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b ticket.ChangeRow) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Ticket, b.Ticket))
	})
	return out
}
