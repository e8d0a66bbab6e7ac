package meta_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

// network is one of the two ways out at a server.
func network(g *graph, instagram bool) meta.Outbound {
	config := meta.Config{BaseURL: g.URL + "/graph/"}
	if instagram {
		return meta.NewInstagramOutbound(config, ownSecret, ownAccess)
	}
	return meta.NewOutbound(config, ownSecret, ownAccess)
}

// What each kind of answer asks Meta for.
func TestOutbound_requests(t *testing.T) {
	const text = "Hola, ñandú 👋"
	cases := []struct {
		name      string
		instagram bool
		out       post.Outgoing
		path      string
		form      url.Values // nested objects as the JSON they are sent in
	}{
		{
			"Facebook, public", false,
			post.Outgoing{Account: ourPage, Target: "7_8", Visibility: post.Public, Tag: "t"},
			"7_8/comments",
			url.Values{"message": {text}},
		},
		{
			"Messenger", false,
			post.Outgoing{Account: ourPage, Target: "m_1", Recipient: "555", Visibility: post.Private, Tag: "01CASO.r000003"},
			"100/messages",
			url.Values{
				"recipient": {`{"id":"555"}`}, "messaging_type": {"RESPONSE"}, "message": {`{"metadata":"01CASO.r000003","text":"` + text + `"}`},
			},
		},
		{
			"Facebook, private to a comment", false,
			post.Outgoing{Account: ourPage, Target: "7_8", Visibility: post.Private},
			"100/messages",
			url.Values{"recipient": {`{"comment_id":"7_8"}`}, "messaging_type": {"RESPONSE"}, "message": {`{"text":"` + text + `"}`}},
		},
		{
			"Facebook, private to a post", false,
			post.Outgoing{Account: ourPage, Target: "100_8", Visibility: post.Private},
			"100/messages",
			url.Values{"recipient": {`{"post_id":"100_8"}`}, "messaging_type": {"RESPONSE"}, "message": {`{"text":"` + text + `"}`}},
		},
		{
			"Instagram, public", true,
			post.Outgoing{Account: ourIG, Target: "8", Visibility: post.Public, Tag: "t"},
			"8/replies",
			url.Values{"message": {text}},
		},
		{
			"Instagram, private", true,
			post.Outgoing{Account: ourIG, Target: "m_1", Recipient: "555", Visibility: post.Private, Tag: "t"},
			ourIG + "/messages",
			url.Values{"recipient": {`{"id":"555"}`}, "message": {`{"text":"` + text + `"}`}},
		},
		{
			"Instagram, private to a comment", true,
			post.Outgoing{Account: ourIG, Target: "8", Visibility: post.Private},
			ourIG + "/messages",
			url.Values{"recipient": {`{"comment_id":"8"}`}, "message": {`{"text":"` + text + `"}`}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := newGraph(t, say(200, `{"id":"9","recipient_id":"555","message_id":"m_9"}`))
			c.out.Text = text
			receipt, err := network(g, c.instagram).Send(context.Background(), c.out)
			id := receipt.ID
			if err != nil || id != "9" && id != "m_9" {
				t.Fatalf("got %q, %v", id, err)
			}
			r := g.requests()[0]
			if r.Method != http.MethodPost || r.URL.String() != "/graph/v25.0/"+c.path || r.Header.Get("Authorization") != "Bearer "+platformtest.Token {
				t.Errorf("%s %s", r.Method, r.URL)
			}
			c.form.Set("appsecret_proof", proof(platformtest.Token))
			c.form.Set("format", "json")
			if diff := cmp.Diff(plain(t, c.form), plain(t, r.PostForm)); diff != "" {
				t.Errorf("form (-want +got):\n%s", diff)
			}
		})
	}
}

// plain reads the JSON in a form, so that the order of its members does not matter.
func plain(t *testing.T, form url.Values) map[string]any {
	t.Helper()
	out := map[string]any{}
	for name, values := range form {
		var object map[string]any
		if strings.HasPrefix(values[0], "{") && json.Unmarshal([]byte(values[0]), &object) == nil {
			out[name] = object
		} else {
			out[name] = values
		}
	}
	return out
}

