package main_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// approvedTexts waits until the system knows the templates that WhatsApp has approved, and gives their names.
func (w *whole) approvedTexts() []string {
	w.t.Helper()
	var names []string
	w.until("the approved templates", func() bool {
		var page struct{ Items []struct{ Name string } }
		if status := w.ask("GET", w.base+"/api/v1/templates", nil, &page, w.as("ejecutivo1")...); status != http.StatusOK {
			w.t.Fatalf("the templates: %d", status)
		}
		names = nil
		for _, t := range page.Items {
			names = append(names, t.Name)
		}
		return len(names) > 0
	})
	return names
}

func fills(name string, params ...string) anything {
	return anything{"name": name, "language": "es_CL", "params": params}
}

// A day after somebody wrote on WhatsApp, our own words go out no more, and an approved template does; a post goes to the people
// of two cases as one, once a second person has approved it, and each gets it once.
func TestTemplates_WhatsApp(t *testing.T) {
	w := start(t, "GESTOR_ESCALATE_UNDO=240h")
	for n, mark := range []string{"marca0x", "marca1x"} {
		body := anything{"author": fmt.Sprintf("5690012345%d", n), "name": "Persona Ficticia", "text": "Hola, ¿cuándo abre la postulación? " + mark, "kind": "dm"}
		w.set("whatsapp/messages", body, nil)
	}
	c, other := w.opened("whatsapp", "dm", "marca0x"), w.opened("whatsapp", "dm", "marca1x")
	c = w.must("ejecutivo1", c, "claim", nil)
	w.look("whatsapp", "ok")
	if got, want := w.approvedTexts(), []string{"aviso_curso", "aviso_respuesta", "feria_laboral", "horario_especial"}; !slices.Equal(got, want) {
		t.Fatalf("templates %v, want %v", got, want)
	}
	w.later(25 * time.Hour)
	w.tokens = map[string]string{}
	c = w.get("ejecutivo1", c.ID)
	if status, _ := w.act("ejecutivo1", c, "reply", anything{"visibility": "private", "text": "Hola. Abre el lunes."}); status != http.StatusUnprocessableEntity {
		t.Errorf("our own words, a day later: %d", status)
	}
	if status, _ := w.act("ejecutivo1", c, "reply", anything{"visibility": "private", "template": fills("aviso_respuesta", "Ana")}); status != http.StatusUnprocessableEntity {
		t.Errorf("a template not filled in: %d", status)
	}
	w.must("ejecutivo1", c, "reply", anything{"visibility": "private", "template": fills("aviso_respuesta", "Ana", c.Number)})
	w.until("the answer", func() bool { return w.get("ejecutivo1", c.ID).State == "respondido" })
	answer := "Hola Ana: ya tenemos respuesta a tu consulta " + c.Number + ". Escríbenos por aquí para verla."
	if got := w.answers("whatsapp"); !slices.Equal(got, []string{"private: " + answer}) {
		t.Errorf("said: %q", got)
	}
	if r := w.get("ejecutivo1", c.ID).Replies; len(r) != 1 || r[0].Text != answer || r[0].State != "sent" {
		t.Errorf("replies %+v", r)
	}
	if shown := w.page("/whatsapp"); !strings.Contains(shown, "ya tenemos respuesta a tu consulta") {
		t.Error("the simulator's chat does not show it")
	}

	at := w.now().Truncate(time.Minute).Add(time.Hour)
	p := w.mustPost("comunicaciones", "POST", "posts", anything{
		"text": "", "networks": []string{"whatsapp"}, "cases": []string{c.ID, other.ID}, "publishAt": at.UTC().Format(time.RFC3339),
		"variants": anything{"whatsapp": anything{"template": fills("feria_laboral", "Talca")}},
	})
	w.mustPost("comunicaciones", "POST", "posts/"+p.ID+"/submit", anything{})
	w.minute(at.Add(-10*time.Minute), false)
	if p = w.mustPost("supervisor", "POST", "posts/"+p.ID+"/approve", anything{}); len(p.Targets) != 2 {
		t.Fatalf("targets %+v", p.Targets)
	}
	w.minute(at, true)
	w.until("both to have it", func() bool {
		p = w.seePost(p.ID)
		return p.Targets["whatsapp-1"].State == "sent" && p.Targets["whatsapp-2"].State == "sent"
	})
	w.minute(at.Add(time.Minute), true)
	heard := 0
	for _, said := range w.answers("whatsapp") {
		if said == "private: Ven a la feria laboral de Talca. Inscríbete en sence.gob.cl." {
			heard++
		}
	}
	if heard != 2 {
		t.Errorf("%d got it: %q", heard, w.answers("whatsapp"))
	}
}
