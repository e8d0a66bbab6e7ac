package meta_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
)

var update = flag.Bool("update", false, "write the golden files anew")

// suite is a network that Meta delivers for: its decoder, and the folders of bodies it is tried with.
type suite struct {
	network  mention.Network
	decode   func([]byte, mention.Accounts) []mention.Event
	dirs     []string
	golden   string
	outcomes map[string][]mention.Outcome
}

func suites() []suite {
	return []suite{facebook(), instagram()}
}

func facebook() suite {
	return suite{
		network: mention.Facebook, decode: meta.Decode, dirs: []string{"../../events/facebook", "testdata/facebook"},
		golden: "testdata/golden", outcomes: outcomes(),
	}
}

func instagram() suite {
	return suite{
		network: mention.Instagram, decode: meta.DecodeInstagram, dirs: []string{"../../events/instagram", "testdata/instagram"},
		golden: "testdata/golden-instagram", outcomes: instagramOutcomes(),
	}
}

// samples gives every body of the network by its name without ".json".
func (s suite) samples(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, dir := range s.dirs {
		maps.Copy(all, read(t, dir, ".json"))
	}
	return all
}

// outcomes is what each sample asks of us, written by hand: -update cannot change it.
func outcomes() map[string][]mention.Outcome {
	return map[string][]mention.Outcome{
		"D1-feed-comment-add-211":                   {mention.Own},
		"D2-feed-comment-add-with-photo":            {mention.Own},
		"D3-feed-comment-edited-25":                 {mention.Edit},
		"D4-feed-comment-remove-25":                 {mention.Delete},
		"D5-feed-comment-hide":                      {mention.Moderation},
		"D6-feed-post-add-25":                       {mention.Interaction},
		"D7-feed-status-hide-25":                    {mention.Moderation},
		"D8-feed-share-add-25":                      {mention.Own},
		"D9-feed-reaction-edit":                     {mention.Reaction},
		"D10-feed-like-add-page-25":                 {mention.Metric},
		"D11-feed-two-entries-25":                   {mention.Ignore, mention.Ignore},
		"D12-mention-comment-add":                   {mention.Fetch},
		"D13-ratings-rating-add-31":                 {mention.Interaction},
		"D14-feed-event-add":                        {mention.Ignore},
		"D15-messaging-message-basic":               {mention.Interaction},
		"D16-standby-message-basic-echo":            {mention.Own},
		"D17-messaging-message-isdeleted":           {mention.Delete},
		"D18-messaging-message-reply-1":             {mention.Thread},
		"D19-messaging-reaction-1":                  {mention.Reaction},
		"D20-messaging-message-location-attachment": {mention.Interaction},
		"D21-messaging-message-sticker-thumbup":     {mention.Thread},
		"D22-messaging-delivery-basic":              {mention.Status},
		"D23-messaging-policy-callback-block":       {mention.Alert},
		"D24-messaging-optin-userref":               {mention.Ignore},
		"D25-permission-granted-wh-1":               {mention.Ops},
		"messenger-attachments": {
			mention.Interaction, mention.Interaction, mention.Interaction, mention.Interaction, mention.Interaction,
			mention.Interaction, mention.Interaction, mention.Interaction, mention.Interaction,
		},
		"messenger-deleted":   {mention.Delete, mention.Delete},
		"messenger-echo":      {mention.Own, mention.Own},
		"messenger-edit":      {mention.Edit, mention.Edit, mention.Edit},
		"messenger-postback":  {mention.Thread, mention.Thread},
		"messenger-reactions": {mention.Reaction, mention.Reaction},
		"messenger-standby":   {mention.Interaction, mention.Edit, mention.Thread, mention.Status},
		"messenger-test-send": {mention.Interaction, mention.Status, mention.Fetch, mention.Ignore},
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

// samples gives every body of Facebook by its name without ".json".
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	return facebook().samples(t)
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

func said(events []mention.Event) []mention.Outcome {
	var list []mention.Outcome
	for _, e := range events {
		list = append(list, e.Outcome)
	}
	return list
}

func TestDecode_samples(t *testing.T) {
	for _, s := range suites() {
		t.Run(string(s.network), func(t *testing.T) {
			bodies := s.samples(t)
			for name := range s.outcomes {
				if bodies[name] == nil {
					t.Errorf("sample %s is gone", name)
				}
			}
			for name, body := range bodies {
				t.Run(name, func(t *testing.T) { s.sample(t, name, body) })
			}
			for name := range read(t, s.golden, ".jsonl") {
				if bodies[name] == nil {
					t.Errorf("golden %s has no sample", name)
				}
			}
		})
	}
}

// sample compares the events of one body with what is written down for it.
func (s suite) sample(t *testing.T, name string, body []byte) {
	if s.outcomes[name] == nil {
		t.Fatal("no outcome is written down for this sample")
	}
	events := s.decode(body, accounts(t))
	if diff := cmp.Diff(s.outcomes[name], said(events)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(events, s.decode(body, nil)); diff != "" {
		t.Errorf("decodes differently when every account is ours:\n%s", diff)
	}
	golden := filepath.Join(s.golden, name+".jsonl")
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
}

// A delivery for an account that is not ours leaves nothing behind but the fact.
func TestDecode_foreignAccount(t *testing.T) {
	for _, s := range suites() {
		for name, body := range s.samples(t) {
			if strings.Contains(name, "permission") {
				continue // permissions are told of a user, not of an account
			}
			events := s.decode(body, mention.Accounts{s.network: {"5"}})
			for _, e := range events {
				wrong := e.Reason != mention.ReasonForeign && (e.Account != "0" || e.Reason != mention.ReasonTest)
				if e.Outcome != mention.Ignore || wrong || e.Text != "" || e.Author != nil || e.Key != "" {
					t.Errorf("%s: %+v", name, e)
				}
			}
			if len(events) != len(s.outcomes[name]) {
				t.Errorf("%s: %d events", name, len(events))
			}
		}
	}
}

// The same comment by somebody else is for the gestor: what makes the samples ours is who wrote them.
func TestDecode_ownOrNot(t *testing.T) {
	bodies := samples(t)
	for name, replace := range map[string][2]string{
		"D1-feed-comment-add-211":        {`"id": "1234567890321",` + "\n              \"name\"", `"id": "55",` + "\n              \"name\""},
		"D2-feed-comment-add-with-photo": {`"sender_id": 1234567890321`, `"sender_id": 55`},
		"D8-feed-share-add-25":           {`"id": "1234567890321"` + "\n            }", `"id": "55"` + "\n            }"},
		"D16-standby-message-basic-echo": {`"is_echo": true`, `"is_echo": false`},
	} {
		body := strings.Replace(string(bodies[name]), replace[0], replace[1], 1)
		if body == string(bodies[name]) {
			t.Fatalf("%s: nothing was replaced", name)
		}
		e := meta.Decode([]byte(body), accounts(t))[0]
		if e.Outcome != mention.Interaction {
			t.Errorf("%s by somebody else is %s", name, e.Outcome)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	body := samples(b)["D2-feed-comment-add-with-photo"]
	body = append(body[:len(body):len(body)], bytes.Repeat([]byte(" "), 783-len(body))...)
	ours := accounts(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if events := meta.Decode(body, ours); len(events) != 1 || events[0].Outcome != mention.Own {
			b.Fatal(events)
		}
	}
}
