package x_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/x"
)

// The account that is ours, a citizen's, and a post of theirs.
const (
	ourID     = "1500000000000000001"
	citizenID = "1500000000000000002"
	theirPost = "1990000000000000001"
)

// application are the keys of our application.
func application() x.App {
	return x.App{ConsumerKey: "llave-ficticia", ConsumerSecret: "CANARY-consumer", ClientID: "cliente-ficticio", ClientSecret: "CANARY-client"}
}

func config(base string) x.Config {
	return x.Config{BaseURL: base, SignInURL: base, App: func(context.Context) (x.App, error) { return application(), nil }}
}

// signing is a key of OAuth 1.0a, and bearing one of OAuth 2.0.
func signing() channel.Access {
	return channel.Access{Account: ourID, Token: platformtest.Token, Secret: "CANARY-secret&%"}
}

func bearing() channel.Access { return channel.Access{Account: ourID, Token: platformtest.Token} }

func wayOut(base string, a channel.Access) (*x.Outbound, error) {
	return x.NewOutbound(config(base), func(_ context.Context, account string) (channel.Access, error) {
		if account != ourID {
			return channel.Access{}, nil
		}
		return a, nil
	})
}

func public() post.Outgoing {
	return post.Outgoing{Account: ourID, Target: theirPost, Recipient: citizenID, Visibility: post.Public, Text: platformtest.Text, Tag: "t.r"}
}

func private() post.Outgoing {
	out := public()
	out.Visibility = post.Private
	return out
}

// spoken gives the text of a request that says something.
func spoken(_ *http.Request, body []byte) string {
	var m struct {
		Text string `json:"text"`
	}
	_ = json.Unmarshal(body, &m)
	return m.Text
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// ours is one of our posts as X gives it back, answering the citizen's.
func ours(id, text string, at time.Time) string {
	return fmt.Sprintf(`{"id":%q,"text":%s,"created_at":%q,"referenced_tweets":[{"type":"quoted","id":"5"},{"type":"replied_to","id":%q}]}`,
		id, quoted(text), at.Format("2006-01-02T15:04:05.000Z"), theirPost)
}

func message(id, sender, text string, at time.Time) string {
	return fmt.Sprintf(`{"id":%q,"event_type":"MessageCreate","text":%s,"sender_id":%q,"created_at":%q}`, id, quoted(text), sender, at.Format(time.RFC3339))
}

func page(items ...string) string {
	if len(items) == 0 {
		return `{"meta":{"result_count":0}}`
	}
	return fmt.Sprintf(`{"data":[%s],"meta":{"result_count":%d}}`, strings.Join(items, ","), len(items))
}

func TestOutbound_public(t *testing.T) {
	platformtest.Run(t, platformtest.Way{
		New:     func(base string) (platformtest.Platform, error) { return wayOut(base, signing()) },
		Out:     public(),
		Sent:    platformtest.Answer{Status: 201, Body: `{"data":{"id":"1990000000000000009","text":"CANARY"}}`},
		ID:      "1990000000000000009",
		Said:    spoken,
		Secrets: []string{"llave-ficticia", "oauth_"},
		Read: func(_ *http.Request, said bool) platformtest.Answer {
			if !said {
				return platformtest.Answer{Status: 200, Body: page()}
			}
			return platformtest.Answer{Status: 200, Body: page(ours("1990000000000000009", "@persona_ficticia "+strings.ReplaceAll(platformtest.Text, "&", "&amp;"), platformtest.SaidAt()))}
		},
		Refusals: refusals(),
		Told:     told(),
	})
}

func TestOutbound_private(t *testing.T) {
	platformtest.Run(t, platformtest.Way{
		New: func(base string) (platformtest.Platform, error) {
			return wayOut(base, bearing())
		},
		Out:  private(),
		Sent: platformtest.Answer{Status: 201, Body: `{"data":{"dm_conversation_id":"1-2","dm_event_id":"1990000000000000008"}}`},
		ID:   "1990000000000000008",
		Said: spoken,
		Read: func(_ *http.Request, said bool) platformtest.Answer {
			if !said {
				return platformtest.Answer{Status: 200, Body: page()}
			}
			return platformtest.Answer{Status: 200, Body: page(
				message("7", citizenID, platformtest.Text, platformtest.SaidAt()), message("1990000000000000008", ourID, platformtest.Text, platformtest.SaidAt()),
			)}
		},
		Refusals: append(refusals(), platformtest.Refusal{
			Name: "a post's id for a message", Kind: fault.Uncertain, Reason: once.ReasonUnknown,
			Answer: platformtest.Answer{Status: 201, Body: `{"data":{"id":"1","text":"CANARY"}}`},
		}),
	})
}

// asked is what a server was asked.
type asked struct {
	method, path, authorization, contentType string
	query                                    url.Values
	body                                     string
}

// told are X's ways to say how much is used up.
func told() []platformtest.Told {
	at := platformtest.SaidAt()
	in := func(d time.Duration) string { return fmt.Sprint(at.Add(d).Unix()) }
	limit := func(name, most, left string, d time.Duration) []string {
		return []string{name + "-limit", most, name + "-remaining", left, name + "-reset", in(d)}
	}
	use := func(share float64, d time.Duration) channel.Usage {
		return channel.Usage{Share: share, Until: at.Add(d), At: at}
	}
	quarter, day := limit("x-rate-limit", "200", "50", 7*time.Minute), limit("x-user-limit-24hour", "1000", "100", 5*time.Hour)
	return []platformtest.Told{
		{Name: "of the quarter", Header: quarter, Want: use(0.75, 7*time.Minute)},
		{Name: "of the day, which is fuller", Header: slices.Concat(quarter, day), Want: use(0.9, 5*time.Hour)},
		{Name: "of the application's day, which is not", Header: slices.Concat(quarter, limit("x-app-limit-24hour", "10000", "9999", time.Hour)), Want: use(0.75, 7*time.Minute)},
		{Name: "nothing left", Header: limit("x-rate-limit", "15", "0", time.Minute), Want: use(1, time.Minute)},
		{Name: "counted anew already", Header: limit("x-rate-limit", "15", "0", -time.Minute), Want: channel.Usage{}},
		{Name: "more left than there is", Header: limit("x-rate-limit", "15", "16", time.Minute), Want: channel.Usage{}},
		{Name: "less than nothing", Header: limit("x-rate-limit", "15", "-1", time.Minute), Want: channel.Usage{}},
		{Name: "of nothing", Header: limit("x-rate-limit", "0", "0", time.Minute), Want: channel.Usage{}},
		{Name: "in words", Header: limit("x-rate-limit", "many", "some", time.Minute), Want: channel.Usage{}},
		{Name: "without a time", Header: []string{"x-rate-limit-limit", "200", "x-rate-limit-remaining", "0"}, Want: channel.Usage{}},
	}
}

// recorder answers all with one body and keeps what it was asked.
func recorder(t *testing.T, status int, body string) (string, *[]asked) {
	t.Helper()
	var all []asked
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		all = append(all, asked{r.Method, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), r.URL.Query(), string(b)})
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL, &all
}

