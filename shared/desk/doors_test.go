package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
)

// Without a verified token there is nothing behind any spelling of an address of the API.
func TestDoors_NoClaims(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Consulta)
	paths := []string{
		"/api/v1/me", "/api/v1/tickets", "/api/v1/tickets?view=all", "/api/v1/tickets/" + c.ID, "/api/v1/changes", "/api/v1/quarantine",
		"/api/v1/attention", "/api/v1/nada", "/api/v1/", "/api/v1", "/api/", "/api", "/api/v2/tickets",
		"/api%2Fv1/tickets", "/api%2Fv1%2Ftickets", "/api%2fv1/tickets/" + c.ID, "/%61pi/v1/tickets", "/api//v1/tickets", "//api/v1/tickets",
		"/api/v1//tickets", "/api/./v1/tickets", "/x/../api/v1/tickets", "/api/v1/tickets/", "/api/v1/openapi.json/../tickets",
		"/api/v1/tickets/" + c.ID + "/claim", "/api/v1/openapi.json%2F..%2Ftickets", "/api/v1%2Ftickets",
	}
	for _, path := range paths {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"} {
			a := w.fetch(method, path, "", `{"version":1}`, "Idempotency-Key", "k")
			if a.status != http.StatusUnauthorized {
				t.Errorf("%s %s without a token: %d", method, path, a.status)
			}
			if strings.Contains(string(a.body), c.Number) || strings.Contains(string(a.body), "Ficticia") {
				t.Errorf("%s %s without a token tells: %s", method, path, a.body)
			}
		}
	}
	if got := w.ticket(c.ID); got.Version != 1 {
		t.Errorf("without a token the case became version %d", got.Version)
	}
	for _, path := range []string{"/api/v1/openapi.json", "/healthz", "/config.json"} {
		if a := w.ask("GET", path, "", ""); a.status != http.StatusOK {
			t.Errorf("GET %s is for everybody: %d", path, a.status)
		}
	}
	for _, path := range []string{"/", "/casos/" + c.ID, "/apio"} {
		if a := w.fetch("GET", path, "", ""); a.status != http.StatusOK || !strings.Contains(string(a.body), "consola") {
			t.Errorf("GET %s is the console: %d %s", path, a.status, a.body)
		}
	}
}

// A token that names nobody, or a role of nobody, opens nothing.
func TestDoors_Claims(t *testing.T) {
	w := newWorld(t)
	d := w.server.Config.Handler
	tests := []struct {
		name   string
		claims map[string]string
		status int
		roles  []string
	}{
		{"no name", map[string]string{"cognito:groups": "[supervisor]"}, 401, nil},
		{"no role", map[string]string{"sub": "x"}, 200, nil},
		{"a role of nobody", map[string]string{"sub": "x", "cognito:groups": "[dios supervisora SUPERVISOR]"}, 200, nil},
		{"one role", map[string]string{"sub": "x", "cognito:groups": "[supervisor]"}, 200, []string{"supervisor"}},
		{"two, as the gateway writes them", map[string]string{"sub": "x", "cognito:groups": "[supervisor ti_admin]"}, 200, []string{"supervisor", "ti_admin"}},
		{"two, as JSON", map[string]string{"sub": "x", "cognito:groups": `["supervisor","ti_admin"]`}, 200, []string{"supervisor", "ti_admin"}},
		{"two, by commas", map[string]string{"sub": "x", "cognito:groups": "supervisor, ti_admin"}, 200, []string{"supervisor", "ti_admin"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(context.WithValue(t.Context(), claimed{}, tt.claims), http.MethodGet, "/api/v1/me", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			rec := httptest.NewRecorder()
			d.ServeHTTP(rec, req)
			var me struct {
				ID    string
				Roles []string
			}
			if rec.Code != tt.status {
				t.Fatalf("status %d, want %d", rec.Code, tt.status)
			}
			if rec.Code != 200 {
				return
			}
			if err := json.Unmarshal(rec.Body.Bytes(), &me); err != nil {
				t.Fatal(err)
			}
			if strings.Join(me.Roles, " ") != strings.Join(tt.roles, " ") || me.ID != "x" {
				t.Errorf("me = %+v, want roles %v", me, tt.roles)
			}
		})
	}
}

// Ten thousand guesses find nothing, and all are answered alike.
func TestDoors_Guesses(t *testing.T) {
	const guesses, hands = 10_000, 8
	w := newWorld(t)
	c := w.open(classify.Consulta)
	d := w.server.Config.Handler
	absent := w.ask("GET", "/api/v1/tickets/01NADIE", "supervisor", "")
	var all sync.WaitGroup
	for hand := range hands {
		all.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(hand)))
			for range guesses / hands {
				id := guess(random, c.ID)
				req, err := http.NewRequestWithContext(context.WithValue(context.Background(), claimed{}, map[string]string{
					"sub": "supervisor", "cognito:groups": "[supervisor]",
				}), http.MethodGet, "/api/v1/tickets/"+id, http.NoBody)
				if err != nil {
					t.Errorf("%s: %v", id, err)
					continue
				}
				rec := httptest.NewRecorder()
				d.ServeHTTP(rec, req)
				if rec.Code != http.StatusNotFound || rec.Body.String() != string(absent.body) {
					t.Errorf("%s: %d %s", id, rec.Code, rec.Body)
				}
			}
		})
	}
	all.Wait()
}

