package linkedin_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
)

// told is a delivery of the given notifications.
func told(items ...string) string {
	return `{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":[` + strings.Join(items, ",") + `]}`
}

const fine = `{"organizationalEntity":"` + us + `","action":"COMMENT","generatedActivity":"urn:li:comment:(activity:1,2)","decoratedGeneratedActivity":{"comment":{"owner":"urn:li:person:A","text":"hola"}}}`

// TestDecode_poison feeds what nobody should send; each line says in short what has to come out: outcome, flags, reason.
func TestDecode_poison(t *testing.T) {
	q := func(reason string) string { return "quarantine " + reason }
	with := func(old, replacement string) string { return told(strings.Replace(fine, old, replacement, 1)) }
	const urn = `"urn:li:comment:(activity:1,2)"`
	cases := []struct {
		name, body string
		want       []string
	}{
		{"nothing", "", []string{q("cuerpo_vacio")}},
		{"white space", " \n", []string{q("json_invalido")}},
		{"a byte order mark", "\ufeff" + told(fine), []string{q("json_invalido")}},
		{"two bodies", told(fine) + told(fine), []string{q("json_invalido")}},
		{"null", "null", []string{q("sobre_ilegible")}},
		{"a number", "12", []string{q("sobre_ilegible")}},
		{"a list", "[]", []string{q("sobre_ilegible")}},
		{"an empty object", "{}", []string{q("sobre_ilegible")}},
		{"no notifications", `{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"}`, []string{q("sobre_ilegible")}},
		{"notifications that are none", `{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS","notifications":{}}`, []string{q("sobre_ilegible")}},
		{"nested 100 000 deep", strings.Repeat("[", 100_000), []string{q("json_muy_anidado")}},
		{"over 4 MiB", with("hola", strings.Repeat("a", 4<<20)), []string{q("cuerpo_muy_grande")}},
		{"just under 4 MiB", with("hola", strings.Repeat("a", 4<<20-500)), []string{"interaction truncated"}},
		{"a NUL in a text", with("hola", `a\u0000b`), []string{"interaction"}},
		{"an organization that is an object", with(`"`+us+`"`, "{}"), []string{q("id_ilegible")}},
		{"an action that is a number", with(`"COMMENT"`, "1"), []string{"ignore_unknown verbo_desconocido"}},
		{"a text that is a number", with(`"hola"`, "5"), []string{"fetch falta_texto"}},
		{"a message inside a text inside an object", with(`"hola"`, `{"text":{"text":"hola"}}`), []string{"fetch falta_texto"}},
		{"an owner that is a list", with(`"urn:li:person:A"`, "[]"), []string{"fetch falta_autor"}},
		{"a mention without anything", told(`{"organizationalEntity":"` + us + `","action":"SHARE_MENTION"}`), []string{q("sin_id")}},
		{"a mention by a word", told(`{"organizationalEntity":"` + us + `","action":"SHARE_MENTION","generatedActivity":"palabra"}`), []string{q("id_ilegible")}},
		{"a mention in a comment", told(strings.Replace(fine, "COMMENT", "SHARE_MENTION", 1)), []string{"interaction"}},
		{"strange items around good ones", told(fine, "null", "5", `"x"`, "[]", fine), []string{"interaction", q("item_ilegible"), q("item_ilegible"), q("item_ilegible"), q("item_ilegible"), "interaction"}},
	}
	for _, id := range []string{
		`1.5`, `7`, `true`, `{}`, `[1]`, `"a b"`, `"urn:li:comment:(activity:1)"`, `"urn:li:comment:(activity:1,2"`, `"urn:li:comment:(activity:1,x)"`,
		`"urn:li:comment:(activity:1.5,2)"`, `"urn:li:comment:(:1,2)"`, `"urn:li:comment:(activity:1,2,3)"`, `"urn:li:activity:1"`, `"urn:li:comment:(` + strings.Repeat("1", 300) + `)"`,
	} {
		cases = append(cases, struct {
			name, body string
			want       []string
		}{"the comment " + id, with(urn, id), []string{q("id_ilegible")}})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, said(linkedin.Decode([]byte(c.body), mention.Accounts{mention.LinkedIn: {us}}))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// More notifications than any delivery has are cut off, and it is said.
func TestDecode_tooMany(t *testing.T) {
	events := linkedin.Decode([]byte(told(strings.Repeat(fine+",", 5_000)+fine)), nil)
	if len(events) != 5_001 || events[4_999].Outcome != mention.Interaction || events[5_000].Reason != mention.ReasonTooMany {
		t.Errorf("%d events, the last is %+v", len(events), events[len(events)-1])
	}
}
