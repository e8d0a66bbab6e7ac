package fetch_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/fetch"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// told lets the network tell of an item by its id alone, and gives the message that asks for the rest.
func (w *world) told(key string) outbox.Message {
	e := mention.Event{
		Outcome: mention.Fetch, Network: page.Network, Kind: mention.Mentioned, Key: key, Account: page.Account, Reason: mention.ReasonFetchAll,
		Flags: []string{mention.FlagSummoned},
	}
	w.store.seen["facebook/"+key] = ticket.Seen{Network: page.Network, Key: key, Awaited: &e, Rev: 1}
	m := outbox.New("item-"+key, outbox.FetchItem, outbox.ItemCause("facebook", key), key, "g", w.now)
	m.Channel = page.String()
	full := e
	full.Outcome, full.Text, full.Author, full.At = mention.Interaction, "texto ficticio", &mention.Author{ID: "9", Name: "Persona Ficticia"}, w.now
	full.Reason = ""
	w.net.items[key] = full
	return m
}

func TestItem(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	w.send(w.told("7_1"), 1)
	got := w.inbox.events(t)
	if len(got) != 1 || got[0].Key != "7_1" || got[0].Text == "" || got[0].Outcome != mention.Interaction || w.inbox.held[0].Origin != mention.OriginItem {
		t.Errorf("%+v", got)
	}
	if len(w.store.messages) != 0 || w.store.channels[page].Called.IsZero() {
		t.Errorf("left %v; %+v", w.store.messages, w.store.channels[page])
	}
	// What came meanwhile is not asked for.
	m := w.told("7_2")
	w.know("7_2")
	w.send(m, 1)
	w.same("calls", w.net.calls["item"], 1)
	m = w.told("7_3")
	delete(w.store.seen, "facebook/7_3")
	w.send(m, 1)
	w.same("calls", w.net.calls["item"], 1)
	w.same("left", len(w.store.messages), 0)
}

// The network may name the item otherwise by now: what was asked for is what is answered.
func TestItem_KeepsItsName(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	m := w.told("7_1")
	other := w.net.items["7_1"]
	other.Key, other.Network, other.Account = "7_9", "", ""
	w.net.items["7_1"] = other
	w.send(m, 1)
	if got := w.inbox.events(t)[0]; got.Key != "7_1" || got.Network != page.Network || got.Account != page.Account {
		t.Errorf("%+v", got)
	}
}

// An item of a case whose words were missing, or are others by now, is read too; that it cannot be is nothing new.
func TestItem_OfACase(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	ask := func() {
		w.store.mentions["01T/7_1"] = ticket.Mention{Ticket: "01T", Key: "7_1", Kind: mention.Comment, At: w.now, Parent: "7_0", Rev: 1}
		w.store.seen["facebook/7_1"] = ticket.Seen{Network: page.Network, Key: "7_1", Ticket: "01T", At: w.now, Blank: true, Rev: 2}
		m := outbox.New("fetch-1", outbox.FetchItem, outbox.ItemCause("facebook", "7_1"), "7_1", "g", w.now)
		m.Channel = page.String()
		w.send(m, 12)
	}
	w.net.items["7_1"] = mention.Event{Outcome: mention.Interaction, Network: page.Network, Key: "7_1", Text: "otras palabras"}
	ask()
	if got := w.inbox.events(t); len(got) != 1 || got[0].Text != "otras palabras" || got[0].Account != page.Account || len(w.store.messages) != 0 {
		t.Errorf("%+v", got)
	}
	w.net.fails["item"] = []error{fails(fault.Permanent, "gone", 0)}
	ask()
	w.same("told again that it is missing", len(w.inbox.events(t)), 1)
	delete(w.store.mentions, "01T/7_1")
	m := outbox.New("fetch-2", outbox.FetchItem, outbox.ItemCause("facebook", "7_1"), "7_1", "g", w.now)
	m.Channel = page.String()
	w.send(m, 1)
	w.same("left of a case that is gone", len(w.store.messages), 0)
	w.same("calls", w.net.calls["item"], 2)
}