// The bodies hold what X's OpenAPI allows and nothing else: it refuses members it does not know.
func TestSend_requests(t *testing.T) {
	base, all := recorder(t, 201, `{"data":{"id":"1","dm_event_id":"2"}}`)
	p, err := wayOut(base, channel.Access{Account: ourID, Token: "b"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		out            post.Outgoing
		id, path, body string
	}{
		{public(), "1", "/2/tweets", `{"text":` + quoted(platformtest.Text) + `,"reply":{"in_reply_to_tweet_id":"` + theirPost + `"}}`},
		{private(), "2", "/2/dm_conversations/with/" + citizenID + "/messages", `{"text":` + quoted(platformtest.Text) + `}`},
	} {
		*all = nil
		got, err := p.Send(t.Context(), c.out)
		if err != nil || got.ID != c.id || len(*all) != 1 {
			t.Fatalf("%q, %v, %d requests", got.ID, err, len(*all))
		}
		if got := (*all)[0]; got.method != http.MethodPost || got.path != c.path || got.body != c.body ||
			got.authorization != "Bearer b" || got.contentType != "application/json" {
			t.Errorf("asked %+v", got)
		}
	}
}

// escaped is the percent encoding of RFC 5849, 3.6.
func escaped(text string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(text))
}

// signature computes by hand what OAuth 1.0a asks for (RFC 5849, 3.4): method, address, and all parameters but the body.
func signature(a asked, base string, params map[string]string, consumerSecret, secret string) string {
	for name, values := range a.query {
		params[name] = values[0]
	}
	var pairs []string
	for name, value := range params {
		if name != "oauth_signature" {
			pairs = append(pairs, escaped(name)+"="+escaped(value))
		}
	}
	sort.Strings(pairs)
	text := a.method + "&" + escaped(base+a.path) + "&" + escaped(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(escaped(consumerSecret)+"&"+escaped(secret)))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestOutbound_signs(t *testing.T) {
	base, all := recorder(t, 200, `{"data":{"id":"1"},"meta":{"result_count":0}}`)
	p, err := wayOut(base, signing())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Send(t.Context(), public()); err != nil {
		t.Fatal(err)
	}
	_, _, _ = p.Find(t.Context(), public(), platformtest.Since())
	if len(*all) != 2 {
		t.Fatalf("%d requests", len(*all))
	}
	nonces := map[string]bool{}
	for _, a := range *all {
		words, ok := strings.CutPrefix(a.authorization, "OAuth ")
		params := map[string]string{}
		for pair := range strings.SplitSeq(words, ", ") {
			name, value, _ := strings.Cut(pair, "=")
			params[name], _ = url.QueryUnescape(strings.Trim(value, `"`))
		}
		want := signature(a, base, params, application().ConsumerSecret, signing().Secret)
		if !ok || params["oauth_signature"] != want || params["oauth_token"] != platformtest.Token || params["oauth_consumer_key"] != "llave-ficticia" {
			t.Errorf("%s %s went with %s; the signature should be %s", a.method, a.path, a.authorization, want)
		}
		nonces[params["oauth_nonce"]] = true
	}
	if len(nonces) != 2 {
		t.Error("two requests have the same nonce")
	}
}

// What cannot be right is refused before anything is sent.
func TestOutbound_refusesInput(t *testing.T) {
	base, all := recorder(t, 201, `{"data":{"id":"1","dm_event_id":"2"}}`)
	tokens := map[string]channel.Access{
		ourID: bearing(), "2": {}, "3": {Token: "a\nb"}, "4": {Token: "t", Secret: "s\n"}, "5": {Token: "t", Secret: "s"},
	}
	var trouble, appTrouble error
	c := config(base)
	c.App = func(context.Context) (x.App, error) { return x.App{ConsumerKey: "k"}, appTrouble }
	p, err := x.NewOutbound(c, func(_ context.Context, account string) (channel.Access, error) { return tokens[account], trouble })
	if err != nil {
		t.Fatal(err)
	}
	with := func(out post.Outgoing, edit func(*post.Outgoing)) post.Outgoing { edit(&out); return out }
	const invalid, denied = fault.Invalid, fault.Denied
	for _, c := range []struct {
		name    string
		out     post.Outgoing
		trouble error
		kind    fault.Kind
		reason  string
	}{
		{"a post of its own", with(public(), func(o *post.Outgoing) { o.Target = "" }), nil, invalid, "input"},
		{"a target that is no number", with(public(), func(o *post.Outgoing) { o.Target = "1/2" }), nil, invalid, "input"},
		{"a recipient that climbs", with(private(), func(o *post.Outgoing) { o.Recipient = "1/../2" }), nil, invalid, "input"},
		{"nobody", with(private(), func(o *post.Outgoing) { o.Recipient = "" }), nil, invalid, "input"},
		{"no text", with(public(), func(o *post.Outgoing) { o.Text = " \n" }), nil, fault.Permanent, "content"},
		{"too long a text", with(public(), func(o *post.Outgoing) { o.Text = strings.Repeat("a", 281) }), nil, fault.Permanent, "content"},
		{"no visibility", with(public(), func(o *post.Outgoing) { o.Visibility = "" }), nil, invalid, "input"},
		{"an account that is a name", with(public(), func(o *post.Outgoing) { o.Account = "sence" }), nil, invalid, "input"},
		{"an account without tokens", with(public(), func(o *post.Outgoing) { o.Account = "9" }), nil, denied, "auth"},
		{"an account with empty tokens", with(public(), func(o *post.Outgoing) { o.Account = "2" }), nil, denied, "auth"},
		{"a token over two lines", with(public(), func(o *post.Outgoing) { o.Account = "3" }), nil, denied, "auth"},
		{"the second half over two lines", with(public(), func(o *post.Outgoing) { o.Account = "4" }), nil, denied, "auth"},
		{"a key to be signed with without the application's", with(public(), func(o *post.Outgoing) { o.Account = "5" }), nil, denied, "auth"},
		{"our store is not to be reached", public(), errors.New("x"), fault.Transient, "credentials"},
		{"our store is in doubt", public(), fault.New(fault.Uncertain, "secret", nil), fault.Transient, "credentials"},
		{"only a person can get another key", public(), fault.New(denied, "keys", nil), denied, "auth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			trouble = c.trouble
			_, err := p.Send(t.Context(), c.out)
			_, _, lookErr := p.Find(t.Context(), c.out, platformtest.Since())
			for _, err := range []error{err, lookErr} {
				if fault.Of(err) != c.kind || p.Reason(err) != c.reason || strings.Contains(err.Error(), platformtest.Canary) {
					t.Errorf("%v", err)
				}
			}
		})
	}
	trouble, appTrouble = nil, errors.New("x")
	if _, err := p.Send(t.Context(), with(public(), func(o *post.Outgoing) { o.Account = "5" })); fault.Of(err) != fault.Transient || p.Reason(err) != "credentials" {
		t.Errorf("the application's keys are not to be read: %v", err)
	}
	if _, _, err := p.Find(t.Context(), public(), time.Time{}); fault.Of(err) != invalid {
		t.Errorf("since nothing: %v", err)
	}
	if len(*all) != 0 {
		t.Errorf("%d requests were sent", len(*all))
	}
	if _, err := x.NewOutbound(x.Config{BaseURL: "http://api.x.com"}, nil); fault.Of(err) != invalid {
		t.Errorf("tokens in the clear: %v", err)
	}
	if _, err := x.NewOutbound(x.Config{}, nil); err != nil {
		t.Errorf("with the defaults: %v", err)
	}
}
