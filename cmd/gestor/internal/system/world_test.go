package system

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/infra/golden"
)

// options are those of a system on free ports, with the test's own binary as every function.
func options(t *testing.T) Options {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"webhook", "intake", "relay", "tick", "deliver", "escalate", "fetch", "desk"} {
		if err := os.MkdirAll(filepath.Join(dir, "functions", name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(self, filepath.Join(dir, "functions", name, "bootstrap")); err != nil {
			t.Fatal(err)
		}
	}
	return Options{
		Addr: "127.0.0.1:0", SimAddr: "127.0.0.1:0", EngineHost: "127.0.0.1", DataDir: filepath.Join(dir, "data"),
		FunctionsDir: filepath.Join(dir, "functions"), Template: golden.Template(),
		Dynoxide: "../../../../web/node_modules/@dynoxide/linux-x64/dynoxide", DynamoDB: os.Getenv("GESTOR_DYNAMODB"),
		EscalateUndo: "7m",
		Secrets:      Secrets{MetaApp: "secreto-de-prueba", MetaVerify: "palabra", SiacCallback: "otra"},
		Known:        []string{"local-meta-app-secret"},
		Wall:         time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Output: t.Output(),
	}
}

func start(t *testing.T, o Options) *System {
	t.Helper()
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *System) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
	if ctx.Err() != nil {
		t.Error("the stop took more than 10 s")
	}
}

// call sends a request and decodes the answer into into, unless that is nil.
func call(t *testing.T, method, url, token, body string, into any) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		if err := json.NewDecoder(bytes.NewReader(data)).Decode(into); err != nil {
			t.Fatalf("%s %s: %d %s: %v", method, url, res.StatusCode, data, err)
		}
	}
	return res.StatusCode, string(data)
}

func login(t *testing.T, s *System, user string) string {
	t.Helper()
	var got struct{ Token string }
	if status, body := call(t, "POST", s.URL()+"/local/login", "", `{"user":"`+user+`"}`, &got); status != 200 {
		t.Fatalf("login: %d %s", status, body)
	}
	return got.Token
}

// keys asks the stand-in for desk which sort keys stand under a partition.
func keys(t *testing.T, s *System, pk string) []string {
	t.Helper()
	var got struct{ Keys []string }
	status, body := call(t, "GET", s.URL()+"/api/v1/keys?pk="+pk, login(t, s, "siac"), "", &got)
	if status != 200 {
		t.Fatalf("desk: %d %s", status, body)
	}
	return got.Keys
}

type ticked struct {
	At      time.Time
	Drained bool
}

func tick(t *testing.T, s *System, body string) ticked {
	t.Helper()
	var got ticked
	if status, text := call(t, "POST", s.URL()+"/local/tick", "", body, &got); status != 200 {
		t.Fatalf("tick: %d %s", status, text)
	}
	return got
}
