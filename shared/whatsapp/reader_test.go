package whatsapp_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/whatsapp"
)

func ourApp(context.Context) (string, error) { return "42", nil }

func readerAt(base string) (platformtest.Reader, error) {
	return whatsapp.NewReader(whatsapp.Config{
		BaseURL: base + "/graph/", AppSecret: func(context.Context) (string, error) { return ourSecret, nil },
	}, ourApp)
}

func key() channel.Access {
	return channel.Access{Account: ourNumber, Token: platformtest.Token}
}

const (
	goodKey = `{"data":{"is_valid":true,"expires_at":1800000000,"data_access_expires_at":0,"scopes":["whatsapp_business_messaging","whatsapp_business_management"],
		"granular_scopes":[{"scope":"pages_show_list","target_ids":["9"]},{"scope":"whatsapp_business_management","target_ids":[500,"501"]},{"scope":"whatsapp_business_messaging","target_ids":["501"]}]}}`
	ourPhone = `{"id":"` + ourNumber + `","display_phone_number":"+56 2 0000 0000","verified_name":"SENCE CANARY","status":"CONNECTED"}`
)

// answers are what Graph shows by method and path.
type answers map[string]string

func (a answers) with(more answers) answers {
	out := answers{}
	for _, from := range []answers{a, more} {
		for k, v := range from {
			out[k] = v
		}
	}
	return out
}

func (a answers) show(r *http.Request, here string) platformtest.Answer {
	body, there := a[r.Method+" "+strings.TrimPrefix(r.URL.Path, "/graph/v25.0/")]
	switch {
	case !there:
		return object(400, 100, 33)
	case strings.HasPrefix(body, "!"):
		var code int
		_, _ = fmt.Sscan(body[1:], &code)
		return object(400, code, 0)
	}
	return platformtest.Answer{Status: 200, Body: strings.ReplaceAll(body, "{here}", here)}
}

func well() answers {
	return answers{
		"GET debug_token": goodKey, "GET " + ourNumber: ourPhone,
		"GET 500/phone_numbers": `{"data":[{"id":"1"}]}`, "GET 501/phone_numbers": `{"data":[{"id":"` + ourNumber + `"}]}`,
		"GET 501/subscribed_apps":  `{"data":[{"whatsapp_business_api_data":{"id":"41","name":"CANARY"}}]}`,
		"POST 501/subscribed_apps": `{"success":true}`,
	}
}

func TestReader(t *testing.T) {
	mac := hmac.New(sha256.New, []byte(ourSecret))
	mac.Write([]byte("42|" + ourSecret))
	platformtest.RunReader(t, platformtest.Reading{
		New: readerAt, Access: key(), Told: told(), Secrets: []string{proof(), ourSecret, hex.EncodeToString(mac.Sum(nil))},
		Looks: []platformtest.Look{
			{
				Name: "media", Media: &mention.Attachment{Type: "image", ID: "777"},
				Show: answers{"GET 777": `{"url":"{here}/media/CANARY","mime_type":"image/jpeg","id":"777"}`}.show,
				Elsewhere: func(_ *http.Request, foreign string) platformtest.Answer {
					return platformtest.Answer{Status: 200, Body: `{"url":"` + foreign + `/x"}`}
				},
				Refusals: []platformtest.Refusal{
					{Name: "the token expired", Answer: object(400, 190, 463), Kind: fault.Denied, Reason: once.ReasonAuth},
					{Name: "passing trouble", Answer: object(400, 131000, 0), Kind: fault.Transient, Reason: once.ReasonUnknown},
					{Name: "a refusal that is called a success", Answer: object(200, 190, 0), Kind: fault.Denied, Reason: once.ReasonAuth},
				},
			},
			{
				Name: "check", Callback: "https://example.com/webhooks/whatsapp", Show: well().show, KeyInAddress: true,
				Refusals: []platformtest.Refusal{
					{Name: "the token expired", Answer: object(400, 190, 463), Kind: fault.Denied, Reason: once.ReasonAuth},
					{Name: "the key is no longer good", Answer: platformtest.Answer{Status: 200, Body: `{"data":{"is_valid":false,"error":{"message":"CANARY"}}}`}, Kind: fault.Denied, Reason: once.ReasonAuth},
					{Name: "passing trouble", Answer: object(400, 2, 0), Kind: fault.Transient, Reason: once.ReasonUnknown},
				},
			},
		},
	})
}

