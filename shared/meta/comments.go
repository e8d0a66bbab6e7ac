package meta

import (
	"context"
	"net/http"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// Reply publishes text as a comment under the object, a post or a comment, and gives the id of the new comment. It sends
// one HTTP request and never a second: fault.Uncertain means that the comment may stand there, and Find tells. Other kinds
// are proven not to have published: Denied, Permanent and Invalid will not work later either, Transient may.
// (POST /{object-id}/comments)
func (c *Client) Reply(ctx context.Context, token, objectID, text string) (string, error) {
	return c.comment(ctx, "meta.Reply", token, objectID, "/comments", mention.Facebook, text)
}

// ReplyInstagram is Reply for a comment on Instagram, which hangs an answer to an answer on the comment above both.
// (POST /{ig-comment-id}/replies)
func (c *Client) ReplyInstagram(ctx context.Context, token, commentID, text string) (string, error) {
	return c.comment(ctx, "meta.ReplyInstagram", token, commentID, "/replies", mention.Instagram, text)
}

// AnswerMention is ReplyInstagram for where somebody else's media names us: under a comment, or under the media itself when
// its caption does and commentID is empty. (POST /{ig-user-id}/mentions)
func (c *Client) AnswerMention(ctx context.Context, token, account, mediaID, commentID, text string) (string, error) {
	const op = "meta.AnswerMention"
	if !objectLike(mediaID) || commentID != "" && !objectLike(commentID) {
		return "", &fault.Error{Kind: fault.Invalid, Op: op, Field: "object", Err: &Failure{Reason: ReasonInput}}
	}
	params := facebook.Params{"media_id": mediaID}
	if commentID != "" {
		params["comment_id"] = commentID
	}
	return c.say(ctx, op, token, account, "/mentions", mention.Instagram, text, params)
}

func (c *Client) comment(ctx context.Context, op, token, objectID, edge string, on mention.Network, text string) (string, error) {
	return c.say(ctx, op, token, objectID, edge, on, text, facebook.Params{})
}

// say publishes text at an edge of an object, with what else that edge must know.
func (c *Client) say(ctx context.Context, op, token, objectID, edge string, on mention.Network, text string, params facebook.Params) (string, error) {
	if err := usable(ctx, op, token, objectID); err != nil {
		return "", err
	}
	if err := post.Check(on, post.Public, text); err != nil {
		return "", err
	}
	params["message"] = text
	res, err := c.call(ctx, op, token, facebook.POST, objectID+edge, params)
	if err != nil {
		return "", err
	}
	if id := asText(res["id"]); objectLike(id) {
		return id, nil
	}
	return "", fault.New(fault.Uncertain, op, &Failure{Reason: ReasonUnknown, Status: http.StatusOK})
}

// Find looks for a comment that pageID wrote under the object at or after since with the same text as text (post.Hash),
// and gives its id. It only looks. found is false without an error when every comment since then was seen and none is it.
// (GET /{object-id}/comments, newest first)
func (c *Client) Find(ctx context.Context, token, objectID, pageID, text string, since time.Time) (remoteID string, found bool, err error) {
	const op = "meta.Find"
	s, err := looking(ctx, op, token, objectID, pageID, text, since)
	if err != nil {
		return "", false, err
	}
	s.said, s.at, s.newestFirst = "message", "created_time", true
	return c.walk(ctx, op, token, objectID+"/comments", s, facebook.Params{
		"fields": "id,message,from,created_time", "order": "reverse_chronological", "limit": pageSize,
	})
}

// FindInstagram is Find for an answer to a comment on Instagram. Answers to an answer hang on the comment above it, so
// that one's answers are looked through too. (GET /{ig-comment-id}/replies, in no order that Meta promises)
func (c *Client) FindInstagram(ctx context.Context, token, commentID, account, text string, since time.Time) (remoteID string, found bool, err error) {
	const op = "meta.FindInstagram"
	s, err := looking(ctx, op, token, commentID, account, text, since)
	if err != nil {
		return "", false, err
	}
	s.said, s.at = "text", "timestamp"
	replies := func(of string) (string, bool, error) {
		return c.walk(ctx, op, token, of+"/replies", s, facebook.Params{"fields": "id,text,from,timestamp", "limit": pageSize})
	}
	if id, found, err := replies(commentID); err != nil || found {
		return id, found, err
	}
	res, err := c.call(ctx, op, token, facebook.GET, commentID, facebook.Params{"fields": "parent_id"})
	if err != nil {
		return "", false, err
	}
	if asText(res["id"]) == "" {
		return "", false, unseen(op) // a comment always says its id: this is no answer to what was asked
	}
	above := asText(res["parent_id"])
	if !objectLike(above) {
		return "", false, nil
	}
	return replies(above)
}
