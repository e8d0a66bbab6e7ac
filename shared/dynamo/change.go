package dynamo

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// How long what has a TTL is kept.
const (
	clickLife      = 48 * time.Hour
	quarantineLife = 30 * 24 * time.Hour
)

// rawLimit is the most a quarantined delivery may take: an item may have 400 KB.
const rawLimit = 380 << 10

// plan collects the items of a Change.
type plan struct {
	store *Store
	ops   []op
	err   error
}

// add takes an op, unless its item could not be made.
func (p *plan) add(o op, err error) {
	p.err = errors.Join(p.err, err)
	p.ops = append(p.ops, o)
}

// decided is the instant of the step: that of its entry where it has one, so that a step which is repeated says the same.
func (s *Store) decided(ctx context.Context, c ticket.Change) time.Time {
	if c.Entry != nil {
		return c.Entry.At
	}
	return s.now(ctx)
}

// plan turns a Change into the items to write, in a fixed order.
func (s *Store) plan(ctx context.Context, c ticket.Change) ([]op, error) {
	if err := coherent(c); err != nil {
		return nil, err
	}
	p := &plan{store: s}
	if c.Seen != nil {
		p.add(s.seenOp(*c.Seen, c.SeenWas, s.decided(ctx, c)))
	}
	if c.Click != nil {
		p.add(s.clickOp(*c.Click))
	}
	if c.Ticket != nil {
		p.caseOps(c)
	}
	for _, m := range c.Mentions {
		p.add(s.revised(mentionKey(m.Ticket, m.At, m.Key), m.Rev, m, m.Expires))
	}
	for _, r := range c.Replies {
		p.add(s.revised(replyKey(r.Ticket, r.ID), r.Rev, r, r.Expires))
	}
	p.messageOps(c)
	for _, a := range c.Raise {
		p.add(s.raiseOp(a, c.Ticket))
	}
	for _, a := range c.Settle {
		p.add(op{verb: remove, table: s.work, item: item(attentionKey(a.Ticket, a.ID))}, nil)
	}
	if c.Quarantine != nil {
		p.add(s.quarantineOp(*c.Quarantine))
	}
	p.channelOps(c)
	if c.Spend != nil {
		p.spendOps(*c.Spend)
	}
	return p.ops, p.err
}

// coherent refuses a Change that no transition may make: writing it would break a promise of the store.
func coherent(c ticket.Change) error {
	if err := coherentCase(c); err != nil {
		return err
	}
	switch {
	case c.Seen == nil && c.SeenWas != nil:
		return errors.New("what an item was, but not what it is")
	case c.SeenWas != nil && c.Seen.Rev <= c.SeenWas.Rev:
		return errors.New("seen item does not move on from what it was")
	case c.Claim != nil && c.ClaimAt.IsZero(), c.HandedOver != nil && c.HandedAt.IsZero():
		return errors.New("claim or handing over without its instant")
	default:
		return errors.Join(coherentLife(c), coherentChannel(c))
	}
}

// coherentLife is coherent for how long things are kept: a case expires when it has ended and not before, what hangs on it
// together with it, and no text waits for ever for an item that never comes. An awaited item comes, or is given up; words that
// are known of it may end before.
func coherentLife(c ticket.Change) error {
	if s := c.Seen; s != nil {
		early := s.Edited != nil && s.Ticket == ""
		switch {
		case s.Awaited == nil && early == s.Expires.IsZero():
			return errors.New("seen item expires without an early edit, or an early edit never does")
		case s.Awaited != nil && s.Ticket != "":
			return errors.New("an item in a case is awaited")
		}
	}
	if c.Ticket == nil {
		return nil
	}
	until := c.Ticket.Expires
	if c.Ticket.State.Final() == until.IsZero() {
		return errors.New("open case expires, or an ended one never does")
	}
	for _, m := range c.Mentions {
		if !m.Expires.Equal(until) {
			return errors.New("mention expires without its case")
		}
	}
	for _, r := range c.Replies {
		if !r.Expires.Equal(until) {
			return errors.New("reply expires without its case")
		}
	}
	return nil
}

