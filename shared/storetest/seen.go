package storetest

import (
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// seenOnce: sixteen deliveries of one item at once make one case; the others leave nothing behind.
func seenOnce(w *world) {
	const key = "100_same"
	steps := make([]ticket.Change, 16)
	for i := range steps {
		steps[i] = w.fresh(func(c *ticket.Change) { c.Seen.Key = key })
	}
	winners := w.crowd(len(steps), fault.Duplicate, ticket.ErrSeen, func(i int) error { return w.commit(steps[i]) })
	if len(winners) != 1 {
		w.Fatalf("%d deliveries were taken, want 1", len(winners))
	}
	won := steps[winners[0]].Ticket
	seen, found := find(w.store.Seen(w.Context(), mention.Facebook, key))(w)
	if !found || seen.Ticket != won.ID {
		w.Errorf("seen = %+v, %v; want the case %s", seen, found, won.ID)
	}
	for i, c := range steps {
		if i == winners[0] {
			continue
		}
		if _, err := w.store.Ticket(w.Context(), c.Ticket.ID); !fault.Is(err, fault.NotFound) {
			w.Errorf("a loser's case: %v, want not_found", err)
		}
		if _, found := find(w.store.Number(w.Context(), c.Ticket.Number))(w); found {
			w.Error("a loser's number is taken")
		}
		if _, found := find(w.store.OpenTicket(w.Context(), c.Ticket.Conversation))(w); found {
			w.Error("a loser's conversation is open")
		}
		w.verified(c.Ticket.ID, 0)
	}
}

// asideOnce: the same for an item that opens nothing, although all sixteen say exactly the same.
func asideOnce(w *world) {
	seen := ticket.Seen{Network: mention.X, Key: "200_aside", At: w.clock(), Rev: 1}
	winners := w.crowd(16, fault.Duplicate, ticket.ErrSeen, func(int) error { return w.commit(ticket.Change{Seen: &seen}) })
	if len(winners) != 1 {
		w.Errorf("%d deliveries were taken, want 1", len(winners))
	}
	got, found := find(w.store.Seen(w.Context(), mention.X, "200_aside"))(w)
	if !found {
		w.Fatal("the item is not remembered")
	}
	w.same("seen", got, seen)
	if _, found := find(w.store.Seen(w.Context(), mention.Facebook, "200_aside"))(w); found {
		w.Error("the same key of another network is seen")
	}
}

// editFirst: an edit that comes before its item is remembered, and the item is written over exactly that memory.
func editFirst(w *world) {
	const key = "300_edited"
	edit := mention.Event{Outcome: mention.Edit, Network: mention.Facebook, Key: key, Text: "texto nuevo", At: w.clock()}
	first := ticket.Seen{Network: mention.Facebook, Key: key, At: w.clock(), Edited: &edit, Rev: 1, Expires: ticket.EditExpires(w.clock())}
	w.must(ticket.Change{Seen: &first})
	got, _ := find(w.store.Seen(w.Context(), mention.Facebook, key))(w)
	w.same("remembered edit", got, first)

	newer := edit
	newer.Text, newer.At = "texto más nuevo", edit.At.Add(time.Minute)
	second := ticket.Seen{Network: mention.Facebook, Key: key, At: w.clock(), Edited: &newer, Rev: 2, Expires: ticket.EditExpires(w.clock())}
	w.must(ticket.Change{Seen: &second, SeenWas: &first})

	opening := w.fresh(func(c *ticket.Change) {
		c.Seen.Key, c.Seen.Rev = key, 2
		c.SeenWas = &first
	})
	w.refused(opening, fault.Conflict, ticket.ErrStale) // decided on the older edit
	opening = w.fresh(func(c *ticket.Change) {
		c.Seen.Key, c.Seen.Rev = key, 3
		c.SeenWas = &second
	})
	w.must(opening)
	got, _ = find(w.store.Seen(w.Context(), mention.Facebook, key))(w)
	w.same("after the item", got, *opening.Seen)
}

// deletionFirst: after a deletion that came first, the item itself is a duplicate unless it knows of the deletion.
func deletionFirst(w *world) {
	const key = "400_deleted"
	gone := ticket.Seen{Network: mention.Facebook, Key: key, At: w.clock(), Deleted: true, Rev: 1}
	w.must(ticket.Change{Seen: &gone})
	w.refused(w.fresh(func(c *ticket.Change) { c.Seen.Key = key }), fault.Duplicate, ticket.ErrSeen)
	opening := w.fresh(func(c *ticket.Change) {
		c.Seen.Key, c.Seen.Rev = key, 2
		c.SeenWas = &gone
	})
	w.must(opening)
	unknown := gone
	unknown.Key = "400_never"
	w.refused(w.fresh(func(c *ticket.Change) {
		c.Seen.Key, c.Seen.Rev = unknown.Key, 2
		c.SeenWas = &unknown
	}), fault.Conflict, ticket.ErrStale)
}

// awaited: an item told of by its id alone is remembered for as long as it takes, once, also when an edit comes meanwhile; it
// is written over exactly that memory when it comes, or when it will not. Only words that are known of it can give it an end.
func awaited(w *world) {
	told := func(key string) ticket.Seen {
		e := mention.Event{Outcome: mention.Fetch, Network: mention.Instagram, Kind: mention.Mentioned, Key: key, Account: "17800000000000001"}
		return ticket.Seen{Network: mention.Instagram, Key: key, At: w.clock(), Awaited: &e, Rev: 1}
	}
	first, m := told("600_esperado"), outbox.New("item-600", outbox.FetchItem, outbox.ItemCause("instagram", "600_esperado"), "", "g", w.clock())
	asked := ticket.Change{Seen: &first, Send: []outbox.Message{m}}
	w.must(asked)
	w.refused(ticket.Change{Seen: &first}, fault.Duplicate, ticket.ErrSeen)
	w.refused(w.fresh(func(c *ticket.Change) { c.Seen.Network, c.Seen.Key = mention.Instagram, first.Key }), fault.Duplicate, ticket.ErrSeen)
	w.pass(365 * 24 * time.Hour)
	got, found := find(w.store.Seen(w.Context(), mention.Instagram, first.Key))(w)
	w.same("awaited", got, first)
	if !found {
		w.Fatal("an awaited item is forgotten")
	}
	edit := mention.Event{Outcome: mention.Edit, Network: mention.Instagram, Key: first.Key, Text: "texto nuevo", At: w.clock()}
	second := first
	second.Edited, second.Rev = &edit, 2
	w.must(ticket.Change{Seen: &second, SeenWas: &first})
	come := func(was ticket.Seen) ticket.Change {
		return w.fresh(func(c *ticket.Change) {
			c.Seen.Network, c.Seen.Key, c.Seen.Rev, c.Seen.Blank = mention.Instagram, first.Key, was.Rev+1, true
			c.SeenWas, c.Done = &was, []outbox.Ref{m.Ref()}
		})
	}
	w.refused(come(first), fault.Conflict, ticket.ErrStale) // decided without the edit
	opening := come(second)
	w.must(opening)
	got, _ = find(w.store.Seen(w.Context(), mention.Instagram, first.Key))(w)
	w.same("after the item", got, *opening.Seen)
	filled := got
	filled.Blank, filled.Rev = false, got.Rev+1
	w.must(ticket.Change{Seen: &filled, SeenWas: &got})

	never := told("600_nunca")
	w.must(ticket.Change{Seen: &never})
	gone := ticket.Seen{Network: mention.Instagram, Key: never.Key, At: w.clock(), Deleted: true, Rev: 2}
	w.must(ticket.Change{Seen: &gone, SeenWas: &never})
	got, _ = find(w.store.Seen(w.Context(), mention.Instagram, never.Key))(w)
	w.same("taken away meanwhile", got, gone)

	both := told("600_b")
	both.Ticket = "01TEST"
	if err := w.commit(ticket.Change{Seen: &both}); !fault.Is(err, fault.Permanent) {
		w.Errorf("awaited, and in a case: %v, want permanent", err)
	}

	ends := told("600_a") // words that are known of it have an end
	ends.Expires = ticket.EditExpires(w.clock())
	w.must(ticket.Change{Seen: &ends})
	w.pass(29 * 24 * time.Hour)
	w.refused(ticket.Change{Seen: &ends}, fault.Duplicate, ticket.ErrSeen)
	w.pass(2 * 24 * time.Hour)
	if _, found := find(w.store.Seen(w.Context(), mention.Instagram, ends.Key))(w); found {
		w.Error("words of an awaited item are kept for ever")
	}
	ends.Expires = ticket.EditExpires(w.clock())
	w.must(ticket.Change{Seen: &ends})
}

// conversations: the pointer leads to one open case, is moved by nobody else and goes with the case.
func conversations(w *world) {
	const talk = "conv-one"
	inTalk := func(c *ticket.Change) { c.Ticket.Conversation = talk }
	first := w.open(inTalk)
	if id, found := find(w.store.OpenTicket(w.Context(), talk))(w); !found || id != first.ID {
		w.Fatalf("OpenTicket = %q, %v", id, found)
	}
	w.refused(w.fresh(inTalk), fault.Conflict, ticket.ErrConversationOpen)
	stranger := w.open(inTalk, func(c *ticket.Change) { c.Open = false })
	closing := func(c *ticket.Change) { c.Ticket.State, c.Close = ticket.Cerrado, true }
	w.refused(w.step(stranger, closing), fault.Conflict, ticket.ErrConversationOpen)
	first = w.must(w.step(first, closing))
	if id, found := find(w.store.OpenTicket(w.Context(), talk))(w); found {
		w.Errorf("after closing, OpenTicket = %q", id)
	}
	w.must(w.step(stranger, closing)) // nothing points anywhere: closing is no quarrel
	second := w.open(inTalk)
	w.refused(w.step(first, func(c *ticket.Change) { c.Ticket.State, c.Open = ticket.Reabierto, true }), fault.Conflict, ticket.ErrConversationOpen)
	if id, _ := find(w.store.OpenTicket(w.Context(), talk))(w); id != second.ID {
		w.Errorf("OpenTicket = %q, want %q", id, second.ID)
	}
	rivals := make([]ticket.Change, 8)
	for i := range rivals {
		rivals[i] = w.fresh(func(c *ticket.Change) { c.Ticket.Conversation = "conv-race" })
	}
	if won := w.crowd(len(rivals), fault.Conflict, ticket.ErrConversationOpen, func(i int) error { return w.commit(rivals[i]) }); len(won) != 1 {
		w.Errorf("%d cases opened one conversation", len(won))
	}
}

// numbers: a number is reserved by the first version and told apart from a repeated delivery.
func numbers(w *world) {
	first := w.open()
	if id, found := find(w.store.Number(w.Context(), first.Number))(w); !found || id != first.ID {
		w.Errorf("Number = %q, %v", id, found)
	}
	if _, found := find(w.store.Number(w.Context(), "RS-2026-9999999-9"))(w); found {
		w.Error("a number nobody has is found")
	}
	rival := w.fresh(func(c *ticket.Change) { c.Ticket.Number = first.Number })
	w.refused(rival, fault.Conflict, ticket.ErrNumberTaken)
	again := w.fresh(func(c *ticket.Change) { c.Ticket.Number, c.Seen.Key = first.Number, first.First })
	w.refused(again, fault.Duplicate, ticket.ErrSeen)
	w.must(w.step(first)) // later versions do not ask for the number again
	if id, _ := find(w.store.Number(w.Context(), first.Number))(w); id != first.ID {
		w.Errorf("Number = %q, want %q", id, first.ID)
	}
}

// folios: a folio is bound to its case by the step that filed it, and to no other.
func folios(w *world) {
	filed := func(folio string) func(*ticket.Change) {
		return func(c *ticket.Change) {
			c.Ticket.SIAC = ticket.SIAC{State: ticket.Filed, Folio: folio, FiledAt: w.clock()}
			c.Entry = filing(w.clock())
		}
	}
	first, second := w.open(), w.open()
	if _, found := find(w.store.Folio(w.Context(), "F-1"))(w); found {
		w.Error("a folio nobody has is found")
	}
	first = w.must(w.step(first, filed("F-1")))
	if id, found := find(w.store.Folio(w.Context(), "F-1"))(w); !found || id != first.ID {
		w.Errorf("Folio = %q, %v", id, found)
	}
	w.refused(w.step(second, filed("F-1")), fault.Permanent, ticket.ErrFolioTaken)
	first = w.must(w.step(first, filed("F-1"))) // found again by a check: the same folio of the same case
	w.must(w.step(first))
	w.must(w.step(second, filed("F-2")))
	for folio, want := range map[string]string{"F-1": first.ID, "F-2": second.ID} {
		if id, _ := find(w.store.Folio(w.Context(), folio))(w); id != want {
			w.Errorf("Folio(%s) = %q, want %q", folio, id, want)
		}
	}
}
