package fetch

import (
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
)

// habit is how often a network is looked at. look is the longest time between two calls, so that a key that died shows; lists
// the time between two readings of its lists, where they are not read at each look; check that between two looks at rights and
// subscriptions.
type habit struct {
	look, lists, check time.Duration
	why                string
}

// soon is how long an account waits whose look is not finished: the next minute goes on.
const soon = time.Minute

// lookEvery is the longest time that a dead key may go unseen, and a lost delivery with it: within five minutes, the minute
// rule's own beat counted in.
const lookEvery = 4 * time.Minute

// habitOf gives the habit of a network.
func habitOf(n mention.Network) habit {
	switch n {
	case mention.Facebook:
		return habit{lookEvery, lookEvery, time.Hour, "after an hour of failures Messenger takes our subscription away, and a page's calls are counted by its public"}
	case mention.Instagram:
		return habit{lookEvery, lookEvery, time.Hour, "mentions and comments of a quiet account cost a call each; calls are counted by impressions, without a floor"}
	case mention.X:
		return habit{lookEvery, lookEvery, 15 * time.Minute, "X publishes no retries, stops at once when the address is invalid, and says so only to who asks; unread mentions cost nothing"}
	case mention.WhatsApp:
		return habit{lookEvery, 0, time.Hour, "nothing can be read back: the number itself tells whether the key lives"}
	case mention.LinkedIn:
		return habit{lookEvery, 30 * time.Minute, 6 * time.Hour, "500 calls a day while the application is in development, where the key's own question is not counted; 8 hours of redeliveries"}
	default:
		return habit{time.Hour, 0, time.Hour, "nobody knows this network"}
	}
}

// plan is what one look does. Counts says that, once something else is asked, posts of ours may be counted too.
type plan struct {
	check, lists, probe, counts bool
	// next is when to look again if nothing comes between.
	next time.Time
}

// idle reports a look that calls nobody.
func (p plan) idle() bool { return !p.check && !p.lists && !p.probe }

// beat is how much earlier than said a look may begin: the minute rule never comes at the same instant of its minute.
const beat = 30 * time.Second

// due reports whether the time to look at the account has come.
func due(c channel.Channel, at time.Time) bool {
	return c.State != channel.Closed && c.State != "" && c.Next.Sub(at) < beat
}

// held reports whether the network itself took the account out of service: then nothing is read through it, and only its
// rights are looked at now and then, because somebody may have mended them over there.
func held(c channel.Channel) bool {
	return c.State == channel.Paused && slices.Contains([]string{channel.ReasonAuth, channel.ReasonRevoked, channel.ReasonBlocked, channel.ReasonPermission}, c.Reason)
}

// planOf decides what to do with an account at the instant: asked says that a person wants to know now, lists that its network
// has any, spent that its day's money is used up.
func planOf(c channel.Channel, at time.Time, asked, lists, spent bool) plan {
	h := habitOf(c.Network)
	over := func(last time.Time, every time.Duration) bool { return asked || at.Sub(last) > every-beat }
	p := plan{next: at.Add(h.look), check: over(c.Checked, h.check)}
	switch pace := c.Usage.Pace(at); {
	case pace == channel.Stop, pace == channel.Slow && !asked:
		// What is left of the calls belongs to the answers of people.
		return plan{next: earlier(at.Add(15*time.Minute), c.Usage.Ends())}
	case held(c):
		again := recheck(at.Sub(c.Since), h.check)
		p.check, p.next = over(c.Checked, again), at.Add(again)
		return p
	}
	p.lists = lists && !spent && over(c.Listed, h.lists)
	p.probe, p.counts = !p.check && !p.lists && !spent, !spent
	return p
}

// recheck is how long a held account waits for the next look at its rights: as long as it has been held, so that a refusal that
// was a slip is over within minutes, and one that is not costs a few calls.
func recheck(held, longest time.Duration) time.Duration { return min(max(held, soon), longest) }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// expiring reports whether something of the account that ends by itself concerns people by now.
func expiring(c channel.Channel, at time.Time) bool {
	return slices.ContainsFunc(c.Expiries, func(e channel.Expiry) bool { return !e.Warn.IsZero() && !at.Before(e.Warn) })
}
