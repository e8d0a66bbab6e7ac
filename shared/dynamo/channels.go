package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/ticket"
)

// spendLife is how long a day's cost is kept: a year and a month beside it.
const spendLife = 400 * 24 * time.Hour

// spentOn begins the attributes that hold the sums of a day, by what was paid for.
const spentOn = "spent#"

// coherentChannel is coherent for what is known of an account of ours: what has no name of its own could be read by nobody,
// and a connection that never ends could be taken up by whoever finds it.
func coherentChannel(c ticket.Change) error {
	switch {
	case c.Channel != nil && !named(c.Channel.Ref), c.Grant != nil && !named(c.Grant.Ref), c.Spend != nil && !named(c.Spend.Ref):
		return errors.New("channel, keys or cost of no account")
	case c.Connection != nil && (c.Connection.ID == "" || c.Connection.Expires.IsZero()):
		return errors.New("connection without id or end")
	case c.Spend != nil:
		return coherentSpend(*c.Spend)
	default:
		return nil
	}
}

// named reports whether the channel's name can be read back.
func named(ref channel.Ref) bool {
	read, ok := channel.ParseRef(ref.String())
	return ok && read == ref
}

func coherentSpend(s channel.Spend) error {
	if _, err := time.Parse(day, s.Day); err != nil {
		return errors.New("cost of no day")
	}
	for what, micros := range s.Micros {
		if what == "" || micros < 0 {
			return errors.New("cost of nothing, or taken back")
		}
	}
	return nil
}

// channelOps are what is known of an account of ours.
func (p *plan) channelOps(c ticket.Change) {
	s := p.store
	if c.Channel != nil {
		p.add(s.knownOp(channelKey(c.Channel.Ref), c.Channel.Rev, c.Channel, time.Time{}))
	}
	if c.Grant != nil {
		p.add(s.knownOp(grantKey(c.Grant.Ref), c.Grant.Rev, c.Grant, time.Time{}))
	}
	if c.Connection != nil {
		p.add(s.knownOp(connectionKey(c.Connection.ID), c.Connection.Rev, c.Connection, c.Connection.Expires))
	}
}

// spendOps are the one item of a step that is a cost and nothing else.
func (p *plan) spendOps(spend channel.Spend) {
	switch {
	case len(p.ops) > 0:
		p.err = errors.Join(p.err, errors.New("a cost is not alone in its step"))
	case len(spend.Micros) > 0:
		p.add(p.store.spendOp(spend))
	}
}

// knownOp is revised for what is written alone most of the time: the digest of its step tells that the step is stored
// already.
func (s *Store) knownOp(k key, rev int, doc any, expires time.Time) (op, error) {
	o, err := s.revised(k, rev, doc, expires)
	if err != nil {
		return o, err
	}
	i, moved := o.item, o.refused
	i[attrToken] = text(noToken)
	o.refused = func(old attrs) refusal {
		if old.text(attrToken) == i.text(attrToken) {
			return refusal{rank: rankStored}
		}
		return moved(old)
	}
	return o, nil
}

// spendOp adds to the sums of a day. It is the one write that is not the same when it is made twice: after a lost answer
// the client asks again, and the day may seem to have cost more than it did, never less.
func (s *Store) spendOp(spend channel.Spend) (op, error) {
	date, err := time.Parse(day, spend.Day)
	if err != nil {
		return op{}, fmt.Errorf("day: %w", err)
	}
	o := op{verb: update, table: s.work, item: item(spendKey(spend.Ref, spend.Day))}
	o.names = map[string]string{"#ttl": attrTTL}
	o.values = attrs{":ttl": number(date.Add(spendLife).Unix())}
	var sums []string
	for n, what := range slices.Sorted(maps.Keys(spend.Micros)) {
		name, value := fmt.Sprintf("#s%d", n), fmt.Sprintf(":s%d", n)
		o.names[name], o.values[value] = spentOn+what, number(spend.Micros[what])
		sums = append(sums, name+" "+value)
	}
	o.set = "SET #ttl = :ttl ADD " + strings.Join(sums, ", ")
	return o, nil
}

// Channel gives what is known of an account of ours, if anything is.
func (s *Store) Channel(ctx context.Context, ref channel.Ref) (channel.Channel, bool, error) {
	var c channel.Channel
	_, found, err := s.maybeDoc(ctx, "dynamo.Channel", channelKey(ref), &c)
	return c, found, err
}

// Channels gives all accounts of ours, by network and account, as they are now.
func (s *Store) Channels(ctx context.Context) ([]channel.Channel, error) {
	var all []channel.Channel
	in := scope{table: s.work, pkName: attrPK, skName: attrSK, pk: channelsPK}
	err := s.each(ctx, "dynamo.Channels", in, func(found attrs) (bool, error) {
		var c channel.Channel
		if err := s.packer.doc(found, &c); err != nil {
			return false, err
		}
		all = append(all, c)
		return true, nil
	})
	return all, err
}

// Grant gives the sealed keys of an account of ours, if there are any.
func (s *Store) Grant(ctx context.Context, ref channel.Ref) (channel.Grant, bool, error) {
	var g channel.Grant
	_, found, err := s.maybeDoc(ctx, "dynamo.Grant", grantKey(ref), &g)
	return g, found, err
}

// Connection gives a connection being made, if there is one and its time is not over.
func (s *Store) Connection(ctx context.Context, id string) (channel.Connection, bool, error) {
	var c channel.Connection
	item, found, err := s.maybeDoc(ctx, "dynamo.Connection", connectionKey(id), &c)
	c.Expires = item.expiry()
	return c, found, err
}

// Spent gives what an account of ours cost on a day (2026-11-29), by what it was spent on.
func (s *Store) Spent(ctx context.Context, ref channel.Ref, date string) (channel.Spend, error) {
	spend := channel.Spend{Ref: ref, Day: date}
	found, err := s.get(ctx, "dynamo.Spent", spendKey(ref, date))
	if err != nil {
		return channel.Spend{}, err
	}
	for name := range found {
		if what, is := strings.CutPrefix(name, spentOn); is {
			if spend.Micros == nil {
				spend.Micros = map[string]int64{}
			}
			spend.Micros[what] = found.number(name)
		}
	}
	return spend, nil
}

// maybeDoc reads the document of an item that need not exist, and gives the item.
func (s *Store) maybeDoc(ctx context.Context, op string, k key, v any) (attrs, bool, error) {
	found, err := s.get(ctx, op, k)
	if err != nil || found == nil {
		return nil, false, err
	}
	if err := s.packer.doc(found, v); err != nil {
		return nil, false, broken(op, err)
	}
	return found, true, nil
}
