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
		e["time"], e["messaging"] = now.UnixMilli(), []any{n.message(it, verb, now)}
	case verb != verbAdd:
		return nil
	case it.Kind == kindMention:
		e["time"] = it.At.Unix()
		e["changes"] = []any{obj{"field": "mentions", "value": obj{"media_id": it.Thread, "comment_id": it.ID}}}
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

// message is a direct message of Instagram, which is Messenger's but for the name of its edits.
func (n network) message(it *item, verb string, now time.Time) obj {
	m := obj{"sender": obj{"id": it.Thread}, "recipient": obj{"id": n.Account}, "timestamp": it.At.UnixMilli()}
	switch {
	case it.Own:
		m["sender"], m["recipient"] = m["recipient"], m["sender"]
		m["message"] = obj{"mid": it.ID, "text": it.Text, "is_echo": true}
	case verb == verbEdited:
		m["timestamp"] = now.UnixMilli()
		m["message_edit"] = obj{"mid": it.ID, "text": it.Text, "num_edit": it.Edits}
	case verb == verbRemove:
		m["message"] = obj{"mid": it.ID, "is_deleted": true}
	default:
		m["message"] = obj{"mid": it.ID, "text": it.Text}
	}
	return m
}
