package meta_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
)

// wall is a page with its posts and their comments, paged as Graph pages: items by path, size to a page.
type wall struct {
	items map[string][]string
	size  int
	gone  map[string]bool
}

func (b wall) answer(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/graph/v25.0/")
	w.Header().Set("Date", at(written).Format(http.TimeFormat))
	if b.gone[path] {
		say(400, refused(100, 33, ""))(w, r)
		return
	}
	from, to := 0, 0
	_, _ = fmt.Sscan(r.Form.Get("after"), &from)
	all := b.items[path]
	to = min(from+b.size, len(all))
	next := ""
	if to < len(all) {
		next = fmt.Sprintf(`,"paging":{"next":"http://%s%s?after=%d&limit=9&access_token=STOLEN&fields=x"}`, r.Host, r.URL.Path, to)
	}
	say(200, `{"data":[`+strings.Join(all[from:to], ",")+`]`+next+`}`)(w, r)
}

func instant(second int64) string { return `"` + at(second).Format("2006-01-02T15:04:05-0700") + `"` }

// read reads a list to its end, a page at a time, and gives the keys of what it found, the cursor, and the requests it took.
func (g *graph) read(t *testing.T, r platformtest.Reader, account string, q channel.ListQuery) (keys []string, cursor string, asked []string) {
	t.Helper()
	before := len(g.requests())
	for range 100 {
		page, err := r.List(t.Context(), keyOf(account), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			keys = append(keys, e.Key)
		}
		if q.Cursor = page.Cursor; !page.More {
			for _, one := range g.requests()[before:] {
				asked = append(asked, strings.TrimPrefix(one.URL.Path, "/graph/v25.0/"))
			}
			return keys, page.Cursor, asked
		}
	}
	t.Fatal("the list never ends")
	return nil, "", nil
}

func fbPostAt(id, by string, created, updated int64) string {
	return fmt.Sprintf(`{"id":%q,"message":"x","from":{"id":%q},"created_time":%s,"updated_time":%s}`, id, by, instant(created), instant(updated))
}

func fbCommentAt(id string, created int64) string {
	return fmt.Sprintf(`{"id":%q,"message":"x","from":{"id":"200"},"created_time":%s}`, id, instant(created))
}

// A round goes through the posts and through the comments of those where something happened, one request at a time, and
// loses nothing on the way; the next round begins before this one began.
func TestScan_feed(t *testing.T) {
	const since, month = written - 3600, 30 * 24 * 3600
	b := wall{size: 2, gone: map[string]bool{"100_4/comments": true}, items: map[string][]string{
		"100/feed": {
			fbPostAt("100_1", "200", since+50, since+50), fbPostAt("100_2", ourPage, since-9000, since+60), fbPostAt("100_3", ourPage, since-9100, since-1),
			fbPostAt("100_4", ourPage, since-9200, since+70), fbPostAt("100_5", "200", since-month-1, since+5), fbPostAt("100_6", "200", since-month-2, since+5),
			fbPostAt("100_7", "200", since-month-3, since+9),
		},
		"100_1/comments": {},
		"100_2/comments": {fbCommentAt("2_5", since+5), fbCommentAt("2_4", since+4), fbCommentAt("2_3", since+3), fbCommentAt("2_2", since-1), fbCommentAt("2_1", since-2), fbCommentAt("2_0", since-3)},
		"100_5/comments": {fbCommentAt("5_1", since+1)},
	}}
	g := newGraph(t, b.answer)
	r, _ := reading(t, g, false)
	keys, cursor, asked := g.read(t, r, ourPage, channel.ListQuery{List: "feed", Since: at(since)})
	slices.Sort(keys)
	if got := strings.Join(keys, " "); got != "100_1 2_3 2_4 2_5 5_1" {
		t.Errorf("found %s", got)
	}
	// The third page of posts is too old as a whole, and so is the third of comments.
	if got := strings.Join(asked, " "); got != "100/feed 100_1/comments 100_2/comments 100_2/comments 100_2/comments 100/feed 100_4/comments 100/feed 100_5/comments 100_6/comments" {
		t.Errorf("asked for %s", got)
	}
	if want := fmt.Sprintf(`{"s":%d}`, written-600); cursor != want {
		t.Errorf("goes on at %s, want %s", cursor, want)
	}
	for _, one := range g.requests() {
		if one.Header.Get("Authorization") != "Bearer "+platformtest.Token || one.Form.Has("access_token") || one.Form.Get("fields") == "x" {
			t.Errorf("asked with %s", one.URL)
		}
	}
	again, _, _ := g.read(t, r, ourPage, channel.ListQuery{List: "feed", Cursor: cursor, Since: at(1)})
	if len(again) != 0 {
		t.Errorf("nothing is new, and it found %v", again)
	}
}

