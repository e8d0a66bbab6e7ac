package storetest

import (
	"fmt"
	"slices"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// leads reads where each of the conversations leads; "" for nowhere.
func (w *world) leads(conversations ...string) []string {
	w.Helper()
	var all []string
	for _, c := range conversations {
		id, _ := find(w.store.OpenTicket(w.Context(), c))(w)
		all = append(all, id)
	}
	return all
}

func knownAs(conversation string, aliases ...string) func(*ticket.Change) {
	return func(c *ticket.Change) { c.Ticket.Conversation, c.Ticket.Aliases = conversation, aliases }
}

// names: all names of a person lead to one case, they are taken together or not at all, and they go with the case.
func names(w *world) {
	closing := func(c *ticket.Change) { c.Ticket.State, c.Close = ticket.Cerrado, true }
	first := w.open(knownAs("n-user", "n-phone"))
	w.same("at once", w.leads("n-user", "n-phone"), []string{first.ID, first.ID})
	for _, other := range []ticket.Change{
		w.fresh(knownAs("n-phone")), w.fresh(knownAs("n-new", "n-phone")), w.fresh(knownAs("n-new", "n-user")),
	} {
		w.refused(other, fault.Conflict, ticket.ErrConversationOpen)
	}
	w.same("after a refusal", w.leads("n-new"), []string{""})

	adding := func(names ...string) func(*ticket.Change) {
		return func(c *ticket.Change) {
			c.Ticket.Aliases, c.Names = append(slices.Clone(c.Ticket.Aliases), names...), names
		}
	}
	second := w.open(knownAs("n-second"))
	w.refused(w.step(second, adding("n-free", "n-phone")), fault.Conflict, ticket.ErrConversationOpen)
	w.same("taken half", w.leads("n-free"), []string{""})
	step := w.step(second, adding("n-free"))
	second = w.must(step)
	w.must(step) // whose answer was lost
	w.same("one more name", w.leads("n-free", "n-second"), []string{second.ID, second.ID})
	w.same("remembered", need(w.store.Ticket(w.Context(), second.ID))(w).Aliases, []string{"n-free"})

	forgets := second // a version that knows of no aliases writes the case without them
	second = w.must(w.step(second, func(c *ticket.Change) { c.Ticket.Aliases = nil }))
	second = w.must(w.step(second, adding("n-free")))
	w.same("known again", second.Aliases, forgets.Aliases)
	second = w.must(w.step(second, func(c *ticket.Change) { c.Ticket.Aliases = nil; closing(c) }))
	w.same("left behind", w.leads("n-second", "n-free"), []string{"", second.ID})
	w.refused(w.fresh(knownAs("n-third", "n-free")), fault.Conflict, ticket.ErrConversationOpen)
	w.refused(w.fresh(knownAs("n-free"), func(c *ticket.Change) { c.Over = "01OTHER" }), fault.Conflict, ticket.ErrConversationOpen)
	over := func(c *ticket.Change) { c.Over = second.ID }
	w.refused(w.fresh(knownAs("n-third", "n-free", "n-phone"), over), fault.Conflict, ticket.ErrConversationOpen)
	third := w.open(knownAs("n-third", "n-free"), over)
	w.same("taken over", w.leads("n-third", "n-free"), []string{third.ID, third.ID})

	w.must(w.step(first, closing))
	w.must(w.step(third, closing))
	w.same("ended", w.leads("n-user", "n-phone", "n-third", "n-free"), []string{"", "", "", ""})

	rivals := make([]ticket.Change, 8)
	for i := range rivals {
		rivals[i] = w.fresh(knownAs(fmt.Sprintf("n-rival-%d", i), "n-shared"))
	}
	won := w.crowd(len(rivals), fault.Conflict, ticket.ErrConversationOpen, func(i int) error { return w.commit(rivals[i]) })
	if len(won) != 1 {
		w.Errorf("%d cases of one person opened at once", len(won))
	}
}

// senselessNames: a pointer that the case does not know of would stay for ever.
func senselessNames(w *world) {
	t := w.open(knownAs("s-one"))
	with := func(f func(*ticket.Change)) ticket.Change { return w.step(t, f) }
	for name, c := range map[string]ticket.Change{
		"a name nobody remembers":  with(func(c *ticket.Change) { c.Names = []string{"s-two"} }),
		"the conversation itself":  with(func(c *ticket.Change) { c.Names = []string{"s-one"} }),
		"a name without letters":   with(func(c *ticket.Change) { c.Ticket.Aliases = []string{""} }),
		"an alias twice":           with(func(c *ticket.Change) { c.Ticket.Aliases = []string{"s-two", "s-two"} }),
		"names of no case":         {Names: []string{"s-two"}},
		"names beside opening":     w.fresh(knownAs("s-three", "s-four"), func(c *ticket.Change) { c.Names = []string{"s-four"} }),
		"over, and nothing taken":  with(func(c *ticket.Change) { c.Over = "01OTHER" }),
		"over what is opened here": w.fresh(knownAs("s-five"), func(c *ticket.Change) { c.Over = c.Ticket.ID }),
	} {
		if err := w.commit(c); !fault.Is(err, fault.Permanent) {
			w.Errorf("%s: %v, want permanent", name, err)
		}
	}
	w.same("written", w.leads("s-two", "s-three", "s-four", "s-five"), []string{"", "", "", ""})
}
