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
			d, found := s.Doing(outbox.New("a1", outbox.Act, "01TICKET", "hide/1_2", "acts", later))
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
		if m := c.Send[0]; !m.Due.Equal(want.Due) || m.Group == s.Ticket.Conversation || m.Subject != "hide/m1" {
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

// What is planned can be taken back by who asked for it, until it may have happened.
func TestStory_CancelAct(t *testing.T) {
	order := ticket.ActOrder{Verb: post.Hide, Mention: "m1", Reason: "spam"}
	s := commented(mention.Facebook)
	c, err := s.PlanAct(unit, order, noon)
	s = after(t, s, c, err)
	if _, err := s.CancelAct(anna, order, noon); fault.Of(err) != fault.Denied {
		t.Errorf("by somebody else: %v", err)
	}
	back, err := s.CancelAct(unit, order, noon)
	if err != nil || len(back.Cancel) != 1 || back.Cancel[0].ID != c.Send[0].ID || back.Mentions[0].Acts[0].State != ticket.ActCancelled {
		t.Errorf("taken back: %v, %+v", err, back)
	}
	s.Mentions[0].Acts[0].Doubt = true
	if _, err := s.CancelAct(unit, order, noon); fault.Of(err) != fault.Conflict {
		t.Errorf("what may have happened: %v", err)
	}
	s.Mentions[0].Acts[0].State = ticket.ActDone
	if _, err := s.CancelAct(unit, order, noon); fault.Of(err) != fault.Conflict {
		t.Errorf("what is done: %v", err)
	}
}

// An answer of ours is taken away by its author or a supervisor, who typed the word.
func TestStory_Remove(t *testing.T) {
	sent := func(change ...func(*ticket.Reply)) ticket.Story {
		s := commented(mention.Facebook)
		r := ticket.Reply{Ticket: s.Ticket.ID, ID: "r1", State: ticket.ReplySent, Visibility: post.Public, RemoteID: "m1_9", Target: "m1", Author: anna.ID, Rev: 2}
		for _, f := range change {
			f(&r)
		}
		s.Replies = []ticket.Reply{r}
		return s
	}
	other := sent()
	other.Ticket.Network = mention.WhatsApp
	for _, tt := range []struct {
		name string
		s    ticket.Story
		by   ticket.Actor
		says string
	}{
		{"its author", sent(), anna, ""},
		{"supervisor", sent(), jefa, ""},
		{"somebody else", sent(), beto, "quien la escribió"},
		{"jefatura", sent(), unit, "quien la escribió"},
		{"not sent", sent(func(r *ticket.Reply) { r.State = ticket.ReplyUnknown }), anna, "que salió"},
		{"a message", sent(func(r *ticket.Reply) { r.Visibility = post.Private }), anna, "mensaje"},
		{"written down by hand", sent(func(r *ticket.Reply) { r.RemoteID = "" }), anna, "aplicación de la red"},
		{"removed", sent(func(r *ticket.Reply) { r.Removed.State = ticket.ActDone }), anna, "ya está borrada"},
		{"on its way", sent(func(r *ticket.Reply) { r.Removed.State = ticket.ActPlanned }), anna, "en curso"},
		{"refused before", sent(func(r *ticket.Reply) { r.Removed.State = ticket.ActRefused }), anna, ""},
		{"a network without it", other, anna, "WhatsApp no permite"},
	} {
		may := tt.s.MayRemove(tt.by, tt.s.Replies[0])["remove"]
		if may.Allowed != (tt.says == "") || !strings.Contains(may.Why, tt.says) || may.Allowed && (may.Confirm != "borrar" || may.UndoSeconds != 10) {
			t.Errorf("%s: %+v", tt.name, may)
		}
		for word, right := range map[string]bool{"borrar": true, " Borrar ": true, "": false, "sí": false} {
			_, err := tt.s.PlanAct(tt.by, ticket.ActOrder{Verb: post.Remove, Reply: "r1", Confirm: word}, noon)
			if (err == nil) != (may.Allowed && right) {
				t.Errorf("%s, typed %q: %v", tt.name, word, err)
			}
		}
	}
	s := sent()
	c, err := s.PlanAct(anna, ticket.ActOrder{Verb: post.Remove, Reply: "r1", Confirm: "borrar"}, noon)
	s = after(t, s, c, err)
	if c.Send[0].Subject != "remove/r1" || s.Replies[0].Removed.State != ticket.ActPlanned || s.Replies[0].State != ticket.ReplySent {
		t.Errorf("planned: %+v, %+v", c.Send, s.Replies)
	}
	d, found := s.Doing(c.Send[0])
	if !found || d.Target != "m1_9" || d.Parent != "m1" || d.Verb != post.Remove {
		t.Errorf("doing %+v, %t", d, found)
	}
	done := after(t, s, s.ActDoneStep(d, c.Send[0].Ref(), later), nil)
	if r := done.Replies[0]; r.Removed.State != ticket.ActDone || r.State != ticket.ReplySent || r.Rev != 4 {
		t.Errorf("done: %+v", r)
	}
	if _, err := s.CancelAct(beto, ticket.ActOrder{Verb: post.Remove, Reply: "r1"}, noon); fault.Of(err) != fault.Denied {
		t.Errorf("taken back by somebody else: %v", err)
	}
	back := after(t, s, must(s.CancelAct(jefa, ticket.ActOrder{Verb: post.Remove, Reply: "r1"}, noon)), nil)
	if back.Replies[0].Removed.State != ticket.ActCancelled {
		t.Errorf("taken back: %+v", back.Replies)
	}
}

func must(c ticket.Change, err error) ticket.Change {
	if err != nil {
		panic(err)
	}
	return c
}

// What the network did shows in what everybody sees of the mention; its words stay in our record.
func TestStory_ActSteps(t *testing.T) {
	s := commented(mention.Facebook)
	s.Mentions[0].Text = "mi RUT es"
	c, err := s.PlanAct(jefa, ticket.ActOrder{Verb: post.Hide, Mention: "m1", Reason: "dato_personal"}, noon)
	s = after(t, s, c, err)
	m := c.Send[0]
	d, found := s.Doing(m)
	if !found || d.Target != "m1" || d.Parent != "p1" || d.Gone || d.Barred != "" {
		t.Fatalf("doing %+v, %t", d, found)
	}
	again := s.ActAgainStep(d, m.Ref(), m.Again(outbox.Act, later), "unreachable", false)
	if again.Ticket != nil || again.Entry != nil || again.Mentions[0].Acts[0].Message != m.Again(outbox.Act, later).ID {
		t.Errorf("again: %+v", again)
	}
	moved := after(t, s, again, nil)
	if _, found := moved.Doing(m); found {
		t.Error("the message before is still to be done")
	}
	hidden := after(t, s, s.ActDoneStep(d, m.Ref(), later), nil)
	if h := hidden.Mentions[0]; !h.Hidden() || h.Text != "mi RUT es" || h.Acts[0].State != ticket.ActDone || h.Acts[0].By != jefa.ID {
		t.Errorf("hidden: %+v", h)
	}
	back, err := hidden.PlanAct(jefa, ticket.ActOrder{Verb: post.Unhide, Mention: "m1"}, later)
	hidden = after(t, hidden, back, err)
	d2, _ := hidden.Doing(back.Send[0])
	if shown := after(t, hidden, hidden.ActDoneStep(d2, back.Send[0].Ref(), later), nil); shown.Mentions[0].Hidden() || len(shown.Mentions[0].Acts) != 2 {
		t.Errorf("shown again: %+v", shown.Mentions[0])
	}
	refused := s.ActRefusedStep(d, m.Ref(), "permission", later)
	r := after(t, s, refused, nil)
	if r.Mentions[0].Acts[0].Refused != "permission" || r.Mentions[0].Hidden() || refused.Entry.Kind != audit.ActRefused || refused.Entry.Facts["refused"] != "permission" {
		t.Errorf("refused: %+v, %+v", r.Mentions[0].Acts, refused.Entry)
	}
	if len(refused.Raise) != 1 || refused.Raise[0].Kind != ticket.MatterActRefused || ticket.MatterKind(refused.Raise[0].ID) != ticket.MatterActRefused {
		t.Errorf("raised %+v", refused.Raise)
	}
	if over := r.OvertakenActs(); len(over) != 1 || over[0].ID != refused.Raise[0].ID {
		t.Errorf("closing settles %+v", over)
	}
	gone := after(t, s, s.ActGoneStep(d, m.Ref(), later), nil)
	if gone.Mentions[0].Acts[0].State != ticket.ActCancelled {
		t.Errorf("gone: %+v", gone.Mentions[0].Acts)
	}
	for _, subject := range []string{"", "hide", "hide/", "dance/m1", "hide/m2"} {
		if _, found := s.Doing(outbox.New(m.ID, outbox.Act, "01TICKET", subject, "g", noon)); found {
			t.Errorf("%q is an act", subject)
		}
	}
}
