package meta

import (
	"encoding/json"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// spoken reads a change of Instagram's comments, live_comments or mentions.
func (d *decoder) spoken(e entry, field string, raw []byte) {
	var v igValue
	switch {
	case !readObject(raw, &v):
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
	case v.malformed():
		d.add(e.blank(mention.Quarantine, mention.ReasonBadID))
	default:
		d.add(v.event(e, field))
	}
}

// igValue is what those fields carry. A comment is named id or comment_id, its media media.id or media_id; the oldest
// deliveries of comments had an id and a text, and those of mentions have only ids (Instagram Platform, webhooks reference
// and examples).
type igValue struct {
	ID        ident    `json:"id"`
	CommentID ident    `json:"comment_id"`
	ParentID  ident    `json:"parent_id"`
	Media     igMedia  `json:"media"`
	MediaID   ident    `json:"media_id"`
	From      igPerson `json:"from"`
	Text      words    `json:"text"`
	Timestamp stamp    `json:"timestamp"`
	Created   stamp    `json:"created_time"`
}

// igPerson is who wrote. SelfID is only there when it was our own account.
type igPerson struct {
	ID       ident `json:"id"`
	Username words `json:"username"`
	SelfID   ident `json:"self_ig_scoped_id"`
}

// igMedia is the post, reel or broadcast; a bare id is taken for one too.
type igMedia struct {
	id ident
}

// UnmarshalJSON takes an object with an id, or the id itself.
func (m *igMedia) UnmarshalJSON(b []byte) error {
	var object struct {
		ID ident `json:"id"`
	}
	if len(b) > 0 && b[0] == '{' {
		err := json.Unmarshal(b, &object)
		m.id = object.ID
		return err
	}
	return m.id.UnmarshalJSON(b)
}

// malformed reports an id that is there and cannot be one.
func (v igValue) malformed() bool {
	for _, id := range []ident{v.ID, v.CommentID, v.ParentID, v.Media.id, v.MediaID, v.From.ID} {
		if id.bad {
			return true
		}
	}
	return false
}

func (v igValue) event(e entry, field string) mention.Event {
	out := mention.Event{
		Kind: mention.Comment, Account: e.ID.s, At: firstOf(v.Timestamp, v.Created, e.Time), Key: v.CommentID.s, Thread: v.Media.id.s,
	}
	if out.Thread == "" {
		out.Thread = v.MediaID.s
	}
	if field == fieldMentions {
		out.Kind, out.Key = mention.Mentioned, mentionKey(out.Thread, v.CommentID.s)
	} else if out.Key == "" {
		out.Key = v.ID.s
	}
	if out.Key == "" {
		return e.blank(mention.Quarantine, mention.ReasonNoID)
	}
	if v.ParentID.s != out.Thread {
		out.Parent = v.ParentID.s
	}
	if v.From.ID.s != "" || v.From.Username != "" {
		name, _ := v.From.Username.capped()
		out.Author = &mention.Author{ID: v.From.ID.s, Name: name}
	}
	cut := false
	out.Text, cut = v.Text.capped()
	setFlag(&out, mention.FlagTruncated, cut)
	setFlag(&out, mention.FlagLive, field == fieldLive)
	v.judge(&out)
	return out
}

// judge says what a comment or mention asks of us.
func (v igValue) judge(out *mention.Event) {
	switch {
	case out.Author != nil && out.Author.ID == out.Account, v.From.SelfID.s != "":
		out.Outcome = mention.Own
	case out.Text == "":
		out.Outcome, out.Reason = mention.Fetch, mention.ReasonFetchText
	case out.Kind == mention.Mentioned && out.Author == nil:
		out.Outcome, out.Reason = mention.Fetch, mention.ReasonFetchAuthor
	default:
		out.Outcome = mention.Interaction
	}
}

// mentionKey names a mention: the media alone when its caption names us, else the media and the comment that does, with a
// colon between. Both are needed to read and to answer it, and nothing is named without the media.
func mentionKey(media, comment string) string {
	if media == "" || comment == "" {
		return media
	}
	return media + ":" + comment
}

// mentionOf takes a mention's name apart again.
func mentionOf(key string) (media, comment string) {
	media, comment, _ = strings.Cut(key, ":")
	return media, comment
}
