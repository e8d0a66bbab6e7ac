package fetch_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/fetch"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// What no delivery brought comes by looking, once, from when the account was connected on.
func TestLook_BringsWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	w.said("feed", "7_before", 2*time.Hour)
	for i, key := range []string{"7_1", "7_2", "7_3", "7_4", "7_5"} {
		w.said("feed", key, 30*time.Minute-time.Duration(i)*time.Minute)
	}
	w.said("talks", "m_1", 10*time.Minute)
	w.know("7_2", "7_4")
	c := w.look()
	w.same("brought", keysOf(w.inbox.events(t)), []string{"7_1", "7_3", "7_5", "m_1"})
	for _, d := range w.inbox.held {
		if d.Origin != mention.OriginList || d.Network != page.Network || !d.Received.Equal(w.now) {
			t.Errorf("delivery %+v", d)
		}
	}
	w.same("cursors", c.Cursors, map[string]string{"feed": "6", "talks": "1"})
	if !c.Listed.Equal(w.now) || !c.Called.Equal(w.now) || !c.Checked.Equal(w.now) || c.Failed != "" || !c.Next.Equal(w.now.Add(4*time.Minute)) {
		t.Errorf("after the look: %+v", c)
	}
	w.same("callback checked", w.net.calls["check"], 1)

	w.inbox.held = nil
	w.now = w.now.Add(time.Minute)
	w.said("feed", "7_6", 2*time.Minute)
	w.look() // not its time yet
	w.same("before its time", len(w.inbox.held), 0)
	w.now = w.now.Add(3*time.Minute - time.Second) // the minute rule is never on the dot
	w.look()
	w.same("four minutes later", keysOf(w.inbox.events(t)), []string{"7_6"})
	w.same("checked again within the hour", w.net.calls["check"], 1)
}

// An item that is still young may be on its way to us: it is left, and so is the place before it.
func TestLook_Grace(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	w.said("feed", "7_1", 10*time.Minute)
	w.said("feed", "7_2", 20*time.Second)
	w.said("feed", "7_3", 10*time.Second)
	c := w.look()
	w.same("brought", keysOf(w.inbox.events(t)), []string{"7_1"})
	if c.Cursors["feed"] != "" || !c.Listed.IsZero() {
		t.Errorf("the place moved past what is not in the inbox: %+v", c)
	}
	if !c.Next.Equal(w.now.Add(80 * time.Second)) {
		t.Errorf("looks again after %s", c.Next.Sub(w.now))
	}
	w.know("7_1", "7_2") // one was delivered after all
	w.inbox.held = nil
	w.now = w.now.Add(2 * time.Minute)
	c = w.look()
	w.same("brought then", keysOf(w.inbox.events(t)), []string{"7_3"})
	w.same("place", c.Cursors["feed"], "3")
	// What is young and known holds up nothing.
	w.said("feed", "7_4", time.Second)
	w.know("7_4", "7_3")
	w.now = w.now.Add(4 * time.Minute)
	w.net.lists["feed"][3].At = w.now.Add(-time.Second)
	w.same("place", w.look().Cursors["feed"], "4")
}

// Where deliveries hardly come any more, nothing waits for them.
func TestLook_NoGraceWithoutDeliveries(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	w.net.size = 20
	for _, key := range []string{"7_1", "7_2", "7_3", "7_4", "7_5"} {
		w.said("feed", key, 10*time.Minute)
	}
	w.said("feed", "7_young", time.Second)
	w.know("7_1", "7_2")
	c := w.look()
	w.same("brought", keysOf(w.inbox.events(t)), []string{"7_3", "7_4", "7_5", "7_young"})
	w.same("place", c.Cursors["feed"], "6")
}

// An item without a time, or with one that cannot be, does not hold the list up for ever.
func TestLook_StrangeTimes(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	w.said("feed", "7_future", -48*time.Hour)
	w.said("feed", "7_none", 0)
	w.net.lists["feed"][1].At = time.Time{}
	c := w.look()
	w.same("brought", keysOf(w.inbox.events(t)), []string{"7_future", "7_none"})
	w.same("place", c.Cursors["feed"], "2")
}

