package access_test

import (
	"context"
	"crypto/rand"
	"errors"
	"runtime"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/access"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/ticket"
)

// How a turn ends that an actor asked for.
type ending int

const (
	done       ending = iota // as it should
	lost                     // done, and the answer lost
	undone                   // nothing done, and a failure
	crash                    // nothing done, and the actor is gone
	crashAfter               // done, and the actor is gone
	endings
)

// turn is one step of an actor outside of itself: it is made at its instant, when the play says so.
type turn struct {
	at    time.Time
	frail bool // it may fail
	begin chan ending
}

// play runs actors one at a time, in an order that is drawn, under one clock that moves only when all of them wait.
type play struct {
	*rapid.T
	now   time.Time
	turns map[int]turn // by actor
	told  chan struct{}
	calls []int // how long each call takes, in seconds, in turn

	shelf    shelf
	network  provider
	inCall   int
	overlaps int
	faults   bool // some may be drawn
	faulted  bool // some were
}

// ask waits for the actor's turn; it may never come.
func (p *play) ask(actor int, after time.Duration, frail bool) ending {
	t := turn{p.now.Add(after), frail, make(chan ending)}
	p.turns[actor] = t
	p.told <- struct{}{}
	e := <-t.begin
	if e == crash {
		runtime.Goexit()
	}
	return e
}

// ends is how a turn's work is told to the actor.
func (p *play) ends(e ending, err error) error {
	switch e {
	case crashAfter:
		runtime.Goexit()
	case lost:
		return errDown
	}
	return err
}

// stage is the store and the network as one actor sees them.
type stage struct {
	*play
	actor int
}

func (s stage) Grant(ctx context.Context, ref channel.Ref) (channel.Grant, bool, error) {
	switch e := s.ask(s.actor, 0, true); e {
	case done:
		return s.shelf.Grant(context.WithoutCancel(ctx), ref)
	default:
		return channel.Grant{}, false, s.ends(e, errDown)
	}
}

func (s stage) Commit(ctx context.Context, c ticket.Change) error {
	g := *c.Grant
	e := s.ask(s.actor, 0, true)
	if e == undone {
		return errDown
	}
	return s.ends(e, s.shelf.Commit(context.WithoutCancel(ctx), ticket.Change{Grant: &g}))
}

func (s stage) Refresh(ctx context.Context, t channel.Tokens, now time.Time) (channel.Tokens, error) {
	s.inCall++
	if s.inCall > 1 {
		s.overlaps++
	}
	left := false
	leave := func() {
		if !left {
			s.inCall--
		}
		left = true
	}
	defer leave()
	e := s.ask(s.actor, time.Duration(s.calls[s.network.asked%len(s.calls)])*time.Second, true)
	if e == undone {
		return channel.Tokens{}, once.Answer{NeverSent: true}.Fail("test", true, once.Refusal{Reason: once.ReasonUnreachable})
	}
	got, err := s.network.Refresh(ctx, t, s.now)
	leave()
	if e == lost || e == crashAfter {
		err = s.ends(e, once.Answer{}.Fail("test", true, once.Refusal{}))
	}
	return got, err
}

func (s stage) wait(_ context.Context, d time.Duration) error {
	s.ask(s.actor, d, false)
	return nil
}

func (s stage) keeper() *access.Keeper {
	return access.New(access.Config{
		Store: s, Refreshers: map[mention.Network]access.Refresher{mention.X: s}, Key: secret, Random: rand.Reader,
		Clock: func() time.Time { return s.now }, Owner: "actor", Wait: s.wait,
	})
}

// got is what an actor ended with.
type got struct {
	key  string
	err  error
	at   time.Time
	gone bool
}

