package sim

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// must posts a form that is to be taken, and gives the page it leads to.
func (r *rig) must(path string, v url.Values) string {
	r.t.Helper()
	status, to, body := r.submit(path, v)
	if status != http.StatusSeeOther {
		r.t.Fatalf("%s: %d %s", path, status, body)
	}
	page, _, _ := strings.Cut(to, "#")
	return r.page(page, http.StatusOK)
}

func (r *rig) sound(html string) {
	r.t.Helper()
	if bad := inline.FindString(html); bad != "" {
		r.t.Errorf("%q in the page", bad)
	}
	if twice := repeated(html); twice != "" {
		r.t.Errorf("id %q twice", twice)
	}
}

// A person tries on the pages what the calls of tests do.
func TestAPersonMayModerateOnThePages(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"algo feo","media":["image"]}`)
	wall := r.page("/facebook", http.StatusOK)
	r.sound(wall)
	_, picture, _ := strings.Cut(wall, `<img src="`)
	picture, _, _ = strings.Cut(picture, `"`)
	if status, raw := r.call(http.MethodGet, picture, ""); status != http.StatusOK || !strings.HasPrefix(string(raw), "\x89PNG") {
		t.Errorf("picture %q: %d", picture, status)
	}
	html := r.must("/facebook/accion", url.Values{"id": {c.ID}, "verb": {actHide}})
	r.sound(html)
	if !strings.Contains(html, "Oculto por SENCE") || !strings.Contains(html, "Quedó hecho en la red") {
		t.Error("a hidden comment does not look hidden")
	}
	if html := r.must("/facebook/accion", url.Values{"id": {c.ID}, "verb": {actUnhide}}); strings.Contains(html, "Oculto por SENCE") {
		t.Error("a comment that is shown again looks hidden")
	}
	if html := r.must("/facebook/accion", url.Values{"id": {c.ID}, "verb": {actLike}}); !strings.Contains(html, "Le gusta a SENCE") {
		t.Error("a liked comment does not look liked")
	}
	html = r.must("/facebook/escribir", url.Values{"own": {"1"}, "kind": {"comment"}, "thread": {c.ID}, "text": {"respondo desde el teléfono"}})
	if !strings.Contains(html, "respondo desde el teléfono") || !strings.Contains(html, "Desde la app de la red") {
		t.Error("an answer of our people is not on the wall")
	}
	own := ""
	r.sim.read(func(w *world) { own = w.replies[c.ID][0] })
	if html := r.must("/facebook/editar", url.Values{"own": {"1"}, "id": {own}, "text": {"corregido"}}); !strings.Contains(html, "corregido") {
		t.Error("our answer was not changed")
	}
	r.must("/facebook/borrar", url.Values{"own": {"1"}, "id": {own}})
	html = r.must("/facebook/accion", url.Values{"id": {c.ID}, "verb": {actRemove}})
	if strings.Contains(html, "algo feo") || strings.Count(html, "borrado por SENCE") != 2 {
		t.Error("what SENCE deleted does not look so")
	}
	for path, v := range map[string]url.Values{
		"/facebook/accion": {"id": {c.ID}, "verb": {actHide}},
		"/luna/accion":     {"id": {c.ID}, "verb": {actHide}},
	} {
		if status, _, _ := r.submit(path, v); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestAPersonMayTryMediaAndStories(t *testing.T) {
	r := newRig(t)
	for i, q := range []struct {
		network string
		v       url.Values
		shows   string
	}{
		{targetWhatsApp, url.Values{"kind": {"dm"}, "media": {mediaAudio}}, "Audio: "},
		{targetWhatsApp, url.Values{"kind": {"dm"}, "media": {mediaFile}, "text": {"mi papel"}}, "documento-ficticio.pdf"},
		{targetInstagram, url.Values{"kind": {kindStoryMention}}, "Mención en su historia"},
		{targetInstagram, url.Values{"kind": {kindStoryReply}, "text": {"hola"}}, "Responde a nuestra historia"},
		{targetX, url.Values{"kind": {kindChat}, "text": {"secreto"}}, "Mensaje cifrado"},
		{targetFacebook, url.Values{"kind": {kindTag}, "text": {"miren"}, "media": {""}}, "Mención"},
	} {
		q.v.Set("person", "persona.ficticia.rojas")
		html := r.must("/"+q.network+"/escribir", q.v)
		r.sound(html)
		if !strings.Contains(html, q.shows) {
			t.Errorf("%d: %q is not on the page of %s", i, q.shows, q.network)
		}
	}
	html := r.must("/whatsapp/escribir", url.Values{"own": {"1"}, "kind": {"dm"}, "thread": {r.talker(targetWhatsApp)}, "text": {"respondo desde el teléfono"}})
	if !strings.Contains(html, "respondo desde el teléfono") {
		t.Error("an answer of our people is not in the conversation")
	}
}

// talker is the first person with a conversation.
func (r *rig) talker(network string) (id string) {
	r.sim.read(func(w *world) { id = w.at(network).talkers[0] })
	return id
}

func TestAPersonMayBreakConnections(t *testing.T) {
	r := newRig(t)
	for _, network := range []string{targetFacebook, targetInstagram, targetX, targetLinkedIn, targetWhatsApp} {
		if html := r.must("/"+network+"/clave", url.Values{"state": {tokenRevoked}}); !strings.Contains(html, "el acceso fue quitado") {
			t.Errorf("%s: a revoked key does not look so", network)
		}
		r.must("/"+network+"/clave", url.Values{"state": {tokenOK}})
		if html := r.must("/"+network+"/suscripcion", url.Values{"state": {"gone"}}); !strings.Contains(html, "la red no avisa") {
			t.Errorf("%s: a subscription that is gone does not look so", network)
		}
		r.must("/"+network+"/suscripcion", url.Values{"state": {tokenOK}})
		html := r.must("/"+network+"/uso", url.Values{"percent": {"80"}, "minutes": {"15"}})
		r.sound(html)
		if !strings.Contains(html, "Cuota usada: 80 %") {
			t.Errorf("%s: the use is not shown", network)
		}
	}
	for path, v := range map[string]url.Values{
		"/x/clave": {"state": {"luna"}}, "/x/suscripcion": {"state": {"luna"}}, "/x/uso": {"percent": {"mucho"}, "minutes": {"1"}},
	} {
		if status, _, body := r.submit(path, v); status != http.StatusBadRequest || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%s: %d", path, status)
		}
	}
	help := r.page("/ayuda", http.StatusOK)
	for _, mode := range modes() {
		if !strings.Contains(help, "<code>"+mode+"</code>") || modeName(mode) == mode {
			t.Errorf("%s is not in the help", mode)
		}
	}
}
