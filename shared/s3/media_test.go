package s3_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/s3"
)

func media(api *awss3.Client) s3.Media { return s3.NewMedia(api, awss3.NewPresignClient(api), "raw") }

// What is stored can be fetched through its link by who has nothing else, as a file to be saved.
func TestMedia(t *testing.T) {
	m := media(start(t, nil))
	body := bytes.Repeat([]byte{0x89, 'P', 'N', 'G', 0}, 1000)
	if err := m.Put(t.Context(), "evidence/una", "image/png", body); err != nil {
		t.Fatal(err)
	}
	if kind, err := m.Type(t.Context(), "evidence/una"); err != nil || kind != "image/png" {
		t.Errorf("type %q, %v", kind, err)
	}
	link, err := m.Link(t.Context(), "evidence/una", "foto-1.png", 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	told, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	q := told.Query()
	if q.Get("X-Amz-Expires") != "300" || q.Get("X-Amz-Signature") == "" || q.Get("response-cache-control") != "no-store" ||
		q.Get("response-content-disposition") != `attachment; filename="foto-1.png"` {
		t.Errorf("link %s", link)
	}
	res, err := http.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || !bytes.Equal(got, body) || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") || res.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%d bytes as %v, %v", len(got), res.Header, err)
	}
}

func TestMedia_Kinds(t *testing.T) {
	answer := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	for _, c := range []struct {
		name  string
		front http.HandlerFunc
		want  fault.Kind
	}{
		{"no such key", nil, fault.NotFound},
		{"as S3 says it to who may not list", answer(403), fault.NotFound},
		{"slow down", answer(503), fault.Transient},
	} {
		_, err := media(start(t, c.front)).Type(t.Context(), "secreto")
		if fault.Of(err) != c.want {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		quotes(t, c.name, err)
	}
	if err := media(start(t, answer(503))).Put(t.Context(), "secreto", "image/png", nil); !fault.Is(err, fault.Transient) {
		t.Errorf("put: %v", err)
	}
}
