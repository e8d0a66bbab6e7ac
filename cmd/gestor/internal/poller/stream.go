package poller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

const (
	defaultStreamBatch = 100
	// pageMost is the most records DynamoDB gives at once.
	pageMost = 1000
	// looksPerList is after how many looks the shards are listed again, though none has ended.
	looksPerList = 150
)

// StreamAPI is the part of DynamoDB Streams that is read; *dynamodbstreams.Client is one.
type StreamAPI interface {
	DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
}

// Stream is the event source mapping of one table's stream, read from its start (TRIM_HORIZON). BatchSize 0 means 100.
// Retries is how often a failed batch is tried again, -1 for ever; MaxAge, 0 or less for none, ends the repetitions of a
// batch whose first record is older, but is no reason to skip a record nobody has tried: a machine that was off over
// night must not lose what it had accepted. Filters are patterns as JSON text, any of which lets a record pass. With
// Parallel above 1, that many batches of a shard run at once and order holds within each value of PartitionKey. OnFailure
// names the queue that hears of records given up; empty: only the log does.
type Stream struct {
	ARN            string
	Function       string
	BatchSize      int
	Parallel       int
	PartitionKey   string
	Bisect         bool
	Retries        int
	MaxAge         time.Duration
	ReportFailures bool
	Filters        []string
	OnFailure      string
}

type streamSource struct {
	Stream
	p        *Poller
	patterns []pattern
	marks    *checkpoint
	bell     chan struct{}      // look at once
	asked    chan chan struct{} // look once more, then close what was sent
	caughtUp atomic.Bool        // the last look found nothing

	// Only run's goroutine uses what follows.
	shards []*shard
	looks  int
}

// shard is one shard that may still have something; marks says how far it has been read.
type shard struct {
	id       string
	iterator *string
}

func newStreamSource(p *Poller, s Stream) (*streamSource, error) {
	if s.BatchSize == 0 {
		s.BatchSize = defaultStreamBatch
	}
	s.Parallel = max(s.Parallel, 1)
	if err := s.check(p.cfg); err != nil {
		return nil, err
	}
	source := &streamSource{Stream: s, p: p, bell: make(chan struct{}, 1), asked: make(chan chan struct{})}
	for _, text := range s.Filters {
		compiled, err := parsePattern(text)
		if err != nil {
			return nil, err
		}
		source.patterns = append(source.patterns, compiled)
	}
	if err := os.MkdirAll(p.cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	marks, err := openCheckpoint(p.cfg.Dir, s.ARN, s.Function)
	if err != nil {
		return nil, err
	}
	source.marks = marks
	return source, nil
}

func (s Stream) check(cfg Config) error {
	switch {
	case s.ARN == "" || s.Function == "":
		return errors.New("a stream source needs a stream and a function")
	case s.BatchSize < 0 || s.BatchSize > 10_000 || s.Parallel > 10 || s.Retries < -1:
		return errors.New("batch size, parallelization or retries out of range")
	case s.Parallel > 1 && s.PartitionKey == "":
		return errors.New("parallel batches need the name of the partition key")
	case cfg.Streams == nil || s.OnFailure != "" && cfg.Letters == nil:
		return errors.New("no stream client, or nobody to send failures to")
	}
	return nil
}

// run looks at the stream again and again: at once while it has something, then less and less often.
func (s *streamSource) run(ctx context.Context) {
	wait, down := s.p.pace.busy, false
	var asked []chan struct{}
	for {
		found, err := s.look(ctx)
		if ctx.Err() != nil {
			break
		}
		for _, done := range asked {
			close(done)
		}
		asked = nil
		if down != (err != nil) {
			down = err != nil
			s.noteTurn(err)
		}
		if err != nil {
			wait = min(max(2*wait, s.p.pace.retry), s.p.pace.retryMost)
		} else if found {
			wait = s.p.pace.busy
			continue
		}
		var done chan struct{}
		if wait, done = s.rest(ctx, wait); done != nil {
			asked = append(asked, done)
		}
	}
	if err := s.marks.save(); err != nil {
		s.p.cfg.Log.Error("checkpoint not written", slog.String("stream", s.ARN), slog.String("error", err.Error()))
	}
}

// rest waits until the next look is due and gives how long to wait after that one, and whom to tell when it is over.
func (s *streamSource) rest(ctx context.Context, wait time.Duration) (next time.Duration, tell chan struct{}) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return min(2*wait, max(s.p.pace.idle, wait)), nil
	case <-s.bell:
		return s.p.pace.busy, nil
	case done := <-s.asked:
		return wait, done
	case <-ctx.Done():
		return wait, nil
	}
}

// noteTurn logs that the stream has become unreadable, or readable again: once, not at every look.
func (s *streamSource) noteTurn(err error) {
	if err != nil {
		s.p.cfg.Log.Error("stream not readable", slog.String("stream", s.ARN), slog.String("error", err.Error()))
		return
	}
	s.p.cfg.Log.Info("stream readable again", slog.String("stream", s.ARN))
}

