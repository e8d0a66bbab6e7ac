package ways

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"sence.gob.cl/gestor/shared/access"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/secret"
)

// Keys are the keys of our accounts, judged by the clock of the unit of work in hand and not by the machine's (ADR 0007).
type Keys struct {
	cfg   access.Config
	clock Clock
}

// Clock tells the time: At is the instant of the unit of work in hand, zero outside of any; Wall the machine's clock, by which
// time goes on from there.
type Clock struct {
	At   func(context.Context) time.Time
	Wall func() time.Time
}

// keeper is the keeper at this instant; time goes on from there.
func (k Keys) keeper(ctx context.Context) *access.Keeper {
	cfg, began := k.cfg, k.clock.Wall()
	now := began
	if at := k.clock.At(ctx); !at.IsZero() {
		now = at
	}
	cfg.Clock = func() time.Time { return now.Add(k.clock.Wall().Sub(began)) }
	return access.New(cfg)
}

// of gives the keys of the accounts of one network.
func (k Keys) of(n mention.Network) func(context.Context, string) (channel.Access, error) {
	return func(ctx context.Context, account string) (channel.Access, error) {
		return k.Access(ctx, channel.Ref{Network: n, Account: account})
	}
}

// Access gives a key that is good for the next minute at least.
func (k Keys) Access(ctx context.Context, ref channel.Ref) (channel.Access, error) {
	return k.keeper(ctx).Access(ctx, ref)
}

// Renewed reports whether the key is by now another one than the one that was refused.
func (k Keys) Renewed(ctx context.Context, ref channel.Ref, used channel.Access) (bool, error) {
	return k.keeper(ctx).Renewed(ctx, ref, used)
}

// Reason gives the short code of why there is no key.
func (Keys) Reason(err error) string { return once.Reason(err) }

// Tokens gives the keys as they are stored, opened.
func (k Keys) Tokens(ctx context.Context, ref channel.Ref) (channel.Tokens, error) {
	return k.keeper(ctx).Tokens(ctx, ref)
}

// Grant gives new keys of an account as they are to be stored.
func (k Keys) Grant(ctx context.Context, ref channel.Ref, t channel.Tokens) (channel.Grant, error) {
	return k.keeper(ctx).Grant(ctx, ref, t)
}

// Emptied gives the keys of an account that is taken away, as they are to be stored.
func (k Keys) Emptied(ctx context.Context, ref channel.Ref) (channel.Grant, bool, error) {
	return k.keeper(ctx).Emptied(ctx, ref)
}

// Seal seals a text as what it is about.
func (k Keys) Seal(ctx context.Context, about string, plain []byte) (string, error) {
	return k.keeper(ctx).Seal(ctx, about, plain)
}

// Open opens what Seal made.
func (k Keys) Open(ctx context.Context, about, sealed string) ([]byte, error) {
	return k.keeper(ctx).Open(ctx, about, sealed)
}

// Sealer seals and opens under a secret of its own, without any account's key.
func Sealer(secrets *secret.Client, id string) *access.Keeper {
	return access.New(access.Config{Key: Key(secrets, id), Random: rand.Reader})
}

// least is how many bytes a secret that seals has.
const least = 32

// Key reads a secret of the form {"key":"<base64>"}.
func Key(secrets *secret.Client, id string) func(context.Context) ([]byte, error) {
	held := reading[struct{ Key string }](secrets, id)
	return func(ctx context.Context) ([]byte, error) {
		found, err := held(ctx)
		if err != nil {
			return nil, err
		}
		raw, err := base64.StdEncoding.DecodeString(found.Key)
		if err != nil || len(raw) < least { // the decoder's own error says where, in a secret
			return nil, fault.New(fault.Transient, "ways.Key", nil)
		}
		return raw, nil
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
