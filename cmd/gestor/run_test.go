package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func runCommand(t *testing.T, env map[string]string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	term := terminal{out: &stdout, err: &stderr, env: func(name string) string { return env[name] }}
	code = runLocal(t.Context(), args, term)
	return code, stdout.String(), stderr.String()
}

func TestRun_SaysInOneLineWhyNot(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	accounts := filepath.Join(t.TempDir(), "accounts.json")
	if err := os.WriteFile(accounts, []byte(`{"orkut":["1"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		env  map[string]string
		word string
	}{
		{"port taken", map[string]string{"GESTOR_ADDR": taken.Addr().String()}, "in use"},
		{"default secrets for others", map[string]string{"GESTOR_ADDR": "0.0.0.0:8080"}, "GESTOR_META_APP_SECRET"},
		{"accounts that are not there", map[string]string{"GESTOR_ACCOUNTS": "/no/hay"}, "GESTOR_ACCOUNTS"},
		{"accounts of no network", map[string]string{"GESTOR_ACCOUNTS": accounts}, "accounts"},
		{"undo", map[string]string{"GESTOR_ESCALATE_UNDO": "luego"}, "GESTOR_ESCALATE_UNDO"},
		{"log", map[string]string{"GESTOR_LOG": "mucho"}, "GESTOR_LOG"},
		{"data is a file", map[string]string{"GESTOR_DATA": accounts}, accounts},
		{"another engine that does not answer", map[string]string{"GESTOR_DYNAMODB": "aqui"}, "GESTOR_DYNAMODB"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			env := map[string]string{"GESTOR_ADDR": "127.0.0.1:0", "GESTOR_SIM_ADDR": "127.0.0.1:0", "GESTOR_DATA": t.TempDir()}
			for name, value := range c.env {
				env[name] = value
			}
			code, out, errs := runCommand(t, env)
			if code != exitFailed || out != "" || !strings.HasPrefix(errs, "gestor run: ") || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, c.word) {
				t.Errorf("got %d %q %q, want one line with %q", code, out, errs, c.word)
			}
			for _, known := range secretNames() {
				if strings.Contains(errs, known) {
					t.Errorf("the line tells a secret: %q", errs)
				}
			}
		})
	}
}

func TestRun_Usage(t *testing.T) {
	if code, out, _ := runCommand(t, nil, "--help"); code != exitDone || !strings.Contains(out, "GESTOR_ADDR") {
		t.Errorf("help: got %d %q", code, out)
	}
	for _, args := range [][]string{{"--puerto", "1"}, {"ya"}} {
		if code, out, errs := runCommand(t, nil, args...); code != exitUsage || out != "" || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: got %d %q %q", args, code, out, errs)
		}
	}
}

func TestRun_DefaultsAreTheContract(t *testing.T) {
	o, err := runOptions(terminal{env: func(string) string { return "" }, err: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	if o.Addr != "127.0.0.1:8080" || o.SimAddr != "127.0.0.1:8090" || o.DataDir != ".gestor" {
		t.Errorf("got %s, %s, %s", o.Addr, o.SimAddr, o.DataDir)
	}
	if o.Secrets.MetaApp != "local-meta-app-secret" || o.Secrets.MetaVerify != "local-verify-token" || o.Secrets.SiacCallback != "local-siac-callback-secret" {
		t.Error("the secrets are not the contract's")
	}
}

func TestOutput_BeginsAnewWhenItIsFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "functions.log")
	r, err := openOutput(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for _, line := range []string{"una\n", "dos\n"} {
		if _, err := r.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	r.size = maxOutput
	if _, err := r.Write([]byte("tres\n")); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{path: "tres\n", path + ".1": "una\ndos\n"} {
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v", file, got, err)
		}
	}
}
