package meta_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
)

// What must never be seen outside of a request.
const (
	token     = "CANARY-token-EAAB"
	appSecret = "CANARY-app-secret"
	wrote     = "CANARY texto de una persona"
)

// graph is a server that answers as told and keeps what it was asked.
type graph struct {
	*httptest.Server
	mu   sync.Mutex
	seen []*http.Request // with their forms read
}

func newGraph(t *testing.T, answer http.HandlerFunc) *graph {
	t.Helper()
	g := &graph{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		g.mu.Lock()
		g.seen = append(g.seen, r)
		g.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *graph) requests() []*http.Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.seen
}

func (g *graph) client(t *testing.T, edit ...func(*meta.Config)) *meta.Client {
	t.Helper()
	config := meta.Config{BaseURL: g.URL + "/graph/", AppSecret: appSecret}
	for _, e := range edit {
		e(&config)
	}
	client, err := meta.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// say answers with a status and a body.
func say(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func proof(token string) string {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestReply(t *testing.T) {
	for name, body := range map[string]string{
		"a string":  `{"id":"7_9007199254740993"}`,
		"redundant": `{"success":true,"id":"7_9007199254740993","x":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, say(200, body, "Content-Type", "text/javascript; charset=UTF-8"))
			text := "Hola, año nuevo & más 👩‍👩‍👧\n50% = \"ñ\""
			id, err := g.client(t).Reply(context.Background(), token, "7_8", text)
			if err != nil || id != "7_9007199254740993" {
				t.Fatalf("got %q, %v", id, err)
			}
			if len(g.requests()) != 1 {
				t.Fatalf("%d requests", len(g.requests()))
			}
			r := g.requests()[0]
			if r.Method != http.MethodPost || r.URL.String() != "/graph/v25.0/7_8/comments" {
				t.Errorf("%s %s", r.Method, r.URL)
			}
			if !r.Close {
				t.Error("the connection is kept for another request, and may be dead by then")
			}
			if got := r.Header.Get("Authorization"); got != "Bearer "+token {
				t.Errorf("Authorization %q", got)
			}
			want := url.Values{"message": {text}, "appsecret_proof": {proof(token)}, "format": {"json"}}
			if diff := cmp.Diff(want, r.PostForm); diff != "" {
				t.Errorf("form (-want +got):\n%s", diff)
			}
		})
	}
	g := newGraph(t, say(200, `{"id":9007199254740993}`))
	if id, err := g.client(t).Reply(context.Background(), token, "7_8", "hola"); err != nil || id != "9007199254740993" {
		t.Errorf("an id that is a number: %q, %v", id, err)
	}
}

// Calls that run at once with different tokens must not lend each other anything; -race watches.
func TestReply_concurrent(t *testing.T) {
	g := newGraph(t, say(200, `{"id":"1"}`))
	client := g.client(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			page := fmt.Sprintf("token-%d", i)
			if _, err := client.Reply(context.Background(), page, "7_8", page); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(g.requests()) != 20 {
		t.Errorf("%d requests", len(g.requests()))
	}
	for _, r := range g.requests() {
		page := r.PostForm.Get("message")
		if r.Header.Get("Authorization") != "Bearer "+page || r.PostForm.Get("appsecret_proof") != proof(page) {
			t.Errorf("%s went with %s", page, r.Header.Get("Authorization"))
		}
	}
}

// What cannot be right is refused before anything is sent.
func TestClient_refusesInput(t *testing.T) {
	g := newGraph(t, say(200, `{"id":"1"}`))
	client := g.client(t)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	cases := []struct {
		name                string
		ctx                 context.Context
		token, object, text string
		kind                fault.Kind
		reason              string
	}{
		{"no token", context.Background(), "", "7_8", wrote, fault.Denied, meta.ReasonAuth},
		{"a token over two lines", context.Background(), token + "\nX-Evil: 1", "7_8", wrote, fault.Denied, meta.ReasonAuth},
		{"no object", context.Background(), token, "", wrote, fault.Invalid, meta.ReasonInput},
		{"an object that climbs", context.Background(), token, "..", wrote, fault.Invalid, meta.ReasonInput},
		{"an object that is a path", context.Background(), token, "7/../8", wrote, fault.Invalid, meta.ReasonInput},
		{"an object with a query", context.Background(), token, "7?method=delete", wrote, fault.Invalid, meta.ReasonInput},
		{"an object that is an address", context.Background(), token, "http://x", wrote, fault.Invalid, meta.ReasonInput},
		{"no text", context.Background(), token, "7_8", " \n", fault.Invalid, ""},
		{"too long a text", context.Background(), token, "7_8", strings.Repeat(wrote, 1000), fault.Invalid, ""},
		{"too late", done, token, "7_8", wrote, fault.Transient, meta.ReasonUnreachable},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := client.Reply(c.ctx, c.token, c.object, c.text)
			if fault.Of(err) != c.kind || meta.Reason(err) != c.reason {
				t.Errorf("Reply: %v", err)
			}
			quiet(t, err)
			if c.reason == "" {
				return
			}
			_, _, err = client.Find(c.ctx, c.token, c.object, page, c.text, at(1799999990))
			if fault.Of(err) != c.kind || meta.Reason(err) != c.reason {
				t.Errorf("Find: %v", err)
			}
			quiet(t, err)
		})
	}
	if _, _, err := client.Find(context.Background(), token, "7_8", page, wrote, time.Time{}); fault.Of(err) != fault.Invalid {
		t.Errorf("without an instant: %v", err)
	}
	if _, _, err := client.Find(context.Background(), token, "7_8", "", wrote, at(1799999990)); fault.Of(err) != fault.Invalid {
		t.Errorf("without a page: %v", err)
	}
	if len(g.requests()) != 0 {
		t.Errorf("%d requests were sent", len(g.requests()))
	}
}

// quiet fails when an error says, in any form it may be printed, what it must not.
func quiet(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, form := range []string{"%v", "%+v", "%#v"} {
			printed := fmt.Sprintf(form, e)
			for _, secret := range []string{"CANARY", proof(token), "Bearer", "127.0.0.1"} {
				if strings.Contains(printed, secret) {
					t.Errorf("%s prints %q: %s", form, secret, printed)
				}
			}
		}
	}
}

func TestNew(t *testing.T) {
	good := []meta.Config{
		{AppSecret: "s"},
		{AppSecret: "s", BaseURL: "https://graph.facebook.com"},
		{AppSecret: "s", BaseURL: "http://localhost:1/graph"},
		{AppSecret: "s", BaseURL: "http://172.17.0.1:8090/graph/", Version: "v26.0", Timeout: time.Second},
		{AppSecret: "s", BaseURL: "http://[::1]:8090/graph/"},
	}
	for _, c := range good {
		if _, err := meta.New(c); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	bad := map[string]meta.Config{
		"no secret":               {},
		"in the clear":            {AppSecret: "CANARY", BaseURL: "http://graph.facebook.com/"},
		"in the clear to a host":  {AppSecret: "CANARY", BaseURL: "http://8.8.8.8/"},
		"another scheme":          {AppSecret: "CANARY", BaseURL: "ftp://graph.facebook.com/"},
		"no host":                 {AppSecret: "CANARY", BaseURL: "https:///x"},
		"a password":              {AppSecret: "CANARY", BaseURL: "https://CANARY:b@graph.facebook.com/"},
		"a query":                 {AppSecret: "CANARY", BaseURL: "https://graph.facebook.com/?a=b"},
		"no address":              {AppSecret: "CANARY", BaseURL: "::"},
		"no version":              {AppSecret: "CANARY", Version: "25.0"},
		"a path for a version":    {AppSecret: "CANARY", Version: "v25.0/../v1.0"},
		"a version without point": {AppSecret: "CANARY", Version: "v25"},
		"a negative timeout":      {AppSecret: "CANARY", Timeout: -1},
	}
	for name, c := range bad {
		_, err := meta.New(c)
		if fault.Of(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
		quiet(t, err)
	}
}
