package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"
)

// width is how many deliveries are on their way at once, at most.
const width = 128

// settle is how long the system may take to show everything it acknowledged; it starts anew with each item that appears. What
// a network did not tell us of is found by looking, every few minutes.
const (
	settle     = 60 * time.Second
	settleLost = 12 * time.Minute
)

// Report is what a load, or a check, found. Lost are acknowledged items that no case holds, Doubled those that more than
// one mention holds. Times are milliseconds and decide nothing.
type Report struct {
	Sent       int     `json:"sent"`
	Acked      int     `json:"acked"`
	AckP50     float64 `json:"ack_p50_ms"`
	AckP99     float64 `json:"ack_p99_ms"`
	Distinct   int     `json:"distinct"`
	Tickets    int     `json:"tickets"`
	Lost       int     `json:"lost"`
	Doubled    int     `json:"doubled"`
	VisibleP99 float64 `json:"visible_p99_ms"`
	Dropped    *int    `json:"dropped,omitempty"`
	Repaired   *int    `json:"repaired,omitempty"`
}

// Config is a load. Sign gives header and signature of a body of a network. With a Simulator, people write on its networks
// and it delivers what they wrote; without one, the load delivers by itself. Clock is the wall clock; Progress is told a
// line now and then.
type Config struct {
	Plan      Plan
	Journal   string
	System    *System
	Simulator *Simulator
	Sign      func(network string, body []byte) (header, signature string)
	Clock     func() time.Time
	Progress  func(line string)
}

// Run sends the plan and reports what became of what was acknowledged.
func Run(ctx context.Context, cfg Config) (Report, error) {
	sends, err := cfg.Plan.deliveries(cfg.Clock())
	if err != nil {
		return Report{}, err
	}
	book, err := openJournal(cfg.Journal)
	if err != nil {
		return Report{}, err
	}
	defer func() { _ = book.close() }()
	if err := cfg.System.login(ctx); err != nil {
		return Report{}, err
	}
	before, err := cfg.losses(ctx)
	if err != nil {
		return Report{}, err
	}
	watched := watch(ctx, cfg)
	acks, err := send(ctx, cfg, sends, book)
	if err != nil {
		return Report{}, err
	}
	patience := settle
	if cfg.Simulator != nil {
		patience = settleLost
	}
	out, byTicket, err := check(ctx, cfg, book.seen, patience)
	out.Sent, out.Acked = len(sends), len(acks)
	out.AckP50, out.AckP99 = percentile(acks, 50), percentile(acks, 99)
	out.VisibleP99 = percentile(visible(watched(), byTicket, book.seen), 99)
	if err != nil || cfg.Simulator == nil {
		return out, err
	}
	dropped, repaired, err := cfg.settled(ctx, before)
	out.Dropped, out.Repaired = &dropped, &repaired
	return out, err
}

// settled gives the losses since before. The system counts what it repaired just after it has stored it.
func (cfg Config) settled(ctx context.Context, before losses) (dropped, repaired int, err error) {
	for range 20 {
		after, err := cfg.losses(ctx)
		dropped, repaired = after.dropped-before.dropped, after.repaired-before.repaired
		if err != nil || repaired >= dropped {
			return dropped, repaired, err
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return dropped, repaired, ctx.Err()
		}
	}
	return dropped, repaired, nil
}

// losses are how many deliveries the simulator's faults have swallowed until now, and how many items looking has repaired.
type losses struct{ dropped, repaired int }

func (cfg Config) losses(ctx context.Context) (losses, error) {
	if cfg.Simulator == nil {
		return losses{}, nil
	}
	dropped, err := cfg.Simulator.dropped(ctx)
	if err != nil {
		return losses{}, err
	}
	repaired, err := cfg.System.repaired(ctx)
	return losses{dropped, repaired}, err
}

// Check compares what a journal says was acknowledged with the system as it is now.
func Check(ctx context.Context, cfg Config, acked map[string]time.Time) (Report, error) {
	if err := cfg.System.login(ctx); err != nil {
		return Report{}, err
	}
	out, _, err := check(ctx, cfg, acked, settle)
	out.Acked = len(acked)
	return out, err
}

