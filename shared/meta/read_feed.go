package meta

import (
	"encoding/json"
	"strings"
	"time"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/mention"
)

// What is asked of posts and comments. Of a post's attachments only what is shown is asked for.
const (
	attachmentFields = "attachments{type,media_type,url,unshimmed_url,media{image{src},source},subattachments{type,media_type,url,media{image{src},source}}}"
	postFields       = "id,message,from,created_time,updated_time,is_hidden," + attachmentFields
	taggedFields     = "id,message,from,created_time," + attachmentFields
	commentFields    = "id,message,from,created_time,parent{id},is_hidden,attachment{type,url,media{image{src},source}}"
	ratingFields     = "created_time,reviewer,recommendation_type,review_text,has_review,open_graph_story{id}"
)

// feedReach is how old a post may be whose comments are still looked for: its later ones are only told by deliveries.
const feedReach = 30 * 24 * time.Hour

// feedList are the posts of our page's wall, and below them all comments and answers to comments in one list.
// (GET /{page-id}/feed, GET /{post-id}/comments; Graph API reference, "Page Feed" and "Object Comments")
func feedList() list {
	return list{
		path: edge("feed"), params: facebook.Params{"fields": postFields}, limit: 25, reach: feedReach,
		read: func(in spot, raw []byte) found {
			var p graphPost
			if !readObject(raw, &p) || p.ID.s == "" {
				return found{}
			}
			out := found{at: p.Created.Time, active: p.Updated.Time, under: []hanging{{Level: 1, ID: p.ID.s}}}
			// A post of ours answers nobody. One whose id begins with another's names us and is in the list of those.
			if strings.HasPrefix(p.ID.s, in.account+"_") && p.From.ID.s != in.account {
				out.events = []mention.Event{p.event(in.account, "feed")}
			}
			return out
		},
		within: &list{
			path: edge("comments"), limit: 100,
			params: facebook.Params{"fields": commentFields, "filter": "stream", "order": "reverse_chronological"},
			read: func(in spot, raw []byte) found {
				var c graphComment
				if !readObject(raw, &c) {
					return found{}
				}
				return found{at: c.Created.Time, events: []mention.Event{c.event(in.account, in.id, "feed")}}
			},
		},
	}
}

// taggedList are posts of others that name our page. Meta gives their author only where it may.
// (GET /{page-id}/tagged)
func taggedList() list {
	return list{
		path: edge("tagged"), params: facebook.Params{"fields": taggedFields}, limit: 50,
		read: func(in spot, raw []byte) found {
			var p graphPost
			if !readObject(raw, &p) {
				return found{}
			}
			return found{at: p.Created.Time, events: []mention.Event{p.event(in.account, "mention")}}
		},
	}
}

// ratingList are recommendations of our page. Meta's page on them says that versions since v22 refuse to give them, and
// their edge still names v25: whichever it is, deliveries tell of them too. (GET /{page-id}/ratings)
func ratingList() list {
	return list{
		path: edge("ratings"), params: facebook.Params{"fields": ratingFields}, limit: 50,
		read: func(in spot, raw []byte) found {
			var r struct {
				Created    stamp  `json:"created_time"`
				Reviewer   person `json:"reviewer"`
				Recommends words  `json:"recommendation_type"`
				Text       words  `json:"review_text"`
				Story      struct {
					ID ident `json:"id"`
				} `json:"open_graph_story"`
			}
			if !readObject(raw, &r) {
				return found{}
			}
			v := value{
				Item: "rating", Verb: "add", StoryID: r.Story.ID, ReviewerID: r.Reviewer.ID, Reviewer: r.Reviewer.Name,
				ReviewText: r.Text, Recommends: r.Recommends, CreatedTime: r.Created,
			}
			return found{at: r.Created.Time, events: []mention.Event{v.whole(in.account, "ratings")}}
		},
	}
}

// whole gives the event of an item that Graph showed. Where a delivery must be followed by a look, this was the look: what
// it does not show, nobody sees.
func (v value) whole(account, field string) mention.Event {
	if v.malformed() {
		return mention.Event{}
	}
	out := v.event(entry{ID: ident{s: account}}, field)
	if out.Outcome == mention.Fetch {
		out.Outcome, out.Reason = mention.Interaction, ""
	}
	setFlag(&out, mention.FlagUnsupported, out.Outcome == mention.Interaction && out.Text == "" && len(out.Attachments) == 0)
	return out
}

