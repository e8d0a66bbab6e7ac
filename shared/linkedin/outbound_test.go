package linkedin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

// The post under which everything happens, a citizen's comment, and ours.
const (
	aPost     = "urn:li:activity:6641861161010679808"
	theirs    = "urn:li:comment:(" + aPost + ",100)"
	oursThere = "urn:li:comment:(" + aPost + ",6643206422739898368)"
)

func key() channel.Access { return channel.Access{Account: us, Token: platformtest.Token} }

func wayOut(base string) (*linkedin.Outbound, error) {
	return linkedin.NewOutbound(linkedin.Config{BaseURL: base}, func(context.Context, string) (channel.Access, error) { return key(), nil })
}

// waits are LinkedIn's ways to say how much is used up: until it has had enough it says nothing.
func waits() []platformtest.Told {
	return []platformtest.Told{{Name: "nothing", Header: []string{"X-RateLimit-Remaining", "0", "Retry-After", "60"}}}
}

func answer() post.Outgoing {
	return post.Outgoing{Account: us, Target: theirs, Recipient: "urn:li:person:A", Visibility: post.Public, Text: platformtest.Text, Tag: "t.r"}
}

func spoken(_ *http.Request, body []byte) string {
	var c struct {
		Message struct {
			Text string `json:"text"`
		} `json:"message"`
	}
	_ = json.Unmarshal(body, &c)
	return c.Message.Text
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// comment is one as LinkedIn gives it back.
func comment(id, actor, text string, at time.Time) string {
	return fmt.Sprintf(`{"actor":%q,"agent":"urn:li:person:B","created":{"actor":%q,"time":%d},"id":%q,"message":{"attributes":[],"text":%s},"object":%q,"parentComment":%q}`,
		actor, actor, at.UnixMilli(), id, quoted(text), aPost, theirs)
}

func page(paging string, items ...string) string {
	return `{"elements":[` + strings.Join(items, ",") + `],"paging":{` + paging + `}}`
}

// problem is a refusal as LinkedIn explains it.
func problem(status int, message string, header ...string) platformtest.Answer {
	return platformtest.Answer{Status: status, Header: header, Body: fmt.Sprintf(`{"status":%d,"serviceErrorCode":7,"message":"CANARY %s"}`, status, message)}
}

func refusal(name string, a platformtest.Answer, kind fault.Kind, reason string, wait time.Duration) platformtest.Refusal {
	return platformtest.Refusal{Name: name, Answer: a, Kind: kind, Reason: reason, Wait: wait}
}

func refusals() []platformtest.Refusal {
	date := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC).Format(http.TimeFormat)
	html := func(status int) platformtest.Answer { return platformtest.Answer{Status: status, Body: "<html>CANARY"} }
	const perm, denied, later, unsure = fault.Permanent, fault.Denied, fault.Transient, fault.Uncertain
	const day = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
	return []platformtest.Refusal{
		refusal("token expired", problem(401, "The token used in the request has expired"), denied, once.ReasonAuth, 0),
		refusal("role lost", problem(403, "Not enough permissions to access: POST /comments"), denied, once.ReasonPermission, 0),
		refusal("duplicate", problem(422, "Content is a duplicate of urn:li:share:1"), unsure, once.ReasonDuplicate, 0),
		refusal("duplicate of a comment", problem(422, "Content is a duplicate of urn:li:comment:(activity:1,2)."), unsure, once.ReasonDuplicate, 0),
		refusal("duplicate, as a conflict", problem(409, "DUPLICATE"), unsure, once.ReasonDuplicate, 0),
		refusal("not valid", problem(422, "ERROR :: /message/text :: too long"), perm, once.ReasonContent, 0),
		refusal("a bad request", problem(400, "Invalid"), perm, once.ReasonContent, 0),
		refusal("gone", problem(404, "Could not find entity"), perm, once.ReasonGone, 0),
		refusal("gone, in HTML", html(404), perm, once.ReasonGone, 0),
		refusal("a version that is no more", problem(426, "Requested version 20250701 is not active"), perm, once.ReasonVersion, 0),
		refusal("a conflict", problem(409, "Conflict"), unsure, once.ReasonUnknown, 0),
		refusal("the day is used up", problem(429, day, "Date", date), later, once.ReasonThrottle, 9*time.Hour),
		refusal("the day is used up, and it says until when", problem(429, day, "Date", date, "Retry-After", "36000"), later, once.ReasonThrottle, 10*time.Hour),
		refusal("too many comments", problem(429, "Comment create throttled", "Date", date), later, once.ReasonThrottle, 0),
		refusal("a wall in HTML", html(403), unsure, once.ReasonUnknown, 0),
		refusal("a 400 in HTML", html(400), unsure, once.ReasonUnknown, 0),
		refusal("a 500 that explains itself", problem(500, "duplicate"), unsure, once.ReasonUnknown, 0),
		refusal("a success whose id cannot be", platformtest.Answer{Status: 201, Body: `{"id":"CANARY","$URN":"urn:li:comment:(x,1)"}`}, unsure, once.ReasonUnknown, 0),
		refusal("a success in HTML with an id", platformtest.Answer{Status: 201, Body: `<html>CANARY`, Header: []string{"X-Restli-Id", "1"}}, unsure, once.ReasonUnknown, 0),
	}
}

