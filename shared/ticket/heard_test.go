package ticket_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// heardTransitions are the steps by which a case learns what was said, or what became of it.
func heardTransitions() map[string]step {
	native := mention.Event{Network: mention.Facebook, Kind: mention.Comment, Key: "1_9", Parent: "1_2", Text: "Hola", At: later}
	ref := outbox.Ref{Ticket: "01TICKET", ID: "m"}
	return map[string]step{
		"FillMention": func(s ticket.Story) (ticket.Change, bool) {
			m := s.Mentions[0]
			m.Text, m.Flags = "", []string{mention.FlagUnavailable}
			seen := ticket.Seen{Network: mention.Facebook, Key: "1_2", Ticket: s.Ticket.ID, Blank: true, Rev: 1}
			news := mention.Event{Network: mention.Facebook, Key: "1_2", Text: "al fin", At: later}
			return s.Ticket.FillMention(m, news, seen, ticket.Filling{Class: result(classify.Reclamo, 0.99), DoubtAt: later, Now: later}, ticket.DefaultPolicy())
		},
		"ModerateStep": func(s ticket.Story) (ticket.Change, bool) {
			return s.Ticket.ModerateStep(s.Mentions[0], true, later, later)
		},
		"ReplyRevisedStep": func(s ticket.Story) (ticket.Change, bool) {
			return s.Ticket.ReplyRevisedStep(s.Replies[0], mention.Event{Outcome: mention.Edit, Text: "otra", At: later}, later)
		},
		"Story.ConfirmStep": func(s ticket.Story) (ticket.Change, bool) {
			return s.ConfirmStep(s.Replies[0], "1_9", []outbox.Ref{ref}, later, later), true
		},
		"Story.NativeStep": func(s ticket.Story) (ticket.Change, bool) { return s.NativeStep(native, later) },
		"Story.ReplyFailedStep": func(s ticket.Story) (ticket.Change, bool) {
			s.Replies[0].State = ticket.ReplySent
			return s.ReplyFailedStep(s.Replies[0], nil, "recipient", later), true
		},
		"Story.ForgetStep": func(s ticket.Story) (ticket.Change, bool) {
			s.Mentions[0].Until, s.Ticket.ExcerptUntil, s.Ticket.Citizen.Until = noon, noon, noon
			return s.ForgetStep(ref, later), true
		},
	}
}

// answering gives a case in which anna's answer is being said; its network's call began at noon.
func answering(with ...func(*ticket.Reply)) ticket.Story {
	s := wrote(mention.Facebook, mention.Comment, noon.Add(-time.Hour))
	s.Ticket.Network, s.Ticket.Number = mention.Facebook, "RS-2026-0000001-1"
	r := ticket.Reply{
		Ticket: s.Ticket.ID, ID: "r000002", Text: "Hola, ya lo vemos.", Visibility: post.Public, State: ticket.ReplyClaimed, Author: anna.ID,
		Target: "m1", Message: "01TICKET-000002", PlannedAt: noon.Add(-time.Minute), ClaimedAt: noon, Rev: 1,
	}
	for _, f := range with {
		f(&r)
	}
	s.Replies = []ticket.Reply{r}
	return s
}

func in(state ticket.ReplyState) func(*ticket.Reply) {
	return func(r *ticket.Reply) { r.State = state }
}

func sentAs(key string) func(*ticket.Reply) {
	return func(r *ticket.Reply) { r.State, r.RemoteID, r.SentAt = ticket.ReplySent, key, noon }
}

// echo is what a network tells of something our account wrote under the mention m1.
func echo(with ...func(*mention.Event)) mention.Event {
	e := mention.Event{
		Outcome: mention.Own, Network: mention.Facebook, Kind: mention.Comment, Key: "e1", Parent: "m1", Text: "Hola,  ya lo vemos.", At: noon.Add(time.Second),
	}
	for _, f := range with {
		f(&e)
	}
	return e
}

