package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// sent writes a case with messages due at the given distances from now.
func (w *world) sent(due ...time.Duration) (ticket.Ticket, []outbox.Message) {
	w.Helper()
	c := w.fresh()
	for _, d := range due {
		c.Send = append(c.Send, w.message(*c.Ticket, w.clock().Add(d)))
	}
	return w.must(c), c.Send
}

func claimOf(ref outbox.Ref, at time.Time) ticket.Change {
	return ticket.Change{Claim: &ref, ClaimAt: at}
}

func ids(all []outbox.Message) []string {
	out := make([]string, len(all))
	for i, m := range all {
		out[i] = m.ID
	}
	return out
}

// lifeOfMessage: planned, claimed once, done; or cancelled while nobody has claimed it.
func lifeOfMessage(w *world) {
	t, all := w.sent(0, 0)
	m, other := all[0], all[1]
	got, claimed, found, err := w.store.Message(w.Context(), m.Ref())
	if err != nil || !found || claimed {
		w.Fatalf("Message = claimed %v, found %v, %v", claimed, found, err)
	}
	w.same("message", got, m)
	if at, claimed := find(w.store.ClaimedAt(w.Context(), m.Ref()))(w); claimed {
		w.Errorf("claimed at %v before any claim", at)
	}
	at := w.pass(time.Second)
	w.must(claimOf(m.Ref(), at))
	if when, claimed := find(w.store.ClaimedAt(w.Context(), m.Ref()))(w); !claimed || !when.Equal(at) {
		w.Errorf("ClaimedAt = %v, %v; want %v", when, claimed, at)
	}
	if _, claimed, _, _ := w.store.Message(w.Context(), m.Ref()); !claimed {
		w.Error("a claimed message does not say so")
	}
	w.refused(claimOf(m.Ref(), at), fault.Duplicate, ticket.ErrClaimed) // the same instant is another worker all the same
	w.refused(ticket.Change{Cancel: []outbox.Ref{m.Ref()}}, fault.Conflict, ticket.ErrClaimed)
	w.must(ticket.Change{Cancel: []outbox.Ref{other.Ref()}})
	w.must(w.step(t, func(c *ticket.Change) { c.Done = []outbox.Ref{m.Ref()} }))
	for _, ref := range []outbox.Ref{m.Ref(), other.Ref()} {
		if _, _, found, err := w.store.Message(w.Context(), ref); err != nil || found {
			w.Errorf("%s is still there (%v)", ref.ID, err)
		}
	}
}

// goneMessages: what was done or cancelled cannot be done, cancelled, claimed or handed over again.
func goneMessages(w *world) {
	_, all := w.sent(0)
	ref := all[0].Ref()
	w.must(ticket.Change{Done: []outbox.Ref{ref}})
	for _, c := range []ticket.Change{
		{Done: []outbox.Ref{ref}}, {Cancel: []outbox.Ref{ref}}, claimOf(ref, w.clock()), {HandedOver: &ref, HandedAt: w.clock()},
	} {
		w.refused(c, fault.NotFound, ticket.ErrGone)
	}
	if due := need(w.store.Unfinished(w.Context(), w.clock().Add(time.Hour), 0))(w); len(due) != 0 {
		w.Errorf("handing over brought back %v", ids(due))
	}
	again := all[0]
	w.must(ticket.Change{Send: []outbox.Message{again}})
	w.refused(ticket.Change{Send: []outbox.Message{again}}, fault.Conflict, ticket.ErrStale)
}

// claimAgainstCancel: in every race one side wins and the other is told.
func claimAgainstCancel(w *world) {
	for round := range 60 {
		t, all := w.sent(0)
		ref := all[0].Ref()
		cancel := w.step(t, func(c *ticket.Change) { c.Cancel = []outbox.Ref{ref} })
		var errs [2]error
		var both sync.WaitGroup
		gate := make(chan struct{})
		for i, c := range []ticket.Change{claimOf(ref, w.clock()), cancel} {
			both.Go(func() {
				<-gate
				errs[i] = w.patient(func() error { return w.commit(c) })
			})
		}
		close(gate)
		both.Wait()
		claimed, cancelled := errs[0] == nil, errs[1] == nil
		if claimed == cancelled {
			w.Fatalf("round %d: claim %v, cancel %v", round, errs[0], errs[1])
		}
		if claimed && !fault.Is(errs[1], fault.Conflict) || cancelled && !fault.Is(errs[0], fault.NotFound) {
			w.Errorf("round %d: claim %v, cancel %v", round, errs[0], errs[1])
		}
		if _, _, found, err := w.store.Message(w.Context(), ref); err != nil || found != claimed {
			w.Errorf("round %d: claimed %v, message there %v (%v)", round, claimed, found, err)
		}
	}
}

