package sim

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What X takes: the weight of a post, and the characters of a direct message.
const (
	xLongest        = 280
	xLongestMessage = 10_000
	xLinkWeight     = 23
)

// weight is what a text counts on X: 1 for Latin and its like, 2 for everything else, 23 for a link.
func weight(text string) int {
	total := 0
	for i, word := range strings.Split(norm.NFC.String(text), " ") {
		if i > 0 {
			total++
		}
		if strings.HasPrefix(word, "http://") || strings.HasPrefix(word, "https://") {
			total += xLinkWeight
			continue
		}
		for _, r := range word {
			total++
			if r > 0x10FF && (r < 0x2000 || r > 0x200D) && (r < 0x2010 || r > 0x201F) && (r < 0x2032 || r > 0x2037) {
				total++
			}
		}
	}
	return total
}

// xConversation names a conversation of two: the lower id first.
func xConversation(a, b string) string {
	if older(b, a) {
		a, b = b, a
	}
	return a + "-" + b
}

// xWrite is POST /2/dm_conversations/with/{id}/messages.
func (s *Simulator) xWrite(r *http.Request) (int, any, error) {
	var in struct {
		Text string `json:"text"`
	}
	if err := xBody(r, &in); err != nil {
		return 0, nil, err
	}
	n, _ := networkOf(targetX)
	citizen := r.PathValue("id")
	var id, told string
	err := s.commit(func(t *tx) error {
		heard := t.w.heard(n.Name, citizen)
		switch {
		case strings.TrimSpace(in.Text) == "" || utf8.RuneCountInString(in.Text) > xLongestMessage:
			return xBad("One or more parameters to your request was invalid.")
		case heard == "":
			return xForbidden(xBlank, "You do not have permission to DM one or more participants.")
		}
		id, told = t.speak(n, item{Kind: kindDM, ID: t.messageID(n, citizen), Thread: citizen, InReplyTo: heard, Text: in.Text})
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	s.echoFirst(targetX, id, told)
	return http.StatusCreated, obj{"data": obj{"dm_conversation_id": xConversation(n.Account, citizen), "dm_event_id": id}}, nil
}

// xTalk is GET /2/dm_conversations/with/{id}/dm_events: newest first, with the fields asked for.
func (s *Simulator) xTalk(r *http.Request) (int, any, error) {
	return s.xMessageList(r, func(it *item) bool { return it.Thread == r.PathValue("id") })
}

// xEvents is GET /2/dm_events: the messages of all conversations, newest first.
func (s *Simulator) xEvents(r *http.Request) (int, any, error) {
	return s.xMessageList(r, func(*item) bool { return !isSecond(keyIn(r).Accounts[0]) })
}

// xReadable reports a direct message that applications may read: not an encrypted one.
func xReadable(it *item) bool {
	return it != nil && !it.Removed && it.Network == targetX && it.Kind == kindDM && !it.Sealed
}

func (s *Simulator) xMessageList(r *http.Request, fits func(*item) bool) (int, any, error) {
	n, _ := networkOf(targetX)
	q := r.URL.Query()
	asked := xAsked(q, 1)
	if q.Get("max_results") == "" {
		asked.most = xMostResults
	}
	data, answer := []obj{}, obj{}
	s.read(func(w *world) {
		var all []*item
		for _, ids := range w.at(n.Name).talks {
			for _, id := range ids {
				if it := w.items[id]; xReadable(it) && asked.has(it) && fits(it) {
					all = append(all, it)
				}
			}
		}
		var meta obj
		all, meta = asked.cut(all)
		delete(meta, "newest_id")
		delete(meta, "oldest_id")
		beside := w.beside(q)
		for _, it := range all {
			data = append(data, xMessage(n, it, q.Get("dm_event.fields")))
			beside.message(n, it)
		}
		beside.put(answer)
		answer["meta"] = meta
	})
	if len(data) > 0 {
		answer["data"] = data
	}
	s.mislead(answer)
	return http.StatusOK, answer, nil
}

// xEventOf is GET /2/dm_events/{id}.
func (s *Simulator) xEventOf(r *http.Request) (int, any, error) {
	n, _ := networkOf(targetX)
	q := r.URL.Query()
	var found obj
	s.read(func(w *world) {
		if it := w.items[r.PathValue("id")]; xReadable(it) {
			beside := w.beside(q)
			found = obj{"data": xMessage(n, it, q.Get("dm_event.fields"))}
			beside.message(n, it)
			beside.put(found)
		}
	})
	if found == nil {
		return 0, nil, &xProblem{"Not Found Error", "Could not find dm_event with id: [" + r.PathValue("id") + "].", xNotFound, http.StatusNotFound}
	}
	return http.StatusOK, found, nil
}

// xMediumOf is GET /2/dm_conversations/media/{message}/{medium}/{resource}: the bytes of what hangs on a message.
func (s *Simulator) xMediumOf(r *http.Request) (int, any, error) {
	var found medium
	s.read(func(w *world) {
		it := w.items[r.PathValue("dm")]
		if !xReadable(it) {
			return
		}
		for _, m := range it.Media {
			if strings.HasSuffix(xMediaAddress(it, m), "/"+r.PathValue("media")+"/"+r.PathValue("resource")) {
				found = m
			}
		}
	})
	if found.ID == "" {
		return 0, nil, &xProblem{"Not Found Error", "Could not find the media.", xNotFound, http.StatusNotFound}
	}
	return http.StatusOK, found, nil
}

// xMessage gives a direct message with the fields asked for; id, text and type always come.
func xMessage(n network, it *item, fields string) obj {
	out := obj{"id": it.ID, "text": it.Text, "event_type": "MessageCreate"}
	sender := it.Thread
	if it.Own {
		sender = n.Account
	}
	for name := range strings.SplitSeq(fields, ",") {
		switch strings.TrimSpace(name) {
		case "sender_id":
			out["sender_id"] = sender
		case "created_at":
			out["created_at"] = it.At.UTC().Format(xTime)
		case "dm_conversation_id":
			out["dm_conversation_id"] = xConversation(n.Account, it.Thread)
		case "participant_ids":
			out["participant_ids"] = []string{n.Account, it.Thread}
		case "attachments":
			if len(it.Media) > 0 {
				keys := []string{}
				for _, m := range it.Media {
					keys = append(keys, m.ID)
				}
				out["attachments"] = obj{"media_keys": keys}
			}
		}
	}
	return out
}
