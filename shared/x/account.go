package x

import (
	"encoding/json"

	"sence.gob.cl/gestor/shared/mention"
)

// account is a delivery of the Account Activity API: lists of events for one account. X calls it deprecated; applications
// of before 2026 still get it.
type account struct {
	ForUserID ident           `json:"for_user_id"`
	Posts     json.RawMessage `json:"tweet_create_events"`
	Deleted   json.RawMessage `json:"tweet_delete_events"`
	Likes     json.RawMessage `json:"favorite_events"`
	Follows   json.RawMessage `json:"follow_events"`
	Blocks    json.RawMessage `json:"block_events"`
	Mutes     json.RawMessage `json:"mute_events"`
	Messages  json.RawMessage `json:"direct_message_events"`
	Users     json.RawMessage `json:"users"`
	Typing    json.RawMessage `json:"direct_message_indicate_typing_events"`
	Read      json.RawMessage `json:"direct_message_mark_read_events"`
	User      json.RawMessage `json:"user_event"`
}

// lists gives every list of the delivery.
func (a account) lists() []json.RawMessage {
	return []json.RawMessage{a.Posts, a.Deleted, a.Likes, a.Follows, a.Blocks, a.Mutes, a.Messages, a.Typing, a.Read}
}

// known reports a body that is a delivery of this API.
func (a account) known() bool {
	return a.ForUserID != (ident{}) || given(a.User) || a.any()
}

func (a account) any() bool {
	for _, list := range a.lists() {
		if given(list) {
			return true
		}
	}
	return false
}

// account reads a whole delivery.
func (d *decoder) account(a account) {
	if given(a.User) {
		d.userEvent(a.User)
	}
	id := a.ForUserID.s
	switch {
	case !a.any() && given(a.User):
		return
	case a.ForUserID.bad:
		d.quarantine("", mention.ReasonBadID)
		return
	case id == "":
		d.quarantine("", mention.ReasonNoAccount)
		return
	case !a.any() && d.ours.Ours(mention.X, id):
		d.add(mention.Event{Outcome: mention.IgnoreUnknown, Account: id, Reason: mention.ReasonUnknownField})
		return
	case !d.ours.Ours(mention.X, id):
		before := len(d.events)
		for _, list := range a.lists() {
			d.list(id, list, func([]byte) { d.foreign(id) })
		}
		if len(d.events) == before {
			d.foreign(id)
		}
		return
	}
	before := len(d.events)
	d.list(id, a.Posts, func(item []byte) { d.tweet(id, item) })
	d.list(id, a.Deleted, func(item []byte) { d.tweetDeleted(id, item) })
	d.list(id, a.Likes, func(item []byte) { d.favorite(id, item) })
	for _, list := range []json.RawMessage{a.Follows, a.Blocks, a.Mutes} {
		d.list(id, list, func(item []byte) { d.follow(id, item) })
	}
	if given(a.Messages) {
		d.messageList(id, a.Messages, a.Users)
	}
	d.list(id, a.Typing, func(item []byte) { d.typing(id, item) })
	d.list(id, a.Read, func(item []byte) { d.seen(id, item) })
	if len(d.events) == before {
		d.add(mention.Event{Outcome: mention.Ignore, Account: id, Reason: mention.ReasonNoItems})
	}
}

// userEvent reads what happened to an account as a whole: only that it shut us out is known.
func (d *decoder) userEvent(raw json.RawMessage) {
	var event struct {
		Revoke json.RawMessage `json:"revoke"`
	}
	if !readObject(raw, &event) || !given(event.Revoke) {
		d.add(mention.Event{Outcome: mention.IgnoreUnknown, Reason: mention.ReasonUnknownField})
		return
	}
	d.revoked(event.Revoke)
}

// ref is a user or a post by its id, which the producer rounds when it writes it as a number: the string is right.
type ref struct {
	ID    ident `json:"id"`
	IDStr ident `json:"id_str"`
}

func (r ref) id() ident { return either(r.IDStr, r.ID) }

