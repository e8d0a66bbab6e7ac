package meta_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

func publishesFacebook(base string) (platformtest.Publisher, error) {
	return meta.NewPublisher(meta.Config{BaseURL: base + "/graph/"}, ownSecret, ownAccess, platformtest.Files{}), nil
}

func publishesInstagram(base string) (platformtest.Publisher, error) {
	return meta.NewInstagramPublisher(meta.Config{BaseURL: base + "/graph/"}, ownSecret, ownAccess, platformtest.Files{}), nil
}

func picture(id, alt string) post.Attached {
	return post.Attached{ID: id, Alt: alt, File: post.File{Kind: post.Image, Type: "image/jpeg"}}
}

func clip(id string) post.Attached {
	return post.Attached{ID: id, Alt: "una sala de clases", File: post.File{Kind: post.Video, Type: "video/mp4"}}
}

// heardBy gives what a form says: its text by one of the names, and its alternative text.
func heardBy(names ...string) func(*http.Request, []byte) platformtest.Heard {
	return func(r *http.Request, _ []byte) platformtest.Heard {
		var out platformtest.Heard
		if r.ParseForm() != nil {
			return out
		}
		for _, name := range names {
			if text := r.PostForm.Get(name); text != "" {
				out.Text = text
			}
		}
		for _, name := range []string{"alt_text_custom", "alt_text"} {
			if alt := r.PostForm.Get(name); alt != "" {
				out.Alts = append(out.Alts, alt)
			}
		}
		return out
	}
}

// posted tells a POST to one of these paths.
func posted(paths ...string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		for _, path := range paths {
			if r.Method == http.MethodPost && r.URL.Path == "/graph/v25.0/"+path {
				return true
			}
		}
		return false
	}
}

func ok(body string) platformtest.Answer { return platformtest.Answer{Status: 200, Body: body} }

// showsPage is what Facebook answers to all but what publishes.
func showsPage(r *http.Request, published bool, _ string) platformtest.Answer {
	switch path := strings.TrimPrefix(r.URL.Path, "/graph/v25.0/"); {
	case path == ourPage+"/posts":
		return listed(published, fmt.Sprintf(`{"id":"100_9","message":%q,"created_time":%q}`, platformtest.Text, stamp(platformtest.SaidAt())))
	case path == ourPage+"/photos" && r.FormValue("published") == "false":
		return ok(`{"id":"5` + r.FormValue("url")[len("https://files.example/"):] + `"}`)
	case path == ourPage+"/videos" && r.FormValue("published") == "false":
		return ok(`{"id":"77"}`)
	case path == "77" && published:
		return ok(`{"id":"77","status":{"video_status":"ready"},"post_id":"9","published":true}`)
	case path == "77":
		return ok(`{"id":"77","status":{"video_status":"ready"},"post_id":"9"}`)
	}
	return platformtest.Answer{Status: 404, Body: `{}`}
}

func rejected() []platformtest.Refusal {
	return []platformtest.Refusal{
		{Name: "the file is no picture", Answer: object(400, 100, 0), Kind: fault.Permanent, Reason: meta.ReasonContent},
		{Name: "the token expired", Answer: object(400, 190, 463), Kind: fault.Denied, Reason: meta.ReasonAuth},
		{Name: "a 500 with an error object", Answer: object(500, 2, 0), Kind: fault.Transient, Reason: meta.ReasonUnknown},
	}
}

func TestPublisher_Facebook(t *testing.T) {
	words := platformtest.Shape{
		Name: "words", Post: post.Broadcast{Account: ourPage, Text: platformtest.Text, Link: "https://sence.example/x"},
		ID: "100_9", URL: "https://www.facebook.com/100/posts/9",
		Publishes: posted("100/feed"), Heard: heardBy("message", "description"), Show: showsPage, Sent: ok(`{"id":"100_9"}`),
		Elsewhere: elsewhere, Refusals: refusals(),
	}
	pictures := words
	pictures.Name, pictures.Unprepared = "pictures", rejected()
	pictures.Post = post.Broadcast{Account: ourPage, Text: platformtest.Text, Media: []post.Attached{picture("1", "una sala"), picture("2", "una mesa")}}
	video := pictures
	video.Name, video.NoAlts = "video", true
	video.Post.Media = []post.Attached{clip("1")}
	video.Publishes, video.Sent = posted("77"), ok(`{"success":true}`)
	platformtest.RunPublisher(t, platformtest.Publishing{
		New: publishesFacebook, Shapes: []platformtest.Shape{words, pictures, video}, Told: told(), Secrets: []string{proof(platformtest.Token)},
	})
}

