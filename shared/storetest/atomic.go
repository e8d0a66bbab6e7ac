package storetest

import (
	"fmt"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// full is a case about to make a step that writes one of everything.
type full struct {
	*world
	t       ticket.Ticket
	mention ticket.Mention
	reply   ticket.Reply
	seen    ticket.Seen
	matter  ticket.Attention
	// messages: to be done, to be cancelled, standing, claimed
	done, cancel, standing, claimed outbox.Message
	stranger                        ticket.Ticket // another open case, with folio F-OTHER
}

func newFull(w *world) *full {
	f := &full{world: w}
	opening := w.fresh()
	f.mention = opening.Mentions[0]
	t := w.must(opening)
	due := w.clock().Add(time.Minute)
	f.done, f.cancel, f.standing, f.claimed = w.message(t, due), w.message(t, due), w.message(t, due), w.message(t, due)
	f.reply = ticket.Reply{Ticket: t.ID, ID: "r000002", Text: "hola", State: ticket.ReplyPlanned, Message: f.done.ID, PlannedAt: w.clock(), Rev: 1}
	f.matter = ticket.Attention{Ticket: t.ID, ID: "reply_unknown-r1", Kind: "reply_unknown", Number: t.Number, Network: t.Network, At: w.clock()}
	f.t = w.must(w.step(t, func(c *ticket.Change) {
		c.Replies, c.Send = []ticket.Reply{f.reply}, []outbox.Message{f.done, f.cancel, f.standing, f.claimed}
		c.Raise = []ticket.Attention{f.matter}
	}))
	ref := f.claimed.Ref()
	w.must(ticket.Change{Claim: &ref, ClaimAt: w.clock()})
	f.seen = ticket.Seen{Network: mention.Facebook, Key: "500_edit", At: w.clock(), Rev: 1}
	w.must(ticket.Change{Seen: &f.seen})
	w.must(ticket.Change{Click: f.click("used")})
	f.stranger = w.open()
	f.stranger = w.must(w.step(f.stranger, func(c *ticket.Change) {
		c.Ticket.SIAC, c.Entry = ticket.SIAC{State: ticket.Filed, Folio: "F-OTHER"}, filing(w.clock())
	}))
	return f
}

func (f *full) click(key string) *ticket.Click {
	return &ticket.Click{Key: key, Digest: "d", Status: 200, Body: []byte(`{"id":"x"}`), At: f.clock()}
}

// step is the step that writes one of everything, changed by spoil.
func (f *full) everything(spoil func(*ticket.Change)) ticket.Change {
	return f.step(f.t, func(c *ticket.Change) {
		c.Ticket.State, c.Close = ticket.Cerrado, true
		c.Ticket.SIAC, c.Entry = ticket.SIAC{State: ticket.Filed, Folio: "F-OWN"}, filing(f.clock())
		now := f.seen
		now.Ticket, now.Rev = f.t.ID, 2
		c.Seen, c.SeenWas = &now, &f.seen
		revised, added := f.mention, f.mention
		revised.Text, revised.Rev = "corregido", 2
		added.Key, added.At = "100_added", added.At.Add(time.Second)
		c.Mentions = []ticket.Mention{revised, added}
		sent := f.reply
		sent.State, sent.Rev = ticket.ReplySent, 2
		c.Replies = []ticket.Reply{sent}
		c.Send = []outbox.Message{outbox.New(f.t.ID+"-new", outbox.Verify, f.t.ID, "r000002", f.t.Conversation, f.clock())}
		c.Done, c.Cancel = []outbox.Ref{f.done.Ref()}, []outbox.Ref{f.cancel.Ref()}
		raised := f.matter
		raised.ID = "siac_unknown-siac"
		c.Raise, c.Settle = []ticket.Attention{raised}, []ticket.Attention{f.matter}
		c.Click = f.click("new")
		spoil(c)
	})
}

// picture is all that the step could have touched.
type picture struct {
	Story   ticket.Story
	Entries int
	Seen    ticket.Seen
	Open    bool
	Folio   bool
	Click   bool
	Matters []ticket.Attention
	Due     []outbox.Message
	Rows    []ticket.Row
}

func (f *full) picture() picture {
	ctx, w := f.Context(), f.world
	p := picture{
		Story:   need(f.store.Story(ctx, f.t.ID))(w),
		Entries: len(need(f.store.History(ctx, f.t.ID))(w)),
		Due:     need(f.store.Due(ctx, f.clock().Add(time.Hour), 0))(w),
	}
	p.Seen, _ = find(f.store.Seen(ctx, f.seen.Network, f.seen.Key))(w)
	_, p.Open = find(f.store.OpenTicket(ctx, f.t.Conversation))(w)
	_, p.Folio = find(f.store.Folio(ctx, "F-OWN"))(w)
	_, p.Click = find(f.store.Answer(ctx, "new"))(w)
	p.Matters, _ = page(f.store.Attention(ctx, everything(), "", 0))(w)
	p.Rows, _ = page(f.store.List(ctx, ticket.Query{View: ticket.ViewWaiting}))(w)
	return p
}

// wholeOrNothing: whichever of the conditions fails, nothing is written, and the refusal says which one it was.
func wholeOrNothing(w *world) {
	f := newFull(w)
	stale := f.t
	stale.Version--
	spoils := []struct {
		name  string
		kind  fault.Kind
		cause error
		spoil func(*ticket.Change)
	}{
		{"seen before", fault.Duplicate, ticket.ErrSeen, func(c *ticket.Change) { c.SeenWas = nil }},
		{"seen otherwise", fault.Conflict, ticket.ErrStale, func(c *ticket.Change) { c.SeenWas.Rev, c.Seen.Rev = 7, 8 }},
		{"mention moved", fault.Conflict, ticket.ErrStale, func(c *ticket.Change) { c.Mentions[0].Rev = 5 }},
		{"mention there", fault.Conflict, ticket.ErrStale, func(c *ticket.Change) { c.Mentions[0].Rev = 1 }},
		{"reply moved", fault.Conflict, ticket.ErrStale, func(c *ticket.Change) { c.Replies[0].Rev = 1 }},
		{"message there", fault.Conflict, ticket.ErrStale, func(c *ticket.Change) { c.Send[0].ID = f.standing.ID }},
		{"done by another", fault.NotFound, ticket.ErrGone, func(c *ticket.Change) { c.Done[0].ID = "none" }},
		{"cancelled by another", fault.NotFound, ticket.ErrGone, func(c *ticket.Change) { c.Cancel[0].ID = "none" }},
		{"claimed by another", fault.Conflict, ticket.ErrClaimed, func(c *ticket.Change) { c.Cancel[0] = f.claimed.Ref() }},
		{"answered before", fault.Duplicate, ticket.ErrClickUsed, func(c *ticket.Change) { c.Click.Key = "used" }},
		{"another's conversation", fault.Conflict, ticket.ErrConversationOpen, func(c *ticket.Change) { c.Ticket.Conversation = f.stranger.Conversation }},
		{"another's folio", fault.Permanent, ticket.ErrFolioTaken, func(c *ticket.Change) { c.Ticket.SIAC.Folio = "F-OTHER" }},
	}
	before := f.picture()
	for _, s := range spoils {
		c := f.everything(func(c *ticket.Change) {
			was := *c.SeenWas
			c.SeenWas = &was
			s.spoil(c)
		})
		f.refused(c, s.kind, s.cause)
		f.same(s.name, f.picture(), before)
	}
	for i := range 2 { // an older version, alone and behind other reasons
		c := f.everything(func(c *ticket.Change) {
			if i == 1 {
				c.Done[0].ID, c.Cancel[0].ID = "none", "neither"
			}
		})
		old := f.step(stale)
		c.Ticket.Version, c.Ticket.Head, c.Entry = old.Ticket.Version, old.Entry.Hash, old.Entry
		f.refused(c, fault.Conflict, ticket.ErrStale)
		f.same(fmt.Sprintf("older version %d", i), f.picture(), before)
	}
	f.wrote(f.everything(func(*ticket.Change) {}))
}

// wrote commits the step and finds each part of it.
func (f *full) wrote(c ticket.Change) {
	f.Helper()
	f.must(c)
	p := f.picture()
	f.same("ticket", p.Story.Ticket, *c.Ticket)
	f.same("mentions", p.Story.Mentions, c.Mentions)
	f.same("replies", p.Story.Replies, c.Replies)
	f.same("seen", p.Seen, *c.Seen)
	f.same("matters", p.Matters, c.Raise)
	if p.Entries != 3 || p.Open || !p.Folio || !p.Click {
		f.Errorf("entries %d (want 3), conversation open %v, folio %v, click %v", p.Entries, p.Open, p.Folio, p.Click)
	}
	ids := map[string]bool{}
	for _, m := range p.Due {
		ids[m.ID] = true
	}
	if !ids[c.Send[0].ID] || ids[f.done.ID] || ids[f.cancel.ID] || !ids[f.standing.ID] {
		f.Errorf("messages now: %v", ids)
	}
	f.verified(f.t.ID, 3)
}
