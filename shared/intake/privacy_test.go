package intake_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/mention"
)

// entry is a delivery of Facebook with one item of the kind (changes or messaging).
func entry(kind string, item map[string]any) []byte {
	raw, err := json.Marshal(map[string]any{
		"object": "page", "entry": []any{map[string]any{"id": page, "time": noon().UnixMilli(), kind: []any{item}}},
	})
	if err != nil {
		panic(err)
	}
	return raw
}

// message is one item of Messenger from a person to us.
func message(id string, more map[string]any) []byte {
	item := map[string]any{"sender": map[string]any{"id": id}, "recipient": map[string]any{"id": page}, "timestamp": noon().UnixMilli() - 1000}
	for name, value := range more {
		item[name] = value
	}
	return entry("messaging", item)
}

// The network's id of a citizen stands in nothing that is stored, whatever the person does and whenever it arrives.
func TestPrivacy_NoCitizenID(t *testing.T) {
	const who = "877665544332211"
	comment := func(verb, key, words string) []byte {
		return entry("changes", map[string]any{"field": "feed", "value": map[string]any{
			"item": "comment", "verb": verb, "comment_id": key, "post_id": page + "_7", "created_time": noon().Unix() - 60,
			"message": words, "from": map[string]any{"id": who, "name": "Persona Ficticia"},
		}})
	}
	text := func(mid, words string) map[string]any {
		return map[string]any{"message": map[string]any{"mid": mid, "text": words}}
	}
	edit := func(mid, words string) map[string]any {
		return map[string]any{"message_edit": map[string]any{"mid": mid, "text": words}}
	}
	w := newWorld(t)
	for _, body := range [][]byte{
		comment("add", "7_1", reclamo),
		comment("edited", "7_1", consulta),
		comment("edited", "7_2", consulta), // before its item, which never comes
		comment("remove", "7_3", ""),       // the same
		comment("add", "7_4", consulta),
		message(who, text("m_1", consulta)),
		message(who, edit("m_1", consulta+" Gracias.")),
		message(who, edit("m_2", consulta)), // before its item
		message(who, map[string]any{"message": map[string]any{"mid": "m_3", "is_deleted": true}}),
		message(who, map[string]any{"postback": map[string]any{"title": "Empezar", "payload": "INICIO"}}), // has no id of its own
		message(who, map[string]any{"postback": map[string]any{"title": "Empezar", "payload": "INICIO", "mid": "m_4"}}),
		message(who, map[string]any{"message": map[string]any{"mid": "m_5", "sticker_id": 369239263222822}}),
		message(who, map[string]any{"reaction": map[string]any{"mid": "m_1", "action": "react", "emoji": "❤"}}),
	} {
		w.take(noon(), packed(mention.Facebook, noon(), body))
		w.take(noon(), packed(mention.Facebook, noon(), body)) // a repetition is known again
	}
	if cases, mentions := w.count("T"), w.count("M#"); cases != 2 || mentions != 6 {
		t.Errorf("%d cases with %d mentions, want the comments and the conversation: 2 with 6", cases, mentions)
	}
	if all := w.everything(); strings.Contains(all, who) {
		for _, line := range strings.Split(all, "\n") {
			if strings.Contains(line, who) {
				t.Errorf("the person's id is stored: %s", line)
			}
		}
	}
}

// The same holds for every real sample. Their people are the networks' own test users.
func TestPrivacy_Samples(t *testing.T) {
	files, err := filepath.Glob("../../events/facebook/*.json")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	w := newWorld(t)
	people := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		raw = []byte(strings.NewReplacer("1234567890321", page, "12345654332", page, "PAGE_ID", page).Replace(string(raw)))
		w.take(noon(), packed(mention.Facebook, noon(), raw))
		var tree any
		if err := json.Unmarshal(raw, &tree); err != nil {
			t.Fatal(err)
		}
		authors(tree, "", people)
	}
	delete(people, page)
	if len(people) < 3 || w.count("T") == 0 {
		t.Fatalf("%d people, %d cases: the samples were not read", len(people), w.count("T"))
	}
	all := w.everything()
	for id := range people {
		if strings.Contains(all, id) {
			t.Errorf("the id %s of a sample is stored", id)
		}
	}
}