// oneClaim: of sixteen workers of the same instant one carries the message out.
func oneClaim(w *world) {
	for range 5 {
		_, all := w.sent(0)
		at := w.clock()
		won := w.crowd(16, fault.Duplicate, ticket.ErrClaimed, func(int) error { return w.commit(claimOf(all[0].Ref(), at)) })
		if len(won) != 1 {
			w.Errorf("%d workers claimed one message", len(won))
		}
	}
}

// claimedReply: while its message is claimed a planned reply is shown as claimed, and stays planned where it is stored.
func claimedReply(w *world) {
	t, all := w.sent(0)
	r := ticket.Reply{Ticket: t.ID, ID: "r1", State: ticket.ReplyPlanned, Message: all[0].ID, PlannedAt: w.clock(), Rev: 1}
	t = w.must(w.step(t, func(c *ticket.Change) { c.Replies = []ticket.Reply{r} }))
	shown := func() ticket.Reply { return need(w.store.Story(w.Context(), t.ID))(w).Replies[0] }
	w.same("before the claim", shown(), r)
	at := w.pass(time.Second)
	w.must(claimOf(all[0].Ref(), at))
	want := r
	want.State, want.ClaimedAt = ticket.ReplyClaimed, at
	w.same("claimed", shown(), want)
	w.same("stored", need(w.store.Reply(w.Context(), t.ID, r.ID))(w), r)
	unknown := r
	unknown.State, unknown.Rev = ticket.ReplyUnknown, 2
	w.must(w.step(t, func(c *ticket.Change) { c.Replies = []ticket.Reply{unknown} }))
	w.same("no longer planned", shown(), unknown)
}

// dueInOrder: what is due, oldest first, never what is not; and the oldest of all.
func dueInOrder(w *world) {
	if none := need(w.store.Unfinished(w.Context(), w.clock(), 1))(w); len(none) != 0 {
		w.Errorf("an empty outbox has unfinished messages: %v", ids(none))
	}
	var all []outbox.Message
	for i := range 40 {
		_, more := w.sent(time.Duration(i*37%40)*time.Second, time.Duration(i)*time.Hour+time.Minute)
		all = append(all, more...)
	}
	slices.SortFunc(all, func(a, b outbox.Message) int { return a.Due.Compare(b.Due) })
	now := w.clock().Add(20 * time.Second)
	due := need(w.store.Due(w.Context(), now, 0))(w)
	w.same("due, to the last instant", ids(due), ids(all[:21]))
	w.same("the messages whole", due[:3], all[:3])
	w.same("limited", ids(need(w.store.Due(w.Context(), now, 5))(w)), ids(all[:5]))
	w.same("unfinished before, not at", ids(need(w.store.Unfinished(w.Context(), now, 0))(w)), ids(all[:20]))
	w.same("the oldest of all", ids(need(w.store.Unfinished(w.Context(), now, 1))(w)), ids(all[:1]))
	if none := need(w.store.Unfinished(w.Context(), w.clock(), 1))(w); len(none) != 0 {
		w.Errorf("before anything was due the oldest is %v", ids(none))
	}
}

