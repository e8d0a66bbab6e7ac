package meta_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/platformtest"
)

// A moment of the items written here, and when what is looked for begins.
const written = 1799999990

func fbReader(base string) (platformtest.Reader, error) {
	return meta.NewReader(meta.Config{BaseURL: base + "/graph/"}, withID), nil
}

func igReader(base string) (platformtest.Reader, error) {
	return meta.NewInstagramReader(meta.Config{BaseURL: base + "/graph/"}, withID), nil
}

// withID is the secret of an application whose number is known.
func withID(context.Context) (meta.AppSecret, error) {
	return meta.AppSecret{AppSecret: appSecret, AppID: "42"}, nil
}

func keyOf(account string) channel.Access {
	return channel.Access{Account: account, Token: platformtest.Token}
}

// show answers by path; what is not there is gone.
func show(answers map[string]string) func(*http.Request, string) platformtest.Answer {
	return func(r *http.Request, here string) platformtest.Answer {
		body, there := answers[strings.TrimPrefix(r.URL.Path, "/graph/v25.0/")]
		if !there {
			return object(400, 100, 33)
		}
		return platformtest.Answer{Status: 200, Body: strings.ReplaceAll(body, "{here}", here)}
	}
}

func data(items ...string) string { return `{"data":[` + strings.Join(items, ",") + `]}` }

const (
	time0       = `"2027-01-15T07:59:50+0000"` // written
	person0     = `{"id":"200","name":"Persona Ficticia"}`
	fbComment   = `{"id":"7_9","message":"CANARY hola","from":` + person0 + `,"created_time":` + time0 + `,"parent":{"id":"7_8"},"is_hidden":false}`
	fbPost      = `{"id":"100_7","message":"CANARY miren","from":` + person0 + `,"created_time":` + time0 + `,"updated_time":` + time0 + `}`
	fbMention   = `{"id":"200_7","message":"CANARY miren","from":` + person0 + `,"created_time":` + time0 + `}`
	fbRating    = `{"created_time":` + time0 + `,"reviewer":` + person0 + `,"recommendation_type":"negative","review_text":"CANARY lento","open_graph_story":{"id":"904801129604590"}}`
	igTalk      = `{"id":"aWdfZAG==","updated_time":` + time0 + `}`
	fbLetter    = `{"id":"m_9","message":"CANARY hola","from":` + person0 + `,"to":{"data":[{"id":"100"}]},"created_time":` + time0 + `}`
	igOne       = `{"id":"9","text":"CANARY hola","timestamp":` + time0 + `,"from":{"id":"200","username":"ficticia"},"username":"ficticia"}`
	igReply     = `{"id":"10","text":"CANARY chao","timestamp":` + time0 + `,"from":{"id":"200","username":"ficticia"},"parent_id":"9"}`
	igMedia     = `{"id":"7","timestamp":` + time0 + `,"comments_count":2}`
	igTag       = `{"id":"77","caption":"CANARY con @nosotros","username":"ficticia","timestamp":` + time0 + `,"media_type":"VIDEO","media_url":"https://example.com/a"}`
	igLetter    = `{"id":"m_9","message":"CANARY hola","from":{"id":"200","username":"ficticia"},"to":{"data":[{"id":"` + ourIG + `"}]},"created_time":` + time0 + `}`
	igMentioned = `{"id":"` + ourIG + `","mentioned_comment":{"id":"18","text":"CANARY @nosotros","timestamp":` + time0 + `,"username":"ficticia","media":{"id":"17"}}}`
	igCaptioned = `{"id":"` + ourIG + `","mentioned_media":` + igTag + `}`
)

// goodKey is what Graph says of a key that is good until 1800000000.
const goodKey = `{"data":{"is_valid":true,"expires_at":0,"data_access_expires_at":1800000000,"scopes":["pages_show_list","instagram_basic"]}}`

