package ticket_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// comment is a further item of the case that onLinkedIn opens, as it is stored.
func comment(key, text, name string, at time.Time) mention.Event {
	return mention.Event{
		Outcome: mention.Interaction, Network: mention.LinkedIn, Kind: mention.Comment, Key: key, Account: "urn:li:organization:9", Text: text,
		At: at, Received: at, Author: &mention.Author{Name: name},
	}
}

func added(t ticket.Ticket, e mention.Event, now time.Time) ticket.Change {
	return t.Append(e, result(classify.Consulta, 0.9), e.Text, ticket.DefaultPolicy(), now, now, nil).AskName(e, "s1.persona", now)
}

// A name is asked for once a person and day, where the network told words and an id, and never where it is known.
func TestAskName(t *testing.T) {
	asked := func(c ticket.Change) bool {
		n := len(topics(c)[outbox.FetchItem])
		if n > 1 || c.Seen.Nameless != (n == 1) {
			t.Errorf("%d questions, remembered %t", n, c.Seen.Nameless)
		}
		return n == 1
	}
	open := func(name string) ticket.Change {
		return onLinkedIn(name, noon, nil).AskName(comment("urn:1", "texto", name, noon), "s1.persona", noon)
	}
	first := open("")
	if !asked(first) || !first.Ticket.Citizen.Asked.Equal(noon) || len(topics(first)[outbox.Forget]) != 1 || len(topics(first)[outbox.File]) != 1 {
		t.Errorf("a comment without a name: %+v, %+v", first.Send, first.Ticket.Citizen)
	}
	m := first.Send[len(first.Send)-1]
	if m.Subject != "urn:1" || m.Channel != "linkedin/urn:li:organization:9" || outbox.IsCase(m.Ticket) || !m.Due.Equal(noon) || m.Person != "s1.persona" {
		t.Errorf("planned %+v", m)
	}
	if again := open(""); again.Send[len(again.Send)-1].ID != m.ID {
		t.Error("decided twice it is asked twice")
	}
	if asked(open("Persona Ficticia")) {
		t.Error("a name that is known is asked for")
	}
	day := 24 * time.Hour
	for after, want := range map[time.Duration]bool{time.Minute: false, day - time.Second: false, day: true} {
		if asked(added(*first.Ticket, comment("urn:2", "más", "", noon.Add(after)), noon.Add(after))) != want {
			t.Errorf("after %s: asked again %t", after, !want)
		}
	}
	second := added(*first.Ticket, comment("urn:2", "más", "", noon.Add(time.Hour)), noon.Add(time.Hour))
	if !second.Ticket.Citizen.Asked.Equal(noon) {
		t.Errorf("a further comment moves when it was asked to %s", second.Ticket.Citizen.Asked)
	}
	named, is := first.Ticket.NameStep(first.Mentions[0], "Persona Ficticia", *first.Seen, noon, noon)
	if !is || asked(added(*named.Ticket, comment("urn:2", "más", "", noon.Add(time.Hour)), noon.Add(time.Hour))) {
		t.Error("asked although the case has a name")
	}
	forgotten := named.Ticket.Kept(noon.Add(day))
	if !asked(added(forgotten, comment("urn:3", "más", "", noon.Add(day)), noon.Add(day))) {
		t.Error("not asked although the name is forgotten")
	}
	for what, spoil := range map[string]func(*mention.Event){
		"no words":    func(e *mention.Event) { e.Text = "" },
		"unavailable": func(e *mention.Event) { e.Flags = []string{mention.FlagUnavailable} },
	} {
		e := comment("urn:1", "texto", "", noon)
		spoil(&e)
		if asked(onLinkedIn("", noon, nil).AskName(e, "s1.persona", noon)) {
			t.Errorf("asked for %s", what)
		}
	}
	if asked(onLinkedIn("", noon, nil).AskName(comment("urn:1", "texto", "", noon), "", noon)) {
		t.Error("asked for nobody")
	}
	face := opened(result(classify.Consulta, 0.9))
	face.Ticket.Citizen.Name = ""
	if asked(face.AskName(comment("1_2", "texto", "", noon), "s1.persona", noon)) {
		t.Error("Facebook is asked")
	}
	if c := (ticket.Change{}).AskName(comment("1", "t", "", noon), "s1.persona", noon); c.Send != nil {
		t.Errorf("of no case: %+v", c)
	}
}

