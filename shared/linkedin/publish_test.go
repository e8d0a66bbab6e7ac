package linkedin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

func publisher(base string, files linkedin.Files) (*linkedin.Publisher, error) {
	return linkedin.NewPublisher(linkedin.Config{BaseURL: base}, func(context.Context, string) (channel.Access, error) { return key(), nil }, files)
}

func file(id, kind, alt string, size int64) post.Attached {
	return post.Attached{ID: id, Alt: alt, File: post.File{Kind: kind, Type: "any/thing", Size: size}}
}

func good(body string, header ...string) platformtest.Answer {
	return platformtest.Answer{Status: 200, Body: body, Header: header}
}

// library plays the upload of pictures and videos, and the list of our posts.
func library(r *http.Request, published bool, here string) platformtest.Answer {
	body, _ := io.ReadAll(r.Body)
	switch call := r.Method + " " + r.URL.Path + " " + r.URL.Query().Get("action"); {
	case call == "POST /rest/images initializeUpload":
		return good(fmt.Sprintf(`{"value":{"image":"urn:li:image:C%d","uploadUrl":"%s/dms-uploads/i?a=b&n=%d","uploadUrlExpiresAt":1}}`, len(body), here, len(body)))
	case call == "POST /rest/videos initializeUpload":
		var asked struct {
			Of struct {
				Size int64 `json:"fileSizeBytes"`
			} `json:"initializeUploadRequest"`
		}
		_ = json.Unmarshal(body, &asked)
		var parts []string
		for from := int64(0); from < asked.Of.Size; from += 4 << 20 {
			parts = append(parts, fmt.Sprintf(`{"firstByte":%d,"lastByte":%d,"uploadUrl":"%s/dms-uploads/v/%d"}`, from, min(from+4<<20, asked.Of.Size)-1, here, len(parts)))
		}
		return good(`{"value":{"video":"urn:li:video:V1","uploadToken":"CANARY-u","uploadUrlsExpireAt":` +
			strconv.FormatInt(platformtest.SaidAt().Add(time.Hour).UnixMilli(), 10) + `,"uploadInstructions":[` + strings.Join(parts, ",") + `]}}`)
	case strings.HasPrefix(call, "PUT /dms-uploads/i"):
		return platformtest.Answer{Status: 201}
	case strings.HasPrefix(call, "PUT /dms-uploads/v/"):
		return platformtest.Answer{Status: 200, Header: []string{"ETag", `"etag-` + r.URL.Path[len("/dms-uploads/v/"):] + `"`}}
	case call == "POST /rest/videos finalizeUpload":
		return good(``)
	case strings.HasPrefix(call, "GET /rest/images/urn:li:image:C"), strings.HasPrefix(call, "GET /rest/videos/urn:li:video:V1"):
		return good(`{"status":"AVAILABLE","downloadUrl":"https://x"}`)
	case !published:
		return good(page("", posting("urn:li:share:8", us, "otra cosa", platformtest.SaidAt())))
	}
	return good(page(
		"", posting("urn:li:share:7", "urn:li:person:A", linkedin.Escape(platformtest.Text), platformtest.SaidAt()),
		posting(aShare, us, linkedin.Escape(platformtest.Text), platformtest.SaidAt()),
	))
}

// posting is a post as LinkedIn gives it back.
func posting(urn, author, little string, at time.Time) string {
	return fmt.Sprintf(`{"id":%q,"author":%q,"commentary":%s,"createdAt":%d,"publishedAt":%d,"lifecycleState":"PUBLISHED"}`,
		urn, author, quoted(little), at.UnixMilli(), at.UnixMilli())
}

func heard(_ *http.Request, body []byte) platformtest.Heard {
	type medium struct {
		Alt string `json:"altText"`
	}
	var said struct {
		Text    string `json:"commentary"`
		Content struct {
			Media   medium `json:"media"`
			Several struct {
				Images []medium `json:"images"`
			} `json:"multiImage"`
		} `json:"content"`
	}
	_ = json.Unmarshal(body, &said)
	h := platformtest.Heard{Text: linkedin.Plain(said.Text)}
	for _, m := range append(said.Content.Several.Images, said.Content.Media) {
		if m.Alt != "" {
			h.Alts = append(h.Alts, m.Alt)
		}
	}
	return h
}

