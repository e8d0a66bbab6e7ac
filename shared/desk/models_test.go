package desk_test

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/model"
	"sence.gob.cl/gestor/shared/ticket"
)

// rack holds the bytes of models.
type rack struct {
	mu   sync.Mutex
	held map[string][]byte
	down error
}

func (s *rack) Put(_ context.Context, name string, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down == nil {
		s.held[name] = slices.Clone(body)
	}
	return s.down
}

func (s *rack) Get(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, is := s.held[name]
	if s.down == nil && !is {
		return nil, fault.New(fault.NotFound, "prueba", nil)
	}
	return raw, s.down
}

// seenModels is the part of the register the tests look at.
type seenModels struct {
	Version                   int
	Current, Shadow, Previous string
	Items                     []struct {
		Name, Label string
		Usable      bool
		AddedBy     struct{ ID string }
	}
	Steps []struct {
		Kind, From, To string
		By             struct{ ID, Name string }
	}
}

// named gives the model of this program under another name: other bytes that say the same.
func named(t *testing.T, name string) []byte {
	t.Helper()
	raw := classify.Embedded()
	m, err := classify.ReadLinear(raw)
	if err != nil {
		t.Fatal(err)
	}
	m.Name = name
	rows := make([]int8, classify.Buckets*len(m.Scales))
	for i, b := range raw[len(raw)-len(rows):] {
		rows[i] = int8(b)
	}
	if raw, err = m.Pack(rows); err != nil {
		t.Fatal(err)
	}
	return raw
}

func (w *world) bring(user string, raw []byte, reading string) answer {
	w.Helper()
	return w.ask("POST", "/api/v1/models?reading="+url.QueryEscape(reading), user, string(raw), "Idempotency-Key", w.key())
}

func (w *world) onModel(user, act, meant string) answer {
	w.Helper()
	return w.ask("POST", "/api/v1/models/"+act, user, `{"model":"`+meant+`"}`, "Idempotency-Key", w.key())
}

func (w *world) models() seenModels {
	w.Helper()
	return read[seenModels](w, w.ask("GET", "/api/v1/models", "ti", ""))
}

func (w *world) registered(what, current, shadow, previous string) {
	w.Helper()
	m := w.models()
	if m.Current != current || m.Shadow != shadow || m.Previous != previous {
		w.Errorf("%s: %.8s decides, %.8s beside, %.8s before; want %.8s, %.8s, %.8s", what, m.Current, m.Shadow, m.Previous, current, shadow, previous)
	}
}

// A model is brought, tried, used and taken back, and each step names who took it.
func TestModels(t *testing.T) {
	w := newWorld(t)
	w.registered("at first", "embedded", "none", "embedded")
	raw := named(t, "otro")
	name := model.NameOf(raw)
	a := w.bring("ti", raw, classify.Reading())
	added := read[seenModels](w, a)
	if a.status != 200 || len(added.Items) != 1 || added.Items[0].Name != name || !added.Items[0].Usable || !strings.HasPrefix(added.Items[0].Label, "otro@") || added.Items[0].AddedBy.ID != "ti" {
		t.Errorf("%d %s", a.status, a.body)
	}
	w.registered("brought", "embedded", "none", "embedded")
	if a := w.bring("jefatura", raw, classify.Reading()); a.status != 200 || read[seenModels](w, a).Version != 1 {
		t.Errorf("brought again: %d %s", a.status, a.body)
	}
	for _, step := range []struct{ act, meant, current, shadow, previous string }{
		{"shadow", name[:8], "embedded", name, "embedded"},
		{"shadow", name, "embedded", name, "embedded"},
		{"use", name[:12], name, "none", "embedded"},
		{"shadow", "embedded", name, "embedded", "embedded"},
		{"shadow", "none", name, "none", "embedded"},
		{"rollback", "", "embedded", "none", name},
		{"rollback", "", name, "none", "embedded"},
		{"use", "embedded", "embedded", "none", name},
	} {
		if a := w.onModel("ti", step.act, step.meant); a.status != 200 {
			t.Errorf("%s %s: %d %s", step.act, step.meant, a.status, a.body)
		}
		w.registered(step.act+" "+step.meant, step.current, step.shadow, step.previous)
	}
	m := w.models()
	if len(m.Steps) != 8 || m.Steps[7].Kind != "model.added" || m.Steps[0].By.ID != "ti" || m.Steps[0].By.Name != "Persona ti" || m.Steps[0].To != "embedded" {
		t.Errorf("steps: %+v", m.Steps)
	}
	chain, err := w.store.History(w.Context(), model.Chain)
	if err == nil {
		err = audit.Verify(chain)
	}
	if err != nil {
		t.Error(err)
	}
}

