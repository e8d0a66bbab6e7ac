package desk_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// message opens a case of a message on n, an hour old, that ejecutivo1 holds.
func (w *world) message(n mention.Network) ticket.Ticket {
	w.Helper()
	return w.must(w.open(classify.Consulta, func(in *ticket.Opening) {
		in.Event.Network, in.Event.Kind, in.Event.Recipient = n, mention.DM, "s1.persona-sellada"
	}).Claim(actor("ejecutivo1"), w.clock()))
}

// A message is answered in private: planned for the person, with the end of its window; what is personal may be in it.
func TestAnswer_InPrivate(t *testing.T) {
	w := newWorld(t)
	c := w.message(mention.WhatsApp)
	may := read[view](w, w.ask("GET", "/api/v1/tickets/"+c.ID, "ejecutivo1", "")).May["reply"]
	until := w.clock().Add(23 * time.Hour)
	if !may.Allowed || may.Limit != 4096 || may.Unit != post.Characters || !may.Until.Equal(until) || may.Public.Allowed || may.Public.Why == "" {
		t.Fatalf("may reply: %+v, public %+v", may, may.Public)
	}
	a := w.act("ejecutivo1", c.ID, "reply", map[string]any{"visibility": "private", "text": "Tu correo persona.ficticia@ejemplo.cl está registrado."})
	if v := read[view](w, a); a.status != 200 || len(v.Replies) != 1 || v.Replies[0].State != "planned" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if strings.Contains(string(a.body), "persona-sellada") {
		t.Error("the answer shows whom it goes to")
	}
	story, err := w.store.Story(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	r := story.Replies[0]
	if r.Visibility != post.Private || r.Recipient != "s1.persona-sellada" || !r.Until.Equal(until) {
		t.Errorf("planned %+v", r)
	}
}

// When the window is over nothing may be sent, and the person is told what to do instead.
func TestAnswer_WindowIsOver(t *testing.T) {
	w := newWorld(t)
	c := w.message(mention.Instagram)
	w.pass(23 * time.Hour)
	a := w.act("ejecutivo1", c.ID, "reply", map[string]any{"visibility": "private", "text": "Hola."})
	p := read[refusal](w, a)
	if a.status != 422 || p.Campo != "visibility" || !strings.Contains(p.Motivo, "24 horas") {
		t.Errorf("%d %s", a.status, a.body)
	}
	may := read[view](w, w.ask("GET", "/api/v1/tickets/"+c.ID, "ejecutivo1", "")).May["reply"]
	if may.Allowed || may.Private.Allowed || !strings.Contains(may.Private.Why, "24 horas") {
		t.Errorf("may reply: %+v, private %+v", may, may.Private)
	}
}

// A comment takes one private answer; the second is refused until the person writes again, and the public one stays.
func TestAnswer_OncePerComment(t *testing.T) {
	w := newWorld(t)
	c := w.held(classify.Consulta, "ejecutivo1")
	private := map[string]any{"visibility": "private", "text": "Hola."}
	if a := w.act("ejecutivo1", c.ID, "reply", private); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a := w.act("ejecutivo1", c.ID, "reply", private)
	if p := read[refusal](w, a); a.status != 422 || p.Campo != "visibility" || !strings.Contains(p.Motivo, "una sola vez") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := w.act("ejecutivo1", c.ID, "undo", nil); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := w.act("ejecutivo1", c.ID, "reply", private); a.status != 200 {
		t.Errorf("after undoing: %d %s", a.status, a.body)
	}
	if a := w.act("ejecutivo1", c.ID, "reply", map[string]any{"visibility": "public", "text": "Te escribimos."}); a.status != 200 {
		t.Errorf("in public: %d %s", a.status, a.body)
	}
}

// The document names the units there are.
func TestAnswer_UnitsInTheDocument(t *testing.T) {
	w := newWorld(t)
	named, err := json.Marshal(w.spec.Components.Schemas["Unit"]["enum"])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range post.Rules() {
		if r.None == "" && !strings.Contains(string(named), `"`+string(r.Unit)+`"`) {
			t.Errorf("unit %q is not in %s", r.Unit, named)
		}
	}
}
