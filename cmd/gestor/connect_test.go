package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// desk plays the API: each question about the connection gives the next of its states, the last one for ever.
type fakeDesk struct {
	*httptest.Server
	mu     sync.Mutex
	states []string
	asked  []string // "METHOD path body", without the sign-in
	tokens []string
	fail   int // so many questions are answered 503 first
}

func newDesk(t *testing.T, states ...string) *fakeDesk {
	t.Helper()
	d := &fakeDesk{states: states}
	d.Server = httptest.NewServer(http.HandlerFunc(d.serve))
	t.Cleanup(d.Close)
	return d
}

func (d *fakeDesk) serve(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if r.URL.Path == "/local/login" {
		var in struct{ User string }
		if json.Unmarshal(body, &in) != nil || in.User == "nadie" {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"title":"Usuario desconocido","detail":"Ese usuario no existe en el sistema local."}`)
			return
		}
		_, _ = io.WriteString(w, `{"token":"de-`+in.User+`"}`)
		return
	}
	d.asked = append(d.asked, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+string(body)))
	d.tokens = append(d.tokens, r.Header.Get("Authorization"))
	if r.Method == http.MethodGet && d.fail > 0 {
		d.fail--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if r.Method == http.MethodPost && r.Header.Get("Idempotency-Key") == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	state := d.states[0]
	if len(d.states) > 1 {
		d.states = d.states[1:]
	}
	if strings.HasPrefix(state, "{\"status\":") {
		w.WriteHeader(http.StatusForbidden)
	}
	_, _ = io.WriteString(w, state)
}

const (
	stateBegun  = `{"id":"c1","step":"begun"}`
	stateWaits  = `{"id":"c1","step":"begun","url":"https://red.example/permiso?state=c1"}`
	stateCode   = `{"id":"c1","step":"code"}`
	stateChoose = `{"id":"c1","step":"choose","choices":[{"account":"11","name":"Una"},{"account":"22","name":"Otra\u001b[31m"}]}`
	stateChosen = `{"id":"c1","step":"choose","account":"22","choices":[{"account":"22","name":"Otra"}]}`
	stateDone   = `{"id":"c1","step":"done","account":"22","missing":[{"right":"pages_messaging","what":"responder mensajes privados"}]}`
)

func connectTo(t *testing.T, d *fakeDesk, in string, env map[string]string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	term := terminal{in: strings.NewReader(in), out: &stdout, err: &stderr, env: func(name string) string { return env[name] }}
	call, err := parseConnect(append(args, "--url", d.URL))
	if err != nil {
		t.Fatal(err)
	}
	c := connector{call: call, term: term, in: bufio.NewScanner(term.in), every: time.Millisecond, api: api{url: d.URL, token: term.env("GESTOR_TOKEN")}}
	if err := c.connect(t.Context()); err != nil {
		code = term.fail("connect", err)
	}
	return code, stdout.String(), stderr.String()
}

func TestConnect_Whole(t *testing.T) {
	d := newDesk(t, stateBegun, stateWaits, stateWaits, stateCode, stateChoose, stateChosen, stateChosen, stateDone)
	d.fail = 2
	code, out, errs := connectTo(t, d, "2\n", nil, "facebook")
	if code != exitDone || errs != "" {
		t.Fatalf("exit %d, %q", code, errs)
	}
	for _, want := range []string{
		"https://red.example/permiso?state=c1", "  1  Una (11)", "  2  Otra?[31m (22)", "connected: facebook 22",
		"missing: pages_messaging (responder mensajes privados)",
	} {
		if strings.Count(out, want) != 1 {
			t.Errorf("%q stands %d times in\n%s", want, strings.Count(out, want), out)
		}
	}
	if d.asked[0] != "POST /api/v1/channels/facebook/connect {}" || d.tokens[0] != "Bearer de-supervisor" {
		t.Errorf("asked %q with %q", d.asked[0], d.tokens[0])
	}
	if all := strings.Join(d.asked, "\n"); strings.Count(all, `POST /api/v1/connections/c1/choose {"account":"22"}`) != 1 {
		t.Errorf("asked\n%s", all)
	}
}

// A key is read from standard input and goes where it must go, and nowhere else.
func TestConnect_PastedKey(t *testing.T) {
	d := newDesk(t, stateCode, stateDone)
	code, out, errs := connectTo(t, d, "EAAllave\nsegunda\n", map[string]string{"GESTOR_TOKEN": "de-persona"}, "whatsapp", "--method", "manual", "--account", "22")
	if code != exitDone || strings.Contains(out+errs, "EAAllave") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	if want := `POST /api/v1/channels/whatsapp/connect {"account":"22","method":"manual","secret":"segunda","token":"EAAllave"}`; d.asked[0] != want {
		t.Errorf("asked %q", d.asked[0])
	}
	if d.tokens[0] != "Bearer de-persona" {
		t.Errorf("as %q", d.tokens[0])
	}
}

func TestConnect_Failures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		states []string
		in     string
		args   []string
		says   string
	}{
		{"the person says no", []string{stateWaits, `{"id":"c1","step":"failed","reason":"rechazada"}`}, "", []string{"x"}, "the answer there was no"},
		{"another reason", []string{stateWaits, `{"id":"c1","step":"failed","reason":"auth"}`}, "", []string{"x"}, "auth"},
		{"not allowed", []string{`{"status":403,"title":"No tienes permiso","detail":"Las cuentas las maneja supervisión."}`}, "", []string{"x"}, "Las cuentas las maneja supervisión."},
		{"nobody chooses", []string{stateChoose}, "", []string{"facebook"}, "no account was chosen"},
		{"no number", []string{stateChoose}, "tres\n", []string{"facebook"}, "from 1 to 2"},
		{"a number of nothing", []string{stateChoose}, "3\n", []string{"facebook"}, "from 1 to 2"},
		{"an account that is not there", []string{stateChoose}, "", []string{"facebook", "--account", "33"}, "33"},
		{"no key", []string{stateCode}, "\n", []string{"facebook", "--method", "manual", "--account", "1"}, "holds no key"},
		{"nobody of that name", []string{stateBegun}, "", []string{"x", "--user", "nadie"}, "Ese usuario no existe"},
	} {
		code, _, errs := connectTo(t, newDesk(t, tt.states...), tt.in, nil, tt.args...)
		if code != exitFailed || !strings.Contains(errs, tt.says) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, %q", tt.name, code, errs)
		}
	}
}

// The command itself, and what is no call of it.
func TestConnect_Command(t *testing.T) {
	run := func(args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		code := runConnect(t.Context(), args, terminal{in: strings.NewReader(""), out: &stdout, err: &stderr, env: func(string) string { return "" }})
		return code, stdout.String(), stderr.String()
	}
	if code, out, _ := run("--help"); code != exitDone || !strings.Contains(out, "gestor connect NETWORK") {
		t.Errorf("help: %d %q", code, out)
	}
	for _, args := range [][]string{
		{},
		{"orkut"},
		{"facebook", "x"},
		{"facebook", "--method", "oauth1"},
		{"facebook", "--method", "manual"},
		{"x", "--url", "8080"},
		{"x", "--wait", "0s"},
		{"--que"},
		{"x", "--que"},
	} {
		if code, out, errs := run(args...); code != exitUsage || out != "" || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: %d %q %q", args, code, out, errs)
		}
	}
	if code, _, errs := run("--url", "http://127.0.0.1:1", "x"); code != exitFailed || strings.Count(errs, "\n") != 1 {
		t.Errorf("nobody there: %d %q", code, errs)
	}
	if code, _, errs := run("x", "--url", newDesk(t, stateWaits).URL, "--wait", "50ms"); code != exitFailed || !strings.Contains(errs, "not connected after 50ms") {
		t.Errorf("too long: %d %q", code, errs)
	}
}