// A name moves nothing but itself, and is lent for a day from when it was read.
func TestNameStep(t *testing.T) {
	day := 24 * time.Hour
	c := onLinkedIn("", noon, nil).AskName(comment("urn:1", "texto", "", noon), "s1.persona", noon)
	was, m := *c.Ticket, c.Mentions[0]
	read, now := noon.Add(time.Minute), noon.Add(2*time.Minute)
	step, is := was.NameStep(m, "Persona Ficticia", *c.Seen, read, now)
	if !is || step.Entry.Kind != audit.CitizenNamed || step.Seen.Nameless || step.Seen.Rev != 2 || step.SeenWas.Rev != 1 || len(step.Mentions) != 0 {
		t.Fatalf("%t %+v", is, step)
	}
	if err := audit.Verify([]audit.Entry{*c.Entry, *step.Entry}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(was, *step.Ticket, cmpopts.IgnoreFields(ticket.Ticket{}, "Version", "Head", "UpdatedAt", "Citizen")); diff != "" {
		t.Errorf("more moved (-was +is):\n%s", diff)
	}
	to := step.Ticket.Citizen
	if to.Name != "Persona Ficticia" || to.Key != was.Citizen.Key || !to.Until.Equal(read.Add(day)) || !to.Asked.Equal(noon) {
		t.Errorf("citizen %+v", to)
	}
	if len(step.Send) != 1 || step.Send[0].Topic != outbox.Forget || !step.Send[0].Due.Equal(read.Add(day)) || step.Send[0].Ticket != was.ID {
		t.Errorf("planned %+v", step.Send)
	}
	if k := step.Ticket.Kept(read.Add(day)); k.Citizen.Name != "" {
		t.Error("read after its day")
	}
	if gone := (ticket.Story{Ticket: step.Ticket.Kept(read.Add(day))}).ForgetStep(step.Send[0].Ref(), read.Add(day)); gone.Ticket == nil || gone.Ticket.Citizen.Name != "" || !gone.Ticket.Citizen.Until.IsZero() {
		t.Errorf("forgotten: %+v", gone.Ticket)
	}
	for what, f := range map[string]func() (ticket.Change, bool){
		"no name":       func() (ticket.Change, bool) { return was.NameStep(m, "", *c.Seen, read, now) },
		"read long ago": func() (ticket.Change, bool) { return was.NameStep(m, "P", *c.Seen, read, read.Add(day)) },
		"taken already": func() (ticket.Change, bool) { return step.Ticket.NameStep(m, "Otra", *c.Seen, read, now) },
		"not asked for": func() (ticket.Change, bool) { return was.NameStep(m, "P", *step.Seen, read, now) },
		"taken back": func() (ticket.Change, bool) {
			m := m
			m.Deleted = true
			return was.NameStep(m, "P", *c.Seen, read, now)
		},
		"ended": func() (ticket.Change, bool) {
			was := was
			was.State = ticket.Cerrado
			return was.NameStep(m, "P", *c.Seen, read, now)
		},
	} {
		if _, is := f(); is {
			t.Errorf("%s: taken", what)
		}
	}
	again := was // an earlier name was forgotten by readers and not by the worker yet
	again.Citizen.Until = noon
	if step, is := again.NameStep(m, "Persona Ficticia", *c.Seen, read, now); !is || !step.Ticket.Citizen.Until.Equal(read.Add(day)) {
		t.Errorf("after an earlier name: %t, until %s", is, step.Ticket.Citizen.Until)
	}
}

// A name that comes with other words of a known item is lent as every name is, although the words have their time already.
func TestFillMention_LendsTheName(t *testing.T) {
	c := onLinkedIn("", noon, nil).AskName(comment("urn:1", "texto", "", noon), "s1.persona", noon)
	outdated, is := c.Seen.Outdated(c.Ticket.Channel(), noon)
	if !is || !outdated.Seen.Nameless {
		t.Fatalf("%+v", outdated.Seen)
	}
	at := noon.Add(time.Hour)
	e := comment("urn:1", "otras palabras", "Persona Ficticia", at)
	step, is := c.Ticket.FillMention(c.Mentions[0], e, *outdated.Seen, ticket.Filling{Class: result(classify.Consulta, 0.9), CitizenKey: "key", Read: true, Now: at}, ticket.DefaultPolicy())
	if !is || step.Ticket.Citizen.Name != "Persona Ficticia" || !step.Ticket.Citizen.Until.Equal(at.Add(24*time.Hour)) || step.Seen.Nameless || !step.Ticket.Citizen.Asked.Equal(noon) {
		t.Fatalf("%t %+v, nameless %t", is, step.Ticket.Citizen, step.Seen.Nameless)
	}
	if due := topics(step)[outbox.Forget]; len(due) != 1 || !due[0].Equal(at.Add(24*time.Hour)) {
		t.Errorf("planned %v", due)
	}
	same, is := c.Ticket.FillMention(c.Mentions[0], comment("urn:1", "texto", "Persona Ficticia", at), *outdated.Seen, ticket.Filling{Read: true, Now: at}, ticket.DefaultPolicy())
	if !is || same.Ticket != nil || !same.Seen.Nameless {
		t.Errorf("the same words: the name is still to come: %t %+v", is, same.Seen)
	}
}
