package whatsapp_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
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
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/whatsapp"
)

const (
	ourNumber = "106540352242922"
	ourSecret = "CANARY-app-secret"
	taken     = `{"messaging_product":"whatsapp","contacts":[{"input":"56900000000","wa_id":"56900000000"}],"messages":[{"id":"wamid.9/+=="}]}`
)

func proof() string {
	mac := hmac.New(sha256.New, []byte(ourSecret))
	mac.Write([]byte(platformtest.Token))
	return hex.EncodeToString(mac.Sum(nil))
}

func ourAccess(_ context.Context, account string) (channel.Access, error) {
	if account != ourNumber {
		return channel.Access{}, nil
	}
	return channel.Access{Account: account, Token: platformtest.Token}, nil
}

func outboundAt(base string) (platformtest.Platform, error) {
	return whatsapp.NewOutbound(whatsapp.Config{
		BaseURL: base + "/graph/", AppSecret: func(context.Context) (string, error) { return ourSecret, nil },
	}, ourAccess)
}

func answerTo(recipient string) post.Outgoing {
	return post.Outgoing{
		Account: ourNumber, Target: "wamid.1", Recipient: recipient, Visibility: post.Private, Text: platformtest.Text, Tag: "01CASO.r000003",
	}
}

// object is an error object of Meta's; its words carry what must not travel on.
func object(status, code, subcode int) platformtest.Answer {
	return platformtest.Answer{Status: status, Body: fmt.Sprintf(
		`{"error":{"message":"CANARY %s","type":"OAuthException","code":%d,"error_subcode":%d,"error_data":{"details":"CANARY"},"fbtrace_id":"x"}}`,
		platformtest.Token, code, subcode)}
}

// refusals are the error classes of platforms.md §5.1, code by code.
func refusals() []platformtest.Refusal {
	var all []platformtest.Refusal
	add := func(kind fault.Kind, reason string, status int, codes ...int) {
		for _, code := range codes {
			all = append(all, platformtest.Refusal{Name: fmt.Sprintf("%d of %d", code, status), Answer: object(status, code, 0), Kind: kind, Reason: reason})
		}
	}
	add(fault.Permanent, "window", 400, 131047)
	add(fault.Permanent, once.ReasonUnsupported, 400, 12)
	add(fault.Permanent, "recipient", 400, 131021, 131026, 131030)
	add(fault.Transient, "throttle", 400, 4, 17, 32, 613, 80000, 80007, 80008, 80099, 130429, 131048, 131056)
	add(fault.Permanent, "content", 400, 100, 368, 131008, 131009, 132000, 132999)
	add(fault.Denied, "auth", 400, 102, 190)
	add(fault.Denied, "permission", 403, 3, 10, 33, 200, 299, 131005, 131031)
	add(fault.Uncertain, once.ReasonUnknown, 400, 1, 2, 131000, 131016, 987654)
	add(fault.Uncertain, once.ReasonUnknown, 500, 131000, 131016, 131047, 190)
	add(fault.Denied, "permission", 404, 987654)
	add(fault.Uncertain, once.ReasonUnknown, 404, 131000)
	add(fault.Uncertain, once.ReasonUnknown, 401, 131016)
	add(fault.Transient, "throttle", 429, 2, 131000, 987654)
	add(fault.Denied, "auth", 200, 190)
	minutes := object(400, 130429, 0)
	minutes.Header = []string{"X-Business-Use-Case-Usage", `{"1":[{"type":"whatsapp","estimated_time_to_regain_access":3},{"estimated_time_to_regain_access":19}]}`}
	days := object(400, 80008, 0)
	days.Header = []string{"X-Business-Use-Case-Usage", `{"1":[{"estimated_time_to_regain_access":9000000000000000}]}`}
	return append(
		all,
		platformtest.Refusal{Name: "the call's address is no more", Answer: object(400, 100, 33), Kind: fault.Denied, Reason: "permission"},
		platformtest.Refusal{Name: "minutes to wait", Answer: minutes, Kind: fault.Transient, Reason: "throttle", Wait: 19 * time.Minute},
		platformtest.Refusal{Name: "more than a day to wait", Answer: days, Kind: fault.Transient, Reason: "throttle", Wait: 24 * time.Hour},
	)
}

