package meta_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
)

// heard answers every request with one body, and without a network.
type heard []byte

func (s heard) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(s)), Request: r,
	}, nil
}

func hearing(instagram bool, body []byte) meta.Reader {
	cfg := meta.Config{Transport: heard(body)}
	if instagram {
		return meta.NewInstagramReader(cfg, withID)
	}
	return meta.NewReader(cfg, withID)
}

// sound says what is wrong with an event that was read, "" for nothing.
func sound(body []byte, e mention.Event) string {
	switch {
	case e.Network != mention.Facebook && e.Network != mention.Instagram:
		return "of no network"
	case e.Outcome != mention.Interaction && e.Outcome != mention.Own && e.Outcome != mention.Thread:
		return "asks for something that no look may ask for"
	case !utf8.ValidString(e.Text) || strings.ContainsRune(e.Text, 0) || utf8.RuneCountInString(e.Text) > 20_000:
		return "a text that cannot be stored"
	case !e.At.IsZero() && (e.At.Location() != time.UTC || e.At.Year() < 2004 || e.At.Year() > 2099):
		return "an instant that cannot be"
	case strings.ContainsFunc(e.Key+e.Thread+e.Parent, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "an id that cannot be"
	}
	for _, a := range e.Attachments {
		if a.URL != "" && !strings.HasPrefix(a.URL, "https://") && !strings.HasPrefix(a.URL, "http://") {
			return "an address that a browser may not follow"
		}
	}
	return ""
}

// FuzzList reads strange pages as every list there is, on both levels.
func FuzzList(f *testing.F) {
	for _, one := range []string{
		fbPost, fbComment, fbMention, fbRating, fbLetter, igOne, igReply, igMedia, igTag, igLetter, igTalk,
		strings.TrimSuffix(igOne, "}") + `,"replies":` + data(igReply) + `}`,
		`{"id":"m_9","from":{"id":"200"},"message":"","story":{"mention":{"link":"https://example.com/s","id":"5"}},"sticker":"https://example.com/a"}`,
		`{"id":"100_7","attachments":{"data":[{"type":"album","subattachments":{"data":[{"type":"photo","media":{"image":{"src":"https://example.com/a"}}}]}}]}}`,
	} {
		f.Add([]byte(data(one)))
	}
	f.Add([]byte(`{"data":[],"paging":{"next":"https://graph.facebook.com/v25.0/100/feed?after=B"}}`))
	f.Add([]byte(`{"data":[null,7,"x",[],{}],"paging":{"next":"https://example.com/"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, instagram := range []bool{false, true} {
			r := hearing(instagram, body)
			for _, name := range r.Lists() {
				for _, cursor := range []string{"", `{"s":1,"e":true,"q":[{"l":1,"i":"7_8"}]}`, `{"s":1,"e":true,"q":[{"l":2,"i":"8","o":"7"}]}`} {
					page, err := r.List(t.Context(), keyOf(ourPage), channel.ListQuery{List: name, Cursor: cursor})
					if err == nil != (page.Cursor != "") || err != nil && len(page.Events) > 0 {
						t.Errorf("%s %q: %+v, %v", name, body, page, err)
					}
					if strings.Contains(page.Cursor, "example.com") || len(page.Cursor) > 1<<20 {
						t.Errorf("%s %q: goes on at %s", name, body, page.Cursor)
					}
					for _, e := range page.Events {
						if wrong := sound(body, e); wrong != "" || e.Key == "" {
							t.Errorf("%s %q: %s: %+v", name, body, wrong, e)
						}
					}
				}
			}
		}
	})
}

// FuzzItem reads strange answers as every item there is.
func FuzzItem(f *testing.F) {
	for _, one := range []string{fbPost, fbComment, fbMention, fbLetter, igOne, igLetter, igMentioned, igCaptioned} {
		f.Add([]byte(one))
	}
	f.Add([]byte(`{"mentioned_media":{"caption":"metricsaurus headquarters!","media_type":"IMAGE","id":"17873440459141021"},"id":"17841405309211844"}`))
	told := []mention.Event{
		{Network: mention.Facebook, Kind: mention.Comment, Key: "7_9", Thread: "100_7"}, {Network: mention.Facebook, Kind: mention.Post, Key: "100_7", Thread: "100_7"},
		{Network: mention.Facebook, Kind: mention.DM, Key: "m_9"}, {Network: mention.Instagram, Kind: mention.Comment, Key: "9"},
		{Network: mention.Instagram, Kind: mention.Mentioned, Key: "17:18", Thread: "17"}, {Network: mention.Instagram, Kind: mention.Mentioned, Key: "17", Thread: "17"},
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, e := range told {
			got, _, err := hearing(e.Network == mention.Instagram, body).Item(t.Context(), keyOf(ourPage), e)
			if err != nil {
				continue
			}
			if wrong := sound(body, got); wrong != "" || got.Key != e.Key || got.Network != e.Network {
				t.Errorf("%q: %s: %+v", body, wrong, got)
			}
		}
	})
}

// FuzzCheck reads strange answers about a key and about subscriptions.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(goodKey))
	f.Add([]byte(userKey))
	f.Add([]byte(`{"data":{"is_valid":true},"id":"100","name":"x","success":true,"instagram_business_account":{"id":"100"}}`))
	f.Add([]byte(`{"data":[{"id":"42","subscribed_fields":["feed",7,null,{}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, instagram := range []bool{false, true} {
			h, err := hearing(instagram, body).Check(t.Context(), keyOf(ourPage), "", time.Time{})
			if err != nil && (h.Name != "" || len(h.Subscriptions) > 0) {
				t.Errorf("%q: %+v, %v", body, h, err)
			}
		}
		l, _ := meta.NewLogin(meta.Config{Transport: heard(body)}, "", withID)
		found, _ := l.Accounts(t.Context(), channel.Tokens{Access: "k"})
		for _, c := range found {
			if c.Account == "" || c.Tokens.Access == "" || strings.ContainsAny(c.Account, "/?.") {
				t.Errorf("%q: %+v", body, c.Choice)
			}
		}
	})
}
