package storetest

import (
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// answeredCase opens a case with one mention and one sent reply.
func (w *world) answeredCase() (ticket.Ticket, ticket.Mention, ticket.Reply) {
	w.Helper()
	c := w.fresh()
	w.must(c)
	r := ticket.Reply{
		Ticket: c.Ticket.ID, ID: "r000002", Text: "respuesta ficticia", State: ticket.ReplySent, Author: "ana", PlannedAt: w.clock(), Rev: 1,
	}
	t := w.must(w.step(*c.Ticket, func(c *ticket.Change) { c.Ticket.State, c.Replies = ticket.Respondido, []ticket.Reply{r} }))
	return t, c.Mentions[0], r
}

// ended closes the case and gives it and its texts one expiry.
func (w *world) ended(t ticket.Ticket, m ticket.Mention, r ticket.Reply) (ticket.Ticket, ticket.Mention, ticket.Reply) {
	w.Helper()
	m.Rev++
	r.Rev++
	c := w.step(t, func(c *ticket.Change) {
		c.Ticket.State, c.Close = ticket.Cerrado, true
		c.Mentions, c.Replies = []ticket.Mention{m}, []ticket.Reply{r}
	})
	w.must(c)
	return *c.Ticket, c.Mentions[0], c.Replies[0]
}

// expiry: an ended case and all that hangs on it are there until their time is over and for nobody afterwards, although
// nothing has deleted them yet. An open case stays, and so do the names.
func expiry(w *world) {
	open, openMention, openReply := w.answeredCase()
	t, m, r := w.ended(w.answeredCase())
	if t.Expires.IsZero() || !m.Expires.Equal(t.Expires) || !r.Expires.Equal(t.Expires) {
		w.Fatalf("expiries %s %s %s", t.Expires, m.Expires, r.Expires)
	}
	matter := ticket.Attention{Ticket: t.ID, ID: "reply_unknown-" + r.ID, Kind: "reply_unknown", At: w.clock()}
	t = w.must(w.step(t, func(c *ticket.Change) { c.Raise = []ticket.Attention{matter} }))
	waiting := func() int {
		matters, _ := page(w.store.Attention(w.Context(), everything(), "", 0))(w)
		return len(matters)
	}
	w.pass(t.Expires.Sub(w.clock()) - time.Second)
	if n := waiting(); n != 1 {
		w.Errorf("%d matters wait, want 1", n)
	}
	w.same("case", need(w.store.Ticket(w.Context(), t.ID))(w), t)
	w.same("mention", need(w.store.Mention(w.Context(), t.ID, m.Key, m.At))(w), m)
	w.same("reply", need(w.store.Reply(w.Context(), t.ID, r.ID))(w), r)
	w.same("story", need(w.store.Story(w.Context(), t.ID))(w), ticket.Story{Ticket: t, Mentions: []ticket.Mention{m}, Replies: []ticket.Reply{r}})
	listed := func() int {
		rows, _ := page(w.store.List(w.Context(), ticket.Query{View: ticket.ViewState, State: ticket.Cerrado}))(w)
		return len(rows)
	}
	if n := listed(); n != 1 {
		w.Errorf("%d ended cases are listed, want 1", n)
	}
	w.pass(time.Second)
	for what, err := range map[string]error{
		"case":    failure(w.store.Ticket(w.Context(), t.ID)),
		"story":   failure(w.store.Story(w.Context(), t.ID)),
		"mention": failure(w.store.Mention(w.Context(), t.ID, m.Key, m.At)),
		"reply":   failure(w.store.Reply(w.Context(), t.ID, r.ID)),
	} {
		if !fault.Is(err, fault.NotFound) {
			w.Errorf("expired %s: %v, want not_found", what, err)
		}
	}
	if n := listed(); n != 0 {
		w.Errorf("%d expired cases are listed", n)
	}
	if n := waiting(); n != 0 {
		w.Errorf("%d matters of an expired case wait", n)
	}
	if _, found := find(w.store.OpenTicket(w.Context(), t.Conversation))(w); found {
		w.Error("the conversation leads to an expired case")
	}
	// The names stay: a number is never given twice, a repeated delivery is still known.
	w.refused(w.fresh(func(c *ticket.Change) { c.Ticket.Number = t.Number }), fault.Conflict, ticket.ErrNumberTaken)
	w.refused(w.fresh(func(c *ticket.Change) { c.Seen.Key = t.First }), fault.Duplicate, ticket.ErrSeen)
	w.verified(t.ID, 4)
	w.pass(10 * 365 * 24 * time.Hour)
	w.same("open case", need(w.store.Story(w.Context(), open.ID))(w), ticket.Story{
		Ticket: open, Mentions: []ticket.Mention{openMention}, Replies: []ticket.Reply{openReply},
	})
	again := w.open(func(c *ticket.Change) { c.Ticket.Conversation = t.Conversation })
	if id, _ := find(w.store.OpenTicket(w.Context(), t.Conversation))(w); id != again.ID {
		w.Errorf("OpenTicket = %q, want %q", id, again.ID)
	}
}

// expiryStays: what is written after the end keeps the expiry; a case that is opened again has none; a step that mixes the
// two is refused.
func expiryStays(w *world) {
	t, m, r := w.ended(w.answeredCase())
	m.Text = "texto corregido"
	m.Rev++
	t = w.must(w.step(t, func(c *ticket.Change) { c.Mentions = []ticket.Mention{m} }))
	r.State = ticket.ReplyUnknown
	r.Rev++
	w.must(ticket.Change{Replies: []ticket.Reply{r}}) // without its case
	for name, spoil := range map[string]func(*ticket.Change){
		"an ended case without expiry": func(c *ticket.Change) { c.Ticket.Expires = time.Time{} },
		"an open case with expiry":     func(c *ticket.Change) { c.Ticket.State = ticket.Reabierto },
		"a mention without expiry": func(c *ticket.Change) {
			late := m
			late.Rev, late.Expires = m.Rev+1, time.Time{}
			c.Mentions = []ticket.Mention{late}
		},
		"a reply with another expiry": func(c *ticket.Change) {
			late := r
			late.Rev, late.Expires = r.Rev+1, t.Expires.Add(time.Hour)
			c.Replies = []ticket.Reply{late}
		},
	} {
		c := w.step(t)
		spoil(&c)
		if err := w.commit(c); !fault.Is(err, fault.Permanent) {
			w.Errorf("%s: %v, want permanent", name, err)
		}
	}
	edit := mention.Event{Outcome: mention.Edit, Network: mention.X, Key: "700_nunca", Text: "texto", At: w.clock()}
	if err := w.commit(ticket.Change{Seen: &ticket.Seen{Network: mention.X, Key: edit.Key, Edited: &edit, Rev: 1}}); !fault.Is(err, fault.Permanent) {
		w.Errorf("an edit that waits for ever: %v, want permanent", err)
	}
	w.pass(t.Expires.Sub(w.clock()) - time.Second)
	w.same("story", need(w.store.Story(w.Context(), t.ID))(w), ticket.Story{Ticket: t, Mentions: []ticket.Mention{m}, Replies: []ticket.Reply{r}})
	m.Rev++
	r.Rev++
	back := w.step(t, func(c *ticket.Change) {
		c.Ticket.State, c.Open = ticket.Reabierto, true
		c.Mentions, c.Replies = []ticket.Mention{m}, []ticket.Reply{r}
	})
	w.must(back)
	w.pass(365 * 24 * time.Hour)
	w.same("opened again", need(w.store.Story(w.Context(), t.ID))(w), ticket.Story{Ticket: *back.Ticket, Mentions: back.Mentions, Replies: back.Replies})
}

// editExpires: an edit whose item never comes is forgotten in its time, deleted or not; an item that comes is remembered for
// good, whether the edit waits for it or not.
func editExpires(w *world) {
	early := func(key string) ticket.Seen {
		edit := mention.Event{Outcome: mention.Edit, Network: mention.Facebook, Key: key, Text: "texto ficticio", At: w.clock()}
		s := ticket.Seen{Network: mention.Facebook, Key: key, Edited: &edit, Rev: 1, Expires: ticket.EditExpires(w.clock())}
		w.must(ticket.Change{Seen: &s})
		return s
	}
	late, inTime := early("800_tarde"), early("800_a_tiempo")
	w.pass(late.Expires.Sub(w.clock()) - time.Second)
	got, _ := find(w.store.Seen(w.Context(), mention.Facebook, late.Key))(w)
	w.same("waiting edit", got, late)
	w.must(w.fresh(func(c *ticket.Change) { c.Seen.Key, c.Seen.Rev, c.SeenWas = inTime.Key, 2, &inTime }))
	w.pass(time.Second)
	if _, found := find(w.store.Seen(w.Context(), mention.Facebook, late.Key))(w); found {
		w.Error("an expired edit is remembered")
	}
	again := early(late.Key) // the same edit once more
	w.pass(again.Expires.Sub(w.clock()))
	opening := w.fresh(func(c *ticket.Change) { c.Seen.Key = late.Key })
	w.must(opening)
	w.pass(time.Minute)
	w.must(opening) // a repeated step is a success here too, whenever it is repeated
	w.pass(365 * 24 * time.Hour)
	for _, key := range []string{late.Key, inTime.Key} {
		got, found := find(w.store.Seen(w.Context(), mention.Facebook, key))(w)
		if !found || got.Ticket == "" || got.Edited != nil || !got.Expires.IsZero() {
			w.Errorf("the item of %s is remembered as %+v, %v", key, got, found)
		}
	}
	w.refused(w.fresh(func(c *ticket.Change) { c.Seen.Key = late.Key }), fault.Duplicate, ticket.ErrSeen)
}

// failure keeps the error of a read.
func failure[T any](_ T, err error) error { return err }