// What our account said is a reply of ours by our own word, by the network's name of it, or by its words while it is being said
// and just after; nothing else makes it one.
func TestStory_Confirms(t *testing.T) {
	text := func(s string) func(*mention.Event) { return func(e *mention.Event) { e.Text = s } }
	at := func(d time.Duration) func(*mention.Event) { return func(e *mention.Event) { e.At = noon.Add(d) } }
	for _, tt := range []struct {
		name string
		s    ticket.Story
		e    mention.Event
		want bool
	}{
		{"being said", answering(), echo(), true},
		{"nobody knows whether", answering(in(ticket.ReplyUnknown)), echo(), true},
		{"just said, under another name", answering(sentAs("otro")), echo(), true},
		{"said under that name, with other words", answering(sentAs("e1")), echo(text("otra cosa")), true},
		{"said under that name, long ago", answering(sentAs("e1")), echo(at(48 * time.Hour)), true},
		{"planned only", answering(in(ticket.ReplyPlanned)), echo(), false},
		{"refused", answering(in(ticket.ReplyRefused)), echo(), false},
		{"other words", answering(), echo(text("Hola. Ya lo vemos, mañana")), false},
		{"no words", answering(), echo(text("")), false},
		{"a link the network shortened", answering(func(r *ticket.Reply) { r.Text = "Mira https://sence.cl/curso & listo" }), echo(text("@ficticia Mira https://t.co/abc1 &amp; listo")), true},
		{"in private", answering(), echo(func(e *mention.Event) { e.Kind = mention.DM }), false},
		{"its clock is behind", answering(), echo(at(-2 * time.Minute)), true},
		{"before the call", answering(), echo(at(-2*time.Minute - time.Second)), false},
		{"ten minutes later", answering(), echo(at(10 * time.Minute)), true},
		{"later than that", answering(), echo(at(10*time.Minute + time.Second)), false},
		{"our own word, whatever else", answering(in(ticket.ReplyPlanned)), echo(text("x"), at(time.Hour), func(e *mention.Event) { e.Tag = "01TICKET.r000002" }), true},
		{"our own word for another", answering(), echo(text("x"), func(e *mention.Event) { e.Tag = "01TICKET.r000003" }), false},
		{"somebody's, in the network's application", answering(sentAs("otro"), func(r *ticket.Reply) { r.Author = ticket.NativeAuthor }), echo(), false},
	} {
		if r, got := tt.s.Confirms(tt.e, noon.Add(72*time.Hour)); got != tt.want || got && r.ID != "r000002" {
			t.Errorf("%s: %t %q", tt.name, got, r.ID)
		}
	}
	// Of two with the same words, the one with the network's name; else the one on its way.
	s := answering(sentAs("e0"))
	second := answering().Replies[0]
	second.ID = "r000004"
	s.Replies = append(s.Replies, second)
	if r, _ := s.Confirms(echo(), noon.Add(time.Minute)); r.ID != "r000004" {
		t.Errorf("the second of two is taken for %s", r.ID)
	}
	if r, _ := s.Confirms(echo(func(e *mention.Event) { e.Key = "e0" }), noon.Add(time.Minute)); r.ID != "r000002" {
		t.Errorf("the first of two is taken for %s", r.ID)
	}
}

// What the network tells ends what was known or feared of a reply, whatever that was.
func TestStory_ConfirmStep(t *testing.T) {
	open := []outbox.Ref{{Ticket: "01TICKET", ID: "01TICKET-000002"}}
	for state, settled := range map[ticket.ReplyState]string{
		ticket.ReplyClaimed: "", ticket.ReplyPlanned: "", ticket.ReplyUnknown: ticket.MatterReplyUnknown,
		ticket.ReplyRefused: ticket.MatterReplyRefused, ticket.ReplyExpired: ticket.MatterReplyExpired,
	} {
		s := answering(in(state))
		c := s.ConfirmStep(s.Replies[0], "e1", open, noon.Add(time.Second), noon.Add(time.Minute))
		r := c.Replies[0]
		if r.State != ticket.ReplySent || r.RemoteID != "e1" || !r.SentAt.Equal(noon.Add(time.Second)) || r.Rev != 2 {
			t.Errorf("%s: %+v", state, r)
		}
		if c.Ticket.State != ticket.Respondido || !c.Ticket.AnsweredAt.Equal(r.SentAt) || c.Entry.Kind != audit.ReplySent {
			t.Errorf("%s: case %s answered %s, entry %s", state, c.Ticket.State, c.Ticket.AnsweredAt, c.Entry.Kind)
		}
		if diff := cmp.Diff(open, c.Done); diff != "" {
			t.Errorf("%s: messages done (-want +got)\n%s", state, diff)
		}
		if (settled == "") != (len(c.Settle) == 0) || settled != "" && c.Settle[0].Kind != settled {
			t.Errorf("%s settles %+v, want %q", state, c.Settle, settled)
		}
		want := &ticket.Seen{Network: mention.Facebook, Key: "e1", Ticket: "01TICKET", Reply: "r000002", At: noon.Add(time.Second), Rev: 1}
		if diff := cmp.Diff(want, c.Seen); diff != "" {
			t.Errorf("%s: remembered (-want +got)\n%s", state, diff)
		}
	}
	s := answering(sentAs("e1"))
	if c := s.ConfirmStep(s.Replies[0], "e1", nil, noon, noon); c.Ticket != nil || len(c.Replies) != 0 || c.Seen == nil {
		t.Errorf("what is recorded already: %+v", c)
	}
}

