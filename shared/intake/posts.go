package intake

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// ofPost reports whether what is remembered is a post of ours.
func ofPost(seen ticket.Seen) bool {
	_, is := outbox.PostOf(seen.Ticket)
	return is
}

// early reports whether what is remembered came before its item.
func early(seen *ticket.Seen) bool {
	return seen != nil && seen.Ticket == "" && (seen.Deleted || seen.Edited != nil)
}

// posted reports whether the event is about a post of its own, which answers nothing: it may be one that was planned here.
func (w *Worker) posted(e mention.Event) bool {
	return w.cfg.Posts != nil && e.Key != "" && e.Parent == "" && (e.Kind == mention.Post || e.Kind == mention.Mentioned)
}

// aloft is one way out of a post, as it stands now. Called is when the call went out that said it, or may have; busy says that
// somebody is making it, and will record what became of it.
type aloft struct {
	plan   agenda.Plan
	target post.Target
	called time.Time
	busy   bool
}

// aloft reads a way out of a post; NotFound when there is none.
func (w *Worker) aloft(ctx context.Context, id, name string) (aloft, error) {
	p, err := w.cfg.Posts.Plan(ctx, id)
	if err != nil {
		return aloft{}, err
	}
	i := slices.IndexFunc(p.Targets, func(t post.Target) bool { return t.Name() == name })
	if i < 0 {
		return aloft{}, fault.New(fault.NotFound, "intake.aloft", nil)
	}
	out := aloft{plan: p, target: p.Targets[i], called: p.Targets[i].ClaimedAt}
	switch out.target.State {
	case post.Planned, post.Claimed:
		at, claimed, err := w.cfg.Posts.ClaimedAt(ctx, outbox.Ref{Ticket: out.target.Cause(), ID: out.target.Message})
		if claimed {
			out.called, out.busy = at, true
		}
		return out, err
	case post.Sent:
		out.called = out.target.SentAt
	case post.Unknown, post.Refused, post.Expired, post.Cancelled, post.Draft, post.Submitted, post.Approved, post.Rejected:
	}
	return out, nil
}

// flies reports whether nobody has recorded yet that the network has it, although it may.
func (f aloft) flies() bool { return f.busy || agenda.Doubted(f.target) }

// sounds reports whether what the network tells has its words, and the time of its call.
func (f aloft) sounds(e mention.Event, now time.Time) bool {
	at := e.At
	if at.IsZero() || at.After(now) {
		at = now
	}
	return agenda.Near(at, f.called) && f.plan.Reads(e.Network, e.Text)
}

// otherwise reports whether the network may call it by another name than its answer did: Facebook gives a video an id, and the post
// that shows it another.
func (f aloft) otherwise() bool {
	return f.target.Network == mention.Facebook && f.target.State == post.Sent && f.target.RemoteID != "" && !strings.Contains(f.target.RemoteID, "_")
}

// about gives the ways out through the account of an event that fly, or that have landed under the event's name or may have under
// another.
func (w *Worker) about(ctx context.Context, e mention.Event, now time.Time) ([]aloft, error) {
	ref := refOf(e)
	plans, err := w.cfg.Posts.InFlight(ctx, ref, now)
	if err != nil {
		return nil, err
	}
	var all []aloft
	for _, p := range plans {
		for _, t := range p.Targets {
			if agenda.Channel(t) != ref || t.State.Ended() && t.State != post.Sent || t.State == post.Sent && t.RemoteID != e.Key && !(aloft{target: t}).otherwise() {
				continue
			}
			f, err := w.aloft(ctx, t.Post, t.Name())
			switch {
			case fault.Is(err, fault.NotFound):
			case err != nil:
				return nil, err
			case f.flies(), f.target.State == post.Sent:
				all = append(all, f)
			}
		}
	}
	return all, nil
}

// only gives the one that is so; of two alike, a person decides.
func only(all []aloft, is func(aloft) bool) (aloft, bool) {
	found := slices.DeleteFunc(slices.Clone(all), func(f aloft) bool { return !is(f) })
	if len(found) != 1 {
		return aloft{}, false
	}
	return found[0], true
}

