package desk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// sampled numbers what is opened so that its mention is, or is not, of the blind audit.
func (w *world) sampled(blind bool, with ...func(*ticket.Opening)) func(*ticket.Opening) {
	return func(in *ticket.Opening) {
		for i := 0; ticket.Blind(in.Event.Key) != blind; i++ {
			in.Event.Key = fmt.Sprintf("%s_%d", w.key(), i)
		}
		for _, f := range with {
			f(in)
		}
	}
}

// unsure makes the model's first class so likely and its second one the rest.
func unsure(first float64) func(*ticket.Opening) {
	return func(in *ticket.Opening) {
		in.Class.Probabilities = map[classify.Intent]float64{in.Class.Intent: first, classify.Spam: 1 - first}
	}
}

// waits is the part of the tray the tests look at.
type waits struct{ Mention, Kind, Network, Text string }

func (w *world) tray(user string) []waits {
	w.Helper()
	return read[struct{ Items []waits }](w, w.ask("GET", "/api/v1/labelling", user, "")).Items
}

const someLabel = `{"intent":"reclamo","urgency":"alta"}`

func (w *world) label(user, mention, body string) answer {
	w.Helper()
	return w.ask("POST", "/api/v1/labelling/"+mention, user, body, "Idempotency-Key", w.key())
}

// Whoever may take a case out of a class labels; nobody else sees the tray or writes into it.
func TestLabelling_Roles(t *testing.T) {
	w := newWorld(t)
	w.open(classify.Consulta, w.sampled(true))
	at := w.tray("supervisor")[0].Mention
	for user, role := range roles() {
		want := ticket.Allowed(ticket.Actor{Roles: []ticket.Role{role}}, ticket.CanReclassify)
		if got := w.ask("GET", "/api/v1/labelling", user, "").status == http.StatusOK; got != want {
			t.Errorf("%s sees the tray: %t, want %t", user, got, want)
		}
		if want {
			continue
		}
		for _, path := range []string{at, at + "/undo"} {
			if a := w.label(user, path, someLabel); a.status != http.StatusForbidden {
				t.Errorf("%s writes %s: %d", user, path, a.status)
			}
		}
	}
}

// The tray shows the words without anybody's data, and nothing of what the model said: no field, no order, no number of the case.
func TestLabelling_TellsNothing(t *testing.T) {
	w := newWorld(t)
	for _, class := range []classify.Intent{classify.Consulta, classify.Felicitacion, classify.Reclamo} {
		w.open(class, w.sampled(true, func(in *ticket.Opening) { in.Event.Text = personal + " @juanito" }))
		w.open(class, w.sampled(false, unsure(0.4)))
	}
	a := w.ask("GET", "/api/v1/labelling", "supervisor", "")
	var shown struct{ Items []map[string]any }
	if err := json.Unmarshal(a.body, &shown); err != nil || len(shown.Items) != 6 {
		t.Fatalf("%d items, %v", len(shown.Items), err)
	}
	for _, one := range shown.Items {
		for field := range one {
			switch field {
			case "mention", "kind", "network", "public", "text":
			default:
				t.Errorf("the tray tells %s", field)
			}
		}
		word := fmt.Sprint(one["mention"])
		labelled := w.label("supervisor", word, `{"intent":"sugerencia","urgency":"baja"}`)
		again := w.label("siac", word, `{"intent":"sugerencia","urgency":"baja"}`)
		for _, body := range []string{string(labelled.body), string(again.body), string(w.label("supervisor", word+"/undo", "{}").body)} {
			for _, leak := range []string{"consulta", "felicitacion", "reclamo", "lineal-1", "model", "margin\":0", "RS-2026"} {
				if strings.Contains(body, leak) {
					t.Errorf("%s is in %s", leak, body)
				}
			}
		}
	}
	for _, leak := range []string{"11.111.111", "juanito", "consulta", "felicitacion", "reclamo", "denuncia", "lineal-1", "RS-2026", "Persona Ficticia"} {
		if strings.Contains(string(a.body), leak) {
			t.Errorf("%q is in the tray", leak)
		}
	}
}

