package dynamo_test

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"sence.gob.cl/gestor/shared/dynamo"
)

// spent is what calls of the store consumed: write and read units with their indexes, and how many calls it took.
type spent struct {
	wru, rru float64
	calls    int
}

func (a spent) plus(b spent) spent { return spent{a.wru + b.wru, a.rru + b.rru, a.calls + b.calls} }

// meter stands between the store and its client and adds up what the service says was consumed.
type meter struct {
	next dynamo.API

	mu  sync.Mutex
	sum spent
}

// take gives what was consumed since the last take.
func (m *meter) take() spent {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := m.sum
	m.sum = spent{}
	return sum
}

func (m *meter) wrote(all ...types.ConsumedCapacity) { m.add(true, all) }
func (m *meter) read(all ...types.ConsumedCapacity)  { m.add(false, all) }

func (m *meter) add(write bool, all []types.ConsumedCapacity) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sum.calls++
	for _, c := range all {
		units := aws.ToFloat64(c.CapacityUnits) // the table's and every index's together
		if write {
			m.sum.wru += units
		} else {
			m.sum.rru += units
		}
	}
}

func one(c *types.ConsumedCapacity) []types.ConsumedCapacity {
	if c == nil {
		return nil
	}
	return []types.ConsumedCapacity{*c}
}

func (m *meter) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	out, err := m.next.GetItem(ctx, in, opts...)
	if err == nil {
		m.read(one(out.ConsumedCapacity)...)
	}
	return out, err
}

func (m *meter) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	out, err := m.next.Query(ctx, in, opts...)
	if err == nil {
		m.read(one(out.ConsumedCapacity)...)
	}
	return out, err
}

func (m *meter) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	out, err := m.next.PutItem(ctx, in, opts...)
	if err != nil {
		m.wrote()
		return out, err
	}
	m.wrote(one(out.ConsumedCapacity)...)
	return out, err
}

func (m *meter) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	out, err := m.next.UpdateItem(ctx, in, opts...)
	if err == nil {
		m.wrote(one(out.ConsumedCapacity)...)
	}
	return out, err
}

func (m *meter) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	out, err := m.next.DeleteItem(ctx, in, opts...)
	if err == nil {
		m.wrote(one(out.ConsumedCapacity)...)
	}
	return out, err
}

func (m *meter) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	out, err := m.next.TransactWriteItems(ctx, in, opts...)
	if err == nil {
		m.wrote(out.ConsumedCapacity...)
	}
	return out, err
}