// What is no model this program can use is refused, in words; and nothing is stored of it.
func TestModels_Refusals(t *testing.T) {
	w := newWorld(t)
	good := named(t, "otro")
	for what, try := range map[string]struct {
		raw     []byte
		reading string
		says    string
	}{
		"a page": {[]byte("<html>"), classify.Reading(), "no es un modelo"}, "nothing": {nil, classify.Reading(), "no es un modelo"},
		"an odd name": {named(t, "Ñ"), classify.Reading(), "El nombre"}, "half": {good[:len(good)/2], classify.Reading(), "no es un modelo"}, "another reading": {good, "n1-0", "de otra forma"}, "no reading": {good, "", "de otra forma"},
	} {
		if a := w.bring("ti", try.raw, try.reading); a.status != 422 || !strings.Contains(string(a.body), try.says) {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
	if a := w.bring("ti", make([]byte, 4<<20+1), classify.Reading()); a.status != 413 {
		t.Errorf("too large: %d", a.status)
	}
	if len(w.rack.held) != 0 || w.models().Version != 0 {
		t.Error("something is stored of what was refused")
	}
	for what, try := range map[string]struct {
		act, meant string
		status     int
	}{
		"nobody's": {"use", "ffffffffffff", 422}, "no name": {"use", "", 422}, "back from nowhere": {"rollback", "", 422},
		"its own shadow": {"shadow", "embedded", 422}, "another act": {"delete", "embedded", 404},
	} {
		if a := w.onModel("ti", try.act, try.meant); a.status != try.status {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
	for what, body := range map[string]string{"no JSON": "{", "a number": `{"model":1}`} {
		if a := w.ask("POST", "/api/v1/models/use", "ti", body, "Idempotency-Key", w.key()); a.status != 400 {
			t.Errorf("%s: %d", what, a.status)
		}
	}
	if a := w.ask("POST", "/api/v1/models/rollback", "ti", "{}"); a.status != 400 {
		t.Errorf("without a key: %d", a.status)
	}
}

// Nothing is switched to whose bytes are gone or damaged; bringing it again mends it. The way back asks nothing of storage.
func TestModels_Damaged(t *testing.T) {
	w := newWorld(t)
	raw := named(t, "otro")
	name := model.NameOf(raw)
	w.bring("ti", raw, classify.Reading())
	for what, spoil := range map[string]func(){
		"están dañados": func() { w.rack.held[name] = raw[1:] }, "ya no están": func() { delete(w.rack.held, name) },
	} {
		spoil()
		for _, act := range []string{"shadow", "use"} {
			if a := w.onModel("ti", act, name); a.status != 422 || !strings.Contains(string(a.body), what) {
				t.Errorf("%s: %d %s", act, a.status, a.body)
			}
		}
		w.bring("ti", raw, classify.Reading())
	}
	if a := w.onModel("ti", "use", name); a.status != 200 {
		t.Fatalf("mended: %d %s", a.status, a.body)
	}
	w.rack.down = fault.New(fault.Transient, "prueba", nil)
	if a := w.bring("ti", named(t, "tercero"), classify.Reading()); a.status != 503 {
		t.Errorf("brought to no storage: %d", a.status)
	}
	if a := w.onModel("ti", "shadow", "embedded"); a.status != 200 {
		t.Errorf("the program's own in the shadow: %d", a.status)
	}
	if a := w.onModel("ti", "rollback", ""); a.status != 200 {
		t.Errorf("rollback: %d", a.status)
	}
	if a := w.onModel("ti", "use", name); a.status != 503 {
		t.Errorf("use: %d", a.status)
	}
	w.registered("after all", "embedded", "none", name)
}

// A click that comes twice is one step; of two people at once both get their step, unless one says what was seen.
func TestModels_Together(t *testing.T) {
	w := newWorld(t)
	first, second := named(t, "uno"), named(t, "dos")
	w.bring("ti", first, classify.Reading())
	w.bring("ti", second, classify.Reading())
	for range 2 {
		if a := w.ask("POST", "/api/v1/models/use", "ti", `{"model":"`+model.NameOf(first)+`"}`, "Idempotency-Key", "doble"); a.status != 200 || read[seenModels](w, a).Version != 3 {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if a := w.ask("POST", "/api/v1/models/use", "ti", `{"model":"embedded"}`, "Idempotency-Key", "doble"); a.status != 422 {
		t.Errorf("the key for another step: %d", a.status)
	}
	if a := w.ask("POST", "/api/v1/models/rollback", "ti", `{"version":2}`, "Idempotency-Key", w.key()); a.status != 409 {
		t.Errorf("on what was seen before: %d %s", a.status, a.body)
	}
	once := true
	w.store.set(func(c ticket.Change) error { // another person's step comes between reading and writing
		if c.Models == nil || !once {
			return nil
		}
		once = false
		r, err := w.store.Models(w.Context())
		if err != nil {
			return err
		}
		s, err := r.Try(model.NameOf(second), model.Person{ID: "otra"}, w.clock())
		if err != nil {
			return err
		}
		return w.store.Store.Commit(w.Context(), ticket.Change{Models: &s})
	})
	if a := w.onModel("ti", "rollback", ""); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	w.registered("both", "embedded", model.NameOf(second), model.NameOf(first))
	if got, err := json.Marshal(w.models().Steps[0].Kind); err != nil || string(got) != `"model.rolledback"` {
		t.Errorf("%s, %v", got, err)
	}
}

// Who may see the models, and who may change them.
func TestModels_Roles(t *testing.T) {
	w := newWorld(t)
	sees, changes := []string{"auditor", "jefatura", "supervisor", "ti"}, []string{"jefatura", "ti"}
	for user := range roles() {
		if got := w.ask("GET", "/api/v1/models", user, "").status; (got == 200) != slices.Contains(sees, user) || got != 200 && got != 403 {
			t.Errorf("%s sees models: %d", user, got)
		}
		for _, got := range []int{w.onModel(user, "rollback", "").status, w.bring(user, []byte("x"), "n").status} {
			if (got == 422) != slices.Contains(changes, user) || got != 422 && got != 403 {
				t.Errorf("%s changes models: %d", user, got)
			}
		}
	}
}
