package whatsapp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/whatsapp"
)

func publisherAt(base string) (*whatsapp.Publisher, error) {
	return whatsapp.NewPublisher(whatsapp.Config{
		BaseURL: base + "/graph/", AppSecret: func(context.Context) (string, error) { return ourSecret, nil },
	}, ourAccess)
}

func templated(params ...string) post.Broadcast {
	return post.Broadcast{
		Account: ourNumber, Recipient: "+56900000000", Tag: "post:1/whatsapp",
		Template: &post.Template{Name: "aviso_curso", Language: "es_CL", Params: params},
	}
}

func TestPublisher(t *testing.T) {
	shape := platformtest.Shape{
		Name: "a template", Post: templated(platformtest.Text), Says: post.NormaliseForCompare(platformtest.Text), ID: "wamid.9/+==",
		Publishes: func(r *http.Request) bool { return r.Method == http.MethodPost },
		Heard: func(_ *http.Request, body []byte) platformtest.Heard {
			var said struct {
				Template struct {
					Components []struct{ Parameters []struct{ Text string } }
				}
			}
			if json.Unmarshal(body, &said) != nil || len(said.Template.Components) != 1 {
				return platformtest.Heard{Text: string(body)}
			}
			return platformtest.Heard{Text: said.Template.Components[0].Parameters[0].Text}
		},
		Show:  func(*http.Request, bool, string) platformtest.Answer { return object(400, 100, 33) },
		Sent:  platformtest.Answer{Status: 200, Body: taken},
		Blind: true,
	}
	for _, r := range refusals() {
		if strings.HasPrefix(r.Name, "132") {
			r.Kind = fault.Invalid
		}
		shape.Refusals = append(shape.Refusals, r)
	}
	platformtest.RunPublisher(t, platformtest.Publishing{
		New:    func(base string) (platformtest.Publisher, error) { return publisherAt(base) },
		Shapes: []platformtest.Shape{shape}, Told: told(), Secrets: []string{proof(), ourSecret, "56900000000"},
	})
}

