package deliver_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// followed is one target as it was committed last, with since when it may be silent, and what it was told to suffer.
type followed struct {
	post.Target
	resend  bool
	raised  map[string]bool
	base    time.Time
	resents time.Time // when it was planned once more
	faults  []string  // one for each time it is handed over
	old     []outbox.Message
}

// postStore is all that deliver needs to publish.
type postStore interface {
	deliver.Store
	deliver.Posts
}

// campaignProgram is a random life of many targets at once.
type campaignProgram struct {
	*worker.World
	postStore           // through which the worker writes as well
	kept      postStore // past everything that happens to it
	wall      *wall
	made      int
	rt        *rapid.T
	dice      *rand.Rand
	known     *rememberedAccounts
	targets   map[string]*followed // by chain
	messages  map[outbox.Ref]outbox.Message
	again     map[outbox.Ref]time.Time // when the queue brings back what failed
	crash     string                   // the crash that the next commit meets
	conflict  int
}

// troubled is the store as the worker has it: somebody else's write, or the end of the process, comes before a commit or after.
type troubled struct {
	postStore
	p *campaignProgram
}

func (s troubled) Commit(ctx context.Context, c ticket.Change) error {
	if err := s.p.before(c); err != nil {
		return err
	}
	err := s.postStore.Commit(ctx, c)
	if err == nil {
		err = s.p.after(c)
	}
	return err
}

// begin plans the posts of one campaign.
func (p *campaignProgram) begin(posts int) {
	p.At(worker.Noon())
	store := troubled{p.kept, p}
	p.wall = &wall{clock: p.Clock, scripts: map[string]*script{}, refuses: p.dice.IntN(2) == 0}
	p.known = &rememberedAccounts{all: map[channel.Ref]channel.Channel{}}
	p.known.set(channel.Working)
	p.Worker = deliver.New(deliver.Config{
		Store: store, Posts: store, Jitter: p.dice.Float64, Open: func(_ context.Context, id string) (string, error) { return id, nil },
		Publishers: map[mention.Network]deliver.Publisher{mention.Facebook: p.wall, mention.Instagram: p.wall, mention.X: p.wall},
		Accounts:   deliver.Accounts{Store: p.known},
	})
	p.targets, p.messages, p.again = map[string]*followed{}, map[outbox.Ref]outbox.Message{}, map[outbox.Ref]time.Time{}
	for range posts {
		p.planned()
	}
}

// planned has one more post approved.
func (p *campaignProgram) planned() {
	c := words(func(c *post.Content) {
		c.Networks = []mention.Network{mention.Facebook, mention.Instagram, mention.X}
		c.PublishAt.At = worker.Noon().Add(time.Hour + time.Duration(p.dice.IntN(600))*time.Second)
		c.Resend = p.dice.IntN(3) == 0
	})
	if p.dice.IntN(4) == 0 {
		c.Media = pictures().Media
	}
	p.made++
	plan := agenda.Plan{Post: *p.must(agenda.Draft(p.id(), author(), c, agenda.About{}, p.Clock())).Post}
	plan.Post = *p.must(plan.Submit(author(), p.Clock())).Post
	change := p.must(plan.Approve(approver(), agenda.Consent{}, ours(), p.Clock()))
	for _, t := range change.Targets {
		p.targets[t.Chain()] = &followed{Target: t, resend: c.Resend, base: t.At, raised: map[string]bool{}, faults: p.drawn(0.35, crashes())}
		p.wall.scripts[t.Chain()] = p.suffering()
	}
	for _, m := range change.Send {
		p.messages[m.Ref()] = m
	}
}

// id names the newest post.
func (p *campaignProgram) id() string { return fmt.Sprintf("01POST%020d", p.made) }

// must commits a step that nothing may refuse.
func (p *campaignProgram) must(c ticket.Change, err error) ticket.Change {
	if err == nil {
		err = p.kept.Commit(context.WithoutCancel(p.Context()), c)
	}
	if err != nil {
		p.rt.Fatal(err)
	}
	return c
}

// before and after are what a commit meets: somebody else's write, or the end of the process.
func (p *campaignProgram) before(c ticket.Change) error {
	if p.conflict > 0 && len(c.Targets) > 0 {
		p.conflict--
		id := c.Targets[0].Post
		t, err := p.kept.Target(context.WithoutCancel(p.Context()), id, c.Targets[0].Name())
		p.must(agenda.Counted(t, post.Figures{At: p.Clock()}), err)
	}
	return p.dies(c, "before")
}

func (p *campaignProgram) after(c ticket.Change) error {
	p.follow(c)
	return p.dies(c, "after")
}

func (p *campaignProgram) dies(c ticket.Change, when string) error {
	if worker.Claims(c) && p.crash == when+" the claim" || worker.Settles(c) && p.crash == when+" the record" {
		p.crash = ""
		return worker.Crash()
	}
	return nil
}

// follow keeps what was committed.
func (p *campaignProgram) follow(c ticket.Change) {
	for _, ref := range slices.Concat(c.Done, c.Cancel) {
		delete(p.messages, ref)
	}
	for _, m := range c.Send {
		if m.Topic != outbox.Notify {
			p.messages[m.Ref()] = m
		}
	}
	for _, t := range c.Targets {
		f := p.targets[t.Chain()]
		if t.Resent && !f.Resent {
			f.resents, f.base = p.Clock(), p.Clock()
		}
		f.Target = t
	}
	for _, a := range c.Settle {
		delete(p.matters(a), a.Kind)
	}
	for _, a := range c.Raise {
		p.matters(a)[a.Kind] = true
	}
}

