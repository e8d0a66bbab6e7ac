package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// coherentPosts is coherent for posts and their ways out: each step of a chain has its entry, and nothing goes without it.
func coherentPosts(c ticket.Change) error {
	chains := map[string]audit.Entry{}
	for _, e := range c.Logged {
		_, twice := chains[e.Ticket]
		switch {
		case twice || e.Hash == "":
			return errors.New("two entries of one chain, or one without seal")
		case e.Scope == audit.OfModel: // it tells of nothing that is written
		case e.Scope != audit.OfPosts:
			return errors.New("entry that is of no post")
		default:
			chains[e.Ticket] = e
		}
	}
	if p := c.Post; p != nil {
		e := chains[p.Cause()]
		delete(chains, p.Cause())
		if p.ID == "" || p.Version < 1 || e.Version != p.Version || e.Hash != p.Head {
			return errors.New("post without id, or its entry is not of this version")
		}
	}
	for _, t := range c.Targets {
		e, logged := chains[t.Chain()]
		delete(chains, t.Chain())
		if err := coherentTarget(t, e, logged); err != nil {
			return err
		}
	}
	if len(chains) > 0 {
		return errors.New("entry of nothing that the step writes")
	}
	return nil
}

func coherentTarget(t post.Target, e audit.Entry, logged bool) error {
	switch {
	case t.Post == "" || !t.Network.Known() || t.Rev < 1 || t.At.IsZero():
		return errors.New("target of no post, network or moment")
	case logged && (e.Version != t.Version || e.Hash != t.Head):
		return errors.New("entry is not of this version of the target")
	default:
		return nil
	}
}

// postOps are a post of ours, its ways out to the networks, and their entries.
func (p *plan) postOps(c ticket.Change) {
	s := p.store
	if c.Post != nil {
		p.add(s.postOp(*c.Post))
		if c.Post.Campaign != "" {
			p.add(op{verb: put, table: s.work, item: item(memberKey(c.Post.Campaign, c.Post.ID))}, nil)
		}
	}
	for _, t := range c.Targets {
		p.add(s.targetOp(t))
	}
	for _, e := range c.Logged {
		p.add(s.entryOp(e))
	}
	if c.Campaign != nil {
		p.add(s.campaignOp(*c.Campaign))
	}
}

// postOp writes a post over the version it was decided on. Its document is short enough to stand in the indexes whole, so that a
// month of the calendar is one query.
func (s *Store) postOp(p post.Post) (op, error) {
	i := item(postKey(p.ID)).put(attrGSI2PK, attrGSI2SK, postPlace(p))
	if queue, waits := postQueue(p); waits {
		i.put(attrGSI1PK, attrGSI1SK, queue)
	}
	return s.placed(i, p, p.Version, p.Expires)
}

// targetOp writes a way out over the revision it was decided on.
func (s *Store) targetOp(t post.Target) (op, error) {
	i := item(targetKey(t.Post, t.Name())).put(attrGSI2PK, attrGSI2SK, targetPlace(t))
	if queue, failed := targetQueue(t); failed {
		i.put(attrGSI1PK, attrGSI1SK, queue)
	}
	return s.placed(i, t, t.Rev, t.Expires)
}

// placed is an item under its own lock whose document is its row.
func (s *Store) placed(i attrs, doc any, rev int, expires time.Time) (op, error) {
	i["v"] = number(int64(rev))
	i[attrToken] = text(noToken)
	i.keep(expires)
	raw, err := json.Marshal(doc)
	if err != nil {
		return op{}, err
	}
	packed, err := s.packer.pack(raw)
	i[attrRow] = binary(packed)
	o := op{verb: put, table: s.work, item: i}
	moved := func(old attrs) refusal {
		if old.text(attrToken) == i.text(attrToken) {
			return refusal{rank: rankStored}
		}
		return refusal{rankStale, fault.Conflict, ticket.ErrStale, ": rev"}
	}
	if rev == 1 {
		return o.when(isNew, pkName(), nil, moved), err
	}
	return o.when("#v = :was", map[string]string{"#v": "v"}, attrs{":was": number(int64(rev - 1))}, moved), err
}

