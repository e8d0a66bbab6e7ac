package main_test

import (
	"testing"
)

// One complaint travels the whole way: comment in the simulator, case, claim, published reply, one folio.
func TestJourney(t *testing.T) {
	w := start(t, "GESTOR_ESCALATE_UNDO=2s")
	mention := w.write("comment", "Persona Ficticia Rojas", "Llevo tres meses esperando el pago del subsidio y nadie responde, exijo una solución")
	c := w.find("ejecutivo1", mention)
	if c.Intent.Final != "reclamo" || c.State != "ingresado" {
		t.Errorf("the case is %s in state %s", c.Intent.Final, c.State)
	}
	w.until("the folio", func() bool { return w.get("ejecutivo1", c.ID).SIAC.State == "filed" })
	c = w.insist("ejecutivo1", c.ID, "claim", nil)
	if c.State != "en_analisis" || c.Assignee != "ejecutivo1" {
		t.Errorf("after the claim: %s held by %s", c.State, c.Assignee)
	}
	c = w.must("ejecutivo1", c, "reply", map[string]any{"visibility": "public", "text": "Hola. Recibimos tu reclamo y lo estamos revisando."})
	if len(c.Replies) != 1 || c.Replies[0].State != "planned" {
		t.Fatalf("after the reply: %+v", c.Replies)
	}
	w.until("the published reply", func() bool { return w.get("ejecutivo1", c.ID).Replies[0].State == "sent" })
	c = w.get("ejecutivo1", c.ID)
	if c.State != "respondido" || c.Replies[0].RemoteID == "" {
		t.Errorf("after publishing: %s, remote id %q", c.State, c.Replies[0].RemoteID)
	}
	if got := w.said()[mention]; len(got) != 1 || got[0] != "Hola. Recibimos tu reclamo y lo estamos revisando." {
		t.Errorf("published under the comment: %q", got)
	}
	if got := w.folios()[c.Number]; len(got) != 1 || got[0] != c.SIAC.Folio {
		t.Errorf("SIAC has %q for %s, the case says %q", got, c.Number, c.SIAC.Folio)
	}
	rule := ""
	for _, e := range c.Events {
		if e.Kind == "ticket.opened" {
			rule = e.Facts["rule"]
		}
	}
	if rule != "E-1" {
		t.Errorf("the history names rule %q, want E-1", rule)
	}
}

// Undone within its time, nothing reaches SIAC, however long one waits.
func TestUndo(t *testing.T) {
	w := start(t, "GESTOR_ESCALATE_UNDO=10m")
	mention := w.write("comment", "Persona Ficticia Soto", "Llevo tres meses esperando el pago del subsidio y nadie responde, exijo una solución")
	c := w.find("ejecutivo1", mention)
	if c.SIAC.State != "pending" {
		t.Fatalf("SIAC is %s", c.SIAC.State)
	}
	c = w.must("ejecutivo1", c, "undo", nil)
	if c.SIAC.State != "none" {
		t.Errorf("after undoing: %s", c.SIAC.State)
	}
	left := w.write("comment", "Persona Ficticia Vera", "Me rechazaron el bono sin explicación, es una vergüenza, quiero reclamar")
	other := w.find("ejecutivo1", left)
	var tick struct{ Drained bool }
	later := nowPlus(w, 3600)
	if status := w.ask("POST", w.base+"/local/tick", map[string]string{"at": later}, &tick); status != 200 || !tick.Drained {
		t.Fatalf("tick: %d drained %v", status, tick.Drained)
	}
	w.until("the folio of the case left alone", func() bool { return len(w.folios()[other.Number]) == 1 })
	if got := w.folios()[c.Number]; len(got) != 0 {
		t.Errorf("undone, yet SIAC has %q", got)
	}
}
