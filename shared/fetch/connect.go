package fetch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// Why a connection failed, besides what the network says.
const (
	reasonNone    = "sin_cuentas"   // the person's grant lets us act as no account of this network
	reasonBroken  = "ilegible"      // what the person brought cannot be read: it was sealed for something else
	reasonOutside = "no_disponible" // nobody can connect accounts of this network here
)

// connect takes the next step of connecting an account. A step that fails at the network fails the connection: its words are
// good once and for moments, and the person is there to begin again.
func (w *Worker) connect(ctx context.Context, now time.Time, m outbox.Message) error {
	id, ok := strings.CutPrefix(m.Ticket, outbox.ConnectionCause(""))
	if !ok {
		return fault.New(fault.Poison, "fetch.connect", errors.New("no connection"))
	}
	c, found, err := w.cfg.Connections.Connection(ctx, id)
	if err != nil {
		return err
	}
	if !found { // its time is over
		return w.finish(ctx, m, ticket.Change{})
	}
	unit.Of(ctx).Network(c.Network)
	n, known := w.cfg.Networks[mention.Network(c.Network)]
	if !known || n.Reader == nil || n.Provider == nil && c.Method != channel.ByHand {
		return w.fail(ctx, m, c, reasonOutside)
	}
	return w.goOn(ctx, now, m, c, n)
}

// goOn does what the connection waits for.
func (w *Worker) goOn(ctx context.Context, now time.Time, m outbox.Message, c channel.Connection, n Network) error {
	switch c.Step {
	case channel.StepBegun:
		if c.URL != "" {
			return w.finish(ctx, m, ticket.Change{})
		}
		return w.send(ctx, now, m, c, n)
	case channel.StepCode:
		if c.Method == channel.ByHand {
			return w.pasted(ctx, now, m, c, n)
		}
		return w.exchange(ctx, now, m, c, n)
	case channel.StepChoose:
		if c.Account == "" {
			return w.finish(ctx, m, ticket.Change{})
		}
		return w.chosen(ctx, now, m, c, n)
	case channel.StepDone, channel.StepFailed:
		return w.finish(ctx, m, ticket.Change{})
	default:
		return w.fail(ctx, m, c, reasonOutside)
	}
}

// send asks the network where the person is to go.
func (w *Worker) send(ctx context.Context, now time.Time, m outbox.Message, c channel.Connection, n Network) error {
	begun, err := n.Provider.Begin(ctx, c, now)
	if err != nil {
		return w.fail(ctx, m, c, reasonOf(n.Reader, err))
	}
	if begun.Sealed != "" {
		if begun.Sealed, err = w.cfg.Vault.Seal(ctx, c.ID, []byte(begun.Sealed)); err != nil {
			return err
		}
	}
	c.URL, c.Verifier, c.Sealed = begun.URL, begun.Verifier, begun.Sealed
	return w.step(ctx, m, c)
}

// exchange gives the person's word for keys, and connects the one account they open, or asks which.
func (w *Worker) exchange(ctx context.Context, now time.Time, m outbox.Message, c channel.Connection, n Network) error {
	brought, err := w.brought(ctx, c)
	if err != nil {
		return w.unread(ctx, m, c, err)
	}
	asking := c
	asking.Code = ""
	if c.Sealed != "" {
		plain, err := w.cfg.Vault.Open(ctx, c.ID, c.Sealed)
		if err != nil {
			return w.unread(ctx, m, c, err)
		}
		asking.Sealed = string(plain)
	}
	tokens, err := n.Provider.Exchange(ctx, asking, brought.Code, now)
	if err != nil {
		return w.fail(ctx, m, c, reasonOf(n.Reader, err))
	}
	all, err := n.Provider.Accounts(ctx, tokens)
	if err != nil {
		return w.fail(ctx, m, c, reasonOf(n.Reader, err))
	}
	all = slices.DeleteFunc(all, func(one channel.Candidate) bool { return string(one.Network) != c.Network })
	switch len(all) {
	case 0:
		return w.fail(ctx, m, c, reasonNone)
	case 1:
		return w.attach(ctx, now, m, c, n, all[0])
	}
	plain, err := json.Marshal(all)
	if err != nil {
		return fault.New(fault.Permanent, "fetch.exchange", err)
	}
	c.Code, c.Verifier, c.URL, c.Step, c.Choices = "", "", "", channel.StepChoose, nil
	for _, one := range all {
		c.Choices = append(c.Choices, one.Choice)
	}
	if c.Sealed, err = w.cfg.Vault.Seal(ctx, c.ID, plain); err != nil {
		return err
	}
	return w.step(ctx, m, c)
}

// chosen connects the account that the person chose.
func (w *Worker) chosen(ctx context.Context, now time.Time, m outbox.Message, c channel.Connection, n Network) error {
	plain, err := w.cfg.Vault.Open(ctx, c.ID, c.Sealed)
	if err != nil {
		return w.unread(ctx, m, c, err)
	}
	var all []channel.Candidate
	if json.Unmarshal(plain, &all) != nil { // its own error may quote the keys
		return w.fail(ctx, m, c, reasonBroken)
	}
	for _, one := range all {
		if one.Account == c.Account {
			return w.attach(ctx, now, m, c, n, one)
		}
	}
	return w.fail(ctx, m, c, reasonNone)
}

