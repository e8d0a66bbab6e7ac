package meta

import (
	"encoding/json"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// value is what the fields feed, mention and ratings of a page carry. Ten years of deliveries differ in what they fill in,
// so that nothing but the id of the item is required (Graph API, webhooks reference "Page").
type value struct {
	Item        words           `json:"item"`
	Verb        words           `json:"verb"`
	PostID      ident           `json:"post_id"`
	CommentID   ident           `json:"comment_id"`
	ParentID    ident           `json:"parent_id"`
	StoryID     ident           `json:"open_graph_story_id"`
	From        person          `json:"from"`
	SenderID    ident           `json:"sender_id"`
	SenderName  words           `json:"sender_name"`
	UserID      ident           `json:"user_id"`
	ReviewerID  ident           `json:"reviewer_id"`
	Reviewer    words           `json:"reviewer_name"`
	Message     words           `json:"message"`
	ReviewText  words           `json:"review_text"`
	Recommends  words           `json:"recommendation_type"`
	Reaction    words           `json:"reaction_type"`
	CreatedTime stamp           `json:"created_time"`
	Hidden      yes             `json:"is_hidden"`
	Published   *yes            `json:"published"`
	Photo       words           `json:"photo"`
	Photos      json.RawMessage `json:"photos"`
	Video       words           `json:"video"`
	Link        words           `json:"link"`
}

// person is who did something, in the newer of the two shapes.
type person struct {
	ID   ident `json:"id"`
	Name words `json:"name"`
}

// malformed reports an id that is there and cannot be one: without it, the item could not be told from others.
func (v value) malformed() bool {
	for _, id := range []ident{v.PostID, v.CommentID, v.ParentID, v.StoryID, v.SenderID, v.UserID, v.ReviewerID, v.From.ID} {
		if id.bad {
			return true
		}
	}
	return false
}

// author gives who did it; nil when the network does not say, which happens for ordinary people.
func (v value) author() *mention.Author {
	p := v.From
	for _, other := range []person{{v.SenderID, v.SenderName}, {v.ReviewerID, v.Reviewer}, {v.UserID, ""}} {
		if p.ID.s == "" {
			p.ID = other.ID
		}
		if p.Name == "" {
			p.Name = other.Name
		}
	}
	if p == (person{}) {
		return nil
	}
	name, _ := p.Name.capped()
	return &mention.Author{ID: p.ID.s, Name: name}
}

// event reads one change of the given field.
func (v value) event(e entry, field string) mention.Event {
	out := mention.Event{Account: e.ID.s, At: firstOf(v.CreatedTime, e.Time), Author: v.author()}
	v.identify(&out, field)
	switch {
	case v.Item == "reaction":
		v.react(&out, e)
	case v.Item == "like":
		v.like(&out)
	case out.Kind == mention.Other:
		out.Outcome, out.Reason = mention.IgnoreUnknown, mention.ReasonUnknownItem
		if uselessItem(string(v.Item)) {
			out.Outcome, out.Reason = mention.Ignore, mention.ReasonUseless
		}
	case out.Key == "":
		return e.blank(mention.Quarantine, mention.ReasonNoID)
	default:
		v.fill(&out)
		v.judge(&out, e)
	}
	return out
}

// identify says what the item is, which id names it and where it hangs.
func (v value) identify(out *mention.Event, field string) {
	out.Kind, out.Key, out.Thread = mention.Other, v.PostID.s, v.PostID.s
	switch {
	case v.CommentID.s != "" || v.Item == "comment":
		out.Kind, out.Key = mention.Comment, v.CommentID.s
		if field == "ratings" && out.Thread == "" {
			out.Thread = v.StoryID.s
		}
		if !samePost(v.ParentID.s, out.Thread) {
			out.Parent = v.ParentID.s
		}
	case field == "ratings":
		if v.Item == "rating" || v.Item == "" {
			out.Kind = mention.Review
		}
		out.Key, out.Thread = v.StoryID.s, v.StoryID.s
	case postItem(string(v.Item)) || field == "mention":
		out.Kind = mention.Post
	}
	if field == "mention" {
		out.Kind = mention.Mentioned
	}
}

// samePost reports whether a parent id is that of the post itself, which is also written without the page before it.
func samePost(parent, post string) bool {
	return parent == post || parent != "" && strings.HasSuffix(post, "_"+parent)
}

// fill adds what was written and what hangs on it.
func (v value) fill(out *mention.Event) {
	text := v.Message
	if text == "" {
		text = v.ReviewText
	}
	cut := false
	if out.Text, cut = text.capped(); cut {
		out.Flags = append(out.Flags, mention.FlagTruncated)
	}
	if v.Hidden {
		out.Flags = append(out.Flags, mention.FlagHidden)
	}
	switch v.Recommends {
	case "POSITIVE", "positive":
		out.Flags = append(out.Flags, mention.FlagPositive)
	case "NEGATIVE", "negative":
		out.Flags = append(out.Flags, mention.FlagNegative)
	}
	pictures, _, _ := elements(v.Photos, maxAttachments)
	for _, raw := range pictures {
		var url words
		_ = json.Unmarshal(raw, &url) // words read any value
		out.Attachments = append(out.Attachments, attachment("image", url))
	}
	if v.Photo != "" && len(pictures) == 0 {
		out.Attachments = append(out.Attachments, attachment("image", v.Photo))
	}
	if v.Video != "" {
		out.Attachments = append(out.Attachments, attachment("video", v.Video))
	}
	if v.Link != "" {
		out.Attachments = append(out.Attachments, attachment("link", v.Link))
	}
}

// judge says what an item asks of us. What happens to a known item comes before who did it: an edit of our own comment is
// an edit.
func (v value) judge(out *mention.Event, e entry) {
	if v.unseen(out) {
		out.Outcome, out.Reason = mention.Ignore, mention.ReasonUseless
		return
	}
	switch v.Verb {
	case "add":
		v.added(out)
		return
	case "edit", "edited":
		out.Outcome = mention.Edit
	case "remove", "delete":
		// Nobody may keep what its author withdrew.
		out.Outcome, out.Text, out.Attachments, out.Flags = mention.Delete, "", nil, nil
	case "hide":
		out.Outcome = mention.Moderation
		setFlag(out, mention.FlagHidden, true)
	case "unhide":
		out.Outcome = mention.Moderation
		setFlag(out, mention.FlagHidden, false)
	case "block", "unblock", "mute":
		out.Outcome, out.Reason = mention.Ignore, mention.ReasonUseless
	default:
		out.Outcome, out.Reason = mention.IgnoreUnknown, mention.ReasonUnknownVerb
	}
	out.At = laterOf(v.CreatedTime, e.Time)
}

// unseen reports something of ours that nobody sees yet: what was brought for a post that goes out later.
func (v value) unseen(out *mention.Event) bool {
	own := out.Author != nil && out.Author.ID == out.Account
	return own && v.Published != nil && !bool(*v.Published) && v.Verb != "remove" && v.Verb != "delete"
}

// added judges a new item.
func (v value) added(out *mention.Event) {
	empty := out.Text == "" && len(out.Attachments) == 0
	switch {
	case out.Author != nil && out.Author.ID == out.Account:
		out.Outcome = mention.Own
	case out.Kind == mention.Review && empty:
		out.Outcome = mention.Metric // stars and not a word: nothing to answer
	case out.Kind == mention.Mentioned && out.Author == nil:
		out.Outcome, out.Reason = mention.Fetch, mention.ReasonFetchAuthor
	case out.Text == "" && out.Kind != mention.Comment || empty:
		out.Outcome, out.Reason = mention.Fetch, mention.ReasonFetchText
	default:
		out.Outcome = mention.Interaction
	}
}

// react reads a reaction. It carries the id of the item it was set on and, as text, its name; one person has one reaction
// per item, so that an edit takes the place of the former.
func (v value) react(out *mention.Event, e entry) {
	out.Outcome, out.Kind, out.Parent = mention.Reaction, mention.Reacted, ""
	if out.Key == "" {
		out.Key = out.Thread
	}
	out.At = laterOf(v.CreatedTime, e.Time)
	out.Text, _ = v.Reaction.capped()
	switch v.Verb {
	case "edit", "edited":
		setFlag(out, mention.FlagReplaced, true)
	case "remove":
		setFlag(out, mention.FlagRemoved, true)
	}
}

// like reads a like of the page or of an item, which is only counted.
func (v value) like(out *mention.Event) {
	out.Outcome, out.Kind, out.Parent = mention.Metric, mention.Other, ""
	if out.Key != "" {
		out.Kind = mention.Reacted
	}
	if v.Verb == "remove" {
		setFlag(out, mention.FlagRemoved, true)
	}
}

// postItem reports an item that is a post on the page, by us or by a visitor.
func postItem(item string) bool {
	switch item {
	case "post", "status", "photo", "video", "share", "link", "note":
		return true
	}
	return false
}

// uselessItem reports an item of the feed that is news of the page's own making and carries nobody's words.
func uselessItem(item string) bool {
	switch item {
	case "address", "album", "connection", "coupon", "event", "experience", "interest", "milestone", "offer", "page",
		"photo-album", "picture", "platform-story", "profile", "relationship-status", "story", "timeline cover":
		return true
	}
	return false
}
