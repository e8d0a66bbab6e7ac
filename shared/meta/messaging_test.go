package meta_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
)

// dm wraps one item of messaging, written as the members that follow recipient and timestamp.
func dm(members string) []byte {
	return []byte(`{"object":"page","entry":[{"id":"100","time":1800000000000,"messaging":[{"recipient":{"id":"100"},"timestamp":1799999990000,` + members + `}]}]}`)
}

const sender = `"sender":{"id":"200"},`

// dmEvent is the event of a plain message, edited.
func dmEvent(edit func(e *mention.Event)) mention.Event {
	e := mention.Event{
		Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.DM, Key: "m_1", Thread: citizen,
		Author: &mention.Author{ID: citizen}, Account: page, At: at(1799999990),
	}
	edit(&e)
	return e
}

func quarantined(reason string) mention.Event {
	return mention.Event{
		Outcome: mention.Quarantine, Network: mention.Facebook, Kind: mention.Other, Account: page, At: at(1800000000), Reason: reason,
	}
}

// dmCase is what happened in a conversation, and the event it is.
type dmCase struct {
	name, members string
	want          mention.Event
}

func messageCases() []dmCase {
	return []dmCase{
		{"a text", sender + `"message":{"mid":"m_1","text":"hola"}`, dmEvent(func(e *mention.Event) { e.Text = "hola" })},
		{
			"our own, from the page's inbox", `"sender":{"id":100},"recipient":{"id":"200"},"message":{"mid":"m_1","text":"hola","is_echo":true}`,
			dmEvent(func(e *mention.Event) { e.Outcome, e.Text, e.Author = mention.Own, "hola", &mention.Author{ID: page} }),
		},
		{
			"our own without the word echo", `"sender":{"id":100},"recipient":{"id":"200"},"message":{"mid":"m_1","text":"hola"}`,
			dmEvent(func(e *mention.Event) { e.Outcome, e.Text, e.Author = mention.Own, "hola", &mention.Author{ID: page} }),
		},
		{
			"an audio", sender + `"message":{"mid":"m_1","attachments":[{"type":"audio","payload":{"url":"https://x/a"}}]}`,
			dmEvent(func(e *mention.Event) { e.Attachments = []mention.Attachment{{Type: "audio", URL: "https://x/a"}} }),
		},
		{
			"a shared link whose payload is a bare string", sender + `"message":{"mid":"m_1","text":"mira","attachments":[{"type":"fallback","url":"https://x/b","payload":"https://x/c"}]}`,
			dmEvent(func(e *mention.Event) {
				e.Text, e.Attachments = "mira", []mention.Attachment{{Type: "fallback", URL: "https://x/b"}}
			}),
		},
		{
			"an attachment of a strange type beside one that is none", sender + `"message":{"mid":"m_1","attachments":[7,{"type":"<b>","payload":null}]}`,
			dmEvent(func(e *mention.Event) { e.Attachments = []mention.Attachment{{Type: "file"}} }),
		},
		{
			"a place that cannot be", sender + `"message":{"mid":"m_1","attachments":[{"type":"location","payload":{"coordinates":{"lat":91,"long":0}}}]}`,
			dmEvent(func(e *mention.Event) {
				e.Attachments, e.Flags = []mention.Attachment{{Type: "location"}}, []string{mention.FlagGeo}
			}),
		},
		{
			"another sticker", sender + `"message":{"mid":"m_1","sticker_id":5,"attachments":[{"type":"image","payload":{"url":"https://x/s","sticker_id":5}}]}`,
			dmEvent(func(e *mention.Event) {
				e.Outcome, e.Flags = mention.Thread, []string{mention.FlagSticker}
				e.Attachments = []mention.Attachment{{Type: "sticker", URL: "https://x/s"}}
			}),
		},
	}
}

