package whatsapp_test

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
	"sence.gob.cl/gestor/shared/whatsapp"
)

const (
	samplesDir  = "../../events/whatsapp"
	fixturesDir = "testdata/fixtures"
	goldenDir   = "testdata/golden"
)

var update = flag.Bool("update", false, "write the golden files anew")

// outcomes is what each sample asks of us, written by hand: -update cannot change it.
func outcomes() map[string]string {
	return map[string]string{
		"D39-webhook-incoming-message-text":             "interaction",
		"D40-webhook-incoming-message-status-errors":    "status",
		"D41-webhook-incoming-message-emoji":            "reaction",
		"D42-webhook-incoming-message-system":           "ops",
		"D43-webhook-incoming-message-location":         "interaction",
		"D44-webhook-incoming-message-interactive-list": "thread",
		"D45-image":                    "edit",
		"D46-unreaction_empty":         "reaction",
		"D47-reply":                    "thread",
		"D48-referral":                 "interaction",
		"D49-voice":                    "interaction",
		"D50-text":                     "own",
		"D51-read":                     "status",
		"D52-failed":                   "status",
		"D58-reEngagementMessageError": "status",
		"D59-messageDeleted":           "interaction",
	}
}

// fixtures is the same for the bodies written for this repository.
func fixtures() map[string]string {
	return map[string]string{
		"text-user-id-only":                 "interaction",
		"text-all-names":                    "interaction",
		"text-user-id-in-from":              "interaction",
		"contacts-in-another-order":         "interaction interaction interaction",
		"contacts-with-a-doubt":             "interaction interaction interaction",
		"image":                             "interaction",
		"image-with-address":                "interaction",
		"image-without-id":                  "interaction",
		"video":                             "interaction",
		"document":                          "interaction",
		"sticker":                           "thread",
		"audio-file":                        "interaction",
		"contact-cards":                     "interaction",
		"location-without-names":            "interaction",
		"location-impossible":               "interaction",
		"button":                            "thread",
		"interactive-button":                "thread",
		"interactive-form":                  "thread",
		"interactive-missing":               "thread",
		"order":                             "interaction",
		"forwarded":                         "interaction interaction",
		"referral-image":                    "interaction",
		"group":                             "interaction",
		"revoke":                            "delete",
		"edit-text":                         "edit",
		"edit-without-content":              "ignore_unknown ignore_unknown quarantine quarantine",
		"reaction-without-emoji":            "reaction",
		"unknown-131051":                    "interaction interaction",
		"type-nobody-knows":                 "ignore_unknown ignore",
		"content-missing":                   "interaction interaction interaction",
		"nameless":                          "quarantine quarantine quarantine",
		"times":                             "interaction interaction interaction interaction",
		"statuses":                          "status status status status status status status ignore_unknown",
		"failures":                          strings.TrimSpace(strings.Repeat("status ", 14)),
		"status-of-a-person-without-number": "status",
		"status-of-a-group":                 "status",
		"status-nameless":                   "quarantine quarantine status",
		"errors-of-the-number":              "ops alert alert quarantine",
		"everything-at-once":                "interaction status ops",
		"echoes":                            "own own edit delete reaction own",
		"user-id-update":                    "ops ops",
		"system":                            "ops ops ops ops",
		"account-update":                    "ops alert alert alert alert alert alert ops ops",
		"quality":                           "alert ops",
		"template":                          "ops",
		"alerts":                            "alert ops",
		"other-fields":                      "ignore ops ignore ignore_unknown ignore_unknown ignore_unknown",
		"odd-values": "quarantine quarantine quarantine quarantine quarantine ignore_unknown ignore quarantine " +
			"quarantine quarantine quarantine quarantine",
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

// samples gives every body under events/whatsapp and every fixture by its name without ".json".
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	bodies := read(t, samplesDir, ".json")
	for name, body := range read(t, fixturesDir, ".json") {
		bodies[name] = body
	}
	return bodies
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

func said(events []mention.Event) string {
	var list []string
	for _, e := range events {
		list = append(list, string(e.Outcome))
	}
	return strings.Join(list, " ")
}

func TestDecode_samples(t *testing.T) {
	ours, want := accounts(t), outcomes()
	bodies := samples(t)
	for name, outcome := range fixtures() {
		want[name] = outcome
	}
	for name := range want {
		if bodies[name] == nil {
			t.Errorf("sample %s is gone", name)
		}
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			if want[name] == "" {
				t.Fatal("no outcome is written down for this sample")
			}
			events := whatsapp.Decode(body, ours)
			if diff := cmp.Diff(want[name], said(events)); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(events, whatsapp.Decode(body, nil)); diff != "" {
				t.Errorf("not the same when every account is ours:\n%s", diff)
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
		})
	}
	for name := range read(t, goldenDir, ".jsonl") {
		if bodies[name] == nil {
			t.Errorf("golden %s has no sample", name)
		}
	}
}

// A delivery for a number that is not ours leaves nothing behind but the fact, once for each item.
func TestDecode_foreignAccount(t *testing.T) {
	for name, body := range read(t, samplesDir, ".json") {
		events := whatsapp.Decode(body, mention.Accounts{mention.WhatsApp: {"5"}})
		for _, e := range events {
			if e.Outcome != mention.Ignore || e.Reason != mention.ReasonForeign || e.Text != "" || e.Author != nil || e.Key != "" {
				t.Errorf("%s: %+v", name, e)
			}
		}
		if len(events) != len(strings.Fields(outcomes()[name])) {
			t.Errorf("%s: %d events", name, len(events))
		}
	}
	bodies := read(t, fixturesDir, ".json")
	bodies["news"] = []byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"account_update","value":{"metadata":{"phone_number_id":"5"},"event":"ACCOUNT_DELETED"}}]}]}`)
	for _, name := range []string{"echoes", "user-id-update", "errors-of-the-number", "news"} {
		body := bodies[name]
		for _, e := range whatsapp.Decode(body, mention.Accounts{}) {
			if e.Outcome != mention.Ignore || e.Text != "" || e.Author != nil || e.Thread != "" {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	body := samples(b)["D39-webhook-incoming-message-text"]
	ours := accounts(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if events := whatsapp.Decode(body, ours); len(events) != 1 || events[0].Outcome != mention.Interaction {
			b.Fatal(events)
		}
	}
}