// On Instagram the answers to an old comment are looked for too, also those that did not come with it.
func TestScan_instagram(t *testing.T) {
	const since = written - 3600
	comment := func(id string, created int64, more string) string {
		return fmt.Sprintf(`{"id":%q,"text":"x","from":{"id":"200","username":"f"},"timestamp":%s%s}`, id, instant(created), more)
	}
	answers := `,"replies":{"data":[` + comment("12", since+2, `,"parent_id":"11"`) + `],"paging":{"next":"https://graph.facebook.com/x"}}`
	b := wall{size: 2, items: map[string][]string{
		ourIG + "/media": {
			`{"id":"1","timestamp":` + instant(since-99) + `,"comments_count":2}`, `{"id":"2","timestamp":` + instant(since-100) + `,"comments_count":0}`,
			`{"id":"3","timestamp":` + instant(since-101) + `}`,
		},
		"1/comments": {comment("11", since-5000, answers), comment("10", since-6000, "")},
		"11/replies": {comment("12", since+2, ""), comment("13", since-1, ""), comment("14", since+4, "")},
		"3/comments": {comment("31", since+3, "")},
	}}
	g := newGraph(t, b.answer)
	r, _ := reading(t, g, true)
	keys, _, asked := g.read(t, r, ourIG, channel.ListQuery{List: "comments", Since: at(since)})
	if got := strings.Join(keys, " "); got != "12 12 14 31" {
		t.Errorf("found %s", got)
	}
	if got := strings.Join(asked, " "); got != ourIG+"/media 1/comments 11/replies 11/replies "+ourIG+"/media 3/comments" {
		t.Errorf("asked for %s", got)
	}
	page, err := r.List(t.Context(), keyOf(ourIG), channel.ListQuery{List: "comments", Cursor: fmt.Sprintf(`{"s":%d,"e":true,"q":[{"l":2,"i":"11","o":"1"}]}`, since)})
	if err != nil || len(page.Events) != 1 || page.Events[0].Parent != "11" || page.Events[0].Thread != "1" {
		t.Errorf("%+v, %v", page.Events, err)
	}
}

// Conversations without anything new end the list, and are not looked into.
func TestScan_talks(t *testing.T) {
	const since = written - 3600
	message := func(id string, created int64) string {
		return fmt.Sprintf(`{"id":%q,"message":"x","from":{"id":"200"},"created_time":%s}`, id, instant(created))
	}
	talk := func(id string, updated int64) string {
		return fmt.Sprintf(`{"id":%q,"updated_time":%s}`, id, instant(updated))
	}
	b := wall{size: 2, items: map[string][]string{
		"100/conversations": {talk("t_1", since+9), talk("t_2", since-1), talk("t_3", since-2), talk("t_4", since-3), talk("t_5", since+9)},
		"t_1/messages":      {message("m_3", since+9), message("m_2", since+8), message("m_1", since-1)},
	}}
	g := newGraph(t, b.answer)
	r, _ := reading(t, g, false)
	keys, _, asked := g.read(t, r, ourPage, channel.ListQuery{List: "talks", Since: at(since)})
	if got := strings.Join(keys, " "); got != "m_3 m_2" {
		t.Errorf("found %s", got)
	}
	if got := strings.Join(asked, " "); got != "100/conversations t_1/messages t_1/messages 100/conversations" {
		t.Errorf("asked for %s", got)
	}
}

func TestScan_ends(t *testing.T) {
	self := `{"data":[],"paging":{"next":"{here}/graph/v25.0/100/tagged?after=B"}}`
	for name, c := range map[string]struct {
		answer platformtest.Answer
		list   string
		kind   fault.Kind
	}{
		"a list that this version no longer has":   {object(400, 12, 0), "ratings", 0},
		"a page that follows itself":               {platformtest.Answer{Status: 200, Body: self}, "tagged", 0},
		"what may not be seen is no end":           {object(400, 10, 0), "tagged", fault.Denied},
		"what is no list is no end":                {platformtest.Answer{Status: 200, Body: `{"data":{}}`}, "tagged", fault.Transient},
		"another's words where a next page may be": {platformtest.Answer{Status: 200, Body: `{"data":[],"paging":{"next":7}}`}, "tagged", fault.Permanent},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
				say(c.answer.Status, strings.ReplaceAll(c.answer.Body, "{here}", "http://"+r.Host))(w, r)
			})
			r, _ := reading(t, g, false)
			if c.kind == 0 {
				g.read(t, r, ourPage, channel.ListQuery{List: c.list, Since: at(written)})
				return
			}
			if page, err := r.List(t.Context(), keyOf(ourPage), channel.ListQuery{List: c.list, Since: at(written)}); fault.Of(err) != c.kind || page.Cursor != "" {
				t.Errorf("%+v, %v", page, err)
			}
		})
	}
}

// A cursor that is none begins anew, where the query says.
func TestScan_cursors(t *testing.T) {
	g := newGraph(t, wall{size: 9, items: map[string][]string{"100/tagged": {fbPostAt("200_1", "200", written, written)}}}.answer)
	r, _ := reading(t, g, false)
	for _, cursor := range []string{"", "x", "https://example.com/?after=1", `[]`, `{"s":-1}`, `{"s":"x"}`, `{"t":"after=9"}`} {
		page, err := r.List(t.Context(), keyOf(ourPage), channel.ListQuery{List: "tagged", Cursor: cursor, Since: at(written)})
		if err != nil || len(page.Events) != 1 {
			t.Errorf("%q: %+v, %v", cursor, page, err)
		}
	}
	if page, err := r.List(t.Context(), keyOf(ourPage), channel.ListQuery{List: "tagged", Since: time.Time{}}); err != nil || len(page.Events) != 1 {
		t.Errorf("from the beginning: %+v, %v", page, err)
	}
	_, err := r.List(t.Context(), keyOf(ourPage), channel.ListQuery{List: "tagged", Cursor: `{"s":1,"t":"%zz"}`})
	if fault.Of(err) != fault.Invalid || meta.Reason(err) != meta.ReasonInput {
		t.Errorf("a cursor that cannot be: %v", err)
	}
}
