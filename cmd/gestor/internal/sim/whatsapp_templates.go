package sim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// whatsappTemplate is a text that was put before Meta.
type whatsappTemplate struct {
	Name, Language, Category, Status string
	Header                           string // the format of what stands above the text, empty for nothing
	Body                             string
}

// whatsappTemplates are those of the business account.
func whatsappTemplates() []whatsappTemplate {
	const spanish, approved, utility = "es_CL", "APPROVED", "UTILITY"
	return []whatsappTemplate{
		{"aviso_respuesta", spanish, utility, approved, "", "Hola {{1}}: ya tenemos respuesta a tu consulta {{2}}. Escríbenos por aquí para verla."},
		{"aviso_curso", spanish, utility, approved, "", "Hola {{1}}: tu curso {{2}} empieza el {{3}}. Si tienes dudas, responde este mensaje."},
		{"horario_especial", spanish, utility, approved, "", "Este {{1}} nuestras oficinas atienden de 9:00 a 13:00."},
		{"feria_laboral", spanish, "MARKETING", approved, "", "Ven a la feria laboral de {{1}}. Inscríbete en sence.gob.cl."},
		{"afiche_feria", spanish, "MARKETING", approved, "IMAGE", "Ven a la feria laboral de {{1}}."},
		{"aviso_retirado", spanish, utility, "REJECTED", "", "Hola {{1}}."},
	}
}

// view is the template as Graph writes it.
func (w whatsappTemplate) view() obj {
	parts := []obj{{"type": "BODY", "text": w.Body}}
	if w.Header != "" {
		parts = append([]obj{{"type": "HEADER", "format": w.Header}}, parts...)
	}
	return obj{
		"id": lastNumber(mediumID(targetWhatsApp, w.Name)), "name": w.Name, "language": w.Language, "category": w.Category, "status": w.Status,
		"parameter_format": "POSITIONAL", "components": parts,
	}
}

// templatesPage is how many templates a page has at most, so that ours have two.
const templatesPage = 3

// whatsappList is GET /{business account}/message_templates.
func (s *Simulator) whatsappList(w http.ResponseWriter, r *http.Request, _ string) {
	var all []obj
	for _, t := range whatsappTemplates() {
		if asked := r.Form.Get("status"); asked == "" || asked == t.Status {
			all = append(all, t.view())
		}
	}
	start, err := strconv.Atoi(strings.TrimPrefix(r.Form.Get("after"), "desde-"))
	if err != nil || start < 0 {
		start = 0
	}
	end := min(start+templatesPage, len(all))
	paging := obj{"cursors": obj{"after": "desde-" + strconv.Itoa(end)}}
	if end < len(all) {
		paging["next"] = foreignHost + "/" // nobody who keeps to the cursor goes there
	}
	writeGraph(w, http.StatusOK, obj{"data": all[min(start, end):end], "paging": paging})
}

// whatsappUse is a template in a message.
type whatsappUse struct {
	Name     string `json:"name"`
	Language struct {
		Code string `json:"code"`
	} `json:"language"`
	Parts []struct {
		Type   string `json:"type"`
		Params []struct {
			Type string `json:"type"`
			Text string `json:"text"`
		} `json:"parameters"`
	} `json:"components"`
}

// whatsappFilled gives the text that a template of a message reads as, or why WhatsApp does not take it.
func whatsappFilled(raw string) (name, text string, err error) {
	var in whatsappUse
	if json.Unmarshal([]byte(raw), &in) != nil || in.Name == "" {
		return "", "", oauthError(100, "(#100) The parameter template is required.")
	}
	for _, t := range whatsappTemplates() {
		if t.Name != in.Name || t.Language != in.Language.Code || t.Status != "APPROVED" {
			continue
		}
		values, good := in.values()
		switch {
		case !good:
			return "", "", oauthError(132018, "(#132018) There’s an issue with the parameters in your template")
		case len(values) != 2*strings.Count(t.Body, "{{") || t.Header != "":
			return "", "", oauthError(132000, "(#132000) Number of parameters does not match the expected number of params")
		}
		return t.Name, strings.NewReplacer(values...).Replace(t.Body), nil
	}
	return "", "", oauthError(132001, "(#132001) Template name does not exist in the translation")
}

// values are what is filled in, each behind its place; false when WhatsApp takes one of them not.
func (u whatsappUse) values() (values []string, good bool) {
	for _, part := range u.Parts {
		for i, p := range part.Params {
			if part.Type != "body" || p.Type != "text" || p.Text == "" || strings.ContainsAny(p.Text, "\n\t") || strings.Contains(p.Text, "     ") {
				return nil, false
			}
			values = append(values, "{{"+strconv.Itoa(i+1)+"}}", p.Text)
		}
	}
	return values, true
}
