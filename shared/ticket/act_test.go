package ticket_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

var (
	unit = ticket.Actor{ID: "jefatura", Name: "Julia Ficticia", Roles: []ticket.Role{ticket.JefaturaUnidad}}
	siac = ticket.Actor{ID: "siac", Name: "Sol Ficticia", Roles: []ticket.Role{ticket.AnalistaSIAC}}
)

// actTransitions are the steps of a case that do something besides answering, or write down what was answered elsewhere.
func actTransitions() map[string]step {
	ref := outbox.Ref{Ticket: "01TICKET", ID: "a1"}
	again := outbox.New("a2", outbox.Act, "01TICKET", "hide/1_2", "acts", later)
	planned := func(f func(s ticket.Story, d ticket.Doing) ticket.Change) step {
		return func(s ticket.Story) (ticket.Change, bool) {
			s.Mentions[0].Acts = []ticket.Act{{Verb: post.Hide, State: ticket.ActPlanned, Message: "a1"}}
			d, found := s.Doing(outbox.New("a1", outbox.Act, "01TICKET", "hide/2026-11-23T14:00:00Z 1_2", "acts", later))
			return f(s, d), found
		}
	}
	hide := ticket.ActOrder{Verb: post.Hide, Mention: "1_2", Reason: "spam"}
	return map[string]step{
		"Story.PlanAct": func(s ticket.Story) (ticket.Change, bool) { return allowed(s.PlanAct(jefa, hide, later)) },
		"Story.DecideAct": func(s ticket.Story) (ticket.Change, bool) {
			s.Mentions[0].Acts = []ticket.Act{{Verb: post.Hide, State: ticket.ActProposed, Reason: "spam", By: anna.ID}}
			return allowed(s.DecideAct(jefa, hide, true, later))
		},
		"Story.CancelAct": func(s ticket.Story) (ticket.Change, bool) {
			s.Mentions[0].Acts = []ticket.Act{{Verb: post.Hide, State: ticket.ActPlanned, Message: "a1", By: jefa.ID}}
			return allowed(s.CancelAct(jefa, hide, later))
		},
		"Story.ActDoneStep":    planned(func(s ticket.Story, d ticket.Doing) ticket.Change { return s.ActDoneStep(d, ref, later) }),
		"Story.ActRefusedStep": planned(func(s ticket.Story, d ticket.Doing) ticket.Change { return s.ActRefusedStep(d, ref, "gone", later) }),
		"Story.ActGoneStep":    planned(func(s ticket.Story, d ticket.Doing) ticket.Change { return s.ActGoneStep(d, ref, later) }),
		"Story.ActAgainStep": planned(func(s ticket.Story, d ticket.Doing) ticket.Change {
			return s.ActAgainStep(d, ref, again, "transient", true)
		}),
		"ReplyHeldStep": func(s ticket.Story) (ticket.Change, bool) {
			return s.Ticket.ReplyHeldStep(s.Replies[0], ref, again, "channel_paused", later), true
		},
		"Story.Recorded": func(s ticket.Story) (ticket.Change, bool) {
			s.Mentions[0].Flags = []string{mention.FlagManual}
			return allowed(s.Recorded(jefa, ticket.Recording{Text: "Le respondí.", Visibility: post.Private}, later))
		},
	}
}

func acted(s ticket.Story, a ticket.Act) ticket.Story {
	s.Mentions[0].Acts = append(s.Mentions[0].Acts, a)
	return s
}

// after gives the story as the step leaves it.
func after(t *testing.T, s ticket.Story, c ticket.Change, err error) ticket.Story {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if c.Ticket != nil {
		s.Ticket = *c.Ticket
	}
	s.Mentions, s.Replies = slices.Clone(s.Mentions), slices.Clone(s.Replies)
	for _, m := range c.Mentions {
		i := slices.IndexFunc(s.Mentions, func(was ticket.Mention) bool { return was.Key == m.Key })
		if m.Rev != s.Mentions[i].Rev+1 {
			t.Errorf("mention at Rev %d after %d", m.Rev, s.Mentions[i].Rev)
		}
		s.Mentions[i] = m
	}
	for _, r := range c.Replies {
		if i := slices.IndexFunc(s.Replies, func(was ticket.Reply) bool { return was.ID == r.ID }); i >= 0 {
			s.Replies[i] = r
		} else {
			s.Replies = append(s.Replies, r)
		}
	}
	return s
}

// commented gives the story of a public case on n in which a person wrote a comment under ours.
func commented(n mention.Network, flags ...string) ticket.Story {
	s := wrote(n, mention.Comment, noon, flags...)
	s.Mentions[0].Parent = "p1"
	return s
}

