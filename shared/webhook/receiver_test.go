package webhook_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/webhook"
)

// The failure table of platforms.md §1: what is answered, and what was touched.
func TestDeliver_FailureTable(t *testing.T) {
	body := []byte(`{"object":"page","entry":[]}`)
	good := meta.Sign(body, secret)
	most, over := bytes.Repeat([]byte(" "), webhook.MaxBody), bytes.Repeat([]byte(" "), webhook.MaxBody+1)
	broken := func(what string) map[string]error { return map[string]error{what: outage()} }
	tests := []struct {
		name       string
		network    string
		body       []byte
		signatures []string
		broken     map[string]error
		want       int
		touched    calls
	}{
		{"signed", "facebook", body, []string{good}, nil, 200, calls{Inbox: 1, Secret: 1}},
		{"signed with the previous secret", "facebook", body, []string{meta.Sign(body, previous)}, nil, 200, calls{Inbox: 1, Secret: 1}},
		{"signed, empty", "facebook", nil, []string{meta.Sign(nil, secret)}, nil, 200, calls{Inbox: 1, Secret: 1}},
		{"signed, no JSON", "facebook", []byte("{"), []string{meta.Sign([]byte("{"), secret)}, nil, 200, calls{Inbox: 1, Secret: 1}},

		{"no signature", "facebook", body, nil, nil, 403, calls{}},
		{"an empty signature", "facebook", body, []string{""}, nil, 403, calls{}},
		{"only the old algorithm", "facebook", body, []string{"sha1=" + strings.Repeat("a", 40)}, nil, 403, calls{}},
		{"no algorithm", "facebook", body, []string{good[7:]}, nil, 403, calls{}},
		{"truncated", "facebook", body, []string{good[:len(good)-1]}, nil, 403, calls{}},
		{"one digit more", "facebook", body, []string{good + "0"}, nil, 403, calls{}},
		{"upper-case digits", "facebook", body, []string{upper(good)}, nil, 403, calls{}},
		{"not hexadecimal", "facebook", body, []string{"sha256=" + strings.Repeat("g", 64)}, nil, 403, calls{}},
		{"the same header twice", "facebook", body, []string{good, good}, nil, 403, calls{}},
		{"two signatures in one header", "facebook", body, []string{good + "," + good}, nil, 403, calls{}},
		{"a space before", "facebook", body, []string{" " + good}, nil, 403, calls{}},

		{"another secret", "facebook", body, []string{meta.Sign(body, "otro")}, nil, 403, calls{Secret: 1}},
		{"an empty secret", "facebook", body, []string{meta.Sign(body, "")}, nil, 403, calls{Secret: 1}},
		{"of another body", "facebook", append(body, ' '), []string{good}, nil, 403, calls{Secret: 1}},

		{"exactly 4 MiB", "facebook", most, []string{meta.Sign(most, secret)}, nil, 200, calls{Inbox: 1, Secret: 1}},
		{"one byte more", "facebook", over, []string{meta.Sign(over, secret)}, nil, 413, calls{}},
		{"one byte more and unsigned", "facebook", over, nil, nil, 413, calls{}},

		{"an unknown network", "orkut", body, []string{good}, nil, 404, calls{}},
		{"a network not built yet", "instagram", body, []string{good}, nil, 404, calls{}},
		{"a network in capitals", "Facebook", body, []string{good}, nil, 404, calls{}},

		{"the inbox is down", "facebook", body, []string{good}, broken("inbox"), 500, calls{Inbox: 1, Secret: 1}},
		{"the bucket is down", "facebook", noise(1 << 20), []string{meta.Sign(noise(1<<20), secret)}, broken("blobs"), 500, calls{Blobs: 1, Secret: 1}},
		{"the secret cannot be read", "facebook", body, []string{good}, broken("secret"), 500, calls{Secret: 1}},
		{"forged while the secret cannot be read", "facebook", body, []string{"sha256=zz"}, broken("secret"), 403, calls{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			if tt.broken != nil {
				w.broken = tt.broken
			}
			rec := w.post(tt.network, tt.body, tt.signatures...)
			if rec.Code != tt.want {
				t.Errorf("status %d, want %d", rec.Code, tt.want)
			}
			if got := w.calls(); got != tt.touched {
				t.Errorf("touched %+v, want %+v", got, tt.touched)
			}
			if rec.Body.Len() > 0 && tt.want != 404 {
				t.Errorf("a body: %q", rec.Body)
			}
		})
	}
}