// readEvent is one of Facebook's, from a person, edited.
func readEvent(edit func(*mention.Event)) mention.Event {
	e := mention.Event{
		Outcome: mention.Interaction, Network: mention.Facebook, Account: ourPage, At: at(written), Author: by(citizen), Kind: mention.Comment,
	}
	edit(&e)
	return e
}

func igRead(edit func(*mention.Event)) mention.Event {
	e := readEvent(func(*mention.Event) {})
	e.Network, e.Account, e.Author = mention.Instagram, ourIG, &mention.Author{ID: citizen, Name: "ficticia"}
	edit(&e)
	return e
}

// asking is a list from a while before.
func asking(name string) *channel.ListQuery {
	return &channel.ListQuery{List: name, Since: at(written - 60)}
}

func readRefusals() []platformtest.Refusal {
	return []platformtest.Refusal{
		{Name: "the token expired", Answer: object(400, 190, 463), Kind: fault.Denied, Reason: meta.ReasonAuth},
		{Name: "no permission", Answer: object(403, 10, 0), Kind: fault.Denied, Reason: meta.ReasonPermission},
		{Name: "throttled", Answer: object(400, 80001, 0), Kind: fault.Transient, Reason: meta.ReasonThrottle},
		{Name: "passing trouble", Answer: object(400, 2, 0), Kind: fault.Transient, Reason: meta.ReasonUnknown},
	}
}

func goneToo() []platformtest.Refusal {
	return append(readRefusals(), platformtest.Refusal{Name: "gone", Answer: object(400, 100, 33), Kind: fault.Permanent, Reason: meta.ReasonGone})
}

// onward is a page that goes on at another host.
func onward(r *http.Request, foreign string) platformtest.Answer { return elsewhere(r, foreign) }

// under begins where a list has something to be read under an item.
func under(name, id string) *channel.ListQuery {
	q := asking(name)
	q.Cursor = fmt.Sprintf(`{"s":%d,"b":%d,"e":true,"q":[{"l":1,"i":%q}]}`, written-60, written, id)
	return q
}

