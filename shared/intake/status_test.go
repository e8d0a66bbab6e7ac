package intake_test

import (
	"slices"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

const phone = "56900000001"

// chat is a world with an open conversation on WhatsApp, in which an answer is being said.
func chat(t *testing.T, with ...func(*mention.Accounts)) (*world, sending) {
	t.Helper()
	own := mention.Accounts{mention.WhatsApp: {page}, mention.X: {page}}
	for _, f := range with {
		f(&own)
	}
	w := newWorld(t, network(mention.WhatsApp), owning(own))
	w.told(noon(), whats("wamid.A", consulta))
	rows, _, err := w.store.List(t.Context(), ticket.Query{View: ticket.ViewWaiting})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d cases, %v", len(rows), err)
	}
	tk, err := w.store.Ticket(t.Context(), rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	tk = w.step(tk.Claim(ana(), noon()))
	s, err := w.store.Story(t.Context(), tk.ID)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.PlanReply(ana(), answer, post.Private, ticket.DefaultPolicy(), noon(), noon())
	w.step(c, err)
	ref := c.Send[0].Ref()
	if err := w.store.Store.Commit(t.Context(), ticket.Change{Claim: &ref, ClaimAt: noon()}); err != nil {
		t.Fatal(err)
	}
	return w, sending{world: w, id: tk.ID, reply: c.Replies[0].ID, message: c.Send[0]}
}

func whats(key, text string, with ...func(*mention.Event)) mention.Event {
	e := mention.Event{
		Outcome: mention.Interaction, Network: mention.WhatsApp, Kind: mention.DM, Key: key, Thread: phone, Account: page, Text: text,
		Author: &mention.Author{ID: phone, Name: "Persona Ficticia"}, At: noon().Add(-10 * time.Minute),
	}
	for _, f := range with {
		f(&e)
	}
	return e
}

// became is a status of our message.
func became(tag, flag string, with ...func(*mention.Event)) mention.Event {
	return whats("wamid.NUESTRO"+phone, "", append([]func(*mention.Event){func(e *mention.Event) {
		e.Outcome, e.Kind, e.Flags, e.Tag, e.At = mention.Status, mention.StatusKind, []string{flag}, tag, noon()
	}}, with...)...)
}

func because(reason string) func(*mention.Event) {
	return func(e *mention.Event) { e.Reason = reason }
}

// told delivers events of their network.
func (w *world) told(now time.Time, events ...mention.Event) {
	w.Helper()
	raw := delivery(now, events...)
	w.take(now, `{"v":1,"network":"`+string(events[0].Network)+`",`+raw[len(`{"v":1,"network":"x",`):])
}

func (s sending) now() ticket.Reply {
	s.Helper()
	r, err := s.store.Reply(s.Context(), s.id, s.reply)
	if err != nil {
		s.Fatal(err)
	}
	return r
}

// Receipts in any order leave the furthest, and each that is news costs one write of the reply alone.
func TestStatus_Receipts(t *testing.T) {
	w, s := chat(t)
	s.records("wamid.NUESTRO")
	version := w.must2(s.id).Ticket.Version
	writes := 0
	w.set(func(c ticket.Change) error {
		writes++
		if c.Ticket != nil || len(c.Replies)+len(c.Mentions)+len(c.Send) > 1 {
			t.Errorf("a receipt writes %+v", c)
		}
		return nil
	})
	tag := ticket.Tag(s.id, s.reply)
	for _, tt := range []struct {
		flag, want string
		writes     int
	}{
		{mention.FlagSent, mention.FlagSent, 1},
		{mention.FlagRead, mention.FlagRead, 1},
		{mention.FlagDelivered, mention.FlagRead, 0},
		{mention.FlagRead, mention.FlagRead, 0},
		{mention.FlagFailed, mention.FlagRead, 0}, // what was read did not fail
		{mention.FlagWarning, mention.FlagRead, 0},
		{mention.FlagPlayed, mention.FlagPlayed, 1},
	} {
		writes = 0
		w.told(noon().Add(time.Minute), became(tag, tt.flag))
		if r := s.now(); r.Receipt != tt.want || r.State != ticket.ReplySent || writes != tt.writes {
			t.Errorf("after %s: %q, %s, %d writes", tt.flag, r.Receipt, r.State, writes)
		}
	}
	for name, e := range map[string]mention.Event{
		"of a reply nobody knows": became("01OTRO.r000002", mention.FlagRead), "without our word": became("", mention.FlagRead),
		"with somebody's word": became("gestor", mention.FlagRead), "of nothing": became("", mention.FlagRead, func(e *mention.Event) { e.Key = "" }),
	} {
		writes = 0
		w.told(noon().Add(time.Minute), e)
		if writes != 0 {
			t.Errorf("%s: %d writes", name, writes)
		}
	}
	if got := w.must2(s.id).Ticket.Version; got != version {
		t.Errorf("the case moved from %d to %d", version, got)
	}
}

// must2 gives a case by its id.
func (w *world) must2(id string) ticket.Story {
	w.Helper()
	s, err := w.store.Story(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// A network that cannot be read back tells by its statuses that it has a reply nobody knew of, also before the call returned.
func TestStatus_ConfirmsTheReply(t *testing.T) {
	for name, before := range map[string]func(sending){
		"being said": func(sending) {}, "nobody knew": func(s sending) { s.records("") },
	} {
		w, s := chat(t)
		before(s)
		w.told(noon().Add(time.Minute), became(ticket.Tag(s.id, s.reply), mention.FlagDelivered))
		s.records("wamid.NUESTRO")
		r, k := s.now(), w.must2(s.id)
		if r.State != ticket.ReplySent || r.Receipt != mention.FlagDelivered || k.Ticket.State != ticket.Respondido || len(k.Replies) != 1 || w.count("O#") != 0 || w.count("D") != 1 {
			t.Errorf("%s: %+v, case %s, %d messages, %d items remembered", name, r, k.Ticket.State, w.count("O#"), w.count("D"))
		}
	}
}

// What will not arrive is refused with the network's reason and given to a person, in whatever order it is told; what arrived
// after all is sent again.
func TestStatus_Failed(t *testing.T) {
	for name, before := range map[string]func(sending){
		"sent": func(s sending) { s.records("wamid.NUESTRO") }, "being said": func(sending) {}, "nobody knew": func(s sending) { s.records("") },
	} {
		w, s := chat(t)
		before(s)
		tag := ticket.Tag(s.id, s.reply)
		for range 2 {
			w.told(noon().Add(time.Minute), became(tag, mention.FlagFailed, because(mention.FailedRecipient)))
		}
		r, k := s.now(), w.must2(s.id).Ticket
		if r.State != ticket.ReplyRefused || r.Reason != mention.FailedRecipient || k.State != ticket.EnAnalisis || !k.AnsweredAt.IsZero() {
			t.Errorf("%s: %s %q, case %s answered %s", name, r.State, r.Reason, k.State, k.AnsweredAt)
		}
		matters, _, err := w.store.Attention(t.Context(), ticket.Reach{Ordinary: true}, "", 10)
		if err != nil || len(matters) != 1 || matters[0].Kind != ticket.MatterReplyRefused || matters[0].Reason != mention.FailedRecipient {
			t.Errorf("%s: matters %+v, %v", name, matters, err)
		}
		s.records("wamid.NUESTRO") // the call returns at last
		if r := s.now(); r.State != ticket.ReplyRefused {
			t.Errorf("%s: recorded over: %s", name, r.State)
		}
		w.told(noon().Add(time.Minute), became(tag, mention.FlagDelivered))
		if r := s.now(); r.State != ticket.ReplySent || r.Receipt != mention.FlagDelivered || w.count("W#") != 0 {
			t.Errorf("%s: arrived after all: %+v, %d matters", name, r, w.count("W#"))
		}
		w.kinds(s.id)
	}
}

// A message of ours that was withdrawn is marked.
func TestStatus_Deleted(t *testing.T) {
	w, s := chat(t)
	s.records("wamid.NUESTRO")
	for range 2 {
		w.told(noon().Add(time.Minute), became(ticket.Tag(s.id, s.reply), mention.FlagDeleted))
	}
	if r := s.now(); r.RemovedAt.IsZero() || r.State != ticket.ReplySent || r.Receipt != mention.FlagDeleted {
		t.Errorf("%+v", r)
	}
}

// Messenger and Instagram tell of a message by their own name of it.
func TestStatus_ByTheNetworksName(t *testing.T) {
	w := newWorld(t)
	private := func(e *mention.Event) { e.Kind, e.Thread = mention.DM, person }
	w.hears(said(person, "d1", consulta, private))
	s := w.replying("d1", answer, post.Private)
	s.records("mid.1")
	receipt := said(person, "mid.1", "", private, func(e *mention.Event) {
		e.Outcome, e.Kind, e.Flags, e.At = mention.Status, mention.StatusKind, []string{mention.FlagRead}, noon()
	})
	other := receipt
	other.Key = "mid.2"
	w.hears(receipt, other)
	if r := s.now(); r.Receipt != mention.FlagRead {
		t.Errorf("%+v", r)
	}
}

// What the network hides or shows is a fact about the mention: answers depend on it. It opens nothing.
func TestModerated(t *testing.T) {
	w := newWorld(t)
	hide := func(key string, hidden bool, d time.Duration) mention.Event {
		return said("", key, "", is(mention.Moderation), at(noon().Add(d)), func(e *mention.Event) {
			e.Author = nil
			if hidden {
				e.Flags = []string{mention.FlagHidden}
			}
		})
	}
	now := noon().Add(time.Hour)
	w.take(now, delivery(now, hide("i9", true, 0)))
	if n := len(w.items()); n != 0 {
		t.Errorf("%d items of something unknown", n)
	}
	w.take(now, delivery(now, hide("i1", true, time.Minute), said(person, "i1", consulta))) // with its item, in one delivery
	if m := w.must("i1").Mentions[0]; !slices.Contains(m.Flags, mention.FlagHidden) {
		t.Errorf("hidden: %+v", m)
	}
	for range 2 {
		w.take(now, delivery(now, hide("i1", false, 2*time.Minute)))
		w.take(now, delivery(now, hide("i1", true, time.Minute)))
	}
	s := w.must("i1")
	if slices.Contains(s.Mentions[0].Flags, mention.FlagHidden) {
		t.Errorf("shown: %+v", s.Mentions[0])
	}
	if got := w.kinds(s.Ticket.ID); !slices.Equal(got, []string{"ticket.opened", "mention.hidden", "mention.shown"}) {
		t.Errorf("history %v", got)
	}
	w.hears(ours("n1", "i1", "Hola"))
	w.hears(hide("n1", true, time.Minute)) // ours: nobody's mention
}

// What stops an account pauses it, until the network itself, or a person, lets it go on.
func TestAlerted(t *testing.T) {
	w := newWorld(t)
	alert := func(reason string, with ...func(*mention.Event)) mention.Event {
		return said("", "", "", append([]func(*mention.Event){is(mention.Alert), because(reason), at(noon()), func(e *mention.Event) { e.Author = nil }}, with...)...)
	}
	for _, tt := range []struct {
		reason string
		state  channel.State
		why    string
	}{
		{mention.ReasonWarned, "", ""},
		{mention.ReasonBlocked, channel.Paused, channel.ReasonBlocked},
		{mention.ReasonBlocked, channel.Paused, channel.ReasonBlocked},
		{mention.ReasonUnblocked, channel.Working, ""},
		{mention.FailedContent, channel.Paused, channel.ReasonBlocked},
		{mention.ReasonUnblocked, channel.Working, ""},
		{mention.ReasonRevoked, channel.Paused, channel.ReasonRevoked},
		{mention.ReasonUnblocked, channel.Paused, channel.ReasonRevoked},
	} {
		w.hears(alert(tt.reason))
		if c := w.channel(ref()); c.State != tt.state || c.Reason != tt.why {
			t.Errorf("after %s: %s %q, want %s %q", tt.reason, c.State, c.Reason, tt.state, tt.why)
		}
	}
	w.hears(alert(mention.ReasonBlocked, func(e *mention.Event) { e.Account = "" })) // of nobody
	if n := w.count("T"); n != 0 {
		t.Errorf("%d cases", n)
	}
	w.connected(ref(), noon(), func(c *channel.Channel) { c.Reason, c.Since = "", noon().Add(time.Minute) })
	late := noon().Add(time.Hour)
	w.take(late, delivery(late, alert(mention.ReasonRevoked))) // of before it was connected again
	if c := w.channel(ref()); c.State != channel.Working {
		t.Errorf("an old alert: %s", c.State)
	}
	w.take(late, delivery(late, alert(mention.FailedAuth, at(late))))
	if c := w.channel(ref()); c.State != channel.Paused || c.Reason != channel.ReasonAuth {
		t.Errorf("its key died: %s %q", c.State, c.Reason)
	}
}

// What WhatsApp says of the business account concerns each of its numbers.
func TestAlerted_BusinessAccount(t *testing.T) {
	second := channel.Ref{Network: mention.WhatsApp, Account: "100000000000042"}
	w, _ := chat(t)
	w.connected(second, noon().Add(-time.Hour))
	alert := func(account string) mention.Event {
		return whats("", "", is(mention.Alert), because(mention.ReasonBlocked), at(noon()), func(e *mention.Event) { e.Author, e.Account, e.Kind = nil, account, mention.Other })
	}
	w.told(noon().Add(time.Minute), alert(second.Account))
	if c := w.channel(channel.Ref{Network: mention.WhatsApp, Account: page}); c.State != "" {
		t.Errorf("one number's alert stops another: %+v", c)
	}
	w.told(noon().Add(time.Minute), alert("900000000000001"))
	for _, r := range []channel.Ref{second, {Network: mention.WhatsApp, Account: page}} {
		if c := w.channel(r); c.State != channel.Paused || c.Reason != channel.ReasonBlocked {
			t.Errorf("%s: %s %q", r, c.State, c.Reason)
		}
	}
	if c := w.channel(channel.Ref{Network: mention.WhatsApp, Account: "900000000000001"}); c.State != "" {
		t.Error("the business account became a number")
	}
}
