package ticket_test

import (
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

func approved() ticket.Policy {
	p := ticket.DefaultPolicy()
	p.HumanAgent = true
	return p
}

// Where Meta has approved it, what a person types goes through for seven days; nobody else's words, on no other network.
func TestStory_Answers_Extended(t *testing.T) {
	const day = 24 * time.Hour
	fb, ig, wa, x := mention.Facebook, mention.Instagram, mention.WhatsApp, mention.X
	for _, tt := range []struct {
		name   string
		n      mention.Network
		p      ticket.Policy
		ago    time.Duration
		says   string // "" when it is allowed
		noted  bool
		open   time.Duration // of the window; 0 without end
		person bool          // the longer window begins after the usual one
	}{
		{"within the day", fb, approved(), day - time.Second, "", false, 7 * day, true},
		{"when the day ends", fb, approved(), day, "", true, 7 * day, true},
		{"a second before the week ends", ig, approved(), 7*day - time.Second, "", true, 7 * day, true},
		{"when the week ends", ig, approved(), 7 * day, "7 días", false, 7 * day, true},
		{"not approved", fb, ticket.DefaultPolicy(), day, "24 horas", false, day, false},
		{"WhatsApp", wa, approved(), day, "24 horas", false, day, false},
		{"X has no window", x, approved(), 90 * day, "", false, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := noon.Add(-tt.ago)
			s := wrote(tt.n, mention.DM, at)
			a := s.Answers(tt.p, noon)[post.Private]
			until, from := time.Time{}, time.Time{}
			if tt.open > 0 {
				until = at.Add(tt.open)
			}
			if tt.person {
				from = at.Add(day)
			}
			if a.Allowed != (tt.says == "") || !strings.Contains(a.Why, tt.says) || (a.Note != "") != tt.noted || !a.Until.Equal(until) || !a.ExtendedFrom.Equal(from) {
				t.Errorf("%+v", a)
			}
			c, err := s.PlanReply(anna, "Hola", post.Private, tt.p, noon, noon)
			if (err == nil) != a.Allowed {
				t.Fatalf("PlanReply: %v", err)
			}
			if err == nil && (!c.Replies[0].Until.Equal(until) || !c.Replies[0].ExtendedFrom.Equal(from)) {
				t.Errorf("planned %+v", c.Replies[0])
			}
		})
	}
	machine := ticket.Actor{ID: audit.System, Roles: []ticket.Role{ticket.CommunityManager}}
	s := wrote(fb, mention.DM, noon.Add(-25*time.Hour))
	s.Ticket.Assignee = machine.ID
	if _, err := s.PlanReply(machine, "Hola", post.Private, approved(), noon, noon); err == nil {
		t.Error("the longer window let through what nobody typed")
	}
}

// A comment's one private answer has its own seven days; the approval changes nothing about it.
func TestStory_Answers_ExtendedNotForComments(t *testing.T) {
	s := wrote(mention.Facebook, mention.Comment, noon.Add(-time.Hour))
	if a := s.Answers(approved(), noon)[post.Private]; !a.Allowed || !a.ExtendedFrom.IsZero() {
		t.Errorf("%+v", a)
	}
}

