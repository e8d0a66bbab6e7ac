package meta_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
)

// page is the account of the bodies written here; citizen is nobody.
const (
	page    = "100"
	citizen = "200"
)

// feed wraps the value of one change of a field; the entry is told at second 1800000000.
func feed(field, value string) []byte {
	return []byte(`{"object":"page","entry":[{"id":"` + page + `","time":1800000000,"changes":[{"field":"` + field + `","value":` + value + `}]}]}`)
}

func decodeOne(t *testing.T, body []byte) mention.Event {
	t.Helper()
	events := meta.Decode(body, mention.Accounts{mention.Facebook: {page}})
	if len(events) != 1 {
		t.Fatalf("%d events, want 1: %+v", len(events), events)
	}
	return events[0]
}

func at(second int64) time.Time { return time.Unix(second, 0).UTC() }

const (
	from     = `"from":{"id":"200","name":"Persona Ficticia"},`
	aComment = `"item":"comment","comment_id":"7_9","post_id":"100_7",`
)

func by(id string) *mention.Author { return &mention.Author{ID: id, Name: "Persona Ficticia"} }

// change is the event of a plain comment, edited.
func change(edit func(e *mention.Event)) mention.Event {
	e := mention.Event{
		Network: mention.Facebook, Kind: mention.Comment, Key: "7_9", Thread: "100_7", Account: page,
		Author: by(citizen), Text: "hola", At: at(1799999990),
	}
	edit(&e)
	return e
}

// feedCase is the value of a change of a field, and the event it is.
type feedCase struct {
	name, field, value string
	want               mention.Event
}

func commentCases() []feedCase {
	return []feedCase{
		{
			"a comment", "feed", `{` + aComment + from + `"verb":"add","parent_id":"100_7","message":"hola","created_time":1799999990}`,
			change(func(e *mention.Event) { e.Outcome = mention.Interaction }),
		},
		{
			"an answer to a comment", "feed", `{` + aComment + from + `"verb":"add","parent_id":"7_8","message":"hola","created_time":1799999990}`,
			change(func(e *mention.Event) { e.Outcome, e.Parent = mention.Interaction, "7_8" }),
		},
		{
			"a parent without the page's id", "feed", `{` + aComment + from + `"verb":"add","parent_id":"7","message":"hola","created_time":1799999990}`,
			change(func(e *mention.Event) { e.Outcome = mention.Interaction }),
		},
		{
			"hidden by a filter at once", "feed", `{` + aComment + from + `"verb":"add","is_hidden":true,"message":"hola","created_time":1799999990}`,
			change(func(e *mention.Event) { e.Outcome, e.Flags = mention.Interaction, []string{mention.FlagHidden} }),
		},
		{
			"nobody named", "feed", `{` + aComment + `"verb":"add","message":"hola","created_time":1799999990}`,
			change(func(e *mention.Event) { e.Outcome, e.Author = mention.Interaction, nil }),
		},
		{
			"our answer to a comment", "feed", `{` + aComment + `"sender_id":100,"sender_name":"Persona Ficticia","verb":"add","parent_id":"7_8","message":"hola","created_time":1799999990}`,
			change(func(e *mention.Event) { e.Outcome, e.Parent, e.Author = mention.Own, "7_8", by(page) }),
		},
		{
			"a picture alone", "feed", `{` + aComment + from + `"verb":"add","photo":"https://x/y.jpg","created_time":1799999990}`,
			change(func(e *mention.Event) {
				e.Outcome, e.Text = mention.Interaction, ""
				e.Attachments = []mention.Attachment{{Type: "image", URL: "https://x/y.jpg"}}
			}),
		},
		{
			"a comment with nothing in it", "feed", `{` + aComment + from + `"verb":"add","created_time":1799999990}`,
			change(func(e *mention.Event) { e.Outcome, e.Text, e.Reason = mention.Fetch, "", mention.ReasonFetchText }),
		},
		{
			"an edit is told later than the comment was made", "feed", `{` + aComment + from + `"verb":"edit","message":"hola","created_time":1799999990}`,
			change(func(e *mention.Event) { e.Outcome, e.At = mention.Edit, at(1800000000) }),
		},
		{
			"withdrawn, with its text still in the delivery", "feed", `{` + aComment + from + `"verb":"remove","message":"hola","photo":"https://x/y.jpg"}`,
			change(func(e *mention.Event) { e.Outcome, e.Text, e.At = mention.Delete, "", at(1800000000) }),
		},
		{
			"shown again", "feed", `{` + aComment + from + `"verb":"unhide","message":"hola","is_hidden":true}`,
			change(func(e *mention.Event) { e.Outcome, e.At = mention.Moderation, at(1800000000) }),
		},
	}
}

