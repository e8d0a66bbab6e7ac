package meta_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
)

// refused is Graph's error object; its words carry what must not travel on.
func refused(code, subcode int, more string) string {
	return fmt.Sprintf(`{"error":{"message":"CANARY %s","type":"OAuthException","code":%d,"error_subcode":%d,"error_user_msg":"CANARY","fbtrace_id":"AbC-_1"%s}}`,
		token, code, subcode, more)
}

// The kinds by what they ask of the sender.
const (
	perm   = fault.Permanent
	denied = fault.Denied
	later  = fault.Transient
	unsure = fault.Uncertain
)

// classCase is one answer, and what it means for a call that writes and for one that reads.
type classCase struct {
	name    string
	answer  http.HandlerFunc
	reason  string
	write   fault.Kind
	read    fault.Kind
	waiting time.Duration
}

func provenCases() []classCase {
	return []classCase{
		{"token expired", say(400, refused(190, 463, "")), meta.ReasonAuth, denied, denied, 0},
		{"token expired, by status", say(401, `{}`), meta.ReasonAuth, denied, denied, 0},
		{"session over", say(400, refused(102, 0, "")), meta.ReasonAuth, denied, denied, 0},
		{"no permission", say(403, refused(200, 0, "")), meta.ReasonPermission, denied, denied, 0},
		{"last of the permissions", say(400, refused(299, 0, "")), meta.ReasonPermission, denied, denied, 0},
		{"capability", say(400, refused(3, 0, "")), meta.ReasonPermission, denied, denied, 0},
		{"code 10 alone", say(403, refused(10, 0, "")), meta.ReasonPermission, denied, denied, 0},
		{"code 10 of a window", say(403, refused(10, 2018278, "")), meta.ReasonWindow, perm, perm, 0},
		{"code 10 of Instagram's window", say(403, refused(10, 2534022, "")), meta.ReasonWindow, perm, perm, 0},
		{"another window", say(400, refused(1545041, 0, "")), meta.ReasonWindow, perm, perm, 0},
		{"an old tag", say(400, refused(100, 1893061, "")), meta.ReasonWindow, perm, perm, 0},
		{"recipient", say(400, refused(551, 0, "")), meta.ReasonRecipient, perm, perm, 0},
		{"content", say(400, refused(368, 0, "")), meta.ReasonContent, perm, perm, 0},
		{"content, by subcode", say(400, refused(1, 1404102, "")), meta.ReasonContent, perm, perm, 0},
		{"a bad parameter", say(400, refused(100, 0, "")), meta.ReasonContent, perm, perm, 0},
		{"gone", say(400, refused(100, 33, "")), meta.ReasonGone, perm, perm, 0},
		{"gone, by status", say(404, `{}`), meta.ReasonGone, perm, perm, 0},
		{"gone, in HTML", say(404, `<html>`), meta.ReasonGone, perm, perm, 0},
	}
}

func doubtfulCases() []classCase {
	return []classCase{
		{"duplicate", say(400, refused(506, 0, "")), meta.ReasonDuplicate, unsure, unsure, 0},
		{"duplicate, by subcode", say(400, refused(100, 1366051, "")), meta.ReasonDuplicate, unsure, unsure, 0},
		{"duplicate in a 500", say(500, refused(506, 0, "")), meta.ReasonDuplicate, unsure, unsure, 0},
		{"throttle", say(400, refused(4, 0, `,"is_transient":true`)), meta.ReasonThrottle, later, later, 0},
		{"throttle of the page", say(400, refused(32, 0, ""), "Retry-After", "90"), meta.ReasonThrottle, later, later, 90 * time.Second},
		{"throttle of a use case", say(400, refused(80001, 0, ""), "X-Business-Use-Case-Usage",
			`{"1":[{"type":"pages","estimated_time_to_regain_access":3},{"estimated_time_to_regain_access":19}],"2":[]}`), meta.ReasonThrottle, later, later, 19 * time.Minute},
		{
			"the longer of two", say(429, refused(613, 1996, ""), "Retry-After", "7200", "X-Business-Use-Case-Usage", `{"1":[{"estimated_time_to_regain_access":3}]}`),
			meta.ReasonThrottle, later, later, 2 * time.Hour,
		},
		{"more than a day", say(429, `{}`, "Retry-After", "99999999999"), meta.ReasonThrottle, later, later, 24 * time.Hour},
		{"nonsense to wait for", say(429, `{}`, "Retry-After", "-5", "X-Business-Use-Case-Usage", `[1]`), meta.ReasonThrottle, later, later, 0},
		{"throttle at the edge, in HTML", say(429, `<html>`), meta.ReasonThrottle, later, later, 0},
		{"throttle with an unknown code", say(429, refused(2, 0, "")), meta.ReasonThrottle, later, later, 0},
		{"please retry", say(500, refused(2, 0, "")), meta.ReasonUnknown, unsure, later, 0},
		{"please retry, with status 400", say(400, refused(2, 0, "")), meta.ReasonUnknown, unsure, later, 0},
		{"unknown error", say(400, refused(1, 0, "")), meta.ReasonUnknown, unsure, later, 0},
		{"transient", say(400, refused(987654, 0, `,"is_transient":true`)), meta.ReasonUnknown, unsure, later, 0},
		{"a code nobody knows", say(400, refused(987654, 0, "")), meta.ReasonUnknown, unsure, later, 0},
		{"an error in a success", say(200, refused(190, 0, "")), meta.ReasonAuth, denied, denied, 0},
		{"a 500 that says the token is bad", say(500, refused(190, 0, "")), meta.ReasonUnknown, unsure, later, 0},
		{"a 500 without an error", say(500, `{"id":"1","data":[]}`), meta.ReasonUnknown, unsure, later, 0},
		{"a 503 in HTML", say(503, `<html>`), meta.ReasonUnknown, unsure, later, 0},
		{"an empty 502", say(502, ``), meta.ReasonUnknown, unsure, later, 0},
		{"a 400 without an error", say(400, `{}`), meta.ReasonUnknown, unsure, later, 0},
		{"a 400 in HTML", say(400, `<html>`), meta.ReasonUnknown, unsure, later, 0},
		{"a 200 in HTML", say(200, `<html>`), meta.ReasonUnknown, unsure, later, 0},
		{"an empty 200", say(200, ``), meta.ReasonUnknown, unsure, later, 0},
		{"a bare true", say(200, `true`), meta.ReasonUnknown, unsure, later, 0},
		{"half an object", say(200, `{"id":"1"`), meta.ReasonUnknown, unsure, later, 0},
		{"a 200 without what was asked", say(200, `{"success":true}`), meta.ReasonUnknown, unsure, later, 0},
		{"a 200 with what cannot be it", say(200, `{"id":"../1","data":{}}`), meta.ReasonUnknown, unsure, later, 0},
		{"an endless answer", say(200, `{"id":"1","data":[],"x":"`+strings.Repeat("a", 9<<20)+`"}`), meta.ReasonUnknown, unsure, later, 0},
		{"a body cut short", say(200, `{"id":"1","data":[]}`, "Content-Length", "1000"), meta.ReasonUnknown, unsure, later, 0},
		{"a connection closed", hangUp, meta.ReasonUnknown, unsure, later, 0},
	}
}

