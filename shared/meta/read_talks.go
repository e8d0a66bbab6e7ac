package meta

import (
	"encoding/json"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/mention"
)

// What is asked of messages on either network. Only Instagram's have stories.
const (
	messengerFields = "id,created_time,from,to,message,attachments,shares,sticker"
	igMessageFields = "id,created_time,from,to,message,attachments,shares,story,is_unsupported"
)

func (r Reader) messageFields() string {
	if r.network == mention.Instagram {
		return igMessageFields
	}
	return messengerFields
}

// talks are our conversations, those with the newest messages first, and below them their messages.
// (GET /{page-id}/conversations, GET /{conversation-id}/messages; "Conversations API", which names the page for Instagram
// too: the page is whoever the key is of)
//
// What is known of the ids: a message has the same id here as in its delivery (Meta's pages call both message id, and hand
// one to the other), and people are named by the id they have towards our page or account. That the ids of Instagram's
// messages are alike on both ways was not tried with real accounts. A conversation's own id is in no delivery, so no event
// carries it.
func (r Reader) talks() list {
	path, platform := edge("conversations"), "messenger"
	if r.network == mention.Instagram {
		path, platform = func(string) string { return "me/conversations" }, "instagram"
	}
	return list{
		path: path, params: facebook.Params{"platform": platform, "fields": "id,updated_time"}, limit: 25,
		read: func(_ spot, raw []byte) found {
			var t struct {
				ID      ident `json:"id"`
				Updated stamp `json:"updated_time"`
			}
			if !readObject(raw, &t) || t.ID.s == "" {
				return found{}
			}
			return found{at: t.Updated.Time, active: t.Updated.Time, under: []hanging{{Level: 1, ID: t.ID.s}}}
		},
		within: &list{
			path: edge("messages"), params: facebook.Params{"fields": r.messageFields()}, limit: 100,
			read: func(in spot, raw []byte) found {
				var m graphMessage
				if !readObject(raw, &m) {
					return found{}
				}
				return found{at: m.Created.Time, events: []mention.Event{m.event(in.account)}}
			},
		},
	}
}

// wholeMessage reads a message. (GET /{message-id})
func (r Reader) wholeMessage(account string, e mention.Event) whole {
	return whole{id: e.Key, fields: r.messageFields(), read: func(body []byte) (mention.Event, bool) {
		var m graphMessage
		ok := readObject(body, &m) && m.ID.s != ""
		return m.event(account), ok
	}}
}

// graphMessage is a message as Graph shows it.
type graphMessage struct {
	ID      ident  `json:"id"`
	Created stamp  `json:"created_time"`
	From    person `json:"from"`
	To      struct {
		Data []person `json:"data"`
	} `json:"to"`
	Message     words `json:"message"`
	Sticker     words `json:"sticker"`
	Unsupported yes   `json:"is_unsupported"`
	Attachments struct {
		Data []graphFile `json:"data"`
	} `json:"attachments"`
	Shares struct {
		Data []struct {
			Link words `json:"link"`
		} `json:"data"`
	} `json:"shares"`
	Story struct {
		Mention graphStory `json:"mention"`
		Answers graphStory `json:"reply_to"`
	} `json:"story"`
}

// graphFile is an attachment of a message: one of the three has its address.
type graphFile struct {
	Mime  words `json:"mime_type"`
	Image struct {
		URL words `json:"url"`
	} `json:"image_data"`
	Video struct {
		URL words `json:"url"`
	} `json:"video_data"`
	File words `json:"file_url"`
}

type graphStory struct {
	ID   ident `json:"id"`
	Link words `json:"link"`
}

// event puts the message into the shape of a delivery and reads that, so that both give the same.
func (m graphMessage) event(account string) mention.Event {
	// Deliveries give no names of people, and so neither does this.
	item := messageItem{Sender: person{ID: m.From.ID}, Timestamp: m.Created}
	if len(m.To.Data) > 0 {
		item.Recipient = person{ID: m.To.Data[0].ID}
	}
	if m.ID.bad || item.Sender.ID.bad || item.Recipient.ID.bad {
		return mention.Event{}
	}
	type object = map[string]any
	written := object{"mid": m.ID.s, "text": string(m.Message), "is_unsupported": bool(m.Unsupported)}
	var hung []object
	hang := func(kind string, payload object) { hung = append(hung, object{"type": kind, "payload": payload}) }
	if m.Sticker != "" {
		hang("image", object{"url": string(m.Sticker), "sticker_id": "sticker"}) // its number is not told here
	}
	if m.Story.Mention.Link != "" || m.Story.Mention.ID.s != "" {
		hang(storyMention, object{"url": string(m.Story.Mention.Link)})
	}
	for _, f := range m.Attachments.Data {
		if m.Sticker != "" {
			break // it is the sticker again
		}
		kind, url := f.kind()
		hang(kind, object{"url": string(url)})
	}
	for _, s := range m.Shares.Data {
		if s.Link != "" && m.Sticker == "" {
			hang("fallback", object{"url": string(s.Link)})
		}
	}
	written["attachments"] = hung
	if to := m.Story.Answers; to.ID.s != "" || to.Link != "" {
		written["reply_to"] = object{"story": object{"id": to.ID.s, "url": string(to.Link)}}
	}
	raw, err := json.Marshal(written)
	if err != nil {
		return mention.Event{} // texts can always be written
	}
	item.Message = raw
	return item.message(entry{ID: ident{s: account}})
}

// kind gives what a file is, in the words of deliveries, and its address.
func (f graphFile) kind() (kind string, url words) {
	switch {
	case f.Image.URL != "":
		return "image", f.Image.URL
	case f.Video.URL != "":
		return "video", f.Video.URL
	case len(f.Mime) > 6 && f.Mime[:6] == "audio/":
		return "audio", f.File
	}
	return "file", f.File
}