// What is known is left, unless its words were missing or only an edit of it came; our own words go too.
func TestLook_WhatIsNews(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	w.net.size = 50
	early := mention.Event{Outcome: mention.Edit}
	states := map[string]ticket.Seen{
		"7_case": {Ticket: "01T"}, "7_blank": {Ticket: "01T", Blank: true}, "7_gone": {Deleted: true}, "7_waits": {Awaited: &early},
		"7_early": {Edited: &early}, "7_nobody": {}, "7_wordless": {Ticket: "01T", Blank: true}, "7_gone_blank": {Deleted: true, Blank: true},
	}
	for key, s := range states {
		s.Network, s.Key, s.Rev = page.Network, key, 1
		w.store.seen["facebook/"+key] = s
	}
	for _, key := range []string{"7_case", "7_blank", "7_gone", "7_waits", "7_early", "7_nobody", "7_wordless", "7_gone_blank", "7_new"} {
		w.said("feed", key, time.Hour/2)
	}
	w.net.lists["feed"][6].Text = ""
	own := w.said("feed", "7_own", time.Hour/2)
	own.Outcome = mention.Own
	w.net.lists["feed"][9] = own
	like := own
	like.Outcome, like.Key = mention.Reaction, "7_like"
	w.net.lists["feed"] = append(w.net.lists["feed"], like)
	w.look()
	w.same("brought", keysOf(w.inbox.events(t)), []string{"7_blank", "7_early", "7_new", "7_own"})
}

// The inbox comes before the place: who dies between reads again.
func TestLook_CrashPoints(t *testing.T) {
	broken := fault.New(fault.Transient, "test", errors.New("crash"))
	for name, crash := range map[string]func(w *world){
		"the inbox fails":                    func(w *world) { w.inbox.script = []error{broken} },
		"the inbox fails at the second list": func(w *world) { w.inbox.script = []error{nil, broken} },
		"the place cannot be written": func(w *world) {
			n := 0
			w.store.before = func(c ticket.Change) error {
				if n++; c.Channel != nil && n == 2 {
					return broken
				}
				return nil
			}
		},
	} {
		w := newWorld(t)
		w.account(page)
		w.said("feed", "7_1", time.Hour/2)
		w.said("talks", "m_1", time.Hour/2)
		crash(w)
		if err := w.fetch.Look(context.Background(), w.now); !fault.Is(err, fault.Transient) {
			t.Errorf("%s: %v", name, err)
		}
		c := w.store.channels[page]
		events := keysOf(w.inbox.events(t))
		if c.Cursors["feed"] != "" && len(events) == 0 || c.Cursors["talks"] != "" && len(events) < 2 {
			t.Errorf("%s: the place is past what is not in the inbox: %v, %v", name, c.Cursors, events)
		}
		w.store.before, w.inbox.script = nil, nil
		w.now = w.now.Add(5 * time.Minute)
		w.look()
		all := map[string]bool{}
		for _, key := range keysOf(w.inbox.events(t)) {
			all[key] = true
		}
		if !all["7_1"] || !all["m_1"] {
			t.Errorf("%s: %v", name, all)
		}
	}
}

