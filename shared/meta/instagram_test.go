package meta_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
)

// igDirect wraps members of an entry, which is told at second 1800000000, as Instagram's own login does.
func igDirect(members string) []byte {
	return []byte(`{"object":"instagram","entry":[{"id":"` + page + `","time":1800000000,` + members + `}]}`)
}

// igChange wraps the value of one change of a field, as the login through Facebook does.
func igChange(field, value string) string {
	return `{"field":"` + field + `","value":` + value + `}`
}

func igChanges(items ...string) []byte {
	return igDirect(`"changes":[` + strings.Join(items, ",") + `]`)
}

// igMessage wraps one item of messaging, written as the members that follow recipient and timestamp.
func igMessage(members string) []byte {
	return igDirect(`"messaging":[{"recipient":{"id":"` + page + `"},"timestamp":1799999990000,` + members + `}]`)
}

// igEvent is the event of a plain comment, edited.
func igEvent(edit func(e *mention.Event)) mention.Event {
	e := mention.Event{
		Outcome: mention.Interaction, Network: mention.Instagram, Kind: mention.Comment, Key: "9", Thread: "7", Account: page,
		Author: &mention.Author{ID: citizen, Name: "persona.ficticia"}, Text: "hola", At: at(1800000000),
	}
	if edit != nil {
		edit(&e)
	}
	return e
}

func igQuarantined(reason string) mention.Event {
	e := quarantined(reason)
	e.Network = mention.Instagram
	return e
}

const (
	igFrom  = `"from":{"id":"200","username":"persona.ficticia"},`
	igHello = igFrom + `"media":{"id":"7"},"text":"hola"`
)

// igCase is the value of a change of a field, and the event it is in either shape.
type igCase struct {
	name, field, value string
	want               mention.Event
}

func igCommentCases() []igCase {
	return []igCase{
		{"a comment", "comments", `{"id":"9",` + igHello + `}`, igEvent(nil)},
		{"the other name of its id", "comments", `{"comment_id":"9",` + igHello + `}`, igEvent(nil)},
		{"both names", "comments", `{"id":"9","comment_id":"9",` + igHello + `}`, igEvent(nil)},
		{"numbers for ids", "comments", `{"id":9,"from":{"id":200,"username":"persona.ficticia"},"media":{"id":7},"text":"hola"}`, igEvent(nil)},
		{"a bare media", "comments", `{"id":"9",` + igFrom + `"media":7,"text":"hola"}`, igEvent(nil)},
		{"media_id", "comments", `{"id":"9",` + igFrom + `"media_id":"7","text":"hola"}`, igEvent(nil)},
		{"its own time", "comments", `{"id":"9","timestamp":"2027-01-15T07:59:50+0000",` + igHello + `}`, igEvent(func(e *mention.Event) { e.At = at(1799999990) })},
		{"an answer", "comments", `{"id":"9","parent_id":8,` + igHello + `}`, igEvent(func(e *mention.Event) { e.Parent = "8" })},
		{"an answer to the media", "comments", `{"id":"9","parent_id":"7",` + igHello + `}`, igEvent(nil)},
		{"nobody named", "comments", `{"id":"9","media":{"id":"7"},"text":"hola"}`, igEvent(func(e *mention.Event) { e.Author = nil })},
		{
			"a name without id", "comments", `{"id":"9","from":{"username":"persona.ficticia"},"media":{"id":"7"},"text":"hola"}`,
			igEvent(func(e *mention.Event) { e.Author.ID = "" }),
		},
		{"an id and a text", "comments", `{"id":"9","text":"hola"}`, igEvent(func(e *mention.Event) { e.Author, e.Thread = nil, "" })},
		{
			"no text", "comments", `{"id":"9",` + igFrom + `"media":{"id":"7"}}`,
			igEvent(func(e *mention.Event) { e.Outcome, e.Text, e.Reason = mention.Fetch, "", mention.ReasonFetchText }),
		},
		{
			"too long a text", "comments", `{"id":"9",` + igFrom + `"media":{"id":"7"},"text":"` + strings.Repeat("ñ", 20_001) + `"}`,
			igEvent(func(e *mention.Event) {
				e.Text, e.Flags = strings.Repeat("ñ", 20_000), []string{mention.FlagTruncated}
			}),
		},
		{
			"our own", "comments", `{"id":"9","from":{"id":100,"username":"persona.ficticia"},"media":{"id":"7"},"text":"hola"}`,
			igEvent(func(e *mention.Event) { e.Outcome, e.Author.ID = mention.Own, page }),
		},
		{
			"our own by its other id", "comments", `{"id":"9","from":{"id":"200","username":"persona.ficticia","self_ig_scoped_id":"200"},"media":{"id":"7"},"text":"hola"}`,
			igEvent(func(e *mention.Event) { e.Outcome = mention.Own }),
		},
		{"a live comment", "live_comments", `{"id":"9",` + igHello + `}`, igEvent(func(e *mention.Event) { e.Flags = []string{mention.FlagLive} })},
	}
}

