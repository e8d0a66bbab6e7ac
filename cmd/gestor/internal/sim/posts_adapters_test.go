package sim

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/whatsapp"
	"sence.gob.cl/gestor/shared/x"
)

// library are files by their ids: a video beyond its beginning is nothing but length.
type library map[string][]byte

// publishingFault is how a call that publishes goes wrong, what it is taken for, and whether the post stands there all the same.
type publishingFault struct {
	mode  string
	kind  fault.Kind
	found bool
}

func publishingFaults() []publishingFault {
	return []publishingFault{
		{applyThen500, fault.Uncertain, true},
		{applyThenReset, fault.Uncertain, true},
		{refuse500, fault.Uncertain, false},
		{refuse500Bare, fault.Uncertain, false},
		{htmlError, fault.Uncertain, false},
		{refuse429, fault.Transient, false},
		{quota429, fault.Transient, false},
		{tokenExpired, fault.Denied, false},
	}
}

func (l library) Range(_ context.Context, id string, from, size int64) ([]byte, error) {
	out := make([]byte, size)
	if raw := l[id]; from < int64(len(raw)) {
		copy(out, raw[from:])
	}
	return out, nil
}

func files() library {
	return library{
		"sala": medium{ID: "sala", Type: mediaImage}.bytes(), "mesa": medium{ID: "mesa", Type: mediaImage}.bytes(),
		"taller": medium{ID: "taller", Type: mediaVideo}.bytes(), "falso": []byte("no es un video"),
	}
}

func hangsOn(id, kind, alt string, size int) post.Attached {
	types := map[string]string{post.Image: "image/png", post.Video: "video/mp4"}
	if size == 0 {
		size = len(files()[id])
	}
	return post.Attached{ID: id, Alt: alt, File: post.File{Kind: kind, Type: types[kind], Size: int64(size)}}
}

