package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// whole is a running local system: the real program with the real bootstraps, as `make run` starts it.
type whole struct {
	t         testing.TB
	base, sim string
	data      string
	env       []string
	cmd       *exec.Cmd
	tokens    map[string]string
}

// patience is how long a test waits for something that must happen; only a broken system takes so long.
const (
	patience     = 4 * time.Minute
	longPatience = 15 * time.Minute
)

// start runs the system on free ports with a data folder of its own.
func start(t testing.TB, env ...string) *whole {
	t.Helper()
	w := &whole{t: t, data: t.TempDir(), tokens: map[string]string{}}
	w.env = append([]string{
		"GESTOR_ADDR=" + free(t), "GESTOR_SIM_ADDR=" + free(t), "GESTOR_DATA=" + w.data,
	}, env...)
	w.base = "http://" + strings.TrimPrefix(w.env[0], "GESTOR_ADDR=")
	w.sim = "http://" + strings.TrimPrefix(w.env[1], "GESTOR_SIM_ADDR=")
	w.run()
	t.Cleanup(func() { w.stop(syscall.SIGTERM) })
	return w
}

// run starts the program and waits until it says that it serves.
func (w *whole) run() {
	w.t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		w.t.Fatal(err)
	}
	program := filepath.Join(root, "bin", "gestor")
	if _, err := os.Stat(program); err != nil {
		w.t.Fatalf("bin/gestor is not built: run make build")
	}
	w.cmd = exec.Command(program, "run")
	w.cmd.Dir = root
	w.cmd.Env = append(os.Environ(), w.env...)
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	logs, err := os.OpenFile(filepath.Join(w.data, "test.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	w.cmd.Stderr = logs
	if err := w.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "gestor ready: http://") {
				ready <- true
			}
		}
		close(ready)
	}()
	select {
	case ok := <-ready:
		if ok {
			return
		}
	case <-time.After(patience):
	}
	w.t.Fatalf("the system did not become ready; its log ends:\n%s", tail(filepath.Join(w.data, "test.log")))
}

// stop ends the program with a signal and waits for it.
func (w *whole) stop(signal syscall.Signal) {
	if w.cmd == nil {
		return
	}
	_ = w.cmd.Process.Signal(signal)
	_ = w.cmd.Wait()
	w.cmd = nil
	if w.t.Failed() {
		w.t.Logf("log ends:\n%s", tail(filepath.Join(w.data, "test.log")))
	}
}

func tail(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(raw[max(0, len(raw)-6000):])
}

func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// ask makes one request and decodes the answer into out (nil: not decoded); it gives the status.
func (w *whole) ask(method, url string, body any, out any, headers ...string) int {
	w.t.Helper()
	var payload io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		payload = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, url, payload)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, url, err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, url, err)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			w.t.Fatalf("%s %s: %d %s", method, url, res.StatusCode, raw)
		}
	}
	return res.StatusCode
}

// as gives the Authorization header of a local user.
func (w *whole) as(user string) []string {
	w.t.Helper()
	if w.tokens[user] == "" {
		var out struct{ Token string }
		if status := w.ask("POST", w.base+"/local/login", map[string]string{"user": user}, &out); status != 200 || out.Token == "" {
			w.t.Fatalf("login as %s: %d", user, status)
		}
		w.tokens[user] = out.Token
	}
	return []string{"Authorization", "Bearer " + w.tokens[user]}
}

// seenCase is a case as the API shows it, as far as the tests look.
type seenCase struct {
	ID           string `json:"id"`
	Number       string `json:"number"`
	Version      int    `json:"version"`
	Network      string `json:"network"`
	State        string `json:"state"`
	Assignee     string `json:"assignee"`
	MentionCount int    `json:"mentionCount"`
	SIAC         struct {
		State, Folio, Reason string
	} `json:"siac"`
	Intent  struct{ Final string } `json:"intent"`
	Citizen struct{ Name string }  `json:"citizen"`
	// Mentions is one preview in lists, all of them in a case.
	Mentions []struct {
		ID, Text string
		Deleted  bool
	} `json:"mentions"`
	Replies []struct {
		ID, Text, State, RemoteID, Reason string
	} `json:"replies"`
	Events []struct {
		Kind   string            `json:"kind"`
		Reason string            `json:"reason"`
		Facts  map[string]string `json:"facts"`
	} `json:"events"`
}