// showsInstagram is what Instagram answers to all but what publishes.
func showsInstagram(r *http.Request, published bool, _ string) platformtest.Answer {
	switch path := strings.TrimPrefix(r.URL.Path, "/graph/v25.0/"); {
	case path == ourIG+"/media" && r.Method == http.MethodGet:
		return listed(published, fmt.Sprintf(`{"id":"9","caption":%q,"timestamp":%q}`, platformtest.Text, stamp(platformtest.SaidAt())))
	case path == ourIG+"/content_publishing_limit":
		return ok(`{"data":[{"quota_usage":3,"config":{"quota_total":100,"quota_duration":86400}}]}`)
	case path == ourIG+"/media" && r.FormValue("is_carousel_item") != "":
		return ok(`{"id":"5` + r.FormValue("image_url")[len("https://files.example/"):] + `"}`)
	case path == ourIG+"/media":
		return ok(`{"id":"66"}`)
	case path == "66" && published:
		return ok(`{"id":"66","status_code":"PUBLISHED"}`)
	case path == "66":
		return ok(`{"id":"66","status_code":"FINISHED"}`)
	}
	return platformtest.Answer{Status: 404, Body: `{}`}
}

func TestPublisher_Instagram(t *testing.T) {
	one := platformtest.Shape{
		Name: "a picture", Post: post.Broadcast{Account: ourIG, Text: platformtest.Text, Media: []post.Attached{picture("1", "una sala")}},
		ID: "9", Publishes: posted(ourIG + "/media_publish"), Heard: heardBy("caption"), Show: showsInstagram, Sent: ok(`{"id":"9"}`),
		Elsewhere: elsewhere, Unprepared: rejected(),
		Refusals: refusals(
			platformtest.Refusal{Name: "not ready", Answer: object(400, 9007, 2207027), Kind: fault.Transient, Reason: meta.ReasonNotReady},
			platformtest.Refusal{Name: "thrown away", Answer: object(400, 24, 2207008), Kind: fault.Transient, Reason: meta.ReasonNotReady},
			platformtest.Refusal{Name: "all used up", Answer: object(400, 9, 2207042), Kind: fault.Transient, Reason: meta.ReasonLimit, Wait: time.Hour},
			platformtest.Refusal{Name: "a server error", Answer: object(400, -1, 2207001), Kind: fault.Uncertain, Reason: meta.ReasonUnknown},
			platformtest.Refusal{Name: "restricted", Answer: object(400, 25, 2207050), Kind: fault.Permanent, Reason: meta.ReasonContent},
		),
	}
	carousel := one
	carousel.Name = "a carousel"
	carousel.Post.Media = []post.Attached{picture("1", "una sala"), picture("2", "una mesa")}
	reel := one
	reel.Name, reel.NoAlts = "a reel", true
	reel.Post.Media = []post.Attached{clip("1")}
	platformtest.RunPublisher(t, platformtest.Publishing{
		New: publishesInstagram, Shapes: []platformtest.Shape{one, carousel, reel}, Told: told(), Secrets: []string{proof(platformtest.Token)},
	})
}

// wire gives the requests as they went over the wire, without proof and key.
func wire(g *graph) []string {
	var out []string
	for _, r := range g.requests() {
		form := r.Form
		form.Del("appsecret_proof")
		form.Del("format")
		form.Del("debug")
		line := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/graph/v25.0/")
		keys := map[string]string{}
		for name := range form {
			keys[name] = form.Get(name)
		}
		text, _ := json.Marshal(keys)
		out = append(out, line+" "+strings.NewReplacer(`\u0026`, "&").Replace(string(text)))
	}
	return out
}

