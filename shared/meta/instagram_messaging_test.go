package meta_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
)

// igDM is the event of a plain message, edited.
func igDM(edit func(e *mention.Event)) mention.Event {
	return dmEvent(func(e *mention.Event) {
		e.Network = mention.Instagram
		edit(e)
	})
}

func igMessageCases() []dmCase {
	hung := func(list string) string { return sender + `"message":{"mid":"m_1","attachments":[` + list + `]}` }
	story := func(edit func(e *mention.Event)) mention.Event {
		return igDM(func(e *mention.Event) {
			e.Kind, e.Flags = mention.StoryMention, []string{mention.FlagEphemeral}
			e.Attachments = []mention.Attachment{{Type: "story_mention", URL: "https://x/s"}}
			edit(e)
		})
	}
	return []dmCase{
		{"a story that names us", hung(`{"type":"story_mention","payload":{"url":"https://x/s"}}`), story(func(*mention.Event) {})},
		{"a story whose payload is a bare string", hung(`{"type":"story_mention","payload":"https://x/s"}`), story(func(*mention.Event) {})},
		{"a story that is gone already", hung(`{"type":"story_mention","payload":null}`), story(func(e *mention.Event) { e.Attachments[0].URL = "" })},
		{
			"a story of ours that names us", `"sender":{"id":"100"},"recipient":{"id":"200"},"message":{"mid":"m_1","is_echo":true,"attachments":[{"type":"story_mention","payload":{"url":"https://x/s"}}]}`,
			story(func(e *mention.Event) { e.Outcome, e.Author = mention.Own, &mention.Author{ID: page} }),
		},
		{
			"an answer to a story that is gone", sender + `"message":{"mid":"m_1","text":"hola","reply_to":{"story":{}}}`,
			igDM(func(e *mention.Event) { e.Kind, e.Text = mention.StoryReply, "hola" }),
		},
		{
			"an answer to a story that is a word", sender + `"message":{"mid":"m_1","text":"hola","reply_to":{"mid":"m_0","story":"x"}}`,
			igDM(func(e *mention.Event) { e.Kind, e.Text = mention.StoryReply, "hola" }),
		},
		{
			"an answer to what is a word", sender + `"message":{"mid":"m_1","text":"hola","reply_to":"m_0"}`,
			igDM(func(e *mention.Event) { e.Text = "hola" }),
		},
		{
			"a heart beside a picture", hung(`{"type":"like_heart"},{"type":"image","payload":{"url":"https://x/i"}}`),
			igDM(func(e *mention.Event) {
				e.Attachments = []mention.Attachment{{Type: "like_heart"}, {Type: "image", URL: "https://x/i"}}
			}),
		},
		{
			"a heart with words", sender + `"message":{"mid":"m_1","text":"hola","attachments":[{"type":"like_heart"}]}`,
			igDM(func(e *mention.Event) { e.Text, e.Attachments = "hola", []mention.Attachment{{Type: "like_heart"}} }),
		},
		{
			"something unsupported beside a picture", hung(`{"type":"unsupported_type"},{"type":"image","payload":{"url":"https://x/i"}}`),
			igDM(func(e *mention.Event) {
				e.Attachments, e.Flags = []mention.Attachment{{Type: "image", URL: "https://x/i"}}, []string{mention.FlagUnsupported}
			}),
		},
		{
			"an unsupported answer", sender + `"message":{"mid":"m_1","is_unsupported":true,"reply_to":{"mid":"m_0"}}`,
			igDM(func(e *mention.Event) {
				e.Outcome, e.Parent, e.Flags = mention.Thread, "m_0", []string{mention.FlagUnsupported}
			}),
		},
		{
			"a place and then a picture", hung(`{"type":"location","payload":{"coordinates":{"lat":"-33.4","long":"-70.6"}}},{"type":"image","payload":{"url":"https://x/i"}}`),
			igDM(func(e *mention.Event) {
				e.Attachments = []mention.Attachment{{Type: "location", URL: "geo:-33.4,-70.6"}, {Type: "image", URL: "https://x/i"}}
				e.Flags = []string{mention.FlagGeo}
			}),
		},
	}
}