func TestOutbound(t *testing.T) {
	platformtest.Run(t, platformtest.Way{
		New:  func(base string) (platformtest.Platform, error) { return wayOut(base) },
		Out:  answer(),
		Sent: platformtest.Answer{Status: 201, Header: []string{"X-Restli-Id", "6643206422739898368"}},
		ID:   oursThere,
		Said: spoken,
		Read: func(_ *http.Request, said bool) platformtest.Answer {
			if !said {
				return platformtest.Answer{Status: 200, Body: page("")}
			}
			return platformtest.Answer{Status: 200, Body: page(`"total":2`,
				comment("7", "urn:li:person:A", platformtest.Text, platformtest.SaidAt()), comment("6643206422739898368", us, platformtest.Text, platformtest.SaidAt()),
			)}
		},
		Refusals: refusals(),
		Told:     waits(),
	})
}

// asked is what a server was asked; the address as it stood on the wire.
type asked struct {
	Method, URI, Authorization, Version, Protocol, Body string
}

func recorder(t *testing.T, a platformtest.Answer) (string, *[]asked) {
	t.Helper()
	var all []asked
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		all = append(all, asked{
			r.Method, r.RequestURI, r.Header.Get("Authorization"), r.Header.Get("Linkedin-Version"), r.Header.Get("X-Restli-Protocol-Version"), string(b),
		})
		for i := 0; i < len(a.Header); i += 2 {
			w.Header().Set(a.Header[i], a.Header[i+1])
		}
		w.WriteHeader(a.Status)
		_, _ = io.WriteString(w, a.Body)
	}))
	t.Cleanup(s.Close)
	return s.URL, &all
}

