package x

import (
	"context"
	"encoding/json"
	"net/url"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// Reader reads X in the name of our accounts. It is safe for concurrent use and keeps no key.
type Reader struct{ api }

// NewReader makes it. The error is fault.Invalid and names the wrong field.
func NewReader(c Config) (*Reader, error) {
	calls, err := newAPI("x.NewReader", c)
	if err != nil {
		return nil, err
	}
	return &Reader{api: calls}, nil
}

// asPost are the parameters that make X tell of a post what its deliveries tell. Each post is paid for, and so are those it
// refers to, which are left out of lists.
func asPost(expansions string) url.Values {
	return url.Values{
		"tweet.fields": {"attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,geo,in_reply_to_user_id,note_tweet,referenced_tweets"},
		"expansions":   {expansions},
		"user.fields":  {"name,username"},
		"media.fields": {"preview_image_url,type,url"},
	}
}

// asMessage is asPost for direct messages.
func asMessage() url.Values {
	return url.Values{
		"dm_event.fields": {"attachments,created_at,dm_conversation_id,entities,event_type,id,sender_id,text"},
		"expansions":      {"attachments.media_keys,sender_id"},
		"user.fields":     {"name,username"},
		"media.fields":    {"preview_image_url,type,url"},
	}
}

// single is one item with what stands beside it.
type single struct {
	Data     json.RawMessage `json:"data"`
	Includes json.RawMessage `json:"includes"`
}

// Item reads a post or a message of which X did not tell all: the whole text of one it cut, in its latest version, and who
// wrote it. What is gone, or not for us to see, is fault.Permanent with reason gone.
// (GET /2/tweets/{id}, GET /2/dm_events/{event_id})
func (r *Reader) Item(ctx context.Context, a channel.Access, e mention.Event) (mention.Event, channel.Usage, error) {
	const op = "x.Item"
	switch {
	case !number(a.Account):
		return mention.Event{}, channel.Usage{}, once.Refuse(op, once.ReasonInput, "account")
	case !number(e.Key):
		return mention.Event{}, channel.Usage{}, once.Refuse(op, once.ReasonInput, "key")
	case e.Kind == mention.DM:
		return r.message(ctx, op, a, e)
	}
	got, use, err := r.post(ctx, op, a, e.Key)
	if err == nil && got.latest != "" && got.latest != e.Key {
		got, use, err = r.post(ctx, op, a, got.latest)
	}
	if err != nil {
		return mention.Event{}, use, err
	}
	d := decoderFor(a)
	d.post(got.of, a.Account, "")
	read := d.events[0]
	if read.Key != e.Key || !told(read) {
		return mention.Event{}, use, got.answer.Fail(op, false, once.Refusal{})
	}
	return completed(e, read), use, nil
}

// told reports an item that says something.
func told(e mention.Event) bool {
	return e.Text != "" || len(e.Attachments) > 0 || e.Outcome == mention.Metric
}

// completed joins what was told of an item with what was read. X knows at the telling what it does not say of the post: that
// it is an answer to us, or that it lets us answer.
func completed(e, read mention.Event) mention.Event {
	if read.Outcome == mention.Edit || read.Outcome == mention.Fetch { // its first version was never told whole, and more is not to be had
		read.Outcome, read.Reason = mention.Interaction, ""
		if read.Author != nil && read.Author.ID == read.Account {
			read.Outcome = mention.Own
		}
	}
	if read.Outcome == mention.Metric {
		return read
	}
	if e.Kind != "" && e.Kind != mention.Other {
		read.Kind = e.Kind
	}
	if e.Flag(mention.FlagSummoned) && !read.Flag(mention.FlagSummoned) && read.Outcome != mention.Own {
		read.Flags = append(read.Flags, mention.FlagSummoned)
	}
	if read.Author == nil {
		read.Author = e.Author
	}
	if read.At.IsZero() {
		read.At = e.At
	}
	return read
}

// decoderFor reads what was asked for in the name of one account.
func decoderFor(a channel.Access) *decoder {
	return &decoder{ours: mention.Accounts{mention.X: {a.Account}}}
}

// gotPost is a post that was read, and the id of its latest version.
type gotPost struct {
	of     post
	latest string
	answer once.Answer
}

func (r *Reader) post(ctx context.Context, op string, a channel.Access, id string) (gotPost, channel.Usage, error) {
	one, answer, use, err := r.one(ctx, op, a, "/2/tweets/"+id+"?"+asPost("attachments.media_keys,author_id,referenced_tweets.id").Encode())
	if err != nil {
		return gotPost{}, use, err
	}
	var p v2Post
	if !readObject(one.Data, &p) || p.ID.s != id {
		return gotPost{}, use, answer.Fail(op, false, once.Refusal{})
	}
	got := gotPost{of: p.post(one.Includes), answer: answer}
	versions, _, _ := elements(p.Versions, maxParts)
	if len(versions) > 0 {
		var last ident
		_ = json.Unmarshal(versions[len(versions)-1], &last) // an ident reads any value
		if number(last.s) {
			got.latest = last.s
		}
	}
	return got, use, nil
}

// one reads one item.
func (r *Reader) one(ctx context.Context, op string, a channel.Access, path string) (single, once.Answer, channel.Usage, error) {
	answer, err := r.as(ctx, op, a, once.Call{Path: path})
	if err != nil {
		return single{}, answer, channel.Usage{}, err
	}
	err = answer.Verdict(op, false, unseen)
	use := usage(answer, err)
	if err != nil {
		return single{}, answer, use, err
	}
	var got single
	_ = answer.Object(&got) // what is no object has no item
	if !given(got.Data) {
		return single{}, answer, use, answer.Fail(op, false, missing(answer))
	}
	return got, answer, use, nil
}

// missing reads a success without the item: X says in it that the item is gone, or nothing that can be relied on.
func missing(a once.Answer) once.Refusal {
	all, explained := problems(a)
	if !explained || len(all) < 2 {
		return once.Refusal{}
	}
	return unseen(a)
}

func (r *Reader) message(ctx context.Context, op string, a channel.Access, e mention.Event) (mention.Event, channel.Usage, error) {
	one, answer, use, err := r.one(ctx, op, a, "/2/dm_events/"+e.Key+"?"+asMessage().Encode())
	if err != nil {
		return mention.Event{}, use, err
	}
	d := decoderFor(a)
	d.directMessage(a.Account, one.Data, one.Includes)
	read := d.events[0]
	if read.Key != e.Key || !told(read) {
		return mention.Event{}, use, answer.Fail(op, false, once.Refusal{})
	}
	return completed(e, read), use, nil
}

// Probe says whether the key still opens anything, with one cheap call.
// (GET /2/users/me)
func (r *Reader) Probe(ctx context.Context, a channel.Access) (channel.Usage, error) {
	_, _, use, err := r.me(ctx, "x.Probe", a)
	return use, err
}

// me reads who the key is of, and the answer that says it.
func (c api) me(ctx context.Context, op string, a channel.Access) (channel.Choice, once.Answer, channel.Usage, error) {
	answer, err := c.as(ctx, op, a, once.Call{Path: "/2/users/me?user.fields=name%2Cusername"})
	if err != nil {
		return channel.Choice{}, answer, channel.Usage{}, err
	}
	err = answer.Verdict(op, false, refused)
	use := usage(answer, err)
	if err != nil {
		return channel.Choice{}, answer, use, err
	}
	var body single
	_ = answer.Object(&body) // what is no object names nobody
	u, ok := readUser(body.Data)
	if !ok || !number(u.ID.s) {
		return channel.Choice{}, answer, use, answer.Fail(op, false, once.Refusal{})
	}
	name, _ := clean(string(u.Name))
	if u.Username != "" {
		name, _ = clean("@" + string(u.Username))
	}
	return channel.Choice{Account: u.ID.s, Name: name}, answer, use, nil
}
