package desk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// planned gives a case that ejecutivo1 holds with a reply that waits a minute, and its message.
func (w *world) planned() (ticket.Ticket, outbox.Message) {
	w.Helper()
	t := w.held(classify.Consulta, "ejecutivo1")
	c, err := t.PlanReply(actor("ejecutivo1"), "Hola.", post.Public, w.clock().Add(time.Minute), w.clock())
	return w.must(c, err), c.Send[0]
}

func path(c ticket.Ticket, action string) string { return "/api/v1/tickets/" + c.ID + "/" + action }

// A request that cannot be understood is 400; one with a wrong value is 422 and names the field.
func TestWrite_Refusals(t *testing.T) {
	w := newWorld(t)
	c := w.held(classify.Consulta, "ejecutivo1")
	private := w.must(w.open(classify.Consulta, func(in *ticket.Opening) { in.Event.Kind = mention.DM }).Claim(actor("ejecutivo1"), w.clock()))
	elsewhere := w.must(w.open(classify.Consulta, func(in *ticket.Opening) { in.Event.Network = mention.LinkedIn }).Claim(actor("ejecutivo1"), w.clock()))
	good := fmt.Sprintf(`{"version":%d}`, c.Version)
	reply := func(text string) string {
		raw, err := json.Marshal(map[string]any{"version": c.Version, "visibility": "public", "text": text})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	tests := []struct {
		name, path, key, body string
		status                int
		campo                 string
	}{
		{"no key", path(c, "release"), "", good, 400, ""},
		{"a key too long", path(c, "release"), strings.Repeat("k", 201), good, 400, ""},
		{"no body", path(c, "release"), "k1", "", 400, ""},
		{"no JSON", path(c, "release"), "k2", "{", 400, ""},
		{"two documents", path(c, "release"), "k3", good + good, 400, ""},
		{"a list", path(c, "release"), "k4", "[]", 400, ""},
		{"a version of another type", path(c, "release"), "k5", `{"version":"2"}`, 400, ""},
		{"half a version", path(c, "release"), "k6", `{"version":2.5}`, 400, ""},
		{"too large", path(c, "reply"), "k7", `{"version":2,"text":"` + strings.Repeat("a", 64<<10) + `"}`, 400, ""},
		{"an action of nobody", path(c, "explotar"), "k8", good, 404, ""},
		{"no version", path(c, "release"), "k9", `{}`, 422, "version"},
		{"no version but null", path(c, "release"), "k10", `null`, 422, "version"},
		{"no text", path(c, "reply"), "k11", reply("  "), 422, "text"},
		{"too much text", path(c, "reply"), "k12", reply(strings.Repeat("ñ", 8001)), 422, "text"},
		{"control characters", path(c, "reply"), "k13", reply("a\x07b"), 422, "text"},
		{"a RUT", path(c, "reply"), "k14", reply("Tu RUT 11.111.111-1 está registrado."), 422, "text"},
		{"a telephone", path(c, "reply"), "k15", reply("Llámame al +56 9 1234 5678"), 422, "text"},
		{"an address of e-mail", path(c, "reply"), "k16", reply("Escribe a persona.ficticia@ejemplo.cl"), 422, "text"},
		{"no visibility", path(c, "reply"), "k17", fmt.Sprintf(`{"version":%d,"text":"Hola."}`, c.Version), 422, "visibility"},
		{"more than a private answer takes", path(c, "reply"), "k18", fmt.Sprintf(`{"version":%d,"text":%q,"visibility":"private"}`, c.Version, strings.Repeat("ñ", 2001)), 422, "text"},
		{"a visibility of nobody", path(c, "reply"), "k19", fmt.Sprintf(`{"version":%d,"text":"Hola.","visibility":"x"}`, c.Version), 422, "visibility"},
		{"in public to a private message", path(private, "reply"), "k20", fmt.Sprintf(`{"version":%d,"text":"Hola.","visibility":"public"}`, private.Version), 422, "visibility"},
		{"in private where there is no such thing", path(elsewhere, "reply"), "k21", fmt.Sprintf(`{"version":%d,"text":"Hola.","visibility":"private"}`, elsewhere.Version), 422, "visibility"},
		{"gone by", path(c, "reply"), "k22", fmt.Sprintf(`{"version":%d,"text":"Hola.","visibility":"public","sendAt":"2026-11-23T15:00:00Z"}`, c.Version), 422, "sendAt"},
		{"far ahead", path(c, "reply"), "k22b", fmt.Sprintf(`{"version":%d,"text":"Hola.","visibility":"public","sendAt":"2027-02-22T09:00:00Z"}`, c.Version), 422, "sendAt"},
		{"no such hour", path(c, "reply"), "k22c", fmt.Sprintf(`{"version":%d,"text":"Hola.","visibility":"public","sendAt":{"local":"2027-09-05T00:30","zone":"America/Santiago"}}`, c.Version), 422, "sendAt"},
		{"no date", path(c, "reply"), "k22d", fmt.Sprintf(`{"version":%d,"text":"Hola.","visibility":"public","sendAt":"mañana"}`, c.Version), 422, "sendAt"},
		{"a reply of nobody to cancel", path(c, "cancel"), "k22e", good, 422, "reply"},
		{"a reply of nobody to settle", path(c, "settle"), "k22f", good, 422, "reply"},
		{"a long time to undo", path(c, "reply"), "k23", fmt.Sprintf(`{"version":%d,"text":"Hola.","visibility":"public","undoSeconds":61}`, c.Version), 422, "undoSeconds"},
		{"a time to undo before now", path(c, "reply"), "k24", fmt.Sprintf(`{"version":%d,"text":"Hola.","visibility":"public","undoSeconds":-1}`, c.Version), 422, "undoSeconds"},
		{"a class of nobody", path(c, "classify"), "k25", fmt.Sprintf(`{"version":%d,"intent":"urgente"}`, c.Version), 422, "intent"},
		{"no class", path(c, "classify"), "k26", good, 422, "intent"},
	}
	before := c.Version
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var headers []string
			if tt.key != "" {
				headers = []string{"Idempotency-Key", tt.key}
			}
			a := w.ask("POST", tt.path, "ejecutivo1", tt.body, headers...)
			p := read[refusal](w, a)
			if a.status != tt.status || p.Campo != tt.campo || p.Status != tt.status || p.Title == "" || p.Detail == "" {
				t.Errorf("%d %s, want %d campo %q", a.status, a.body, tt.status, tt.campo)
			}
			if (p.Motivo != "") != (tt.status == 422) {
				t.Errorf("motivo %q", p.Motivo)
			}
		})
	}
	if got := w.ticket(c.ID).Version; got != before {
		t.Errorf("refused requests moved the case to version %d", got)
	}
}