// Of the blind audit everything waits, the oldest first; of the rest of the last day only what the model was least sure of.
func TestLabelling_WhatWaits(t *testing.T) {
	w := newWorld(t)
	put := func(name string, blind bool, sure float64, ago time.Duration) {
		w.open(classify.Consulta, w.sampled(blind, unsure(sure), func(in *ticket.Opening) { in.Event.Text, in.Event.At = name, w.clock().Add(-ago) }))
	}
	put("segunda", true, 0.99, 2*time.Hour)
	put("primera", true, 0.6, 20*24*time.Hour)
	put("vieja", true, 0.6, 31*24*time.Hour)
	put("dudosa de ayer", false, 0.5, 25*time.Hour)
	for i := range 22 {
		put(fmt.Sprintf("dudosa %02d", i), false, 0.5+float64(21-i)/50, time.Hour)
	}
	var got []string
	for _, one := range w.tray("supervisor") {
		got = append(got, one.Kind+" "+one.Text)
	}
	want := []string{"blind primera", "blind segunda"}
	for i := 21; i >= 2; i-- {
		want = append(want, fmt.Sprintf("margin dudosa %02d", i))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("waits\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	first := w.tray("supervisor")[2].Mention
	if a := w.label("supervisor", first, someLabel); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if left := len(w.tray("siac")); left != 21 {
		t.Errorf("%d wait after one was labelled, want 21: the day has twenty and no more", left)
	}
}

// A label is given once, by who has not seen what the model said, and can be taken back for ten minutes.
func TestLabelling_Once(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Consulta, w.sampled(true))
	at := w.tray("supervisor")[0].Mention
	key := w.key()
	first := w.ask("POST", "/api/v1/labelling/"+at, "supervisor", someLabel, "Idempotency-Key", key)
	again := w.ask("POST", "/api/v1/labelling/"+at, "supervisor", someLabel, "Idempotency-Key", key)
	if first.status != http.StatusCreated || string(first.body) != string(again.body) {
		t.Errorf("%d %s, again %s", first.status, first.body, again.body)
	}
	post := func(user, word, body string, headers ...string) func() answer {
		return func() answer { return w.ask("POST", "/api/v1/labelling/"+word, user, body, headers...) }
	}
	fresh := func(user, word, body string) func() answer { return func() answer { return w.label(user, word, body) } }
	for _, step := range []struct {
		name string
		do   func() answer
		want int
	}{
		{"another body", post("supervisor", at, `{"intent":"spam","urgency":"baja"}`, "Idempotency-Key", key), http.StatusUnprocessableEntity},
		{"without key", post("supervisor", at, someLabel), http.StatusBadRequest},
		{"no JSON", fresh("supervisor", at, "{"), http.StatusBadRequest},
		{"somebody else", fresh("siac", at, someLabel), http.StatusConflict},
		{"not theirs", fresh("siac", at+"/undo", "{}"), http.StatusNotFound},
		{"no such word", fresh("siac", "nada", someLabel), http.StatusNotFound},
		{"no such case", fresh("siac", "YmxpbmR8MDFOQURBfDFfMg", someLabel), http.StatusNotFound},
		{"no such class", fresh("siac", w.another(true), `{"intent":"queja","urgency":"alta"}`), http.StatusUnprocessableEntity},
		{"no urgency", fresh("siac", w.another(true), `{"intent":"reclamo"}`), http.StatusUnprocessableEntity},
		{"taken back", fresh("supervisor", at+"/undo", "{}"), http.StatusOK},
		{"taken back twice", fresh("supervisor", at+"/undo", "{}"), http.StatusNotFound},
		{"given by another", fresh("siac", at, someLabel), http.StatusCreated},
	} {
		if a := step.do(); a.status != step.want {
			t.Errorf("%s: %d %s, want %d", step.name, a.status, a.body, step.want)
		}
	}
	w.pass(10*time.Minute + time.Second)
	if a := w.label("siac", at+"/undo", "{}"); a.status != http.StatusConflict {
		t.Errorf("taken back too late: %d", a.status)
	}
	if w.ticket(c.ID).Version != c.Version {
		t.Error("a label moves its case")
	}
}

// another opens one more case of the audit and gives the word of its mention.
func (w *world) another(blind bool) string {
	w.Helper()
	w.open(classify.Consulta, w.sampled(blind))
	items := w.tray("supervisor")
	return items[len(items)-1].Mention
}

// Who held a case, or gave it a class, does not label it blindly; others do.
func TestLabelling_WhoHasSeenIt(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Consulta, w.sampled(true))
	at := w.tray("supervisor")[0].Mention
	w.act("supervisor", c.ID, "classify", map[string]any{"intent": "sugerencia"})
	if left := w.tray("supervisor"); len(left) != 0 {
		t.Errorf("who decided its class is asked about it: %v", left)
	}
	if a := w.label("supervisor", at, someLabel); a.status != http.StatusForbidden {
		t.Errorf("labels it: %d", a.status)
	}
	if a := w.label("siac", at, someLabel); a.status != http.StatusCreated {
		t.Errorf("somebody else: %d %s", a.status, a.body)
	}
}

