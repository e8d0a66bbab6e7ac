package sim

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWebhookSignatureVerifiesOverRawBytesOnly(t *testing.T) {
	r := newRig(t)
	r.write(`{"name":"Persona Ficticia Ñandú","text":"¿Cuándo pagan? 👏 http://example.cl/a"}`)
	d := r.delivered(facebookPath, 1)
	if want := "sha256=" + hmacHex(testSecret, d.body); d.header.Get("X-Hub-Signature-256") != want {
		t.Errorf("X-Hub-Signature-256 = %s, want %s", d.header.Get("X-Hub-Signature-256"), want)
	}
	for _, b := range d.body {
		if b >= 0x80 {
			t.Fatalf("body is not ASCII as Meta's is: %s", d.body)
		}
	}
	for _, form := range []string{`\u00bfCu\u00e1ndo`, `\ud83d\udc4f`, `http:\/\/example.cl\/a`} {
		if !bytes.Contains(d.body, []byte(form)) {
			t.Errorf("body lacks %s: %s", form, d.body)
		}
	}
	var v any
	if err := json.Unmarshal(d.body, &v); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if hmacHex(testSecret, again) == hmacHex(testSecret, d.body) {
		t.Error("a re-encoded body has the same signature: the body does not test what it should")
	}
}

func keys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// The keys are those of captured deliveries (D1, D3, D4, D6, D12 and D13); a visitor's post also carries created_time
// today, or a late one would lose its date.
func TestFeedShapesAreTheCapturedOnes(t *testing.T) {
	r := newRig(t)
	comment := r.write(`{"author":"persona.ficticia","name":"Persona Ficticia","text":"hola"}`)
	_, value, field := r.change(1)
	if field != "feed" {
		t.Errorf("field = %s", field)
	}
	want := []string{"comment_id", "created_time", "from", "item", "message", "parent_id", "post_id", "verb"}
	if diff := cmp.Diff(want, keys(value)); diff != "" {
		t.Errorf("comment add (-want +got):\n%s", diff)
	}
	if value["comment_id"] != comment.ID || value["post_id"] != comment.Thread || value["parent_id"] != comment.Thread {
		t.Errorf("ids of %v do not match the answer %v", value, comment)
	}
	from := value["from"].(map[string]any)
	if from["name"] != "Persona Ficticia" || !digits(from["id"].(string)) {
		t.Errorf("from = %v", from)
	}
	if _, tailOK := strings.CutPrefix(comment.ID, tail(comment.Thread)+"_"); !tailOK {
		t.Errorf("comment id %s does not begin with its post's tail (%s)", comment.ID, comment.Thread)
	}

	r.call(http.MethodPatch, "/sim/facebook/messages/"+comment.ID, `{"text":"hola de nuevo"}`)
	_, value, _ = r.change(2)
	want = []string{"comment_id", "created_time", "item", "message", "parent_id", "post_id", "sender_id", "sender_name", "verb"}
	if diff := cmp.Diff(want, keys(value)); diff != "" || value["verb"] != "edited" || value["message"] != "hola de nuevo" {
		t.Errorf("edit %v (-want +got):\n%s", value, diff)
	}
	if _, number := value["sender_id"].(json.Number); !number {
		t.Errorf("sender_id is %T, want a number", value["sender_id"])
	}

	r.call(http.MethodDelete, "/sim/facebook/messages/"+comment.ID, "")
	_, value, _ = r.change(3)
	want = []string{"comment_id", "from", "item", "parent_id", "post_id", "verb"}
	if diff := cmp.Diff(want, keys(value)); diff != "" || value["verb"] != "remove" {
		t.Errorf("remove %v (-want +got):\n%s", value, diff)
	}

	r.write(`{"kind":"post","text":"una publicación"}`)
	_, value, _ = r.change(4)
	want = []string{"created_time", "from", "is_hidden", "item", "message", "post_id", "sender_id", "verb"}
	if diff := cmp.Diff(want, keys(value)); diff != "" || value["item"] != "post" || value["is_hidden"] != false {
		t.Errorf("visitor post %v (-want +got):\n%s", value, diff)
	}

	r.write(`{"kind":"mention","text":"miren @SENCE"}`)
	_, value, field = r.change(5)
	want = []string{"comment_id", "created_time", "item", "message", "post_id", "verb"}
	if diff := cmp.Diff(want, keys(value)); diff != "" || field != "mention" {
		t.Errorf("%s %v (-want +got):\n%s", field, value, diff)
	}

	r.write(`{"kind":"rating","text":"regular no más","rating":2}`)
	_, value, field = r.change(6)
	want = []string{"comment_id", "created_time", "item", "open_graph_story_id", "rating", "recommendation_type", "review_text", "reviewer_id", "reviewer_name", "verb"}
	if diff := cmp.Diff(want, keys(value)); diff != "" || field != "ratings" || value["comment_id"] != nil || value["recommendation_type"] != "NEGATIVE" {
		t.Errorf("%s %v (-want +got):\n%s", field, value, diff)
	}
}

