package sim

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/post"
)

// What cannot be fetched, or is not what it should be, is refused for good.
func TestPostsOfBadFiles(t *testing.T) {
	for name, c := range map[string]struct {
		network string
		media   []post.Attached
		foreign bool
	}{
		"facebook, nothing there":       {targetFacebook, []post.Attached{hangs("nada", "x")}, false},
		"facebook, another machine":     {targetFacebook, []post.Attached{hangs("a.jpg", "x")}, true},
		"facebook, no picture":          {targetFacebook, []post.Attached{{ID: "noise.mp4", Alt: "x", File: post.File{Kind: post.Image}}}, false},
		"facebook, no video":            {targetFacebook, []post.Attached{hangs("noise.mp4", "x")}, false},
		"instagram, nothing there":      {targetInstagram, []post.Attached{hangs("nada", "x")}, false},
		"instagram, another machine":    {targetInstagram, []post.Attached{hangs("a.jpg", "x")}, true},
		"instagram, not a JPEG":         {targetInstagram, []post.Attached{hangs("c.png", "x")}, false},
		"instagram, one of two is none": {targetInstagram, []post.Attached{hangs("a.jpg", "x"), hangs("c.png", "x")}, false},
		"instagram, no video":           {targetInstagram, []post.Attached{hangs("noise.mp4", "x")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			files := meta.Files(newShelf(t))
			if c.foreign {
				files = shelf{"http://files.invalid"}
			}
			_, err := r.prepared(r.publisher(c.network, files), post.Broadcast{Account: r.sim.account(c.network), Text: "hola", Media: c.media})
			if !fault.Is(err, fault.Permanent) || meta.Reason(err) != meta.ReasonContent || len(r.sentOn(c.network)) != 0 {
				t.Errorf("%v", err)
			}
		})
	}
}

// A container is good for one post and for one day.
func TestInstagramContainers(t *testing.T) {
	r := newRig(t)
	p := r.publisher(targetInstagram, newShelf(t))
	b, err := r.prepared(p, r.broadcasts(targetInstagram)["video"])
	if err != nil {
		t.Fatal(err)
	}
	first := b.Prepared.Has["whole"]
	r.clock.move(25 * time.Hour)
	if _, err := p.Publish(t.Context(), b); !fault.Is(err, fault.Transient) || p.Reason(err) != meta.ReasonNotReady {
		t.Errorf("a day later: %v", err)
	}
	b, id := r.broadcast(p, b)
	if id == "" || b.Prepared.Has["whole"] == first {
		t.Errorf("published %q of the container %s", id, first)
	}
	if _, err := p.Publish(t.Context(), b); !fault.Is(err, fault.Transient) {
		t.Errorf("a second time: %v", err)
	}
	if got := len(r.sentOn(targetInstagram)); got != 1 {
		t.Errorf("%d posts", got)
	}
}

// All of a day's posts are used up: nothing more is brought.
func TestInstagramDailyLimit(t *testing.T) {
	r := newRig(t)
	p := r.publisher(targetInstagram, newShelf(t))
	b := r.broadcasts(targetInstagram)["picture"]
	for range instagramDaily {
		b.Prepared = post.Prepared{}
		r.broadcast(p, b)
	}
	b.Prepared = post.Prepared{}
	_, err := p.Prepare(t.Context(), b, r.clock.now())
	if !fault.Is(err, fault.Transient) || p.Reason(err) != meta.ReasonLimit || fault.RetryAfter(err) != time.Hour {
		t.Errorf("one too many: %v", err)
	}
	r.clock.move(25 * time.Hour)
	r.broadcast(p, b)
}

// What was brought survives the world's end, and so does what was published of it.
func TestDraftsAreRemembered(t *testing.T) {
	r := newRig(t)
	files := newShelf(t)
	b, err := r.prepared(r.publisher(targetFacebook, files), r.broadcasts(targetFacebook)["pictures"])
	if err != nil {
		t.Fatal(err)
	}
	second := r.again()
	_, id := second.broadcast(second.publisher(targetFacebook, files), b)
	third := second.again()
	sent := third.sentOn(targetFacebook)
	if len(sent) != 1 || sent[0].ID != id || len(sent[0].Media) != 2 {
		t.Errorf("remembered %+v", sent)
	}
	if _, err := third.publisher(targetFacebook, files).Publish(t.Context(), b); err == nil {
		t.Error("the same pictures hang on two posts")
	}
}

