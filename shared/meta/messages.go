package meta

import (
	"context"
	"net/http"
	"strings"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// Letter is one private message of an account of ours on Messenger or Instagram. It goes to the person Recipient or, when
// that is empty, to whoever wrote the comment or post About: Meta allows one such answer for each, within 7 days.
type Letter struct {
	Account   string
	Recipient string
	About     string
	Text      string
	Tag       string // given back in Messenger's echo
	Extended  bool   // a person typed it, and the 24 hours are over: Meta gives such words seven days, to whom it lets
}

// Write sends the letter and gives the message's id. It sends one HTTP request and never a second; kinds as of Reply.
// (POST /{page or ig id}/messages)
func (c *Client) Write(ctx context.Context, token string, l Letter) (string, error) {
	const op = "meta.Write"
	if err := usable(ctx, op, token, l.Account); err != nil {
		return "", err
	}
	to, err := c.recipient(op, l)
	if err != nil {
		return "", err
	}
	if err := post.Check(c.network, post.Private, l.Text); err != nil {
		return "", err
	}
	message := map[string]string{"text": l.Text}
	params := facebook.Params{"recipient": to, "message": message}
	if c.network == mention.Facebook {
		// Of an answer within the time Meta allows. Of the tags for later ones Meta takes only one since 2026-04-27.
		params["messaging_type"] = "RESPONSE"
		if l.Tag != "" {
			message["metadata"] = l.Tag
		}
	}
	if l.Extended && l.Recipient != "" {
		params["messaging_type"], params["tag"] = "MESSAGE_TAG", "HUMAN_AGENT"
	}
	res, err := c.call(ctx, op, token, facebook.POST, l.Account+"/messages", params)
	if err != nil {
		return "", err
	}
	if id := asText(res["message_id"]); visible(id) {
		return id, nil
	}
	return "", fault.New(fault.Uncertain, op, &Failure{Reason: ReasonUnknown, Status: http.StatusOK})
}

// recipient says whom the letter goes to. On Facebook the id of a post begins with its page's; all else is a comment.
func (c *Client) recipient(op string, l Letter) (map[string]string, error) {
	key, id := "comment_id", l.About
	switch {
	case l.Recipient != "":
		key, id = "id", l.Recipient
	case c.network == mention.Facebook && strings.HasPrefix(l.About, l.Account+"_"):
		key = "post_id"
	}
	if !objectLike(id) {
		return nil, &fault.Error{Kind: fault.Invalid, Op: op, Field: "recipient", Err: &Failure{Reason: ReasonInput}}
	}
	return map[string]string{key: id}, nil
}

// visible reports an id that can be stored and shown; those of messages have more than letters and digits.
func visible(id string) bool {
	return id != "" && len(id) <= 512 && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
}

// messageFields are what is read of a conversation.
const messageFields = "messages{id,message,from,created_time}"

// FindLetter looks for the letter in the conversation with its person, at or after since, and gives the message's id. It
// only looks. found is false without an error when every message since then was seen and none is it.
func (c *Client) FindLetter(ctx context.Context, token string, l Letter, since time.Time) (remoteID string, found bool, err error) {
	const op = "meta.FindLetter"
	s, err := looking(ctx, op, token, l.Account, l.Account, l.Text, since)
	if err != nil {
		return "", false, err
	}
	if _, err = c.recipient(op, l); err != nil {
		return "", false, err
	}
	s.said, s.at, s.id, s.newestFirst = "message", "created_time", visible, true
	talks, err := c.talks(ctx, op, token, l)
	if err != nil {
		return "", false, err
	}
	for _, talk := range talks {
		if id, found, err := c.listen(ctx, op, token, s, talk); err != nil || found {
			return id, found, err
		}
	}
	return "", false, nil
}

// talks gives the conversations in which the letter would stand: those with its person. Meta does not say which
// conversation an answer to a comment or post began, so it is looked for with whoever wrote that.
func (c *Client) talks(ctx context.Context, op, token string, l Letter) ([]any, error) {
	person := l.Recipient
	if person == "" {
		res, err := c.call(ctx, op, token, facebook.GET, l.About, facebook.Params{"fields": "from"})
		if err != nil {
			return nil, err
		}
		if person = asText(res.Get("from.id")); !objectLike(person) {
			return nil, unseen(op)
		}
	}
	path, params := l.Account+"/conversations", facebook.Params{"user_id": person, "fields": messageFields}
	if c.network == mention.Instagram {
		// Of Instagram's conversations too Meta's pages name the page, which is whoever the key is of.
		path, params["platform"] = "me/conversations", "instagram"
	}
	res, err := c.call(ctx, op, token, facebook.GET, path, params)
	if err != nil {
		return nil, err
	}
	talks, ok := res["data"].([]any)
	if !ok {
		return nil, unseen(op)
	}
	return talks, nil
}

// unseen is a look that showed nothing: that is not an absence.
func unseen(op string) error {
	return fault.New(fault.Transient, op, &Failure{Reason: ReasonUnknown, Status: http.StatusOK})
}

// listen looks through one conversation, whose first messages came with it.
func (c *Client) listen(ctx context.Context, op, token string, s search, talk any) (string, bool, error) {
	members, _ := talk.(map[string]any)
	messages, ok := members["messages"].(map[string]any)
	if !ok {
		return "", false, unseen(op)
	}
	id, following, err := c.page(op, s, messages)
	if err != nil || id != "" || following == nil {
		return id, id != "", err
	}
	within := asText(members["id"])
	if !objectLike(within) {
		return "", false, unseen(op)
	}
	return c.walk(ctx, op, token, within+"/messages", s, following)
}