func otherFeedCases() []feedCase {
	return []feedCase{
		{
			"a verb nobody knows", "feed", `{` + aComment + from + `"verb":"frobnicate","message":"hola"}`,
			change(func(e *mention.Event) {
				e.Outcome, e.At, e.Reason = mention.IgnoreUnknown, at(1800000000), mention.ReasonUnknownVerb
			}),
		},
		{
			"a visitor's photo without words", "feed", `{"item":"photo",` + from + `"verb":"add","post_id":"100_7","link":"https://x/","created_time":1799999990}`,
			change(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Key, e.Text, e.Reason = mention.Fetch, mention.Post, "100_7", "", mention.ReasonFetchText
				e.Attachments = []mention.Attachment{{Type: "link", URL: "https://x/"}}
			}),
		},
		{
			"photos and a script for a link", "feed", `{"item":"post",` + from + `"verb":"add","post_id":"100_7","message":"hola","photos":["https://x/1","https://x/2"],"link":"javascript:alert(1)","created_time":1799999990}`,
			change(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Key = mention.Interaction, mention.Post, "100_7"
				e.Attachments = []mention.Attachment{{Type: "image", URL: "https://x/1"}, {Type: "image", URL: "https://x/2"}, {Type: "link"}}
			}),
		},
		{
			"a reaction to a comment taken back", "feed", `{"item":"reaction","reaction_type":"haha","comment_id":"7_9","post_id":"100_7","parent_id":"7_8",` + from + `"verb":"remove"}`,
			change(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Text, e.At = mention.Reaction, mention.Reacted, "haha", at(1800000000)
				e.Flags = []string{mention.FlagRemoved}
			}),
		},
		{
			"a like of a post", "feed", `{"item":"like","post_id":"100_7",` + from + `"verb":"add","created_time":1799999990}`,
			change(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Key, e.Text = mention.Metric, mention.Reacted, "100_7", ""
			}),
		},
		{
			"a mention whose author is given", "mention", `{` + aComment + from + `"verb":"add","message":"hola","created_time":1799999990}`,
			change(func(e *mention.Event) { e.Outcome, e.Kind = mention.Interaction, mention.Mentioned }),
		},
		{
			"a mention in a post", "mention", `{"item":"post","post_id":"300_7","verb":"add","message":"hola","created_time":1799999990}`,
			change(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Key, e.Thread, e.Author, e.Reason = mention.Fetch, mention.Mentioned, "300_7", "300_7", nil, mention.ReasonFetchAuthor
			}),
		},
		{
			"a review that does not recommend us", "ratings", `{"item":"rating","verb":"add","open_graph_story_id":31,"reviewer_id":200,"reviewer_name":"Persona Ficticia","review_text":"hola","recommendation_type":"negative","created_time":1799999990}`,
			change(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Key, e.Thread, e.Flags = mention.Interaction, mention.Review, "31", "31", []string{mention.FlagNegative}
			}),
		},
		{
			"stars without words", "ratings", `{"item":"rating","verb":"add","open_graph_story_id":31,"reviewer_id":200,"reviewer_name":"Persona Ficticia","rating":1,"created_time":1799999990}`,
			change(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Key, e.Thread, e.Text = mention.Metric, mention.Review, "31", "31", ""
			}),
		},
		{
			"a comment on a review", "ratings", `{"item":"comment","verb":"add","open_graph_story_id":31,"comment_id":"31_5","sender_id":200,"sender_name":"Persona Ficticia","message":"hola","created_time":1799999990}`,
			change(func(e *mention.Event) { e.Outcome, e.Key, e.Thread = mention.Interaction, "31_5", "31" }),
		},
	}
}

