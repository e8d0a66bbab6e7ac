package intake_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

const answer = "Hola. Ya lo estamos viendo."

// ours is what the network tells of something our account wrote under an item.
func ours(key, under, text string, with ...func(*mention.Event)) mention.Event {
	e := mention.Event{
		Outcome: mention.Own, Network: mention.X, Kind: mention.Comment, Key: key, Thread: "publicacion", Parent: under, Account: page,
		Author: &mention.Author{ID: page}, Text: text, At: noon().Add(time.Second),
	}
	for _, f := range with {
		f(&e)
	}
	return e
}

// toPerson makes it a message to a person.
func toPerson(who string) func(*mention.Event) {
	return func(e *mention.Event) { e.Kind, e.Thread, e.Parent = mention.DM, who, "" }
}

func tagged(tag string) func(*mention.Event) { return func(e *mention.Event) { e.Tag = tag } }

// sending is a reply at the moment of the network's call.
type sending struct {
	*world
	id, reply string
	message   outbox.Message
}

// replying lets ana claim the case of the item and plan an answer, which is being said since noon.
func (w *world) replying(key, text string, v post.Visibility) sending {
	w.Helper()
	s := w.must(key)
	if s.Ticket.Assignee == "" {
		s.Ticket = w.step(s.Ticket.Claim(ana(), noon()))
	}
	c, err := s.PlanReply(ana(), text, v, ticket.DefaultPolicy(), noon(), noon())
	w.step(c, err)
	ref := c.Send[0].Ref()
	if err := w.store.Store.Commit(w.Context(), ticket.Change{Claim: &ref, ClaimAt: noon()}); err != nil {
		w.Fatal(err)
	}
	return sending{world: w, id: s.Ticket.ID, reply: c.Replies[0].ID, message: c.Send[0]}
}

// records is what deliver does when the call returned: the network's name of it, or nothing known.
func (s sending) records(remote string) {
	s.Helper()
	for range 6 {
		t, err := s.store.Ticket(context.Background(), s.id)
		if err != nil {
			s.Fatal(err)
		}
		r, err := s.store.Reply(context.Background(), s.id, s.reply)
		if err != nil {
			s.Fatal(err)
		}
		r.ClaimedAt = noon()
		c := t.ReplySentStep(r, s.message.Ref(), remote, noon(), noon())
		if remote == "" {
			check := s.message.Again(outbox.Verify, noon().Add(5*time.Second))
			r.Message = check.ID
			c = t.ReplyUnknownStep(r, s.message.Ref(), check, "unknown_outcome", noon())
		}
		if _, _, found, _ := s.store.Message(context.Background(), s.message.Ref()); !found {
			return // recorded by somebody else: as deliver does
		}
		if err := s.store.Store.Commit(context.Background(), c); err == nil {
			return
		}
	}
	s.Fatal("the record was lost")
}

// replies tells each reply of the case of an item: its author, its state and the network's name of it.
func (w *world) replies(id string) []string {
	w.Helper()
	s, err := w.store.Story(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	all := []string{}
	for _, r := range s.Replies {
		all = append(all, fmt.Sprint(r.Author, " ", r.State, " ", r.RemoteID))
	}
	return all
}

// The network may tell of our reply before the call that said it returns, after it, twice, while nobody knows, or after the
// worker died: it is one reply, and it is ours.
func TestOwn_EchoOfOurs(t *testing.T) {
	echo := func(w *world) {
		w.hears(ours("e1", "i1", answer))
	}
	for name, order := range map[string]func(w *world, s sending){
		"before the record":        func(w *world, s sending) { echo(w); s.records("e1") },
		"after the record":         func(w *world, s sending) { s.records("e1"); echo(w) },
		"twice, around the record": func(w *world, s sending) { echo(w); s.records("e1"); echo(w) },
		"twice before":             func(w *world, s sending) { echo(w); echo(w); s.records("e1") },
		"nobody knew":              func(w *world, s sending) { s.records(""); echo(w) },
		"the worker died":          func(w *world, _ sending) { echo(w); echo(w) },
		"nobody knows any more": func(w *world, s sending) {
			echo(w)
			s.records("")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.hears(said(person, "i1", consulta))
			s := w.replying("i1", answer, post.Public)
			order(w, s)
			got := w.must("i1").Ticket
			if all := w.replies(s.id); !slices.Equal(all, []string{ana().ID + " sent e1"}) {
				t.Errorf("replies %v", all)
			}
			if got.State != ticket.Respondido || got.AnsweredAt.IsZero() {
				t.Errorf("case %s answered %s", got.State, got.AnsweredAt)
			}
			if n := w.count("O#") + w.count("W#"); n != 0 {
				t.Errorf("%d messages and matters are left", n)
			}
			if seen := w.seen(mention.X, "e1"); seen.Reply != s.reply || seen.Ticket != s.id {
				t.Errorf("remembered %+v", seen)
			}
			w.kinds(s.id)
		})
	}
}

