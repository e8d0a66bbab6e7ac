package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/mention"
)

// fetched gets what an address holds.
func (r *rig) fetched(url string, headers ...header) (int, string, []byte) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, h := range headers {
		req.Header.Set(h[0], h[1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Content-Type"), raw
}

// What hangs on a text reaches our decoder, and its address gives the bytes.
func TestMediaReachOurDecoders(t *testing.T) {
	for name, c := range map[string]struct {
		network, body, kind string // kind is the attachment's, as our decoder names it
		text                string
		id                  bool // of this one only the id is told
	}{
		"photo of a comment":      {targetFacebook, `{"text":"miren","media":["image"]}`, "image", "miren", false},
		"photo without a word":    {targetFacebook, `{"kind":"dm","media":["image"]}`, "image", "", false},
		"voice on messenger":      {targetFacebook, `{"kind":"dm","media":["audio"]}`, "audio", "", false},
		"file on instagram":       {targetInstagram, `{"kind":"dm","text":"va","media":["file"]}`, "file", "va", false},
		"video on instagram":      {targetInstagram, `{"kind":"dm","media":["video"]}`, "video", "", false},
		"photo on whatsapp":       {targetWhatsApp, `{"text":"mi carnet ficticio","media":["image"]}`, "image", "mi carnet ficticio", true},
		"voice on whatsapp":       {targetWhatsApp, `{"media":["audio"]}`, "audio", "", true},
		"document on whatsapp":    {targetWhatsApp, `{"media":["file"]}`, "file", "documento-ficticio.pdf", true},
		"place on whatsapp":       {targetWhatsApp, `{"media":["location"]}`, "location", "Lugar ficticio", false},
		"place on messenger":      {targetFacebook, `{"kind":"dm","media":["location"]}`, "location", "", false},
		"photo in a post of X":    {targetX, `{"text":"@SENCE_simulado miren","media":["image"]}`, "image", "@SENCE_simulado miren", false},
		"photo in a message of X": {targetX, `{"kind":"dm","text":"va","media":["image"]}`, "image", "va", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p := r.on(c.network, c.body)
			e := r.heard(c.network, 1)
			if e.Outcome != mention.Interaction || e.Key != p.ID || len(e.Attachments) != 1 || e.Text != c.text {
				t.Fatalf("event %+v", e)
			}
			a := e.Attachments[0]
			if a.Type != c.kind || (a.ID != "") != c.id {
				t.Errorf("attachment %+v, want %s", a, c.kind)
			}
			switch {
			case c.kind == "location":
				if !strings.HasPrefix(a.URL, "geo:-33.") {
					t.Errorf("place %q", a.URL)
				}
			case c.network == targetX, c.id: // addresses of X are on its own hosts, and WhatsApp's have to be asked for
			default:
				status, kind, raw := r.fetched(a.URL)
				if status != http.StatusOK || len(raw) == 0 || !strings.HasPrefix(kind, strings.Replace(c.kind, "file", "application", 1)) {
					t.Errorf("%s gives %d %s of %d bytes", a.URL, status, kind, len(raw))
				}
				r.call(http.MethodDelete, "/sim/"+c.network+"/messages/"+p.ID, "")
				if status, _, _ := r.fetched(a.URL); status != http.StatusForbidden {
					t.Errorf("a deleted text still gives its media: %d", status)
				}
			}
		})
	}
}

func TestStoriesReachOurDecoder(t *testing.T) {
	r := newRig(t)
	named := r.on(targetInstagram, `{"kind":"story_mention","author":"vecina.ficticia"}`)
	e := r.heard(targetInstagram, 1)
	if e.Kind != mention.StoryMention || e.Key != named.ID || e.Outcome != mention.Interaction || !e.Flag(mention.FlagEphemeral) || len(e.Attachments) != 1 {
		t.Errorf("story mention: %+v", e)
	}
	story := e.Attachments[0].URL
	if status, kind, _ := r.fetched(story); status != http.StatusOK || kind != "image/png" {
		t.Errorf("story: %d %s", status, kind)
	}
	r.clock.move(25 * time.Hour)
	if status, _, _ := r.fetched(story); status != http.StatusForbidden {
		t.Errorf("a day later the story gives %d", status)
	}
	answered := r.on(targetInstagram, `{"kind":"story_reply","text":"¡qué bueno!"}`)
	if e := r.heard(targetInstagram, 2); e.Kind != mention.StoryReply || e.Key != answered.ID || e.Text != "¡qué bueno!" || e.Parent == "" || len(e.Attachments) != 1 {
		t.Errorf("story reply: %+v", e)
	}
}

func TestKindsOfX(t *testing.T) {
	r := newRig(t)
	sealed := r.on(targetX, `{"kind":"chat","text":"esto no lo lee nadie"}`)
	if e := r.heard(targetX, 1); !e.Flag(mention.FlagEncrypted) || e.Key != sealed.ID || e.Text != "" || e.Thread != sealed.Thread {
		t.Errorf("encrypted: %+v", e)
	}
	if body := string(r.delivered("/webhooks/x", 1).body); strings.Contains(body, "nadie") {
		t.Error("the network told the text of an encrypted message")
	}
	r.on(targetX, `{"text":"`+strings.Repeat("largo ", 60)+`"}`)
	if e := r.heard(targetX, 2); e.Outcome != mention.Fetch || !e.Flag(mention.FlagTruncated) {
		t.Errorf("a long post: %+v", e)
	}
}

func TestReviewsHaveTwoNames(t *testing.T) {
	r := newRig(t)
	p := r.write(`{"kind":"review","rating":1,"text":"pésimo"}`)
	if e := r.heard(targetFacebook, 1); e.Kind != mention.Review || e.Key != lastNumber(p.ID) || e.Text != "pésimo" {
		t.Errorf("review: %+v", e)
	}
}

func TestWhatCannotHangIsRefused(t *testing.T) {
	r := newRig(t)
	for body, network := range map[string]string{
		`{"text":"a","media":["gif"]}`:                            targetFacebook,
		`{"text":"a","media":["audio"]}`:                          targetFacebook,
		`{"text":"a","kind":"comment","media":["image"]}`:         targetInstagram,
		`{"text":"a","media":["image"]}`:                          targetLinkedIn,
		`{"text":"a","media":["image","image"]}`:                  targetWhatsApp,
		`{"text":"a","media":["location"]}`:                       targetX,
		`{"kind":"dm"}`:                                           targetFacebook,
		`{"text":"a","own":true}`:                                 targetFacebook,
		`{"text":"a","own":true,"kind":"dm"}`:                     targetWhatsApp,
		`{"text":"a","own":true,"kind":"comment"}`:                targetWhatsApp,
		`{"text":"a","own":true,"kind":"dm","thread":"1"}`:        targetX,
		`{"text":"a","own":true,"kind":"rating"}`:                 targetFacebook,
		`{"own":true,"kind":"post"}`:                              targetX,
		`{"text":"a","own":true,"kind":"chat","thread":"1"}`:      targetX,
		`{"text":"a","own":true,"kind":"comment","thread":"9_9"}`: targetFacebook,
	} {
		if status, raw := r.call(http.MethodPost, "/sim/"+network+"/messages", body); status != http.StatusBadRequest {
			t.Errorf("%s %s: %d %s", network, body, status, raw)
		}
	}
}

// What our people write in a network's own application comes as our own activity, and is nothing our system published.
func TestAnswersInTheNetworksOwnApplication(t *testing.T) {
	for name, c := range map[string]struct{ network, asked, kind string }{
		"facebook comment":  {targetFacebook, kindComment, kindComment},
		"facebook message":  {targetFacebook, kindDM, kindDM},
		"instagram comment": {targetInstagram, kindComment, kindComment},
		"instagram message": {targetInstagram, kindDM, kindDM},
		"x answer":          {targetX, kindMention, kindComment},
		"x message":         {targetX, kindDM, kindDM},
		"linkedin comment":  {targetLinkedIn, kindComment, kindComment},
		"whatsapp message":  {targetWhatsApp, kindDM, kindDM},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			p := r.on(c.network, `{"text":"pregunta","kind":"`+c.asked+`"}`)
			r.delivered("/webhooks/"+c.network, 1)
			own := r.on(c.network, `{"own":true,"kind":"`+c.kind+`","text":"respondo desde el teléfono","thread":"`+p.ID+`"}`)
			e := r.heard(c.network, 2)
			if e.Outcome != mention.Own || e.Key != own.ID || e.Text != "respondo desde el teléfono" || e.Thread != p.Thread {
				t.Errorf("came as %+v, want our own %v", e, own)
			}
			if sent := r.published(c.network); len(sent) != 0 {
				t.Errorf("our system published %+v", sent)
			}
			r.sim.read(func(w *world) {
				if it := w.items[own.ID]; it.InReplyTo == "" || !it.Native {
					t.Errorf("stored as %+v", it)
				}
			})
		})
	}
}

