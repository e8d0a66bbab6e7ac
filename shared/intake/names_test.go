package intake_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/citizen"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// The names of one person on WhatsApp, and of another.
const (
	number, user, parent     = "56900000001", "CL.10000000000000001", "CL.ENT.90000000000000001"
	otherNumber, otherPerson = "56900000002", "CL.20000000000000002"
)

// chats is a message on WhatsApp of a person with these names, the one to answer first.
func chats(key, text string, names ...string) mention.Event {
	return mention.Event{
		Outcome: mention.Interaction, Network: mention.WhatsApp, Kind: mention.DM, Key: key, Thread: names[0], Account: page,
		Author: &mention.Author{ID: names[0], Name: "Persona Ficticia", Aliases: append([]string{"@persona.uno"}, names[1:]...)}, Text: text,
		At: noon().Add(-10 * time.Minute),
	}
}

// chatted gives the case that a message on WhatsApp became a part of.
func (w *world) chatted(key string) ticket.Ticket {
	w.Helper()
	secret, err := citizen.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		w.Fatal(err)
	}
	return w.must2(w.seen(mention.WhatsApp, "h."+secret.Key("whatsapp\x00"+key)).Ticket).Ticket
}

// pointers gives the case to which each pointer leads.
func (w *world) pointers() map[string]string {
	w.Helper()
	all := map[string]string{}
	for _, i := range w.items() {
		if text(i["SK"]) == "OPEN" {
			all[strings.TrimPrefix(text(i["PK"]), "C#")] = text(i["ticket"])
		}
	}
	return all
}

// One person is one case, by whichever of their names they write, in whichever order the names become known.
func TestNames_OnePersonOneCase(t *testing.T) {
	for name, said := range map[string][][]string{
		"the telephone first":           {{number}, {user, number}, {user}, {number}},
		"both first, then one":          {{user, number}, {number}, {user}},
		"the user id first":             {{user}, {user, number}, {number}},
		"three names, one by one":       {{number}, {user, number}, {user, parent}, {parent}},
		"three names at once":           {{user, number, parent}, {parent}, {number}, {user}},
		"a telephone that became other": {{user, number}, {user, otherNumber}, {otherNumber}},
	} {
		w := newWorld(t, network(mention.WhatsApp))
		distinct := map[string]bool{}
		for n, names := range said {
			w.told(noon(), chats(fmt.Sprintf("m%d", n), consulta, names...))
			for _, id := range names {
				distinct[id] = true
			}
		}
		one := w.chatted("m0")
		if cases := w.count("T"); cases != 1 || one.Mentions != len(said) {
			t.Errorf("%s: %d cases, the first with %d mentions", name, cases, one.Mentions)
		}
		if leads := w.pointers(); len(leads) != len(distinct) || len(one.Aliases) != len(distinct)-1 || leads[one.Conversation] != one.ID {
			t.Errorf("%s: %v lead to %s, known as %q and %q", name, leads, one.ID, one.Conversation, one.Aliases)
		}
		w.kinds(one.ID)
		if all := w.everything(); strings.Contains(all, number) || strings.Contains(all, user) || strings.Contains(all, parent) || strings.Contains(all, "persona.uno") {
			t.Errorf("%s: a name is stored", name)
		}
	}
}

