// Package access keeps the keys of our accounts: sealed where they are stored, and renewed in time by one process at a time.
package access

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/ticket"
)

// Store keeps the sealed keys. Commit writes a Grant under its Rev: of two who decide on the same one, one writes.
type Store interface {
	Grant(ctx context.Context, ref channel.Ref) (channel.Grant, bool, error)
	Commit(ctx context.Context, c ticket.Change) error
}

// Refresher asks a network to renew an account's keys, in one call that is never repeated. Its error carries a once.Failure
// that says what became of the call: auth only where the network refuses these keys for good (invalid_grant), never where it
// refuses our own application; and unknown_outcome wherever it may have renewed them.
type Refresher interface {
	Refresh(ctx context.Context, t channel.Tokens, now time.Time) (channel.Tokens, error)
}

// Config is what a Keeper is made of. Key gives the secret that seals, 32 bytes or more. Random is where nonces and the names
// of leases come from. Owner names the process in a lease, for who looks at one. Wait waits for a while, or until the context
// ends, which is its error.
type Config struct {
	Store      Store
	Refreshers map[mention.Network]Refresher
	Key        func(ctx context.Context) ([]byte, error)
	Random     io.Reader
	Clock      func() time.Time
	Owner      string
	Wait       func(ctx context.Context, d time.Duration) error
}

// Keeper gives the keys of our accounts. It is safe for concurrent use, if Random is.
type Keeper struct{ cfg Config }

// New makes a keeper.
func New(cfg Config) *Keeper { return &Keeper{cfg: cfg} }

// held are the keys of an account as they are stored, and opened.
type held struct {
	grant  channel.Grant
	tokens channel.Tokens
}

func (h held) access() channel.Access {
	return channel.Access{Account: h.grant.Account, Token: h.tokens.Access, Secret: h.tokens.Secret}
}

// shortest is how long a key must still be good to be given: a call made with it takes its time.
const shortest = time.Minute

// usable reports whether calls may still be made with the key.
func (h held) usable(now time.Time) bool {
	return h.tokens.Until.IsZero() || now.Add(shortest).Before(h.tokens.Until)
}

// How long before its end a key is renewed. X gives keys of two hours, all others of weeks (platforms.md §3, §4, §5).
const (
	marginX      = 30 * time.Minute
	marginOthers = 7 * 24 * time.Hour
)

// near reports whether the key ends so soon that it should be renewed: within the margin, and never in the first half of its
// life, so that a network which gives shorter keys is not asked for a new one each time.
func (h held) near(now time.Time) bool {
	until := h.tokens.Until
	if until.IsZero() {
		return false
	}
	margin := marginOthers
	if h.grant.Network == mention.X {
		margin = marginX
	}
	began := h.tokens.RenewedAt
	if began.IsZero() {
		began = h.tokens.FirstAt
	}
	if life := until.Sub(began); !began.IsZero() && life > 0 {
		margin = min(margin, life/2)
	}
	return !now.Before(until.Add(-margin))
}

// renewable reports whether the network may be asked for a new key: by the way the account was connected, by what is left of
// the right to renew, and by what it said when it was asked.
func (k *Keeper) renewable(h held, now time.Time) bool {
	last := h.tokens.RefreshUntil
	return h.tokens.Method == channel.OAuth2 && k.cfg.Refreshers[h.grant.Network] != nil &&
		h.grant.Refused.IsZero() && (last.IsZero() || now.Before(last))
}

// next is what to do about a key.
type next int

const (
	give    next = iota + 1 // it is good
	connect                 // it is not, and only a person can get another
	wait                    // it is not, and somebody is getting another
	later                   // it is not, and somebody has just tried to get another
	renew                   // it is to be renewed
)

// judge says what to do about a key at an instant.
func (k *Keeper) judge(h held, now time.Time) next {
	renewable, busy := k.renewable(h, now), now.Before(h.grant.LeaseUntil)
	switch usable := h.usable(now); {
	case usable && (!h.near(now) || !renewable || busy):
		return give
	case !renewable:
		return connect
	case !busy:
		return renew
	case h.grant.LeaseBy == "":
		return later
	default:
		return wait
	}
}

// Access gives a key of the account that is good for the next minute at least, and renews it when it ends soon. Its errors are
// those of once.NoToken: Denied with the reason auth when a person must connect the account again, Transient with the reason
// credentials when it may work later. In neither case anything was sent for the caller.
func (k *Keeper) Access(ctx context.Context, ref channel.Ref) (channel.Access, error) {
	const op = "access.Access"
	for polls := 0; ; polls++ {
		h, err := k.held(ctx, op, ref)
		if err != nil {
			return channel.Access{}, err
		}
		now := k.cfg.Clock()
		switch k.judge(h, now) {
		case give:
			return h.access(), nil
		case connect:
			return channel.Access{}, once.NoToken(op, nil)
		case later:
			f := fault.New(fault.Transient, op, errors.New("the key could not be renewed"))
			f.RetryAfter = h.grant.LeaseUntil.Sub(now)
			return channel.Access{}, noKey(op, f)
		case wait:
			if err := k.cfg.Wait(ctx, poll(polls)); err != nil {
				return channel.Access{}, noKey(op, errors.New("the key is being renewed"))
			}
		case renew:
			fresh, err := k.renew(ctx, h, now)
			switch {
			case err == nil:
				return fresh.access(), nil
			case errors.Is(err, errMoved): // see what somebody else did
			case h.usable(now): // there is time to try again
				return h.access(), nil
			default:
				return channel.Access{}, noKey(op, err)
			}
		}
	}
}