func TestTimesAreSecondsInTheFeedAndMillisecondsInMessaging(t *testing.T) {
	r := newRig(t)
	now := r.clock.now()
	written := now.AddDate(0, 0, -9)
	r.write(`{"text":"atrasado","at":"` + written.Format("2006-01-02T15:04:05Z07:00") + `"}`)
	entry, value, _ := r.change(1)
	if entry["time"] != num(now.Unix()) || value["created_time"] != num(written.Unix()) {
		t.Errorf("time %v, created_time %v; want %d and %d", entry["time"], value["created_time"], now.Unix(), written.Unix())
	}
	dm := r.write(`{"kind":"dm","name":"Persona Ficticia","text":"por interno"}`)
	entry, m, _ := r.change(2)
	if diff := cmp.Diff([]string{"message", "recipient", "sender", "timestamp"}, keys(m)); diff != "" {
		t.Errorf("messaging (-want +got):\n%s", diff)
	}
	if entry["time"] != num(now.UnixMilli()) || m["timestamp"] != num(now.UnixMilli()) {
		t.Errorf("time %v, timestamp %v; want %d", entry["time"], m["timestamp"], now.UnixMilli())
	}
	want := map[string]any{"mid": dm.ID, "text": "por interno"}
	if diff := cmp.Diff(want, m["message"]); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if sender := m["sender"].(map[string]any)["id"]; sender != dm.Thread {
		t.Errorf("sender %v, want the conversation %s", sender, dm.Thread)
	}
}

func TestMessagesCanBeEditedAndUnsent(t *testing.T) {
	r := newRig(t)
	dm := r.write(`{"kind":"dm","text":"por interno"}`)
	r.call(http.MethodPatch, "/sim/facebook/messages/"+dm.ID, `{"text":"mejor así"}`)
	_, m, _ := r.change(2)
	want := map[string]any{"mid": dm.ID, "text": "mejor así", "num_edit": num(1)}
	if diff := cmp.Diff(want, m["message_edit"]); diff != "" {
		t.Errorf("message_edit (-want +got):\n%s", diff)
	}
	r.call(http.MethodDelete, "/sim/facebook/messages/"+dm.ID, "")
	_, m, _ = r.change(3)
	want = map[string]any{"mid": dm.ID, "is_deleted": true}
	if diff := cmp.Diff(want, m["message"]); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if status, _ := r.call(http.MethodPatch, "/sim/facebook/messages/"+dm.ID, `{"text":"otra vez"}`); status != http.StatusNotFound {
		t.Errorf("editing what was deleted: %d, want 404", status)
	}
}

func num(n int64) json.Number {
	raw, _ := json.Marshal(n)
	return json.Number(raw)
}

func TestIdsAreDistinctAndTooLongForAFloat(t *testing.T) {
	r := newRig(t)
	seen := map[string]bool{}
	for range 1200 { // more than the serial part of an id can tell apart in one millisecond
		p, err := r.sim.say(written{Text: "hola"})
		if err != nil {
			t.Fatal(err)
		}
		if seen[p.ID] {
			t.Fatalf("id %s given twice", p.ID)
		}
		seen[p.ID] = true
		if n := tail(p.ID); len(n) != 18 {
			t.Fatalf("id %s: %d digits, want 18", p.ID, len(n))
		}
	}
}

func TestUnsubscribedFieldsAreNotDelivered(t *testing.T) {
	r := newRig(t)
	page := "/graph/v25.0/" + DefaultPageID + "/subscribed_apps"
	if status, v := r.graph(http.MethodPost, page, "subscribed_fields=feed,mention"); status != http.StatusOK || v["success"] != true {
		t.Fatalf("subscribe: %d %v", status, v)
	}
	if status, _ := r.graph(http.MethodPost, page, "subscribed_fields=feed,nada"); status != http.StatusBadRequest {
		t.Errorf("unknown field: %d, want 400", status)
	}
	_, v := r.graph(http.MethodGet, page, "")
	app := v["data"].([]any)[0].(map[string]any)
	if diff := cmp.Diff([]any{"feed", "mention"}, app["subscribed_fields"]); diff != "" {
		t.Errorf("subscribed_fields (-want +got):\n%s", diff)
	}
	r.write(`{"kind":"dm","text":"nadie me oye"}`)
	r.write(`{"kind":"comment","text":"a mí sí"}`)
	if _, value, _ := r.change(1); value["message"] != "a mí sí" {
		t.Errorf("delivered %v, want only the comment", value)
	}
	if left := r.sim.outbox.list(); len(left) > 1 {
		t.Errorf("%d deliveries owed, want none for the message", len(left))
	}
}
