package whatsapp_test

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
	"sence.gob.cl/gestor/shared/whatsapp"
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

// reordered turns the lists of contacts of a value round, and leaves the lists of messages as they are.
func reordered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			if list, ok := member.([]any); ok && k == "contacts" && v["metadata"] != nil {
				slices.Reverse(list)
			}
			v[k] = reordered(member)
		}
	case []any:
		for i, item := range v {
			v[i] = reordered(item)
		}
	}
	return v
}

func TestDecode_sameInOtherClothes(t *testing.T) {
	ours := accounts(t)
	for name, body := range samples(t) {
		if name == "type-nobody-knows" || name == "odd-values" {
			continue // a member that is of another type there is the point
		}
		want := lines(t, whatsapp.Decode(body, ours))
		for how, other := range map[string]string{
			"retyped":            write(t, retype(tree(t, body)), false),
			"sorted":             write(t, tree(t, body), false),
			"backwards":          write(t, tree(t, body), true),
			"contacts reordered": write(t, reordered(tree(t, body)), false),
		} {
			if diff := cmp.Diff(want, lines(t, whatsapp.Decode([]byte(other), ours))); diff != "" {
				t.Errorf("%s %s (-as is +%s):\n%s", name, how, how, diff)
			}
		}
	}
}

func TestDecode_truncated(t *testing.T) {
	for name, body := range samples(t) {
		body = bytes.TrimSpace(body)
		for n := range body {
			events := whatsapp.Decode(body[:n], nil)
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
			examine(t, mutant, whatsapp.Decode(mutant, nil))
		})
	}
	if tried < 5000 {
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
	lines(t, events)
}

// flaw says what is wrong with an event of body, "" for nothing.
func flaw(body []byte, e mention.Event) string {
	invented := func(id string) bool { return !bytes.Contains(body, []byte(id)) }
	switch {
	case !known(e.Outcome) || e.Network != mention.WhatsApp || e.Kind == "":
		return "incomplete"
	case !bytes.ContainsRune(body, '\\') && slices.ContainsFunc(idsOf(e), invented):
		return "an id that is not in the body"
	case !utf8.ValidString(e.Text) || strings.ContainsRune(e.Text, 0) || utf8.RuneCountInString(e.Text) > 20_000:
		return "a text that cannot be stored"
	case !e.At.IsZero() && (e.At.Location() != time.UTC || e.At.Year() < 2009 || e.At.Year() > 2099):
		return "an instant that cannot be"
	}
	return contradiction(e)
}

// contradiction says what an event has that its outcome forbids, or lacks that it needs, "" for nothing.
func contradiction(e mention.Event) string {
	kept := e.Text != "" || e.Attachments != nil
	switch {
	case e.Outcome == mention.Delete && kept, e.Outcome == mention.Quarantine && kept:
		return "keeps what was written"
	case e.Outcome == mention.Edit && !kept:
		return "takes away what was written"
	case e.Reason == "" && (e.Outcome == mention.Quarantine || e.Outcome == mention.IgnoreUnknown || e.Outcome == mention.Ignore ||
		e.Outcome == mention.Ops || e.Outcome == mention.Alert || e.Flag(mention.FlagFailed)):
		return "no reason"
	case needsKey(e.Outcome) && (e.Key == "" || e.Account == ""):
		return "no key"
	case e.Kind == mention.DM && e.Outcome != mention.IgnoreUnknown && (e.Author == nil || e.Author.ID == "" || e.Outcome != mention.Own && e.Thread == ""):
		return "nobody to answer"
	}
	return ""
}

// idsOf gives the ids of an event, all of which come from the network as they are.
func idsOf(e mention.Event) []string {
	ids := []string{e.Account, e.Thread, e.Parent, e.Key}
	if e.Author != nil {
		ids = append(ids, e.Author.ID)
		for _, alias := range e.Author.Aliases {
			ids = append(ids, strings.TrimPrefix(alias, "@")) // a chosen name
		}
	}
	for _, a := range e.Attachments {
		ids = append(ids, a.ID)
	}
	return ids
}

func known(o mention.Outcome) bool {
	return slices.Contains([]mention.Outcome{
		mention.Interaction, mention.Thread, mention.Own, mention.Edit, mention.Delete, mention.Reaction,
		mention.Status, mention.Ops, mention.Alert, mention.Ignore, mention.IgnoreUnknown, mention.Quarantine,
	}, o)
}

// needsKey reports the outcomes that change something, which cannot be done twice only if the item has a name.
func needsKey(o mention.Outcome) bool {
	switch o {
	case mention.Interaction, mention.Thread, mention.Own, mention.Edit, mention.Delete, mention.Reaction, mention.Status:
		return true
	default:
		return false
	}
}

func FuzzDecode(f *testing.F) {
	for _, body := range samples(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		examine(t, body, whatsapp.Decode(body, nil))
		for _, e := range whatsapp.Decode(body, mention.Accounts{}) {
			switch e.Outcome {
			case mention.Ignore, mention.IgnoreUnknown, mention.Quarantine, mention.Ops, mention.Alert:
			default:
				t.Errorf("%q: a foreign %s", body, e.Outcome)
			}
			if e.Author != nil || e.Key != "" || e.Thread != "" || e.Attachments != nil || strings.ContainsAny(e.Text, " \n") {
				t.Errorf("%q: content of a foreign item is kept: %+v", body, e)
			}
		}
	})
}