// Who may order what, where: everything else is refused, in words.
func TestStory_MayAct(t *testing.T) {
	fb, ig, x, li, wa := mention.Facebook, mention.Instagram, mention.X, mention.LinkedIn, mention.WhatsApp
	for _, tt := range []struct {
		name  string
		s     ticket.Story
		by    ticket.Actor
		verb  string
		says  string // "" when it is allowed
		hides bool   // by a word of their own, not as a proposal
	}{
		{"supervisor hides", commented(fb), jefa, "hide", "", true},
		{"jefatura hides", commented(ig), unit, "hide", "", true},
		{"community manager proposes", commented(fb), anna, "hide", "", false},
		{"one of another's case", commented(fb), beto, "hide", "lo tiene", false},
		{"analista", commented(fb), siac, "hide", "Tu rol", false},
		{"hidden already", commented(fb, mention.FlagHidden), jefa, "hide", "Ya está oculto", false},
		{"shown again", commented(fb, mention.FlagHidden), jefa, "unhide", "", true},
		{"not hidden", commented(fb), jefa, "unhide", "No está oculto", false},
		{"on its way", acted(commented(fb), ticket.Act{Verb: post.Hide, State: ticket.ActPlanned}), jefa, "hide", "en curso", false},
		{"proposed, by a second", acted(commented(fb), ticket.Act{Verb: post.Hide, State: ticket.ActProposed}), anna, "hide", "Ya se propuso", false},
		{"proposed, by who decides", acted(commented(fb), ticket.Act{Verb: post.Hide, State: ticket.ActProposed}), jefa, "hide", "", true},
		{"refused before", acted(commented(fb), ticket.Act{Verb: post.Hide, State: ticket.ActRefused}), jefa, "hide", "", true},
		{"taken back by its author", deleted(commented(fb)), jefa, "hide", "borró", false},
		{"a message", wrote(fb, mention.DM, noon), jefa, "hide", "mensaje privado", false},
		{"a review", wrote(fb, mention.Review, noon), jefa, "hide", "comentarios", false},
		{"typed in", commented(fb, mention.FlagManual), jefa, "hide", "a mano", false},
		{"X, under our post", commented(x), jefa, "hide", "", true},
		{"X, elsewhere", wrote(x, mention.Comment, noon), jefa, "hide", "X solo permite", false},
		{"LinkedIn", commented(li), jefa, "hide", "LinkedIn no permite", false},
		{"WhatsApp", wrote(wa, mention.DM, noon), jefa, "hide", "WhatsApp", false},
		{"like", commented(fb), anna, "like", "", true},
		{"like, of a visitor's post", wrote(fb, mention.Post, noon), anna, "like", "", true},
		{"like, on LinkedIn", commented(li), anna, "like", "", true},
		{"like, by somebody else", commented(fb), beto, "like", "lo tiene", false},
		{"like, on Instagram", commented(ig), anna, "like", "Instagram no permite", false},
		{"like, on X", commented(x), anna, "like", "X no permite", false},
		{"liked already", acted(commented(fb), ticket.Act{Verb: post.Like, State: ticket.ActDone}), anna, "like", "Ya tiene", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.s.MayAct(tt.by, tt.s.Mentions[0])[tt.verb]
			if got.Allowed != (tt.says == "") || !strings.Contains(got.Why, tt.says) || got.Allowed != (got.Why == "") {
				t.Errorf("allowed %t, %q", got.Allowed, got.Why)
			}
			if got.Allowed && (got.Proposes == tt.hides || got.UndoSeconds != 10) {
				t.Errorf("proposes %t, undone within %v", got.Proposes, got.UndoSeconds)
			}
			c, err := tt.s.PlanAct(tt.by, ticket.ActOrder{Verb: post.Verb(tt.verb), Mention: "m1", Reason: "spam"}, noon)
			if (err == nil) != got.Allowed {
				t.Errorf("PlanAct: %v", err)
			}
			if err == nil && (len(c.Send) == 1 && c.Send[0].Topic == outbox.Act) != tt.hides {
				t.Errorf("planned %+v", c.Send)
			}
		})
	}
	s := commented(fb)
	s.Ticket.Intent.Final = classify.Denuncia
	if _, err := s.PlanAct(anna, ticket.ActOrder{Verb: post.Like, Mention: "m1"}, noon); err == nil {
		t.Error("a denuncia was liked")
	}
	for _, v := range []post.Verb{post.Remove, "block", "ban", ""} {
		if _, err := s.PlanAct(jefa, ticket.ActOrder{Verb: v, Mention: "m1"}, noon); err == nil {
			t.Errorf("%q was planned on what somebody wrote", v)
		}
	}
}

// Nothing is hidden without one of the four reasons.
func TestStory_PlanAct_Reason(t *testing.T) {
	if got := ticket.HideReasons(); !slices.Equal(got, []string{"dato_personal", "spam", "delito", "menor"}) {
		t.Errorf("reasons %q", got)
	}
	for _, by := range []ticket.Actor{jefa, anna} {
		for _, reason := range []string{"", "grosero", "SPAM", "critica"} {
			_, err := commented(mention.Facebook).PlanAct(by, ticket.ActOrder{Verb: post.Hide, Mention: "m1", Reason: reason}, noon)
			if fault.Of(err) != fault.Invalid {
				t.Errorf("%s hides for %q: %v", by.ID, reason, err)
			}
		}
		for _, reason := range ticket.HideReasons() {
			c, err := commented(mention.Facebook).PlanAct(by, ticket.ActOrder{Verb: post.Hide, Mention: "m1", Reason: reason}, noon)
			if err != nil || c.Entry.Reason != reason || c.Mentions[0].Acts[0].Reason != reason {
				t.Errorf("%s hides for %q: %v, %+v", by.ID, reason, err, c.Entry)
			}
		}
	}
}