// read reads the document that stands in the row.
func (s *Store) read(found attrs, v any) error {
	raw, err := s.packer.unpack(found.bytes(attrRow))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	return nil
}

// Plan gives a post with its ways out, as they are now; NotFound when there is none.
func (s *Store) Plan(ctx context.Context, id string) (agenda.Plan, error) {
	const op = "dynamo.Plan"
	k := postKey(id)
	var p agenda.Plan
	in := scope{table: s.work, pkName: attrPK, skName: attrSK, pk: k.pk, prefix: k.sk}
	err := s.each(ctx, op, in, func(found attrs) (bool, error) { return true, s.collect(found, &p) })
	if err == nil && p.Post.ID == "" {
		err = missing(op)
	}
	return p, err
}

// collect adds an item to the plan it belongs to.
func (s *Store) collect(found attrs, p *agenda.Plan) error {
	if !strings.Contains(found.text(attrSK), "#") {
		err := s.read(found, &p.Post)
		p.Post.Expires = found.expiry()
		return err
	}
	var t post.Target
	err := s.read(found, &t)
	t.Expires = found.expiry()
	p.Targets = append(p.Targets, t)
	return err
}

// Target gives one way out of a post; NotFound when there is none.
func (s *Store) Target(ctx context.Context, id, name string) (post.Target, error) {
	const op = "dynamo.Target"
	found, err := s.get(ctx, op, targetKey(id, name))
	if err != nil {
		return post.Target{}, err
	}
	if found == nil {
		return post.Target{}, missing(op)
	}
	var t post.Target
	if err := s.read(found, &t); err != nil {
		return t, broken(op, err)
	}
	t.Expires = found.expiry()
	return t, nil
}

// Calendar gives the posts whose moment lies in [from, to), in its order; with undated also those that have none. It reads an
// index, so that a change can show late.
func (s *Store) Calendar(ctx context.Context, from, to time.Time, undated bool) ([]agenda.Plan, error) {
	const op = "dynamo.Calendar"
	if to.Sub(from) > longestCalendar {
		return nil, fault.Reject(op, "to", "Pide a lo más un año y medio de calendario.")
	}
	var all []agenda.Plan
	for month := monthOf(from); month.Before(to); month = month.AddDate(0, 1, 0) {
		part, err := s.month(ctx, op, postsMonth(month))
		if err != nil {
			return nil, err
		}
		for _, p := range part {
			if when := p.Post.PublishAt.At; !when.Before(from) && when.Before(to) {
				all = append(all, p)
			}
		}
	}
	if !undated {
		return all, nil
	}
	part, err := s.month(ctx, op, postsUndated)
	return append(all, part...), err
}

// longestCalendar is how much of the calendar one answer looks through.
const longestCalendar = 550 * 24 * time.Hour

// month reads one partition of the calendar.
func (s *Store) month(ctx context.Context, op, pk string) ([]agenda.Plan, error) {
	return s.plansIn(ctx, op, s.inBoard(pk))
}

// plansIn reads a part of the calendar. The targets of a post stand behind it; those it has
// left behind elsewhere, when it was moved, stand alone and are passed by.
func (s *Store) plansIn(ctx context.Context, op string, in scope) ([]agenda.Plan, error) {
	var plans []agenda.Plan
	at := map[string]int{}
	err := s.each(ctx, op, in, func(found attrs) (bool, error) {
		var p agenda.Plan
		if err := s.collect(found, &p); err != nil {
			return false, err
		}
		if p.Post.ID != "" {
			at[p.Post.ID] = len(plans)
			plans = append(plans, p)
			return true, nil
		}
		t := p.Targets[0]
		if n, known := at[t.Post]; known && t.At.Equal(plans[n].Post.PublishAt.At) {
			plans[n].Targets = append(plans[n].Targets, t)
		}
		return true, nil
	})
	return plans, err
}

