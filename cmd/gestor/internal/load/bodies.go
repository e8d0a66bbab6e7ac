package load

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/mention"
)

// said is one thing a fictitious person says: everything a network's delivery of it is made of. Serial is unlike any other's
// and has digits alone.
type said struct {
	account string
	serial  string
	thread  string // digits: which of twenty posts it is under
	name    string
	text    string
	at      time.Time
}

// body gives the delivery of s in the form of its network, and the id under which the case names it, where that is the
// network's own.
func (s said) body(n mention.Network) (key string, body []byte, err error) {
	var v any
	switch n {
	case mention.Facebook:
		key, v = s.facebook()
	case mention.Instagram:
		key, v = s.instagram()
	case mention.X:
		key, v = s.x()
	case mention.LinkedIn:
		key, v = s.linkedIn()
	case mention.WhatsApp:
		v = s.whatsApp()
	default:
		return "", nil, fmt.Errorf("load: no body for %q", n)
	}
	body, err = json.Marshal(v)
	if err != nil {
		return "", nil, fmt.Errorf("load: %w", err)
	}
	return key, body, nil
}

type object = map[string]any

// facebook is a comment under a post of the page.
func (s said) facebook() (string, any) {
	post := s.account + "_" + s.thread
	key := s.thread + "_" + s.serial
	return key, object{"object": "page", "entry": []any{object{
		"id": s.account, "time": s.at.Unix(),
		"changes": []any{object{"field": "feed", "value": object{
			"item": "comment", "verb": "add", "comment_id": key, "post_id": post, "parent_id": post, "created_time": s.at.Unix(),
			"from": object{"id": "9" + s.serial, "name": s.name}, "message": s.text,
		}}},
	}}}
}

// instagram is a comment under a picture.
func (s said) instagram() (string, any) {
	return s.serial, object{"object": "instagram", "entry": []any{object{
		"id": s.account, "time": s.at.Unix(),
		"changes": []any{object{"field": "comments", "value": object{
			"id": s.serial, "text": s.text, "from": object{"id": "9" + s.serial, "username": "ficticia_" + s.serial},
			"media": object{"id": s.thread, "media_product_type": "FEED"},
		}}},
	}}}
}

// x is a post that names us.
func (s said) x() (string, any) {
	author := "9" + s.serial
	return s.serial, object{"data": object{
		"event_uuid": s.serial, "event_type": "post.mention.create", "filter": object{"user_id": s.account},
		"payload": object{
			"id": s.serial, "text": "@SENCE_simulado " + s.text, "author_id": author, "conversation_id": s.serial,
			"created_at": s.at.UTC().Format(time.RFC3339), "edit_history_tweet_ids": []string{s.serial},
			"entities": object{"mentions": []any{object{"start": 0, "end": 15, "username": "SENCE_simulado", "id": s.account}}},
		},
		"includes": object{"users": []any{object{"id": author, "name": s.name, "username": "ficticia" + s.serial[len(s.serial)-7:]}}},
	}}
}

// linkedIn is a comment under a post of the organization.
func (s said) linkedIn() (string, any) {
	activity := "urn:li:activity:7" + s.thread
	comment := "urn:li:comment:(" + activity + "," + s.serial + ")"
	id, _ := strconv.ParseInt(s.serial, 10, 64)
	return comment, object{"type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS", "notifications": []any{object{
		"notificationId": id, "organizationalEntity": s.account, "action": "COMMENT", "sourcePost": activity,
		"lastModifiedAt": s.at.UnixMilli(), "generatedActivity": comment,
		"decoratedSourcePost": object{"entity": "urn:li:share:7" + s.thread, "owner": s.account, "text": "Cupos ficticios", "mediaCategory": "NONE"},
		"decoratedGeneratedActivity": object{"comment": object{
			"entity": comment, "owner": "urn:li:person:Ficticia-" + s.serial, "object": activity, "text": s.text,
		}},
	}}}
}

// whatsApp is a message. Cases give its name in a form nobody can read a telephone from, so only its text tells it.
func (s said) whatsApp() any {
	person := "569" + s.serial[len(s.serial)-8:]
	return object{"object": "whatsapp_business_account", "entry": []any{object{
		"id": "100000000000099",
		"changes": []any{object{"field": "messages", "value": object{
			"messaging_product": "whatsapp",
			"metadata":          object{"display_phone_number": "56200000000", "phone_number_id": s.account},
			"contacts":          []any{object{"profile": object{"name": s.name}, "wa_id": person}},
			"messages": []any{object{
				"from": person, "id": "wamid.ficticia" + s.serial, "timestamp": strconv.FormatInt(s.at.Unix(), 10),
				"type": "text", "text": object{"body": s.text},
			}},
		}}},
	}}}
}
