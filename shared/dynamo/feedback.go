package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// decisionLife is how long the way from a month to its decisions is kept; the entries themselves stay.
const decisionLife = 400 * 24 * time.Hour

// longestReading is the longest time whose readings, decisions or labels are given at once.
const longestReading = 190 * 24 * time.Hour

// rowReading is what the index of a day carries of a mention.
type rowReading struct {
	Network mention.Network     `json:"n"`
	Said    *classify.Judgement `json:"j"`
	Shadow  *classify.Judgement `json:"s,omitempty"`
}

// mentionOp writes a mention under its own lock. One that was judged stands in the index of its day with what was said of it, which
// costs one write unit more when it comes and one when its case ends.
func (s *Store) mentionOp(m ticket.Mention) (op, error) {
	i := item(mentionKey(m.Ticket, m.At, m.Key))
	if m.Judged != nil && m.Network != "" {
		row, err := json.Marshal(rowReading{m.Network, m.Judged, m.Shadow})
		if err != nil {
			return op{}, err
		}
		i.put(attrGSI2PK, attrGSI2SK, readingPlace(m))[attrRow] = text(string(row))
	}
	return s.revisedItem(i, m.Rev, m, m.Expires)
}

// labelOp writes a label over the revision it was decided on.
func (s *Store) labelOp(l ticket.Label) (op, error) {
	if l.Ticket == "" || l.Mention == "" || l.Kind == "" || l.LabelledAt.IsZero() || l.Expires.IsZero() {
		return op{}, errors.New("label of no mention, or for ever")
	}
	return s.placed(item(labelKey(l)).put(attrGSI2PK, attrGSI2SK, labelPlace(l)), l, l.Rev, l.Expires)
}

func (s *Store) readLabel(found attrs) (ticket.Label, error) {
	var l ticket.Label
	err := s.read(found, &l)
	l.Expires = found.expiry()
	return l, err
}

// decisionOps is what leads from the month to the entry by which a person gave a class: two write units, for each word of a person.
func (p *plan) decisionOps(e audit.Entry) {
	if _, is := ticket.DecisionOf(e); !is {
		return
	}
	i := item(decisionKey(e))
	i.keep(e.At.Add(decisionLife))
	p.add(op{verb: put, table: p.store.work, item: i}, nil)
}

// Readings gives what was said of the mentions that people wrote in [from, to), by their time. It reads an index, so that a mention of
// this moment can be missed, and gives nothing of what has expired with its case.
func (s *Store) Readings(ctx context.Context, from, to time.Time) ([]ticket.Reading, error) {
	const op = "dynamo.Readings"
	if to.Sub(from) > longestReading {
		return nil, tooLong(op)
	}
	var days []time.Time
	for date := from.UTC().Truncate(24 * time.Hour); date.Before(to); date = date.AddDate(0, 0, 1) {
		days = append(days, date)
	}
	parts := make([][]ticket.Reading, len(days))
	err := together(len(days), func(n int) error {
		return s.each(ctx, op, s.inBoard(readingsPK(days[n])), func(found attrs) (bool, error) {
			r, err := reading(found)
			if err == nil && !r.At.Before(from) && r.At.Before(to) {
				parts[n] = append(parts[n], r)
			}
			return true, err
		})
	})
	return slices.Concat(parts...), err
}

// reading reads a row of the index of a day.
func reading(found attrs) (ticket.Reading, error) {
	var row rowReading
	if err := json.Unmarshal([]byte(found.text(attrRow)), &row); err != nil {
		return ticket.Reading{}, fmt.Errorf("decode: %w", err)
	}
	place := strings.SplitN(found.text(attrSK), "#", 3)
	if len(place) != 3 || row.Said == nil {
		return ticket.Reading{}, errors.New("row of no mention")
	}
	return ticket.Reading{
		Ticket: strings.TrimPrefix(found.text(attrPK), casePK("")), Mention: place[2], Network: row.Network, At: found.when(attrGSI2SK), Said: *row.Said,
		Shadow: row.Shadow,
	}, nil
}

// Decisions gives by what people confirmed or corrected the class of cases in [from, to), by their time: the entries of the bitácora
// themselves.
func (s *Store) Decisions(ctx context.Context, from, to time.Time) ([]ticket.Decision, error) {
	const op = "dynamo.Decisions"
	if to.Sub(from) > longestReading {
		return nil, tooLong(op)
	}
	var found []ticket.ChangeRow
	for month := monthOf(from); month.Before(to); month = month.AddDate(0, 1, 0) {
		in := scope{table: s.work, pkName: attrPK, skName: attrSK, pk: decisionsPK(month), after: at(from), before: at(to)}
		err := s.each(ctx, op, in, func(i attrs) (bool, error) {
			row, ok := parseDaySK(i.text(attrSK))
			if !ok {
				return false, errors.New("decision of no entry")
			}
			found = append(found, row)
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	all := make([]ticket.Decision, 0, len(found))
	for group := range slices.Chunk(found, decisionsAtOnce) {
		part := make([]ticket.Decision, len(group))
		err := together(len(group), func(n int) (err error) {
			part[n], err = s.decision(ctx, op, group[n])
			return err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	return all, nil
}

// decisionsAtOnce is how many entries are read at the same time.
const decisionsAtOnce = 32

// decision reads the entry that a row leads to.
func (s *Store) decision(ctx context.Context, op string, row ticket.ChangeRow) (d ticket.Decision, err error) {
	k := entryKey(row.Ticket, row.Version)
	in := scope{table: s.bitacora, pkName: attrPK, skName: attrSK, pk: k.pk, prefix: k.sk}
	read := false
	err = s.each(ctx, op, in, func(found attrs) (bool, error) {
		var e audit.Entry
		err := s.packer.doc(found, &e)
		d, read = ticket.DecisionOf(e)
		return false, err
	})
	if err == nil && !read {
		err = broken(op, errors.New("decision of no entry"))
	}
	return d, err
}

// Labels gives the labels given in [from, to) that stand, by their time. It reads an index.
func (s *Store) Labels(ctx context.Context, from, to time.Time) ([]ticket.Label, error) {
	const op = "dynamo.Labels"
	if to.Sub(from) > longestReading {
		return nil, tooLong(op)
	}
	var all []ticket.Label
	for month := monthOf(from); month.Before(to); month = month.AddDate(0, 1, 0) {
		in := s.inBoard(labelsPK(month))
		in.after, in.before = at(from), at(to)
		err := s.each(ctx, op, in, func(found attrs) (bool, error) {
			l, err := s.readLabel(found)
			if err == nil && l.Stands() && !l.LabelledAt.Before(from) && l.LabelledAt.Before(to) {
				all = append(all, l)
			}
			return true, err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func tooLong(op string) error {
	return fault.Reject(op, "to", "Pide a lo más seis meses a la vez.")
}
