package local

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// machine plays the system: it knows one user, one queue, and noon.
type machine struct {
	ticked  time.Time
	drained bool
}

func (m *machine) Login(user string) (string, error) {
	if user != "siac" {
		return "", ErrNoUser
	}
	return "ficha", nil
}

func (m *machine) Tick(_ context.Context, at time.Time) (time.Time, bool, error) {
	switch {
	case at.IsZero():
		at = noon()
	case at.Before(noon()):
		return time.Time{}, false, ErrPast
	case at.Year() > 2100:
		return time.Time{}, false, errors.New("broken")
	}
	m.ticked = at
	return at, m.drained, nil
}

func (m *machine) State() State {
	return State{Now: noon(), Ahead: 60, Idle: true, Queues: []Queue{{Name: "InboxQueue", Visible: 1, InFlight: 2, Delayed: 3}}}
}

func (m *machine) Redrive(_ context.Context, queue string) (int, error) {
	switch queue {
	case "InboxDeadLetters":
		return 2, nil
	case "RelayDeadLetters":
		return 0, ErrNoHome
	default:
		return 0, ErrNoQueue
	}
}

func serve(t *testing.T, m Machine) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(Guard(Handler(m, slog.New(slog.DiscardHandler)), "/local/oidc/"))
	t.Cleanup(s.Close)
	return s
}

type call struct {
	method, path, body string
	headers            map[string]string
}

func do(t *testing.T, s *httptest.Server, c call) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), c.method, s.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range c.headers {
		req.Header.Set(name, value)
	}
	if host := c.headers["Host"]; host != "" {
		req.Host = host
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 400 && res.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s %s: a %d of type %q", c.method, c.path, res.StatusCode, res.Header.Get("Content-Type"))
	}
	return res.StatusCode, strings.TrimSpace(string(body))
}

func TestHandler(t *testing.T) {
	m := &machine{drained: true}
	s := serve(t, m)
	cases := []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/local/login", `{"user":"siac"}`, 200, `{"token":"ficha"}`},
		{"POST", "/local/login", `{"user":"nadie"}`, 404, "Usuario desconocido"},
		{"POST", "/local/login", `{"user":7}`, 400, "Petición mal formada"},
		{"POST", "/local/login", `{"user":"siac"}{}`, 400, "Petición mal formada"},
		{"POST", "/local/login", `{"usuario":"siac"}`, 400, "Petición mal formada"},
		{"GET", "/local/login", "", 404, "No existe"},
		{"POST", "/local/tick", ``, 200, `{"at":"2026-11-21T12:00:00Z","drained":true}`},
		{"POST", "/local/tick", `{}`, 200, `{"at":"2026-11-21T12:00:00Z","drained":true}`},
		{"POST", "/local/tick", `{"at":"2026-12-01T09:00:00-03:00"}`, 200, `{"at":"2026-12-01T12:00:00Z","drained":true}`},
		{"POST", "/local/tick", `{"at":"2026-11-21T08:00:00-03:00"}`, 400, "El reloj local solo avanza"},
		{"POST", "/local/tick", `{"at":"mañana"}`, 400, "Petición mal formada"},
		{"POST", "/local/tick", `{"at":"2200-01-01T00:00:00Z"}`, 500, "No se pudo"},
		{"POST", "/local/redrive", `{"queue":"InboxDeadLetters"}`, 200, `{"moved":2}`},
		{"POST", "/local/redrive", `{"queue":"RelayDeadLetters"}`, 409, "Sin cola de origen"},
		{"POST", "/local/redrive", `{"queue":"x"}`, 404, "Cola desconocida"},
		{"GET", "/local/nada", "", 404, "No existe"},
	}
	for _, c := range cases {
		status, body := do(t, s, call{method: c.method, path: c.path, body: c.body})
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %s: got %d %s, want %d %s", c.method, c.path, c.body, status, body, c.status, c.want)
		}
	}
	if want := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC); !m.ticked.Equal(want) {
		t.Errorf("last tick: got %s, want %s", m.ticked, want)
	}
}

func TestHandler_State(t *testing.T) {
	_, body := do(t, serve(t, &machine{}), call{method: "GET", path: "/local/state"})
	want := `{"now":"2026-11-21T12:00:00Z","ahead":60,"idle":true,"queues":[{"name":"InboxQueue","visible":1,"inFlight":2,"delayed":3,"dead":false}]}`
	if body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

func TestGuard(t *testing.T) {
	s := serve(t, &machine{})
	login := call{method: "POST", path: "/local/login", body: `{"user":"siac"}`}
	cases := []struct {
		name    string
		headers map[string]string
		status  int
	}{
		{"plain", nil, 200},
		{"localhost", map[string]string{"Host": "localhost:8080"}, 200},
		{"IPv6", map[string]string{"Host": "[::1]:8080"}, 200},
		{"own page", map[string]string{"Origin": s.URL}, 200},
		{"json with charset", map[string]string{"Content-Type": "application/json; charset=utf-8"}, 200},
		{"rebound name", map[string]string{"Host": "ejemplo.invalid"}, 403},
		{"rebound name with our port", map[string]string{"Host": "ejemplo.invalid:8080"}, 403},
		{"name that begins like ours", map[string]string{"Host": "127.0.0.1.ejemplo.invalid"}, 403},
		{"other machine", map[string]string{"Host": "192.168.1.4:8080"}, 403},
		{"every address", map[string]string{"Host": "0.0.0.0:8080"}, 403},
		{"other page", map[string]string{"Origin": "http://ejemplo.invalid"}, 403},
		{"other port of this machine", map[string]string{"Origin": "http://127.0.0.1:1"}, 403},
		{"sandboxed page", map[string]string{"Origin": "null"}, 403},
		{"same name over TLS", map[string]string{"Origin": strings.Replace(s.URL, "http", "https", 1)}, 403},
		{"form", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 403},
		{"text", map[string]string{"Content-Type": "text/plain"}, 403},
		{"no type", map[string]string{"Content-Type": ""}, 403},
	}
	for _, c := range cases {
		login.headers = c.headers
		if status, body := do(t, s, login); status != c.status {
			t.Errorf("%s: got %d %s, want %d", c.name, status, body, c.status)
		}
	}
	form := call{method: "POST", path: "/local/oidc/token", headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}
	if status, _ := do(t, s, form); status != 404 {
		t.Errorf("a form where the protocol demands one: got %d", status)
	}
}

func TestAccounts(t *testing.T) {
	text, err := Accounts()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string][]string
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"facebook":  {"1234567890321", "12345654332", "PAGE_ID", "100000000000001"},
		"instagram": {"17841452691600098", "17841405309211844", "0", "100000000000011"},
		"whatsapp": {
			"10634295353625", "106540352242922", "109999999999999", "1122334455667", "409552778964973", "REDACTED", "100000000000041",
		},
		"x":        {"1111111111111111111", "4337869213", "2244994945", "930524282358325248", "1000000000000000021"},
		"linkedin": {"urn:li:organization:1000031"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
}
