package fetch_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/fetch"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// Figures counts ten times what it was asked for.
func (n *network) Figures(ctx context.Context, _ channel.Access, id string, now time.Time) (post.Figures, channel.Usage, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.call(ctx, "figures"); err != nil {
		return post.Figures{}, n.usage, err
	}
	n.counted = append(n.counted, id)
	views := int64(10 * n.calls["figures"])
	return post.Figures{At: now.UTC(), Views: &views}, n.usage, nil
}

// posts are what went out.
type posts struct {
	mu      sync.Mutex
	targets []post.Target
	reads   int
	failing error
}

func (p *posts) Out(_ context.Context, from, to time.Time) ([]post.Target, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reads++
	return slices.DeleteFunc(slices.Clone(p.targets), func(t post.Target) bool { return t.At.Before(from) || !t.At.Before(to) || t.State != post.Sent }), p.failing
}

func (p *posts) Target(_ context.Context, id, name string) (post.Target, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.targets {
		if t.Post == id && t.Name() == name {
			return t, nil
		}
	}
	return post.Target{}, fault.New(fault.NotFound, "test", nil)
}

// commits keeps targets as the real store does, and all else as memory does.
func (p *posts) commits(c ticket.Change) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range c.Targets {
		i := slices.IndexFunc(p.targets, func(was post.Target) bool { return was.Chain() == t.Chain() })
		if p.targets[i].Rev != t.Rev-1 {
			return fault.New(fault.Conflict, "test", ticket.ErrStale)
		}
		p.targets[i] = t
	}
	return nil
}

// counting is a world in which posts went out at noon, to the page unless said otherwise.
func counting(t *testing.T, n int, with ...func(*fetch.Config)) (*world, *posts) {
	t.Helper()
	p := &posts{}
	w := newWorld(t, append(with, func(c *fetch.Config) { c.Posts = p })...)
	w.store.before = p.commits
	w.account(page)
	for i := range n {
		p.targets = append(p.targets, post.Target{
			Post: fmt.Sprintf("01P%d", i), Network: page.Network, Account: page.Account, Rev: 3, Version: 2, State: post.Sent, RemoteID: fmt.Sprintf("7_%d", i),
			At: w.now, SentAt: w.now,
		})
	}
	return w, p
}

// minutes looks each minute until so long after noon.
func (w *world) minutes(until time.Duration) {
	w.Helper()
	for end := worker.Noon().Add(until); w.now.Before(end); {
		w.now = w.now.Add(time.Minute)
		w.look()
	}
}

// A post is counted five times in its first week, soon after each of the times, and its name is remembered once.
func TestFigures_Times(t *testing.T) {
	w, p := counting(t, 1)
	var at []string
	last := 0
	for w.now.Before(worker.Noon().Add(10 * 24 * time.Hour)) {
		w.now = w.now.Add(time.Minute)
		w.look()
		if n := len(w.net.counted); n != last {
			last = n
			at = append(at, w.now.Sub(worker.Noon()).Truncate(10*time.Minute).String())
		}
	}
	w.same("counted at", at, []string{"1h0m0s", "6h0m0s", "24h0m0s", "72h0m0s", "168h0m0s"})
	got := p.targets[0]
	if got.Figures == nil || *got.Figures.Views != 50 || got.Version != 2 || got.Rev != 8 {
		t.Errorf("%+v", got)
	}
	if seen := w.store.seen["facebook/7_0"]; seen.Ticket != got.Cause() || seen.Reply != "facebook" {
		t.Errorf("remembered %+v", seen)
	}
	if most := 10 * 24 * 6; p.reads > most+1 {
		t.Errorf("what went out was read %d times", p.reads)
	}
}

// A look counts few, and comes to all of them; an account it is not asked about stays as it is.
func TestFigures_Few(t *testing.T) {
	w, p := counting(t, 12)
	p.targets[11].Account = "otra"
	w.now = w.now.Add(2 * time.Hour)
	for _, want := range []int{5, 10, 11, 11} {
		w.look()
		if got := len(w.net.counted); got != want {
			t.Errorf("%d counted, want %d", got, want)
		}
		w.now = w.now.Add(4 * time.Minute)
	}
}

