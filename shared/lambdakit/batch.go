package lambdakit

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// Message is one queue message: Body as it was sent, Received how many times it was handed to us, this one included.
type Message struct {
	ID       string
	Body     string
	Group    string
	Received int
}

// Record is one new item of a table stream: its string and number attributes as text.
type Record struct {
	Sequence string
	Text     map[string]string
}

// Queue makes the handler of an SQS source. Each message is one unit of work; those that fail go back by their message
// id. A FIFO source stops at the first failure of a group and hands back the rest of that group, so that order holds.
func (k *Kit) Queue(name string, work func(context.Context, time.Time, Message) error) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return func(ctx context.Context, in events.SQSEvent) (events.SQSEventResponse, error) {
		now, err := k.now(ctx)
		if err != nil {
			return events.SQSEventResponse{}, err
		}
		var out events.SQSEventResponse
		broken := map[string]bool{}
		for _, r := range in.Records {
			m := message(r)
			if m.Group != "" && broken[m.Group] {
				out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.ID})
				continue
			}
			err := k.work(ctx, name, now, func(ctx context.Context) error { return work(ctx, now, m) }, m.attrs()...)
			if err != nil && !settled(err) {
				broken[m.Group] = true
				out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.ID})
			}
		}
		return out, nil
	}
}

// Parallel is Queue for a standard source whose messages do not depend on each other: at most width run at once.
func (k *Kit) Parallel(name string, width int, work func(context.Context, time.Time, Message) error) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return func(ctx context.Context, in events.SQSEvent) (events.SQSEventResponse, error) {
		now, err := k.now(ctx)
		if err != nil {
			return events.SQSEventResponse{}, err
		}
		failed := make([]bool, len(in.Records))
		var wg sync.WaitGroup
		gate := make(chan struct{}, width)
		for i, r := range in.Records {
			gate <- struct{}{}
			wg.Go(func() {
				defer func() { <-gate }()
				m := message(r)
				err := k.work(ctx, name, now, func(ctx context.Context) error { return work(ctx, now, m) }, m.attrs()...)
				failed[i] = err != nil && !settled(err)
			})
		}
		wg.Wait()
		var out events.SQSEventResponse
		for i, r := range in.Records {
			if failed[i] {
				out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
			}
		}
		return out, nil
	}
}

func (m Message) attrs() []slog.Attr {
	return []slog.Attr{slog.String("message_id", m.ID), slog.Int("received", m.Received)}
}

func message(r events.SQSMessage) Message {
	received, err := strconv.Atoi(r.Attributes["ApproximateReceiveCount"])
	if err != nil {
		received = 1
	}
	return Message{ID: r.MessageId, Body: r.Body, Group: r.Attributes["MessageGroupId"], Received: received}
}

// Stream makes the handler of a table stream. A stream goes on only past what was acknowledged, so the answer names the
// lowest sequence number that failed and everything from there on comes again.
func (k *Kit) Stream(name string, work func(context.Context, time.Time, Record) error) func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	return func(ctx context.Context, in events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		now, err := k.now(ctx)
		if err != nil {
			return events.DynamoDBEventResponse{}, err
		}
		for _, r := range in.Records {
			rec := record(r)
			err := k.work(ctx, name, now, func(ctx context.Context) error { return work(ctx, now, rec) },
				slog.String("sequence", rec.Sequence))
			if err != nil && !settled(err) {
				return events.DynamoDBEventResponse{
					BatchItemFailures: []events.DynamoDBBatchItemFailure{{ItemIdentifier: rec.Sequence}},
				}, nil
			}
		}
		return events.DynamoDBEventResponse{}, nil
	}
}

func record(r events.DynamoDBEventRecord) Record {
	rec := Record{Sequence: r.Change.SequenceNumber, Text: map[string]string{}}
	for name, value := range r.Change.NewImage {
		switch value.DataType() {
		case events.DataTypeString:
			rec.Text[name] = value.String()
		case events.DataTypeNumber:
			rec.Text[name] = value.Number()
		case events.DataTypeBinary, events.DataTypeBoolean, events.DataTypeList, events.DataTypeMap, events.DataTypeNull,
			events.DataTypeStringSet, events.DataTypeNumberSet, events.DataTypeBinarySet:
			// No reader of the stream needs these.
		}
	}
	return rec
}

// Minute makes the handler of a function that serves both the minute rule and a queue: the event's shape tells which. The
// rule's event carries the instant it stands for; an event that is neither is an error.
func (k *Kit) Minute(name string, sweep func(ctx context.Context, at time.Time) error, queue func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)) func(context.Context, json.RawMessage) (any, error) {
	return func(ctx context.Context, raw json.RawMessage) (any, error) {
		var shape struct {
			Records []json.RawMessage `json:"Records"`
			Time    time.Time         `json:"time"`
		}
		if err := json.Unmarshal(raw, &shape); err != nil {
			return nil, err
		}
		if len(shape.Records) > 0 {
			var in events.SQSEvent
			if err := json.Unmarshal(raw, &in); err != nil {
				return nil, err
			}
			return queue(ctx, in)
		}
		if shape.Time.IsZero() {
			return nil, errors.New("lambdakit: neither queue messages nor an instant")
		}
		at := shape.Time.UTC()
		err := k.work(ctx, name, at, func(ctx context.Context) error { return sweep(ctx, at) })
		return struct{}{}, err
	}
}

// Part runs a part of a unit of work as a unit of its own, with a line of its own: one account of all that are looked at in a
// minute, say, so that what it counts is counted for its network alone.
func (k *Kit) Part(name string) func(ctx context.Context, at time.Time, do func(context.Context) error) error {
	return func(ctx context.Context, at time.Time, do func(context.Context) error) error {
		return k.work(ctx, name, at, do)
	}
}

// lower gives header names in lower case, as payload format 2.0 promises but tests and other fronts may not.
func lower(headers map[string]string) map[string]string {
	out := make(map[string]string, len(headers))
	for name, value := range headers {
		out[strings.ToLower(name)] = value
	}
	return out
}
