package sim

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Meta still sends this header beside the one that counts
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// webhookFields are the fields a page's app can subscribe here.
func webhookFields() []string {
	return []string{
		"feed", "mention", "ratings", "messages", "message_echoes", "message_edits", "messaging_postbacks", "message_reactions", "message_deliveries",
		"message_reads", "messaging_policy_enforcement", "standby",
	}
}

// appID is the id of our own app as echoes carry it, inboxID that of Meta's own inbox.
const (
	appID   = 1517776481860111
	inboxID = 263902037430900
)

// The shapes of a delivery, in the order of keys of captured ones (payloads/facebook).
type envelope struct {
	Object string  `json:"object"`
	Entry  []entry `json:"entry"`
}

type entry struct {
	ID        string      `json:"id"`
	Time      int64       `json:"time"` // seconds with changes, milliseconds with messaging
	Changes   []field     `json:"changes,omitempty"`
	Messaging []messaging `json:"messaging,omitempty"`
}

type field struct {
	Field string `json:"field"`
	Value any    `json:"value"`
}

type feedValue struct {
	Item        string      `json:"item"`
	Verb        string      `json:"verb"`
	CommentID   string      `json:"comment_id,omitempty"`
	PostID      string      `json:"post_id"`
	ParentID    string      `json:"parent_id,omitempty"`
	IsHidden    *bool       `json:"is_hidden,omitempty"`
	SenderID    json.Number `json:"sender_id,omitempty"`
	From        *person     `json:"from,omitempty"`
	CreatedTime int64       `json:"created_time,omitempty"`
	Message     string      `json:"message,omitempty"`
	SenderName  string      `json:"sender_name,omitempty"`
	Photo       string      `json:"photo,omitempty"`
	Photos      []string    `json:"photos,omitempty"`
	Video       string      `json:"video,omitempty"`
	Link        string      `json:"link,omitempty"`
}

type ratingValue struct {
	Item               string      `json:"item"`
	Verb               string      `json:"verb"`
	OpenGraphStoryID   json.Number `json:"open_graph_story_id"`
	ReviewerID         json.Number `json:"reviewer_id"`
	ReviewerName       string      `json:"reviewer_name"`
	Rating             int         `json:"rating"`
	ReviewText         string      `json:"review_text"`
	RecommendationType string      `json:"recommendation_type"`
	CommentID          *string     `json:"comment_id"` // always null for a review itself
	CreatedTime        int64       `json:"created_time"`
}

type identity struct {
	ID string `json:"id"`
}

type messaging struct {
	Sender    identity      `json:"sender"`
	Recipient identity      `json:"recipient"`
	Timestamp int64         `json:"timestamp"` // milliseconds
	Message   *dmMessage    `json:"message,omitempty"`
	Edit      *dmEditedText `json:"message_edit,omitempty"`
}

type dmMessage struct {
	IsDeleted   bool   `json:"is_deleted,omitempty"`
	Mid         string `json:"mid"`
	Text        string `json:"text,omitempty"`
	Attachments []obj  `json:"attachments,omitempty"`
	IsEcho      bool   `json:"is_echo,omitempty"`
	AppID       int64  `json:"app_id,omitempty"`
	Metadata    string `json:"metadata,omitempty"`
}

type dmEditedText struct {
	Mid     string `json:"mid"`
	Text    string `json:"text"`
	NumEdit int    `json:"num_edit"`
}

// Verbs of a delivery.
const (
	verbAdd    = "add"
	verbEdited = "edited"
	verbRemove = "remove"
	verbHide   = "hide"
	verbUnhide = "unhide"
)

