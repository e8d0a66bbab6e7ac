package x_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/x"
)

// tree reads JSON keeping the digits of numbers.
func tree(t testing.TB, body []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// write gives the JSON of a tree with the keys of each object in alphabetical order, or the other way round.
func write(t testing.TB, v any, backwards bool) string {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		var keys, parts []string
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		if backwards {
			slices.Reverse(keys)
		}
		for _, k := range keys {
			parts = append(parts, strconv.Quote(k)+":"+write(t, v[k], backwards))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, write(t, item, backwards))
		}
		return "[" + strings.Join(parts, ",") + "]"
	default:
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

// retype makes a string of every whole number and a number of every string of digits.
func retype(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			v[k] = retype(member)
		}
	case []any:
		for i, item := range v {
			v[i] = retype(item)
		}
	case json.Number:
		if strings.Trim(v.String(), "0123456789") == "" {
			return v.String()
		}
	case string:
		if n, err := strconv.ParseUint(v, 10, 64); err == nil && strconv.FormatUint(n, 10) == v {
			return json.Number(v)
		}
	}
	return v
}

func TestDecode_sameInOtherClothes(t *testing.T) {
	ours := accounts(t)
	for name, body := range samples(t) {
		want := lines(t, x.Decode(body, ours))
		for how, other := range map[string]string{
			"retyped":   write(t, retype(tree(t, body)), false),
			"sorted":    write(t, tree(t, body), false),
			"backwards": write(t, tree(t, body), true),
		} {
			if diff := cmp.Diff(want, lines(t, x.Decode([]byte(other), ours))); diff != "" {
				t.Errorf("%s %s (-as is +%s):\n%s", name, how, how, diff)
			}
		}
	}
}

func TestDecode_truncated(t *testing.T) {
	for name, body := range samples(t) {
		body = bytes.TrimSpace(body)
		for n := range body {
			events := x.Decode(body[:n], nil)
			if len(events) != 1 || events[0].Outcome != mention.Quarantine {
				t.Fatalf("%s cut at byte %d gives %+v", name, n, events)
			}
		}
	}
}

// mutations calls try with the tree changed in one place at a time: each value taken out or replaced by each strange one.
func mutations(v any, try func()) {
	strange := func() []any {
		return []any{nil, map[string]any{}, []any{}, "x", "", json.Number("7"), json.Number("-1.5e300"), true}
	}
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			for _, s := range strange() {
				v[k] = s
				try()
			}
			delete(v, k)
			try()
			v[k] = member
			mutations(member, try)
		}
	case []any:
		for i, item := range v {
			for _, s := range strange() {
				v[i] = s
				try()
			}
			v[i] = item
			mutations(item, try)
		}
	}
}

func TestDecode_mutated(t *testing.T) {
	tried := 0
	for _, body := range samples(t) {
		root := tree(t, body)
		mutations(root, func() {
			tried++
			mutant := []byte(write(t, root, false))
			examine(t, mutant, x.Decode(mutant, nil))
		})
	}
	if tried < 10_000 {
		t.Errorf("only %d mutants", tried)
	}
}

// examine checks what holds for the events of any body.
func examine(t testing.TB, body []byte, events []mention.Event) {
	t.Helper()
	if len(events) == 0 {
		t.Fatalf("no event for %q", body)
	}
	for _, e := range events {
		if wrong := flaw(body, e); wrong != "" {
			t.Errorf("%q: %s: %+v", body, wrong, e)
		}
	}
}

// flaw says what is wrong with an event of body, "" for nothing.
func flaw(body []byte, e mention.Event) string {
	invented := func(id string) bool { return !bytes.Contains(body, []byte(id)) }
	switch {
	case !known(e.Outcome) || e.Network != mention.X || e.Kind == "":
		return "incomplete"
	case !bytes.ContainsRune(body, '\\') && slices.ContainsFunc(idsOf(e), invented):
		return "an id that is not in the body"
	case slices.ContainsFunc(idsOf(e), func(id string) bool { return strings.Contains(id, "e+") }):
		return "an id that went through a float"
	case !utf8.ValidString(e.Text) || strings.ContainsRune(e.Text, 0) || utf8.RuneCountInString(e.Text) > 20_000:
		return "a text that cannot be stored"
	case !e.At.IsZero() && (e.At.Location() != time.UTC || e.At.Year() < 2006 || e.At.Year() > 2099):
		return "an instant that cannot be"
	}
	return contradiction(e)
}

// contradiction says what an event has that its outcome forbids, or lacks that it needs, "" for nothing.
func contradiction(e mention.Event) string {
	switch kept := e.Text != "" || e.Attachments != nil; e.Outcome {
	case mention.Delete, mention.Quarantine, mention.Ignore, mention.IgnoreUnknown, mention.Metric, mention.Alert, mention.Ops:
		if kept {
			return "keeps what was written"
		}
	case mention.Edit:
		if !kept {
			return "an edit that would empty a text"
		}
	default:
	}
	switch e.Outcome {
	case mention.Quarantine, mention.Fetch, mention.Ignore, mention.IgnoreUnknown, mention.Alert, mention.Ops:
		if e.Reason == "" {
			return "no reason"
		}
	default:
	}
	switch e.Outcome {
	case mention.Interaction, mention.Own, mention.Edit, mention.Delete, mention.Fetch:
		if e.Key == "" {
			return "no key"
		}
	default:
	}
	return ""
}

// idsOf gives the ids of an event, all of which come from the network as they are.
func idsOf(e mention.Event) []string {
	ids := []string{e.Account, e.Thread, e.Parent, e.Key}
	if e.Author != nil {
		ids = append(ids, e.Author.ID)
	}
	return ids
}

func known(o mention.Outcome) bool {
	return slices.Contains([]mention.Outcome{
		mention.Interaction, mention.Own, mention.Edit, mention.Delete, mention.Metric, mention.Status, mention.Fetch,
		mention.Ops, mention.Alert, mention.Ignore, mention.IgnoreUnknown, mention.Quarantine,
	}, o)
}

func FuzzDecode(f *testing.F) {
	for _, body := range samples(f) {
		f.Add(body)
	}
	f.Add([]byte(`{"data":{"event_type":"post.reply.create","filter":{"user_id":"1"},"payload":{"id":1.5,"text":"a"}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		examine(t, body, x.Decode(body, nil))
		for _, e := range x.Decode(body, mention.Accounts{}) {
			switch e.Outcome {
			case mention.Ignore, mention.IgnoreUnknown, mention.Quarantine, mention.Ops:
			default:
				t.Errorf("%q: a foreign %s", body, e.Outcome)
			}
			if e.Text != "" || e.Author != nil || e.Key != "" {
				t.Errorf("%q: content of a foreign item is kept: %+v", body, e)
			}
		}
	})
}
