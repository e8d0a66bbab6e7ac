package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// named is the notice of an item of which the network tells no words.
func named(key string, with ...func(*mention.Event)) mention.Event {
	e := mention.Event{
		Outcome: mention.Fetch, Network: mention.X, Kind: mention.Comment, Key: key, Thread: "publicacion", Account: page,
		At: noon().Add(-10 * time.Minute), Reason: mention.ReasonFetchText,
	}
	for _, f := range with {
		f(&e)
	}
	return e
}

func by(person string) func(*mention.Event) {
	return func(e *mention.Event) { e.Author = &mention.Author{ID: person} }
}

func flagged(flags ...string) func(*mention.Event) {
	return func(e *mention.Event) { e.Flags = flags }
}

// planned gives the messages that ask for an item to be read.
func (w *world) planned() []outbox.Message {
	w.Helper()
	all, err := w.store.Due(w.Context(), noon().AddDate(1, 0, 0), 0)
	if err != nil {
		w.Fatal(err)
	}
	return slices.DeleteFunc(all, func(m outbox.Message) bool { return m.Topic != outbox.FetchItem })
}

func (w *world) seen(n mention.Network, key string) ticket.Seen {
	w.Helper()
	seen, found, err := w.store.Seen(w.Context(), n, key)
	if err != nil || !found {
		w.Fatalf("item %s: found %t, %v", key, found, err)
	}
	return seen
}

// An item told of by its id alone is no case until it is read, and is planned to be read once, however often it is told.
func TestAwait_NoCaseYet(t *testing.T) {
	w := newWorld(t)
	for n := range 5 {
		now := noon().Add(time.Duration(n) * time.Minute)
		w.take(now, delivery(now, named("f1"), named("f1")))
	}
	if n := w.count("T"); n != 0 {
		t.Errorf("%d cases", n)
	}
	all := w.planned()
	if len(all) != 1 || all[0].Subject != "f1" || all[0].Channel != "x/"+page || outbox.IsCase(all[0].Ticket) || !all[0].Due.Equal(noon()) {
		t.Errorf("planned %+v", all)
	}
	if s := w.seen(mention.X, "f1"); s.Awaited == nil || !s.At.Equal(noon()) || s.Rev != 1 {
		t.Errorf("remembered %+v", s)
	}
}

// When it is read its case opens with what it says, the conversation of its author, and the time at which the network first
// told of it; what hangs on the case comes after it.
func TestAwait_Read(t *testing.T) {
	w := newWorld(t)
	w.take(noon(), delivery(noon(), named("f1")))
	read1 := noon().Add(3 * time.Hour)
	w.take(read1, read(mention.OriginItem, read1, said(person, "f1", reclamo, at(noon().Add(-time.Minute)))))
	s := w.must("f1")
	if s.Ticket.Intent.Final != classify.Reclamo || s.Mentions[0].Text != reclamo || s.Ticket.Citizen.Name != "Persona Ficticia" {
		t.Errorf("case %+v", s.Ticket)
	}
	if !s.Ticket.OpenedAt.Equal(noon().Add(-10*time.Minute)) || !s.Ticket.ReceivedAt.Equal(noon()) || s.Ticket.Term.From != ticket.FromWritten {
		t.Errorf("written %s, received %s, term %+v", s.Ticket.OpenedAt, s.Ticket.ReceivedAt, s.Ticket.Term)
	}
	if !s.Ticket.SIAC.Due.Equal(read1.Add(10 * time.Minute)) {
		t.Errorf("the window to undo ends %s", s.Ticket.SIAC.Due)
	}
	if seen := w.seen(mention.X, "f1"); seen.Awaited != nil || seen.Ticket != s.Ticket.ID || seen.Blank {
		t.Errorf("remembered %+v", seen)
	}
	w.take(read1, read(mention.OriginItem, read1, said(person, "f1", reclamo))) // again
	w.take(read1, delivery(read1, named("f1")))                                 // told once more
	w.take(read1, delivery(read1, said(person, "f2", "¿Y?", at(read1.Add(-time.Minute)))))
	if s := w.must("f2"); s.Ticket.ID != w.must("f1").Ticket.ID || s.Ticket.Mentions != 2 {
		t.Errorf("the person's next words: case %s with %d mentions", s.Ticket.ID, s.Ticket.Mentions)
	}
	if n := len(w.planned()); n != 1 {
		t.Errorf("%d readings planned", n)
	}
}

