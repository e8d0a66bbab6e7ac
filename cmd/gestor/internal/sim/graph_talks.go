package sim

import (
	"net/http"
	"slices"
	"strings"
)

// A conversation is named by whom it is with; what stands before says on which network.
const (
	messengerTalk = "t_"
	instagramTalk = "t_ig_"
)

// talkOfID gives the texts of a conversation, newest first.
func (w *world) talkOfID(id string) ([]*item, bool) {
	network, citizen := "", strings.TrimPrefix(id, messengerTalk)
	if rest, ok := strings.CutPrefix(id, instagramTalk); ok {
		network, citizen = targetInstagram, rest
	}
	ids := w.at(network).talks[citizen]
	var texts []*item
	for _, id := range slices.Backward(ids) {
		if it := w.items[id]; !it.Removed {
			texts = append(texts, it)
		}
	}
	return texts, len(ids) > 0 && strings.HasPrefix(id, messengerTalk)
}

// graphTexts is GET /{conversation}/messages, newest first.
func (s *Simulator) graphTexts(w http.ResponseWriter, r *http.Request, object string) {
	s.graphList(w, r, func(w *world) ([]*item, error) {
		texts, ok := w.talkOfID(object)
		if !ok {
			return nil, gone(r.Method, object)
		}
		return texts, nil
	})
}

// graphTalks is GET /{page or Instagram account}/conversations?platform=&user_id=, those with the newest texts first.
func (s *Simulator) graphTalks(network string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, r *http.Request, object string) {
		prefix, place := messengerTalk, ""
		if network == targetInstagram || r.Form.Get("platform") == targetInstagram {
			prefix, place = instagramTalk, targetInstagram
		}
		limit, more := pageSize(r), false
		data := []obj{}
		var err error
		s.read(func(w *world) {
			if object != w.pageID && object != networkAccount(targetInstagram) {
				return
			}
			ids := w.talkIDs(place, prefix, r.Form.Get("user_id"), r.Form.Get("after"))
			more = len(ids) > limit
			for _, id := range ids[:min(limit, len(ids))] {
				var one obj
				if one, err = w.talkView(id, r.Form.Get("fields")); err != nil {
					return
				}
				data = append(data, one)
			}
		})
		if err != nil {
			writeGraphError(w, err)
			return
		}
		s.writeGraphPage(w, r, data, more)
	}
}

// talkIDs gives the conversations of a place, newest first, those after a cursor.
func (w *world) talkIDs(place, prefix, user, after string) []string {
	p := w.at(place)
	citizens := slices.Clone(p.talkers)
	slices.SortStableFunc(citizens, func(a, b string) int { return p.active[b] - p.active[a] })
	var ids []string
	for _, citizen := range citizens {
		if user == "" || user == citizen {
			ids = append(ids, prefix+citizen)
		}
	}
	if after != "" {
		i := slices.Index(ids, after)
		if i < 0 {
			return nil
		}
		ids = ids[i+1:]
	}
	return ids
}

// talkView gives a conversation, with its texts where they are asked for.
func (w *world) talkView(id, fields string) (obj, error) {
	texts, _ := w.talkOfID(id)
	return pick(id, fields, func(f wanted) (any, bool, error) {
		switch f.name {
		case "messages":
			data := []obj{}
			for _, it := range texts[:min(len(texts), pageDefault)] {
				one, err := w.messageView(it, f.inner)
				if err != nil {
					return nil, true, err
				}
				data = append(data, one)
			}
			return obj{"data": data}, true, nil
		case "updated_time":
			if len(texts) > 0 {
				return texts[0].At.UTC().Format(graphTime), true, nil
			}
			return nil, true, nil
		case "participants":
			if len(texts) == 0 {
				return nil, true, nil
			}
			from, to := w.between(texts[0])
			return obj{"data": []any{from, to}}, true, nil
		}
		return nil, false, nil
	})
}

// between says from whom to whom a message went, as Graph names people on either network.
func (w *world) between(it *item) (from, to obj) {
	us, them := obj{"id": w.pageID, "name": pageName}, obj{"id": it.Thread}
	if n, ok := networkOf(it.Network); ok {
		us = obj{"id": n.Account, "username": n.handle}
	}
	if heard := w.items[w.heard(it.target(), it.Thread)]; heard != nil {
		if them["name"] = heard.From.Name; it.Network != "" {
			them = obj{"id": it.Thread, "username": heard.Handle}
		}
	}
	if it.Own {
		return us, them
	}
	return them, us
}

// messageView gives the named fields of a message of Messenger or Instagram.
func (w *world) messageView(it *item, fields string) (obj, error) {
	if fields == "" {
		fields = "created_time"
	}
	from, to := w.between(it)
	return pick(it.ID, fields, func(f wanted) (any, bool, error) {
		switch f.name {
		case "message":
			return it.Text, true, nil
		case "from":
			return from, true, nil
		case "to":
			return obj{"data": []any{to}}, true, nil
		case "created_time":
			return it.At.UTC().Format(graphTime), true, nil
		case "attachments":
			return w.messageMedia(it), true, nil
		case "sticker":
			if len(it.Media) > 0 && it.Media[0].Type == mediaSticker {
				return w.address(it.Network, it.Media[0]), true, nil
			}
			return nil, true, nil
		case "story":
			return w.messageStory(it), true, nil
		case "shares", "tags", "reactions":
			return nil, true, nil
		case "is_unsupported":
			return false, true, nil
		}
		return nil, false, nil
	})
}

// messageMedia is what hangs on a message, nil when nothing does. Stories and stickers stand apart.
func (w *world) messageMedia(it *item) any {
	var data []obj
	for _, m := range it.Media {
		if it.Story != "" || m.Type == mediaSticker || m.Type == mediaLocation {
			continue
		}
		address := w.address(it.Network, m)
		one := obj{"id": m.ID, "mime_type": m.mime(), "name": m.filename(), "size": len(m.bytes())}
		switch m.Type {
		case mediaImage:
			one["image_data"] = obj{"url": address, "preview_url": address, "width": 24, "height": 24, "max_width": 24, "max_height": 24, "image_type": 1}
		case mediaVideo:
			one["video_data"] = obj{"url": address, "preview_url": address, "width": 24, "height": 24}
		default:
			one["file_url"] = address
		}
		data = append(data, one)
	}
	if data == nil {
		return nil
	}
	return obj{"data": data}
}

// messageStory says how a message has to do with a story, nil when it has not.
func (w *world) messageStory(it *item) any {
	switch it.Story {
	case storyMention:
		return obj{"mention": obj{"id": it.Media[0].ID, "link": w.address(it.Network, it.Media[0])}}
	case storyReply:
		story := w.story(it)
		return obj{"reply_to": obj{"id": story["id"], "link": story["url"]}}
	}
	return nil
}
