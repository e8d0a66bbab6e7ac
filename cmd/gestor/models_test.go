package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
)

// otherModel writes a model into a file: the program's own under another name, that never says sugerencia.
func otherModel(t *testing.T, name string) string {
	t.Helper()
	raw := classify.Embedded()
	m, err := classify.ReadLinear(raw)
	if err != nil {
		t.Fatal(err)
	}
	m.Name, m.Biases[classify.Sugerencia.Rank()], m.Lean = name, -100, 0 // the likeliest of the others, which is no denuncia
	rows := make([]int8, classify.Buckets*len(m.Scales))
	for i, b := range raw[len(raw)-len(rows):] {
		rows[i] = int8(b)
	}
	if raw, err = m.Pack(rows); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name+".bin")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// model runs gestor model against the system and gives what it prints.
func (w *whole) model(args ...string) string {
	w.t.Helper()
	out, code, said := w.tries(args...)
	if code != 0 {
		w.t.Fatalf("gestor model %q: %d %s", args, code, said)
	}
	return strings.TrimSpace(out)
}

// tries is model for what may be refused.
func (w *whole) tries(args ...string) (out string, code int, said string) {
	w.t.Helper()
	program, err := filepath.Abs("../../bin/gestor")
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.CommandContext(w.t.Context(), program, append([]string{"model", "--url", w.base}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // its code tells
	return stdout.String(), cmd.ProcessState.ExitCode(), stderr.String()
}

// settings gives what a function of a running system is told.
func (w *whole) settings(function string) map[string]string {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.data, "functions.json"))
	if err != nil {
		w.t.Fatal(err)
	}
	var all map[string]map[string]string
	if err := json.Unmarshal(raw, &all); err != nil {
		w.t.Fatal(err)
	}
	return all[function]
}

// stored gives the store of a running system, to look at what no list shows.
func (w *whole) stored(e *engine.Engine) *dynamo.Store {
	w.t.Helper()
	told := w.settings("IntakeFunction")
	return dynamo.New(dynamo.Config{Client: e.Client, Table: told["GESTOR_TABLE"], Bitacora: told["GESTOR_BITACORA"], Clock: time.Now})
}

const idea = "Sugiero que abran cursos en la noche, deberían pensar en los que trabajamos"

// heard has somebody make a suggestion, and gives the case and the mention as they are stored.
func (w *whole) heard(s *dynamo.Store, name string) (ticket.Ticket, ticket.Mention) {
	w.t.Helper()
	w.later(2 * time.Minute) // what was known of the models is read again
	c := w.find("ejecutivo1", w.write("comment", "Persona Ficticia "+name, idea))
	story, err := s.Story(context.WithoutCancel(w.t.Context()), c.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return story.Ticket, story.Mentions[0]
}

// judged checks who decided a suggestion and who spoke in the shadow, by the beginnings of their names.
func (w *whole) judged(what string, s *dynamo.Store, by, beside string) {
	w.t.Helper()
	c, m := w.heard(s, what)
	shadow := ""
	if m.Shadow != nil {
		shadow = m.Shadow.Model
	}
	if !strings.HasPrefix(m.Judged.Model, by) || !strings.HasPrefix(shadow, beside) || (shadow == "") != (beside == "") {
		w.t.Errorf("%s: %s decided, %q beside; want %s, %q", what, m.Judged.Model, shadow, by, beside)
	}
	if mine := strings.HasPrefix(by, "otro@"); (c.Intent.Model == classify.Sugerencia) == mine || m.Judged.Intent != c.Intent.Model {
		w.t.Errorf("%s: the case is a %s, the model said %s", what, c.Intent.Model, m.Judged.Intent)
	}
	if shadow != "" && m.Shadow.Intent == m.Judged.Intent {
		w.t.Errorf("%s: both say %s", what, m.Shadow.Intent)
	}
}

// TestModels: a model is brought to a running system, tried in the shadow, used and taken back, by the commands an operator types; what
// decides is always one model's answer, and the other's is kept beside it.
func TestModels(t *testing.T) {
	e := engine.Start(t)
	w := start(t, "GESTOR_DYNAMODB="+e.Endpoint)
	s, own := w.stored(e), classify.New().Model()
	w.judged("at first", s, own, "")
	name := w.model("add", otherModel(t, "otro"))
	w.judged("brought", s, own, "")
	w.model("shadow", name[:10])
	w.judged("in the shadow", s, own, "otro@"+name[:8]+"/")
	if got := w.model("list"); !strings.Contains(got, "shadow") || !strings.Contains(got, "  tried  ") {
		t.Errorf("list:\n%s", got)
	}
	w.model("use", name)
	w.judged("used", s, "otro@"+name[:8]+"/", "")
	w.model("shadow", "embedded")
	w.judged("the program's own in the shadow", s, "otro@", own)
	if got := w.model("rollback"); !strings.Contains(got, "decides: embedded") {
		t.Errorf("rollback: %s", got)
	}
	w.judged("taken back", s, own, "")
	for what, args := range map[string][]string{
		"no model": {"add", "models_test.go"}, "nobody's": {"use", "ffffffff"}, "another role": {"--user", "ejecutivo1", "rollback"},
	} {
		if _, code, said := w.tries(args...); code != 1 || said == "" {
			t.Errorf("%s: %d %s", what, code, said)
		}
	}
}

// TestModels_Damaged: a model that is damaged in storage after it was chosen stops nothing: what is in hand, or the program's own,
// classifies, a metric tells, and the way back needs no storage.
func TestModels_Damaged(t *testing.T) {
	e := engine.Start(t)
	w := start(t, "GESTOR_DYNAMODB="+e.Endpoint)
	s, own := w.stored(e), classify.New().Model()
	file := otherModel(t, "otro")
	name := w.model("add", file)
	w.model("use", name)
	w.damage(name)
	w.judged("damaged", s, own, "")
	w.until("the metric", func() bool { return strings.Contains(w.functionsLog(), `"ModelsUnusable":1`) })
	if got := strings.Count(w.functionsLog(), "model unusable"); got == 0 {
		t.Error("the log says nothing of it")
	}
	if _, code, said := w.tries("shadow", name); code != 1 || said == "" {
		t.Errorf("its own shadow: %d %s", code, said)
	}
	w.model("rollback")
	if _, code, said := w.tries("use", name); code != 1 || said == "" {
		t.Errorf("used again: %d %s", code, said)
	}
	w.model("add", file)
	w.model("use", name)
	w.later(20 * time.Minute)
	w.judged("mended", s, "otro@", "")
}

func (w *whole) functionsLog() string {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.data, "functions.log"))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(raw)
}

// damage changes one byte of a stored model.
func (w *whole) damage(name string) {
	w.t.Helper()
	found := 0
	err := filepath.WalkDir(w.data, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Contains(raw[:min(len(raw), 300)], []byte("models/"+name)) {
			return nil
		}
		found++
		raw[len(raw)-1000] ^= 1
		return os.WriteFile(path, raw, 0o600)
	})
	if err != nil || found != 1 {
		w.t.Fatalf("%d files of the model, %v", found, err)
	}
}