// A network that tells no time of an item is believed when it first told of the item.
func TestAwait_Timeless(t *testing.T) {
	w := newWorld(t)
	w.take(noon(), delivery(noon(), named("f1", at(time.Time{}))))
	w.take(noon().AddDate(0, 0, 3), read(mention.OriginItem, noon().AddDate(0, 0, 3), said(person, "f1", consulta, at(time.Time{}))))
	if s := w.must("f1").Ticket; !s.OpenedAt.Equal(noon()) || !s.ReceivedAt.Equal(noon()) || s.Term.From != ticket.FromReceived {
		t.Errorf("written %s, received %s, %+v", s.OpenedAt, s.ReceivedAt, s.Term)
	}
}

// What the notice knew and reading did not tell is not lost: who wrote it, what was said of it, and cut words.
func TestAwait_Completed(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "before", consulta))
	w.hears(named("f1", by(person), flagged(mention.FlagSummoned)))
	all := w.everything()
	if strings.Contains(all, person) {
		t.Error("the person's id is stored while the item is awaited")
	}
	w.take(noon(), read(mention.OriginItem, noon(), said("", "f1", reclamo, func(e *mention.Event) { e.Author, e.Thread = nil, "" })))
	s := w.must("f1")
	if s.Ticket.ID != w.must("before").Ticket.ID || !slices.Contains(s.Mentions[1].Flags, mention.FlagSummoned) {
		t.Errorf("case %s with %+v", s.Ticket.ID, s.Mentions)
	}
}

// A delivery that brings the words before they are read opens the case, and reading them again is a repetition.
func TestAwait_DeliveredMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.hears(named("f1"))
	w.hears(said(person, "f1", consulta))
	w.take(noon(), read(mention.OriginItem, noon(), said(person, "f1", consulta)))
	if s := w.must("f1"); len(s.Mentions) != 1 || w.count("T") != 1 {
		t.Errorf("%d cases, %d mentions", w.count("T"), len(s.Mentions))
	}
}

// Edits and withdrawals of what is awaited: the newest words stand, and what was taken back opens nothing.
func TestAwait_Versions(t *testing.T) {
	edit := func(text string, d time.Duration) mention.Event {
		return said(person, "f1", text, is(mention.Edit), at(noon().Add(d)))
	}
	readAt := noon().Add(time.Minute)
	item := read(mention.OriginItem, readAt, said(person, "f1", consulta+" leído"))
	for name, tt := range map[string]struct {
		deliveries []string
		want       string
	}{
		"edited before it is read":  {[]string{delivery(noon(), named("f1")), delivery(noon(), edit(consulta+" editado", -time.Minute)), item}, consulta + " leído"},
		"edited after it was read":  {[]string{delivery(noon(), named("f1")), delivery(readAt, edit(consulta+" editado", 2*time.Minute)), item}, consulta + " editado"},
		"edited, then told of":      {[]string{delivery(noon(), edit(consulta+" editado", 2*time.Minute)), delivery(noon(), named("f1")), item}, consulta + " editado"},
		"edited when it is a case":  {[]string{delivery(noon(), named("f1")), item, delivery(readAt, edit(consulta+" editado", 2*time.Minute))}, consulta + " editado"},
		"taken back before":         {[]string{delivery(noon(), named("f1")), delivery(noon(), said(person, "f1", "", is(mention.Delete))), item}, ""},
		"read to be gone":           {[]string{delivery(noon(), named("f1")), read(mention.OriginItem, readAt, said(person, "f1", "", is(mention.Delete))), item}, ""},
		"taken back, then told of":  {[]string{delivery(noon(), said(person, "f1", "", is(mention.Delete))), delivery(noon(), named("f1")), item}, ""},
		"edited twice, newest once": {[]string{delivery(noon(), named("f1")), delivery(readAt, edit("b", 3*time.Minute)), delivery(readAt, edit("a", 2*time.Minute)), item}, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for _, d := range tt.deliveries {
				w.take(readAt.Add(5*time.Minute), d)
			}
			s, has := w.story("f1")
			switch {
			case has != (tt.want != ""):
				t.Errorf("has a case: %t", has)
			case has && (len(s.Mentions) != 1 || s.Mentions[0].Text != tt.want):
				t.Errorf("mentions %+v", s.Mentions)
			}
			if seen := w.seen(mention.X, "f1"); seen.Awaited != nil || seen.Edited != nil || !seen.Expires.IsZero() {
				t.Errorf("still remembered: %+v", seen)
			}
		})
	}
}

