package main_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/storetest/engine"
)

// calls are what functions ask of the tables: role, action and resource, as the reviewed list of permissions writes them.
type calls struct {
	mu   sync.Mutex
	seen map[string]bool
}

// watch stands between a system and its engine and notes who asks for what. Each function signs with a session token of
// its own, as in the cloud.
func watch(t *testing.T) (*calls, string) {
	t.Helper()
	behind, err := url.Parse(engine.Start(t).Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	c := &calls{seen: map[string]bool{}}
	door := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(behind)
		r.Out.Host = r.In.Host
		body, _ := io.ReadAll(r.In.Body) // what is cut short is refused behind
		r.Out.Body = io.NopCloser(bytes.NewReader(body))
		c.note(r.In.Header, body)
	}})
	t.Cleanup(door.Close)
	return c, door.URL
}

// note books one request: what it asks for itself, or each item of its transaction.
func (c *calls) note(header http.Header, body []byte) {
	function, ours := strings.CutPrefix(header.Get("X-Amz-Security-Token"), "local-")
	_, action, _ := strings.Cut(header.Get("X-Amz-Target"), ".")
	type target struct{ TableName, IndexName string }
	var asked struct {
		target
		TransactItems []map[string]target
	}
	if !ours || json.Unmarshal(body, &asked) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	add := func(action string, on target) {
		arn := "${" + on.TableName + ".Arn}"
		if on.IndexName != "" {
			arn += "/index/" + on.IndexName
		}
		c.seen[strings.ToUpper(function[:1])+function[1:]+"Role dynamodb:"+action+" "+arn] = true
	}
	if action != "TransactWriteItems" {
		add(action, asked.target)
		return
	}
	names := map[string]string{"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
	for _, item := range asked.TransactItems {
		for verb, on := range item {
			add(names[verb], on)
		}
	}
}

// permitted reads the reviewed list, as far as it is about tables and their indexes.
func permitted(t *testing.T) map[string]bool {
	t.Helper()
	raw, err := os.ReadFile("../../infra/testdata/policies.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var roles map[string]map[string][]string
	if err := json.Unmarshal(raw, &roles); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for role, resources := range roles {
		for on, actions := range resources {
			on, _, _ = strings.Cut(on, " if ") // which partitions a role may not touch says another rule
			for _, action := range actions {
				if strings.HasPrefix(action, "dynamodb:") && !strings.Contains(on, "StreamArn") {
					out[role+" "+action+" "+on] = true
				}
			}
		}
	}
	return out
}

// TestPermissions: what the functions really ask of the tables on a day with everything in it is what their roles allow,
// no more and no less. A permission that is missing would show in production at its first use; one too many never would.
func TestPermissions(t *testing.T) {
	c, door := watch(t)
	w := start(t, "GESTOR_DYNAMODB="+door, "GESTOR_ESCALATE_UNDO=10m")
	day(w)
	c.mu.Lock()
	defer c.mu.Unlock()
	may := permitted(t)
	for _, call := range slices.Sorted(maps.Keys(c.seen)) {
		if !may[call] {
			t.Errorf("%s is asked for and not permitted", call)
		}
	}
	for _, call := range slices.Sorted(maps.Keys(may)) {
		if !c.seen[call] {
			t.Errorf("%s is permitted and nobody asks for it", call)
		}
	}
}

// day makes every function do what it does: a case filed and answered, one undone, one withdrawn, and every list looked at.
func day(w *whole) {
	w.t.Helper()
	const complaint = "Llevo tres meses esperando el pago del subsidio y nadie responde, exijo una solución"
	filed := w.find("supervisor", w.write("comment", "Persona Ficticia Rojas", complaint))
	undone := w.find("supervisor", w.write("comment", "Persona Ficticia Soto", complaint))
	w.must("supervisor", undone, "undo", nil)
	w.withdraw(complaint)
	if status := w.ask("POST", w.base+"/local/tick", map[string]string{"at": nowPlus(w, 3600)}, nil); status != http.StatusOK {
		w.t.Fatalf("tick: %d", status)
	}
	w.until("the folio", func() bool { return w.get("supervisor", filed.ID).SIAC.State == "filed" })
	held := w.insist("supervisor", filed.ID, "claim", nil)
	w.must("supervisor", held, "reply", map[string]any{"visibility": "public", "text": "Hola. Recibimos tu reclamo y lo estamos revisando."})
	w.until("the published reply", func() bool { return w.get("supervisor", filed.ID).Replies[0].State == "sent" })
	w.insist("supervisor", filed.ID, "close", map[string]any{"reason": "respondido"})
	w.answeredElsewhere()
	w.publishes()
	w.lookedAfter()
	for _, look := range []string{"tickets?view=mine", "changes", "attention", "quarantine", "tickets?q=" + w.get("supervisor", filed.ID).SIAC.Folio} {
		if status := w.ask("GET", w.base+"/api/v1/"+look, nil, nil, w.as("supervisor")...); status != http.StatusOK {
			w.t.Errorf("%s: %d", look, status)
		}
	}
	if status := w.ask("GET", w.base+"/healthz", nil, nil); status != http.StatusOK {
		w.t.Errorf("healthz: %d", status)
	}
}

// publishes has a post go out late and counted, and somebody of ours write another in the network's own application.
func (w *whole) publishes() {
	w.t.Helper()
	at := w.now().Add(time.Hour)
	p := w.mustPost("comunicaciones", "POST", "posts", map[string]any{
		"text": "Postula a los cursos ficticios. Aviso marca-dia de prueba.", "networks": []string{"facebook"}, "publishAt": at.Format(time.RFC3339),
	})
	w.mustPost("comunicaciones", "POST", "posts/"+p.ID+"/submit", map[string]any{})
	w.mustPost("supervisor", "POST", "posts/"+p.ID+"/approve", map[string]any{})
	w.tick(at.Add(5 * time.Minute))
	w.until("the post", func() bool { return w.seePost(p.ID).State == "sent" })
	native := map[string]any{"field": "feed", "value": map[string]any{
		"item": "status", "verb": "add", "post_id": simulated + "_77", "from": map[string]any{"id": simulated, "name": "SENCE"}, "message": "Otra cosa.",
		"created_time": w.now().Unix(), "published": 1,
	}}
	if status := w.post("facebook", "right", delivery(w.t, native)); status != http.StatusOK {
		w.t.Fatalf("delivery: %d", status)
	}
	w.later(2 * time.Hour)
	w.until("its figures", func() bool { return w.seePost(p.ID).Targets["facebook"].Figures != nil })
}

// answeredElsewhere has somebody of ours answer a comment in the network's own application, and somebody write on X.
func (w *whole) answeredElsewhere() {
	w.t.Helper()
	theirs, ours := comment(2, "¿Cuándo abren las postulaciones?"), comment(3, "Abren el lunes.")
	value, _ := ours["value"].(map[string]any)
	value["parent_id"], value["from"], value["created_time"] = "7_000002", map[string]any{"id": simulated, "name": "SENCE"}, 1_795_000_060
	for _, body := range [][]byte{delivery(w.t, theirs), delivery(w.t, ours)} {
		if status := w.post("facebook", "right", body); status != http.StatusOK {
			w.t.Fatalf("delivery: %d", status)
		}
		w.find("supervisor", "7_000002")
	}
	w.until("the answer given elsewhere", func() bool {
		c := w.get("supervisor", w.find("supervisor", "7_000002").ID)
		return c.State == "respondido" && len(c.Replies) == 1 && c.Replies[0].Text == "Abren el lunes."
	})
	message := map[string]string{"author": "ficticia", "name": "Persona Ficticia Díaz", "text": "@sence ¿Dónde me inscribo?", "kind": "mention"}
	if status := w.ask("POST", w.sim+"/sim/x/messages", message, nil); status/100 != 2 {
		w.t.Fatalf("the simulator answered %d to a post on X", status)
	}
	w.until("the post on X", func() bool { return len(w.list("supervisor", "view=all&network=x")) == 1 })
}

// lookedAfter has an account looked at, a lost post of X read and paid, the account of a network stand still with an answer that
// waits, and LinkedIn's words forgotten.
func (w *whole) lookedAfter() {
	w.t.Helper()
	w.look("facebook", "ok")
	w.set("faults", anything{"target": "x", "mode": "drop_webhooks", "rate": 1}, nil)
	w.set("x/messages", anything{"author": "otra", "name": "Persona Ficticia", "text": "@SENCE_simulado ¿y el plazo? marca1x", "kind": "mention"}, nil)
	w.set("linkedin/messages", anything{"author": "otra", "name": "Persona Ficticia", "text": "¿Cuándo abren? marca2x", "kind": "comment"}, nil)
	forgotten := w.opened("linkedin", "comment", "marca2x")
	w.later(5 * time.Minute)
	lost := w.must("supervisor", w.opened("x", "mention", "marca1x"), "claim", nil)
	w.set("x/token", anything{"state": "revoked"}, nil)
	w.must("supervisor", lost, "reply", anything{"visibility": "public", "text": "Hola. El plazo es el lunes 30 de noviembre."})
	w.until("the answer waits", func() bool { return w.get("supervisor", lost.ID).Replies[0].Reason == "channel_paused" })
	w.set("x/token", anything{"state": "ok"}, nil)
	w.later(49 * time.Hour)
	w.until("LinkedIn's words are forgotten", func() bool { return w.get("supervisor", forgotten.ID).Mentions[0].Text == "" })
	w.until("the answer left", func() bool { return w.get("supervisor", lost.ID).Replies[0].State != "planned" })
}

// withdraw has a citizen complain, make a denuncia of it, whose filing replaces the one that waited, and take it away again.
func (w *whole) withdraw(complaint string) {
	w.t.Helper()
	const denuncia = "Denuncio que la OTEC falsificó mi firma para cobrar el subsidio"
	item := comment(1, complaint)
	value, _ := item["value"].(map[string]any)
	steps := []struct {
		verb, text, user string
		done             func(seenCase) bool
	}{
		{"add", complaint, "supervisor", func(seenCase) bool { return true }},
		{"edited", denuncia, "denuncias", func(c seenCase) bool { return c.Mentions[0].Text == denuncia }},
		{"remove", "", "denuncias", func(c seenCase) bool { return c.Mentions[0].Deleted }},
	}
	for n, step := range steps {
		value["verb"], value["message"], value["created_time"] = step.verb, step.text, 1_795_000_000+n
		body, err := json.Marshal(map[string]any{
			"object": "page", "entry": []any{map[string]any{"id": simulated, "time": 1_795_000_000 + n, "changes": []any{item}}},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if status := w.post("facebook", "right", body); status != http.StatusOK {
			w.t.Fatalf("delivery: %d", status)
		}
		w.until("the step "+step.verb, func() bool { return step.done(w.get(step.user, w.find(step.user, "7_000001").ID)) })
	}
}
