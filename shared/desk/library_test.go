package desk_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/ticket"
)

func TestLibrary_AddSmall(t *testing.T) {
	w := newWorld(t)
	large := picturePNG(t, 10, 20)
	for _, c := range []struct {
		name, body string
		status     int
		says       string
	}{
		{"a picture", picturePNG(t, 30, 40), 201, ""},
		{"a video", film(2500, 100), 201, ""},
		{"as large as it may be here", large + strings.Repeat("x", 4<<20-len(large)), 201, ""},
		{"larger", large + strings.Repeat("x", 4<<20), 413, "4 MB"},
		{"a page", "<!doctype html><script>alert(1)</script>", 422, "JPEG"},
		{"SVG", `<svg xmlns="http://www.w3.org/2000/svg"/>`, 422, "JPEG"},
		{"a PDF", "%PDF-1.7", 422, "JPEG"},
		{"nothing", "", 422, "JPEG"},
	} {
		a := w.adds("ejecutivo1", "afiche.png", c.body)
		if a.status != c.status || c.status == 422 && read[refusal](w, a).Campo != "file" || c.says != "" && !strings.Contains(string(a.body), c.says) {
			t.Errorf("%s: %d %.200s", c.name, a.status, a.body)
			continue
		}
		if got := read[shelved](w, a); c.status == 201 && (got.State != "ready" || got.Size != int64(len(c.body)) || got.Name != "afiche.png" || got.By.ID != "ejecutivo1" || !w.depot.has(got.ID)) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	first := w.added("uno.png", picturePNG(t, 7, 7))
	if again := w.adds("supervisor", "dos.png", picturePNG(t, 7, 7)); again.status != 200 || read[shelved](w, again).ID != first.ID || !read[shelved](w, again).Same {
		t.Errorf("the same again: %d %s", again.status, again.body)
	}
	video := w.added("v.mp4", film(1234, 10))
	if video.Kind != "video" || video.Type != "video/mp4" || video.Width != 640 || video.Height != 360 || video.Millis != 1234 {
		t.Errorf("%+v", video)
	}
	if a := w.ask("POST", "/api/v1/library", "supervisor", picturePNG(t, 8, 8)); a.status != http.StatusBadRequest {
		t.Errorf("without a key: %d", a.status)
	}
	one := w.ask("POST", "/api/v1/library?name=a", "supervisor", picturePNG(t, 9, 9), "Idempotency-Key", "una")
	two := w.ask("POST", "/api/v1/library?name=a", "supervisor", picturePNG(t, 9, 9), "Idempotency-Key", "una")
	if one.status != 201 || two.status != 201 || !bytes.Equal(one.body, two.body) {
		t.Errorf("the same click: %d %s, %d %s", one.status, one.body, two.status, two.body)
	}
	w.depot.breaks(true)
	if a := w.adds("supervisor", "b", picturePNG(t, 11, 9)); a.status != http.StatusServiceUnavailable {
		t.Errorf("storage is down: %d", a.status)
	}
}

// Two who bring the same file at the same moment have one file, and its bytes are kept once.
func TestLibrary_TheSameAtOnce(t *testing.T) {
	w := newWorld(t)
	body := picturePNG(t, 30, 30)
	var once sync.Once
	var other shelved
	w.store.set(func(c ticket.Change) error {
		if c.File != nil {
			once.Do(func() {
				w.store.set(nil)
				other = w.added("otro.png", body)
			})
		}
		return nil
	})
	a := w.adds("supervisor", "uno.png", body)
	if got := read[shelved](w, a); a.status != 200 || !got.Same || got.ID != other.ID || len(w.depot.held) != 1 {
		t.Errorf("%d %s, %d kept", a.status, a.body, len(w.depot.held))
	}
}

func TestLibrary_Announce(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		fields map[string]any
		status int
		campo  string
	}{
		"a video":                  {map[string]any{"name": "v.mp4", "size": 1 << 30, "type": "video/mp4"}, 201, ""},
		"of no type":               {map[string]any{"size": 1}, 201, ""},
		"with its sum":             {map[string]any{"size": 1, "sha256": sumOf("x")}, 201, ""},
		"too large":                {map[string]any{"size": 1<<30 + 1}, 422, "size"},
		"empty":                    {map[string]any{"size": 0}, 422, "size"},
		"a picture that large":     {map[string]any{"size": 30<<20 + 1, "type": "image/png"}, 422, "size"},
		"a page":                   {map[string]any{"size": 1, "type": "text/html"}, 422, "type"},
		"SVG":                      {map[string]any{"size": 1, "type": "image/svg+xml"}, 422, "type"},
		"a sum that is none":       {map[string]any{"size": 1, "sha256": "abc"}, 422, "sha256"},
		"a sum in capital letters": {map[string]any{"size": 1, "sha256": strings.ToUpper(sumOf("x"))}, 422, "sha256"},
		"words for a size":         {map[string]any{"size": "mucho"}, 400, ""},
	} {
		a := w.announces(c.fields)
		if a.status != c.status || a.status != 201 && read[refusal](w, a).Campo != c.campo {
			t.Errorf("%s: %d %s", name, a.status, a.body)
			continue
		}
		if got := read[shelved](w, a); a.status == 201 && (got.Method != "PUT" || !strings.Contains(got.URL, got.ID) || w.shelved(got.ID).State != "waiting") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	was := w.added("a.png", picturePNG(t, 5, 5))
	if a := w.announces(map[string]any{"size": was.Size, "sha256": sumOf(picturePNG(t, 5, 5))}); a.status != 200 || read[shelved](w, a).ID != was.ID || !read[shelved](w, a).Same {
		t.Errorf("announced again: %d %s", a.status, a.body)
	}
}

func TestLibrary_Done(t *testing.T) {
	w := newWorld(t)
	clip, other := film(90_000, 5<<20), film(90_000, 6<<20)
	for name, c := range map[string]struct{ body, sum, state, says string }{
		"a video":          {clip, "", "ready", ""},
		"with its sum":     {other, sumOf(other), "ready", ""},
		"a page":           {"<!doctype html>", "", "refused", "JPEG"},
		"half a video":     {clip[:1<<20], "", "refused", "dañado"},
		"a page, promised": {"<html>", sumOf("<html>"), "refused", "JPEG"},
	} {
		to := w.sends(c.body, c.sum)
		a := w.sent(to.ID)
		got := read[shelved](w, a)
		if a.status != 200 || got.ID != to.ID || got.State != c.state || !strings.Contains(got.Reason, c.says) || w.depot.has(to.ID) != (c.state == "ready") {
			t.Errorf("%s: %d %s; kept %v", name, a.status, a.body, w.depot.has(to.ID))
		}
		if again := w.sent(to.ID); again.status != 200 || read[shelved](w, again).State != c.state {
			t.Errorf("%s, again: %d %s", name, again.status, again.body)
		}
		if l, found, err := w.store.FileBySum(t.Context(), sumOf(c.body)); err != nil || found != (c.state == "ready") || found && l.ID != to.ID {
			t.Errorf("%s: by its sum %v %s, %v", name, found, l.ID, err)
		}
	}
	short := w.sends("bytes", "")
	w.depot.bring(short.ID, []byte("otros bytes"))
	if a := w.sent(short.ID); a.status != 200 || !strings.Contains(read[shelved](w, a).Reason, "tamaño") {
		t.Errorf("another size: %d %s", a.status, a.body)
	}
	twice := w.sends(clip, "")
	if a := w.sent(twice.ID); a.status != 200 || !read[shelved](w, a).Same || read[shelved](w, a).ID == twice.ID || w.depot.has(twice.ID) {
		t.Errorf("the same video: %d %s", a.status, a.body)
	}
	if a := w.ask("GET", "/api/v1/library/"+twice.ID, "auditor", ""); a.status != 404 {
		t.Errorf("the second one: %d", a.status)
	}
	absent := read[shelved](w, w.announces(map[string]any{"size": 10}))
	if a := w.sent(absent.ID); a.status != http.StatusConflict || w.shelved(absent.ID).State != "waiting" {
		t.Errorf("nothing came: %d %s", a.status, a.body)
	}
	w.depot.bring(absent.ID, []byte("0123456789"))
	w.depot.breaks(true)
	if a := w.sent(absent.ID); a.status != http.StatusServiceUnavailable {
		t.Errorf("storage is down: %d %s", a.status, a.body)
	}
	w.depot.breaks(false)
	if a := w.sent(absent.ID); a.status != 200 || w.shelved(absent.ID).State != "refused" {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
	if a := w.sent("nadie"); a.status != 404 {
		t.Errorf("of nobody: %d", a.status)
	}
}

func TestLibrary_List(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 5 {
		ids = append(ids, w.added(fmt.Sprintf("Postulación-%d.png", i), picturePNG(t, 20+i, 20)).ID)
		w.pass(time.Second)
	}
	clip := w.added("clip.mp4", film(1000, 3)).ID
	w.sends("x", "")
	list := func(query string) (got []string) {
		for cursor := ""; ; {
			page := read[struct {
				Items []shelved
				Next  string
			}](w, w.ask("GET", "/api/v1/library?"+query+"&cursor="+cursor, "jefatura", ""))
			for _, one := range page.Items {
				if (one.URL != "") != (one.State == "ready") {
					t.Errorf("%+v", one)
				}
				got = append(got, one.ID)
			}
			if cursor = page.Next; cursor == "" {
				return got
			}
		}
	}
	slices.Reverse(ids)
	for query, want := range map[string][]string{
		"limit=2": append([]string{clip}, ids...), "kind=image&limit=2": ids, "kind=video": {clip}, "kind=gif": nil, "q=postulacion-3": ids[1:2], "q=CLIP": {clip},
	} {
		if got := list(query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	if got := list("state=waiting"); len(got) != 1 {
		t.Errorf("waiting: %v", got)
	}
	for _, query := range []string{"kind=pdf", "state=removed", "state=x", "limit=0", "cursor=x"} {
		if a := w.ask("GET", "/api/v1/library?"+query, "supervisor", ""); a.status != 422 {
			t.Errorf("%s: %d", query, a.status)
		}
	}
}

func TestLibrary_DescribeAndRemove(t *testing.T) {
	w := newWorld(t)
	l := w.added("a.png", picturePNG(t, 12, 12))
	change := func(body string) answer {
		return w.ask("PATCH", "/api/v1/library/"+l.ID, "supervisor", body, "Idempotency-Key", w.key())
	}
	var once sync.Once
	w.store.set(func(c ticket.Change) error {
		if c.File != nil {
			once.Do(func() { // somebody else, at the same moment
				w.store.set(nil)
				change(`{"name":"nombre.png"}`)
			})
		}
		return nil
	})
	a := change(`{"alt":" Una persona ficticia en un curso "}`)
	if got := w.shelved(l.ID); a.status != 200 || got.Alt != "Una persona ficticia en un curso" || got.Name != "nombre.png" {
		t.Errorf("%d %s: %+v", a.status, a.body, got)
	}
	w.store.set(nil)
	for body, campo := range map[string]string{`{"name":""}`: "name", `{"alt":"` + strings.Repeat("a", 1001) + `"}`: "alt"} {
		if a := change(body); a.status != 422 || read[refusal](w, a).Campo != campo {
			t.Errorf("%.20s: %d %s", body, a.status, a.body)
		}
	}
	link := w.fetch("GET", "/api/v1/library/"+l.ID+"/content", "auditor", "")
	if to := link.header.Get("Location"); link.status != 303 || !strings.Contains(to, l.ID+"?type=image/png&name=nombre.png&life=15m") {
		t.Errorf("content: %d %s", link.status, to)
	}
	if a := w.ask("GET", "/api/v1/library/"+l.ID+"/content?as=link", "auditor", ""); a.status != 200 || !strings.Contains(string(a.body), "2026-11-23T15:15:00Z") {
		t.Errorf("as a link: %d %s", a.status, a.body)
	}
	remove := func(id string) answer { return w.fetch("DELETE", "/api/v1/library/"+id, "comunicaciones", "") }
	w.depot.used = []string{l.ID}
	if a := remove(l.ID); a.status != 409 || !strings.Contains(string(a.body), "Lo usa una publicación") || !w.depot.has(l.ID) {
		t.Errorf("in use: %d %s", a.status, a.body)
	}
	w.depot.used = nil
	w.store.set(func(c ticket.Change) error { w.depot.breaks(true); return nil })
	if a := remove(l.ID); a.status != 503 || !w.depot.has(l.ID) {
		t.Errorf("storage is down: %d %s", a.status, a.body)
	}
	w.store.set(nil)
	w.depot.breaks(false)
	for range 2 {
		if a := remove(l.ID); a.status != 204 || w.depot.has(l.ID) {
			t.Errorf("removed: %d %s", a.status, a.body)
		}
	}
	for _, way := range []string{"", "/content"} {
		if a := w.ask("GET", "/api/v1/library/"+l.ID+way, "supervisor", ""); a.status != 404 {
			t.Errorf("%s afterwards: %d", way, a.status)
		}
	}
	if a := change(`{"alt":"x"}`); a.status != 404 {
		t.Errorf("described afterwards: %d", a.status)
	}
	if again := w.added("otra-vez.png", picturePNG(t, 12, 12)); again.ID == l.ID {
		t.Error("what was removed came back")
	}
	waiting := w.sends("x", sumOf(picturePNG(t, 12, 12)+"x"))
	if a := w.ask("GET", "/api/v1/library/"+waiting.ID+"/content", "supervisor", ""); a.status != 409 {
		t.Errorf("content of what waits: %d", a.status)
	}
	if a := remove(waiting.ID); a.status != 204 || w.depot.has(waiting.ID) {
		t.Errorf("an upload nobody finished: %d %s", a.status, a.body)
	}
	if a := remove("nadie"); a.status != 404 {
		t.Errorf("of nobody: %d", a.status)
	}
}

// Those who propose posts add files; those who see posts see them; nobody else knows of them.
func TestLibrary_Roles(t *testing.T) {
	w := newWorld(t)
	adds, sees := []string{"ejecutivo1", "ejecutivo2", "supervisor", "comunicaciones"}, []string{"jefatura", "auditor"}
	size := 100
	for user := range roles() {
		may := slices.Contains(adds, user)
		see := may || slices.Contains(sees, user)
		size++
		l := w.added("a.png", picturePNG(t, size, 1))
		size++
		status := func(allowed bool, is int) int {
			if allowed {
				return is
			}
			return 403
		}
		for _, c := range []struct {
			method, path, body string
			want               int
		}{
			{"GET", "", "", status(see, 200)},
			{"GET", "/" + l.ID, "", status(see, 200)},
			{"GET", "/" + l.ID + "/content?as=link", "", status(see, 200)},
			{"POST", "", picturePNG(t, size, 1), status(may, 201)},
			{"POST", "/uploads", `{"size":1}`, status(may, 201)},
			{"POST", "/uploads/" + l.ID + "/done", "", status(may, 200)},
			{"PATCH", "/" + l.ID, `{"alt":"x"}`, status(may, 200)},
			{"DELETE", "/" + l.ID, "", status(may, 204)},
		} {
			if a := w.fetch(c.method, "/api/v1/library"+c.path, user, c.body, "Idempotency-Key", w.key()); a.status != c.want {
				t.Errorf("%s %s %s: %d, want %d: %s", user, c.method, c.path, a.status, c.want, a.body)
			}
		}
		if see && !may {
			if got := w.shelved(l.ID); got.May["remove"].Allowed || got.May["edit"].Why == "" {
				t.Errorf("%s: %+v", user, got.May)
			}
		}
	}
}
