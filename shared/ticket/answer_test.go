package ticket_test

import (
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

func story(t ticket.Ticket) ticket.Story { return ticket.Story{Ticket: t} }

// wrote gives the story of a case on n in which a person wrote once, at the instant at, and anna holds it.
func wrote(n mention.Network, kind mention.Kind, at time.Time, flags ...string) ticket.Story {
	e := mention.Event{Network: n, Kind: kind}
	t := ticket.Ticket{
		ID: "01TICKET", Version: 2, Network: n, Kind: kind, Public: e.Public(), State: ticket.EnAnalisis, Assignee: anna.ID,
		OpenedAt: at, Target: "m1", Intent: ticket.Intent{Final: classify.Consulta},
	}
	if !e.Public() || n == mention.X {
		t.Recipient = "s1.persona"
	}
	m := ticket.Mention{Ticket: t.ID, Key: "m1", Kind: kind, At: at, Public: e.Public(), Flags: flags, Rev: 1}
	return ticket.Story{Ticket: t, Mentions: []ticket.Mention{m}}
}

// again adds a mention of the same kind.
func again(s ticket.Story, key string, at time.Time) ticket.Story {
	m := s.Mentions[0]
	m.Key, m.At = key, at
	s.Mentions = append(s.Mentions, m)
	s.Ticket.Target = key
	return s
}

func deleted(s ticket.Story) ticket.Story {
	s.Mentions[len(s.Mentions)-1].Deleted = true
	return s
}

func replied(s ticket.Story, v post.Visibility, target string, state ticket.ReplyState) ticket.Story {
	s.Replies = append(s.Replies, ticket.Reply{Visibility: v, Target: target, State: state})
	return s
}

func nobody(s ticket.Story) ticket.Story {
	s.Ticket.Recipient = ""
	return s
}

func TestStory_Answers(t *testing.T) {
	const day = 24 * time.Hour
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	fb, ig, wa, li, x := mention.Facebook, mention.Instagram, mention.WhatsApp, mention.LinkedIn, mention.X
	free := time.Time{}
	tests := []struct {
		name    string
		story   ticket.Story
		v       post.Visibility
		says    string // "" when it is allowed
		note    string
		until   time.Time
		allowed bool
	}{
		{"a comment, in public", wrote(fb, mention.Comment, ago(90*day)), post.Public, "", "", free, true},
		{"a comment, in private", wrote(fb, mention.Comment, ago(day)), post.Private, "", "una sola", ago(day).Add(7 * day), true},
		{"a second before its seven days end", wrote(ig, mention.Comment, ago(7*day-time.Second)), post.Private, "", "una sola", noon.Add(time.Second), true},
		{"when its seven days end", wrote(ig, mention.Comment, ago(7*day)), post.Private, "7 días", "", noon, false},
		{"a comment answered in private", replied(wrote(fb, mention.Comment, ago(day)), post.Private, "m1", ticket.ReplySent), post.Private, "una sola vez", "", ago(day).Add(7 * day), false},
		{"a comment perhaps answered", replied(wrote(fb, mention.Comment, ago(day)), post.Private, "m1", ticket.ReplyUnknown), post.Private, "una sola vez", "", ago(day).Add(7 * day), false},
		{"an answer that was refused", replied(wrote(fb, mention.Comment, ago(day)), post.Private, "m1", ticket.ReplyRefused), post.Private, "", "una sola", ago(day).Add(7 * day), true},
		{"an answer in public spends nothing", replied(wrote(fb, mention.Comment, ago(day)), post.Public, "m1", ticket.ReplySent), post.Private, "", "una sola", ago(day).Add(7 * day), true},
		{"the next comment has its own", again(replied(wrote(fb, mention.Comment, ago(8*day)), post.Private, "m1", ticket.ReplySent), "m2", ago(day)), post.Private, "", "una sola", ago(day).Add(7 * day), true},
		{"a comment taken back", deleted(wrote(fb, mention.Comment, ago(day))), post.Public, "borró", "", free, false},
		{"a comment taken back, in private", deleted(wrote(fb, mention.Comment, ago(day))), post.Private, "borró", "", free, false},
		{"a live comment, in public", wrote(fb, mention.Comment, ago(day), mention.FlagLive), post.Public, "en vivo", "", free, false},
		{"a live comment, in private", wrote(ig, mention.Comment, ago(day), mention.FlagLive), post.Private, "", "en vivo", ago(day).Add(7 * day), true},
		{"a hidden comment", wrote(ig, mention.Comment, ago(day), mention.FlagHidden), post.Public, "oculto", "", free, false},
		{"a visitor's post", wrote(fb, mention.Post, ago(day)), post.Private, "", "una sola", ago(day).Add(7 * day), true},
		{"a review", wrote(fb, mention.Review, ago(day)), post.Private, "comentarios", "", free, false},

		{"a message, in public", wrote(fb, mention.DM, ago(time.Hour)), post.Public, "mensaje privado no se le responde en público", "", free, false},
		{"a message", wrote(fb, mention.DM, ago(time.Hour)), post.Private, "", "", ago(time.Hour).Add(day), true},
		{"a second before its day ends", wrote(wa, mention.DM, ago(day-time.Second)), post.Private, "", "", noon.Add(time.Second), true},
		{"when its day ends", wrote(wa, mention.DM, ago(day)), post.Private, "24 horas", "", noon, false},
		{"a message more opens it again", again(wrote(ig, mention.DM, ago(3*day)), "m2", ago(time.Hour)), post.Private, "", "", ago(time.Hour).Add(day), true},
		{"so does one taken back", deleted(again(wrote(ig, mention.DM, ago(3*day)), "m2", ago(time.Hour))), post.Private, "", "", ago(time.Hour).Add(day), true},
		{"nobody to write to", nobody(wrote(fb, mention.DM, ago(time.Hour))), post.Private, "a quién", "", free, false},
		{"another application's", wrote(fb, mention.DM, ago(time.Hour), mention.FlagStandby), post.Private, "Otra aplicación", "", free, false},
		{"a group", wrote(wa, mention.DM, ago(time.Hour), mention.FlagGroup), post.Private, "grupo", "", free, false},
		{"WhatsApp in public", wrote(wa, mention.DM, ago(time.Hour)), post.Public, "WhatsApp no tiene", "", free, false},

		{"X, named", wrote(x, mention.Mentioned, ago(9*day), mention.FlagSummoned), post.Public, "", "", free, true},
		{"X, perhaps not named", wrote(x, mention.Comment, ago(9*day)), post.Public, "", "puede rechazar", free, true},
		{"X, a message has no end", wrote(x, mention.DM, ago(90*day)), post.Private, "", "", free, true},
		{"X, in private after a post", wrote(x, mention.Mentioned, ago(90*day)), post.Private, "", "acepta mensajes", free, true},
		{"X, nobody to write to", nobody(wrote(x, mention.Mentioned, ago(day))), post.Private, "a quién", "", free, false},
		{"X, encrypted", wrote(x, mention.DM, ago(day), mention.FlagEncrypted), post.Private, "cifrado", "", free, false},
		{"LinkedIn in public", wrote(li, mention.Comment, ago(9*day)), post.Public, "", "", free, true},
		{"LinkedIn in private", wrote(li, mention.Comment, ago(day)), post.Private, "LinkedIn no permite", "", free, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.story.Answers(ticket.DefaultPolicy(), noon)[tt.v]
			if got.Allowed != tt.allowed || (got.Why == "") != tt.allowed || !strings.Contains(got.Why, tt.says) {
				t.Errorf("allowed %t, %q; want %t, %q", got.Allowed, got.Why, tt.allowed, tt.says)
			}
			if (got.Note == "") != (tt.note == "") || !strings.Contains(got.Note, tt.note) {
				t.Errorf("note %q, want %q", got.Note, tt.note)
			}
			if !got.Until.Equal(tt.until) && tt.allowed {
				t.Errorf("until %s, want %s", got.Until, tt.until)
			}
			if limits, _ := post.For(tt.story.Ticket.Network, tt.v); got.Limit != limits.Max || got.Unit != limits.Unit {
				t.Errorf("limit %d %s, want %+v", got.Limit, got.Unit, limits)
			}
			change, err := tt.story.PlanReply(anna, "Hola", tt.v, ticket.DefaultPolicy(), noon, noon)
			if tt.allowed != (err == nil) {
				t.Fatalf("PlanReply: %v", err)
			}
			if tt.allowed && !change.Replies[0].Until.Equal(tt.until) {
				t.Errorf("the reply may go until %s, want %s", change.Replies[0].Until, tt.until)
			}
			if !tt.allowed && fault.Of(err) != fault.Invalid {
				t.Errorf("refused as %v, want Invalid", fault.Of(err))
			}
		})
	}
}