func TestSend_requests(t *testing.T) {
	base, all := recorder(t, platformtest.Answer{Status: 201, Header: []string{"X-Restli-Id", "5"}})
	p, err := linkedin.NewOutbound(linkedin.Config{BaseURL: base + "/", Version: "202611"}, func(context.Context, string) (channel.Access, error) {
		return channel.Access{Token: "t"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const path = "/rest/socialActions/urn%3Ali%3A"
	text := `"message":{"text":` + quoted(platformtest.Text) + `}}`
	for _, c := range []struct{ name, account, target, uri, body string }{
		{
			"an answer to a comment", us, theirs, path + "comment%3A%28urn%3Ali%3Aactivity%3A6641861161010679808%2C100%29/comments",
			`{"actor":"` + us + `","object":"` + aPost + `","parentComment":"` + theirs + `",` + text,
		},
		{
			"to a comment in its other spelling, by our number", strings.TrimPrefix(us, "urn:li:organization:"), strings.Replace(theirs, "(urn:li:", "(", 1),
			path + "comment%3A%28urn%3Ali%3Aactivity%3A6641861161010679808%2C100%29/comments",
			`{"actor":"` + us + `","object":"` + aPost + `","parentComment":"` + theirs + `",` + text,
		},
		{"to a post that names us", us, "urn:li:share:77", path + "share%3A77/comments", `{"actor":"` + us + `","object":"urn:li:share:77",` + text},
	} {
		t.Run(c.name, func(t *testing.T) {
			*all = nil
			out := answer()
			out.Account, out.Target = c.account, c.target
			if _, err := p.Send(t.Context(), out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]asked{{http.MethodPost, c.uri, "Bearer t", "202611", "2.0.0", c.body}}, *all); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// The id is the one under which a later delivery knows the comment, wherever LinkedIn puts it.
func TestSend_id(t *testing.T) {
	sample, err := os.ReadFile("testdata/answers/D80-commentResponse.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, header, body, want string
	}{
		{"LinkedIn's own sample", "", string(sample), oursThere},
		{"the sample and the header", "6643206422739898368", string(sample), oursThere},
		{"the header alone", "6643206422739898368", "", oursThere},
		{"a URN in the header, escaped", "urn%3Ali%3Acomment%3A%28activity%3A6641861161010679808%2C6643206422739898368%29", "", oursThere},
		{"a number in the body", "", `{"id":6643206422739898368}`, oursThere},
		{"under the post it names itself", "", `{"id":"5","object":"urn:li:activity:6"}`, "urn:li:comment:(urn:li:activity:6,5)"},
		{"in the short spelling", "", `{"$URN":"urn:li:comment:(activity:6,5)"}`, "urn:li:comment:(urn:li:activity:6,5)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, _ := recorder(t, platformtest.Answer{Status: 201, Header: []string{"X-Restli-Id", c.header}, Body: c.body})
			p, err := wayOut(base)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := p.Send(t.Context(), answer()); err != nil || got.ID != c.want {
				t.Errorf("%q, %v; want %q", got.ID, err, c.want)
			}
		})
	}
}

// What cannot be right, and what LinkedIn does not have, is refused before anything is sent.
func TestOutbound_refusesInput(t *testing.T) {
	base, all := recorder(t, platformtest.Answer{Status: 201, Body: `{"id":"1"}`})
	var trouble error
	keys := map[string]channel.Access{us: key(), "3": {Token: "a\nb"}}
	p, err := linkedin.NewOutbound(linkedin.Config{BaseURL: base}, func(_ context.Context, account string) (channel.Access, error) {
		return keys[account], trouble
	})
	if err != nil {
		t.Fatal(err)
	}
	with := func(edit func(*post.Outgoing)) post.Outgoing { out := answer(); edit(&out); return out }
	const invalid, denied = fault.Invalid, fault.Denied
	for _, c := range []struct {
		name    string
		out     post.Outgoing
		trouble error
		kind    fault.Kind
		reason  string
	}{
		{"a message", with(func(o *post.Outgoing) { o.Visibility = post.Private }), nil, fault.Permanent, "unsupported"},
		{"no visibility", with(func(o *post.Outgoing) { o.Visibility = "" }), nil, invalid, "input"},
		{"no target", with(func(o *post.Outgoing) { o.Target = "" }), nil, invalid, "input"},
		{"a target that is a path", with(func(o *post.Outgoing) { o.Target = "urn:li:share:1/../2" }), nil, invalid, "input"},
		{"a comment of no post", with(func(o *post.Outgoing) { o.Target = "urn:li:comment:(,1)" }), nil, invalid, "input"},
		{"no text", with(func(o *post.Outgoing) { o.Text = "\t" }), nil, fault.Permanent, "content"},
		{"too long a text", with(func(o *post.Outgoing) { o.Text = strings.Repeat("a", 1251) }), nil, fault.Permanent, "content"},
		{"a person for an account", with(func(o *post.Outgoing) { o.Account = "urn:li:person:1" }), nil, invalid, "input"},
		{"no account", with(func(o *post.Outgoing) { o.Account = "" }), nil, invalid, "input"},
		{"an account without a token", with(func(o *post.Outgoing) { o.Account = "2" }), nil, denied, "auth"},
		{"a token over two lines", with(func(o *post.Outgoing) { o.Account = "3" }), nil, denied, "auth"},
		{"only a person can get another key", answer(), fault.New(denied, "keys", nil), denied, "auth"},
		{"our store is not to be reached", answer(), errors.New("x"), fault.Transient, "credentials"},
	} {
		t.Run(c.name, func(t *testing.T) {
			trouble = c.trouble
			_, err := p.Send(t.Context(), c.out)
			_, found, lookErr := p.Find(t.Context(), c.out, platformtest.Since())
			for _, err := range []error{err, lookErr} {
				if fault.Of(err) != c.kind || p.Reason(err) != c.reason || strings.Contains(err.Error(), platformtest.Canary) || found {
					t.Errorf("%v", err)
				}
			}
		})
	}
	if len(*all) != 0 {
		t.Errorf("%d requests were sent", len(*all))
	}
	for name, c := range map[string]linkedin.Config{
		"tokens in the clear": {BaseURL: "http://api.linkedin.com"}, "a day for a version": {Version: "20260701"}, "a word for a version": {Version: "latest"},
		"secrets in the clear": {SignInURL: "http://www.linkedin.com"},
	} {
		if _, err := linkedin.NewOutbound(c, nil); fault.Of(err) != invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := linkedin.NewOutbound(linkedin.Config{}, nil); err != nil {
		t.Errorf("with the defaults: %v", err)
	}
}

// Every class of refusal that a sender has to tell apart is tried, each as what it asks of us.
func TestRefusals_classes(t *testing.T) {
	want := map[string]fault.Kind{
		once.ReasonAuth: fault.Denied, once.ReasonPermission: fault.Denied, once.ReasonThrottle: fault.Transient, once.ReasonDuplicate: fault.Uncertain,
		once.ReasonContent: fault.Permanent, once.ReasonGone: fault.Permanent, once.ReasonVersion: fault.Permanent, once.ReasonUnknown: fault.Uncertain,
	}
	got := map[string]fault.Kind{}
	for _, r := range refusals() {
		if kind, again := got[r.Reason]; again && kind != r.Kind {
			t.Errorf("%s: %s is %s and %s", r.Name, r.Reason, kind, r.Kind)
		}
		got[r.Reason] = r.Kind
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
}

// A duplicate that names what stands there hands its name on, in the one spelling, and nothing else of what LinkedIn says.
func TestSend_duplicateNamed(t *testing.T) {
	for said, want := range map[string]string{
		"Content is a duplicate of urn:li:comment:(activity:1,2)":                        "urn:li:comment:(urn:li:activity:1,2)",
		"com.linkedin.x: Content is a duplicate of urn:li:comment:(urn:li:ugcPost:1,2).": "urn:li:comment:(urn:li:ugcPost:1,2)",
		"Content is a duplicate of urn:li:share:7141138937766391808":                     "urn:li:share:7141138937766391808",
		"Content is a duplicate of urn:li:share:CANARY":                                  "",
		"Content is a duplicate of urn:li:comment:(CANARY,2)":                            "",
		"Duplicate post is detected":                                                     "",
	} {
		base, all := recorder(t, problem(422, said))
		p, err := wayOut(base)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Send(t.Context(), answer())
		if got.Stands != want || got.ID != "" || p.Reason(err) != once.ReasonDuplicate || len(*all) != 1 || strings.Contains(fmt.Sprintf("%+v", err), "urn:") {
			t.Errorf("%s: %+v, %v", said, got, err)
		}
	}
}