// echoed takes the echo of a post of ours that was planned here; false when it is none. Was is what came of it first.
func (w *Worker) echoed(ctx context.Context, e mention.Event, was *ticket.Seen, a *arrival) (bool, error) {
	all, err := w.about(ctx, e, a.now)
	if err != nil {
		return false, err
	}
	f, is := only(all, func(f aloft) bool { return f.target.RemoteID == e.Key })
	if !is {
		f, is = only(all, func(f aloft) bool { return f.flies() && f.sounds(e, a.now) })
	}
	if !is {
		f, is = only(all, func(f aloft) bool { return f.otherwise() && f.sounds(e, a.now) })
	}
	if !is {
		return false, nil
	}
	return true, w.echo(ctx, f, e, was, a)
}

// echo remembers the network's name of a way out, and records that the network has it where nobody else will.
func (w *Worker) echo(ctx context.Context, f aloft, e mention.Event, was *ticket.Seen, a *arrival) error {
	seen := named(f.target, e.Key, was, a.now)
	var change ticket.Change
	if !f.busy {
		change, _ = agenda.Echoed(f.target, e.Key, w.address(f.target, e.Key, e.Link), e.At, a.now)
	}
	change.Seen, change.SeenWas = &seen, was
	if err := w.cfg.Store.Commit(ctx, change); err != nil || !early(was) {
		return err
	}
	return w.overtaken(ctx, seen, a)
}

// named is the memory of a way out under the network's name of it, with what came of it first.
func named(t post.Target, key string, was *ticket.Seen, now time.Time) ticket.Seen {
	seen := agenda.Remember(t, key, now)
	if was != nil {
		seen.Rev, seen.Edited, seen.Deleted = was.Rev+1, was.Edited, was.Deleted
	}
	return seen
}

// waitForRecord brings the delivery back: the worker that says the post at this moment records it within seconds, and only then can
// what was done to it since be.
func waitForRecord() error {
	return fault.New(fault.Transient, "intake.posts", errors.New("what became of the post is not recorded yet"))
}

// address is where everybody sees a post, where that is known.
func (w *Worker) address(t post.Target, key, link string) string {
	if link == "" && w.cfg.Address != nil {
		return w.cfg.Address(t.Network, t.Account, key)
	}
	return link
}

// overtaken does what came before its post.
func (w *Worker) overtaken(ctx context.Context, seen ticket.Seen, a *arrival) error {
	if seen.Edited != nil {
		if err := w.touch(ctx, seen, *seen.Edited, a); err != nil {
			return err
		}
	}
	if !seen.Deleted {
		return nil
	}
	return w.touch(ctx, seen, mention.Event{Outcome: mention.Delete, Network: seen.Network, Key: seen.Key}, a)
}

// echoedAgain takes the echo of a post that is known by its name.
func (w *Worker) echoedAgain(ctx context.Context, e mention.Event, seen ticket.Seen, a *arrival) error {
	f, err := w.remembered(ctx, seen)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil // kept no longer
	case err != nil:
		return err
	}
	change, news := agenda.Echoed(f.target, e.Key, w.address(f.target, e.Key, e.Link), e.At, a.now)
	if !news || f.busy {
		unit.Of(ctx).Count(unit.Duplicates, 1)
	} else if err := w.cfg.Store.Commit(ctx, change); err != nil {
		return err
	}
	return w.overtaken(ctx, seen, a)
}

// remembered reads the way out that is remembered.
func (w *Worker) remembered(ctx context.Context, seen ticket.Seen) (aloft, error) {
	id, _ := outbox.PostOf(seen.Ticket)
	return w.aloft(ctx, id, seen.Reply)
}

// stands reports whether an edit leaves our words as they are, or is, as far as anybody can tell, one that is known.
func (f aloft) stands(e mention.Event) bool {
	return f.plan.Reads(f.target.Network, e.Text) || e.At.IsZero() && !f.target.EditedAt.IsZero()
}