func publishing() platformtest.Publishing {
	words := platformtest.Shape{
		Name: "words with a link", Post: post.Broadcast{Account: us, Text: platformtest.Text, Link: "https://sence.gob.cl/a"},
		ID: aShare, URL: "https://www.linkedin.com/feed/update/" + aShare + "/",
		Publishes: func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Path == "/rest/posts" },
		Heard:     heard, Show: library,
		Sent: platformtest.Answer{Status: 201, Header: []string{"X-Restli-Id", url.QueryEscape(aShare)}},
	}
	for _, r := range refusals() {
		if r.Reason == once.ReasonDuplicate {
			r.Kind = fault.Duplicate
		}
		words.Refusals = append(words.Refusals, r)
	}
	pictures := words
	pictures.Name = "pictures"
	pictures.Post = post.Broadcast{Account: us, Text: platformtest.Text, Media: []post.Attached{file("a", post.Image, "una sala", 5000), file("b", post.GIF, "una mesa", 1)}}
	pictures.Unprepared = []platformtest.Refusal{
		refusal("not a picture", problem(422, "not an image"), fault.Permanent, once.ReasonContent, 0),
		refusal("no role", problem(403, "ACCESS_DENIED"), fault.Denied, once.ReasonPermission, 0),
	}
	film := pictures
	film.Name = "a video"
	film.Post = post.Broadcast{Account: us, Text: platformtest.Text, Media: []post.Attached{file("v", post.Video, "un taller", 4<<20+9)}}
	return platformtest.Publishing{
		New:    func(base string) (platformtest.Publisher, error) { return publisher(base, platformtest.Files{}) },
		Shapes: []platformtest.Shape{words, pictures, film}, Told: waits(),
	}
}

func TestPublisher(t *testing.T) { platformtest.RunPublisher(t, publishing()) }

// desk is a LinkedIn that keeps what it is asked, and answers as library does unless answer says otherwise.
func desk(t *testing.T, files linkedin.Files, answer func(r *http.Request, here string) *platformtest.Answer) (*linkedin.Publisher, *[]string) {
	t.Helper()
	var asked []string
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		line := r.Method + " " + r.URL.RequestURI()
		if r.Header.Get("Authorization") == "" {
			line += " (open)"
		}
		if r.Method == http.MethodPut {
			line += fmt.Sprintf(" %d bytes from %d", len(body), body[0])
		} else {
			line += " " + string(body)
		}
		asked = append(asked, strings.TrimSpace(line))
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		a := answer(r, s.URL)
		if a == nil {
			said := library(r, false, s.URL)
			a = &said
		}
		for i := 0; i+1 < len(a.Header); i += 2 {
			w.Header().Set(a.Header[i], a.Header[i+1])
		}
		w.WriteHeader(a.Status)
		_, _ = io.WriteString(w, a.Body)
	}))
	t.Cleanup(s.Close)
	p, err := publisher(s.URL, files)
	if err != nil {
		t.Fatal(err)
	}
	return p, &asked
}

func plainly(*http.Request, string) *platformtest.Answer { return nil }

// prepared prepares until it is ready.
func prepared(t *testing.T, p *linkedin.Publisher, b post.Broadcast) post.Broadcast {
	t.Helper()
	for range 5 {
		got, err := p.Prepare(t.Context(), b, platformtest.SaidAt())
		if err != nil {
			t.Fatal(err)
		}
		if b.Prepared = got; got.Ready {
			return b
		}
	}
	t.Fatal("never ready")
	return b
}

