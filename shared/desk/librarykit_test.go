package desk_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	imagepng "image/png"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// depot is the storage of the library in memory. Used are the files that posts carry; down makes every call fail.
type depot struct {
	mu   sync.Mutex
	held map[string][]byte
	used []string
	down bool
}

func (s *depot) here() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return fault.New(fault.Transient, "prueba", nil)
	}
	return nil
}

func (s *depot) breaks(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// bring stores bytes as who has an address for it does.
func (s *depot) bring(id string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[id] = body
}

func (s *depot) has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, is := s.held[id]
	return is
}

func (s *depot) Put(_ context.Context, id, _ string, body []byte) error {
	s.bring(id, body)
	return s.here()
}

func (s *depot) Size(_ context.Context, id string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, is := s.held[id]
	if !is {
		return 0, fault.New(fault.NotFound, "prueba", nil)
	}
	return int64(len(body)), nil
}

func (s *depot) Range(_ context.Context, id string, from, size int64) ([]byte, error) {
	if err := s.here(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	body := s.held[id]
	return body[from:min(from+size, int64(len(body)))], nil
}

func (s *depot) Remove(_ context.Context, id string) error {
	if err := s.here(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, id)
	return nil
}

func (s *depot) Link(_ context.Context, id, mediaType, name string, life time.Duration) (string, error) {
	return fmt.Sprintf("https://archivos.example/%s?type=%s&name=%s&life=%s", id, mediaType, name, life), s.here()
}

func (s *depot) Upload(_ context.Context, id string, size int64, sum string, life time.Duration) (post.Upload, error) {
	return post.Upload{URL: fmt.Sprintf("https://archivos.example/%s?size=%d&life=%s", id, size, life), Method: "PUT", Headers: map[string]string{"sum": sum}}, s.here()
}

func (s *depot) FileUsed(_ context.Context, id string) (bool, error) {
	return slices.Contains(s.used, id), s.here()
}

// picturePNG is a picture of that size.
func picturePNG(t testing.TB, width, height int) string {
	t.Helper()
	var buf bytes.Buffer
	if err := imagepng.Encode(&buf, image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White})); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// film is a video of 640 by 360 that lasts so many milliseconds; fill are the pictures it is made of.
func film(millis uint32, fill int) string {
	box := func(kind string, parts ...string) string {
		body := strings.Join(parts, "")
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + kind + body
	}
	words := func(list ...uint32) string {
		var out []byte
		for _, one := range list {
			out = binary.BigEndian.AppendUint32(out, one)
		}
		return string(out)
	}
	matrix := words(1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30)
	head := box("mvhd", words(0, 0, 0, 1000, millis, 1<<16, 0x01000000, 0, 0), matrix, words(0, 0, 0, 0, 0, 0, 2))
	track := box("trak", box("tkhd", words(0, 0, 0, 1, 0, 0, 0, 0, 0, 0), matrix, words(640<<16, 360<<16)), box("mdia", box("minf", box("vmhd", words(0, 0, 0)))))
	return box("ftyp", "isom", words(0), "isom") + box("mdat", strings.Repeat("v", fill)) + box("moov", head, track)
}

func sumOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// shelved is a file of the library as the tests look at it.
type shelved struct {
	ID, Name, Alt, Kind, Type, State, Reason, URL string
	Size                                          int64
	Width, Height                                 int
	Millis                                        int64
	Same                                          bool
	By                                            struct{ ID, Name string }
	May                                           map[string]ticket.Option
	Headers                                       map[string]string
	Method                                        string
}

// adds sends a small file.
func (w *world) adds(user, name, body string) answer {
	w.Helper()
	return w.ask("POST", "/api/v1/library?name="+name, user, body, "Idempotency-Key", w.key(), "Content-Type", "text/html")
}

// added is a small file that nothing may refuse.
func (w *world) added(name, body string) shelved {
	w.Helper()
	a := w.adds("ejecutivo1", name, body)
	if a.status != http.StatusCreated {
		w.Fatalf("%s: %d %s", name, a.status, a.body)
	}
	return read[shelved](w, a)
}

// announces asks for an address to send a file to.
func (w *world) announces(fields map[string]any) answer {
	w.Helper()
	raw, err := json.Marshal(fields)
	if err != nil {
		w.Fatal(err)
	}
	return w.ask("POST", "/api/v1/library/uploads", "comunicaciones", string(raw), "Idempotency-Key", w.key())
}

// sends announces a file and brings its bytes.
func (w *world) sends(body, sum string) shelved {
	w.Helper()
	a := w.announces(map[string]any{"name": "archivo", "size": len(body), "sha256": sum})
	if a.status != http.StatusCreated {
		w.Fatalf("announced: %d %s", a.status, a.body)
	}
	to := read[shelved](w, a)
	w.depot.bring(to.ID, []byte(body))
	return to
}

func (w *world) sent(id string) answer {
	w.Helper()
	return w.ask("POST", "/api/v1/library/uploads/"+id+"/done", "comunicaciones", "", "Idempotency-Key", w.key())
}

func (w *world) shelved(id string) shelved {
	w.Helper()
	return read[shelved](w, w.ask("GET", "/api/v1/library/"+id, "auditor", ""))
}
