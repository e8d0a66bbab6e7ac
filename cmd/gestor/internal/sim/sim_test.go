package sim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testSecret = "secreto-de-prueba"
	testToken  = "token-de-prueba"
	siacToken  = "token-siac-de-prueba"
	siacSecret = "secreto-siac-de-prueba"
)

// hand is a clock that only moves when it is told to.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// received is one delivery as it came.
type received struct {
	path   string
	header http.Header
	body   []byte
}

// gestor plays the local system: it records deliveries and answers status.
type gestor struct {
	mu     sync.Mutex
	got    []received
	status map[string]int // by path; absent means 200
	hold   time.Duration  // how long a delivery takes to arrive
	server *httptest.Server
}

func newGestor(t *testing.T) *gestor {
	t.Helper()
	g := &gestor{status: map[string]int{}}
	g.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("delivery body: %v", err)
		}
		if r.Method == http.MethodGet {
			answer := r.URL.Query().Get("hub.challenge")
			if l, ok := listeners()[strings.TrimPrefix(r.URL.Path, "/webhooks/")]; ok {
				if _, answer, err = l.shake(r.Context(), r.URL.RawQuery); err != nil {
					w.WriteHeader(http.StatusForbidden)
				}
			}
			_, _ = io.WriteString(w, answer)
			return
		}
		g.mu.Lock()
		hold := g.hold
		g.mu.Unlock()
		time.Sleep(hold)
		g.mu.Lock()
		g.got = append(g.got, received{r.URL.Path, r.Header.Clone(), body})
		status := g.status[r.URL.Path]
		g.mu.Unlock()
		if status != 0 {
			w.WriteHeader(status)
		}
	}))
	t.Cleanup(g.server.Close)
	return g
}

func (g *gestor) answer(path string, status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.status[path] = status
}

func (g *gestor) deliveries(path string) []received {
	g.mu.Lock()
	defer g.mu.Unlock()
	var found []received
	for _, r := range g.got {
		if r.path == path {
			found = append(found, r)
		}
	}
	return found
}

const facebookPath = "/webhooks/facebook"

// rig is a simulator beside a recorded local system.
type rig struct {
	t      *testing.T
	sim    *Simulator
	gestor *gestor
	clock  *hand
	url    string
	dir    string
	ticked []time.Time
}

func newRig(t *testing.T) *rig { return rigIn(t, t.TempDir(), newGestor(t)) }

func rigIn(t *testing.T, dir string, g *gestor) *rig {
	t.Helper()
	// A Tuesday, 10:00 in Santiago.
	r := &rig{t: t, gestor: g, dir: dir, clock: &hand{at: time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC)}}
	server := httptest.NewUnstartedServer(nil)
	r.url = "http://" + server.Listener.Addr().String()
	s, err := New(Config{
		Dir: dir, WebhookBase: g.server.URL, Base: r.url, AppSecret: func() string { return testSecret }, VerifyToken: "palabra", PageToken: testToken,
		SiacToken: siacToken, SiacCallbackSecret: siacSecret, Clock: r.clock.now,
		XConsumerSecret: testSecret + "-x", LinkedInClientSecret: testSecret + "-li",
		Tick: func(_ context.Context, at time.Time) error {
			r.ticked = append(r.ticked, at)
			r.clock.move(at.Sub(r.clock.now()))
			return nil
		},
	})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	r.sim = s
	server.Config.Handler = s.Handler()
	server.Start()
	t.Cleanup(func() {
		_ = s.Close()
		server.Close()
	})
	return r
}

// again starts a second simulator on a copy of the journal as it is now, as after a kill -9 of the first.
func (r *rig) again() *rig {
	r.t.Helper()
	dir := r.t.TempDir()
	raw, err := os.ReadFile(filepath.Join(r.dir, "journal.jsonl"))
	if err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), raw, 0o600); err != nil {
		r.t.Fatal(err)
	}
	return rigIn(r.t, dir, r.gestor)
}

type header [2]string

// call makes a request and gives status and body.
func (r *rig) call(method, path, body string, headers ...header) (int, []byte) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		req.Header.Set(h[0], h[1])
		if h[0] == "Host" {
			req.Host = h[1]
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatalf("%s %s: body: %v", method, path, err)
	}
	return res.StatusCode, out
}

// json calls, wants the status, and decodes into a value of type T.
func calls[T any](r *rig, status int, method, path, body string, headers ...header) T {
	r.t.Helper()
	got, raw := r.call(method, path, body, headers...)
	if got != status {
		r.t.Fatalf("%s %s: status %d, want %d: %s", method, path, got, status, raw)
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		r.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
	}
	return v
}

type placed struct{ ID, Thread string }

func (r *rig) write(body string) placed {
	r.t.Helper()
	return calls[placed](r, http.StatusOK, http.MethodPost, "/sim/facebook/messages", body)
}

// eventually waits for something that other goroutines bring about; only a broken simulator needs the whole time.
func (r *rig) eventually(what string, done func() bool) {
	r.t.Helper()
	for range 1000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.t.Fatalf("never happened: %s", what)
}

// delivered waits for the n-th delivery to a path.
func (r *rig) delivered(path string, n int) received {
	r.t.Helper()
	r.eventually("delivery to "+path, func() bool { return len(r.gestor.deliveries(path)) >= n })
	return r.gestor.deliveries(path)[n-1]
}

// change gives the n-th delivery decoded: its entry and the value of its only change.
func (r *rig) change(n int) (entry, value map[string]any, fieldName string) {
	r.t.Helper()
	d := r.delivered(facebookPath, n)
	var env struct {
		Object string
		Entry  []map[string]any
	}
	dec := json.NewDecoder(bytes.NewReader(d.body))
	dec.UseNumber()
	if err := dec.Decode(&env); err != nil || env.Object != "page" || len(env.Entry) != 1 {
		r.t.Fatalf("delivery %s: %v", d.body, err)
	}
	entry = env.Entry[0]
	if list, ok := entry["changes"].([]any); ok {
		c := list[0].(map[string]any)
		return entry, c["value"].(map[string]any), c["field"].(string)
	}
	return entry, entry["messaging"].([]any)[0].(map[string]any), "messaging"
}

func hmacHex(secret string, message []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(message)
	return hex.EncodeToString(mac.Sum(nil))
}

// graph calls the Graph API as our system does.
func (r *rig) graph(method, path, form string) (int, map[string]any) {
	r.t.Helper()
	proof := "appsecret_proof=" + hmacHex(testSecret, []byte(testToken))
	headers := []header{{"Authorization", "Bearer " + testToken}}
	if method == http.MethodPost {
		headers = append(headers, header{"Content-Type", "application/x-www-form-urlencoded"})
		form += "&" + proof
	} else {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		path += sep + proof
	}
	status, raw := r.call(method, path, form, headers...)
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		r.t.Fatalf("%s %s: %v in %q", method, path, err, raw)
	}
	return status, v
}