// guess is an id that looks right: of the same moment as a real one, of another, or of another alphabet.
func guess(random *rand.Rand, real string) string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	letters := []byte(real)
	for i := random.IntN(len(letters)); i < len(letters); i++ {
		letters[i] = alphabet[random.IntN(len(alphabet))]
	}
	if string(letters) == real {
		return real + "0"
	}
	return string(letters)
}

// What fails inside is told in words for people, and to the log without anybody's words.
func TestDoors_Failures(t *testing.T) {
	w := newWorld(t)
	c := w.open(classify.Consulta)
	wait := fault.New(fault.Transient, "dynamo.Story", errors.New("ThrottlingException"))
	wait.RetryAfter = 1500 * time.Millisecond
	for _, tt := range []struct {
		err    error
		status int
		after  string
	}{
		{wait, 503, "2"},
		{fault.New(fault.Transient, "dynamo.Story", nil), 503, ""},
	} {
		w.store.mu.Lock()
		w.store.down = tt.err
		w.store.mu.Unlock()
		for _, path := range []string{"/api/v1/tickets/" + c.ID, "/api/v1/attention"} {
			a := w.ask("GET", path, "supervisor", "")
			if a.status != tt.status || a.header.Get("Retry-After") != tt.after {
				t.Errorf("%s: %d, Retry-After %q", path, a.status, a.header.Get("Retry-After"))
			}
			if strings.Contains(string(a.body), "dynamo") || strings.Contains(string(a.body), "Throttling") {
				t.Errorf("the answer tells of our insides: %s", a.body)
			}
		}
	}
	for _, kind := range []fault.Kind{fault.Permanent, fault.Poison, fault.Uncertain, 0} {
		w.store.mu.Lock()
		w.store.down = fault.New(kind, "dynamo.Story", errors.New("por dentro"))
		w.store.mu.Unlock()
		a := w.fetch("GET", "/api/v1/tickets/"+c.ID, "supervisor", "")
		if p := read[refusal](w, a); a.status != 500 || p.Title == "" || p.Detail == "" || strings.Contains(string(a.body), "por dentro") {
			t.Errorf("%s: %d %s", kind, a.status, a.body)
		}
	}
	if log := w.log.String(); !strings.Contains(log, "por dentro") || strings.Contains(log, c.ID) {
		t.Errorf("log: %s", log)
	}
}

// Headers keep answers out of caches and browsers from guessing.
func TestDoors_Headers(t *testing.T) {
	w := newWorld(t)
	want := map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
	for _, path := range []string{"/api/v1/tickets", "/api/v1/nada", "/healthz", "/config.json"} {
		a := w.fetch("GET", path, "supervisor", "")
		got := map[string]string{}
		for name := range want {
			got[name] = a.header.Get(name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	for _, path := range []string{"/api/v1/tickets", "/api/v1/nada"} {
		if got := w.fetch("GET", path, "supervisor", "").header.Get("Gestor-Now"); got != "2026-11-23T15:00:00Z" {
			t.Errorf("%s tells the instant %q", path, got)
		}
	}
	a := w.fetch("GET", "/api/v1/nada", "supervisor", "")
	if p := read[refusal](w, a); a.status != 404 || p.Status != 404 || a.header.Get("Content-Type") != "application/problem+json; charset=utf-8" {
		t.Errorf("an address of nobody: %d %+v", a.status, p)
	}
	if a := w.ask("GET", "/config.json", "", ""); fmt.Sprint(read[map[string]string](w, a)) != "map[clientId:cliente issuer:https://emisor.example]" {
		t.Errorf("config: %s", a.body)
	}
}
