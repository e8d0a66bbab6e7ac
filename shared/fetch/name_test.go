package fetch_test

import (
	"slices"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

var organization = channel.Ref{Network: mention.LinkedIn, Account: "urn:li:organization:5000001"}

const comment = "urn:li:comment:(urn:li:activity:1,2)"

// nameless lets a case of LinkedIn be open whose person has no name, and gives the message that asks for it.
func (w *world) nameless(with ...func(*ticket.Story, *ticket.Seen)) outbox.Message {
	w.account(organization)
	at := w.now.Add(-time.Minute)
	s := ticket.Story{
		Ticket:   ticket.Ticket{ID: "01T", State: ticket.Ingresado, Network: mention.LinkedIn, Account: organization.Account},
		Mentions: []ticket.Mention{{Ticket: "01T", Key: comment, Kind: mention.Comment, Text: "texto ficticio", At: at, Rev: 1}},
	}
	seen := ticket.Seen{Network: mention.LinkedIn, Key: comment, Ticket: "01T", At: at, Nameless: true, Rev: 1}
	for _, f := range with {
		f(&s, &seen)
	}
	w.store.stories["01T"], w.store.seen["linkedin/"+comment] = s, seen
	w.net.items[comment] = mention.Event{
		Outcome: mention.Interaction, Network: mention.LinkedIn, Kind: mention.Comment, Key: comment, Text: "texto ficticio", At: at,
		Author: &mention.Author{ID: "urn:li:person:ficticia", Name: "Persona Ficticia"},
	}
	m := outbox.New("fetch-1", outbox.FetchItem, outbox.ItemCause("linkedin", comment), comment, "g", w.now)
	m.Channel, m.Person = organization.String(), "sellado:urn:li:person:ficticia"
	return m
}

// Of what is read for a name the name alone goes on: neither the id of the person nor the words.
func TestName(t *testing.T) {
	w := newWorld(t)
	w.send(w.nameless(), 1)
	got := w.inbox.events(t)
	if len(got) != 1 || got[0].Key != comment || got[0].Author.Name != "Persona Ficticia" || !got[0].Flag(mention.FlagNaming) || w.inbox.held[0].Origin != mention.OriginItem {
		t.Fatalf("%+v", got)
	}
	if got[0].Author.ID != "" || got[0].Text != "" || !w.inbox.held[0].Received.Equal(w.now) || got[0].Network != mention.LinkedIn || got[0].Account != organization.Account {
		t.Errorf("%+v by %+v, read %s", got[0], got[0].Author, w.inbox.held[0].Received)
	}
	w.same("left", len(w.store.messages), 0)
	if q := w.net.read; len(q) != 1 || q[0].Author.ID != "urn:li:person:ficticia" || q[0].Author.Name != "" || q[0].Text == "" {
		t.Errorf("asked for %+v: with the id and the words, nothing but the name is read", q)
	}
}

// Nothing is asked where there is nothing to ask for any more, nor with the last calls of an account.
func TestName_NotAsked(t *testing.T) {
	slow := func(share float64) func(*world) {
		return func(w *world) {
			c := w.store.channels[organization]
			c.Usage = channel.Usage{Share: share, At: w.now, Until: w.now.Add(time.Hour)}
			w.store.channels[organization] = c
		}
	}
	of := func(f func(*ticket.Story, *ticket.Seen)) func(*world) {
		return func(w *world) { w.nameless(f) }
	}
	for name, set := range map[string]func(*world){
		"a slow account":    slow(0.80),
		"no calls left":     slow(0.96),
		"a name meanwhile":  of(func(s *ticket.Story, _ *ticket.Seen) { s.Ticket.Citizen.Name = "Persona Ficticia" }),
		"an ended case":     of(func(s *ticket.Story, _ *ticket.Seen) { s.Ticket.State = ticket.Cerrado }),
		"taken back":        of(func(s *ticket.Story, _ *ticket.Seen) { s.Mentions[0].Deleted = true }),
		"forgotten as item": of(func(_ *ticket.Story, seen *ticket.Seen) { seen.Deleted = true }),
		"known meanwhile":   of(func(_ *ticket.Story, seen *ticket.Seen) { seen.Nameless = false }),
		"a case that went":  func(w *world) { delete(w.store.stories, "01T") },
		"another's mention": of(func(s *ticket.Story, _ *ticket.Seen) { s.Mentions[0].Key = "otro" }),
	} {
		w := newWorld(t)
		m := w.nameless()
		set(w)
		w.send(m, 3)
		if calls := w.net.calls["item"]; calls != 0 || len(w.inbox.held) != 0 || len(w.store.messages) != 0 {
			t.Errorf("%s: %d calls, %d deliveries, %d messages left", name, calls, len(w.inbox.held), len(w.store.messages))
		}
	}
	w := newWorld(t)
	m := w.nameless()
	slow(0.70)(w)
	w.send(m, 1)
	w.same("calls of an account that has enough", w.net.calls["item"], 1)
}

// A name that cannot be read is left, after the tries: nobody is told that something is missing.
func TestName_NotRead(t *testing.T) {
	never := func(kind fault.Kind, reason string) []error {
		return slices.Repeat([]error{fails(kind, reason, 0)}, 10)
	}
	for _, tt := range []struct {
		name  string
		set   func(*world)
		calls int
	}{
		{"who hides", func(w *world) {
			e := w.net.items[comment]
			e.Author = &mention.Author{ID: "urn:li:person:x"}
			w.net.items[comment] = e
		}, 1},
		{"nobody", func(w *world) { e := w.net.items[comment]; e.Author = nil; w.net.items[comment] = e }, 1},
		{"it is gone", func(w *world) { w.net.fails["item"] = never(fault.Permanent, "gone") }, 1},
		{"we may not", func(w *world) { w.net.fails["item"] = never(fault.Denied, "permission") }, 1},
		{"nobody answers", func(w *world) { w.net.fails["item"] = never(fault.Transient, "unreachable") }, 6},
		{"too many calls", func(w *world) { w.net.fails["item"] = never(fault.Transient, "throttle") }, 1},
	} {
		w := newWorld(t)
		m := w.nameless()
		tt.set(w)
		began := w.now
		w.send(m, 12)
		if w.net.calls["item"] != tt.calls || len(w.inbox.held) != 0 || len(w.store.messages) != 0 || w.now.Sub(began) > 6*time.Minute {
			t.Errorf("%s: %d calls in %s, %d deliveries, %d messages left", tt.name, w.net.calls["item"], w.now.Sub(began), len(w.inbox.held), len(w.store.messages))
		}
	}
	w := newWorld(t) // what passes is tried again
	m := w.nameless()
	w.net.fails["item"] = []error{fails(fault.Transient, "unreachable", 0)}
	w.send(m, 2)
	w.same("after a try that failed", len(w.inbox.events(t)), 1)
}

// Who dies between tells the name twice, never not at all; a failure of ours is no answer.
func TestName_CrashPoints(t *testing.T) {
	broken := fault.New(fault.Transient, "test", nil)
	for name, crash := range map[string]func(w *world){
		"story": func(w *world) { w.store.failing = broken },
		"inbox": func(w *world) { w.inbox.script = []error{broken} },
		"end": func(w *world) {
			w.store.before = func(c ticket.Change) error {
				if len(c.Done) > 0 {
					return broken
				}
				return nil
			}
		},
	} {
		w := newWorld(t)
		m := w.nameless()
		w.store.messages[m.Ref()] = m
		crash(w)
		if err := w.handle(m); !fault.Is(err, fault.Transient) {
			t.Errorf("%s: %v", name, err)
		}
		w.store.before, w.inbox.script, w.store.failing = nil, nil, nil
		if err := w.handle(m); err != nil || len(w.inbox.events(t)) == 0 || len(w.store.messages) != 0 {
			t.Errorf("%s: %v, %v", name, err, w.store.messages)
		}
	}
}

// An item whose words are to be read too is read once for both.
func TestName_WithItsWords(t *testing.T) {
	w := newWorld(t)
	m := w.nameless(func(s *ticket.Story, seen *ticket.Seen) {
		seen.Blank = true
		w.store.mentions["01T/"+comment] = s.Mentions[0]
	})
	w.send(m, 1)
	if got := w.inbox.events(t); len(got) != 1 || got[0].Text == "" || got[0].Flag(mention.FlagNaming) {
		t.Errorf("%+v", got)
	}
}