// What names nobody else's is not joined: the name a person chose, a telephone that is somebody else's by now, another network.
func TestNames_NotJoined(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second mention.Event
		pointers      int
	}{
		"the chosen name alone":         {chats("m0", consulta, user), chats("m1", consulta, otherPerson), 2},
		"a telephone that changed hand": {chats("m0", consulta, user, number), chats("m1", consulta, otherPerson, number), 3},
		"another account of ours": {chats("m0", consulta, number), func() mention.Event {
			e := chats("m1", consulta, user, number)
			e.Account = "100000000000002"
			return e
		}(), 3},
		"a group": {chats("m0", consulta, number), func() mention.Event {
			e := chats("m1", consulta, user, number)
			e.Thread = "grupo"
			return e
		}(), 3},
	} {
		w := newWorld(t, network(mention.WhatsApp))
		w.told(noon(), tt.first)
		w.told(noon(), tt.second)
		one, two := w.chatted("m0"), w.chatted("m1")
		if leads := w.pointers(); one.ID == two.ID || len(leads) != tt.pointers {
			t.Errorf("%s: cases %s and %s, %d pointers", name, one.ID, two.ID, len(leads))
		}
		w.told(noon(), tt.first, tt.second) // again
		third := tt.second
		third.Key = "m2"
		w.told(noon(), third)
		if got := w.chatted("m2"); got.ID != two.ID || w.count("T") != 2 {
			t.Errorf("%s: the second person's next message went to %s of %d cases", name, got.ID, w.count("T"))
		}
	}
	w := newWorld(t, network(mention.X))
	w.hears(said("1", "i1", consulta), said("2", "i2", consulta, func(e *mention.Event) { e.Author.Aliases = []string{"1"} }))
	if w.must("i1").Ticket.ID == w.must("i2").Ticket.ID || w.must("i2").Ticket.Aliases != nil {
		t.Error("X has one id for a person")
	}
}

// A group is joined inside the group: each of its people has their own case there.
func TestNames_InAGroup(t *testing.T) {
	w := newWorld(t, network(mention.WhatsApp))
	in := func(key string, names ...string) mention.Event {
		e := chats(key, consulta, names...)
		e.Thread = "grupo"
		return e
	}
	w.told(noon(), in("m0", number))
	w.told(noon(), in("m1", user, number), in("m2", otherNumber))
	if one := w.chatted("m1"); one.ID != w.chatted("m0").ID || w.chatted("m2").ID == one.ID || w.count("T") != 2 {
		t.Errorf("%d cases in the group", w.count("T"))
	}
}

// News that a person goes on under another id joins nothing by itself.
func TestNames_NewsOfAChange(t *testing.T) {
	w := newWorld(t, network(mention.WhatsApp))
	w.told(noon(), chats("m0", consulta, number))
	news := chats("m1", "", number)
	news.Outcome, news.Kind, news.Reason, news.Thread = mention.Ops, mention.Other, mention.ReasonIdentity, user
	w.told(noon(), news)
	if n := len(w.pointers()); n != 1 {
		t.Errorf("%d pointers after the news", n)
	}
	w.told(noon(), chats("m2", consulta, user))
	if one, two := w.chatted("m0"), w.chatted("m2"); one.ID == two.ID {
		t.Error("joined by the news")
	}
	// Who then shows both is in the case of the name they are known by first; the other case keeps its own.
	w.told(noon(), chats("m3", consulta, user, number))
	if got := w.chatted("m3"); got.ID != w.chatted("m2").ID || len(got.Aliases) != 0 || w.pointers()[w.chatted("m0").Conversation] != w.chatted("m0").ID {
		t.Errorf("went to %s, known as %q", got.ID, got.Aliases)
	}
}

// The end of a case takes away all that leads to it, and whatever name the person writes by next opens one new case.
func TestNames_Closed(t *testing.T) {
	for _, next := range [][]string{{number}, {user}, {user, number}} {
		w := newWorld(t, network(mention.WhatsApp))
		w.told(noon(), chats("m0", felicitacion, number))
		w.told(noon(), chats("m1", felicitacion, user, number))
		one := w.chatted("m0")
		w.step(w.must2(one.ID).Close(ana(), "", noon()))
		if leads := w.pointers(); len(leads) != 0 {
			t.Errorf("left behind: %v", leads)
		}
		w.told(noon(), chats("m2", consulta, next...))
		w.told(noon(), chats("m3", consulta, user, number))
		if two := w.chatted("m2"); two.ID == one.ID {
			t.Errorf("%q: the closed case went on", next)
		}
		if w.chatted("m3").ID != w.chatted("m2").ID {
			t.Errorf("%q: two cases after the closed one", next)
		}
	}
}

