package fetch_test

import (
	"context"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/fetch"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/unit"
)

// What the network answers is a fact about its account.
func TestLook_Failures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		set    func(w *world)
		state  channel.State
		failed string
		lists  int // calls of the first list
	}{
		{"the key died", func(w *world) { w.net.fails["check"] = []error{fails(fault.Denied, "auth", 0)} }, channel.Paused, "auth", 0},
		{"the key died between two calls", func(w *world) { w.net.fails["list:feed"] = []error{fails(fault.Denied, "auth", 0)} }, channel.Paused, "auth", 1},
		{"no key can be had any more", func(w *world) { w.keys.err = fails(fault.Denied, "auth", 0) }, channel.Paused, "auth", 0},
		{"our own store does not give it", func(w *world) { w.keys.err = fails(fault.Denied, "credentials", 0) }, channel.Working, "credentials", 0},
		{"no key can be had now", func(w *world) { w.keys.err = fails(fault.Transient, "", 0) }, channel.Working, "credentials", 0},
		{"a right is missing", func(w *world) { w.net.fails["check"] = []error{fails(fault.Denied, "permission", 0)} }, channel.Working, "permission", 1},
		{"nobody answers", func(w *world) { w.net.fails["check"] = []error{fails(fault.Transient, "unreachable", 0)} }, channel.Working, "unreachable", 0},
		{"too many calls", func(w *world) { w.net.fails["list:feed"] = []error{fails(fault.Transient, "throttle", 20*time.Minute)} }, channel.Working, "throttle", 1},
		{"all is well", func(*world) {}, channel.Working, "", 1},
	} {
		w := newWorld(t)
		w.account(page)
		tt.set(w)
		c := w.look()
		if c.State != tt.state || c.Failed != tt.failed || w.net.calls["list:feed"] != tt.lists {
			t.Errorf("%s: %s, failed %q, lists %d", tt.name, c.State, c.Failed, w.net.calls["list:feed"])
		}
		if (tt.state == channel.Paused) != (c.Reason == channel.ReasonAuth) {
			t.Errorf("%s: reason %q", tt.name, c.Reason)
		}
		if tt.failed == "throttle" && c.Usage.Pace(w.now.Add(19*time.Minute)) != channel.Stop {
			t.Errorf("%s: use %+v", tt.name, c.Usage)
		}
	}
}

// A network that stopped an account is asked now and then whether somebody mended it over there, and nothing else.
func TestLook_Paused(t *testing.T) {
	w := newWorld(t)
	w.account(page, func(c *channel.Channel) { *c, _ = c.Halt(channel.ReasonAuth, w.now.Add(-2*time.Hour)) })
	w.net.fails["check"] = []error{fails(fault.Denied, "auth", 0)}
	c := w.look()
	if c.State != channel.Paused || !c.Next.Equal(w.now.Add(time.Hour)) || w.net.calls["list:feed"] != 0 {
		t.Errorf("still dead: %+v", c)
	}
	w.now = w.now.Add(time.Hour)
	c = w.look()
	if c.State != channel.Working || c.Reason != "" || w.net.calls["list:feed"] != 0 {
		t.Errorf("mended: %+v", c)
	}
	// A key that was renewed while the old one was refused stops nothing.
	w = newWorld(t)
	w.account(page)
	w.keys.renewed = true
	w.net.fails["list:feed"] = []error{fails(fault.Denied, "auth", 0)}
	c = w.look()
	if c.State != channel.Working || !c.Next.Equal(w.now.Add(time.Minute)) {
		t.Errorf("renewed meanwhile: %+v", c)
	}
	// A person's pause concerns what goes out: reading goes on, and nobody but a person ends it.
	w = newWorld(t)
	w.account(page, func(c *channel.Channel) { *c, _ = c.Pause("supervisor", w.now) })
	w.said("feed", "7_1", time.Hour/2)
	c = w.look()
	w.same("brought", keysOf(w.inbox.events(t)), []string{"7_1"})
	if c.State != channel.Paused || c.Reason != channel.ReasonByHand {
		t.Errorf("by hand: %+v", c)
	}
	// What was taken away is nobody's business.
	w = newWorld(t)
	w.account(page, func(c *channel.Channel) { c.State = channel.Closed })
	w.look()
	w.same("calls of a closed account", len(w.net.calls), 0)
}