func otherMessagingCases() []dmCase {
	useless := dmEvent(func(e *mention.Event) {
		e.Outcome, e.Kind, e.Key, e.Reason = mention.Ignore, mention.Other, "", mention.ReasonUseless
	})
	return []dmCase{
		{
			"a quick reply", sender + `"message":{"mid":"m_1","text":"Sí","quick_reply":{"payload":"si"}}`,
			dmEvent(func(e *mention.Event) { e.Outcome, e.Text = mention.Thread, "Sí" }),
		},
		{
			"something Messenger cannot show", sender + `"message":{"mid":"m_1","is_unsupported":true}`,
			dmEvent(func(e *mention.Event) { e.Flags = []string{mention.FlagUnsupported} }),
		},
		{
			"an empty message", sender + `"message":{"mid":"m_1"}`,
			dmEvent(func(e *mention.Event) { e.Outcome, e.Reason = mention.IgnoreUnknown, mention.ReasonUnknownMessage }),
		},
		{
			"an edited message", sender + `"message_edit":{"mid":"m_1","text":"hola!","num_edit":"1"}`,
			dmEvent(func(e *mention.Event) { e.Outcome, e.Text = mention.Edit, "hola!" }),
		},
		{
			"a reaction taken back", sender + `"reaction":{"mid":"m_1","action":"unreact"}`,
			dmEvent(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Flags = mention.Reaction, mention.Reacted, []string{mention.FlagRemoved}
			}),
		},
		{
			"a button", sender + `"postback":{"mid":"m_1","title":"Empezar","payload":"GET_STARTED"}`,
			dmEvent(func(e *mention.Event) {
				e.Outcome, e.Text, e.Flags = mention.Thread, "Empezar", []string{mention.FlagPostback}
			}),
		},
		{
			"a button in the old form", sender + `"postback":{"title":"Empezar","payload":"GET_STARTED"}`,
			dmEvent(func(e *mention.Event) {
				e.Outcome, e.Text, e.Flags = mention.Thread, "Empezar", []string{mention.FlagPostback}
				e.Key = "200:1799999990000:50650e242f74da0f"
			}),
		},
		{
			"seen up to an instant", sender + `"read":{"watermark":1799999980000}`,
			dmEvent(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Key, e.Flags = mention.Status, mention.StatusKind, "", []string{mention.FlagRead}
			}),
		},
		{
			"a warning", `"policy-enforcement":{"action":"warning","reason":"spam"}`,
			dmEvent(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Key, e.Thread, e.Author = mention.Alert, mention.Other, "", "", nil
				e.Text, e.Reason = "spam", mention.ReasonWarned
			}),
		},
		{"a referral", sender + `"referral":{"ref":"x"}`, useless},
		{"another application takes the thread", sender + `"take_thread_control":{"previous_owner_app_id":"1"}`, useless},
		{
			"something new", sender + `"hologram":{}`,
			dmEvent(func(e *mention.Event) {
				e.Outcome, e.Kind, e.Key, e.Reason = mention.IgnoreUnknown, mention.Other, "", mention.ReasonUnknownMessage
			}),
		},
		{"a message without id", sender + `"message":{"text":"hola"}`, quarantined(mention.ReasonNoID)},
		{"a message whose id is a fraction", sender + `"message":{"mid":1.5,"text":"hola"}`, quarantined(mention.ReasonBadID)},
		{"a message from nobody", `"message":{"mid":"m_1","text":"hola"}`, quarantined(mention.ReasonNoSender)},
		{"a message that is a word", sender + `"message":"hola"`, quarantined(mention.ReasonBadItem)},
		{"a sender that is a word", `"sender":"200","message":{"mid":"m_1","text":"hola"}`, quarantined(mention.ReasonBadItem)},
		{"a sender whose id is a list", `"sender":{"id":[1]},"message":{"mid":"m_1","text":"hola"}`, quarantined(mention.ReasonBadID)},
	}
}

func TestDecode_messaging(t *testing.T) {
	for _, c := range append(messageCases(), otherMessagingCases()...) {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, decodeOne(t, dm(c.members))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecode_receiptsOfSeveralMessages(t *testing.T) {
	events := meta.Decode(dm(`"sender":{"id":"200"},"delivery":{"mids":["m_1",2,null,"m_3"],"watermark":1}`), nil)
	var keys []string
	for _, e := range events {
		keys = append(keys, e.Key)
		if e.Outcome != mention.Status || !e.Flag(mention.FlagDelivered) {
			t.Errorf("%+v", e)
		}
	}
	if diff := cmp.Diff([]string{"m_1", "2", "m_3"}, keys); diff != "" {
		t.Error(diff)
	}
}

// Everything said in a conversation that another application owns is marked, whatever it is.
func TestDecode_standby(t *testing.T) {
	body := []byte(`{"object":"page","entry":[{"id":"100","time":1800000000000,"standby":[` +
		`{"sender":{"id":"200"},"recipient":{"id":"100"},"message":{"mid":"m_1","text":"hola"}},` +
		`{"sender":{"id":"200"},"recipient":{"id":"100"},"delivery":{"mids":["m_2","m_3"]}},` +
		`{"sender":{"id":"200"},"recipient":{"id":"100"},"message":{"text":"sin id"}}]}]}`)
	events := meta.Decode(body, nil)
	want := []mention.Outcome{mention.Interaction, mention.Status, mention.Status, mention.Quarantine}
	if diff := cmp.Diff(want, said(events)); diff != "" {
		t.Fatal(diff)
	}
	for _, e := range events {
		if !e.Flag(mention.FlagStandby) {
			t.Errorf("not marked: %+v", e)
		}
	}
}
