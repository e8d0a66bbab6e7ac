package meta_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

// shown answers as showsPage and showsInstagram do, but for one path.
func shown(show func(*http.Request, bool, string) platformtest.Answer, path string, a platformtest.Answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.TrimPrefix(r.URL.Path, "/graph/v25.0/") != path {
			a := show(r, false, "")
			say(a.Status, a.Body)(w, r)
			return
		}
		say(a.Status, a.Body)(w, r)
	}
}

func ofInstagram(media ...post.Attached) post.Broadcast {
	return post.Broadcast{Account: ourIG, Text: "hola", Media: media}
}

func ofPage(media ...post.Attached) post.Broadcast {
	return post.Broadcast{Account: ourPage, Text: "hola", Media: media}
}

// TestPrepare_status: what the network says of what it works on.
func TestPrepare_status(t *testing.T) {
	one, reel, film := ofInstagram(picture("1", "una sala")), ofInstagram(clip("1")), ofPage(clip("1"))
	now := platformtest.SaidAt()
	for name, c := range map[string]struct {
		at    func(string) (platformtest.Publisher, error)
		post  post.Broadcast
		path  string
		body  string
		want  post.Prepared
		kind  fault.Kind
		kept  bool // what was brought is used the next time
		wants string
	}{
		"a picture in progress": {publishesInstagram, one, "66", `{"id":"66","status_code":"IN_PROGRESS"}`, post.Prepared{Wait: 5 * time.Second}, 0, true, ""},
		"a reel in progress":    {publishesInstagram, reel, "66", `{"id":"66","status_code":"IN_PROGRESS"}`, post.Prepared{Wait: time.Minute}, 0, true, ""},
		"a reel finished": {
			publishesInstagram, reel, "66", `{"id":"66","status_code":"FINISHED"}`,
			post.Prepared{Ready: true, Until: time.Unix(now.Unix(), 0).UTC().Add(23 * time.Hour)},
			0, true, "",
		},
		"a container that failed":        {publishesInstagram, reel, "66", `{"id":"66","status_code":"ERROR"}`, post.Prepared{}, fault.Permanent, false, meta.ReasonContent},
		"a container that expired":       {publishesInstagram, reel, "66", `{"id":"66","status_code":"EXPIRED"}`, post.Prepared{Wait: time.Second}, 0, false, ""},
		"a container that was published": {publishesInstagram, one, "66", `{"id":"66","status_code":"PUBLISHED"}`, post.Prepared{Wait: time.Second}, 0, false, ""},
		"a state nobody knows":           {publishesInstagram, one, "66", `{"id":"66","status_code":"DANCING"}`, post.Prepared{Wait: 5 * time.Second}, 0, true, ""},
		"no state":                       {publishesInstagram, one, "66", `{"id":"66"}`, post.Prepared{}, fault.Transient, true, meta.ReasonUnknown},
		"a video in progress":            {publishesFacebook, film, "77", `{"id":"77","status":{"video_status":"processing"}}`, post.Prepared{Wait: time.Minute}, 0, true, ""},
		"a video ready":                  {publishesFacebook, film, "77", `{"id":"77","status":{"video_status":"ready"}}`, post.Prepared{Ready: true}, 0, true, ""},
		"a video that failed":            {publishesFacebook, film, "77", `{"id":"77","status":{"video_status":"error"}}`, post.Prepared{}, fault.Permanent, false, meta.ReasonContent},
		"a video that was published":     {publishesFacebook, film, "77", `{"id":"77","published":true,"status":{"video_status":"ready"}}`, post.Prepared{Wait: time.Second}, 0, false, ""},
		"a video without a state":        {publishesFacebook, film, "77", `{"id":"77"}`, post.Prepared{}, fault.Transient, true, meta.ReasonUnknown},
		"all used up": {
			publishesInstagram, one, ourIG + "/content_publishing_limit", `{"data":[{"quota_usage":50,"config":{"quota_total":50,"quota_duration":86400}}]}`,
			post.Prepared{},
			fault.Transient, false, meta.ReasonLimit,
		},
		"nobody says how much": {
			publishesInstagram, one, ourIG + "/content_publishing_limit", `{"data":[]}`,
			post.Prepared{Ready: true, Until: time.Unix(now.Unix(), 0).UTC().Add(23 * time.Hour)},
			0, true, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			show := showsInstagram
			if c.post.Account == ourPage {
				show = showsPage
			}
			g := newGraph(t, shown(show, c.path, ok(c.body)))
			p, _ := c.at(g.URL)
			got, err := p.Prepare(t.Context(), c.post, now)
			if (err != nil || c.kind != 0) && (fault.Of(err) != c.kind || p.Reason(err) != c.wants) {
				t.Fatalf("%v, want %s %s", err, c.kind, c.wants)
			}
			if c.wants == meta.ReasonLimit && fault.RetryAfter(err) != time.Hour {
				t.Errorf("asks to wait %s", fault.RetryAfter(err))
			}
			if (got.Has["whole"] != "") != c.kept {
				t.Errorf("has %v, want kept %t", got.Has, c.kept)
			}
			got.Has, got.Usage = nil, channel.Usage{}
			if err != nil {
				got.Wait = 0
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What was brought of other words, other pictures, or too long ago is not used.
func TestPrepare_anew(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*post.Broadcast)
		later  time.Duration
		again  bool
	}{
		"the same":           {func(*post.Broadcast) {}, 22 * time.Hour, false},
		"a day later":        {func(*post.Broadcast) {}, 23 * time.Hour, true},
		"other words":        {func(b *post.Broadcast) { b.Text = "chao" }, 0, true},
		"another link":       {func(b *post.Broadcast) { b.Link = "https://sence.example" }, 0, true},
		"another account":    {func(b *post.Broadcast) { b.Account = ourPage }, 0, true},
		"other alternatives": {func(b *post.Broadcast) { b.Media = []post.Attached{picture("1", "otra sala")} }, 0, true},
		"another picture":    {func(b *post.Broadcast) { b.Media = []post.Attached{picture("2", "una sala")} }, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
				r.URL.Path = strings.Replace(r.URL.Path, "/"+ourPage+"/", "/"+ourIG+"/", 1)
				a := showsInstagram(r, false, "")
				say(a.Status, a.Body)(w, r)
			})
			p, _ := publishesInstagram(g.URL)
			b := ofInstagram(picture("1", "una sala"))
			var err error
			if b.Prepared, err = p.Prepare(t.Context(), b, platformtest.SaidAt()); err != nil {
				t.Fatal(err)
			}
			before := maps.Clone(b.Prepared.Has)
			c.change(&b)
			made := len(g.requests())
			got, err := p.Prepare(t.Context(), b, platformtest.SaidAt().Add(c.later))
			if err != nil || !got.Ready {
				t.Fatal(got, err)
			}
			if again := len(g.requests())-made > 1; again != c.again {
				t.Errorf("begins anew: %t, want %t", again, c.again)
			}
			if !maps.Equal(before, b.Prepared.Has) {
				t.Error("what was handed in was changed")
			}
			if _, err := p.Publish(t.Context(), b); (p.Reason(err) == meta.ReasonNotReady) != (c.again && c.later == 0) {
				t.Errorf("publishing other than what was prepared: %v", err)
			}
		})
	}
}

