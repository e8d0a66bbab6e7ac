package dynamo

import (
	"context"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
)

// campaignOp writes a campaign over the revision it was decided on.
func (s *Store) campaignOp(c post.Campaign) (op, error) {
	return s.knownOp(campaignKey(c.ID), c.Rev, c, time.Time{})
}

// Campaigns gives all campaigns, by id.
func (s *Store) Campaigns(ctx context.Context) ([]post.Campaign, error) {
	var all []post.Campaign
	in := scope{table: s.work, pkName: attrPK, skName: attrSK, pk: campaignsPK}
	err := s.each(ctx, "dynamo.Campaigns", in, func(found attrs) (bool, error) {
		var c post.Campaign
		if err := s.packer.doc(found, &c); err != nil {
			return false, err
		}
		all = append(all, c)
		return true, nil
	})
	return all, err
}

// Campaign gives one campaign; NotFound when there is none.
func (s *Store) Campaign(ctx context.Context, id string) (post.Campaign, error) {
	var c post.Campaign
	_, err := s.mustDoc(ctx, "dynamo.Campaign", campaignKey(id), &c)
	return c, err
}

// Members gives the posts of a campaign.
func (s *Store) Members(ctx context.Context, campaign string) ([]agenda.Plan, error) {
	const op = "dynamo.Members"
	var pks []string
	in := scope{table: s.work, pkName: attrPK, skName: attrSK, pk: memberPK(campaign)}
	err := s.each(ctx, op, in, func(found attrs) (bool, error) {
		pks = append(pks, postKey(found.text(attrSK)).pk)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	all, err := s.plans(ctx, pks)
	if err != nil {
		return nil, err
	}
	members := all[:0]
	for _, p := range all {
		if p.Post.Campaign == campaign { // it may have left
			members = append(members, p)
		}
	}
	return members, nil
}

// Series gives the posts of a series from a place on, of as many as it has.
func (s *Store) Series(ctx context.Context, series string, from, of int) ([]agenda.Plan, error) {
	var pks []string
	for place := from; place <= of; place++ {
		pks = append(pks, casePK(outbox.PostCause(agenda.MemberID(series, place))))
	}
	return s.plans(ctx, pks)
}
