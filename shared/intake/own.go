package intake

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// said takes what an account of ours said: it is a reply of ours that we know of, or one that somebody of ours gave in the
// network's own application. What answers nothing is no case's business.
func (w *Worker) said(ctx context.Context, e mention.Event, a *arrival) error {
	if e.Key == "" {
		return nil
	}
	for range rounds {
		err := w.saidOnce(ctx, e, a)
		if !fault.Is(err, fault.Duplicate) && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
			return err
		}
		// It was told twice at once, or its sending was recorded meanwhile: read again what it is.
	}
	return fault.New(fault.Transient, "intake.said", nil)
}

func (w *Worker) saidOnce(ctx context.Context, e mention.Event, a *arrival) error {
	ours, _ := w.ourName(e)
	seen, found, err := w.cfg.Store.Seen(ctx, e.Network, ours.Key)
	switch {
	case err != nil:
		return err
	case !found:
		return w.saidFirst(ctx, e, ours.Key, nil, a)
	case ofPost(seen):
		return w.echoedAgain(ctx, e, seen, a)
	case seen.Reply != "":
		return w.confirmed(ctx, seen, ours, a)
	case seen.Awaited != nil: // nobody had told us that it is ours
		if e, err = w.completed(e, seen); err != nil {
			return err
		}
		return w.saidFirst(ctx, e, ours.Key, &seen, a)
	case early(&seen) && w.posted(e):
		_, err = w.echoed(ctx, e, &seen, a)
		return err
	default:
		return nil // known as something else, or gone
	}
}

// saidFirst takes something of ours that was not known to be.
func (w *Worker) saidFirst(ctx context.Context, e mention.Event, key string, was *ticket.Seen, a *arrival) error {
	if w.posted(e) {
		if planned, err := w.echoed(ctx, e, was, a); err != nil || planned {
			return err
		}
	}
	change, native, err := w.meaning(ctx, e, a)
	switch {
	case err != nil:
		return err
	case change.Seen == nil && was == nil:
		return nil
	case change.Seen == nil:
		change.Seen = &ticket.Seen{Network: e.Network, Key: key, At: was.At}
	}
	change.Seen.Rev, change.SeenWas = revision(was), was
	if err = w.cfg.Store.Commit(ctx, change); err == nil && native {
		a.news(e, was)
	}
	return err
}

// ourName gives what an account of ours said under the names by which it, and what it answers, are known here; and the
// conversation it belongs to, where it is a message to a person.
func (w *Worker) ourName(e mention.Event) (ours mention.Event, conversation string) {
	thread := e.Thread
	e.Author = nil
	if !e.Public() && thread != "" {
		e.Author = &mention.Author{ID: thread}
		conversation, _ = w.conversation(e)
	}
	e = w.nameless(e)
	e.Author, e.Recipient = nil, ""
	if e.Public() {
		e.Thread = thread
	}
	return e, conversation
}

// confirmed takes something of ours that is known by its name: told again it is a repetition, unless the record of its sending
// is still on its way.
func (w *Worker) confirmed(ctx context.Context, seen ticket.Seen, e mention.Event, a *arrival) error {
	r, err := w.cfg.Replies.Reply(ctx, seen.Ticket, seen.Reply)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil // its case is kept no longer
	case err != nil:
		return err
	case r.State == ticket.ReplySent:
		unit.Of(ctx).Count(unit.Duplicates, 1)
		return nil
	}
	s, there, err := w.story(ctx, seen.Ticket, e)
	if err != nil || !there {
		return err
	}
	change, err := w.confirm(ctx, s, r.ID, e, a)
	if err != nil {
		return err
	}
	change.Seen = nil // it stands there
	return w.cfg.Store.Commit(ctx, change)
}

// confirm is the step by which the network itself tells that it has a reply of the story.
func (w *Worker) confirm(ctx context.Context, s ticket.Story, reply string, e mention.Event, a *arrival) (ticket.Change, error) {
	i := slices.IndexFunc(s.Replies, func(r ticket.Reply) bool { return r.ID == reply })
	if i < 0 {
		return ticket.Change{}, nil
	}
	open, err := w.open(ctx, s.Replies[i])
	return s.ConfirmStep(s.Replies[i], e.Key, open, e.At, a.now), err
}

// open gives the message that still stands for a reply, if there is one.
func (w *Worker) open(ctx context.Context, r ticket.Reply) ([]outbox.Ref, error) {
	ref := outbox.Ref{Ticket: r.Ticket, ID: r.Message}
	if r.Message == "" {
		return nil, nil
	}
	_, _, found, err := w.cfg.Replies.Message(ctx, ref)
	if err != nil || !found {
		return nil, err
	}
	return []outbox.Ref{ref}, nil
}