func (p *campaignProgram) matters(a ticket.Attention) map[string]bool {
	return p.targets[a.Ticket+"/"+a.ID[len(a.Kind)+1:]].raised
}

// next gives the message that is handed over next, and when.
func (p *campaignProgram) next() (outbox.Message, time.Time, bool) {
	var first outbox.Message
	var at time.Time
	for ref, m := range p.messages {
		due := m.Due
		if back := p.again[ref]; back.After(due) {
			due = back
		}
		if first.ID == "" || due.Before(at) || due.Equal(at) && m.Group < first.Group {
			first, at = m, due
		}
	}
	return first, at, first.ID != ""
}

// silent fails when a target is late and nobody knows.
func (p *campaignProgram) silent(now time.Time) {
	for chain, f := range p.targets {
		if !f.State.Ended() && now.Sub(f.base) > 2*time.Minute && len(f.raised) == 0 {
			p.rt.Fatalf("%s is late and silent at %s: %+v", chain, now, f)
		}
	}
}

// step hands over the next message, with what happens then.
func (p *campaignProgram) step() bool {
	m, at, left := p.next()
	if !left {
		return false
	}
	f := p.targets[m.Group]
	what := worker.Next(&f.faults, "")
	if what == "late" {
		at = at.Add([]time.Duration{time.Minute, 5 * time.Minute, 20 * time.Minute}[p.dice.IntN(3)])
		p.again[m.Ref()], f.base = at, latestOf(f.base, at)
		return true
	}
	if at.After(p.Clock()) {
		p.silent(at)
		p.At(at)
	}
	if p.dice.IntN(20) == 0 { // somebody connects the accounts again
		p.known.set(channel.Working)
	}
	p.crash, p.conflict = what, 0
	if what == "conflict" {
		p.conflict = 1 + p.dice.IntN(3)
	}
	if what == "an old one again" && len(f.old) > 0 {
		_ = p.Handle(f.old[p.dice.IntN(len(f.old))])
	}
	err := p.Handle(m)
	if what == "twice" {
		_ = p.Handle(m)
	}
	f.old = append(f.old, m)
	p.crash, p.conflict = "", 0
	if err != nil {
		back := p.Clock().Add(3 * time.Minute)
		p.again[m.Ref()], f.base = back, latestOf(f.base, back)
	}
	return true
}

func latestOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// over checks how each target ended.
func (p *campaignProgram) over(ends map[string]int) {
	for chain, f := range p.targets {
		copies, told := p.wall.copies(chain), len(f.raised)
		hidden := f.resend && f.Resent && p.hidden(chain, f.resents)
		if copies > 1 && !hidden {
			p.rt.Fatalf("%s is there %d times: %+v", chain, copies, f)
		}
		ok := false
		switch f.State {
		case post.Sent:
			ok = copies >= 1 && told == 0
		case post.Refused:
			ok = (copies == 0 || hidden) && f.raised[agenda.MatterRefused] && told == 1
		case post.Expired:
			ok = (copies == 0 || hidden) && f.raised[agenda.MatterExpired] && told == 1
		case post.Unknown:
			ok = f.raised[agenda.MatterUnknown] && told == 1
		}
		if !ok || copies > 2 {
			p.rt.Fatalf("%s ended with %d copies: %+v", chain, copies, f)
		}
		end := string(f.State)
		if copies > 1 {
			end += ", twice"
		}
		ends[end]++
	}
}

// hidden reports whether the network hid the first copy for a quarter of an hour, until the post was planned once more.
func (p *campaignProgram) hidden(chain string, until time.Time) bool {
	for _, c := range p.wall.there {
		if c.Broadcast.Tag == chain {
			return c.Shows.Sub(c.At) > 15*time.Minute && until.Sub(c.At) >= 15*time.Minute
		}
	}
	return false
}

// life lets all of it happen, and checks what must hold all along and in the end.
func (p *campaignProgram) life(posts int, ends map[string]int) {
	p.begin(posts)
	for n := 0; p.step(); n++ {
		if n > 20_000 {
			p.rt.Fatalf("it never ends: %v", p.messages)
		}
	}
	p.over(ends)
	ends["all"] += len(p.targets)
	stored, err := p.kept.Plan(context.WithoutCancel(p.Context()), p.id())
	if err != nil {
		p.rt.Fatal(err)
	}
	for _, target := range stored.Targets { // what was followed is what is stored
		if f := p.targets[target.Chain()]; f.State != target.State || f.RemoteID != target.RemoteID {
			p.rt.Fatalf("stored %+v, followed %+v", target, f.Target)
		}
	}
}

// Whatever networks answer, wherever processes end, however late, often and out of order messages come: each network holds at most
// one copy of a post, every target ends in a state that is true and, unless it is there, with a person; and none is late in
// silence.
func TestProgram_PublishedAtMostOnce(t *testing.T) {
	for _, tt := range []struct {
		name  string
		posts int
		begin func(t *testing.T) *campaignProgram
	}{
		{"over the store", 5, func(t *testing.T) *campaignProgram {
			w := worker.New(t)
			return &campaignProgram{World: w, kept: w.Store.Store}
		}},
		{"thousands", 300, func(t *testing.T) *campaignProgram {
			w := &worker.World{T: t}
			return &campaignProgram{World: w, kept: newPostMemory()}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, ends := tt.begin(t), map[string]int{}
			rapid.Check(t, func(rt *rapid.T) {
				p.rt = rt
				p.dice = rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 5))
				p.life(rapid.IntRange(1, tt.posts).Draw(rt, "posts"), ends)
			})
			t.Logf("ends: %v", ends)
		})
	}
}
