package access_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/access"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/ticket"
)

func noon() time.Time { return time.Date(2026, 11, 29, 15, 0, 0, 0, time.UTC) }

func account() channel.Ref { return channel.Ref{Network: mention.X, Account: "100"} }

// secret is a test's secret.
func secret(context.Context) ([]byte, error) { return []byte(strings.Repeat("ficticio", 4)), nil }

// shelf is a store of sealed keys in memory.
type shelf struct {
	mu     sync.Mutex
	grants map[channel.Ref]channel.Grant
	// commit, when set, stands before a write: its error is the answer, and nothing is written.
	commit func(channel.Grant) error
	// lose, when set, stands behind a write: its error is the answer, and it is written.
	lose func(channel.Grant) error
	down error // of reads
}

func (s *shelf) Grant(ctx context.Context, ref channel.Ref) (channel.Grant, bool, error) {
	if ctx.Err() != nil {
		return channel.Grant{}, false, errDown
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, found := s.grants[ref]
	return g, found && s.down == nil, s.down
}

func (s *shelf) Commit(ctx context.Context, c ticket.Change) error {
	if ctx.Err() != nil {
		return errDown
	}
	if s.commit != nil {
		if err := s.commit(*c.Grant); err != nil {
			return err
		}
	}
	if err := s.put(*c.Grant); err != nil || s.lose == nil {
		return err
	}
	return s.lose(*c.Grant)
}

// put writes as the real store does: under the revision, and a repetition is a success.
func (s *shelf) put(g channel.Grant) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.grants[g.Ref]
	if was == g {
		return nil
	}
	if was.Rev+1 != g.Rev {
		return fault.New(fault.Conflict, "shelf", ticket.ErrStale)
	}
	if s.grants == nil {
		s.grants = map[channel.Ref]channel.Grant{}
	}
	s.grants[g.Ref] = g
	return nil
}

// now is the stored grant.
func (s *shelf) now() channel.Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grants[account()]
}

// provider is a network that rotates: it takes a refresh key once, and locks the account when it is shown one again.
type provider struct {
	mu       sync.Mutex
	n        int // of the keys it gave last
	asked    int
	locked   bool
	fail     error // before anything is done
	lose     error // after everything is done
	then     func()
	lifetime time.Duration
}

func accessKey(n int) string  { return fmt.Sprintf("LLAVE-SECRETA-%d", n) }
func refreshKey(n int) string { return fmt.Sprintf("RENOVACION-SECRETA-%d", n) }

func (p *provider) Refresh(_ context.Context, t channel.Tokens, now time.Time) (channel.Tokens, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	switch {
	case p.fail != nil:
		return channel.Tokens{}, p.fail
	case p.locked || t.Refresh != refreshKey(p.n):
		p.locked = true
		return channel.Tokens{}, refusal()
	}
	p.n++
	if p.then != nil {
		p.then()
	}
	return channel.Tokens{Access: accessKey(p.n), Refresh: refreshKey(p.n), Until: now.Add(p.lifetime)}, p.lose
}

// refusal is what an adapter makes of invalid_grant.
func refusal() error {
	return once.Answer{Status: 400}.Fail("test", true, once.Refusal{Reason: once.ReasonAuth})
}

// kit is one keeper with its world.
type kit struct {
	*testing.T
	shelf    *shelf
	provider *provider
	clock    time.Time
	waited   []time.Duration
	wait     func(n int) error
	*access.Keeper
}

func newKit(t *testing.T) *kit {
	k := &kit{T: t, shelf: &shelf{}, provider: &provider{lifetime: 2 * time.Hour}, clock: noon()}
	k.Keeper = k.another("fetch")
	return k
}

// another is one more keeper of the same keys.
func (k *kit) another(owner string) *access.Keeper {
	return access.New(access.Config{
		Store: k.shelf, Refreshers: map[mention.Network]access.Refresher{mention.X: k.provider, mention.LinkedIn: k.provider},
		Key: secret, Random: rand.Reader, Clock: func() time.Time { return k.clock }, Owner: owner,
		Wait: func(_ context.Context, d time.Duration) error {
			k.waited = append(k.waited, d)
			if k.wait != nil {
				return k.wait(len(k.waited))
			}
			k.clock = k.clock.Add(d)
			return nil
		},
	})
}

// keys are the keys of number 0, good for a while from now.
func (k *kit) keys(left time.Duration) channel.Tokens {
	return channel.Tokens{
		Method: channel.OAuth2, Access: accessKey(0), Refresh: refreshKey(0), Until: k.clock.Add(left), FirstAt: noon().Add(-24 * time.Hour),
		RenewedAt: k.clock.Add(left - 2*time.Hour), Scopes: []string{"tweet.write"},
	}
}

// holds saves keys, and then changes how they are stored.
func (k *kit) holds(t channel.Tokens, with ...func(*channel.Grant)) {
	k.Helper()
	if err := k.Save(k.Context(), account(), t); err != nil {
		k.Fatal(err)
	}
	for _, f := range with {
		g := k.shelf.now()
		f(&g)
		g.Rev++
		if err := k.shelf.put(g); err != nil {
			k.Fatal(err)
		}
	}
}

// gets expects the key of a number.
func (k *kit) gets(n int) {
	k.Helper()
	got, err := k.Access(k.Context(), account())
	if err != nil || got != (channel.Access{Account: "100", Token: accessKey(n)}) {
		k.Errorf("Access = %q, %v; want %q", got.Token, err, accessKey(n))
	}
}

// fails expects no key, for a reason, and gives how long to wait; nothing secret may stand in the error.
func (k *kit) fails(kind fault.Kind, reason string) time.Duration {
	k.Helper()
	got, err := k.Access(k.Context(), account())
	if fault.Of(err) != kind || once.Reason(err) != reason || got != (channel.Access{}) {
		k.Fatalf("Access = %q, %v; want %s: %s", got.Token, err, kind, reason)
	}
	if strings.Contains(err.Error(), "SECRETA") || strings.Contains(err.Error(), "ficticio") {
		k.Errorf("the error tells a secret: %v", err)
	}
	return fault.RetryAfter(err)
}

var errDown = fault.New(fault.Transient, "test", errors.New("down"))
