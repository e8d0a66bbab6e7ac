package channel_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

func costs() []channel.Cost {
	return []channel.Cost{
		channel.CostPost, channel.CostPostLink, channel.CostSummoned, channel.CostDM, channel.CostDelivered, channel.CostReceived, channel.CostRead,
		channel.CostTemplate,
	}
}

// The prices are those of the file, which says from when they are; only X, and the templates of WhatsApp, cost anything.
func TestPrice(t *testing.T) {
	p, err := channel.LoadPrices()
	if err != nil || p.Source == "" {
		t.Fatalf("the file: %+v, %v", p, err)
	}
	if _, err := time.Parse(time.DateOnly, p.Date); err != nil {
		t.Errorf("its date: %v", err)
	}
	want := map[channel.Cost]int64{
		channel.CostPost: 15_000, channel.CostPostLink: 200_000, channel.CostSummoned: 10_000, channel.CostDM: 15_000,
		channel.CostDelivered: 5_000, channel.CostReceived: 10_000, channel.CostRead: 1_000,
	}
	for _, n := range mention.Networks() {
		for _, c := range costs() {
			expect := int64(0)
			switch n {
			case mention.X:
				expect = want[c]
			case mention.WhatsApp:
				expect = map[channel.Cost]int64{channel.CostTemplate: 20_000}[c]
			}
			if got := channel.Price(n, c); got != expect {
				t.Errorf("%s on %s is %d, want %d", c, n, got, expect)
			}
		}
	}
	if len(p.Micros) != 2 || len(p.Micros[mention.X]) != len(costs())-1 || len(p.Micros[mention.WhatsApp]) != 1 {
		t.Errorf("the file prices what nobody asks for: %v", p.Micros)
	}
}

func TestCostOf(t *testing.T) {
	for _, tt := range []struct {
		private, link, summoned bool
		want                    channel.Cost
	}{
		{false, false, false, channel.CostPost},
		{false, false, true, channel.CostSummoned},
		{false, true, false, channel.CostPostLink},
		{false, true, true, channel.CostPostLink},
		{true, false, false, channel.CostDM},
		{true, true, true, channel.CostDM},
	} {
		if got := channel.CostOf(tt.private, tt.link, tt.summoned); got != tt.want {
			t.Errorf("private %t, link %t, summoned %t: %s, want %s", tt.private, tt.link, tt.summoned, got, tt.want)
		}
	}
}

func TestSpending(t *testing.T) {
	x := channel.Ref{Network: mention.X, Account: "1"}
	s, billed := channel.Spending(x, "2026-11-30", channel.CostDelivered, 3)
	if !billed || s.Ref != x || s.Day != "2026-11-30" || s.Total() != 15_000 || s.Micros["mention_delivered"] != 15_000 {
		t.Errorf("three deliveries: %+v, %t", s, billed)
	}
	if _, billed := channel.Spending(channel.Ref{Network: mention.Facebook, Account: "1"}, "2026-11-30", channel.CostPost, 1); billed {
		t.Error("Facebook bills")
	}
	for _, tt := range []struct {
		limit, next int64
		want        bool
	}{{0, 1, false}, {15_000, 0, false}, {15_001, 1, false}, {15_000, 1, true}, {14_000, 1, true}, {14_000, 0, false}} {
		if got := s.Exceeds(tt.limit, tt.next); got != tt.want {
			t.Errorf("limit %d, next %d: %t", tt.limit, tt.next, got)
		}
	}
}

func TestChannel_Hold(t *testing.T) {
	spent := channel.Spend{Micros: map[string]int64{"post": 900_000}}
	used := func(share float64, until time.Time) channel.Channel {
		return channel.Channel{State: channel.Working, Usage: channel.Usage{Share: share, Until: until, At: noon()}}
	}
	later := noon().Add(42 * time.Minute)
	for _, tt := range []struct {
		name         string
		c            channel.Channel
		limit, price int64
		reason       string
		until        time.Time
	}{
		{"works", channel.Channel{State: channel.Working}, 1_000_000, 15_000, "", time.Time{}},
		{"nothing is known of it", channel.Channel{}, 0, 15_000, "", time.Time{}},
		{"paused", channel.Channel{State: channel.Paused}, 0, 0, channel.HeldPaused, noon().Add(time.Minute)},
		{"slow is not stopped", used(0.94, later), 0, 0, "", time.Time{}},
		{"stopped by the network", used(0.95, later), 0, 0, channel.HeldBudget, later},
		{"stopped until nobody knows when", used(1, time.Time{}), 0, 0, channel.HeldBudget, noon().Add(5 * time.Minute)},
		{"the stop is over", used(1, noon()), 0, 0, "", time.Time{}},
		{"the day's money is spent", channel.Channel{State: channel.Working}, 900_000, 15_000, channel.HeldSpend, noon().Add(15 * time.Minute)},
		{"this would take it over", channel.Channel{State: channel.Working}, 1_000_000, 200_000, channel.HeldSpend, noon().Add(15 * time.Minute)},
		{"what costs nothing may go", channel.Channel{State: channel.Working}, 900_000, 0, "", time.Time{}},
	} {
		reason, until, held := tt.c.Hold(spent, tt.limit, tt.price, noon())
		if reason != tt.reason || !until.Equal(tt.until) || held != (tt.reason != "") || held != channel.Held(reason) {
			t.Errorf("%s: %q until %s, %t", tt.name, reason, until, held)
		}
	}
	if channel.Held(channel.ShutClosed) {
		t.Error("a closed account holds")
	}
}

func TestParseUSD(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "0": 0, "2.50": 2_500_000, "0.015": 15_000, "10": 10_000_000, "1000000": 1_000_000_000_000} {
		if got, err := channel.ParseUSD(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"-1", "dos", "1,5", "NaN", "Inf", "1000001", "1e300", " 1"} {
		if got, err := channel.ParseUSD(text); !fault.Is(err, fault.Invalid) || got != 0 {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
}

func FuzzParseUSD(f *testing.F) {
	for _, text := range []string{"", "2.50", "-1", "1e6", "NaN", "0x1p-2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := channel.ParseUSD(text); got < 0 || got > 1_000_000_000_000 || err != nil && got != 0 {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	})
}
