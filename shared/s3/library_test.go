package s3_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/s3"
)

func library(api *awss3.Client) s3.Library {
	return s3.NewLibrary(api, awss3.NewPresignClient(api), "raw")
}

func TestLibrary(t *testing.T) {
	l := library(start(t, nil))
	body := []byte("0123456789")
	if _, err := l.Size(t.Context(), "f1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("size of nothing: %v", err)
	}
	if err := l.Put(t.Context(), "f1", "image/png", body); err != nil {
		t.Fatal(err)
	}
	if size, err := l.Size(t.Context(), "f1"); err != nil || size != 10 {
		t.Errorf("size %d, %v", size, err)
	}
	for _, c := range []struct {
		from, size int64
		want       string
		kind       fault.Kind
	}{{0, 4, "0123", 0}, {3, 1, "3", 0}, {8, 100, "89", 0}, {0, 10, "0123456789", 0}, {0, 0, "", fault.Permanent}, {-1, 3, "", fault.Permanent}, {10, 1, "", fault.Permanent}} {
		got, err := l.Range(t.Context(), "f1", c.from, c.size)
		if string(got) != c.want || fault.Of(err) != c.kind {
			t.Errorf("%d bytes from %d: %q, %v", c.size, c.from, got, err)
		}
	}
	if _, err := l.Range(t.Context(), "secreto", 0, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("range of nothing: %v", err)
	}
	for range 2 {
		if err := l.Remove(t.Context(), "f1"); err != nil {
			t.Error(err)
		}
	}
	if _, err := l.Size(t.Context(), "f1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("size of what was removed: %v", err)
	}
	busy := library(start(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }))
	for name, err := range map[string]error{
		"put": busy.Put(t.Context(), "secreto", "image/png", nil), "remove": busy.Remove(t.Context(), "secreto"),
		"size":  func() error { _, err := busy.Size(t.Context(), "secreto"); return err }(),
		"range": func() error { _, err := busy.Range(t.Context(), "secreto", 0, 1); return err }(),
	} {
		if !fault.Is(err, fault.Transient) {
			t.Errorf("%s: %v", name, err)
		}
		quotes(t, name, err)
	}
}

// Who has the link fetches the file as what it is, to be saved; the networks get theirs by the id alone.
func TestLibrary_Link(t *testing.T) {
	l := library(start(t, nil))
	if err := l.Put(t.Context(), "f1", "application/octet-stream", []byte("x")); err != nil {
		t.Fatal(err)
	}
	known := map[string]post.LibraryFile{"f1": {ID: "f1", State: post.FileReady, File: post.File{Type: "image/png"}}, "f2": {ID: "f2", State: post.FileRemoved}}
	f := s3.NewFiles(l, func(_ context.Context, id string) (post.LibraryFile, bool, error) {
		if id == "roto" {
			return post.LibraryFile{}, false, fault.New(fault.Transient, "prueba", nil)
		}
		file, found := known[id]
		return file, found, nil
	})
	named, err := l.Link(t.Context(), "f1", "image/png", "niño \"a\"\r\n.png", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := f.Link(t.Context(), "f1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for link, want := range map[string][3]string{
		named: {"60", "image/png", `attachment; filename*=UTF-8''ni%C3%B1o%20%22a%22%0D%0A.png`}, bare: {"3600", "image/png", "attachment"},
	} {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if got := [3]string{q.Get("X-Amz-Expires"), q.Get("response-content-type"), q.Get("response-content-disposition")}; got != want || q.Get("X-Amz-Signature") == "" {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got, err := f.Range(t.Context(), "f1", 0, 5); err != nil || string(got) != "x" {
		t.Errorf("range: %q, %v", got, err)
	}
	for id, kind := range map[string]fault.Kind{"f2": fault.NotFound, "f3": fault.NotFound, "roto": fault.Transient} {
		if link, err := f.Link(t.Context(), id, time.Hour); fault.Of(err) != kind || link != "" {
			t.Errorf("%s: %q, %v", id, link, err)
		}
	}
	origin, err := l.Origin(t.Context())
	if err != nil || !strings.HasPrefix(named, origin+"/") || strings.Count(origin, "/") != 2 {
		t.Errorf("origin %q, %v", origin, err)
	}
}

// What an address to bring a file under lets through is signed with it: how many bytes, which ones, and that it is for once.
func TestLibrary_Upload(t *testing.T) {
	l := library(start(t, nil))
	body := bytes.Repeat([]byte("película"), 1000)
	sum := sha256.Sum256(body)
	for name, c := range map[string]struct {
		sum  string
		want map[string]string
	}{
		"any bytes":   {"", map[string]string{"content-type": "application/octet-stream", "if-none-match": "*"}},
		"these bytes": {hex.EncodeToString(sum[:]), map[string]string{"content-type": "application/octet-stream", "if-none-match": "*", "x-amz-checksum-sha256": "PLACE"}},
	} {
		u, err := l.Upload(t.Context(), "f1", int64(len(body)), c.sum, 15*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if c.want["x-amz-checksum-sha256"] != "" {
			c.want["x-amz-checksum-sha256"] = u.Headers["x-amz-checksum-sha256"]
			if len(u.Headers["x-amz-checksum-sha256"]) != 44 {
				t.Errorf("checksum %q", u.Headers["x-amz-checksum-sha256"])
			}
		}
		if diff := cmp.Diff(c.want, u.Headers); diff != "" || u.Method != http.MethodPut {
			t.Errorf("%s: %s %s", name, u.Method, diff)
		}
		parsed, err := url.Parse(u.URL)
		if err != nil {
			t.Fatal(err)
		}
		q := parsed.Query()
		signed := strings.Split(q.Get("X-Amz-SignedHeaders"), ";")
		want := []string{"content-length", "content-type", "host", "if-none-match"}
		if c.sum != "" {
			want = append(want, "x-amz-checksum-sha256")
		}
		if diff := cmp.Diff(want, signed); diff != "" || q.Get("X-Amz-Expires") != "900" {
			t.Errorf("%s: signed %s; %v", name, diff, q)
		}
		for key := range q {
			if strings.Contains(strings.ToLower(key), "checksum") {
				t.Errorf("%s: %s is in the address", name, key)
			}
		}
		req, err := http.NewRequestWithContext(t.Context(), u.Method, u.URL, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for key, value := range u.Headers {
			req.Header.Set(key, value)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		told, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", name, res.StatusCode, told)
		}
	}
	if _, err := l.Upload(t.Context(), "f1", 1, "no hexadecimal", time.Minute); !fault.Is(err, fault.Permanent) {
		t.Errorf("a sum that is none: %v", err)
	}
}
