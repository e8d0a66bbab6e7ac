package ticket_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// onLinkedIn opens a case of LinkedIn whose first item was received at an instant.
func onLinkedIn(name string, received time.Time, was *ticket.Seen) ticket.Change {
	return ticket.Open(ticket.Opening{
		ID: "01TICKET", Number: "RS-2026-0000001-1", Conversation: "conv", CitizenKey: "key",
		Event: mention.Event{
			Outcome: mention.Interaction, Network: mention.LinkedIn, Kind: mention.Comment, Key: "urn:1", Account: "urn:li:organization:9",
			Text: "texto", At: received.Add(-time.Hour), Author: &mention.Author{Name: name},
			Attachments: []mention.Attachment{{Type: "image", URL: "https://media.example/1"}},
		},
		Class: result(classify.Reclamo, 0.99), Excerpt: "texto", DoubtAt: later, Received: received, Now: received,
	}, ticket.DefaultPolicy(), was)
}

func topics(c ticket.Change) map[outbox.Topic][]time.Time {
	all := map[outbox.Topic][]time.Time{}
	for _, m := range c.Send {
		all[m.Topic] = append(all[m.Topic], m.Due)
	}
	return all
}

// Of LinkedIn the words may stay two days and the name one, from when we received them; of the other networks as long as the
// case. Taking them away is planned with the step that stores them.
func TestLent_Planned(t *testing.T) {
	day := 24 * time.Hour
	c := onLinkedIn("Persona Ficticia", noon, nil)
	if m := c.Mentions[0]; !m.Until.Equal(noon.Add(2*day)) || !c.Ticket.ExcerptUntil.Equal(m.Until) || !c.Ticket.Citizen.Until.Equal(noon.Add(day)) {
		t.Errorf("words until %s, excerpt %s, name %s", m.Until, c.Ticket.ExcerptUntil, c.Ticket.Citizen.Until)
	}
	if diff := cmp.Diff([]time.Time{noon.Add(2 * day), noon.Add(day)}, topics(c)[outbox.Forget]); diff != "" {
		t.Errorf("planned (-want +got)\n%s", diff)
	}
	if len(topics(c)[outbox.File]) != 1 {
		t.Error("the escalation was lost")
	}
	ids := map[string]bool{}
	for _, m := range c.Send {
		ids[m.ID] = true
		if m.Topic == outbox.Forget && (m.Subject != "urn:1" || m.Channel != "linkedin/urn:li:organization:9" || m.Ticket != "01TICKET" || m.Group == "conv") {
			t.Errorf("planned %+v", m)
		}
	}
	if len(ids) != 3 {
		t.Errorf("messages of one name: %v", ids)
	}
	if c := onLinkedIn("", noon, nil); len(topics(c)[outbox.Forget]) != 1 || !c.Ticket.Citizen.Until.IsZero() {
		t.Errorf("nobody's name: %+v", c.Send)
	}
	early := &ticket.Seen{Edited: &mention.Event{Text: "antes", At: noon}, Expires: noon.Add(day), Rev: 1}
	if m := onLinkedIn("", noon, early).Mentions[0]; !m.Until.Equal(noon.Add(day)) {
		t.Errorf("words we had a day before may stay until %s", m.Until)
	}
	if c := opened(result(classify.Consulta, 0.99)); !c.Mentions[0].Until.IsZero() || !c.Ticket.ExcerptUntil.IsZero() || len(c.Send) != 0 {
		t.Errorf("Facebook: %+v", c.Mentions[0])
	}
}

// Before the time everything is read, at the time nothing; what identifies the item and what we said of it stays.
func TestLent_Kept(t *testing.T) {
	day := 24 * time.Hour
	c := onLinkedIn("Persona Ficticia", noon, nil)
	for after, want := range map[time.Duration]struct{ words, name bool }{
		0: {true, true}, day - time.Second: {true, true}, day: {true, false}, 2*day - time.Second: {true, false}, 2 * day: {false, false},
	} {
		m, k, row := c.Mentions[0].Kept(noon.Add(after)), c.Ticket.Kept(noon.Add(after)), c.Ticket.Row().Kept(noon.Add(after))
		if (m.Text != "") != want.words || (len(m.Attachments) > 0) != want.words || slices.Contains(m.Flags, mention.FlagForgotten) == want.words {
			t.Errorf("after %s: mention %+v", after, m)
		}
		if (k.Excerpt != "") != want.words || (row.Excerpt != "") != want.words || (k.Citizen.Name != "") != want.name || (row.Citizen.Name != "") != want.name {
			t.Errorf("after %s: case %q of %q, row %q of %q", after, k.Excerpt, k.Citizen.Name, row.Excerpt, row.Citizen.Name)
		}
		if m.Key != "urn:1" || k.Intent.Final != classify.Reclamo || k.Citizen.Key != "key" {
			t.Errorf("after %s more was taken away: %+v", after, k)
		}
	}
	if c.Mentions[0].Text == "" || len(c.Mentions[0].Flags) != 0 {
		t.Error("reading changed what is read")
	}
}

