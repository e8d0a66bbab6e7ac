package intake_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// byURN is how LinkedIn tells who wrote: by an id alone.
func byURN(e *mention.Event) { e.Author.Name = "" }

// naming is what is read of an item for the sake of its author's name.
func naming(key, name string) mention.Event {
	return mention.Event{
		Outcome: mention.Interaction, Network: mention.LinkedIn, Kind: mention.Comment, Key: key, Account: organization,
		Author: &mention.Author{Name: name}, Flags: []string{mention.FlagNaming},
	}
}

// A comment of which LinkedIn tells an id alone opens its case at once, and its author's name comes after it, for a day.
func TestNaming(t *testing.T) {
	w := newWorld(t, network(mention.LinkedIn))
	w.told(noon(), linked("urn:1", reclamo, byURN))
	open := w.must2(w.seen(mention.LinkedIn, "urn:1").Ticket).Ticket
	asked := w.planned()
	if len(asked) != 1 || asked[0].Subject != "urn:1" || asked[0].Channel != "linkedin/"+organization || !w.seen(mention.LinkedIn, "urn:1").Nameless {
		t.Fatalf("planned %+v", asked)
	}
	if !strings.HasPrefix(asked[0].Person, "s1.") || strings.Contains(w.everything(), "urn:li:person") {
		t.Errorf("whom to ask for: %q", asked[0].Person)
	}
	w.told(noon(), linked("urn:2", consulta, byURN, later(1)), linked("urn:1", reclamo, byURN)) // one question a person and day
	if n := len(w.planned()); n != 1 {
		t.Errorf("%d questions", n)
	}
	open = w.must2(open.ID).Ticket
	read := noon().Add(time.Minute)
	for range 3 { // told again it changes nothing
		w.take(read, asRead(read, naming("urn:1", "Persona Enlazada")))
	}
	got := w.must2(open.ID).Ticket
	if diff := cmp.Diff(open, got, cmpopts.IgnoreFields(ticket.Ticket{}, "Version", "Head", "UpdatedAt", "Citizen")); diff != "" {
		t.Errorf("the name moved more (-was +is):\n%s", diff)
	}
	if got.Citizen.Name != "Persona Enlazada" || !got.Citizen.Until.Equal(read.AddDate(0, 0, 1)) || got.Version != open.Version+1 || w.count("T") != 1 {
		t.Errorf("%+v of version %d after %d", got.Citizen, got.Version, open.Version)
	}
	if kinds := w.kinds(open.ID); !slices.Equal(kinds, []string{"ticket.opened", "mention.added", "citizen.named"}) {
		t.Errorf("%v", kinds)
	}
	w.told(noon(), linked("urn:3", consulta, byURN, later(2)))
	if n := len(w.planned()); n != 1 {
		t.Errorf("asked for a name that is known: %d questions", n)
	}

	due, err := w.store.Due(t.Context(), noon().AddDate(0, 0, 1).Add(time.Hour), 0)
	if err != nil {
		t.Fatal(err)
	}
	due = slices.DeleteFunc(due, func(m outbox.Message) bool { return m.Topic != outbox.Forget })
	if len(due) != 1 || !due[0].Due.Equal(read.AddDate(0, 0, 1)) {
		t.Fatalf("to forget: %+v", due)
	}
	w.ages(2) // readers see it no more, although the worker is late
	if name := w.must2(open.ID).Ticket.Citizen.Name; name != "" {
		t.Errorf("after its day: %q", name)
	}
	if !strings.Contains(w.stored(), "Persona Enlazada") {
		t.Fatal("the name left by itself: the worker's part is not tried")
	}
	if err := w.store.Store.Commit(t.Context(), w.must2(open.ID).ForgetStep(due[0].Ref(), w.clock())); err != nil {
		t.Fatal(err)
	}
	if all := w.stored(); strings.Contains(all, "Persona Enlazada") || strings.Contains(all, "urn:li:person") {
		t.Error("the name, or the person's id, is still stored")
	}
	now := w.clock()
	w.told(now, linked("urn:4", consulta, byURN, at(now.Add(-time.Minute))))
	if n := len(w.planned()); n != 2 {
		t.Errorf("not asked again after its day: %d questions", n)
	}
}