// coherentCase is coherent for the ticket, its entry and its conversation.
func coherentCase(c ticket.Change) error {
	t, e := c.Ticket, c.Entry
	switch {
	case t == nil && e == nil && !c.Open && !c.Close:
		return nil
	case t == nil || e == nil:
		return errors.New("ticket and entry go together, and open or close with them")
	case c.Open && c.Close:
		return errors.New("open and close at once")
	case (c.Open || c.Close) && t.Conversation == "":
		return errors.New("ticket has no conversation")
	default:
		return coherentEntry(*t, *e)
	}
}

// coherentEntry is coherent for the ticket and its entry.
func coherentEntry(t ticket.Ticket, e audit.Entry) error {
	switch {
	case t.ID == "" || t.Version < 1 || e.Hash == "":
		return errors.New("ticket without id or version, or entry without seal")
	case e.Ticket != t.ID || e.Version != t.Version || e.Hash != t.Head:
		return errors.New("entry is not of this version of the ticket")
	default:
		return nil
	}
}

// caseOps are the ticket, its entry, and what is unique about it.
func (p *plan) caseOps(c ticket.Change) {
	s, t := p.store, *c.Ticket
	p.add(s.ticketOp(t, *c.Entry))
	p.add(s.entryOp(*c.Entry))
	if t.Version == 1 && t.Number != "" {
		p.add(op{verb: put, table: s.work, item: pointer(numberKey(t.Number), t.ID)}.
			when(isNew, pkName(), nil, as(refusal{rankNumberTaken, fault.Conflict, ticket.ErrNumberTaken, ": number"})), nil)
	}
	if c.Entry.Kind == audit.EscalationFiled && t.SIAC.Folio != "" {
		p.add(op{verb: put, table: s.work, item: pointer(folioKey(t.SIAC.Folio), t.ID)}.
			when(newOrOwn, pkName("#ticket", "ticket"), attrs{":ticket": text(t.ID)},
				as(refusal{rankFolioTaken, fault.Permanent, ticket.ErrFolioTaken, ": folio"})), nil)
	}
	busy := as(refusal{rankConversation, fault.Conflict, ticket.ErrConversationOpen, ": conversation"})
	if c.Open {
		p.add(op{verb: put, table: s.work, item: pointer(conversationKey(t.Conversation), t.ID)}.when(isNew, pkName(), nil, busy), nil)
	}
	if c.Close {
		p.add(op{verb: remove, table: s.work, item: item(conversationKey(t.Conversation))}.
			when(newOrOwn, pkName("#ticket", "ticket"), attrs{":ticket": text(t.ID)}, busy), nil)
	}
}

// newOrOwn lets an item be made, or be touched again by the case it points at.
const newOrOwn = "attribute_not_exists(#pk) OR #ticket = :ticket"

// pointer is an item that only names a case.
func pointer(k key, id string) attrs {
	i := item(k)
	i["ticket"] = text(id)
	return i
}

// messageOps are the consequences: planned, carried out, cancelled, claimed, handed over.
func (p *plan) messageOps(c ticket.Change) {
	s := p.store
	for _, m := range c.Send {
		p.add(s.sendOp(m))
	}
	for _, ref := range c.Done {
		p.add(op{verb: remove, table: s.work, item: item(messageKey(ref))}.
			when(exists, pkName(), nil, as(refusal{rankGone, fault.NotFound, ticket.ErrGone, ": done"})), nil)
	}
	for _, ref := range c.Cancel {
		p.add(op{verb: remove, table: s.work, item: item(messageKey(ref))}.
			when(unclaimed, pkName("#claimed", "claimed"), nil, claimedOr(refusal{rankCancel, fault.Conflict, ticket.ErrClaimed, ": cancel"}, ": cancel")), nil)
	}
	if c.Claim != nil {
		p.add(s.claimOp(*c.Claim, c.ClaimAt), nil)
	}
	if c.HandedOver != nil {
		p.add(s.handedOverOp(*c.HandedOver, c.HandedAt), nil)
	}
}

const unclaimed = "attribute_exists(#pk) AND attribute_not_exists(#claimed)"

