package once_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/unit"
)

// serve gives a server's address and how many requests it got.
func serve(t *testing.T, h http.HandlerFunc) (string, *int) {
	t.Helper()
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, &n
}

func client(t *testing.T, base string, next http.RoundTripper, timeout time.Duration) once.Client {
	t.Helper()
	c, ok := once.New("x", base, next, timeout)
	if !ok {
		t.Fatalf("refused %s", base)
	}
	return c
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNew(t *testing.T) {
	for _, base := range []string{"https://api.x.com", "http://localhost:1/x/", "http://127.0.0.1:1", "http://172.17.0.1:1/", "http://[::1]:1"} {
		if _, ok := once.New("x", base, nil, 0); !ok {
			t.Errorf("refused %s", base)
		}
	}
	for _, base := range []string{
		"", "::", "https://", "http://api.x.com", "http://8.8.8.8", "ftp://127.0.0.1", "https://u:p@x.com", "https://x.com?a=b", "https://x.com#a", "/2/tweets",
	} {
		if _, ok := once.New("x", base, nil, 0); ok {
			t.Errorf("accepted %q", base)
		}
	}
	if _, ok := once.New("x", "https://x.com", nil, -1); ok {
		t.Error("accepted a negative timeout")
	}
}

func TestDo_requests(t *testing.T) {
	var got []string
	base, n := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.Header.Get("X-A"), " ", r.Header.Get("Content-Type"), " ", r.Header.Get("Sig"), " ", string(body), " ", r.Close))
		_, _ = io.WriteString(w, `{"id":1}`)
	})
	ctx, work := unit.Begin(t.Context(), "")
	c := client(t, base+"/base/", nil, 0)
	signed := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.GetBody != nil {
				t.Error("the transport has a second copy of the body")
			}
			r.Header.Set("Sig", "s")
			return next.RoundTrip(r)
		})
	}
	for i, call := range []once.Call{
		{Path: "/a%3Ab?c=d", Header: http.Header{"x-a": {"1"}}},
		{Path: "/p", Body: map[string]string{"t": "ñ"}, Sign: signed},
		{Path: "/f", Form: url.Values{"a": {"ñ &"}, "b": {"1"}}, Sign: signed},
		{Path: "/e", Form: url.Values{}, Sign: signed},
		{Method: http.MethodDelete, Path: "/d?x=1", Sign: signed},
		{Method: http.MethodPut, Path: "/u", Body: map[string]bool{"h": true}, Sign: signed},
		{Method: http.MethodPost, Path: "/n", Sign: signed},
	} {
		a := c.Do(ctx, call)
		if a.Status != 200 || string(a.Body) != `{"id":1}` || a.NeverSent || a.Cause != nil || *n != i+1 {
			t.Fatalf("%+v after %d", a, *n)
		}
	}
	want := []string{
		"GET /base/a%3Ab?c=d 1    true", `POST /base/p  application/json s {"t":"ñ"} true`,
		"POST /base/f  application/x-www-form-urlencoded s a=%C3%B1+%26&b=1 true", "POST /base/e  application/x-www-form-urlencoded s  true",
		"DELETE /base/d?x=1   s  true", `PUT /base/u  application/json s {"h":true} true`, "POST /base/n   s  true",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	if f := work.Facts(); f.Network != "x" || f.Counts[unit.NetworkCalls] != float64(len(want)) {
		t.Errorf("noted %+v", f)
	}
}

// What never left may be sent again; what may have left may not.
func TestDo_whatIsKnown(t *testing.T) {
	base, arrived := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })
	closed := httptest.NewServer(nil)
	closed.Close()
	silent := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("CANARY") })
	done, cancel := context.WithCancel(t.Context())
	cancel()
	cases := []struct {
		name   string
		ctx    context.Context
		client once.Client
		never  bool
		cause  error
	}{
		{"nobody listens", t.Context(), client(t, closed.URL, nil, 0), true, nil},
		{"no TLS at the other end", t.Context(), client(t, strings.Replace(base, "http", "https", 1), nil, 0), true, nil},
		{"too late", done, client(t, base, nil, 0), true, context.Canceled},
		{"a transport that tells nothing", t.Context(), client(t, base, silent, 0), false, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := c.client.Do(c.ctx, once.Call{Path: "/", Body: struct{}{}})
			if a.NeverSent != c.never || a.Status != 0 || a.Body != nil || !errors.Is(a.Cause, c.cause) {
				t.Errorf("%+v", a)
			}
		})
	}
	if *arrived != 0 {
		t.Errorf("%d requests arrived", *arrived)
	}
}

