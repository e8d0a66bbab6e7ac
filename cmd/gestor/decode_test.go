package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// decodeRun runs the command with in as its standard input.
func decodeRun(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = runDecode(context.Background(), args, terminal{in: strings.NewReader(in), out: &o, err: &e})
	return code, o.String(), e.String()
}

// Every sample of every network comes out as its golden, whether all accounts are ours or those listed.
func TestDecode_Samples(t *testing.T) {
	goldens := map[string]string{
		"facebook": "meta/testdata/golden", "instagram": "meta/testdata/golden-instagram", "whatsapp": "whatsapp/testdata/golden",
		"x": "x/testdata/golden", "linkedin": "linkedin/testdata/golden",
	}
	for source, goldens := range goldens {
		files, err := filepath.Glob("../../events/" + source + "/*.json")
		if err != nil || len(files) == 0 {
			t.Fatalf("no samples of %s: %v", source, err)
		}
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".json")
			golden, err := os.ReadFile(filepath.Join("../../shared", goldens, name+".jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			ways := [][]string{{file}, {"--accounts", "../../events/accounts.json", file}}
			if strings.Contains(name, "foreign") { // of an account that is not ours: the list makes the difference
				ways = ways[1:]
			}
			for _, args := range ways {
				code, out, errs := decodeRun(t, "", append([]string{"--source", source}, args...)...)
				if code != exitDone || out != string(golden) || errs != "" {
					t.Errorf("%s %s %v: exit %d, %q, %s", source, name, args, code, errs, out)
				}
			}
		}
	}
}

// The names of the fields and their forms are the contract's.
func TestDecode_Fields(t *testing.T) {
	const body = `{"object":"page","entry":[{"id":"1","time":1800000000,"changes":[{"field":"feed","value":{"item":"comment","verb":"add",` +
		`"comment_id":"7_10201978818232600","post_id":"1_7","parent_id":"7_8","from":{"id":10201978818232600,"name":"Persona Ficticia"},` +
		`"message":"<hola> & chao","photo":"https://x/?a=1&b=2","is_hidden":true,"created_time":1799999990}}]}]}`
	const want = `{"outcome":"interaction","channel":"facebook","kind":"comment","key":"7_10201978818232600","thread":"1_7","parent":"7_8",` +
		`"author":{"id":"10201978818232600","name":"Persona Ficticia"},"account":"1","text":"<hola> & chao",` +
		`"attachments":[{"type":"image","url":"https://x/?a=1&b=2"}],"at":"2027-01-15T07:59:50Z","flags":["hidden"]}` + "\n"
	for _, args := range [][]string{{}, {"-"}} {
		code, out, errs := decodeRun(t, body, append([]string{"--source=facebook"}, args...)...)
		if code != exitDone || out != want || errs != "" {
			t.Errorf("%v: exit %d, %q\n got %s\nwant %s", args, code, errs, out, want)
		}
	}
}

// What cannot be read is said in one line and is no failure of the command.
func TestDecode_Malformed(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "a word": "hola", "half": `{"object":"page","entry":[`, "deep": strings.Repeat("[", 100_000), "NUL": "\x00", "not UTF-8": "\xff\xfe",
	} {
		code, out, errs := decodeRun(t, body, "--source", "facebook")
		var line struct{ Outcome, Channel, Reason string }
		if err := json.Unmarshal([]byte(out), &line); err != nil || strings.Count(out, "\n") != 1 {
			t.Errorf("%s: %q: %v", name, out, err)
		}
		if code != exitDone || errs != "" || line.Outcome != "quarantine" || line.Channel != "facebook" || line.Reason == "" {
			t.Errorf("%s: exit %d, %q, %+v", name, code, errs, line)
		}
	}
}

func TestDecode_Foreign(t *testing.T) {
	accounts := filepath.Join(t.TempDir(), "accounts.json")
	if err := os.WriteFile(accounts, []byte(`{"facebook":["5"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := decodeRun(t, "", "--source", "facebook", "--accounts", accounts, "../../events/facebook/D6-feed-post-add-25.json")
	if code != exitDone || !strings.Contains(out, `"outcome":"ignore"`) || !strings.Contains(out, `"reason":"cuenta_ajena"`) {
		t.Errorf("exit %d, %s", code, out)
	}
}

func TestDecode_Errors(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"feisbuk":["5"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, in string
		args     []string
		code     int
		says     string
	}{
		{"no source", "{}", nil, exitUsage, "--source is missing"},
		{"an unknown source", "{}", []string{"--source", "myspace"}, exitUsage, "myspace"},
		{"an unknown flag", "{}", []string{"--sauce", "facebook"}, exitUsage, "sauce"},
		{"two files", "{}", []string{"--source", "facebook", "-", "b"}, exitUsage, `"b"`},
		{"no such file", "", []string{"--source", "facebook", "/no/such/file"}, exitFailed, "/no/such/file"},
		{"no such accounts", "{}", []string{"--source", "facebook", "--accounts", "/no/such/file"}, exitFailed, "/no/such/file"},
		{"bad accounts", "{}", []string{"--source", "facebook", "--accounts", bad}, exitFailed, "feisbuk"},
		{"over 4 MiB", strings.Repeat(" ", 4<<20+1), []string{"--source", "facebook"}, exitFailed, "4194304 bytes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := decodeRun(t, c.in, c.args...)
			if code != c.code || out != "" || !strings.Contains(errs, c.says) || strings.Count(errs, "\n") != 1 {
				t.Errorf("exit %d, printed %q, said %q", code, out, errs)
			}
		})
	}
}

func TestDecode_Help(t *testing.T) {
	for _, flag := range []string{"--help", "-h"} {
		code, out, errs := decodeRun(t, "", flag)
		if code != exitDone || errs != "" || !strings.Contains(out, "--accounts") {
			t.Errorf("%s: exit %d, %q, %q", flag, code, out, errs)
		}
	}
}
