package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/s3"
)

// client is a real SDK client without retries.
func client(address string) *awss3.Client {
	return awss3.New(awss3.Options{
		Region: "us-east-1", BaseEndpoint: &address, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}, s3.PathStyle(true))
}

// start serves an empty bucket named raw from memory. front may answer in its place.
func start(t *testing.T, front http.HandlerFunc) *awss3.Client {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("raw"); err != nil {
		t.Fatal(err)
	}
	handler := gofakes3.New(backend).Server()
	if front != nil {
		handler = front
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return client(server.URL)
}

func TestPutAndGet(t *testing.T) {
	b := s3.New(start(t, nil), "raw")
	for name, body := range map[string][]byte{
		"texto":                []byte("ñandú"),
		"empty":                {},
		"2026/03/02/a b+c?d=e": bytes.Repeat([]byte{0, 255, '\n'}, 400_000),
		"exactly the limit":    make([]byte, s3.MaxBytes),
	} {
		for range 2 { // again is harmless
			if err := b.Put(t.Context(), name, body); err != nil {
				t.Fatalf("%s: put: %v", name, err)
			}
		}
		got, err := b.Get(t.Context(), name)
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("%s: got %d bytes, %v; want %d", name, len(got), err, len(body))
		}
	}
}

func TestKinds(t *testing.T) {
	api := start(t, nil)
	b := s3.New(api, "raw")
	if err := b.Put(t.Context(), "big", make([]byte, s3.MaxBytes+1)); err != nil {
		t.Fatal(err)
	}
	answer := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>palabras</Message></Error>")
		}
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name   string
		bucket s3.Bucket
		ctx    context.Context
		key    string
		get    fault.Kind
		put    fault.Kind
	}{
		{name: "no such key", bucket: b, key: "secreto/nada", get: fault.NotFound},
		{name: "too large", bucket: b, key: "big", get: fault.Poison},
		{name: "no such bucket", bucket: s3.New(api, "nowhere"), get: fault.Transient, put: fault.Transient},
		{name: "slow down", bucket: s3.New(start(t, answer(503, "SlowDown")), "raw"), get: fault.Transient, put: fault.Transient},
		{name: "service fault", bucket: s3.New(start(t, answer(500, "InternalError")), "raw"), get: fault.Transient, put: fault.Transient},
		{name: "not allowed", bucket: s3.New(start(t, answer(403, "AccessDenied")), "raw"), get: fault.Transient, put: fault.Transient},
		{name: "no connection", bucket: s3.New(client(gone.URL), "raw"), key: "secreto", get: fault.Transient, put: fault.Transient},
		{name: "cancelled", bucket: b, ctx: cancelled, get: fault.Transient, put: fault.Transient},
	} {
		if c.ctx == nil {
			c.ctx = t.Context()
		}
		if c.key == "" {
			c.key = "k"
		}
		_, err := c.bucket.Get(c.ctx, c.key)
		if fault.Of(err) != c.get {
			t.Errorf("%s: get: %v, want %v", c.name, err, c.get)
		}
		quotes(t, c.name, err)
		if c.put == 0 {
			continue
		}
		err = c.bucket.Put(c.ctx, c.key, []byte("x"))
		if fault.Of(err) != c.put {
			t.Errorf("%s: put: %v, want %v", c.name, err, c.put)
		}
		quotes(t, c.name, err)
	}
}

// quotes fails when an error tells the key or the service's words.
func quotes(t *testing.T, name string, err error) {
	t.Helper()
	if err != nil && (strings.Contains(err.Error(), "secreto") || strings.Contains(err.Error(), "palabras")) {
		t.Errorf("%s: the error tells too much: %v", name, err)
	}
}

// endless answers every Get with a body that does not say how long it is.
type endless struct {
	s3.API
	closed bool
}

type zeros struct{ e *endless }

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func (z zeros) Close() error { z.e.closed = true; return nil }

func (e *endless) GetObject(context.Context, *awss3.GetObjectInput, ...func(*awss3.Options)) (*awss3.GetObjectOutput, error) {
	return &awss3.GetObjectOutput{Body: zeros{e}}, nil
}

func TestBodyWithoutLengthIsCutOff(t *testing.T) {
	e := &endless{}
	if _, err := s3.New(e, "raw").Get(t.Context(), "k"); !fault.Is(err, fault.Poison) || !e.closed {
		t.Errorf("endless body: %v, closed %t", err, e.closed)
	}
}

// broken answers with a body that ends in an error.
type broken struct{ s3.API }

func (broken) GetObject(context.Context, *awss3.GetObjectInput, ...func(*awss3.Options)) (*awss3.GetObjectOutput, error) {
	body := io.MultiReader(strings.NewReader("half"), errorReader{})
	return &awss3.GetObjectOutput{Body: io.NopCloser(body), ContentLength: aws.Int64(8)}, nil
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errors.New("connection lost") }

func TestHalfABodyIsNoBody(t *testing.T) {
	got, err := s3.New(broken{}, "raw").Get(t.Context(), "k")
	if got != nil || !fault.Is(err, fault.Transient) {
		t.Errorf("got %q, %v; want a Transient", got, err)
	}
}

func TestPathStyle(t *testing.T) {
	for on, want := range map[bool]string{true: "s3.test/raw/k", false: "raw.s3.test/k"} {
		var asked string
		api := awss3.New(awss3.Options{
			Region: "us-east-1", BaseEndpoint: aws.String("http://s3.test"), RetryMaxAttempts: 1,
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
			HTTPClient: doer(func(r *http.Request) (*http.Response, error) {
				asked = r.URL.Host + r.URL.Path
				return nil, errors.New("enough")
			}),
		}, s3.PathStyle(on))
		if err := s3.New(api, "raw").Put(t.Context(), "k", nil); err == nil {
			t.Error("no error from a client that always fails")
		}
		if asked != want {
			t.Errorf("path style %t: asked %s, want %s", on, asked, want)
		}
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
