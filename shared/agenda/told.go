package agenda

import (
	"time"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// How far a network's time of a post may lie before the call that said it, and behind it, for its words to tell that it is the
// same. Facebook dates a video from when it was brought there.
const (
	echoBefore = Lead + 5*time.Minute
	echoAfter  = 24 * time.Hour
)

// Near reports whether a network's time of a post can be that of a call of ours.
func Near(at, call time.Time) bool {
	return !call.IsZero() && !at.Before(call.Add(-echoBefore)) && !at.After(call.Add(echoAfter))
}

// Reads reports whether network n may show the post as text. One without words says nothing that tells it from others.
func (p Plan) Reads(n mention.Network, text string) bool {
	says := p.Post.For(n)
	if says.Text == "" || text == "" {
		return false
	}
	return post.Alike(says.Text, text) || post.Alike(post.Compose(n, says), text)
}

// Remember is the memory of a target under the name its network has for it: what becomes of it there is found by that.
func Remember(t post.Target, key string, at time.Time) ticket.Seen {
	return ticket.Seen{Network: t.Network, Key: key, Ticket: t.Cause(), Reply: t.Name(), At: at.UTC(), Rev: 1}
}

// Doubted reports whether an attempt at the target may have been carried out, and nobody has recorded that: it is looked for, a
// person is to decide, or it waits to be said once more.
func Doubted(t post.Target) bool {
	return t.State == post.Unknown || t.State == post.Planned && !t.ClaimedAt.IsZero()
}

// Echoed records what the network itself tells of a doubted target: it has it, under the name remoteID. What still looks for it is
// done, what would say it once more is taken back; a message that somebody carries out at this moment refuses the step, because
// that worker's own record follows. False where there is no doubt.
func Echoed(t post.Target, remoteID, url string, at, now time.Time) (ticket.Change, bool) {
	if !Doubted(t) {
		return ticket.Change{}, false
	}
	if at.Before(t.ClaimedAt) {
		at = t.ClaimedAt
	}
	if at.IsZero() || at.After(now) {
		at = now
	}
	change := Step{Target: t, Now: now}.Sent(remoteID, url, at)
	change.Done = nil
	left := outbox.Ref{Ticket: t.Cause(), ID: t.Message}
	switch {
	case t.Message == "":
	case t.State == post.Unknown:
		change.Done = []outbox.Ref{left}
	default:
		change.Cancel = []outbox.Ref{left}
	}
	return change, true
}
