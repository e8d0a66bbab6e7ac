package sim

import (
	"net/http"
	"slices"
	"strconv"
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
	s.echoFirst(id, told)
	return http.StatusCreated, obj{"data": obj{"dm_conversation_id": xConversation(n.Account, citizen), "dm_event_id": id}}, nil
}

// xTalk is GET /2/dm_conversations/with/{id}/dm_events: newest first, with the fields asked for.
func (s *Simulator) xTalk(r *http.Request) (int, any, error) {
	n, _ := networkOf(targetX)
	q, citizen := r.URL.Query(), r.PathValue("id")
	most, token := 100, q.Get("pagination_token")
	if limit, err := strconv.Atoi(q.Get("max_results")); err == nil {
		most = min(max(limit, 1), most)
	}
	data, meta := []obj{}, obj{}
	s.read(func(w *world) {
		for _, id := range slices.Backward(w.at(n.Name).talks[citizen]) {
			it := w.items[id]
			if it.Removed || token != "" && !older(id, token) {
				continue
			}
			if len(data) == most {
				meta["next_token"] = data[most-1]["id"]
				return
			}
			data = append(data, xMessage(n, it, q.Get("dm_event.fields")))
		}
	})
	meta["result_count"] = len(data)
	if len(data) == 0 {
		return http.StatusOK, obj{"meta": meta}, nil
	}
	return http.StatusOK, obj{"data": data, "meta": meta}, nil
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
		}
	}
	return out
}
