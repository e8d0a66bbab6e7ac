package intake_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/intake"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

func ref() channel.Ref { return channel.Ref{Network: mention.X, Account: page} }

// connected makes the account a connected one, since an instant.
func (w *world) connected(of channel.Ref, since time.Time, with ...func(*channel.Channel)) {
	w.Helper()
	c, _, err := w.store.Channel(w.Context(), of)
	if err != nil {
		w.Fatal(err)
	}
	c.Ref, c.State, c.ConnectedAt = of, channel.Working, since
	for _, f := range with {
		f(&c)
	}
	c.Rev++
	if err := w.store.Store.Commit(w.Context(), ticket.Change{Channel: &c}); err != nil {
		w.Fatal(err)
	}
}

func (w *world) channel(of channel.Ref) channel.Channel {
	w.Helper()
	c, _, err := w.store.Channel(w.Context(), of)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// What looking finds and nobody knew is a case like any other, and is counted as repaired, once; what a delivery had brought
// is not.
func TestList_Repaired(t *testing.T) {
	w := newWorld(t)
	w.connected(ref(), noon().Add(-time.Hour))
	w.hears(said(person, "known", consulta))
	ctx, work := unit.Begin(t.Context(), "")
	found := []mention.Event{
		said(person, "known", consulta), said("80000002", "lost1", reclamo), said("80000003", "lost2", consulta),
		said("80000004", "named", "", is(mention.Fetch)),
	}
	for n := range 3 {
		now := noon().Add(time.Duration(n) * time.Second)
		if err := w.worker.Handle(ctx, now, read(mention.OriginList, now, found...)); err != nil {
			t.Fatal(err)
		}
	}
	if s := w.must("lost1"); s.Ticket.Mentions != 1 || s.Ticket.SIAC.State != ticket.Pending {
		t.Errorf("what was lost: %+v", s.Ticket)
	}
	if n := w.count("T"); n != 3 {
		t.Errorf("%d cases, want 3", n)
	}
	if got := work.Facts().Counts[unit.Repaired]; got != 3 {
		t.Errorf("%v repaired, want 3", got)
	}
	if c := w.channel(ref()); c.Repaired != 3 {
		t.Errorf("the account counts %d, want 3", c.Repaired)
	}
	w.hears(named("told"))
	w.take(noon(), read(mention.OriginList, noon(), said("80000006", "told", consulta))) // a delivery had told of it
	w.must("told")
	w.take(noon(), read(mention.OriginItem, noon(), said("80000004", "named", consulta)))
	w.take(noon(), read(mention.OriginItem, noon(), said("80000005", "alone", consulta)))
	if c := w.channel(ref()); c.Repaired != 3 || w.count("T") != 6 {
		t.Errorf("items read because they were told of count as repaired: %d", c.Repaired)
	}
}

// What was written before the account was connected opens nothing; the same second does.
func TestList_BeforeTheConnection(t *testing.T) {
	w := newWorld(t)
	since := noon().Add(-time.Hour)
	w.take(noon(), delivery(noon(), said(person, "w", consulta, at(since.Add(-time.Minute))))) // a delivery is always taken
	w.connected(ref(), since)
	w.take(noon(), read(mention.OriginList, noon(),
		said("80000002", "old", consulta, at(since.Add(-time.Second))), said("80000003", "oldname", "", is(mention.Fetch), at(since.AddDate(-3, 0, 0))),
		said("80000004", "then", consulta, at(since)), said("80000005", "timeless", consulta, at(time.Time{}))))
	for key, want := range map[string]bool{"w": true, "old": false, "oldname": false, "then": true, "timeless": true} {
		if _, got := w.story(key); got != want {
			t.Errorf("%s has a case: %t", key, got)
		}
	}
	if _, found, _ := w.store.Seen(t.Context(), mention.X, "oldname"); found || w.outcomes(mention.Ignore) != 2 {
		t.Errorf("remembered: %t, %d ignored", found, w.outcomes(mention.Ignore))
	}
	if c := w.channel(ref()); c.Repaired != 2 {
		t.Errorf("%d repaired", c.Repaired)
	}
}

// Who writes the account at the same time does not lose the count.
func TestList_RepairedBesideOthers(t *testing.T) {
	w := newWorld(t)
	w.connected(ref(), noon().Add(-time.Hour))
	first := true
	w.set(func(c ticket.Change) error {
		if c.Channel != nil && first {
			first = false
			w.connected(ref(), noon().Add(-time.Hour), func(c *channel.Channel) { c.Name = "Cuenta Ficticia" })
		}
		return nil
	})
	w.take(noon(), read(mention.OriginList, noon(), said(person, "i1", consulta)))
	if c := w.channel(ref()); c.Repaired != 1 || c.Name != "Cuenta Ficticia" {
		t.Errorf("%+v", c)
	}
	// And that it cannot be counted at all fails nothing.
	w.set(func(c ticket.Change) error {
		if c.Channel != nil || c.Spend != nil {
			return fault.New(fault.Transient, "test", errors.New("no"))
		}
		return nil
	})
	w.take(noon(), read(mention.OriginList, noon(), said("80000009", "i2", consulta)))
	w.take(noon().Add(time.Hour), delivery(noon().Add(time.Hour), said("80000008", "i3", consulta)))
	w.must("i2")
	w.must("i3")
}

// A body of a form nobody knows, or of another network, is no delivery.
func TestHandle_EventsPoison(t *testing.T) {
	w := newWorld(t)
	foreign := said(person, "i1", consulta)
	foreign.Network = mention.Facebook
	d := read(mention.OriginList, noon(), foreign)
	for name, body := range map[string]string{
		"another network": `{"v":1,"network":"x",` + d[len(`{"v":1,"network":"facebook",`):],
		"another form":    `{"v":1,"network":"x","received":"2026-11-23T15:00:00Z","body":"eA==","form":"rows"}`,
	} {
		err := w.worker.Handle(context.Background(), noon(), body)
		if name == "another form" && !fault.Is(err, fault.Poison) || name == "another network" && !fault.Is(err, fault.Poison) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(w.items()); n != 0 {
		t.Errorf("%d items", n)
	}
}

// Each delivery notes that its account is told of things, once in a minute, and what its network bills for it.
func TestHandle_DeliveredAndBilled(t *testing.T) {
	w := newWorld(t)
	w.connected(ref(), noon().Add(-time.Hour))
	writes := 0
	w.set(func(c ticket.Change) error {
		if c.Channel != nil {
			writes++
		}
		return nil
	})
	for n := range 6 { // 0, 15, … 75 seconds
		now := noon().Add(time.Duration(n) * 15 * time.Second)
		w.take(now, delivery(now, said(person, fmt.Sprint("i", n), consulta)))
	}
	if looked := w.store.looked.Load(); writes != 2 || looked != 3 { // one of them by connected
		t.Errorf("noted %d times, looked %d times", writes, looked)
	}
	if c := w.channel(ref()); !c.Delivered.Equal(noon().Add(time.Minute)) {
		t.Errorf("last %s", c.Delivered)
	}
	later := noon().Add(time.Hour)
	w.take(later, delivery(later,
		said(person, "d1", consulta, func(e *mention.Event) { e.Kind = mention.DM }), said(page, "own", "Hola", is(mention.Own)),
		said(person, "like", "", is(mention.Metric)), said("80000002", "i0", consulta))) // known already, and billed all the same
	w.take(later, read(mention.OriginList, later, said("80000003", "listed", consulta)))
	spent, err := w.store.Spent(t.Context(), ref(), "2026-11-23")
	if err != nil || spent.Micros[string(channel.CostDelivered)] != 7*5000 || spent.Micros[string(channel.CostReceived)] != 10000 {
		t.Errorf("billed %+v, %v", spent, err)
	}
}

// An account that was never connected is not made known by what it is told.
func TestHandle_DeliveredToNobody(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", consulta))
	if all, err := w.store.Store.Channels(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// Ours is what is configured and what is connected, a second later too; what was taken away is not. The list is read once a
// minute, and once more for each delivery that seems foreign.
func TestOurs(t *testing.T) {
	decode := func(c *intake.Config) {
		c.Decode[mention.X] = func(body []byte, ours mention.Accounts) []mention.Event {
			events := plain(body, ours)
			for i, e := range events {
				if !ours.Ours(e.Network, e.Account) {
					events[i] = mention.Event{Outcome: mention.Ignore, Network: e.Network, Account: e.Account, Reason: mention.ReasonForeign}
				}
			}
			return events
		}
	}
	w := newWorld(t, owning(mention.Accounts{mention.X: {page}}), decode)
	other := channel.Ref{Network: mention.X, Account: "100000000000099"}
	to := func(account string) func(*mention.Event) { return func(e *mention.Event) { e.Account = account } }
	for n := range 5 {
		w.hears(said(person, fmt.Sprint("a", n), consulta))
	}
	if w.store.listed != 1 {
		t.Errorf("the accounts were read %d times", w.store.listed)
	}
	w.hears(said(person, "f1", consulta, to(other.Account)))
	if _, found := w.story("f1"); found || w.store.listed != 2 || w.outcomes(mention.Ignore) != 1 {
		t.Errorf("a foreign account: case %t, read %d times", found, w.store.listed)
	}
	w.connected(other, noon())
	w.hears(said(person, "f2", consulta, to(other.Account)))
	w.must("f2")
	w.hears(said(person, "f3", consulta, to(other.Account)), said(person, "f4", consulta)) // both from what was just read
	w.must("f3")
	w.must("f4")
	if w.store.listed != 3 {
		t.Errorf("the accounts were read %d times, want 3", w.store.listed)
	}
	w.connected(other, noon(), func(c *channel.Channel) { c.State = channel.Closed })
	now := noon().Add(2 * time.Minute)
	w.take(now, delivery(now, said(person, "f5", consulta, to(other.Account))))
	if _, found := w.story("f5"); found {
		t.Error("what was taken away is still ours")
	}
}

// While the accounts cannot be read the delivery comes back: nobody knows whose it is.
func TestOurs_Unreadable(t *testing.T) {
	w := newWorld(t, owning(mention.Accounts{mention.X: {page}}), func(c *intake.Config) { c.Channels = unreadable{} })
	if err := w.worker.Handle(t.Context(), noon(), delivery(noon(), said(person, "i1", consulta))); !fault.Is(err, fault.Transient) {
		t.Errorf("%v", err)
	}
}

type unreadable struct{}

func (unreadable) Channel(context.Context, channel.Ref) (channel.Channel, bool, error) {
	return channel.Channel{}, false, fault.New(fault.Transient, "test", errors.New("no"))
}

func (unreadable) Channels(context.Context) ([]channel.Channel, error) {
	return nil, fault.New(fault.Transient, "test", errors.New("no"))
}
