package ticket

import (
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
)

// day is how retention counts: in spans of 24 hours, for nobody's term hangs on it.
const day = 24 * time.Hour

// keptEdit is how long an edit waits for its item: as long as a raw delivery is kept.
const keptEdit = 30 * day

// EditExpires is when an edit is forgotten that came at an instant and before its item.
func EditExpires(at time.Time) time.Time { return at.UTC().Add(keptEdit).Truncate(time.Second) }

// EarlyExpires is when words are forgotten that came at an instant and before their item, on network n.
func EarlyExpires(n mention.Network, at time.Time) time.Time {
	if words, _ := lentFor(n); words > 0 {
		return at.UTC().Add(words).Truncate(time.Second)
	}
	return EditExpires(at)
}

// KeptFor is how long an ended case, with its texts and replies, is kept (domain.md §4: a proposal, SENCE decides the numbers,
// here). A reclamo that SIAC does not have is on record nowhere else, so it stays as long as the metadata would: a public
// record may not go before the archive has it. The bitácora, which holds no citizen's words, stays.
func KeptFor(i classify.Intent, filing Filing) time.Duration {
	switch i {
	case classify.Spam:
		return 90 * day
	case classify.Reclamo:
		if filing == Filed {
			return 180 * day
		}
		return 5 * 365 * day
	case classify.Consulta, classify.Sugerencia, classify.Felicitacion, classify.Denuncia:
		return 180 * day
	default:
		return 180 * day
	}
}

// expiryOf is when the case goes that becomes to: never while it is open, and counted from the step that ended it, whatever
// comes afterwards. A case that is opened again has none.
func (t Ticket) expiryOf(to Ticket, now time.Time) time.Time {
	switch {
	case !to.State.Final():
		return time.Time{}
	case t.State.Final() && !t.Expires.IsZero():
		return t.Expires
	default:
		return now.UTC().Add(KeptFor(to.Intent.Final, to.SIAC.State)).Truncate(time.Second)
	}
}

// texts puts mentions and replies into the step of a case. They live exactly as long as it does.
func (c Change) texts(mentions []Mention, replies []Reply) Change {
	for i := range mentions {
		mentions[i].Expires = c.Ticket.Expires
	}
	for i := range replies {
		replies[i].Expires = c.Ticket.Expires
	}
	c.Mentions, c.Replies = mentions, replies
	return c
}

// One step may write a hundred items and four megabytes. stepTexts leaves room for the case itself, its entry, what
// leads to it and the click; stepBytes counts UTF-8, before any packing.
const (
	stepTexts = 90
	stepBytes = 2 << 20
)

// Close ends the case together with what is told of its replies and gives all of it an expiry. Of a very long story the step
// takes what fits; Lapse gives the rest.
func (s Story) Close(by Actor, reason string, now time.Time) (Change, error) {
	change, err := s.Ticket.end(by, reason, now)
	if err != nil {
		return Change{}, err
	}
	change.Settle = append(s.Ticket.OvertakenReplies(s.Replies), s.Ticket.OvertakenFiling()...)
	change.Settle = append(change.Settle, s.OvertakenActs()...)
	s.Ticket = *change.Ticket
	return change.texts(s.lapsing(stepTexts - len(change.Settle))), nil
}

// Lapse is the next step that gives texts the expiry of their case which do not have it yet; false when there are none, as
// in every open case. It names no case, so nothing about it moves.
func (s Story) Lapse() (Change, bool) {
	if !s.Ticket.State.Final() {
		return Change{}, false
	}
	mentions, replies := s.lapsing(stepTexts)
	return Change{Mentions: mentions, Replies: replies}, len(mentions)+len(replies) > 0
}

// lapsing gives the replies and mentions that live longer or shorter than their case, the newest first, as they shall be: as
// many as fit into one step with room for so many items.
func (s Story) lapsing(room int) (mentions []Mention, replies []Reply) {
	bytes := stepBytes
	take := func(text string, attached []mention.Attachment, expires time.Time) bool {
		if expires.Equal(s.Ticket.Expires) || room <= 0 {
			return false
		}
		size := len(text)
		for _, a := range attached {
			size += len(a.URL)
		}
		if size > bytes {
			return false
		}
		room, bytes = room-1, bytes-size
		return true
	}
	for i := len(s.Replies) - 1; i >= 0; i-- {
		if r := s.Replies[i]; take(r.Text, nil, r.Expires) {
			r = r.stored()
			r.Expires = s.Ticket.Expires
			r.Rev++
			replies = append(replies, r)
		}
	}
	for i := len(s.Mentions) - 1; i >= 0; i-- {
		if m := s.Mentions[i]; take(m.Text, m.Attachments, m.Expires) {
			m.Expires = s.Ticket.Expires
			m.Rev++
			mentions = append(mentions, m)
		}
	}
	return mentions, replies
}

// stored is the reply as its item says: that its message is claimed stands in the message alone.
func (r Reply) stored() Reply {
	if r.State == ReplyClaimed {
		r.State, r.ClaimedAt = ReplyPlanned, time.Time{}
	}
	return r
}