func TestFacebookReader(t *testing.T) {
	comment := readEvent(func(e *mention.Event) { e.Key, e.Thread, e.Parent, e.Text = "7_9", "100_7", "7_8", "CANARY hola" })
	wall := readEvent(func(e *mention.Event) {
		e.Kind, e.Key, e.Thread, e.Text = mention.Post, "100_7", "100_7", "CANARY miren"
	})
	named := readEvent(func(e *mention.Event) {
		e.Kind, e.Key, e.Thread, e.Text = mention.Mentioned, "200_7", "200_7", "CANARY miren"
	})
	letter := readEvent(func(e *mention.Event) {
		e.Kind, e.Key, e.Thread, e.Text, e.Author = mention.DM, "m_9", citizen, "CANARY hola", &mention.Author{ID: citizen}
	})
	rated := readEvent(func(e *mention.Event) {
		e.Kind, e.Key, e.Thread, e.Text, e.Flags = mention.Review, "904801129604590", "904801129604590", "CANARY lento", []string{mention.FlagNegative}
	})
	blank := func(e mention.Event, reason string) *mention.Event {
		e.Outcome, e.Reason, e.Text, e.Author, e.At = mention.Fetch, reason, "", nil, at(1800000000)
		return &e
	}
	inMention := comment
	inMention.Kind, inMention.Parent = mention.Mentioned, ""
	unparented := strings.Replace(fbComment, `"parent":{"id":"7_8"},`, "", 1)
	platformtest.RunReader(t, platformtest.Reading{
		New: fbReader, Access: keyOf(ourPage), Told: told(), Secrets: []string{proof(platformtest.Token)},
		Looks: []platformtest.Look{
			{
				Name: "feed", List: asking("feed"), Show: show(map[string]string{"100/feed": data(fbPost)}), Want: []mention.Event{wall},
				Elsewhere: onward, Refusals: readRefusals(),
			},
			{
				Name: "comments of a post", List: under("feed", "100_7"), Show: show(map[string]string{"100_7/comments": data(fbComment)}),
				Want: []mention.Event{comment}, Elsewhere: onward, Refusals: readRefusals(),
			},
			{
				Name: "tagged", List: asking("tagged"), Show: show(map[string]string{"100/tagged": data(fbMention)}), Want: []mention.Event{named},
				Elsewhere: onward, Refusals: readRefusals(),
			},
			{
				Name: "messages of a talk", List: under("talks", "t_1"), Show: show(map[string]string{"t_1/messages": data(fbLetter)}),
				Want: []mention.Event{letter}, Elsewhere: onward, Refusals: readRefusals(),
			},
			{
				Name: "ratings", List: asking("ratings"), Show: show(map[string]string{"100/ratings": data(fbRating)}), Want: []mention.Event{rated},
				Elsewhere: onward, Refusals: readRefusals(),
			},
			{
				Name: "a mention in a comment", Item: blank(inMention, mention.ReasonFetchAuthor), Show: show(map[string]string{"7_9": unparented}),
				Want: []mention.Event{inMention}, Refusals: goneToo(),
			},
			{
				Name: "a mention in a post", Item: blank(named, mention.ReasonFetchAuthor), Show: show(map[string]string{"200_7": fbMention}),
				Want: []mention.Event{named}, Refusals: goneToo(),
			},
			{
				Name: "a post without its text", Item: blank(wall, mention.ReasonFetchText), Show: show(map[string]string{"100_7": fbPost}),
				Want: []mention.Event{wall}, Refusals: goneToo(),
			},
			{
				Name: "a message without its text", Item: blank(letter, mention.ReasonFetchText), Show: show(map[string]string{"m_9": fbLetter}),
				Want: []mention.Event{letter}, Refusals: goneToo(),
			},
			{Name: "media", Media: &mention.Attachment{Type: "image", URL: "https://scontent.xx.fbcdn.net/a"}, Show: show(nil)},
			{
				Name: "check", Callback: "https://example.com/webhooks/facebook", KeyInAddress: true,
				Show: show(map[string]string{
					"debug_token": goodKey, "100": `{"id":"100","name":"CANARY"}`, "100/subscribed_apps": `{"success":true,"data":[]}`,
				}),
				Refusals: []platformtest.Refusal{
					{Name: "the token expired", Answer: object(400, 190, 463), Kind: fault.Denied, Reason: meta.ReasonAuth},
					{Name: "the key is no longer good", Answer: platformtest.Answer{
						Status: 200, Body: `{"data":{"is_valid":false,"error":{"message":"CANARY"}}}`,
					}, Kind: fault.Denied, Reason: meta.ReasonAuth},
					{Name: "passing trouble", Answer: object(400, 2, 0), Kind: fault.Transient, Reason: meta.ReasonUnknown},
				},
			},
		},
	})
}