func igOtherCases() []igCase {
	fetched := func(key string, reason string) mention.Event {
		return igEvent(func(e *mention.Event) {
			e.Outcome, e.Kind, e.Key, e.Author, e.Text, e.Reason = mention.Fetch, mention.Mentioned, key, nil, "", reason
		})
	}
	return []igCase{
		{"a mention in a comment", "mentions", `{"media_id":"7","comment_id":"9"}`, fetched("7:9", mention.ReasonFetchText)},
		{"a mention in a caption", "mentions", `{"media_id":7}`, fetched("7", mention.ReasonFetchText)},
		{
			"a mention whose text is given", "mentions", `{"media_id":"7","comment_id":"9","text":"hola"}`,
			igEvent(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Key, e.Author, e.Reason = mention.Fetch, mention.Mentioned, "7:9", nil, mention.ReasonFetchAuthor
			}),
		},
		{
			"a mention with all", "mentions", `{"comment_id":"9",` + igHello + `}`,
			igEvent(func(e *mention.Event) { e.Kind, e.Key = mention.Mentioned, "7:9" }),
		},
		{"a mention on nothing", "mentions", `{"comment_id":"9"}`, igQuarantined(mention.ReasonNoID)},
		{"a comment without id", "comments", `{` + igHello + `}`, igQuarantined(mention.ReasonNoID)},
		{"a fraction for an id", "comments", `{"id":1.5,` + igHello + `}`, igQuarantined(mention.ReasonBadID)},
		{"a power of ten for an id", "comments", `{"id":1e17,` + igHello + `}`, igQuarantined(mention.ReasonBadID)},
		{"an object for a media id", "comments", `{"id":"9","media":{"id":{}},"text":"hola"}`, igQuarantined(mention.ReasonBadID)},
		{"a list for media", "comments", `{"id":"9","media":[],"text":"hola"}`, igQuarantined(mention.ReasonBadID)},
		{"an author that is a word", "comments", `{"id":"9","from":"yo","text":"hola"}`, igQuarantined(mention.ReasonBadItem)},
		{"a value that is a list", "comments", `[{"id":"9"}]`, igQuarantined(mention.ReasonBadItem)},
		{"a value that is a word", "mentions", `"9"`, igQuarantined(mention.ReasonBadItem)},
		{
			"a field of Facebook's", "feed", `{"item":"comment","verb":"add","comment_id":"9","message":"hola"}`,
			igEvent(func(e *mention.Event) {
				*e = igQuarantined(mention.ReasonUnknownField)
				e.Outcome = mention.IgnoreUnknown
			}),
		},
	}
}

func TestDecodeInstagram_changes(t *testing.T) {
	for _, c := range append(igCommentCases(), igOtherCases()...) {
		t.Run(c.name, func(t *testing.T) {
			change := igChange(c.field, c.value)
			for shape, body := range map[string][]byte{
				"in a list":    igChanges(change),
				"on the entry": igDirect(change[1 : len(change)-1]),
			} {
				events := meta.DecodeInstagram(body, mention.Accounts{mention.Instagram: {page}})
				if diff := cmp.Diff([]mention.Event{c.want}, events); diff != "" {
					t.Errorf("%s (-want +got):\n%s", shape, diff)
				}
			}
		})
	}
}