// write speaks as a citizen in the simulator and gives the network's id of what was said.
func (w *whole) write(kind, name, text string) string {
	w.t.Helper()
	var out struct{ ID, Thread string }
	body := map[string]string{"author": name, "name": name, "text": text, "kind": kind}
	if status := w.ask("POST", w.sim+"/sim/facebook/messages", body, &out); status/100 != 2 || out.ID == "" {
		w.t.Fatalf("the simulator answered %d to a message", status)
	}
	return out.ID
}

// find waits until the case of a mention is listed.
func (w *whole) find(user, mention string) seenCase {
	w.t.Helper()
	var found seenCase
	w.until("the case of "+mention, func() bool {
		for _, c := range w.list(user, "view=all&limit=200&q="+mention) {
			for _, m := range c.Mentions {
				if m.ID == mention {
					found = c
					return true
				}
			}
		}
		return false
	})
	return found
}

// list gives one page of a list.
func (w *whole) list(user, query string) []seenCase {
	w.t.Helper()
	var page struct{ Items []seenCase }
	if status := w.ask("GET", w.base+"/api/v1/tickets?"+query, nil, &page, w.as(user)...); status != 200 {
		w.t.Fatalf("list %s as %s: %d", query, user, status)
	}
	return page.Items
}

func (w *whole) get(user, id string) seenCase {
	w.t.Helper()
	var c seenCase
	if status := w.ask("GET", w.base+"/api/v1/tickets/"+id, nil, &c, w.as(user)...); status != 200 {
		w.t.Fatalf("get %s as %s: %d", id, user, status)
	}
	return c
}

// act does something with a case as it was last seen, and gives the status and the case after it.
func (w *whole) act(user string, c seenCase, action string, body map[string]any) (int, seenCase) {
	w.t.Helper()
	if body == nil {
		body = map[string]any{}
	}
	if _, set := body["version"]; !set {
		body["version"] = c.Version
	}
	var after seenCase
	key := fmt.Sprintf("%s-%s-%d", c.ID, action, time.Now().UnixNano())
	status := w.ask("POST", w.base+"/api/v1/tickets/"+c.ID+"/"+action, body, &after, append(w.as(user), "Idempotency-Key", key)...)
	return status, after
}

// must is act that has to succeed.
func (w *whole) must(user string, c seenCase, action string, body map[string]any) seenCase {
	w.t.Helper()
	status, after := w.act(user, c, action, body)
	if status != 200 {
		w.t.Fatalf("%s as %s: %d", action, user, status)
	}
	return after
}

// insist does something with a case as it is now, and again when the network's word on an answer (delivered, read) came in between: as a
// person does who is told that the case changed.
func (w *whole) insist(user, id, action string, body map[string]any) seenCase {
	w.t.Helper()
	var after seenCase
	w.until(action+" as "+user, func() bool {
		status, c := w.act(user, w.get(user, id), action, body)
		if status != 200 && status != 409 {
			w.t.Fatalf("%s as %s: %d", action, user, status)
		}
		after = c
		return status == 200
	})
	return after
}

// until waits for something that must become true.
func (w *whole) until(what string, is func() bool) {
	w.t.Helper()
	w.untilWithin(patience, what, is)
}

// untilWithin is until for what takes long even where nothing is wrong.
func (w *whole) untilWithin(limit time.Duration, what string, is func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(limit)
	for !is() {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: not within %s; log ends:\n%s", what, limit, tail(filepath.Join(w.data, "test.log")))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// folios gives SIAC's cases by our number.
func (w *whole) folios() map[string][]string {
	w.t.Helper()
	var cases []struct {
		Folio string `json:"folio"`
		Ref   string `json:"ref_externa"`
	}
	if status := w.ask("GET", w.sim+"/sim/siac/casos", nil, &cases); status != 200 {
		w.t.Fatalf("SIAC's cases: %d", status)
	}
	out := map[string][]string{}
	for _, c := range cases {
		out[c.Ref] = append(out[c.Ref], c.Folio)
	}
	return out
}

// said gives what we published on Facebook, by the id it answers.
func (w *whole) said() map[string][]string {
	w.t.Helper()
	var sent []struct{ ID, InReplyTo, Text string }
	if status := w.ask("GET", w.sim+"/sim/facebook/sent", nil, &sent); status != 200 {
		w.t.Fatalf("what was sent: %d", status)
	}
	out := map[string][]string{}
	for _, s := range sent {
		out[s.InReplyTo] = append(out[s.InReplyTo], s.Text)
	}
	return out
}

// nowPlus gives an instant some seconds from the wall clock's now, as RFC 3339.
func nowPlus(w *whole, seconds int) string {
	w.t.Helper()
	return time.Now().Add(time.Duration(seconds) * time.Second).UTC().Format(time.RFC3339)
}