// meaning is what something new of ours means for a case: a reply of ours was said, or somebody of ours answered in the
// network's own application (native). The change is empty where it means nothing.
func (w *Worker) meaning(ctx context.Context, e mention.Event, a *arrival) (change ticket.Change, native bool, err error) {
	e, conversation := w.ourName(e)
	s, there, err := w.place(ctx, e, conversation)
	if err != nil || !there {
		return ticket.Change{}, false, err
	}
	if r, ours := s.Confirms(e, a.now); ours {
		change, err = w.confirm(ctx, s, r.ID, e, a)
		return change, false, err
	}
	change, native = s.NativeStep(e, a.now)
	if !native {
		return ticket.Change{}, false, nil
	}
	other, reply, found, err := w.flying(ctx, e, s.Ticket.ID, a.now)
	if err != nil || !found {
		return change, native, err
	}
	change, err = w.confirm(ctx, other, reply, e, a)
	return change, false, err
}

// place finds the case that something of ours belongs to: by our own word in it, by what it answers, or by the open
// conversation with whom it was written to.
func (w *Worker) place(ctx context.Context, e mention.Event, conversation string) (ticket.Story, bool, error) {
	if id, _, ours := ticket.ParseTag(e.Tag); ours {
		if s, there, err := w.story(ctx, id, e); err != nil || there {
			return s, there, err
		}
	}
	id := ""
	if e.Public() {
		about, _, err := w.cfg.Store.Seen(ctx, e.Network, cmp.Or(e.Parent, e.Thread))
		if err != nil {
			return ticket.Story{}, false, err
		}
		id = about.Ticket
	} else if conversation != "" {
		var err error
		if id, _, err = w.cfg.Store.OpenTicket(ctx, conversation); err != nil {
			return ticket.Story{}, false, err
		}
	}
	return w.story(ctx, id, e)
}

// story reads a case of the account that the event is about; false when there is none.
func (w *Worker) story(ctx context.Context, id string, e mention.Event) (ticket.Story, bool, error) {
	if !outbox.IsCase(id) {
		return ticket.Story{}, false, nil
	}
	s, err := w.cfg.Replies.Story(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return ticket.Story{}, false, nil
	}
	return s, err == nil && s.Ticket.Network == e.Network && s.Ticket.Account == e.Account, err
}

// How far ahead the work is looked through for a reply that is being said, and how much of it.
const (
	flyingAhead = 15 * time.Minute
	flyingMost  = 200
)

// flying looks for something of ours among the replies of other cases that are being said at this time. A network hangs an
// answer to an answer on the comment above both, and tells of a private answer to a comment as of a message: then what it
// names is not the case the reply belongs to.
func (w *Worker) flying(ctx context.Context, e mention.Event, but string, now time.Time) (s ticket.Story, reply string, found bool, err error) {
	work, err := w.cfg.Replies.Unfinished(ctx, now.Add(flyingAhead), flyingMost)
	if err != nil {
		return ticket.Story{}, "", false, err
	}
	for _, m := range work {
		if m.Ticket == but || m.Topic != outbox.Publish && m.Topic != outbox.Verify {
			continue
		}
		r, err := w.cfg.Replies.Reply(ctx, m.Ticket, m.Subject)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return ticket.Story{}, "", false, err
		}
		if err != nil || !post.Alike(r.Text, e.Text) {
			continue
		}
		s, there, err := w.story(ctx, m.Ticket, e)
		if err != nil {
			return ticket.Story{}, "", false, err
		}
		if one, is := s.Confirms(e, now); there && is {
			return s, one.ID, true, nil
		}
	}
	return ticket.Story{}, "", false, nil
}

// rewritten takes that something of ours was written anew or taken away on its network.
func (w *Worker) rewritten(ctx context.Context, e mention.Event, a *arrival) error {
	for range rounds {
		t, r, found, err := w.ourReply(ctx, e)
		if err != nil || !found {
			return err
		}
		change, changes := t.ReplyRevisedStep(r, e, a.now)
		if !changes {
			return nil
		}
		if err = w.cfg.Store.Commit(ctx, change); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return fault.New(fault.Transient, "intake.rewritten", nil)
}

// ourReply finds the reply that a network's name belongs to, and its case: by what is remembered of the name, else where it
// would have been said.
func (w *Worker) ourReply(ctx context.Context, e mention.Event) (t ticket.Ticket, r ticket.Reply, found bool, err error) {
	ours, conversation := w.ourName(e)
	seen, known, err := w.cfg.Store.Seen(ctx, e.Network, ours.Key)
	if err != nil {
		return t, r, false, err
	}
	var s ticket.Story
	if known && seen.Reply != "" {
		s, found, err = w.story(ctx, seen.Ticket, ours)
	} else {
		s, found, err = w.place(ctx, ours, conversation)
	}
	if err != nil || !found {
		return t, r, false, err
	}
	i := slices.IndexFunc(s.Replies, func(r ticket.Reply) bool {
		return known && seen.Reply == r.ID || r.RemoteID != "" && r.RemoteID == ours.Key
	})
	if i < 0 {
		return t, r, false, nil
	}
	return s.Ticket, s.Replies[i], true, nil
}