// A matter about a reply that nobody knew is settled when the network tells of it, days later.
func TestOwn_SettlesTheUnknown(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", consulta))
	s := w.replying("i1", answer, post.Public)
	s.records("")
	tk := w.must("i1").Ticket
	r := w.must("i1").Replies[0]
	w.step(tk.ReplyUnresolvedStep(r, outbox.Ref{Ticket: s.id, ID: r.Message}, noon()), nil)
	if n := w.count("W#"); n != 1 {
		t.Fatalf("%d matters", n)
	}
	late := noon().AddDate(0, 0, 1)
	w.take(late, delivery(late, ours("e1", "i1", answer)))
	if all := w.replies(s.id); !slices.Equal(all, []string{ana().ID + " sent e1"}) || w.count("W#") != 0 {
		t.Errorf("replies %v, %d matters", all, w.count("W#"))
	}
}

// Whatever happens in whatever order, the reply is one, sent, and ours.
func TestOwn_AnyOrder(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		run := w.made.Add(1)
		key, e, who := fmt.Sprintf("i%d", run), fmt.Sprintf("e%d", run), fmt.Sprintf("8%08d", run)
		w.hears(said(who, key, consulta))
		s := w.replying(key, answer, post.Public)
		echo := func() { w.hears(ours(e, key, answer)) }
		remote := rapid.SampledFrom([]string{e, ""}).Draw(rt, "the call gave")
		steps := []func(){echo, func() { s.records(remote) }}
		for range rapid.IntRange(0, 2).Draw(rt, "again") {
			steps = append(steps, echo)
		}
		for _, i := range rapid.Permutation(slices.Collect(indexes(len(steps)))).Draw(rt, "order") {
			steps[i]()
		}
		if all := w.replies(s.id); !slices.Equal(all, []string{ana().ID + " sent " + e}) {
			rt.Fatalf("replies %v", all)
		}
		if got := w.must(key).Ticket; got.State != ticket.Respondido {
			rt.Fatalf("case %s", got.State)
		}
	})
	if n := w.count("O#"); n != 0 {
		t.Errorf("%d messages are left", n)
	}
}