// Of WhatsApp neither the telephone nor the name of a message, which holds it in base64, is stored in a form that can be
// read back without the secret. What answers need is there, sealed.
func TestPrivacy_WhatsApp(t *testing.T) {
	w := newWorld(t)
	const phone = "56900000001"
	wamid := func(n int) string {
		return "wamid." + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "\x1c\x18\x0b%s\x15\x02\x00%02d", phone, n))
	}
	body := func(n int, more string) []byte {
		return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{`+
			`"messaging_product":"whatsapp","metadata":{"phone_number_id":"100000000000041"},`+
			`"contacts":[{"wa_id":"%s","profile":{"name":"Persona Ficticia"}}],`+
			`"messages":[{"from":"%s","id":"%s","timestamp":"%d",%s}]}}]}]}`, phone, phone, wamid(n), noon().Unix()-60, more)
	}
	for n, more := range []string{
		`"type":"text","text":{"body":"` + consulta + `"}`,
		`"type":"text","text":{"body":"Gracias"},"context":{"id":"` + wamid(0) + `"}`,
		`"type":"revoke","revoke":{"original_message_id":"` + wamid(0) + `"}`,
		`"type":"revoke","revoke":{"original_message_id":"` + wamid(7) + `"}`, // before its item
		`"type":"reaction","reaction":{"message_id":"` + wamid(0) + `","emoji":"❤"}`,
	} {
		w.take(noon(), packed(mention.WhatsApp, noon(), body(n, more)))
		w.take(noon(), packed(mention.WhatsApp, noon(), body(n, more))) // a repetition is known again
	}
	if cases, mentions := w.count("T"), w.count("M#"); cases != 1 || mentions != 2 {
		t.Errorf("%d cases with %d mentions, want one with 2", cases, mentions)
	}
	all := w.everything()
	for n := range 8 {
		if strings.Contains(all, wamid(n)) || strings.Contains(all, strings.TrimPrefix(wamid(n), "wamid.")[:16]) {
			t.Errorf("the name of message %d is stored", n)
		}
	}
	if strings.Contains(all, phone) {
		t.Error("the telephone is stored")
	}
	if !strings.Contains(all, `"recipient":"s1.`) {
		t.Error("nobody could be answered")
	}
}

// authors collects the ids of people: what stands under from, sender, sender_id, user_id or reviewer_id.
func authors(tree any, under string, into map[string]bool) {
	switch v := tree.(type) {
	case map[string]any:
		for name, value := range v {
			if name == "id" && (under == "from" || under == "sender") || name == "sender_id" || name == "user_id" || name == "reviewer_id" {
				if id, isText := value.(string); isText {
					into[id] = true
				} else if n, isNumber := value.(float64); isNumber {
					into[fmt.Sprintf("%.0f", n)] = true
				}
			}
			authors(value, name, into)
		}
	case []any:
		for _, value := range v {
			authors(value, under, into)
		}
	}
}

// Conversations of two installations, or of two networks, cannot be matched: the key is in the HMAC, and so is the network.
func TestPrivacy_CitizenKey(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", consulta), said("80000002", "i2", consulta))
	one, two := w.must("i1").Ticket, w.must("i2").Ticket
	if one.Citizen.Key == "" || one.Citizen.Key == two.Citizen.Key || one.Conversation == two.Conversation {
		t.Errorf("keys %q %q, conversations %q %q", one.Citizen.Key, two.Citizen.Key, one.Conversation, two.Conversation)
	}
	w.hears(said(person, "i3", consulta, func(e *mention.Event) { e.Thread = "otra" }))
	if three := w.must("i3").Ticket; three.Citizen.Key != one.Citizen.Key || three.Conversation == one.Conversation {
		t.Error("one person in two threads: the citizen is one, the conversations are two")
	}
}

// What lists show of a text hides personal data.
func TestPrivacy_Excerpt(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", "Mi RUT es 11.111.111-1 y mi correo persona.ficticia@ejemplo.cl. "+strings.Repeat("ñandú ", 60)))
	s := w.must("i1")
	if strings.Contains(s.Ticket.Excerpt, "11.111.111-1") || strings.Contains(s.Ticket.Excerpt, "persona.ficticia") {
		t.Errorf("excerpt %q", s.Ticket.Excerpt)
	}
	if runes := []rune(s.Ticket.Excerpt); len(runes) != 160 || !strings.HasSuffix(s.Ticket.Excerpt, "…") {
		t.Errorf("excerpt of %d characters", len(runes))
	}
	if !strings.Contains(s.Mentions[0].Text, "11.111.111-1") {
		t.Error("the mention itself was altered")
	}
}
