package deliver

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Channels is what is known of our accounts.
type Channels interface {
	Channel(ctx context.Context, ref channel.Ref) (channel.Channel, bool, error)
	Spent(ctx context.Context, ref channel.Ref, day string) (channel.Spend, error)
	Commit(ctx context.Context, c ticket.Change) error
}

// Accounts says what may go out through our accounts. Limits are what a day may cost on a network, in millionths of a US
// dollar (0: no limit); Day gives the civil day in Chile. Without a Store nothing is known of any account, and all may go.
type Accounts struct {
	Store  Channels
	Limits map[mention.Network]int64
	Day    func(now time.Time) string
}

// The reasons of adapters that say something about the account.
const (
	reasonAuth       = channel.ReasonAuth
	reasonPermission = channel.ReasonPermission
	reasonThrottle   = "throttle"
	reasonDuplicate  = "duplicate"
)

// account is the account of a case or a post with what a step through it would cost.
type account struct {
	ref     channel.Ref
	channel channel.Channel
	cost    channel.Cost // "" costs nothing
	spent   channel.Spend
	limit   int64
	day     string
}

// account reads what is known of an account of ours.
func (w *Worker) account(ctx context.Context, ref channel.Ref, cost channel.Cost, now time.Time) (account, error) {
	a := account{ref: ref, cost: cost}
	a.channel.Ref = a.ref
	all := w.cfg.Accounts
	if all.Store == nil {
		return a, nil
	}
	known, found, err := all.Store.Channel(ctx, a.ref)
	if err != nil {
		return a, err
	}
	if found {
		a.channel = known
	}
	if all.Day != nil {
		a.day = all.Day(now)
	}
	a.limit = all.Limits[ref.Network]
	if a.limit > 0 && a.price() > 0 && a.day != "" {
		a.spent, err = all.Store.Spent(ctx, a.ref, a.day)
	}
	return a, err
}

func (a account) price() int64 { return channel.Price(a.ref.Network, a.cost) }

func (a account) closed() bool { return a.channel.State == channel.Closed }

// hold says why nothing may go out now, and when to look again; false when it may.
func (a account) hold(now time.Time) (string, time.Time, bool) {
	return a.channel.Hold(a.spent, a.limit, a.price(), now)
}

// costOf is what saying a reply costs.
func costOf(r ticket.Reply) channel.Cost {
	if r.Template != nil {
		return channel.CostTemplate
	}
	return channel.CostOf(r.Visibility == post.Private, post.HasLink(r.Text), r.Summoned)
}

// called notes a call and what the network said of the account: use says what it needed, of what it costs is billed what was
// done, or perhaps done. What was said is recorded by then, and whoever calls next learns the same: nothing of this fails the
// step.
func (w *Worker) called(ctx context.Context, a account, use channel.Use, out outcome, now time.Time) {
	if w.cfg.Accounts.Store == nil {
		return
	}
	err := w.note(ctx, a, use, out, now)
	if out.err == nil || fault.Is(out.err, fault.Uncertain) {
		if spend, billed := channel.Spending(a.ref, a.day, a.cost, 1); billed && a.day != "" {
			err = errors.Join(err, w.cfg.Accounts.Store.Commit(ctx, ticket.Change{Spend: &spend}))
		}
	}
	if err != nil {
		w.cfg.Notices.Log.LogAttrs(ctx, slog.LevelWarn, "account not noted", slog.String("channel", a.ref.String()),
			slog.String("kind", fault.Of(err).String()), slog.String("error", err.Error()))
	}
}

// note writes what a call said of the account, if it is worth a write. Who loses to another writer reads and decides again;
// what only says that a call was made is then left to the other.
func (w *Worker) note(ctx context.Context, a account, use channel.Use, out outcome, now time.Time) error {
	const rounds = 6
	store, known := w.cfg.Accounts.Store, a.channel
	for range rounds {
		next, worth, must := judged(known, use, out, now)
		if !worth {
			return nil
		}
		err := store.Commit(ctx, ticket.AccountStep(known, next, now))
		if !fault.Is(err, fault.Conflict) || !must {
			if fault.Is(err, fault.Conflict) {
				return nil
			}
			return err
		}
		fresh, found, err := store.Channel(ctx, a.ref)
		if err != nil {
			return err
		}
		if known = fresh; !found {
			known = channel.Channel{Ref: a.ref}
		}
	}
	return fault.New(fault.Transient, "deliver.note", errors.New("lost every round to other writers"))
}

// judged is the account after a call: whether that is worth a write, and whether it must be written.
func judged(c channel.Channel, use channel.Use, out outcome, now time.Time) (next channel.Channel, worth, must bool) {
	usage := out.usage
	if wait := fault.RetryAfter(out.err); throttled(out) && wait > 0 && usage.Pace(now) != channel.Stop {
		usage = channel.Throttled(wait, now)
	}
	rev := c.Rev + 1
	if out.err == nil || !channel.Ails(out.reason) {
		next, worth = c.Answered(usage, now)
	} else {
		next, worth = c.Refused(out.reason, usage, now)
	}
	if locked(out) {
		if halted, changed := next.Halt(channel.ReasonAuth, now); changed {
			next, worth, must = halted, true, true
		}
	}
	if fault.Is(out.err, fault.Denied) && out.reason == reasonPermission {
		if lacking, changed := next.Lacks(channel.RightFor(c.Network, use)); changed {
			next, worth, must = lacking, true, true
		}
	}
	next.Rev = rev
	return next, worth, must || usage.Pace(now) == channel.Stop
}

// locked reports that the network no longer takes our key: nothing was done, and nothing will be before somebody connects the
// account again.
func locked(out outcome) bool {
	return fault.Is(out.err, fault.Denied) && out.reason == reasonAuth
}

// throttled reports that the network asks for time.
func throttled(out outcome) bool {
	return fault.Is(out.err, fault.Transient) && out.reason == reasonThrottle
}

// waits says why a call that was refused is made again later because of the account, and when; false when the refusal is
// about the call itself.
func waits(out outcome, now time.Time) (reason string, until time.Time, held bool) {
	if locked(out) {
		return channel.HeldPaused, now.Add(time.Minute), true
	}
	if !throttled(out) {
		return "", time.Time{}, false
	}
	if wait := fault.RetryAfter(out.err); wait > 0 {
		until = now.Add(wait)
	}
	if out.usage.Pace(now) == channel.Stop && out.usage.Ends().After(until) {
		until = out.usage.Ends()
	}
	return channel.HeldBudget, until, !until.IsZero()
}

// later is the message again, for what waits: at the given instant, or when its window or its day ends before.
func later(m outbox.Message, r ticket.Reply, until time.Time) outbox.Message {
	if !r.Until.IsZero() && until.After(r.Until) {
		until = r.Until
	}
	if last := m.First.Add(giveUp + time.Second); until.After(last) {
		until = last
	}
	return m.Later(until)
}
