package x_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/x"
)

const ourPost = "1990000000000000009"

func publisher(base string, files x.Files) (*x.Publisher, error) {
	return x.NewPublisher(config(base), func(context.Context, string) (channel.Access, error) { return signing(), nil }, files)
}

func picture(id, alt string) post.Attached {
	return post.Attached{ID: id, Alt: alt, File: post.File{Kind: post.Image, Type: "image/jpeg", Size: 5000, Width: 10, Height: 10}}
}

// mediumOf is X's number of the file that a request is about.
func mediumOf(r *http.Request) string {
	if id := r.URL.Query().Get("media_id"); id != "" {
		return id
	}
	return strings.Split(r.URL.Path, "/")[4]
}

// library plays the upload of media, which works on each file for a second, and the timeline.
func library(r *http.Request, published bool, _ string) platformtest.Answer {
	good := func(body string) platformtest.Answer { return platformtest.Answer{Status: 200, Body: body} }
	switch {
	case r.URL.Path == "/2/media/upload/initialize":
		body, _ := io.ReadAll(r.Body)
		return good(fmt.Sprintf(`{"data":{"id":"18800000000000%05d","media_key":"3_1","expires_after_secs":86400}}`, len(body)))
	case strings.HasSuffix(r.URL.Path, "/append"):
		return platformtest.Answer{Status: 204}
	case strings.HasSuffix(r.URL.Path, "/finalize"):
		return good(`{"data":{"id":"` + mediumOf(r) + `","size":1,"processing_info":{"state":"pending","check_after_secs":2}}}`)
	case r.URL.Path == "/2/media/upload":
		return good(`{"data":{"id":"` + mediumOf(r) + `","processing_info":{"state":"succeeded","progress_percent":100}}}`)
	case r.URL.Path == "/2/media/metadata":
		return good(`{"data":{"id":"1"}}`)
	case !published:
		return good(page())
	}
	return good(page(
		strings.Replace(ours("1990000000000000008", platformtest.Text, platformtest.SaidAt()), ourPost, "7", 1), // an answer in the same words
		fmt.Sprintf(`{"id":%q,"text":%s,"created_at":%q}`, ourPost, quoted(strings.ReplaceAll(platformtest.Text, "&", "&amp;")+" https://t.co/Ab9"), platformtest.SaidAt().Format(time.RFC3339)),
	))
}

func heard(r *http.Request, body []byte) platformtest.Heard {
	var said struct {
		Text     string `json:"text"`
		Metadata struct {
			Alt struct {
				Text string `json:"text"`
			} `json:"alt_text"`
		} `json:"metadata"`
	}
	_ = json.Unmarshal(body, &said)
	if said.Metadata.Alt.Text != "" {
		return platformtest.Heard{Alts: []string{said.Metadata.Alt.Text}}
	}
	return platformtest.Heard{Text: said.Text}
}

func publishing() platformtest.Publishing {
	words := platformtest.Shape{
		Name: "words with a link", Post: post.Broadcast{Account: ourID, Text: platformtest.Text, Link: "https://sence.gob.cl/a"},
		Says: platformtest.Text + "\nhttps://sence.gob.cl/a",
		ID:   ourPost, URL: "https://x.com/i/web/status/" + ourPost,
		Publishes: func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Path == "/2/tweets" },
		Heard:     heard, Show: library,
		Sent: platformtest.Answer{Status: 201, Body: `{"data":{"id":"` + ourPost + `","text":"CANARY"}}`},
	}
	for _, r := range refusals() {
		if r.Reason == once.ReasonDuplicate {
			r.Kind = fault.Duplicate
		}
		words.Refusals = append(words.Refusals, r)
	}
	pictures := words
	pictures.Name, pictures.Says = "pictures", ""
	pictures.Post = post.Broadcast{Account: ourID, Text: platformtest.Text, Media: []post.Attached{picture("a", "una sala"), picture("b", "una mesa")}}
	pictures.Post.Media[1].Size = 50_000
	pictures.Unprepared = []platformtest.Refusal{
		refusal("not a picture", problem(400, types+"invalid-request", "…"), fault.Permanent, once.ReasonContent, 0),
		refusal("not allowed", problem(403, types+"client-forbidden", "…"), fault.Denied, once.ReasonPermission, 0),
	}
	return platformtest.Publishing{
		New:     func(base string) (platformtest.Publisher, error) { return publisher(base, platformtest.Files{}) },
		Shapes:  []platformtest.Shape{words, pictures},
		Told:    told(),
		Secrets: []string{"llave-ficticia", "oauth_"},
	}
}

