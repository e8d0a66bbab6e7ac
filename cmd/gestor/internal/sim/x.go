package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"unicode/utf8"
)

// xTime is how X writes instants.
const xTime = "2006-01-02T15:04:05.000Z"

// xWebhook tells of a text as the X Activity API does. Nobody is told of what citizens change or delete.
func (w *world) xWebhook(it *item, verb string) (kind string, body []byte) {
	n, _ := networkOf(targetX)
	var payload, beside obj
	switch {
	case verb == verbRemove && it.Own && it.Kind != kindDM:
		kind, payload = "post.delete", obj{"id": it.ID, "author_id": it.From.ID}
	case verb == verbEdited && len(it.Versions) > 0:
		kind, payload, beside = "post.create", w.xPost(n, it), obj{"users": []any{xUser(it)}} // a new version is a post
	case verb != verbAdd:
		return "", nil
	case it.Sealed:
		kind, payload = "chat.received", xChat(n, it)
	case it.Kind == kindDM:
		kind, payload = "dm.received", w.xMessages(n, it)
		if it.Own {
			kind = "dm.sent"
		}
	default:
		kind, payload, beside = w.xEvent(it), w.xPost(n, it), obj{"users": []any{xUser(it)}}
		if media := w.xMedia(it); media != nil {
			beside["media"] = media
		}
		if quoted := w.items[it.Quoted]; quoted != nil {
			beside["tweets"] = []any{w.xPost(n, quoted)}
		}
	}
	return kind, n.event(it, kind, payload, beside)
}

// xEvent is what the network says a post is to us. An answer to our own post is a reply; another one only reaches us
// because it names us, as answers name everybody in the conversation.
func (w *world) xEvent(it *item) string {
	parent := w.items[it.Parent]
	switch {
	case it.Own:
		return "post.create"
	case it.Quoted != "":
		return "post.quote.create"
	case it.Kind == kindComment && parent != nil && parent.Own:
		return "post.reply.create"
	}
	return "post.mention.create"
}

// revokedOnX tells our webhook that an account took its access away.
func (t *tx) revokedOnX(account string) {
	n, _ := networkOf(targetX)
	if t.w.deaf(targetX, "oauth.revoke", t.now) != "" {
		return
	}
	n.Account = account
	body := n.event(&item{ID: account + t.now.Format(xTime)}, "oauth.revoke", obj{
		"date_time": t.now.UTC().Format(xTime), "target": obj{"app_id": DefaultXClientID}, "source": obj{"user_id": account},
	}, nil)
	d := delivery{ID: t.deliveryID(), Target: targetX, About: "revoke-" + account, Body: string(body), At: t.now}
	t.add(change{Queue: &d})
}

func (n network) event(it *item, kind string, payload, includes obj) []byte {
	h := fnv.New64a()
	_, _ = h.Write([]byte(kind + it.ID)) // a hash never fails to write
	data := obj{
		"event_uuid": strconv.FormatInt(int64(h.Sum64()), 10), //nolint:gosec // X's are signed too
		"filter":     obj{"user_id": n.Account}, "event_type": kind, "payload": payload, "tag": "gestor",
	}
	if includes != nil {
		data["includes"] = includes
	}
	return plainJSON(obj{"data": data})
}

func xUser(it *item) obj { return obj{"id": it.From.ID, "name": it.From.Name, "username": it.Handle} }

// xChat is an encrypted message: nobody but its two people can read it.
func xChat(n network, it *item) obj {
	a, b, _ := strings.Cut(xConversation(n.Account, it.Thread), "-")
	return obj{
		"id": it.ID, "sender_id": it.Thread, "conversation_id": a + ":" + b, "created_at_msec": strconv.FormatInt(it.At.UnixMilli(), 10),
		"encoded_event": sign64("cifrado", []byte(it.ID)),
	}
}

// xEscape writes a text as X does.
func xEscape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// xShort is what the field text holds of a post: all of it, or its beginning and a link to the rest.
func xShort(it *item) string {
	if weight(it.Text) <= xLongest {
		return xEscape(it.Text)
	}
	runes := []rune(it.Text)
	return xEscape(strings.TrimSpace(string(runes[:min(len(runes), 250)]))) + "… https://t.co/" + token(it.ID, 10)
}

// xMedia are the media of a post, as they stand beside it.
func (w *world) xMedia(it *item) []any {
	var list []any
	for _, m := range it.Media {
		one := obj{"media_key": m.ID, "type": "photo", "url": w.address(it.Network, m)}
		if m.Type == mediaVideo {
			one = obj{"media_key": m.ID, "type": "video", "preview_image_url": w.address(it.Network, m)}
		}
		list = append(list, one)
	}
	return list
}

