package storetest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// of gives a fresh case its class.
func of(i classify.Intent) func(*ticket.Change) {
	return func(c *ticket.Change) { c.Ticket.Intent.Final, c.Ticket.Intent.Model = i, i }
}

// opened gives a fresh case its entry.
func opened(at time.Time) func(*ticket.Change) {
	return func(c *ticket.Change) { c.Ticket.OpenedAt = at }
}

// walk reads a list to its end in pages of the given size.
func (w *world) walk(q ticket.Query, size int) []ticket.Row {
	w.Helper()
	var all []ticket.Row
	q.Limit = size
	for range 10_000 {
		rows, next := page(w.store.List(w.Context(), q))(w)
		if len(rows) > size {
			w.Fatalf("a page of %d has %d rows", size, len(rows))
		}
		all = append(all, rows...)
		if next == "" {
			return all
		}
		q.Cursor = next
	}
	w.Fatal("the list has no end")
	return nil
}

func rowIDs(rows []ticket.Row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.ID
	}
	return out
}

// byEntry is the order of the queue: class, entry, id.
func byEntry(a, b ticket.Ticket) int {
	return cmp.Or(cmp.Compare(a.Intent.Final.Rank(), b.Intent.Final.Rank()), a.OpenedAt.Compare(b.OpenedAt), cmp.Compare(a.ID, b.ID))
}

func ticketIDs(all []ticket.Ticket) []string {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.ID
	}
	return out
}

// queueOrder: by class, and inside a class whoever wrote first comes first, whatever the urgency, the size of a page or
// the order of arrival; a case given back returns to its place.
func queueOrder(w *world) {
	classes := []classify.Intent{classify.Reclamo, classify.Consulta, classify.Sugerencia, classify.Felicitacion, classify.Spam}
	urgencies := []classify.Urgency{classify.Critica, classify.Baja}
	var all []ticket.Ticket
	for i := range 60 {
		entry := w.clock().Add(-time.Duration(rand.IntN(20)) * time.Minute) // many enter at the same instant
		all = append(all, w.open(of(classes[rand.IntN(len(classes))]), opened(entry), func(c *ticket.Change) {
			c.Ticket.Urgency = urgencies[i%2]
		}))
	}
	slices.SortFunc(all, byEntry)
	for _, size := range []int{1, 7, 60, 200} {
		w.same(fmt.Sprintf("pages of %d", size), rowIDs(w.walk(ticket.Query{View: ticket.ViewWaiting}, size)), ticketIDs(all))
	}
	rows, next := page(w.store.List(w.Context(), ticket.Query{View: ticket.ViewWaiting}))(w)
	if len(rows) != 50 || next == "" {
		w.Errorf("without a limit: %d rows, next %q", len(rows), next)
	}
	w.same("a row", rows[0], all[0].Row())

	third := all[2]
	third = w.must(w.step(third, func(c *ticket.Change) { c.Ticket.State, c.Ticket.Assignee = ticket.EnAnalisis, "ana" }))
	w.same("without the taken one", rowIDs(w.walk(ticket.Query{View: ticket.ViewWaiting}, 9)), ticketIDs(slices.Delete(slices.Clone(all), 2, 3)))
	w.must(w.step(third, func(c *ticket.Change) { c.Ticket.State, c.Ticket.Assignee = ticket.Reabierto, "" }))
	w.same("given back", rowIDs(w.walk(ticket.Query{View: ticket.ViewWaiting}, 9)), ticketIDs(all))
}

// largeQueue: more than a megabyte of rows.
func largeQueue(w *world) {
	var want []string
	for i := range 50 {
		t := w.open(opened(w.clock().Add(time.Duration(i)*time.Second)), func(c *ticket.Change) { c.Ticket.Excerpt = noise(60_000) })
		want = append(want, t.ID)
	}
	w.same("one page", rowIDs(w.walk(ticket.Query{View: ticket.ViewWaiting}, 200)), want)
	w.same("many pages", rowIDs(w.walk(ticket.Query{View: ticket.ViewWaiting}, 8)), want)
}

