package ticket

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
)

// Who answered in the network's own application: the network tells which account of ours it was, and not who sat there.
const (
	NativeAuthor = "red"
	NativeName   = "En la aplicación de la red"
)

// Tag is our own word for a reply, which some networks give back.
func Tag(ticket, reply string) string { return ticket + "." + reply }

// ParseTag reads what Tag wrote; false for words of others.
func ParseTag(tag string) (ticket, reply string, ok bool) {
	ticket, reply, ok = strings.Cut(tag, ".")
	return ticket, reply, ok && ticket != "" && len(reply) > 1 && reply[0] == 'r' && strings.Trim(reply[1:], "0123456789") == ""
}

// How far a network's time of what we said may lie before the call that said it, and behind it, for the words alone to tell
// that it is the same.
const (
	echoBefore = 2 * time.Minute
	echoAfter  = 10 * time.Minute
)

// Confirms gives the reply of the story that e is: something an account of ours said, as its network tells it. It is the one
// with our own word, or with the network's name of it; else one that is being said at this time, or was just said, with the
// same words to as many readers.
func (s Story) Confirms(e mention.Event, now time.Time) (Reply, bool) {
	at := entryTime(e.At, now)
	for _, is := range []func(Reply) bool{
		func(r Reply) bool { return e.Tag != "" && e.Tag == Tag(s.Ticket.ID, r.ID) },
		func(r Reply) bool { return r.RemoteID != "" && r.RemoteID == e.Key },
		func(r Reply) bool {
			return (r.State == ReplyClaimed || r.State == ReplyUnknown) && near(at, r.ClaimedAt) && r.sounds(e)
		},
		func(r Reply) bool {
			return r.State == ReplySent && r.Author != NativeAuthor && near(at, r.SentAt) && r.sounds(e)
		},
	} {
		if i := slices.IndexFunc(s.Replies, is); i >= 0 {
			return s.Replies[i], true
		}
	}
	return Reply{}, false
}

// near reports whether the network's time of what we said can be that of a call of ours.
func near(at, call time.Time) bool {
	return !at.Before(call.Add(-echoBefore)) && !at.After(call.Add(echoAfter))
}

// sounds reports whether what an account of ours said has the reply's words, for as many readers.
func (r Reply) sounds(e mention.Event) bool {
	return r.Visibility == visibilityOf(e) && e.Text != "" && post.Alike(r.Text, e.Text)
}

func visibilityOf(e mention.Event) post.Visibility {
	if e.Public() {
		return post.Public
	}
	return post.Private
}

// OwnSeen is the memory of something of ours, by its network's name of it: the reply r.
func OwnSeen(n mention.Network, key string, r Reply, at time.Time) *Seen {
	return &Seen{Network: n, Key: key, Ticket: r.Ticket, Reply: r.ID, At: at.UTC(), Rev: 1}
}

// ConfirmStep records that the network has the reply r of the story under the name key since the instant at, as the network
// itself tells: whatever was known or feared of it before is settled. Open are the messages that still stand for it: none of
// them is carried out any more, and who is carrying one out finds it gone. What is recorded already only gets its name
// remembered.
func (s Story) ConfirmStep(r Reply, key string, open []outbox.Ref, at, now time.Time) Change {
	at = entryTime(at, now)
	if r.State == ReplySent {
		return Change{Seen: OwnSeen(s.Ticket.Network, key, r, at)}
	}
	raised, was := matterOf(r.State)
	change := s.Ticket.ReplySentStep(r, outbox.Ref{}, key, at, now)
	_, settled := s.Ticket.passed(r.ID)
	change.Done, change.Settle = open, settled
	if was {
		change.Settle = append(change.Settle, s.Ticket.matter(raised, r.ID, "", now))
	}
	change.Seen = OwnSeen(s.Ticket.Network, key, r, at)
	return change
}

// NativeStep records an answer that somebody of ours gave in the network's own application. It answers the case, and takes it
// from those who wait, unless the person has written since. An escalation that is pending stays as it is: whether it is still
// needed, a person decides. False when e is no answer: it says nothing, or was said before the case began.
func (s Story) NativeStep(e mention.Event, now time.Time) (Change, bool) {
	t, at := s.Ticket, entryTime(e.At, now)
	silent := e.Text == "" && len(e.Attachments) == 0 && !e.Flag(mention.FlagEncrypted)
	if silent || e.Flag(mention.FlagSticker) || e.Flag(mention.FlagPostback) || at.Before(t.OpenedAt) {
		return Change{}, false
	}
	r := Reply{
		Ticket: t.ID, ID: fmt.Sprintf("r%06d", t.Version+1), Text: e.Text, Visibility: visibilityOf(e), State: ReplySent,
		Author: NativeAuthor, AuthorName: NativeName, Target: cmp.Or(e.Parent, t.Target), PlannedAt: at, Due: at, SentAt: at,
		RemoteID: e.Key, Rev: 1,
	}
	to := t
	if to.AnsweredAt.IsZero() {
		to.AnsweredAt = at
	}
	if (t.State.Waiting() || t.State == EnAnalisis) && !at.Before(s.lastWritten()) {
		to.State = Respondido
	}
	facts := map[string]string{"reply": r.ID, "remote": r.RemoteID, "visibility": string(r.Visibility)}
	change := t.next(to, audit.ReplyNative, system(), "", facts, now).texts(nil, []Reply{r})
	change.Seen = OwnSeen(t.Network, e.Key, r, at)
	return change, true
}

// lastWritten is when the person last wrote something.
func (s Story) lastWritten() time.Time {
	last := s.Ticket.OpenedAt
	for _, m := range s.Mentions {
		if m.At.After(last) {
			last = m.At
		}
	}
	return last
}

// ReplyRevisedStep records that an answer of ours was written anew, or taken away, on its network. Our own words stay when
// they are taken away: they were said. False when nothing is new in it.
func (t Ticket) ReplyRevisedStep(r Reply, e mention.Event, now time.Time) (Change, bool) {
	at, kind := entryTime(e.At, now), audit.ReplyEdited
	switch {
	case !r.RemovedAt.IsZero(), e.Outcome == mention.Delete && r.Removed.State == ActDone:
		return Change{}, false
	case e.Outcome == mention.Delete:
		r.RemovedAt, kind = at, audit.ReplyRemoved
	case e.Text == "" || e.Text == r.Text || !at.After(r.EditedAt):
		return Change{}, false
	default:
		r.Text, r.EditedAt = e.Text, at
	}
	if r.State == ReplyClaimed {
		r = r.stored()
	}
	r.Rev++
	return t.next(t, kind, system(), "", map[string]string{"reply": r.ID}, now).texts(nil, []Reply{r}), true
}