// pasted connects the account of a key that a person pasted.
func (w *Worker) pasted(ctx context.Context, now time.Time, m outbox.Message, c channel.Connection, n Network) error {
	brought, err := w.brought(ctx, c)
	if err != nil {
		return w.unread(ctx, m, c, err)
	}
	return w.attach(ctx, now, m, c, n, channel.Candidate{
		Choice: channel.Choice{Account: c.Account}, Network: mention.Network(c.Network),
		Tokens: channel.Tokens{Method: channel.ByHand, Access: brought.Token, Secret: brought.Secret, FirstAt: now.UTC()},
	})
}

func (w *Worker) brought(ctx context.Context, c channel.Connection) (channel.Brought, error) {
	var b channel.Brought
	plain, err := w.cfg.Brought.Open(ctx, c.ID, c.Code)
	if err != nil {
		return b, err
	}
	if json.Unmarshal(plain, &b) != nil {
		return b, fault.New(fault.Permanent, "fetch.brought", errors.New("not what was sealed"))
	}
	return b, nil
}

// unread ends a connection of which what was sealed cannot be opened; a secret that cannot be read now is tried again.
func (w *Worker) unread(ctx context.Context, m outbox.Message, c channel.Connection, err error) error {
	if fault.Is(err, fault.Permanent) || fault.Is(err, fault.Invalid) || fault.Is(err, fault.Poison) {
		return w.fail(ctx, m, c, reasonBroken)
	}
	return err
}

// attach connects an account: its keys are tried and kept, its subscriptions made, and what was parked leaves by itself. A key
// of a person's hand, or a network's, is believed when the network takes it; what it cannot answer just now the next look
// asks again, but nobody's pasted word is taken for it.
func (w *Worker) attach(ctx context.Context, now time.Time, m outbox.Message, c channel.Connection, n Network, one channel.Candidate) error {
	ref := channel.Ref{Network: one.Network, Account: one.Account}
	health, err := n.Reader.Check(ctx, channel.Access{Account: ref.Account, Token: one.Tokens.Access, Secret: one.Tokens.Secret}, w.cfg.Callback(ref.Network), now)
	checked := err == nil
	if err != nil && (c.Method == channel.ByHand || !fault.Is(err, fault.Transient)) {
		return w.fail(ctx, m, c, reasonOf(n.Reader, err))
	}
	for range rounds {
		account, found, err := w.cfg.Channels.Channel(ctx, ref)
		if err != nil {
			return err
		}
		if !found {
			account = channel.Channel{Ref: ref}
		}
		grant, err := w.cfg.Vault.Grant(ctx, ref, one.Tokens)
		if err != nil {
			return err
		}
		next := connected(account, c.By, one, now)
		if checked {
			next = healthy(next, health, now)
			next.Called = now.UTC()
		}
		next.Rev = account.Rev + 1
		done := ended(c, channel.StepDone, "")
		done.Account, done.Missing = ref.Account, next.Missing
		err = w.finish(ctx, m, ticket.Change{
			Channel: &next, Grant: &grant, Connection: &done,
		})
		if !fault.Is(err, fault.Conflict) {
			return err
		}
		c, found, err = w.cfg.Connections.Connection(ctx, c.ID)
		switch {
		case err != nil:
			return err
		case !found || c.Step == channel.StepDone || c.Step == channel.StepFailed:
			return w.finish(ctx, m, ticket.Change{}) // its time is over, or another try was faster
		}
	}
	return fault.New(fault.Transient, "fetch.attach", errors.New("lost every round to other writers"))
}

// connected is the account with new keys. One that stood still goes on from where it was, so that nothing is lost of what came
// meanwhile; one that was taken away begins anew.
func connected(c channel.Channel, by string, one channel.Candidate, now time.Time) channel.Channel {
	now = now.UTC()
	if c.State == channel.Closed {
		c.Cursors, c.ConnectedAt, c.Listed = nil, time.Time{}, time.Time{}
	}
	if c.ConnectedAt.IsZero() {
		c.ConnectedAt = now.Truncate(time.Second) // networks date what is written by the second
	}
	c.Name = cmp.Or(one.Name, c.Name)
	c.State, c.Reason, c.By, c.Since, c.Failed = channel.Working, "", by, now, ""
	c.ConnectedBy = by
	c.Checked, c.Next = time.Time{}, now
	c.Usage, c.Missing = channel.Usage{}, nil
	c.Expiries = expiries(one.Network, one.Tokens)
	return c
}

// step writes the connection's next step and ends the message.
func (w *Worker) step(ctx context.Context, m outbox.Message, c channel.Connection) error {
	c.Rev++
	return w.finish(ctx, m, ticket.Change{Connection: &c})
}

func (w *Worker) fail(ctx context.Context, m outbox.Message, c channel.Connection, reason string) error {
	failed := ended(c, channel.StepFailed, cmp.Or(reason, "unknown_outcome"))
	return w.finish(ctx, m, ticket.Change{Connection: &failed})
}

// ended is a connection that goes no further; nothing of what opened it is kept.
func ended(c channel.Connection, step channel.Step, reason string) channel.Connection {
	c.Step, c.Reason = step, reason
	c.Code, c.Verifier, c.Sealed, c.URL, c.Choices = "", "", "", "", nil
	c.Rev++
	return c
}