// An answer given in the network's own application answers the case, whoever has it, and takes nothing else away.
func TestStory_NativeStep(t *testing.T) {
	for _, tt := range []struct {
		name  string
		state ticket.State
		at    time.Time
		want  ticket.State
	}{
		{"waiting", ticket.Ingresado, noon, ticket.Respondido},
		{"opened again", ticket.Reabierto, noon, ticket.Respondido},
		{"held", ticket.EnAnalisis, noon, ticket.Respondido},
		{"the person has written since", ticket.Reabierto, noon.Add(-30 * time.Minute), ticket.Reabierto},
		{"answered", ticket.Respondido, noon, ticket.Respondido},
		{"waiting for papers", ticket.PendienteAntecedentes, noon, ticket.PendienteAntecedentes},
	} {
		s := again(wrote(mention.Facebook, mention.Comment, noon.Add(-time.Hour)), "m2", noon.Add(-10*time.Minute))
		s.Ticket.State, s.Ticket.SIAC = tt.state, ticket.SIAC{State: ticket.Pending, Reason: ticket.RuleSure, Message: "x"}
		c, is := s.NativeStep(echo(func(e *mention.Event) { e.At = tt.at }), noon.Add(time.Hour))
		if !is || c.Ticket.State != tt.want || !c.Ticket.AnsweredAt.Equal(tt.at) || c.Ticket.Assignee != s.Ticket.Assignee {
			t.Errorf("%s: %t, %s answered %s", tt.name, is, c.Ticket.State, c.Ticket.AnsweredAt)
			continue
		}
		if c.Ticket.SIAC != s.Ticket.SIAC || len(c.Send)+len(c.Cancel)+len(c.Done) != 0 {
			t.Errorf("%s: the escalation moved: %+v", tt.name, c.Ticket.SIAC)
		}
		want := ticket.Reply{
			Ticket: "01TICKET", ID: "r000003", Text: "Hola,  ya lo vemos.", Visibility: post.Public, State: ticket.ReplySent, Author: "red",
			AuthorName: "En la aplicación de la red", Target: "m1", PlannedAt: tt.at, Due: tt.at, SentAt: tt.at, RemoteID: "e1", Rev: 1,
		}
		if diff := cmp.Diff([]ticket.Reply{want}, c.Replies); diff != "" {
			t.Errorf("%s: reply (-want +got)\n%s", tt.name, diff)
		}
		if c.Entry.Kind != audit.ReplyNative || c.Entry.Actor != audit.System || strings.Contains(strings.Join([]string{c.Entry.Reason, c.Entry.Facts["reply"]}, ""), "Hola") {
			t.Errorf("%s: entry %+v", tt.name, c.Entry)
		}
		if c.Seen.Reply != want.ID || c.Seen.Key != "e1" {
			t.Errorf("%s: remembered %+v", tt.name, c.Seen)
		}
	}
	first := wrote(mention.Facebook, mention.Comment, noon.Add(-time.Hour))
	first.Ticket.AnsweredAt = noon.Add(-time.Minute)
	if c, _ := first.NativeStep(echo(), noon.Add(time.Hour)); !c.Ticket.AnsweredAt.Equal(noon.Add(-time.Minute)) {
		t.Errorf("the clock stopped twice: %s", c.Ticket.AnsweredAt)
	}
}

