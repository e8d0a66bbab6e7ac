package ticket_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

func TestParseTag(t *testing.T) {
	for tag, want := range map[string]bool{
		ticket.Tag("01TICKET", "r000002"): true, "": false, "gestor": false, "a.b": false, ".r1": false, "a.r": false, "a.r1x": false,
		"DEVELOPER_DEFINED_METADATA_STRING": false, "a.r1.r2": false,
	} {
		id, reply, ok := ticket.ParseTag(tag)
		if ok != want || ok && ticket.Tag(id, reply) != tag {
			t.Errorf("%q: %q %q %t", tag, id, reply, ok)
		}
	}
}

// An awaited item is planned to be read once; what names it finds it again.
func TestAwait(t *testing.T) {
	told := mention.Event{Outcome: mention.Fetch, Network: mention.Instagram, Kind: mention.Mentioned, Key: "17:18", Account: "9", At: noon}
	c := ticket.Await("17:18", told, nil, noon.Add(time.Minute), later)
	m := c.Send[0]
	if c.Seen.Awaited == nil || !c.Seen.At.Equal(noon.Add(time.Minute)) || c.Seen.Rev != 1 || !c.Seen.Expires.IsZero() || c.Ticket != nil {
		t.Errorf("remembered %+v", c.Seen)
	}
	ref := channel.Ref{Network: mention.Instagram, Account: "9"}
	if m.Topic != outbox.FetchItem || m.Subject != "17:18" || m.Channel != ref.String() || outbox.IsCase(m.Ticket) || !m.Due.Equal(later) || len(m.Dedup()) > 128 || len(m.Group) > 128 {
		t.Errorf("planned %+v", m)
	}
	if again := ticket.Await("17:18", told, nil, later, later); again.Send[0].ID != m.ID {
		t.Error("decided twice, it is planned under two names")
	}
	told.Text = "cortado…"
	if c := ticket.Await("17:18", told, nil, noon, later); !c.Seen.Expires.Equal(noon.AddDate(0, 0, 30)) {
		t.Errorf("words that wait expire %s", c.Seen.Expires)
	}
	told.Network = mention.LinkedIn
	if c := ticket.Await("17:18", told, nil, noon, later); !c.Seen.Expires.Equal(noon.AddDate(0, 0, 2)) {
		t.Errorf("LinkedIn's words that wait expire %s", c.Seen.Expires)
	}
	edited := ticket.Seen{Network: mention.LinkedIn, Key: "17:18", Edited: &mention.Event{Text: "x"}, Rev: 4, Expires: later}
	if c := ticket.Await("17:18", told, &edited, noon, later); c.Seen.Edited == nil || c.Seen.Rev != 5 || c.SeenWas != &edited || !c.Seen.Expires.Equal(later) {
		t.Errorf("after its edit: %+v", c.Seen)
	}
}

func TestSeen_Outdated(t *testing.T) {
	ref := channel.Ref{Network: mention.LinkedIn, Account: "9"}
	seen := ticket.Seen{Network: mention.LinkedIn, Key: "k", Ticket: "01TICKET", At: noon, Rev: 2}
	c, is := seen.Outdated(ref, later)
	if !is || !c.Seen.Blank || c.Seen.Rev != 3 || c.SeenWas.Rev != 2 || c.SeenWas.Blank || len(c.Send) != 1 || c.Send[0].Subject != "k" {
		t.Errorf("%t %+v", is, c)
	}
	if _, is := c.Seen.Outdated(ref, later); is {
		t.Error("planned twice")
	}
	if first := ticket.Await("k", mention.Event{Network: mention.LinkedIn, Account: "9"}, nil, noon, noon).Send[0]; first.ID == c.Send[0].ID {
		t.Error("reading it first and reading it again have one name: a queue would swallow the second")
	}
	for name, s := range map[string]ticket.Seen{"in no case": {Key: "k"}, "of ours": {Key: "k", Ticket: "01TICKET", Reply: "r1"}} {
		if _, is := s.Outdated(ref, later); is {
			t.Errorf("read again: %s", name)
		}
	}
}
