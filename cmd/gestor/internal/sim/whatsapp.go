package sim

import (
	"strconv"
	"strings"
	"time"
)

// The business account and the telephone that messages of WhatsApp name beside the telephone's id.
const (
	whatsappBusiness = "100000000000040"
	whatsappDisplay  = "56900000041"
)

// whatsappWebhook tells of a message of a citizen, of its edit or its withdrawal. Ours are told of by their statuses.
func (w *world) whatsappWebhook(it *item, verb string, now time.Time) []byte {
	if it.Own && !it.Native {
		return nil
	}
	m := obj{"from": it.Thread, "id": it.ID, "timestamp": strconv.FormatInt(it.At.Unix(), 10)}
	if it.Own {
		m["from"], m["to"] = whatsappDisplay, it.Thread
	}
	content := it.whatsappContent()
	if verb != verbAdd {
		m["id"], m["timestamp"] = it.ID+strconv.Itoa(it.Edits)+verb, strconv.FormatInt(now.Unix(), 10)
	}
	switch verb {
	case verbEdited:
		m["type"] = "edit"
		m["edit"] = obj{"original_message_id": it.ID, "message": content}
	case verbRemove:
		m["type"], m["revoke"] = "revoke", obj{"original_message_id": it.ID}
	default:
		for name, value := range content {
			m[name] = value
		}
	}
	if it.Own {
		return whatsappField("smb_message_echoes", obj{"message_echoes": []any{m}})
	}
	who := obj{"profile": obj{"name": it.From.Name}, "wa_id": it.Thread}
	if it.User != "" {
		m["from_user_id"], who["user_id"] = it.User, it.User
	}
	if it.Shy {
		delete(m, "from")
		delete(who, "wa_id")
	}
	return whatsappBody(obj{"contacts": []any{who}, "messages": []any{m}})
}

// phoneOf gives the telephone of whom an answer goes to, who may be named by the other id.
func (w *world) phoneOf(recipient string) string {
	for _, it := range w.items {
		if it.Network == targetWhatsApp && it.User != "" && it.User == recipient {
			return it.Thread
		}
	}
	return strings.TrimPrefix(recipient, "+")
}

// status is the body that says what became of a message of ours.
func (i *item) status(what string, at time.Time) []byte {
	return whatsappBody(obj{"statuses": []any{i.statusObject(what, at)}})
}

func (i *item) statusObject(what string, at time.Time) obj {
	s := obj{"id": i.ID, "status": what, "timestamp": strconv.FormatInt(at.Unix(), 10), "recipient_id": i.Thread}
	if i.Tag != "" {
		s["biz_opaque_callback_data"] = i.Tag
	}
	return s
}

// whatsappContent is what a message holds: its text, or one medium with the text under it. Of a medium only its id is
// told, and what it is.
func (i *item) whatsappContent() obj {
	if len(i.Media) == 0 {
		return obj{"type": "text", "text": obj{"body": i.Text}}
	}
	m := i.Media[0]
	if m.Type == mediaLocation {
		return obj{"type": "location", "location": obj{"latitude": placeLatitude, "longitude": placeLongitude, "name": "Lugar ficticio", "address": i.Text}}
	}
	one := obj{"id": m.ID, "mime_type": m.mime(), "sha256": m.hash()}
	name := m.Type
	switch m.Type {
	case mediaFile:
		name, one["filename"] = "document", m.filename()
	case mediaAudio:
		one["voice"] = true
	case mediaSticker:
		one["animated"] = false
	}
	if i.Text != "" && m.Type != mediaAudio && m.Type != mediaSticker {
		one["caption"] = i.Text
	}
	return obj{"type": name, name: one}
}

func whatsappBody(value obj) []byte { return whatsappField("messages", value) }

func whatsappField(name string, value obj) []byte {
	n, _ := networkOf(targetWhatsApp)
	value["messaging_product"] = targetWhatsApp
	value["metadata"] = obj{"display_phone_number": whatsappDisplay, "phone_number_id": n.Account}
	change := obj{"field": name, "value": value}
	return wire(obj{"object": "whatsapp_business_account", "entry": []any{obj{"id": whatsappBusiness, "changes": []any{change}}}})
}