// A supervisor's word leaves after ten seconds; a proposal waits for one, who is told of it.
func TestStory_Hide(t *testing.T) {
	order := ticket.ActOrder{Verb: post.Hide, Mention: "m1", Reason: "dato_personal"}
	t.Run("by who decides", func(t *testing.T) {
		s := commented(mention.Facebook)
		c, err := s.PlanAct(jefa, order, noon)
		s = after(t, s, c, err)
		want := ticket.Act{
			Verb: post.Hide, State: ticket.ActPlanned, Reason: "dato_personal", By: jefa.ID, ByName: jefa.Name, At: noon,
			Due: noon.Add(10 * time.Second), Message: c.Send[0].ID,
		}
		if diff := cmp.Diff([]ticket.Act{want}, s.Mentions[0].Acts); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if c.Entry.Kind != audit.ActPlanned || c.Entry.Facts["mention"] != "m1" || c.Entry.Facts["verb"] != "hide" || len(c.Raise) != 0 || s.Mentions[0].Hidden() {
			t.Errorf("%+v, raised %+v", c.Entry, c.Raise)
		}
		if m := c.Send[0]; !m.Due.Equal(want.Due) || m.Group == s.Ticket.Conversation || m.Subject != "hide/2026-11-23T15:00:00Z m1" {
			t.Errorf("message %+v", m)
		}
	})
	t.Run("proposed and approved", func(t *testing.T) {
		s := commented(mention.Facebook)
		c, err := s.PlanAct(anna, order, noon)
		if s = after(t, s, c, err); c.Entry.Kind != audit.ActProposed || len(c.Raise) != 1 || c.Raise[0].Kind != ticket.MatterActProposed || c.Raise[0].Reason != "dato_personal" {
			t.Fatalf("%+v, raised %+v", c.Entry, c.Raise)
		}
		if may := s.MayAct(anna, s.Mentions[0]); may["approve"].Allowed || !may["cancel"].Allowed {
			t.Errorf("who proposed may %+v", may)
		}
		if may := s.MayAct(jefa, s.Mentions[0]); !may["approve"].Allowed || may["approve"].What != "hide" {
			t.Errorf("who decides may %+v", may)
		}
		if _, err := s.DecideAct(anna, order, true, later); fault.Of(err) != fault.Denied {
			t.Errorf("approved by who proposed: %v", err)
		}
		yes, err := s.DecideAct(unit, order, true, later)
		s = after(t, s, yes, err)
		a := s.Mentions[0].Acts[0]
		if a.State != ticket.ActPlanned || a.By != unit.ID || a.AskedBy != anna.ID || a.Reason != "dato_personal" || len(yes.Send) != 1 {
			t.Errorf("approved: %+v", a)
		}
		if len(yes.Settle) != 1 || yes.Settle[0].ID != c.Raise[0].ID {
			t.Errorf("settled %+v, raised %+v", yes.Settle, c.Raise)
		}
	})
	t.Run("proposed and turned down", func(t *testing.T) {
		s := commented(mention.Facebook)
		c, err := s.PlanAct(anna, order, noon)
		s = after(t, s, c, err)
		no, err := s.DecideAct(jefa, order, false, later)
		s = after(t, s, no, err)
		if a := s.Mentions[0].Acts[0]; a.State != ticket.ActCancelled || len(no.Send) != 0 || len(no.Cancel) != 0 || len(no.Settle) != 1 || no.Entry.Kind != audit.ActCancelled {
			t.Errorf("turned down: %+v, %+v", a, no)
		}
		if _, err := s.DecideAct(jefa, order, true, later); fault.Of(err) != fault.Conflict {
			t.Errorf("decided twice: %v", err)
		}
		if _, err := s.PlanAct(anna, order, later); err != nil {
			t.Errorf("proposed again: %v", err)
		}
	})
	t.Run("proposed, then hidden outright", func(t *testing.T) {
		s := commented(mention.Facebook)
		c, err := s.PlanAct(anna, order, noon)
		s = after(t, s, c, err)
		own, err := s.PlanAct(jefa, ticket.ActOrder{Verb: post.Hide, Mention: "m1", Reason: "menor"}, later)
		if s = after(t, s, own, err); s.Mentions[0].Acts[0].AskedBy != anna.ID || s.Mentions[0].Acts[0].Reason != "menor" || len(own.Settle) != 1 {
			t.Errorf("hidden: %+v, settled %+v", s.Mentions[0].Acts, own.Settle)
		}
	})
}
