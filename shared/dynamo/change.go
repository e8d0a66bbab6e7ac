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
	for _, e := range c.Logged {
		return e.At
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
	p.modelOps(c.Models)
	p.channelOps(c)
	p.fileOps(c)
	p.postOps(c)
	if c.Spend != nil {
		p.spendOps(*c.Spend)
	}
	return p.ops, p.err
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
	p.pointerOps(c)
}

// pointerOps are what leads from conversations to the case: made, or taken away.
func (p *plan) pointerOps(c ticket.Change) {
	s, t := p.store, *c.Ticket
	busy := as(refusal{rankConversation, fault.Conflict, ticket.ErrConversationOpen, ": conversation"})
	all := append([]string{t.Conversation}, t.Aliases...)
	lead := c.Names
	if c.Open {
		lead = all
	}
	for i, conversation := range lead {
		o := op{verb: put, table: s.work, item: pointer(conversationKey(conversation), t.ID)}
		switch own := c.Open && i == 0; {
		case c.Over != "":
			o = o.when(newOwnOrOver, pkName("#ticket", "ticket"), attrs{":ticket": text(t.ID), ":over": text(c.Over)}, busy)
		case own:
			o = o.when(isNew, pkName(), nil, busy)
		default:
			o = o.when(newOrOwn, pkName("#ticket", "ticket"), attrs{":ticket": text(t.ID)}, busy)
		}
		p.add(o, nil)
	}
	if !c.Close {
		return
	}
	for _, conversation := range all {
		p.add(op{verb: remove, table: s.work, item: item(conversationKey(conversation))}.
			when(newOrOwn, pkName("#ticket", "ticket"), attrs{":ticket": text(t.ID)}, busy), nil)
	}
}

// newOrOwn lets an item be made, or be touched again by the case it points at; newOwnOrOver lets a pointer be taken over too that
// still stands although its case has ended.
const (
	newOrOwn     = "attribute_not_exists(#pk) OR #ticket = :ticket"
	newOwnOrOver = newOrOwn + " OR #ticket = :over"
)

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
