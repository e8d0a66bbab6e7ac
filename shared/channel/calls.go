package channel

import (
	"math"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/mention"
)

// What makes it worth a write that a call was made: a use that moved so far, or so long since the last write.
const (
	usageStep = 0.05
	calledGap = time.Minute
)

// Halt stops the account because of what the network says; what waits is kept. False when nothing changes: it is stopped
// for good reason already, or closed. The network's reason replaces a person's: what they resume would not work.
func (c Channel) Halt(reason string, now time.Time) (Channel, bool) {
	if c.State == Closed || c.State == Paused && (c.Reason == reason || c.Reason != ReasonByHand) {
		return c, false
	}
	return c.moved(Paused, reason, now), true
}

// Lift lets things go out again when the network takes back what it stopped the account for; what was stopped for another
// reason stays stopped.
func (c Channel) Lift(reason string, now time.Time) (Channel, bool) {
	if c.State != Paused || c.Reason != reason {
		return c, false
	}
	return c.moved(Working, "", now), true
}

// moved is the account in a state that nobody's hand gave it.
func (c Channel) moved(to State, reason string, now time.Time) Channel {
	c.State, c.Reason, c.By, c.Since = to, reason, "", now.UTC()
	c.Rev++
	return c
}

// Answered notes a call that the network took. False when it is not worth a write.
func (c Channel) Answered(u Usage, now time.Time) (Channel, bool) {
	worth := c.fresh() || c.Failed != "" || now.Sub(c.Called) >= calledGap
	c.Called, c.Failed = now.UTC(), ""
	return c.noted(u, worth, now)
}

// Refused notes a call that the network did not take, and why. False when it is not worth a write.
func (c Channel) Refused(reason string, u Usage, now time.Time) (Channel, bool) {
	worth := c.fresh() || c.Failed != reason
	c.Failed = reason
	return c.noted(u, worth, now)
}

// Lacks notes a right that the network did not give, in its own name. False when that is known.
func (c Channel) Lacks(right string) (Channel, bool) {
	if right == "" || slices.Contains(c.Missing, right) {
		return c, false
	}
	c.Missing = append(slices.Clone(c.Missing), right)
	c.Rev++
	return c, true
}

// fresh reports an account of which nothing was ever written.
func (c Channel) fresh() bool { return c.Rev == 0 }

func (c Channel) noted(u Usage, worth bool, now time.Time) (Channel, bool) {
	if c.fresh() && c.State == "" {
		c.State, c.Since = Working, now.UTC()
	}
	if u.Known() && !u.At.Before(c.Usage.At) {
		worth = worth || c.Usage.differs(u, now)
		c.Usage = u
	}
	c.Rev++
	return c, worth
}

// differs reports whether a newer use says something else.
func (u Usage) differs(newer Usage, now time.Time) bool {
	if u.Pace(now) != newer.Pace(now) || math.Abs(u.Share-newer.Share) >= usageStep {
		return true
	}
	return newer.Pace(now) == Stop && newer.Ends().Sub(u.Ends()).Abs() >= calledGap
}

// Throttled is the use that a network's "wait so long" stands for.
func Throttled(wait time.Duration, now time.Time) Usage {
	return Usage{Share: 1, Until: now.UTC().Add(wait), At: now.UTC()}
}

// Ails reports whether the reason of a failed call is about the account or the network, and not about what was to be said.
func Ails(reason string) bool {
	switch reason {
	case ReasonAuth, ReasonPermission, "throttle", "quota", "unreachable", "unknown_outcome", "version", "credentials", "foreign_host":
		return true
	default:
		return false
	}
}

// Use is what a right of an account is for.
type Use string

// The uses of rights in what goes out.
const (
	UsePublic  Use = "public"
	UsePrivate Use = "private"
	UseHide    Use = "hide"
	UseLike    Use = "like"
	UseRemove  Use = "remove"
	UsePost    Use = "post" // what we publish of our own
)

// RightFor names the right that a use needs on a network, as the network calls it; "" for a use it does not have
// (platforms.md §3 to §5).
func RightFor(n mention.Network, u Use) string {
	switch n {
	case mention.Facebook:
		return one(u, "pages_messaging", "pages_manage_posts", "pages_manage_engagement")
	case mention.Instagram:
		return one(u, "instagram_manage_messages", "instagram_content_publish", "instagram_manage_comments")
	case mention.X:
		switch u {
		case UsePrivate:
			return "dm.write"
		case UseHide:
			return "tweet.moderate.write"
		case UseLike:
			return "like.write"
		case UsePublic, UseRemove, UsePost:
			return "tweet.write"
		default:
			return ""
		}
	case mention.LinkedIn:
		return "w_organization_social_feed"
	case mention.WhatsApp:
		return "whatsapp_business_messaging"
	default:
		return ""
	}
}

// one picks the right of a use where messages and posts have their own, and all the rest another.
func one(u Use, private, posts, rest string) string {
	switch u {
	case UsePrivate:
		return private
	case UsePost:
		return posts
	case UsePublic, UseHide, UseLike, UseRemove:
		return rest
	default:
		return rest
	}
}
