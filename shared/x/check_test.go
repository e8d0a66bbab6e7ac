package x_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/x"
)

const (
	callback = "https://gestor.example.cl/webhooks/x"
	me       = `{"data":{"id":"` + ourID + `","name":"Servicio Ficticio","username":"servicio"}}`
	appToken = `{"token_type":"bearer","access_token":"CANARY-app"}`
)

func events() []string {
	return []string{
		"post.mention.create", "post.reply.create", "post.quote.create", "post.create", "post.delete", "dm.received", "dm.sent", "chat.received", "oauth.revoke",
	}
}

func hook(id, url string, valid bool) string {
	return fmt.Sprintf(`{"id":%q,"url":%q,"valid":%t,"created_at":"2026-01-01T00:00:00.000Z"}`, id, url, valid)
}

func subscriptions(account, webhook string, of ...string) string {
	var all []string
	for i, event := range of {
		all = append(all, fmt.Sprintf(`{"subscription_id":"%d","event_type":%q,"filter":{"user_id":%q},"webhook_id":%q}`, i, event, account, webhook))
	}
	return fmt.Sprintf(`{"data":[%s],"meta":{"total_subscriptions":%d}}`, strings.Join(all, ","), len(all))
}

// inOrder is an X where nothing is missing.
func inOrder(r *http.Request, _ string) platformtest.Answer {
	body := map[string]string{
		"/2/users/me": me, "/oauth2/token": appToken, "/2/webhooks": page(hook("3", callback, true)),
		"/2/activity/subscriptions": subscriptions(ourID, "3", events()...),
	}[r.URL.Path]
	return platformtest.Answer{Status: 200, Body: body}
}

// played answers requests from a script, by method and path, in order; the last answer of each stays.
func played(t *testing.T, script map[string][]platformtest.Answer) (*x.Reader, *[]string) {
	t.Helper()
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		key := r.Method + " " + r.URL.Path
		who, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if strings.HasSuffix(r.Header.Get("Authorization"), "CANARY-app") {
			who = "App"
		}
		asked = append(asked, strings.TrimSpace(key+" "+who+" "+string(body)))
		answers := script[key]
		if len(answers) == 0 {
			answers = []platformtest.Answer{inOrder(r, "")}
		}
		for i := 0; i+1 < len(answers[0].Header); i += 2 {
			w.Header().Set(answers[0].Header[i], answers[0].Header[i+1])
		}
		w.WriteHeader(answers[0].Status)
		_, _ = io.WriteString(w, answers[0].Body)
		if len(answers) > 1 {
			script[key] = answers[1:]
		}
	}))
	t.Cleanup(s.Close)
	r, err := newReader(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return r, &asked
}

func ok(body string, header ...string) platformtest.Answer {
	return platformtest.Answer{Status: 200, Body: body, Header: header}
}

