package desk_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// files is a store of files in memory.
type files struct {
	mu   sync.Mutex
	held map[string]string // key → type
	down bool
	puts int
}

func (f *files) Put(_ context.Context, key, kind string, _ []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return fault.New(fault.Transient, "prueba", nil)
	}
	f.puts++
	f.held[key] = kind
	return nil
}

func (f *files) Type(_ context.Context, key string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kind, there := f.held[key]
	switch {
	case f.down:
		return "", fault.New(fault.Transient, "prueba", nil)
	case !there:
		return "", fault.New(fault.NotFound, "prueba", nil)
	default:
		return kind, nil
	}
}

func (f *files) Link(_ context.Context, key, name string, life time.Duration) (string, error) {
	return fmt.Sprintf("https://archivos.example/%s?name=%s&life=%s", key, name, life), nil
}

// png is the smallest thing that is taken for a picture.
const png = "\x89PNG\r\n\x1a\n"

func (w *world) upload(user, body, key string) answer {
	w.Helper()
	return w.ask("POST", "/api/v1/media", user, body, "Idempotency-Key", key, "Content-Type", "image/png")
}

func TestMedia_Upload(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name, body string
		status     int
		kind       string
	}{
		{"PNG", png, 201, "image/png"},
		{"JPEG", "\xff\xd8\xff\xe0", 201, "image/jpeg"},
		{"WebP", "RIFF\x00\x00\x00\x00WEBPVP8 ", 201, "image/webp"},
		{"PDF", "%PDF-1.7", 201, "application/pdf"},
		{"a page", "<!doctype html><script>alert(1)</script>", 422, ""},
		{"SVG", `<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`, 422, ""},
		{"GIF", "GIF89a", 422, ""},
		{"a program", "\x7fELF", 422, ""},
		{"nothing", "", 422, ""},
		{"as large as it may be", png + strings.Repeat("a", 4<<20-len(png)), 201, "image/png"},
		{"too large", png + strings.Repeat("a", 4<<20), 413, ""},
	} {
		a := w.upload("ejecutivo1", tt.body, w.key())
		if a.status != tt.status {
			t.Errorf("%s: %d %.200s", tt.name, a.status, a.body)
			continue
		}
		if got := read[struct {
			ID, Type string
			Size     int
		}](w, a); tt.status == 201 && (got.Type != tt.kind || got.Size != len(tt.body) || w.files.held["evidence/"+got.ID] != tt.kind) {
			t.Errorf("%s: %+v, held %q", tt.name, got, w.files.held["evidence/"+got.ID])
		}
	}
	puts := w.files.puts
	first, again := w.upload("supervisor", png, "una vez"), w.upload("supervisor", png, "una vez")
	if first.status != 201 || !bytes.Equal(first.body, again.body) || w.files.puts != puts+1 {
		t.Errorf("the same click: %d %s, %d %s, stored %d times", first.status, first.body, again.status, again.body, w.files.puts-puts)
	}
	if a := w.upload("supervisor", "%PDF-1.7", "una vez"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("the same key for another file: %d", a.status)
	}
	if a := w.ask("POST", "/api/v1/media", "supervisor", png); a.status != http.StatusBadRequest {
		t.Errorf("without a key: %d", a.status)
	}
	for user, want := range map[string]int{"auditor": 403, "ti": 403, "comunicaciones": 403, "siac": 201} {
		if a := w.upload(user, png, w.key()); a.status != want {
			t.Errorf("%s: %d", user, a.status)
		}
	}
	w.files.down = true
	if a := w.upload("supervisor", png, "luego"); a.status != http.StatusServiceUnavailable {
		t.Errorf("store down: %d", a.status)
	}
	w.files.down = false
	if a := w.upload("supervisor", png, "luego"); a.status != http.StatusCreated {
		t.Errorf("again: %d", a.status)
	}
}

// withMedia opens a case of a direct message on which something of each fate hangs.
func (w *world) withMedia(user string) (ticket.Ticket, []string) {
	w.Helper()
	t := w.open(classify.Consulta, func(in *ticket.Opening) {
		in.Event.Kind = mention.DM
		in.Event.Attachments = []mention.Attachment{
			{Type: "image", URL: "https://red.example/a.jpg", Stored: "media/uno", ContentType: "image/jpeg", Size: 1000},
			{Type: "audio", ID: "9"},
			{Type: "image", URL: "https://red.example/b.jpg", Lost: "gone"},
			{Type: "image", Stored: "media/vencido", ContentType: "image/x-raro"},
			{Type: "location", URL: "https://mapa.example/"},
		}
	})
	t = w.must(t.Claim(actor(user), w.clock()))
	shown := read[struct {
		Mentions []struct {
			Attachments []struct {
				Type, URL string
				Media     *struct {
					N, State, Type, Reason string
					Size                   int
				}
			}
		}
	}](w, w.ask("GET", "/api/v1/tickets/"+t.ID, user, ""))
	var names, states []string
	for _, a := range shown.Mentions[0].Attachments {
		if a.Media == nil {
			names, states = append(names, ""), append(states, "-"+a.URL)
			continue
		}
		names, states = append(names, a.Media.N), append(states, a.Media.State+a.URL)
	}
	if got := strings.Join(states, " "); got != "stored waiting losthttps://red.example/b.jpg stored -https://mapa.example/" {
		w.Errorf("attachments: %s", got)
	}
	return t, names
}

// Our copy of an attachment opens to who may read the case's words, or it is said why it does not.
func TestMedia_Read(t *testing.T) {
	w := newWorld(t)
	w.files.held["media/uno"] = "image/jpeg"
	c, names := w.withMedia("ejecutivo1")
	at := func(n string) string { return "/api/v1/tickets/" + c.ID + "/media/" + n }
	a := w.fetch("GET", at(names[0]), "ejecutivo1", "")
	want := "https://archivos.example/media/uno?name=" + c.Number + "-1-1.jpg&life=2m0s"
	if a.status != http.StatusSeeOther || a.header.Get("Location") != want || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d to %q, want %q", a.status, a.header.Get("Location"), want)
	}
	link := read[struct{ URL, Until string }](w, w.ask("GET", at(names[0])+"?as=link", "supervisor", ""))
	if link.URL != want || link.Until != noon().Add(2*time.Minute).Format(time.RFC3339) {
		t.Errorf("link: %+v", link)
	}
	for _, tt := range []struct {
		name, n, user string
		status        int
		says          string
	}{
		{"not copied yet", names[1], "ejecutivo1", 409, "copiando"},
		{"lost", names[2], "ejecutivo1", 404, "antes de que la red"},
		{"its time is over", names[3], "ejecutivo1", 404, "ya no está"},
		{"of another case", "000000000000-1", "ejecutivo1", 404, "no es de este caso"},
		{"nobody holds it", names[0], "ejecutivo2", 403, "quien tiene el caso"},
		{"may not read words", names[0], "auditor", 403, "quien tiene el caso"},
		{"may not know of it", names[0], "denuncias", 404, ""},
	} {
		a := w.ask("GET", at(tt.n), tt.user, "")
		if got := read[refusal](w, a); a.status != tt.status || !strings.Contains(got.Detail, tt.says) {
			t.Errorf("%s: %d %s", tt.name, a.status, a.body)
		}
	}
	w.files.down = true
	if a := w.ask("GET", at(names[0]), "ejecutivo1", ""); a.status != http.StatusServiceUnavailable {
		t.Errorf("store down: %d", a.status)
	}
}