func igLaterCases() []dmCase {
	return []dmCase{
		{
			"a story mention unsent", sender + `"message":{"mid":"m_1","is_deleted":true,"attachments":[{"type":"story_mention","payload":{"url":"https://x/s"}}]}`,
			igDM(func(e *mention.Event) { e.Outcome = mention.Delete }),
		},
		{
			"an edit without text", sender + `"message_edit":{"mid":"m_1","num_edit":"0"}`,
			igDM(func(e *mention.Event) { e.Outcome, e.Reason = mention.Fetch, mention.ReasonFetchText }),
		},
		{
			"a known message written anew, without its text", sender + `"message_edit":{"mid":"m_1","num_edit":2}`,
			igDM(func(e *mention.Event) {
				e.Outcome, e.Reason, e.Flags = mention.Fetch, mention.ReasonFetchText, []string{mention.FlagRevised}
			}),
		},
		{
			"an edit of ours without text", `"sender":{"id":"100"},"recipient":{"id":"200"},"message_edit":{"mid":"m_1","num_edit":1}`,
			igDM(func(e *mention.Event) { e.Outcome, e.Author = mention.Own, &mention.Author{ID: page} }),
		},
		{"an edit without id", sender + `"message_edit":{"text":"hola","num_edit":1}`, igQuarantined(mention.ReasonNoID)},
		{"an edit whose id is a fraction", sender + `"message_edit":{"mid":0.5,"text":"hola"}`, igQuarantined(mention.ReasonBadID)},
		{"a message from nobody", `"message":{"mid":"m_1","text":"hola"}`, igQuarantined(mention.ReasonNoSender)},
		{"a button nobody pressed", `"postback":{"title":"x"}`, igQuarantined(mention.ReasonNoSender)},
		{
			"a button we pressed to try it", sender + `"is_self":true,"postback":{"mid":"m_1","title":"Empezar"}`,
			igDM(func(e *mention.Event) {
				e.Outcome, e.Text, e.Flags = mention.Own, "Empezar", []string{mention.FlagPostback}
			}),
		},
	}
}