// asRead is what fetch brings of an item.
func asRead(at time.Time, e mention.Event) string { return read(mention.OriginItem, at, e) }

// A name opens nothing, and one that comes too late, or to what is no case of a person, is not taken.
func TestNaming_NotTaken(t *testing.T) {
	w := newWorld(t, network(mention.LinkedIn))
	w.take(noon(), asRead(noon(), naming("urn:nobody", "Persona Enlazada")))
	if n := len(w.items()); n != 0 {
		t.Errorf("the name of an unknown item wrote %d items", n)
	}
	w.told(noon(), linked("urn:1", consulta, byURN))
	w.told(noon(), linked("urn:n", "Respuesta nuestra", is(mention.Own), func(e *mention.Event) {
		e.Parent, e.Author, e.At = "urn:1", &mention.Author{ID: organization}, noon()
	}))
	w.told(noon(), linked("urn:e", "editado", is(mention.Edit)))
	before := w.everything()
	unsaid := naming("urn:1", "")
	unsaid.Author = nil
	for _, e := range []mention.Event{naming("urn:1", ""), unsaid, naming("urn:n", "Nosotros"), naming("urn:e", "Persona")} {
		w.take(noon(), asRead(noon(), e))
	}
	w.ages(2)
	w.take(w.clock(), asRead(noon(), naming("urn:1", "Persona Enlazada"))) // read two days ago
	w.ages(0)
	if after := w.everything(); len(after) != len(before) || strings.Contains(after, "Persona Enlazada") {
		t.Errorf("something was written:\n%s", after)
	}
}

// Who read an item has asked for its name; what looking brought has not.
func TestNaming_ByOrigin(t *testing.T) {
	w := newWorld(t, network(mention.LinkedIn))
	w.told(noon(), linked("urn:1", "", is(mention.Fetch), byURN))
	w.take(noon(), asRead(noon(), linked("urn:1", consulta, byURN)))
	if seen := w.seen(mention.LinkedIn, "urn:1"); seen.Ticket == "" || seen.Nameless || len(w.planned()) != 1 { // that of the item itself
		t.Errorf("%+v, planned %+v", seen, w.planned())
	}
	w.take(noon(), read(mention.OriginList, noon(), linked("urn:2", consulta, byURN, func(e *mention.Event) { e.Author.ID = "urn:li:person:otra" })))
	if seen := w.seen(mention.LinkedIn, "urn:2"); !seen.Nameless || len(w.planned()) != 2 {
		t.Errorf("%+v, planned %+v", seen, w.planned())
	}
	w.hears(said(person, "i1", consulta, byURN)) // X
	if n := len(w.planned()); n != 2 {
		t.Errorf("X is asked for a name: %d", n)
	}
}

// A name and a person of the desk at once: both are kept.
func TestNaming_WhileClaimed(t *testing.T) {
	w := newWorld(t, network(mention.LinkedIn))
	w.told(noon(), linked("urn:1", consulta, byURN))
	id := w.seen(mention.LinkedIn, "urn:1").Ticket
	var once sync.Once
	w.set(func(c ticket.Change) error {
		if c.Seen != nil && !c.Seen.Nameless {
			once.Do(func() { w.step(w.must2(id).Ticket.Claim(ana(), noon())) })
		}
		return nil
	})
	w.take(noon(), asRead(noon(), naming("urn:1", "Persona Enlazada")))
	if got := w.must2(id).Ticket; got.Assignee != ana().ID || got.Citizen.Name != "Persona Enlazada" {
		t.Errorf("held by %q, named %q", got.Assignee, got.Citizen.Name)
	}
}
