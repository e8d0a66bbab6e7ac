package x_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/x"
)

const (
	samplesDir = "../../events/x"
	goldenDir  = "testdata/golden"
	us         = "1111111111111111111"
)

var update = flag.Bool("update", false, "write the golden files anew")

// outcomes is what each sample asks of us, written by hand: -update cannot change it. A word after the outcome is a flag
// or the reason.
func outcomes() map[string][]string {
	return map[string][]string{
		"xaa-mention":               {"interaction summoned"},
		"xaa-mention-in-reply":      {"interaction summoned"},
		"xaa-reply":                 {"interaction summoned"},
		"xaa-reply-without-mention": {"interaction"},
		"xaa-quote":                 {"interaction summoned"},
		"xaa-repost":                {"metric"},
		"xaa-like":                  {"metric"},
		"xaa-follow":                {"metric"},
		"xaa-unfollow":              {"metric removed"},
		"xaa-mute":                  {"metric"},
		"xaa-unblock":               {"metric removed"},
		"xaa-own-post":              {"own"},
		"xaa-own-reply":             {"own"},
		"xaa-own-mention":           {"own"},
		"xaa-delete":                {"delete"},
		"xaa-mention-edited":        {"edit summoned"},
		"xaa-mention-cut":           {"fetch truncated summoned falta_texto"},
		"xaa-mention-long":          {"interaction summoned"},
		"xaa-mention-media-place":   {"interaction summoned geo"},
		"xaa-mention-number-ids":    {"interaction summoned"},
		"xaa-mention-bare":          {"fetch summoned falta_autor"},
		"xaa-dm-received":           {"interaction"},
		"xaa-dm-received-photo":     {"interaction"},
		"xaa-dm-sent":               {"own"},
		"xaa-chat-received":         {"interaction encrypted"},
		"xaa-chat-sent":             {"own encrypted"},
		"xaa-dm-read":               {"status read"},
		"xaa-typing":                {"metric"},
		"xaa-revoke":                {"alert acceso_revocado"},
		"xaa-profile":               {"ignore sin_uso"},
		"xaa-unknown-type":          {"ignore_unknown item_desconocido"},
		"xaa-foreign":               {"ignore cuenta_ajena"},
		"xaa-two-events":            {"interaction summoned", "quarantine item_ilegible", "quarantine id_ilegible", "interaction"},
		"aaa-mention":               {"interaction summoned"},
		"aaa-reply":                 {"interaction summoned"},
		"aaa-quote":                 {"interaction summoned"},
		"aaa-own":                   {"own"},
		"aaa-retweet":               {"metric"},
		"aaa-own-retweet":           {"own"},
		"aaa-long-rounded-id":       {"interaction summoned geo"},
		"aaa-cut":                   {"fetch truncated summoned falta_texto"},
		"aaa-edited":                {"edit summoned"},
		"aaa-favorite":              {"metric"},
		"aaa-follow-unfollow":       {"metric", "metric removed"},
		"aaa-block-mute":            {"metric", "metric removed"},
		"aaa-delete":                {"delete"},
		"aaa-dm":                    {"interaction", "own", "interaction"},
		"aaa-typing":                {"metric"},
		"aaa-read":                  {"status read"},
		"aaa-revoke":                {"alert acceso_revocado"},
		"aaa-replay-complete":       {"ops reenvio_completo"},
		"aaa-replay-incomplete":     {"ops reenvio_incompleto"},
		"aaa-batch-with-poison": {
			"interaction summoned", "quarantine item_ilegible", "quarantine item_ilegible", "quarantine id_ilegible",
			"quarantine sin_id", "interaction summoned", "quarantine item_ilegible",
		},
		"aaa-unknown-list": {"ignore_unknown campo_desconocido"},
		"aaa-foreign":      {"ignore cuenta_ajena", "ignore cuenta_ajena"},
		"stream-rule":      {"interaction summoned"},
		"odd-unknown-body": {"ignore_unknown objeto_desconocido"},
	}
}

func accounts(t testing.TB) mention.Accounts {
	t.Helper()
	text, err := os.ReadFile("../../events/accounts.json")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := mention.ParseAccounts(text)
	if err != nil {
		t.Fatal(err)
	}
	return ours
}

// samples gives every body under events/x by its name without ".json".
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	return read(t, samplesDir, ".json")
}

func read(t testing.TB, dir, ext string) map[string][]byte {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string][]byte{}
	for _, file := range files {
		body, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		name, ok := strings.CutSuffix(file.Name(), ext)
		if !ok {
			t.Errorf("%s/%s is not used by any test", dir, file.Name())
		}
		bodies[name] = body
	}
	return bodies
}