// What X takes: what is known of it is said before anybody types, with the place to answer where it is not from here.
func TestStory_Answers_Gate(t *testing.T) {
	posted := func(flags ...string) ticket.Story {
		s := wrote(mention.X, mention.Comment, noon, flags...)
		s.Mentions[0].Key = "77"
		return s
	}
	refused := func(s ticket.Story, reason string) ticket.Story {
		s = replied(s, post.Public, "77", ticket.ReplyRefused)
		s.Replies[0].Reason = reason
		return s
	}
	const link = "https://x.com/i/status/77"
	for _, tt := range []struct {
		name string
		s    ticket.Story
		says string
		note bool
		link string
	}{
		{"named us", posted(mention.FlagSummoned), "", false, ""},
		{"nobody knows", posted(), "", true, link},
		{"X refused one", refused(posted(), "not_summoned"), "Responde en la aplicación de X o en privado.", false, link},
		{"X refused one to a person nobody can write to", nobody(refused(posted(), "not_summoned")), "Responde en la aplicación de X.", false, link},
		{"X refused another for its words", refused(posted(), "content"), "", true, link},
		{"X refused one although named", refused(posted(mention.FlagSummoned), "not_summoned"), "aplicación de X", false, link},
		{"another post since", again(refused(posted(), "not_summoned"), "78", noon), "", true, "https://x.com/i/status/78"},
	} {
		a := tt.s.Answers(ticket.DefaultPolicy(), noon)[post.Public]
		if a.Allowed != (tt.says == "") || !strings.HasSuffix(a.Why, tt.says) && !strings.Contains(a.Why, tt.says) || (a.Note != "") != tt.note || a.Link != tt.link {
			t.Errorf("%s: %+v", tt.name, a)
		}
		if c, err := tt.s.PlanReply(anna, "Hola", post.Public, ticket.DefaultPolicy(), noon, noon); (err == nil) != a.Allowed {
			t.Errorf("%s: PlanReply %v", tt.name, err)
		} else if err == nil && c.Replies[0].Summoned != (tt.name == "named us") {
			t.Errorf("%s: planned %+v", tt.name, c.Replies[0])
		}
	}
}

// What was typed in is answered elsewhere and written down; what came without its words can be answered by who has read it.
func TestStory_Answers_ManualAndUnavailable(t *testing.T) {
	s := wrote(mention.Facebook, mention.Comment, noon, mention.FlagManual)
	s.Mentions[0].URL = "https://www.facebook.com/algo"
	for v, a := range s.Answers(ticket.DefaultPolicy(), noon) {
		if a.Allowed || !strings.Contains(a.Why, "a mano") || a.Link != s.Mentions[0].URL {
			t.Errorf("typed in, %s: %+v", v, a)
		}
	}
	s = wrote(mention.Facebook, mention.Comment, noon, mention.FlagUnavailable)
	s.Mentions[0].Key, s.Ticket.Account = "44_55", "9"
	for v, a := range s.Answers(ticket.DefaultPolicy(), noon) {
		if !a.Allowed || !strings.Contains(a.Note, "léelo") || !strings.Contains(a.Link, "comment_id=55") {
			t.Errorf("without its words, %s: %+v", v, a)
		}
	}
	plain := wrote(mention.Facebook, mention.Comment, noon)
	plain.Mentions[0].Key, plain.Ticket.Account = "44_55", "9"
	if a := plain.Answers(ticket.DefaultPolicy(), noon)[post.Public]; a.Link != "" {
		t.Errorf("an answer that is possible sends elsewhere: %+v", a)
	}
}

// A reply stands behind those of its case that wait still.
func TestStory_PlanReply_After(t *testing.T) {
	for _, tt := range []struct {
		name   string
		states []ticket.ReplyState
		want   string
	}{
		{"the first", nil, ""},
		{"one waits", []ticket.ReplyState{ticket.ReplyPlanned}, "r0"},
		{"one is on its way", []ticket.ReplyState{ticket.ReplyClaimed}, "r0"},
		{"the last of two", []ticket.ReplyState{ticket.ReplyPlanned, ticket.ReplyPlanned}, "r1"},
		{"one waits, a later one was taken back", []ticket.ReplyState{ticket.ReplyPlanned, ticket.ReplyCancelled}, "r0"},
		{"none waits", []ticket.ReplyState{ticket.ReplySent, ticket.ReplyUnknown, ticket.ReplyRefused, ticket.ReplyExpired}, ""},
	} {
		s := wrote(mention.Facebook, mention.Comment, noon)
		for i, state := range tt.states {
			s = replied(s, post.Public, "m1", state)
			s.Replies[i].ID = "r" + string(rune('0'+i))
		}
		c, err := s.PlanReply(anna, "Hola", post.Public, ticket.DefaultPolicy(), noon, noon)
		if err != nil || c.Replies[0].After != tt.want {
			t.Errorf("%s: after %q, want %q (%v)", tt.name, c.Replies[0].After, tt.want, err)
		}
	}
}
