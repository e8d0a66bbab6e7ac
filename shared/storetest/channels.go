package storetest

import (
	"fmt"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

func refOf(network mention.Network, account string) channel.Ref {
	return channel.Ref{Network: network, Account: account}
}

// channelOf is a fictitious account of ours with everything that may be known of it.
func (w *world) channelOf(ref channel.Ref) channel.Channel {
	now := w.clock()
	return channel.Channel{
		Ref: ref, Name: "SENCE ficticio", State: channel.Paused, Reason: channel.ReasonAuth, Since: now, By: "ana",
		ConnectedAt: now, ConnectedBy: "ana", Missing: []string{"tweet.write"}, Delivered: now, Called: now, Failed: "auth",
		Expiries:      []channel.Expiry{{Kind: channel.ExpiresRefresh, At: now.AddDate(1, 0, 0), Warn: now.AddDate(0, 10, 0), Hands: true}},
		Subscriptions: []channel.Subscription{{Name: "posts", Working: true, Until: now.AddDate(0, 1, 0), Checked: now}},
		Checked:       now, Next: now.Add(time.Hour), Cursors: map[string]string{"mentions": "17"},
		Usage: channel.Usage{Share: 0.5, Until: now.Add(time.Minute), At: now}, Repaired: 3, Rev: 1,
		Templates: []channel.KnownTemplate{{Name: "aviso", Language: "es_CL", Body: "Hola {{1}}.", Params: 1, Category: "UTILITY"}},
	}
}

// channels: all accounts are read together and as they are now; each is written over exactly the revision before, by one of
// many; and a step that is repeated is a success.
func channels(w *world) {
	refs := []channel.Ref{
		refOf(mention.Facebook, "100"), refOf(mention.Facebook, "99"), refOf(mention.LinkedIn, "urn:li:organization:1"), refOf(mention.X, "1/2"),
	}
	if got := need(w.store.Channels(w.Context()))(w); len(got) != 0 {
		w.Errorf("nobody's channels: %v", got)
	}
	var want []channel.Channel
	for _, ref := range refs {
		if _, found := find(w.store.Channel(w.Context(), ref))(w); found {
			w.Errorf("%s is known", ref)
		}
		c := w.channelOf(ref)
		w.must(ticket.Change{Channel: &c})
		got, _ := find(w.store.Channel(w.Context(), ref))(w)
		w.same("channel", got, c)
		want = append(want, c)
	}
	w.same("all", need(w.store.Channels(w.Context()))(w), want)
	bare := channel.Channel{Ref: refs[3], State: channel.Working, Rev: 2}
	w.must(ticket.Change{Channel: &bare})
	w.must(ticket.Change{Channel: &bare})
	want[3] = bare
	w.same("all, after a step", need(w.store.Channels(w.Context()))(w), want)
	other := bare
	other.Name = "otro"
	w.refused(ticket.Change{Channel: &other}, fault.Conflict, ticket.ErrStale)
	w.refused(ticket.Change{Channel: &channel.Channel{Ref: refs[3], State: channel.Working, Rev: 1}}, fault.Conflict, ticket.ErrStale)
	w.refused(ticket.Change{Channel: &channel.Channel{Ref: refs[3], State: channel.Working, Rev: 4}}, fault.Conflict, ticket.ErrStale)
	w.refused(ticket.Change{Channel: &channel.Channel{Ref: refOf(mention.X, "nadie"), State: channel.Working, Rev: 2}}, fault.Conflict, ticket.ErrStale)
	rivals := make([]channel.Channel, 16)
	for i := range rivals {
		rivals[i] = channel.Channel{Ref: refs[3], State: channel.Working, Name: fmt.Sprint(i), Rev: 3}
	}
	won := w.crowd(len(rivals), fault.Conflict, ticket.ErrStale, func(i int) error { return w.commit(ticket.Change{Channel: &rivals[i]}) })
	if len(won) != 1 {
		w.Fatalf("%d wrote one revision", len(won))
	}
	got, _ := find(w.store.Channel(w.Context(), refs[3]))(w)
	w.same("the winner's", got, rivals[won[0]])
	w.refused(ticket.Change{Channel: &bare}, fault.Conflict, ticket.ErrStale) // repeated, but no longer what is stored
	for name, c := range map[string]channel.Channel{
		"no revision": {Ref: refs[0], State: channel.Working}, "no network": {Ref: refOf("", "1"), Rev: 1},
		"no account": {Ref: refOf(mention.X, ""), Rev: 1}, "a network nobody knows": {Ref: refOf("x/y", "1"), Rev: 1},
	} {
		if err := w.commit(ticket.Change{Channel: &c}); !fault.Is(err, fault.Permanent) {
			w.Errorf("%s: %v, want permanent", name, err)
		}
	}
	w.pass(10 * 365 * 24 * time.Hour)
	if got := need(w.store.Channels(w.Context()))(w); len(got) != len(refs) {
		w.Errorf("%d channels after ten years, want %d", len(got), len(refs))
	}
}

// grants: of many who would renew the keys of an account one may; keys have no place among the channels.
func grants(w *world) {
	ref := refOf(mention.X, "1")
	if _, found := find(w.store.Grant(w.Context(), ref))(w); found {
		w.Error("keys of nobody are found")
	}
	first := channel.Grant{Ref: ref, Sealed: "k1." + strings.Repeat("a", 900), Rev: 1}
	w.must(ticket.Change{Grant: &first})
	got, _ := find(w.store.Grant(w.Context(), ref))(w)
	w.same("grant", got, first)
	for rev := 2; rev < 7; rev++ {
		leases := make([]channel.Grant, 16)
		for i := range leases {
			leases[i] = channel.Grant{
				Ref: ref, Sealed: first.Sealed, LeaseBy: fmt.Sprintf("proceso%02d", i), LeaseUntil: w.clock().Add(time.Minute), Doubt: true,
				Refused: w.clock(), Rev: rev,
			}
		}
		won := w.crowd(len(leases), fault.Conflict, ticket.ErrStale, func(i int) error { return w.commit(ticket.Change{Grant: &leases[i]}) })
		if len(won) != 1 {
			w.Fatalf("%d took one lease", len(won))
		}
		got, _ = find(w.store.Grant(w.Context(), ref))(w)
		w.same("lease", got, leases[won[0]])
		w.must(ticket.Change{Grant: &leases[won[0]]}) // asked again by whoever has it
	}
	if _, found := find(w.store.Grant(w.Context(), refOf(mention.X, "2")))(w); found {
		w.Error("the keys of another account are found")
	}
	if _, found := find(w.store.Channel(w.Context(), ref))(w); found || len(need(w.store.Channels(w.Context()))(w)) != 0 {
		w.Error("keys are a channel")
	}
	if err := w.commit(ticket.Change{Grant: &channel.Grant{Sealed: "s", Rev: 1}}); !fault.Is(err, fault.Permanent) {
		w.Errorf("keys of no account: %v, want permanent", err)
	}
	w.pass(10 * 365 * 24 * time.Hour)
	if _, found := find(w.store.Grant(w.Context(), ref))(w); !found {
		w.Error("keys are gone after ten years")
	}
}

// channelSteps: a channel, its keys and its connection are written together with all else of the step, or nothing is; that
// the same is stored already of another step makes nothing of this one.
func channelSteps(w *world) {
	ref := refOf(mention.LinkedIn, "urn:li:organization:1")
	until := w.clock().Add(time.Hour).Truncate(time.Second)
	m := outbox.New("conexion-1", outbox.Connect, outbox.ConnectionCause("abc"), "", "g", w.clock())
	begun := channel.Connection{ID: "abc", Network: "linkedin", Method: channel.OAuth2, By: "ana", Step: channel.StepBegun, At: w.clock(), Expires: until, Rev: 1}
	w.must(ticket.Change{Connection: &begun, Send: []outbox.Message{m}})
	c, g, done := w.channelOf(ref), channel.Grant{Ref: ref, Sealed: "k1.a", Rev: 1}, begun
	done.Step, done.Rev = channel.StepDone, 2
	step := ticket.Change{Channel: &c, Grant: &g, Connection: &done, Done: []outbox.Ref{m.Ref()}}
	for name, spoil := range map[string]func(*ticket.Change){
		"channel": func(s *ticket.Change) { c := c; c.Rev = 2; s.Channel = &c }, "keys": func(s *ticket.Change) { g := g; g.Rev = 2; s.Grant = &g },
		"connection": func(s *ticket.Change) { d := done; d.Rev = 3; s.Connection = &d },
	} {
		wrong := step
		spoil(&wrong)
		w.refused(wrong, fault.Conflict, ticket.ErrStale)
		if _, _, found, err := w.store.Message(w.Context(), m.Ref()); err != nil || !found {
			w.Errorf("stale %s: the message is gone (%v)", name, err)
		}
		if got := need(w.store.Channels(w.Context()))(w); len(got) != 0 {
			w.Errorf("stale %s: %v is written", name, got)
		}
		if _, found := find(w.store.Grant(w.Context(), ref))(w); found {
			w.Errorf("stale %s: the keys are written", name)
		}
	}
	gone := step
	gone.Done = []outbox.Ref{{Ticket: m.Ticket, ID: "nadie"}}
	w.refused(gone, fault.NotFound, ticket.ErrGone)
	w.must(step)
	w.must(step)
	if _, _, found, err := w.store.Message(w.Context(), m.Ref()); err != nil || found {
		w.Errorf("the message is still there (%v)", err)
	}
	coincidence := ticket.Change{Channel: &c, Send: []outbox.Message{outbox.New("mirada-1", outbox.Look, outbox.ChannelCause(ref.String()), "", "g", w.clock())}}
	w.refused(coincidence, fault.Conflict, ticket.ErrStale)
	if due := need(w.store.Unfinished(w.Context(), w.clock().Add(time.Hour), 0))(w); len(due) != 0 {
		w.Errorf("left to do: %v", ids(due))
	}
	w.refused(ticket.Change{Grant: &g, Send: coincidence.Send}, fault.Conflict, ticket.ErrStale)
	got, _ := find(w.store.Connection(w.Context(), "abc"))(w)
	w.same("connection", got, done)
}

// connections: a connection goes step by step, each made by one, and is there for nobody when its time is over.
func connections(w *world) {
	until := w.clock().Add(15 * time.Minute).Truncate(time.Second)
	first := channel.Connection{
		ID: "estado-ficticio", Network: "x", Method: channel.OAuth1, By: "ana", Step: channel.StepBegun, URL: "https://example.invalid/", Redirect: "r",
		Verifier: "v", Sealed: "k1.s", Choices: []channel.Choice{{Account: "1", Name: "SENCE ficticio"}}, Missing: []string{"a"}, At: w.clock(), Expires: until, Rev: 1,
	}
	if _, found := find(w.store.Connection(w.Context(), first.ID))(w); found {
		w.Error("a connection nobody made is found")
	}
	w.must(ticket.Change{Connection: &first})
	got, _ := find(w.store.Connection(w.Context(), first.ID))(w)
	w.same("connection", got, first)
	backs := make([]channel.Connection, 8)
	for i := range backs {
		backs[i] = first
		backs[i].Step, backs[i].Code, backs[i].Rev = channel.StepCode, fmt.Sprint(i), 2
	}
	won := w.crowd(len(backs), fault.Conflict, ticket.ErrStale, func(i int) error { return w.commit(ticket.Change{Connection: &backs[i]}) })
	if len(won) != 1 {
		w.Fatalf("%d came back from one sign-in", len(won))
	}
	w.pass(until.Sub(w.clock()) - time.Second)
	got, _ = find(w.store.Connection(w.Context(), first.ID))(w)
	w.same("at its last second", got, backs[won[0]])
	w.pass(time.Second)
	if got, found := find(w.store.Connection(w.Context(), first.ID))(w); found {
		w.Errorf("an ended connection is given: %+v", got)
	}
	endless, nameless := first, first
	endless.ID, endless.Expires, nameless.ID = "sin-fin", time.Time{}, ""
	for _, c := range []channel.Connection{endless, nameless} {
		if err := w.commit(ticket.Change{Connection: &c}); !fault.Is(err, fault.Permanent) {
			w.Errorf("connection %q until %s: %v, want permanent", c.ID, c.Expires, err)
		}
	}
}

// costs: what many spend at once on one day adds up to the last millionth, each thing by itself, for longer than a year; and a
// cost comes with nothing else.
func costs(w *world) {
	ref, day := refOf(mention.X, "1"), w.clock().Format("2006-01-02")
	spent := func(ref channel.Ref, day string) channel.Spend { return need(w.store.Spent(w.Context(), ref, day))(w) }
	w.same("nothing", spent(ref, day), channel.Spend{Ref: ref, Day: day})
	add := func(day string, micros map[string]int64) ticket.Change {
		return ticket.Change{Spend: &channel.Spend{Ref: ref, Day: day, Micros: micros}}
	}
	won := w.crowd(40, 0, nil, func(i int) error {
		return w.commit(add(day, map[string]int64{"publicar": 15_000, "leer de lo propio": int64(i)}))
	})
	if len(won) != 40 {
		w.Fatalf("%d of 40 were added", len(won))
	}
	w.must(add(day, map[string]int64{"publicar con enlace": 200_000}))
	w.must(add(day, map[string]int64{"publicar": 0}))
	w.must(add(day, nil))
	w.must(add("2026-11-24", map[string]int64{"publicar": 15_000}))
	want := channel.Spend{Ref: ref, Day: day, Micros: map[string]int64{"publicar": 600_000, "leer de lo propio": 780, "publicar con enlace": 200_000}}
	got := spent(ref, day)
	w.same("spent", got, want)
	if got.Total() != 800_780 {
		w.Errorf("total %d", got.Total())
	}
	w.same("the day after", spent(ref, "2026-11-24").Micros, map[string]int64{"publicar": 15_000})
	w.same("of another account", spent(refOf(mention.X, "2"), day).Micros, map[string]int64(nil))
	m := outbox.New("m", outbox.Look, outbox.ChannelCause(ref.String()), "", "g", w.clock())
	c := w.channelOf(ref)
	for name, with := range map[string]func(*ticket.Change){
		"a channel": func(s *ticket.Change) { s.Channel = &c }, "a message": func(s *ticket.Change) { s.Send = []outbox.Message{m} },
		"a click":  func(s *ticket.Change) { s.Click = &ticket.Click{Key: "k", At: w.clock()} },
		"no money": func(s *ticket.Change) { s.Send, s.Spend.Micros = []outbox.Message{m}, nil },
		"a case": func(s *ticket.Change) {
			step := w.fresh()
			step.Spend = s.Spend
			*s = step
		},
		"a day that is none": func(s *ticket.Change) { s.Spend.Day = "2026-13-01" }, "nothing named": func(s *ticket.Change) { s.Spend.Micros[""] = 1 },
		"money taken back": func(s *ticket.Change) { s.Spend.Micros["publicar"] = -1 }, "no account": func(s *ticket.Change) { s.Spend.Account = "" },
	} {
		step := add(day, map[string]int64{"publicar": 1})
		with(&step)
		if err := w.commit(step); !fault.Is(err, fault.Permanent) {
			w.Errorf("a cost with %s: %v, want permanent", name, err)
		}
	}
	w.same("after what was refused", spent(ref, day), want)
	date, err := time.Parse("2006-01-02", day)
	if err != nil {
		w.Fatal(err)
	}
	w.pass(date.Add(400*24*time.Hour).Sub(w.clock()) - time.Second)
	w.same("at the last second of its life", spent(ref, day), want)
	w.pass(time.Second)
	w.same("afterwards", spent(ref, day), channel.Spend{Ref: ref, Day: day})
	if spent(ref, "2026-11-24").Total() == 0 {
		w.Error("the day after is gone too")
	}
}