// The worker's step takes away for good what readers no longer see, once, and ends its message whatever it finds.
func TestStory_ForgetStep(t *testing.T) {
	day := 24 * time.Hour
	opened := onLinkedIn("Persona Ficticia", noon, nil)
	further := opened.Ticket.Append(mention.Event{
		Network: mention.LinkedIn, Key: "urn:2", Text: "más", Account: "urn:li:organization:9", At: noon.Add(day), Received: noon.Add(day),
	}, result(classify.Consulta, 0.9), "más", ticket.DefaultPolicy(), noon.Add(day+time.Hour), later, nil)
	s := ticket.Story{Ticket: *further.Ticket, Mentions: append(opened.Mentions, further.Mentions...)}
	s.Replies = []ticket.Reply{{Ticket: "01TICKET", ID: "r1", Text: "Hola", State: ticket.ReplySent, Rev: 2}}
	done := outbox.Ref{Ticket: "01TICKET", ID: "x"}
	step := func(after time.Duration) ticket.Change {
		read := ticket.Story{Ticket: s.Ticket.Kept(noon.Add(after)), Replies: s.Replies} // as the store gives it
		for _, m := range s.Mentions {
			read.Mentions = append(read.Mentions, m.Kept(noon.Add(after)))
		}
		c := read.ForgetStep(done, noon.Add(after))
		if len(c.Done) != 1 || c.Done[0] != done || len(c.Replies) != 0 {
			t.Errorf("after %s: done %+v, replies %+v", after, c.Done, c.Replies)
		}
		if c.Ticket != nil {
			s.Ticket = *c.Ticket
		}
		for _, m := range c.Mentions {
			for i := range s.Mentions {
				if s.Mentions[i].Key == m.Key {
					s.Mentions[i] = m
				}
			}
		}
		return c
	}
	if c := step(day - time.Minute); c.Ticket != nil || len(c.Mentions) != 0 {
		t.Errorf("too early: %+v", c)
	}
	if c := step(day); c.Ticket == nil || c.Ticket.Citizen.Name != "" || len(c.Mentions) != 0 || c.Ticket.Excerpt != "más" || c.Entry.Kind != audit.MentionForgotten {
		t.Errorf("the name: %+v", c)
	}
	if c := step(2 * day); c.Ticket == nil || len(c.Mentions) != 1 || c.Mentions[0].Text != "" || c.Mentions[0].Rev != 2 || c.Ticket.Excerpt != "más" {
		t.Errorf("the first words: %+v", c)
	}
	if c := step(2 * day); c.Ticket != nil {
		t.Errorf("twice: %+v", c)
	}
	if c := step(3 * day); c.Ticket == nil || len(c.Mentions) != 1 || c.Mentions[0].Key != "urn:2" || c.Ticket.Excerpt != "" {
		t.Errorf("the second words: %+v", c)
	}
	for _, m := range s.Mentions {
		if m.Text != "" || !m.Until.IsZero() || len(m.Attachments) != 0 || !slices.Contains(m.Flags, mention.FlagForgotten) {
			t.Errorf("left: %+v", m)
		}
	}
}

