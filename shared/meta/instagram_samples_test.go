package meta_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
)

// instagramOutcomes is what each sample of Instagram asks of us, written by hand.
func instagramOutcomes() map[string][]mention.Outcome {
	const (
		interaction, thread, own, fetch = mention.Interaction, mention.Thread, mention.Own, mention.Fetch
		ignore, unknown                 = mention.Ignore, mention.IgnoreUnknown
	)
	return map[string][]mention.Outcome{
		"D30-wh-comments-2021":      {interaction},
		"D31-wh-livecomments":       {interaction},
		"D32-messaging-seen":        {mention.Status},
		"comment-changes":           {interaction},
		"comment-direct":            {interaction},
		"comment-comment-id":        {interaction},
		"comment-id-and-text":       {interaction},
		"comment-on-ad":             {interaction},
		"comment-reply-own":         {own},
		"comment-without-text":      {fetch},
		"live-direct":               {interaction},
		"mention-in-comment":        {fetch},
		"mention-in-comment-direct": {fetch},
		"mention-in-caption":        {fetch},
		"story-mention":             {interaction},
		"story-reply":               {interaction},
		"story-insights":            {ignore},
		"dm-text":                   {interaction},
		"dm-test-send":              {interaction},
		"dm-media":                  slices.Repeat([]mention.Outcome{interaction}, 10),
		"dm-post-shared-twice":      {interaction},
		"dm-like-heart":             {thread},
		"dm-unsupported":            {interaction, interaction, interaction},
		"dm-echo":                   {own, own},
		"dm-self":                   {own, own, own},
		"dm-deleted":                {mention.Delete, mention.Delete},
		"dm-edit":                   {mention.Edit, mention.Edit},
		"dm-edit-without-text":      {fetch, fetch},
		"dm-reactions":              {mention.Reaction, mention.Reaction, mention.Reaction},
		"dm-postback":               {thread, thread},
		"dm-reply-and-quick-reply":  {thread, thread},
		"dm-seen":                   {mention.Status, mention.Status},
		"dm-referral-and-optin":     {ignore, ignore, interaction},
		"dm-handover":               {ignore, mention.Alert},
		"dm-seconds":                {interaction},
		"dm-numeric-ids":            {interaction},
		"standby":                   {interaction, own},
		"changed-fields":            {fetch, fetch, fetch, fetch, fetch, ignore, ignore, unknown},
		"fields-without-value":      {fetch, fetch, fetch, ignore},
		"unknown":                   {unknown, unknown, unknown},
		"two-entries":               {interaction, interaction},
		"permission":                {mention.Ops, mention.Ops},
	}
}

// The answers of the network to what we ask it are no deliveries: given for one by mistake, they are put aside.
func TestDecodeInstagram_answers(t *testing.T) {
	for name, body := range read(t, "testdata/answers", ".json") {
		events := meta.DecodeInstagram(body, accounts(t))
		if diff := cmp.Diff([]mention.Outcome{mention.Quarantine}, said(events)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// rewrap gives the changes of a body the other shape: those in a list stand on an entry each, those on an entry in a list.
func rewrap(t testing.TB, body []byte) (other []byte, changed bool) {
	t.Helper()
	root := tree(t, body).(map[string]any)
	var entries []any
	for _, item := range root["entry"].([]any) {
		entry := item.(map[string]any)
		list, listed := entry["changes"].([]any)
		_, direct := entry["field"]
		changed = changed || listed || direct
		switch {
		case listed:
			for _, c := range list {
				one := c.(map[string]any)
				one["id"], one["time"] = entry["id"], entry["time"]
				entries = append(entries, one)
			}
		case direct:
			entry["changes"] = []any{map[string]any{"field": entry["field"], "value": entry["value"]}}
			delete(entry, "field")
			delete(entry, "value")
			entries = append(entries, entry)
		default:
			entries = append(entries, entry)
		}
	}
	root["entry"] = entries
	return []byte(write(t, root, false)), changed
}

// Both logins say the same of one item, its key above all, in the shapes they have for it.
func TestDecodeInstagram_sameInBothShapes(t *testing.T) {
	tried := 0
	for name, body := range instagram().samples(t) {
		other, changed := rewrap(t, body)
		if !changed || name == "permission" {
			continue
		}
		tried++
		if diff := cmp.Diff(lines(t, meta.DecodeInstagram(body, nil)), lines(t, meta.DecodeInstagram(other, nil))); diff != "" {
			t.Errorf("%s (-as is +in the other shape):\n%s", name, diff)
		}
	}
	if tried < 10 {
		t.Errorf("only %d samples have a change", tried)
	}
}

// A message is the same whether it comes in the list of messages or as the value of a field.
func TestDecode_sameMessageAsChange(t *testing.T) {
	for _, s := range suites() {
		tried := 0
		for name, body := range s.samples(t) {
			root := tree(t, body).(map[string]any)
			for _, item := range root["entry"].([]any) {
				entry := item.(map[string]any)
				for list, field := range map[string]string{"messaging": "messages", "standby": "standby"} {
					items, _ := entry[list].([]any)
					var changes []any
					for _, one := range items {
						changes = append(changes, map[string]any{"field": field, "value": one})
						tried++
					}
					if items != nil {
						delete(entry, list)
						entry["changes"] = changes
					}
				}
			}
			other := []byte(write(t, root, false))
			if diff := cmp.Diff(lines(t, s.decode(body, nil)), lines(t, s.decode(other, nil))); diff != "" {
				t.Errorf("%s (-as is +as changes):\n%s", name, diff)
			}
		}
		if tried < 10 {
			t.Errorf("%s: only %d messages", s.network, tried)
		}
	}
}

// Two deliveries of one comment have one golden: a difference between the shapes would show in the files themselves.
func TestDecodeInstagram_goldenOfBothShapes(t *testing.T) {
	for _, pair := range [][2]string{{"comment-changes", "comment-direct"}, {"mention-in-comment", "mention-in-comment-direct"}} {
		var texts [2]string
		for i, name := range pair {
			text, err := os.ReadFile(filepath.Join(instagram().golden, name+".jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			texts[i] = string(text)
		}
		if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
			t.Errorf("%v: %s", pair, diff)
		}
	}
}

// Answers we fetch later are kept as they came; that they are JSON is all that holds for every one of them.
func TestAnswers_areJSON(t *testing.T) {
	for name, body := range read(t, "testdata/answers", ".json") {
		if !json.Valid(body) {
			t.Errorf("%s is not JSON", name)
		}
	}
}
