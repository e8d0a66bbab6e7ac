package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/meta"
)

// simulated is the simulator's page; secret the local app secret.
const (
	simulated = "100000000000001"
	appSecret = "local-meta-app-secret"
)

// post delivers a body with the signature given ("" for none, "right" for the right one) and gives the status.
func (w *whole) post(network, signature string, body []byte) int {
	w.t.Helper()
	var headers []string
	switch signature {
	case "":
	case "right":
		headers = []string{"X-Hub-Signature-256", meta.Sign(body, appSecret)}
	default:
		headers = []string{"X-Hub-Signature-256", signature}
	}
	return w.ask("POST", w.base+"/webhooks/"+network, body, nil, headers...)
}

// comment is one item of a feed delivery.
func comment(n int, message string) map[string]any {
	return map[string]any{"field": "feed", "value": map[string]any{
		"item": "comment", "verb": "add", "comment_id": fmt.Sprintf("7_%06d", n), "post_id": simulated + "_7",
		"parent_id": simulated + "_7", "created_time": 1_795_000_000, "message": message,
		"from": map[string]any{"id": fmt.Sprintf("8%06d", n), "name": "Persona Ficticia"},
	}}
}

func delivery(t testing.TB, changes ...map[string]any) []byte {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"object": "page", "entry": []any{map[string]any{"id": simulated, "time": 1_795_000_000, "changes": changes}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// What does not come from the network, or cannot be understood, is answered by the failure table and changes nothing.
func TestRefusals(t *testing.T) {
	w := start(t)
	good := delivery(t, comment(1, "¿Cuándo abren las postulaciones?"))
	tests := []struct {
		name, network, signature string
		body                     []byte
		want                     int
	}{
		{"no signature", "facebook", "", good, 403},
		{"a signature of something else", "facebook", meta.Sign([]byte("{}"), appSecret), good, 403},
		{"a signature with another secret", "facebook", meta.Sign(good, "otro"), good, 403},
		{"a malformed signature", "facebook", "sha256=zz", good, 403},
		{"over 4 MiB", "facebook", "right", bytes.Repeat([]byte("a"), 4<<20+1), 413},
		{"an unknown network", "orkut", "right", good, 404},
		{"signed but broken", "facebook", "right", []byte(`{"object":"page","entry":[`), 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := w.post(tt.network, tt.signature, tt.body); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
		})
	}
	w.until("the broken delivery in quarantine", func() bool {
		var page struct {
			Items []struct{ Network, Reason string }
		}
		if status := w.ask("GET", w.base+"/api/v1/quarantine", nil, &page, w.as("ti")...); status != 200 {
			t.Fatalf("quarantine: %d", status)
		}
		return len(page.Items) == 1 && page.Items[0].Network == "facebook"
	})
	if got := w.list("supervisor", "view=all&limit=200"); len(got) != 0 {
		t.Errorf("refused deliveries opened %d cases", len(got))
	}
	for path, want := range map[string]int{"/api/v1/tickets": 401, "/api/v1/posts": 401, "/webhooks/facebook?hub.mode=subscribe&hub.verify_token=malo&hub.challenge=1": 403} {
		if got := w.ask("GET", w.base+path, nil, nil); got != want {
			t.Errorf("GET %s without a token: %d, want %d", path, got, want)
		}
	}
}

// A batch of a thousand with one item nobody understands stores the other 999.
func TestPoisonedBatch(t *testing.T) {
	w := start(t)
	var changes []map[string]any
	for n := range 1000 {
		if n == 500 {
			changes = append(changes, map[string]any{"field": "feed", "value": "not an item"})
			continue
		}
		changes = append(changes, comment(n, "¿Cuándo abren las postulaciones?"))
	}
	if got := w.post("facebook", "right", delivery(t, changes...)); got != 200 {
		t.Fatalf("status %d", got)
	}
	count := 0
	w.until("999 cases", func() bool {
		count = w.count("supervisor")
		return count >= 999
	})
	if count != 999 {
		t.Errorf("%d cases, want 999", count)
	}
	var page struct{ Items []struct{ Reason string } }
	if status := w.ask("GET", w.base+"/api/v1/quarantine", nil, &page, w.as("ti")...); status != 200 || len(page.Items) != 1 {
		t.Errorf("quarantine: %d with %d items, want the poison alone", status, len(page.Items))
	}
}

// count walks every case.
func (w *whole) count(user string) int {
	w.t.Helper()
	total, cursor := 0, ""
	for {
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		if status := w.ask("GET", w.base+"/api/v1/tickets?view=all&limit=200&cursor="+cursor, nil, &page, w.as(user)...); status != 200 {
			w.t.Fatalf("list: %d", status)
		}
		total += len(page.Items)
		if cursor = page.Next; cursor == "" {
			return total
		}
	}
}

// Every real Facebook body is taken; what each becomes is told by the goldens of the decoder.
func TestSamples(t *testing.T) {
	w := start(t)
	files, err := filepath.Glob("../../events/facebook/*.json")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.post("facebook", "right", body); got != 200 {
			t.Errorf("%s: %d", filepath.Base(file), got)
		}
	}
	// D6 is a visitor's post: the oldest INTERACTION of the samples, from before the holiday table begins.
	c := w.find("supervisor", "1234567890321_7293787835232")
	if c.MentionCount < 1 || !strings.HasPrefix(c.Number, "RS-") {
		t.Errorf("the visitor's post became %+v", c)
	}
}
