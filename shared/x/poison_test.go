package x_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/x"
)

// xaa is an event of the X Activity API for our account.
func xaa(kind, payload string) string {
	return fmt.Sprintf(`{"data":{"event_uuid":"-7","event_type":%q,"filter":{"user_id":%q},"payload":%s}}`, kind, us, payload)
}

// aaa is a delivery of the Account Activity API for our account.
func aaa(list string, items ...string) string {
	return fmt.Sprintf(`{"for_user_id":%q,%q:[%s]}`, us, list, strings.Join(items, ","))
}

const (
	fine  = `{"id":"77","text":"hola","author_id":"5"}`
	tweet = `{"id_str":"77","text":"hola","user":{"id_str":"5"}}`
)

// TestDecode_poison feeds what nobody should send; each line says in short what has to come out: outcome, flags, reason.
func TestDecode_poison(t *testing.T) {
	q := func(reason string) string { return "quarantine " + reason }
	id := func(raw string) string { return `{"id":` + raw + `,"text":"hola","author_id":"5"}` }
	cases := []struct {
		name, body string
		want       []string
	}{
		{"nothing", "", []string{q("cuerpo_vacio")}},
		{"white space", " \n", []string{q("json_invalido")}},
		{"NUL", "\x00", []string{q("json_invalido")}},
		{"a byte order mark", "\ufeff" + xaa("post.create", fine), []string{q("json_invalido")}},
		{"two bodies", xaa("post.create", fine) + xaa("post.create", fine), []string{q("json_invalido")}},
		{"null", "null", []string{q("sobre_ilegible")}},
		{"a number", "12", []string{q("sobre_ilegible")}},
		{"a list", "[]", []string{q("sobre_ilegible")}},
		{"an empty object", "{}", []string{q("sobre_ilegible")}},
		{"nested 100 000 deep", strings.Repeat("[", 100_000), []string{q("json_muy_anidado")}},
		{"brackets in a text are text", xaa("post.reply.create", strings.Replace(fine, "hola", strings.Repeat(`[\"{`, 1000), 1)), []string{"interaction"}},
		{"over 4 MiB", xaa("post.reply.create", strings.Replace(fine, "hola", strings.Repeat("a", 4<<20), 1)), []string{q("cuerpo_muy_grande")}},
		{"just under 4 MiB", xaa("post.reply.create", strings.Replace(fine, "hola", strings.Repeat("a", 4<<20-500), 1)), []string{"interaction truncated"}},
		{"data that is a word", `{"data":"x"}`, []string{q("item_ilegible")}},
		{"an empty list of data", `{"data":[]}`, []string{"ignore sin_items"}},
		{"an event of nothing", `{"data":{}}`, []string{q("sin_cuenta")}},
		{"an account that is an object", strings.Replace(xaa("post.create", fine), `"`+us+`"`, "{}", 1), []string{q("id_ilegible")}},
		{"no payload", xaa("post.reply.create", "null"), []string{q("item_ilegible")}},
		{"a payload that is a list", xaa("post.reply.create", "[]"), []string{q("item_ilegible")}},
		{"an empty payload", xaa("post.reply.create", "{}"), []string{q("sin_id")}},
		{"messages of the wrong type", xaa("dm.received", `{"direct_message_events":{}}`), []string{q("item_ilegible")}},
		{"messages in another shape", xaa("dm.received", `{"dm_events":[]}`), []string{"ignore_unknown mensaje_desconocido"}},
		{
			"messages without a sender, an id, or a text", xaa("dm.received", `{"direct_message_events":[{"id":"1","type":"message_create"},{"type":"message_create","message_create":{"sender_id":"5"}},{"id":"1","message_create":{"sender_id":"5"}},{"id":"1","type":"other"}]}`),
			[]string{q("sin_remitente"), q("sin_id"), "fetch falta_texto", "ignore_unknown mensaje_desconocido"},
		},
		{"a chat without a sender", xaa("chat.received", `{"id":"1"}`), []string{q("sin_remitente")}},
		{"a revocation by nobody", xaa("oauth.revoke", `{}`), []string{q("sin_cuenta")}},
		{"a revocation that is a word", xaa("oauth.revoke", `"x"`), []string{q("item_ilegible")}},
		{"an unknown user event", `{"user_event":{"hologram":{}}}`, []string{"ignore_unknown campo_desconocido"}},
		{"lists without an account", strings.Replace(aaa("tweet_create_events", tweet), "for_user_id", "x", 1), []string{q("sin_cuenta")}},
		{"an account alone", `{"for_user_id":"` + us + `"}`, []string{"ignore_unknown campo_desconocido"}},
		{"an empty list", aaa("tweet_create_events"), []string{"ignore sin_items"}},
		{
			"strange items around good ones", aaa("tweet_create_events", tweet, `null`, `5`, `"x"`, `[]`, tweet),
			[]string{"interaction", q("item_ilegible"), q("item_ilegible"), q("item_ilegible"), q("item_ilegible"), "interaction"},
		},
		{"a post without words or author", aaa("tweet_create_events", `{"id_str":"1"}`), []string{"fetch falta_contenido"}},
		{"a post without words", aaa("tweet_create_events", `{"id_str":"1","user":{"id":5}}`), []string{"fetch falta_texto"}},
		{"a user who is a word", aaa("tweet_create_events", `{"id_str":"1","text":"a","user":"yo"}`), []string{"fetch falta_autor"}},
		{"a stream of nothing", `{"matching_rules":[]}`, []string{q("item_ilegible")}},
		{"a stream about nobody of us", `{"matching_rules":[],"data":` + fine + `}`, []string{"interaction"}},
		{"an edit without words", xaa("post.reply.create", `{"id":"2","author_id":"5","edit_history_tweet_ids":["1","2"]}`), []string{"fetch falta_texto"}},
	}
	for _, raw := range []string{`1.5`, `-1`, `1e9`, `true`, `{}`, `[1]`, `"a b"`, `"a\u0000"`, `"ñ"`, "\"\xff\"", `"` + strings.Repeat("1", 129) + `"`} {
		cases = append(cases, struct {
			name, body string
			want       []string
		}{"the id " + raw, xaa("post.reply.create", id(raw)), []string{q("id_ilegible")}})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			events := x.Decode([]byte(c.body), mention.Accounts{mention.X: {us}})
			if diff := cmp.Diff(c.want, said(events)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// More items than any delivery has are cut off, and it is said.
func TestDecode_tooMany(t *testing.T) {
	events := x.Decode([]byte(aaa("tweet_create_events", strings.Repeat(tweet+",", 5_000)+tweet)), nil)
	if len(events) != 5_001 || events[4_999].Outcome != mention.Interaction || events[5_000].Reason != mention.ReasonTooMany {
		t.Errorf("%d events, the last is %+v", len(events), events[len(events)-1])
	}
}
