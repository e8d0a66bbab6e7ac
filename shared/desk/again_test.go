package desk_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// The same click again gets the first answer, byte for byte, also after the case went on.
func TestAgain_FirstAnswer(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Consulta)
	click := func(user, body, key string) answer {
		return w.ask("POST", path(c, "claim"), user, body, "Idempotency-Key", key)
	}
	first := click("ejecutivo1", `{"version":1}`, "k")
	if first.status != 200 {
		t.Fatalf("%d %s", first.status, first.body)
	}
	now := w.must(w.ticket(c.ID).Release(actor("ejecutivo1"), w.clock()))
	w.must(now.Claim(actor("ejecutivo2"), w.clock()))
	w.pass(time.Hour)
	for range 3 {
		again := click("ejecutivo1", `{"version":1}`, "k")
		if again.status != first.status || !bytes.Equal(again.body, first.body) || again.header.Get("Content-Type") != first.header.Get("Content-Type") {
			t.Errorf("again: %d %s", again.status, again.body)
		}
	}
	if got := w.ticket(c.ID); got.Version != 4 || got.Assignee != "ejecutivo2" {
		t.Errorf("the repetition acted: version %d held by %s", got.Version, got.Assignee)
	}
	for name, a := range map[string]answer{
		"another body":   click("ejecutivo1", `{"version":4}`, "k"),
		"a space more":   click("ejecutivo1", `{"version":1} `, "k"),
		"another action": w.ask("POST", path(c, "release"), "ejecutivo1", `{"version":1}`, "Idempotency-Key", "k"),
		"another case":   w.ask("POST", path(w.open(classify.Consulta), "claim"), "ejecutivo1", `{"version":1}`, "Idempotency-Key", "k"),
	} {
		if p := read[refusal](w, a); a.status != 422 || p.Campo != "Idempotency-Key" {
			t.Errorf("%s under the same key: %d %s", name, a.status, a.body)
		}
	}
	if a := click("ejecutivo2", `{"version":4}`, "k"); a.status != http.StatusConflict || bytes.Equal(a.body, first.body) {
		t.Errorf("the same key of another person: %d %s", a.status, a.body)
	}
}

// A refusal is not remembered: what failed can be asked for again under its key.
func TestAgain_RefusalsAreNotKept(t *testing.T) {
	w := newWorld(t)
	c := w.held(classify.Consulta, "ejecutivo2")
	body := fmt.Sprintf(`{"version":%d}`, c.Version)
	if a := w.ask("POST", path(c, "claim"), "ejecutivo1", body, "Idempotency-Key", "k"); a.status != http.StatusConflict {
		t.Fatalf("%d", a.status)
	}
	w.must(c.Release(actor("ejecutivo2"), w.clock()))
	body = fmt.Sprintf(`{"version":%d}`, c.Version+1)
	if a := w.ask("POST", path(c, "claim"), "ejecutivo1", body, "Idempotency-Key", "k"); a.status != 200 {
		t.Errorf("again: %d %s", a.status, a.body)
	}
}

// The same click in many hands at once acts once, and all who get an answer get the same one.
func TestAgain_AtOnce(t *testing.T) {
	const hands = 12
	w := newWorld(t)
	c := w.open(classify.Consulta)
	answers := make([]answer, hands)
	var all sync.WaitGroup
	for n := range hands {
		all.Go(func() {
			for {
				answers[n] = w.ask("POST", path(c, "claim"), "ejecutivo1", `{"version":1}`, "Idempotency-Key", "k")
				if answers[n].status != http.StatusServiceUnavailable {
					return
				}
			}
		})
	}
	all.Wait()
	for _, a := range answers {
		if a.status != 200 || !bytes.Equal(a.body, answers[0].body) {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if got := w.ticket(c.ID).Version; got != 2 {
		t.Errorf("version %d", got)
	}
}

// The answer to a click was lost after it was written: the same click again finds it.
func TestAgain_LostAnswer(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Consulta)
	w.store.set(func(change ticket.Change) error { // written, and then the answer is lost
		w.store.set(nil)
		if err := w.store.Store.Commit(t.Context(), change); err != nil {
			return err
		}
		return fault.New(fault.Transient, "test", nil)
	})
	if a := w.ask("POST", path(c, "claim"), "ejecutivo1", `{"version":1}`, "Idempotency-Key", "k"); a.status != http.StatusServiceUnavailable {
		t.Fatalf("%d", a.status)
	}
	a := w.ask("POST", path(c, "claim"), "ejecutivo1", `{"version":1}`, "Idempotency-Key", "k")
	if v := read[view](w, a); a.status != 200 || v.Version != 2 || v.Assignee != "ejecutivo1" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// Keys are remembered for two days.
func TestAgain_TwoDays(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Consulta)
	click := func() answer {
		return w.ask("POST", path(c, "claim"), "ejecutivo1", `{"version":1}`, "Idempotency-Key", "k")
	}
	first := click()
	w.pass(48*time.Hour - time.Second)
	if a := click(); !bytes.Equal(a.body, first.body) {
		t.Errorf("just before: %d %s", a.status, a.body)
	}
	w.pass(2 * time.Second)
	if a := click(); a.status != http.StatusConflict {
		t.Errorf("after: %d", a.status)
	}
}

// A person who writes very much must not make the case unworkable: the answer that is remembered has to fit the store.
func TestAgain_ALongStory(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Consulta)
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 30 {
		var b strings.Builder
		for range 8000 {
			b.WriteRune(rune('a' + random.IntN(0x2000))) // no compression makes this small
		}
		e := mention.Event{
			Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.Comment, Key: fmt.Sprintf("8_%d", n), Thread: "7",
			Account: c.Account, Text: b.String(), At: w.clock().Add(time.Duration(n-30) * time.Second),
		}
		class := classify.Result{Intent: classify.Consulta, Probabilities: map[classify.Intent]float64{classify.Consulta: 1}}
		c = w.must(c.Append(e, class, "texto", ticket.DefaultPolicy(), w.clock(), w.clock(), nil), nil)
	}
	a := w.act("ejecutivo1", c.ID, "claim", nil)
	if a.status != 200 {
		t.Fatalf("claim: %d %.300s", a.status, a.body)
	}
	v := read[view](w, a)
	if n := len(v.Mentions); v.Assignee != "ejecutivo1" || v.MentionCount != 31 || n == 0 || v.Mentions[n-1].ID != "8_29" {
		t.Errorf("held by %q, %d of %d mentions: the newest must be there", v.Assignee, n, v.MentionCount)
	}
	if v := read[view](w, w.ask("GET", "/api/v1/tickets/"+c.ID, "ejecutivo1", "")); len(v.Mentions) != 31 {
		t.Errorf("GET shows %d mentions", len(v.Mentions))
	}
	if a := w.act("ejecutivo1", c.ID, "reply", map[string]any{"visibility": "public", "text": "Hola."}); a.status != 200 {
		t.Errorf("reply: %d %.300s", a.status, a.body)
	}
}