func TestInstagramReader(t *testing.T) {
	one := igRead(func(e *mention.Event) { e.Key, e.Thread, e.Text = "9", "7", "CANARY hola" })
	reply := igRead(func(e *mention.Event) { e.Key, e.Thread, e.Parent, e.Text = "10", "7", "9", "CANARY chao" })
	tag := igRead(func(e *mention.Event) {
		e.Kind, e.Key, e.Thread, e.Text, e.Author = mention.Mentioned, "77", "77", "CANARY con @nosotros", &mention.Author{Name: "ficticia"}
		e.Attachments = []mention.Attachment{{Type: "video", URL: "https://example.com/a"}}
	})
	named := igRead(func(e *mention.Event) {
		e.Kind, e.Key, e.Thread, e.Text, e.Author = mention.Mentioned, "17:18", "17", "CANARY @nosotros", &mention.Author{Name: "ficticia"}
	})
	letter := igRead(func(e *mention.Event) {
		e.Kind, e.Key, e.Thread, e.Text, e.Author = mention.DM, "m_9", citizen, "CANARY hola", &mention.Author{ID: citizen}
	})
	blank := func(e mention.Event) *mention.Event {
		e.Outcome, e.Reason, e.Text, e.Author, e.At, e.Attachments = mention.Fetch, mention.ReasonFetchText, "", nil, at(1800000000), nil
		return &e
	}
	withReplies := strings.TrimSuffix(igOne, "}") + `,"replies":` + data(igReply) + `}`
	platformtest.RunReader(t, platformtest.Reading{
		New: igReader, Access: keyOf(ourIG), Told: told(), Secrets: []string{proof(platformtest.Token)},
		Looks: []platformtest.Look{
			{
				Name: "comments of a media", List: under("comments", "7"), Show: show(map[string]string{"7/comments": data(withReplies)}),
				Want: []mention.Event{one, reply}, Elsewhere: onward, Refusals: readRefusals(),
			},
			{
				Name: "tagged", List: asking("tagged"), Show: show(map[string]string{ourIG + "/tags": data(igTag)}), Want: []mention.Event{tag},
				Elsewhere: onward, Refusals: readRefusals(),
			},
			{
				Name: "messages of a talk", List: under("talks", "aWdfZAG=="), Show: show(map[string]string{"aWdfZAG==/messages": data(igLetter)}),
				Want: []mention.Event{letter}, Elsewhere: onward, Refusals: readRefusals(),
			},
			{
				Name: "a mention in a comment", Item: blank(named), Show: show(map[string]string{ourIG: igMentioned}), Want: []mention.Event{named},
				Refusals: goneToo(),
			},
			{
				Name: "a mention in a caption", Item: blank(tag), Show: show(map[string]string{ourIG: igCaptioned}), Want: []mention.Event{tag},
				Refusals: goneToo(),
			},
			{
				Name: "a comment without its text", Item: blank(one), Show: show(map[string]string{"9": igOne}), Want: []mention.Event{one},
				Refusals: goneToo(),
			},
			{
				Name: "a message without its text", Item: blank(letter), Show: show(map[string]string{"m_9": igLetter}), Want: []mention.Event{letter},
				Refusals: goneToo(),
			},
			{Name: "media", Media: &mention.Attachment{Type: "image", URL: "https://scontent.cdninstagram.com/a"}, Show: show(nil)},
			{
				Name: "check", Callback: "https://example.com/webhooks/instagram", KeyInAddress: true,
				Show: show(map[string]string{
					"debug_token": goodKey, "me": `{"id":"100","instagram_business_account":{"id":"` + ourIG + `","username":"CANARY"}}`,
					"100/subscribed_apps": `{"success":true,"data":[]}`,
				}),
			},
		},
	})
}

