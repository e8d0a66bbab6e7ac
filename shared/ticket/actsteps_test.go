package ticket_test

import (
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

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
		{"taken away in the network's application", sent(func(r *ticket.Reply) { r.RemovedAt = noon }), anna, "ya está borrada"},
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
	if !hidden.Mentions[0].ModeratedAt.Equal(later) {
		t.Errorf("moderated %s", hidden.Mentions[0].ModeratedAt)
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
	for _, subject := range []string{
		"", "hide", "hide/", "hide/m1", "dance/2026-11-23T15:00:00Z m1", "hide/2026-11-23T15:00:00Z m2", "hide/2026-11-23T15:00:00Z ", "hide/ayer m1", "remove/r9",
	} {
		if _, found := s.Doing(outbox.New(m.ID, outbox.Act, "01TICKET", subject, "g", noon)); found {
			t.Errorf("%q is an act", subject)
		}
	}
}

// Whatever a message's subject holds, what is read of it is written the same way again.
func FuzzParseActSubject(f *testing.F) {
	for _, text := range []string{"hide/2026-11-23T15:00:00Z 1_2", "remove/r000003", "like/2026-11-23T15:00:00.5-03:00 urn:li:comment:(urn:li:activity:1,2)", "hide/x y", "/", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, ok := ticket.ParseActSubject(text)
		if !ok {
			return
		}
		again, ok := ticket.ParseActSubject(a.String())
		if !ok || again != a {
			t.Errorf("%q is %+v, again %+v", text, a, again)
		}
	})
}