// publisherTo gives what publishes on a network of this world.
func (r *rig) publisherTo(network string) platformtest.Publisher {
	r.t.Helper()
	key := func(_ context.Context, account string) (channel.Access, error) {
		return channel.Access{Account: account, Token: testToken}, nil
	}
	var p platformtest.Publisher
	var err error
	switch network {
	case targetX:
		p, err = x.NewPublisher(x.Config{BaseURL: r.url + "/x-api", App: xApp}, key, files())
	case targetLinkedIn:
		p, err = linkedin.NewPublisher(linkedin.Config{BaseURL: r.url + "/linkedin-api"}, key, files())
	default:
		p, err = whatsapp.NewPublisher(whatsapp.Config{BaseURL: r.url + "/graph/", AppSecret: func(context.Context) (string, error) { return testSecret, nil }}, key)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// ready prepares a post while time goes by.
func (r *rig) ready(p platformtest.Publisher, b post.Broadcast) post.Broadcast {
	r.t.Helper()
	for range 20 {
		got, err := p.Prepare(r.t.Context(), b, r.clock.now())
		if err != nil {
			r.t.Fatalf("prepare: %v", err)
		}
		if b.Prepared = got; got.Ready {
			return b
		}
		r.clock.move(got.Wait)
	}
	r.t.Fatal("it is never ready")
	return b
}

// counting is what tells how many saw a post.
type counting interface {
	Figures(ctx context.Context, a channel.Access, id string, now time.Time) (post.Figures, channel.Usage, error)
}

func both() []string { return []string{targetX, targetLinkedIn} }

// What our publishers say is seen by everybody as it was meant, with what hangs on it and what that shows.
func TestOurPublishersPublish(t *testing.T) {
	const text = "Cursos (gratis) para ti: #Empleo_Joven & más\nMira @sence {hoy} *ya* ñandú 👏"
	for _, network := range both() {
		for name, b := range map[string]post.Broadcast{
			"words":    {Text: text},
			"a link":   {Text: text, Link: "https://sence.gob.cl/a_b"},
			"pictures": {Text: text, Media: []post.Attached{hangsOn("sala", post.Image, "Una sala «grande»", 0), hangsOn("mesa", post.Image, "Una mesa", 0)}},
			"a video":  {Text: text, Link: "https://sence.gob.cl", Media: []post.Attached{hangsOn("taller", post.Video, "Un taller", 9<<20)}},
		} {
			t.Run(network+" "+name, func(t *testing.T) {
				r := newRig(t)
				p, since := r.publisherTo(network), r.clock.now()
				b.Account = networkAccount(network)
				b = r.ready(p, b)
				if got := r.published(network); len(got) != 0 {
					t.Fatalf("seen before it was published: %+v", got)
				}
				made, err := p.Publish(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				sent := r.published(network)
				if len(sent) != 1 || sent[0].ID != made.ID || sent[0].Visibility != "public" || sent[0].InReplyTo != "" || !strings.HasPrefix(sent[0].Text, text) {
					t.Fatalf("sent %+v, want %s", sent, made.ID)
				}
				for i, m := range b.Media {
					if m.Kind == post.Image && (sent[0].Media[i].Alt != m.Alt || !strings.Contains(r.page("/"+network, 200), `alt="`+m.Alt+`"`)) {
						t.Errorf("alternative text %d is not shown: %v", i, sent[0].Media)
					}
				}
				if len(sent[0].Media) != len(b.Media) {
					t.Errorf("hangs: %v", sent[0].Media)
				}
				for _, m := range sent[0].Media {
					if status, raw := r.call(http.MethodGet, "/medio/"+m.ID, ""); status != 200 || len(raw) < 50 {
						t.Errorf("/medio/%s: %d, %d bytes", m.ID, status, len(raw))
					}
				}
				if id, found, err := p.Published(t.Context(), b, since); err != nil || !found || id != made.ID {
					t.Errorf("read back: %q, %t, %v", id, found, err)
				}
				if network == targetX {
					if e := r.heard(targetX, 1); e.Outcome != mention.Own || e.Key != made.ID || e.Kind != mention.Post || !strings.HasPrefix(e.Text, text) || strings.Contains(e.Text, "t.co") {
						t.Errorf("our own post is told of as %+v", e)
					}
				} else if n := len(r.gestor.deliveries("/webhooks/linkedin")); n != 0 {
					t.Errorf("LinkedIn tells of our own post: %d", n)
				}
			})
		}
	}
}

// What a fault hid is found, and what it prevented is not; nothing that is brought ahead is touched by it.
func TestOurPublishersFindWhatAFaultHid(t *testing.T) {
	for _, network := range both() {
		t.Run(network, func(t *testing.T) {
			r := newRig(t)
			p, since := r.publisherTo(network), r.clock.now()
			for i, step := range publishingFaults() {
				b := post.Broadcast{
					Account: networkAccount(network), Text: fmt.Sprintf("Publicación %d, ñandú 👏", i),
					Media: []post.Attached{hangsOn("sala", post.Image, "Una sala", 0)},
				}
				r.breaks(`{"target":"` + network + `","mode":"` + step.mode + `","count":1}`)
				b = r.ready(p, b)
				if _, err := p.Publish(t.Context(), b); !fault.Is(err, step.kind) {
					t.Errorf("%s: %v, want kind %v", step.mode, err, step.kind)
				}
				if id, found, err := p.Published(t.Context(), b, since); err != nil || found != step.found {
					t.Errorf("%s: %q, %t, %v, want found %t", step.mode, id, found, err, step.found)
				}
			}
			if got := len(r.published(network)); got != 2 {
				t.Errorf("%d published, want 2", got)
			}
		})
	}
}

// What stands there already is said to stand there: LinkedIn names it.
func TestOurPublishersMeetDuplicates(t *testing.T) {
	for network, names := range map[string]bool{targetX: false, targetLinkedIn: true} {
		r := newRig(t)
		p := r.publisherTo(network)
		b := post.Broadcast{Account: networkAccount(network), Text: "Dos veces lo mismo"}
		made, err := p.Publish(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if network == targetLinkedIn {
			r.breaks(`{"target":"linkedin","mode":"refuse_duplicate"}`)
		}
		again, err := p.Publish(t.Context(), b)
		if !fault.Is(err, fault.Duplicate) || (again.Stands == made.ID) != names {
			t.Errorf("%s: %+v, %v", network, again, err)
		}
		if b.Stands = again.Stands; names {
			if id, found, err := p.Published(t.Context(), b, r.clock.now()); err != nil || !found || id != made.ID {
				t.Errorf("%s: what was named is not found: %q, %t, %v", network, id, found, err)
			}
		}
	}
}

// People answer what we publish, the networks count it, and what our people do to it in the network's own application comes to
// us as far as the network tells: LinkedIn tells nothing, and whoever looks sees it.
func TestPostsOfOursLiveOn(t *testing.T) {
	for _, network := range both() {
		t.Run(network, func(t *testing.T) {
			r := newRig(t)
			p := r.publisherTo(network)
			from, a := r.reader(network)
			made, err := p.Publish(t.Context(), post.Broadcast{Account: networkAccount(network), Text: "Una publicación"})
			if err != nil {
				t.Fatal(err)
			}
			own := 0
			if network == targetX {
				own = 1
				r.heard(network, 1)
			}
			id := made.ID
			if network == targetLinkedIn {
				id = strings.Replace(id, ":share:", ":activity:", 1)
			}
			r.on(network, `{"text":"¿Dónde me inscribo?","kind":"comment","thread":"`+id+`"}`)
			if e := r.heard(network, own+1); e.Thread != id || e.Kind != mention.Comment || e.Outcome == mention.Own {
				t.Errorf("a comment came as %+v", e)
			}
			f, _, err := from.(counting).Figures(t.Context(), a, made.ID, r.clock.now()) //nolint:errcheck // each of them counts
			if err != nil || f.Views == nil || f.Clicks == nil || f.Reactions == nil || f.Comments == nil || *f.Comments != 1 {
				t.Errorf("figures %+v, %v", f, err)
			}
			r.call(http.MethodPatch, "/sim/"+network+"/messages/"+id, `{"text":"Una publicación corregida","own":true}`)
			read, _, err := from.Item(t.Context(), a, mention.Event{Network: mention.Network(network), Account: a.Account, Key: made.ID, Kind: mention.Post})
			if err != nil || read.Text != "Una publicación corregida" {
				t.Errorf("read after the change: %+v, %v", read, err)
			}
			r.call(http.MethodDelete, "/sim/"+network+"/messages/"+id+"?own=true", "")
			if _, _, err := from.Item(t.Context(), a, mention.Event{Account: a.Account, Key: made.ID, Kind: mention.Post}); !fault.Is(err, fault.Permanent) {
				t.Errorf("read after it was deleted: %v", err)
			}
			if network == targetLinkedIn {
				if n := len(r.gestor.deliveries("/webhooks/linkedin")); n != 1 {
					t.Errorf("LinkedIn told of %d things, want the comment alone", n)
				}
				return
			}
			if e := r.heard(network, 3); e.Outcome != mention.Edit || e.Key != made.ID || e.Text != "Una publicación corregida" {
				t.Errorf("the change came as %+v", e)
			}
			if e := r.heard(network, 4); e.Outcome != mention.Delete || e.Key != made.ID {
				t.Errorf("the end came as %+v", e)
			}
		})
	}
}

// Under echo_first our own post reaches us before the call that published it returns.
func TestOurOwnPostMayComeFirst(t *testing.T) {
	r := newRig(t)
	r.breaks(`{"target":"x","mode":"echo_first","count":1}`)
	if _, err := r.publisherTo(targetX).Publish(t.Context(), post.Broadcast{Account: networkAccount(targetX), Text: "Primero el aviso"}); err != nil {
		t.Fatal(err)
	}
	if n := len(r.gestor.deliveries("/webhooks/x")); n != 1 {
		t.Errorf("%d deliveries when the call returned, want 1", n)
	}
}

// What is no video is found out while the network works on it, and what was not worked on cannot be published.
func TestWhatCannotHangOnAPost(t *testing.T) {
	for _, network := range both() {
		r := newRig(t)
		p := r.publisherTo(network)
		b := post.Broadcast{Account: networkAccount(network), Text: "Mira", Media: []post.Attached{hangsOn("falso", post.Video, "Nada", 0)}}
		var err error
		for range 10 {
			if b.Prepared, err = p.Prepare(t.Context(), b, r.clock.now()); err != nil {
				break
			}
			r.clock.move(b.Prepared.Wait)
		}
		if !fault.Is(err, fault.Permanent) || p.Reason(err) != "content" {
			t.Errorf("%s: %v", network, err)
		}
		b.Media, b.Prepared = []post.Attached{hangsOn("sala", post.Image, "Una sala", 0)}, post.Prepared{}
		b = r.ready(p, b)
		r.clock.move(25 * time.Hour)
		if _, err := p.Publish(t.Context(), b); !fault.Is(err, fault.Permanent) {
			t.Errorf("%s takes what it threw away: %v", network, err)
		}
	}
}

// An upload goes on after the network was killed in the middle of it.
func TestAnUploadSurvives(t *testing.T) {
	for _, network := range both() {
		r := newRig(t)
		ctx, cancel := context.WithCancel(t.Context())
		b := post.Broadcast{Account: networkAccount(network), Text: "Mira", Media: []post.Attached{hangsOn("taller", post.Video, "Un taller", 9<<20)}}
		stopping := &stopsAfter{library: files(), parts: 2, stop: cancel}
		key := func(context.Context, string) (channel.Access, error) { return channel.Access{Token: testToken}, nil }
		var p platformtest.Publisher
		p, err := x.NewPublisher(x.Config{BaseURL: r.url + "/x-api", App: xApp}, key, stopping)
		if network == targetLinkedIn {
			p, err = linkedin.NewPublisher(linkedin.Config{BaseURL: r.url + "/linkedin-api"}, key, stopping)
		}
		if err != nil {
			t.Fatal(err)
		}
		if b.Prepared, err = p.Prepare(ctx, b, r.clock.now()); err != nil || b.Prepared.Ready {
			t.Fatalf("%s: %+v, %v", network, b.Prepared, err)
		}
		_ = r.sim.Close()
		next := rigIn(t, r.dir, r.gestor)
		for name, value := range b.Prepared.Has {
			b.Prepared.Has[name] = strings.ReplaceAll(value, r.url, next.url)
		}
		p = next.publisherTo(network)
		if _, err := p.Publish(t.Context(), next.ready(p, b)); err != nil {
			t.Errorf("%s: %v", network, err)
		}
	}
}

// stopsAfter ends the time of its reader after some parts.
type stopsAfter struct {
	library
	parts int
	stop  func()
}

func (s *stopsAfter) Range(ctx context.Context, id string, from, size int64) ([]byte, error) {
	if s.parts--; s.parts < 0 {
		s.stop()
	}
	return s.library.Range(ctx, id, from, size)
}