// webhook makes the body that tells the app of it, and the field it belongs to. Without a body the network does not tell
// of such a thing.
func (w *world) webhook(it *item, verb string, now time.Time) (fieldName string, body []byte) {
	switch it.Network {
	case targetInstagram:
		return "", w.instagramWebhook(it, verb, now)
	case targetX:
		return w.xWebhook(it, verb)
	case targetLinkedIn:
		return linkedinEvents, w.linkedinWebhook(it, verb, now)
	case targetWhatsApp:
		return "", w.whatsappWebhook(it, verb, now)
	}
	e := entry{ID: w.pageID, Time: now.Unix()}
	switch it.Kind {
	case kindDM:
		var m messaging
		fieldName, m = w.messagingOf(it, verb, now)
		e.Time, e.Messaging = now.UnixMilli(), []messaging{m}
	case kindRating:
		fieldName = "ratings"
		e.Changes = []field{{fieldName, ratingOf(it, verb)}}
	case kindMention:
		fieldName = "mention"
		// A mention names no author: the app has to ask for it.
		v := feedValue{Item: "comment", Verb: verb, CommentID: it.ID, PostID: it.Thread, CreatedTime: it.At.Unix(), Message: it.Text}
		if it.top() {
			v.Item, v.CommentID = kindPost, ""
		}
		e.Changes = []field{{fieldName, v}}
	default:
		fieldName = "feed"
		e.Changes = []field{{fieldName, w.feedOf(it, verb)}}
	}
	return fieldName, wire(envelope{Object: "page", Entry: []entry{e}})
}

func (w *world) feedOf(it *item, verb string) feedValue {
	v := feedValue{Item: it.Kind, Verb: verb, PostID: it.Thread, Message: it.Text, CreatedTime: it.At.Unix()}
	from := it.From
	if it.Kind == kindComment {
		v.CommentID, v.ParentID = it.ID, it.Parent
	}
	for _, m := range it.Media {
		switch m.Type {
		case mediaVideo:
			v.Video = w.address(it.Network, m)
		default:
			v.Photo = w.address(it.Network, m)
		}
	}
	if it.Own && it.Kind == kindPost {
		w.ourPost(it, &v)
	}
	switch {
	case verb == verbEdited:
		v.SenderID, v.SenderName = json.Number(from.ID), from.Name
	case verb == verbRemove:
		v.From, v.Message, v.CreatedTime, v.Photo, v.Photos, v.Video, v.Link = &from, "", 0, "", nil, "", ""
	case verb == verbHide, verb == verbUnhide:
		v.From = &from
	case it.Kind == kindPost:
		hidden := false
		v.IsHidden, v.SenderID, v.From = &hidden, json.Number(from.ID), &from
	default:
		v.From = &from
	}
	return v
}

// ourPost says of a post of the page what it is.
func (w *world) ourPost(it *item, v *feedValue) {
	v.Link = it.Link
	switch {
	case v.Video != "":
		v.Item = "video"
	case v.Photo != "":
		v.Item = "photo"
	}
	if len(it.Media) > 1 {
		v.Photo = ""
		for _, m := range it.Media {
			v.Photos = append(v.Photos, w.address(it.Network, m))
		}
	}
}

func ratingOf(it *item, verb string) ratingValue {
	v := ratingValue{
		Item: "rating", Verb: verb, OpenGraphStoryID: json.Number(it.StoryID), ReviewerID: json.Number(it.From.ID),
		ReviewerName: it.From.Name, Rating: it.Rating, ReviewText: it.Text, RecommendationType: "POSITIVE", CreatedTime: it.At.Unix(),
	}
	if it.Rating < 3 {
		v.RecommendationType = "NEGATIVE"
	}
	return v
}

