package desk_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// Who does not answer for denuncias cannot tell one from a case that does not exist, whatever is asked.
func TestDenuncia_IsNotThere(t *testing.T) {
	w := newWorld(t)
	secret := w.open(classify.Denuncia)
	folio := w.answered(classify.Reclamo) // filed, and then found to be a denuncia
	raised, err := folio.Classify(actor("supervisor"), ticket.Correction{Intent: classify.Denuncia, Reason: "es una denuncia", DueDate: folio.DueDate, DueAt: folio.DueAt}, ticket.DefaultPolicy(), w.clock())
	folio = w.must(raised, err)
	for range 3 {
		w.open(classify.Consulta)
	}
	for _, user := range []string{"ejecutivo1", "supervisor", "datos", "auditor"} {
		for _, c := range []ticket.Ticket{secret, folio} {
			same(t, user+" get", w.ask("GET", "/api/v1/tickets/"+c.ID, user, ""), w.ask("GET", "/api/v1/tickets/01NADIE", user, ""))
			body := `{"version":1,"intent":"consulta","reason":"quiero verlo","text":"Hola.","visibility":"public"}`
			for _, action := range []string{"claim", "release", "reply", "escalate", "undo", "classify", "close"} {
				same(t, user+" "+action,
					w.ask("POST", "/api/v1/tickets/"+c.ID+"/"+action, user, body, "Idempotency-Key", w.key()),
					w.ask("POST", "/api/v1/tickets/01NADIE/"+action, user, body, "Idempotency-Key", w.key()))
			}
			for name, absent := range map[string]string{c.Number: "RS-2026-9999999-1", strings.ToLower(c.Number): "rs-2026-9999999-1", c.SIAC.Folio: "F-de-nadie", c.First: "7_nadie", " " + c.Number: " RS-2026-9999999-1"} {
				if name == "" {
					continue
				}
				for _, more := range []string{"", "&view=all&limit=1", "&state=ingresado"} {
					same(t, user+" search "+more,
						w.ask("GET", "/api/v1/tickets?q="+url.QueryEscape(name)+more, user, ""),
						w.ask("GET", "/api/v1/tickets?q="+url.QueryEscape(absent)+more, user, ""))
				}
			}
		}
		for _, query := range []string{"", "view=all", "view=mine", "state=ingresado", "state=reabierto", "state=respondido", "intent=denuncia", "view=all&intent=denuncia&limit=200"} {
			a := w.ask("GET", "/api/v1/tickets?"+query, user, "")
			if a.status != 200 || bytes.Contains(a.body, []byte(secret.ID)) || bytes.Contains(a.body, []byte(folio.ID)) {
				t.Errorf("%s %s: %d shows a denuncia", user, query, a.status)
			}
		}
		if a := w.ask("GET", "/api/v1/tickets?view=restricted", user, ""); a.status != 403 {
			t.Errorf("%s sees the restricted queue: %d", user, a.status)
		}
	}
	if got := w.ticket(secret.ID); got.Version != 1 {
		t.Errorf("somebody moved the denuncia to version %d", got.Version)
	}
}

// same compares two answers to the byte. A cursor would tell, too.
func same(t *testing.T, what string, got, absent answer) {
	t.Helper()
	if got.status != absent.status || !bytes.Equal(got.body, absent.body) {
		t.Errorf("%s: %d %s, and of what does not exist %d %s", what, got.status, got.body, absent.status, absent.body)
	}
}

// With more cases than one page looks through, a search says that it goes on: also then nothing tells.
func TestDenuncia_SearchInALongQueue(t *testing.T) {
	w := newWorld(t)
	secret := w.open(classify.Denuncia)
	w.store.short = true
	for _, more := range []string{"", "&view=all", "&view=mine"} {
		same(t, "search"+more,
			w.ask("GET", "/api/v1/tickets?q="+secret.Number+more, "supervisor", ""),
			w.ask("GET", "/api/v1/tickets?q=RS-2026-9999999-1"+more, "supervisor", ""))
	}
}