func indexes(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// An answer given in the network's own application stops the clock and takes the case from those who wait, once.
func TestOwn_Native(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", reclamo))
	filing := w.must("i1").Ticket.SIAC
	for range 3 {
		w.hears(ours("n1", "i1", "Te escribimos por interno."))
	}
	s := w.must("i1")
	if s.Ticket.State != ticket.Respondido || !s.Ticket.AnsweredAt.Equal(noon()) || s.Ticket.SIAC != filing {
		t.Errorf("case %s answered %s, SIAC %+v", s.Ticket.State, s.Ticket.AnsweredAt, s.Ticket.SIAC)
	}
	if all := w.replies(s.Ticket.ID); !slices.Equal(all, []string{"red sent n1"}) || s.Replies[0].Text != "Te escribimos por interno." {
		t.Errorf("replies %v", all)
	}
	rows, _, err := w.store.List(t.Context(), ticket.Query{View: ticket.ViewWaiting})
	if err != nil || len(rows) != 0 {
		t.Errorf("still waiting: %+v, %v", rows, err)
	}
	if got := w.kinds(s.Ticket.ID); !slices.Equal(got, []string{"ticket.opened", "reply.native"}) {
		t.Errorf("history %v", got)
	}
	w.hears(said(person, "i2", "No me sirvió", later(2)))
	if got := w.must("i1").Ticket; got.State != ticket.Reabierto {
		t.Errorf("the person wrote again: %s", got.State)
	}
	w.hears(ours("n2", "n1", "Y también esto.", at(noon().Add(-8*time.Minute)))) // under our own answer, and older than what the person wrote
	if got := w.must("i1"); got.Ticket.State != ticket.Reabierto || len(got.Replies) != 2 {
		t.Errorf("an older answer: %s, %d replies", got.Ticket.State, len(got.Replies))
	}
}

// Which case it answers: of a comment that of what it answers, of a message that of the open conversation; else none.
func TestOwn_NativeWhere(t *testing.T) {
	w := newWorld(t)
	private := func(e *mention.Event) { e.Kind, e.Thread = mention.DM, e.Author.ID }
	w.hears(
		said(person, "i1", consulta), said("80000002", "post", consulta, func(e *mention.Event) { e.Kind, e.Thread = mention.Post, "post" }),
		said("80000003", "d1", consulta, private), said("80000004", "d2", felicitacion, private))
	w.step(w.must("d2").Close(ana(), "", noon()))
	before := len(w.items())
	for name, e := range map[string]mention.Event{
		"a post of ours":            ours("o1", "", "Nuevo curso", func(e *mention.Event) { e.Kind, e.Thread = mention.Post, "o1" }),
		"under something unknown":   ours("o2", "nadie", "Hola"),
		"to somebody unknown":       ours("o3", "", "Hola", toPerson("80000099")),
		"to whose case is over":     ours("o4", "", "Hola", toPerson("80000004")),
		"before the person wrote":   ours("o5", "", "Hola", toPerson("80000003"), at(noon().Add(-time.Hour))),
		"nothing but a sticker":     ours("o6", "i1", "👍", flagged(mention.FlagSticker)),
		"our word for another case": ours("o7", "nadie", "Hola", tagged("01OTRO.r000002")),
	} {
		w.hears(e)
		if got := len(w.items()); got != before {
			t.Errorf("%s wrote %d items", name, got-before)
		}
	}
	w.hears(ours("n1", "i1", "Hola"), ours("n2", "", "Hola", func(e *mention.Event) { e.Thread = "post" }), ours("n3", "", "Hola", toPerson("80000003")))
	for item, want := range map[string]string{"i1": "red sent n1", "post": "red sent n2", "d1": "red sent n3"} {
		if all := w.replies(w.must(item).Ticket.ID); !slices.Equal(all, []string{want}) {
			t.Errorf("%s: %v, want %s", item, all, want)
		}
	}
	if r := w.must("d1").Replies[0]; r.Visibility != post.Private {
		t.Errorf("a message is %s", r.Visibility)
	}
}

// Our own word finds the reply wherever the network tells of it: Messenger gives it back with its echo.
func TestOwn_ByOurWord(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", consulta))
	s := w.replying("i1", answer, post.Public)
	w.hears(ours("m1", "", "Otro texto", toPerson("80000055"), tagged(ticket.Tag(s.id, s.reply)), at(noon().Add(3*time.Hour))))
	s.records("m1")
	if all := w.replies(s.id); !slices.Equal(all, []string{ana().ID + " sent m1"}) {
		t.Errorf("replies %v", all)
	}
}

// A network hangs an answer to an answer on the comment above both, which may be another person's case: while it is being said
// it is found there all the same, and never becomes an answer to somebody who got none.
func TestOwn_NestedInAnotherCase(t *testing.T) {
	for _, first := range []string{"echo", "record", "name"} {
		w := newWorld(t)
		w.hears(said(person, "top", consulta))
		w.hears(said("80000002", "nested", reclamo, func(e *mention.Event) { e.Parent = "top" }, later(1)))
		s := w.replying("nested", answer, post.Public)
		if r := w.must("nested").Replies[0]; !r.Aside {
			t.Errorf("the reply does not say that its network tells of it elsewhere: %+v", r)
		}
		point := func() { // as deliver does before it records
			seen := ticket.OwnSeen(mention.X, "e1", w.must("nested").Replies[0], noon())
			if err := w.store.Store.Commit(t.Context(), ticket.Change{Seen: seen}); err != nil {
				t.Fatal(err)
			}
		}
		if first != "echo" {
			point()
		}
		if first == "record" {
			s.records("e1")
		}
		w.hears(ours("e1", "top", answer))
		if r := w.must2(s.id).Replies[0]; r.State != ticket.ReplySent {
			t.Errorf("%s first: the echo left it %s", first, r.State)
		}
		s.records("e1")
		if all := w.replies(s.id); !slices.Equal(all, []string{ana().ID + " sent e1"}) {
			t.Errorf("%s first: replies %v", first, all)
		}
		if got := w.must("top").Ticket; got.State != ticket.Ingresado || !got.AnsweredAt.IsZero() {
			t.Errorf("%s first: the case above is %s", first, got.State)
		}
	}
}

// A private answer to a comment is told of as a message, to a person who may have an open conversation too.
func TestOwn_PrivateAnswerToAComment(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", consulta), said(person, "d1", consulta, func(e *mention.Event) { e.Kind, e.Thread = mention.DM, person }))
	s := w.replying("i1", answer, post.Private)
	if w.must("d1").Ticket.ID == s.id {
		t.Fatal("one case")
	}
	w.hears(ours("e1", "", answer, toPerson(person)))
	s.records("e1")
	if all := w.replies(s.id); !slices.Equal(all, []string{ana().ID + " sent e1"}) {
		t.Errorf("replies %v", all)
	}
	if all := w.replies(w.must("d1").Ticket.ID); len(all) != 0 {
		t.Errorf("the conversation got %v", all)
	}
}

// The record of the call and two echoes, all at once.
func TestOwn_AtOnce(t *testing.T) {
	w := newWorld(t)
	for n := range 12 {
		key, e := fmt.Sprintf("i%d", n), fmt.Sprintf("e%d", n)
		w.hears(said(fmt.Sprintf("8000%04d", n), key, consulta))
		s := w.replying(key, answer, post.Public)
		var all sync.WaitGroup
		all.Go(func() { s.records(e) })
		all.Go(func() { w.hears(ours(e, key, answer)) })
		all.Go(func() { w.hears(ours(e, key, answer)) })
		all.Wait()
		if got := w.replies(s.id); !slices.Equal(got, []string{ana().ID + " sent " + e}) {
			t.Fatalf("replies %v", got)
		}
	}
	if n := w.count("O#"); n != 0 {
		t.Errorf("%d messages are left", n)
	}
}
