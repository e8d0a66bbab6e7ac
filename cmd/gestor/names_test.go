package main_test

import (
	"slices"
	"testing"
	"time"
)

// has reports whether the bitácora of a case tells of something.
func (c seenCase) has(kind string) bool {
	for _, e := range c.Events {
		if e.Kind == kind {
			return true
		}
	}
	return false
}

// TestNames_WhatsApp: whoever writes with the telephone, with WhatsApp's own id for them, or with both, is one person with one open
// case, is answered by the name they have now, and after its end opens one new case.
func TestNames_WhatsApp(t *testing.T) {
	w := start(t, "GESTOR_ESCALATE_UNDO=10m")
	const phone, user = "56900123456", "CL.10000000000000001"
	says := func(text string, more anything) {
		body := anything{"author": phone, "name": "Persona Ficticia", "text": "Hola, ¿cuándo abre la postulación? " + text, "kind": "dm"}
		for name, value := range more {
			body[name] = value
		}
		w.set("whatsapp/messages", body, nil)
	}
	grown := func(id string, mentions int) seenCase {
		w.until("what the person said next", func() bool { return w.get("ejecutivo1", id).MentionCount == mentions })
		return w.get("ejecutivo1", id)
	}
	both, hidden := anything{"user": user}, anything{"user": user, "hidden": true}
	says("marca0x", nil)
	c := w.must("ejecutivo1", w.opened("whatsapp", "dm", "marca0x"), "claim", nil)
	says("marca1x", both)
	grown(c.ID, 2)
	says("marca2x", hidden)
	c = grown(c.ID, 3)
	answer := "Hola. Abre el lunes 30 de noviembre."
	w.insist("ejecutivo1", c.ID, "reply", anything{"visibility": "private", "text": answer})
	w.until("the answer", func() bool { return w.get("ejecutivo1", c.ID).State == "respondido" })
	if got := w.answers("whatsapp"); !slices.Contains(got, "private: "+answer) {
		t.Errorf("said: %q", got)
	}
	w.insist("ejecutivo1", c.ID, "close", nil)
	says("marca3x", both)
	next := w.opened("whatsapp", "dm", "marca3x")
	says("marca4x", nil)
	grown(next.ID, 2)
	says("marca5x", hidden)
	grown(next.ID, 3)
	if all := w.list("ejecutivo1", "view=all&network=whatsapp"); next.ID == c.ID || len(all) != 2 {
		t.Errorf("%d cases", len(all))
	}
	w.nowhere(user)
}

// TestNames_LinkedIn: LinkedIn tells who wrote by an id alone. The case is there at once, the name follows, and a day later it is
// gone, while the case and its words stay.
func TestNames_LinkedIn(t *testing.T) {
	w := start(t)
	w.set("linkedin/messages", anything{"author": "persona", "name": "Persona Ficticia Enlazada", "text": "¿Cuándo abren? marca0x", "kind": "comment"}, nil)
	first := w.opened("linkedin", "comment", "marca0x")
	named := w.get("supervisor", first.ID)
	if named.Citizen.Name != "Persona Ficticia Enlazada" || named.State != "ingresado" || named.MentionCount != 1 || !named.has("citizen.named") {
		t.Errorf("named: %+v", named)
	}
	w.set("linkedin/messages", anything{"author": "persona", "name": "Persona Ficticia Enlazada", "text": "¿Y dónde? marca1x", "kind": "comment"}, nil)
	w.until("the second comment", func() bool { return w.get("supervisor", first.ID).MentionCount == 2 })
	w.later(23 * time.Hour)
	if got := w.get("supervisor", first.ID); got.Citizen.Name == "" {
		t.Error("forgotten within a day")
	}
	w.later(2 * time.Hour)
	w.until("the name is forgotten", func() bool { return w.get("supervisor", first.ID).has("mention.forgotten") })
	got := w.get("supervisor", first.ID)
	if got.Citizen.Name != "" || got.Mentions[0].Text == "" || got.Number != named.Number || got.State != "ingresado" {
		t.Errorf("a day later: %+v", got)
	}
	names := 0
	for _, e := range got.Events {
		if e.Kind == "citizen.named" {
			names++
		}
	}
	if names != 1 {
		t.Errorf("named %d times", names)
	}
}