// What is left of the calls, and of the money, belongs to people's answers.
func TestFigures_Budget(t *testing.T) {
	spend := func(c *fetch.Config) { c.Limit = 1000 }
	for name, tt := range map[string]struct {
		with func(w *world, p *posts)
		want int
	}{
		"free":   {func(*world, *posts) {}, 1},
		"slow":   {func(w *world, _ *posts) { w.account(page, used(w, 0.8)) }, 0},
		"stop":   {func(w *world, _ *posts) { w.account(page, used(w, 1)) }, 0},
		"closed": {func(w *world, _ *posts) { w.account(page, func(c *channel.Channel) { c.State = channel.Closed }) }, 0},
		"held": {func(w *world, _ *posts) {
			w.account(page, func(c *channel.Channel) { c.State, c.Reason = channel.Paused, channel.ReasonAuth })
		}, 0},
		"slow since the lists": {func(w *world, _ *posts) {
			w.net.usage = channel.Usage{Share: 0.8, At: w.now.Add(2 * time.Hour), Until: w.now.Add(3 * time.Hour)}
		}, 0},
		"taken away":    {func(_ *world, p *posts) { p.targets[0].RemovedAt = worker.Noon() }, 0},
		"seen there":    {func(_ *world, p *posts) { p.targets[0].RemoteID = "" }, 0},
		"nobody counts": {func(w *world, _ *posts) { w.net.fails["figures"] = []error{fails(fault.Denied, "permission", 0)} }, 0},
		"paid for": {func(w *world, p *posts) {
			p.targets[0].Network, p.targets[0].Account = x.Network, x.Account
			w.store.channels = map[channel.Ref]channel.Channel{}
			w.account(x)
		}, 1},
		"paid out": {func(w *world, p *posts) {
			p.targets[0].Network, p.targets[0].Account = x.Network, x.Account
			w.store.channels = map[channel.Ref]channel.Channel{}
			w.account(x)
			w.store.spent[x.String()+w.now.Format(time.DateOnly)] = 1000
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w, p := counting(t, 1, spend)
			tt.with(w, p)
			w.now = w.now.Add(2 * time.Hour)
			w.look()
			if got := len(w.net.counted); got != tt.want {
				t.Errorf("%d counted, want %d", got, tt.want)
			}
			if c := w.store.channels[page]; c.Failed != "" && name != "slow since the lists" {
				t.Errorf("the account ails: %+v", c)
			}
			if spent := w.store.spent[x.String()+w.now.Format(time.DateOnly)]; name == "paid for" && spent != 1000 {
				t.Errorf("%d spent", spent)
			}
		})
	}
}

func used(w *world, share float64) func(*channel.Channel) {
	return func(c *channel.Channel) {
		c.Usage = channel.Usage{Share: share, At: w.now.Add(time.Hour), Until: w.now.Add(3 * time.Hour)}
	}
}

// What cannot be counted is asked for again an hour later, and not at each look; what ails the account shows.
func TestFigures_Fails(t *testing.T) {
	w, _ := counting(t, 1)
	w.net.fails["figures"] = []error{fails(fault.Permanent, "unsupported", 0), fails(fault.Transient, "unreachable", 0)}
	w.minutes(time.Hour + 59*time.Minute)
	if n := w.net.calls["figures"]; n != 1 {
		t.Errorf("asked %d times", n)
	}
	w.minutes(2*time.Hour + 10*time.Minute)
	if c := w.store.channels[page]; w.net.calls["figures"] != 2 {
		t.Errorf("asked %d times, %+v", w.net.calls["figures"], c)
	}
	w.minutes(3*time.Hour + 20*time.Minute)
	if len(w.net.counted) != 1 {
		t.Errorf("counted %v", w.net.counted)
	}
}

// A network that asks us to wait is asked for nothing more.
func TestFigures_Throttled(t *testing.T) {
	w, _ := counting(t, 4)
	w.net.fails["figures"] = []error{nil, fails(fault.Transient, "throttle", 10*time.Minute)}
	w.now = w.now.Add(2 * time.Hour)
	if c := w.look(); w.net.calls["figures"] != 2 || c.Usage.Pace(w.now) != channel.Stop {
		t.Errorf("asked %d times, %+v", w.net.calls["figures"], c)
	}
}

