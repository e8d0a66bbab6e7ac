package sim

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

// shelf serves the files of a library by their names: a.jpg and b.jpg, c.png, film.mp4, and noise.mp4, which is no video.
type shelf struct{ base string }

func (s shelf) Link(_ context.Context, key string, _ time.Duration) (string, error) {
	return s.base + "/" + key, nil
}

// pixels is a small picture.
func pixels(t *testing.T, name string) []byte {
	t.Helper()
	var out bytes.Buffer
	picture := image.NewRGBA(image.Rect(0, 0, 8, 8))
	picture.Pix[0] = name[0]
	err := png.Encode(&out, picture)
	if strings.HasSuffix(name, ".jpg") {
		out.Reset()
		err = jpeg.Encode(&out, picture, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func newShelf(t *testing.T) shelf {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch name := strings.TrimPrefix(r.URL.Path, "/"); {
		case strings.HasSuffix(name, ".jpg"), strings.HasSuffix(name, ".png"):
			_, _ = w.Write(pixels(t, name))
		case name == "film.mp4":
			_, _ = w.Write(medium{ID: name, Type: mediaVideo}.bytes())
		case name == "noise.mp4":
			_, _ = w.Write([]byte("nada"))
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(server.Close)
	return shelf{server.URL}
}

func hangs(id, alt string) post.Attached {
	a := post.Attached{ID: id, Alt: alt, File: post.File{Kind: post.Image}}
	if strings.HasSuffix(id, ".mp4") {
		a.Kind = post.Video
	}
	return a
}

// publisher gives what publishes on a network of this world.
func (r *rig) publisher(network string, files meta.Files) platformtest.Publisher {
	graph := meta.Config{BaseURL: r.url + "/graph/"}
	access := func(_ context.Context, account string) (channel.Access, error) {
		return channel.Access{Account: account, Token: testToken}, nil
	}
	if network == targetInstagram {
		return meta.NewInstagramPublisher(graph, metaApp, access, files)
	}
	return meta.NewPublisher(graph, metaApp, access, files)
}

// prepared prepares a post as our system does, letting time go by.
func (r *rig) prepared(p platformtest.Publisher, b post.Broadcast) (post.Broadcast, error) {
	r.t.Helper()
	for range 20 {
		got, err := p.Prepare(r.t.Context(), b, r.clock.now())
		if b.Prepared = got; err != nil || got.Good(r.clock.now()) {
			return b, err
		}
		r.clock.move(got.Wait)
	}
	r.t.Fatal("never ready")
	return b, nil
}

// broadcast prepares a post and publishes it.
func (r *rig) broadcast(p platformtest.Publisher, b post.Broadcast) (post.Broadcast, string) {
	r.t.Helper()
	b, err := r.prepared(p, b)
	if err != nil {
		r.t.Fatalf("prepare: %v", err)
	}
	got, err := p.Publish(r.t.Context(), b)
	if err != nil {
		r.t.Fatalf("publish: %v", err)
	}
	return b, got.ID
}

func (r *rig) sentOn(network string) []sentItem {
	r.t.Helper()
	return calls[[]sentItem](r, http.StatusOK, http.MethodGet, "/sim/"+network+"/sent", "")
}

// broadcasts are posts of every sort, by network.
func (r *rig) broadcasts(network string) map[string]post.Broadcast {
	account := r.sim.account(network)
	all := map[string]post.Broadcast{
		"picture":  {Account: account, Text: "Inscripciones abiertas 👏\n\nÑuble #cursos", Media: []post.Attached{hangs("a.jpg", "Una sala de clases")}},
		"pictures": {Account: account, Text: "Dos fotos", Media: []post.Attached{hangs("a.jpg", "Una sala"), hangs("b.jpg", "Una mesa «nueva» & más")}},
		"video":    {Account: account, Text: "Un video", Media: []post.Attached{hangs("film.mp4", "Personas en un taller")}},
	}
	if network == targetFacebook {
		all["words"] = post.Broadcast{Account: account, Text: "Solo texto, con «ñ» & 50 %"}
		all["link"] = post.Broadcast{Account: account, Text: "Mira", Link: "https://sence.example/curso?a=1&b=2"}
	}
	return all
}

// Every sort of post must meet every doubt, and be found again where it was said and nowhere else.
func TestOurPublisherFindsWhatAFaultHid(t *testing.T) {
	for _, network := range []string{targetFacebook, targetInstagram} {
		t.Run(network, func(t *testing.T) {
			r := newRig(t)
			p, n := r.publisher(network, newShelf(t)), 0
			for name, b := range r.broadcasts(network) {
				for _, step := range publishingFaults() {
					r.clock.move(time.Hour)
					b.Text, b.Prepared = name+" "+step.mode, post.Prepared{}
					since := r.clock.now()
					r.breaks(`{"target":"` + network + `","mode":"` + step.mode + `","count":1}`)
					ready, err := r.prepared(p, b) // which no fault of what is published may touch
					if err != nil {
						t.Fatalf("%s %s: prepare: %v", name, step.mode, err)
					}
					if _, found, err := p.Published(t.Context(), ready, since); err != nil || found {
						t.Errorf("%s %s: found before it was said (%v)", name, step.mode, err)
					}
					if _, err := p.Publish(t.Context(), ready); !fault.Is(err, step.kind) {
						t.Errorf("%s %s: %v, want %v", name, step.mode, err, step.kind)
					}
					id, found, err := p.Published(t.Context(), ready, since)
					if err != nil || found != step.found {
						t.Errorf("%s %s: found %q %t %v, want %t", name, step.mode, id, found, err, step.found)
					}
					if step.found {
						n++
						sent := r.sentOn(network)
						if len(sent) != n || sent[n-1].ID != id || sent[n-1].Text != b.Text {
							t.Fatalf("%s %s: %d sent, want %d with %s", name, step.mode, len(sent), n, id)
						}
					}
				}
			}
			if got := len(r.sentOn(network)); got != n {
				t.Errorf("%d posts, want %d", got, n)
			}
		})
	}
}

// What was published is listed as it was written, with what its pictures show.
func TestPostsAreSentAsWritten(t *testing.T) {
	for _, network := range []string{targetFacebook, targetInstagram} {
		t.Run(network, func(t *testing.T) {
			r := newRig(t)
			p := r.publisher(network, newShelf(t))
			for name, b := range r.broadcasts(network) {
				_, id := r.broadcast(p, b)
				sent := r.sentOn(network)
				got := sent[len(sent)-1]
				want := sentItem{ID: id, Visibility: "public", Text: b.Text, At: r.clock.now().UTC(), Link: b.Link}
				for i, m := range b.Media {
					one := sentMedium{ID: got.Media[i].ID, Type: m.Kind, Alt: m.Alt}
					if m.Kind == post.Video {
						one.Alt = "" // neither network takes words for a video
					}
					want.Media = append(want.Media, one)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got)\n%s", name, diff)
				}
				if network == targetFacebook && p.PostURL(b.Account, id) != "https://www.facebook.com/"+strings.Replace(id, "_", "/posts/", 1) {
					t.Errorf("%s: at %s", name, p.PostURL(b.Account, id))
				}
			}
		})
	}
}

// The page shows the picture itself, with what it shows in words, and lets people comment and our people change it.
func TestPostsArePicturedAndAnswered(t *testing.T) {
	for _, network := range []string{targetFacebook, targetInstagram} {
		t.Run(network, func(t *testing.T) {
			r := newRig(t)
			_, id := r.broadcast(r.publisher(network, newShelf(t)), r.broadcasts(network)["pictures"])
			sent := r.sentOn(network)[0]
			_, page := r.call(http.MethodGet, "/"+network, "")
			for _, want := range []string{
				`alt="Una sala"`, `alt="Una mesa «nueva» &amp; más"`, `src="/medio/` + sent.Media[1].ID + `"`, "Borrar en la aplicación", `id="m-` + id + `"`,
			} {
				if !strings.Contains(string(page), want) {
					t.Errorf("the page lacks %s", want)
				}
			}
			for _, path := range []string{"/medio/" + sent.Media[1].ID, "/cdn/" + network + "/" + sent.Media[1].ID + ".jpg"} {
				if status, raw := r.call(http.MethodGet, path, ""); status != http.StatusOK || !bytes.Equal(raw, pixels(t, "b.jpg")) {
					t.Errorf("%s: %d, %d bytes", path, status, len(raw))
				}
			}
			before := len(r.gestor.deliveries("/webhooks/" + network))
			c := calls[placed](r, http.StatusOK, http.MethodPost, "/sim/"+network+"/messages", `{"text":"¿cuándo?","thread":"`+id+`"}`)
			if c.Thread != id {
				t.Errorf("the comment hangs on %s, want %s", c.Thread, id)
			}
			r.delivered("/webhooks/"+network, before+1)
		})
	}
}

// Facebook tells of our own post, and of what our people do to it in the application.
func TestFacebookTellsOfOurPosts(t *testing.T) {
	ours := mention.Accounts{mention.Facebook: {DefaultPageID}}
	for name, item := range map[string]string{"words": "post", "link": "post", "picture": "photo", "pictures": "photo", "video": "video"} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			b := r.broadcasts(targetFacebook)[name]
			_, id := r.broadcast(r.publisher(targetFacebook, newShelf(t)), b)
			told := func(n int, outcome mention.Outcome, text string) {
				t.Helper()
				e := meta.Decode(r.delivered(facebookPath, n).body, ours)[0]
				if e.Outcome != outcome || e.Kind != mention.Post || e.Key != id || e.Thread != id || e.Text != text {
					t.Errorf("delivery %d: %+v, want %s of %s: %q", n, e, outcome, id, text)
				}
			}
			told(1, mention.Own, b.Text)
			_, value, _ := r.change(1)
			if from, _ := value["from"].(map[string]any); value["item"] != item || value["verb"] != verbAdd || from["id"] != DefaultPageID {
				t.Errorf("told of %v", value)
			}
			if photos, _ := value["photos"].([]any); name == "pictures" && len(photos) != 2 {
				t.Errorf("told of the photos %v", value["photos"])
			}
			form := header{"Content-Type", "application/x-www-form-urlencoded"}
			r.call(http.MethodPost, "/facebook/editar", url.Values{"id": {id}, "own": {"1"}, "text": {"Corregido"}}.Encode(), form)
			told(2, mention.Edit, "Corregido")
			r.call(http.MethodPost, "/facebook/borrar", url.Values{"id": {id}, "own": {"1"}}.Encode(), form)
			told(3, mention.Delete, "")
		})
	}
}

// Under echo_first our own post is told of before the call that published it returns.
func TestFacebookTellsOfOurPostsFirst(t *testing.T) {
	r := newRig(t)
	r.gestor.mu.Lock()
	r.gestor.hold = 50 * time.Millisecond
	r.gestor.mu.Unlock()
	r.breaks(`{"target":"facebook","mode":"echo_first"}`)
	p := r.publisher(targetFacebook, newShelf(t))
	for i := range 3 {
		r.broadcast(p, post.Broadcast{Account: DefaultPageID, Text: "hola " + string(rune('a'+i))})
		if got := len(r.gestor.deliveries(facebookPath)); got != i+1 {
			t.Errorf("%d deliveries when the call returned, want %d", got, i+1)
		}
	}
}