// What does not fit into the caller's time is left for the next call.
func TestPrepare_noTime(t *testing.T) {
	g := newGraph(t, shown(showsPage, "", ok("")))
	p, _ := publishesFacebook(g.URL)
	b := ofPage(picture("1", "a"), picture("2", "b"), picture("3", "c"))
	for i := 1; i <= 3; i++ {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		got, err := p.Prepare(ctx, b, platformtest.SaidAt())
		cancel()
		if err != nil || got.Ready != (i == 3) || len(g.requests()) != i || !got.Ready && got.Wait != time.Second {
			t.Fatalf("call %d: %+v, %v after %d requests", i, got, err, len(g.requests()))
		}
		b.Prepared = got
	}
}

// noFiles is a store that gives no address.
type noFiles struct{}

func (noFiles) Link(context.Context, string, time.Duration) (string, error) {
	return "", errors.New("CANARY no")
}

func TestPrepare_withoutFiles(t *testing.T) {
	g := newGraph(t, shown(showsPage, "", ok("")))
	for name, c := range map[string]struct {
		files meta.Files
		kind  fault.Kind
	}{"none": {nil, fault.Invalid}, "broken": {noFiles{}, fault.Transient}} {
		p := meta.NewPublisher(meta.Config{BaseURL: g.URL + "/graph/"}, ownSecret, ownAccess, c.files)
		if _, err := p.Prepare(t.Context(), ofPage(picture("1", "a")), platformtest.SaidAt()); fault.Of(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := meta.NewInstagramPublisher(meta.Config{BaseURL: g.URL + "/graph/"}, ownSecret, ownAccess, noFiles{})
	if _, err := p.Prepare(t.Context(), ofInstagram(), platformtest.SaidAt()); fault.Of(err) != fault.Invalid {
		t.Errorf("words alone on Instagram: %v", err)
	}
	if len(g.requests()) != 0 {
		t.Errorf("%d requests", len(g.requests()))
	}
}

// A video whose post nobody named before stands under its own id.
func TestPublish_videoAlone(t *testing.T) {
	g := newGraph(t, shown(showsPage, "77", ok(`{"id":"77","status":{"video_status":"ready"}}`)))
	p, _ := publishesFacebook(g.URL)
	b := ofPage(clip("1"))
	b.Prepared, _ = p.Prepare(t.Context(), b, platformtest.SaidAt())
	got, err := p.Publish(t.Context(), b)
	if err != nil || got.ID != "77" {
		t.Fatalf("%+v, %v", got, err)
	}
	if url := p.PostURL(ourPage, got.ID); url != "https://www.facebook.com/100/videos/77" {
		t.Errorf("at %s", url)
	}
}

// That a container was published is known before the list shows what became of it: nobody may say then that it is not there.
func TestPublished_listBehind(t *testing.T) {
	var status atomic.Pointer[platformtest.Answer]
	g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
		a := showsInstagram(r, false, "")
		if strings.HasSuffix(r.URL.Path, "/66") && status.Load() != nil {
			a = *status.Load()
		}
		say(a.Status, a.Body)(w, r)
	})
	p, _ := publishesInstagram(g.URL)
	b := ofInstagram(picture("1", "una sala"))
	b.Prepared, _ = p.Prepare(t.Context(), b, platformtest.SaidAt())
	for name, c := range map[string]struct {
		answer platformtest.Answer
		kind   fault.Kind
	}{
		"published":    {ok(`{"status_code":"PUBLISHED"}`), fault.Transient},
		"finished":     {ok(`{"status_code":"FINISHED"}`), 0},
		"expired":      {ok(`{"status_code":"EXPIRED"}`), 0},
		"gone":         {object(400, 100, 33), 0},
		"not let in":   {object(400, 190, 0), fault.Denied},
		"out of order": {object(500, 2, 0), fault.Transient},
	} {
		status.Store(&c.answer)
		id, found, err := p.Published(t.Context(), b, platformtest.Since())
		if id != "" || found || (err != nil || c.kind != 0) && fault.Of(err) != c.kind {
			t.Errorf("%s: %q, %t, %v", name, id, found, err)
		}
	}
}