// send paces the deliveries and gives the times of those acknowledged. A delivery that is not is tried no more: what the
// system did not acknowledge, it does not owe.
func send(ctx context.Context, cfg Config, sends []item, book *journal) (acks []float64, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	gate := make(chan struct{}, width)
	start := cfg.Clock()
	for n, one := range sends {
		due := start.Add(time.Duration(float64(n) / float64(cfg.Plan.Rate) * float64(time.Second)))
		if wait := due.Sub(cfg.Clock()); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			began := cfg.Clock()
			if !cfg.taken(ctx, one) {
				return
			}
			now := cfg.Clock()
			noted := book.ack(Acked{Key: one.Mark, At: now})
			mu.Lock()
			defer mu.Unlock()
			acks = append(acks, float64(now.Sub(began).Microseconds())/1000)
			err = errors.Join(err, noted)
		})
		if n%(cfg.Plan.Rate*5) == 0 {
			mu.Lock()
			cfg.Progress(fmt.Sprintf("%d of %d sent, %d acknowledged", n, len(sends), len(acks)))
			mu.Unlock()
		}
	}
	wg.Wait()
	return acks, err
}

// taken reports whether the item was: by the system, as its delivery, or by the simulated network, as a person's text.
func (cfg Config) taken(ctx context.Context, one item) bool {
	if cfg.Simulator != nil {
		return cfg.Simulator.write(ctx, one) == nil
	}
	header, signature := cfg.Sign(string(one.Network), one.Body)
	status, err := cfg.System.deliver(ctx, string(one.Network), header, signature, one.Body)
	return err == nil && status == http.StatusOK
}

// check waits until the system shows every acknowledged item, or has shown no more for as long as patience lasts, and counts.
func check(ctx context.Context, cfg Config, acked map[string]time.Time, patience time.Duration) (Report, map[string]string, error) {
	s, clock := cfg.System, cfg.Clock
	before, since, told := -1, clock(), clock()
	for {
		held := map[string]int{}
		byTicket := map[string]string{}
		err := s.cases(ctx, func(r row) {
			for _, m := range r.Mentions {
				if key, known := keyOf(m, acked); known {
					held[key]++
					byTicket[r.ID] = key
				}
			}
		})
		out := Report{Distinct: len(acked), Tickets: len(byTicket)}
		for key := range acked {
			switch n := held[key]; {
			case n == 0:
				out.Lost++
			case n > 1:
				out.Doubled++
			}
		}
		if len(held) != before {
			before, since = len(held), clock()
		}
		if err == nil && out.Lost == 0 || clock().Sub(since) > patience {
			return out, byTicket, err
		}
		if clock().Sub(told) > 15*time.Second {
			told = clock()
			cfg.Progress(fmt.Sprintf("%d acknowledged are not shown yet", out.Lost))
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return out, byTicket, ctx.Err()
		}
	}
}

// keyOf finds which of the acknowledged items a mention is: by the id its network gave it, or by the mark in its text.
func keyOf(m shown, acked map[string]time.Time) (string, bool) {
	if _, known := acked[m.ID]; known {
		return m.ID, true
	}
	mark := marked.FindString(m.Text)
	_, known := acked[mark]
	return mark, known
}

// watch follows the change feed and remembers when each case was first shown; the function it gives ends the watch.
func watch(ctx context.Context, cfg Config) func() map[string]time.Time {
	ctx, stop := context.WithCancel(ctx)
	done := make(chan map[string]time.Time, 1)
	go func() {
		first := map[string]time.Time{}
		cursor := ""
		for ctx.Err() == nil {
			tickets, next, err := cfg.System.changes(ctx, cursor)
			if err == nil {
				cursor = next
			}
			for _, t := range tickets {
				if _, known := first[t]; !known {
					first[t] = cfg.Clock()
				}
			}
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
		}
		done <- first
	}()
	return func() map[string]time.Time {
		stop()
		return <-done
	}
}

// visible gives, for each acknowledged item, how long after its acknowledgement its case was first shown.
func visible(first map[string]time.Time, byTicket map[string]string, acked map[string]time.Time) []float64 {
	var out []float64
	for id, at := range first {
		if key, ours := byTicket[id]; ours {
			out = append(out, max(0, float64(at.Sub(acked[key]).Microseconds())/1000))
		}
	}
	return out
}

// percentile gives the nearest-rank percentile, 0 of nothing.
func percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[int(math.Ceil(p/100*float64(len(sorted))))-1]
}