// A pointer that an older version left behind when its case ended is taken over.
func TestNames_LeftBehind(t *testing.T) {
	for _, next := range [][]string{{number}, {user}, {user, number}} {
		for _, first := range [][]string{{user, number}, {number, user}} {
			w := newWorld(t, network(mention.WhatsApp))
			w.told(noon(), chats("m0", felicitacion, first...))
			one := w.must2(w.chatted("m0").ID)
			one.Ticket.Aliases = nil
			w.step(one.Close(ana(), "", noon()))
			if n := len(w.pointers()); n != 1 {
				t.Fatalf("%d pointers: nothing was left behind", n)
			}
			w.told(noon(), chats("m1", consulta, next...))
			two := w.chatted("m1")
			if two.ID == one.Ticket.ID || w.pointers()[two.Conversation] != two.ID || len(two.Aliases) != len(next)-1 {
				t.Errorf("%q, then %q: %s, known as %q", first, next, two.ID, two.Aliases)
			}
			w.told(noon(), chats("m2", consulta, user, number))
			if got := w.chatted("m2"); got.ID != two.ID || len(got.Aliases) != 1 || len(w.pointers()) != 2 {
				t.Errorf("%q, then %q: went to %s, known as %q", first, next, got.ID, got.Aliases)
			}
			w.held()
		}
	}
	w := newWorld(t, network(mention.WhatsApp)) // of a case that is open it is known again
	w.told(noon(), chats("m0", consulta, user, number))
	open := w.chatted("m0")
	open.Aliases = nil
	w.step(open.Claim(ana(), noon()))
	w.told(noon(), chats("m1", consulta, user, number))
	if got := w.chatted("m0"); len(got.Aliases) != 1 || got.Mentions != 2 {
		t.Errorf("known as %q", got.Aliases)
	}
}

// A further name costs one look, where nothing was found; a person of one name, and a name that is known, cost none.
func TestNames_Looks(t *testing.T) {
	w := newWorld(t, network(mention.WhatsApp))
	for _, tt := range []struct {
		what string
		e    mention.Event
		want int64
	}{
		{"one name, new", chats("m0", consulta, number), 1},
		{"one name, known", chats("m1", consulta, number), 1},
		{"another name of it", chats("m2", consulta, user, number), 2},
		{"both known", chats("m3", consulta, user, number), 1},
		{"two names, new", chats("m4", consulta, otherPerson, otherNumber), 2},
	} {
		before := w.store.asked.Load()
		w.told(noon(), tt.e)
		if got := w.store.asked.Load() - before; got != tt.want {
			t.Errorf("%s: %d looks, want %d", tt.what, got, tt.want)
		}
	}
}

// What goes out keeps its order by the case, whatever the person is called meanwhile, and goes to the name of the last message.
func TestNames_OneGroup(t *testing.T) {
	w := newWorld(t, network(mention.WhatsApp))
	answers := func(key string) (ticket.Ticket, outbox.Message) {
		c, err := w.step(w.chatted(key).Claim(ana(), noon())).PlanReply(ana(), "Hola. "+key, post.Private, noon(), noon())
		return w.step(c, err), c.Send[0]
	}
	w.told(noon(), chats("m0", consulta, number))
	t1, first := answers("m0")
	w.told(noon(), chats("m1", consulta, user, number))
	t2 := w.chatted("m0")
	c, err := t2.PlanReply(ana(), "Hola de nuevo.", post.Private, noon(), noon())
	w.step(c, err)
	if second := c.Send[0]; first.Group != second.Group || first.Group != t1.Conversation {
		t.Errorf("groups %q and %q", first.Group, second.Group)
	}
	secret, err := citizen.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if to, err := secret.Open(t2.Recipient); err != nil || to != user {
		t.Errorf("an answer goes to %q, %v", to, err)
	}
}

