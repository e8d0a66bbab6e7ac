package channel_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
)

func TestChannel_Health(t *testing.T) {
	const day = 24 * time.Hour
	well := func(change func(*channel.Channel)) channel.Channel {
		c := channel.Channel{
			Ref: channel.Ref{Network: mention.X, Account: "1"}, State: channel.Working, ConnectedAt: noon().Add(-90 * day),
			Delivered: noon().Add(-day), Called: noon().Add(-time.Hour),
			Expiries:      []channel.Expiry{{Kind: channel.ExpiresAccess, At: noon().Add(90 * day), Warn: noon().Add(60 * day)}},
			Subscriptions: []channel.Subscription{{Name: "menciones", Working: true}},
		}
		if change != nil {
			change(&c)
		}
		return c
	}
	type line struct {
		level      channel.Level
		code, what string
	}
	for _, tt := range []struct {
		name  string
		c     channel.Channel
		spent int64
		want  []line
	}{
		{"well", well(nil), 0, nil},
		{"paused", well(func(c *channel.Channel) { c.State, c.Reason, c.Failed = channel.Paused, "auth", "auth" }), 0, []line{{channel.Bad, channel.TroublePaused, "auth"}}},
		{"closed", well(func(c *channel.Channel) { c.State, c.Failed = channel.Closed, "auth" }), 0, []line{{channel.Watch, channel.TroubleClosed, ""}}},
		{"a right is missing", well(func(c *channel.Channel) { c.Missing = []string{"dm.write"} }), 0, []line{{channel.Watch, channel.TroubleRight, "dm.write"}}},
		{"a subscription is gone", well(func(c *channel.Channel) { c.Subscriptions[0].Working = false }), 0, []line{{channel.Bad, channel.TroubleSubscription, "menciones"}}},
		{"a subscription ended", well(func(c *channel.Channel) { c.Subscriptions[0].Until = noon() }), 0, []line{{channel.Bad, channel.TroubleSubscription, "menciones"}}},
		{"a second before it ends", well(func(c *channel.Channel) { c.Subscriptions[0].Until = noon().Add(time.Second) }), 0, nil},
		{"a key ends soon", well(func(c *channel.Channel) { c.Expiries[0].Warn = noon() }), 0, []line{{channel.Watch, channel.TroubleEnding, channel.ExpiresAccess}}},
		{"a key ended", well(func(c *channel.Channel) { c.Expiries[0].At = noon() }), 0, []line{{channel.Bad, channel.TroubleEnded, channel.ExpiresAccess}}},
		{"quiet days", well(func(c *channel.Channel) { c.Delivered = noon().Add(-4*day + time.Second) }), 0, nil},
		{"strangely quiet", well(func(c *channel.Channel) { c.Delivered = noon().Add(-4 * day) }), 0, []line{{channel.Watch, channel.TroubleSilent, ""}}},
		{"as quiet on LinkedIn", well(func(c *channel.Channel) { c.Network, c.Delivered = mention.LinkedIn, noon().Add(-13*day) }), 0, nil},
		{"quiet, and connected yesterday", well(func(c *channel.Channel) { c.Delivered, c.ConnectedAt = noon().Add(-30*day), noon().Add(-day) }), 0, nil},
		{"quiet, and not subscribed", well(func(c *channel.Channel) { c.Delivered, c.Subscriptions = noon().Add(-30*day), nil }), 0, nil},
		{"quiet, and works again since yesterday", well(func(c *channel.Channel) { c.Delivered, c.Since = noon().Add(-30*day), noon().Add(-day) }), 0, nil},
		{"never connected here", well(func(c *channel.Channel) { c.Delivered, c.ConnectedAt = time.Time{}, time.Time{} }), 0, nil},
		{"the last call failed", well(func(c *channel.Channel) { c.Failed = "unreachable" }), 0, []line{{channel.Watch, channel.TroubleCall, "unreachable"}}},
		{"slow", well(func(c *channel.Channel) {
			c.Usage = channel.Usage{Share: 0.75, Until: noon().Add(time.Minute), At: noon()}
		}), 0, []line{{channel.Watch, channel.TroubleSlow, ""}}},
		{"stop", well(func(c *channel.Channel) {
			c.Usage = channel.Usage{Share: 0.95, Until: noon().Add(time.Minute), At: noon()}
		}), 0, []line{{channel.Bad, channel.TroubleStop, ""}}},
		{"much spent", well(nil), 750_000, []line{{channel.Watch, channel.TroubleSpending, ""}}},
		{"all spent", well(nil), 1_000_000, []line{{channel.Bad, channel.TroubleSpent, ""}}},
		{"the worst first", well(func(c *channel.Channel) {
			c.Missing, c.Subscriptions[0].Working = []string{"dm.write"}, false
		}), 0, []line{{channel.Bad, channel.TroubleSubscription, "menciones"}, {channel.Watch, channel.TroubleRight, "dm.write"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.c.Health(noon(), channel.Spend{Micros: map[string]int64{"post": tt.spent}}, 1_000_000)
			if len(got) != len(tt.want) {
				t.Fatalf("got %+v, want %+v", got, tt.want)
			}
			worst := channel.Well
			for i, want := range tt.want {
				if got[i].Level != want.level || got[i].Code != want.code || got[i].What != want.what {
					t.Errorf("got %+v, want %+v", got[i], want)
				}
				if i == 0 {
					worst = want.level
				}
			}
			if channel.Worst(got) != worst {
				t.Errorf("all in all %q, want %q", channel.Worst(got), worst)
			}
		})
	}
	if got := well(nil).Health(noon(), channel.Spend{Micros: map[string]int64{"post": 9_000_000}}, 0); len(got) != 0 {
		t.Errorf("spent without a limit: %+v", got)
	}
}