// Who answers for denuncias finds them in a queue of their own, by default, and works them.
func TestDenuncia_TheirOwnQueue(t *testing.T) {
	w := newWorld(t)
	secret, other := w.open(classify.Denuncia), w.open(classify.Consulta)
	find := func(query string) []string {
		return read[list](w, w.ask("GET", "/api/v1/tickets?"+query, "denuncias", "")).ids()
	}
	for query, want := range map[string]string{
		"": secret.ID, "view=restricted": secret.ID, "view=waiting": secret.ID, "view=all": secret.ID, "state=ingresado": secret.ID,
		"q=" + secret.Number: secret.ID, "view=mine": "", "q=" + other.Number: "", "view=all&q=" + other.Number: "", "intent=consulta": "",
	} {
		if got := strings.Join(find(query), " "); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	if a := w.act("denuncias", secret.ID, "claim", nil); a.status != 200 {
		t.Fatalf("claim: %d %s", a.status, a.body)
	}
	if got := find("view=mine"); len(got) != 1 || got[0] != secret.ID {
		t.Errorf("mine: %v", got)
	}
	v := read[view](w, w.ask("GET", "/api/v1/tickets/"+secret.ID, "denuncias", ""))
	if v.Masked || v.SIAC.State != "not_applicable" || v.May["reply"].Allowed || v.May["escalate"].Allowed {
		t.Errorf("the denuncia: %+v", v)
	}
	if a := w.act("denuncias", secret.ID, "reply", map[string]any{"visibility": "public", "text": "Hola."}); a.status != 403 {
		t.Errorf("a denuncia answered in public: %d", a.status)
	}
	if a := w.act("denuncias", secret.ID, "close", map[string]any{"reason": "por su canal"}); a.status != 200 {
		t.Errorf("close: %d %s", a.status, a.body)
	}
}

// A person says that the case they hold is a denuncia: it leaves their hands, and its pending filing does not happen.
func TestDenuncia_ByClassification(t *testing.T) {
	w := newWorld(t)
	c := w.held(classify.Consulta, "ejecutivo1")
	a := w.act("ejecutivo1", c.ID, "classify", map[string]any{"intent": "denuncia"})
	if v := read[view](w, a); a.status != 200 || v.State != "ingresado" || v.Assignee != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := w.ask("GET", "/api/v1/tickets/"+c.ID, "ejecutivo1", ""); a.status != 404 {
		t.Errorf("who held it still sees it: %d", a.status)
	}
	if l := read[list](w, w.ask("GET", "/api/v1/tickets", "denuncias", "")); len(l.Items) != 1 || l.Items[0].ID != c.ID {
		t.Errorf("the restricted queue: %v", l.ids())
	}
	if a := w.act("denuncias", c.ID, "claim", nil); a.status != 200 {
		t.Errorf("claim: %d %s", a.status, a.body)
	}
	reclamo := w.open(classify.Reclamo)
	if a := w.act("supervisor", reclamo.ID, "classify", map[string]any{"intent": "denuncia", "reason": "acusa a un OTEC"}); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if _, _, found, err := w.store.Message(t.Context(), outbox.Ref{Ticket: reclamo.ID, ID: reclamo.SIAC.Message}); err != nil || found {
		t.Errorf("the filing of a denuncia still waits: %t, %v", found, err)
	}
}

// Personal data in a citizen's words is hidden from who does not hold the case, in the case and in every list.
func TestMasking(t *testing.T) {
	w := newWorld(t)
	c := w.held(classify.Consulta, "ejecutivo1")
	for _, user := range []string{"ejecutivo2", "jefatura", "datos", "auditor"} {
		a := w.ask("GET", "/api/v1/tickets/"+c.ID, user, "")
		v := read[view](w, a)
		if !v.Masked || bytes.Contains(a.body, []byte("11.111.111-1")) || !strings.Contains(v.Mentions[0].Text, "¿Cuándo pagan?") {
			t.Errorf("%s reads %q, masked %t", user, v.Mentions[0].Text, v.Masked)
		}
	}
	if v := read[view](w, w.ask("GET", "/api/v1/tickets/"+c.ID, "ejecutivo1", "")); v.Masked || v.Mentions[0].Text != personal {
		t.Errorf("who holds it reads %q", v.Mentions[0].Text)
	}
	for _, user := range []string{"ejecutivo1", "supervisor", "siac"} { // lists show a preview, masked for everybody
		a := w.ask("GET", "/api/v1/tickets?view=all", user, "")
		var page struct{ Items []json.RawMessage }
		if err := json.Unmarshal(a.body, &page); err != nil || len(page.Items) != 1 || bytes.Contains(a.body, []byte("11.111.111-1")) {
			t.Errorf("%s: %s", user, a.body)
		}
	}
}
