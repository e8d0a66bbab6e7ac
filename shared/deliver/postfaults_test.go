package deliver_test

import (
	"context"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// rememberedAccounts knows accounts without a database.
type rememberedAccounts struct {
	mu  sync.Mutex
	all map[channel.Ref]channel.Channel
}

func (a *rememberedAccounts) Channel(_ context.Context, ref channel.Ref) (channel.Channel, bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c, found := a.all[ref]
	return c, found, nil
}

func (*rememberedAccounts) Spent(context.Context, channel.Ref, string) (channel.Spend, error) {
	return channel.Spend{}, nil
}

func (a *rememberedAccounts) Commit(_ context.Context, c ticket.Change) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.Channel != nil {
		a.all[c.Channel.Ref] = *c.Channel
	}
	return nil
}

// set puts every account into a state.
func (a *rememberedAccounts) set(s channel.State) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for n, refs := range ours() {
		ref := channel.Ref{Network: n, Account: refs[0]}
		a.all[ref] = channel.Channel{Ref: ref, State: s, Rev: a.all[ref].Rev + 1}
	}
}

// crashes are what may happen to one handing over of a message.
func crashes() []string {
	return []string{"before the claim", "after the claim", "before the record", "after the record", "twice", "an old one again", "late", "conflict"}
}

// drawn gives up to five of what there is, each with the chance; "" where nothing happens.
func (p *campaignProgram) drawn(chance float64, of []string) []string {
	var out []string
	for range 5 {
		what := ""
		if p.dice.Float64() < chance {
			what = of[p.dice.IntN(len(of))]
		}
		out = append(out, what)
	}
	return out
}

// suffering draws what the network does with one post.
func (p *campaignProgram) suffering() *script {
	all := []published{{applied: true}, {applied: true}, {applied: true}, {applied: true, nameless: true}}
	asked := saying(fault.Transient, "throttle")
	asked.RetryAfter = 3 * time.Minute
	for _, err := range []error{asked, saying(fault.Denied, "auth")} {
		all = append(all, published{err: err})
	}
	for _, kind := range []fault.Kind{fault.Transient, fault.Transient, fault.Denied, fault.Permanent, fault.Invalid, fault.NotFound} {
		all = append(all, published{err: fault.New(kind, "test", nil)})
	}
	for _, kind := range []fault.Kind{fault.Uncertain, fault.Uncertain, fault.Duplicate, fault.Conflict, fault.Poison, 0} {
		err := error(fault.New(kind, "test", nil))
		all = append(all, published{err: err}, published{err: err, applied: true})
	}
	s := &script{lag: []time.Duration{0, 0, 10 * time.Second, 100 * time.Second, 10 * time.Minute, 17 * time.Minute}[p.dice.IntN(6)]}
	for range 3 {
		s.answers = append(s.answers, all[p.dice.IntN(len(all))])
		if p.dice.IntN(3) == 0 {
			s.looks = append(s.looks, fault.New([]fault.Kind{fault.Transient, fault.Uncertain, fault.Permanent}[p.dice.IntN(3)], "test", nil))
		}
		switch p.dice.IntN(4) {
		case 0:
			s.brings = append(s.brings, brought{got: post.Prepared{Wait: time.Duration(p.dice.IntN(90)) * time.Second}})
		case 1:
			s.brings = append(s.brings, brought{err: fault.New(fault.Kind(p.dice.IntN(10)), "test", nil)})
		}
	}
	return s
}