// Other words of a known mention stay as long as the first; when those are gone they have a time of their own.
func TestLent_EditedAgain(t *testing.T) {
	day := 24 * time.Hour
	c := onLinkedIn("", noon, nil)
	edit := func(m ticket.Mention, after time.Duration) ticket.Change {
		e := mention.Event{Outcome: mention.Edit, Network: mention.LinkedIn, Key: "urn:1", Text: "otro", At: noon.Add(after), Received: noon.Add(after)}
		change, is := c.Ticket.EditMention(m, e, result(classify.Consulta, 0.9), "otro", ticket.DefaultPolicy(), noon.Add(after), later)
		if !is {
			t.Fatalf("edited after %s: nothing new", after)
		}
		return change
	}
	if got := edit(c.Mentions[0], day); !got.Mentions[0].Until.Equal(noon.Add(2*day)) || len(topics(got)[outbox.Forget]) != 0 || !got.Ticket.ExcerptUntil.Equal(noon.Add(2*day)) {
		t.Errorf("edited in time: until %s, planned %+v", got.Mentions[0].Until, got.Send)
	}
	gone := c.Mentions[0].Kept(noon.Add(3 * day))
	gone.Until = time.Time{}
	got := edit(gone, 3*day)
	m := got.Mentions[0]
	if !m.Until.Equal(noon.Add(5*day)) || m.Text != "otro" || slices.Contains(m.Flags, mention.FlagForgotten) || len(topics(got)[outbox.Forget]) != 1 {
		t.Errorf("edited when it was gone: %+v, planned %+v", m, got.Send)
	}
}

func TestKeptRaw(t *testing.T) {
	if got := ticket.KeptRaw(mention.LinkedIn, noon); !got.Equal(noon.AddDate(0, 0, 2)) {
		t.Errorf("LinkedIn: %s", got)
	}
	for _, n := range mention.Networks() {
		early := ticket.EarlyExpires(n, noon)
		if n != mention.LinkedIn && (!ticket.KeptRaw(n, noon).IsZero() || !early.Equal(ticket.EditExpires(noon))) {
			t.Errorf("%s: %s, %s", n, ticket.KeptRaw(n, noon), early)
		}
		if n == mention.LinkedIn && !early.Equal(noon.AddDate(0, 0, 2)) {
			t.Errorf("LinkedIn's early words: %s", early)
		}
	}
}

// blank gives a case that was opened without words, as class would read none.
func blank(t *testing.T, class classify.Intent) (ticket.Ticket, ticket.Mention, ticket.Seen) {
	t.Helper()
	c := ticket.Open(ticket.Opening{
		ID: "01TICKET", Number: "RS-2026-0000001-1", Conversation: "conv", CitizenKey: "anon", Excerpt: ticket.NoText,
		Event: mention.Event{Outcome: mention.Fetch, Network: mention.Facebook, Kind: mention.Post, Key: "1_2", Account: "9", At: noon, Flags: []string{mention.FlagUnavailable}},
		Class: result(class, 0.9), DueDate: "2026-11-26", DoubtAt: later, Now: noon,
	}, ticket.DefaultPolicy(), nil)
	if !c.Seen.Blank {
		t.Fatal("the item is not remembered to be without words")
	}
	return *c.Ticket, c.Mentions[0], *c.Seen
}

func filling(i classify.Intent, p float64) ticket.Filling {
	return ticket.Filling{
		Class: result(i, p), Excerpt: "al fin", CitizenKey: "llave", DueDate: "2026-12-22", DueAt: later, Term: ticket.Term{Days: 20, From: ticket.FromWritten},
		DoubtAt: later, Now: later,
	}
}

func words(with ...func(*mention.Event)) mention.Event {
	e := mention.Event{
		Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.Post, Key: "1_2", Text: "al fin", At: noon,
		Author: &mention.Author{Name: "Persona Ficticia"}, Received: later,
	}
	for _, f := range with {
		f(&e)
	}
	return e
}

// Words that come late make the case what it would have been, unless a person has decided what it is.
func TestFillMention(t *testing.T) {
	p := ticket.DefaultPolicy()
	open, m, seen := blank(t, classify.Consulta)
	c, is := open.FillMention(m, words(), seen, filling(classify.Reclamo, 0.99), p)
	if !is {
		t.Fatal("nothing to take")
	}
	got := c.Mentions[0]
	if got.Text != "al fin" || len(got.Flags) != 0 || got.Rev != 2 || !got.EditedAt.IsZero() || c.Entry.Kind != audit.MentionFilled {
		t.Errorf("mention %+v, entry %s", got, c.Entry.Kind)
	}
	if k := c.Ticket; k.Excerpt != "al fin" || k.Citizen.Name != "Persona Ficticia" || k.Citizen.Key != "llave" || k.Intent.Final != classify.Reclamo ||
		k.SIAC.Reason != ticket.RuleSure || k.DueDate != "2026-12-22" || len(c.Send) != 1 || !k.OpenedAt.Equal(noon) {
		t.Errorf("case %+v", k)
	}
	if c.Seen.Blank || c.Seen.Rev != 2 || !c.SeenWas.Blank {
		t.Errorf("remembered %+v, was %+v", c.Seen, c.SeenWas)
	}
	if _, is := c.Ticket.FillMention(got, words(), *c.Seen, filling(classify.Reclamo, 0.99), p); is {
		t.Error("taken twice")
	}
	pending, m, seen := blank(t, classify.Reclamo)
	if c, _ := pending.FillMention(m, words(), seen, filling(classify.Felicitacion, 0.9), p); c.Ticket.Intent.Final != classify.Felicitacion || len(c.Cancel) != 1 || len(c.Send) != 0 {
		t.Errorf("a lower class: %s, cancels %+v", c.Ticket.Intent.Final, c.Cancel)
	}
	if c, _ := open.FillMention(m, words(), seen, filling(classify.Denuncia, 0.9), p); c.Ticket.SIAC.State != ticket.NotApplicable || c.Entry.Scope != audit.Crossing {
		t.Errorf("a denuncia: %+v, scope %q", c.Ticket.SIAC, c.Entry.Scope)
	}
}