// caseless: what follows from an item not yet known, an account or a connection waits, is handed over, claimed, done and
// cancelled like what follows from a case, and no list of cases or matters stumbles over it.
func caseless(w *world) {
	causes := []string{
		outbox.ItemCause("linkedin", "urn:li:comment:(urn:li:activity:1,2)"), outbox.ChannelCause("x/1"),
		outbox.ConnectionCause("a-b_c"), outbox.ItemCause("x", "raro#O#1~2 ñ"),
	}
	_, all := w.sent(0)
	for i, cause := range causes {
		m := outbox.New(fmt.Sprintf("sin-caso-%d", i), outbox.FetchItem, cause, "", "g", w.clock().Add(time.Duration(i+1)*time.Second))
		m.Channel = "x/1"
		all = append(all, m)
		w.must(ticket.Change{Send: []outbox.Message{m}})
	}
	now := w.pass(time.Minute)
	w.same("due", need(w.store.Due(w.Context(), now, 0))(w), all)
	w.same("unfinished", need(w.store.Unfinished(w.Context(), now, 0))(w), all)
	for _, m := range all[1:] {
		ref := m.Ref()
		w.must(ticket.Change{HandedOver: &ref, HandedAt: now})
		w.must(claimOf(ref, now))
		got, claimed, found, err := w.store.Message(w.Context(), ref)
		if err != nil || !found || !claimed {
			w.Errorf("Message of %s = claimed %v, found %v, %v", m.Ticket, claimed, found, err)
		}
		w.same("message", got, m)
		if when, claimed := find(w.store.ClaimedAt(w.Context(), ref))(w); !claimed || !when.Equal(now) {
			w.Errorf("ClaimedAt = %v, %v", when, claimed)
		}
		if _, err := w.store.Story(w.Context(), m.Ticket); !fault.Is(err, fault.NotFound) {
			w.Errorf("Story of %s: %v, want not_found", m.Ticket, err)
		}
		matter := ticket.Attention{Ticket: m.Ticket, ID: "canal-1", Kind: "canal", Channel: "x/1", At: now}
		w.must(ticket.Change{Done: []outbox.Ref{ref}, Raise: []ticket.Attention{matter}})
		matters, _ := page(w.store.Attention(w.Context(), ticket.Reach{Ordinary: true}, "", 0))(w)
		w.same("matter", matters, []ticket.Attention{matter})
		if hidden, _ := page(w.store.Attention(w.Context(), ticket.Reach{Restricted: true}, "", 0))(w); len(hidden) != 0 {
			w.Errorf("who sees denuncias alone sees %v", hidden)
		}
		w.must(ticket.Change{Settle: []ticket.Attention{matter}})
	}
	w.same("left", ids(need(w.store.Unfinished(w.Context(), now, 0))(w)), ids(all[:1]))
	again := all[1].Again(outbox.FetchItem, now)
	w.must(ticket.Change{Send: []outbox.Message{again}})
	w.must(ticket.Change{Cancel: []outbox.Ref{again.Ref()}})
	w.same("reached", need(w.store.Reached(w.Context(), everything(), causes[:1]))(w), map[string]bool{causes[0]: true})
}

// handedOverStays: a message handed over is not due again, and counts as unfinished until it is done.
func handedOverStays(w *world) {
	t, all := w.sent(0, time.Second)
	first, second := all[0], all[1]
	hand := func(m outbox.Message) {
		ref := m.Ref()
		w.must(ticket.Change{HandedOver: &ref, HandedAt: w.clock()})
	}
	hand(first)
	hand(first) // the sweep may do it again
	now := w.pass(time.Minute)
	w.same("due", ids(need(w.store.Due(w.Context(), now, 0))(w)), []string{second.ID})
	w.same("unfinished", ids(need(w.store.Unfinished(w.Context(), now, 0))(w)), []string{first.ID, second.ID})
	w.same("unfinished, limited", ids(need(w.store.Unfinished(w.Context(), now, 1))(w)), []string{first.ID})
	w.must(claimOf(first.Ref(), now))
	got, claimed, _, err := w.store.Message(w.Context(), first.Ref())
	if err != nil || !claimed {
		w.Errorf("Message = claimed %v, %v", claimed, err)
	}
	w.same("message", got, first)
	w.must(w.step(t, func(c *ticket.Change) { c.Done = []outbox.Ref{first.Ref()} }))
	w.same("after the first", ids(need(w.store.Unfinished(w.Context(), now, 0))(w)), []string{second.ID})
}

// largeOutbox: more than a megabyte of due messages in every shard is read to the end.
func largeOutbox(w *world) {
	var want []string
	for i := range 40 {
		c := w.fresh()
		for j := range 20 {
			m := w.message(*c.Ticket, w.clock().Add(time.Duration(i*20+j)*time.Millisecond))
			m.Group = noise(30_000)
			c.Send = append(c.Send, m)
			want = append(want, m.ID)
		}
		w.must(c)
	}
	now := w.pass(time.Minute)
	w.same("due", ids(need(w.store.Due(w.Context(), now, 0))(w)), want)
	w.same("due, limited", ids(need(w.store.Due(w.Context(), now, 700))(w)), want[:700])
	w.same("unfinished", ids(need(w.store.Unfinished(w.Context(), now, 0))(w)), want)
	w.same("the oldest of all", ids(need(w.store.Unfinished(w.Context(), now, 1))(w)), want[:1])
}
