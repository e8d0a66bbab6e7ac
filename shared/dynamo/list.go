package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// Sizes of a page of a list. A page looks at no more than examined rows, so that a filter nothing passes still answers.
const (
	pageDefault = 50
	pageMax     = 200
	examined    = 2000
)

func pageSize(limit int) int {
	if limit <= 0 {
		return pageDefault
	}
	return min(limit, pageMax)
}

// asked is how many rows a query asks for: one more than the page, to know whether there is a next one.
func asked(page int) int { return page + 1 }

// List gives one page of cases, and the cursor of the next one, "" at the end. It reads an index, so a change can show
// late. With a filter, a page can be shorter than asked for, even empty, and still have a next one. A view that does not
// exist and a cursor of another list are Invalid.
func (s *Store) List(ctx context.Context, q ticket.Query) (rows []ticket.Row, next string, err error) {
	const op = "dynamo.List"
	in, err := s.look(op, q)
	if err != nil {
		return nil, "", err
	}
	limit, looked, last, now := pageSize(q.Limit), 0, "", s.now(ctx)
	err = s.each(ctx, op, in, func(found attrs) (bool, error) {
		row, err := s.readRow(found)
		if err != nil {
			return false, err
		}
		row = row.Kept(now)
		if hidden(q, row) { // not even a cursor, or that there is one, may tell of it
			return true, nil
		}
		if len(rows) == limit || looked == examined { // one more than the page: there is a next one
			next = encodeCursor(cursorList, in.pk, last)
			return false, nil
		}
		looked++
		last = found.text(in.skName)
		if wanted(q, row) {
			rows = append(rows, row)
		}
		return true, nil
	})
	if err != nil {
		return nil, "", err
	}
	return rows, next, nil
}

// hidden reports whether the row is a denuncia nobody asked for: they share a partition only with what their holder
// holds.
func hidden(q ticket.Query, r ticket.Row) bool {
	return r.Intent.Final == classify.Denuncia && !q.Restricted
}

func wanted(q ticket.Query, r ticket.Row) bool {
	switch {
	case q.View == ticket.ViewState && r.State != q.State: // both waiting states share a queue
		return false
	case q.Intent != "" && r.Intent.Final != q.Intent:
		return false
	default:
		return q.Match == nil || q.Match(r)
	}
}

// look turns a query into the range to read.
func (s *Store) look(op string, q ticket.Query) (scope, error) {
	var in scope
	switch q.View {
	case ticket.ViewWaiting:
		in = s.inWaits(queuePK(ticket.Ingresado, q.Restricted))
	case ticket.ViewState:
		if !q.State.Known() {
			return in, fault.Reject(op, "state", "Ese estado no existe.")
		}
		in = s.inWaits(queuePK(q.State, q.Restricted))
	case ticket.ViewAssigned:
		if q.Assignee == "" {
			return in, fault.Reject(op, "assignee", "Falta decir de quién son los casos.")
		}
		in = s.inBoard(boardPK(q.Assignee))
	default:
		return in, fault.Reject(op, "view", "Esa vista no existe.")
	}
	if q.Intent != "" && q.View != ticket.ViewAssigned {
		in.prefix = rankPrefix(q.Intent)
	}
	in.limit = asked(pageSize(q.Limit))
	if q.Match != nil {
		in.limit = pageMax
	}
	if q.Cursor == "" {
		return in, nil
	}
	parts, err := decodeCursor(op, q.Cursor, cursorList, 2)
	if err != nil {
		return in, err
	}
	id := parts[1][strings.LastIndexByte(parts[1], '#')+1:]
	if parts[0] != in.pk || !strings.HasPrefix(parts[1], in.prefix) || id == "" {
		return in, badCursor(op)
	}
	in.start = item(ticketKey(id)).put(in.pkName, in.skName, key{in.pk, parts[1]})
	return in, nil
}

// Quarantined gives one page of the deliveries nobody could understand, the newest first, without their bytes, and the
// cursor of the next page, "" at the end.
func (s *Store) Quarantined(ctx context.Context, cursor string, limit int) (kept []ticket.Quarantined, next string, err error) {
	const op = "dynamo.Quarantined"
	before, err := position(op, cursor, cursorQuarantine)
	if err != nil {
		return nil, "", err
	}
	limit = pageSize(limit)
	last := ""
	for _, month := range livingMonths(s.now(ctx)) {
		in := s.inBoard(quarantinePK(month))
		in.before, in.descending, in.limit = before, true, asked(limit)
		err = s.each(ctx, op, in, func(found attrs) (bool, error) {
			if len(kept) == limit {
				next = encodeCursor(cursorQuarantine, last)
				return false, nil
			}
			var q ticket.Quarantined
			if err := json.Unmarshal([]byte(found.text(attrRow)), &q); err != nil {
				return false, fmt.Errorf("decode: %w", err)
			}
			kept, last = append(kept, q), found.text(attrGSI2SK)
			return true, nil
		})
		if err != nil || next != "" {
			break
		}
	}
	if err != nil {
		return nil, "", err
	}
	return kept, next, nil
}

// livingMonths are the months whose quarantine may still be kept, the newest first.
func livingMonths(now time.Time) []time.Time {
	newest := now.UTC().Add(24 * time.Hour) // a delivery stamped by another clock than ours
	oldest := now.UTC().Add(-quarantineLife - 24*time.Hour)
	var months []time.Time
	for m := time.Date(newest.Year(), newest.Month(), 1, 0, 0, 0, 0, time.UTC); m.AddDate(0, 1, 0).After(oldest); m = m.AddDate(0, -1, 0) {
		months = append(months, m)
	}
	return months
}

// QuarantinedBytes gives one delivery of the quarantine whole, if it is still kept.
func (s *Store) QuarantinedBytes(ctx context.Context, id string) (ticket.Quarantined, bool, error) {
	const op = "dynamo.QuarantinedBytes"
	var q ticket.Quarantined
	found, err := s.get(ctx, op, quarantineKey(id))
	if err != nil || found == nil {
		return q, false, err
	}
	if err := json.Unmarshal([]byte(found.text(attrRow)), &q); err != nil {
		return q, false, broken(op, err)
	}
	if packed := found.bytes(attrRaw); packed != nil {
		if q.Raw, err = s.packer.unpack(packed); err != nil {
			return q, false, broken(op, err)
		}
	}
	return q, true, nil
}
