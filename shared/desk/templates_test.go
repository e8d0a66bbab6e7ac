package desk_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// approved gives us an account on WhatsApp with approved texts.
func (w *world) approved(account string, with ...func(*channel.Channel)) *world {
	w.Helper()
	c := channel.Channel{
		Ref: channel.Ref{Network: mention.WhatsApp, Account: account}, State: channel.Working, ConnectedAt: w.clock().Add(-time.Hour), Rev: 1,
		Templates: []channel.KnownTemplate{
			{Name: "aviso_curso", Language: "es_CL", Body: "Empieza tu curso de {{1}}.", Params: 1, Category: "UTILITY"},
			{Name: "horario", Language: "es_CL", Body: "Hola {{1}}: abrimos el {{2}}.", Params: 2, Category: "MARKETING"},
		},
	}
	for _, f := range with {
		f(&c)
	}
	if err := w.store.Commit(context.WithoutCancel(w.Context()), ticket.Change{Channel: &c}); err != nil {
		w.Fatal(err)
	}
	return w
}

func fillsIn(name string, params ...string) map[string]any {
	return map[string]any{"name": name, "language": "es_CL", "params": params}
}

// The approved texts are for who publishes and who answers, with the account each may be sent through; not those of one taken away.
func TestTemplates_List(t *testing.T) {
	w := newWorld(t).approved("300").approved("301", func(c *channel.Channel) { c.Templates = c.Templates[:1] }).approved("302", func(c *channel.Channel) { c.State = channel.Closed })
	type item struct {
		Name, Language, Body, Category, Account string
		Params                                  int
	}
	for user, allowed := range map[string]bool{
		"ejecutivo1": true, "supervisor": true, "comunicaciones": true, "jefatura": true, "auditor": true, "siac": false, "oirs": false, "denuncias": false, "datos": false, "ti": false, "programa": false,
	} {
		a := w.ask("GET", "/api/v1/templates", user, "")
		if allowed != (a.status == http.StatusOK) || !allowed && a.status != http.StatusForbidden {
			t.Errorf("%s: %d", user, a.status)
		}
		if !allowed {
			continue
		}
		got := read[struct{ Items []item }](w, a).Items
		want := []item{
			{"aviso_curso", "es_CL", "Empieza tu curso de {{1}}.", "UTILITY", "300", 1},
			{"aviso_curso", "es_CL", "Empieza tu curso de {{1}}.", "UTILITY", "301", 1},
			{"horario", "es_CL", "Hola {{1}}: abrimos el {{2}}.", "MARKETING", "300", 2},
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %+v", user, got)
		}
	}
}

