package fetch

import (
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
)

// expiries are what ends of the keys by itself, and when people must know. A key that renews itself concerns nobody until its
// renewal has failed for days; one that only hands can prolong does long before.
func expiries(n mention.Network, t channel.Tokens) []channel.Expiry {
	const day = 24 * time.Hour
	var out []channel.Expiry
	add := func(kind string, at time.Time, before time.Duration, hands bool) {
		if !at.IsZero() {
			out = append(out, channel.Expiry{Kind: kind, At: at.UTC(), Warn: at.UTC().Add(-before), Hands: hands})
		}
	}
	renews := t.Refresh != "" || t.Method == channel.OAuth2 && n == mention.Instagram
	switch {
	case !renews:
		add(channel.ExpiresAccess, t.Until, 10*day, true)
	case n != mention.X: // X's two hours are renewed all day long: what matters there is the key that renews
		add(channel.ExpiresAccess, t.Until, 3*day, false)
	}
	add(channel.ExpiresRefresh, t.RefreshUntil, 65*day, true) // LinkedIn's 365 days: from day 300 on
	add(channel.ExpiresData, t.DataUntil, 14*day, true)
	return out
}