// Every failure of ours is 500, so that the network comes again; whatever its kind.
func TestDeliver_AnyInboxFailureIs500(t *testing.T) {
	body := []byte("{}")
	for _, kind := range []fault.Kind{fault.Duplicate, fault.Conflict, fault.Invalid, fault.Denied, fault.Permanent, fault.Poison, fault.Uncertain, fault.NotFound} {
		w := newWorld()
		w.broken["inbox"] = fault.New(kind, "test", nil)
		if rec := w.post("facebook", body, meta.Sign(body, secret)); rec.Code != 500 {
			t.Errorf("%s: %d", kind, rec.Code)
		}
	}
}

func TestDeliver_Methods(t *testing.T) {
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions} {
		w := newWorld()
		if rec := w.serve(httptest.NewRequest(method, "/webhooks/facebook", nil)); rec.Code != http.StatusMethodNotAllowed || w.calls() != (calls{}) {
			t.Errorf("%s: %d, touched %+v", method, rec.Code, w.calls())
		}
	}
	w := newWorld()
	if rec := w.serve(httptest.NewRequest(http.MethodPost, "/webhooks/", nil)); rec.Code != http.StatusNotFound {
		t.Errorf("no network: %d", rec.Code)
	}
}

// What the network sent is what is kept, byte for byte, with when and from where.
func TestDeliver_KeepsTheBytes(t *testing.T) {
	bodies := map[string][]byte{
		"as Meta escapes": []byte(`{"message":"a\u00f1o http:\/\/x"}`),
		"bytes of no text": {
			0xff, 0xfe, 0x00, '\r', '\n', 0x1a, 0xc3, 0x28,
		},
		"empty":           {},
		"long and simple": bytes.Repeat([]byte("á"), webhook.MaxBody/2),
	}
	samples, err := filepath.Glob("../../events/facebook/*.json")
	if err != nil || len(samples) < 25 {
		t.Fatalf("%d samples, %v", len(samples), err)
	}
	for _, file := range samples {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bodies[filepath.Base(file)] = body
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			if rec := w.post("facebook", body, meta.Sign(body, secret)); rec.Code != 200 {
				t.Fatalf("status %d", rec.Code)
			}
			d, raw := w.delivered(t)
			if !bytes.Equal(raw, body) {
				t.Errorf("%d bytes came, %d were kept", len(body), len(raw))
			}
			if d.V != 1 || d.Network != mention.Facebook || !d.Received.Equal(noon()) || d.Blob != "" {
				t.Errorf("delivery = %+v", d)
			}
		})
	}
}

// What does not fit through the queue lies in the bucket, and the message says where.
func TestDeliver_LargeBodies(t *testing.T) {
	const limit = 900 << 10
	small, large := noise(limit*3/4-1024), noise(limit) // base64 makes four letters of three bytes
	tests := []struct {
		name string
		body []byte
		blob bool
	}{{"under the limit", small, false}, {"over the limit", large, true}, {"the largest", noise(webhook.MaxBody), true}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			if rec := w.post("facebook", tt.body, meta.Sign(tt.body, secret)); rec.Code != 200 {
				t.Fatalf("status %d", rec.Code)
			}
			d, raw := w.delivered(t)
			if !bytes.Equal(raw, tt.body) {
				t.Error("other bytes were kept")
			}
			if (d.Blob != "") != tt.blob || tt.blob && (d.Body != "" || !strings.HasPrefix(d.Blob, "facebook/2026-11-23/")) {
				t.Errorf("blob %q, %d bytes of body in the message", d.Blob, len(d.Body))
			}
			if len(w.inbox[0]) > 1<<20 {
				t.Errorf("a message of %d bytes: SQS takes %d", len(w.inbox[0]), 1<<20)
			}
		})
	}
	w := newWorld() // a repetition lies at the same place
	for range 2 {
		if rec := w.post("facebook", large, meta.Sign(large, secret)); rec.Code != 200 {
			t.Fatalf("status %d", rec.Code)
		}
	}
	if got := w.calls(); got.Blobs != 1 || got.Inbox != 2 {
		t.Errorf("the same body twice: %+v", got)
	}
}

