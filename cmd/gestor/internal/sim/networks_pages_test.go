package sim

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestEveryNetworkHasAPageToWriteAndToSeeTheAnswer(t *testing.T) {
	for _, n := range otherNetworks() {
		t.Run(n.Name, func(t *testing.T) {
			r := newRig(t)
			whole := func(path string) string {
				t.Helper()
				html := r.page(path, http.StatusOK)
				if strings.Count(html, "<h1>") != 1 || !strings.Contains(html, `aria-current="page">`+n.Title) {
					t.Errorf("%s is not the page of %s", path, n.Title)
				}
				if bad := inline.FindString(html); bad != "" {
					t.Errorf("%q in the page", bad)
				}
				if twice := repeated(html); twice != "" {
					t.Errorf("id %q twice", twice)
				}
				return html
			}
			whole("/" + n.Name)
			for i, kind := range n.Kinds {
				status, to, body := r.submit("/"+n.Name+"/escribir", url.Values{
					"person": {"persona.ficticia.rojas"}, "kind": {kind}, "text": {"<b>como</b> " + kind},
				})
				if status != http.StatusSeeOther || !strings.HasPrefix(to, "/"+n.Name+"?") {
					t.Fatalf("%s: %d to %q: %s", kind, status, to, body)
				}
				r.delivered("/webhooks/"+n.Name, i+1)
				path, _, _ := strings.Cut(to, "#")
				if html := whole(path); !strings.Contains(html, "&lt;b&gt;como&lt;/b&gt; "+kind) || !strings.Contains(html, "Tu texto quedó publicado") {
					t.Errorf("%s is not on the page", kind)
				}
			}
			id := r.answered(n)
			if html := whole("/" + n.Name); !strings.Contains(html, "Respuesta del gestor") || !strings.Contains(html, `class="nuestro"`) {
				t.Error("the answer is not on the page")
			}
			status, to, _ := r.submit("/"+n.Name+"/editar", url.Values{"id": {id}, "text": {"cambiado"}})
			if status != http.StatusSeeOther || !strings.Contains(to, "ok=editado") || !strings.Contains(whole("/"+n.Name), "cambiado") {
				t.Errorf("edit: %d to %q", status, to)
			}
			if status, _, _ := r.submit("/"+n.Name+"/borrar", url.Values{"id": {id}}); status != http.StatusSeeOther {
				t.Errorf("delete: %d", status)
			}
			if html := r.page("/", http.StatusOK); !strings.Contains(html, `<a href="/`+n.Name+`">`+n.Title+`</a>`) {
				t.Error("the overview does not lead there")
			}
		})
	}
}

// answered answers the citizen's newest text the way the network takes answers, and gives that text's id.
func (r *rig) answered(n network) string {
	r.t.Helper()
	var status int
	kind := n.Kinds[0]
	p := r.on(n.Name, `{"text":"pregunta","kind":"`+kind+`","author":"persona.ficticia.rojas"}`)
	switch n.Name {
	case targetInstagram:
		status, _ = r.graph(http.MethodPost, "/graph/v25.0/"+p.ID+"/replies", "message=Respuesta+del+gestor")
	case targetX:
		status, _ = r.asX(http.MethodPost, "/2/tweets", `{"text":"Respuesta del gestor","reply":{"in_reply_to_tweet_id":"`+p.ID+`"}}`)
	case targetLinkedIn:
		status, _ = r.asLinkedIn(http.MethodPost, p.ID, `{"actor":"`+n.Account+`","object":"`+p.Thread+`","message":{"text":"Respuesta del gestor"}}`)
	default:
		status, _ = r.graph(http.MethodPost, "/graph/v25.0/"+n.Account+"/messages", "messaging_product=whatsapp&to="+p.Thread+`&text={"body":"Respuesta del gestor"}`)
	}
	if status/100 != 2 {
		r.t.Fatalf("answer: %d", status)
	}
	return p.ID
}

func TestFormsForNetworksNobodyPlays(t *testing.T) {
	r := newRig(t)
	for _, action := range []string{"escribir", "editar", "borrar"} {
		status, _, body := r.submit("/luna/"+action, url.Values{"text": {"hola"}, "id": {"1"}})
		if status != http.StatusNotFound || !strings.Contains(body, `<html lang="es">`) {
			t.Errorf("%s: %d", action, status)
		}
	}
}