// Whatever the method, a broken connection is met once: nothing is sent again by itself.
func TestDo_once(t *testing.T) {
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.Close()
	}))
	defer s.Close()
	c := client(t, s.URL, nil, 0)
	for i, call := range []once.Call{
		{Path: "/"},
		{Path: "/", Body: 1},
		{Path: "/", Form: url.Values{"a": {"b"}}},
		{Method: http.MethodPost, Path: "/"},
		{Method: http.MethodPut, Path: "/", Body: 1},
		{Method: http.MethodPut, Path: "/"},
		{Method: http.MethodDelete, Path: "/"},
	} {
		if a := c.Do(t.Context(), call); a.NeverSent || a.Status != 0 || n.Load() != int64(i)+1 {
			t.Errorf("%+v: %+v after %d requests, want %d", call, a, n.Load(), i+1)
		}
	}
}

func TestDo_timeout(t *testing.T) {
	waits := roundTripper(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	a := client(t, "http://127.0.0.1:1", waits, 50*time.Millisecond).Do(t.Context(), once.Call{Path: "/", Body: struct{}{}})
	if a.NeverSent || a.Status != 0 || !errors.Is(a.Cause, context.DeadlineExceeded) {
		t.Errorf("%+v", a)
	}
	if err := a.Fail("op", true, once.Refusal{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestDo_endless(t *testing.T) {
	base, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat(" ", 9<<20)+"{}")
	})
	if a := client(t, base, nil, 0).Do(t.Context(), once.Call{Path: "/"}); a.Status != 200 || a.Body != nil {
		t.Errorf("status %d, %d bytes", a.Status, len(a.Body))
	}
}

func TestAnswer_Object(t *testing.T) {
	for body, want := range map[string]bool{
		`{"id":"1"}`: true, " {\"id\":\"1\",\"n\":\"x\"}\n": true, `{"id":"1"`: false, `[{"id":"1"}]`: false, `null`: false, ``: false, `<html>`: false, `true`: false,
	} {
		var v struct {
			ID string `json:"id"`
			N  int    `json:"n"`
		}
		if got := (once.Answer{Body: []byte(body)}).Object(&v); got != want || want && v.ID != "1" {
			t.Errorf("%q: %t, %+v", body, got, v)
		}
	}
}

// Every reason asks one thing of the sender; an unknown outcome is a danger only for who says something.
func TestVerdict(t *testing.T) {
	whole := func(status int) once.Answer { return once.Answer{Status: status, Body: []byte{}} }
	kinds := map[string]fault.Kind{
		once.ReasonAuth: fault.Denied, once.ReasonPermission: fault.Denied, once.ReasonQuota: fault.Denied, once.ReasonThrottle: fault.Transient,
		once.ReasonDuplicate: fault.Uncertain, once.ReasonContent: fault.Permanent, once.ReasonGone: fault.Permanent, once.ReasonRecipient: fault.Permanent,
		once.ReasonNotSummoned: fault.Permanent, once.ReasonUnsupported: fault.Permanent, once.ReasonVersion: fault.Permanent, "": fault.Uncertain,
	}
	for reason, kind := range kinds {
		err := whole(400).Verdict("op", true, func(once.Answer) once.Refusal { return once.Refusal{Reason: reason, Code: 7, Wait: time.Minute} })
		want := reason
		if want == "" {
			want = once.ReasonUnknown
		}
		if fault.Of(err) != kind || once.Reason(err) != want || (fault.RetryAfter(err) != 0) != (reason == once.ReasonThrottle) || !strings.Contains(err.Error(), "(http 400, code 7)") {
			t.Errorf("%q: %v", reason, err)
		}
	}
	never := func(once.Answer) once.Refusal { t.Error("asked about what proves nothing"); return once.Refusal{} }
	for _, a := range []once.Answer{{}, {Status: 400}, {Status: 200}, whole(500), whole(503)} {
		if fault.Of(a.Verdict("op", true, never)) != fault.Uncertain || fault.Of(a.Verdict("op", false, never)) != fault.Transient {
			t.Errorf("%+v: %v", a, a.Verdict("op", true, never))
		}
	}
	if err := (once.Answer{NeverSent: true}).Verdict("op", true, never); fault.Of(err) != fault.Transient || once.Reason(err) != once.ReasonUnreachable {
		t.Errorf("never sent: %v", err)
	}
	for _, status := range []int{200, 201, 204} {
		if err := whole(status).Verdict("op", true, never); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
	if once.Reason(nil) != "" || once.Reason(errors.New("x")) != "" {
		t.Error("a reason for what is none of ours")
	}
}

// What a duplicate names is handed on and never printed.
func TestStands(t *testing.T) {
	a := once.Answer{Status: 422, Body: []byte{}}
	err := a.Fail("op", true, once.Refusal{Reason: once.ReasonDuplicate, Stands: "CANARY:1"})
	if got := once.Stands(fmt.Errorf("x: %w", err)); got != "CANARY:1" || strings.Contains(fmt.Sprintf("%v %+v", err, err), "CANARY") {
		t.Errorf("%q, %v", got, err)
	}
	if once.Stands(nil) != "" || once.Stands(errors.New("x")) != "" || once.Stands(a.Fail("op", true, once.Refusal{})) != "" {
		t.Error("something stands that nobody named")
	}
}

func TestFail_wait(t *testing.T) {
	for _, c := range []struct {
		header string
		wait   time.Duration
		want   time.Duration
	}{
		{"", 0, 0},
		{"90", 0, 90 * time.Second},
		{"90", time.Hour, time.Hour},
		{" 90 ", time.Second, 90 * time.Second},
		{"-5", 0, 0},
		{"soon", -time.Hour, 0},
		{"2000000000", 0, 24 * time.Hour},
	} {
		a := once.Answer{Status: 429, Header: http.Header{"Retry-After": {c.header}}}
		if got := fault.RetryAfter(a.Fail("op", true, once.Refusal{Reason: once.ReasonThrottle, Wait: c.wait})); got != c.want {
			t.Errorf("%q and %s: %s, want %s", c.header, c.wait, got, c.want)
		}
	}
}

// What goes as it is goes with its own type, and is said with POST where nothing else is asked for.
func TestDo_raw(t *testing.T) {
	var got string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got += fmt.Sprintf("%s %s %q;", r.Method, r.Header.Get("Content-Type"), body)
	}))
	defer s.Close()
	c, _ := once.New("x", s.URL, nil, 0)
	c.Do(t.Context(), once.Call{Path: "/a", Raw: []byte("\x00ñ"), Type: "application/octet-stream"})
	c.Do(t.Context(), once.Call{Path: "/a", Method: http.MethodPut, Raw: []byte("x"), Type: "image/png"})
	if want := `POST application/octet-stream "\x00ñ";PUT image/png "x";`; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
}

func TestNoFile(t *testing.T) {
	for kind, want := range map[fault.Kind]fault.Kind{
		fault.NotFound: fault.Permanent, fault.Permanent: fault.Permanent, fault.Transient: fault.Transient, 0: fault.Transient, fault.Denied: fault.Transient,
	} {
		err := once.NoFile("x.Op", fault.New(kind, "s3.Range", nil))
		if fault.Of(err) != want || once.Reason(err) != once.ReasonFile {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// A refused duplicate is a post that stands; nothing else becomes one.
func TestStanding(t *testing.T) {
	a := once.Answer{Status: 422}
	err := once.Standing("x.Op", a.Fail("x.Op", true, once.Refusal{Reason: once.ReasonDuplicate, Stands: "urn:9"}))
	if fault.Of(err) != fault.Duplicate || once.Stands(err) != "urn:9" || once.Reason(err) != once.ReasonDuplicate {
		t.Errorf("%v, stands %q", err, once.Stands(err))
	}
	for _, other := range []error{nil, io.EOF, a.Fail("x.Op", true, once.Refusal{Reason: once.ReasonContent})} {
		if got := once.Standing("x.Op", other); got != other { //nolint:errorlint // the very same
			t.Errorf("%v became %v", other, got)
		}
	}
}
