package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// accounts is what was last read of the connected ones.
type accounts struct {
	mu   sync.Mutex
	at   time.Time
	ours mention.Accounts
}

// readEvery is how long the connected accounts are believed to be what they were.
const readEvery = time.Minute

// ours gives the accounts that are ours, configured or connected, as they were within the last minute; anew as they are now.
func (w *Worker) ours(ctx context.Context, now time.Time, anew bool) (mention.Accounts, error) {
	if w.cfg.Accounts == nil {
		return nil, nil
	}
	k := &w.known
	k.mu.Lock()
	defer k.mu.Unlock()
	if age := now.Sub(k.at); !anew && k.ours != nil && age >= 0 && age < readEvery {
		return k.ours, nil
	}
	connected, err := w.cfg.Channels.Channels(ctx)
	if err != nil {
		return nil, err
	}
	ours := mention.Accounts{}
	for network, ids := range w.cfg.Accounts {
		ours[network] = slices.Clone(ids)
	}
	for _, c := range connected {
		if c.State != channel.Closed && !slices.Contains(ours[c.Network], c.Account) {
			ours[c.Network] = append(ours[c.Network], c.Account)
		}
	}
	k.at, k.ours = now, ours
	return ours, nil
}

func anyForeign(events []mention.Event) bool {
	return slices.ContainsFunc(events, func(e mention.Event) bool { return e.Reason == mention.ReasonForeign })
}

// isOurs reports whether an account of ours did what the event tells.
func (w *Worker) isOurs(ctx context.Context, e mention.Event, a *arrival) (bool, error) {
	if e.Author == nil || e.Author.ID == "" {
		return false, nil
	}
	if e.Author.ID == e.Account {
		return true, nil
	}
	ours, err := w.ours(ctx, a.now, false)
	return ours != nil && ours.Ours(e.Network, e.Author.ID), err
}

// sinceConnected leaves out of what looking found all that was written before its account was connected: the first look after
// that must not open the cases of years. What has no time is taken. The account is read now, and not as it was a minute ago:
// the first look may come within it.
func (w *Worker) sinceConnected(ctx context.Context, a *arrival, events []mention.Event) ([]mention.Event, error) {
	if a.origin != mention.OriginList {
		return events, nil
	}
	known := map[channel.Ref]channel.Channel{}
	for i, e := range events {
		ref := refOf(e)
		c, read := known[ref]
		if !read {
			var err error
			if c, _, err = w.cfg.Channels.Channel(ctx, ref); err != nil {
				return nil, unfinished(err)
			}
			known[ref] = c
		}
		if c.Before(e.At) {
			events[i].Outcome, events[i].Reason = mention.Ignore, mention.ReasonBefore
		}
	}
	return events, nil
}

// noted is when each account was last noted to be delivered to, by this process.
type noted struct {
	mu sync.Mutex
	at map[channel.Ref]time.Time
}

// due reports, once in a minute for each account, that its delivery is to be noted.
func (n *noted) due(ref channel.Ref, at time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.at == nil {
		n.at = map[channel.Ref]time.Time{}
	}
	last, known := n.at[ref]
	if age := at.Sub(last); known && age >= 0 && age < readEvery {
		return false
	}
	n.at[ref] = at
	return true
}

// noteWithin bounds what noting may take: the delivery does not wait longer for it, and does not fail with it.
const noteWithin = time.Second

// noteDelivered notes, beside the work, when the accounts of the delivery were last told of something.
func (w *Worker) noteDelivered(ctx context.Context, a *arrival, events []mention.Event) *sync.WaitGroup {
	var wg sync.WaitGroup
	if a.origin != "" {
		return &wg
	}
	for ref := range accountsOf(events) {
		if !w.noted.due(ref, a.received) {
			continue
		}
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, noteWithin)
			defer cancel()
			w.note(ctx, ref, func(c channel.Channel) (channel.Channel, bool) { return c.Heard(a.received) })
		})
	}
	return &wg
}

// accountsOf gives the accounts of ours that a delivery speaks of, and how many events each has.
func accountsOf(events []mention.Event) map[channel.Ref]int {
	all := map[channel.Ref]int{}
	for _, e := range events {
		if e.Account != "" && e.Reason != mention.ReasonForeign && e.Reason != mention.ReasonTest {
			all[refOf(e)]++
		}
	}
	return all
}

// noteRepaired counts what looking had to bring, for those who watch the whole and for the account.
func (w *Worker) noteRepaired(ctx context.Context, a *arrival) {
	sum := sha256.Sum256(a.raw)
	by := hex.EncodeToString(sum[:6])
	for ref, n := range a.mended {
		unit.Of(ctx).Count(unit.Repaired, float64(n))
		w.note(ctx, ref, func(c channel.Channel) (channel.Channel, bool) { return c.Mended(n, by), true })
	}
}

// noteRounds is how often a note is decided anew: an account is written by many at once, and each round costs little.
const noteRounds = 16

// note writes something about an account that is worth knowing and not worth a failure. Of an account that was never
// connected nothing is kept.
func (w *Worker) note(ctx context.Context, ref channel.Ref, step func(channel.Channel) (channel.Channel, bool)) {
	for range noteRounds {
		c, found, err := w.cfg.Channels.Channel(ctx, ref)
		if err != nil || !found {
			return
		}
		next, changes := step(c)
		if !changes || !fault.Is(w.cfg.Store.Commit(ctx, ticket.Change{Channel: &next}), fault.Conflict) {
			return
		}
	}
}

// noteCost adds what the network bills for the delivery to the day of its account.
func (w *Worker) noteCost(ctx context.Context, a *arrival, events []mention.Event) {
	if a.origin != "" {
		return
	}
	day := w.cfg.Calendar.DateOf(a.received, nil).String()
	billed := map[channel.Ref]map[string]int64{}
	for _, e := range events {
		cost, one := channel.Spending(refOf(e), day, costOf(e), 1)
		if !one || e.Account == "" || !ofPeople(e) {
			continue
		}
		if billed[cost.Ref] == nil {
			billed[cost.Ref] = map[string]int64{}
		}
		for what, micros := range cost.Micros {
			billed[cost.Ref][what] += micros
		}
	}
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	for ref, micros := range billed {
		_ = w.cfg.Store.Commit(ctx, ticket.Change{Spend: &channel.Spend{Ref: ref, Day: day, Micros: micros}}) // a figure that is missing harms nobody
	}
}

func costOf(e mention.Event) channel.Cost {
	if e.Public() {
		return channel.CostDelivered
	}
	return channel.CostReceived
}

// ofPeople reports whether the event is something a person said, or said anew.
func ofPeople(e mention.Event) bool {
	return e.Outcome == mention.Interaction || e.Outcome == mention.Thread || e.Outcome == mention.Fetch || e.Outcome == mention.Edit
}
