package x_test

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/x"
)

// One post is one item, in whichever way X tells of it: as a mention, as a reply, by the old API with a number its
// producer rounded, through a stream, and with its ids as strings or numbers.
func TestDecode_oneKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Int64Range(1, math.MaxInt64).Draw(t, "id")
		digits, author := strconv.FormatInt(id, 10), strconv.FormatInt(rapid.Int64Range(1<<53, math.MaxInt64).Draw(t, "author"), 10)
		quote := func(s string) string {
			if rapid.Bool().Draw(t, "as a number") {
				return s
			}
			return strconv.Quote(s)
		}
		v2 := func() string {
			return fmt.Sprintf(`{"id":%s,"text":"hola &lt;3","author_id":%s,"created_at":"2026-11-20T14:03:11.000Z","edit_history_tweet_ids":[%s],"in_reply_to_user_id":%s,"referenced_tweets":[{"type":"replied_to","id":"44"}],"entities":{"mentions":[{"id":%s}]}}`,
				quote(digits), quote(author), quote(digits), quote(us), quote(us))
		}
		old := fmt.Sprintf(`{"id":%d,"id_str":%s,"text":"hola &lt;3","created_at":"Fri Nov 20 14:03:11 +0000 2026","user":{"id":%s000,"id_str":%s},"in_reply_to_user_id_str":%s,"in_reply_to_status_id_str":"44","entities":{"user_mentions":[{"id":1,"id_str":%s}]}}`,
			int64(float64(id)/1000)*1000, quote(digits), author[:10], quote(author), quote(us), quote(us))
		bodies := []string{
			xaa("post.mention.create", v2()), xaa("post.reply.create", v2()), aaa("tweet_create_events", old),
			`{"matching_rules":[{"id":"1"}],"data":` + v2() + `}`,
		}
		want := mention.Event{
			Outcome: mention.Interaction, Network: mention.X, Kind: mention.Comment, Key: digits, Thread: "44", Parent: "44",
			Author: &mention.Author{ID: author}, Account: us, Text: "hola <3", Flags: []string{mention.FlagSummoned},
		}
		for _, body := range bodies {
			got := x.Decode([]byte(body), mention.Accounts{mention.X: {us}})[0]
			want.At = got.At
			if diff := cmp.Diff(want, got); diff != "" || got.At.Unix() != 1795183391 {
				t.Errorf("%s at %s (-want +got):\n%s", body, got.At, diff)
			}
		}
	})
}

// Every version of an edited post has the key of the first.
func TestDecode_versions(t *testing.T) {
	version := func(id string) mention.Event {
		return x.Decode([]byte(xaa("post.mention.create", `{"id":"`+id+`","text":"`+id+`","author_id":"5","edit_history_tweet_ids":["9007199254740993","9007199254740995"]}`)), nil)[0]
	}
	first, second := version("9007199254740993"), version("9007199254740995")
	if first.Outcome != mention.Interaction || second.Outcome != mention.Edit || first.Key != second.Key || second.Text != "9007199254740995" {
		t.Errorf("first %+v, second %+v", first, second)
	}
}
