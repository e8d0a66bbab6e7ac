package main_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestNetworks writes to us on every network as a citizen would, answers in public and in private where the network has
// it, and finds the answers there; where it has not, the case says why. A forged delivery is refused on each.
func TestNetworks(t *testing.T) {
	w := start(t, "GESTOR_ESCALATE_UNDO=10m")
	tests := []struct {
		network, kind   string
		public, private bool
	}{
		{"facebook", "comment", true, true},
		{"facebook", "dm", false, true},
		{"instagram", "comment", true, true},
		{"instagram", "mention", true, false},
		{"instagram", "dm", false, true},
		{"x", "mention", true, false}, // a direct message reaches only who opened theirs
		{"x", "comment", true, false},
		{"x", "dm", false, true},
		{"linkedin", "comment", true, false},
		{"whatsapp", "dm", false, true},
	}
	for n, tt := range tests {
		name := tt.network + " " + tt.kind
		mark := fmt.Sprintf("marca%dx", n)
		text := "Hola, ¿cuándo abre la postulación? " + mark
		body := map[string]string{"author": "persona" + mark, "name": "Persona Ficticia", "text": text, "kind": tt.kind}
		var wrote struct{ ID string }
		if status := w.ask("POST", w.sim+"/sim/"+tt.network+"/messages", body, &wrote); status/100 != 2 || wrote.ID == "" {
			t.Errorf("%s: the simulator answers %d", name, status)
			continue
		}
		c := w.opened(tt.network, tt.kind, mark)
		c = w.must("ejecutivo1", c, "claim", nil)
		want := map[string]string{}
		for visibility, has := range map[string]bool{"public": tt.public, "private": tt.private} {
			if tt.network == "x" && visibility == "private" && tt.kind != "dm" {
				continue
			}
			answer := fmt.Sprintf("Hola. Abre el lunes 30 de noviembre. %s %s", visibility, mark)
			status, after := w.act("ejecutivo1", c, "reply", map[string]any{"visibility": visibility, "text": answer})
			switch {
			case has && status == 200:
				c, want[visibility] = after, answer
			case has || status != 422:
				t.Errorf("%s: a %s answer is answered %d", name, visibility, status)
			}
		}
		w.until(name+": its answers", func() bool {
			for _, r := range w.get("ejecutivo1", c.ID).Replies {
				if r.State == "planned" || r.State == "claimed" {
					return false
				}
			}
			return true
		})
		for _, r := range w.get("ejecutivo1", c.ID).Replies {
			if r.State != "sent" || r.RemoteID == "" {
				t.Errorf("%s: the answer is %s (%s)", name, r.State, r.Reason)
			}
		}
		for visibility, answer := range want {
			if got := w.answers(tt.network); !slices.Contains(got, visibility+": "+answer) {
				t.Errorf("%s: %q is not among what was said: %q", name, answer, got)
			}
		}
	}
	for _, network := range []string{"facebook", "instagram", "whatsapp", "x", "linkedin"} {
		if status := w.ask("POST", w.base+"/webhooks/"+network, []byte(`{"object":"page"}`), nil, "X-Hub-Signature-256",
			"sha256="+strings.Repeat("0", 64), "X-Twitter-Webhooks-Signature", "sha256=AAAA", "X-LI-Signature", strings.Repeat("0", 64)); status != 403 {
			t.Errorf("a forged delivery of %s is answered %d", network, status)
		}
	}
}

// opened waits for the case that a mark opened; a mention that comes as ids alone has no text to find it by. On LinkedIn the
// person's name comes a moment later, and is a version of the case.
func (w *whole) opened(network, kind, mark string) seenCase {
	w.t.Helper()
	var found seenCase
	w.until("the case of "+network+" "+kind, func() bool {
		for _, c := range w.list("ejecutivo1", "view=all&limit=200&network="+network) {
			for _, m := range c.Mentions {
				if c.State == "ingresado" && (network != "linkedin" || c.Citizen.Name != "") && (strings.Contains(m.Text, mark) || network == "instagram" && kind == "mention" && m.Text == "") {
					found = c
					return true
				}
			}
		}
		return false
	})
	return found
}

// answers gives what we said on a network, with who could read it.
func (w *whole) answers(network string) []string {
	w.t.Helper()
	var sent []struct{ Visibility, Text string }
	if status := w.ask("GET", w.sim+"/sim/"+network+"/sent", nil, &sent); status != 200 {
		w.t.Fatalf("what was sent on %s: %d", network, status)
	}
	var out []string
	for _, s := range sent {
		out = append(out, s.Visibility+": "+s.Text)
	}
	return out
}