func (w *world) messagingOf(it *item, verb string, now time.Time) (string, messaging) {
	m := messaging{Sender: identity{it.Thread}, Recipient: identity{w.pageID}, Timestamp: it.At.UnixMilli()}
	switch {
	case it.Own:
		m.Sender, m.Recipient = m.Recipient, m.Sender
		m.Message = &dmMessage{Mid: it.ID, Text: it.Text, IsEcho: true, AppID: appID, Metadata: it.Tag}
		if it.Native {
			m.Message.AppID = inboxID
		}
		m.Message.IsDeleted = verb == verbRemove
		if verb == verbEdited {
			m.Timestamp, m.Message, m.Edit = now.UnixMilli(), nil, &dmEditedText{Mid: it.ID, Text: it.Text, NumEdit: it.Edits}
		}
		return "message_echoes", m
	case verb == verbEdited:
		m.Timestamp = now.UnixMilli()
		m.Edit = &dmEditedText{Mid: it.ID, Text: it.Text, NumEdit: it.Edits}
		return "message_edits", m
	case verb == verbRemove:
		m.Message = &dmMessage{Mid: it.ID, IsDeleted: true}
	default:
		m.Message = &dmMessage{Mid: it.ID, Text: it.Text, Attachments: w.hung(it)}
	}
	return "messages", m
}

// hung are the attachments of a message of Messenger or Instagram.
func (w *world) hung(it *item) []obj {
	var list []obj
	for _, m := range it.Media {
		one := obj{"type": m.Type, "payload": obj{"url": w.address(it.Network, m)}}
		switch {
		case it.Story == storyReply:
			continue // the picture is the story's
		case it.Story == storyMention:
			one["type"] = "story_mention"
		case m.Type == mediaLocation:
			one["title"] = "Lugar ficticio"
			one["payload"] = obj{"coordinates": obj{"lat": placeLatitude, "long": placeLongitude}}
		case m.Type == mediaSticker:
			one["type"], one["payload"] = mediaImage, obj{"url": w.address(it.Network, m), "sticker_id": 551234567890123}
		}
		list = append(list, one)
	}
	return list
}

// wire writes JSON as Meta sends it: ASCII only, and solidus escaped. Who verifies a re-encoded body gets another MAC.
func wire(v any) []byte {
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("sim: webhook body: %v", err)) // the shapes above always encode
	}
	text := bytes.TrimSpace(plain.Bytes())
	out := make([]byte, 0, len(text)+len(text)/8)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '/':
			out = append(out, `\/`...)
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		case r > 0xFFFF:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out
}

// sign256 is the lower-case hex HMAC-SHA256 that Meta and SIAC put behind "sha256=".
func sign256(secret string, message []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(message)
	return hex.EncodeToString(mac.Sum(nil))
}

// sign64 is the HMAC-SHA256 in base64 that X puts behind "sha256=".
func sign64(secret string, message []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(message)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func sign1(secret string, message []byte) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write(message)
	return hex.EncodeToString(mac.Sum(nil))
}

// tell queues the webhook of what happened to an item and gives the delivery's id; empty when nobody will be told, and
// why stands in the item's note.
func (t *tx) tell(it *item, verb string) string {
	name, body := t.w.webhook(it, verb, t.now)
	if body == nil {
		return t.untold(it, "esta red no avisa de esto")
	}
	if why := t.listening(it, name); why != "" {
		return t.untold(it, why)
	}
	return t.owe(it, body)
}

// owe queues a body about an item, unless a fault loses it or nobody listens.
func (t *tx) owe(it *item, body []byte) string { return t.oweAt(it, body, t.now) }

// oweAt is owe of what will only have happened at an instant.
func (t *tx) oweAt(it *item, body []byte, at time.Time) string {
	if why := t.listening(it, ""); why != "" {
		return t.untold(it, why)
	}
	if _, hit := t.strike(it.target(), dropWebhooks); hit {
		return t.untold(it, "aviso perdido por falla")
	}
	d := delivery{
		ID: t.deliveryID(), Target: it.target(), About: it.ID, Body: string(body), At: at,
		Messaging: it.Kind == kindDM && (it.Network == "" || it.Network == targetInstagram),
	}
	t.add(change{Queue: &d})
	return d.ID
}

func (t *tx) untold(it *item, why string) string {
	t.add(change{Note: &remark{ID: it.ID, Text: why}})
	return ""
}
