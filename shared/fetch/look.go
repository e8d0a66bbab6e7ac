package fetch

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

const (
	// width is how many accounts are looked at at once.
	width = 4
	// patience is how long the look at one account may take: no slow network holds up the others, and with the writes at its
	// end a second round of accounts still fits into the function's time.
	patience = 15 * time.Second
	// whole is how long all of a minute's looks may take together; an account not begun by then waits for the next minute.
	whole = 30 * time.Second
	// rounds is how often a step lost to somebody faster is read and decided again.
	rounds = 5
)

// Look looks at every account whose time has come, the one that waits longest first. A network that fails is a fact about its
// account and no failure of the look; what fails is only what could not be kept.
func (w *Worker) Look(ctx context.Context, at time.Time) error {
	all, err := w.cfg.Channels.Channels(ctx)
	if err != nil {
		return err
	}
	measure(ctx, all, at)
	all = slices.DeleteFunc(all, func(c channel.Channel) bool { return !due(c, at) })
	slices.SortStableFunc(all, func(a, b channel.Channel) int { return a.Next.Compare(b.Next) })
	begin, cancel := context.WithTimeout(ctx, whole)
	defer cancel()
	errs := make([]error, len(all))
	gate := make(chan struct{}, width)
	var wg sync.WaitGroup
	for i, c := range all {
		gate <- struct{}{}
		if begin.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-gate }()
			errs[i] = w.cfg.Part(ctx, at, func(ctx context.Context) error { return w.one(ctx, at, c, false) })
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// measure counts what an operator must hear of: accounts that are stopped, and keys that will be no good soon.
func measure(ctx context.Context, all []channel.Channel, at time.Time) {
	paused, near := 0, 0
	for _, c := range all {
		if c.State == channel.Paused {
			paused++
		}
		if c.State != channel.Closed && expiring(c, at) {
			near++
		}
	}
	unit.Of(ctx).Count(unit.ChannelsPaused, float64(paused))
	unit.Of(ctx).Count(unit.ChannelsExpiring, float64(near))
}

// asked looks at one account because a person wants to know.
func (w *Worker) asked(ctx context.Context, now time.Time, m outbox.Message) error {
	ref, ok := channel.ParseRef(m.Channel)
	if !ok {
		return fault.New(fault.Poison, "fetch.asked", errors.New("no account"))
	}
	c, found, err := w.cfg.Channels.Channel(ctx, ref)
	if err != nil {
		return err
	}
	switch {
	case found && c.State == channel.Closed:
		grant, held, err := w.cfg.Vault.Emptied(ctx, ref)
		if err != nil {
			return err
		}
		if held { // who takes an account away takes its keys away
			return w.finish(ctx, m, ticket.Change{Grant: &grant})
		}
	case found:
		if err := w.one(ctx, now, c, true); err != nil {
			return err
		}
	}
	return w.finish(ctx, m, ticket.Change{})
}

// one looks at one account. It takes the account first by moving its next look: of two who would look at once, one does.
func (w *Worker) one(ctx context.Context, at time.Time, c channel.Channel, asked bool) error {
	unit.Of(ctx).Network(string(c.Network))
	n, err := w.network(c.Ref)
	if err != nil {
		return err
	}
	spent, err := w.spentUp(ctx, c.Ref, at)
	if err != nil {
		return err
	}
	todo := planOf(c, at, asked, len(n.Lists) > 0, spent)
	// A little off, so that two who look at the same instant never write the same: what is found written counts as written.
	c.Next, c.Rev = at.Add(soon+time.Duration(w.cfg.Jitter()*float64(time.Second))), c.Rev+1
	if todo.idle() {
		c.Next = todo.next
	}
	err = w.cfg.Channels.Commit(ctx, ticket.Change{Channel: &c})
	switch {
	case fault.Is(err, fault.Conflict) && asked:
		return fault.New(fault.Transient, "fetch.one", err) // the queue brings the question again
	case fault.Is(err, fault.Conflict):
		return nil // somebody looks, or changed it: the next minute sees
	case err != nil || todo.idle():
		return err
	}
	v := w.visit(ctx, at, c, n, todo)
	return errors.Join(v.broken, w.pay(ctx, c.Ref, at, v.cost), w.keep(ctx, c, v))
}

// spentUp reports whether the day's money of the account is used up.
func (w *Worker) spentUp(ctx context.Context, ref channel.Ref, at time.Time) (bool, error) {
	price := channel.Price(ref.Network, channel.CostRead)
	if w.cfg.Limit <= 0 || price == 0 {
		return false, nil
	}
	spend, err := w.cfg.Channels.Spent(ctx, ref, w.cfg.Day(at))
	return spend.Exceeds(w.cfg.Limit, price), err
}

// pay notes what was read of a network that bills it.
func (w *Worker) pay(ctx context.Context, ref channel.Ref, at time.Time, objects int) error {
	spend, billed := channel.Spending(ref, w.cfg.Day(at), channel.CostRead, objects)
	if !billed {
		return nil
	}
	return w.cfg.Channels.Commit(ctx, ticket.Change{Spend: &spend})
}

// visit is what one look found out. It is put onto the account as it stands when it is written, because others write it too.
type visit struct {
	at     time.Time
	next   time.Time
	health *channel.Health
	// templates are the texts the network has approved, where it was asked.
	templates *[]channel.KnownTemplate

	ends   []channel.Expiry // what ends of the keys as they are kept
	listed bool
	// cursors are those that moved: everything before them is in the inbox.
	cursors map[string]string
	called  bool
	failed  string
	halt    string
	lift    bool
	usage   channel.Usage
	cost    int
	// broken is a failure of our own side.
	broken error
}

// visit asks the network.
func (w *Worker) visit(ctx context.Context, at time.Time, c channel.Channel, n Network, todo plan) *visit {
	v := &visit{at: at, next: todo.next, cursors: map[string]string{}}
	own, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	a, err := w.cfg.Keys.Access(own, c.Ref)
	if err != nil {
		v.failed = w.keyless(err)
		if v.failed == reasonAuth {
			v.halt = reasonAuth
		}
		return v
	}
	if todo.check {
		health, err := n.Reader.Check(own, a, w.cfg.Callback(c.Network), at)
		if v.took(own, n.Reader, health.Usage, err) {
			v.health, v.lift, v.ends = &health, true, w.ends(own, c)
			if len(health.Mended) > 0 {
				unit.Of(ctx).Count(unit.Mended, float64(len(health.Mended)))
			}
		}
	}
	if todo.probe && v.goesOn() {
		usage, err := probe(own, n.Reader, a, w.cfg.Callback(c.Network), at)
		v.took(own, n.Reader, usage, err)
	}
	if todo.lists && v.goesOn() {
		v.listed = w.lists(own, c, n, a, v)
	}
	if todo.counts && v.goesOn() {
		w.count(own, c, n.Reader, a, v)
	}
	if v.goesOn() {
		v.readTemplates(own, n.Reader, a)
	}
	if v.halt != "" && w.renewed(own, c.Ref, a) {
		v.halt, v.next = "", earlier(v.next, at.Add(soon)) // a key that is over was refused: the new one is asked next
	}
	return v
}

// lists reads the lists of the account; it reports whether each was read to its end.
func (w *Worker) lists(ctx context.Context, c channel.Channel, n Network, a channel.Access, v *visit) bool {
	all := true
	for _, name := range n.Lists {
		if !v.goesOn() || !w.list(ctx, c, n.Reader, a, name, v) {
			all = false
		}
	}
	return all
}

// ends are what ends of the account's keys; where they cannot be read now, what was known stays.
func (w *Worker) ends(ctx context.Context, c channel.Channel) []channel.Expiry {
	tokens, err := w.cfg.Vault.Tokens(ctx, c.Ref)
	if err != nil {
		return c.Expiries
	}
	return expiries(c.Network, tokens)
}

// renewed reports whether a key that a network refused is no longer the account's.
func (w *Worker) renewed(ctx context.Context, ref channel.Ref, used channel.Access) bool {
	is, err := w.cfg.Keys.Renewed(ctx, ref, used)
	return err == nil && is
}

// keyless is why no key could be had: only auth asks for a person, what else there is passes, or is ours to mend.
func (w *Worker) keyless(err error) string { return cmp.Or(w.cfg.Keys.Reason(err), reasonKeys) }

// probe is the least that tells whether the key still opens anything.
func probe(ctx context.Context, r Reader, a channel.Access, callback string, at time.Time) (channel.Usage, error) {
	if p, can := r.(Prober); can {
		return p.Probe(ctx, a)
	}
	health, err := r.Check(ctx, a, callback, at)
	return health.Usage, err
}

// took notes a call, and reports whether the network took it. One that our own clock cut off says nothing of the network: the
// next minute goes on.
func (v *visit) took(ctx context.Context, r Reader, u channel.Usage, err error) bool {
	if u.Known() {
		v.usage = u
	}
	switch {
	case err == nil:
		v.called = true
		return true
	case ctx.Err() != nil && fault.Is(err, fault.Transient):
		v.next = earlier(v.next, v.at.Add(soon))
		return false
	}
	v.failed = cmp.Or(r.Reason(err), fault.Of(err).String())
	switch v.failed {
	case reasonAuth:
		v.halt = reasonAuth
	case "throttle":
		if !u.Known() || u.Pace(v.at) != channel.Stop {
			v.usage = channel.Throttled(max(fault.RetryAfter(err), time.Minute), v.at)
		}
	}
	return false
}

// goesOn reports whether it makes sense to ask the network something more. A right that is missing is missing for one thing;
// what else fails will most likely fail again.
func (v *visit) goesOn() bool {
	return v.halt == "" && v.broken == nil && v.usage.Pace(v.at) < channel.Slow &&
		(v.failed == "" || v.failed == channel.ReasonPermission || v.failed == "gone" || v.failed == "unsupported")
}

// keep writes what was found out onto the account; who loses to another writer does so again.
func (w *Worker) keep(ctx context.Context, c channel.Channel, v *visit) error {
	for range rounds {
		next := v.onto(c)
		next.Rev = c.Rev + 1
		err := w.cfg.Channels.Commit(ctx, ticket.AccountStep(c, next, v.at))
		if !fault.Is(err, fault.Conflict) {
			return err
		}
		fresh, found, err := w.cfg.Channels.Channel(ctx, c.Ref)
		if err != nil || !found {
			return err
		}
		c = fresh
	}
	return fault.New(fault.Transient, "fetch.keep", errors.New("lost every round to other writers"))
}

// onto gives the account with what was found out. What a person did meanwhile stands: a paused account is not resumed, a
// closed one not touched but for what was read.
func (v *visit) onto(c channel.Channel) channel.Channel {
	if v.called {
		c, _ = c.Answered(v.usage, v.at)
	}
	if v.failed != "" {
		c, _ = c.Refused(v.failed, v.usage, v.at)
	}
	if v.halt != "" {
		c, _ = c.Halt(v.halt, v.at)
	} else if v.lift {
		c, _ = c.Lift(reasonAuth, v.at)
	}
	if v.health != nil {
		c.Expiries = v.ends
		c = healthy(c, *v.health, v.at)
	}
	if v.templates != nil {
		c = c.Approved(*v.templates)
	}
	c.Cursors = maps.Clone(c.Cursors)
	for name, cursor := range v.cursors {
		if c.Cursors == nil {
			c.Cursors = map[string]string{}
		}
		c.Cursors[name] = cursor
	}
	if v.listed {
		c.Listed = v.at
	}
	c.Next = v.next
	return c
}

// healthy puts what the network says of the account onto it. Of what ends by itself, what the network says stands before what
// the keys say.
func healthy(c channel.Channel, h channel.Health, at time.Time) channel.Channel {
	c.Name = cmp.Or(h.Name, c.Name)
	c.Missing, c.Subscriptions, c.Checked = h.Missing, h.Subscriptions, at.UTC()
	c.Expiries = endings(c.Expiries, h.Expiries)
	return c
}

// endings gives the expiries with the newer word on those of which there is one.
func endings(old, newer []channel.Expiry) []channel.Expiry {
	out := slices.Clone(newer)
	for _, e := range old {
		if !slices.ContainsFunc(newer, func(n channel.Expiry) bool { return n.Kind == e.Kind }) {
			out = append(out, e)
		}
	}
	return out
}

// passedOn reports events of a list that go into the inbox: what people said, and what we said outside of our system.
func passedOn(e mention.Event) bool {
	switch e.Outcome {
	case mention.Interaction, mention.Thread, mention.Fetch, mention.Own:
		return e.Key != ""
	case mention.Edit, mention.Delete, mention.Moderation, mention.Reaction, mention.Metric, mention.Status, mention.Ops, mention.Alert,
		mention.Ignore, mention.IgnoreUnknown, mention.Quarantine:
		return false
	default:
		return false
	}
}