func TestPublish_requests(t *testing.T) {
	const rest = `"visibility":"PUBLIC","distribution":{"feedDistribution":"MAIN_FEED","targetEntities":[],"thirdPartyDistributionChannels":[]}`
	const end = `"lifecycleState":"PUBLISHED","isReshareDisabledByAuthor":false}`
	video := []string{
		`POST /rest/videos?action=initializeUpload {"initializeUploadRequest":{"fileSizeBytes":5242880,"owner":"` + us + `","uploadCaptions":false,"uploadThumbnail":false}}`,
		"PUT /dms-uploads/v/0 (open) 4194304 bytes from 0", "PUT /dms-uploads/v/1 (open) 1048576 bytes from 0",
		`POST /rest/videos?action=finalizeUpload {"finalizeUploadRequest":{"uploadToken":"CANARY-u","uploadedPartIds":["etag-0","etag-1"],"video":"urn:li:video:V1"}}`,
		"GET /rest/videos/urn%3Ali%3Avideo%3AV1",
		`POST /rest/posts {"author":"` + us + `","commentary":"Mira\nhttps://sence.cl/a\\_b",` + rest + `,"content":{"media":{"id":"urn:li:video:V1","altText":"un taller"}},` + end,
	}
	picture := []string{
		`POST /rest/images?action=initializeUpload {"initializeUploadRequest":{"owner":"` + us + `"}}`,
		"PUT /dms-uploads/i?a=b&n=67 3 bytes from 0", "GET /rest/images/urn%3Ali%3Aimage%3AC67",
	}
	for name, c := range map[string]struct {
		b    post.Broadcast
		want []string
	}{
		"words": {
			post.Broadcast{Text: "Mira (esto) #Cursos_2026"},
			[]string{`POST /rest/posts {"author":"` + us + `","commentary":"Mira \\(esto\\) #Cursos\\_2026",` + rest + `,` + end},
		},
		"a link": {
			post.Broadcast{Text: "Mira", Link: "https://www.sence.cl/a?b=c"},
			[]string{`POST /rest/posts {"author":"` + us + `","commentary":"Mira",` + rest + `,"content":{"article":{"source":"https://www.sence.cl/a?b=c","title":"sence.cl"}},` + end},
		},
		"a video and a link": {post.Broadcast{Text: "Mira", Link: "https://sence.cl/a_b", Media: []post.Attached{file("v", post.Video, "un taller", 5<<20)}}, video},
		"two pictures": {
			post.Broadcast{Text: "Mira https://sence.cl", Link: "https://sence.cl", Media: []post.Attached{file("a", post.Image, strings.Repeat("ñ", 5000), 3), file("b", post.Image, "b", 3)}},
			slices.Concat(picture[:2], picture[:2], []string{
				picture[2], picture[2],
				`POST /rest/posts {"author":"` + us + `","commentary":"Mira https://sence.cl",` + rest + `,"content":{"multiImage":{"images":[{"id":"urn:li:image:C67","altText":"` +
					strings.Repeat("ñ", 4085) + `…"},{"id":"urn:li:image:C67","altText":"b"}]}},` + end,
			}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, asked := desk(t, platformtest.Files{}, func(r *http.Request, _ string) *platformtest.Answer {
				if r.URL.Path != "/rest/posts" {
					return nil
				}
				return &platformtest.Answer{Status: 201, Header: []string{"X-Restli-Id", aShare}}
			})
			c.b.Account = us
			b := prepared(t, p, c.b)
			if got, err := p.Publish(t.Context(), b); err != nil || got.ID != aShare {
				t.Errorf("%+v, %v", got, err)
			}
			if diff := cmp.Diff(c.want, *asked); diff != "" {
				t.Error(diff)
			}
			if got, err := p.Prepare(t.Context(), b, platformtest.SaidAt()); err != nil || !got.Ready || len(*asked) != len(c.want) {
				t.Errorf("what is ready is asked for again: %v", err)
			}
		})
	}
}

