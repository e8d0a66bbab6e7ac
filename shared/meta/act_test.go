package meta_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

// told are Meta's ways to say how much is used up.
func told() []platformtest.Told {
	use := func(share float64, holds time.Duration) channel.Usage {
		return channel.Usage{Share: share, Until: platformtest.SaidAt().Add(holds), At: platformtest.SaidAt()}
	}
	return []platformtest.Told{
		{Name: "application", Header: []string{"X-App-Usage", `{"call_count":28,"total_time":12,"total_cputime":25}`}, Want: use(0.28, time.Hour)},
		{Name: "page, computing", Header: []string{"X-Page-Usage", `{"call_count":1,"total_time":2,"total_cputime":96}`}, Want: use(0.96, 5*time.Minute)},
		{
			Name: "the highest of all", Want: use(0.8, 7*time.Minute),
			Header: []string{
				"X-App-Usage", `{"call_count":28}`, "X-Page-Usage", `{"call_count":30}`,
				"X-Business-Use-Case-Usage", `{"100":[{"type":"pages","call_count":7,"total_time":80,"estimated_time_to_regain_access":7}],"200":[{"call_count":3}]}`,
			},
		},
		{Name: "a strange word", Header: []string{"X-App-Usage", `CANARY`}, Want: channel.Usage{}},
		{Name: "less than nothing", Header: []string{"X-App-Usage", `{"call_count":-5}`}, Want: use(0, time.Hour)},
	}
}

// asked gives the check of a request of one deed.
func asked(path string, form url.Values) func(*http.Request, []byte) string {
	form.Set("format", "json")
	form.Set("appsecret_proof", proof(platformtest.Token))
	return func(r *http.Request, _ []byte) string {
		if err := r.ParseForm(); err != nil {
			return err.Error()
		}
		if r.Method != http.MethodPost || r.URL.String() != path || r.PostForm.Encode() != form.Encode() {
			return fmt.Sprintf("%s %s %s, want %s %s", r.Method, r.URL, r.PostForm.Encode(), path, form.Encode())
		}
		return ""
	}
}

func TestActs(t *testing.T) {
	yes := platformtest.Answer{Status: 200, Body: `{"success":true}`}
	for _, n := range []struct {
		name, account, hide string
		at                  func(string) (platformtest.Platform, error)
		more                []platformtest.Deed
	}{
		{"facebook", ourPage, "is_hidden", facebookAt, []platformtest.Deed{{
			Act: post.Act{Account: ourPage, Target: "7_8", Verb: post.Like}, Done: yes, Asked: asked("/graph/v25.0/7_8/likes", url.Values{}),
		}}},
		{"instagram", ourIG, "hide", instagramAt, nil},
	} {
		t.Run(n.name, func(t *testing.T) {
			act := func(v post.Verb) post.Act { return post.Act{Account: n.account, Target: "7_8", Parent: "7", Verb: v} }
			platformtest.RunActs(t, platformtest.Doing{
				New: n.at, Account: n.account, Told: told(), Secrets: []string{proof(platformtest.Token)},
				Deeds: append(
					n.more,
					platformtest.Deed{Act: act(post.Hide), Done: yes, Asked: asked("/graph/v25.0/7_8", url.Values{n.hide: {"true"}})},
					platformtest.Deed{Act: act(post.Unhide), Done: yes, Asked: asked("/graph/v25.0/7_8", url.Values{n.hide: {"false"}})},
					platformtest.Deed{
						Act: act(post.Remove), Done: yes, Again: object(400, 100, 33), Asked: asked("/graph/v25.0/7_8", url.Values{"method": {"DELETE"}}),
						Read: func(*http.Request, bool) platformtest.Answer { return object(400, 100, 33) },
					},
				),
				Refusals: []platformtest.Refusal{
					{Name: "the token expired", Answer: object(400, 190, 463), Kind: fault.Denied, Reason: meta.ReasonAuth},
					{Name: "no permission", Answer: object(403, 200, 0), Kind: fault.Denied, Reason: meta.ReasonPermission},
					{Name: "a wrong parameter", Answer: object(400, 100, 0), Kind: fault.Permanent, Reason: meta.ReasonContent},
					{Name: "throttled", Answer: object(400, 32, 0), Kind: fault.Transient, Reason: meta.ReasonThrottle},
					{Name: "a 500 with an error object", Answer: object(500, 2, 0), Kind: fault.Uncertain, Reason: meta.ReasonUnknown},
				},
			})
		})
	}
}

