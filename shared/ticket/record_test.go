package ticket_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// What a network tells us of by itself is not written down by hand; the rest is.
func TestStory_MayRecord(t *testing.T) {
	fb, ig, x, li, wa := mention.Facebook, mention.Instagram, mention.X, mention.LinkedIn, mention.WhatsApp
	for _, tt := range []struct {
		name string
		s    ticket.Story
		by   ticket.Actor
		says string
	}{
		{"typed in", commented(fb, mention.FlagManual), anna, ""},
		{"Facebook", commented(fb), anna, "lo sabe solo"},
		{"Messenger", wrote(fb, mention.DM, noon), anna, "lo sabe solo"},
		{"a conversation of another application", wrote(fb, mention.DM, noon, mention.FlagStandby), anna, ""},
		{"Instagram, a message", wrote(ig, mention.DM, noon), anna, "lo sabe solo"},
		{"Instagram, a comment", commented(ig), anna, ""},
		{"X", commented(x), anna, "lo sabe solo"},
		{"X, encrypted", wrote(x, mention.DM, noon, mention.FlagEncrypted), anna, ""},
		{"LinkedIn", commented(li), anna, "lo sabe solo"},
		{"WhatsApp", wrote(wa, mention.DM, noon), anna, ""},
		{"who does not hold it", wrote(wa, mention.DM, noon), beto, "lo tiene"},
		{"who does not answer", wrote(wa, mention.DM, noon), denun, "rol"},
	} {
		may := tt.s.MayRecord(tt.by)
		_, err := tt.s.Recorded(tt.by, ticket.Recording{Text: "Le respondí.", Visibility: post.Private}, later)
		if may.Allowed != (tt.says == "") || !strings.Contains(may.Why, tt.says) || (err == nil) != may.Allowed {
			t.Errorf("%s: %+v, %v", tt.name, may, err)
		}
	}
	s := commented(fb, mention.FlagManual)
	s.Ticket.Intent.Final = classify.Denuncia
	if _, err := s.Recorded(anna, ticket.Recording{Text: "Le respondí.", Visibility: post.Private}, later); fault.Of(err) != fault.Conflict {
		t.Errorf("a denuncia: %v", err)
	}
}

func TestStory_Recorded(t *testing.T) {
	s := commented(mention.Facebook, mention.FlagManual)
	good := ticket.Recording{Text: " Le respondí por teléfono. ", Visibility: post.Private, At: noon.Add(time.Hour), Link: "https://ejemplo.cl/r/1"}
	for field, change := range map[string]func(*ticket.Recording){
		"text":       func(r *ticket.Recording) { r.Text = " \n" },
		"visibility": func(r *ticket.Recording) { r.Visibility = "todos" },
		"at":         func(r *ticket.Recording) { r.At = later.Add(time.Second) },
		"link":       func(r *ticket.Recording) { r.Link = "javascript:alert(1)" },
	} {
		bad := good
		change(&bad)
		if _, err := s.Recorded(anna, bad, later); !fault.Is(err, fault.Invalid) || fieldOf(err) != field {
			t.Errorf("%s: %v of %q", field, err, fieldOf(err))
		}
	}
	early := good
	early.At = noon.Add(-time.Second)
	if _, err := s.Recorded(anna, early, later); fieldOf(err) != "at" {
		t.Errorf("before it was asked: %v", err)
	}
	s = replied(s, post.Public, "m1", ticket.ReplyUnknown)
	c, err := s.Recorded(anna, good, later)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Replies[0]
	if r.State != ticket.ReplySent || r.Reason != "registrada" || r.Text != "Le respondí por teléfono." || !r.SentAt.Equal(good.At) || r.URL != good.Link || r.Author != anna.ID || r.RemoteID != "" {
		t.Errorf("reply %+v", r)
	}
	if c.Ticket.State != ticket.Respondido || !c.Ticket.AnsweredAt.Equal(good.At) || c.Entry.Kind != audit.ReplyRecorded || c.Entry.Actor != anna.ID || len(c.Send) != 0 || len(c.Settle) != 1 {
		t.Errorf("step %+v, %+v, settled %+v", c.Ticket, c.Entry, c.Settle)
	}
	s = after(t, s, c, nil)
	second, err := s.Recorded(anna, ticket.Recording{Text: "Y otra vez.", Visibility: post.Private}, later.Add(time.Hour))
	if err != nil || !second.Ticket.AnsweredAt.Equal(good.At) || !second.Replies[0].SentAt.Equal(later.Add(time.Hour)) {
		t.Errorf("the clock stops once: %v, %+v", err, second.Ticket)
	}
}

func fieldOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Field
	}
	return ""
}
