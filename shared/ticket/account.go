package ticket

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/outbox"
)

// MatterAccountPaused is the matter of an account through which nothing goes out any more: no person stopped it.
const MatterAccountPaused = "account_paused"

// AccountStep writes an account of ours as it is to be. When it stops by itself people are shown and told, because what waits
// for it waits for them; when it goes on, or a person took it away, the matter is settled.
func AccountStep(was, is channel.Channel, now time.Time) Change {
	c := Change{Channel: &is}
	cause := outbox.ChannelCause(is.String())
	stopped := func(c channel.Channel) bool { return c.State == channel.Paused && c.By == "" }
	switch a := (Attention{
		Ticket: cause, ID: MatterAccountPaused + "-cuenta", Kind: MatterAccountPaused, Network: is.Network, Channel: is.String(),
		Reason: is.Reason, At: now.UTC(),
	}); {
	case stopped(is) && !stopped(was):
		m := outbox.New("pausa-"+nameOf(is.Ref)+"-"+strconv.Itoa(is.Rev), outbox.Notify, cause, a.ID, cause, now)
		m.Channel = a.Channel
		c.Raise, c.Send = []Attention{a}, []outbox.Message{m}
	case stopped(was) && !stopped(is):
		c.Settle = []Attention{a}
	}
	return c
}

// nameOf stands for an account in the names of messages, which have few letters to use.
func nameOf(ref channel.Ref) string {
	sum := sha256.Sum256([]byte(ref.String()))
	return hex.EncodeToString(sum[:8])
}
