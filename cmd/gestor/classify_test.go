package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// classifyRun runs the command on an input and gives its exit code and what it wrote.
func classifyRun(t *testing.T, input string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = runClassify(t.Context(), args, terminal{in: strings.NewReader(input), out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestClassifyCommand_Line(t *testing.T) {
	code, out, errs := classifyRun(t, `{"id":"a<1>","text":"Llevo tres meses esperando el pago y nada, exijo respuesta. Mi rut: 33.456.789-3","platform":"facebook","public":true}`+"\n")
	if code != exitDone || errs != "" || strings.Count(out, "\n") != 1 {
		t.Fatalf("%d %q %q", code, out, errs)
	}
	type span struct {
		Type       string
		Start, End int
	}
	type line struct {
		ID, Intent, Urgency, Sentiment string
		Topics                         []string
		PII                            []span
		Flags                          []string
	}
	var got struct {
		line
		Probabilities map[string]float64
		Set           []string
		Model         string
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	want := line{
		ID: "a<1>", Intent: "reclamo", Urgency: "media", Sentiment: "negativo", Topics: []string{"pagos", "atencion"},
		PII: []span{{"rut", 68, 80}}, Flags: []string{"datos_personales", "datos_expuestos"},
	}
	if diff := cmp.Diff(want, got.line); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(got.Probabilities) != 6 || len(got.Set) == 0 || got.Set[0] != "reclamo" || got.Model != "lineal-3/n3" {
		t.Errorf("%+v", got)
	}
}

func TestClassifyCommand_EmptyListsAreLists(t *testing.T) {
	_, out, _ := classifyRun(t, `{"text":"hola"}`)
	for _, want := range []string{`"pii":[]`, `"flags":[]`, `"topics":["otro"]`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	if strings.Contains(out, `"id"`) {
		t.Errorf("an id nobody gave: %s", out)
	}
}

func TestClassifyCommand_Files(t *testing.T) {
	file := filepath.Join(t.TempDir(), "in.jsonl")
	const input = "{\"id\":1,\"text\":\"¿cuándo pagan?\"}\n\n{\"id\":2,\"text\":\"gracias por todo\"}\n"
	if err := os.WriteFile(file, []byte(input), 0o600); err != nil {
		t.Fatal(err)
	}
	_, fromFile, _ := classifyRun(t, "", file)
	for _, args := range [][]string{nil, {"-"}} {
		if code, out, errs := classifyRun(t, input, args...); code != exitDone || out != fromFile || errs != "" {
			t.Errorf("%q: %d %q %q, want %q", args, code, out, errs, fromFile)
		}
	}
	if strings.Count(fromFile, "\n") != 2 || !strings.HasPrefix(fromFile, `{"id":1,`) {
		t.Errorf("%q", fromFile)
	}
}

func TestClassifyCommand_Errors(t *testing.T) {
	const good = `{"id":1,"text":"secreto de una persona"}` + "\n"
	for name, tt := range map[string]struct {
		input string
		args  []string
		code  int
		says  string
		lines int
	}{
		"not JSON":       {good + "secreto\n" + good, nil, exitFailed, "line 2", 1},
		"an array":       {"[]\n", nil, exitFailed, "line 1", 0},
		"no text":        {good + good + `{"id":3}`, nil, exitFailed, "line 3", 2},
		"text a number":  {`{"text":5}`, nil, exitFailed, "text", 0},
		"public a word":  {`{"text":"secreto","public":"sí"}`, nil, exitFailed, "public", 0},
		"no such file":   {"", []string{filepath.Join(t.TempDir(), "no")}, exitFailed, "no", 0},
		"two files":      {"", []string{"a", "b"}, exitUsage, "FILE", 0},
		"unknown flag":   {"", []string{"--fast"}, exitUsage, "fast", 0},
		"a line too big": {`{"text":"` + strings.Repeat("a", longestLine) + `"}`, nil, exitFailed, "line 1", 0},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := classifyRun(t, tt.input, tt.args...)
			if code != tt.code || strings.Count(out, "\n") != tt.lines {
				t.Errorf("code %d, want %d; %d lines, want %d", code, tt.code, strings.Count(out, "\n"), tt.lines)
			}
			if !strings.HasPrefix(errs, "gestor classify: ") || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, tt.says) {
				t.Errorf("stderr %q, want one line about %q", errs, tt.says)
			}
			if strings.Contains(errs, "secreto") {
				t.Errorf("stderr quotes the line: %q", errs)
			}
		})
	}
}

func TestClassifyCommand_Help(t *testing.T) {
	if code, out, errs := classifyRun(t, "", "--help"); code != exitDone || !strings.Contains(out, "JSON lines") || errs != "" {
		t.Errorf("%d %q %q", code, out, errs)
	}
}
