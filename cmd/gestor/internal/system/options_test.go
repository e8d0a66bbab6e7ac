package system

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOptions_Check(t *testing.T) {
	good := Options{
		Addr: "127.0.0.1:8080", SimAddr: "127.0.0.1:8090", EngineHost: "127.0.0.1",
		Secrets: Secrets{MetaApp: "de-todos", MetaVerify: "v", SiacCallback: "s"}, Known: []string{"de-todos"},
	}
	oidc := OIDC{Issuer: "https://ejemplo.invalid", Audience: "a", Client: "c"}
	cases := []struct {
		name   string
		change func(*Options)
		word   string // empty: accepted
	}{
		{"loopback", func(*Options) {}, ""},
		{"localhost", func(o *Options) { o.Addr = "localhost:0" }, ""},
		{"IPv6", func(o *Options) { o.Addr = "[::1]:8080" }, ""},
		{"no port", func(o *Options) { o.Addr = "127.0.0.1" }, "GESTOR_ADDR"},
		{"no number", func(o *Options) { o.Addr = "127.0.0.1:web" }, "GESTOR_ADDR"},
		{"port too high", func(o *Options) { o.SimAddr = "127.0.0.1:70000" }, "GESTOR_SIM_ADDR"},
		{"simulator for all", func(o *Options) { o.SimAddr = "0.0.0.0:8090" }, "GESTOR_SIM_ADDR"},
		{"engine host", func(o *Options) { o.EngineHost = "puente" }, "GESTOR_ENGINE_HOST"},
		{"engines everywhere", func(o *Options) { o.EngineHost = "0.0.0.0" }, "GESTOR_ENGINE_HOST"},
		{"undo", func(o *Options) { o.EscalateUndo = "diez" }, "GESTOR_ESCALATE_UNDO"},
		{"negative undo", func(o *Options) { o.EscalateUndo = "-1m" }, "GESTOR_ESCALATE_UNDO"},
		{"doubt", func(o *Options) { o.DoubtHours = "0" }, "GESTOR_DOUBT_HOURS"},
		{"half an issuer", func(o *Options) { o.OIDC.Issuer = "https://ejemplo.invalid" }, "GESTOR_OIDC_AUDIENCE"},
		{"every address with default secrets", func(o *Options) { o.Addr, o.OIDC = "0.0.0.0:8080", oidc }, "default"},
		{"no host with default secrets", func(o *Options) { o.Addr, o.OIDC = ":8080", oidc }, "default"},
		{"other name with default secrets", func(o *Options) { o.Addr, o.OIDC = "ejemplo.invalid:80", oidc }, "default"},
		{"previous secret is the default", func(o *Options) {
			o.Addr, o.OIDC, o.Secrets.MetaApp, o.Secrets.MetaAppPrevious = "0.0.0.0:8080", oidc, "propio", "de-todos"
		}, "default"},
		{"every address with the local sign-in", func(o *Options) { o.Addr, o.Secrets.MetaApp = "0.0.0.0:8080", "propio" }, "GESTOR_OIDC_ISSUER"},
		{"every address done right", func(o *Options) { o.Addr, o.OIDC, o.Secrets.MetaApp = "0.0.0.0:8080", oidc, "propio" }, ""},
	}
	for _, c := range cases {
		o := good
		c.change(&o)
		err := o.check()
		switch {
		case c.word == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.word != "" && (err == nil || !strings.Contains(err.Error(), c.word)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.word)
		case err != nil && strings.Contains(err.Error(), "de-todos"):
			t.Errorf("%s: the error tells the secret: %v", c.name, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for received, want := range map[string]time.Duration{
		"1": 5 * time.Second, "2": 10 * time.Second, "4": 40 * time.Second, "5": time.Minute, "900": time.Minute, "": 5 * time.Second,
	} {
		if got := retryAfter(received, time.Minute); got != want {
			t.Errorf("after %q receives: got %s, want %s", received, got, want)
		}
	}
	if got := retryAfter(nil, time.Second); got != time.Second {
		t.Errorf("unknown message: got %s", got)
	}
}

func TestCitizenKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	first, err := keyFile(file)
	if err != nil {
		t.Fatal(err)
	}
	again, err := keyFile(file)
	if err != nil || again != first {
		t.Errorf("got another key, %v", err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: got %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(file, []byte("corta"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keyFile(file); err == nil {
		t.Error("a damaged key was replaced or used")
	}
}