func TestStory_NativeStep_NoAnswer(t *testing.T) {
	s := wrote(mention.X, mention.DM, noon.Add(-time.Hour))
	for name, tt := range map[string]struct {
		change func(*mention.Event)
		want   bool
	}{
		"a picture":            {func(e *mention.Event) { e.Text, e.Attachments = "", []mention.Attachment{{Type: "image"}} }, true},
		"encrypted":            {func(e *mention.Event) { e.Text, e.Flags = "", []string{mention.FlagEncrypted} }, true},
		"nothing":              {func(e *mention.Event) { e.Text = "" }, false},
		"a sticker":            {func(e *mention.Event) { e.Text, e.Flags = "👍", []string{mention.FlagSticker} }, false},
		"a button":             {func(e *mention.Event) { e.Flags = []string{mention.FlagPostback} }, false},
		"before the case was":  {func(e *mention.Event) { e.At = noon.Add(-time.Hour - time.Second) }, false},
		"as the person did":    {func(e *mention.Event) { e.At = noon.Add(-time.Hour) }, true},
		"at a time nobody has": {func(e *mention.Event) { e.At = time.Time{} }, true},
	} {
		if _, got := s.NativeStep(echo(tt.change), noon); got != tt.want {
			t.Errorf("%s: an answer %t", name, got)
		}
	}
}

// What is written anew or taken away in the network's application is marked; our own words stay known.
func TestReplyRevisedStep(t *testing.T) {
	s := answering(sentAs("e1"))
	edit := mention.Event{Outcome: mention.Edit, Text: "Corregido", At: noon.Add(time.Hour)}
	c, is := s.Ticket.ReplyRevisedStep(s.Replies[0], edit, later)
	if r := c.Replies[0]; !is || r.Text != "Corregido" || !r.EditedAt.Equal(edit.At) || r.Rev != 2 || c.Entry.Kind != audit.ReplyEdited || c.Ticket.State != s.Ticket.State {
		t.Errorf("edited: %t %+v", is, c)
	}
	edited := c.Replies[0]
	older := edit
	older.Text, older.At = "Antes", noon.Add(time.Minute)
	for name, e := range map[string]mention.Event{"again": edit, "an older one": older, "without words": {Outcome: mention.Edit, At: later}} {
		if _, is := s.Ticket.ReplyRevisedStep(edited, e, later); is {
			t.Errorf("%s is news", name)
		}
	}
	gone := mention.Event{Outcome: mention.Delete, At: noon.Add(2 * time.Hour)}
	c, is = s.Ticket.ReplyRevisedStep(edited, gone, later)
	if r := c.Replies[0]; !is || r.Text != "Corregido" || !r.RemovedAt.Equal(gone.At) || r.State != ticket.ReplySent || c.Entry.Kind != audit.ReplyRemoved {
		t.Errorf("removed: %t %+v", is, c)
	}
	ordered := answering(sentAs("e1"), func(r *ticket.Reply) { r.Removed = ticket.Act{Verb: post.Remove, State: ticket.ActDone} })
	if _, is := ordered.Ticket.ReplyRevisedStep(ordered.Replies[0], gone, later); is {
		t.Error("what we took away ourselves is news")
	}
	for name, e := range map[string]mention.Event{"removed again": gone, "edited after": {Outcome: mention.Edit, Text: "x", At: later}} {
		if _, is := s.Ticket.ReplyRevisedStep(c.Replies[0], e, later); is {
			t.Errorf("%s is news", name)
		}
	}
}

// A receipt is what came furthest, in whatever order they come, and costs no version of the case.
func TestReply_Received(t *testing.T) {
	status := func(flag string) mention.Event {
		return mention.Event{Outcome: mention.Status, Flags: []string{flag}, At: noon.Add(time.Minute)}
	}
	flags := []string{mention.FlagSent, mention.FlagFailed, mention.FlagDelivered, mention.FlagRead, mention.FlagPlayed, mention.FlagDeleted}
	for i, was := range append([]string{""}, flags...) {
		for j, now := range flags {
			r, news := ticket.Reply{Receipt: was, Rev: 3}.Received(status(now), noon.Add(time.Hour))
			if want := j >= i; news != want || want && (r.Receipt != now || !r.ReceiptAt.Equal(noon.Add(time.Minute))) || !want && r.Receipt != was {
				t.Errorf("%q after %q: news %t, %q", now, was, news, r.Receipt)
			}
		}
	}
	if _, news := (ticket.Reply{}).Received(status(mention.FlagWarning), noon); news {
		t.Error("a warning is a receipt")
	}
	c := ticket.Reply{State: ticket.ReplyClaimed, ClaimedAt: noon, Receipt: mention.FlagRead, Expires: later, Rev: 3}.ReceiptStep()
	if c.Ticket != nil || c.Entry != nil || len(c.Replies) != 1 || c.Replies[0].Rev != 4 || c.Replies[0].State != ticket.ReplyPlanned || !c.Replies[0].Expires.Equal(later) {
		t.Errorf("%+v", c)
	}
}