func TestCheck(t *testing.T) {
	const hooks, subs = "GET /2/webhooks", "GET /2/activity/subscriptions"
	some := func(n int) []platformtest.Answer {
		return []platformtest.Answer{ok(subscriptions(ourID, "3", events()[:n]...))}
	}
	const post, put, new = "POST /2/activity/subscriptions", "PUT /2/webhooks/3", "POST /2/webhooks"
	cases := []struct {
		name    string
		script  map[string][]platformtest.Answer
		mended  string
		broken  string
		missing string
	}{
		{"all in order", nil, "", "", ""},
		{"another application's address besides", map[string][]platformtest.Answer{hooks: {ok(page(hook("2", "https://otra.example.cl/x", false), hook("3", callback+"/", true)))}}, "", "", ""},
		{"the address is held for broken", map[string][]platformtest.Answer{
			hooks: {ok(page(hook("3", callback, false))), ok(page(hook("3", callback, true)))}, put: {ok(`{"data":{"attempted":true}}`)},
		}, "webhook", "", ""},
		{"and stays so", map[string][]platformtest.Answer{hooks: {ok(page(hook("3", callback, false)))}, put: {problem(400, types+"invalid-request", "CRC")}}, "", "webhook", ""},
		{"no address", map[string][]platformtest.Answer{
			hooks: {ok(page()), ok(page(hook("3", callback, true)))}, new: {ok(`{"data":{"id":"3"}}`)},
		}, "webhook", "", ""},
		{"no address, and none to be had", map[string][]platformtest.Answer{hooks: {ok(page())}, new: {problem(403, types+"client-forbidden", "…")}}, "", "webhook " + strings.Join(events(), " "), ""},
		{"two are missing", map[string][]platformtest.Answer{subs: some(7), post: {ok(`{"data":{"subscription_id":"9"}}`)}}, "chat.received oauth.revoke", "", ""},
		{"all are missing", map[string][]platformtest.Answer{subs: {ok(`{"meta":{"total_subscriptions":0}}`)}, post: {{Status: 201, Body: `{"data":[{"subscription_id":"9"}]}`}}}, strings.Join(events(), " "), "", ""},
		{"those of another account do not count", map[string][]platformtest.Answer{subs: {ok(subscriptions(citizenID, "3", events()...))}, post: {ok(`{"data":{}}`)}}, strings.Join(events(), " "), "", ""},
		{"nor those told elsewhere", map[string][]platformtest.Answer{subs: {ok(subscriptions(ourID, "2", events()...))}, post: {ok(`{"data":{}}`)}}, strings.Join(events(), " "), "", ""},
		{"those told nobody says where do", map[string][]platformtest.Answer{subs: {ok(subscriptions(ourID, "", events()...))}}, "", "", ""},
		{"it is there already", map[string][]platformtest.Answer{subs: some(8), post: {{Status: 409, Body: `{}`}}}, "oauth.revoke", "", ""},
		{"one is refused", map[string][]platformtest.Answer{subs: some(8), post: {problem(400, types+"invalid-request", "…")}}, "", "oauth.revoke", ""},
		{"the right to messages is missing", map[string][]platformtest.Answer{subs: some(5), post: {problem(403, "about:blank", "Forbidden")}}, "", "dm.received dm.sent chat.received oauth.revoke", "dm.read"},
		{"what the application may not do at all is no right of the account", map[string][]platformtest.Answer{subs: some(7), post: {problem(403, types+"client-forbidden", "…")}}, "", "chat.received oauth.revoke", ""},
		{"on two pages", map[string][]platformtest.Answer{subs: {
			ok(strings.Replace(subscriptions(ourID, "3", events()[:4]...), `"meta":{`, `"meta":{"next_token":"http://example.com/",`, 1)), ok(subscriptions(ourID, "3", events()[4:]...)),
		}}, "", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, asked := played(t, c.script)
			h, err := r.Check(t.Context(), bearing(), callback, platformtest.CheckedAt())
			if err != nil {
				t.Fatal(err)
			}
			var broken []string
			for _, s := range h.Subscriptions {
				if !s.Working {
					broken = append(broken, s.Name)
				}
				if s.Checked != platformtest.CheckedAt() {
					t.Errorf("%s was looked at %s", s.Name, s.Checked)
				}
			}
			if h.Name != "@servicio" || len(h.Subscriptions) != 10 || strings.Join(h.Mended, " ") != c.mended || strings.Join(broken, " ") != c.broken ||
				strings.Join(h.Missing, " ") != c.missing {
				t.Errorf("%+v after %q", h, *asked)
			}
		})
	}
}