// inFlight is how long after its moment a post may still be on its way.
const inFlight = 24 * time.Hour

// InFlight gives the posts whose moment was within the last day and that go, or went, out through the account. It reads an index,
// so that a change can show late: what is decided about one of them is decided on Plan.
func (s *Store) InFlight(ctx context.Context, ref channel.Ref, now time.Time) ([]agenda.Plan, error) {
	all, err := s.between(ctx, "dynamo.InFlight", now.Add(-inFlight), now.Add(time.Minute))
	return slices.DeleteFunc(all, func(p agenda.Plan) bool {
		return !slices.ContainsFunc(p.Targets, func(t post.Target) bool { return agenda.Channel(t) == ref })
	}), err
}

// Out gives the targets that were published and still stand, of the posts whose moment lies in [from, to). It reads an index too.
func (s *Store) Out(ctx context.Context, from, to time.Time) ([]post.Target, error) {
	all, err := s.between(ctx, "dynamo.Out", from, to)
	var out []post.Target
	for _, p := range all {
		for _, t := range p.Targets {
			if t.State == post.Sent && t.RemoteID != "" && t.RemovedAt.IsZero() {
				out = append(out, t)
			}
		}
	}
	return out, err
}

// between reads the days of the calendar from an instant up to another, and not their whole months.
func (s *Store) between(ctx context.Context, op string, from, to time.Time) ([]agenda.Plan, error) {
	var all []agenda.Plan
	for month := monthOf(from); month.Before(to); month = month.AddDate(0, 1, 0) {
		in := s.inBoard(postsMonth(month))
		in.after, in.before = at(from), at(to) // each key goes on behind its instant: what lies at the last one stays out
		part, err := s.plansIn(ctx, op, in)
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	return all, nil
}

func monthOf(t time.Time) time.Time {
	return time.Date(t.UTC().Year(), t.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
}

// Waiting gives the posts in a state that somebody has to do something about (draft, submitted, rejected), or with failed those
// that expired unapproved and those of which a target failed; by their moment.
func (s *Store) Waiting(ctx context.Context, state post.State, failed bool) ([]agenda.Plan, error) {
	const op = "dynamo.Waiting"
	pk := postsState(state)
	if failed {
		pk = postsFailed
	}
	var ids []string
	known := map[string]bool{}
	err := s.each(ctx, op, s.inWaits(pk), func(found attrs) (bool, error) {
		id := found.text(attrPK)
		if !known[id] {
			known[id] = true
			ids = append(ids, id)
		}
		return len(ids) < examined, nil
	})
	if err != nil {
		return nil, err
	}
	return s.plans(ctx, ids)
}

// plans reads posts by their partitions; what is gone is left out.
func (s *Store) plans(ctx context.Context, pks []string) ([]agenda.Plan, error) {
	all := make([]agenda.Plan, len(pks))
	for from := 0; from < len(pks); from += atOnce {
		part := pks[from:min(from+atOnce, len(pks))]
		err := together(len(part), func(n int) error {
			id, _ := outbox.PostOf(strings.TrimPrefix(part[n], casePK("")))
			p, err := s.Plan(ctx, id)
			if errors.Is(err, ticket.ErrGone) {
				return nil
			}
			all[from+n] = p
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	out := all[:0]
	for _, p := range all {
		if p.Post.ID != "" {
			out = append(out, p)
		}
	}
	return out, nil
}

// PostHistory gives the bitácora of a post: its own chain, and that of each of its targets, each in its order.
func (s *Store) PostHistory(ctx context.Context, p agenda.Plan) ([]audit.Entry, error) {
	all, err := s.History(ctx, p.Post.Cause())
	if err != nil {
		return nil, err
	}
	for _, t := range p.Targets {
		part, err := s.History(ctx, t.Chain())
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	return all, nil
}
