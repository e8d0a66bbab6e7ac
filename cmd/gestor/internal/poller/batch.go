package poller

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"sence.gob.cl/gestor/cmd/gestor/internal/lambda"
)

// unit is one record that passed the filters. At is its place in the page.
type unit struct {
	at      int
	id      string // sequence number
	shard   string
	created time.Time // by the engine's clock
	json    []byte
}

// verdict is how an invocation for a batch ended: the units before from are done; result says why the rest is not.
type verdict struct {
	from   int
	result lambda.Result
}

// handle brings a page of a shard to its end. It gives how many records, from the first on, are settled: handled, given
// up, or wanted by no filter; all of them unless there is an error. Wanted says whether a filter let any of them pass.
func (s *streamSource) handle(ctx context.Context, shard string, records []types.Record) (n int, wanted bool, err error) {
	settled := make([]bool, len(records))
	lanes := make([][]unit, s.Parallel)
	for i, r := range records {
		text, err := s.wanted(r)
		if err != nil {
			// No repetition would make it readable, and it must not block what follows.
			s.p.cfg.Log.Error("stream record not readable", slog.String("stream", s.ARN), slog.String("error", err.Error()))
		}
		if text == nil {
			settled[i] = true
			continue
		}
		wanted = true
		lane := s.lane(r)
		lanes[lane] = append(lanes[lane], unit{
			at: i, id: aws.ToString(r.Dynamodb.SequenceNumber), shard: shard, json: text,
			created: aws.ToTime(r.Dynamodb.ApproximateCreationDateTime),
		})
	}
	if !wanted {
		return len(records), false, nil
	}
	s.p.begin()
	defer s.p.end()
	errs := make([]error, len(lanes))
	var group sync.WaitGroup
	for i, lane := range lanes {
		// Each lane writes its own elements of settled and errs only.
		group.Go(func() { errs[i] = s.work(ctx, lane, func(u unit) { settled[u.at] = true }) })
	}
	group.Wait()
	for n < len(settled) && settled[n] {
		n++
	}
	return n, true, errors.Join(errs...)
}

// wanted gives the JSON of a record that passes the filters, nil for any other.
func (s *streamSource) wanted(r types.Record) ([]byte, error) {
	event, err := s.streamRecord(r, s.p.cfg.Clock())
	if err != nil || !anyMatch(s.patterns, event) {
		return nil, err
	}
	return marshal(event)
}

// lane keeps the records of one partition key together.
func (s *streamSource) lane(r types.Record) int {
	if s.Parallel == 1 {
		return 0
	}
	h := fnv.New32a()
	if value, err := attribute(r.Dynamodb.Keys[s.PartitionKey]); err == nil {
		if text, err := marshal(value); err == nil {
			_, _ = h.Write(text)
		}
	}
	return int(h.Sum32() % uint32(s.Parallel)) //nolint:gosec // Parallel is 1 to 10
}

// work brings a lane to its end, batch after batch.
func (s *streamSource) work(ctx context.Context, lane []unit, settle func(unit)) error {
	for len(lane) > 0 {
		n := fit(len(lane), s.BatchSize, func(i int) int { return len(lane[i].json) })
		if err := s.deliver(ctx, lane[:n], settle); err != nil {
			return err
		}
		lane = lane[n:]
	}
	return nil
}

// deliver brings a batch to its end: handled, or given up after its retries. Each part of a batch that is split, and the
// rest behind a record that was reported, counts its own retries, so that one poisoned record costs its neighbours
// nothing but time. An error means that ctx or the functions have ended; what is not settled comes again.
func (s *streamSource) deliver(ctx context.Context, batch []unit, settle func(unit)) error {
	wait := s.p.pace.retry
	for tries := 1; ; tries++ {
		v, err := s.attempt(ctx, batch)
		if err != nil {
			return err
		}
		for _, u := range batch[:v.from] {
			settle(u)
		}
		batch = batch[v.from:]
		if len(batch) == 0 {
			return nil
		}
		if v.from > 0 {
			tries, wait = 1, s.p.pace.retry
		}
		if s.Bisect && len(batch) > 1 {
			half := len(batch) / 2
			if err := s.deliver(ctx, batch[:half], settle); err != nil {
				return err
			}
			return s.deliver(ctx, batch[half:], settle)
		}
		if condition := s.exhausted(batch, tries); condition != "" {
			if err := s.giveUp(ctx, batch, condition, tries, v.result); err != nil {
				return err
			}
			for _, u := range batch {
				settle(u)
			}
			return nil
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, s.p.pace.retryMost)
	}
}

