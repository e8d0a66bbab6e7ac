package intake

import (
	"context"
	"errors"
	"slices"
	"sync"

	"sence.gob.cl/gestor/shared/mention"
)

// Order sorts the events of one delivery by the network's time; in the same second an item stands before its edit and its
// withdrawal. Equals keep the order they came in.
func Order(events []mention.Event) []mention.Event {
	slices.SortStableFunc(events, func(a, b mention.Event) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return version(a) - version(b)
	})
	return events
}

// apart parts the events of a delivery into what people did, and what our accounts did, or what became of that.
func apart(events []mention.Event) (theirs, ours []mention.Event) {
	for _, e := range events {
		byUs := e.Author != nil && e.Author.ID != "" && e.Author.ID == e.Account
		if byUs || e.Outcome == mention.Own || e.Outcome == mention.Status || e.Outcome == mention.Moderation {
			ours = append(ours, e)
		} else {
			theirs = append(theirs, e)
		}
	}
	return theirs, ours
}

// version ranks what may happen to one item in the same second.
func version(e mention.Event) int {
	if e.Outcome == mention.Edit {
		return 1
	}
	if e.Outcome == mention.Delete {
		return 2
	}
	return 0
}

// each works the events: those of one thread one after the other in order, threads side by side, at most width at once.
// Every event is tried; the errors are joined.
func (w *Worker) each(ctx context.Context, events []mention.Event, work func(context.Context, mention.Event) error) error {
	var order []string
	lanes := map[string][]mention.Event{}
	for _, e := range events {
		lane := e.Thread
		if e.Author != nil {
			lane += "\x00" + e.Author.ID
		}
		if _, known := lanes[lane]; !known {
			order = append(order, lane)
		}
		lanes[lane] = append(lanes[lane], e)
	}
	errs := make([]error, len(order))
	gate := make(chan struct{}, width)
	var wg sync.WaitGroup
	for i, lane := range order {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			for _, e := range lanes[lane] {
				if err := work(ctx, e); err != nil {
					errs[i] = errors.Join(errs[i], unfinished(err))
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
