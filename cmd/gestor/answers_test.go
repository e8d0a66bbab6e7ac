package main_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A thousand answers over all networks, one call in ten of them with a fault of one sort or another: nothing is said twice,
// and each answer is sent, refused with its reason, or waits for a person.
func TestThousandAnswers(t *testing.T) {
	const each = 200
	w := start(t, "GESTOR_ESCALATE_UNDO=1h")
	networks := []struct{ name, kind, visibility string }{
		{"facebook", "comment", "public"},
		{"instagram", "comment", "public"},
		{"x", "mention", "public"},
		{"linkedin", "comment", "public"},
		{"whatsapp", "dm", "private"},
	}
	var held []seenCase
	for _, n := range networks {
		side := make(chan struct{}, 8)
		var wg sync.WaitGroup
		for i := range each {
			side <- struct{}{}
			wg.Go(func() {
				defer func() { <-side }()
				mark := fmt.Sprintf("marca%s%dx", n.name, i)
				body := map[string]string{"author": "persona" + mark, "name": "Persona Ficticia", "text": mark + " ¿cuándo abre la postulación?", "kind": n.kind}
				if status := w.ask("POST", w.sim+"/sim/"+n.name+"/messages", body, nil); status/100 != 2 {
					t.Errorf("%s: the simulator answers %d", n.name, status)
				}
			})
		}
		wg.Wait()
		w.until(n.name+": every case", func() bool {
			all := w.cases(n.name)
			return len(all) >= each && !slices.ContainsFunc(all, func(c seenCase) bool { return c.Citizen.Name == "" })
		})
		held = append(held, w.cases(n.name)...)
	}
	for _, n := range networks {
		for mode, rate := range map[string]float64{
			"apply_then_500": 0.02, "apply_then_reset": 0.02, "apply_then_hang": 0.01, "refuse_429": 0.02, "refuse_500": 0.01,
			"token_expired": 0.005, "html_error": 0.01, "refuse_500_bare": 0.005,
		} {
			if status := w.ask("POST", w.sim+"/sim/faults", map[string]any{"target": n.name, "mode": mode, "rate": rate, "seed": 11}, nil); status/100 != 2 {
				t.Fatalf("fault: %d", status)
			}
		}
	}
	visibility := map[string]string{}
	for _, n := range networks {
		visibility[n.name] = n.visibility
	}
	_ = w.as("ejecutivo1")
	gate := make(chan struct{}, 8)
	var wg sync.WaitGroup
	for _, c := range held {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			mark := "respuesta " + worded(c.ID)
			c = w.must("ejecutivo1", c, "claim", nil)
			status, _ := w.act("ejecutivo1", c, "reply", map[string]any{"visibility": visibility[c.Network], "text": "Hola. Abre el lunes. " + mark})
			if status != http.StatusOK {
				t.Errorf("%s: %q is answered %d", c.Network, mark, status)
			}
		})
	}
	wg.Wait()
	ends := map[string]string{}
	minute := time.Now()
	w.untilWithin(longPatience, "every answer to end", func() bool {
		waiting, left := w.attention(), 0
		for _, c := range held {
			if ends[c.ID] == "" {
				ends[c.ID] = endOf(w.get("ejecutivo1", c.ID), waiting[c.ID])
			}
			if ends[c.ID] == "" {
				left++
			}
		}
		if left > 0 { // what is unknown is looked for during five minutes: the clock goes on in their stead
			minute = minute.Add(time.Minute)
			w.tick(minute)
		}
		return left == 0
	})
	counts := map[string]int{}
	for _, end := range ends {
		counts[end]++
	}
	said := map[string]int{}
	for _, n := range networks {
		for _, text := range w.answers(n.name) {
			if _, mark, found := strings.Cut(text, "respuesta "); found {
				said[mark]++
			}
		}
	}
	for _, c := range held {
		switch n := said[worded(c.ID)]; {
		case n > 1:
			t.Errorf("%s: said %d times", c.Number, n)
		case n == 0 && w.get("ejecutivo1", c.ID).Replies[0].State == "sent":
			t.Errorf("%s: sent, and nobody said it", c.Number)
		}
	}
	t.Logf("%d answers ended: %v", len(held), counts)
}

// worded is an id without a digit: one in some sixty thousand reads as a telephone, and no answer may show one in public.
func worded(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + 'a'
		}
		return r
	}, id)
}

// endOf says how the one answer of a case has ended, or nothing while it has not: sent; refused or expired with a reason, of
// which a person is told; or unknown, and a person is told.
func endOf(c seenCase, waits bool) string {
	if len(c.Replies) != 1 {
		return ""
	}
	switch r := c.Replies[0]; {
	case r.State == "sent":
		return "sent"
	case (r.State == "refused" || r.State == "expired") && r.Reason != "" && waits:
		return r.State + " " + r.Reason
	case r.State == "unknown" && waits:
		return "unknown"
	default:
		return ""
	}
}

// tick moves the local clock to an instant and has everything done that is due until then.
func (w *whole) tick(at time.Time) {
	w.t.Helper()
	if status := w.ask("POST", w.base+"/local/tick", map[string]string{"at": at.UTC().Format(time.RFC3339)}, nil); status/100 != 2 {
		w.t.Fatalf("tick: %d", status)
	}
}