// graphPost is a post as Graph shows it.
type graphPost struct {
	ID          ident  `json:"id"`
	Message     words  `json:"message"`
	From        person `json:"from"`
	Created     stamp  `json:"created_time"`
	Updated     stamp  `json:"updated_time"`
	Hidden      yes    `json:"is_hidden"`
	Attachments struct {
		Data []graphAttachment `json:"data"`
	} `json:"attachments"`
}

func (p graphPost) event(account, field string) mention.Event {
	v := value{Item: "post", Verb: "add", PostID: p.ID, From: p.From, Message: p.Message, CreatedTime: p.Created, Hidden: p.Hidden}
	var pictures []string
	for _, a := range p.Attachments.Data {
		for _, one := range append(a.Below.Data, a) {
			v.hang(one, &pictures)
		}
	}
	v.pictures(pictures)
	return v.whole(account, field)
}

// graphComment is a comment as Graph shows it. Parent is the comment it answers; one of a post has none.
type graphComment struct {
	ID      ident  `json:"id"`
	Message words  `json:"message"`
	From    person `json:"from"`
	Created stamp  `json:"created_time"`
	Hidden  yes    `json:"is_hidden"`
	Parent  struct {
		ID ident `json:"id"`
	} `json:"parent"`
	Attachment graphAttachment `json:"attachment"`
}

func (c graphComment) event(account, post, field string) mention.Event {
	v := value{
		Item: "comment", Verb: "add", CommentID: c.ID, PostID: ident{s: post}, ParentID: c.Parent.ID, From: c.From, Message: c.Message,
		CreatedTime: c.Created, Hidden: c.Hidden,
	}
	var pictures []string
	v.hang(c.Attachment, &pictures)
	v.pictures(pictures)
	return v.whole(account, field)
}

// graphAttachment is what hangs on a post or a comment.
type graphAttachment struct {
	Type      words `json:"type"`
	MediaType words `json:"media_type"`
	URL       words `json:"url"`
	Plain     words `json:"unshimmed_url"`
	Media     struct {
		Image struct {
			Src words `json:"src"`
		} `json:"image"`
		Source words `json:"source"`
	} `json:"media"`
	Below struct {
		Data []graphAttachment `json:"data"`
	} `json:"subattachments"`
}

// hang adds one attachment as a delivery has it.
func (v *value) hang(a graphAttachment, pictures *[]string) {
	kind := string(a.Type) + " " + string(a.MediaType)
	switch {
	case strings.Contains(kind, "album"): // its pictures are below it
	case strings.Contains(kind, "video"):
		if v.Video = a.Media.Source; v.Video == "" {
			v.Video = a.URL
		}
	case strings.Contains(kind, "photo") || strings.Contains(kind, "sticker") || strings.Contains(kind, "image") && a.Media.Image.Src != "":
		if a.Media.Image.Src != "" && len(*pictures) < maxAttachments {
			*pictures = append(*pictures, string(a.Media.Image.Src))
		}
	case a.Plain != "":
		v.Link = a.Plain
	case a.URL != "":
		v.Link = a.URL
	}
}

func (v *value) pictures(list []string) {
	switch len(list) {
	case 0:
	case 1:
		v.Photo = words(list[0])
	default:
		v.Photos, _ = json.Marshal(list) // texts can always be written
	}
}

// wholeComment reads a comment on Facebook.
func wholeComment(account string, e mention.Event) whole {
	return whole{id: e.Key, fields: commentFields, read: func(body []byte) (mention.Event, bool) {
		var c graphComment
		ok := readObject(body, &c) && c.ID.s != ""
		return c.event(account, e.Thread, "feed"), ok
	}}
}

// wholePost reads a post on Facebook.
func wholePost(account string, e mention.Event) whole {
	return whole{id: e.Key, fields: taggedFields, read: func(body []byte) (mention.Event, bool) {
		var p graphPost
		ok := readObject(body, &p) && p.ID.s != ""
		return p.event(account, "feed"), ok
	}}
}