// touch records that a post of ours was written anew, or taken away, on its network: we never do that ourselves. What leaves our
// words as they are is the network's own doing, as when a video is ready.
func (w *Worker) touch(ctx context.Context, seen ticket.Seen, e mention.Event, a *arrival) error {
	for range rounds {
		f, err := w.remembered(ctx, seen)
		switch {
		case fault.Is(err, fault.NotFound):
			return nil
		case err != nil:
			return err
		case f.busy:
			return waitForRecord()
		case e.Outcome == mention.Edit && f.stands(e):
			return nil
		}
		change, news := agenda.Echoed(f.target, seen.Key, w.address(f.target, seen.Key, e.Link), time.Time{}, a.now)
		proven := news // it stands there: what was done to it follows
		if !news {
			change, news = agenda.Native(f.target, e.Outcome == mention.Delete, e.At, a.now)
		}
		if !news {
			return nil
		}
		err = w.cfg.Store.Commit(ctx, change)
		switch {
		case err == nil && !proven:
			return nil
		case err == nil, fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound): // it moved meanwhile
		default:
			return err
		}
	}
	return fault.New(fault.Transient, "intake.touch", nil)
}

// touched takes that a post of ours was written anew, or taken away; false when it is none that was planned here. One whose post is
// on its way, and has no name yet, waits for it. X does not always say whose post was taken away.
func (w *Worker) touched(ctx context.Context, e mention.Event, ours bool, a *arrival) (bool, error) {
	if !w.posted(e) || !ours && (e.Author != nil || e.Outcome != mention.Delete) {
		return false, nil
	}
	for range rounds {
		seen, found, err := w.cfg.Store.Seen(ctx, e.Network, e.Key)
		switch {
		case err != nil:
			return false, err
		case found && ofPost(seen):
			return true, w.touch(ctx, seen, e, a)
		case found && seen.Ticket != "":
			return false, nil
		}
		var was *ticket.Seen
		if found {
			was = &seen
		}
		done, err := w.waits(ctx, e, was, a)
		if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Duplicate) {
			return done, err
		}
	}
	return false, fault.New(fault.Transient, "intake.touched", nil)
}

// waits remembers what was done to a post whose echo has not come.
func (w *Worker) waits(ctx context.Context, e mention.Event, was *ticket.Seen, a *arrival) (bool, error) {
	all, err := w.about(ctx, e, a.now)
	if err != nil {
		return false, err
	}
	if f, is := only(all, func(f aloft) bool { return f.target.RemoteID == e.Key }); is {
		seen := named(f.target, e.Key, was, a.now)
		if err := w.cfg.Store.Commit(ctx, ticket.Change{Seen: &seen, SeenWas: was}); err != nil {
			return true, err
		}
		return true, errors.Join(w.overtaken(ctx, seen, a), w.touch(ctx, seen, e, a))
	}
	if !slices.ContainsFunc(all, aloft.flies) {
		return false, nil
	}
	if slices.ContainsFunc(all, func(f aloft) bool { return e.Outcome == mention.Edit && f.plan.Reads(e.Network, e.Text) }) {
		return true, nil
	}
	next, news := before(e, was, a.received)
	if !news {
		return true, nil
	}
	return true, w.cfg.Store.Commit(ctx, ticket.Change{Seen: &next, SeenWas: was})
}

// before is the memory of what was done to a post before its echo came; false when that is known.
func before(e mention.Event, was *ticket.Seen, received time.Time) (ticket.Seen, bool) {
	next := ticket.Seen{Network: e.Network, Key: e.Key}
	if was != nil {
		next = *was
	}
	next.Rev = revision(was)
	switch {
	case e.Outcome == mention.Delete && next.Deleted, e.Outcome == mention.Edit && next.Edited != nil && !e.At.After(next.Edited.At):
		return next, false
	case e.Outcome == mention.Delete:
		next.Deleted = true
	default:
		next.Edited = &mention.Event{Outcome: mention.Edit, Network: e.Network, Kind: e.Kind, Key: e.Key, Account: e.Account, Text: e.Text, At: e.At}
	}
	if next.Edited != nil && next.Awaited == nil {
		next.Expires = ticket.EarlyExpires(e.Network, received)
	}
	return next, true
}