// Taking a case out of reclamo needs a reason; the case is otherwise as it was.
func TestWrite_ReclassifyNeedsAReason(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Reclamo)
	a := w.act("supervisor", c.ID, "classify", map[string]any{"intent": "consulta"})
	if p := read[refusal](w, a); a.status != 422 || p.Campo != "reason" {
		t.Errorf("%d %s", a.status, a.body)
	}
	a = w.act("supervisor", c.ID, "classify", map[string]any{"intent": "consulta", "reason": "solo pregunta la fecha"})
	if v := read[view](w, a); a.status != 200 || v.Intent.Final != "consulta" || v.SIAC.State != "none" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if got := w.ticket(c.ID); got.DueDate != "2026-11-26" {
		t.Errorf("the term of a consulta is %s", got.DueDate)
	}
}

// What was asked for on an old view of the case is refused, with the case as it is now and who has it.
func TestWrite_Stale(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Consulta)
	w.must(c.Claim(actor("ejecutivo2"), w.clock()))
	a := w.ask("POST", path(c, "claim"), "ejecutivo1", `{"version":1}`, "Idempotency-Key", "k")
	p := read[refusal](w, a)
	if a.status != http.StatusConflict || p.Ticket == nil || p.Ticket.Version != 2 || p.Ticket.Assignee != "ejecutivo2" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if !strings.Contains(p.Detail, "Persona ejecutivo2") || !p.Ticket.Masked {
		t.Errorf("detail %q, masked %t", p.Detail, p.Ticket.Masked)
	}
	for _, version := range []int{-1, 0, 3, 1 << 40} {
		a := w.ask("POST", path(c, "claim"), "ejecutivo1", fmt.Sprintf(`{"version":%d}`, version), "Idempotency-Key", fmt.Sprint("k", version))
		if a.status != http.StatusConflict {
			t.Errorf("version %d: %d", version, a.status)
		}
	}
}

