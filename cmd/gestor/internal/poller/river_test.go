package poller

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// river is DynamoDB Streams in memory: shards with parents, records numbered over all of them.
type river struct {
	mu      sync.Mutex
	shards  []*bed
	last    int
	trimmed int   // records up to this number are gone
	epoch   int   // iterators of an older epoch have expired
	down    error // answers every call
	calls   int
	reads   map[string]int // pages read of each shard
}

type bed struct {
	id, parent string
	records    []types.Record
	closed     bool
}

func newRiver(shards ...string) *river {
	r := &river{reads: map[string]int{}}
	for _, id := range shards {
		r.shards = append(r.shards, &bed{id: id})
	}
	return r
}

func (r *river) bed(id string) *bed {
	for _, b := range r.shards {
		if b.id == id {
			return b
		}
	}
	return nil
}

// put adds an INSERT with the keys pk and sk to a shard and gives its sequence number.
func (r *river) put(shard, pk, sk string) string {
	return r.add(shard, types.Record{EventName: types.OperationTypeInsert, Dynamodb: &types.StreamRecord{
		Keys: map[string]types.AttributeValue{
			"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: sk},
		},
	}})
}

func (r *river) add(shard string, rec types.Record) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	rec.EventID = aws.String("e" + strconv.Itoa(r.last))
	rec.EventVersion = aws.String("1.1")
	rec.Dynamodb.SequenceNumber = aws.String(strconv.Itoa(r.last))
	rec.Dynamodb.StreamViewType = types.StreamViewTypeNewImage
	if rec.Dynamodb.ApproximateCreationDateTime == nil {
		rec.Dynamodb.ApproximateCreationDateTime = aws.Time(time.Now())
	}
	b := r.bed(shard)
	b.records = append(b.records, rec)
	return strconv.Itoa(r.last)
}

// split closes a shard; children, if any, follow it.
func (r *river) split(shard string, children ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bed(shard).closed = true
	for _, id := range children {
		r.shards = append(r.shards, &bed{id: id, parent: shard})
	}
}

func (r *river) set(change func(*river)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r)
}

func (r *river) DescribeStream(_ context.Context, in *dynamodbstreams.DescribeStreamInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	if r.down != nil {
		return nil, r.down
	}
	// One shard on each page, so that pages are followed.
	from := 0
	for i, b := range r.shards {
		if b.id == aws.ToString(in.ExclusiveStartShardId) {
			from = i + 1
		}
	}
	out := &types.StreamDescription{}
	if from < len(r.shards) {
		b := r.shards[from]
		shard := types.Shard{ShardId: &b.id, SequenceNumberRange: &types.SequenceNumberRange{EndingSequenceNumber: aws.String("9")}}
		if b.parent != "" {
			shard.ParentShardId = &b.parent
		}
		out.Shards = []types.Shard{shard}
		if from+1 < len(r.shards) {
			out.LastEvaluatedShardId = &b.id
		}
	}
	return &dynamodbstreams.DescribeStreamOutput{StreamDescription: out}, nil
}

func (r *river) GetShardIterator(_ context.Context, in *dynamodbstreams.GetShardIteratorInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down != nil {
		return nil, r.down
	}
	after := 0
	if in.ShardIteratorType == types.ShardIteratorTypeAfterSequenceNumber {
		after, _ = strconv.Atoi(*in.SequenceNumber)
		if after < r.trimmed {
			return nil, &types.TrimmedDataAccessException{}
		}
	}
	return &dynamodbstreams.GetShardIteratorOutput{ShardIterator: r.iterator(*in.ShardId, after)}, nil
}

func (r *river) iterator(shard string, after int) *string {
	return aws.String(strings.Join([]string{shard, strconv.Itoa(after), strconv.Itoa(r.epoch)}, "|"))
}

func (r *river) GetRecords(_ context.Context, in *dynamodbstreams.GetRecordsInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	if r.down != nil {
		return nil, r.down
	}
	part := strings.Split(*in.ShardIterator, "|")
	after, err := strconv.Atoi(part[1])
	if err != nil {
		return nil, errors.New("not an iterator")
	}
	if part[2] != strconv.Itoa(r.epoch) {
		return nil, &types.ExpiredIteratorException{}
	}
	b := r.bed(part[0])
	r.reads[b.id]++
	out := &dynamodbstreams.GetRecordsOutput{}
	more := false
	for _, rec := range b.records {
		number, _ := strconv.Atoi(*rec.Dynamodb.SequenceNumber)
		if number <= after || number <= r.trimmed {
			continue
		}
		if len(out.Records) == int(*in.Limit) {
			more = true
			break
		}
		out.Records = append(out.Records, rec)
		after = number
	}
	if more || !b.closed {
		out.NextShardIterator = r.iterator(b.id, after)
	}
	return out, nil
}

// postbox collects the reports of what was given up.
type postbox struct {
	mu      sync.Mutex
	letters []string
	refuse  int // how many sends fail first
}

func (p *postbox) Send(_ context.Context, queue, body string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse > 0 {
		p.refuse--
		return errors.New("queue is down")
	}
	p.letters = append(p.letters, queue+" "+body)
	return nil
}

func streamEvent(t *testing.T, payload []byte) events.DynamoDBEvent {
	t.Helper()
	var e events.DynamoDBEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		t.Errorf("event: %v", err)
	}
	return e
}

// sequences gives the sequence numbers of an event.
func sequences(t *testing.T, payload []byte) []string {
	t.Helper()
	var out []string
	for _, r := range streamEvent(t, payload).Records {
		out = append(out, r.Change.SequenceNumber)
	}
	return out
}
