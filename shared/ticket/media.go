package ticket

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
)

// Copyable reports whether the bytes of the attachment are still to be fetched: media that are kept nowhere yet, and of
// which nobody has said that they are lost. A place, a contact or an advertisement has no bytes.
func Copyable(a mention.Attachment) bool {
	if a.Stored != "" || a.Lost != "" || a.URL == "" && a.ID == "" {
		return false
	}
	switch a.Type {
	case "image", "photo", "video", "audio", "voice", "file", "document", "sticker", "animated_gif", "media", "story_mention", "story", "ig_story", "reel", "ig_reel":
		return true
	default:
		return false
	}
}

// MediaToCopy plans the copying of what hangs on a mention and will be gone from its network: the media of direct messages
// and of stories. Its message is due at once, named after the mention so that planning it twice plans it once, and in no
// conversation's order: a slow download holds nobody up. Account is the channel it is read through.
func MediaToCopy(m Mention, account channel.Ref, now time.Time) []outbox.Message {
	switch m.Kind {
	case mention.DM, mention.StoryMention, mention.StoryReply:
	case mention.Comment, mention.Post, mention.Mentioned, mention.Review, mention.Reacted, mention.StatusKind, mention.Other:
		return nil
	default:
		return nil
	}
	if !slices.ContainsFunc(m.Attachments, Copyable) {
		return nil
	}
	name := sha256.Sum256([]byte(m.Ticket + "\x00" + m.Key)) // a queue takes no name longer than 128 letters, networks give longer ones
	id := "media-" + hex.EncodeToString(name[:12])
	copying := outbox.New(id, outbox.CopyMedia, m.Ticket, MediaSubject(m), id, now)
	copying.Channel = account.String()
	return []outbox.Message{copying}
}

// MediaSubject is the address of a mention inside its case, as a message about its media carries it.
func MediaSubject(m Mention) string { return m.At.UTC().Format(time.RFC3339Nano) + " " + m.Key }

// ParseMediaSubject reads what MediaSubject wrote; false for anything else.
func ParseMediaSubject(subject string) (key string, at time.Time, ok bool) {
	text, key, found := strings.Cut(subject, " ")
	at, err := time.Parse(time.RFC3339Nano, text)
	return key, at, found && err == nil && key != ""
}