// look reads one page of each open shard and hands on what passes the filters. It reports whether there was anything, of
// whatever kind.
func (s *streamSource) look(ctx context.Context) (bool, error) {
	if s.looks%looksPerList == 0 || len(s.shards) == 0 {
		if err := s.list(ctx); err != nil {
			s.caughtUp.Store(false)
			return false, err
		}
	}
	s.looks++
	some := false
	for _, sh := range s.shards {
		found, err := s.read(ctx, sh)
		some = some || found
		if err != nil {
			s.caughtUp.Store(false)
			return some, err
		}
	}
	s.caughtUp.Store(!some)
	if some {
		return true, nil
	}
	// Records that no filter wanted move the marks without a write of their own; a quiet moment is good enough for them.
	return false, s.marks.save()
}

// list finds the shards to read: those not read to their end whose parent has been, so that a key's changes keep their
// order over a split. Marks of shards that are gone go too.
func (s *streamSource) list(ctx context.Context) error {
	var all []types.Shard
	var from *string
	for {
		out, err := s.p.cfg.Streams.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: &s.ARN, ExclusiveStartShardId: from})
		if err != nil {
			return fmt.Errorf("describe stream: %w", err)
		}
		all = append(all, out.StreamDescription.Shards...)
		if from = out.StreamDescription.LastEvaluatedShardId; from == nil {
			break
		}
	}
	open := map[string]bool{}
	known := map[string]bool{}
	for _, sh := range all {
		id := aws.ToString(sh.ShardId)
		known[id] = true
		open[id] = !s.marks.shards[id].Closed
	}
	s.marks.keep(known)
	had := map[string]*shard{}
	for _, sh := range s.shards {
		had[sh.id] = sh
	}
	s.shards = nil
	for _, sh := range all {
		id := aws.ToString(sh.ShardId)
		if !open[id] || open[aws.ToString(sh.ParentShardId)] {
			continue
		}
		if had[id] == nil {
			had[id] = &shard{id: id}
		}
		s.shards = append(s.shards, had[id])
	}
	return nil
}

// read takes the next page of a shard and hands it on. Only what has been handled moves the mark.
func (s *streamSource) read(ctx context.Context, sh *shard) (bool, error) {
	if sh.iterator == nil {
		if err := s.point(ctx, sh); err != nil {
			return s.lost(sh, err)
		}
	}
	limit := int32(min(pageMost, max(s.BatchSize*s.Parallel, defaultStreamBatch))) //nolint:gosec // at most pageMost
	page, err := s.p.cfg.Streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: sh.iterator, Limit: &limit})
	if err != nil {
		return s.lost(sh, err)
	}
	records := slices.DeleteFunc(page.Records, func(r types.Record) bool {
		return r.Dynamodb == nil || r.Dynamodb.SequenceNumber == nil // no way to go on from these
	})
	at := s.marks.shards[sh.id]
	if len(records) > 0 {
		n, wanted, err := s.handle(ctx, sh.id, records)
		if n > 0 {
			at.Sequence = *records[n-1].Dynamodb.SequenceNumber
			s.marks.set(sh.id, at)
		}
		if wanted || err != nil {
			err = errors.Join(err, s.marks.save())
		}
		if err != nil {
			sh.iterator = nil // from the mark again
			return true, err
		}
	}
	// DynamoDB ends a shard by giving no further iterator. The ending sequence number it lists says less: Dynoxide 1.2.1
	// fills it in for the shard that is still written to.
	sh.iterator = page.NextShardIterator
	if sh.iterator == nil {
		at.Closed = true
		s.marks.set(sh.id, at)
		s.looks = 0 // list again: children may follow
		return true, s.marks.save()
	}
	return len(records) > 0, nil
}

// point gets an iterator behind the mark.
func (s *streamSource) point(ctx context.Context, sh *shard) error {
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: &s.ARN, ShardId: &sh.id, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	if at := s.marks.shards[sh.id]; at.Sequence != "" {
		in.ShardIteratorType = types.ShardIteratorTypeAfterSequenceNumber
		in.SequenceNumber = aws.String(at.Sequence)
	}
	out, err := s.p.cfg.Streams.GetShardIterator(ctx, in)
	if err != nil {
		return err
	}
	sh.iterator = out.ShardIterator
	return nil
}

// lost decides how to go on after a failed call: from the mark, or, when DynamoDB has trimmed what follows it, from the
// oldest record there is; the minute rule finds what was in between. Without an error, the next look comes at once.
func (s *streamSource) lost(sh *shard, err error) (bool, error) {
	sh.iterator = nil
	var (
		trimmed *types.TrimmedDataAccessException
		expired *types.ExpiredIteratorException
		gone    *types.ResourceNotFoundException
	)
	switch {
	case errors.As(err, &trimmed):
		s.p.cfg.Log.Warn("stream was trimmed past what had been read", slog.String("stream", s.ARN), slog.String("shard", sh.id))
		s.marks.set(sh.id, mark{})
		err = nil
	case errors.As(err, &expired):
		err = nil
	case errors.As(err, &gone):
		s.shards, s.looks = nil, 0
	}
	if err != nil {
		return false, fmt.Errorf("read shard %s: %w", sh.id, err)
	}
	return true, nil
}
