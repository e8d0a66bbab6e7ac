package storetest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// clicks: the first answer to a request is the answer, for two days, with the step it belongs to.
func clicks(w *world) {
	t := w.open()
	click := ticket.Click{Key: "llave", Digest: "uno", Status: 200, Body: []byte(`{"id":"` + t.ID + `","texto":"` + noise(3000) + `"}`), At: w.clock()}
	if _, found := find(w.store.Answer(w.Context(), click.Key))(w); found {
		w.Error("a request nobody made is answered")
	}
	rivals := make([]ticket.Change, 8)
	for i := range rivals {
		mine := click
		mine.Digest = fmt.Sprint(i)
		rivals[i] = ticket.Change{Click: &mine}
	}
	won := w.crowd(len(rivals), fault.Duplicate, ticket.ErrClickUsed, func(i int) error { return w.commit(rivals[i]) })
	if len(won) != 1 {
		w.Fatalf("%d answers to one request", len(won))
	}
	got, found := find(w.store.Answer(w.Context(), click.Key))(w)
	if !found {
		w.Fatal("the answer is forgotten")
	}
	w.same("answer", got, *rivals[won[0]].Click)
	// The double click decides on the same version: it is told that it was answered, not that somebody was faster.
	first := w.step(t, by("ana"), func(c *ticket.Change) { c.Click = &ticket.Click{Key: "doble", Status: 200, At: w.clock()} })
	second := w.step(t, by("ana"), func(c *ticket.Change) {
		c.Click, c.Ticket.Excerpt = &ticket.Click{Key: "doble", Status: 200, At: w.clock()}, "otro"
	})
	t = w.must(first)
	w.refused(second, fault.Duplicate, ticket.ErrClickUsed)
	w.pass(48*time.Hour - time.Second)
	if _, found := find(w.store.Answer(w.Context(), click.Key))(w); !found {
		w.Error("forgotten too early")
	}
	at := w.pass(2 * time.Second)
	if _, found := find(w.store.Answer(w.Context(), click.Key))(w); found {
		w.Error("an expired answer is given")
	}
	again := click
	again.At, again.Digest = at, "nuevo"
	w.must(ticket.Change{Click: &again}) // expired, although perhaps not deleted yet
	got, _ = find(w.store.Answer(w.Context(), click.Key))(w)
	w.same("new answer", got, again)
}

// delivery is a delivery nobody could understand.
func (w *world) delivery(raw string) ticket.Quarantined {
	sum := sha256.Sum256([]byte("facebook" + raw))
	return ticket.Quarantined{
		ID: hex.EncodeToString(sum[:]), Network: mention.Facebook, Reason: "json_invalido", At: w.clock(), Size: len(raw), Raw: []byte(raw),
	}
}

func withoutBytes(q ticket.Quarantined) ticket.Quarantined {
	q.Raw = nil
	return q
}

// quarantine: exact bytes, once for each content, for thirty days; what is too large is refused as poison.
func quarantine(w *world) {
	odd := w.delivery("{\"roto\": \x00\xff\xfe" + noise(5000))
	w.must(ticket.Change{Quarantine: &odd})
	got, found := find(w.store.QuarantinedBytes(w.Context(), odd.ID))(w)
	if !found {
		w.Fatal("the delivery is not kept")
	}
	w.same("delivery", got, odd)
	again := odd
	again.At = w.pass(20 * 24 * time.Hour) // in another month
	w.must(ticket.Change{Quarantine: &again, Seen: &ticket.Seen{Network: mention.Facebook, Key: "600_q", At: again.At, Rev: 1}})
	kept, next := page(w.store.Quarantined(w.Context(), "", 0))(w)
	w.same("kept once, without the bytes", kept, []ticket.Quarantined{withoutBytes(again)})
	if next != "" {
		w.Errorf("one delivery has a next page %q", next)
	}
	empty := w.delivery("")
	w.must(ticket.Change{Quarantine: &empty})
	got, _ = find(w.store.QuarantinedBytes(w.Context(), empty.ID))(w)
	w.same("nothing at all", got, empty)
	large := w.delivery(noise(700_000))
	if err := w.commit(ticket.Change{Quarantine: &large}); !fault.Is(err, fault.Poison) {
		w.Errorf("too large: %v, want poison", err)
	}
	w.pass(30*24*time.Hour + time.Second)
	if _, found := find(w.store.QuarantinedBytes(w.Context(), odd.ID))(w); found {
		w.Error("an expired delivery is given")
	}
	if kept, _ := page(w.store.Quarantined(w.Context(), "", 0))(w); len(kept) != 0 {
		w.Errorf("%d expired deliveries are listed", len(kept))
	}
	if _, found := find(w.store.QuarantinedBytes(w.Context(), "nadie"))(w); found {
		w.Error("a delivery nobody made is found")
	}
}