func TestPublisher(t *testing.T) { platformtest.RunPublisher(t, publishing()) }

// told of a request: its method, path and body, the last without what parts the fields of a form.
func requestOf(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	line := r.Method + " " + r.URL.RequestURI()
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return strings.TrimSpace(line + " " + string(body))
	}
	form := multipart.NewReader(strings.NewReader(string(body)), params["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return line
		}
		content, _ := io.ReadAll(part)
		if part.FormName() == "media" {
			content = []byte(fmt.Sprintf("%d bytes from %d", len(content), content[0]))
		}
		line += " " + part.FormName() + "=" + string(content)
	}
}

// desk is an X that keeps what it is asked, and answers media by the rules of library unless answer says otherwise.
func desk(t *testing.T, answer func(r *http.Request) *platformtest.Answer) (*x.Publisher, *[]string) {
	t.Helper()
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		again := func() *http.Request {
			clone := r.Clone(r.Context())
			clone.Body = io.NopCloser(strings.NewReader(string(body)))
			return clone
		}
		asked = append(asked, requestOf(again()))
		a := answer(again())
		if a == nil {
			said := library(again(), false, "")
			a = &said
		}
		w.WriteHeader(a.Status)
		_, _ = io.WriteString(w, a.Body)
	}))
	t.Cleanup(s.Close)
	p, err := publisher(s.URL, platformtest.Files{})
	if err != nil {
		t.Fatal(err)
	}
	return p, &asked
}

func film() post.Broadcast {
	return post.Broadcast{Account: ourID, Text: "Mira", Media: []post.Attached{
		{ID: "v", Alt: "un taller", File: post.File{Kind: post.Video, Type: "video/mp4", Size: 9 << 20, Millis: 5000}},
	}}
}

// A video goes in segments, and is asked for until X has worked on it; what it shows X does not take.
func TestPrepare_video(t *testing.T) {
	states := []string{
		`"processing_info":{"state":"in_progress","check_after_secs":7,"progress_percent":8}`,
		`"processing_info":{"state":"in_progress","check_after_secs":9000}`, `"processing_info":{"state":"succeeded"}`,
	}
	p, asked := desk(t, func(r *http.Request) *platformtest.Answer {
		if r.URL.Path != "/2/media/upload" {
			return nil
		}
		state := states[0]
		states = states[1:]
		return &platformtest.Answer{Status: 200, Body: `{"data":{"id":"` + mediumOf(r) + `",` + state + `}}`}
	})
	b, now := film(), platformtest.SaidAt()
	var waits []time.Duration
	for range 4 {
		got, err := p.Prepare(t.Context(), b, now)
		if err != nil {
			t.Fatal(err)
		}
		b.Prepared = got
		waits = append(waits, got.Wait)
	}
	if want := []time.Duration{2 * time.Second, 7 * time.Second, 5 * time.Minute, 0}; !slices.Equal(waits, want) {
		t.Errorf("waits %v, want %v", waits, want)
	}
	if !b.Prepared.Good(now.Add(22*time.Hour)) || b.Prepared.Good(now.Add(23*time.Hour)) {
		t.Errorf("good until %s", b.Prepared.Until)
	}
	id := b.Prepared.Has["v/media"]
	status := "GET /2/media/upload?command=STATUS&media_id=" + id
	want := []string{
		`POST /2/media/upload/initialize {"media_category":"tweet_video","media_type":"video/mp4","total_bytes":9437184}`,
		"POST /2/media/upload/" + id + "/append segment_index=0 media=4194304 bytes from 0",
		"POST /2/media/upload/" + id + "/append segment_index=1 media=4194304 bytes from 0",
		"POST /2/media/upload/" + id + "/append segment_index=2 media=1048576 bytes from 0",
		"POST /2/media/upload/" + id + "/finalize",
		status, status, status,
	}
	if diff := cmp.Diff(want, *asked); diff != "" {
		t.Error(diff)
	}
	if _, err := p.Prepare(t.Context(), b, now); err != nil || len(*asked) != len(want) {
		t.Errorf("asked again for what is ready: %v", err)
	}
	if got, err := p.Prepare(t.Context(), b, now.Add(24*time.Hour)); err != nil || got.Ready || len(*asked) != 2*len(want)-3 {
		t.Errorf("what X threw away is not brought anew: %+v, %v", got, err)
	}
}

