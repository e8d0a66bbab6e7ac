package meta_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
)

// The same item comes by a delivery and by a look: whoever takes both must see that it is one. Each case is one item twice.
func TestSameEvents(t *testing.T) {
	const (
		when = `"created_time":"2027-01-15T07:59:50+0000"`
		sec  = `"created_time":1799999990`
	)
	fb := func(field, value string) []mention.Event {
		return meta.Decode(feed(field, value), mention.Accounts{mention.Facebook: {page}})
	}
	talk := func(item string) []mention.Event {
		return meta.Decode([]byte(`{"object":"page","entry":[{"id":"100","time":1799999990000,"messaging":[`+item+`]}]}`), nil)
	}
	ig := func(time, inner string) []mention.Event {
		return meta.DecodeInstagram([]byte(`{"object":"instagram","entry":[{"id":"`+ourIG+`","time":`+time+`,`+inner+`}]}`), nil)
	}
	for name, c := range map[string]struct {
		instagram bool
		told      []mention.Event
		list      *channel.ListQuery
		path, raw string
	}{
		"a comment on a post": {
			told: fb("feed", `{"item":"comment","verb":"add","comment_id":"7_9","post_id":"100_7","parent_id":"100_7",`+from+sec+`,"message":"hola ñ"}`),
			list: under("feed", "100_7"), path: "100_7/comments", raw: `{"id":"7_9",` + from + when + `,"message":"hola ñ"}`,
		},
		"an answer to a comment, with a picture": {
			told: fb("feed", `{"item":"comment","verb":"add","comment_id":"7_9","post_id":"100_7","parent_id":"7_8","photo":"https://example.com/a",`+from+sec+`}`),
			list: under("feed", "100_7"), path: "100_7/comments",
			raw: `{"id":"7_9",` + from + when + `,"message":"","parent":{"id":"7_8"},"attachment":{"type":"photo","url":"https://www.facebook.com/x","media":{"image":{"src":"https://example.com/a"}}}}`,
		},
		"a comment of nobody known": {
			told: fb("feed", `{"item":"comment","verb":"add","comment_id":"7_9","post_id":"100_7",`+sec+`,"message":"hola"}`),
			list: under("feed", "100_7"), path: "100_7/comments", raw: `{"id":"7_9",` + when + `,"message":"hola"}`,
		},
		"a comment of ours": {
			told: fb("feed", `{"item":"comment","verb":"add","comment_id":"7_9","post_id":"100_7","from":{"id":"100","name":"Nosotros"},`+sec+`,"message":"hola"}`),
			list: under("feed", "100_7"), path: "100_7/comments", raw: `{"id":"7_9","from":{"id":"100","name":"Nosotros"},` + when + `,"message":"hola"}`,
		},
		"a visitor's post": {
			told: fb("feed", `{"item":"post","verb":"add","post_id":"100_7",`+from+sec+`,"message":"hola"}`),
			list: asking("feed"), path: "100/feed", raw: `{"id":"100_7",` + from + when + `,"message":"hola"}`,
		},
		"a visitor's pictures": {
			told: fb("feed", `{"item":"photo","verb":"add","post_id":"100_7","photos":["https://example.com/a","https://example.com/b"],`+from+sec+`,"message":"hola"}`),
			list: asking("feed"), path: "100/feed", raw: `{"id":"100_7",` + from + when + `,"message":"hola","attachments":{"data":[{"type":"album","media":{"image":{"src":"https://example.com/a"}},"subattachments":{"data":[
				{"type":"photo","media":{"image":{"src":"https://example.com/a"}}},{"type":"photo","media":{"image":{"src":"https://example.com/b"}}}]}}]}}`,
		},
		"a visitor's link": {
			told: fb("feed", `{"item":"share","verb":"add","post_id":"100_7","link":"https://example.com/a",`+from+sec+`,"message":"hola"}`),
			list: asking("feed"), path: "100/feed", raw: `{"id":"100_7",` + from + when + `,"message":"hola","attachments":{"data":[{"type":"share","media_type":"link","url":"https://l.facebook.com/x","unshimmed_url":"https://example.com/a","media":{"image":{"src":"https://example.com/p"}}}]}}`,
		},
		"a visitor's film": {
			told: fb("feed", `{"item":"video","verb":"add","post_id":"100_7","video":"https://example.com/v",`+from+sec+`,"message":"hola"}`),
			list: asking("feed"), path: "100/feed", raw: `{"id":"100_7",` + from + when + `,"message":"hola","attachments":{"data":[{"type":"video_inline","media_type":"video","media":{"image":{"src":"https://example.com/p"},"source":"https://example.com/v"}}]}}`,
		},
		"a recommendation": {
			told: fb("ratings", `{"item":"rating","verb":"add","open_graph_story_id":904801129604590,"reviewer_id":200,"reviewer_name":"Persona Ficticia","recommendation_type":"POSITIVE","review_text":"bien","comment_id":null,`+sec+`}`),
			list: asking("ratings"), path: "100/ratings", raw: `{` + when + `,"reviewer":{"id":"200","name":"Persona Ficticia"},"recommendation_type":"positive","review_text":"bien","open_graph_story":{"id":"904801129604590"}}`,
		},
		"a message": {
			told: talk(`{"sender":{"id":"200"},"recipient":{"id":"100"},"timestamp":1799999990123,"message":{"mid":"m_9","text":"hola"}}`),
			list: under("talks", "t_1"), path: "t_1/messages", raw: `{"id":"m_9",` + from + `"to":{"data":[{"id":"100","name":"Nosotros"}]},` + when + `,"message":"hola"}`,
		},
		"a message of ours": {
			told: talk(`{"sender":{"id":"100"},"recipient":{"id":"200"},"timestamp":1799999990123,"message":{"mid":"m_9","text":"hola","is_echo":true,"app_id":42}}`),
			list: under("talks", "t_1"), path: "t_1/messages", raw: `{"id":"m_9","from":{"id":"100","name":"Nosotros"},"to":{"data":[{"id":"200","name":"Persona Ficticia"}]},` + when + `,"message":"hola"}`,
		},
		"pictures": {
			told: talk(`{"sender":{"id":"200"},"recipient":{"id":"100"},"timestamp":1799999990000,"message":{"mid":"m_9","attachments":[
				{"type":"image","payload":{"url":"https://example.com/a"}},{"type":"video","payload":{"url":"https://example.com/b"}},
				{"type":"audio","payload":{"url":"https://example.com/c"}},{"type":"file","payload":{"url":"https://example.com/d"}}]}}`),
			list: under("talks", "t_1"), path: "t_1/messages", raw: `{"id":"m_9",` + from + when + `,"message":"","to":{"data":[{"id":"100"}]},"attachments":{"data":[
				{"mime_type":"image/png","image_data":{"url":"https://example.com/a"}},{"mime_type":"video/mp4","video_data":{"url":"https://example.com/b"}},
				{"mime_type":"audio/mp4","file_url":"https://example.com/c"},{"mime_type":"application/pdf","file_url":"https://example.com/d"}]}}`,
		},
		"a sticker": {
			told: talk(`{"sender":{"id":"200"},"recipient":{"id":"100"},"timestamp":1799999990000,"message":{"mid":"m_9","sticker_id":7,"attachments":[{"type":"image","payload":{"url":"https://example.com/s","sticker_id":7}}]}}`),
			list: under("talks", "t_1"), path: "t_1/messages", raw: `{"id":"m_9",` + from + when + `,"message":"","to":{"data":[{"id":"100"}]},"sticker":"https://example.com/s","attachments":{"data":[{"mime_type":"image/png","image_data":{"url":"https://example.com/s"}}]}}`,
		},
		"a link that was shared": {
			told: talk(`{"sender":{"id":"200"},"recipient":{"id":"100"},"timestamp":1799999990000,"message":{"mid":"m_9","text":"miren","attachments":[{"type":"fallback","payload":{"url":"https://example.com/l","title":"x"}}]}}`),
			list: under("talks", "t_1"), path: "t_1/messages", raw: `{"id":"m_9",` + from + when + `,"message":"miren","to":{"data":[{"id":"100"}]},"shares":{"data":[{"link":"https://example.com/l"}]}}`,
		},
		"a comment on Instagram": {
			instagram: true,
			told:      ig("1799999990", `"changes":[{"field":"comments","value":{"id":"9","text":"hola","from":{"id":"200","username":"ficticia"},"media":{"id":"7","media_product_type":"FEED"}}}]`),
			list:      under("comments", "7"), path: "7/comments", raw: `{"id":"9","text":"hola","timestamp":"2027-01-15T07:59:50+0000","from":{"id":"200","username":"ficticia"},"username":"ficticia"}`,
		},
		"a comment of ours on Instagram": {
			instagram: true,
			told:      ig("1799999990", `"changes":[{"field":"comments","value":{"id":"9","text":"hola","from":{"id":"`+ourIG+`","username":"nosotros"},"media":{"id":"7"}}}]`),
			list:      under("comments", "7"), path: "7/comments", raw: `{"id":"9","text":"hola","timestamp":"2027-01-15T07:59:50+0000","from":{"id":"` + ourIG + `","username":"nosotros"}}`,
		},
		"a comment that only says that it is ours": {
			instagram: true,
			told:      ig("1799999990", `"changes":[{"field":"comments","value":{"id":"9","text":"hola","from":{"id":"777","username":"nosotros","self_ig_scoped_id":"777"},"media":{"id":"7"}}}]`),
			list:      under("comments", "7"), path: "7/comments", raw: `{"id":"9","text":"hola","timestamp":"2027-01-15T07:59:50+0000","from":{"id":"777","username":"nosotros"},"user":{"id":"` + ourIG + `"}}`,
		},
		"a message on Instagram": {
			instagram: true,
			told:      ig("1799999990000", `"messaging":[{"sender":{"id":"200"},"recipient":{"id":"`+ourIG+`"},"timestamp":1799999990123,"message":{"mid":"m_9","text":"hola"}}]`),
			list:      under("talks", "t_1"), path: "t_1/messages", raw: `{"id":"m_9","from":{"id":"200","username":"ficticia"},"to":{"data":[{"id":"` + ourIG + `"}]},` + when + `,"message":"hola"}`,
		},
		"a story that names us": {
			instagram: true,
			told:      ig("1799999990000", `"messaging":[{"sender":{"id":"200"},"recipient":{"id":"`+ourIG+`"},"timestamp":1799999990000,"message":{"mid":"m_9","attachments":[{"type":"story_mention","payload":{"url":"https://example.com/s"}}]}}]`),
			list:      under("talks", "t_1"), path: "t_1/messages", raw: `{"id":"m_9","from":{"id":"200"},"to":{"data":[{"id":"` + ourIG + `"}]},` + when + `,"message":"","story":{"mention":{"link":"https://example.com/s","id":"5"}}}`,
		},
		"an answer to a story of ours": {
			instagram: true,
			told:      ig("1799999990000", `"messaging":[{"sender":{"id":"200"},"recipient":{"id":"`+ourIG+`"},"timestamp":1799999990000,"message":{"mid":"m_9","text":"linda","reply_to":{"story":{"url":"https://example.com/s","id":"5"}}}}]`),
			list:      under("talks", "t_1"), path: "t_1/messages", raw: `{"id":"m_9","from":{"id":"200"},"to":{"data":[{"id":"` + ourIG + `"}]},` + when + `,"message":"linda","story":{"reply_to":{"link":"https://example.com/s","id":"5"}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
				a := show(map[string]string{c.path: data(c.raw)})(r, "")
				say(a.Status, a.Body)(w, r)
			})
			r, account := reading(t, g, c.instagram)
			got, err := r.List(t.Context(), keyOf(account), *c.list)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.told {
				c.told[i].At = c.told[i].At.Truncate(time.Second) // no list has more
			}
			if diff := cmp.Diff(c.told, got.Events); diff != "" {
				t.Errorf("told and listed (-told +listed):\n%s", diff)
			}
		})
	}
}

// reading gives a reader of a network at a server of a test.
func reading(t *testing.T, g *graph, instagram bool) (platformtest.Reader, string) {
	t.Helper()
	at, account := fbReader, ourPage
	if instagram {
		at, account = igReader, ourIG
	}
	r, err := at(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	return r, account
}

// What nobody can answer, or what is not of people, is not in a list.
func TestList_leavesOut(t *testing.T) {
	const when = `"created_time":"2027-01-15T07:59:50+0000"`
	for name, c := range map[string]struct {
		list      *channel.ListQuery
		path, raw string
	}{
		"a post of ours":           {asking("feed"), "100/feed", `{"id":"100_7","from":{"id":"100"},"message":"hola",` + when + `}`},
		"a post of somebody else":  {asking("feed"), "100/feed", `{"id":"200_7","from":{"id":"200"},"message":"hola",` + when + `}`},
		"a post without an id":     {asking("feed"), "100/feed", `{"from":{"id":"200"},"message":"hola",` + when + `}`},
		"stars without a word":     {asking("ratings"), "100/ratings", `{` + when + `,"reviewer":{"id":"200"},"open_graph_story":{"id":"9"}}`},
		"a rating without a story": {asking("ratings"), "100/ratings", `{` + when + `,"reviewer":{"id":"200"},"review_text":"bien"}`},
		"an id that is none":       {under("feed", "100_7"), "100_7/comments", `{"id":{"x":1},"message":"hola",` + when + `}`},
		"an id of two words":       {under("talks", "t_1"), "t_1/messages", `{"id":"m 9","from":{"id":"200"},"message":"hola",` + when + `}`},
		"a message of nothing":     {under("talks", "t_1"), "t_1/messages", `{"id":"m_9","from":{"id":"200"},"message":"",` + when + `}`},
		"a message of nobody":      {under("talks", "t_1"), "t_1/messages", `{"id":"m_9","message":"hola",` + when + `}`},
		"what is too old":          {under("feed", "100_7"), "100_7/comments", strings.Replace(fbComment, "07:59:50", "07:58:49", 1)},
		"no object":                {under("feed", "100_7"), "100_7/comments", `"7_9"`},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, func(w http.ResponseWriter, r *http.Request) {
				a := show(map[string]string{c.path: data(c.raw)})(r, "")
				say(a.Status, a.Body)(w, r)
			})
			r, account := reading(t, g, false)
			got, err := r.List(t.Context(), keyOf(account), *c.list)
			if err != nil || len(got.Events) != 0 {
				t.Errorf("%+v, %v", got.Events, err)
			}
		})
	}
}
