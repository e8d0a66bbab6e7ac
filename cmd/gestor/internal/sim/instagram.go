package sim

import "time"

// obj is a JSON object being made.
type obj = map[string]any

// instagramWebhook tells of a text as Instagram does with Facebook Login. Comments carry no time of their own and cannot
// be edited, and nobody is told when one is deleted; of a mention only ids are told.
func (w *world) instagramWebhook(it *item, verb string, now time.Time) []byte {
	n, _ := networkOf(targetInstagram)
	e := obj{"id": n.Account}
	switch {
	case it.Kind == kindDM:
		e["time"], e["messaging"] = now.UnixMilli(), []any{w.instagramMessage(n, it, verb, now)}
	case verb != verbAdd, it.Kind == kindPost: // nobody is told of media
		return nil
	case it.Kind == kindMention:
		e["time"] = it.At.Unix()
		v := obj{"media_id": it.Thread, "comment_id": it.ID}
		if it.top() {
			delete(v, "comment_id")
		}
		e["changes"] = []any{obj{"field": "mentions", "value": v}}
	default:
		v := obj{
			"id": it.ID, "text": it.Text, "from": obj{"id": it.From.ID, "username": it.Handle},
			"media": obj{"id": it.Thread, "media_product_type": "FEED"},
		}
		if it.Parent != it.Thread {
			v["parent_id"] = it.Parent
		}
		e["time"], e["changes"] = it.At.Unix(), []any{obj{"field": "comments", "value": v}}
	}
	return wire(obj{"object": "instagram", "entry": []any{e}})
}

// instagramMessage is a direct message of Instagram, which is Messenger's but for the name of its edits and for stories.
func (w *world) instagramMessage(n network, it *item, verb string, now time.Time) obj {
	m := obj{"sender": obj{"id": it.Thread}, "recipient": obj{"id": n.Account}, "timestamp": it.At.UnixMilli()}
	message := obj{"mid": it.ID}
	if it.Own {
		m["sender"], m["recipient"] = m["recipient"], m["sender"]
		message["is_echo"] = true
	}
	switch verb {
	case verbEdited:
		m["timestamp"] = now.UnixMilli()
		m["message_edit"] = obj{"mid": it.ID, "text": it.Text, "num_edit": it.Edits}
		return m
	case verbRemove:
		message["is_deleted"] = true
	default:
		if it.Text != "" {
			message["text"] = it.Text
		}
		if hung := w.hung(it); hung != nil {
			message["attachments"] = hung
		}
		if it.Story == storyReply {
			message["reply_to"] = obj{"story": w.story(it)}
		}
	}
	m["message"] = message
	return m
}

// story is one of ours, as a reply to it names it.
func (w *world) story(it *item) obj {
	one := obj{"id": "18" + mediumID("", it.ID)[:15]}
	for _, m := range it.Media {
		one["url"] = w.address(it.Network, m)
	}
	return one
}