// attempt runs the function once for the batch.
func (s *streamSource) attempt(ctx context.Context, batch []unit) (verdict, error) {
	if err := ctx.Err(); err != nil {
		return verdict{}, fmt.Errorf("poller: %w", err)
	}
	records := make([][]byte, len(batch))
	for i, u := range batch {
		records[i] = u.json
	}
	res, err := s.p.invoke(ctx, s.Function, envelope(records))
	if err != nil {
		return verdict{}, err
	}
	if res.FunctionError != "" {
		return verdict{result: res}, nil
	}
	if !s.ReportFailures {
		return verdict{from: len(batch), result: res}, nil
	}
	ids, ok := failures(res.Payload)
	from := len(batch)
	for _, id := range ids {
		// The lowest sequence number counts, and a batch is in their order.
		at := place(batch, id)
		if at < 0 {
			ok = false
			break
		}
		from = min(from, at)
	}
	if !ok {
		s.p.cfg.Log.Error("answer not understood", slog.String("function", s.Function), slog.String("stream", s.ARN))
		from = 0
	}
	return verdict{from: from, result: res}, nil
}

func place(batch []unit, id string) int {
	for i, u := range batch {
		if u.id == id {
			return i
		}
	}
	return -1
}

// exhausted says why a failed batch is not tried again, in AWS's words; empty when it is.
func (s *streamSource) exhausted(batch []unit, tries int) string {
	if s.Retries >= 0 && tries > s.Retries {
		return "RetryAttemptsExhausted"
	}
	if s.MaxAge > 0 && s.p.cfg.Wall().Sub(batch[0].created) > s.MaxAge {
		return "RecordAgeExceeded"
	}
	return ""
}

// giveUp tells the on-failure destination which records were given up, in the form AWS gives it. It does not return before
// the destination has taken it.
func (s *streamSource) giveUp(ctx context.Context, batch []unit, condition string, tries int, res lambda.Result) error {
	first, last := batch[0], batch[len(batch)-1]
	s.p.cfg.Log.Error("stream records given up", slog.String("function", s.Function), slog.String("condition", condition),
		slog.Int("records", len(batch)), slog.String("from", first.id), slog.String("to", last.id))
	if s.OnFailure == "" {
		return nil
	}
	type object map[string]any
	answered := object{"statusCode": 200, "executedVersion": "$LATEST"}
	if res.FunctionError != "" {
		answered["functionError"] = res.FunctionError
	}
	report, err := marshal(object{
		"requestContext": object{
			"requestId": newID(), "functionArn": s.p.functionARN(s.Function), "condition": condition, "approximateInvokeCount": tries,
		},
		"responseContext": answered,
		"version":         "1.0",
		"timestamp":       s.p.cfg.Clock().UTC().Format("2006-01-02T15:04:05.000Z"),
		"DDBStreamBatchInfo": object{
			"shardId": first.shard, "startSequenceNumber": first.id, "endSequenceNumber": last.id,
			"approximateArrivalOfFirstRecord": first.created.UTC().Format(time.RFC3339),
			"approximateArrivalOfLastRecord":  last.created.UTC().Format(time.RFC3339),
			"batchSize":                       len(batch), "streamArn": s.ARN,
		},
	})
	if err != nil {
		return fmt.Errorf("poller: report of given up records: %w", err)
	}
	for wait := s.p.pace.retry; ; wait = min(2*wait, s.p.pace.retryMost) {
		err := s.p.cfg.Letters.Send(ctx, s.OnFailure, string(report))
		if err == nil {
			return nil
		}
		s.p.cfg.Log.Error("failure not reported", slog.String("queue", s.OnFailure), slog.String("error", err.Error()))
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}