func TestDecodeInstagram_messaging(t *testing.T) {
	for _, c := range append(igMessageCases(), igLaterCases()...) {
		t.Run(c.name, func(t *testing.T) {
			events := meta.DecodeInstagram(igMessage(c.members), mention.Accounts{mention.Instagram: {page}})
			if diff := cmp.Diff([]mention.Event{c.want}, events); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What the dashboard's test button sends is dropped where nobody said that account 0 is ours, and only there.
func TestDecodeInstagram_testSends(t *testing.T) {
	bodies := instagram().samples(t)
	for _, name := range []string{"D30-wh-comments-2021", "D31-wh-livecomments", "dm-test-send"} {
		events := meta.DecodeInstagram(bodies[name], mention.Accounts{mention.Instagram: {"17841405309211844"}})
		if len(events) != 1 || events[0].Outcome != mention.Ignore || events[0].Reason != mention.ReasonTest || events[0].Text != "" {
			t.Errorf("%s: %+v", name, events)
		}
	}
	facebook := strings.Replace(changes(fine), `"id":"100"`, `"id":"0"`, 1)
	if events := meta.Decode([]byte(facebook), mention.Accounts{mention.Facebook: {page}}); len(events) != 1 || events[0].Reason != mention.ReasonTest {
		t.Errorf("a test of Facebook's is %+v", events)
	}
	if events := meta.DecodeInstagram(bodies["D30-wh-comments-2021"], accounts(t)); events[0].Outcome != mention.Interaction {
		t.Errorf("where account 0 is ours it is %+v", events[0])
	}
}

// One item that cannot be read costs itself and nothing else, wherever in the batch it stands.
func TestDecodeInstagram_batch(t *testing.T) {
	for _, poisoned := range []int{0, 500, 999} {
		for _, poison := range []string{`null`, `7`, `{"field":"comments","value":7}`, `{"field":"comments","value":{"id":{}}}`, `{"field":"comments","value":{"id":1.0,"text":"x"}}`, `{"field":"messages","value":[]}`} {
			items := make([]string, 1000)
			for i := range items {
				items[i] = fmt.Sprintf(`{"field":"comments","value":{"id":%d,"text":"hola"}}`, 9007199254740993+i)
			}
			items[poisoned] = poison
			events := meta.DecodeInstagram(igChanges(items...), mention.Accounts{mention.Instagram: {page}})
			if len(events) != 1000 {
				t.Fatalf("%d events", len(events))
			}
			for i, e := range events {
				switch {
				case i == poisoned && e.Outcome == mention.Quarantine:
				case i != poisoned && e.Outcome == mention.Interaction && e.Key == fmt.Sprint(9007199254740993+i):
				default:
					t.Fatalf("item %d is %+v", i, e)
				}
			}
		}
	}
}

// Each network's decoder knows its own objects: what comes to the wrong address is kept aside, not read as the other's.
func TestDecodeInstagram_otherObjects(t *testing.T) {
	for name, body := range samples(t) {
		events := meta.DecodeInstagram(body, nil)
		if name == "D25-permission-granted-wh-1" {
			continue
		}
		if len(events) != 1 || events[0].Outcome != mention.IgnoreUnknown || events[0].Reason != mention.ReasonUnknownObject {
			t.Errorf("%s: %+v", name, events)
		}
	}
	for _, body := range []string{`{"object":"instagram","entry":[]}`, `{"object":"instagram","entry":[{"id":"100","changes":[]}]}`} {
		if events := meta.DecodeInstagram([]byte(body), nil); len(events) != 1 || events[0].Reason != mention.ReasonNoItems {
			t.Errorf("%s: %+v", body, events)
		}
	}
}

// A button pressed once and told twice is one; pressed again, or by somebody else, it is another.
func TestDecode_postbackKeys(t *testing.T) {
	press := func(who, at, title string) string {
		body := fmt.Sprintf(`{"object":"instagram","entry":[{"id":"100","time":%s,"messaging":[{"sender":{"id":%s},"timestamp":1799999990%s,"postback":{"title":%q,"payload":"P"}}]}]}`, "18000000000"+at, who, at, title)
		return meta.DecodeInstagram([]byte(body), nil)[0].Key
	}
	first := press(`"200"`, "000", "Empezar")
	if again := press(`200`, "000", "Empezar"); again != first || first == "" {
		t.Errorf("told twice it is %q and %q", first, again)
	}
	for _, other := range []string{press(`"201"`, "000", "Empezar"), press(`"200"`, "001", "Empezar"), press(`"200"`, "000", "Ver cursos")} {
		if other == first {
			t.Errorf("another press has the same key %q", other)
		}
	}
}

// The same secret and the same check serve both networks: one application signs for them.
func TestInbound_instagram(t *testing.T) {
	in := meta.NewInbound(func(context.Context) (meta.AppSecret, error) {
		return meta.AppSecret{AppSecret: "new", Previous: "old", VerifyToken: "word"}, nil
	})
	for name, body := range instagram().samples(t) {
		for _, c := range []struct {
			secret string
			good   bool
		}{{"new", true}, {"old", true}, {"other", false}} {
			err := in.Verify(context.Background(), http.Header{meta.SignatureHeader: {meta.Sign(body, c.secret)}}, body)
			if c.good && err != nil || !c.good && !fault.Is(err, fault.Denied) {
				t.Errorf("%s signed with %s: %v", name, c.secret, err)
			}
		}
	}
	kind, answer, err := in.Handshake(context.Background(), "hub.mode=subscribe&hub.verify_token=word&hub.challenge=1158201444")
	if err != nil || answer != "1158201444" || !strings.HasPrefix(kind, "text/plain") {
		t.Errorf("answered %q as %s, %v", answer, kind, err)
	}
}

func BenchmarkDecodeInstagram(b *testing.B) {
	body := []byte(strings.TrimSpace(string(instagram().samples(b)["D30-wh-comments-2021"])))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if events := meta.DecodeInstagram(body, nil); len(events) != 1 || events[0].Outcome != mention.Interaction {
			b.Fatal(events)
		}
	}
}
