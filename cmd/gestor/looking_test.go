package main_test

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestLooking: what the networks never told us of is found by looking, once each, and counted as repaired.
func TestLooking_Repairs(t *testing.T) {
	w := start(t, "GESTOR_ESCALATE_UNDO=10m")
	tests := []struct{ network, kind string }{
		{"facebook", "comment"},
		{"facebook", "dm"},
		{"facebook", "post"},
		{"facebook", "rating"},
		{"instagram", "comment"},
		{"instagram", "dm"},
		{"x", "mention"},
		{"x", "dm"},
		{"linkedin", "comment"},
	}
	lost := map[string]int{}
	for n, tt := range tests {
		if lost[tt.network] == 0 {
			w.look(tt.network, "ok")
			w.set("faults", anything{"target": tt.network, "mode": "drop_webhooks", "rate": 1}, nil)
		}
		lost[tt.network]++
		mark := fmt.Sprintf("marca%dx", n)
		w.set(tt.network+"/messages", anything{"author": "persona" + mark, "name": "Persona Ficticia", "text": "@SENCE_simulado ¿Cuándo abren? " + mark, "kind": tt.kind}, nil)
	}
	time.Sleep(time.Second) // what would come by itself would be here by now
	if n := len(w.list("supervisor", "view=all&q=marca")); n != 0 {
		t.Fatalf("%d cases came by themselves", n)
	}
	w.later(31 * time.Minute)
	w.later(5 * time.Minute) // whoever was looked at just before has its turn too
	for n, tt := range tests {
		w.opened(tt.network, tt.kind, fmt.Sprintf("marca%dx", n))
	}
	w.later(31 * time.Minute)
	for n, tt := range tests {
		mark, found := fmt.Sprintf("marca%dx", n), 0
		for _, c := range w.list("supervisor", "view=all&limit=200&network="+tt.network) {
			for _, m := range w.get("supervisor", c.ID).Mentions {
				found += strings.Count(m.Text, mark)
			}
		}
		if found != 1 {
			t.Errorf("%s %s stands in %d mentions", tt.network, tt.kind, found)
		}
	}
	for network, n := range lost {
		if a := w.accountOf(network, ""); a.Repaired < n {
			t.Errorf("%s: %d repaired, want %d", network, a.Repaired, n)
		}
	}
}

// seenFile is an attachment as the API shows it.
type seenFile struct {
	Type  string
	Media *struct{ N, State, Type, Reason string }
}

// files gives what hangs on a case's first text.
func (w *whole) files(c seenCase) []seenFile {
	w.t.Helper()
	var shown struct {
		Mentions []struct{ Attachments []seenFile }
	}
	if status := w.ask("GET", w.base+"/api/v1/tickets/"+c.ID, nil, &shown, w.as("supervisor")...); status != http.StatusOK || len(shown.Mentions) == 0 {
		w.t.Fatalf("the case: %d", status)
	}
	return shown.Mentions[0].Attachments
}

// TestLooking_Media: what a citizen attaches to a private message is copied before the network's address ends, and read from
// our copy.
func TestLooking_Media(t *testing.T) {
	w := start(t)
	for _, network := range []string{"facebook", "instagram", "whatsapp", "x"} {
		mark := "marca" + network
		w.set(network+"/messages", anything{"author": "persona" + mark, "name": "Persona Ficticia", "text": "Adjunto mi comprobante. " + mark, "kind": "dm", "media": []string{"image"}}, nil)
		c := w.opened(network, "dm", mark)
		w.until(network+": our copy", func() bool {
			all := w.files(c)
			return len(all) == 1 && all[0].Media != nil && all[0].Media.State != "waiting"
		})
		file := w.files(c)[0]
		if file.Media.State != "stored" || file.Media.Type != "image/png" {
			t.Errorf("%s: %+v", network, file.Media)
			continue
		}
		var link struct{ URL string }
		if status := w.ask("GET", w.base+"/api/v1/tickets/"+c.ID+"/media/"+file.Media.N+"?as=link", nil, &link, w.as("supervisor")...); status != http.StatusOK {
			t.Errorf("%s: the copy is answered %d", network, status)
			continue
		}
		res, err := http.Get(link.URL)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if _, wrong := png.Decode(bytes.NewReader(raw)); err != nil || wrong != nil || res.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: %v, %v, %s", network, err, wrong, res.Header.Get("Content-Type"))
		}
	}
}

// TestLooking_Forgets: LinkedIn's words are ours for two days.
func TestLooking_Forgets(t *testing.T) {
	w := start(t)
	w.set("linkedin/messages", anything{"author": "persona", "name": "Persona Ficticia", "text": "¿Cuándo abren? marca", "kind": "comment"}, nil)
	c := w.opened("linkedin", "comment", "marca")
	w.later(47 * time.Hour)
	if got := w.get("supervisor", c.ID); got.Mentions[0].Text == "" {
		t.Error("forgotten within two days")
	}
	w.later(2 * time.Hour)
	w.until("LinkedIn's words are forgotten", func() bool {
		got := w.get("supervisor", c.ID)
		return got.Mentions[0].Text == "" && got.Number == c.Number
	})
}