// After some six minutes the case opens without the words, whatever kept us from them, and says why.
func TestItem_Unavailable(t *testing.T) {
	never := func(err error) []error { return []error{err, err, err, err, err, err, err, err, err, err} }
	for _, tt := range []struct {
		name   string
		set    func(w *world)
		reason string
		calls  int
		within time.Duration
	}{
		{"nobody answers", func(w *world) { w.net.fails["item"] = never(fails(fault.Transient, "unreachable", 0)) }, "unreachable", 6, 6 * time.Minute},
		{"too many calls", func(w *world) { w.net.fails["item"] = never(fails(fault.Transient, "throttle", time.Hour)) }, "presupuesto", 1, 6 * time.Minute},
		{"it is gone", func(w *world) { w.net.fails["item"] = never(fails(fault.Permanent, "gone", 0)) }, "gone", 1, 0},
		{"we may not read it", func(w *world) { w.net.fails["item"] = never(fails(fault.Denied, "permission", 0)) }, "permission", 1, 0},
		{"the key died", func(w *world) { w.net.fails["item"] = never(fails(fault.Denied, "auth", 0)) }, "canal_en_pausa", 1, 6 * time.Minute},
		{"no key", func(w *world) { w.keys.err = fails(fault.Denied, "auth", 0) }, "auth", 0, 6 * time.Minute},
		{"the account stands still", func(w *world) {
			c, _ := w.store.channels[page].Halt(channel.ReasonRevoked, w.now)
			w.store.channels[page] = c
		}, "canal_en_pausa", 0, 6 * time.Minute},
		{"the calls are used up", func(w *world) {
			c := w.store.channels[page]
			c.Usage = channel.Usage{Share: 0.96, At: w.now, Until: w.now.Add(time.Hour)}
			w.store.channels[page] = c
		}, "presupuesto", 0, 6 * time.Minute},
	} {
		w := newWorld(t)
		w.account(page)
		m := w.told("7_1")
		tt.set(w)
		began := w.now
		w.send(m, 12)
		got := w.inbox.events(t)
		if len(got) != 1 || got[0].Key != "7_1" || got[0].Outcome != mention.Fetch || !got[0].Flag(mention.FlagUnavailable) || !got[0].Flag(mention.FlagSummoned) || got[0].Reason != tt.reason {
			t.Errorf("%s: %+v", tt.name, got)
		}
		if w.net.calls["item"] != tt.calls || w.now.Sub(began) > tt.within || len(w.store.messages) != 0 {
			t.Errorf("%s: %d calls in %s, %d messages left", tt.name, w.net.calls["item"], w.now.Sub(began), len(w.store.messages))
		}
	}
}

// A network that shows its item a little later is asked again.
func TestItem_Again(t *testing.T) {
	w := newWorld(t)
	w.account(page)
	m := w.told("7_1")
	w.net.fails["item"] = []error{fails(fault.Transient, "unknown_outcome", 0), fails(fault.Transient, "unreachable", 0)}
	began := w.now
	w.send(m, 5)
	got := w.inbox.events(t)
	if len(got) != 1 || got[0].Flag(mention.FlagUnavailable) || w.now.Sub(began) != 30*time.Second || w.store.channels[page].Failed != "" {
		t.Errorf("%+v after %s", got, w.now.Sub(began))
	}
}

// Reading an item of X is billed, and ends with the day's money.
func TestItem_Spend(t *testing.T) {
	w := newWorld(t, func(c *fetch.Config) { c.Limit = 1500 })
	w.account(x)
	ask := func(key string) {
		m := w.told(key)
		s := w.store.seen["facebook/"+key]
		s.Network, s.Awaited.Network = mention.X, mention.X
		w.store.seen["x/"+key] = s
		m.Channel = x.String()
		w.send(m, 12)
	}
	ask("1")
	ask("2")
	got := w.inbox.events(t)
	if len(got) != 2 || got[0].Flag(mention.FlagUnavailable) || got[1].Reason != "gasto_diario" || w.net.calls["item"] != 1 {
		t.Errorf("%+v", got)
	}
}

// The inbox comes before the end of the message: who dies between brings the item twice, never not at all.
func TestItem_CrashPoints(t *testing.T) {
	broken := fault.New(fault.Transient, "test", nil)
	for name, crash := range map[string]func(w *world){
		"inbox": func(w *world) { w.inbox.script = []error{broken} },
		"end": func(w *world) {
			w.store.before = func(c ticket.Change) error {
				if len(c.Done) > 0 {
					return broken
				}
				return nil
			}
		},
	} {
		w := newWorld(t)
		w.account(page)
		m := w.told("7_1")
		w.store.messages[m.Ref()] = m
		crash(w)
		if err := w.handle(m); !fault.Is(err, fault.Transient) {
			t.Errorf("%s: %v", name, err)
		}
		w.store.before, w.inbox.script = nil, nil
		if err := w.handle(m); err != nil || len(w.inbox.events(t)) == 0 || len(w.store.messages) != 0 {
			t.Errorf("%s: %v, %v", name, err, w.store.messages)
		}
	}
}

func TestHandle_Poison(t *testing.T) {
	w := newWorld(t)
	for _, topic := range []outbox.Topic{outbox.Publish, outbox.File, outbox.Act, "unknown.topic"} {
		m := outbox.New("m", topic, "01T", "", "g", w.now)
		w.store.messages[m.Ref()] = m
		if err := w.handle(m); !fault.Is(err, fault.Poison) {
			t.Errorf("%s: %v", topic, err)
		}
	}
	for _, body := range []string{"", "{", "[]"} {
		if err := w.fetch.Handle(t.Context(), w.now, body); !fault.Is(err, fault.Poison) {
			t.Errorf("%q: %v", body, err)
		}
	}
	m := outbox.New("gone", outbox.FetchItem, "item:facebook/1", "1", "g", w.now)
	if err := w.handle(m); err != nil {
		t.Errorf("a message that is done: %v", err)
	}
}
