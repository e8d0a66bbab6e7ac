package deliver_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// postMemory keeps posts and messages as the real store does, without its cost: a claim wins once, what is done must be there,
// what is cancelled must not be claimed, each target has its own lock, and all of a Change is written or nothing.
type postMemory struct {
	posts    map[string]*agenda.Plan
	messages map[outbox.Ref]outbox.Message
	claimed  map[outbox.Ref]time.Time
	seen     map[string]bool
}

func newPostMemory() *postMemory {
	return &postMemory{
		posts: map[string]*agenda.Plan{}, messages: map[outbox.Ref]outbox.Message{}, claimed: map[outbox.Ref]time.Time{}, seen: map[string]bool{},
	}
}

func gone() error { return fault.New(fault.NotFound, "test", ticket.ErrGone) }

func (s *postMemory) Plan(_ context.Context, id string) (agenda.Plan, error) {
	p, found := s.posts[id]
	if !found {
		return agenda.Plan{}, gone()
	}
	return agenda.Plan{Post: p.Post, Targets: slices.Clone(p.Targets)}, nil
}

func (s *postMemory) Target(ctx context.Context, id, name string) (post.Target, error) {
	p, err := s.Plan(ctx, id)
	if i := slices.IndexFunc(p.Targets, func(t post.Target) bool { return t.Name() == name }); i >= 0 {
		return p.Targets[i], nil
	}
	return post.Target{}, errors.Join(err, gone())
}

func (s *postMemory) Message(_ context.Context, ref outbox.Ref) (outbox.Message, bool, bool, error) {
	m, found := s.messages[ref]
	_, claimed := s.claimed[ref]
	return m, claimed, found, nil
}

func (s *postMemory) ClaimedAt(_ context.Context, ref outbox.Ref) (time.Time, bool, error) {
	at, claimed := s.claimed[ref]
	return at, claimed, nil
}

func (s *postMemory) Commit(ctx context.Context, c ticket.Change) error {
	if err := s.refuses(ctx, c); err != nil {
		return err
	}
	if c.Seen != nil {
		s.seen[string(c.Seen.Network)+c.Seen.Key] = true
	}
	if c.Claim != nil {
		s.claimed[*c.Claim] = c.ClaimAt
	}
	for _, ref := range slices.Concat(c.Done, c.Cancel) {
		delete(s.messages, ref)
		delete(s.claimed, ref)
	}
	for _, m := range c.Send {
		s.messages[m.Ref()] = m
	}
	if c.Post != nil {
		if s.posts[c.Post.ID] == nil {
			s.posts[c.Post.ID] = &agenda.Plan{}
		}
		s.posts[c.Post.ID].Post = *c.Post
	}
	for _, t := range c.Targets {
		p := s.posts[t.Post]
		p.Targets = append(slices.DeleteFunc(p.Targets, func(o post.Target) bool { return o.Name() == t.Name() }), t)
	}
	return nil
}

// refuses tells why nothing of a change is written.
func (s *postMemory) refuses(ctx context.Context, c ticket.Change) error {
	for _, ref := range slices.Concat(c.Done, c.Cancel) {
		if _, found := s.messages[ref]; !found {
			return gone()
		}
	}
	for _, ref := range c.Cancel {
		if _, claimed := s.claimed[ref]; claimed {
			return fault.New(fault.Conflict, "test", ticket.ErrClaimed)
		}
	}
	if c.Claim != nil {
		if _, found := s.messages[*c.Claim]; !found {
			return gone()
		}
		if _, claimed := s.claimed[*c.Claim]; claimed {
			return fault.New(fault.Duplicate, "test", ticket.ErrClaimed)
		}
	}
	if c.Seen != nil && s.seen[string(c.Seen.Network)+c.Seen.Key] {
		return fault.New(fault.Duplicate, "test", ticket.ErrSeen)
	}
	for _, m := range c.Send {
		if _, found := s.messages[m.Ref()]; found {
			return fault.New(fault.Conflict, "test", ticket.ErrStale)
		}
	}
	for _, t := range c.Targets {
		if was, err := s.Target(ctx, t.Post, t.Name()); t.Rev != was.Rev+1 || err != nil && t.Rev != 1 {
			return fault.New(fault.Conflict, "test", ticket.ErrStale)
		}
	}
	return nil
}

// Matter implements deliver.Posts.
func (*postMemory) Matter(context.Context, string, string) (ticket.Attention, bool, error) {
	return ticket.Attention{}, false, errors.New("nobody asks for letters")
}

// Ticket, Reply and Mention implement deliver.Store.
func (*postMemory) Ticket(context.Context, string) (ticket.Ticket, error) {
	return ticket.Ticket{}, gone()
}

func (*postMemory) Reply(context.Context, string, string) (ticket.Reply, error) {
	return ticket.Reply{}, gone()
}

func (*postMemory) Mention(context.Context, string, string, time.Time) (ticket.Mention, error) {
	return ticket.Mention{}, gone()
}
