package meta

import (
	"encoding/json"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/mention"
)

// What is asked of comments and media on Instagram. Of a comment's user only our own is given.
const (
	igCommentFields   = "id,text,timestamp,from,username,user,hidden"
	igReplyFields     = igCommentFields + ",parent_id"
	igMentionFields   = "id,text,timestamp,username,media{id}"
	igMediaFields     = "id,caption,media_type,media_url,timestamp,username"
	igRepliesOnPage   = "50"
	igCommentedFields = igCommentFields + ",replies.limit(" + igRepliesOnPage + "){" + igReplyFields + "}"
)

// igReach is how old a media, or a comment, may be whose comments, or answers, are still looked for: each costs a call, and
// a quiet account has few. Later ones are only told by deliveries.
const igReach = 30 * 24 * time.Hour

// igComments are the comments on our media and, with them, the answers to each. Instagram lists only those right under a
// media, the newest first, and cannot be asked for those since a time.
// (GET /{ig-user-id}/media, GET /{ig-media-id}/comments, GET /{ig-comment-id}/replies)
func igComments() list {
	return list{
		path: edge("media"), params: facebook.Params{"fields": "id,timestamp,comments_count"}, limit: 25, reach: igReach,
		read: func(_ spot, raw []byte) found {
			var m struct {
				ID        ident       `json:"id"`
				Timestamp stamp       `json:"timestamp"`
				Comments  json.Number `json:"comments_count"`
			}
			if !readObject(raw, &m) || m.ID.s == "" {
				return found{}
			}
			out := found{at: m.Timestamp.Time}
			if m.Comments != "0" {
				out.under = []hanging{{Level: 1, ID: m.ID.s}}
			}
			return out
		},
		within: &list{
			path: edge("comments"), params: facebook.Params{"fields": igCommentedFields}, limit: 50, reach: igReach,
			read: func(in spot, raw []byte) found { return readIGComment(in.account, in.id, "", raw) },
			within: &list{
				path: edge("replies"), params: facebook.Params{"fields": igReplyFields}, limit: 50,
				read: func(in spot, raw []byte) found {
					out := readIGComment(in.account, in.of, in.id, raw)
					out.at = time.Time{} // answers come in no order that Instagram promises
					return out
				},
			},
		},
	}
}

// igComment is a comment as Graph shows it. User is only there when our own account wrote it.
type igComment struct {
	igValue
	Username words `json:"username"`
	User     struct {
		ID ident `json:"id"`
	} `json:"user"`
	Hidden  yes `json:"hidden"`
	Replies struct {
		Data   json.RawMessage `json:"data"`
		Paging struct {
			Next words `json:"next"`
		} `json:"paging"`
	} `json:"replies"`
}

// readIGComment reads a comment under a media, or an answer to the comment above, with the answers that came with it.
func readIGComment(account, media, above string, raw []byte) found {
	var c igComment
	if !readObject(raw, &c) || c.ID.s == "" {
		return found{}
	}
	out := found{at: c.Timestamp.Time, events: []mention.Event{c.event(account, media, above)}}
	if above != "" {
		return out // answers have no answers
	}
	answers, more, _ := elements(c.Replies.Data, maxListed)
	for _, answer := range answers {
		out.events = append(out.events, readIGComment(account, media, c.ID.s, answer).events...)
	}
	if more || c.Replies.Paging.Next != "" {
		out.under = []hanging{{Level: 2, ID: c.ID.s, Of: media}}
	}
	return out
}

func (c igComment) event(account, media, above string) mention.Event {
	v := c.igValue
	if v.Media.id.s == "" {
		v.Media.id = ident{s: media}
	}
	if v.ParentID.s == "" {
		v.ParentID = ident{s: above}
	}
	return v.whole(account, c.Username, c.User.ID, bool(c.Hidden), "comments")
}

// whole gives the event of an item that Graph showed.
func (v igValue) whole(account string, username words, self ident, hidden bool, field string) mention.Event {
	if v.From.Username == "" {
		v.From.Username = username
	}
	if self.s != "" {
		v.From.SelfID = self
	}
	if v.malformed() {
		return mention.Event{}
	}
	out := v.event(entry{ID: ident{s: account}}, field)
	if out.Outcome == mention.Fetch {
		out.Outcome, out.Reason = mention.Interaction, ""
	}
	setFlag(&out, mention.FlagHidden, hidden)
	return out
}

// igTagged are media of others in which we are tagged. Those whose caption names us are told of by deliveries too; whether
// each of them may be answered is for Instagram to say. (GET /{ig-user-id}/tags)
func igTagged() list {
	return list{
		path: edge("tags"), params: facebook.Params{"fields": igMediaFields}, limit: 50,
		read: func(in spot, raw []byte) found {
			e, at := readIGMedia(in.account, raw)
			return found{at: at, events: []mention.Event{e}}
		},
	}
}

// readIGMedia reads a media of somebody else that names us.
func readIGMedia(account string, raw []byte) (mention.Event, time.Time) {
	var m struct {
		ID        ident `json:"id"`
		Caption   words `json:"caption"`
		Type      words `json:"media_type"`
		URL       words `json:"media_url"`
		Timestamp stamp `json:"timestamp"`
		Username  words `json:"username"`
	}
	if !readObject(raw, &m) {
		return mention.Event{}, time.Time{}
	}
	v := igValue{MediaID: m.ID, Text: m.Caption, Timestamp: m.Timestamp}
	out := v.whole(account, m.Username, ident{}, false, fieldMentions)
	if m.URL != "" && out.Key != "" {
		kind := "image"
		if m.Type == "VIDEO" || m.Type == "REELS" {
			kind = "video"
		}
		out.Attachments = []mention.Attachment{attachment(kind, m.URL)}
	}
	return out, m.Timestamp.Time
}

// igWhole says how a comment or a mention on Instagram is read. Media and comments of others can only be read on our own
// account, by the ids of the mention. (GET /{ig-user-id}?fields=mentioned_comment.comment_id(…) and mentioned_media.media_id(…))
func igWhole(account string, e mention.Event) (whole, bool) {
	if e.Kind == mention.Comment {
		return whole{id: e.Key, fields: igReplyFields + ",media{id}", read: func(body []byte) (mention.Event, bool) {
			var c igComment
			ok := readObject(body, &c) && c.ID.s != ""
			return c.event(account, e.Thread, ""), ok
		}}, true
	}
	media, comment := mentionOf(e.Key)
	switch {
	case comment != "" && objectLike(comment):
		return whole{
			id: account, fields: "mentioned_comment.comment_id(" + comment + "){" + igMentionFields + "}",
			read: func(body []byte) (mention.Event, bool) {
				var a struct {
					Comment igComment `json:"mentioned_comment"`
				}
				ok := readObject(body, &a) && a.Comment.ID.s != ""
				return a.Comment.event(account, media, ""), ok
			},
		}, true
	case comment == "" && objectLike(media):
		return whole{
			id: account, fields: "mentioned_media.media_id(" + media + "){" + igMediaFields + "}",
			read: func(body []byte) (mention.Event, bool) {
				var a struct {
					Media json.RawMessage `json:"mentioned_media"`
				}
				_ = readObject(body, &a) // what is not there is no media
				out, _ := readIGMedia(account, a.Media)
				return out, out.Key != ""
			},
		}, true
	}
	return whole{}, false
}
