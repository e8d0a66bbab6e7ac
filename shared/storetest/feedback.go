package storetest

import (
	"fmt"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// said is what a model said.
func said(i classify.Intent, margin float64) *classify.Judgement {
	return &classify.Judgement{Model: "lineal-1/n2", Intent: i, Sure: 0.6, Margin: margin, Entropy: 1.25, Unknown: 0.125}
}

// saidOf makes the mention of a new case one that a model judged.
func saidOf(network mention.Network, at time.Time, j, shadow *classify.Judgement) func(*ticket.Change) {
	return func(c *ticket.Change) {
		c.Mentions[0].Network, c.Mentions[0].At, c.Mentions[0].Judged, c.Mentions[0].Shadow = network, at, j, shadow
	}
}

// readings: what was said of a mention is found by its day, whatever becomes of its case, until that expires; what nothing was said
// of is not there.
func readings(w *world) {
	now := w.clock()
	midnight := now.Truncate(24 * time.Hour)
	made := []ticket.Ticket{
		w.open(saidOf(mention.X, midnight.Add(-time.Millisecond), said(classify.Consulta, 0.5), nil)),
		w.open(saidOf(mention.Facebook, midnight, said(classify.Reclamo, 0.1), said(classify.Consulta, 0.2))),
		w.open(saidOf(mention.WhatsApp, now, said(classify.Spam, 0.9), nil)),
	}
	w.open() // nothing was said of it
	all := need(w.store.Readings(w.Context(), now.AddDate(0, 0, -2), now.Add(time.Second)))(w)
	slices.SortFunc(all, func(a, b ticket.Reading) int { return a.At.Compare(b.At) })
	w.same("all", all, []ticket.Reading{
		{Ticket: made[0].ID, Mention: made[0].First, Network: mention.X, At: midnight.Add(-time.Millisecond), Said: *said(classify.Consulta, 0.5)},
		{Ticket: made[1].ID, Mention: made[1].First, Network: mention.Facebook, At: midnight, Said: *said(classify.Reclamo, 0.1), Shadow: said(classify.Consulta, 0.2)},
		{Ticket: made[2].ID, Mention: made[2].First, Network: mention.WhatsApp, At: now, Said: *said(classify.Spam, 0.9)},
	})
	w.same("its end is not in it", need(w.store.Readings(w.Context(), midnight, now))(w), all[1:2])
	if _, err := w.store.Readings(w.Context(), now.AddDate(0, 0, -200), now); !fault.Is(err, fault.Invalid) {
		w.Errorf("more than half a year: %v", err)
	}

	story := need(w.store.Story(w.Context(), made[0].ID))(w)
	edited := story.Mentions[0]
	edited.Text, edited.Judged, edited.Rev = "otro texto", said(classify.Denuncia, 0.3), edited.Rev+1
	last := w.must(w.step(made[0], func(c *ticket.Change) { c.Mentions = []ticket.Mention{edited} }))
	again := need(w.store.Readings(w.Context(), midnight.Add(-time.Hour), midnight))(w)
	if len(again) != 1 || again[0].Said.Intent != classify.Denuncia {
		w.Errorf("after an edit: %+v", again)
	}
	edited.Rev++
	ended := w.must(w.step(last, func(c *ticket.Change) {
		c.Ticket.State, c.Close, c.Mentions = ticket.Cerrado, true, []ticket.Mention{edited}
	}))
	w.same("of an ended case", len(need(w.store.Readings(w.Context(), midnight.Add(-time.Hour), midnight))(w)), 1)
	w.pass(ended.Expires.Sub(w.clock()))
	w.same("of an expired case", len(need(w.store.Readings(w.Context(), midnight.Add(-time.Hour), midnight))(w)), 0)
}

// decisions: a person's word on a class is found by its time, out of the bitácora; nobody else's is.
func decisions(w *world) {
	now := w.clock()
	decide := func(t ticket.Ticket, actor string, to classify.Intent) ticket.Ticket {
		return w.must(w.step(t, func(c *ticket.Change) {
			c.Ticket.Intent.Gestor, c.Ticket.Intent.Final = to, to
			c.Entry = &audit.Entry{Kind: audit.TicketClassified, Actor: actor, At: w.clock(), Facts: map[string]string{
				"from": string(t.Intent.Final), "to": string(to), "model": string(t.Intent.Model), "network": string(t.Network), "mention": t.First,
				"version": "lineal-1/n2", "confidence": "0.90",
			}}
		}))
	}
	first, second := w.open(), w.open()
	first = decide(first, "ana", classify.Reclamo)
	w.pass(time.Hour)
	decide(second, audit.System, classify.Reclamo)
	w.pass(time.Hour)
	first = decide(first, "beto", classify.Consulta)
	w.pass(20 * 24 * time.Hour) // into another month
	third := decide(w.open(), "ana", classify.Spam)
	word := func(t ticket.Ticket, by string, at time.Time, from, to classify.Intent) ticket.Decision {
		return ticket.Decision{
			Ticket: t.ID, Mention: t.First, Network: t.Network, Version: "lineal-1/n2", Model: classify.Consulta, Confidence: 0.9, From: from, To: to, By: by, At: at,
		}
	}
	want := []ticket.Decision{
		word(first, "ana", now, classify.Consulta, classify.Reclamo), word(first, "beto", now.Add(2*time.Hour), classify.Reclamo, classify.Consulta),
		word(third, "ana", now.Add(20*24*time.Hour+2*time.Hour), classify.Consulta, classify.Spam),
	}
	w.same("all", need(w.store.Decisions(w.Context(), now, w.clock().Add(time.Second)))(w), want)
	w.same("its end is not in it", need(w.store.Decisions(w.Context(), now, now.Add(2*time.Hour)))(w), want[:1])
	w.same("none", need(w.store.Decisions(w.Context(), now.Add(time.Hour), now.Add(2*time.Hour)))(w), []ticket.Decision(nil))
}

// labels: of many people who label a mention at once one does, for each kind; a label is in the story of its case, is found by its
// month while it stands, and is forgotten.
func labels(w *world) {
	now := w.clock()
	t := w.open(saidOf(mention.X, now, said(classify.Consulta, 0.5), nil))
	label := func(kind ticket.LabelKind, by string, rev int) ticket.Label {
		return ticket.Label{
			Ticket: t.ID, Mention: t.First, At: now, Network: mention.X, Kind: kind, Model: *said(classify.Consulta, 0.5), Intent: classify.Reclamo,
			Urgency: classify.Alta, By: by, ByName: "Persona Ficticia", LabelledAt: w.clock(), Rev: rev, Expires: w.clock().AddDate(1, 0, 0),
		}
	}
	rivals := make([]ticket.Label, 8)
	for i := range rivals {
		rivals[i] = label(ticket.LabelBlind, fmt.Sprint("p", i), 1)
	}
	won := w.crowd(len(rivals), fault.Conflict, ticket.ErrStale, func(i int) error { return w.commit(ticket.Change{Label: &rivals[i]}) })
	if len(won) != 1 {
		w.Fatalf("%d labelled one mention", len(won))
	}
	first := rivals[won[0]]
	w.must(ticket.Change{Label: &first}) // whose answer was lost
	other := label(ticket.LabelMargin, "ana", 1)
	w.must(ticket.Change{Label: &other})
	w.same("in its story", need(w.store.Story(w.Context(), t.ID))(w).Labels, []ticket.Label{first, other})
	w.same("its case is as it was", need(w.store.Ticket(w.Context(), t.ID))(w), t)
	w.same("by their time", len(need(w.store.Labels(w.Context(), now, now.Add(time.Second)))(w)), 2)
	w.same("before", len(need(w.store.Labels(w.Context(), now.AddDate(0, -1, 0), now))(w)), 0)
	taken := first
	taken.Undone, taken.Rev = now, 2
	w.must(ticket.Change{Label: &taken})
	w.same("one was taken back", need(w.store.Labels(w.Context(), now, now.Add(time.Second)))(w), []ticket.Label{other})
	w.must(ticket.Change{Label: &taken})
	w.pass(30 * 24 * time.Hour)
	anew := label(ticket.LabelBlind, "beto", 3)
	w.must(ticket.Change{Label: &anew})
	w.same("given anew", need(w.store.Labels(w.Context(), now, w.clock().Add(time.Second)))(w), []ticket.Label{other, anew})
	for name, spoil := range map[string]func(*ticket.Label){
		"of no case": func(l *ticket.Label) { l.Ticket = "" }, "of no mention": func(l *ticket.Label) { l.Mention = "" }, "of no kind": func(l *ticket.Label) { l.Kind = "" },
		"without its time": func(l *ticket.Label) { l.LabelledAt = time.Time{} }, "for ever": func(l *ticket.Label) { l.Expires = time.Time{} },
	} {
		l := label(ticket.LabelBlind, "ana", 4)
		spoil(&l)
		if err := w.commit(ticket.Change{Label: &l}); !fault.Is(err, fault.Permanent) {
			w.Errorf("%s: %v, want permanent", name, err)
		}
	}
	w.pass(anew.Expires.Sub(w.clock()))
	w.same("forgotten", len(need(w.store.Story(w.Context(), t.ID))(w).Labels), 0)
}

// taughtEntry: that what the model learns from was taken out is written down once, and is no change of anything.
func taughtEntry(w *world) {
	entry := audit.Entry{Ticket: "export:01X", Version: 1, Scope: audit.OfModel, Kind: audit.ModelExported, Actor: "ana", At: w.clock()}.Seal("")
	w.must(ticket.Change{Logged: []audit.Entry{entry}})
	w.same("in its chain", need(w.store.History(w.Context(), "export:01X"))(w), []audit.Entry{entry})
	changes, _ := page(w.store.Changes(w.Context(), ticket.Reach{Ordinary: true, Restricted: true, Posts: true}, ""))(w)
	w.same("told of as a change", changes, []ticket.ChangeRow(nil))
}
