package ticket_test

import (
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

func TestMediaToCopy(t *testing.T) {
	now := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	account := channel.Ref{Network: mention.Instagram, Account: "17841400000000001"}
	image := mention.Attachment{Type: "image", URL: "https://cdn.example.invalid/a.jpg"}
	held := image
	held.Stored = "media/t1/abc"
	for name, c := range map[string]struct {
		kind mention.Kind
		hung []mention.Attachment
		want int
	}{
		"a direct message":                 {mention.DM, []mention.Attachment{image}, 1},
		"several, one message":             {mention.DM, []mention.Attachment{image, {Type: "audio", ID: "7"}}, 1},
		"a story that names us":            {mention.StoryMention, []mention.Attachment{{Type: "story_mention", URL: image.URL}}, 1},
		"an answer to a story":             {mention.StoryReply, []mention.Attachment{{Type: "story", URL: image.URL}}, 1},
		"a comment, which stays":           {mention.Comment, []mention.Attachment{image}, 0},
		"nothing hung":                     {mention.DM, nil, 0},
		"a place has no bytes":             {mention.DM, []mention.Attachment{{Type: "location", URL: "geo:-33.4,-70.6"}}, 0},
		"a link is nobody's to copy":       {mention.DM, []mention.Attachment{{Type: "link", URL: "https://x.com/i/web/status/1"}}, 0},
		"neither address nor id":           {mention.DM, []mention.Attachment{{Type: "image"}}, 0},
		"kept already":                     {mention.DM, []mention.Attachment{held}, 0},
		"lost already":                     {mention.DM, []mention.Attachment{{Type: "image", URL: image.URL, Lost: "gone"}}, 0},
		"one kept, one not":                {mention.DM, []mention.Attachment{held, image}, 1},
		"a kind of newer code, kept apart": {mention.Kind("hologram"), []mention.Attachment{image}, 0},
	} {
		m := ticket.Mention{Ticket: "t1", Key: "mid." + strings.Repeat("x~", 200), Kind: c.kind, At: now.Add(1500 * time.Microsecond), Attachments: c.hung}
		got := ticket.MediaToCopy(m, account, now)
		if len(got) != c.want {
			t.Errorf("%s: %d messages, want %d", name, len(got), c.want)
			continue
		}
		if c.want == 0 {
			continue
		}
		one := got[0]
		key, at, ok := ticket.ParseMediaSubject(one.Subject)
		if !ok || key != m.Key || !at.Equal(m.At) {
			t.Errorf("%s: the address of the mention is lost: %q", name, one.Subject)
		}
		if one.Topic != outbox.CopyMedia || one.Ticket != "t1" || !one.Due.Equal(now) || one.Channel != account.String() {
			t.Errorf("%s: %+v", name, one)
		}
		if len(one.Dedup()) > 128 || len(one.Group) > 128 || strings.Contains(one.ID, "~") {
			t.Errorf("%s: no queue takes %q", name, one.Dedup())
		}
		if again := ticket.MediaToCopy(m, account, now.Add(time.Hour)); again[0].ID != one.ID {
			t.Errorf("%s: planned twice under two names", name)
		}
	}
	for _, subject := range []string{"", "x", "2026-11-23T13:00:00Z", "2026-11-23T13:00:00Z ", "yesterday key"} {
		if key, at, ok := ticket.ParseMediaSubject(subject); ok {
			t.Errorf("%q is read as %q, %s", subject, key, at)
		}
	}
}

// Opening a case and hanging a further message on it plan the copying with the same step.
func TestMediaToCopy_PlannedWithItsMention(t *testing.T) {
	now := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	e := mention.Event{
		Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.DM, Key: "m_1", Account: "100000000000001", Text: "texto ficticio", At: now,
		Attachments: []mention.Attachment{{Type: "image", URL: "https://cdn.example.invalid/a.jpg"}},
	}
	class := classify.Result{Intent: classify.Consulta, Probabilities: map[classify.Intent]float64{classify.Consulta: 1}}
	opened := ticket.Open(ticket.Opening{
		ID: "01T", Number: "RS-2026-0000001-1", Conversation: "c", CitizenKey: "k", Event: e, Class: class, DueDate: "2026-12-22", DueAt: now.AddDate(0, 1, 0), Now: now,
	}, ticket.DefaultPolicy(), nil)
	later := e
	later.Key = "m_2"
	for what, c := range map[string]ticket.Change{
		"open": opened, "append": opened.Ticket.Append(later, class, "", ticket.DefaultPolicy(), now, now, nil),
	} {
		copies := 0
		for _, m := range c.Send {
			if m.Topic == outbox.CopyMedia && m.Channel == "facebook/100000000000001" {
				copies++
			}
		}
		if copies != 1 {
			t.Errorf("%s plans %d copies: %+v", what, copies, c.Send)
		}
	}
}