// TestClient_classes goes through the table of error classes.
func TestClient_classes(t *testing.T) {
	for _, c := range append(provenCases(), doubtfulCases()...) {
		t.Run(c.name, func(t *testing.T) {
			g := newGraph(t, c.answer)
			_, errWrite := g.client(t).Reply(context.Background(), token, "7_8", wrote)
			_, _, errRead := g.client(t).Find(context.Background(), token, "7_8", page, wrote, at(1799999990))
			for _, got := range []struct {
				err  error
				kind fault.Kind
			}{{errWrite, c.write}, {errRead, c.read}} {
				var f *fault.Error
				if !errors.As(got.err, &f) || f.Kind != got.kind || meta.Reason(got.err) != c.reason || f.RetryAfter != c.waiting {
					t.Errorf("got %v, want %v %s waiting %v", got.err, got.kind, c.reason, c.waiting)
				}
				quiet(t, got.err)
			}
			if n := len(g.requests()); n != 2 {
				t.Errorf("%d requests for two calls", n)
			}
		})
	}
}

// hangUp closes the connection after the request was read.
func hangUp(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// An answer that does not come in time leaves the outcome open, and says that time was the reason.
func TestReply_timeout(t *testing.T) {
	release := make(chan struct{})
	g := newGraph(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	_, err := g.client(t, func(c *meta.Config) { c.Timeout = 50 * time.Millisecond }).Reply(context.Background(), token, "7_8", wrote)
	if fault.Of(err) != fault.Uncertain || meta.Reason(err) != meta.ReasonUnknown || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	quiet(t, err)
	if n := len(g.requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// A redirection is not followed: not to another host with the token, nor to the same with a second copy of the text.
func TestReply_redirect(t *testing.T) {
	other := newGraph(t, say(200, `{"id":"1"}`))
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{other.URL + "/x", "/graph/v25.0/7_8/comments"} {
			g := newGraph(t, say(status, `{}`, "Location", to))
			_, err := g.client(t).Reply(context.Background(), token, "7_8", wrote)
			if fault.Of(err) != fault.Uncertain || len(g.requests()) != 1 {
				t.Errorf("%d to %s: %v after %d requests", status, to, err, len(g.requests()))
			}
		}
	}
	if n := len(other.requests()); n != 0 {
		t.Errorf("%d requests went to another host", n)
	}
}

// What never left may be sent again; what may have left may not.
func TestReply_neverSent(t *testing.T) {
	g := newGraph(t, say(200, `{"id":"1"}`))
	address := g.URL
	encrypted := g.client(t, func(c *meta.Config) { c.BaseURL = strings.Replace(address, "http://", "https://", 1) })
	closed := newGraph(t, say(200, `{}`))
	closed.Close()
	silent := g.client(t, func(c *meta.Config) {
		c.Transport = roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("CANARY " + token) })
	})
	for _, c := range []struct {
		name   string
		client *meta.Client
		kind   fault.Kind
		reason string
	}{
		{"nobody listens", closed.client(t), fault.Transient, meta.ReasonUnreachable},
		{"no TLS at the other end", encrypted, fault.Transient, meta.ReasonUnreachable},
		{"a transport that tells nothing", silent, fault.Uncertain, meta.ReasonUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.client.Reply(context.Background(), token, "7_8", wrote)
			if fault.Of(err) != c.kind || meta.Reason(err) != c.reason {
				t.Errorf("got %v", err)
			}
			quiet(t, err)
		})
	}
	if n := len(g.requests()); n != 0 {
		t.Errorf("%d requests arrived", n)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
