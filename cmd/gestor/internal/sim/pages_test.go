package sim

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// inline is what the policy would block: script or style in the page itself, handlers, and other hosts.
var inline = regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]|<script>|<style|<[^>]*\sstyle=|<[^>]*\son[a-z]+\s*=|<[^>]*javascript:|(?:src|href|action)="(?:https?:)?//`)

func (r *rig) page(path string, want int) string {
	r.t.Helper()
	res, err := http.Get(r.url + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if res.StatusCode != want {
		r.t.Fatalf("%s: %d, want %d: %s", path, res.StatusCode, want, raw)
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		r.t.Errorf("%s: policy %q", path, csp)
	}
	return string(raw)
}

func TestPagesRender(t *testing.T) {
	r := newRig(t)
	pages := []string{"/", "/facebook", "/facebook/mensajes", "/siac", "/correo", "/conexiones", "/ayuda"}
	check := func(when string) {
		for _, path := range pages {
			html := r.page(path, http.StatusOK)
			if !strings.Contains(html, `<html lang="es">`) || strings.Count(html, "<h1>") != 1 || !strings.HasSuffix(strings.TrimSpace(html), "</html>") {
				t.Errorf("%s %s: not a whole page in Spanish", when, path)
			}
			if bad := inline.FindString(html); bad != "" {
				t.Errorf("%s %s: %q in the page", when, path, bad)
			}
			if twice := repeated(html); twice != "" {
				t.Errorf("%s %s: id %q twice", when, path, twice)
			}
		}
	}
	check("empty")
	c := r.write(`{"name":"Persona <script>alert(1)</script>","text":"<img src=x onerror=alert(1)> hola"}`)
	dm := r.write(`{"kind":"dm","text":"por interno"}`)
	r.write(`{"kind":"rating","text":"bien","rating":5}`)
	r.write(`{"kind":"mention","text":"miren"}`)
	r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/comments", "message=Respuesta+del+gestor")
	r.graph(http.MethodPost, "/graph/v25.0/"+DefaultPageID+"/messages", url.Values{"recipient": {`{"comment_id":"` + c.ID + `"}`}, "message": {`{"text":"te escribo"}`}}.Encode())
	folio := calls[siacBrief](r, 201, http.MethodPost, "/siac-api/v1/casos", filingBody("RS-1", "a"), siacHeaders("a")...).Folio
	r.call(http.MethodPost, "/sim/siac/casos/"+folio+"/eventos", `{"estado":"respondido"}`)
	r.call(http.MethodPost, "/ses/v2/email/outbound-emails", letterBody)
	r.breaks(`{"target":"siac","mode":"slow","rate":0.5}`)
	check("full")
	wall := r.page("/facebook", http.StatusOK)
	if strings.Contains(wall, "<script>alert") || strings.Contains(wall, "<img") {
		t.Error("a citizen's text became markup")
	}
	for _, part := range []string{"Respuesta del gestor", "Valoración: 5 de 5", "Mención"} {
		if !strings.Contains(wall, part) {
			t.Errorf("the wall lacks %q", part)
		}
	}
	if html := r.page("/facebook/mensajes?con="+dm.Thread, http.StatusOK); !strings.Contains(html, "por interno") {
		t.Error("the conversation lacks its message")
	}
	if html := r.page("/siac", http.StatusOK); !strings.Contains(html, folio) || !strings.Contains(html, "Respondido") {
		t.Error("the case is not shown as answered")
	}
	if html := r.page("/correo", http.StatusOK); !strings.Contains(html, "Algo espera.") {
		t.Error("the mailbox lacks the letter")
	}
	r.page("/no-existe", http.StatusNotFound)
}

var identifier = regexp.MustCompile(`\sid="([^"]+)"`)

func repeated(html string) string {
	seen := map[string]bool{}
	for _, m := range identifier.FindAllStringSubmatch(html, -1) {
		if seen[m[1]] {
			return m[1]
		}
		seen[m[1]] = true
	}
	return ""
}

func TestAssetsAreServed(t *testing.T) {
	r := newRig(t)
	files, err := fs.Glob(assets, "static/*")
	if err != nil || len(files) < 3 {
		t.Fatalf("assets %v, %v", files, err)
	}
	for _, f := range files {
		if status, raw := r.call(http.MethodGet, "/"+f, ""); status != http.StatusOK || len(raw) == 0 {
			t.Errorf("%s: %d", f, status)
		}
	}
}

// submit posts a form as a browser does, without following where it leads.
func (r *rig) submit(path string, v url.Values) (status int, to, body string) {
	r.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.url+path, strings.NewReader(v.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", r.url)
	res, err := client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), string(raw)
}

func TestFormsDoWhatTheySay(t *testing.T) {
	r := newRig(t)
	must := func(path string, v url.Values, wantTo string) string {
		t.Helper()
		status, to, body := r.submit(path, v)
		if status != http.StatusSeeOther || !strings.HasPrefix(to, wantTo) {
			t.Fatalf("%s: %d to %q, want 303 to %s…: %s", path, status, to, wantTo, body)
		}
		return to
	}
	to := must("/facebook/escribir", url.Values{"person": {"persona.ficticia.rojas"}, "kind": {"comment"}, "text": {"hola"}}, "/facebook?como=persona.ficticia.rojas&ok=escrito#m-")
	_, id, _ := strings.Cut(to, "#m-")
	if _, v, _ := r.change(1); v["from"].(map[string]any)["name"] != "Persona Ficticia Rojas" {
		t.Errorf("written as %v", v["from"])
	}
	must("/facebook/editar", url.Values{"id": {id}, "text": {"hola otra vez"}}, "/facebook?ok=editado")
	must("/facebook/borrar", url.Values{"id": {id}}, "/facebook?ok=borrado")
	must("/facebook/escribir", url.Values{"person": {"persona.ficticia.rojas"}, "name": {"Otra Ficticia"}, "kind": {"dm"}, "text": {"hola"}},
		"/facebook/mensajes?como=persona.ficticia.rojas&con="+scopedID("Otra Ficticia"))
	c := calls[siacBrief](r, 201, http.MethodPost, "/siac-api/v1/casos", filingBody("RS-1", "a"), siacHeaders("a")...)
	must("/siac/mover", url.Values{"folio": {c.Folio}, "estado": {"respondido"}}, "/siac?ok=movido")
	r.gestor.answer("/siac/callback", http.StatusNotFound)
	must("/siac/mover", url.Values{"folio": {c.Folio}, "estado": {"cerrado"}}, "/siac?ok=pendiente")
	must("/fallas", url.Values{"target": {"siac"}, "mode": {"slow"}, "percent": {"12.5"}, "count": {"3"}}, "/?ok=falla")
	if f := r.sim.activeFaults(); len(f) != 1 || f[0].Rate != 0.125 || f[0].Count != 3 {
		t.Errorf("faults %+v", f)
	}
	must("/fallas/quitar", nil, "/?ok=sinfallas")
	must("/avisos/reintentar", nil, "/?ok=reintento")
	must("/saludo", nil, "/?ok=saludo")
	must("/manana", nil, "/?ok=manana")
	for path, v := range map[string]url.Values{
		"/facebook/escribir": {"kind": {"comment"}, "text": {""}},
		"/fallas":            {"target": {"siac"}, "mode": {"slow"}, "percent": {"mucho"}},
		"/reloj":             {"at": {"ayer"}},
		"/siac/mover":        {"folio": {c.Folio}, "estado": {"otro"}},
	} {
		status, _, body := r.submit(path, v)
		if status != http.StatusBadRequest || !strings.Contains(body, `role="alert"`) || !strings.Contains(body, `<html lang="es">`) {
			t.Errorf("%s wrong: %d %s", path, status, body)
		}
	}
}

func TestTheRevisionChangesWithTheWorld(t *testing.T) {
	r := newRig(t)
	rev := func() string {
		return calls[map[string]string](r, 200, http.MethodGet, "/sim/revision", "")["revision"]
	}
	before := rev()
	if rev() != before {
		t.Error("nothing happened and the revision changed")
	}
	r.write(`{"text":"hola"}`)
	if rev() == before {
		t.Error("something happened and the revision is the same")
	}
	if html := r.page("/", http.StatusOK); !strings.Contains(html, fmt.Sprintf(`data-revision="%s"`, rev())) && len(r.sim.outbox.list()) == 0 {
		r.eventually("the page has the revision", func() bool {
			return strings.Contains(r.page("/", http.StatusOK), fmt.Sprintf(`data-revision="%s"`, rev()))
		})
	}
}
