package channel

import "time"

// heardGap is how often it is worth a write that an account is still being told of things.
const heardGap = time.Minute

// Heard notes that something was delivered at an instant. False when that is no news.
func (c Channel) Heard(at time.Time) (Channel, bool) {
	if at.Sub(c.Delivered) < heardGap {
		return c, false
	}
	c.Delivered = at.UTC()
	c.Rev++
	return c, true
}

// Mended counts items that came by looking, because no delivery had brought them. By names who counts: two who count alike at
// once would write the same, and a step that is found written already counts as written.
func (c Channel) Mended(items int, by string) Channel {
	c.Repaired += items
	c.RepairedBy = by
	c.Rev++
	return c
}

// Before reports whether something written at an instant is older than our connection with the account: nobody had promised
// to answer it here.
func (c Channel) Before(at time.Time) bool {
	return !at.IsZero() && !c.ConnectedAt.IsZero() && at.Before(c.ConnectedAt)
}
