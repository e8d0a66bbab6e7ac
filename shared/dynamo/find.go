package dynamo

import (
	"context"
	"encoding/json"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// OpenTicket gives the open case of a conversation, if there is one.
func (s *Store) OpenTicket(ctx context.Context, conversation string) (id string, found bool, err error) {
	return s.pointed(ctx, "dynamo.OpenTicket", conversationKey(conversation))
}

// Number gives the case that carries one of our numbers, if there is one.
func (s *Store) Number(ctx context.Context, number string) (id string, found bool, err error) {
	return s.pointed(ctx, "dynamo.Number", numberKey(number))
}

// Folio gives the case that SIAC knows by a folio, if there is one.
func (s *Store) Folio(ctx context.Context, folio string) (id string, found bool, err error) {
	return s.pointed(ctx, "dynamo.Folio", folioKey(folio))
}

// pointed reads an item that only names a case.
func (s *Store) pointed(ctx context.Context, op string, k key) (string, bool, error) {
	found, err := s.get(ctx, op, k)
	if err != nil || found == nil {
		return "", false, err
	}
	return found.text("ticket"), true, nil
}

// Seen gives what became of an item of a network, if it is known.
func (s *Store) Seen(ctx context.Context, network mention.Network, item string) (ticket.Seen, bool, error) {
	const op = "dynamo.Seen"
	var seen ticket.Seen
	found, err := s.get(ctx, op, seenKey(network, item))
	if err != nil || found == nil {
		return seen, false, err
	}
	if err := s.packer.doc(found, &seen); err != nil {
		return seen, false, broken(op, err)
	}
	seen.Expires = found.expiry()
	return seen, true, nil
}

// Answer gives the remembered answer to a request, if there is one.
func (s *Store) Answer(ctx context.Context, clickKeyed string) (ticket.Click, bool, error) {
	const op = "dynamo.Answer"
	var click ticket.Click
	found, err := s.get(ctx, op, clickKey(clickKeyed))
	if err != nil || found == nil {
		return click, false, err
	}
	if err := json.Unmarshal([]byte(found.text(attrRow)), &click); err != nil {
		return click, false, broken(op, err)
	}
	body, err := s.packer.text(found, attrDoc)
	if err != nil {
		return click, false, broken(op, err)
	}
	if len(body) > 0 {
		click.Body = body
	}
	return click, true, nil
}