// What cannot be read is a case that says so, by what is known; words that come after all fill it, and decide what it is.
func TestAwait_Unavailable(t *testing.T) {
	w := newWorld(t)
	w.hears(named("f1"))
	lost := named("f1", flagged(mention.FlagUnavailable))
	now := noon().Add(10 * time.Minute)
	w.take(now, read(mention.OriginItem, now, lost))
	s := w.must("f1")
	if s.Ticket.Excerpt != "Texto no disponible" || len(s.Mentions) != 1 || s.Mentions[0].Text != "" || !slices.Contains(s.Mentions[0].Flags, mention.FlagUnavailable) {
		t.Errorf("case %q, %+v", s.Ticket.Excerpt, s.Mentions)
	}
	if !s.Ticket.OpenedAt.Equal(noon().Add(-10*time.Minute)) || !w.seen(mention.X, "f1").Blank || !s.Ticket.State.Waiting() {
		t.Errorf("written %s, %s, remembered %+v", s.Ticket.OpenedAt, s.Ticket.State, w.seen(mention.X, "f1"))
	}
	w.take(now, read(mention.OriginItem, now, lost))
	w.take(now, delivery(now, named("f1")))
	if got := w.must("f1").Ticket; got.Version != 1 || len(w.planned()) != 1 {
		t.Errorf("told again: version %d, %d planned", got.Version, len(w.planned()))
	}
	for _, found := range []string{read(mention.OriginList, now, said(person, "f1", reclamo)), delivery(now, said(person, "f1", reclamo))} {
		w.take(now, found) // the second is a repetition
	}
	s = w.must("f1")
	if s.Mentions[0].Text != reclamo || s.Ticket.Citizen.Name != "Persona Ficticia" || s.Ticket.Intent.Final != classify.Reclamo || s.Ticket.SIAC.State != ticket.Pending {
		t.Errorf("filled: %+v of %+v", s.Mentions, s.Ticket)
	}
	if s.Ticket.Term.Days != 20 || !s.Ticket.OpenedAt.Equal(noon().Add(-10*time.Minute)) || w.seen(mention.X, "f1").Blank {
		t.Errorf("term %+v from %s", s.Ticket.Term, s.Ticket.OpenedAt)
	}
	if got := w.kinds(s.Ticket.ID); !slices.Equal(got, []string{"ticket.opened", "mention.filled"}) {
		t.Errorf("history %v", got)
	}
}