// quarantinePages: newest first over the end of a month, page by page.
func quarantinePages(w *world) {
	var want []ticket.Quarantined
	for i := range 23 {
		q := w.delivery(fmt.Sprintf("entrega %d", i))
		w.must(ticket.Change{Quarantine: &q})
		want = append(want, withoutBytes(q))
		w.pass(20 * time.Hour)
	}
	slices.Reverse(want)
	var got []ticket.Quarantined
	cursor := ""
	for range 10 {
		kept, next := page(w.store.Quarantined(w.Context(), cursor, 5))(w)
		got = append(got, kept...)
		if cursor = next; next == "" {
			break
		}
	}
	w.same("pages", got, want)
}

// matters: what waits for a person, oldest first, raised once and settled for good.
func matters(w *world) {
	var want []ticket.Attention
	for i := range 11 {
		t := w.open()
		a := ticket.Attention{
			Ticket: t.ID, ID: "reply_unknown-r1", Kind: "reply_unknown", Number: t.Number, Network: t.Network, Reason: "timeout",
			At: w.clock().Add(-time.Duration(i) * time.Minute),
		}
		t = w.must(w.step(t, func(c *ticket.Change) { c.Raise = []ticket.Attention{a} }))
		w.must(w.step(t, func(c *ticket.Change) { c.Raise = []ticket.Attention{a} })) // the same matter again
		want = append(want, a)
	}
	slices.Reverse(want)
	read := func() (all []ticket.Attention) {
		cursor := ""
		for range 10 {
			some, next := page(w.store.Attention(w.Context(), everything(), cursor, 4))(w)
			all = append(all, some...)
			if cursor = next; next == "" {
				break
			}
		}
		return all
	}
	w.same("matters", read(), want)
	settled := want[3]
	settled.At = w.clock() // a matter is named by its case and id alone
	t := need(w.store.Ticket(w.Context(), settled.Ticket))(w)
	t = w.must(w.step(t, func(c *ticket.Change) { c.Settle = []ticket.Attention{settled} }))
	w.same("without the settled one", read(), slices.Delete(slices.Clone(want), 3, 4))
	w.must(w.step(t, func(c *ticket.Change) { c.Settle = []ticket.Attention{settled} }))
}

// takers: twenty people want each of five hundred cases at once (ten thousand claims). Each case goes to one, and the
// losers can read to whom.
func takers(w *world) {
	cases, people := 500, 20
	if testing.Short() {
		cases = 25
	}
	wrong := 0
	for range cases {
		t := w.open(func(c *ticket.Change) { c.Open, c.Seen, c.Mentions = false, nil, nil })
		steps := make([]ticket.Change, people)
		for i := range steps {
			who := fmt.Sprintf("persona%02d", i)
			steps[i] = w.step(t, by(who), func(c *ticket.Change) {
				c.Ticket.State, c.Ticket.Assignee, c.Ticket.AssigneeName = ticket.EnAnalisis, who, "Persona Ficticia"
			})
		}
		holders := make([]string, people)
		won := w.crowd(people, fault.Conflict, ticket.ErrStale, func(i int) error {
			err := w.commit(steps[i])
			if fault.Is(err, fault.Conflict) {
				now, readErr := w.store.Ticket(w.Context(), t.ID)
				if readErr != nil {
					return readErr
				}
				holders[i] = now.Assignee
			}
			return err
		})
		if len(won) != 1 {
			w.Fatalf("%d people hold %s", len(won), t.ID)
		}
		for i, holder := range holders {
			if i != won[0] && holder != steps[won[0]].Ticket.Assignee {
				wrong++
			}
		}
	}
	if wrong != 0 {
		w.Errorf("%d losers could not read who won", wrong)
	}
}