// An act that the case's state does not allow is a conflict too, with the case and a sentence.
func TestWrite_Conflicts(t *testing.T) {
	w := newWorld(t)
	waiting, closed := w.open(classify.Consulta), w.closed()
	filed := w.answered(classify.Reclamo)
	say := map[string]any{"visibility": "public", "text": "Hola."}
	for _, tt := range []struct {
		name, user, action string
		c                  ticket.Ticket
		fields             map[string]any
		status             int
	}{
		{"a reply to what nobody holds", "ejecutivo1", "reply", waiting, say, 409},
		{"a reply to another's case", "ejecutivo1", "reply", w.held(classify.Consulta, "ejecutivo2"), say, 403},
		{"a supervisor replies in another's name", "supervisor", "reply", w.held(classify.Consulta, "ejecutivo2"), say, 403},
		{"giving back another's case", "ejecutivo1", "release", w.held(classify.Consulta, "ejecutivo2"), nil, 403},
		{"closing another's case", "ejecutivo1", "close", w.held(classify.Felicitacion, "ejecutivo2"), nil, 403},
		{"classifying another's case", "ejecutivo1", "classify", w.held(classify.Consulta, "ejecutivo2"), map[string]any{"intent": "sugerencia"}, 403},
		{"escalating another's case", "ejecutivo1", "escalate", w.held(classify.Consulta, "ejecutivo2"), nil, 403},
		{"undoing what does not wait", "ejecutivo1", "undo", waiting, nil, 409},
		{"claiming what is held", "ejecutivo1", "claim", w.held(classify.Consulta, "ejecutivo2"), nil, 409},
		{"claiming what is closed", "ejecutivo1", "claim", closed, nil, 409},
		{"closing what is not answered", "ejecutivo1", "close", waiting, nil, 409},
		{"escalating what is filed", "supervisor", "escalate", filed, nil, 409},
		{"a word on the class of what is closed", "supervisor", "classify", closed, map[string]any{"intent": "consulta"}, 409},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := w.act(tt.user, tt.c.ID, tt.action, tt.fields)
			p := read[refusal](w, a)
			if a.status != tt.status || p.Detail == "" {
				t.Fatalf("%d %s, want %d", a.status, a.body, tt.status)
			}
			if fresh := p.Ticket != nil; fresh != (tt.status == 409) || fresh && p.Ticket.Version != tt.c.Version {
				t.Errorf("ticket in the answer: %+v", p.Ticket)
			}
			if got := w.ticket(tt.c.ID).Version; got != tt.c.Version {
				t.Errorf("the case moved to version %d", got)
			}
		})
	}
}