// An answer in public names nobody; one to a person names the person, and what it answers where that is a comment.
func TestStory_PlanReply_WhereItGoes(t *testing.T) {
	tests := []struct {
		name              string
		story             ticket.Story
		v                 post.Visibility
		target, recipient string
	}{
		{"public", again(wrote(mention.Facebook, mention.Comment, noon), "m2", noon), post.Public, "m2", ""},
		{"public, the latest taken back", deleted(again(wrote(mention.Facebook, mention.Comment, noon), "m2", noon)), post.Public, "m1", ""},
		{"a comment in private", wrote(mention.Instagram, mention.Comment, noon), post.Private, "m1", ""},
		{"a message", wrote(mention.WhatsApp, mention.DM, noon), post.Private, "m1", "s1.persona"},
		{"X in public", wrote(mention.X, mention.Mentioned, noon), post.Public, "m1", ""},
		{"X in private", wrote(mention.X, mention.Mentioned, noon), post.Private, "", "s1.persona"},
	}
	for _, tt := range tests {
		c, err := tt.story.PlanReply(anna, "Hola", tt.v, ticket.DefaultPolicy(), noon, noon)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		r := c.Replies[0]
		if r.Target != tt.target || r.Recipient != tt.recipient || r.Visibility != tt.v || c.Send[0].Topic != outbox.Publish {
			t.Errorf("%s: on %q to %q, %s", tt.name, r.Target, r.Recipient, r.Visibility)
		}
	}
}