// Graph says the same of what is gone and of what the token may not touch: only the former is done.
func TestAct_gone(t *testing.T) {
	cases := map[string]struct {
		verb   post.Verb
		look   platformtest.Answer
		kind   fault.Kind
		reason string
		looks  int
	}{
		"removed before":          {post.Remove, object(400, 100, 33), 0, "", 1},
		"there, and not for us":   {post.Remove, platformtest.Answer{Status: 200, Body: `{"id":"7_8"}`}, fault.Denied, meta.ReasonPermission, 1},
		"nobody says":             {post.Remove, object(500, 2, 0), fault.Transient, meta.ReasonUnknown, 1},
		"nothing to hide is left": {post.Hide, object(400, 100, 33), fault.Permanent, meta.ReasonGone, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
				answer := object(400, 100, 33)
				if r.Method == http.MethodGet {
					answer = c.look
				}
				say(answer.Status, answer.Body)(w, r)
			})
			p, _ := facebookAt(g.URL)
			_, err := p.Act(t.Context(), post.Act{Account: ourPage, Target: "7_8", Verb: c.verb})
			if fault.Of(err) != c.kind || meta.Reason(err) != c.reason || len(g.requests()) != 1+c.looks {
				t.Errorf("%v after %d requests", err, len(g.requests()))
			}
		})
	}
}

// A mention under somebody else's media is no comment of ours or under ours.
func TestAct_mention(t *testing.T) {
	g := newGraph(t, say(200, `{"success":true}`))
	p, _ := instagramAt(g.URL)
	_, err := p.Act(t.Context(), post.Act{Account: ourIG, Target: "7:8", Verb: post.Hide})
	if fault.Of(err) != fault.Invalid || len(g.requests()) != 0 {
		t.Errorf("%v after %d requests", err, len(g.requests()))
	}
}

// Only a message to a person has the longer window, and only when somebody asks for it.
func TestSend_extended(t *testing.T) {
	for name, c := range map[string]struct {
		at       func(string) (platformtest.Platform, error)
		out      post.Outgoing
		typ, tag string
	}{
		"messenger":            {facebookAt, post.Outgoing{Account: ourPage, Recipient: "555", Extended: true}, "MESSAGE_TAG", "HUMAN_AGENT"},
		"messenger, in time":   {facebookAt, post.Outgoing{Account: ourPage, Recipient: "555"}, "RESPONSE", ""},
		"instagram":            {instagramAt, post.Outgoing{Account: ourIG, Recipient: "555", Extended: true}, "MESSAGE_TAG", "HUMAN_AGENT"},
		"instagram, in time":   {instagramAt, post.Outgoing{Account: ourIG, Recipient: "555"}, "", ""},
		"about a comment":      {facebookAt, post.Outgoing{Account: ourPage, Target: "7_8", Extended: true}, "RESPONSE", ""},
		"about a comment (ig)": {instagramAt, post.Outgoing{Account: ourIG, Target: "8", Extended: true}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, say(200, `{"message_id":"m_1"}`))
			p, _ := c.at(g.URL)
			c.out.Visibility, c.out.Text = post.Private, "hola"
			if _, err := p.Send(t.Context(), c.out); err != nil {
				t.Fatal(err)
			}
			form := g.requests()[0].PostForm
			if form.Get("messaging_type") != c.typ || form.Get("tag") != c.tag || strings.Contains(form.Get("message"), "tag") {
				t.Errorf("asked %v", form)
			}
		})
	}
}