// What a picture shows goes with it, cut to what X takes.
func TestPublish_requests(t *testing.T) {
	p, asked := desk(t, func(r *http.Request) *platformtest.Answer {
		switch {
		case strings.HasSuffix(r.URL.Path, "/finalize"):
			return &platformtest.Answer{Status: 200, Body: `{"data":{"id":"` + mediumOf(r) + `"}}`}
		case r.URL.Path == "/2/tweets":
			return &platformtest.Answer{Status: 201, Body: `{"data":{"id":"` + ourPost + `"}}`}
		}
		return nil
	})
	b := post.Broadcast{Account: ourID, Text: "Mira sence.gob.cl/a", Link: "sence.gob.cl/a", Media: []post.Attached{picture("a", strings.Repeat("ñ", 1001))}}
	got, err := p.Prepare(t.Context(), b, platformtest.SaidAt())
	if err != nil || !got.Ready {
		t.Fatalf("%+v, %v", got, err)
	}
	b.Prepared = got
	if r, err := p.Publish(t.Context(), b); err != nil || r.ID != ourPost {
		t.Fatalf("%+v, %v", r, err)
	}
	id := got.Has["a/media"]
	if diff := cmp.Diff([]string{
		`POST /2/media/metadata {"id":"` + id + `","metadata":{"alt_text":{"text":"` + strings.Repeat("ñ", 999) + `…"}}}`,
		`POST /2/tweets {"text":"Mira sence.gob.cl/a","media":{"media_ids":["` + id + `"]}}`,
	}, (*asked)[3:]); diff != "" {
		t.Error(diff)
	}
}

// What does not fit into the time goes on at the next call from the segment it came to.
func TestPrepare_goesOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, asked := desk(t, func(r *http.Request) *platformtest.Answer {
		if strings.HasSuffix(r.URL.Path, "/append") {
			if requestOf(r); ctx.Err() == nil {
				cancel()
			}
		}
		return nil
	})
	b, now := film(), platformtest.SaidAt()
	got, err := p.Prepare(ctx, b, now)
	if err != nil || got.Ready || got.Wait <= 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	next, _ := strconv.Atoi(got.Has["v/next"]) // nothing when the answer to the first was not heard any more
	b.Prepared = got
	*asked = nil
	if got, err = p.Prepare(t.Context(), b, now); err != nil || len(*asked) != 3-next+1 {
		t.Errorf("%+v, %v after %v", got, err, *asked)
	}
	if want := fmt.Sprintf("segment_index=%d ", next); !strings.Contains((*asked)[0], want) {
		t.Errorf("goes on with %s", (*asked)[0])
	}
}

type brokenFiles struct{ err error }

func (f brokenFiles) Range(context.Context, string, int64, int64) ([]byte, error) {
	return []byte("corto"), f.err
}