// What our system gave along with a message of Messenger comes back in its echo.
func TestEchoesGiveBackWhatWasGivenAlong(t *testing.T) {
	r := newRig(t)
	dm := r.write(`{"kind":"dm","text":"hola"}`)
	r.graph(http.MethodPost, "/graph/v25.0/"+DefaultPageID+"/messages", `recipient={"id":"`+dm.Thread+`"}&message={"text":"te respondo","metadata":"caso.7"}`)
	_, v, _ := r.change(2)
	if at(v, "message", "metadata") != "caso.7" || at(v, "message", "app_id") != json.Number("1517776481860111") {
		t.Errorf("echo: %v", v)
	}
}

// Our own texts change too when our people change them in the network's own application.
func TestOurOwnTextsAreChangedInTheNetworksOwnApplication(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	_, v := r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/comments", "message=respuesta")
	id := v["id"].(string)
	r.delivered(facebookPath, 2)
	if status, raw := r.call(http.MethodPatch, "/sim/facebook/messages/"+id, `{"own":true,"text":"respuesta corregida"}`); status != http.StatusOK {
		t.Fatalf("edit: %d %s", status, raw)
	}
	if e := r.heard(targetFacebook, 3); e.Outcome != mention.Edit || e.Key != id || e.Text != "respuesta corregida" {
		t.Errorf("edited: %+v", e)
	}
	if status, raw := r.call(http.MethodDelete, "/sim/facebook/messages/"+id+"?own=true", ""); status != http.StatusOK {
		t.Fatalf("delete: %d %s", status, raw)
	}
	if e := r.heard(targetFacebook, 4); e.Outcome != mention.Delete || e.Key != id {
		t.Errorf("deleted: %+v", e)
	}
	if status, _ := r.call(http.MethodDelete, "/sim/facebook/messages/"+c.ID+"?own=true", ""); status != http.StatusBadRequest {
		t.Errorf("a citizen's text as our own: %d", status)
	}
}
