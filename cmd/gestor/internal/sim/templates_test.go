package sim

import (
	"fmt"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/whatsapp"
)

// Templates go to whom did not write, and to whom wrote long ago; they are shown as they read.
func TestTemplatesReachPeople(t *testing.T) {
	r := newRig(t)
	p := r.publisherTo(targetWhatsApp)
	b := post.Broadcast{
		Account: networkAccount(targetWhatsApp), Recipient: "56900123456", Tag: "post:1/whatsapp",
		Template: &post.Template{Name: "aviso_curso", Language: "es_CL", Params: []string{"Ana", "Soldadura {{1}}", "lunes"}},
	}
	made, err := p.Publish(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	const want = "Hola Ana: tu curso Soldadura {{1}} empieza el lunes. Si tienes dudas, responde este mensaje."
	if sent := r.published(targetWhatsApp); len(sent) != 1 || sent[0].ID != made.ID || sent[0].Text != want || sent[0].Visibility != "private" {
		t.Errorf("sent %+v", sent)
	}
	if page := r.page("/whatsapp", 200); !strings.Contains(page, want) || !strings.Contains(page, "Plantilla aviso_curso") {
		t.Error("it is not shown")
	}
	told := map[string]bool{}
	for i := range 2 {
		e := r.heard(targetWhatsApp, i+1)
		if e.Outcome != mention.Status || e.Tag != b.Tag || len(e.Flags) != 1 {
			t.Errorf("status %d: %+v", i, e)
		}
		told[e.Flags[0]] = true
	}
	if !told[mention.FlagSent] || !told[mention.FlagDelivered] {
		t.Errorf("told %v", told)
	}
	for name, c := range map[string]func(t *post.Template){
		"no such template": func(t *post.Template) { t.Name = "otro" },
		"another language": func(t *post.Template) { t.Language = "en_US" },
		"not approved":     func(t *post.Template) { t.Name, t.Params = "aviso_retirado", t.Params[:1] },
		"too few words":    func(t *post.Template) { t.Params = t.Params[:2] },
		"needs a picture":  func(t *post.Template) { t.Name, t.Params = "afiche_feria", t.Params[:1] },
	} {
		other := *b.Template
		c(&other)
		wrong := b
		wrong.Template = &other
		if _, err := p.Publish(t.Context(), wrong); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	from, a := r.reader(targetWhatsApp)
	known, _, err := from.(*whatsapp.Reader).Templates(t.Context(), a)
	var names []string
	for _, k := range known {
		names = append(names, fmt.Sprintf("%s %d %s", k.Name, k.Params, k.Category))
	}
	if got := strings.Join(names, ", "); err != nil || got != "aviso_respuesta 2 UTILITY, aviso_curso 3 UTILITY, horario_especial 1 UTILITY, feria_laboral 1 MARKETING" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestReadLittle(t *testing.T) {
	for little, want := range map[string]string{
		`a \(b\) #c \\ \#d`:           `a (b) #c \ #d`,
		`Todo bien (y esto no se ve)`: "Todo bien ",
		`a_b`:                         "a",
		`# suelto`:                    "",
	} {
		if got, cut := readLittle(little); got != want || cut != (want != `a (b) #c \ #d`) {
			t.Errorf("%q reads %q, cut %t", little, got, cut)
		}
	}
}
