package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

const opCommit = "dynamo.Commit"

// maxItems is the service's limit for one transaction.
const maxItems = 100

// Commit writes a step whole or not at all. Nothing else writes. Refusals are fault errors around the sentinels of
// package ticket; a step that is found stored already, because an earlier answer was lost, counts as written. A Change
// no transition may make is Permanent; a delivery too large for the quarantine is Poison. What the step plans follows from
// the unit of work in hand, and says so.
func (s *Store) Commit(ctx context.Context, c ticket.Change) error {
	ops, err := s.plan(ctx, c.Traced(unit.Of(ctx).Trace()))
	if err != nil {
		if fault.Of(err) != 0 {
			return fmt.Errorf("%s: %w", opCommit, err)
		}
		return fault.New(fault.Permanent, opCommit, err)
	}
	switch token := mark(ops); len(ops) {
	case 0:
	case 1:
		err = s.writeOne(ctx, ops[0])
	default:
		err = s.writeAll(ctx, ops, token)
	}
	if err == nil {
		noted(ctx, c)
	}
	return err
}

// mark gives the digest of the step, and writes it on the items that keep it.
func mark(ops []op) string {
	token := digest(ops)
	for _, o := range ops {
		if o.item.text(attrToken) != "" {
			o.item[attrToken] = text(token)
		}
	}
	return token
}

// writeOne writes one item with its condition: half the price of a transaction of one.
func (s *Store) writeOne(ctx context.Context, o op) error {
	const found = types.ReturnValuesOnConditionCheckFailureAllOld
	var err error
	switch o.verb {
	case put:
		_, err = s.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(o.table), Item: o.item, ConditionExpression: o.condition(), ExpressionAttributeNames: o.names,
			ExpressionAttributeValues: o.values, ReturnValuesOnConditionCheckFailure: found, ReturnConsumedCapacity: capacity,
		})
	case update:
		_, err = s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: aws.String(o.table), Key: o.item, UpdateExpression: aws.String(o.set), ConditionExpression: o.condition(),
			ExpressionAttributeNames: o.names, ExpressionAttributeValues: o.values, ReturnValuesOnConditionCheckFailure: found,
			ReturnConsumedCapacity: capacity,
		})
	case remove:
		_, err = s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: aws.String(o.table), Key: o.item, ConditionExpression: o.condition(), ExpressionAttributeNames: o.names,
			ExpressionAttributeValues: o.values, ReturnValuesOnConditionCheckFailure: found, ReturnConsumedCapacity: capacity,
		})
	}
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return verdict(opCommit, []refusal{o.refused(failed.Item)})
	}
	return classified(opCommit, err)
}

// writeAll writes several items as one transaction. Its token is the digest of its content (mark): the service answers a
// repetition of it within ten minutes without writing again.
func (s *Store) writeAll(ctx context.Context, ops []op, token string) error {
	if len(ops) > maxItems {
		return fault.New(fault.Permanent, opCommit, fmt.Errorf("%d items in one step", len(ops)))
	}
	items := make([]types.TransactWriteItem, len(ops))
	for i, o := range ops {
		items[i] = o.transacted()
	}
	_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: items, ClientRequestToken: aws.String(token), ReturnConsumedCapacity: capacity,
	})
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return classified(opCommit, err)
	}
	var refusals []refusal
	for i, reason := range cancelled.CancellationReasons {
		if aws.ToString(reason.Code) == conditionFailed && i < len(ops) && ops[i].refused != nil {
			refusals = append(refusals, ops[i].refused(reason.Item))
		}
	}
	if len(refusals) > 0 {
		return verdict(opCommit, refusals)
	}
	return cancelledKind(opCommit, cancelled)
}
