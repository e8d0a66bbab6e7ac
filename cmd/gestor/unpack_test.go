package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/mention"
)

func unpack(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = runUnpack(t.Context(), args, terminal{in: strings.NewReader(in), out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

// What the inbox holds comes back byte for byte.
func TestUnpack_Delivery(t *testing.T) {
	const body = "{\"object\":\"page\", \"entry\":[] , \"ñ\":\"\\u00f1\"}\r\n"
	packed, err := mention.Pack([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	d := mention.Inline(mention.Facebook, time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC), packed)
	message, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if code, out, errs := unpack(t, string(message)+"\n", "delivery"); code != exitDone || out != body {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

func TestUnpack_Refusals(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		args []string
		code int
		says string
	}{
		"nothing asked":            {"", nil, exitUsage, "quarantine or delivery"},
		"something else asked":     {"", []string{"cola"}, exitUsage, "neither"},
		"no base64":                {"ñ", []string{"quarantine"}, exitFailed, "base64"},
		"packed by nobody we know": {"AAAA", []string{"quarantine"}, exitFailed, "unpack"},
		"no message":               {"hola", []string{"delivery"}, exitFailed, "not a message"},
		"its body is elsewhere":    {`{"v":1,"network":"facebook","blob":"facebook/2026-11-22/ab"}`, []string{"delivery"}, exitFailed, "facebook/2026-11-22/ab"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := unpack(t, c.in, c.args...)
			if code != c.code || out != "" || !strings.Contains(errs, c.says) {
				t.Errorf("exit %d, %q, %q", code, out, errs)
			}
		})
	}
}
