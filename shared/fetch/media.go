package fetch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

const (
	// giveUp is how long media are tried to be copied: a story is gone after a day.
	giveUp = 24 * time.Hour
	// giveUpHeld is how long when it is our own account that stands still: WhatsApp keeps media for seven days.
	giveUpHeld = 6 * 24 * time.Hour
	// perTry is how many attachments one try copies; each may take twenty seconds.
	perTry = 1
)

// Where our copies lie: the bucket lets each kind live as long as it may.
const (
	mediaPrefix = "media/"
	storyPrefix = "story/"
)

// media copies what hangs on a mention, one attachment at a try, and writes down where it lies or why there is none.
func (w *Worker) media(ctx context.Context, now time.Time, m outbox.Message) error {
	ref, okRef := channel.ParseRef(m.Channel)
	key, at, ok := ticket.ParseMediaSubject(m.Subject)
	if !ok || !okRef {
		return fault.New(fault.Poison, "fetch.media", errors.New("no account or no mention"))
	}
	said, err := w.cfg.Cases.Mention(ctx, m.Ticket, key, at)
	switch {
	case fault.Is(err, fault.NotFound):
		return w.finish(ctx, m, ticket.Change{}) // kept no longer
	case err != nil:
		return err
	}
	hung, left := next(said)
	if left == 0 {
		return w.finish(ctx, m, ticket.Change{})
	}
	got, reason, err := w.obtain(ctx, now, ref, said, hung)
	if err != nil {
		return err
	}
	if reason != "" {
		if wait, again := w.patient(m, reason, now); again {
			return w.later(ctx, m, now.Add(wait))
		}
		got.Lost = reason
		unit.Of(ctx).Count(unit.MediaLost, 1)
	}
	return w.hang(ctx, now, m, said, hung, got, left > perTry)
}

// next gives the first attachment that is still to be copied, and how many there are.
func next(said ticket.Mention) (first mention.Attachment, left int) {
	for _, a := range said.Attachments {
		if ticket.Copyable(a) {
			if left++; left == 1 {
				first = a
			}
		}
	}
	return first, left
}

// obtain fetches one attachment and keeps it. reason says why it could not be fetched; err is a failure of our own side.
func (w *Worker) obtain(ctx context.Context, now time.Time, ref channel.Ref, said ticket.Mention, hung mention.Attachment) (got mention.Attachment, reason string, err error) {
	got = hung
	n, a, c, reason, err := w.open(ctx, now, ref, channel.Stop)
	if err != nil || reason != "" {
		return got, reason, err
	}
	where, err := n.Reader.Media(ctx, a, hung)
	if err != nil {
		return got, cmp.Or(n.Reader.Reason(err), "unknown_outcome"), w.note(ctx, now, c, n.Reader, channel.Usage{}, err)
	}
	kind, body, err := w.cfg.Downloads.Get(ctx, ref.Network, where)
	if err != nil {
		return got, cmp.Or(w.cfg.Downloads.Reason(err), "unknown_outcome"), nil
	}
	sum := sha256.Sum256(body)
	got.Stored = prefixOf(said) + said.Ticket + "/" + hex.EncodeToString(sum[:16])
	got.ContentType, got.Size = kind, len(body)
	return got, "", w.cfg.Files.Put(ctx, got.Stored, kind, body)
}

// prefixOf is where the mention's media lie. What its author showed for a day is not kept for a season.
func prefixOf(said ticket.Mention) string {
	if said.Kind == mention.StoryMention || said.Kind == mention.StoryReply {
		return storyPrefix
	}
	return mediaPrefix
}

// patient says how long to wait before an attachment is tried again, false when it is lost.
func (w *Worker) patient(m outbox.Message, reason string, now time.Time) (time.Duration, bool) {
	limit := giveUp
	switch reason {
	case "throttle", "unreachable", "unknown_outcome":
	case reasonPaused, reasonBudget, reasonSpent, reasonKeys, reasonAuth:
		limit = giveUpHeld
	default:
		return 0, false
	}
	return outbox.Backoff(m.Attempt, w.cfg.Jitter()), now.Sub(m.First) < limit
}

// hang writes the copied attachment into its mention, as that stands now: it may have been edited, or taken back.
func (w *Worker) hang(ctx context.Context, now time.Time, m outbox.Message, said ticket.Mention, was, is mention.Attachment, more bool) error {
	for range rounds {
		c := ticket.Change{}
		if put(&said, was, is) {
			said.Rev++
			c.Mentions = []ticket.Mention{said}
		}
		if more {
			again := m.Again(m.Topic, now)
			again.First = now // the next one has its own time
			c.Send = []outbox.Message{again}
		}
		err := w.finish(ctx, m, c)
		if !fault.Is(err, fault.Conflict) {
			return err
		}
		said, err = w.cfg.Cases.Mention(ctx, said.Ticket, said.Key, said.At)
		switch {
		case fault.Is(err, fault.NotFound):
			return w.finish(ctx, m, ticket.Change{})
		case err != nil:
			return err
		}
	}
	return fault.New(fault.Transient, "fetch.hang", errors.New("lost every round to other writers"))
}

// put puts the attachment in the place of what it was; false when it hangs there no longer, or is done already.
func put(said *ticket.Mention, was, is mention.Attachment) bool {
	for i, a := range said.Attachments {
		if a == was {
			list := append([]mention.Attachment{}, said.Attachments...)
			list[i] = is
			said.Attachments = list
			return true
		}
	}
	return false
}
