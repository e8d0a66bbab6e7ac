package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/webhook"
)

const (
	secret   = "secreto-ficticio"
	previous = "secreto-anterior-ficticio"
	token    = "palabra-ficticia"
)

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

// world is a receiver whose every call to the outside is counted.
type world struct {
	*webhook.Receiver
	mu      sync.Mutex
	inbox   []string
	blobs   map[string][]byte
	secrets int
	broken  map[string]error // what fails: inbox, blobs, secret
}

func newWorld() *world {
	w := &world{blobs: map[string][]byte{}, broken: map[string]error{}}
	w.Receiver = webhook.New(webhook.Config{
		Networks: map[mention.Network]webhook.Verifier{mention.Facebook: meta.NewInbound(w.secret)},
		Inbox:    inbox{w}, Blobs: blobs{w},
		Arrived: func(context.Context) time.Time { return noon() },
	})
	return w
}

func (w *world) secret(context.Context) (meta.AppSecret, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secrets++
	return meta.AppSecret{AppSecret: secret, Previous: previous, VerifyToken: token}, w.broken["secret"]
}

type inbox struct{ w *world }

func (i inbox) Put(_ context.Context, delivery string) error {
	i.w.mu.Lock()
	defer i.w.mu.Unlock()
	i.w.inbox = append(i.w.inbox, delivery)
	return i.w.broken["inbox"]
}

type blobs struct{ w *world }

func (b blobs) Put(_ context.Context, key string, body []byte) error {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.w.blobs[key] = bytes.Clone(body)
	return b.w.broken["blobs"]
}

// calls is how often each was called.
type calls struct{ Inbox, Blobs, Secret int }

func (w *world) calls() calls {
	w.mu.Lock()
	defer w.mu.Unlock()
	return calls{len(w.inbox), len(w.blobs), w.secrets}
}

// post delivers a body; each signature given becomes a header of its own.
func (w *world) post(network string, body []byte, signatures ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, "/webhooks/"+network, bytes.NewReader(body))
	for _, s := range signatures {
		req.Header.Add(meta.SignatureHeader, s)
	}
	return w.serve(req)
}

func (w *world) serve(req *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, req)
	return rec
}

// delivered gives the one delivery in the inbox and its raw body, wherever it lies.
func (w *world) delivered(t *testing.T) (mention.Delivery, []byte) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.inbox) != 1 {
		t.Fatalf("%d deliveries in the inbox", len(w.inbox))
	}
	d, err := mention.ParseDelivery(w.inbox[0])
	if err != nil {
		t.Fatal(err)
	}
	packed, err := d.Packed()
	if d.Blob != "" {
		packed = w.blobs[d.Blob]
	}
	if err != nil {
		t.Fatal(err)
	}
	raw, err := mention.Unpack(packed, webhook.MaxBody)
	if err != nil {
		t.Fatal(err)
	}
	return d, raw
}

// outage is a failure of a store.
func outage() error { return fault.New(fault.Transient, "test", errors.New("no answer")) }

// noise is a body of n bytes that no compression makes small.
func noise(n int) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(out) // never fails
	return out
}

// upper is a signature in upper-case digits.
func upper(signature string) string {
	return "sha256=" + strings.ToUpper(strings.TrimPrefix(signature, "sha256="))
}
