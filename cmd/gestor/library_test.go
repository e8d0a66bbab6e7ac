package main_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// shelved is a file of the library as the API shows it, or the way to bring one.
type shelved struct {
	ID, Kind, Type, State, Reason, URL, Method string
	Size, Width, Height, Millis                int
	Same                                       bool
	Headers                                    map[string]string
}

// TestLibrary: pictures and videos go from a page of the console straight into storage, each once and as announced; there they are
// looked at, and are shown to the console and to whoever has a link.
func TestLibrary(t *testing.T) {
	w := start(t)
	photo, clip := picture(t, 300, 200), film(4200)
	to := w.announce("afiche.png", "image/png", photo, false)
	w.lets(to.URL, w.base, http.StatusOK)
	w.lets(to.URL, "http://otra.example", http.StatusForbidden)
	if status := w.bring(to, photo); status != http.StatusOK {
		t.Fatalf("brought: %d", status)
	}
	if status := w.bring(to, photo); status != http.StatusPreconditionFailed {
		t.Errorf("brought again: %d", status)
	}
	w.is(w.done(to.ID), shelved{ID: to.ID, Kind: "image", Type: "image/png", State: "ready", Size: len(photo), Width: 300, Height: 200})
	video := w.announce("clip.mp4", "video/mp4", clip, true)
	if status := w.bring(video, bytes.ToUpper(clip)); status != http.StatusBadRequest {
		t.Errorf("other bytes than promised: %d", status)
	}
	if status := w.bring(video, clip); status != http.StatusOK {
		t.Errorf("the promised bytes: %d", status)
	}
	w.is(w.done(video.ID), shelved{ID: video.ID, Kind: "video", Type: "video/mp4", State: "ready", Size: len(clip), Width: 640, Height: 360, Millis: 4200})
	if same := w.announce("otra vez.mp4", "video/mp4", clip, true); !same.Same || same.ID != video.ID {
		t.Errorf("announced again: %+v", same)
	}
	page := w.announce("pagina.png", "image/png", []byte("<svg onload=alert(1)>"), false)
	w.bring(page, []byte("<svg onload=alert(1)>"))
	if got := w.done(page.ID); got.State != "refused" || got.Reason == "" {
		t.Errorf("a page: %+v", got)
	}
	w.small(picture(t, 20, 10))
	w.carried(video)
	w.shown(to, photo)
}

// shown looks at what the library holds, and takes one file out of it.
func (w *whole) shown(to shelved, photo []byte) {
	w.t.Helper()
	var list struct{ Items []shelved }
	w.ask("GET", w.base+"/api/v1/library", nil, &list, w.as("auditor")...)
	if len(list.Items) != 2 || list.Items[1].ID != to.ID {
		w.t.Fatalf("the library: %+v", list.Items)
	}
	link := list.Items[1].URL
	res, err := http.Get(link)
	if err != nil {
		w.t.Fatal(err)
	}
	got, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if h := res.Header; err != nil || !bytes.Equal(got, photo) || h.Get("Content-Type") != "image/png" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename") {
		w.t.Errorf("fetched %d bytes, %v %v", len(got), h, err)
	}
	storage, err := url.Parse(link)
	if err != nil {
		w.t.Fatal(err)
	}
	console, err := http.Get(w.base + "/")
	if err != nil {
		w.t.Fatal(err)
	}
	_ = console.Body.Close()
	if policy, origin := console.Header.Get("Content-Security-Policy"), "http://"+storage.Host; !strings.Contains(policy, "img-src 'self' data: "+origin+";") || !strings.Contains(policy, origin+"; manifest-src") {
		w.t.Errorf("the console may not talk to the storage: %s", policy)
	}
	if status := w.ask("DELETE", w.base+"/api/v1/library/"+to.ID, nil, nil, w.as("comunicaciones")...); status != http.StatusNoContent {
		w.t.Errorf("removed: %d", status)
	}
	if res, err = http.Get(link); err != nil {
		w.t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		w.t.Errorf("a removed file answers %d", res.StatusCode)
	}
}

// carried hangs a file on a post, which keeps it in the library until it is over.
func (w *whole) carried(video shelved) {
	w.t.Helper()
	var draft struct {
		ID    string
		Media []struct {
			ID     string
			Millis int
		}
	}
	order := anything{"text": "Postula al curso ficticio.", "networks": []string{"facebook"}, "media": []anything{{"id": video.ID, "alt": "Una clase ficticia"}}}
	status := w.ask("POST", w.base+"/api/v1/posts", order, &draft, append(w.as("comunicaciones"), "Idempotency-Key", "con video")...)
	if status != http.StatusCreated || len(draft.Media) != 1 || draft.Media[0].Millis != 4200 {
		w.t.Fatalf("a post with a video: %d %+v", status, draft)
	}
	remove := func() int {
		return w.ask("DELETE", w.base+"/api/v1/library/"+video.ID, nil, nil, w.as("comunicaciones")...)
	}
	if status := remove(); status != http.StatusConflict {
		w.t.Errorf("a file in use is removed: %d", status)
	}
	if status := w.ask("DELETE", w.base+"/api/v1/posts/"+draft.ID, nil, nil, append(w.as("comunicaciones"), "Idempotency-Key", "sin video")...); status/100 != 2 {
		w.t.Errorf("the draft is thrown away: %d", status)
	}
	if status := remove(); status != http.StatusNoContent {
		w.t.Errorf("a file that is free: %d", status)
	}
}

