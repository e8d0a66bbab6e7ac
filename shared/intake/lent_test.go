package intake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

const organization = "urn:li:organization:5000001"

func linked(key, text string, with ...func(*mention.Event)) mention.Event {
	return said("urn:li:person:ficticia", key, text, append([]func(*mention.Event){func(e *mention.Event) {
		e.Network, e.Account, e.Author.Name, e.Author.Aliases = mention.LinkedIn, organization, "Persona Enlazada", nil
	}}, with...)...)
}

// stored gives all that is stored, whatever readers are shown of it: each item as it lies in the table, unpacked.
func (w *world) stored() string {
	w.Helper()
	clock := w.days.Load()
	w.days.Store(0) // when all of it may be read
	defer w.days.Store(clock)
	return w.everything()
}

// Of LinkedIn the name is gone after a day and the words after two, from every reader at that moment and from the table when the
// worker comes; the item, its class and our own answer stay.
func TestLinkedIn_Forgotten(t *testing.T) {
	w := newWorld(t, network(mention.LinkedIn))
	const secret = "secreto enlazado"
	w.told(noon(), linked("urn:1", reclamo+" "+secret))
	w.told(noon(), linked("urn:n", "Respuesta nuestra", is(mention.Own), func(e *mention.Event) {
		e.Parent, e.Author, e.At = "urn:1", &mention.Author{ID: organization}, noon()
	}))
	seen := w.seen(mention.LinkedIn, "urn:1")
	story := func() ticket.Story { return w.must2(seen.Ticket) }
	row := func() ticket.Row {
		rows, _, err := w.store.List(t.Context(), ticket.Query{View: ticket.ViewState, State: ticket.Respondido})
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		return rows[0]
	}
	for days, want := range []struct{ words, name bool }{{true, true}, {true, false}, {false, false}} {
		w.ages(days)
		s, r := story(), row()
		m, err := w.store.Mention(t.Context(), seen.Ticket, "urn:1", seen.At)
		if err != nil {
			t.Fatal(err)
		}
		for where, text := range map[string]string{"story": s.Mentions[0].Text, "mention": m.Text, "excerpt": s.Ticket.Excerpt, "row": r.Excerpt} {
			if (text != "") != want.words {
				t.Errorf("after %d days the %s says %q", days, where, text)
			}
		}
		if (s.Ticket.Citizen.Name != "") != want.name || (r.Citizen.Name != "") != want.name {
			t.Errorf("after %d days the name is %q, %q", days, s.Ticket.Citizen.Name, r.Citizen.Name)
		}
	}
	w.ages(2) // whichever day was looked at last
	if !strings.Contains(w.stored(), secret) {
		t.Fatal("the words left by themselves: the worker's part is not tried")
	}
	due, err := w.store.Due(t.Context(), w.clock(), 0)
	if err != nil {
		t.Fatal(err)
	}
	due = slices.DeleteFunc(due, func(m outbox.Message) bool { return m.Topic != outbox.Forget })
	if len(due) != 2 || !due[0].Due.Equal(noon().AddDate(0, 0, 1)) || !due[1].Due.Equal(noon().AddDate(0, 0, 2)) {
		t.Fatalf("planned %+v", due)
	}
	for _, m := range due {
		if err := w.store.Store.Commit(t.Context(), story().ForgetStep(m.Ref(), w.clock())); err != nil {
			t.Fatal(err)
		}
	}
	if all := w.stored(); strings.Contains(all, secret) || strings.Contains(all, "Persona Enlazada") || strings.Contains(all, "urn:li:person") {
		t.Error("words, name or id are still stored")
	}
	s := story()
	if s.Replies[0].Text != "Respuesta nuestra" || s.Mentions[0].Key != "urn:1" || s.Ticket.Intent.Final != "reclamo" {
		t.Errorf("more was taken away: %+v", s)
	}
	w.kinds(seen.Ticket)
	now := w.clock()
	w.told(now, linked("urn:1", "editado "+secret, is(mention.Edit), at(now.Add(-time.Minute))))
	if m := story().Mentions[0]; m.Text != "editado "+secret || !m.Until.Equal(now.AddDate(0, 0, 2)) {
		t.Errorf("edited later: %+v", m)
	}
}

// What waits of LinkedIn without a case ends as early: an edit before its item, words before they are read, bytes nobody reads.
func TestLinkedIn_Early(t *testing.T) {
	w := newWorld(t, network(mention.LinkedIn))
	w.told(noon(), linked("urn:e", "editado", is(mention.Edit)))
	w.told(noon(), linked("urn:a", "cortado", is(mention.Fetch)))
	w.told(noon(), mention.Event{Outcome: mention.Quarantine, Network: mention.LinkedIn, Reason: mention.ReasonBadItem})
	kept := func() (bool, bool, int) {
		_, edit, err1 := w.store.Seen(t.Context(), mention.LinkedIn, "urn:e")
		_, waits, err2 := w.store.Seen(t.Context(), mention.LinkedIn, "urn:a")
		rows, _, err3 := w.store.Quarantined(t.Context(), "", 10)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		return edit, waits, len(rows)
	}
	w.ages(1)
	if edit, waits, rows := kept(); !edit || !waits || rows != 1 {
		t.Errorf("after a day: %t %t %d", edit, waits, rows)
	}
	w.ages(2)
	if edit, waits, rows := kept(); edit || waits || rows != 0 {
		t.Errorf("after two days: %t %t %d", edit, waits, rows)
	}
	now := w.clock()
	w.take(now, read(mention.OriginItem, now, linked("urn:a", consulta, at(noon()))))
	if s := w.must2(w.seen(mention.LinkedIn, "urn:a").Ticket); s.Mentions[0].Text != consulta {
		t.Errorf("read when it was forgotten: %+v", s.Mentions)
	}
}

// The time runs from when we received the words, also when they waited in the inbox.
func TestLinkedIn_FromReceived(t *testing.T) {
	w := newWorld(t, network(mention.LinkedIn))
	first, second := linked("urn:1", consulta), linked("urn:2", consulta, later(1))
	w.take(noon().Add(10*time.Hour), strings.Replace(delivery(noon(), first), `"network":"x"`, `"network":"linkedin"`, 1))
	w.take(noon().Add(11*time.Hour), strings.Replace(delivery(noon().Add(time.Hour), second), `"network":"x"`, `"network":"linkedin"`, 1))
	s := w.must2(w.seen(mention.LinkedIn, "urn:1").Ticket)
	if len(s.Mentions) != 2 || !s.Mentions[0].Until.Equal(noon().AddDate(0, 0, 2)) || !s.Mentions[1].Until.Equal(noon().Add(49*time.Hour)) {
		t.Errorf("%+v", s.Mentions)
	}
}