// What our page puts on its own wall, also with what was brought for it before anybody sees it.
func ourPostCases() []feedCase {
	const ours = `"from":{"id":"100","name":"Persona Ficticia"},"post_id":"100_7",`
	post := func(edit func(e *mention.Event)) mention.Event {
		return change(func(e *mention.Event) {
			e.Outcome, e.Kind, e.Key, e.Author = mention.Own, mention.Post, "100_7", by(page)
			edit(e)
		})
	}
	hidden := func(e *mention.Event) { e.Outcome, e.Reason = mention.Ignore, mention.ReasonUseless }
	return []feedCase{
		{"a post of ours", "feed", `{"item":"status",` + ours + `"verb":"add","published":1,"message":"hola","created_time":1799999990}`, post(func(*mention.Event) {})},
		{
			"a photo of ours", "feed", `{"item":"photo",` + ours + `"verb":"add","photo_id":"8","published":1,"message":"hola","link":"https://x/1","created_time":1799999990}`,
			post(func(e *mention.Event) { e.Attachments = []mention.Attachment{{Type: "link", URL: "https://x/1"}} }),
		},
		{
			"a video of ours", "feed", `{"item":"video",` + ours + `"verb":"add","video_id":"8","message":"hola","created_time":1799999990}`,
			post(func(*mention.Event) {}),
		},
		{
			"ours, written anew", "feed", `{"item":"status",` + ours + `"verb":"edited","published":1,"message":"hola","created_time":1799999990}`,
			post(func(e *mention.Event) { e.Outcome, e.At = mention.Edit, at(1800000000) }),
		},
		{
			"ours, taken away", "feed", `{"item":"status",` + ours + `"verb":"remove","published":0}`,
			post(func(e *mention.Event) { e.Outcome, e.Text, e.At = mention.Delete, "", at(1800000000) }),
		},
		{"ours, not published yet", "feed", `{"item":"photo",` + ours + `"verb":"add","published":0,"message":"hola","created_time":1799999990}`, post(hidden)},
		{"ours, changed before it is", "feed", `{"item":"video",` + ours + `"verb":"edited","published":0,"message":"hola","created_time":1799999990}`, post(hidden)},
		{
			"a visitor's, whatever is said of it", "feed", `{"item":"post","post_id":"100_7",` + from + `"verb":"add","published":0,"message":"hola","created_time":1799999990}`,
			post(func(e *mention.Event) { e.Outcome, e.Author = mention.Interaction, by(citizen) }),
		},
	}
}

func TestDecode_feed(t *testing.T) {
	for _, c := range slices.Concat(commentCases(), otherFeedCases(), ourPostCases()) {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, decodeOne(t, feed(c.field, c.value))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecode_time(t *testing.T) {
	cases := []struct {
		name, created string
		want          time.Time
	}{
		{"seconds", `1799999990`, at(1799999990)},
		{"milliseconds", `1799999990123`, time.UnixMilli(1799999990123).UTC()},
		{"seconds as a string", `"1799999990"`, at(1799999990)},
		{"Graph's form", `"2027-01-15T07:59:50+0000"`, at(1799999990)},
		{"another zone", `"2027-01-15T04:59:50-03:00"`, at(1799999990)},
		{"far too small", `12341`, at(1800000000)},
		{"before Facebook", `1075852799`, at(1800000000)},
		{"after 2100", `4102444800`, at(1800000000)},
		{"the year 60000", `1799999990123000`, at(1800000000)},
		{"more than 64 bits", `179999999012300000000000000`, at(1800000000)},
		{"negative", `-1799999990`, at(1800000000)},
		{"a fraction", `1799999990.5`, at(1800000000)},
		{"a word", `"ayer"`, at(1800000000)},
		{"an object", `{}`, at(1800000000)},
		{"null", `null`, at(1800000000)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := decodeOne(t, feed("feed", `{"item":"comment","verb":"add","comment_id":"7_9","message":"hola","created_time":`+c.created+`}`)).At
			if !got.Equal(c.want) || !got.IsZero() && got.Location() != time.UTC {
				t.Errorf("%s gives %v, want %v", c.created, got, c.want)
			}
		})
	}
	nowhen := []byte(`{"object":"page","entry":[{"id":"100","time":12341,"changes":[{"field":"feed","value":{"item":"comment","verb":"edit","comment_id":"7_9","message":"hola"}}]}]}`)
	if got := decodeOne(t, nowhen); !got.At.IsZero() || strings.Contains(lines(t, []mention.Event{got}), `"at"`) {
		t.Errorf("a delivery without any instant is dated %v", got.At)
	}
}

func TestDecode_text(t *testing.T) {
	cases := []struct {
		name, message, want string
		cut                 bool
	}{
		{"escaped", `"a\u00f1o \ud83d\udc4d\ud83c\udffd http:\/\/x"`, "año 👍🏽 http://x", false},
		{"markup is text", `"<script>&\"'"`, `<script>&"'`, false},
		{"half an emoji", `"\ud83d!"`, "\ufffd!", false},
		{"bad UTF-8", "\"a\xff\xfeb\"", "a\ufffd\ufffdb", false},
		{"NUL", `"a\u0000b"`, "a\ufffdb", false},
		{"a number", `12`, "12", false},
		{"just short enough", `"` + strings.Repeat("ñ", 20_000) + `"`, strings.Repeat("ñ", 20_000), false},
		{"too long", `"` + strings.Repeat("ñ", 20_001) + `"`, strings.Repeat("ñ", 20_000), true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := decodeOne(t, feed("feed", `{"item":"comment","verb":"add","comment_id":"7_9","message":`+c.message+`}`))
			if e.Outcome != mention.Interaction || e.Text != c.want || e.Flag(mention.FlagTruncated) != c.cut {
				t.Errorf("got %s %.40q flags %v", e.Outcome, e.Text, e.Flags)
			}
		})
	}
}