// What does not arrive is refused after all: the case is as unanswered as it was, unless something else answers it.
func TestStory_ReplyFailedStep(t *testing.T) {
	other := func(s ticket.Story) ticket.Story {
		r := s.Replies[0]
		r.ID = "r000009"
		s.Replies = append(s.Replies, r)
		return s
	}
	answered := func(state ticket.State, assignee string) ticket.Story {
		s := answering(sentAs("e1"))
		s.Ticket.State, s.Ticket.Assignee, s.Ticket.AnsweredAt = state, assignee, noon
		return s
	}
	for _, tt := range []struct {
		name     string
		s        ticket.Story
		state    ticket.State
		answered bool
	}{
		{"held", answered(ticket.Respondido, anna.ID), ticket.EnAnalisis, false},
		{"nobody holds it", answered(ticket.Respondido, ""), ticket.Reabierto, false},
		{"another answer arrived", other(answered(ticket.Respondido, anna.ID)), ticket.Respondido, true},
		{"the person wrote again", answered(ticket.Reabierto, ""), ticket.Reabierto, false},
		{"closed", answered(ticket.Cerrado, anna.ID), ticket.Cerrado, true},
	} {
		c := tt.s.ReplyFailedStep(tt.s.Replies[0], nil, "recipient", later)
		if c.Ticket.State != tt.state || c.Ticket.AnsweredAt.IsZero() == tt.answered {
			t.Errorf("%s: %s answered %s", tt.name, c.Ticket.State, c.Ticket.AnsweredAt)
		}
		r := c.Replies[0]
		if r.State != ticket.ReplyRefused || r.Reason != "recipient" || c.Entry.Kind != audit.ReplyRefused || c.Entry.Reason != "recipient" {
			t.Errorf("%s: %+v", tt.name, r)
		}
		if len(c.Raise) != 1 || c.Raise[0].Kind != ticket.MatterReplyRefused || len(c.Send) != 1 || c.Send[0].Topic != outbox.Notify {
			t.Errorf("%s raises %+v, sends %+v", tt.name, c.Raise, c.Send)
		}
	}
	s := answering(in(ticket.ReplyUnknown))
	c := s.ReplyFailedStep(s.Replies[0], []outbox.Ref{{Ticket: "01TICKET", ID: "m"}}, "window", later)
	if len(c.Settle) != 1 || c.Settle[0].Kind != ticket.MatterReplyUnknown || len(c.Done) != 1 || c.Ticket.State != ticket.EnAnalisis {
		t.Errorf("of unknown outcome: settles %+v, done %+v, %s", c.Settle, c.Done, c.Ticket.State)
	}
}

// Hidden and shown come in any order; the newest stands, and telling what is known costs nothing but its instant.
func TestModerateStep(t *testing.T) {
	s := wrote(mention.Facebook, mention.Comment, noon)
	m := s.Mentions[0]
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	c, is := s.Ticket.ModerateStep(m, true, at(1), later)
	if !is || !slices.Contains(c.Mentions[0].Flags, mention.FlagHidden) || c.Entry.Kind != audit.MentionHidden || c.Mentions[0].Rev != 2 {
		t.Fatalf("hidden: %t %+v", is, c)
	}
	m = c.Mentions[0]
	if _, is := s.Ticket.ModerateStep(m, true, at(1), later); is {
		t.Error("told twice is news")
	}
	if _, is := s.Ticket.ModerateStep(m, false, at(0), later); is {
		t.Error("something older is news")
	}
	if c, is := s.Ticket.ModerateStep(m, true, at(2), later); !is || c.Ticket != nil || len(c.Mentions) != 1 || !c.Mentions[0].ModeratedAt.Equal(at(2)) {
		t.Errorf("hidden again: %t %+v", is, c)
	}
	c, is = s.Ticket.ModerateStep(m, false, at(3), later)
	if !is || len(c.Mentions[0].Flags) != 0 || c.Entry.Kind != audit.MentionShown {
		t.Errorf("shown: %t %+v", is, c)
	}
	m.Deleted = true
	if _, is := s.Ticket.ModerateStep(m, false, at(4), later); is {
		t.Error("what its author took back is moderated")
	}
}