// statesAndFilters: one state, one class, or what a caller picks.
func statesAndFilters(w *world) {
	byState := map[ticket.State][]string{}
	for i, state := range slices.Concat(ticket.States(), ticket.States()) {
		class := []classify.Intent{classify.Reclamo, classify.Consulta}[i%2]
		t := w.open(opened(w.clock().Add(time.Duration(i)*time.Second)), of(class), func(c *ticket.Change) {
			c.Ticket.State = state
			if i >= len(ticket.States()) {
				c.Ticket.Network = mention.X
			}
		})
		byState[state] = append(byState[state], t.ID)
	}
	for state, want := range byState {
		rows := rowIDs(w.walk(ticket.Query{View: ticket.ViewState, State: state}, 1))
		slices.Sort(rows)
		w.same(string(state), rows, want)
	}
	rows := w.walk(ticket.Query{View: ticket.ViewWaiting, Intent: classify.Consulta}, 1)
	for _, r := range rows {
		if r.Intent.Final != classify.Consulta || !r.State.Waiting() {
			w.Errorf("%s is a %s, %s", r.ID, r.Intent.Final, r.State)
		}
	}
	if len(rows) != 2 {
		w.Errorf("%d consultas wait, want 2", len(rows))
	}
	inX := func(r ticket.Row) bool { return r.Network == mention.X }
	if rows := w.walk(ticket.Query{View: ticket.ViewWaiting, Match: inX}, 1); len(rows) != 2 || !inX(rows[0]) || !inX(rows[1]) {
		w.Errorf("picked %v", rowIDs(rows))
	}
	if rows := w.walk(ticket.Query{View: ticket.ViewWaiting, Match: func(ticket.Row) bool { return false }}, 1); len(rows) != 0 {
		w.Errorf("picked %v", rowIDs(rows))
	}
}

// restricted: no list of the others carries a denuncia, and theirs carries nothing else, however a case changes class.
func restricted(w *world) {
	plain, secret := w.open(of(classify.Reclamo)), w.open(of(classify.Denuncia))
	lists := func(assignee string) (open, closed []string) {
		for _, r := range []bool{false, true} {
			ids := rowIDs(w.walk(ticket.Query{View: ticket.ViewWaiting, Restricted: r}, 50))
			for _, s := range ticket.States() {
				if !s.Waiting() {
					ids = append(ids, rowIDs(w.walk(ticket.Query{View: ticket.ViewState, State: s, Restricted: r}, 50))...)
				}
			}
			ids = append(ids, rowIDs(w.walk(ticket.Query{View: ticket.ViewAssigned, Assignee: assignee, Restricted: r}, 50))...)
			if r {
				closed = ids
			} else {
				open = ids
			}
		}
		return open, closed
	}
	open, closed := lists("ana")
	w.same("lists of all", open, []string{plain.ID})
	w.same("lists of denuncias", closed, []string{secret.ID})

	plain = w.must(w.step(plain, func(c *ticket.Change) {
		of(classify.Denuncia)(c)
		c.Ticket.State, c.Ticket.Assignee, c.Ticket.DueAt = ticket.EnAnalisis, "ana", c.Ticket.DueAt.Add(time.Hour)
	}))
	secret = w.must(w.step(secret, of(classify.Consulta), func(c *ticket.Change) {
		c.Ticket.State, c.Ticket.Assignee = ticket.EnAnalisis, "ana"
	}))
	open, closed = lists("ana")
	w.same("lists of all, after", open, []string{secret.ID, secret.ID})
	slices.Sort(closed)
	want := []string{plain.ID, plain.ID, secret.ID} // its queue, and its holder's board beside the rest
	slices.Sort(want)
	w.same("lists of denuncias, after", closed, want)

	// Neither a cursor nor its being there may tell of the denuncia behind the last of the others.
	before := w.open(of(classify.Consulta), func(c *ticket.Change) {
		c.Ticket.State, c.Ticket.Assignee, c.Ticket.DueAt = ticket.EnAnalisis, "ana", secret.DueAt.Add(-time.Hour)
	})
	q := ticket.Query{View: ticket.ViewAssigned, Assignee: "ana", Limit: 1}
	rows, next := page(w.store.List(w.Context(), q))(w)
	w.same("first page", rowIDs(rows), []string{before.ID})
	q.Cursor = next
	rows, next = page(w.store.List(w.Context(), q))(w)
	w.same("last page", rowIDs(rows), []string{secret.ID})
	raw, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if next != "" || err != nil || strings.Contains(string(raw), plain.ID) {
		w.Errorf("cursors %q and %q tell of %s (%v)", raw, next, plain.ID, err)
	}
}