func lines(t testing.TB, events []mention.Event) string {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for _, e := range events {
		if err := enc.Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// said gives the outcome, flags and reason of each event.
func said(events []mention.Event) []string {
	var list []string
	for _, e := range events {
		list = append(list, strings.TrimSpace(strings.Join(append([]string{string(e.Outcome)}, e.Flags...), " ")+" "+e.Reason))
	}
	return list
}

func TestDecode_samples(t *testing.T) {
	ours, want, bodies := accounts(t), outcomes(), samples(t)
	for name := range want {
		if bodies[name] == nil {
			t.Errorf("sample %s is gone", name)
		}
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			if want[name] == nil {
				t.Fatal("no outcome is written down for this sample")
			}
			events := x.Decode(body, ours)
			if diff := cmp.Diff(want[name], said(events)); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
			golden := filepath.Join(goldenDir, name+".jsonl")
			got := lines(t, events)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(text), got); diff != "" {
				t.Errorf("events (-golden +got):\n%s", diff)
			}
			if diff := cmp.Diff(events, x.Decode(body, nil)); diff != "" && !strings.HasSuffix(name, "-foreign") {
				t.Errorf("decodes differently when every account is ours:\n%s", diff)
			}
		})
	}
	for name := range read(t, goldenDir, ".jsonl") {
		if bodies[name] == nil {
			t.Errorf("golden %s has no sample", name)
		}
	}
}

// A delivery for an account that is not ours leaves nothing behind but the fact.
func TestDecode_foreignAccount(t *testing.T) {
	for name, body := range samples(t) {
		if strings.HasPrefix(name, "odd-") || strings.HasPrefix(name, "aaa-replay") {
			continue // they name no account
		}
		for _, ours := range []mention.Accounts{{}, {mention.Facebook: {us}}} {
			for _, e := range x.Decode(body, ours) {
				strange := e.Outcome != mention.Ignore && e.Outcome != mention.Quarantine
				if strange || e.Text != "" || e.Author != nil || e.Key != "" || e.Attachments != nil {
					t.Errorf("%s: %+v", name, e)
				}
			}
		}
	}
}

// With two accounts, what one of them writes to the other is our own.
func TestDecode_ownAmongUs(t *testing.T) {
	body := strings.ReplaceAll(string(samples(t)["xaa-mention"]), "2000000000000000001", "2244994945")
	if e := x.Decode([]byte(body), accounts(t))[0]; e.Outcome != mention.Own || e.Flag(mention.FlagSummoned) {
		t.Errorf("got %+v", e)
	}
}

// The one sample that only its writer makes ours, by somebody else.
func TestDecode_ownOrNot(t *testing.T) {
	for name, from := range map[string]string{
		"xaa-own-post": `"author_id": "` + us + `"`, "aaa-own": `"id_str": "` + us + `"`, "xaa-dm-sent": `"sender_id": "` + us + `"`,
		"xaa-chat-sent": `"sender_id": "` + us + `"`,
	} {
		body := string(samples(t)[name])
		other := strings.ReplaceAll(strings.ReplaceAll(body, from, strings.ReplaceAll(from, us, "55")), "chat.sent", "chat.received")
		if other == body {
			t.Fatalf("%s: nothing was replaced", name)
		}
		if e := x.Decode([]byte(other), accounts(t))[0]; e.Outcome != mention.Interaction || e.Author == nil || e.Author.ID != "55" {
			t.Errorf("%s by somebody else is %+v", name, e)
		}
	}
}

// A post of ours is known by the id of its first version, also when it is taken away as a later one.
func TestDecode_ownVersions(t *testing.T) {
	const later = `{"id":"8","edit_history_tweet_ids":["7","8"],"author_id":"` + us + `"`
	for kind, want := range map[string]mention.Outcome{"post.create": mention.Edit, "post.delete": mention.Delete} {
		e := x.Decode([]byte(xaa(kind, later+`,"text":"hola"}`)), accounts(t))[0]
		if e.Outcome != want || e.Key != "7" || e.Kind != mention.Post || e.Author == nil || e.Author.ID != us {
			t.Errorf("%s: %+v", kind, e)
		}
	}
	if e := x.Decode([]byte(xaa("post.delete", `{"id":"8"}`)), accounts(t))[0]; e.Outcome != mention.Delete || e.Key != "8" {
		t.Errorf("%+v", e)
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"xaa-mention", "aaa-mention"} {
		body, ours := samples(b)[name], accounts(b)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if events := x.Decode(body, ours); len(events) != 1 || events[0].Outcome != mention.Interaction {
					b.Fatal(events)
				}
			}
		})
	}
}
