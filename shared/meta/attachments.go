package meta

import (
	"encoding/json"
	"strconv"

	"sence.gob.cl/gestor/shared/mention"
)

// maxAttachments bounds what hangs on a message; Messenger publishes at most 30 pictures.
const maxAttachments = 50

// Types of Instagram's attachments that are more than a file (Instagram Platform, "Messaging", webhook examples).
const (
	heartSticker = "like_heart"
	storyMention = "story_mention"
)

// attach adds what hangs on a message, and what that makes of it. A sticker without words is not media: a thumb and a heart
// are said as such, others keep their picture.
func (w message) attach(out *mention.Event) {
	sticker, items := w.StickerID.s, w.items()
	for _, raw := range items {
		var a hung
		if !readObject(raw, &a) {
			continue
		}
		one, id := a.read(out)
		if sticker == "" && (one.Type != heartSticker || len(items) == 1) {
			sticker = id
		}
		if one.Type != "" {
			out.Attachments = append(out.Attachments, one)
		}
	}
	if sticker == "" || out.Text != "" {
		return
	}
	setFlag(out, mention.FlagSticker, true)
	if sign := signOf(sticker); sign != "" {
		out.Text, out.Attachments = sign, nil
	}
	for i := range out.Attachments {
		out.Attachments[i].Type = "sticker"
	}
}

func (w message) items() [][]byte {
	items, _, _ := elements(w.Attachments, maxAttachments)
	return items
}

// signOf gives the sign that says the same as a sticker: those that Messenger's thumb button sends, small, medium and
// large, and Instagram's heart. "" for others.
func signOf(sticker string) string {
	switch sticker {
	case "369239263222822", "369239343222814", "369239383222810":
		return "👍"
	case heartSticker:
		return "❤️"
	}
	return ""
}

// hung is one attachment.
type hung struct {
	Type    words           `json:"type"`
	URL     words           `json:"url"`
	Payload json.RawMessage `json:"payload"`
}

// read gives the attachment and its sticker id, and marks the message with what its type means: a place, whose address is
// then a geo URI (RFC 5870), a story, which is gone within a day, or something that is not handed over, which is then no
// attachment. The payload of some types is a bare string.
func (a hung) read(out *mention.Event) (one mention.Attachment, sticker string) {
	kind := "file"
	if plainType(string(a.Type)) {
		kind = string(a.Type)
	}
	var payload struct {
		URL       words `json:"url"`
		StickerID ident `json:"sticker_id"`
	}
	if !readObject(a.Payload, &payload) {
		_ = json.Unmarshal(a.Payload, &payload.URL) // words read any value, and of none there is none
	}
	sticker = payload.StickerID.s
	switch kind {
	case "location":
		setFlag(out, mention.FlagGeo, true)
		return mention.Attachment{Type: kind, URL: a.place()}, ""
	case heartSticker:
		sticker = heartSticker
	case storyMention:
		out.Kind = mention.StoryMention
		setFlag(out, mention.FlagEphemeral, true)
	case "story", "ig_story":
		setFlag(out, mention.FlagEphemeral, true)
	case "ephemeral": // a picture that may be seen once, and not by applications
		setFlag(out, mention.FlagEphemeral, true)
		setFlag(out, mention.FlagUnsupported, true)
		return mention.Attachment{}, ""
	case "unsupported_type":
		setFlag(out, mention.FlagUnsupported, true)
		return mention.Attachment{}, ""
	}
	url := a.URL
	if payload.URL != "" && (url == "" || a.Payload[0] == '{') {
		url = payload.URL
	}
	return attachment(kind, url), sticker
}

// place gives the geo URI of a location, "" when it cannot be one on Earth.
func (a hung) place() string {
	var payload struct {
		Coordinates struct {
			Lat  json.Number `json:"lat"`
			Long json.Number `json:"long"`
		} `json:"coordinates"`
	}
	_ = readObject(a.Payload, &payload) // what is not there is not on Earth
	lat, errLat := strconv.ParseFloat(payload.Coordinates.Lat.String(), 64)
	long, errLong := strconv.ParseFloat(payload.Coordinates.Long.String(), 64)
	if errLat != nil || errLong != nil || lat < -90 || lat > 90 || long < -180 || long > 180 {
		return ""
	}
	return "geo:" + strconv.FormatFloat(lat, 'f', -1, 64) + "," + strconv.FormatFloat(long, 'f', -1, 64)
}

// plainType reports an attachment type that can be stored and shown: a short word of small letters.
func plainType(kind string) bool {
	for _, r := range kind {
		if r != '_' && (r < 'a' || r > 'z') {
			return false
		}
	}
	return kind != "" && len(kind) <= 32
}