// claimedOr tells a message that somebody claimed from one that is gone.
func claimedOr(claimed refusal, what string) func(attrs) refusal {
	return func(old attrs) refusal {
		if len(old) > 0 {
			return claimed
		}
		return refusal{rankGone, fault.NotFound, ticket.ErrGone, what}
	}
}

// claimOp marks the message with an instant and with a word of this call alone: when the answer to a claim is lost and
// the client asks again, the word tells our own claim from that of another worker of the same instant.
func (s *Store) claimOp(ref outbox.Ref, when time.Time) op {
	word := rand.Text()
	o := op{verb: update, table: s.work, item: item(messageKey(ref)), set: "SET #claimed = :claimed, #claimer = :claimer"}
	names := pkName("#claimed", "claimed", "#claimer", "claimer")
	values := attrs{":claimed": text(at(when)), ":claimer": text(word)}
	lost := claimedOr(refusal{rankClaim, fault.Duplicate, ticket.ErrClaimed, ": claim"}, ": claim")
	return o.when(unclaimed, names, values, func(old attrs) refusal {
		if old.text("claimer") == word {
			return refusal{rank: rankStored}
		}
		return lost(old)
	})
}

// handedOverOp moves the message from those to hand over to those handed over; the rest of its place stays.
func (s *Store) handedOverOp(ref outbox.Ref, when time.Time) op {
	o := op{verb: update, table: s.work, item: item(messageKey(ref)), set: "SET #family = :family, #handed = :handed"}
	return o.when(exists, pkName("#family", attrGSI1PK, "#handed", "handed"),
		attrs{":family": text(shardPK(handedOver, shardOf(ref.ID, messageShards))), ":handed": text(at(when))},
		as(refusal{rankGone, fault.NotFound, ticket.ErrGone, ": handed over"}))
}

func (s *Store) sendOp(m outbox.Message) (op, error) {
	i := item(messageKey(m.Ref())).put(attrGSI1PK, attrGSI1SK, dueKey(toHandOver, m))
	row, err := json.Marshal(m)
	i[attrRow] = text(string(row))
	again := as(refusal{rankStale, fault.Conflict, ticket.ErrStale, ": send"})
	return op{verb: put, table: s.work, item: i}.when(isNew, pkName(), nil, again), err
}

// ticketOp writes the new state over the version it was decided on.
func (s *Store) ticketOp(t ticket.Ticket, e audit.Entry) (op, error) {
	i := item(ticketKey(t.ID)).put(attrGSI1PK, attrGSI1SK, queueKey(t))
	if t.Assignee != "" && !t.State.Final() {
		i.put(attrGSI2PK, attrGSI2SK, boardKey(t))
	}
	i["v"], i["state"] = number(int64(t.Version)), text(string(t.State))
	i.keep(t.Expires)
	row, errRow := json.Marshal(t.Row())
	doc, errDoc := json.Marshal(t)
	packedRow, packedDoc, err := s.packer.packPair(append(row, '\n'), doc)
	i[attrRow], i[attrDoc] = binary(packedRow), binary(packedDoc)
	o := op{verb: put, table: s.work, item: i}
	moved := as(refusal{rankStale, fault.Conflict, ticket.ErrStale, ": version"})
	if t.Version == 1 {
		o = o.when(isNew, pkName(), nil, moved)
	} else {
		o = o.when("#v = :was", map[string]string{"#v": "v"}, attrs{":was": number(int64(e.Version - 1))}, moved)
	}
	return o, errors.Join(errRow, errDoc, err)
}

// entryOp appends to the bitácora.
func (s *Store) entryOp(e audit.Entry) (op, error) {
	i := item(entryKey(e.Ticket, e.Version)).put(attrDayPK, attrDaySK, dayKey(e))
	i["ticket"], i["version"], i["at"] = text(e.Ticket), number(int64(e.Version)), text(at(e.At))
	i[attrToken] = text(noToken)
	err := s.packer.putDoc(i, e)
	return op{verb: put, table: s.bitacora, item: i}.when(isNew, pkName(), nil, func(old attrs) refusal {
		if old.text(attrToken) == i.text(attrToken) {
			return refusal{rank: rankStored}
		}
		return refusal{rankStale, fault.Conflict, ticket.ErrStale, ": entry"}
	}), err
}