// told are Meta's ways to say how much is used up.
func told() []platformtest.Told {
	use := func(share float64, holds time.Duration) channel.Usage {
		return channel.Usage{Share: share, Until: platformtest.SaidAt().Add(holds), At: platformtest.SaidAt()}
	}
	return []platformtest.Told{
		{Name: "application", Header: []string{"X-App-Usage", `{"call_count":28,"total_time":12,"total_cputime":25}`}, Want: use(0.28, time.Hour)},
		{Name: "nearly all", Header: []string{"X-App-Usage", `{"call_count":95}`}, Want: use(0.95, 5*time.Minute)},
		{Name: "a number's", Want: use(0.8, 7*time.Minute), Header: []string{
			"X-App-Usage", `{"call_count":28}`,
			"X-Business-Use-Case-Usage", `{"100":[{"type":"whatsapp","call_count":7,"total_time":80,"estimated_time_to_regain_access":7}]}`,
		}},
		{Name: "a strange word", Header: []string{"X-App-Usage", `CANARY`}, Want: channel.Usage{}},
	}
}

// Nothing can be done with a message on WhatsApp but to answer it.
func TestActs(t *testing.T) {
	platformtest.RunActs(t, platformtest.Doing{New: outboundAt, Account: ourNumber})
}

func TestOutbound(t *testing.T) {
	for name, recipient := range map[string]string{"by phone": "56900000000", "by the person's id": "US.13491208655302741918"} {
		t.Run(name, func(t *testing.T) {
			platformtest.Run(t, platformtest.Way{
				New:      outboundAt,
				Out:      answerTo(recipient),
				Sent:     platformtest.Answer{Status: 200, Body: taken},
				ID:       "wamid.9/+==",
				Refusals: refusals(),
				Told:     told(),
				Secrets:  []string{proof(), ourSecret, recipient},
				Said: func(_ *http.Request, body []byte) string {
					var message struct{ Text struct{ Body string } }
					if err := json.Unmarshal(body, &message); err != nil {
						return err.Error()
					}
					return message.Text.Body
				},
			})
		})
	}
}

// sent gives the one request of a Send, and its body.
func sent(t *testing.T, out post.Outgoing, edit ...func(*whatsapp.Config)) (*http.Request, string) {
	t.Helper()
	var got *http.Request
	var text string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got, text = r, string(body)
		_, _ = io.WriteString(w, taken)
	}))
	defer server.Close()
	config := whatsapp.Config{BaseURL: server.URL + "/graph"}
	for _, e := range edit {
		e(&config)
	}
	o, err := whatsapp.NewOutbound(config, ourAccess)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	return got, text
}