// What LinkedIn named as standing is looked at first; our posts are looked through until they are too old.
func TestPublished(t *testing.T) {
	at, old := platformtest.SaidAt(), platformtest.Since().Add(-time.Hour)
	mine := posting(aShare, us, "Mira \\(esto\\) {hashtag|\\#|Cursos}", at)
	const one, list = "/rest/posts/" + aShare, "/rest/posts"
	for name, c := range map[string]struct {
		stands string
		named  platformtest.Answer
		pages  map[string]string // by start
		found  bool
		kind   fault.Kind
		looks  string
	}{
		"named":                         {aShare, good(mine), nil, true, 0, one},
		"named, and another's":          {aShare, good(strings.ReplaceAll(mine, us, "urn:li:person:A")), map[string]string{"0": page("")}, false, 0, one + " " + list},
		"named, and says other things":  {aShare, good(posting(aShare, us, "Otra", at)), map[string]string{"0": page("")}, false, 0, one + " " + list},
		"named, and of before":          {aShare, good(posting(aShare, us, "Mira (esto) #Cursos", old)), map[string]string{"0": page("")}, false, 0, one + " " + list},
		"named, and no more":            {aShare, problem(404, "gone"), map[string]string{"0": page("", mine)}, true, 0, one + " " + list},
		"named, and not to be seen now": {aShare, platformtest.Answer{Status: 500}, nil, false, fault.Transient, one},
		"named, and nothing":            {aShare, good(`{}`), nil, false, fault.Transient, one},
		"on the second page":            {"", good(""), map[string]string{"0": page(`"total":101`, posting("urn:li:share:1", us, "x", at)), "100": page("", mine)}, true, 0, list + " " + list},
		"older ones end it":             {"", good(""), map[string]string{"0": page(`"total":500`, posting("urn:li:share:1", us, "x", old))}, false, 0, list},
		"a URN that is none":            {"", good(""), map[string]string{"0": page("", strings.Replace(mine, aShare, "urn:li:share:../7", 1))}, false, 0, list},
		"no list":                       {"", good(""), map[string]string{"0": `{"elements":{}}`}, false, fault.Transient, list},
		"without end":                   {"", good(""), map[string]string{"": page(`"links":[{"rel":"next"}]`, posting("urn:li:share:1", us, "x", at))}, false, fault.Transient, strings.TrimSpace(strings.Repeat(list+" ", 10))},
	} {
		t.Run(name, func(t *testing.T) {
			var looks []string
			p, _ := desk(t, platformtest.Files{}, func(r *http.Request, _ string) *platformtest.Answer {
				looks = append(looks, r.URL.Path)
				if r.URL.Path != list {
					return &c.named
				}
				if q := r.URL.Query(); q.Get("q") != "author" || q.Get("author") != us || q.Get("sortBy") != "CREATED" || r.Header.Get("X-RestLi-Method") != "FINDER" {
					t.Errorf("asked for %v", q)
				}
				body, ok := c.pages[r.URL.Query().Get("start")]
				if !ok {
					body = c.pages[""]
				}
				a := good(body)
				return &a
			})
			b := post.Broadcast{Account: us, Text: "Mira (esto) #Cursos", Stands: c.stands}
			id, found, err := p.Published(t.Context(), b, platformtest.Since())
			if found != c.found || found && id != aShare || fault.Of(err) != c.kind || strings.Join(looks, " ") != c.looks {
				t.Errorf("%q, %t, %v after %v", id, found, err, looks)
			}
		})
	}
	p, _ := desk(t, platformtest.Files{}, plainly)
	if _, _, err := p.Published(t.Context(), post.Broadcast{Account: us, Text: "x"}, time.Time{}); fault.Of(err) != fault.Invalid {
		t.Errorf("since nothing: %v", err)
	}
	if got := p.PostURL(us, "https://otra.example"); got != "" {
		t.Errorf("an address of nothing: %q", got)
	}
}

// A refused duplicate names what stands there.
func TestPublish_duplicate(t *testing.T) {
	p, _ := desk(t, platformtest.Files{}, func(*http.Request, string) *platformtest.Answer {
		a := problem(422, "Content is a duplicate of urn:li:share:77")
		return &a
	})
	got, err := p.Publish(t.Context(), post.Broadcast{Account: us, Text: "Mira"})
	if fault.Of(err) != fault.Duplicate || got.Stands != "urn:li:share:77" || got.ID != "" {
		t.Errorf("%+v, %v", got, err)
	}
}
