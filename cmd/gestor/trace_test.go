package main_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// line is one line of a function's log, as far as the test looks.
type line struct {
	Function string   `json:"function"`
	Msg      string   `json:"msg"`
	Unit     string   `json:"unit"`
	Trace    string   `json:"trace"`
	Tickets  []string `json:"tickets"`
}

// logged gives the functions' lines so far.
func (w *whole) logged() []line {
	w.t.Helper()
	f, err := os.Open(filepath.Join(w.data, "functions.log"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var all []line
	for lines := bufio.NewScanner(f); lines.Scan(); {
		text := lines.Text()
		at := strings.Index(text, "{")
		var l line
		if at >= 0 && json.Unmarshal([]byte(text[at:]), &l) == nil && l.Msg == "unit" {
			all = append(all, l)
		}
	}
	return all
}

// Whoever has a folio finds all that led to it: the case's id leads to the request the delivery came with, and that request
// to every function that worked on it. No line says who wrote or what.
func TestTrace_FromWebhookToFolio(t *testing.T) {
	w := start(t, "GESTOR_ESCALATE_UNDO=1s")
	mention := w.write("comment", "Persona Ficticia Rastro", "Llevo tres meses esperando el pago del subsidio y nadie responde, exijo una solución")
	c := w.find("ejecutivo1", mention)
	w.until("the folio", func() bool { return w.get("ejecutivo1", c.ID).SIAC.Folio != "" })
	want := []string{"webhook", "intake", "relay", "tick", "escalate"}
	var trace string
	found := func() bool {
		for _, l := range w.logged() {
			if l.Function == "escalate" && slices.Contains(l.Tickets, c.ID) {
				trace = l.Trace
			}
		}
		return trace != ""
	}
	w.until("escalate's line", found)
	on := map[string]bool{}
	for _, l := range w.logged() {
		if l.Trace == trace {
			on[l.Function] = true
		}
	}
	for _, function := range want {
		if !on[function] {
			t.Errorf("no line of %s under the trace of the folio", function)
		}
	}
	raw, err := os.ReadFile(filepath.Join(w.data, "functions.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Ficticia Rastro", "tres meses esperando"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("the log says %q", secret)
		}
	}
}