// attrToken, on an entry and on what is known of a channel, is the digest of the whole step it was written with: by it a
// repeated step knows itself.
// noToken holds its place until the digest is known.
const (
	attrToken = "token"
	noToken   = "00000000000000000000000000000000"
)

// seenOp remembers an item, also over an early edit that has expired and that DynamoDB has not deleted yet.
func (s *Store) seenOp(now ticket.Seen, was *ticket.Seen, at time.Time) (op, error) {
	i := item(seenKey(now.Network, now.Key))
	i["rev"] = number(int64(now.Rev))
	i.keep(now.Expires)
	err := s.packer.putDoc(i, now)
	o := op{verb: put, table: s.work, item: i}
	if was == nil {
		return o.when(isNewOrExpired, pkName("#ttl", attrTTL), attrs{":now": number(at.Unix())}, as(refusal{rankSeen, fault.Duplicate, ticket.ErrSeen, ": seen"})), err
	}
	return o.when("#rev = :was", map[string]string{"#rev": "rev"}, attrs{":was": number(int64(was.Rev))},
		as(refusal{rankStale, fault.Conflict, ticket.ErrStale, ": seen"})), err
}

// revised is an item under its own lock: rev 1 is new, any other follows the one before.
func (s *Store) revised(k key, rev int, doc any, expires time.Time) (op, error) {
	if rev < 1 {
		return op{}, fmt.Errorf("item with rev %d", rev)
	}
	i := item(k)
	i["rev"] = number(int64(rev))
	i.keep(expires)
	err := s.packer.putDoc(i, doc)
	o := op{verb: put, table: s.work, item: i}
	moved := as(refusal{rankStale, fault.Conflict, ticket.ErrStale, ": rev"})
	if rev == 1 {
		return o.when(isNew, pkName(), nil, moved), err
	}
	return o.when("#rev = :was", map[string]string{"#rev": "rev"}, attrs{":was": number(int64(rev - 1))}, moved), err
}

// raiseOp keeps a matter until it is settled, and no longer than its case: nobody could say then whom it concerns.
func (s *Store) raiseOp(a ticket.Attention, t *ticket.Ticket) (op, error) {
	i := item(attentionKey(a.Ticket, a.ID)).put(attrGSI2PK, attrGSI2SK, attentionPlace(a))
	if t != nil {
		i.keep(t.Expires)
	}
	row, err := json.Marshal(a)
	i[attrRow] = text(string(row))
	return op{verb: put, table: s.work, item: i}, err
}

// clickOp remembers an answer once, or again when the one before has expired and DynamoDB has not deleted it yet.
func (s *Store) clickOp(c ticket.Click) (op, error) {
	i := item(clickKey(c.Key))
	i[attrTTL] = number(c.At.Add(clickLife).Unix())
	body := c.Body
	c.Body = nil
	row, errRow := json.Marshal(c)
	i[attrRow] = text(string(row))
	err := errors.Join(errRow, s.packer.putText(i, attrDoc, body))
	return op{verb: put, table: s.work, item: i}.
		when(isNewOrExpired, pkName("#ttl", attrTTL), attrs{":now": number(c.At.Unix())},
			as(refusal{rankClick, fault.Duplicate, ticket.ErrClickUsed, ": click"})), err
}

// quarantineOp has no condition: its key is the hash of the bytes, so writing it again changes nothing but its expiry.
func (s *Store) quarantineOp(q ticket.Quarantined) (op, error) {
	i := item(quarantineKey(q.ID)).put(attrGSI2PK, attrGSI2SK, quarantinePlace(q))
	i.keep(q.At.Add(quarantineLife))
	if !q.Expires.IsZero() {
		i.keep(q.Expires)
	}
	packed, errRaw := s.packer.pack(q.Raw)
	if len(packed) > rawLimit {
		return op{}, fault.New(fault.Poison, "dynamo.Commit: quarantine", errors.New("delivery too large to keep"))
	}
	if len(q.Raw) > 0 {
		i[attrRaw] = binary(packed)
	}
	q.Raw = nil
	row, err := json.Marshal(q)
	i[attrRow] = text(string(row))
	return op{verb: put, table: s.work, item: i}, errors.Join(errRaw, err)
}
