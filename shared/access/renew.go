package access

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/ticket"
)

// A lease is as long as everything together that may happen under it: the call begins while it is young, is given up in its
// middle, and leaves time to write what came of it. So whoever finds it over may take the keys.
const (
	lease      = time.Minute
	beginUntil = 15 * time.Second
	callLimit  = 25 * time.Second
	writeLimit = 15 * time.Second
)

// errMoved is the end of a renewal that somebody else made needless.
var errMoved = errors.New("the keys have moved on")

// renew takes the lease, asks the network once, and stores what it gave; errMoved when somebody else was faster. What has
// begun goes on when the caller's context ends: a network that rotates has forgotten the old key when it gives the new one.
func (k *Keeper) renew(ctx context.Context, h held, now time.Time) (held, error) {
	const op = "access.renew"
	word := make([]byte, 12)
	if _, err := io.ReadFull(k.cfg.Random, word); err != nil {
		return held{}, fault.New(fault.Transient, op, errors.New("no randomness"))
	}
	mine := h
	mine.grant.LeaseBy = k.cfg.Owner + "/" + base64.RawURLEncoding.EncodeToString(word)
	mine.grant.LeaseUntil, mine.grant.Doubt = now.UTC().Add(lease), true
	mine.grant.Rev++
	switch err := k.cfg.Store.Commit(ctx, ticket.Change{Grant: &mine.grant}); {
	case fault.Is(err, fault.Conflict):
		return held{}, errMoved
	case err != nil:
		return held{}, err
	}
	ctx = context.WithoutCancel(ctx)
	if k.cfg.Clock().After(now.Add(beginUntil)) {
		return held{}, k.inVain(ctx, mine, h.grant.Doubt, fault.New(fault.Transient, op, errors.New("the lease is too old to begin")))
	}
	fresh, err := k.ask(ctx, mine)
	switch once.Reason(err) {
	case once.ReasonAuth, once.ReasonUnsupported:
		return held{}, k.refused(ctx, mine)
	case once.ReasonUnreachable, once.ReasonThrottle, once.ReasonCredentials, once.ReasonPermission, once.ReasonQuota,
		once.ReasonVersion, once.ReasonInput: // surely not renewed
		return held{}, k.inVain(ctx, mine, h.grant.Doubt, err)
	}
	if err == nil && fresh.Access == "" {
		err = fault.New(fault.Transient, op, errors.New("renewed to nothing"))
	}
	if err != nil { // renewed or not, nobody knows
		return held{}, k.inVain(ctx, mine, true, err)
	}
	return k.keep(ctx, mine, follow(h.tokens, fresh, k.cfg.Clock()))
}

// ask makes the one call.
func (k *Keeper) ask(ctx context.Context, mine held) (channel.Tokens, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	return k.cfg.Refreshers[mine.grant.Network].Refresh(ctx, mine.tokens, k.cfg.Clock())
}

// follow gives the keys that come after was: what the network does not say anew stays as it was.
func follow(was, is channel.Tokens, now time.Time) channel.Tokens {
	is.Method, is.FirstAt, is.RenewedAt = was.Method, was.FirstAt, now.UTC()
	if is.Refresh == "" {
		is.Refresh = was.Refresh
	}
	if is.RefreshUntil.IsZero() {
		is.RefreshUntil = was.RefreshUntil
	}
	if is.DataUntil.IsZero() {
		is.DataUntil = was.DataUntil
	}
	if len(is.Scopes) == 0 {
		is.Scopes = was.Scopes
	}
	return is
}

// How long nobody asks again after a renewal that came to nothing.
const (
	pauseLeast = time.Minute
	pauseMost  = 15 * time.Minute
)

// inVain notes that the renewal came to nothing, whether it is in doubt, and when it may be tried again, and gives its error.
// Where that cannot be written, the lease ends by itself and the doubt stays, which is the safe side.
func (k *Keeper) inVain(ctx context.Context, mine held, doubt bool, cause error) error {
	g := mine.grant
	pause := min(max(fault.RetryAfter(cause), pauseLeast), pauseMost)
	g.LeaseBy, g.LeaseUntil, g.Doubt = "", k.cfg.Clock().UTC().Add(pause), doubt
	return k.settle(ctx, g, cause)
}

// refused notes that the network will not renew these keys: a person must connect the account again before they end.
func (k *Keeper) refused(ctx context.Context, mine held) error {
	g := mine.grant
	g.LeaseBy, g.LeaseUntil, g.Doubt, g.Refused = "", time.Time{}, false, k.cfg.Clock().UTC()
	return k.settle(ctx, g, once.NoToken("access.renew", nil))
}

// settle writes the end of a renewal that gave no keys and gives its error; errMoved when the keys have moved on meanwhile.
func (k *Keeper) settle(ctx context.Context, g channel.Grant, cause error) error {
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	g.Rev++
	if err := k.cfg.Store.Commit(ctx, ticket.Change{Grant: &g}); fault.Is(err, fault.Conflict) {
		return errMoved
	}
	return cause
}

// keep stores the new keys, as stubbornly as its time allows: the old ones are worth nothing any more. They are written over
// the lease, and over whatever else somebody did with the keys they come from; when there are others by now, those count.
func (k *Keeper) keep(ctx context.Context, mine held, t channel.Tokens) (held, error) {
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	g := channel.Grant{Ref: mine.grant.Ref, Rev: mine.grant.Rev + 1}
	var err error
	for n := range tries {
		if g.Sealed == "" {
			g.Sealed, err = k.seal(ctx, g.Ref, t)
		}
		if g.Sealed != "" {
			err = k.cfg.Store.Commit(ctx, ticket.Change{Grant: &g})
		}
		if err == nil {
			return held{g, t}, nil
		}
		if fault.Is(err, fault.Conflict) {
			now, found, readErr := k.cfg.Store.Grant(ctx, g.Ref)
			if readErr == nil && (!found || now.Sealed != mine.grant.Sealed) {
				return held{}, errMoved
			}
			g.Rev = max(g.Rev, now.Rev+1)
		}
		if k.cfg.Wait(ctx, poll(n)) != nil {
			break
		}
	}
	return held{}, err
}
