package x_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/x"
)

func TestFigures(t *testing.T) {
	const public = `"public_metrics":{"retweet_count":2,"reply_count":3,"like_count":5,"quote_count":1,"impression_count":70}`
	n := func(v int64) *int64 { return &v }
	now := time.UnixMilli(1990000000000000009>>22 + 1288834974657).Add(time.Hour).UTC()
	for name, c := range map[string]struct {
		now    time.Time
		answer platformtest.Answer
		want   post.Figures
		fields string
		kind   fault.Kind
		reason string
	}{
		"all": {
			now,
			platformtest.Answer{Status: 200, Body: `{"data":{"id":"` + ourPost + `",` + public + `,"organic_metrics":{"impression_count":60,"url_link_clicks":4}}}`},
			post.Figures{At: now, Views: n(70), Reactions: n(5), Comments: n(3), Shares: n(3), Clicks: n(4)},
			"public_metrics,organic_metrics", 0, "",
		},
		"of long ago": {
			now.AddDate(0, 0, 40),
			platformtest.Answer{Status: 200, Body: `{"data":{"id":"` + ourPost + `","public_metrics":{"like_count":0}}}`},
			post.Figures{At: now.AddDate(0, 0, 40), Reactions: n(0)},
			"public_metrics", 0, "",
		},
		"none": {
			now,
			platformtest.Answer{Status: 200, Body: `{"data":{"id":"` + ourPost + `"}}`},
			post.Figures{},
			"public_metrics,organic_metrics",
			fault.Transient, once.ReasonUnknown,
		},
		"gone": {
			now, problem(404, types+"resource-not-found", "…"), post.Figures{}, "public_metrics,organic_metrics", fault.Permanent, once.ReasonGone,
		},
	} {
		t.Run(name, func(t *testing.T) {
			fields := ""
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fields = r.URL.Query().Get("tweet.fields")
				w.WriteHeader(c.answer.Status)
				_, _ = io.WriteString(w, c.answer.Body)
			}))
			defer s.Close()
			r, err := x.NewReader(config(s.URL))
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := r.Figures(t.Context(), signing(), ourPost, c.now)
			if fault.Of(err) != c.kind || r.Reason(err) != c.reason || fields != c.fields {
				t.Errorf("%v, asked for %s", err, fields)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	r, _ := x.NewReader(config("http://127.0.0.1:1"))
	if _, _, err := r.Figures(t.Context(), signing(), "../1", now); fault.Of(err) != fault.Invalid {
		t.Errorf("no id: %v", err)
	}
}

// The address that X puts behind the words of a post for what hangs on it is no word of anybody's.
func TestDecode_withoutTheAddressOfMedia(t *testing.T) {
	const own = `{"data":{"event_type":"post.create","filter":{"user_id":"` + ourID + `"},"payload":{"id":"` + ourPost + `","author_id":"` + ourID +
		`","text":%s,"attachments":{"media_keys":["3_1","3_2"]},"entities":{"urls":[` +
		`{"url":"https://t.co/En1","expanded_url":"https://sence.cl"},{"url":"https://t.co/Me1","media_key":"3_1"},{"url":"https://t.co/Me1","media_key":"3_2"}]}}}}`
	for text, want := range map[string]string{
		"Hola https://t.co/Me1":                   "Hola",
		"Hola https://t.co/En1\nhttps://t.co/Me1": "Hola https://t.co/En1",
		"Hola https://t.co/En1":                   "Hola https://t.co/En1",
		"https://t.co/Me1 hola":                   "https://t.co/Me1 hola",
		"https://t.co/Me1":                        "",
	} {
		events := x.Decode([]byte(fmt.Sprintf(own, quoted(text))), mention.Accounts{mention.X: {ourID}})
		if len(events) != 1 || events[0].Text != want {
			t.Errorf("%q: %+v", text, events)
		}
	}
}