// What an answer is due after its window is refused when it is planned; may says until when, for each visibility.
func TestStory_May_Reply(t *testing.T) {
	s := wrote(mention.Facebook, mention.DM, noon.Add(-24*time.Hour+30*time.Second))
	if _, err := s.PlanReply(anna, "Hola", post.Private, ticket.DefaultPolicy(), noon.Add(time.Minute), noon); fault.Of(err) != fault.Invalid {
		t.Errorf("planned past its window: %v", err)
	}
	may := s.May(anna, nil, ticket.DefaultPolicy(), noon)["reply"]
	if !may.Allowed || may.Limit != 2000 || may.Unit != post.Characters || !may.Until.Equal(noon.Add(30*time.Second)) {
		t.Errorf("may reply: %+v", may)
	}
	if may.Public.Allowed || may.Public.Why == "" || !may.Private.Allowed {
		t.Errorf("public %+v, private %+v", may.Public, may.Private)
	}
	over := wrote(mention.Facebook, mention.DM, noon.Add(-25*time.Hour)).May(anna, nil, ticket.DefaultPolicy(), noon)["reply"]
	if over.Allowed || !strings.Contains(over.Why, "24 horas") || over.Limit != 2000 {
		t.Errorf("a message after its window: %+v", over)
	}
	other := s.May(beto, nil, ticket.DefaultPolicy(), noon)["reply"]
	if other.Allowed || other.Private.Allowed || !strings.Contains(other.Private.Why, "lo tiene") {
		t.Errorf("somebody else: %+v, %+v", other, other.Private)
	}
	s.Ticket.Intent.Final = classify.Denuncia
	if may := s.May(anna, nil, ticket.DefaultPolicy(), noon)["reply"]; may.Allowed || may.Private.Allowed {
		t.Errorf("a denuncia: %+v", may)
	}
	comment := wrote(mention.Facebook, mention.Comment, noon).May(anna, nil, ticket.DefaultPolicy(), noon)["reply"]
	if !comment.Allowed || comment.Limit != 8000 || !comment.Until.IsZero() || !comment.Private.Allowed {
		t.Errorf("a comment: %+v", comment)
	}
}