func TestPrepare_refuses(t *testing.T) {
	failed := func(r *http.Request) *platformtest.Answer {
		if !strings.HasSuffix(r.URL.Path, "/finalize") {
			return nil
		}
		return &platformtest.Answer{Status: 200, Body: `{"data":{"id":"` + mediumOf(r) + `","processing_info":{"state":"failed","error":{"message":"CANARY"}}}}`}
	}
	for name, c := range map[string]struct {
		spoil  func(b *post.Broadcast)
		files  x.Files
		answer func(r *http.Request) *platformtest.Answer
		kind   fault.Kind
		reason string
	}{
		"five pictures":       {spoil: func(b *post.Broadcast) { b.Media = slices.Repeat([]post.Attached{picture("a", "x")}, 5) }, kind: fault.Permanent, reason: once.ReasonContent},
		"a picture and video": {spoil: func(b *post.Broadcast) { b.Media = append(b.Media, picture("a", "x")) }, kind: fault.Permanent, reason: once.ReasonContent},
		"no size":             {spoil: func(b *post.Broadcast) { b.Media[0].Size = 0 }, kind: fault.Invalid, reason: once.ReasonInput},
		"a strange kind":      {spoil: func(b *post.Broadcast) { b.Media[0].Kind = "audio" }, kind: fault.Invalid, reason: once.ReasonInput},
		"too long":            {spoil: func(b *post.Broadcast) { b.Text = strings.Repeat("ñ", 281) }, kind: fault.Permanent, reason: once.ReasonContent},
		"too long with its link": {
			spoil: func(b *post.Broadcast) { b.Text, b.Link = strings.Repeat("ñ", 260), "https://sence.cl" },
			kind:  fault.Permanent, reason: once.ReasonContent,
		},
		"a template":              {spoil: func(b *post.Broadcast) { b.Template = &post.Template{} }, kind: fault.Permanent, reason: once.ReasonUnsupported},
		"no account":              {spoil: func(b *post.Broadcast) { b.Account = "../1" }, kind: fault.Invalid, reason: once.ReasonInput},
		"a file that is gone":     {files: brokenFiles{fault.New(fault.NotFound, "s3.Range", nil)}, kind: fault.Permanent, reason: once.ReasonFile},
		"a file not to be had":    {files: brokenFiles{errors.New("x")}, kind: fault.Transient, reason: once.ReasonFile},
		"another file":            {files: brokenFiles{}, kind: fault.Invalid, reason: once.ReasonInput},
		"X cannot work on a file": {answer: failed, kind: fault.Permanent, reason: once.ReasonContent},
	} {
		t.Run(name, func(t *testing.T) {
			if c.answer == nil {
				c.answer = func(*http.Request) *platformtest.Answer { return nil }
			}
			p, _ := desk(t, c.answer)
			if c.files != nil {
				s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, library(r, false, "").Body) }))
				defer s.Close()
				p, _ = publisher(s.URL, c.files)
			}
			b := film()
			if c.spoil != nil {
				c.spoil(&b)
			}
			got, err := p.Prepare(t.Context(), b, platformtest.SaidAt())
			if fault.Of(err) != c.kind || p.Reason(err) != c.reason || got.Ready {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// A post is known by its words, whatever X makes of its links, and an answer is never one.
func TestPublished(t *testing.T) {
	at := platformtest.SaidAt().Format(time.RFC3339)
	for name, c := range map[string]struct {
		b     post.Broadcast
		item  string
		found bool
	}{
		"a link": {post.Broadcast{Text: "Mira", Link: "https://sence.cl/a"}, `"text":"Mira https://t.co/Ab1"`, true},
		"a link that stands for another, as Alike tells no links apart": {
			post.Broadcast{Text: "Mira https://sence.cl/a"},
			`"text":"Mira https://t.co/Ab1","entities":{"urls":[{"url":"https://t.co/Ab1","expanded_url":"https://otra.cl"}]}`, true,
		},
		"a picture":                   {post.Broadcast{Text: "Mira", Media: []post.Attached{picture("a", "x")}}, `"text":"Mira https://t.co/Ab1"`, true},
		"a link and a picture":        {post.Broadcast{Text: "Mira", Link: "sence.cl", Media: []post.Attached{picture("a", "x")}}, `"text":"Mira https://t.co/Ab1 https://t.co/Ab2"`, true},
		"a link where none was":       {post.Broadcast{Text: "Mira"}, `"text":"Mira https://t.co/Ab1"`, false},
		"words after the picture":     {post.Broadcast{Text: "Mira", Media: []post.Attached{picture("a", "x")}}, `"text":"Mira https://t.co/Ab1 ya"`, false},
		"whole words apart":           {post.Broadcast{Text: "Mira bien"}, `"text":"Mira…","note_tweet":{"text":"Mira bien"}`, true},
		"an answer":                   {post.Broadcast{Text: "Mira"}, `"text":"Mira","referenced_tweets":[{"type":"replied_to","id":"5"}]`, false},
		"something that is passed on": {post.Broadcast{Text: "Mira"}, `"text":"Mira","referenced_tweets":[{"type":"retweeted","id":"5"}]`, false},
	} {
		t.Run(name, func(t *testing.T) {
			var query url.Values
			p, _ := desk(t, func(r *http.Request) *platformtest.Answer {
				query = r.URL.Query()
				return &platformtest.Answer{Status: 200, Body: page(`{"id":"` + ourPost + `","created_at":"` + at + `",` + c.item + `}`)}
			})
			c.b.Account = ourID
			id, found, err := p.Published(t.Context(), c.b, platformtest.Since())
			if err != nil || found != c.found || found && id != ourPost {
				t.Errorf("%q, %t, %v", id, found, err)
			}
			if query.Get("exclude") != "replies,retweets" || query.Get("start_time") == "" {
				t.Errorf("asked for %v", query)
			}
		})
	}
	p, _ := desk(t, func(*http.Request) *platformtest.Answer { return nil })
	if _, _, err := p.Published(t.Context(), post.Broadcast{Account: ourID, Text: "x"}, time.Time{}); fault.Of(err) != fault.Invalid {
		t.Errorf("since nothing: %v", err)
	}
	if got := p.PostURL(ourID, "../x"); got != "" {
		t.Errorf("an address of nothing: %q", got)
	}
}
