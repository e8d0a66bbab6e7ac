package meta_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
)

const fine = `{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"7_9","post_id":"100_7","from":{"id":"200"},"message":"hola"}}`

func changes(items ...string) string {
	return `{"object":"page","entry":[{"id":"100","time":1800000000,"changes":[` + strings.Join(items, ",") + `]}]}`
}

// TestDecode_poison feeds what nobody should send; each line says in short what has to come out, outcome and reason.
func TestDecode_poison(t *testing.T) {
	const ok, again = "interaction", "ignore_unknown "
	q := func(reason string) string { return "quarantine " + reason }
	cases := []struct {
		name, body string
		want       []string
	}{
		{"nothing", "", []string{q("cuerpo_vacio")}},
		{"white space", " \n", []string{q("json_invalido")}},
		{"NUL", "\x00", []string{q("json_invalido")}},
		{"NUL between tokens", "{\x00}", []string{q("json_invalido")}},
		{"a byte order mark", "\ufeff" + changes(fine), []string{q("json_invalido")}},
		{"half a body", changes(fine)[:100], []string{q("json_invalido")}},
		{"two bodies", changes(fine) + changes(fine), []string{q("json_invalido")}},
		{"null", "null", []string{q("sobre_ilegible")}},
		{"a number", "12", []string{q("json_invalido")}},
		{"a list", "[]", []string{q("json_invalido")}},
		{"an empty object", "{}", []string{q("sobre_ilegible")}},
		{"a form", "object=page&entry=1", []string{q("json_invalido")}},
		{"nested 100 000 deep", strings.Repeat("[", 100_000), []string{q("json_muy_anidado")}},
		{"nested 100 000 deep and closed", `{"object":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, []string{q("json_muy_anidado")}},
		{"brackets in a text are text", changes(strings.Replace(fine, "hola", strings.Repeat(`[\"{`, 1000), 1)), []string{ok}},
		{"over 4 MiB", changes(strings.Replace(fine, "hola", strings.Repeat("a", 4<<20), 1)), []string{q("cuerpo_muy_grande")}},
		{"just under 4 MiB", changes(strings.Replace(fine, "hola", strings.Repeat("a", 4<<20-500), 1)), []string{ok}},
		{"an object that is a number", `{"object":1,"entry":[]}`, []string{again + "objeto_desconocido"}},
		{"another object", `{"object":"instagram","entry":[{"id":"1"}]}`, []string{again + "objeto_desconocido"}},
		{"no entry", `{"object":"page"}`, []string{q("sobre_ilegible")}},
		{"null for entry", `{"object":"page","entry":null}`, []string{q("sobre_ilegible")}},
		{"an entry that is no list", `{"object":"page","entry":{"id":"100"}}`, []string{q("sobre_ilegible")}},
		{"no entries", `{"object":"page","entry":[]}`, []string{"ignore sin_items"}},
		{
			"strange entries beside a good one", `{"object":"page","entry":[1,null,"x",[],{"id":"100","changes":[` + fine + `]}]}`,
			[]string{q("item_ilegible"), q("item_ilegible"), q("item_ilegible"), q("item_ilegible"), ok},
		},
		{"an entry without id", `{"object":"page","entry":[{"changes":[` + fine + `]}]}`, []string{q("sin_cuenta")}},
		{"an entry whose id is an object", `{"object":"page","entry":[{"id":{},"changes":[` + fine + `]}]}`, []string{q("sin_cuenta")}},
		{"an entry with nothing", `{"object":"page","entry":[{"id":"100"}]}`, []string{again + "campo_desconocido"}},
		{"an entry with empty lists", `{"object":"page","entry":[{"id":"100","changes":[],"messaging":[]}]}`, []string{"ignore sin_items"}},
		{
			"lists that are none", `{"object":"page","entry":[{"id":"100","changes":{},"messaging":"x","standby":0,"changed_fields":true}]}`,
			[]string{q("item_ilegible"), q("item_ilegible"), q("item_ilegible"), q("item_ilegible")},
		},
		{
			"only the names of fields", `{"object":"page","entry":[{"id":"100","changed_fields":["feed","mention","ratings","parking","frob",{}]}]}`,
			[]string{"fetch falta_contenido", "fetch falta_contenido", "fetch falta_contenido", "ignore sin_uso", again + "campo_desconocido", again + "campo_desconocido"},
		},
		{"a feed without value", changes(`{"field":"feed"}`, `{"field":"feed","value":null}`), []string{"fetch falta_contenido", "fetch falta_contenido"}},
		{"a field nobody knows", changes(`{"field":"frob","value":{"item":"comment"}}`, `{}`), []string{again + "campo_desconocido", again + "campo_desconocido"}},
		{"a field of Instagram's", changes(`{"field":"comments","value":{"item":"comment","verb":"add","comment_id":"1","message":"x"}}`), []string{again + "campo_desconocido"}},
		{"a change on the entry itself", strings.Replace(changes(), `"changes":[]`, fine[1:len(fine)-1], 1), []string{ok}},
		{
			"strange changes around good ones", changes(fine, `null`, `5`, `{"field":"feed","value":"x"}`, `{"field":"feed","value":[]}`, fine),
			[]string{ok, q("item_ilegible"), q("item_ilegible"), q("item_ilegible"), q("item_ilegible"), ok},
		},
		{
			"ids that cannot be", changes(id(`1.5`), id(`-1`), id(`1e9`), id(`true`), id(`{}`), id(`[1]`), id(`"a b"`), id(`"a\u0000"`), id(`"ñ"`), id("\"\xff\""), id(`"`+strings.Repeat("1", 513)+`"`)),
			[]string{q("id_ilegible"), q("id_ilegible"), q("id_ilegible"), q("id_ilegible"), q("id_ilegible"), q("id_ilegible"), q("id_ilegible"), q("id_ilegible"), q("id_ilegible"), q("id_ilegible"), q("id_ilegible")},
		},
		{"no id", changes(id(`null`), id(`""`)), []string{q("sin_id"), q("sin_id")}},
		{"an author that is a word", changes(`{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"1","from":"yo"}}`), []string{q("item_ilegible")}},
		{"an item nobody knows", changes(`{"field":"feed","value":{"item":"hologram","verb":"add","post_id":"1"}}`), []string{again + "item_desconocido"}},
		{"a value with nothing", changes(`{"field":"feed","value":{}}`), []string{again + "item_desconocido"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, e := range meta.Decode([]byte(c.body), nil) {
				got = append(got, strings.TrimSpace(string(e.Outcome)+" "+e.Reason))
				if e.Network != mention.Facebook || e.Kind == "" {
					t.Errorf("incomplete: %+v", e)
				}
				if e.Outcome == mention.Quarantine && (e.Text != "" || e.Author != nil) {
					t.Errorf("a quarantined item is quoted: %+v", e)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// id is a comment whose id is the given JSON value.
func id(value string) string {
	return `{"field":"feed","value":{"item":"comment","verb":"add","comment_id":` + value + `,"message":"hola"}}`
}

// Huge numbers are ids like others: no digit is lost, whether they come as numbers or as strings.
func TestDecode_hugeNumbers(t *testing.T) {
	for _, digits := range []string{"1924465506158878979", "10201978818232600", "9007199254740993", strings.Repeat("9", 300), "007"} {
		forms := []string{`"` + digits + `"`}
		if digits[0] != '0' {
			forms = append(forms, digits)
		}
		for _, form := range forms {
			events := meta.Decode([]byte(changes(id(form))), nil)
			if len(events) != 1 || events[0].Key != digits {
				t.Errorf("%s gives %+v", form, events)
			}
		}
	}
}

// One item that cannot be read costs itself and nothing else, wherever in the batch it stands.
func TestDecode_batch(t *testing.T) {
	for _, poisoned := range []int{0, 500, 999} {
		for _, poison := range []string{`null`, `{"field":"feed","value":7}`, id(`{}`), id(`1.0`)} {
			items := make([]string, 1000)
			for i := range items {
				items[i] = id(fmt.Sprintf(`"%d"`, i))
			}
			items[poisoned] = poison
			events := meta.Decode([]byte(changes(items...)), mention.Accounts{mention.Facebook: {"100"}})
			if len(events) != 1000 {
				t.Fatalf("%d events", len(events))
			}
			for i, e := range events {
				switch {
				case i == poisoned && e.Outcome == mention.Quarantine:
				case i != poisoned && e.Outcome == mention.Interaction && e.Key == fmt.Sprint(i):
				default:
					t.Fatalf("item %d is %+v", i, e)
				}
			}
		}
	}
}

// What is beyond the limit is not lost without a word: one last event says that there was more.
func TestDecode_limits(t *testing.T) {
	repeat := func(item string, n int) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	for name, body := range map[string]string{
		"changes":  changes(repeat("{}", 5001)),
		"entries":  `{"object":"page","entry":[` + repeat(`{"id":"1"}`, 5001) + `]}`,
		"both":     `{"object":"page","entry":[` + repeat(`{"id":"1","changes":[{},{}]}`, 2501) + `]}`,
		"millions": `{"object":"page","entry":[{"id":"1","changes":[` + repeat("0", 2_000_000) + `]}]}`,
	} {
		events := meta.Decode([]byte(body), nil)
		last := events[len(events)-1]
		if len(events) != 5001 || last.Outcome != mention.Quarantine || last.Reason != mention.ReasonTooMany {
			t.Errorf("%s: %d events, the last %+v", name, len(events), last)
		}
	}
	for _, e := range meta.Decode([]byte(changes(repeat(fine, 5000))), nil) {
		if e.Outcome != mention.Interaction {
			t.Fatalf("%+v", e)
		}
	}
}

// An edit, a withdrawal or a reaction may overtake the item itself: each says which item it is about.
func TestDecode_orderDoesNotMatter(t *testing.T) {
	verb := func(v string) string { return strings.Replace(fine, `"add"`, `"`+v+`"`, 1) }
	events := meta.Decode([]byte(changes(verb("edited"), verb("remove"), strings.Replace(fine, `"comment",`, `"reaction",`, 1), fine)), nil)
	want := []mention.Outcome{mention.Edit, mention.Delete, mention.Reaction, mention.Interaction}
	if diff := cmp.Diff(want, said(events)); diff != "" {
		t.Fatal(diff)
	}
	for _, e := range events {
		if e.Key != "7_9" || e.Thread != "100_7" {
			t.Errorf("%s carries key %q of thread %q", e.Outcome, e.Key, e.Thread)
		}
	}
}