// After the window a text is refused and an approved one is planned, within it both; it must be one of the account's, filled in whole.
func TestTemplates_Reply(t *testing.T) {
	w := newWorld(t).approved(page).approved("300", func(c *channel.Channel) {
		c.Templates = append(c.Templates, channel.KnownTemplate{Name: "solo_alla", Language: "es_CL", Body: "Hola."})
	})
	c, other := w.message(mention.WhatsApp), w.message(mention.Instagram)
	w.pass(25 * time.Hour)
	if a := w.act("ejecutivo1", c.ID, "reply", map[string]any{"visibility": "private", "text": "Hola."}); a.status != 422 {
		t.Errorf("a text after the window: %d %s", a.status, a.body)
	}
	may := read[view](w, w.ask("GET", "/api/v1/tickets/"+c.ID, "ejecutivo1", "")).May["reply"].Private
	if may.Allowed || !may.Template || !strings.Contains(may.Why, "plantilla") {
		t.Errorf("may %+v", may)
	}
	for name, tt := range map[string]struct {
		id     string
		fields map[string]any
		campo  string
	}{
		"unknown":             {c.ID, map[string]any{"visibility": "private", "template": fillsIn("otra", "x")}, "template"},
		"of another account":  {c.ID, map[string]any{"visibility": "private", "template": fillsIn("solo_alla")}, "template"},
		"too little":          {c.ID, map[string]any{"visibility": "private", "template": fillsIn("horario", "Ana")}, "template"},
		"empty":               {c.ID, map[string]any{"visibility": "private", "template": fillsIn("horario", "Ana", " ")}, "template"},
		"none":                {c.ID, map[string]any{"visibility": "private", "template": map[string]any{}}, "template"},
		"in public":           {c.ID, map[string]any{"visibility": "public", "template": fillsIn("aviso_curso", "Excel")}, "visibility"},
		"with a text":         {c.ID, map[string]any{"visibility": "private", "text": "Hola.", "template": fillsIn("aviso_curso", "Excel")}, "text"},
		"on another network":  {other.ID, map[string]any{"visibility": "private", "template": fillsIn("aviso_curso", "Excel")}, "visibility"},
		"at an hour long ago": {c.ID, map[string]any{"visibility": "private", "template": fillsIn("aviso_curso", "Excel"), "sendAt": "2026-01-01T10:00:00Z"}, "sendAt"},
	} {
		if a := w.act("ejecutivo1", tt.id, "reply", tt.fields); a.status != 422 || read[refusal](w, a).Campo != tt.campo {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := w.act("ejecutivo2", c.ID, "reply", map[string]any{"visibility": "private", "template": fillsIn("aviso_curso", "Excel")}); a.status != 403 {
		t.Errorf("who does not hold the case: %d", a.status)
	}
	w.sendsTemplate(c.ID, nil)
	w.sendsTemplate(c.ID, map[string]any{"sendAt": w.clock().Add(48 * time.Hour).Format(time.RFC3339)})
	within := w.message(mention.WhatsApp)
	if may := read[view](w, w.ask("GET", "/api/v1/tickets/"+within.ID, "ejecutivo1", "")).May["reply"].Private; !may.Allowed || !may.Template {
		t.Errorf("within the window: %+v", may)
	}
	w.sendsTemplate(within.ID, map[string]any{"sendAt": w.clock().Add(48 * time.Hour).Format(time.RFC3339)}) // when a text could go no more
}

// sendsTemplate answers with a template, which nothing may refuse.
func (w *world) sendsTemplate(id string, more map[string]any) {
	w.Helper()
	fields := map[string]any{"visibility": "private", "template": fillsIn("horario", "Ana", "lunes  2")}
	for name, value := range more {
		fields[name] = value
	}
	a := w.act("ejecutivo1", id, "reply", fields)
	if a.status != http.StatusOK {
		w.Fatalf("%d %s", a.status, a.body)
	}
	shown := read[struct {
		Replies []struct{ Text, Template, State string }
	}](w, a).Replies
	if last := shown[len(shown)-1]; last.Text != "Hola Ana: abrimos el lunes 2." || last.Template != "horario" || last.State != "planned" {
		w.Errorf("shown as %+v", last)
	}
	story, err := w.store.Story(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	r := story.Replies[len(story.Replies)-1]
	if r.Template == nil || !slices.Equal(r.Template.Params, []string{"Ana", "lunes  2"}) || r.Recipient == "" || !r.Until.IsZero() || r.At.IsZero() != (more == nil) {
		w.Errorf("planned %+v", r)
	}
	history, err := w.store.History(w.Context(), id)
	if err != nil || history[len(history)-1].Kind != audit.ReplyPlanned || history[len(history)-1].Facts["template"] != "horario" {
		w.Errorf("bitácora %+v, %v", history[len(history)-1], err)
	}
}

// What a post says on WhatsApp is read as the person will read it, and does not go further with a template that is not right.
func TestTemplates_Posts(t *testing.T) {
	w := newWorld(t).approved("300").approved("301", func(c *channel.Channel) { c.Templates = nil })
	there := w.open(classify.Consulta, onWhatsApp, func(o *ticket.Opening) { o.Event.Account = "301" })
	asked := w.open(classify.Consulta, onWhatsApp)
	about := func(template map[string]any, cases ...string) map[string]any {
		return says(map[string]any{
			"text": "", "networks": []string{"whatsapp"}, "cases": cases, "variants": map[string]any{"whatsapp": map[string]any{"template": template}},
		})
	}
	rules := func(found []post.Finding) (out []string) {
		for _, f := range found {
			out = append(out, f.Rule)
		}
		return out
	}
	for name, tt := range map[string]struct {
		template map[string]any
		rules    []string
		text     string
	}{
		"filled in":  {fillsIn("aviso_curso", "Excel"), nil, "Empieza tu curso de Excel."},
		"unknown":    {fillsIn("otra"), []string{"template_unknown"}, ""},
		"too little": {fillsIn("horario", "Ana"), []string{"template_params"}, "Hola Ana: abrimos el {{2}}."},
		"empty":      {fillsIn("aviso_curso", " "), []string{"template_params"}, "Empieza tu curso de {{1}}."},
	} {
		checked := read[struct {
			Findings []post.Finding
			Networks map[string]struct {
				Text   string
				Length int
			}
		}](w, w.write("POST", "/api/v1/posts/check", "comunicaciones", about(tt.template, asked.ID)))
		if shown := checked.Networks["whatsapp"]; !slices.Equal(rules(checked.Findings), tt.rules) || shown.Text != tt.text || shown.Length != len(tt.text) {
			t.Errorf("%s: %v, %+v", name, rules(checked.Findings), shown)
		}
		answer := read[struct{ Findings []post.Finding }](w, w.write("POST", "/api/v1/posts/check", "ejecutivo1",
			map[string]any{"kind": "reply", "network": "whatsapp", "visibility": "private", "template": tt.template}))
		if !slices.Equal(rules(answer.Findings), tt.rules) {
			t.Errorf("%s, as an answer: %v", name, rules(answer.Findings))
		}
		if tt.rules == nil {
			continue
		}
		p := w.drafted("comunicaciones", about(tt.template, asked.ID))
		a := w.write("POST", "/api/v1/posts/"+p.ID+"/submit", "comunicaciones", map[string]any{})
		if a.status != 422 || !slices.Equal(rules(read[objection](w, a).Findings), tt.rules) {
			t.Errorf("%s, submitted: %d %s", name, a.status, a.body)
		}
	}
	p := w.drafted("comunicaciones", about(fillsIn("aviso_curso", "Excel"), there.ID))
	if shown := read[struct {
		Variants map[string]struct{ Preview string }
	}](w, w.ask("GET", "/api/v1/posts/"+p.ID, "auditor", "")); shown.Variants["whatsapp"].Preview != "Empieza tu curso de Excel." {
		t.Errorf("preview %+v", shown)
	}
	w.done("comunicaciones", p.ID, "submit", map[string]any{})
	a := w.write("POST", "/api/v1/posts/"+p.ID+"/approve", "supervisor", map[string]any{})
	if a.status != 422 || read[objection](w, a).Campo != "cases" {
		t.Errorf("through an account that does not have it: %d %s", a.status, a.body)
	}
}