// serving is a server that shows the answers, and what it was asked.
func serving(t *testing.T, a answers) (*httptest.Server, *[]string) {
	t.Helper()
	var asked []string
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/graph/v25.0/"))
		answer := a.show(r, server.URL)
		w.WriteHeader(answer.Status)
		_, _ = io.WriteString(w, answer.Body)
	}))
	t.Cleanup(server.Close)
	return server, &asked
}

func TestMedia(t *testing.T) {
	server, asked := serving(t, answers{
		"GET 777": `{"url":"{here}/media/1?mid=777","id":"777"}`, "GET 778": `{"url":"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=778"}`,
		"GET 779": `{"url":"https://example.com/CANARY"}`, "GET 780": `{"url":"http://lookaside.fbsbx.com/x"}`, "GET 781": `{"url":"https://u:p@lookaside.fbsbx.com/x"}`,
		"GET 782": `{"url":"https://evilfbsbx.com/x"}`, "GET 783": `{"id":"783"}`,
	})
	r, err := readerAt(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		m      mention.Attachment
		want   string
		kind   fault.Kind
		reason string
		calls  int
	}{
		"by its id":              {mention.Attachment{ID: "777"}, server.URL + "/media/1?mid=777", 0, "", 1},
		"at Meta's":              {mention.Attachment{ID: "778"}, "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=778", 0, "", 1},
		"at another's":           {mention.Attachment{ID: "779"}, "", fault.Permanent, "foreign_host", 1},
		"in the clear":           {mention.Attachment{ID: "780"}, "", fault.Permanent, "foreign_host", 1},
		"with a password":        {mention.Attachment{ID: "781"}, "", fault.Permanent, "foreign_host", 1},
		"at one that is called":  {mention.Attachment{ID: "782"}, "", fault.Permanent, "foreign_host", 1},
		"nowhere":                {mention.Attachment{ID: "783"}, "", fault.Transient, once.ReasonUnknown, 1},
		"by its address":         {mention.Attachment{URL: "https://lookaside.fbsbx.com/a"}, "https://lookaside.fbsbx.com/a", 0, "", 0},
		"by another's address":   {mention.Attachment{URL: "https://example.com/a"}, "", fault.Permanent, "foreign_host", 0},
		"a place":                {mention.Attachment{Type: "location", URL: "geo:1,2"}, "", fault.Permanent, "foreign_host", 0},
		"nothing":                {mention.Attachment{Type: "contact"}, "", fault.Permanent, once.ReasonUnsupported, 0},
		"an id that climbs":      {mention.Attachment{ID: "../1"}, "", fault.Invalid, once.ReasonInput, 0},
		"an id that is a query?": {mention.Attachment{ID: "1?x"}, "", fault.Invalid, once.ReasonInput, 0},
	} {
		t.Run(name, func(t *testing.T) {
			*asked = nil
			got, err := r.Media(t.Context(), key(), c.m)
			if fault.Of(err) != c.kind || r.Reason(err) != c.reason || len(*asked) != c.calls || got.URL != c.want {
				t.Errorf("%+v, %v after %v", got, err, *asked)
			}
			if err == nil && got.Header["Authorization"] != "Bearer "+platformtest.Token || err != nil && got.Header != nil {
				t.Errorf("opened by %v", got.Header)
			}
			if err != nil && strings.Contains(err.Error(), "CANARY") {
				t.Errorf("says too much: %v", err)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	now := platformtest.CheckedAt()
	ends := time.Unix(1800000000, 0).UTC()
	health := func(edit func(*channel.Health)) channel.Health {
		h := channel.Health{
			Name: "SENCE CANARY +56 2 0000 0000", Expiries: []channel.Expiry{{Kind: channel.ExpiresAccess, At: ends, Warn: ends.AddDate(0, 0, -14), Hands: true}},
			Subscriptions: []channel.Subscription{{Name: "phone_number", Working: true, Checked: now}, {Name: "subscribed_apps", Working: true, Checked: now}},
		}
		edit(&h)
		return h
	}
	ours := answers{"GET 501/subscribed_apps": `{"data":[{"whatsapp_business_api_data":{"id":42}}]}`}
	mend := "GET debug_token GET " + ourNumber + " GET 500/phone_numbers GET 501/phone_numbers GET 501/subscribed_apps"
	for name, c := range map[string]struct {
		more  answers
		asked string
		want  channel.Health
	}{
		"all is well":                  {ours, mend, health(func(*channel.Health) {})},
		"our application is not there": {nil, mend + " POST 501/subscribed_apps", health(func(h *channel.Health) { h.Mended = []string{"subscribed_apps"} })},
		"it may not be asked for": {
			answers{"POST 501/subscribed_apps": "!200"}, mend + " POST 501/subscribed_apps",
			health(func(h *channel.Health) { h.Subscriptions[1].Working = false }),
		},
		"it may not be seen": {
			answers{"GET 501/subscribed_apps": "!200"}, mend,
			health(func(h *channel.Health) {
				h.Missing, h.Subscriptions = []string{"whatsapp_business_management"}, h.Subscriptions[:1]
			}),
		},
		"the number was disconnected": {
			ours.with(answers{"GET " + ourNumber: strings.Replace(ourPhone, "CONNECTED", "DISCONNECTED", 1)}), mend,
			health(func(h *channel.Health) { h.Subscriptions[0].Working = false }),
		},
		"one business, and a right is missing": {
			ours.with(answers{"GET debug_token": `{"data":{"is_valid":true,"expires_at":1800000000,"scopes":["whatsapp_business_management"],"granular_scopes":[{"scope":"whatsapp_business_management","target_ids":["501"]}]}}`}),
			"GET debug_token GET " + ourNumber + " GET 501/subscribed_apps",
			health(func(h *channel.Health) { h.Missing = []string{"whatsapp_business_messaging"} }),
		},
		"nobody says which business": {
			answers{"GET debug_token": `{"data":{"is_valid":true,"expires_at":1800000000,"scopes":["whatsapp_business_management","whatsapp_business_messaging"]}}`},
			"GET debug_token GET " + ourNumber, health(func(h *channel.Health) { h.Subscriptions = h.Subscriptions[:1] }),
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, asked := serving(t, well().with(c.more))
			r, err := readerAt(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Check(t.Context(), key(), "", now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("health (-want +got):\n%s", diff)
			}
			if all := strings.Join(*asked, " "); all != c.asked {
				t.Errorf("asked %s\nwant  %s", all, c.asked)
			}
		})
	}
}

func TestCheck_refused(t *testing.T) {
	for name, c := range map[string]struct {
		more answers
		kind fault.Kind
	}{
		"the number is not for us":  {answers{"GET " + ourNumber: "!100"}, fault.Permanent},
		"a number that says no id":  {answers{"GET " + ourNumber: `{"status":"CONNECTED"}`}, fault.Transient},
		"no list of numbers":        {answers{"GET 500/phone_numbers": `{"data":{}}`}, fault.Transient},
		"no list of applications":   {answers{"GET 501/subscribed_apps": `{}`}, fault.Transient},
		"not done, without a word":  {answers{"POST 501/subscribed_apps": `{"success":false}`}, fault.Transient},
		"too many calls to mend it": {answers{"POST 501/subscribed_apps": "!4"}, fault.Transient},
		"the key died on the way":   {answers{"POST 501/subscribed_apps": "!190"}, fault.Denied},
	} {
		server, _ := serving(t, well().with(c.more))
		r, err := readerAt(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if h, err := r.Check(t.Context(), key(), "", time.Time{}); fault.Of(err) != c.kind || h.Name != "" {
			t.Errorf("%s: %+v, %v", name, h, err)
		}
	}
}

// The application asks in its own name where its number is known, and the key in its own where it is not.
func TestCheck_asksAs(t *testing.T) {
	store := errors.New("no store")
	for name, c := range map[string]struct {
		app  func(context.Context) (string, error)
		want string
		kind fault.Kind
	}{
		"the application": {ourApp, "42|" + ourSecret, 0},
		"nobody known":    {func(context.Context) (string, error) { return "", nil }, platformtest.Token, 0},
		"nobody":          {nil, platformtest.Token, 0},
		"a store is down": {func(context.Context) (string, error) { return "", store }, "", fault.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			first := ""
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if first == "" {
					first = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
				}
				_, _ = io.WriteString(w, well().show(r, "").Body)
			}))
			defer server.Close()
			r, err := whatsapp.NewReader(whatsapp.Config{
				BaseURL: server.URL + "/graph", AppSecret: func(context.Context) (string, error) { return ourSecret, nil },
			}, c.app)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Check(t.Context(), key(), "", time.Time{}); fault.Of(err) != c.kind || first != c.want {
				t.Errorf("asked as %q: %v", first, err)
			}
		})
	}
}

// What WhatsApp does not have is refused without a request.
func TestReader_cannot(t *testing.T) {
	server, asked := serving(t, nil)
	r, err := whatsapp.NewReader(whatsapp.Config{BaseURL: server.URL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.List(t.Context(), key(), channel.ListQuery{List: "messages"}); fault.Of(err) != fault.Permanent || r.Reason(err) != once.ReasonUnsupported {
		t.Errorf("List: %v", err)
	}
	if _, _, err := r.Item(t.Context(), key(), mention.Event{Key: "wamid.1"}); fault.Of(err) != fault.Permanent || r.Reason(err) != once.ReasonUnsupported {
		t.Errorf("Item: %v", err)
	}
	climbs := key()
	climbs.Account = "../1"
	if _, err := r.Check(t.Context(), climbs, "", time.Time{}); fault.Of(err) != fault.Invalid {
		t.Errorf("Check: %v", err)
	}
	if len(r.Lists()) != 0 || len(*asked) != 0 {
		t.Errorf("lists %v, asked %v", r.Lists(), *asked)
	}
	if _, err := whatsapp.NewReader(whatsapp.Config{BaseURL: "http://graph.facebook.com"}, nil); fault.Of(err) != fault.Invalid {
		t.Errorf("in the clear: %v", err)
	}
	if _, err := whatsapp.NewReader(whatsapp.Config{}, nil); err != nil {
		t.Error(err)
	}
}

// heard answers every request with one body, and without a network.
type heard []byte

func (h heard) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(h))), Request: r}, nil
}

// FuzzReader reads strange answers about media, keys, numbers and subscriptions.
func FuzzReader(f *testing.F) {
	f.Add([]byte(goodKey))
	f.Add([]byte(ourPhone))
	f.Add([]byte(`{"url":"https://lookaside.fbsbx.com/x","id":"1","data":[{"id":"1","whatsapp_business_api_data":{"id":"42"}}],"success":true}`))
	f.Add([]byte(`{"url":"https://example.com/x","data":{"is_valid":true,"granular_scopes":[{"scope":"whatsapp_business_management","target_ids":["../1"]}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := whatsapp.NewReader(whatsapp.Config{Transport: heard(body)}, ourApp)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Media(t.Context(), key(), mention.Attachment{ID: "1"})
		if err == nil && !strings.HasPrefix(got.URL, "https://") || err != nil && got.Header != nil {
			t.Errorf("%q: %+v, %v", body, got, err)
		}
		if h, err := r.Check(t.Context(), key(), "", time.Time{}); err != nil && h.Name != "" {
			t.Errorf("%q: %+v, %v", body, h, err)
		}
	})
}