// What cannot be right, or lacks what it needs, is refused before anything is sent.
func TestOutbound_refusesInput(t *testing.T) {
	g := newGraph(t, say(200, `{"id":"9","message_id":"m_9"}`))
	private := post.Outgoing{Account: ourPage, Recipient: "555", Visibility: post.Private, Text: wrote}
	edited := func(edit func(*post.Outgoing)) post.Outgoing {
		out := private
		edit(&out)
		return out
	}
	for _, c := range []struct {
		name   string
		out    post.Outgoing
		kind   fault.Kind
		reason string
	}{
		{"neither public nor private", edited(func(o *post.Outgoing) { o.Visibility = "" }), fault.Invalid, meta.ReasonInput},
		{"an account without a token", edited(func(o *post.Outgoing) { o.Account = "1" }), fault.Denied, meta.ReasonAuth},
		{"to nobody", edited(func(o *post.Outgoing) { o.Recipient = "" }), fault.Invalid, meta.ReasonInput},
		{"to somebody who climbs", edited(func(o *post.Outgoing) { o.Recipient = "../1" }), fault.Invalid, meta.ReasonInput},
		{"about something that climbs", edited(func(o *post.Outgoing) { o.Recipient, o.Target = "", "7/8" }), fault.Invalid, meta.ReasonInput},
		{"no text", edited(func(o *post.Outgoing) { o.Text = "\n" }), fault.Invalid, ""},
		{"too long a text", edited(func(o *post.Outgoing) { o.Text = strings.Repeat("a", 2001) }), fault.Invalid, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := network(g, false)
			_, err := o.Send(context.Background(), c.out)
			if fault.Of(err) != c.kind || o.Reason(err) != c.reason {
				t.Errorf("Send: %v, want %s %s", err, c.kind, c.reason)
			}
			quiet(t, err)
			if c.reason == "" {
				return
			}
			if _, _, err = o.Find(context.Background(), c.out, at(claimed)); fault.Of(err) != c.kind || o.Reason(err) != c.reason {
				t.Errorf("Find: %v, want %s %s", err, c.kind, c.reason)
			}
		})
	}
	if _, _, err := network(g, false).Find(context.Background(), private, time.Time{}); fault.Of(err) != fault.Invalid {
		t.Errorf("without an instant: %v", err)
	}
	if n := len(g.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// What our own store does not give was never sent: that is no doubt.
func TestOutbound_store(t *testing.T) {
	down, refuses := errors.New("down"), fault.New(fault.Denied, "secret", nil)
	for _, c := range []struct {
		secret, key error
		kind        fault.Kind
		reason      string
	}{
		{down, nil, fault.Transient, meta.ReasonCredentials},
		{nil, down, fault.Transient, meta.ReasonCredentials},
		{refuses, nil, fault.Denied, meta.ReasonCredentials},
		{nil, refuses, fault.Denied, meta.ReasonAuth}, // nobody but a person can get another key
	} {
		o := meta.NewOutbound(meta.Config{},
			func(ctx context.Context) (meta.AppSecret, error) { s, _ := ownSecret(ctx); return s, c.secret },
			func(ctx context.Context, account string) (channel.Access, error) {
				a, _ := ownAccess(ctx, account)
				return a, c.key
			})
		_, err := o.Send(context.Background(), post.Outgoing{Account: ourPage, Target: "7_8", Visibility: post.Public, Text: wrote})
		if fault.Of(err) != c.kind || o.Reason(err) != c.reason {
			t.Errorf("%v, %v: %v", c.secret, c.key, err)
		}
	}
}

// message is one of Graph's messages.
func message(id, from, text string, second int64) string { return comment(id, from, text, second) }

// talk is a list of one conversation, or nothing but it.
func talk(next string, messages ...string) string {
	return `{"data":[{"id":"t_1","messages":` + pageOf(next, messages...) + `}]}`
}

func TestFindLetter(t *testing.T) {
	letter := post.Outgoing{Account: ourPage, Recipient: "555", Visibility: post.Private, Text: "Te respondemos."}
	ours := message("m_9", ourPage, letter.Text, claimed+1)
	cases := []struct {
		name  string
		steps map[string]string // the answer to each path
		id    string
		kind  fault.Kind
		asked int
	}{
		{"never spoken", map[string]string{"100/conversations": `{"data":[]}`}, "", 0, 1},
		{"there", map[string]string{"100/conversations": talk("", ours)}, "m_9", 0, 1},
		{"the person repeats our words", map[string]string{"100/conversations": talk("", message("m_9", "555", letter.Text, claimed+1))}, "", 0, 1},
		{"before the claim", map[string]string{"100/conversations": talk("", message("m_9", ourPage, letter.Text, claimed-31))}, "", 0, 1},
		{"further back", map[string]string{
			"100/conversations": talk("{here}/graph/v25.0/t_1/messages?after=B&access_token=STOLEN", message("m_8", "555", "hola", claimed+5)),
			"t_1/messages":      pageOf("", ours),
		}, "m_9", 0, 2},
		{"too far back to look", map[string]string{
			"100/conversations": talk("{here}/graph/v25.0/t_1/messages?after=B", message("m_8", "555", "hola", claimed-100)),
		}, "", 0, 1},
		{"without end", map[string]string{
			"100/conversations": talk("{here}/graph/v25.0/t_1/messages?after=B", message("m_8", "555", "hola", claimed+5)),
			"t_1/messages":      pageOf("{here}/graph/v25.0/t_1/messages?after=B", message("m_8", "555", "hola", claimed+5)),
		}, "", fault.Transient, 11},
		{"a conversation that shows nothing", map[string]string{"100/conversations": `{"data":[{"id":"t_1"}]}`}, "", fault.Transient, 1},
		{"a conversation that is none", map[string]string{"100/conversations": `{"data":["t_1"]}`}, "", fault.Transient, 1},
		{"a conversation that climbs", map[string]string{
			"100/conversations": `{"data":[{"id":"../1","messages":` + pageOf("{here}/graph/v25.0/x?after=B", message("m_8", "555", "hola", claimed+5)) + `}]}`,
		}, "", fault.Transient, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
				body := c.steps[strings.TrimPrefix(r.URL.Path, "/graph/v25.0/")]
				_, _ = w.Write([]byte(strings.ReplaceAll(body, "{here}", "http://"+r.Host)))
			})
			id, found, err := network(g, false).Find(context.Background(), letter, at(claimed))
			if id != c.id || found != (c.id != "") || fault.Of(err) != c.kind {
				t.Errorf("got %q, %t, %v", id, found, err)
			}
			if n := len(g.requests()); n != c.asked {
				t.Errorf("%d requests, want %d", n, c.asked)
			}
			first := g.requests()[0]
			if first.Form.Get("user_id") != "555" || first.Form.Get("fields") != "messages{id,message,from,created_time}" || first.Form.Has("platform") {
				t.Errorf("asked %s", first.URL)
			}
			for _, r := range g.requests() {
				if r.Method != http.MethodGet || r.Form.Has("access_token") || r.Form.Get("appsecret_proof") != proof(platformtest.Token) {
					t.Errorf("%s %s", r.Method, r.URL)
				}
			}
		})
	}
}

