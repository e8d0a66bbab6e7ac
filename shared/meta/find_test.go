package meta_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
)

// comment is one of Graph's comments; second is its created_time.
func comment(id, from, text string, second int64) string {
	return fmt.Sprintf(`{"id":%q,"message":%q,"from":{"id":%q,"name":"x"},"created_time":%q}`,
		id, text, from, at(second).Format("2006-01-02T15:04:05-0700"))
}

func pageOf(next string, comments ...string) string {
	paging := ""
	if next != "" {
		paging = fmt.Sprintf(`,"paging":{"cursors":{"after":"x"},"next":%q}`, next)
	}
	return `{"data":[` + strings.Join(comments, ",") + `]` + paging + `}`
}

// credentials checks that a request carries our own, in their places, and nobody else's orders.
func credentials(t *testing.T, r *http.Request) {
	t.Helper()
	if r.Header.Get("Authorization") != "Bearer "+token || r.Form.Get("appsecret_proof") != proof(token) ||
		r.Form.Has("access_token") || r.Form.Has("method") || strings.Contains(r.URL.String(), "CANARY") {
		t.Errorf("asked %s", r.URL)
	}
}

const claimed = 1_799_999_990

func TestFind(t *testing.T) {
	const text = "Atención:\nte respondemos."
	cases := []struct {
		name     string
		comments []string
		want     string
	}{
		{"nothing there", nil, ""},
		{"ours", []string{comment("9", page, text, claimed+1)}, "9"},
		{"ours, as the network tidied it", []string{comment("9", page, " Atencio\u0301n: te  respondemos. ", claimed+1)}, "9"},
		{"ours, its id a number", []string{`{"id":"9","message":"Atención: te respondemos.","from":{"id":100},"created_time":1799999991}`}, "9"},
		{"in the second of the claim", []string{comment("9", page, text, claimed)}, "9"},
		{"by a clock a little behind", []string{comment("9", page, text, claimed-30)}, "9"},
		{"from before the claim", []string{comment("9", page, text, claimed-31)}, ""},
		{"somebody repeats our words", []string{comment("9", citizen, text, claimed+1)}, ""},
		{"other words of ours", []string{comment("9", page, text+"!", claimed+1)}, ""},
		{"among others", []string{comment("8", citizen, "hola", claimed+5), comment("9", page, text, claimed+1), comment("7", page, text, claimed-100)}, "9"},
		{"beside nonsense", []string{`null`, `7`, `"x"`, `{}`, `[]`, `{"from":"x","message":{},"id":[]}`, `{"from":{"id":null}}`, comment("9", page, text, claimed+1)}, "9"},
		{"without an instant", []string{`{"id":"9","message":"Atención: te respondemos.","from":{"id":"100"}}`}, ""},
		{"without an author", []string{`{"id":"9","message":"Atención: te respondemos.","created_time":1799999991}`}, ""},
		{"without a usable id", []string{`{"id":"../9","message":"Atención: te respondemos.","from":{"id":"100"},"created_time":1799999991}`}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := newGraph(t, say(200, pageOf("", c.comments...)))
			id, found, err := g.client(t).Find(context.Background(), token, "7_8", page, text, at(claimed))
			if err != nil || id != c.want || found != (c.want != "") {
				t.Errorf("got %q, %t, %v; want %q", id, found, err, c.want)
			}
			for _, r := range g.requests() {
				credentials(t, r)
				if r.Method != http.MethodGet || r.URL.Path != "/graph/v25.0/7_8/comments" ||
					r.Form.Get("fields") != "id,message,from,created_time" || r.Form.Get("order") != "reverse_chronological" ||
					r.Form.Get("limit") != "100" {
					t.Errorf("%s %s", r.Method, r.URL)
				}
			}
		})
	}
}

func TestFind_pages(t *testing.T) {
	other := newGraph(t, say(200, pageOf("", comment("666", page, wrote, claimed+1))))
	newer := comment("8", citizen, "hola", claimed+5)
	next := func(r *http.Request, query string) string { return "http://" + r.Host + r.URL.Path + "?" + query }
	cases := []struct {
		name     string
		answer   func(r *http.Request) string
		id       string
		kind     fault.Kind
		reason   string
		requests int
	}{
		{"on the second page", func(r *http.Request) string {
			if r.Form.Get("after") == "B" {
				return pageOf("", comment("9", page, wrote, claimed+1))
			}
			return pageOf(next(r, "after=B&limit=100&access_token=STOLEN&appsecret_proof=x&method=delete"), newer)
		}, "9", 0, "", 2},
		{"an empty page on the way", func(r *http.Request) string {
			if r.Form.Get("after") == "B" {
				return pageOf("", comment("9", page, wrote, claimed+1))
			}
			return pageOf(next(r, "after=B"))
		}, "9", 0, "", 2},
		{"a page of older comments ends it", func(r *http.Request) string {
			return pageOf(next(r, "after=B"), comment("8", page, wrote, claimed-100), comment("7", citizen, "x", claimed-200))
		}, "", 0, "", 1},
		{"a page partly older does not", func(r *http.Request) string {
			if r.Form.Get("after") == "B" {
				return pageOf("")
			}
			return pageOf(next(r, "after=B"), newer, comment("7", citizen, "x", claimed-200))
		}, "", 0, "", 2},
		{"without end", func(r *http.Request) string { return pageOf(next(r, "after=B"), newer) }, "", fault.Transient, meta.ReasonTooMany, 10},
		{
			"on another host", func(*http.Request) string { return pageOf(other.URL+"/graph/v25.0/7_8/comments?after=B", newer) },
			"", fault.Permanent, meta.ReasonForeignHost, 1,
		},
		{
			"on another scheme", func(r *http.Request) string {
				return pageOf("https://"+r.Host+"/graph/v25.0/7_8/comments?after=B", newer)
			},
			"", fault.Permanent, meta.ReasonForeignHost, 1,
		},
		{
			"with our host for a user", func(r *http.Request) string { return pageOf("http://"+r.Host+"@example.com/?after=B", newer) },
			"", fault.Permanent, meta.ReasonForeignHost, 1,
		},
		{"nowhere", func(*http.Request) string { return pageOf("::", newer) }, "", fault.Permanent, meta.ReasonForeignHost, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := newGraph(t, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(c.answer(r))) })
			id, found, err := g.client(t).Find(context.Background(), token, "7_8", page, wrote, time.Unix(claimed, 0))
			if id != c.id || found != (c.id != "") || fault.Of(err) != c.kind || meta.Reason(err) != c.reason {
				t.Errorf("got %q, %t, %v", id, found, err)
			}
			quiet(t, err)
			if len(g.requests()) != c.requests {
				t.Errorf("%d requests, want %d", len(g.requests()), c.requests)
			}
			for _, r := range g.requests() {
				credentials(t, r)
			}
		})
	}
	if n := len(other.requests()); n != 0 {
		t.Errorf("%d requests went to another host", n)
	}
}
