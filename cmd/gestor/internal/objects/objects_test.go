package objects

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

func now() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

// client serves dir and talks to it with the SDK the functions use.
func client(t *testing.T, dir string) *s3.Client {
	t.Helper()
	h, err := Handler(dir, []string{"raw-bucket"}, now, func(string) []Cross { return nil })
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(server.URL), Region: "sa-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

func put(t *testing.T, c *s3.Client, key string, body []byte) {
	t.Helper()
	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String("raw-bucket"), Key: aws.String(key), Body: bytes.NewReader(body),
		ContentType: aws.String("application/json"), Metadata: map[string]string{"red": "facebook"},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, c *s3.Client, key string) ([]byte, *s3.GetObjectOutput) {
	t.Helper()
	out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("raw-bucket"), Key: aws.String(key)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Body.Close() }()
	body, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body, out
}

func TestObjects_SurviveARestartByteForByte(t *testing.T) {
	dir := t.TempDir()
	big := bytes.Repeat([]byte("{\"a\":\"\xf1\n\"}\x00"), 150_000)
	c := client(t, dir)
	put(t, c, "facebook/2026/á b+c?.json", big)
	put(t, c, "empty", nil)
	put(t, c, "twice", []byte("old"))
	put(t, c, "twice", []byte("new"))
	c = client(t, dir)
	body, out := get(t, c, "facebook/2026/á b+c?.json")
	if !bytes.Equal(body, big) {
		t.Errorf("got %d bytes, want %d", len(body), len(big))
	}
	if aws.ToString(out.ContentType) != "application/json" || out.Metadata["red"] != "facebook" {
		t.Errorf("got type %q and metadata %v", aws.ToString(out.ContentType), out.Metadata)
	}
	if body, _ := get(t, c, "empty"); len(body) != 0 {
		t.Errorf("the empty object has %d bytes", len(body))
	}
	if body, _ := get(t, c, "twice"); string(body) != "new" {
		t.Errorf("the overwritten object: got %q", body)
	}
}

func TestObjects_Errors(t *testing.T) {
	c := client(t, t.TempDir())
	_, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("raw-bucket"), Key: aws.String("nada")})
	if missing := (*types.NoSuchKey)(nil); !errors.As(err, &missing) {
		t.Errorf("missing key: got %v", err)
	}
	_, err = c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("other"), Key: aws.String("a"), Body: strings.NewReader("x")})
	if err == nil || !strings.Contains(err.Error(), "NoSuchBucket") {
		t.Errorf("missing bucket: got %v", err)
	}
	if _, err = c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("other")}); err == nil {
		t.Error("a bucket outside the template was made")
	}
}

func TestObjects_RangeAndHeadAndDelete(t *testing.T) {
	c := client(t, t.TempDir())
	put(t, c, "k", []byte("0123456789"))
	out, err := c.GetObject(t.Context(), &s3.GetObjectInput{
		Bucket: aws.String("raw-bucket"), Key: aws.String("k"), Range: aws.String("bytes=2-4"),
	})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(out.Body)
	if err != nil || string(body) != "234" {
		t.Errorf("range: got %q, %v", body, err)
	}
	head, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("raw-bucket"), Key: aws.String("k")})
	if err != nil || aws.ToInt64(head.ContentLength) != 10 {
		t.Errorf("head: got %v, %v", head, err)
	}
	for range 2 {
		if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("raw-bucket"), Key: aws.String("k")}); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if _, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("raw-bucket"), Key: aws.String("k")}); err == nil {
		t.Error("it is still there")
	}
}