// The subscription check: the right word gets its challenge back, plain; nobody learns more than that.
func TestHandshake(t *testing.T) {
	good := url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {token}, "hub.challenge": {"1158201444"}}
	with := func(name string, values ...string) url.Values {
		q := url.Values{}
		for k, v := range good {
			q[k] = v
		}
		q[name] = values
		return q
	}
	tests := []struct {
		name    string
		network string
		query   url.Values
		want    int
		body    string
	}{
		{"the right word", "facebook", good, 200, "1158201444"},
		{"a word for a challenge", "facebook", with("hub.challenge", "desafio_A-1"), 200, "desafio_A-1"},
		{"the wrong word", "facebook", with("hub.verify_token", "malo"), 403, ""},
		{"no word", "facebook", with("hub.verify_token"), 403, ""},
		{"the word twice", "facebook", with("hub.verify_token", token, token), 403, ""},
		{"another mode", "facebook", with("hub.mode", "unsubscribe"), 403, ""},
		{"no mode", "facebook", with("hub.mode"), 403, ""},
		{"nothing", "facebook", nil, 403, ""},
		{"the wrong word and markup", "facebook", url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {"malo"}, "hub.challenge": {"<b>"}}, 403, ""},
		{"the right word and markup", "facebook", with("hub.challenge", "<script>"), 400, ""},
		{"the right word and a line break", "facebook", with("hub.challenge", "1\r\nX: 2"), 400, ""},
		{"the right word and too much", "facebook", with("hub.challenge", strings.Repeat("1", 65)), 400, ""},
		{"the right word and no challenge", "facebook", with("hub.challenge"), 400, ""},
		{"an unknown network", "orkut", good, 404, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			rec := w.serve(httptest.NewRequest(http.MethodGet, "/webhooks/"+tt.network+"?"+tt.query.Encode(), nil))
			if rec.Code != tt.want || rec.Code != 404 && rec.Body.String() != tt.body {
				t.Errorf("%d %q, want %d %q", rec.Code, rec.Body, tt.want, tt.body)
			}
			if got := w.calls(); got.Inbox+got.Blobs != 0 {
				t.Errorf("touched %+v", got)
			}
			if tt.want == 200 && (rec.Header().Get("Content-Type") != "text/plain; charset=utf-8" || rec.Header().Get("X-Content-Type-Options") != "nosniff") {
				t.Errorf("headers %v", rec.Header())
			}
		})
	}
	w := newWorld()
	w.broken["secret"] = outage()
	if rec := w.serve(httptest.NewRequest(http.MethodGet, "/webhooks/facebook?"+good.Encode(), nil)); rec.Code != 500 {
		t.Errorf("without the secret: %d", rec.Code)
	}
}

// FuzzDeliver_FlippedBit flips one bit of a signed body or of its signature: 403, and nothing was stored.
func FuzzDeliver_FlippedBit(f *testing.F) {
	f.Add([]byte(`{"object":"page","entry":[]}`), uint(3))
	f.Add([]byte(`{"object":"page","entry":[]}`), uint(300))
	f.Add([]byte{}, uint(0))
	f.Fuzz(func(t *testing.T, body []byte, at uint) {
		signature := meta.Sign(body, secret)
		altered := append(bytes.Clone(body), signature...)
		at %= uint(8 * len(altered))
		altered[at/8] ^= 1 << (at % 8)
		w := newWorld()
		rec := w.post("facebook", altered[:len(body)], string(altered[len(body):]))
		if got := w.calls(); rec.Code != 403 || got.Inbox != 0 || got.Blobs != 0 {
			t.Errorf("bit %d of %d: status %d, touched %+v", at, 8*len(altered), rec.Code, got)
		}
	})
}

// Every bit of one delivery, one after the other: what the fuzzer only samples.
func TestDeliver_EveryBit(t *testing.T) {
	body := []byte(`{"object":"page"}`)
	signature := meta.Sign(body, secret)
	whole := append(bytes.Clone(body), signature...)
	w := newWorld()
	for at := range 8 * len(whole) {
		altered := bytes.Clone(whole)
		altered[at/8] ^= 1 << (at % 8)
		if rec := w.post("facebook", altered[:len(body)], string(altered[len(body):])); rec.Code != 403 {
			t.Errorf("bit %d: %s", at, fmt.Sprint(rec.Code))
		}
	}
	if got := w.calls(); got.Inbox != 0 || got.Blobs != 0 {
		t.Errorf("touched %+v", got)
	}
}
