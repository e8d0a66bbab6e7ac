package fetch_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// memory is a store that holds its locks as the real one does.
type memory struct {
	mu          sync.Mutex
	channels    map[channel.Ref]channel.Channel
	grants      map[channel.Ref]channel.Grant
	connections map[string]channel.Connection
	seen        map[string]ticket.Seen
	mentions    map[string]ticket.Mention
	stories     map[string]ticket.Story
	failing     error // of reading a story
	messages    map[outbox.Ref]outbox.Message
	spent       map[string]int64
	before      func(ticket.Change) error
	writes      int
}

func newMemory() *memory {
	return &memory{
		channels: map[channel.Ref]channel.Channel{}, grants: map[channel.Ref]channel.Grant{}, connections: map[string]channel.Connection{},
		seen: map[string]ticket.Seen{}, stories: map[string]ticket.Story{}, mentions: map[string]ticket.Mention{}, messages: map[outbox.Ref]outbox.Message{}, spent: map[string]int64{},
	}
}

func (s *memory) Channels(context.Context) ([]channel.Channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.channels)), nil
}

func (s *memory) Channel(_ context.Context, ref channel.Ref) (channel.Channel, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, found := s.channels[ref]
	return c, found, nil
}

func (s *memory) Connection(_ context.Context, id string) (channel.Connection, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, found := s.connections[id]
	return c, found, nil
}

func (s *memory) Spent(_ context.Context, ref channel.Ref, day string) (channel.Spend, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return channel.Spend{Ref: ref, Day: day, Micros: map[string]int64{"all": s.spent[ref.String()+day]}}, nil
}

func (s *memory) Seen(_ context.Context, n mention.Network, key string) (ticket.Seen, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen, found := s.seen[string(n)+"/"+key]
	return seen, found, nil
}

func (s *memory) Story(_ context.Context, id string) (ticket.Story, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	story, found := s.stories[id]
	if !found {
		return story, fault.New(fault.NotFound, "test", ticket.ErrGone)
	}
	return story, s.failing
}

func (s *memory) Mention(_ context.Context, id, key string, at time.Time) (ticket.Mention, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, found := s.mentions[id+"/"+key]
	if !found || !m.At.Equal(at) {
		return m, fault.New(fault.NotFound, "test", ticket.ErrGone)
	}
	return m, nil
}

func (s *memory) Message(_ context.Context, ref outbox.Ref) (outbox.Message, bool, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, found := s.messages[ref]
	return m, false, found, nil
}

func (s *memory) Commit(_ context.Context, c ticket.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.before != nil {
		if err := s.before(c); err != nil {
			return err
		}
	}
	if err := s.refused(c); err != nil {
		return err
	}
	s.writes++
	for _, ref := range c.Done {
		delete(s.messages, ref)
	}
	for _, m := range c.Send {
		if worker, _ := m.Topic.Worker(); worker != outbox.Fetch {
			continue // a letter about an account that stopped is another's work
		}
		s.messages[m.Ref()] = m
	}
	for _, m := range c.Mentions {
		s.mentions[m.Ticket+"/"+m.Key] = m
	}
	if c.Channel != nil {
		s.channels[c.Channel.Ref] = *c.Channel
	}
	if c.Grant != nil {
		s.grants[c.Grant.Ref] = *c.Grant
	}
	if c.Connection != nil {
		s.connections[c.Connection.ID] = *c.Connection
	}
	if c.Seen != nil {
		s.seen[string(c.Seen.Network)+"/"+c.Seen.Key] = *c.Seen
	}
	if c.Spend != nil {
		s.spent[c.Spend.String()+c.Spend.Day] += c.Spend.Total()
	}
	return nil
}

func (s *memory) refused(c ticket.Change) error {
	for _, ref := range c.Done {
		if _, found := s.messages[ref]; !found {
			return fault.New(fault.NotFound, "test", ticket.ErrGone)
		}
	}
	stale := c.Channel != nil && c.Channel.Rev != s.channels[c.Channel.Ref].Rev+1 ||
		c.Grant != nil && c.Grant.Rev != s.grants[c.Grant.Ref].Rev+1 ||
		c.Connection != nil && c.Connection.Rev != s.connections[c.Connection.ID].Rev+1
	for _, m := range c.Mentions {
		stale = stale || m.Rev != s.mentions[m.Ticket+"/"+m.Key].Rev+1
	}
	if stale {
		return fault.New(fault.Conflict, "test", ticket.ErrStale)
	}
	return nil
}
