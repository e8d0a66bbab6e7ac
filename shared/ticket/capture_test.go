package ticket_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

func captured(change ...func(*ticket.Capture)) ticket.Capture {
	c := ticket.Capture{
		Network: mention.LinkedIn, Account: "9", Name: "Persona Ficticia", Handle: "@Persona.F", Text: " ¿Cuándo pagan? ",
		At: noon.Add(-3 * time.Hour), Link: "https://www.linkedin.com/feed/update/urn:li:activity:1", Visibility: post.Public, Source: "captura de pantalla",
		Evidence: []string{"e1", "e2"},
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func TestCapture_Check(t *testing.T) {
	if err := captured().Check(anna, noon); err != nil {
		t.Fatal(err)
	}
	for _, by := range []ticket.Actor{denun, unit} {
		if err := captured().Check(by, noon); fault.Of(err) != fault.Denied {
			t.Errorf("%s: %v", by.ID, err)
		}
	}
	for _, tt := range []struct {
		field  string
		change func(*ticket.Capture)
	}{
		{"network", func(c *ticket.Capture) { c.Network = "tiktok" }},
		{"visibility", func(c *ticket.Capture) { c.Visibility = "" }},
		{"text", func(c *ticket.Capture) { c.Text, c.Evidence = " \n", nil }},
		{"text", func(c *ticket.Capture) { c.Text = strings.Repeat("ñ", 10001) }},
		{"text", func(c *ticket.Capture) { c.Text = "a\xff" }},
		{"name", func(c *ticket.Capture) { c.Name = strings.Repeat("a", 201) }},
		{"handle", func(c *ticket.Capture) { c.Handle = strings.Repeat("a", 201) }},
		{"source", func(c *ticket.Capture) { c.Source = strings.Repeat("a", 201) }},
		{"at", func(c *ticket.Capture) { c.At = noon.Add(time.Second) }},
		{"link", func(c *ticket.Capture) { c.Link = "http://ejemplo.cl" }},
		{"link", func(c *ticket.Capture) { c.Link = "https://alguien@ejemplo.cl/" }},
		{"evidence", func(c *ticket.Capture) { c.Evidence = make([]string, 11) }},
	} {
		if err := captured(tt.change).Check(anna, noon); fault.Of(err) != fault.Invalid || fieldOf(err) != tt.field {
			t.Errorf("%s: %v of %q", tt.field, err, fieldOf(err))
		}
	}
	for name, change := range map[string]func(*ticket.Capture){
		"nothing but files":   func(c *ticket.Capture) { c.Text = "" },
		"of nobody":           func(c *ticket.Capture) { c.Name, c.Handle = "", "" },
		"at a time not known": func(c *ticket.Capture) { c.At = time.Time{} },
		"nowhere to be seen":  func(c *ticket.Capture) { c.Link = "" },
	} {
		if err := captured(change).Check(anna, noon); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The same thing typed in by two people is one; anything else is another.
func TestCapture_Key(t *testing.T) {
	same := []func(*ticket.Capture){
		func(c *ticket.Capture) { c.Text = "¿Cuándo  pagan?" },
		func(c *ticket.Capture) { c.Handle = "persona.f" },
		func(c *ticket.Capture) { c.Name = "Otro nombre, mismo usuario" },
		func(c *ticket.Capture) { c.At = c.At.Add(2 * time.Hour) },
		func(c *ticket.Capture) { c.Source, c.Evidence = "", nil },
	}
	other := []func(*ticket.Capture){
		func(c *ticket.Capture) { c.Network = mention.X },
		func(c *ticket.Capture) { c.Account = "10" },
		func(c *ticket.Capture) { c.Handle = "otra" },
		func(c *ticket.Capture) { c.Text = "¿Cuándo pagan hoy?" },
		func(c *ticket.Capture) { c.At = c.At.AddDate(0, 0, -1) },
		func(c *ticket.Capture) { c.At = time.Time{} },
		func(c *ticket.Capture) { c.Link = "" },
		func(c *ticket.Capture) { c.Visibility = post.Private },
	}
	key := captured().Key()
	for i, f := range same {
		if got := captured(f).Key(); got != key {
			t.Errorf("the same, case %d: %s", i, got)
		}
	}
	seen := []string{key}
	for i, f := range other {
		got := captured(f).Key()
		if slices.Contains(seen, got) {
			t.Errorf("another, case %d: %s", i, got)
		}
		seen = append(seen, got)
	}
	files := func(ids ...string) ticket.Capture {
		return captured(func(c *ticket.Capture) { c.Text, c.Evidence = "", ids })
	}
	if first, second, again := files("a").Key(), files("b").Key(), files("a").Key(); first == second || first != again {
		t.Error("nothing but files: they are what tells one from the other")
	}
}

// Any two parts moved between fields make another key: what is typed into one field cannot pass for another.
func TestCapture_KeyProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		word := rapid.StringMatching(`[a-z ]{0,6}`)
		draw := func(n string) ticket.Capture {
			return ticket.Capture{Network: mention.X, Account: word.Draw(rt, n+" account"), Handle: word.Draw(rt, n+" handle"), Text: word.Draw(rt, n+" text"), Link: word.Draw(rt, n+" link")}
		}
		a, b := draw("a"), draw("b")
		tidy := func(c ticket.Capture) [4]string {
			return [4]string{c.Account, post.NormaliseForCompare(c.Handle), post.NormaliseForCompare(c.Text), c.Link}
		}
		if (tidy(a) == tidy(b)) != (a.Key() == b.Key()) {
			rt.Errorf("%q and %q", a.Key(), b.Key())
		}
	})
}

func TestCapture_Written(t *testing.T) {
	for name, tt := range map[string]struct {
		at    time.Time
		want  time.Time
		basis ticket.Basis
	}{
		"known":       {noon.Add(-72 * time.Hour), noon.Add(-72 * time.Hour), ticket.FromWritten},
		"not known":   {time.Time{}, noon, ticket.FromReceived},
		"still ahead": {noon.Add(time.Minute), noon, ticket.FromReceived},
		"years ago":   {noon.AddDate(-2, 0, 0), noon, ticket.FromReceived},
	} {
		if at, basis := captured(func(c *ticket.Capture) { c.At = tt.at }).Written(noon); !at.Equal(tt.want) || basis != tt.basis {
			t.Errorf("%s: %s, %s", name, at, basis)
		}
	}
}

// The case of a capture is a case like any other, with who typed it in and from where, and an intact bitácora.
func TestCapture_Open(t *testing.T) {
	in := ticket.Opening{
		ID: "01TICKET", Number: "RS-2026-0000001-1", Conversation: "conv", CitizenKey: "key", Class: result(classify.Consulta, 0.9), Excerpt: "texto",
		DueDate: "2026-11-26", DueAt: noon.AddDate(0, 0, 3), Term: ticket.Term{Days: 3, From: ticket.FromWritten}, Now: noon,
	}
	if _, err := captured().Open(denun, in, ticket.DefaultPolicy()); fault.Of(err) != fault.Denied {
		t.Errorf("by who may not: %v", err)
	}
	c, err := captured().Open(anna, in, ticket.DefaultPolicy())
	if err != nil {
		t.Fatal(err)
	}
	wantFacts := map[string]string{"source": "manual", "capturedBy": anna.ID, "from": "captura de pantalla", "evidence": "2"}
	if diff := cmp.Diff(wantFacts, c.Ticket.Facts); diff != "" {
		t.Errorf("facts (-want +got)\n%s", diff)
	}
	if !c.Ticket.OpenedAt.Equal(noon.Add(-3*time.Hour)) || !c.Ticket.ReceivedAt.Equal(noon) || !c.Ticket.TermStart().Equal(c.Ticket.OpenedAt) || c.Ticket.Citizen.Handle != "@Persona.F" {
		t.Errorf("case %+v", c.Ticket)
	}
	if err := audit.Verify([]audit.Entry{*c.Entry}); err != nil || c.Ticket.Head != c.Entry.Hash || c.Entry.Actor != anna.ID || c.Entry.ActorName != anna.Name {
		t.Errorf("entry %+v: %v", c.Entry, err)
	}
	m := c.Mentions[0]
	if !slices.Contains(m.Flags, mention.FlagManual) || m.URL == "" || m.Text != "¿Cuándo pagan?" || len(m.Attachments) != 2 || m.Attachments[1] != (mention.Attachment{Type: "evidence", ID: "e2"}) {
		t.Errorf("mention %+v", m)
	}
	if c.Seen == nil || c.Seen.Key != captured().Key() || !c.Open {
		t.Errorf("seen %+v", c.Seen)
	}
	private, err := captured(func(c *ticket.Capture) { c.Visibility, c.Handle = post.Private, "" }).Open(anna, in, ticket.DefaultPolicy())
	if err != nil || private.Ticket.Public || private.Ticket.Kind != mention.DM || private.Mentions[0].Public {
		t.Errorf("in private: %+v, %v", private.Ticket, err)
	}
	s := ticket.Story{Ticket: *c.Ticket, Mentions: c.Mentions}
	for v, a := range s.Answers(ticket.DefaultPolicy(), noon) {
		if a.Allowed || !strings.Contains(a.Why, "a mano") || a.Link != captured().Link {
			t.Errorf("%s: %+v", v, a)
		}
	}
}