// TestPublisher_wire is every request of every sort of post, as it goes over the wire.
func TestPublisher_wire(t *testing.T) {
	link := "https://sence.example/curso?a=1&b=2"
	for name, c := range map[string]struct {
		at   func(string) (platformtest.Publisher, error)
		show func(*http.Request, bool, string) platformtest.Answer
		post post.Broadcast
		want []string
	}{
		"facebook, words and link": {publishesFacebook, showsPage, post.Broadcast{Account: ourPage, Text: "hola", Link: link}, []string{
			`POST 100/feed {"link":"https://sence.example/curso?a=1&b=2","message":"hola"}`,
		}},
		"facebook, pictures and link": {publishesFacebook, showsPage, post.Broadcast{
			Account: ourPage, Text: "hola", Link: link, Media: []post.Attached{picture("1", "una sala"), picture("2", "una mesa")},
		}, []string{
			`POST 100/photos {"alt_text_custom":"una sala","published":"false","url":"https://files.example/1"}`,
			`POST 100/photos {"alt_text_custom":"una mesa","published":"false","url":"https://files.example/2"}`,
			`POST 100/feed {"attached_media":"[{\"media_fbid\":\"51\"},{\"media_fbid\":\"52\"}]","message":"hola\nhttps://sence.example/curso?a=1&b=2"}`,
		}},
		"facebook, video": {publishesFacebook, showsPage, post.Broadcast{Account: ourPage, Text: "hola", Media: []post.Attached{clip("1")}}, []string{
			`POST 100/videos {"description":"hola","file_url":"https://files.example/1","published":"false"}`,
			`GET 77 {"fields":"status,published,post_id"}`,
			`POST 77 {"published":"true"}`,
		}},
		"instagram, picture with its link in the text": {publishesInstagram, showsInstagram, post.Broadcast{
			Account: ourIG, Text: "mira " + link, Link: link, Media: []post.Attached{picture("1", "una sala")},
		}, []string{
			`GET ` + ourIG + `/content_publishing_limit {"fields":"quota_usage,config"}`,
			`POST ` + ourIG + `/media {"alt_text":"una sala","caption":"mira https://sence.example/curso?a=1&b=2","image_url":"https://files.example/1"}`,
			`GET 66 {"fields":"status_code"}`,
			`POST ` + ourIG + `/media_publish {"creation_id":"66"}`,
		}},
		"instagram, carousel with a link": {publishesInstagram, showsInstagram, post.Broadcast{
			Account: ourIG, Text: "hola", Link: link, Media: []post.Attached{picture("1", "una sala"), picture("2", "una mesa")},
		}, []string{
			`GET ` + ourIG + `/content_publishing_limit {"fields":"quota_usage,config"}`,
			`POST ` + ourIG + `/media {"alt_text":"una sala","image_url":"https://files.example/1","is_carousel_item":"true"}`,
			`POST ` + ourIG + `/media {"alt_text":"una mesa","image_url":"https://files.example/2","is_carousel_item":"true"}`,
			`POST ` + ourIG + `/media {"caption":"hola\nhttps://sence.example/curso?a=1&b=2","children":"51,52","media_type":"CAROUSEL"}`,
			`GET 66 {"fields":"status_code"}`,
			`POST ` + ourIG + `/media_publish {"creation_id":"66"}`,
		}},
		"instagram, reel": {publishesInstagram, showsInstagram, post.Broadcast{Account: ourIG, Text: "hola", Media: []post.Attached{clip("1")}}, []string{
			`GET ` + ourIG + `/content_publishing_limit {"fields":"quota_usage,config"}`,
			`POST ` + ourIG + `/media {"caption":"hola","media_type":"REELS","video_url":"https://files.example/1"}`,
			`GET 66 {"fields":"status_code"}`,
			`POST ` + ourIG + `/media_publish {"creation_id":"66"}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
				a := c.show(r, false, "")
				if posted("100/feed", "77", ourIG+"/media_publish")(r) {
					a = ok(`{"id":"9","success":true}`)
				}
				say(a.Status, a.Body)(w, r)
			})
			p, _ := c.at(g.URL)
			b := c.post
			got, err := p.Prepare(t.Context(), b, platformtest.SaidAt())
			if err != nil || !got.Good(platformtest.SaidAt()) {
				t.Fatalf("%+v, %v", got, err)
			}
			b.Prepared = got
			if _, err := p.Publish(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, wire(g)); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}
