package x_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
)

func TestMedia(t *testing.T) {
	const dmMedia = "https://ton.twitter.com/1.1/ton/data/dm/11/22/archivo-ficticio.jpg"
	for _, c := range []struct {
		name, url string
		a         channel.Access
		want      string // the address, with {base}
		opens     string
		reason    string
	}{
		{"a picture", "https://pbs.twimg.com/media/a.jpg", bearing(), "https://pbs.twimg.com/media/a.jpg", "", ""},
		{"a film, without a key", "https://video.twimg.com/a.mp4", channel.Access{}, "https://video.twimg.com/a.mp4", "", ""},
		{"of a message", dmMedia, bearing(), "{base}/2/dm_conversations/media/11/22/archivo-ficticio.jpg", "Bearer " + platformtest.Token, ""},
		{"of a message, by OAuth 1.0a", dmMedia, signing(), dmMedia, "OAuth ", ""},
		{"of a message, without a key", dmMedia, channel.Access{}, "", "", once.ReasonAuth},
		{"of a message that is not to be found", "https://ton.twitter.com/dm/ficticia.jpg", bearing(), "", "", once.ReasonUnsupported},
		{"of something else", "https://ton.twitter.com/1.1/ton/data/ads/11/22/x.jpg", bearing(), "", "", once.ReasonUnsupported},
		{"a path that climbs", "https://ton.twitter.com/dm/1/2/..", bearing(), "", "", once.ReasonUnsupported},
		{"another host", "https://example.com/dm/1/2/3", signing(), "", "", once.ReasonUnsupported},
		{"a host that begins alike", "https://ton.twitter.com.example.com/dm/1/2/3", signing(), "", "", once.ReasonUnsupported},
		{"another port", "https://ton.twitter.com:8443/dm/1/2/3", signing(), "", "", once.ReasonUnsupported},
		{"a user in it", "https://a@ton.twitter.com/dm/1/2/3", signing(), "", "", once.ReasonUnsupported},
		{"in the clear", "http://pbs.twimg.com/media/a.jpg", signing(), "", "", once.ReasonUnsupported},
		{"nothing", "", signing(), "", "", once.ReasonUnsupported},
		{"no address", "https://%zz", signing(), "", "", once.ReasonUnsupported},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := newReader("http://127.0.0.1:9")
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Media(t.Context(), c.a, mention.Attachment{Type: "image", URL: c.url})
			if r.Reason(err) != c.reason || got.URL != strings.ReplaceAll(c.want, "{base}", "http://127.0.0.1:9") || !strings.HasPrefix(got.Header["Authorization"], c.opens) ||
				c.opens == "" && len(got.Header) != 0 {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func FuzzList(f *testing.F) {
	f.Add([]byte(page(v2("9", "a", ""))), "floor=1&next=B")
	f.Add([]byte(`{"data":[`+dm("7", citizenID, "hola", `,"attachments":{"media_keys":["3_1"]}`)+`],`+people+`,"meta":{"result_count":1,"next_token":"C"}}`), "from=2026-11-23T15%3A00%3A00Z")
	f.Add([]byte(`{"errors":[{"type":"x"}],"meta":{"result_count":0}}`), "http://example.com/?a=b")
	f.Fuzz(func(t *testing.T, body []byte, cursor string) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
		defer s.Close()
		r, err := newReader(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range r.Lists() {
			got, err := r.List(t.Context(), bearing(), channel.ListQuery{List: list, Cursor: cursor, Since: platformtest.Since()})
			if err != nil {
				if len(got.Events) > 0 || got.Cursor != "" {
					t.Errorf("a failure that says something: %+v", got)
				}
				continue
			}
			for _, e := range got.Events {
				if wrong := flaw(body, e); wrong != "" {
					t.Errorf("%q: %s: %+v", body, wrong, e)
				}
			}
			if again, err := r.List(t.Context(), bearing(), channel.ListQuery{List: list, Cursor: got.Cursor}); err != nil && fault.Of(err) == fault.Invalid {
				t.Errorf("%q: its own cursor %q is refused: %v, %+v", body, got.Cursor, err, again)
			}
		}
	})
}

func FuzzItem(f *testing.F) {
	f.Add([]byte(`{"data":`+v2(theirPost, "a", "")+`,`+people+`}`), false)
	f.Add([]byte(`{"data":`+dm(theirPost, citizenID, "hola", "")+`,`+people+`}`), true)
	f.Add([]byte(`{"errors":[{"type":"x"}]}`), false)
	f.Fuzz(func(t *testing.T, body []byte, message bool) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
		defer s.Close()
		r, err := newReader(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		e := mention.Event{Outcome: mention.Fetch, Network: mention.X, Kind: mention.Comment, Account: ourID, Key: theirPost}
		if message {
			e.Kind = mention.DM
		}
		got, _, err := r.Item(t.Context(), bearing(), e)
		switch {
		case err != nil && got.Key != "":
			t.Errorf("%q: a failure that says something: %+v", body, got)
		case err == nil && (got.Key != theirPost || got.Outcome == mention.Fetch || got.Outcome == mention.Edit):
			t.Errorf("%q: %+v", body, got)
		}
	})
}
