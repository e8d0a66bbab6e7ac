package x

import (
	"encoding/json"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// activity is one event of the X Activity API. Its own id, event_uuid, differs between the events of one post and may be
// negative: nothing is known by it.
type activity struct {
	Type   words `json:"event_type"`
	Filter struct {
		UserID ident `json:"user_id"`
	} `json:"filter"`
	Payload  json.RawMessage `json:"payload"`
	Includes json.RawMessage `json:"includes"`
}

// activity reads one event.
func (d *decoder) activity(raw []byte) {
	var a activity
	if !readObject(raw, &a) {
		d.quarantine("", mention.ReasonBadItem)
		return
	}
	account, read := a.Filter.UserID.s, d.reader(string(a.Type))
	switch {
	case a.Type == "oauth.revoke":
		d.revoked(a.Payload) // says itself whose access it was
	case uselessType(string(a.Type)):
		d.add(mention.Event{Outcome: mention.Ignore, Account: account, Reason: mention.ReasonUseless})
	case a.Filter.UserID.bad:
		d.quarantine("", mention.ReasonBadID)
	case account == "":
		d.quarantine("", mention.ReasonNoAccount)
	case !d.ours.Ours(mention.X, account):
		d.foreign(account)
	case read == nil:
		d.add(mention.Event{Outcome: mention.IgnoreUnknown, Account: account, Reason: mention.ReasonUnknownItem})
	case len(a.Payload) == 0 || a.Payload[0] != '{':
		d.quarantine(account, mention.ReasonBadItem)
	default:
		read(account, a)
	}
}

// reader gives what reads events of a type; nil for a type nobody knows.
func (d *decoder) reader(kind string) func(account string, a activity) {
	family, _, _ := strings.Cut(kind, ".")
	switch {
	case kind == "post.create", kind == asMention, kind == asReply, kind == asQuote:
		return d.created
	case kind == "post.delete":
		return d.deleted
	case strings.HasPrefix(kind, "post.repost."), family == "like":
		return d.liked
	case family == "follow", family == "mute", family == "block":
		return d.related
	case kind == "dm.received", kind == "dm.sent":
		return d.messages
	case kind == "dm.read":
		return func(account string, a activity) { d.seen(account, a.Payload) }
	case kind == "dm.indicate_typing":
		return func(account string, a activity) { d.typing(account, a.Payload) }
	case kind == "chat.received", kind == "chat.sent":
		return d.chat
	}
	return nil
}

// uselessType reports an event that carries nobody's words to us: news about profiles, broadcasts and keywords.
func uselessType(kind string) bool {
	family, _, _ := strings.Cut(kind, ".")
	switch family {
	case "profile", "spaces", "news":
		return true
	}
	return kind == "chat.conversation_join"
}

// v2Post is a post as API v2 writes it.
type v2Post struct {
	ID           ident `json:"id"`
	AuthorID     ident `json:"author_id"`
	Text         words `json:"text"`
	Conversation ident `json:"conversation_id"`
	ReplyToUser  ident `json:"in_reply_to_user_id"`
	CreatedAt    stamp `json:"created_at"`
	Whole        struct {
		Text words `json:"text"`
	} `json:"note_tweet"`
	Versions   json.RawMessage `json:"edit_history_tweet_ids"`
	Referenced json.RawMessage `json:"referenced_tweets"`
	Entities   struct {
		Mentions json.RawMessage `json:"mentions"`
		links
	} `json:"entities"`
	Attachments struct {
		Keys json.RawMessage `json:"media_keys"`
	} `json:"attachments"`
	Geo json.RawMessage `json:"geo"`
}

// includes is what API v2 sends beside a post.
type includes struct {
	Users json.RawMessage `json:"users"`
	Posts json.RawMessage `json:"tweets"`
	Media json.RawMessage `json:"media"`
}

// maxParts bounds the lists inside of one post; X allows less of everything.
const maxParts = 200

// post joins what stands in the post and beside it.
func (p v2Post) post(beside json.RawMessage) post {
	var in includes
	_ = readObject(beside, &in) // without it there are no names
	out := post{
		id: p.ID, conversation: p.Conversation, author: p.AuthorID, replyToUser: p.ReplyToUser, text: string(p.Whole.Text),
		place: given(p.Geo) && string(p.Geo) != "{}", at: p.CreatedAt.Time,
	}
	if out.text == "" {
		out.text, out.cut = string(p.Text), cutByX(string(p.Text))
	}
	out.text = p.Entities.withoutMedia(out.text)
	if versions, _, _ := elements(p.Versions, 1); len(versions) == 1 {
		_ = json.Unmarshal(versions[0], &out.first) // an ident reads any value
	}
	p.refer(&out, in)
	mentions, _, _ := elements(p.Entities.Mentions, maxParts)
	for _, raw := range mentions {
		var who user
		if readObject(raw, &who) {
			out.mentioned = append(out.mentioned, who.ID)
		}
	}
	users, _, _ := elements(in.Users, maxParts)
	for _, raw := range users {
		if u, ok := readUser(raw); ok && u.ID.s != "" && u.ID.s == p.AuthorID.s {
			out.writer = u.author()
			break
		}
	}
	out.media = append(p.media(in), quotedLink(out.quoted)...)
	return out
}

// refer reads the posts this one answers, quotes or passes on.
func (p v2Post) refer(out *post, in includes) {
	list, _, _ := elements(p.Referenced, maxParts)
	for _, raw := range list {
		var ref struct {
			Type words `json:"type"`
			ID   ident `json:"id"`
		}
		if !readObject(raw, &ref) {
			continue
		}
		switch ref.Type {
		case "replied_to":
			out.replyTo = ref.ID
		case "quoted":
			out.quoted = ref.ID
		case "retweeted":
			out.repost, out.reposted = true, ref.ID
		}
	}
	posts, _, _ := elements(in.Posts, maxParts)
	for _, raw := range posts {
		var other v2Post
		if readObject(raw, &other) && other.ID.s != "" && other.ID.s == out.quoted.s {
			out.quotedUser = other.AuthorID
		}
	}
}

// media gives what hangs on the post; what is only named has no address.
func (p v2Post) media(in includes) []mention.Attachment {
	keys, _, _ := elements(p.Attachments.Keys, maxParts)
	beside, _, _ := elements(in.Media, maxParts)
	var out []mention.Attachment
	for _, raw := range keys {
		var key ident
		_ = json.Unmarshal(raw, &key) // an ident reads any value
		found := medium("", "")
		for _, raw := range beside {
			var m struct {
				Key     ident `json:"media_key"`
				Type    words `json:"type"`
				URL     words `json:"url"`
				Preview words `json:"preview_image_url"`
			}
			if readObject(raw, &m) && m.Key.s != "" && m.Key.s == key.s {
				if m.URL == "" {
					m.URL = m.Preview
				}
				found = medium(string(m.Type), string(m.URL))
				break
			}
		}
		out = append(out, found)
	}
	return out
}

// created reads a new post, ours or one that concerns us.
func (d *decoder) created(account string, a activity) {
	var p v2Post
	_ = readObject(a.Payload, &p) // is an object
	d.post(p.post(a.Includes), account, string(a.Type))
}

// deleted reads the withdrawal of a post of ours. X does not tell of those of others.
func (d *decoder) deleted(account string, a activity) {
	var p v2Post
	_ = readObject(a.Payload, &p) // is an object
	of := p.post(nil)
	d.gone(account, either(of.first, p.ID), p.AuthorID, p.CreatedAt) // a post is known by its first version
}

// gone says that a post was withdrawn.
func (d *decoder) gone(account string, id, author ident, at stamp) {
	switch {
	case anyBad(id, author):
		d.quarantine(account, mention.ReasonBadID)
	case id.s == "":
		d.quarantine(account, mention.ReasonNoID)
	default:
		e := mention.Event{Outcome: mention.Delete, Kind: mention.Post, Account: account, Key: id.s, Thread: id.s, At: at.Time}
		if author.s != "" {
			e.Author = &mention.Author{ID: author.s}
		}
		d.add(e)
	}
}

// liked counts a like or a repost.
func (d *decoder) liked(account string, a activity) {
	var p struct {
		v2Post
		Liked ident `json:"liked_tweet_id"`
		When  stamp `json:"timestamp_ms"` // created_at is the liked post's
	}
	_ = readObject(a.Payload, &p) // is an object
	of := p.post(a.Includes)
	e := mention.Event{
		Outcome: mention.Metric, Kind: mention.Reacted, Account: account, Key: p.ID.s, Author: of.writer,
		Thread: either(p.Liked, of.reposted).s, At: firstOf(p.When, p.CreatedAt),
	}
	if e.Author == nil && of.author.s != "" {
		e.Author = &mention.Author{ID: of.author.s}
	}
	if !strings.HasSuffix(string(a.Type), ".create") {
		e.Flags = []string{mention.FlagRemoved}
	}
	d.add(e)
}

// related counts that somebody follows, mutes or blocks somebody, or no longer does.
func (d *decoder) related(account string, a activity) {
	var p struct {
		Source json.RawMessage `json:"source"`
	}
	_ = readObject(a.Payload, &p) // is an object
	source, _ := readUser(p.Source)
	d.relation(account, source, strings.Contains(string(a.Type), ".un"), stamp{})
}

func (d *decoder) relation(account string, source user, ended bool, at stamp) {
	e := mention.Event{Outcome: mention.Metric, Account: account, Author: source.author(), At: at.Time}
	if ended {
		e.Flags = []string{mention.FlagRemoved}
	}
	d.add(e)
}

// revoked tells the operator that one of our accounts no longer lets our application in.
func (d *decoder) revoked(raw json.RawMessage) {
	var p struct {
		At     stamp `json:"date_time"`
		UserID ident `json:"user_id"`
		Source struct {
			UserID ident `json:"user_id"`
		} `json:"source"`
	}
	if !readObject(raw, &p) {
		d.quarantine("", mention.ReasonBadItem)
		return
	}
	whose := either(p.UserID, p.Source.UserID)
	switch {
	case whose.bad:
		d.quarantine("", mention.ReasonBadID)
	case whose.s == "":
		d.quarantine("", mention.ReasonNoAccount)
	case !d.ours.Ours(mention.X, whose.s):
		d.foreign(whose.s)
	default:
		d.add(mention.Event{Outcome: mention.Alert, Account: whose.s, At: p.At.Time, Reason: mention.ReasonRevoked})
	}
}