func same(t *testing.T, want, got string) {
	t.Helper()
	var a, b any
	if err := errors.Join(json.Unmarshal([]byte(want), &a), json.Unmarshal([]byte(got), &b)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// To a person without a phone number our request is the one that restfb's tests expect.
func TestSend_recipientOnly(t *testing.T) {
	want, err := os.ReadFile("testdata/requests/D62-send-message-recipient-only.json")
	if err != nil {
		t.Fatal(err)
	}
	_, got := sent(t, post.Outgoing{Account: ourNumber, Recipient: "US.13491208655302741918", Visibility: post.Private, Text: "hello via bsuid"})
	same(t, string(want), got)
}

func TestSend_request(t *testing.T) {
	out := answerTo("+56900000000")
	out.Text = "Hola"
	r, got := sent(t, out)
	same(t, `{"messaging_product":"whatsapp","to":"56900000000","type":"text","text":{"body":"Hola"},
		"context":{"message_id":"wamid.1"},"biz_opaque_callback_data":"01CASO.r000003"}`, got)
	if r.Method != http.MethodPost || r.URL.String() != "/graph/v25.0/"+ourNumber+"/messages" ||
		r.Header.Get("Authorization") != "Bearer "+platformtest.Token || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
	}
	out.Target = "not-a-message"
	r, got = sent(t, out, func(c *whatsapp.Config) {
		c.Version, c.AppSecret = "v26.0", func(context.Context) (string, error) { return ourSecret, nil }
	})
	if strings.Contains(got, "context") || r.URL.String() != "/graph/v26.0/"+ourNumber+"/messages?appsecret_proof="+proof() {
		t.Errorf("%s\n%s", r.URL, got)
	}
}

// What cannot be right, or lacks what it needs, is refused before anything is sent.
func TestSend_refusesInput(t *testing.T) {
	store := errors.New("no store")
	working := func(edit func(*post.Outgoing)) post.Outgoing {
		out := answerTo("56900000000")
		edit(&out)
		return out
	}
	cases := []struct {
		name   string
		out    post.Outgoing
		key    error
		secret error
		kind   fault.Kind
		reason string
	}{
		{"public", working(func(o *post.Outgoing) { o.Visibility = post.Public }), nil, nil, fault.Permanent, once.ReasonUnsupported},
		{"neither", working(func(o *post.Outgoing) { o.Visibility = "" }), nil, nil, fault.Invalid, once.ReasonInput},
		{"no account", working(func(o *post.Outgoing) { o.Account = "" }), nil, nil, fault.Invalid, once.ReasonInput},
		{"an account that climbs", working(func(o *post.Outgoing) { o.Account = "../1" }), nil, nil, fault.Invalid, once.ReasonInput},
		{"nobody", working(func(o *post.Outgoing) { o.Recipient = "" }), nil, nil, fault.Invalid, once.ReasonInput},
		{"two lines of somebody", working(func(o *post.Outgoing) { o.Recipient = "1\n2" }), nil, nil, fault.Invalid, once.ReasonInput},
		{"a long tag", working(func(o *post.Outgoing) { o.Tag = strings.Repeat("x", 513) }), nil, nil, fault.Invalid, once.ReasonInput},
		{"no text", working(func(o *post.Outgoing) { o.Text = " \n" }), nil, nil, fault.Invalid, ""},
		{"too long a text", working(func(o *post.Outgoing) { o.Text = strings.Repeat("ñ", 4097) }), nil, nil, fault.Invalid, ""},
		{"an account without a token", working(func(o *post.Outgoing) { o.Account = "7" }), nil, nil, fault.Denied, once.ReasonAuth},
		{"a store that is down", working(func(*post.Outgoing) {}), store, nil, fault.Transient, once.ReasonCredentials},
		{"a store that refuses", working(func(*post.Outgoing) {}), fault.New(fault.Denied, "x", nil), nil, fault.Denied, once.ReasonAuth},
		{"a secret that may not be read", working(func(*post.Outgoing) {}), nil, fault.New(fault.Denied, "x", nil), fault.Denied, once.ReasonCredentials},
		{"a secret that is not there", working(func(*post.Outgoing) {}), nil, store, fault.Transient, once.ReasonCredentials},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			o, err := whatsapp.NewOutbound(whatsapp.Config{
				AppSecret: func(context.Context) (string, error) { return ourSecret, c.secret },
				Transport: counter{&calls},
			}, func(ctx context.Context, account string) (channel.Access, error) {
				if c.key != nil {
					return channel.Access{}, c.key
				}
				return ourAccess(ctx, account)
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = o.Send(t.Context(), c.out)
			if fault.Of(err) != c.kind || o.Reason(err) != c.reason || calls != 0 {
				t.Errorf("got %v after %d calls, want %s %s", err, calls, c.kind, c.reason)
			}
			if strings.Contains(fmt.Sprintf("%+v", err), "CANARY") {
				t.Errorf("says too much: %+v", err)
			}
		})
	}
}

type counter struct{ calls *int }

func (c counter) RoundTrip(*http.Request) (*http.Response, error) {
	*c.calls++
	return nil, errors.New("not here")
}

// An answer that names another number of messages than the one we sent is no success.
func TestSend_strangeSuccess(t *testing.T) {
	for _, body := range []string{`{"messages":[]}`, `{"messages":[{"id":"a"},{"id":"b"}]}`, `{"messages":[{"id":"a b"}]}`, `{"messages":{"id":"a"}}`, `{"messages":[{}]}`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
		o, err := outboundAt(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := o.Send(t.Context(), answerTo("56900000000")); got.ID != "" || fault.Of(err) != fault.Uncertain {
			t.Errorf("%s: %q, %v", body, got.ID, err)
		}
		server.Close()
	}
}

func TestNewOutbound(t *testing.T) {
	for name, c := range map[string]whatsapp.Config{
		"in the clear":         {BaseURL: "http://graph.facebook.com/"},
		"no address":           {BaseURL: "::"},
		"a version of nothing": {Version: "25.0"},
		"a path for a version": {Version: "v25.0/../v1.0"},
		"half a version":       {Version: "v25"},
		"a negative timeout":   {Timeout: -1},
	} {
		if _, err := whatsapp.NewOutbound(c, ourAccess); fault.Of(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := whatsapp.NewOutbound(whatsapp.Config{}, ourAccess); err != nil {
		t.Error(err)
	}
}

// Nothing can be looked for, and that is never "not there".
func TestFind(t *testing.T) {
	o, err := outboundAt("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if _, found, err := o.Find(t.Context(), answerTo("56900000000"), platformtest.Since()); found || !fault.Is(err, fault.Permanent) {
		t.Errorf("found %t, %v", found, err)
	}
}
