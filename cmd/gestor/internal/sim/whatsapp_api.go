package sim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// whatsappMessage is POST /{telephone}/messages. It is accepted before it is known whether it arrives: what became of it
// is told in statuses, which give back the word that was sent along.
func (s *Simulator) whatsappMessage(w http.ResponseWriter, r *http.Request, _ string) {
	n, _ := networkOf(targetWhatsApp)
	var text struct {
		Body string `json:"body"`
	}
	var context struct {
		MessageID string `json:"message_id"`
	}
	_ = json.Unmarshal([]byte(r.Form.Get("text")), &text)       // an absent text is refused below
	_ = json.Unmarshal([]byte(r.Form.Get("context")), &context) // an absent one is allowed
	to := r.Form.Get("to")
	if to == "" {
		to = r.Form.Get("recipient")
	}
	citizen := ""
	s.read(func(w *world) { citizen = w.phoneOf(to) })
	kind, template := r.Form.Get("type"), ""
	if kind == "template" {
		var err error
		if template, text.Body, err = whatsappFilled(r.Form.Get("template")); err != nil {
			writeGraphError(w, err)
			return
		}
	}
	switch {
	case r.Form.Get("messaging_product") != targetWhatsApp:
		writeGraphError(w, oauthError(100, "(#100) The parameter messaging_product is required."))
		return
	case !digits(citizen):
		writeGraphError(w, oauthError(100, "(#100) The parameter to is required."))
		return
	case kind != "" && kind != "text" && template == "":
		writeGraphError(w, oauthError(131051, "(#131051) Unsupported message type"))
		return
	case strings.TrimSpace(text.Body) == "" || utf8.RuneCountInString(text.Body) > n.Limit:
		writeGraphError(w, oauthError(100, "(#100) Param text['body'] must be between 1 and "+strconv.Itoa(n.Limit)+" characters long."))
		return
	}
	var id, told string
	err := s.commit(func(t *tx) error {
		it := item{
			ID: t.messageID(n, citizen), Network: n.Name, Kind: kindDM, Thread: citizen, InReplyTo: context.MessageID, From: n.us(),
			Text: text.Body, At: t.now.UTC(), Own: true, Tag: r.Form.Get("biz_opaque_callback_data"), Template: template,
		}
		id = it.ID
		told = t.send(&it)
		return nil
	})
	if err != nil {
		writeGraphError(w, err)
		return
	}
	s.echoed(targetWhatsApp, told)
	writeGraph(w, http.StatusOK, obj{
		"messaging_product": targetWhatsApp, "contacts": []any{obj{"input": to, "wa_id": citizen}}, "messages": []any{obj{"id": id}},
	})
}
