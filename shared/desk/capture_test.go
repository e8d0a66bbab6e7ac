package desk_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// typed is something a person types in, changed by the fields given; nil takes a field away.
func typed(fields map[string]any) string {
	body := map[string]any{
		"network": "instagram", "visibility": "public", "name": "Persona Ficticia", "handle": "@ficticia", "text": "Hola, ¿cuándo pagan el bono?",
		"at": "2026-11-20T10:00:00-03:00", "link": "https://instagram.com/p/1", "source": "Lo mandó la oficina regional",
	}
	for name, value := range fields {
		if body[name] = value; value == nil {
			delete(body, name)
		}
	}
	raw, _ := json.Marshal(body)
	return string(raw)
}

func (w *world) typeIn(user, body string) answer {
	w.Helper()
	return w.ask("POST", "/api/v1/tickets", user, body, "Idempotency-Key", w.key())
}

func TestCapture_Whole(t *testing.T) {
	w := newWorld(t)
	file := read[struct{ ID string }](w, w.upload("ejecutivo1", png, w.key())).ID
	a := w.typeIn("ejecutivo1", typed(map[string]any{"evidence": []string{file}}))
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	got := read[struct {
		view
		whole
		ID, Number, OpenedAt, DueDate string
		Network                       string
		Citizen                       struct{ Name, Handle string }
	}](w, a)
	if got.Network != "instagram" || got.Citizen.Name != "Persona Ficticia" || got.OpenedAt != "2026-11-20T13:00:00Z" || got.DueDate != "2026-11-25" {
		t.Errorf("%s", a.body)
	}
	stored := w.ticket(got.ID)
	if stored.Facts["source"] != "manual" || stored.Facts["capturedBy"] != "ejecutivo1" || stored.Number != got.Number {
		t.Errorf("facts %v", stored.Facts)
	}
	shown := w.ask("GET", "/api/v1/tickets/"+got.ID, "supervisor", "")
	if !strings.Contains(string(shown.body), `"flags":["manual"]`) || !strings.Contains(string(shown.body), `"state":"stored","type":"image/png"`) {
		t.Errorf("%s", shown.body)
	}
	if again := w.typeIn("supervisor", typed(nil)); again.status != http.StatusConflict || read[refusal](w, again).Ticket == nil || read[refusal](w, again).Ticket.ID != got.ID {
		t.Errorf("typed in by another: %d %s", again.status, again.body)
	}
	mine := w.must(stored.Claim(actor("ejecutivo1"), w.clock()))
	if a := w.act("ejecutivo1", mine.ID, "reply", map[string]any{"visibility": "public", "text": "Hola."}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("answered from here: %d %s", a.status, a.body)
	}
	if a := w.act("ejecutivo1", mine.ID, "recorded", map[string]any{"visibility": "public", "text": "Hola."}); a.status != http.StatusOK {
		t.Errorf("answered there: %d %s", a.status, a.body)
	}
}

// The same click twice is one case with one answer.
func TestCapture_Once(t *testing.T) {
	w := newWorld(t)
	ask := func() answer {
		return w.ask("POST", "/api/v1/tickets", "ejecutivo1", typed(nil), "Idempotency-Key", "una vez")
	}
	first, second := ask(), ask()
	if first.status != http.StatusCreated || second.status != http.StatusCreated || string(first.body) != string(second.body) {
		t.Errorf("%d %s\n%d %s", first.status, first.body, second.status, second.body)
	}
	taken := 0
	w.store.set(func(c ticket.Change) error {
		if taken++; taken <= 2 {
			return fault.New(fault.Conflict, "prueba", ticket.ErrNumberTaken)
		}
		return nil
	})
	if a := w.typeIn("ejecutivo1", typed(map[string]any{"text": "Otra cosa"})); a.status != http.StatusCreated || taken != 3 {
		t.Errorf("after %d tries: %d %s", taken, a.status, a.body)
	}
	w.store.set(func(ticket.Change) error { return fault.New(fault.Transient, "prueba", errors.New("abajo")) })
	if a := w.typeIn("ejecutivo1", typed(map[string]any{"text": "Y otra"})); a.status != http.StatusServiceUnavailable {
		t.Errorf("store down: %d %s", a.status, a.body)
	}
}

// What is typed in and is a denuncia goes where only who answers for them sees it.
func TestCapture_Denuncia(t *testing.T) {
	w := newWorld(t)
	a := w.typeIn("ejecutivo1", typed(map[string]any{"text": "Quiero denunciar a un funcionario que me pidió una coima para aprobar mi curso"}))
	if a.status != http.StatusAccepted || strings.Contains(string(a.body), "coima") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	number := read[struct{ Number string }](w, a).Number
	for user, want := range map[string]int{"denuncias": 1, "ejecutivo1": 0, "supervisor": 0} {
		if got := len(read[list](w, w.ask("GET", "/api/v1/tickets?view="+map[string]string{"denuncias": "restricted"}[user]+"&q="+number, user, "")).Items); got != want {
			t.Errorf("%s finds %d", user, got)
		}
	}
	if again := w.typeIn("ejecutivo2", typed(map[string]any{"text": "Quiero denunciar a un funcionario que me pidió una coima para aprobar mi curso"})); again.status != http.StatusConflict || strings.Contains(string(again.body), number) {
		t.Errorf("again: %d %s", again.status, again.body)
	}
}

func TestCapture_Refusals(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		fields map[string]any
		campo  string
	}{
		"no network":         {map[string]any{"network": nil}, "network"},
		"a network of none":  {map[string]any{"network": "orkut"}, "network"},
		"no visibility":      {map[string]any{"visibility": nil}, "visibility"},
		"no text":            {map[string]any{"text": "  "}, "text"},
		"far too much text":  {map[string]any{"text": strings.Repeat("a", 10001)}, "text"},
		"a date of none":     {map[string]any{"at": "ayer"}, "at"},
		"tomorrow":           {map[string]any{"at": "2026-12-24T00:00:00Z"}, "at"},
		"no address":         {map[string]any{"link": "javascript:alert(1)"}, "link"},
		"a file of none":     {map[string]any{"evidence": []string{"00"}}, "evidence"},
		"no name of a file":  {map[string]any{"evidence": []string{"../media/1"}}, "evidence"},
		"far too many files": {map[string]any{"evidence": strings.Split(strings.Repeat("0 ", 11), " ")[:11]}, "evidence"},
	} {
		if a := w.typeIn("supervisor", typed(tt.fields)); a.status != http.StatusUnprocessableEntity || read[refusal](w, a).Campo != tt.campo {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	for user, want := range map[string]int{"jefatura": 403, "auditor": 403, "denuncias": 403, "oirs": 201, "siac": 201} {
		if a := w.typeIn(user, typed(map[string]any{"text": "de " + user})); a.status != want {
			t.Errorf("%s: %d %s", user, a.status, a.body)
		}
	}
	if a := w.ask("POST", "/api/v1/tickets", "supervisor", typed(nil)); a.status != http.StatusBadRequest {
		t.Errorf("without a key: %d", a.status)
	}
	// Nobody knows when it was written: it counts from now.
	a := w.typeIn("supervisor", typed(map[string]any{"at": nil, "text": "Sin fecha"}))
	if got := read[struct {
		OpenedAt time.Time
		Term     struct{ Basis string }
	}](w, a); a.status != http.StatusCreated || !got.OpenedAt.Equal(noon()) || got.Term.Basis != "recibido" {
		t.Errorf("without a date: %d %s", a.status, a.body)
	}
}
