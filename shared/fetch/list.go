package fetch

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

const (
	// grace is how old an item must be before it is ours to bring: its own delivery may be on its way, and what we bring
	// counts as repaired.
	grace = 90 * time.Second
	// ahead is how far a network's clock may be before ours.
	ahead = 5 * time.Minute
	// back is how much is read again where a network no longer knows how far we were.
	back = 15 * time.Minute
	// maxPages is how many pages of one list one look reads.
	maxPages = 10
	// perDelivery is how many events go into one delivery: far below what a queue takes, with the longest texts there are.
	perDelivery = 50
	// lookups is how many items are looked up at once.
	lookups = 8
)

// list reads a list from where it was left, and puts what nobody knows into the inbox before it goes on. It reports whether
// the list was read to its end.
func (w *Worker) list(ctx context.Context, c channel.Channel, r Reader, a channel.Access, name string, v *visit) bool {
	begun := c.ConnectedAt
	if begun.IsZero() { // connected by nobody, as when everything was installed at once
		begun = v.at.Add(-back)
	}
	q := channel.ListQuery{List: name, Cursor: c.Cursors[name], Since: begun}
	for range maxPages {
		page, err := r.List(ctx, a, q)
		v.cost += page.Cost
		if lost(err) && q.Cursor != "" {
			// The network no longer knows this place: go on from when everything was read last.
			q.Cursor, q.Since = "", later(begun, c.Listed.Add(-back))
			page, err = r.List(ctx, a, q)
			v.cost += page.Cost
		}
		if !v.took(ctx, r, page.Usage, err) {
			return false
		}
		wait, err := w.bring(ctx, v.at, c, page.Events)
		if err != nil {
			v.broken = err
			return false
		}
		if wait > 0 { // the place stays before what is too young
			v.next = earlier(v.next, v.at.Add(wait))
			return false
		}
		if page.Cursor != "" {
			v.cursors[name] = page.Cursor
		}
		switch {
		case !page.More || page.Cursor == q.Cursor:
			return true
		case v.usage.Pace(v.at) >= channel.Slow:
			return false
		}
		q.Cursor = page.Cursor
	}
	v.next = earlier(v.next, v.at.Add(soon))
	return false
}

// lost reports a query that will never be answered as it is.
func lost(err error) bool { return fault.Is(err, fault.Permanent) || fault.Is(err, fault.Invalid) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// bring puts into the inbox what nobody knows of the events. Those that are too young stay out, because their own delivery
// may come yet; wait says after how long the youngest of them is old enough, and that the list is to be read again from the
// same place.
func (w *Worker) bring(ctx context.Context, at time.Time, c channel.Channel, events []mention.Event) (wait time.Duration, err error) {
	unknown, err := w.unknown(ctx, events)
	if err != nil {
		return 0, err
	}
	var old, young []mention.Event
	said, missed := 0, 0
	for i, e := range events {
		isOld := age(e, at) >= grace
		if isOld && e.Outcome != mention.Own && passedOn(e) {
			said++
			if unknown[i] {
				missed++
			}
		}
		switch {
		case !unknown[i]:
		case isOld:
			old = append(old, e)
		default:
			young = append(young, e)
		}
	}
	if silent(said, missed) {
		old, young = append(old, young...), nil
	}
	for _, e := range young {
		wait = max(wait, grace-age(e, at))
	}
	return wait, w.deliver(ctx, at, c.Network, mention.OriginList, old)
}

// silent reports that deliveries hardly come any more: then waiting for those of the youngest items would only hold up all.
func silent(said, missed int) bool { return said >= 5 && missed*2 > said }

// age is how old an item is; one without a time, or with one that cannot be, is as old as can be.
func age(e mention.Event, at time.Time) time.Duration {
	if e.At.IsZero() || e.At.After(at.Add(ahead)) {
		return 24 * time.Hour
	}
	return at.Sub(e.At)
}

// unknown tells for each event whether it is news to us.
func (w *Worker) unknown(ctx context.Context, events []mention.Event) ([]bool, error) {
	out, errs := make([]bool, len(events)), make([]error, len(events))
	gate := make(chan struct{}, lookups)
	var wg sync.WaitGroup
	for i, e := range events {
		if !passedOn(e) {
			continue
		}
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			seen, found, err := w.cfg.Cases.Seen(ctx, e.Network, e.Key)
			out[i], errs[i] = !found || news(e, seen), err
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// news reports whether an event says more than what is remembered of its item: words where there were none, or the item
// itself where only an edit of it came.
func news(e mention.Event, seen ticket.Seen) bool {
	switch {
	case seen.Deleted:
		return false
	case seen.Blank:
		return e.Text != ""
	case seen.Ticket == "" && seen.Awaited == nil:
		return seen.Edited != nil
	}
	return false
}

// deliver puts events into the inbox; nil means that it holds all of them.
func (w *Worker) deliver(ctx context.Context, at time.Time, n mention.Network, origin string, events []mention.Event) error {
	const op = "fetch.deliver"
	for len(events) > 0 {
		some := events[:min(perDelivery, len(events))]
		events = events[len(some):]
		d, err := mention.EventsDelivery(n, origin, at, some)
		if err != nil {
			return fault.New(fault.Permanent, op, err)
		}
		d.Trace = unit.Of(ctx).Trace()
		text, err := json.Marshal(d)
		if err != nil {
			return fault.New(fault.Permanent, op, err)
		}
		if err := w.cfg.Inbox.Put(ctx, string(text)); err != nil {
			return err
		}
	}
	return nil
}