// small adds a file whose bytes are the request.
func (w *whole) small(body []byte) {
	w.t.Helper()
	for user, want := range map[string]int{"auditor": http.StatusForbidden, "comunicaciones": http.StatusCreated} {
		status := w.ask("POST", w.base+"/api/v1/library?name=chico.png", body, nil, append(w.as(user), "Idempotency-Key", "chico-"+user, "Content-Type", "image/png")...)
		if status != want {
			w.t.Errorf("%s adds a small file: %d", user, status)
		}
	}
}

// announce asks where to bring a file, with its sum or without.
func (w *whole) announce(name, kind string, body []byte, promised bool) shelved {
	w.t.Helper()
	order := anything{"name": name, "size": len(body), "type": kind}
	if sum := sha256.Sum256(body); promised {
		order["sha256"] = hex.EncodeToString(sum[:])
	}
	var out shelved
	status := w.ask("POST", w.base+"/api/v1/library/uploads", order, &out, append(w.as("comunicaciones"), "Idempotency-Key", "anuncio "+name)...)
	if status/100 != 2 {
		w.t.Fatalf("announced %s: %d", name, status)
	}
	return out
}

// bring sends the bytes to where it was told, as a page does.
func (w *whole) bring(to shelved, body []byte) int {
	w.t.Helper()
	headers := []string{"Origin", w.base}
	for name, value := range to.Headers {
		headers = append(headers, name, value)
	}
	return w.ask(to.Method, to.URL, body, nil, headers...)
}

func (w *whole) done(id string) shelved {
	w.t.Helper()
	var out shelved
	if status := w.ask("POST", w.base+"/api/v1/library/uploads/"+id+"/done", nil, &out, append(w.as("comunicaciones"), "Idempotency-Key", "listo "+id)...); status != http.StatusOK {
		w.t.Fatalf("done: %d", status)
	}
	return out
}

func (w *whole) is(got, want shelved) {
	w.t.Helper()
	if got.ID != want.ID || got.Kind != want.Kind || got.Type != want.Type || got.State != want.State || got.Size != want.Size ||
		got.Width != want.Width || got.Height != want.Height || got.Millis != want.Millis {
		w.t.Errorf("%+v, want %+v", got, want)
	}
}

// lets asks as a browser does before a page of that origin may bring a file.
func (w *whole) lets(to, origin string, want int) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodOptions, to, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Origin", origin)
	req.Header.Set("Access-Control-Request-Method", "PUT")
	req.Header.Set("Access-Control-Request-Headers", "content-type,if-none-match,x-amz-checksum-sha256")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = res.Body.Close()
	if let := res.Header.Get("Access-Control-Allow-Origin"); res.StatusCode != want || (let == origin) != (want == http.StatusOK) {
		w.t.Errorf("a page of %s: %d, let in %q", origin, res.StatusCode, let)
	}
}

// picture is a PNG of that size.
func picture(t testing.TB, width, height int) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// film is an MP4 of 640 by 360 that lasts so many milliseconds, its index behind its five megabytes.
func film(millis uint32) []byte {
	words := func(list ...uint32) []byte {
		var out []byte
		for _, one := range list {
			out = binary.BigEndian.AppendUint32(out, one)
		}
		return out
	}
	box := func(kind string, parts ...[]byte) []byte {
		body := slices.Concat(parts...)
		return slices.Concat(words(uint32(len(body)+8)), []byte(kind), body)
	}
	matrix := words(1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30)
	head := box("mvhd", words(0, 0, 0, 1000, millis, 1<<16, 0x01000000, 0, 0), matrix, words(0, 0, 0, 0, 0, 0, 2))
	track := box("trak", box("tkhd", words(0, 0, 0, 1, 0, 0, 0, 0, 0, 0), matrix, words(640<<16, 360<<16)), box("mdia", box("minf", box("vmhd", words(0, 0, 0)))))
	return slices.Concat(box("ftyp", []byte("isom"), words(0), []byte("isom")), box("mdat", bytes.Repeat([]byte("v"), 5<<20)), box("moov", head, track))
}
