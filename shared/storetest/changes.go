package storetest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// bare is the opening of a case without anything beside it, with an entry of the given instant.
func (w *world) bare(at time.Time) ticket.Change {
	return w.fresh(func(c *ticket.Change) {
		c.Open, c.Seen, c.Mentions = false, nil, nil
		c.Entry = &audit.Entry{Kind: audit.TicketOpened, Actor: audit.System, At: at}
	})
}

// later is the next version of the case, with an entry of the given instant.
func (w *world) later(t ticket.Ticket, at time.Time) ticket.Change {
	return w.step(t, func(c *ticket.Change) {
		c.Entry = &audit.Entry{Kind: audit.TicketClassified, Actor: audit.System, At: at}
	})
}

// reader follows the changes and keeps the newest version it was told of each case.
type reader struct {
	who    ticket.Reach
	cursor string
	known  map[string]int
	told   int
}

// read asks once; more tells whether something was new.
func (r *reader) read(w *world) (more bool, err error) {
	changes, cursor, err := w.store.Changes(w.Context(), r.who, r.cursor)
	if err != nil {
		return false, err
	}
	for _, c := range changes {
		r.told++
		if c.Version > r.known[c.Ticket] {
			r.known[c.Ticket], more = c.Version, true
		}
	}
	r.cursor = cursor
	return more, nil
}

func newReader(w *world) *reader {
	w.Helper()
	r := &reader{who: everything(), known: map[string]int{}}
	r.mustRead(w)
	return r
}

func (r *reader) mustRead(w *world) bool {
	w.Helper()
	more, err := r.read(w)
	if err != nil {
		w.Fatalf("Changes: %v", err)
	}
	return more
}

// changesInOrder: the newest version of each case, in order of time, from where the reader was; silence is followed.
func changesInOrder(w *world) {
	changes, cursor, err := w.store.Changes(w.Context(), everything(), "")
	if err != nil || len(changes) != 0 || cursor == "" {
		w.Fatalf("Changes = %v, %q, %v", changes, cursor, err)
	}
	first := w.must(w.bare(w.pass(time.Second)))
	second := w.must(w.bare(w.pass(time.Second)))
	first = w.must(w.later(first, w.pass(time.Second)))
	changes, next, err := w.store.Changes(w.Context(), everything(), cursor)
	if err != nil {
		w.Fatal(err)
	}
	w.same("changes", changes, []ticket.ChangeRow{
		{Ticket: second.ID, Version: 1, At: w.clock().Add(-time.Second)}, {Ticket: first.ID, Version: 2, At: w.clock()},
	})
	for range 3 { // after a long silence nothing old is told again, and what is new is
		w.pass(time.Hour)
		if changes, next, err = w.store.Changes(w.Context(), everything(), next); err != nil {
			w.Fatal(err)
		}
	}
	if len(changes) != 0 {
		w.Errorf("after hours of silence: %v", changes)
	}
	second = w.must(w.later(second, w.clock()))
	changes, _, err = w.store.Changes(w.Context(), everything(), next)
	if err != nil {
		w.Fatal(err)
	}
	w.same("after the silence", changes, []ticket.ChangeRow{{Ticket: second.ID, Version: 2, At: w.clock()}})
}

// changesPaged: more than a page, all of the same instants, is read to the end without leaving any out.
func changesPaged(w *world) {
	r := newReader(w)
	want := map[string]int{}
	for i := range 150 {
		t := w.must(w.bare(w.clock().Add(time.Duration(i/50) * time.Millisecond)))
		want[t.ID] = 1
	}
	w.pass(time.Second)
	pages := 0
	for r.mustRead(w) {
		pages++
	}
	w.same("known", r.known, want)
	w.Logf("%d pages, %d told", pages, r.told)
}

// changesAcrossDays: a reader that was away over midnights is told of every day.
func changesAcrossDays(w *world) {
	r := newReader(w)
	want := map[string]int{}
	for range 12 {
		t := w.must(w.bare(w.pass(9 * time.Hour)))
		want[t.ID] = 1
	}
	for r.mustRead(w) {
	}
	w.same("known", r.known, want)
	w.pass(40 * 24 * time.Hour) // longer than one answer looks
	t := w.must(w.bare(w.clock()))
	want[t.ID] = 1
	for range 5 {
		r.mustRead(w)
	}
	w.same("known after forty days", r.known, want)
}

// changesNeverSkip: while several write, each entry with the instant its invocation began, up to 80 seconds ago, a reader
// that asks again and again ends with the newest version of every case. The clock moves between rounds only, so that no
// entry is later than that.
func changesNeverSkip(w *world) {
	r := newReader(w)
	const writers, rounds = 5, 30
	cases := make([]ticket.Ticket, writers)
	want := map[string]int{}
	for range rounds {
		now := w.pass(15 * time.Second)
		var writing sync.WaitGroup
		for i := range cases {
			began := now.Add(-time.Duration(rand.IntN(80_000)) * time.Millisecond)
			c := w.bare(began)
			if cases[i].ID != "" && rand.IntN(4) > 0 {
				c = w.later(cases[i], began)
			}
			cases[i] = *c.Ticket
			want[c.Ticket.ID] = c.Ticket.Version
			writing.Go(func() {
				if err := w.patient(func() error { return w.commit(c) }); err != nil {
					w.Errorf("Commit: %v", err)
				}
			})
		}
		for range 3 { // beside the writers
			r.mustRead(w)
		}
		writing.Wait()
	}
	for range 100 {
		if !r.mustRead(w) {
			break
		}
	}
	w.same("known", r.known, want)
	w.Logf("%d told of %d", r.told, writers*rounds)
}

// foreignChanges: a cursor nobody gave is the caller's mistake.
func foreignChanges(w *world) {
	w.open()
	_, list := page(w.store.Attention(w.Context(), everything(), "", 1))(w)
	for i, cursor := range []string{"x", "MXxjaGFuZ2VzfGhveQ", "MXxtb3JlfGF8Ynxj", fmt.Sprint(w.clock()), list + "🙂"} {
		if _, _, err := w.store.Changes(w.Context(), everything(), cursor); !fault.Is(err, fault.Invalid) {
			w.Errorf("cursor %d: %v, want invalid", i, err)
		}
	}
}
