package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// want is what a file NAME.want.json expects of NAME.json: an HTTP status and texts of the body, the ids of the records
// that come back (an empty list: none), or a text of the error the function ends with.
type want struct {
	Why    string    `json:"why"`
	Status int       `json:"status,omitempty"`
	Body   []string  `json:"body,omitempty"`
	Failed *[]string `json:"failed,omitempty"`
	Error  string    `json:"error,omitempty"`
}

// answer is what a function gave, whatever its shape.
type answer struct {
	Status   int    `json:"statusCode"`
	Body     string `json:"body"`
	Failures []struct {
		ID string `json:"itemIdentifier"`
	} `json:"batchItemFailures"`
	Error string `json:"errorMessage"`
}

// check compares an answer with what is wanted of it.
func (w want) check(got answer) []string {
	var problems []string
	if w.Error == "" && got.Error != "" || !strings.Contains(got.Error, w.Error) {
		problems = append(problems, fmt.Sprintf("error %q, want %q", got.Error, w.Error))
	}
	if w.Status != got.Status {
		problems = append(problems, fmt.Sprintf("status %d, want %d: %s", got.Status, w.Status, got.Body))
	}
	for _, text := range w.Body {
		if !strings.Contains(got.Body, text) {
			problems = append(problems, fmt.Sprintf("no %q in the body %.300s", text, got.Body))
		}
	}
	if w.Failed != nil {
		ids := []string{}
		for _, f := range got.Failures {
			ids = append(ids, f.ID)
		}
		if !slices.Equal(ids, *w.Failed) {
			problems = append(problems, fmt.Sprintf("came back %q, want %q", ids, *w.Failed))
		}
	}
	return problems
}

// width is how many events run side by side: SAM spends most of a second of work waiting.
const width = 3

// invokeAll invokes every function with each of its events, and looks at what that should have done.
func (l *lane) invokeAll(ctx context.Context) {
	effects, names := l.effects(), l.files()
	problems := make([][]string, len(names))
	gate := make(chan struct{}, width)
	var wg sync.WaitGroup
	for i, name := range names {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			problems[i] = l.one(ctx, name, effects[name])
		})
	}
	wg.Wait()
	for i, name := range names {
		l.check("invoke "+name, problems[i]...)
	}
	for name := range effects {
		if !slices.Contains(names, name) {
			l.check("invoke "+name, "its effect is known, the event is missing")
		}
	}
}

// one invokes one event and gives what is wrong with its answer and its effect; effect may be nil.
func (l *lane) one(ctx context.Context, name string, effect func(context.Context) string) []string {
	expected, err := read(filepath.Join(l.events, name+".want.json"))
	if err != nil {
		return []string{err.Error()}
	}
	got, err := l.invoke(ctx, name)
	if err != nil {
		return []string{err.Error()}
	}
	problems := expected.check(got)
	if len(problems) == 0 && effect != nil {
		problems = append(problems, effect(ctx))
	}
	return problems
}

// files are the events by name, function/name.
func (l *lane) files() []string {
	paths, _ := filepath.Glob(filepath.Join(l.events, "*", "*.json")) // its one error is a bad pattern
	var names []string
	for _, path := range paths {
		if !strings.HasSuffix(path, ".want.json") {
			name, _ := filepath.Rel(l.events, strings.TrimSuffix(path, ".json"))
			names = append(names, filepath.ToSlash(name))
		}
	}
	return names
}

func read(path string) (want, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return want{}, err
	}
	var w want
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return want{}, fmt.Errorf("%s: %w", path, err)
	}
	return w, nil
}

// invoke runs `sam local invoke` with one event. SAM ends well whatever the function does, and prints its answer as the
// last line of standard output.
func (l *lane) invoke(ctx context.Context, name string) (answer, error) {
	function, _, _ := strings.Cut(name, "/")
	cmd := l.command(ctx, "invoke", logical(function), "-e", filepath.Join(l.events, name+".json"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return answer{}, fmt.Errorf("sam: %w\n%s", err, stderr.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var got answer
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil {
		return answer{}, fmt.Errorf("no answer: %w\n%s\n%s", err, out, stderr.String())
	}
	return got, nil
}

// logical is a function's logical id in the template.
func logical(function string) string {
	return strings.ToUpper(function[:1]) + function[1:] + "Function"
}

// command is `sam local VERB …`. The image is ours and no registry is asked.
func (l *lane) command(ctx context.Context, verb string, args ...string) *exec.Cmd {
	all := append([]string{"local", verb}, args...)
	all = append(all, "-t", l.copied, "--env-vars", l.functions, "--invoke-image", l.image, "--skip-pull-image")
	return exec.CommandContext(ctx, l.program, all...) //nolint:gosec // G204: the lane itself names the program
}