// board: what a person holds, by the end of the term, until it is final or given back.
func board(w *world) {
	var all []ticket.Ticket
	for i := range 12 {
		all = append(all, w.open(func(c *ticket.Change) {
			c.Ticket.State, c.Ticket.Assignee = ticket.EnAnalisis, "ana"
			c.Ticket.DueAt = w.clock().Add(time.Duration(i*7%12) * time.Hour)
		}))
	}
	w.open(func(c *ticket.Change) { c.Ticket.State, c.Ticket.Assignee = ticket.EnAnalisis, "beto" })
	endless := w.open(func(c *ticket.Change) {
		c.Ticket.State, c.Ticket.Assignee, c.Ticket.DueAt = ticket.EnAnalisis, "ana", time.Time{}
	})
	byTerm := slices.SortedFunc(slices.Values(all), func(a, b ticket.Ticket) int { return a.DueAt.Compare(b.DueAt) })
	q := ticket.Query{View: ticket.ViewAssigned, Assignee: "ana"}
	w.same("board", rowIDs(w.walk(q, 5)), append(ticketIDs(byTerm), endless.ID))
	w.must(w.step(byTerm[0], func(c *ticket.Change) { c.Ticket.State = ticket.Cerrado }))
	w.must(w.step(byTerm[1], func(c *ticket.Change) { c.Ticket.State, c.Ticket.Assignee = ticket.Ingresado, "" }))
	w.must(w.step(byTerm[2], func(c *ticket.Change) { c.Ticket.Assignee = "beto" }))
	answered := w.must(w.step(byTerm[3], func(c *ticket.Change) { c.Ticket.State = ticket.Respondido }))
	got := w.walk(q, 5)
	w.same("board, after", rowIDs(got), append(ticketIDs(byTerm[3:]), endless.ID))
	w.same("its row follows", got[0], answered.Row())
}

// foreignCursors: what is not a cursor of this very list is the caller's mistake, and so is a view that does not exist.
func foreignCursors(w *world) {
	for range 3 {
		w.open()
		w.open(of(classify.Denuncia), func(c *ticket.Change) { c.Ticket.State, c.Ticket.Assignee = ticket.EnAnalisis, "ana" })
	}
	_, waiting := page(w.store.List(w.Context(), ticket.Query{View: ticket.ViewWaiting, Limit: 1}))(w)
	_, secret := page(w.store.List(w.Context(), ticket.Query{View: ticket.ViewState, State: ticket.EnAnalisis, Restricted: true, Limit: 1}))(w)
	if waiting == "" || secret == "" {
		w.Fatal("the lists are too short for this test")
	}
	wrong := []ticket.Query{
		{View: ticket.ViewWaiting, Cursor: secret},
		{View: ticket.ViewWaiting, Cursor: secret, Restricted: true},
		{View: ticket.ViewState, State: ticket.EnAnalisis, Cursor: secret},
		{View: ticket.ViewAssigned, Assignee: "ana", Cursor: waiting},
		{View: ticket.ViewWaiting, Intent: classify.Spam, Cursor: waiting},
		{View: ticket.ViewWaiting, Cursor: waiting[:len(waiting)-3]},
		{View: ticket.ViewWaiting, Cursor: waiting + "AA=="},
		{View: ticket.ViewWaiting, Cursor: "🙂"},
		{View: ticket.ViewWaiting, Cursor: "AAAA"},
	}
	for i, q := range wrong {
		if rows, _, err := w.store.List(w.Context(), q); !fault.Is(err, fault.Invalid) {
			w.Errorf("cursor %d: %v, %v; want invalid", i, rowIDs(rows), err)
		}
	}
	for i, q := range []ticket.Query{{}, {View: "otra"}, {View: ticket.ViewState, State: "otro"}, {View: ticket.ViewAssigned}} {
		if _, _, err := w.store.List(w.Context(), q); !fault.Is(err, fault.Invalid) {
			w.Errorf("query %d: %v, want invalid", i, err)
		}
	}
	for _, cursor := range []string{waiting, "x", "MXxhdHRlbnRpb258Zm9v"} {
		if _, _, err := w.store.Attention(w.Context(), everything(), cursor, 1); !fault.Is(err, fault.Invalid) {
			w.Errorf("attention: %v, want invalid", err)
		}
		if _, _, err := w.store.Quarantined(w.Context(), cursor, 1); !fault.Is(err, fault.Invalid) {
			w.Errorf("quarantine: %v, want invalid", err)
		}
	}
}