// tweetIDs are the ids of a post, which go-twitter reads as int64 and only as numbers.
type tweetIDs struct {
	ref
	User           ref       `json:"user"`
	ReplyTo        ident     `json:"in_reply_to_status_id"`
	ReplyToStr     ident     `json:"in_reply_to_status_id_str"`
	ReplyToUser    ident     `json:"in_reply_to_user_id"`
	ReplyToUserStr ident     `json:"in_reply_to_user_id_str"`
	Quoted         ident     `json:"quoted_status_id"`
	QuotedStr      ident     `json:"quoted_status_id_str"`
	QuotedPost     *tweetIDs `json:"quoted_status"`
	Reposted       *tweetIDs `json:"retweeted_status"`
	Entities       named     `json:"entities"`
	Extended       struct {
		Entities named `json:"entities"`
	} `json:"extended_tweet"`
	Versions struct {
		Initial ident   `json:"initial_tweet_id"`
		IDs     []ident `json:"edit_tweet_ids"`
	} `json:"edit_history"`
	At stamp `json:"created_at"`
}

type named struct {
	Mentions []ref `json:"user_mentions"`
}

// tweet reads a post of the old API, ours or one that concerns us.
func (d *decoder) tweet(account string, raw []byte) {
	var ids tweetIDs
	if !readObject(raw, &ids) {
		d.quarantine(account, mention.ReasonBadItem)
		return
	}
	p := ids.post()
	content(&p, raw)
	d.post(p, account, "")
}

// post takes over the ids.
func (t tweetIDs) post() post {
	p := post{
		id: t.id(), first: t.Versions.Initial, author: t.User.id(), replyTo: either(t.ReplyToStr, t.ReplyTo),
		replyToUser: either(t.ReplyToUserStr, t.ReplyToUser), quoted: either(t.QuotedStr, t.Quoted),
		repost: t.Reposted != nil, at: t.At.Time,
	}
	if p.first.s == "" && len(t.Versions.IDs) > 0 {
		p.first = t.Versions.IDs[0]
	}
	if t.Reposted != nil {
		p.reposted = t.Reposted.id()
	}
	if t.QuotedPost != nil {
		p.quotedUser, p.quoted = t.QuotedPost.User.id(), either(p.quoted, t.QuotedPost.id())
	}
	for _, m := range append(t.Entities.Mentions, t.Extended.Entities.Mentions...) {
		p.mentioned = append(p.mentioned, m.id())
	}
	return p
}

// tweetDeleted reads the withdrawal of a post.
func (d *decoder) tweetDeleted(account string, raw []byte) {
	var gone struct {
		Status struct {
			ref
			UserID ident `json:"user_id"`
		} `json:"status"`
		At stamp `json:"timestamp_ms"`
	}
	if !readObject(raw, &gone) {
		d.quarantine(account, mention.ReasonBadItem)
		return
	}
	d.gone(account, gone.Status.id(), gone.Status.UserID, gone.At)
}

// favorite counts a like.
func (d *decoder) favorite(account string, raw []byte) {
	var like struct {
		ID   ident           `json:"id"`
		Of   ref             `json:"favorited_status"`
		User json.RawMessage `json:"user"`
		When stamp           `json:"timestamp_ms"`
		Else stamp           `json:"created_at"`
	}
	if !readObject(raw, &like) {
		d.quarantine(account, mention.ReasonBadItem)
		return
	}
	who, _ := readUser(like.User)
	d.add(mention.Event{
		Outcome: mention.Metric, Kind: mention.Reacted, Account: account, Key: like.ID.s, Thread: like.Of.id().s,
		Author: who.author(), At: firstOf(like.When, like.Else),
	})
}

// follow counts that somebody follows, mutes or blocks somebody, or no longer does.
func (d *decoder) follow(account string, raw []byte) {
	var event struct {
		Type   words           `json:"type"`
		At     stamp           `json:"created_timestamp"`
		Source json.RawMessage `json:"source"`
	}
	if !readObject(raw, &event) {
		d.quarantine(account, mention.ReasonBadItem)
		return
	}
	source, _ := readUser(event.Source)
	d.relation(account, source, len(event.Type) > 2 && event.Type[:2] == "un", event.At)
}