// poll is the wait before looking again whether somebody else has renewed.
func poll(n int) time.Duration { return min(200*time.Millisecond<<min(n, 4), 2*time.Second) }

// noKey is the error of a key that could not be renewed. What became of that call is not what became of the caller's, which
// was never made.
func noKey(op string, err error) error {
	if once.Reason(err) == once.ReasonAuth {
		return once.NoToken(op, nil)
	}
	out := once.NoToken(op, fault.New(fault.Transient, "access.renew", err))
	var f *fault.Error
	if errors.As(out, &f) {
		f.RetryAfter = fault.RetryAfter(err)
	}
	return out
}

// Tokens gives the keys of an account as they are stored, opened: for who must look at their rights and ends. Denied with the
// reason auth when there are none.
func (k *Keeper) Tokens(ctx context.Context, ref channel.Ref) (channel.Tokens, error) {
	h, err := k.held(ctx, "access.Tokens", ref)
	return h.tokens, err
}

// Renewed reports whether the account's key is by now another one than a call was made with: a network that refused the call
// refused a key that is over, and the call may be made again with the new one.
func (k *Keeper) Renewed(ctx context.Context, ref channel.Ref, used channel.Access) (bool, error) {
	h, err := k.held(ctx, "access.Renewed", ref)
	if err != nil {
		return false, err
	}
	return h.access() != used, nil
}

// held reads the keys of an account and opens them.
func (k *Keeper) held(ctx context.Context, op string, ref channel.Ref) (held, error) {
	g, found, err := k.cfg.Store.Grant(ctx, ref)
	switch {
	case err != nil:
		return held{}, once.NoToken(op, err)
	case !found || g.Sealed == "":
		return held{}, once.NoToken(op, nil)
	}
	t, err := k.open(ctx, g)
	if err != nil {
		return held{}, once.NoToken(op, err)
	}
	return held{g, t}, nil
}

func (k *Keeper) open(ctx context.Context, g channel.Grant) (channel.Tokens, error) {
	var t channel.Tokens
	raw, err := k.Open(ctx, g.String(), g.Sealed)
	if err != nil {
		return t, err
	}
	if json.Unmarshal(raw, &t) != nil { // its error could quote a key
		return channel.Tokens{}, errors.New("what was sealed is no key")
	}
	return t, nil
}

// Grant gives the account's new keys as they are to be stored, over whatever is stored now: they go into the step by which a
// person connects the account. A Conflict of that step (somebody renewed at the same moment) is decided anew.
func (k *Keeper) Grant(ctx context.Context, ref channel.Ref, t channel.Tokens) (channel.Grant, error) {
	was, _, err := k.cfg.Store.Grant(ctx, ref)
	if err != nil {
		return channel.Grant{}, err
	}
	sealed, err := k.seal(ctx, ref, t)
	return channel.Grant{Ref: ref, Sealed: sealed, Rev: was.Rev + 1}, err
}

// Emptied gives the account's keys as they are to be stored when it is taken away; false when there are none.
func (k *Keeper) Emptied(ctx context.Context, ref channel.Ref) (channel.Grant, bool, error) {
	was, found, err := k.cfg.Store.Grant(ctx, ref)
	if err != nil || !found || was.Sealed == "" {
		return channel.Grant{}, false, err
	}
	return channel.Grant{Ref: ref, Rev: was.Rev + 1}, true, nil
}

func (k *Keeper) seal(ctx context.Context, ref channel.Ref, t channel.Tokens) (string, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return "", fault.New(fault.Permanent, "access.seal", errors.New("keys that cannot be written"))
	}
	return k.Seal(ctx, ref.String(), raw)
}

// tries is how often a write is tried that must not be lost.
const tries = 8

// Save stores new keys of an account by themselves, whatever is stored.
func (k *Keeper) Save(ctx context.Context, ref channel.Ref, t channel.Tokens) error {
	for n := 1; ; n++ {
		g, err := k.Grant(ctx, ref, t)
		if err != nil {
			return err
		}
		err = k.cfg.Store.Commit(ctx, ticket.Change{Grant: &g})
		if !fault.Is(err, fault.Conflict) || n == tries {
			return err
		}
	}
}
