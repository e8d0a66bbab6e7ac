package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/model"
)

// askModel runs gestor model against a played desk.
func askModel(t *testing.T, d *fakeDesk, env map[string]string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	term := terminal{in: strings.NewReader(""), out: &stdout, err: &stderr, env: func(name string) string { return env[name] }}
	code = runModel(t.Context(), append([]string{"--url", d.URL}, args...), term)
	return code, stdout.String(), stderr.String()
}

const registered = `{"version":3,"current":"aabbccddeeff00112233","shadow":"none","previous":"embedded","own":{"label":"lineal-1/n2","reading":"n2-00"},
	"items":[{"name":"aabbccddeeff00112233","label":"lineal-2@aabbccdd/n2","reading":"n2-00","usable":true,"addedAt":"2026-11-30T12:00:00Z","addedBy":{"id":"ti"}},
	{"name":"0123456789abcdef0123","label":"viejo@01234567/n1\u001b[31m","reading":"n1-00","usable":false,"addedAt":"2026-10-30T12:00:00Z","addedBy":{"id":"ti"}}],
	"steps":[{"at":"2026-11-30T12:00:00Z","by":{"id":"ti"},"kind":"model.used","from":"embedded","to":"aabbccddeeff00112233"}]}`

func TestModel(t *testing.T) {
	file := filepath.Join(t.TempDir(), "modelo.bin")
	if err := os.WriteFile(file, classify.Embedded(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args  []string
		asked string
		says  []string
	}{
		{[]string{"list"}, "GET /api/v1/models", []string{"aabbccddeeff0011  lineal-2@aabbccdd/n2    decides", "unusable: reads n1-00", "embedded", "before", "  used  ", "ti"}},
		{[]string{"use", "aabbccdd"}, `POST /api/v1/models/use {"model":"aabbccdd"}`, []string{"decides: aabbccddeeff0011  lineal-2@aabbccdd/n2", "before:  embedded  lineal-1/n2"}},
		{[]string{"shadow", "none"}, `POST /api/v1/models/shadow {"model":"none"}`, []string{"shadow:  none"}},
		{[]string{"rollback"}, `POST /api/v1/models/rollback {"model":""}`, []string{"decides: "}},
		{[]string{"add", file}, "POST /api/v1/models GESTORC", []string{model.NameOf(classify.Embedded()) + "\n"}},
	} {
		d := newDesk(t, registered)
		code, out, errs := askModel(t, d, nil, c.args...)
		if code != exitDone || errs != "" || len(d.asked) != 1 || !strings.HasPrefix(d.asked[0], c.asked) || d.tokens[0] != "Bearer de-ti" {
			t.Errorf("%q: %d %q, asked %.60q by %q", c.args, code, errs, d.asked, d.tokens)
		}
		for _, want := range c.says {
			if !strings.Contains(out, want) {
				t.Errorf("%q does not say %q:\n%s", c.args, want, out)
			}
		}
		if strings.ContainsRune(out, 0x1b) {
			t.Errorf("%q steers the terminal", c.args)
		}
	}
	d := newDesk(t, registered)
	if _, _, errs := askModel(t, d, map[string]string{"GESTOR_TOKEN": "de-persona"}, "rollback"); errs != "" || d.tokens[0] != "Bearer de-persona" {
		t.Errorf("%q, %q", errs, d.tokens)
	}
}

func TestModel_Refusals(t *testing.T) {
	page := filepath.Join(t.TempDir(), "pagina.html")
	if err := os.WriteFile(page, []byte("<html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"nothing": {nil, exitUsage, "list, add"}, "another word": {[]string{"delete", "x"}, exitUsage, "none of"}, "no name": {[]string{"use"}, exitUsage, "use what?"},
		"too much": {[]string{"rollback", "x"}, exitUsage, "unexpected"}, "no address": {[]string{"list", "--url", "x"}, exitUsage, "--url"},
		"a reading of nothing": {[]string{"list", "--reading", "n1"}, exitUsage, "--reading"}, "another flag": {[]string{"list", "--force"}, exitUsage, "force"},
		"no file": {[]string{"add", filepath.Join(t.TempDir(), "nada")}, exitFailed, "no such file"}, "a page": {[]string{"add", page}, exitFailed, "is no model"},
		"nobody": {[]string{"list", "--user", "nadie"}, exitFailed, "sign in"}, "refused": {[]string{"rollback"}, exitFailed, "No hay un modelo anterior"},
	} {
		d := newDesk(t, `{"status":403,"detail":"No hay un modelo anterior al que volver."}`)
		code, out, errs := askModel(t, d, nil, c.args...)
		if code != c.code || !strings.Contains(errs, c.says) || out != "" {
			t.Errorf("%s: %d %q %q", what, code, out, errs)
		}
	}
	var out bytes.Buffer
	if code := runModel(t.Context(), []string{"--help"}, terminal{out: &out}); code != exitDone || !strings.HasPrefix(out.String(), "usage: gestor model list") {
		t.Errorf("help: %d %s", code, out.String())
	}
}
