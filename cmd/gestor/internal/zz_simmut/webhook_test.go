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

// wants checks the n-th delivery: its field, its keys and some of its values. The keys are those of captured deliveries
// (D1, D3, D4, D6, D12 and D13); a visitor's post also carries created_time today, or a late one would lose its date.
func (r *rig) wants(n int, field, keysInOrder string, values map[string]any) map[string]any {
	r.t.Helper()
	_, value, got := r.change(n)
	if got != field {
		r.t.Errorf("delivery %d: field %s, want %s", n, got, field)
	}
	if diff := cmp.Diff(strings.Fields(keysInOrder), keys(value)); diff != "" {
		r.t.Errorf("delivery %d (-want +got):\n%s", n, diff)
	}
	for name, want := range values {
		if diff := cmp.Diff(want, value[name]); diff != "" {
			r.t.Errorf("delivery %d, %s (-want +got):\n%s", n, name, diff)
		}
	}
	return value
}

func TestCommentShapesAreTheCapturedOnes(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"author":"persona.ficticia","name":"Persona Ficticia","text":"hola"}`)
	value := r.wants(1, "feed", "comment_id created_time from item message parent_id post_id verb", map[string]any{
		"item": "comment", "verb": "add", "comment_id": c.ID, "post_id": c.Thread, "parent_id": c.Thread, "message": "hola",
	})
	if from := value["from"].(map[string]any); from["name"] != "Persona Ficticia" || !digits(from["id"].(string)) {
		t.Errorf("from = %v", from)
	}
	if !strings.HasPrefix(c.ID, tail(c.Thread)+"_") {
		t.Errorf("comment id %s does not begin with its post's tail (%s)", c.ID, c.Thread)
	}
	r.call(http.MethodPatch, "/sim/facebook/messages/"+c.ID, `{"text":"hola de nuevo"}`)
	r.wants(2, "feed", "comment_id created_time item message parent_id post_id sender_id sender_name verb", map[string]any{
		"verb": "edited", "message": "hola de nuevo", "comment_id": c.ID, "sender_id": json.Number(scopedID("persona.ficticia")),
	})
	r.call(http.MethodDelete, "/sim/facebook/messages/"+c.ID, "")
	r.wants(3, "feed", "comment_id from item parent_id post_id verb", map[string]any{"verb": "remove", "comment_id": c.ID})
}

func TestOtherShapesAreTheCapturedOnes(t *testing.T) {
	r := newRig(t)
	p := r.write(`{"kind":"post","text":"una publicación"}`)
	r.wants(1, "feed", "created_time from is_hidden item message post_id sender_id verb", map[string]any{
		"item": "post", "verb": "add", "is_hidden": false, "post_id": p.ID,
	})
	m := r.write(`{"kind":"mention","text":"miren @SENCE"}`)
	r.wants(2, "mention", "comment_id created_time item message post_id verb", map[string]any{"item": "comment", "comment_id": m.ID, "post_id": m.Thread})
	g := r.write(`{"kind":"rating","text":"regular no más","rating":2}`)
	r.wants(3, "ratings",
		"comment_id created_time item open_graph_story_id rating recommendation_type review_text reviewer_id reviewer_name verb",
		map[string]any{"comment_id": nil, "recommendation_type": "NEGATIVE", "open_graph_story_id": json.Number(tail(g.ID)), "rating": num(2)})
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
	err := r.sim.commit(func(tx *tx) error {
		for range 1200 { // more than the serial part of an id can tell apart in one millisecond
			it, err := tx.write(written{Text: "hola"})
			if err != nil {
				return err
			}
			if seen[it.ID] {
				t.Fatalf("id %s given twice", it.ID)
			}
			seen[it.ID] = true
			if n := tail(it.ID); len(n) != 18 {
				t.Fatalf("id %s: %d digits, want 18", it.ID, len(n))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
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