// An answer to whoever wrote something is looked for where it must be, and nowhere else: the same words may have gone to
// others.
func TestFindLetter_about(t *testing.T) {
	const text = "Te respondemos."
	theirs := func(account string) string { return talk("", message("m_9", account, text, claimed+1)) }
	const author = `{"id":"7_8","from":{"id":"555","name":"x"}}`
	cases := []struct {
		name      string
		instagram bool
		steps     map[string]string
		id        string
		kind      fault.Kind
		asked     []string
	}{
		{"Facebook", false, map[string]string{"7_8": author, "100/conversations": theirs(ourPage)}, "m_9", 0, []string{"7_8", "100/conversations"}},
		{"Facebook, not answered", false, map[string]string{"7_8": author, "100/conversations": `{"data":[]}`}, "", 0, []string{"7_8", "100/conversations"}},
		{"Facebook, by nobody", false, map[string]string{"7_8": `{"id":"7_8"}`, "100/conversations": theirs(ourPage)}, "", fault.Transient, []string{"7_8"}},
		{"Facebook, by nobody we can ask for", false, map[string]string{"7_8": `{"from":{"id":"../1"}}`}, "", fault.Transient, []string{"7_8"}},
		{"Instagram", true, map[string]string{
			"7_8": `{"id":"7_8","from":{"id":"555","username":"x"}}`, "me/conversations": theirs(ourIG),
		}, "m_9", 0, []string{"7_8", "me/conversations"}},
		{"Instagram, by nobody", true, map[string]string{
			"7_8": `{"id":"7_8"}`, "me/conversations": theirs(ourIG),
		}, "", fault.Transient, []string{"7_8"}},
		{"Instagram, not answered", true, map[string]string{
			"7_8": `{"id":"7_8","from":{"id":"555"}}`, "me/conversations": `{"data":[]}`,
		}, "", 0, []string{"7_8", "me/conversations"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = w.Write([]byte(c.steps[strings.TrimPrefix(r.URL.Path, "/graph/v25.0/")]))
			})
			out := post.Outgoing{Account: ourPage, Target: "7_8", Visibility: post.Private, Text: text}
			if c.instagram {
				out.Account = ourIG
			}
			id, found, err := network(g, c.instagram).Find(context.Background(), out, at(claimed))
			if id != c.id || found != (c.id != "") || fault.Of(err) != c.kind {
				t.Errorf("got %q, %t, %v", id, found, err)
			}
			var asked []string
			for _, r := range g.requests() {
				asked = append(asked, strings.TrimPrefix(r.URL.Path, "/graph/v25.0/"))
				if strings.HasSuffix(r.URL.Path, "/conversations") && (r.Form.Get("user_id") != "555" || c.instagram != (r.Form.Get("platform") == "instagram")) {
					t.Errorf("asked %s", r.URL)
				}
			}
			if diff := cmp.Diff(c.asked, asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// Instagram promises no order: a page of old answers ends nothing.
func TestFindInstagram_order(t *testing.T) {
	reply := func(id, text string, second int64) string {
		return fmt.Sprintf(`{"id":%q,"text":%q,"from":{"id":%q},"timestamp":%q}`, id, text, ourIG, at(second).Format("2006-01-02T15:04:05-0700"))
	}
	g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
		body := pageOf("http://"+r.Host+r.URL.Path+"?after=B", reply("7", "otra", claimed-100))
		if r.Form.Get("after") == "B" {
			body = pageOf("", reply("9", "Te respondemos.", claimed+1))
		}
		_, _ = w.Write([]byte(body))
	})
	out := post.Outgoing{Account: ourIG, Target: "8", Visibility: post.Public, Text: "Te respondemos."}
	if id, found, err := network(g, true).Find(context.Background(), out, at(claimed)); id != "9" || !found || err != nil {
		t.Errorf("got %q, %t, %v", id, found, err)
	}
}

// Whether a comment hangs on another is only known when it shows itself.
func TestFindInstagram_nothingShown(t *testing.T) {
	g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
		body := `{}`
		if strings.HasSuffix(r.URL.Path, "/replies") {
			body = pageOf("")
		}
		_, _ = w.Write([]byte(body))
	})
	out := post.Outgoing{Account: ourIG, Target: "8", Visibility: post.Public, Text: "Te respondemos."}
	if _, found, err := network(g, true).Find(context.Background(), out, at(claimed)); found || fault.Of(err) != fault.Transient {
		t.Errorf("got %t, %v", found, err)
	}
}
