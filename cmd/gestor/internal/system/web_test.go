package system

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/clock"
	"sence.gob.cl/gestor/cmd/gestor/internal/template"
)

// front makes the main address's handler without anything behind it but a gateway that answers "gateway".
func front(t *testing.T, addr string, oidc OIDC) http.Handler {
	t.Helper()
	local, err := clock.Open(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s := &System{
		opts: Options{Addr: addr, OIDC: oidc, Wall: time.Now}, log: slog.New(slog.DiscardHandler), clock: local, tpl: &template.Template{},
	}
	if err := s.signIn("http://127.0.0.1:8080", filepath.Join(t.TempDir(), "key.pem")); err != nil {
		t.Fatal(err)
	}
	return s.front(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "gateway") }))
}

func TestFront(t *testing.T) {
	other := OIDC{Issuer: "https://ejemplo.invalid", Audience: "a", Client: "c"}
	cases := []struct {
		name, addr           string
		oidc                 OIDC
		method, path, origin string
		status               int
		want                 string
	}{
		{"sign in", "127.0.0.1:8080", OIDC{}, "POST", "/local/login", "", 200, `"token"`},
		{"own page", "127.0.0.1:8080", OIDC{}, "POST", "/local/login", "http://127.0.0.1:8080", 200, `"token"`},
		{"other page", "127.0.0.1:8080", OIDC{}, "POST", "/local/login", "http://ejemplo.invalid", 403, "origen"},
		{"issuer", "127.0.0.1:8080", OIDC{}, "GET", "/local/oidc/jwks.json", "", 200, `"keys"`},
		{"everything else", "127.0.0.1:8080", OIDC{}, "POST", "/locales", "http://ejemplo.invalid", 200, "gateway"},
		{"paths stay as they came", "127.0.0.1:8080", OIDC{}, "GET", "//local/login", "", 200, "gateway"},
		{"other issuer", "127.0.0.1:8080", other, "POST", "/local/login", "", 404, "Usuario desconocido"},
		{"no issuer of ours beside another", "127.0.0.1:8080", other, "GET", "/local/oidc/jwks.json", "", 404, ""},
		{"off for others", "0.0.0.0:8080", other, "POST", "/local/login", "", 404, ""},
		{"off for others, state", "0.0.0.0:8080", other, "GET", "/local/state", "", 404, ""},
		{"gateway for others", "0.0.0.0:8080", other, "GET", "/", "", 200, "gateway"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			req := httptest.NewRequestWithContext(t.Context(), c.method, "http://127.0.0.1:8080"+c.path, strings.NewReader(`{"user":"siac"}`))
			req.Header.Set("Content-Type", "application/json")
			if c.origin != "" {
				req.Header.Set("Origin", c.origin)
			}
			w := httptest.NewRecorder()
			front(t, c.addr, c.oidc).ServeHTTP(w, req)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, c.status, c.want)
			}
		})
	}
}