// xPost is a post as API v2 writes it.
func (w *world) xPost(n network, it *item) obj {
	text, urls := xShown(it)
	p := obj{
		"id": it.ID, "text": text, "author_id": it.From.ID,
		"created_at": it.At.UTC().Format(xTime), "conversation_id": it.Thread, "edit_history_tweet_ids": []string{it.ID}, "lang": "es",
	}
	if parent := w.items[it.Parent]; parent != nil {
		p["in_reply_to_user_id"] = parent.From.ID
		p["referenced_tweets"] = []any{obj{"type": "replied_to", "id": parent.ID}}
	}
	if it.Quoted != "" {
		p["referenced_tweets"] = []any{obj{"type": "quoted", "id": it.Quoted}}
	}
	if len(it.Media) > 0 {
		keys := []string{}
		for _, m := range it.Media {
			keys = append(keys, m.ID)
		}
		p["attachments"] = obj{"media_keys": keys}
	}
	if entities := n.xEntities(it, urls); len(entities) > 0 {
		p["entities"] = entities
	}
	if len(it.Versions) > 0 { // the first of its versions is the post itself
		p["id"], p["edit_history_tweet_ids"] = it.Versions[len(it.Versions)-1], append([]string{it.ID}, it.Versions...)
	}
	return p
}

// xEntities are the names and addresses in a post.
func (n network) xEntities(it *item, urls []any) obj {
	entities := obj{}
	if mentions := n.mentions(it); mentions != nil {
		entities["mentions"] = mentions
	}
	if urls != nil {
		entities["urls"] = urls
	}
	return entities
}

// mentions says where a citizen's post names us. Answers do without a word in the text.
func (n network) mentions(it *item) []any {
	if it.Own || it.Foreign || it.Mute || it.Kind == kindPost {
		return nil
	}
	start, end := 0, 0
	if at := strings.Index(strings.ToLower(it.Text), "@"+strings.ToLower(n.handle)); at >= 0 {
		start = utf8.RuneCountInString(it.Text[:at])
		end = start + len(n.handle) + 1
	}
	return []any{obj{"start": start, "end": end, "username": n.handle, "id": n.Account}}
}

// xMessages is a direct message with its two people.
func (w *world) xMessages(n network, it *item) obj {
	sender, recipient := it.Thread, n.Account
	if it.Own {
		sender, recipient = recipient, sender
	}
	us := obj{"id": n.Account, "name": pageName, "username": n.handle}
	them := obj{"id": it.Thread}
	if heard := w.items[w.heard(targetX, it.Thread)]; heard != nil {
		them = xUser(heard)
	}
	data := obj{"text": it.Text}
	if len(it.Media) > 0 {
		data["attachment"] = obj{"type": "media", "media": xMessageMedia(it, it.Media[0])}
	}
	return obj{
		"direct_message_events": []any{obj{
			"type": "message_create", "id": it.ID, "created_timestamp": strconv.FormatInt(it.At.UnixMilli(), 10),
			"message_create": obj{"target": obj{"recipient_id": recipient}, "sender_id": sender, "message_data": data},
		}},
		"users": obj{n.Account: obj{"data": us}, it.Thread: obj{"data": them}},
	}
}

// xMessageMedia is a medium of a direct message, whose address opens with our key alone.
func xMessageMedia(it *item, m medium) obj {
	_, id, _ := strings.Cut(m.ID, "_")
	address := xMediaAddress(it, m)
	one := obj{"id_str": id, "type": "photo", "media_url": address, "media_url_https": address}
	if m.Type == mediaVideo {
		one["type"] = "video"
		one["video_info"] = obj{"variants": []any{obj{"bitrate": 832000, "content_type": "video/mp4", "url": address}}}
	}
	return one
}

// xMediaAddress is where the medium of a direct message is. The same three words name it in the API.
func xMediaAddress(it *item, m medium) string {
	_, id, _ := strings.Cut(m.ID, "_")
	return "https://ton.twitter.com/1.1/ton/data/dm/" + it.ID + "/" + id + "/" + token(m.ID, 8) + m.suffix()
}

// plainJSON writes JSON as X and LinkedIn send it.
func plainJSON(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("sim: body: %v", err)) // the shapes made here always encode
	}
	return bytes.TrimSpace(out.Bytes())
}
