package linkedin_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
)

const (
	samplesDir = "../../events/linkedin"
	goldenDir  = "testdata/golden"
	us         = "urn:li:organization:5000001"
)

var update = flag.Bool("update", false, "write the golden files anew")

// outcomes is what each sample asks of us, written by hand: -update cannot change it. A word after the outcome is a flag
// or the reason.
func outcomes() map[string][]string {
	return map[string][]string{
		"comment":                   {"interaction"},
		"comment-both-full":         {"interaction"},
		"comment-message-object":    {"interaction"},
		"comment-text-object":       {"interaction"},
		"comment-on-comment":        {"interaction"},
		"comment-undecorated":       {"fetch falta_contenido"},
		"comment-without-owner":     {"fetch falta_autor"},
		"comment-without-text":      {"fetch falta_texto"},
		"comment-only-decoration":   {"interaction"},
		"comment-by-us":             {"own"},
		"admin-comment":             {"own"},
		"admin-comment-undecorated": {"own"},
		"comment-edit":              {"edit"},
		"comment-edit-undecorated":  {"fetch revised falta_texto"},
		"comment-delete":            {"delete"},
		"share-mention":             {"interaction"},
		"share-mention-undecorated": {"fetch falta_contenido"},
		"share-mention-by-us":       {"own"},
		"like":                      {"metric"},
		"share":                     {"metric"},
		"unknown-action":            {"ignore_unknown verbo_desconocido"},
		"foreign":                   {"ignore cuenta_ajena"},
		"number-ids":                {"interaction"},
		"batch-with-poison": {
			"interaction", "quarantine item_ilegible", "quarantine item_ilegible", "quarantine id_ilegible", "quarantine sin_id",
			"quarantine id_ilegible", "fetch falta_contenido", "quarantine sin_cuenta", "interaction",
		},
		"empty":      {"ignore sin_items"},
		"other-type": {"ignore_unknown objeto_desconocido"},
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

// samples gives every body under events/linkedin by its name without ".json".
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
			events := linkedin.Decode(body, ours)
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
			if diff := cmp.Diff(events, linkedin.Decode(body, nil)); diff != "" && name != "foreign" {
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

// A delivery for an organization that is not ours leaves nothing behind but the fact.
func TestDecode_foreignAccount(t *testing.T) {
	for name, body := range samples(t) {
		for _, ours := range []mention.Accounts{{}, {mention.LinkedIn: {"500000", "urn:li:organization:50000011"}}} {
			for _, e := range linkedin.Decode(body, ours) {
				strange := e.Outcome != mention.Ignore && e.Outcome != mention.Quarantine && e.Outcome != mention.IgnoreUnknown
				if strange || e.Text != "" || e.Author != nil || e.Key != "" || e.Attachments != nil {
					t.Errorf("%s: %+v", name, e)
				}
			}
		}
	}
}

// Our organization is known by its number and by its URN.
func TestDecode_ourOrganization(t *testing.T) {
	body := samples(t)["comment"]
	for _, id := range []string{"5000001", us} {
		if e := linkedin.Decode(body, mention.Accounts{mention.LinkedIn: {id}})[0]; e.Outcome != mention.Interaction || e.Account != us {
			t.Errorf("listed as %s: %+v", id, e)
		}
	}
}

// The same comment by somebody else is for the gestor.
func TestDecode_ownOrNot(t *testing.T) {
	for _, name := range []string{"comment-by-us", "share-mention-by-us"} {
		body := string(samples(t)[name])
		at := strings.LastIndex(body, us)
		other := body[:at] + "urn:li:person:Otra" + body[at+len(us):]
		if e := linkedin.Decode([]byte(other), accounts(t))[0]; e.Outcome != mention.Interaction || e.Author.ID != "urn:li:person:Otra" {
			t.Errorf("%s by somebody else is %+v", name, e)
		}
	}
}

// One comment is one item in both spellings of its URN, and in its edit and its withdrawal.
func TestDecode_oneKey(t *testing.T) {
	const key = "urn:li:comment:(urn:li:activity:7000000000000000001,7100000000000000001)"
	for _, name := range []string{"comment", "comment-both-full", "comment-edit", "comment-edit-undecorated", "comment-delete"} {
		if e := linkedin.Decode(samples(t)[name], nil)[0]; e.Key != key || e.Thread != "urn:li:activity:7000000000000000001" {
			t.Errorf("%s: key %s, thread %s", name, e.Key, e.Thread)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		number := func(label string) string { return strconv.FormatUint(rapid.Uint64().Draw(t, label), 10) }
		kind := rapid.SampledFrom([]string{"activity", "share", "ugcPost"}).Draw(t, "kind")
		post, id := kind+":"+number("post"), number("comment")
		want := "urn:li:comment:(urn:li:" + post + "," + id + ")"
		for _, urn := range []string{"urn:li:comment:(" + post + "," + id + ")", want} {
			body := `{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[{"organizationalEntity":"` + us + `","action":"COMMENT","generatedActivity":"` + urn + `"}]}`
			if e := linkedin.Decode([]byte(body), nil)[0]; e.Key != want || e.Thread != "urn:li:"+post {
				t.Errorf("%s: %+v", urn, e)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	body, ours := samples(b)["comment"], accounts(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if events := linkedin.Decode(body, ours); len(events) != 1 || events[0].Outcome != mention.Interaction {
			b.Fatal(events)
		}
	}
}