// What its network says twice that it has not, was taken away over there; said once, it may come again.
func TestFigures_Gone(t *testing.T) {
	gone := func() error { return fails(fault.Permanent, "gone", 0) }
	for name, tt := range map[string]struct {
		script []error
		gone   bool
	}{
		"twice": {[]error{gone(), gone()}, true}, "once": {[]error{gone()}, false}, "not found": {[]error{fails(fault.NotFound, "", 0), gone()}, true},
		"twice, not in a row": {[]error{gone(), fails(fault.Permanent, "unsupported", 0), gone()}, false},
	} {
		w, p := counting(t, 1)
		w.net.fails["figures"] = tt.script
		w.minutes(3 * time.Hour)
		if got := p.targets[0]; got.RemovedAt.IsZero() == tt.gone || tt.gone && got.Version != 3 {
			t.Errorf("%s: %+v", name, got)
		}
		asked := w.net.calls["figures"]
		if w.minutes(5 * time.Hour); tt.gone && w.net.calls["figures"] != asked {
			t.Errorf("%s: asked for what is gone", name)
		}
		if c := w.store.channels[page]; c.Failed != "" || c.State != channel.Working {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// On the real store: counting writes no entry, being taken away does, and whoever crashes, the end is the same.
func TestReal_Figures(t *testing.T) {
	for name, set := range map[string]func(w *real){
		"nothing": func(*real) {},
		"before":  func(w *real) { w.Store.Set(worker.Once(func(c ticket.Change) bool { return len(c.Targets) > 0 }), nil) },
		"after":   func(w *real) { w.Store.Set(nil, worker.Once(func(c ticket.Change) bool { return len(c.Targets) > 0 })) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newReal(t)
			id := w.publishes()
			set(w)
			gone := fails(fault.Permanent, "gone", 0)
			w.net.fails["figures"] = []error{nil, gone, gone, gone}
			if name == "before" { // what was not written is asked again
				w.net.fails["figures"] = []error{nil, nil, gone, gone}
			}
			for w.Clock().Before(worker.Noon().Add(7 * time.Hour)) {
				w.At(w.Clock().Add(2 * time.Minute))
				if err := w.fetch.Look(t.Context(), w.Clock()); err != nil && !fault.Is(err, fault.Transient) {
					t.Fatal(err)
				}
			}
			got, err := w.Store.Target(t.Context(), id, "facebook")
			if err != nil || got.Figures == nil || got.RemovedAt.IsZero() {
				t.Fatalf("%+v, %v", got, err)
			}
			history, err := w.Store.History(t.Context(), got.Chain())
			if err == nil {
				err = audit.Verify(history)
			}
			if err != nil || len(history) != 3 || history[2].Kind != audit.PostRemoved {
				t.Errorf("%d entries, %v", len(history), err)
			}
			if seen, found, err := w.Store.Seen(t.Context(), page.Network, "7_9"); err != nil || !found || seen.Ticket != got.Cause() {
				t.Errorf("remembered %+v, %v", seen, err)
			}
		})
	}
}

// publishes has a post that went out to the page at noon, of whose name nobody took note.
func (w *real) publishes() string {
	w.Helper()
	ana := ticket.Actor{ID: "autora", Roles: []ticket.Role{ticket.Comunicaciones}}
	boss := ticket.Actor{ID: "aprueba", Roles: []ticket.Role{ticket.Supervisor}}
	const id = "01POST"
	take := func(c ticket.Change, err error) agenda.Plan {
		w.Helper()
		if err == nil {
			err = w.Store.Store.Commit(w.Context(), c)
		}
		if err != nil {
			w.Fatal(err)
		}
		p, err := w.Store.Plan(w.Context(), id)
		if err != nil {
			w.Fatal(err)
		}
		return p
	}
	content := post.Content{Text: "Aviso ficticio", Networks: []mention.Network{page.Network}, PublishAt: post.Moment{At: w.Clock()}}
	before := w.Clock().Add(-time.Hour)
	p := take(agenda.Draft(id, ana, content, agenda.About{}, before))
	p = take(p.Submit(ana, before))
	p = take(p.Approve(boss, agenda.Consent{}, mention.Accounts{page.Network: {page.Account}}, before))
	t := p.Targets[0]
	take(agenda.Step{Target: t, Done: outbox.Ref{Ticket: t.Cause(), ID: t.Message}, Now: w.Clock()}.Sent("7_9", "", w.Clock()), nil)
	return id
}
