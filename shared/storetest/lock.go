package storetest

import (
	"fmt"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// filing is the entry of a step that filed the case.
func filing(at time.Time) *audit.Entry {
	return &audit.Entry{Kind: audit.EscalationFiled, Actor: audit.System, At: at}
}

// oneWriter: of sixteen that decided on the same version one writes; the chain stays whole, round after round.
func oneWriter(w *world) {
	t := w.open()
	for range 5 {
		steps := make([]ticket.Change, 16)
		for i := range steps {
			steps[i] = w.step(t, by(fmt.Sprintf("persona%02d", i)))
		}
		won := w.crowd(len(steps), fault.Conflict, ticket.ErrStale, func(i int) error { return w.commit(steps[i]) })
		if len(won) != 1 {
			w.Fatalf("%d writers made version %d", len(won), t.Version+1)
		}
		t = *steps[won[0]].Ticket
	}
	w.same("ticket", need(w.store.Ticket(w.Context(), t.ID))(w), t)
	w.verified(t.ID, 6)
}

// versionsFollow: no version is made twice, left out, or made of a case that does not exist.
func versionsFollow(w *world) {
	opening := w.fresh(func(c *ticket.Change) { c.Seen, c.Mentions, c.Open = nil, nil, false })
	w.must(opening)
	t := *opening.Ticket
	other := w.fresh(func(c *ticket.Change) { c.Seen, c.Mentions, c.Open, c.Ticket.ID = nil, nil, false, t.ID })
	w.refused(other, fault.Conflict, ticket.ErrStale)
	skipped := t
	skipped.Version = 2
	w.refused(w.step(skipped), fault.Conflict, ticket.ErrStale)
	never := t
	never.ID = "01NEVER"
	w.refused(w.step(never), fault.Conflict, ticket.ErrStale)
	w.must(w.step(t))
	w.refused(w.step(t, by("otra")), fault.Conflict, ticket.ErrStale)
	w.verified(t.ID, 2)
	if _, err := w.store.Ticket(w.Context(), "01NEVER"); !fault.Is(err, fault.NotFound) {
		w.Errorf("Ticket of nobody: %v", err)
	}
	if _, err := w.store.Story(w.Context(), "01NEVER"); !fault.Is(err, fault.NotFound) {
		w.Errorf("Story of nobody: %v", err)
	}
}

// repeatedStep: whoever asks again because the answer was lost is told that the step is written, also when the case has
// gone on; and nothing is written twice.
func repeatedStep(w *world) {
	opening := w.fresh()
	m := w.message(*opening.Ticket, w.clock())
	opening.Send = []outbox.Message{m}
	w.must(opening)
	w.must(opening)
	second := w.step(*opening.Ticket, by("ana"), func(c *ticket.Change) { c.Done = []outbox.Ref{m.Ref()} })
	t := w.must(second)
	w.must(second)
	third := w.step(t)
	w.must(third)
	for _, c := range []ticket.Change{opening, second, third} {
		w.must(c)
	}
	w.verified(t.ID, 3)
	if _, _, found, err := w.store.Message(w.Context(), m.Ref()); err != nil || found {
		w.Errorf("a repeated step brought its message back (%v)", err)
	}
}

// senseless: what no transition may make is refused for good and writes nothing.
func senseless(w *world) {
	t := w.open()
	changes := map[string]ticket.Change{
		"ticket without entry":     {Ticket: w.step(t).Ticket},
		"entry without ticket":     {Entry: w.step(t).Entry},
		"open without ticket":      {Open: true},
		"seen that does not move":  {Seen: &ticket.Seen{Network: mention.X, Key: "1", Rev: 1}, SeenWas: &ticket.Seen{Network: mention.X, Key: "1", Rev: 1}},
		"was without seen":         {SeenWas: &ticket.Seen{Network: mention.X, Key: "1", Rev: 1}},
		"claim without an instant": {Claim: &outbox.Ref{Ticket: t.ID, ID: "m"}},
		"mention without rev":      {Mentions: []ticket.Mention{{Ticket: t.ID, Key: "k", At: w.clock()}}},
	}
	wrong := w.step(t)
	wrong.Ticket.Head = "otra"
	changes["entry of another head"] = wrong
	wrong = w.step(t)
	wrong.Ticket.Version++
	changes["entry of another version"] = wrong
	both := w.step(t)
	both.Open, both.Close = true, true
	changes["open and close"] = both
	for name, c := range changes {
		if err := w.commit(c); !fault.Is(err, fault.Permanent) {
			w.Errorf("%s: %v, want permanent", name, err)
		}
	}
	if err := w.commit(ticket.Change{}); err != nil {
		w.Errorf("a step of nothing: %v", err)
	}
	w.verified(t.ID, 1)
}

// revisions: a mention or reply is written only over the revision before.
func revisions(w *world) {
	opening := w.fresh()
	t := w.must(opening)
	m := opening.Mentions[0]
	r := ticket.Reply{
		Ticket: t.ID, ID: "r000002", Text: "respuesta", Visibility: "public", State: ticket.ReplyPlanned, Author: "ana", Target: t.Target,
		PlannedAt: w.clock(), Due: w.clock(), Rev: 1,
	}
	t = w.must(w.step(t, func(c *ticket.Change) { c.Replies = []ticket.Reply{r} }))
	w.same("reply", need(w.store.Reply(w.Context(), t.ID, r.ID))(w), r)
	write := func(m ticket.Mention, r ticket.Reply) ticket.Change {
		return w.step(t, func(c *ticket.Change) { c.Mentions, c.Replies = []ticket.Mention{m}, []ticket.Reply{r} })
	}
	newM, newR := m, r
	newM.Text, newM.Rev, newR.State, newR.Rev = "texto corregido", 2, ticket.ReplySent, 2
	w.refused(write(newM, r), fault.Conflict, ticket.ErrStale)         // the reply is new no more
	w.refused(write(m, newR), fault.Conflict, ticket.ErrStale)         // nor is the mention
	w.refused(write(at3(newM), newR), fault.Conflict, ticket.ErrStale) // revision 2 is missing
	w.same("untouched", need(w.store.Mention(w.Context(), t.ID, m.Key, m.At))(w), m)
	t = w.must(write(newM, newR))
	w.same("mention", need(w.store.Mention(w.Context(), t.ID, m.Key, m.At))(w), newM)
	w.same("reply", need(w.store.Reply(w.Context(), t.ID, r.ID))(w), newR)
	w.refused(write(newM, newR), fault.Conflict, ticket.ErrStale)
	if _, err := w.store.Mention(w.Context(), t.ID, "100_never", m.At); !fault.Is(err, fault.NotFound) {
		w.Errorf("mention of nobody: %v", err)
	}
	if _, err := w.store.Reply(w.Context(), t.ID, "r000009"); !fault.Is(err, fault.NotFound) {
		w.Errorf("reply of nobody: %v", err)
	}
}

func at3(m ticket.Mention) ticket.Mention {
	m.Rev = 3
	return m
}

// roundTrip: everything a case may hold comes back, through the story and by itself.
func roundTrip(w *world) {
	opening := w.fresh(func(c *ticket.Change) {
		t := c.Ticket
		t.Intent.Gestor, t.Intent.Set, t.Intent.Reasons, t.Intent.Version = "reclamo", append(t.Intent.Set, "reclamo", "consulta"), []string{"modelo"}, "reglas-1"
		t.Topics, t.Flags, t.Etapa, t.Region = []string{"otec", "pagos"}, []string{"live"}, "primera", "ohiggins"
		t.AnsweredAt, t.Assignee, t.AssigneeName = w.clock(), "ana", "Ana Ficticia «ñandú» <&>"
		t.Citizen = ticket.Citizen{Name: "Persona Ficticia 🙂", Handle: "@ficticia", Key: "llave"}
		t.SIAC = ticket.SIAC{State: ticket.Pending, Reason: "E-1", Message: "m", Due: w.clock().Add(time.Hour)}
		t.Excerpt, t.Facts = "línea\nnueva \"entre comillas\"", map[string]string{"clave": "valor"}
		t.OpenedAt = t.OpenedAt.Add(-1234567 * time.Nanosecond)
		c.Mentions[0].Text = strings.Repeat("palabra ", 4000) + noise(3000)
		c.Mentions[0].Attachments = []mention.Attachment{{Type: "image", URL: "https://example.invalid/a.jpg"}}
	})
	t := w.must(opening)
	later := opening.Mentions[0]
	later.Key, later.At = "100_later", later.At.Add(time.Second)
	r2 := ticket.Reply{Ticket: t.ID, ID: "r2", Text: noise(2000), State: ticket.ReplySent, PlannedAt: w.clock().Add(time.Minute), Rev: 1}
	r1 := ticket.Reply{Ticket: t.ID, ID: "r3", Text: "antes", State: ticket.ReplyRefused, PlannedAt: w.clock(), Rev: 1}
	t = w.must(w.step(t, func(c *ticket.Change) {
		c.Mentions, c.Replies = []ticket.Mention{later}, []ticket.Reply{r2, r1}
		c.Send = []outbox.Message{w.message(t, w.clock())}
	}))
	w.same("ticket", need(w.store.Ticket(w.Context(), t.ID))(w), t)
	w.same("story", need(w.store.Story(w.Context(), t.ID))(w), ticket.Story{
		Ticket: t, Mentions: []ticket.Mention{opening.Mentions[0], later}, Replies: []ticket.Reply{r1, r2},
	})
	rows, _ := page(w.store.List(w.Context(), ticket.Query{View: ticket.ViewAssigned, Assignee: "ana"}))(w)
	w.same("row", rows, []ticket.Row{t.Row()})
	w.verified(t.ID, 2)
}

// longStory: a case of more than one answer's megabyte is read whole.
func longStory(w *world) {
	t := w.open()
	want := need(w.store.Story(w.Context(), t.ID))(w).Mentions
	for i := range 15 {
		var more []ticket.Mention
		for j := range 3 {
			more = append(more, ticket.Mention{
				Ticket: t.ID, Key: fmt.Sprintf("100_%02d%d", i, j), Kind: mention.Comment, Text: noise(40_000),
				At: w.pass(time.Second), Public: true, Attachments: []mention.Attachment{}, Rev: 1,
			})
		}
		want = append(want, more...)
		t = w.must(w.step(t, func(c *ticket.Change) { c.Mentions = more }))
	}
	got := need(w.store.Story(w.Context(), t.ID))(w)
	w.same("mentions", got.Mentions, want)
	w.same("ticket", got.Ticket, t)
}
