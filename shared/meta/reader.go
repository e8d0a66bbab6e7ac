package meta

import (
	"context"
	"net/url"
	"strings"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

// Reader reads one of Meta's networks in the name of an account of ours: what it told of by an id alone, what people wrote,
// and whether all is well with the account.
type Reader struct {
	network mention.Network
	cfg     Config
	app     func(context.Context) (AppSecret, error)
}

// NewReader makes the reader of Facebook and Messenger, whose keys are page tokens. The secret is read anew for each call.
func NewReader(cfg Config, app func(context.Context) (AppSecret, error)) Reader {
	return Reader{network: mention.Facebook, cfg: cfg, app: app}
}

// NewInstagramReader makes the reader of Instagram, whose keys are those of the pages the accounts are linked with. Meta's
// pages on Instagram ask for a person's key in some places; that a page's does is known of comments, and not verified for
// mentions.
func NewInstagramReader(cfg Config, app func(context.Context) (AppSecret, error)) Reader {
	return Reader{network: mention.Instagram, cfg: cfg, app: app}
}

// Reason gives the short code of an error.
func (Reader) Reason(err error) string { return Reason(err) }

// client gives a caller with a meter of its own.
func (r Reader) client(ctx context.Context) (*Client, error) {
	return clientFor(ctx, "meta.Reader", r.network, r.cfg, r.app)
}

// The lists of Lists.
const (
	listFeed     = "feed"
	listComments = "comments"
	listTagged   = "tagged"
	listTalks    = "talks"
	listRatings  = "ratings"
)

// Lists names the lists that there are.
func (r Reader) Lists() []string {
	if r.network == mention.Instagram {
		return []string{listComments, listTagged, listTalks}
	}
	return []string{listFeed, listTagged, listTalks, listRatings}
}

// List reads one page of a list, with one request. Its events are those that a delivery of the same items gives, but for
// what only one of the two knows: deliveries of messages have milliseconds and no list has, and a list has the addresses of
// attachments anew each time.
func (r Reader) List(ctx context.Context, a channel.Access, q channel.ListQuery) (channel.Page, error) {
	const op = "meta.List"
	l, there := r.list(q.List)
	if !there {
		return channel.Page{}, fault.New(fault.Permanent, op, &Failure{Reason: ReasonUnsupported})
	}
	c, err := r.client(ctx)
	if err != nil {
		return channel.Page{}, err
	}
	page, err := c.step(ctx, op, a.Token, a.Account, l, resume(q))
	for i := range page.Events {
		page.Events[i].Network = r.network
	}
	page.Usage = c.meter.read()
	return page, err
}

func (r Reader) list(name string) (list, bool) {
	switch {
	case name == listTalks:
		return r.talks(), true
	case r.network == mention.Instagram && name == listComments:
		return igComments(), true
	case r.network == mention.Instagram && name == listTagged:
		return igTagged(), true
	case r.network == mention.Facebook && name == listFeed:
		return feedList(), true
	case r.network == mention.Facebook && name == listTagged:
		return taggedList(), true
	case r.network == mention.Facebook && name == listRatings:
		return ratingList(), true
	}
	return list{}, false
}

// edge gives the path of an edge of an object.
func edge(name string) func(string) string {
	return func(id string) string { return id + "/" + name }
}

// Media gives the address that came with the attachment: it opens by itself, and only as long as the network signed it for.
// No request is made.
func (r Reader) Media(_ context.Context, _ channel.Access, m mention.Attachment) (channel.Download, error) {
	if !strings.HasPrefix(m.URL, "https://") && !strings.HasPrefix(m.URL, "http://") {
		return channel.Download{}, fault.New(fault.Permanent, "meta.Media", &Failure{Reason: ReasonUnsupported})
	}
	return channel.Download{URL: m.URL}, nil
}

// Item reads an item that a delivery told of by its id alone, or without its author. It gives what the network has: a text
// may be empty and an author missing all the same.
func (r Reader) Item(ctx context.Context, a channel.Access, e mention.Event) (mention.Event, channel.Usage, error) {
	c, err := r.client(ctx)
	if err != nil {
		return mention.Event{}, channel.Usage{}, err
	}
	got, err := r.item(ctx, c, a, e)
	if err != nil {
		return mention.Event{}, c.meter.read(), err
	}
	return merged(e, got), c.meter.read(), nil
}

func (r Reader) item(ctx context.Context, c *Client, a channel.Access, e mention.Event) (mention.Event, error) {
	const op = "meta.Item"
	if e.Key == "" { // all that was told is that something changed: only the lists can say what
		return mention.Event{}, fault.New(fault.Permanent, op, &Failure{Reason: ReasonUnsupported})
	}
	w, there := r.whole(a.Account, e)
	switch {
	case !there:
		return mention.Event{}, fault.New(fault.Permanent, op, &Failure{Reason: ReasonUnsupported})
	case !nameLike(w.id):
		return mention.Event{}, &fault.Error{Kind: fault.Invalid, Op: op, Field: "key", Err: &Failure{Reason: ReasonInput}}
	}
	if err := usable(ctx, op, a.Token, a.Account); err != nil {
		return mention.Event{}, err
	}
	got, err := c.look(ctx, op, a.Token, url.PathEscape(w.id), facebook.Params{"fields": w.fields})
	if err != nil {
		return mention.Event{}, err
	}
	out, ok := w.read(got.body)
	if !ok {
		return mention.Event{}, unseen(op)
	}
	return out, nil
}

// whole is how one item is read by its id; read is false for an answer that is not that item.
type whole struct {
	id, fields string
	read       func(body []byte) (mention.Event, bool)
}

// whole says how an item is read. A delivery names an item by its key, and by its thread what it hangs on.
func (r Reader) whole(account string, e mention.Event) (whole, bool) {
	switch {
	case e.Kind == mention.DM || e.Kind == mention.StoryMention || e.Kind == mention.StoryReply:
		return r.wholeMessage(account, e), true
	case r.network == mention.Instagram && (e.Kind == mention.Comment || e.Kind == mention.Mentioned):
		return igWhole(account, e)
	case r.network == mention.Facebook && (e.Kind == mention.Comment || e.Kind == mention.Mentioned && e.Key != e.Thread):
		return wholeComment(account, e), true
	case r.network == mention.Facebook && (e.Kind == mention.Post || e.Kind == mention.Mentioned):
		return wholePost(account, e), true
	}
	return whole{}, false
}

// merged puts what was read into what was told: who, what and when of the item itself is better known now, where it hangs
// the delivery said.
func merged(told, read mention.Event) mention.Event {
	out := told
	out.Outcome, out.Reason = mention.Interaction, ""
	if read.Outcome == mention.Own || read.Outcome == mention.Thread {
		out.Outcome = read.Outcome
	}
	if out.Kind == mention.DM {
		out.Kind = read.Kind
	}
	if read.Author != nil {
		out.Author = read.Author
	}
	if read.Text != "" || len(read.Attachments) > 0 {
		out.Text, out.Attachments = read.Text, read.Attachments
	}
	if !read.At.IsZero() {
		out.At = read.At
	}
	if out.Thread == "" {
		out.Thread = read.Thread
	}
	if out.Parent == "" {
		out.Parent = read.Parent
	}
	for _, flag := range read.Flags {
		setFlag(&out, flag, true)
	}
	setFlag(&out, mention.FlagUnsupported, out.Text == "" && len(out.Attachments) == 0)
	return out
}

// nameLike reports an id that may stand, escaped, in the path of an address; those of conversations and messages have more
// than letters and digits.
func nameLike(id string) bool {
	return id != "" && len(id) <= maxIDBytes && id[0] != '.' &&
		!strings.ContainsFunc(id, func(r rune) bool { return !wordRune(r) && !strings.ContainsRune("=+:$.", r) })
}