// Many take one case at once: one has it, all others are told who.
func TestWrite_OneClaims(t *testing.T) {
	const people = 12
	w := newWorld(t)
	c := w.open(classify.Consulta)
	var all sync.WaitGroup
	answers := make([]answer, people)
	for n := range people {
		user := []string{"ejecutivo1", "ejecutivo2", "supervisor"}[n%3]
		all.Go(func() {
			for {
				answers[n] = w.ask("POST", path(c, "claim"), user, `{"version":1}`, "Idempotency-Key", fmt.Sprint("k", n))
				if answers[n].status != http.StatusServiceUnavailable { // the store was busy: a person tries again
					return
				}
			}
		})
	}
	all.Wait()
	won := 0
	for _, a := range answers {
		switch a.status {
		case http.StatusOK:
			won++
		case http.StatusConflict:
			if p := read[refusal](w, a); p.Ticket == nil || p.Ticket.Assignee == "" {
				t.Errorf("a loser is not told who has it: %s", a.body)
			}
		default:
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if got := w.ticket(c.ID); won != 1 || got.Version != 2 || got.State != ticket.EnAnalisis {
		t.Errorf("%d won, version %d, %s", won, got.Version, got.State)
	}
}

// A whole answer: claimed, planned with time to undo, undone, planned again.
func TestWrite_Journey(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Reclamo)
	step := func(action string, fields map[string]any) view {
		t.Helper()
		a := w.act("ejecutivo1", c.ID, action, fields)
		if a.status != 200 {
			t.Fatalf("%s: %d %s", action, a.status, a.body)
		}
		return read[view](w, a)
	}
	if v := step("claim", nil); v.State != "en_analisis" || v.Assignee != "ejecutivo1" || v.Masked || v.Mentions[0].Text != personal {
		t.Errorf("claimed: %+v", v)
	}
	v := step("reply", map[string]any{"visibility": "public", "text": "Hola.", "undoSeconds": 10})
	if len(v.Replies) != 1 || v.Replies[0].State != "planned" || !v.May["undo"].Allowed || !v.May["undo"].Until.Equal(noon().Add(10*time.Second)) {
		t.Errorf("planned: %+v", v)
	}
	if v := step("undo", nil); v.Replies[0].State != "cancelled" || v.SIAC.State != "pending" {
		t.Errorf("undone: %+v", v)
	}
	if v := step("undo", nil); v.SIAC.State != "none" {
		t.Errorf("undone once more, the filing: %+v", v)
	}
	if v := step("reply", map[string]any{"visibility": "public", "text": "Hola otra vez.", "sendAt": nil}); len(v.Replies) != 2 || v.Replies[1].State != "planned" {
		t.Errorf("planned again: %+v", v)
	}
	if v := step("release", nil); v.State != "ingresado" || v.Assignee != "" {
		t.Errorf("given back: %+v", v)
	}
	got := read[view](w, w.ask("GET", "/api/v1/tickets/"+c.ID, "supervisor", ""))
	var kinds []string
	for _, e := range got.Events {
		kinds = append(kinds, e.Kind)
	}
	want := []string{"ticket.opened", "ticket.claimed", "reply.planned", "reply.cancelled", "siac.undone", "reply.planned", "ticket.released"}
	if !slices.Equal(kinds, want) {
		t.Errorf("history = %v, want %v", kinds, want)
	}
}

// The reply is on its way: undo must not fall through to the filing, which the person did not mean.
func TestWrite_UndoOfAReplyOnItsWay(t *testing.T) {
	w := newWorld(t)
	c := w.held(classify.Reclamo, "ejecutivo1")
	plan, err := c.PlanReply(actor("ejecutivo1"), "Hola.", post.Public, w.clock(), w.clock())
	c = w.must(plan, err)
	ref := plan.Send[0].Ref()
	if err := w.store.Commit(t.Context(), ticket.Change{Claim: &ref, ClaimAt: w.clock()}); err != nil {
		t.Fatal(err)
	}
	if v := read[view](w, w.ask("GET", "/api/v1/tickets/"+c.ID, "ejecutivo1", "")); v.Replies[0].State != "claimed" || v.May["undo"].Allowed {
		t.Errorf("shown as %+v, undo %+v", v.Replies, v.May["undo"])
	}
	a := w.act("ejecutivo1", c.ID, "undo", nil)
	if got := w.ticket(c.ID); a.status != 409 || got.SIAC.State != ticket.Pending {
		t.Errorf("undo answers %d, and the filing is %s: %s", a.status, got.SIAC.State, a.body)
	}
}

// The store is busy: the same click again does what the first one could not.
func TestWrite_BusyStore(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Consulta)
	w.store.set(func(ticket.Change) error { return fault.New(fault.Transient, "test", nil) })
	a := w.ask("POST", path(c, "claim"), "ejecutivo1", `{"version":1}`, "Idempotency-Key", "k")
	w.store.set(nil)
	if a.status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := w.ask("POST", path(c, "claim"), "ejecutivo1", `{"version":1}`, "Idempotency-Key", "k"); a.status != 200 {
		t.Errorf("again: %d %s", a.status, a.body)
	}
}