// Cut words are words: they are shown when the rest cannot be read.
func TestAwait_UnavailableButCut(t *testing.T) {
	w := newWorld(t)
	cut := named("f1", by(person), flagged(mention.FlagTruncated), func(e *mention.Event) { e.Text = consulta + "…" })
	w.hears(cut)
	w.take(noon(), read(mention.OriginItem, noon(), named("f1", flagged(mention.FlagUnavailable))))
	s := w.must("f1")
	if s.Mentions[0].Text != consulta+"…" || !slices.Contains(s.Mentions[0].Flags, mention.FlagTruncated) || w.seen(mention.X, "f1").Blank {
		t.Errorf("mentions %+v", s.Mentions)
	}
	w.take(noon(), delivery(noon(), said(person, "f2", "¿Y?", later(1)))) // who wrote it was known
	if got := w.must("f2").Ticket.ID; got != s.Ticket.ID {
		t.Error("the notice's author was forgotten")
	}
	w.hears(named("f3", by("80000007"), flagged(mention.FlagTruncated), func(e *mention.Event) { e.Text = "a…" }))
	w.take(noon(), read(mention.OriginItem, noon(), said("80000007", "f3", consulta)))
	if s := w.must("f3"); slices.Contains(s.Mentions[0].Flags, mention.FlagTruncated) {
		t.Errorf("whole words are called cut: %v", s.Mentions[0].Flags)
	}
}

// An edit with words fills a case without, and an item that has other words by now is read again.
func TestAwait_Revised(t *testing.T) {
	w := newWorld(t)
	w.hears(named("f1"))
	w.take(noon(), read(mention.OriginItem, noon(), named("f1", flagged(mention.FlagUnavailable))))
	w.hears(said(person, "f1", reclamo, is(mention.Edit), at(noon())))
	if s := w.must("f1"); s.Mentions[0].Text != reclamo || s.Ticket.Intent.Final != classify.Reclamo || w.seen(mention.X, "f1").Blank {
		t.Errorf("edited: %+v", s.Mentions)
	}
	w.hears(said(person, "g1", consulta))
	revised := named("g1", flagged(mention.FlagRevised), at(noon()))
	w.hears(revised)
	w.take(noon().Add(time.Second), delivery(noon().Add(time.Second), revised))
	if n := len(w.planned()); n != 2 {
		t.Errorf("%d readings planned, want that of f1 and one of g1", n)
	}
	w.hears(said(person, "g1", consulta)) // the first delivery once more says nothing new
	if !w.seen(mention.X, "g1").Blank {
		t.Error("a repetition ended the waiting for the new words")
	}
	w.take(noon(), read(mention.OriginItem, noon(), said(person, "g1", reclamo)))
	s := w.must("g1")
	if s.Mentions[0].Text != reclamo && s.Mentions[1].Text != reclamo || w.seen(mention.X, "g1").Blank || s.Ticket.Intent.Final != classify.Reclamo {
		t.Errorf("read again: %+v", s.Mentions)
	}
}

// However what concerns one awaited item arrives, it ends as one mention with the newest words, or as none when it was taken
// back before anybody saw it.
func TestAwait_AnyOrder(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		run := w.made.Add(1)
		key, who := fmt.Sprintf("r%d", run), fmt.Sprintf("8%08d", run)
		readAt := noon().Add(time.Minute)
		newest := consulta + " editado"
		all := []string{
			delivery(noon(), named(key)), delivery(noon(), named(key)),
			read(mention.OriginItem, readAt, said(who, key, consulta)),
			delivery(readAt, said(who, key, newest, is(mention.Edit), at(noon().Add(2*time.Minute)))),
		}
		if rapid.Bool().Draw(rt, "unavailable at first") {
			all = append(all, read(mention.OriginItem, readAt, named(key, flagged(mention.FlagUnavailable))))
		}
		order := rapid.Permutation(all).Draw(rt, "order")
		now := noon().Add(5 * time.Minute)
		for _, d := range order {
			now = now.Add(time.Second)
			w.take(now, d)
		}
		s := w.must(key)
		if len(s.Mentions) != 1 || s.Mentions[0].Text != newest {
			rt.Fatalf("mentions %+v", s.Mentions)
		}
		if seen := w.seen(mention.X, key); seen.Awaited != nil || seen.Edited != nil || seen.Blank {
			rt.Fatalf("remembered %+v", seen)
		}
		w.kinds(s.Ticket.ID)
	})
}