// The application's own key is asked for the address and the list; the account's key for who it is and for each subscription.
func TestCheck_requests(t *testing.T) {
	r, asked := played(t, map[string][]platformtest.Answer{
		"GET /2/webhooks": {ok(page(hook("3", callback, false)))}, "PUT /2/webhooks/3": {ok(`{}`)},
		"GET /2/activity/subscriptions": {ok(subscriptions(ourID, "3", events()[1:]...))},
	})
	if _, err := r.Check(t.Context(), bearing(), callback, platformtest.CheckedAt()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /2/users/me Bearer", "POST /oauth2/token Basic grant_type=client_credentials", "GET /2/webhooks App", "PUT /2/webhooks/3 App", "GET /2/webhooks App",
		"GET /2/activity/subscriptions App",
		`POST /2/activity/subscriptions Bearer {"event_type":"post.mention.create","filter":{"user_id":"` + ourID + `"},"webhook_id":"3","tag":"gestor"}`,
	}
	if diff := cmp.Diff(want, *asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	*asked = nil
	h, err := r.Check(t.Context(), signing(), "", platformtest.CheckedAt())
	if diff := cmp.Diff([]string{"GET /2/users/me OAuth"}, *asked); err != nil || diff != "" || h.Subscriptions != nil {
		t.Errorf("without an address: %+v, %v, asked\n%s", h, err, diff)
	}
	*asked = nil
	use, err := r.Probe(t.Context(), bearing())
	if diff := cmp.Diff([]string{"GET /2/users/me Bearer"}, *asked); err != nil || diff != "" || use.Known() {
		t.Errorf("probed: %v, %v, asked\n%s", use, err, diff)
	}
}

// What an access level of OAuth 1.0a does not hold is missing.
func TestCheck_accessLevel(t *testing.T) {
	for level, want := range map[string]string{
		"read": "tweet.write media.write dm.read dm.write", "read-write": "dm.read dm.write", "read-write-directmessages": "", "": "", "new-level": "",
	} {
		r, _ := played(t, map[string][]platformtest.Answer{"GET /2/users/me": {ok(me, "X-Access-Level", level)}})
		h, err := r.Check(t.Context(), signing(), "", platformtest.CheckedAt())
		if err != nil || strings.Join(h.Missing, " ") != want {
			t.Errorf("%q: %v, %v", level, h.Missing, err)
		}
		if h, err = r.Check(t.Context(), bearing(), "", platformtest.CheckedAt()); err != nil || h.Missing != nil {
			t.Errorf("%q of OAuth 2.0: %v, %v", level, h.Missing, err)
		}
	}
}

// What is wrong with our application is not said of the account's key, so that nobody connects the account again for it.
func TestCheck_failures(t *testing.T) {
	nobody, _ := json.Marshal("x")
	for _, c := range []struct {
		name, key string
		answer    platformtest.Answer
		kind      fault.Kind
		reason    string
	}{
		{"another account's key", "GET /2/users/me", ok(`{"data":{"id":"5","username":"otra"}}`), fault.Denied, once.ReasonAuth},
		{"nobody's key", "GET /2/users/me", ok(string(nobody)), fault.Transient, once.ReasonUnknown},
		{"the account's key is revoked", "GET /2/users/me", problem(401, "about:blank", "Unauthorized"), fault.Denied, once.ReasonAuth},
		{"the application's key is wrong", "POST /oauth2/token", coded(403, 99), fault.Denied, once.ReasonCredentials},
		{"the application's key is refused", "GET /2/webhooks", problem(401, "about:blank", "Unauthorized"), fault.Denied, once.ReasonCredentials},
		{"the application's key is refused later", "GET /2/activity/subscriptions", problem(403, types+"client-forbidden", "…"), fault.Denied, once.ReasonCredentials},
		{"the application's token cannot be", "POST /oauth2/token", ok(`{"access_token":"a b"}`), fault.Transient, once.ReasonUnknown},
		{"throttled", "GET /2/activity/subscriptions", problem(429, "about:blank", "…"), fault.Transient, once.ReasonThrottle},
		{"no list of addresses", "GET /2/webhooks", ok(`{"data":{}}`), fault.Transient, once.ReasonUnknown},
		{"no list of subscriptions", "GET /2/activity/subscriptions", ok(`{"data":"x"}`), fault.Transient, once.ReasonUnknown},
		{"pages without end", "GET /2/activity/subscriptions", ok(`{"data":[],"meta":{"next_token":"B"}}`), fault.Transient, once.ReasonTooMany},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := played(t, map[string][]platformtest.Answer{c.key: {c.answer}})
			h, err := r.Check(t.Context(), bearing(), callback, platformtest.CheckedAt())
			if fault.Of(err) != c.kind || r.Reason(err) != c.reason || strings.Contains(err.Error(), "CANARY") || h.Name != "" || h.Subscriptions != nil {
				t.Errorf("%+v, %v", h, err)
			}
		})
	}
	c := config("http://127.0.0.1:9")
	c.App = nil
	if _, err := x.NewReader(c); err != nil {
		t.Errorf("without the application's keys: %v", err)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(me), []byte(page(hook("3", callback, true))), []byte(subscriptions(ourID, "3", "post.create")))
	f.Add([]byte(me), []byte(`{"meta":{"result_count":0}}`), []byte(`{"meta":{"total_subscriptions":0}}`))
	f.Fuzz(func(t *testing.T, who, hooks, subs []byte) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := map[string][]byte{"/2/users/me": who, "/oauth2/token": []byte(appToken), "/2/webhooks": hooks}[r.URL.Path]
			if body == nil {
				body = subs
			}
			_, _ = w.Write(body)
		}))
		defer s.Close()
		r, err := newReader(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		h, err := r.Check(t.Context(), bearing(), callback, platformtest.CheckedAt())
		if err != nil && (h.Name != "" || len(h.Subscriptions)+len(h.Mended)+len(h.Missing) > 0) {
			t.Errorf("a failure that says something: %+v", h)
		}
		if err == nil && len(h.Subscriptions) != 10 {
			t.Errorf("%+v", h)
		}
	})
}