// Many messages of one person under different names at once are one case.
func TestNames_SideBySide(t *testing.T) {
	w := newWorld(t, network(mention.WhatsApp))
	names := [][]string{{number}, {user, number}, {user, number, parent}, {parent, number}}
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() { w.told(noon(), chats(fmt.Sprintf("m%d", n), consulta, names[n%len(names)]...)) })
	}
	all.Wait()
	one := w.chatted("m0")
	w.held()
	w.kinds(one.ID)
	w.told(noon(), chats("m16", consulta, user, number, parent))
	if cases := w.count("T"); cases > 2 { // {parent, number} may have come between the telephone and the user id
		t.Errorf("%d cases of one person", cases)
	}
	w = newWorld(t, network(mention.WhatsApp))
	var both []mention.Event
	for n := range 12 {
		both = append(both, chats(fmt.Sprintf("m%d", n), consulta, names[n%2]...))
	}
	w.told(noon(), both...)
	if one := w.chatted("m0"); w.count("T") != 1 || one.Mentions != 12 || len(w.pointers()) != 2 {
		t.Errorf("%d cases, %d mentions, %d pointers", w.count("T"), one.Mentions, len(w.pointers()))
	}
}

// held holds what must be true of pointers at every moment: each leads to an open case that knows it, and everything an open case
// is known by leads to it.
func (w *world) held() {
	w.Helper()
	leads, cases := w.pointers(), map[string]ticket.Ticket{}
	for name, id := range leads {
		t, err := w.store.Store.Ticket(w.Context(), id)
		if err != nil || t.State.Final() || !t.LedToBy(name) {
			w.Errorf("%s leads to %s, which is %s and known as %q: %v", name, id, t.State, t.Aliases, err)
		}
		cases[id] = t
	}
	for id, t := range cases {
		for _, name := range append([]string{t.Conversation}, t.Aliases...) {
			if leads[name] != id {
				w.Errorf("%s is known as %s, which leads to %q", id, name, leads[name])
			}
		}
	}
}

// Whatever names people write by, in whatever order, with crashes and with cases closed between: every message is in one case, and
// no pointer is left behind or leads astray.
func TestNames_AnyOrder(t *testing.T) {
	w := newWorld(t, network(mention.WhatsApp))
	rapid.Check(t, func(rt *rapid.T) {
		run := w.made.Add(1)
		pool := []string{fmt.Sprintf("569%08d", run), fmt.Sprintf("CL.%d", run), fmt.Sprintf("CL.ENT.%d", run), fmt.Sprintf("569%08d", 50000000+run)}
		var keys []string
		for round := range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			var events []mention.Event
			for n := range rapid.IntRange(1, 4).Draw(rt, "messages") {
				names := rapid.SliceOfNDistinct(rapid.SampledFrom(pool), 1, 3, rapid.ID[string]).Draw(rt, "names")
				keys = append(keys, fmt.Sprintf("k%d-%d-%d", run, round, n))
				events = append(events, chats(keys[len(keys)-1], felicitacion, names...))
			}
			left := rapid.IntRange(0, 3).Draw(rt, "crashes")
			var mu sync.Mutex
			w.set(func(ticket.Change) error {
				mu.Lock()
				defer mu.Unlock()
				if left--; left >= 0 {
					return fault.New(fault.Transient, "test", nil)
				}
				return nil
			})
			w.told(noon(), events...)
			w.set(nil)
			if s := w.must2(w.chatted(rapid.SampledFrom(keys).Draw(rt, "closed")).ID); !s.Ticket.State.Final() && rapid.Bool().Draw(rt, "close") {
				w.step(s.Close(ana(), "", noon()))
			}
		}
		seen := map[string]int{}
		for _, key := range keys {
			seen[w.chatted(key).ID]++
		}
		for id, n := range seen {
			if s := w.must2(id); len(s.Mentions) != n || s.Ticket.Mentions != n {
				rt.Errorf("%s has %d mentions, %d messages went there", id, len(s.Mentions), n)
			}
		}
	})
	w.held()
	if len(w.pointers()) == 0 {
		t.Error("nothing was tried")
	}
}
