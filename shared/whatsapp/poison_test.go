package whatsapp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/whatsapp"
)

const (
	account = "106540352242922"
	fine    = `{"from":"56900000001","id":"wamid.1","timestamp":"1800000000","type":"text","text":{"body":"hola"}}`
)

// delivery is a body with the given members beside the metadata.
func delivery(members string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"2","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"` + account + `"},` + members + `}}]}]}`
}

func messages(items ...string) string {
	return delivery(`"messages":[` + strings.Join(items, ",") + `]`)
}

// id is a message whose id is the given JSON value.
func id(value string) string {
	return `{"from":"56900000001","id":` + value + `,"type":"text","text":{"body":"hola"}}`
}

// TestDecode_poison feeds what nobody should send; each line says in short what has to come out, outcome and reason.
func TestDecode_poison(t *testing.T) {
	const ok, again = "interaction", "ignore_unknown "
	q := func(reason string) string { return "quarantine " + reason }
	badID := q("id_ilegible")
	cases := []struct {
		name, body string
		want       []string
	}{
		{"nothing", "", []string{q("cuerpo_vacio")}},
		{"white space", " \n", []string{q("json_invalido")}},
		{"NUL", "\x00", []string{q("json_invalido")}},
		{"a byte order mark", "\ufeff" + messages(fine), []string{q("json_invalido")}},
		{"two bodies", messages(fine) + messages(fine), []string{q("json_invalido")}},
		{"null", "null", []string{q("sobre_ilegible")}},
		{"a list", "[]", []string{q("json_invalido")}},
		{"an empty object", "{}", []string{q("sobre_ilegible")}},
		{"a body of ours", `{"recipient":"CL.1","text":{"body":"x"},"type":"text","messaging_product":"whatsapp"}`, []string{q("sobre_ilegible")}},
		{"nested 100 000 deep", strings.Repeat("[", 100_000), []string{q("json_muy_anidado")}},
		{"brackets in a text are text", messages(strings.Replace(fine, "hola", strings.Repeat(`[\"{`, 1000), 1)), []string{ok}},
		{"over 4 MiB", messages(strings.Replace(fine, "hola", strings.Repeat("a", 4<<20), 1)), []string{q("cuerpo_muy_grande")}},
		{"just under 4 MiB", messages(strings.Replace(fine, "hola", strings.Repeat("a", 4<<20-500), 1)), []string{ok}},
		{"another object", `{"object":"page","entry":[{"id":"1"}]}`, []string{again + "objeto_desconocido"}},
		{"no entry", `{"object":"whatsapp_business_account"}`, []string{q("sobre_ilegible")}},
		{"no entries", `{"object":"whatsapp_business_account","entry":[]}`, []string{"ignore sin_items"}},
		{
			"strange entries", `{"object":"whatsapp_business_account","entry":[1,null,"x",{},{"id":"1","changes":[]},{"changes":{}}]}`,
			[]string{q("item_ilegible"), q("item_ilegible"), q("item_ilegible"), again + "campo_desconocido", "ignore sin_items", q("item_ilegible")},
		},
		{
			"ids that cannot be", messages(id(`1.5`), id(`-1`), id(`1e9`), id(`true`), id(`{}`), id(`[1]`), id(`"a b"`), id(`"a\u0000"`), id(`"ñ"`), id("\"\xff\""), id(`"`+strings.Repeat("1", 513)+`"`)),
			[]string{badID, badID, badID, badID, badID, badID, badID, badID, badID, badID, badID},
		},
		{"no id", messages(id(`null`), id(`""`)), []string{q("sin_id"), q("sin_id")}},
		{
			"a form that is no form", messages(strings.Replace(fine, `"type":"text"`, `"type":"interactive","interactive":{"nfm_reply":{"response_json":"`+strings.Repeat("[", 1000)+`"}}`, 1)),
			[]string{"thread"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, e := range whatsapp.Decode([]byte(c.body), nil) {
				got = append(got, strings.TrimSpace(string(e.Outcome)+" "+e.Reason))
				if e.Network != mention.WhatsApp || e.Kind == "" {
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

// Huge numbers are ids like others: no digit is lost, whether they come as numbers or as strings.
func TestDecode_hugeNumbers(t *testing.T) {
	for _, digits := range []string{"1924465506158878979", "9007199254740993", strings.Repeat("9", 300), "007"} {
		forms := []string{`"` + digits + `"`}
		if digits[0] != '0' {
			forms = append(forms, digits)
		}
		for _, form := range forms {
			body := strings.ReplaceAll(messages(id(form)), `"56900000001"`, form)
			events := whatsapp.Decode([]byte(strings.ReplaceAll(body, `"`+account+`"`, form)), nil)
			e := events[0]
			if len(events) != 1 || e.Key != digits || e.Author.ID != digits || e.Thread != digits || e.Account != digits {
				t.Errorf("%s gives %+v", form, events)
			}
		}
	}
}

// One item that cannot be read costs itself and nothing else, wherever in the batch it stands.
func TestDecode_batch(t *testing.T) {
	for _, poisoned := range []int{0, 500, 999} {
		for _, poison := range []string{`null`, `7`, `{}`, id(`{}`), id(`1.0`), `{"id":"x","type":"text","text":{"body":"x"}}`} {
			items := make([]string, 1000)
			for i := range items {
				items[i] = id(fmt.Sprintf(`"wamid.%d"`, i))
			}
			items[poisoned] = poison
			events := whatsapp.Decode([]byte(messages(items...)), mention.Accounts{mention.WhatsApp: {account}})
			if len(events) != 1000 {
				t.Fatalf("%d events", len(events))
			}
			for i, e := range events {
				switch {
				case i == poisoned && e.Outcome == mention.Quarantine:
				case i != poisoned && e.Outcome == mention.Interaction && e.Key == fmt.Sprintf("wamid.%d", i):
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
		"messages": messages(repeat("{}", 5001)),
		"statuses": delivery(`"statuses":[` + repeat("{}", 5001) + `]`),
		"entries":  `{"object":"whatsapp_business_account","entry":[` + repeat(`{"id":"1"}`, 5001) + `]}`,
		"changes":  `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[` + repeat(`{}`, 5001) + `]}]}`,
		"millions": messages(repeat("0", 2_000_000)),
	} {
		events := whatsapp.Decode([]byte(body), nil)
		last := events[len(events)-1]
		if len(events) != 5001 || last.Outcome != mention.Quarantine || last.Reason != mention.ReasonTooMany {
			t.Errorf("%s: %d events, the last %+v", name, len(events), last)
		}
	}
	for _, e := range whatsapp.Decode([]byte(messages(repeat(fine, 5000))), nil) {
		if e.Outcome != mention.Interaction {
			t.Fatalf("%+v", e)
		}
	}
}

// An edit, a withdrawal or a reaction may overtake the message itself: each says which message it is about.
func TestDecode_orderDoesNotMatter(t *testing.T) {
	about := func(kind, member string) string {
		return `{"from":"56900000001","id":"wamid.9","timestamp":"1800000000","type":"` + kind + `","` + kind + `":{` + member + `}}`
	}
	events := whatsapp.Decode([]byte(messages(
		about("edit", `"original_message_id":"wamid.1","message":{"type":"text","text":{"body":"chao"}}`),
		about("revoke", `"original_message_id":"wamid.1"`),
		about("reaction", `"message_id":"wamid.1","emoji":"👍🏽"`),
		fine,
	)), nil)
	if got := said(events); got != "edit delete reaction interaction" {
		t.Fatal(got)
	}
	for _, e := range events {
		if e.Key != "wamid.1" || e.Thread != "56900000001" {
			t.Errorf("%s carries key %q of thread %q", e.Outcome, e.Key, e.Thread)
		}
	}
}

// However the statuses of a message come, the highest stands: read before delivered stays read.
func TestDecode_statusRank(t *testing.T) {
	status := func(word string) string {
		return `{"id":"wamid.1","status":"` + word + `","timestamp":"1800000000","recipient_id":"56900000001"}`
	}
	stands := func(words ...string) string {
		var items []string
		for _, word := range words {
			items = append(items, status(word))
		}
		best := mention.Event{}
		for _, e := range whatsapp.Decode([]byte(delivery(`"statuses":[`+strings.Join(items, ",")+`]`)), nil) {
			if e.Rank() > best.Rank() {
				best = e
			}
		}
		return best.Flags[0]
	}
	for want, words := range map[string][]string{
		"read":      {"read", "delivered", "sent"},
		"delivered": {"failed", "delivered", "warning"},
		"failed":    {"sent", "failed"},
		"played":    {"played", "read"},
	} {
		if got := stands(words...); got != want {
			t.Errorf("%v leaves %s", words, got)
		}
	}
}

// A person keeps one id whether or not a delivery shows the phone number too.
func TestDecode_onePerson(t *testing.T) {
	const contacts = `"contacts":[{"wa_id":"56900000002","user_id":"CL.2"},{"wa_id":"56900000001","user_id":"CL.1","profile":{"name":"Persona Ficticia"}}],`
	for _, sender := range []string{`"from":"56900000001"`, `"from_user_id":"CL.1"`, `"from":"56900000001","from_user_id":"CL.1"`, `"from":"CL.1"`} {
		e := whatsapp.Decode([]byte(delivery(contacts+`"messages":[{`+sender+`,"id":"wamid.1","type":"text","text":{"body":"x"}}]`)), nil)[0]
		want := &mention.Author{ID: "CL.1", Name: "Persona Ficticia", Aliases: []string{"56900000001"}}
		if diff := cmp.Diff(want, e.Author); diff != "" || e.Thread != "CL.1" || !e.At.Equal(time.Time{}) {
			t.Errorf("%s: %+v\n%s", sender, e, diff)
		}
	}
}