// Two who look at once look once.
func TestLook_TwoAtOnce(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	w.said("feed", "7_1", time.Hour/2)
	var both sync.WaitGroup
	for range 8 {
		both.Go(func() {
			if err := w.fetch.Look(context.Background(), w.now); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	w.same("brought", keysOf(w.inbox.events(t)), []string{"7_1"})
	w.same("lists", w.net.calls["list:feed"], 1)
}

// A change that somebody else makes of the account meanwhile stands beside what was found.
func TestLook_BesideOthers(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	w.said("feed", "7_1", time.Hour/2)
	n := 0
	w.store.before = func(ticket.Change) error {
		if n++; n == 2 { // between the claim and the end of the look
			c := w.store.channels[page]
			c, _ = c.Pause("supervisor", w.now)
			w.store.channels[page] = c
		}
		return nil
	}
	c := w.look()
	if c.State != channel.Paused || c.By != "supervisor" || c.Cursors["feed"] != "1" || c.Called.IsZero() {
		t.Errorf("%+v", c)
	}
}

// One network that hangs harms no other account, and the look stays within its time.
func TestLook_OneHangs(t *testing.T) {
	hung := newNetwork()
	hung.hang = true
	w := newWorld(t, func(c *fetch.Config) {
		c.Networks[mention.X] = fetch.Network{Reader: hung, Lists: []string{"mentions"}}
	})
	w.account(x)
	w.account(page)
	w.said("feed", "7_1", time.Hour/2)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond) // stands for the function's end
	defer cancel()
	if err := w.fetch.Look(ctx, w.now); err != nil {
		t.Fatal(err)
	}
	w.same("brought", keysOf(w.inbox.events(t)), []string{"7_1"})
	c := w.store.channels[x]
	if c.State != channel.Working || c.Failed != "" || !c.Next.Equal(w.now.Add(time.Minute)) {
		t.Errorf("cut off by our own clock: %+v", c)
	}
}

// A list that is long goes on in the next minute, from where it was.
func TestLook_LongList(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	w.net.size = 1
	for i := range 25 {
		w.said("feed", "7_"+string(rune('a'+i)), 50*time.Minute-time.Duration(i)*time.Minute)
	}
	looks := 0
	for ; looks < 10; looks++ {
		if c := w.look(); !c.Listed.IsZero() {
			break
		}
		w.now = w.now.Add(time.Minute)
	}
	w.same("looks", looks, 2)
	w.same("brought", len(w.inbox.events(t)), 25)
}

// A place that the network no longer knows is left, and reading goes on from the last time all was read.
func TestLook_LostPlace(t *testing.T) {
	w := newWorld(t)
	listed := w.now.Add(-5 * time.Minute)
	w.account(page, func(c *channel.Channel) {
		c.Cursors, c.Listed, c.ConnectedAt = map[string]string{"feed": "99", "talks": "0"}, listed, w.now.AddDate(0, -1, 0)
	})
	w.net.fails["list:feed"] = []error{fails(fault.Permanent, "input", 0)}
	w.said("feed", "7_old", 10*24*time.Hour)
	w.said("feed", "7_1", 4*time.Minute)
	c := w.look()
	w.same("brought", keysOf(w.inbox.events(t)), []string{"7_1"})
	w.same("place", c.Cursors["feed"], "2")
}

// LinkedIn's lists are read twice an hour; between them one small call tells whether the key lives.
func TestLook_Habits(t *testing.T) {
	linkedIn := channel.Ref{Network: mention.LinkedIn, Account: "urn:li:organization:1"}
	whatsApp := channel.Ref{Network: mention.WhatsApp, Account: "106540352242922"}
	probing := &prober{network: newNetwork()}
	w := newWorld(t, func(c *fetch.Config) {
		c.Networks[mention.LinkedIn] = fetch.Network{Reader: probing, Lists: []string{"notifications"}}
	})
	w.account(linkedIn)
	w.account(whatsApp)
	for range 61 {
		w.look()
		w.now = w.now.Add(time.Minute)
	}
	w.same("lists in an hour", probing.calls["list:notifications"], 2)
	w.same("checks in an hour", probing.calls["check"], 1)
	w.same("calls in an hour", probing.probes+probing.calls["list:notifications"]+probing.calls["check"], 17)
	w.same("whatsapp's calls, all of them checks without a probe of its own", w.net.calls["check"], 16)
}

// An account that its network took out of service is looked at again soon, then less and less often; the first look that finds
// it well lets it go on.
func TestLook_HeldIsLookedAtAgain(t *testing.T) {
	w := newWorld(t)
	refused := fails(fault.Denied, "auth", 0)
	w.net.fails["check"] = []error{refused, refused, refused, refused, refused, refused, refused, refused, refused}
	w.account(page, func(c *channel.Channel) { *c, _ = c.Halt(channel.ReasonAuth, w.now); c.Checked = w.now })
	began := w.now
	var looks []time.Duration
	for calls := 0; w.now.Sub(began) < 3*time.Hour; w.now = w.now.Add(time.Minute) {
		if w.look(); w.net.calls["check"] > calls {
			calls = w.net.calls["check"]
			looks = append(looks, w.now.Sub(began)/time.Minute)
		}
	}
	w.same("minutes of the looks", looks, []time.Duration{1, 2, 4, 8, 16, 32, 64, 124})
	w.same("read while it stood still", w.net.calls["list:feed"], 0)
	w.net.fails["check"] = nil
	for range 61 {
		w.look()
		w.now = w.now.Add(time.Minute)
	}
	w.same("state", w.store.channels[page].State, channel.Working)
}

type prober struct {
	*network
	probes int
}

func (p *prober) Probe(context.Context, channel.Access) (channel.Usage, error) {
	p.probes++
	return channel.Usage{}, nil
}