// Lists leave reels out, and every video may be one: it says itself that it is seen.
func TestPublished_videoItself(t *testing.T) {
	for name, c := range map[string]struct {
		answer platformtest.Answer
		id     string
		kind   fault.Kind
	}{
		"published":             {ok(`{"status":{"video_status":"ready"},"published":true,"post_id":"100_9"}`), "100_9", 0},
		"published, without id": {ok(`{"status":{"video_status":"ready"},"published":true}`), "77", 0},
		"not published":         {ok(`{"status":{"video_status":"ready"},"published":false,"post_id":"9"}`), "", 0},
		"gone":                  {object(400, 100, 33), "", 0},
		"out of order":          {object(500, 2, 0), "", fault.Transient},
	} {
		g := newGraph(t, shown(showsPage, "77", c.answer))
		p, _ := publishesFacebook(g.URL)
		b := ofPage(clip("1"))
		b.Prepared = post.Prepared{Ready: true, Has: map[string]string{"whole": "77"}}
		id, found, err := p.Published(t.Context(), b, platformtest.Since())
		if id != c.id || found != (c.id != "") || (err != nil || c.kind != 0) && fault.Of(err) != c.kind {
			t.Errorf("%s: %q, %t, %v", name, id, found, err)
		}
	}
}

// A post without words cannot be told from any other.
func TestPublished_withoutWords(t *testing.T) {
	g := newGraph(t, shown(showsPage, "", ok("")))
	p, _ := publishesFacebook(g.URL)
	b := ofPage(picture("1", "una sala"))
	b.Text = " "
	if _, found, err := p.Published(t.Context(), b, platformtest.Since()); found || fault.Of(err) != fault.Permanent || len(g.requests()) != 0 {
		t.Errorf("%t, %v", found, err)
	}
}