// A template is said as Meta wants it, as a post and as an answer; it quotes nobody.
func TestTemplate_requests(t *testing.T) {
	var asked string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = r.Method + " " + r.URL.Path + " " + string(body)
		_, _ = io.WriteString(w, taken)
	}))
	defer s.Close()
	p, err := publisherAt(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	const begin = `POST /graph/v25.0/` + ourNumber + `/messages {"messaging_product":"whatsapp","to":"56900000000","type":"template","template":{"name":"aviso_curso","language":{"code":"es_CL"}`
	for name, c := range map[string]struct {
		params []string
		want   string
	}{
		"plain":     {nil, begin + `},"biz_opaque_callback_data":"post:1/whatsapp"}`},
		"filled in": {[]string{"Ana\nMaría", "a  b\tc"}, begin + `,"components":[{"type":"body","parameters":[{"type":"text","text":"Ana María"},{"type":"text","text":"a b c"}]}]},"biz_opaque_callback_data":"post:1/whatsapp"}`},
	} {
		if got, err := p.Publish(t.Context(), templated(c.params...)); err != nil || got.ID != "wamid.9/+==" {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		if diff := cmp.Diff(c.want, asked); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		way, err := outboundAt(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		out := answerTo("+56900000000")
		out.Template, out.Tag, asked = templated(c.params...).Template, "post:1/whatsapp", ""
		if _, err := way.Send(t.Context(), out); err != nil || asked != c.want {
			t.Errorf("%s, as an answer: %v, %s", name, err, cmp.Diff(c.want, asked))
		}
	}
}

func TestTemplate_refuses(t *testing.T) {
	p, err := publisherAt("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil  func(b *post.Broadcast)
		kind   fault.Kind
		reason string
	}{
		"no template":     {func(b *post.Broadcast) { b.Template = nil }, fault.Permanent, once.ReasonUnsupported},
		"a picture":       {func(b *post.Broadcast) { b.Media = []post.Attached{{ID: "a"}} }, fault.Permanent, once.ReasonUnsupported},
		"nobody":          {func(b *post.Broadcast) { b.Recipient = "" }, fault.Invalid, once.ReasonInput},
		"no account":      {func(b *post.Broadcast) { b.Account = "x" }, fault.Invalid, once.ReasonInput},
		"a strange name":  {func(b *post.Broadcast) { b.Template.Name = "a b" }, fault.Invalid, once.ReasonInput},
		"no language":     {func(b *post.Broadcast) { b.Template.Language = "" }, fault.Invalid, once.ReasonInput},
		"nothing in it":   {func(b *post.Broadcast) { b.Template.Params = []string{" \n"} }, fault.Invalid, once.ReasonInput},
		"no text":         {func(b *post.Broadcast) { b.Template.Params = []string{"\xff"} }, fault.Invalid, once.ReasonInput},
		"too long a word": {func(b *post.Broadcast) { b.Template.Params = []string{strings.Repeat("ñ", 1025)} }, fault.Invalid, once.ReasonInput},
	} {
		b := templated("Ana")
		c.spoil(&b)
		if _, err := p.Publish(t.Context(), b); fault.Of(err) != c.kind || p.Reason(err) != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := p.PostURL(ourNumber, "wamid.1"); got != "" {
		t.Errorf("an address of a message: %q", got)
	}
	if _, found, err := p.Published(t.Context(), templated("Ana"), time.Time{}); found || !fault.Is(err, fault.Permanent) {
		t.Errorf("read back: %t, %v", found, err)
	}
}

func template(name, more, components string) string {
	return fmt.Sprintf(`{"name":%q,"language":"es_CL","status":"APPROVED","category":"UTILITY"%s,"components":[%s],"id":"1"}`, name, more, components)
}

// Of the approved templates those are given that need nothing but words in their body.
func TestTemplates(t *testing.T) {
	const body = `{"type":"BODY","text":"Hola {{1}}: el curso {{2}} empieza {{1}}."}`
	first := `{"data":[` + strings.Join([]string{
		template("aviso", "", body),
		template("con_titulo", "", `{"type":"HEADER","format":"TEXT","text":"SENCE"},{"type":"BODY","text":"Hola."},{"type":"FOOTER","text":"SENCE"}`),
		template("con_imagen", "", `{"type":"HEADER","format":"IMAGE"},`+body),
		template("titulo_lleno", "", `{"type":"HEADER","format":"TEXT","text":"{{1}}"},`+body),
		template("boton_lleno", "", body+`,{"type":"BUTTONS","buttons":[{"type":"URL","text":"Ver","url":"https://sence.cl/{{1}}"}]}`),
		template("con_boton", "", body+`,{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Sí"}]}`),
		template("con_nombres", `,"parameter_format":"NAMED"`, body),
		template("sin_texto", "", ""), "5", `{"name":"malo","status":"REJECTED"}`, template("../x", "", body),
	}, ",") + `],"paging":{"cursors":{"after":"A1"},"next":"https://otra.example/x"}}`
	second := `{"data":[` + strings.Replace(template("otra", "", body), `"UTILITY"`, `"MARKETING"`, 1) + `],"paging":{"cursors":{"after":"A2"}}}`
	want := []channel.KnownTemplate{
		{Name: "aviso", Language: "es_CL", Body: "Hola {{1}}: el curso {{2}} empieza {{1}}.", Params: 2, Category: "UTILITY"},
		{Name: "con_titulo", Language: "es_CL", Body: "Hola.", Category: "UTILITY"},
		{Name: "con_boton", Language: "es_CL", Body: "Hola {{1}}: el curso {{2}} empieza {{1}}.", Params: 2, Category: "UTILITY"},
		{Name: "otra", Language: "es_CL", Body: "Hola {{1}}: el curso {{2}} empieza {{1}}.", Params: 2, Category: "MARKETING"},
	}
	reader := func(a answers, pages map[string]string) *whatsapp.Reader {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/501/message_templates") && pages != nil {
				if r.URL.Query().Get("status") != "APPROVED" {
					t.Errorf("asked for %v", r.URL.Query())
				}
				_, _ = io.WriteString(w, pages[r.URL.Query().Get("after")])
				return
			}
			answer := a.show(r, "")
			w.WriteHeader(answer.Status)
			_, _ = io.WriteString(w, answer.Body)
		}))
		t.Cleanup(s.Close)
		r, err := readerAt(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		return r.(*whatsapp.Reader)
	}
	got, _, err := reader(well(), map[string]string{"": first, "A1": second}).Templates(t.Context(), key())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		answers answers
		pages   map[string]string
		kind    fault.Kind
		reason  string
	}{
		"without end":        {well(), map[string]string{"": first, "A1": first}, fault.Transient, once.ReasonTooMany},
		"no list":            {well(), map[string]string{"": `{"data":5}`}, fault.Transient, once.ReasonUnknown},
		"not allowed":        {well().with(answers{"GET 501/message_templates": "!200"}), nil, fault.Denied, once.ReasonPermission},
		"no such account":    {well().with(answers{"GET 501/phone_numbers": `{"data":[]}`}), nil, fault.Denied, once.ReasonPermission},
		"the key is no more": {well().with(answers{"GET debug_token": "!190"}), nil, fault.Denied, once.ReasonAuth},
	} {
		if got, _, err := reader(c.answers, c.pages).Templates(t.Context(), key()); fault.Of(err) != c.kind || once.Reason(err) != c.reason || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
