package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"sence.gob.cl/gestor/shared/unit"
)

// capacity asks every call for what it consumed, indexes included: asking is free.
const capacity = types.ReturnConsumedCapacityTotal

// metered is a client that tells the unit of work in hand what its writes consumed.
type metered struct{ API }

func (m metered) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	out, err := m.API.PutItem(ctx, in, opts...)
	if out != nil && out.ConsumedCapacity != nil {
		wrote(ctx, *out.ConsumedCapacity)
	}
	return out, err
}

func (m metered) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	out, err := m.API.UpdateItem(ctx, in, opts...)
	if out != nil && out.ConsumedCapacity != nil {
		wrote(ctx, *out.ConsumedCapacity)
	}
	return out, err
}

func (m metered) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	out, err := m.API.DeleteItem(ctx, in, opts...)
	if out != nil && out.ConsumedCapacity != nil {
		wrote(ctx, *out.ConsumedCapacity)
	}
	return out, err
}

func (m metered) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	out, err := m.API.TransactWriteItems(ctx, in, opts...)
	if out != nil {
		wrote(ctx, out.ConsumedCapacity...)
	}
	return out, err
}

func wrote(ctx context.Context, all ...types.ConsumedCapacity) {
	for _, c := range all {
		unit.Of(ctx).Count(unit.WriteUnits, aws.ToFloat64(c.CapacityUnits))
	}
}
