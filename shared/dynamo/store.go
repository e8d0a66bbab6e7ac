package dynamo

import (
	"context"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"sence.gob.cl/gestor/shared/fault"
)

// reads and writes are the calls of the SDK's client that the store needs.
type (
	reads interface {
		GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
		Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	}
	writes interface {
		PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
		UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
		DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
		TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
	}
)

// API is what the store needs of *dynamodb.Client.
type API interface {
	reads
	writes
}

// Config is what a store is made of. Table and Bitacora are the names of the two tables. Expiry and the reading of
// changes follow the clock whose instants entries carry: At gives the instant of the request or event a context belongs
// to; where there is no At, or it gives the zero time, it is Clock's. Page is how many index entries Changes asks for in
// one query (500 when 0).
type Config struct {
	Client   API
	Table    string
	Bitacora string
	Clock    func() time.Time
	At       func(context.Context) time.Time
	Page     int
}

// Store keeps cases in DynamoDB. It is safe for concurrent use.
type Store struct {
	client   API
	work     string
	bitacora string
	clock    func() time.Time
	instant  func(context.Context) time.Time
	page     int
	packer   *packer
}

// New makes a store over two tables that exist.
func New(c Config) *Store {
	s := &Store{
		client: metered{c.Client}, work: c.Table, bitacora: c.Bitacora, clock: c.Clock, instant: c.At, page: c.Page, packer: newPacker(),
	}
	if s.page <= 0 {
		s.page = 500
	}
	return s
}

// now is the instant of the work in hand.
func (s *Store) now(ctx context.Context) time.Time {
	if s.instant != nil {
		if at := s.instant(ctx); !at.IsZero() {
			return at
		}
	}
	return s.clock()
}

// get reads one item of the work table as it is now; nil when there is none, or when its life is over.
func (s *Store) get(ctx context.Context, op string, k key) (attrs, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(s.work), Key: item(k), ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: capacity,
	})
	if err != nil {
		return nil, classified(op, err)
	}
	if len(out.Item) == 0 || attrs(out.Item).expired(s.now(ctx)) {
		return nil, nil
	}
	return out.Item, nil
}

// scope is a range of one partition, of a table or of an index: what begins with prefix, or comes behind after, or comes
// before before, or lies between the two.
type scope struct {
	table, index   string
	pkName, skName string
	pk             string
	prefix         string
	after, before  string
	descending     bool
	limit          int
	start          attrs
}

func (s *Store) inCase(table, id string) scope {
	return scope{table: table, pkName: attrPK, skName: attrSK, pk: casePK(id)}
}

func (s *Store) inWaits(pk string) scope {
	return scope{table: s.work, index: indexWaits, pkName: attrGSI1PK, skName: attrGSI1SK, pk: pk}
}

func (s *Store) inBoard(pk string) scope {
	return scope{table: s.work, index: indexBoard, pkName: attrGSI2PK, skName: attrGSI2SK, pk: pk}
}

// input writes the scope as a query. Tables are read consistently; an index cannot be.
func (in scope) input() *dynamodb.QueryInput {
	where := "#pk = :pk"
	names := map[string]string{"#pk": in.pkName}
	values := attrs{":pk": text(in.pk)}
	switch {
	case in.prefix != "":
		where += " AND begins_with(#sk, :prefix)"
		values[":prefix"] = text(in.prefix)
	case in.after != "" && in.before != "":
		where += " AND #sk BETWEEN :after AND :before"
		values[":after"], values[":before"] = text(in.after), text(in.before)
	case in.after != "":
		where += " AND #sk > :after"
		values[":after"] = text(in.after)
	case in.before != "":
		where += " AND #sk < :before"
		values[":before"] = text(in.before)
	}
	if len(values) > 1 {
		names["#sk"] = in.skName
	}
	q := &dynamodb.QueryInput{
		TableName: aws.String(in.table), KeyConditionExpression: aws.String(where), ExpressionAttributeNames: names,
		ExpressionAttributeValues: values, ScanIndexForward: aws.Bool(!in.descending), ExclusiveStartKey: in.start,
		ReturnConsumedCapacity: capacity,
	}
	if in.index != "" {
		q.IndexName = aws.String(in.index)
	} else {
		q.ConsistentRead = aws.Bool(true)
	}
	if in.limit > 0 && in.limit <= math.MaxInt32 {
		q.Limit = aws.Int32(int32(in.limit))
	}
	return q
}

// each gives every living item of the scope to take, page after page to the end, until take says no.
func (s *Store) each(ctx context.Context, op string, in scope, take func(attrs) (more bool, err error)) error {
	for {
		out, err := s.client.Query(ctx, in.input())
		if err != nil {
			return classified(op, err)
		}
		now := s.now(ctx)
		for _, found := range out.Items {
			if attrs(found).expired(now) {
				continue
			}
			more, err := take(found)
			if err != nil {
				return broken(op, err)
			}
			if !more {
				return nil
			}
		}
		if len(out.LastEvaluatedKey) == 0 {
			return nil
		}
		in.start = out.LastEvaluatedKey
	}
}

// broken is an item that cannot be read: it was not written by this code, or by a newer one.
func broken(op string, err error) error { return fault.New(fault.Permanent, op, err) }