// A mention of what is, or was, a denuncia waits for those alone who may read denuncias, and they are asked about nothing else.
func TestLabelling_Denuncias(t *testing.T) {
	w := newWorld(t)
	w.open(classify.Denuncia, w.sampled(true))
	w.open(classify.Consulta, w.sampled(true))
	was := w.open(classify.Consulta, w.sampled(true))
	w.act("jefatura", was.ID, "classify", map[string]any{"intent": "denuncia"})
	w.act("denuncias", was.ID, "classify", map[string]any{"intent": "consulta", "reason": "solo pregunta"})
	if got := len(w.tray("supervisor")); got != 1 {
		t.Errorf("supervisor is asked about %d, want 1", got)
	}
	theirs := w.tray("denuncias")
	if len(theirs) != 1 { // they decided the class of the other
		t.Fatalf("denuncias is asked about %d, want 1", len(theirs))
	}
	if a := w.label("supervisor", theirs[0].Mention, someLabel); a.status != http.StatusNotFound {
		t.Errorf("who may not know of it: %d %s", a.status, a.body)
	}
	if a := w.label("denuncias", theirs[0].Mention, someLabel); a.status != http.StatusCreated {
		t.Errorf("who answers for it: %d %s", a.status, a.body)
	}
}

// Two people who label the same mention at once: one does, the other is told.
func TestLabelling_AtOnce(t *testing.T) {
	w := newWorld(t)
	at := w.another(true)
	w.store.set(func(c ticket.Change) error {
		if c.Label == nil || c.Label.By != "supervisor" {
			return nil
		}
		w.store.set(nil)
		if a := w.label("siac", at, someLabel); a.status != http.StatusCreated {
			t.Errorf("the faster: %d", a.status)
		}
		return nil
	})
	a := w.label("supervisor", at, someLabel)
	if p := read[refusal](w, a); a.status != http.StatusConflict || p.Detail != "Otra persona ya revisó este mensaje." {
		t.Errorf("the slower: %d %s", a.status, a.body)
	}
	next := w.another(true)
	w.store.set(func(ticket.Change) error { return fault.New(fault.Transient, "x", nil) })
	if a := w.label("supervisor", next, someLabel); a.status != http.StatusServiceUnavailable {
		t.Errorf("with the store busy: %d", a.status)
	}
}

// What LinkedIn lets nobody keep is not asked about once its time is over.
func TestLabelling_LinkedIn(t *testing.T) {
	w := newWorld(t)
	w.open(classify.Consulta, w.sampled(true, func(in *ticket.Opening) { in.Event.Network = mention.LinkedIn }))
	if got := len(w.tray("supervisor")); got != 1 {
		t.Fatalf("%d wait, want 1", got)
	}
	w.pass(49 * time.Hour)
	if got := w.tray("supervisor"); len(got) != 0 {
		t.Errorf("waits still: %v", got)
	}
}
