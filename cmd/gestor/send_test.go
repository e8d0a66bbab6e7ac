package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sink keeps the last request and answers with a set status.
type sink struct {
	*httptest.Server
	path   string
	header http.Header
	body   []byte
	status int
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.path, s.header = r.URL.Path, r.Header
		s.body, _ = io.ReadAll(r.Body)
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, "{\"ok\":true}\n")
	}))
	t.Cleanup(s.Close)
	return s
}

func send(t *testing.T, in string, env map[string]string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	term := terminal{
		in: strings.NewReader(in), out: &stdout, err: &stderr, env: func(name string) string { return env[name] },
	}
	code = runSend(t.Context(), args, term)
	return code, stdout.String(), stderr.String()
}

func TestSend_SignsTheExactBytes(t *testing.T) {
	const body = " {\"a\": \"ñ\\u00f1\"}\r\n"
	// Computed apart with openssl: dgst -sha256 -hmac SECRET.
	cases := []struct {
		source, header, want string
		env                  map[string]string
	}{
		{"facebook", "X-Hub-Signature-256", "sha256=d4ca73cfeacfb064da660ff4cd6f1bd8d1e756e0ed1108f7ce0e3fa6f07179c0", nil},
		{"instagram", "X-Hub-Signature-256", "sha256=d4ca73cfeacfb064da660ff4cd6f1bd8d1e756e0ed1108f7ce0e3fa6f07179c0", nil},
		{"whatsapp", "X-Hub-Signature-256", "sha256=d4ca73cfeacfb064da660ff4cd6f1bd8d1e756e0ed1108f7ce0e3fa6f07179c0", nil},
		{"facebook", "X-Hub-Signature-256", "sha256=2056815d5901e8699d4c7c28f1e9e8ec7da3ef6b7a8f789717cf7060789a8446", map[string]string{"GESTOR_META_APP_SECRET": "otra"}},
		{"x", "X-Twitter-Webhooks-Signature", "sha256=xESBXyNTD399MFZze0lvbU+7nP0ebNqD7DqeCs1moHQ=", nil},
		{"linkedin", "X-LI-Signature", "addfba0704a56c85ee97d5814947f41972952aaf9d691be745e8a5b29c76933d", nil},
	}
	for _, c := range cases {
		s := newSink(t)
		code, out, errs := send(t, body, c.env, "--source", c.source, "--url", s.URL+"/")
		if code != exitDone || out != "200 OK\n{\"ok\":true}\n" || errs != "" {
			t.Errorf("%s: got %d %q %q", c.source, code, out, errs)
		}
		if s.path != "/webhooks/"+c.source || string(s.body) != body {
			t.Errorf("%s: %s got %q", c.source, s.path, s.body)
		}
		if got := s.header.Get(c.header); got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.source, c.header, got, c.want)
		}
		if s.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: content type %q", c.source, s.header.Get("Content-Type"))
		}
	}
}

func TestSend_File(t *testing.T) {
	s := newSink(t)
	file := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := send(t, "otra cosa", nil, "--source=facebook", "--url="+s.URL, file); code != exitDone || string(s.body) != "{}" {
		t.Errorf("file: got %d %q, body %q", code, errs, s.body)
	}
	if code, _, _ := send(t, "entrada", nil, "--source=facebook", "--url="+s.URL, "-"); code != exitDone || string(s.body) != "entrada" {
		t.Errorf("dash: got %d, body %q", code, s.body)
	}
}

func TestSend_Failures(t *testing.T) {
	s := newSink(t)
	s.status = http.StatusForbidden
	if code, out, _ := send(t, "{}", nil, "--source", "facebook", "--url", s.URL); code != exitFailed || !strings.HasPrefix(out, "403 Forbidden\n") {
		t.Errorf("refused: got %d %q", code, out)
	}
	if code, _, errs := send(t, "", nil, "--source", "x", "/no/hay/tal"); code != exitFailed || strings.Count(errs, "\n") != 1 {
		t.Errorf("no file: got %d %q", code, errs)
	}
	if code, _, errs := send(t, "{}", nil, "--source", "x", "--url", "http://127.0.0.1:1"); code != exitFailed || strings.Count(errs, "\n") != 1 {
		t.Errorf("nobody there: got %d %q", code, errs)
	}
	for _, args := range [][]string{
		{}, {"--source", "orkut"}, {"--source", "x", "--url", "8080"}, {"--source", "x", "--url", "ftp://h"}, {"--source", "x", "a", "b"}, {"--que"},
	} {
		if code, out, errs := send(t, "{}", nil, args...); code != exitUsage || out != "" || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: got %d %q %q", args, code, out, errs)
		}
	}
	if code, out, _ := send(t, "", nil, "--help"); code != exitDone || !strings.Contains(out, "--source") {
		t.Errorf("help: got %d %q", code, out)
	}
}
