package fetch

import (
	"context"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Counter is a Reader that can say what its network counts of a post of ours.
type Counter interface {
	Figures(ctx context.Context, a channel.Access, id string, now time.Time) (post.Figures, channel.Usage, error)
}

// Posts is what is known of what we published. Out reads an index, in which a change can show late.
type Posts interface {
	Out(ctx context.Context, from, to time.Time) ([]post.Target, error)
	Target(ctx context.Context, id, name string) (post.Target, error)
}

const (
	// countsPerLook is how many posts one look at an account counts: its lists come first.
	countsPerLook = 5
	// countedFor is how long after its moment a post is counted: its last time, and a day to get to it.
	countedFor = 8 * 24 * time.Hour
	// readOut is how often what went out is read anew: a post is first counted an hour after it went.
	readOut = 10 * time.Minute
	// countAgain is how long a post that could not be counted waits, goneAgain one that its network does not find: it must say so
	// twice, because what is written down as taken away is never found again.
	countAgain = time.Hour
	goneAgain  = 3 * time.Minute
)

// countTimes are how long after a post went out it is counted.
func countTimes() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{time.Hour, 6 * time.Hour, day, 3 * day, 7 * day}
}

// uncounted reports whether a post is to be counted at the instant: one of the times has come since it last was.
func uncounted(t post.Target, at time.Time) bool {
	if t.State != post.Sent || t.RemoteID == "" || !t.RemovedAt.IsZero() {
		return false
	}
	due := false
	for _, after := range countTimes() {
		when := t.SentAt.Add(after)
		due = due || !at.Before(when) && (t.Figures == nil || t.Figures.At.Before(when))
	}
	return due
}

// outgoing is what went out in the last days, as this process last read it, and what came of asking for it.
type outgoing struct {
	mu      sync.Mutex
	at      time.Time
	targets []post.Target
	asked   map[string]asked
}

// asked is when a post could not be counted, and whether its network did not find it.
type asked struct {
	at   time.Time
	gone bool
}

// due gives the posts of an account that are to be counted.
func (o *outgoing) due(ctx context.Context, posts Posts, ref channel.Ref, at time.Time) ([]post.Target, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if age := at.Sub(o.at); o.at.IsZero() || age < 0 || age >= readOut {
		all, err := posts.Out(ctx, at.Add(-countedFor), at)
		if err != nil {
			return nil, err
		}
		o.at, o.targets = at, all
		for chain, last := range o.asked {
			if at.Sub(last.at) > countedFor {
				delete(o.asked, chain)
			}
		}
	}
	var due []post.Target
	for _, t := range o.targets {
		if agenda.Channel(t) == ref && uncounted(t, at) && o.asked[t.Chain()].over(at) && len(due) < countsPerLook {
			due = append(due, t)
		}
	}
	return due, nil
}

// over reports whether what could not be counted may be asked for again.
func (l asked) over(at time.Time) bool {
	if l.gone {
		return at.Sub(l.at) >= goneAgain-beat
	}
	return l.at.IsZero() || at.Sub(l.at) >= countAgain-beat
}

// failed notes that a post could not be counted; it reports whether its network has said twice that it is gone.
func (o *outgoing) failed(t post.Target, gone bool, at time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	twice := gone && o.asked[t.Chain()].gone
	if o.asked == nil {
		o.asked = map[string]asked{}
	}
	o.asked[t.Chain()] = asked{at, gone}
	return twice
}

// is puts a post in the place of what was read of it.
func (o *outgoing) is(t post.Target) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, was := range o.targets {
		if was.Chain() == t.Chain() {
			o.targets[i] = t
		}
	}
	delete(o.asked, t.Chain())
}

// count asks the network what it counts of the posts whose time has come.
func (w *Worker) count(ctx context.Context, c channel.Channel, r Reader, a channel.Access, v *visit) {
	counter, can := r.(Counter)
	if !can || w.cfg.Posts == nil {
		return
	}
	due, err := w.out.due(ctx, w.cfg.Posts, c.Ref, v.at)
	if err != nil {
		v.broken = err
		return
	}
	for _, t := range due {
		if !v.goesOn() {
			return
		}
		t, err = w.cfg.Posts.Target(ctx, t.Post, t.Name())
		switch {
		case fault.Is(err, fault.NotFound):
			continue
		case err != nil:
			v.broken = err
			return
		case !uncounted(t, v.at): // somebody else has, or it was taken away
			w.out.is(t)
			continue
		}
		w.countOne(ctx, counter, r, a, t, v)
	}
}

// countOne asks for one post, and writes what came of it.
func (w *Worker) countOne(ctx context.Context, counter Counter, r Reader, a channel.Access, t post.Target, v *visit) {
	figures, usage, err := counter.Figures(ctx, a, t.RemoteID, v.at)
	switch reason := reasonOf(r, err); {
	case err == nil:
		v.took(ctx, r, usage, nil)
		v.cost++
		v.broken = w.counted(ctx, t, figures)
	case fault.Is(err, fault.NotFound), reason == "gone":
		v.took(ctx, r, usage, nil) // a network that knows what it has not works
		if w.out.failed(t, true, v.at) {
			v.broken = w.gone(ctx, t, v.at)
		}
	case final(reason): // of this post, or of figures, and not of the account
		v.took(ctx, r, usage, nil)
		w.out.failed(t, false, v.at)
	default:
		v.took(ctx, r, usage, err)
		w.out.failed(t, false, v.at)
	}
}

// counted writes what the network counts. A post whose name there nobody remembers is remembered now: what is done to it over there
// is found by that.
func (w *Worker) counted(ctx context.Context, t post.Target, f post.Figures) error {
	change := agenda.Counted(t, f)
	_, found, err := w.cfg.Cases.Seen(ctx, t.Network, t.RemoteID)
	if err != nil {
		return err
	}
	if !found {
		seen := agenda.Remember(t, t.RemoteID, t.SentAt)
		change.Seen = &seen
	}
	return w.wrote(ctx, change)
}

// gone writes that a post of ours was taken away on its network, which nobody told us of.
func (w *Worker) gone(ctx context.Context, t post.Target, at time.Time) error {
	change, news := agenda.Native(t, true, at, at)
	if !news {
		return nil
	}
	return w.wrote(ctx, change)
}

// wrote writes a step of a post. Who loses to somebody faster leaves it: the next look sees it as it is then.
func (w *Worker) wrote(ctx context.Context, change ticket.Change) error {
	err := w.cfg.Channels.Commit(ctx, change)
	switch {
	case err == nil:
		w.out.is(change.Targets[0])
		return nil
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.Duplicate):
		return nil
	default:
		return err
	}
}