// What is counted can be read, and only with the right to it beyond what everybody sees.
func TestFiguresOfPosts(t *testing.T) {
	for _, network := range []string{targetFacebook, targetInstagram} {
		r := newRig(t)
		_, id := r.broadcast(r.publisher(network, newShelf(t)), r.broadcasts(network)["picture"])
		reads, access := r.reader(network)
		reader, ok := reads.(meta.Reader)
		if !ok {
			t.Fatalf("%s is read by %T", network, reads)
		}
		look := func() (post.Figures, error) {
			got, _, err := reader.Figures(t.Context(), access, id, r.clock.now())
			return got, err
		}
		first, err := look()
		if err != nil || first.Views == nil || first.Reactions == nil || *first.Comments != 0 {
			t.Fatalf("%s: %s, %v", network, toJSON(first), err)
		}
		calls[placed](r, http.StatusOK, http.MethodPost, "/sim/"+network+"/messages", `{"text":"¡bien!","thread":"`+id+`"}`)
		second, err := look()
		if err != nil || *second.Comments != 1 || *second.Reactions <= *first.Reactions {
			t.Errorf("%s: %s, %v", network, toJSON(second), err)
		}
		r.call(http.MethodPost, "/sim/"+network+"/token", `{"state":"ok","missing":["read_insights","instagram_manage_insights"]}`)
		third, err := look()
		if err != nil || third.Views != nil || *third.Comments != 1 {
			t.Errorf("%s without the right: %s, %v", network, toJSON(third), err)
		}
		r.call(http.MethodDelete, "/sim/"+network+"/messages/"+id+"?own=true", "")
		if _, err := look(); !fault.Is(err, fault.Permanent) || meta.Reason(err) != meta.ReasonGone {
			t.Errorf("%s, taken away: %v", network, err)
		}
	}
}

func toJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// Without the right to publish nothing is brought and nothing said.
func TestPublishingNeedsItsRight(t *testing.T) {
	for network, right := range map[string]string{targetFacebook: "pages_manage_posts", targetInstagram: "instagram_content_publish"} {
		r := newRig(t)
		r.call(http.MethodPost, "/sim/"+network+"/token", `{"state":"ok","missing":["`+right+`"]}`)
		p := r.publisher(network, newShelf(t))
		_, err := r.prepared(p, r.broadcasts(network)["picture"])
		if !fault.Is(err, fault.Denied) || p.Reason(err) != meta.ReasonPermission || len(r.sentOn(network)) != 0 {
			t.Errorf("%s: %v", network, err)
		}
	}
}

// A network that refuses to say twice what stands there already is not obeyed blindly: what stands is found.
func TestFacebookRefusesAPostTwice(t *testing.T) {
	r := newRig(t)
	p := r.publisher(targetFacebook, newShelf(t))
	since := r.clock.now()
	b, first := r.broadcast(p, r.broadcasts(targetFacebook)["words"])
	r.breaks(`{"target":"facebook","mode":"refuse_duplicate"}`)
	if _, err := p.Publish(t.Context(), b); !fault.Is(err, fault.Uncertain) || p.Reason(err) != meta.ReasonDuplicate {
		t.Errorf("a second time: %v", err)
	}
	if id, found, err := p.Published(t.Context(), b, since); err != nil || !found || id != first {
		t.Errorf("found %q, %t, %v; want %s", id, found, err, first)
	}
	if got := len(r.sentOn(targetFacebook)); got != 1 {
		t.Errorf("%d posts", got)
	}
}

// Nothing of what is brought ahead can be seen.
func TestDraftsAreSeenByNobody(t *testing.T) {
	for _, network := range []string{targetFacebook, targetInstagram} {
		r := newRig(t)
		_, before := r.call(http.MethodGet, "/"+network, "")
		for name, b := range r.broadcasts(network) {
			ready, err := r.prepared(r.publisher(network, newShelf(t)), b)
			if err != nil {
				t.Fatal(name, err)
			}
			for _, id := range ready.Prepared.Has {
				for _, path := range []string{"/medio/" + id, "/cdn/" + network + "/" + id + ".jpg"} {
					if status, _ := r.call(http.MethodGet, path, ""); status == http.StatusOK {
						t.Errorf("%s %s: %s is seen", network, name, path)
					}
				}
			}
		}
		if len(r.sentOn(network)) != 0 || len(r.gestor.deliveries("/webhooks/"+network)) != 0 {
			t.Errorf("%s shows or tells of what was not published", network)
		}
		_, after := r.call(http.MethodGet, "/"+network, "")
		if strings.Count(string(after), "<article") != strings.Count(string(before), "<article") {
			t.Errorf("%s shows a post", network)
		}
	}
}
