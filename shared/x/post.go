package x

import (
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/mention"
)

// post is what both APIs tell of a post.
type post struct {
	id, first            ident // of this version, and of the first one when the network says so
	conversation         ident // the post at the root; only API v2 tells it
	author               ident
	writer               *mention.Author
	replyTo, replyToUser ident
	quoted, quotedUser   ident
	reposted             ident // the post this one only passes on
	repost               bool
	mentioned            []ident
	text                 string
	cut                  bool // X did not send all of the text
	place                bool
	media                []mention.Attachment
	at                   time.Time
}

// What the network says a post is to us. It knows more than the post: a quote does not name whom it quotes.
const (
	asMention = "post.mention.create"
	asReply   = "post.reply.create"
	asQuote   = "post.quote.create"
)

// post reads a post that was delivered for account.
func (d *decoder) post(p post, account, as string) {
	key := either(p.first, p.id)
	switch {
	case anyBad(p.id, p.first, p.author, p.replyTo, p.conversation):
		d.quarantine(account, mention.ReasonBadID)
		return
	case key.s == "":
		d.quarantine(account, mention.ReasonNoID)
		return
	}
	e := mention.Event{
		Account: account, Key: key.s, Thread: either(p.conversation, p.replyTo, key).s, Parent: p.replyTo.s, At: p.at,
		Author: p.writer, Attachments: p.media, Kind: p.kind(account, as),
	}
	if e.Author == nil && p.author.s != "" {
		e.Author = &mention.Author{ID: p.author.s}
	}
	own := p.author.s != "" && (p.author.s == account || d.ours != nil && d.ours.Ours(mention.X, p.author.s))
	if p.repost && !own {
		e.Outcome, e.Kind, e.Parent, e.Attachments = mention.Metric, mention.Reacted, "", nil
		e.Thread = either(p.reposted, key).s
		d.add(e)
		return
	}
	long := false
	e.Text, long = clean(p.text)
	if long || p.cut {
		e.Flags = append(e.Flags, mention.FlagTruncated)
	}
	if p.summons(account, as) && !own {
		e.Flags = append(e.Flags, mention.FlagSummoned)
	}
	if p.place {
		e.Flags = append(e.Flags, mention.FlagGeo)
	}
	e.Outcome, e.Reason = p.asks(e, own)
	d.add(e)
}

// asks says what a post asks of us. What happens to a known post comes before who did it: an edit of our own is an edit.
func (p post) asks(e mention.Event, own bool) (mention.Outcome, string) {
	empty := e.Text == "" && len(e.Attachments) == 0
	switch {
	case e.Key != p.id.s && p.id.s != "" && !empty:
		return mention.Edit, ""
	case own:
		return mention.Own, ""
	case empty && e.Author == nil:
		return mention.Fetch, mention.ReasonFetchAll
	case empty, p.cut:
		return mention.Fetch, mention.ReasonFetchText
	case e.Author == nil:
		return mention.Fetch, mention.ReasonFetchAuthor
	}
	return mention.Interaction, ""
}

// kind is made from what the post says, so that it is the same for one post that comes as a mention and as a reply.
func (p post) kind(account, as string) mention.Kind {
	switch {
	case as == asReply, account != "" && p.replyToUser.s == account:
		return mention.Comment
	case p.summons(account, as):
		return mention.Mentioned
	case p.replyTo.s != "":
		return mention.Comment
	}
	return mention.Post
}

// summons reports a post that names or quotes us: X lets an application answer only those (docs.x.com, change log of
// 2026-02-23). A direct reply that names nobody may or may not count, so that it does not here.
func (p post) summons(account, as string) bool {
	if as == asMention || as == asQuote {
		return true
	}
	if account == "" {
		return false
	}
	return p.quotedUser.s == account || slices.ContainsFunc(p.mentioned, func(id ident) bool { return id.s == account })
}

// quotedLink lets a person see what a post quotes.
func quotedLink(id ident) []mention.Attachment {
	if id.s == "" {
		return nil
	}
	return []mention.Attachment{{Type: "link", URL: "https://x.com/i/web/status/" + id.s}}
}

// maxURLBytes bounds an address.
const maxURLBytes = 4096

// medium makes an attachment of a type of X and an address, which is dropped when it is not one a browser may follow.
func medium(kind, url string) mention.Attachment {
	switch kind {
	case "photo":
		kind = "image"
	case "video", "animated_gif":
		kind = "video"
	default:
		kind = "media"
	}
	if len(url) > maxURLBytes || len(url) < 8 || url[:8] != "https://" {
		url = ""
	}
	return mention.Attachment{Type: kind, URL: url}
}
