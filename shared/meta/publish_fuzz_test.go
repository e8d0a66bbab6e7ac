package meta_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

// FuzzPrepare reads strange answers to everything that is asked ahead of a post and after it.
func FuzzPrepare(f *testing.F) {
	for _, one := range []string{
		`{"id":"66","status_code":"FINISHED"}`, `{"id":"77","status":{"video_status":"ready"},"post_id":"9","published":true}`,
		`{"data":[{"quota_usage":50,"config":{"quota_total":50}}]}`, `{"id":"../x","status_code":7}`, `{"id":9,"data":{}}`,
		`{"data":[{"id":"9","caption":"hola","message":"hola","timestamp":"2026-11-23T15:00:02+0000","created_time":"2026-11-23T15:00:02+0000"}]}`,
	} {
		f.Add([]byte(one))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		cfg := meta.Config{Transport: heard(body)}
		page := meta.NewPublisher(cfg, ownSecret, ownAccess, platformtest.Files{})
		gram := meta.NewInstagramPublisher(cfg, ownSecret, ownAccess, platformtest.Files{})
		for _, c := range []struct {
			p meta.Publisher
			b post.Broadcast
		}{
			{page, ofPage(clip("1"))},
			{page, ofPage(picture("1", "a"), picture("2", "b"))},
			{gram, ofInstagram(clip("1"))},
			{gram, ofInstagram(picture("1", "a"), picture("2", "b"))},
		} {
			got, err := c.p.Prepare(t.Context(), c.b, platformtest.SaidAt())
			if fault.Is(err, fault.Uncertain) || got.Ready && err != nil || !got.Ready && err == nil && got.Wait <= 0 {
				t.Errorf("prepared %+v, %v", got, err)
			}
			for name, id := range got.Has {
				if name != "of" && strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") != "" {
					t.Errorf("has %s %q", name, id)
				}
			}
			c.b.Prepared = got
			if receipt, err := c.p.Publish(t.Context(), c.b); (receipt.ID == "") == (err == nil) {
				t.Errorf("published %q, %v", receipt.ID, err)
			}
			if id, found, err := c.p.Published(t.Context(), c.b, platformtest.Since()); found != (id != "") || found && err != nil || fault.Is(err, fault.Uncertain) {
				t.Errorf("found %q, %t, %v", id, found, err)
			}
		}
	})
}

// FuzzFigures reads strange counts.
func FuzzFigures(f *testing.F) {
	for _, one := range []string{
		`{"id":"9","like_count":5,"comments_count":-2,"shares":{"count":1.5}}`, `{"id":"9","reactions":{"summary":{"total_count":"7"}}}`,
		`{"id":"9","data":[{"name":"views","values":[{"value":9}]},{"name":"shares","values":[{}]}]}`, `{"id":"9","like_count":99999999999999999999}`,
	} {
		f.Add([]byte(one))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, instagram := range []bool{false, true} {
			got, _, err := hearing(instagram, body).Figures(t.Context(), channel.Access{Account: ourPage, Token: token}, "100_9", time.Unix(1, 0))
			if err != nil && got != (post.Figures{}) || err == nil && got.At.IsZero() {
				t.Errorf("%+v, %v", got, err)
			}
			for _, n := range []*int64{got.Views, got.Reactions, got.Comments, got.Shares, got.Clicks} {
				if n != nil && *n < 0 {
					t.Errorf("less than none: %+v", got)
				}
			}
		}
	})
}

// Whatever is written, and whatever a picture shows, arrives byte for byte.
func TestPublish_anyText(t *testing.T) {
	var mu sync.Mutex
	var heardText, heardAlt string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		for _, name := range []string{"message", "caption"} {
			if text := r.FormValue(name); text != "" {
				heardText = text
			}
		}
		for _, name := range []string{"alt_text_custom", "alt_text"} {
			if alt := r.FormValue(name); alt != "" {
				heardAlt = alt
			}
		}
		say(http.StatusOK, `{"id":"66","status_code":"FINISHED"}`)(w, r)
	}))
	defer server.Close()
	page, _ := publishesFacebook(server.URL)
	gram, _ := publishesInstagram(server.URL)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringOf(rapid.Rune().Filter(utf8.ValidRune))
		text, alt := words.Filter(func(s string) bool { return s != "" }).Draw(t, "text"), words.Filter(func(s string) bool { return s != "" }).Draw(t, "alt")
		for i, b := range []post.Broadcast{ofPage(picture("1", alt)), ofInstagram(picture("1", alt))} {
			p := []platformtest.Publisher{page, gram}[i]
			b.Text = text
			got, err := p.Prepare(t.Context(), b, platformtest.SaidAt())
			if err != nil || !got.Ready {
				t.Fatalf("%+v, %v", got, err)
			}
			b.Prepared = got
			if _, err := p.Publish(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if heardText != text || heardAlt != alt {
				t.Fatalf("heard %q and %q, want %q and %q", heardText, heardAlt, text, alt)
			}
		}
	})
}
