package desk_test

import (
	"net/http"
	"slices"
	"testing"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// onWhatsApp opens the case of somebody who wrote on WhatsApp.
func onWhatsApp(o *ticket.Opening) {
	o.Event.Network, o.Event.Kind, o.Event.Account = mention.WhatsApp, mention.DM, "300"
	o.Event.Recipient = "sellado"
}

// A template goes to the people of cases of WhatsApp, and to nobody else: not to whoever wrote a denuncia, not to who wrote elsewhere.
func TestPosts_TemplateToCases(t *testing.T) {
	w := newWorld(t).connected().approved("300")
	asked, other, denounced := w.open(classify.Consulta, onWhatsApp), w.open(classify.Consulta), w.open(classify.Denuncia, onWhatsApp)
	template := func(cases ...string) map[string]any {
		return says(map[string]any{
			"text": "", "networks": []string{"whatsapp"}, "cases": cases,
			"variants": map[string]any{"whatsapp": map[string]any{"template": map[string]any{"name": "aviso_curso", "language": "es_CL", "params": []string{"Excel"}}}},
		})
	}
	for name, cases := range map[string][]string{"of another network": {other.ID}, "a denuncia": {denounced.ID}, "nobody's": {"01NADIE"}} {
		if a := w.write("POST", "/api/v1/posts", "comunicaciones", template(cases...)); a.status != http.StatusUnprocessableEntity || read[objection](w, a).Campo != "cases" {
			t.Errorf("a case %s: %d %s", name, a.status, a.body)
		}
	}
	nobody := w.drafted("comunicaciones", template())
	if !slices.ContainsFunc(nobody.Findings, func(f post.Finding) bool { return f.Rule == "cases_missing" }) {
		t.Errorf("to nobody: %+v", nobody.Findings)
	}
	p := w.drafted("comunicaciones", template(asked.ID, asked.ID))
	w.done("comunicaciones", p.ID, "submit", map[string]any{})
	p = w.done("supervisor", p.ID, "approve", map[string]any{})
	if target := p.Targets["whatsapp-1"]; len(p.Targets) != 1 || target.State != "planned" || target.Account != "300" {
		t.Errorf("targets %+v", p.Targets)
	}
}
