package main_test

import (
	"strings"
	"testing"
)

// letter is one e-mail in the simulator's mailbox.
type letter struct{ To, From, Subject, Text string }

// mail gives what was notified to whom.
func (w *whole) mail() []letter {
	w.t.Helper()
	var out []letter
	if status := w.ask("GET", w.sim+"/sim/mail", nil, &out); status != 200 {
		w.t.Fatalf("mail: %d", status)
	}
	return out
}

// What the network refuses for good waits for a person, and the person is told by e-mail: once, and without a word of
// the citizen's or of our answer.
func TestNotice(t *testing.T) {
	w := start(t)
	// A consulta stays with us: no filing moves its version while the letter travels.
	const said, answer = "¿Puedo postular al subsidio estando contratada a honorarios?", "Hola. Necesitas contrato indefinido."
	w.set("whatsapp/messages", anything{"author": "56900000007", "name": "Persona Ficticia Rojas", "text": said, "kind": "dm"}, nil)
	other := w.write("comment", "Persona Ficticia Soto", "¿Cuándo abren las postulaciones?")
	c := w.must("ejecutivo1", w.opened("whatsapp", "dm", said), "claim", nil)
	w.set("faults", anything{"target": "whatsapp", "mode": "status_failed", "rate": 1, "count": 1}, nil)
	c = w.must("ejecutivo1", c, "reply", map[string]any{"visibility": "private", "text": answer})
	w.until("the refusal", func() bool { return w.get("ejecutivo1", c.ID).Replies[0].State == "refused" })
	if !w.attention()[c.ID] {
		t.Error("refused, and nobody is shown it")
	}
	refused := w.get("ejecutivo1", c.ID).Version
	w.until("the letter", func() bool { return len(w.mail()) > 0 })

	// A reply of another case goes on meanwhile, and raises nothing.
	d := w.must("ejecutivo1", w.find("ejecutivo1", other), "claim", nil)
	d = w.must("ejecutivo1", d, "reply", map[string]any{"visibility": "public", "text": "Hola. Abren en marzo."})
	w.until("the other reply", func() bool { return w.get("ejecutivo1", d.ID).Replies[0].State == "sent" })

	// Half an hour of ticks, queues and sweeps later nothing more has come.
	var tick struct{ Drained bool }
	if status := w.ask("POST", w.base+"/local/tick", map[string]string{"at": nowPlus(w, 1800)}, &tick); status != 200 || !tick.Drained {
		t.Fatalf("tick: %d drained %v", status, tick.Drained)
	}
	letters := w.mail()
	if len(letters) != 1 {
		t.Fatalf("%d letters, want 1: %+v", len(letters), letters)
	}
	l := letters[0]
	if l.To != "supervisor@sence.example" || l.From != "gestor@sence.example" {
		t.Errorf("from %s to %s", l.From, l.To)
	}
	link := w.base + "/casos/" + c.ID
	for _, needed := range []string{c.Number, "La red rechazó la respuesta", "WhatsApp", link + "\n"} {
		if !strings.Contains(l.Subject+"\n"+l.Text, needed) {
			t.Errorf("the letter does not say %q:\n%s", needed, l.Text)
		}
	}
	for _, word := range append(strings.Fields(said+" "+answer), "Rojas", "Ficticia") {
		if len(word) > 5 && strings.Contains(l.Subject+l.Text, word) {
			t.Errorf("the letter holds %q:\n%s", word, l.Text)
		}
	}
	if status := w.ask("GET", link, nil, nil); status != 200 {
		t.Errorf("the letter's link: %d", status)
	}
	if got := w.get("ejecutivo1", c.ID).Version; got != refused {
		t.Errorf("the letter moved the case from version %d to %d", refused, got)
	}

	// Who replies again has looked: the matter is settled.
	c = w.insist("ejecutivo1", c.ID, "reply", map[string]any{"visibility": "private", "text": answer})
	w.until("the second reply", func() bool { return w.get("ejecutivo1", c.ID).Replies[1].State == "sent" })
	if w.attention()[c.ID] {
		t.Error("replied again, and the old refusal still waits for a person")
	}
}