// act runs n actors who each want the key once, to the end of the last.
func (p *play) act(n int) []got {
	out := make([]got, n)
	left := n
	for i := range n {
		out[i].gone = true
		begins := time.Duration(rapid.IntRange(0, 3).Draw(p.T, "begins")) * time.Second
		go func() {
			defer func() {
				delete(p.turns, i)
				left--
				p.told <- struct{}{}
			}()
			s := stage{p, i}
			s.ask(i, begins, false)
			a, err := s.keeper().Access(context.Background(), account())
			out[i] = got{a.Token, err, p.now, false}
		}()
		<-p.told // it runs alone until its first turn
	}
	for left > 0 {
		next := p.choose()
		t := p.turns[next]
		delete(p.turns, next)
		if t.at.After(p.now) {
			p.now = t.at
		}
		e := done
		if p.faults && t.frail && rapid.IntRange(0, 4).Draw(p.T, "a fault?") == 0 {
			e = ending(rapid.IntRange(int(lost), int(endings)-1).Draw(p.T, "fault"))
			p.faulted = true
		}
		t.begin <- e
		<-p.told // until its next turn, or its end
	}
	return out
}

// choose draws whose turn it is: of those whose instant has come or, when it is nobody's yet, of those who come first.
func (p *play) choose() int {
	var first time.Time
	for _, t := range p.turns {
		if first.IsZero() || t.at.Before(first) {
			first = t.at
		}
	}
	if first.Before(p.now) {
		first = p.now
	}
	var ready []int
	for actor := range 10 {
		if t, waits := p.turns[actor]; waits && !t.at.After(first) {
			ready = append(ready, actor)
		}
	}
	return rapid.SampledFrom(ready).Draw(p.T, "turn")
}

// However the steps of several processes fall, with calls that take up to their limit and without faults: one renewal, the
// network never sees an old key, and everybody gets a good one. With faults (answers lost, writes refused, processes gone) at
// any step: never two calls at once, a burnt key is shown only after a fault, whoever is given a key can use it, and in the
// end the account works, or says that it must be connected again.
func TestAccess_Interleavings(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := &play{
			T: rt, now: noon(), turns: map[int]turn{}, told: make(chan struct{}), network: provider{lifetime: 2 * time.Hour},
			faults: rapid.Bool().Draw(rt, "faults"), calls: rapid.SliceOfN(rapid.IntRange(0, 25), 3, 3).Draw(rt, "calls"),
		}
		ended := rapid.Bool().Draw(rt, "ended")
		until := noon().Add(10 * time.Minute)
		if ended {
			until = noon()
		}
		seed := access.New(access.Config{Store: &p.shelf, Key: secret, Random: rand.Reader})
		keys := channel.Tokens{Method: channel.OAuth2, Access: accessKey(0), Refresh: refreshKey(0), Until: until, RenewedAt: until.Add(-2 * time.Hour)}
		if err := seed.Save(context.Background(), account(), keys); err != nil {
			rt.Fatal(err)
		}
		all := p.act(rapid.IntRange(1, 4).Draw(rt, "actors"))
		for i, g := range all {
			usable := g.key == accessKey(p.network.n) || g.key == accessKey(0) && g.at.Before(until)
			switch {
			case g.gone && p.faulted:
			case g.gone || g.err != nil && !p.faulted || g.err == nil && !usable:
				rt.Fatalf("actor %d: %q, %v", i, g.key, g.err)
			case g.err != nil && fault.Of(g.err) != fault.Transient && once.Reason(g.err) != once.ReasonAuth:
				rt.Fatalf("actor %d: %v", i, g.err)
			}
		}
		if p.overlaps != 0 {
			rt.Fatalf("%d calls at once", p.overlaps)
		}
		if !p.faulted && (p.network.asked != 1 || p.network.locked) {
			rt.Fatalf("asked %d times, locked %t", p.network.asked, p.network.locked)
		}
		p.faults, p.now = false, p.now.Add(20*time.Minute)
		last := p.act(1)[0]
		switch g := p.shelf.now(); {
		case last.err == nil && last.key == accessKey(p.network.n) && !p.network.locked && !g.Doubt && g.LeaseBy == "":
		case p.network.locked && p.faulted && once.Reason(last.err) == once.ReasonAuth && !g.Refused.IsZero():
		default:
			rt.Fatalf("in the end %q, %v; stored %+v", last.key, errors.Unwrap(last.err), g)
		}
	})
}