func TestFillMention_WhatStands(t *testing.T) {
	p := ticket.DefaultPolicy()
	for name, change := range map[string]func(*ticket.Ticket){
		"a person decided":       func(k *ticket.Ticket) { k.Intent.Gestor, k.Intent.Final = classify.Sugerencia, classify.Sugerencia },
		"it has another mention": func(k *ticket.Ticket) { k.Mentions, k.Intent.Final = 2, classify.Reclamo },
		"filed":                  func(k *ticket.Ticket) { k.SIAC.State = ticket.Filed },
		"undone":                 func(k *ticket.Ticket) { k.SIAC.Reason = ticket.Undone },
		"closed":                 func(k *ticket.Ticket) { k.State, k.Expires = ticket.Cerrado, later.AddDate(1, 0, 0) },
	} {
		k, m, seen := blank(t, classify.Consulta)
		change(&k)
		m.Expires = k.Expires
		c, is := k.FillMention(m, words(), seen, filling(classify.Felicitacion, 0.9), p)
		if !is || c.Mentions[0].Text != "al fin" || c.Ticket.Intent.Final != k.Intent.Final || c.Ticket.DueDate != k.DueDate {
			t.Errorf("%s: %t, %s, %s", name, is, c.Ticket.Intent.Final, c.Ticket.DueDate)
		}
	}
	k, m, seen := blank(t, classify.Consulta)
	gone := m
	gone.Deleted = true
	for name, tt := range map[string]struct {
		m ticket.Mention
		e mention.Event
	}{"taken back": {gone, words()}, "still no words": {m, words(func(e *mention.Event) { e.Text = "" })}} {
		if _, is := k.FillMention(tt.m, tt.e, seen, filling(classify.Reclamo, 0.9), p); is {
			t.Errorf("%s: taken", name)
		}
	}
}

// Of a mention whose words are others by now, only what was read since counts: the first delivery may come again.
func TestFillMention_Outdated(t *testing.T) {
	p := ticket.DefaultPolicy()
	k, m, seen := blank(t, classify.Consulta)
	m.Text, m.Flags = "antes", nil
	in := filling(classify.Reclamo, 0.99)
	if _, is := k.FillMention(m, words(), seen, in, p); is {
		t.Error("a repeated delivery is taken for the new words")
	}
	in.Read = true
	c, is := k.FillMention(m, words(), seen, in, p)
	if !is || c.Mentions[0].Text != "al fin" || !c.Mentions[0].EditedAt.Equal(later) || c.Entry.Kind != audit.MentionEdited || c.Ticket.Intent.Final != classify.Reclamo || c.Seen.Blank {
		t.Errorf("read: %t %+v", is, c)
	}
	c, is = k.FillMention(m, words(func(e *mention.Event) { e.Text = "antes" }), seen, in, p)
	if !is || c.Ticket != nil || len(c.Mentions) != 0 || c.Seen.Blank {
		t.Errorf("read, and the same: %t %+v", is, c)
	}
	edit := words(func(e *mention.Event) { e.Outcome, e.At = mention.Edit, noon.Add(time.Hour) })
	if c, is = k.FillMention(m, edit, seen, in, p); !is || !c.Mentions[0].EditedAt.Equal(edit.At) {
		t.Errorf("edited: %t %+v", is, c.Mentions)
	}
}