// What was asked for stands in Meta's pages; a wrong name is refused there and not here.
func TestReader_requests(t *testing.T) {
	for name, c := range map[string]struct {
		reader func(string) (platformtest.Reader, error)
		look   platformtest.Look
		path   string
		query  url.Values
	}{
		"comments of a post": {fbReader, platformtest.Look{List: under("feed", "100_7")}, "100_7/comments", url.Values{
			"fields": {"id,message,from,created_time,parent{id},is_hidden,attachment{type,url,media{image{src},source}}"},
			"filter": {"stream"}, "order": {"reverse_chronological"}, "limit": {"100"},
		}},
		"talks": {igReader, platformtest.Look{List: asking("talks")}, "me/conversations", url.Values{
			"fields": {"id,updated_time"}, "platform": {"instagram"}, "limit": {"25"},
		}},
		"a mention": {igReader, platformtest.Look{Item: &mention.Event{Kind: mention.Mentioned, Key: "17:18", Thread: "17"}}, ourIG, url.Values{
			"fields": {"mentioned_comment.comment_id(18){id,text,timestamp,username,media{id}}"},
		}},
		"a caption": {igReader, platformtest.Look{Item: &mention.Event{Kind: mention.Mentioned, Key: "17", Thread: "17"}}, ourIG, url.Values{
			"fields": {"mentioned_media.media_id(17){id,caption,media_type,media_url,timestamp,username}"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGraph(t, say(200, `{}`))
			r, _ := c.reader(g.URL)
			if c.look.Item != nil {
				_, _, _ = r.Item(t.Context(), keyOf(ourIG), *c.look.Item)
			} else {
				_, _ = r.List(t.Context(), keyOf(ourIG), *c.look.List)
			}
			got := g.requests()
			if len(got) != 1 || got[0].Method != http.MethodGet || got[0].URL.Path != "/graph/v25.0/"+c.path {
				t.Fatalf("asked %v", got)
			}
			c.query.Set("format", "json")
			c.query.Set("appsecret_proof", proof(platformtest.Token))
			if diff := cmp.Diff(c.query, got[0].URL.Query()); diff != "" {
				t.Errorf("query (-want +got):\n%s", diff)
			}
		})
	}
}

// What cannot be read is refused before anything is sent.
func TestReader_cannot(t *testing.T) {
	g := newGraph(t, say(200, `{}`))
	fb, _ := fbReader(g.URL)
	ig, _ := igReader(g.URL)
	for name, c := range map[string]struct {
		reader platformtest.Reader
		event  mention.Event
		kind   fault.Kind
	}{
		"nothing but that something changed": {fb, mention.Event{Outcome: mention.Fetch, Reason: mention.ReasonFetchAll}, fault.Permanent},
		"a reaction":                         {fb, mention.Event{Kind: mention.Reacted, Key: "7_8"}, fault.Permanent},
		"a post on instagram":                {ig, mention.Event{Kind: mention.Post, Key: "7"}, fault.Permanent},
		"a mention that climbs":              {ig, mention.Event{Kind: mention.Mentioned, Key: "7:8){id}"}, fault.Permanent},
		"a comment that climbs":              {fb, mention.Event{Kind: mention.Comment, Key: "../me"}, fault.Invalid},
		"a message that is a query":          {ig, mention.Event{Kind: mention.DM, Key: "m_1?method=delete"}, fault.Invalid},
	} {
		if _, _, err := c.reader.Item(t.Context(), keyOf(ourPage), c.event); fault.Of(err) != c.kind || c.reader.Reason(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, q := range []channel.ListQuery{{List: "comments"}, {List: ""}, {List: "feed", Cursor: `{"s":1,"q":[{"l":1,"i":"../me"}]}`}} {
		if _, err := fb.List(t.Context(), keyOf(ourPage), q); err == nil {
			t.Errorf("%+v was listed", q)
		}
	}
	for _, u := range []string{"", "geo:1,2", "file:///etc/passwd"} {
		if _, err := fb.Media(t.Context(), keyOf(ourPage), mention.Attachment{URL: u}); fault.Of(err) != fault.Permanent {
			t.Errorf("%s: %v", u, err)
		}
	}
	if n := len(g.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// Every list that is named can be asked for.
func TestReader_Lists(t *testing.T) {
	g := newGraph(t, say(200, `{"data":[]}`))
	cfg := meta.Config{BaseURL: g.URL + "/graph/"}
	for want, r := range map[string]meta.Reader{
		"feed tagged talks ratings": meta.NewReader(cfg, ownSecret), "comments tagged talks": meta.NewInstagramReader(cfg, ownSecret),
	} {
		if got := strings.Join(r.Lists(), " "); got != want {
			t.Errorf("lists %s, want %s", got, want)
		}
		for _, name := range r.Lists() {
			page, err := r.List(t.Context(), keyOf(ourPage), channel.ListQuery{List: name, Since: at(written)})
			if err != nil || page.More || len(page.Events) != 0 || page.Cursor == "" {
				t.Errorf("%s: %+v, %v", name, page, err)
			}
		}
	}
}