func TestObjects_ListInPages(t *testing.T) {
	dir := t.TempDir()
	c := client(t, dir)
	var want []string
	for i := range 7 {
		want = append(want, fmt.Sprintf("a/%d", i))
		put(t, c, want[i], []byte("x"))
	}
	put(t, c, "b/0", []byte("x"))
	// What a crash leaves behind must not appear.
	if err := os.WriteFile(filepath.Join(dir, "raw-bucket", ".half"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{
		Bucket: aws.String("raw-bucket"), Prefix: aws.String("a/"), MaxKeys: aws.Int32(3),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			got = append(got, aws.ToString(o.Key))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	out, err := c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("raw-bucket"), Delimiter: aws.String("/")})
	if err != nil || len(out.CommonPrefixes) != 2 || len(out.Contents) != 0 {
		t.Errorf("folders: got %v, %v", out, err)
	}
}

// An address that carries its own permission says how what it opens is to be saved.
func TestObjects_LinksNameTheirFile(t *testing.T) {
	c := client(t, t.TempDir())
	put(t, c, "evidence/una", []byte("contenido"))
	fetch := func(key string) (int, http.Header) {
		link, err := s3.NewPresignClient(c).PresignGetObject(t.Context(), &s3.GetObjectInput{
			Bucket: aws.String("raw-bucket"), Key: aws.String(key), ResponseContentDisposition: aws.String(`attachment; filename="foto-1.png"`),
			ResponseCacheControl: aws.String("no-store"),
		})
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.Get(link.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		return res.StatusCode, res.Header
	}
	status, header := fetch("evidence/una")
	if header.Get("Content-Disposition") != `attachment; filename="foto-1.png"` || header.Get("Cache-Control") != "no-store" || header.Get("Content-Type") != "application/json" {
		t.Errorf("%d %v", status, header)
	}
	if status, header := fetch("nada"); status != http.StatusNotFound || header.Get("Content-Disposition") != "" {
		t.Errorf("%d %v", status, header)
	}
}

// page asks as a browser does for a page of somewhere.
func page(t *testing.T, h http.Handler, method, body string, headers map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/raw-bucket/library/f1", strings.NewReader(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body))) // as a server leaves it there
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// A page of the named origin may bring and fetch objects, with the named headers; no other page may.
func TestObjects_LetThePagesIn(t *testing.T) {
	h, err := Handler(t.TempDir(), []string{"raw-bucket", "other"}, now, func(bucket string) []Cross {
		return map[string][]Cross{"raw-bucket": {{Origins: []string{"http://consola.test"}, Methods: []string{"GET", "PUT"}, Headers: []string{"content-type", "if-none-match"}, MaxAge: 60}}}[bucket]
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		origin, method, headers string
		status                  int
	}{
		"the console":              {"http://consola.test", "PUT", "content-type, If-None-Match", 200},
		"without headers":          {"http://consola.test", "GET", "", 200},
		"another page":             {"http://otra.test", "PUT", "content-type", 403},
		"no page":                  {"", "PUT", "", 403},
		"taking away":              {"http://consola.test", "DELETE", "", 403},
		"a header nobody named":    {"http://consola.test", "PUT", "content-type, x-amz-acl", 403},
		"the origin with its path": {"http://consola.test/", "PUT", "", 403},
	} {
		res := page(t, h, "OPTIONS", "", map[string]string{
			"Origin": c.origin, "Access-Control-Request-Method": c.method, "Access-Control-Request-Headers": c.headers,
		})
		let := ""
		if c.status == 200 {
			let = c.origin
		}
		if res.Code != c.status || res.Header().Get("Access-Control-Allow-Origin") != let || res.Header().Get("Access-Control-Allow-Headers") != map[bool]string{true: c.headers}[let != ""] {
			t.Errorf("%s: %d %v", name, res.Code, res.Header())
		}
	}
	if res := page(t, h, "PUT", "x", map[string]string{"Origin": "http://consola.test"}); res.Code != 200 || res.Header().Get("Access-Control-Allow-Origin") != "http://consola.test" {
		t.Errorf("put: %d %v", res.Code, res.Header())
	}
	if res := page(t, h, "GET", "", map[string]string{"Origin": "http://otra.test"}); res.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another page reads: %v", res.Header())
	}
}

// What is to be written once is not written over, and what does not have the promised sum is not written at all.
func TestObjects_OnceAndAsPromised(t *testing.T) {
	h, err := Handler(t.TempDir(), []string{"raw-bucket"}, now, func(string) []Cross { return nil })
	if err != nil {
		t.Fatal(err)
	}
	const sumOfX = "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="
	for _, step := range []struct {
		body, sum string
		status    int
		holds     string
	}{{"y", sumOfX, 400, ""}, {"x", sumOfX, 200, "x"}, {"z", "", 412, "x"}} {
		headers := map[string]string{"If-None-Match": "*"}
		if step.sum != "" {
			headers["X-Amz-Checksum-Sha256"] = step.sum
		}
		if res := page(t, h, "PUT", step.body, headers); res.Code != step.status {
			t.Errorf("%q: %d, want %d", step.body, res.Code, step.status)
		}
		res := page(t, h, "GET", "", nil)
		if got := res.Body.String(); res.Code == 200 && got != step.holds || (res.Code == 200) != (step.holds != "") {
			t.Errorf("after %q: %d %q", step.body, res.Code, got)
		}
	}
}