// What the network says is used up slows looking down and stops it; it goes on when that is over.
func TestLook_Budget(t *testing.T) {
	for _, tt := range []struct {
		share float64
		calls int
	}{{0.74, 1}, {0.75, 0}, {0.95, 0}, {1, 0}} {
		w := newWorld(t)
		w.account(page, func(c *channel.Channel) {
			c.Usage = channel.Usage{Share: tt.share, At: w.now.Add(-time.Minute), Until: w.now.Add(10 * time.Minute)}
		})
		c := w.look()
		if w.net.calls["list:feed"] != tt.calls {
			t.Errorf("at %.2f: %d calls", tt.share, w.net.calls["list:feed"])
		}
		if tt.calls == 0 {
			w.same("calls", len(w.net.calls), 0)
			if c.Next.Sub(w.now) != 10*time.Minute {
				t.Errorf("at %.2f: looks again after %s", tt.share, c.Next.Sub(w.now))
			}
			w.now = w.now.Add(10 * time.Minute)
			if w.look(); w.net.calls["list:feed"] != 1 {
				t.Errorf("at %.2f: does not go on", tt.share)
			}
		}
	}
	// What a page says stops the next one.
	w := newWorld(t)
	w.account(page)
	for _, key := range []string{"7_1", "7_2", "7_3", "7_4", "7_5"} {
		w.said("feed", key, time.Hour/2)
	}
	w.net.usage = channel.Usage{Share: 0.8, At: w.now, Until: w.now.Add(time.Hour)}
	w.net.calls["check"] = 0
	c := w.look()
	if w.net.calls["check"] != 1 || w.net.calls["list:feed"] != 0 || c.Usage.Share != 0.8 {
		t.Errorf("after a check that says 80 %%: %v, %+v", w.net.calls, c.Usage)
	}
}

// X bills what is read: it is counted, and reading ends with the day's money.
func TestLook_Spend(t *testing.T) {
	w := newWorld(t, func(c *fetch.Config) { c.Limit = 4000 })
	w.account(x)
	for _, key := range []string{"1", "2", "3"} {
		e := w.said("mentions", key, time.Hour/2)
		e.Network = mention.X
	}
	day := "x/1500000000000000001" + w.now.Format(time.DateOnly)
	w.look()
	w.same("spent", w.store.spent[day], 3000)
	w.said("mentions", "4", time.Minute*10)
	w.now = w.now.Add(4 * time.Minute)
	w.look()
	w.same("spent", w.store.spent[day], 4000)
	w.said("mentions", "5", time.Minute*10)
	w.now = w.now.Add(4 * time.Minute)
	calls := w.net.calls["list:mentions"]
	w.look()
	w.same("spent", w.store.spent[day], 4000)
	w.same("lists", w.net.calls["list:mentions"], calls)
	w.now = w.now.Add(24 * time.Hour)
	w.look()
	w.same("the next day", w.net.calls["list:mentions"], calls+1)
}

// What is wrong is counted, for the alarms.
func TestLook_Measures(t *testing.T) {
	w := newWorld(t)
	w.account(page, func(c *channel.Channel) { *c, _ = c.Halt(channel.ReasonAuth, w.now) })
	w.account(x, func(c *channel.Channel) {
		c.Expiries = []channel.Expiry{{Kind: channel.ExpiresRefresh, At: w.now.AddDate(0, 1, 0), Warn: w.now}}
	})
	w.net.health.Mended = []string{"feed"}
	ctx, work := unit.Begin(context.Background(), "")
	if err := w.fetch.Look(ctx, w.now); err != nil {
		t.Fatal(err)
	}
	counts := work.Facts().Counts
	if counts[unit.ChannelsPaused] != 1 || counts[unit.ChannelsExpiring] != 1 || counts[unit.Mended] != 2 {
		t.Errorf("%v", counts)
	}
	if _, told := counts[unit.ChannelsPaused]; !told {
		t.Error("nothing is told when nothing is wrong")
	}
}

// A person who asks is answered whatever the time, and by what the network says now.
func TestAsked(t *testing.T) {
	w := newWorld(t)
	w.account(page, func(c *channel.Channel) { c.Next, c.Checked = w.now.Add(time.Hour), w.now })
	m := outbox.New("look-1", outbox.Look, outbox.ChannelCause(page.String()), "", "g", w.now)
	m.Channel = page.String()
	w.net.health.Name = "Página Ficticia"
	w.send(m, 1)
	c := w.store.channels[page]
	if w.net.calls["check"] != 1 || w.net.calls["list:feed"] != 1 || c.Name != "Página Ficticia" || len(w.store.messages) != 0 {
		t.Errorf("%v, %+v, %v", w.net.calls, c, w.store.messages)
	}
	// Who takes an account away takes its keys away.
	w.account(page, func(c *channel.Channel) { c.State = channel.Closed })
	w.store.grants[page] = channel.Grant{Ref: page, Sealed: "sellado", Rev: 3}
	for range 2 {
		w.send(m, 1)
		if g := w.store.grants[page]; g.Sealed != "" || g.Rev != 4 || len(w.store.messages) != 0 || w.net.calls["check"] != 1 {
			t.Errorf("taken away: %+v, %v", g, w.net.calls)
		}
	}
	for _, bad := range []string{"", "facebook", "orkut/1"} {
		m.Channel = bad
		w.store.messages[m.Ref()] = m
		if err := w.handle(m); !fault.Is(err, fault.Poison) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
