package poller

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/lambda"
)

const (
	defaultQueueBatch = 10
	// defaultConcurrency is how many pollers Lambda begins with.
	defaultConcurrency = 5
	// receiveMost is the most messages SQS gives at once.
	receiveMost = 10
)

// Queue is the event source mapping of one queue. Source is the queue's name; a name that ends in ".fifo" is a FIFO
// queue's. BatchSize 0 means 10, MaxConcurrency 0 means 5. Window is how long a batch waits for more after its first
// message; FIFO queues have none.
type Queue struct {
	Source         string
	Function       string
	BatchSize      int
	Window         time.Duration
	MaxConcurrency int
	ReportFailures bool
}

type queueSource struct {
	Queue
	p    *Poller
	fifo bool
	arn  string
}

func newQueueSource(p *Poller, q Queue) (*queueSource, error) {
	if q.BatchSize == 0 {
		q.BatchSize = defaultQueueBatch
	}
	if q.MaxConcurrency == 0 {
		q.MaxConcurrency = defaultConcurrency
	}
	s := &queueSource{Queue: q, p: p, fifo: strings.HasSuffix(q.Source, ".fifo")}
	s.arn = "arn:aws:sqs:" + p.cfg.Region + ":" + p.cfg.Account + ":" + q.Source
	return s, s.check()
}

func (s *queueSource) check() error {
	switch {
	case s.Source == "" || s.Function == "":
		return errors.New("a queue source needs a queue and a function")
	case s.BatchSize < 0 || s.BatchSize > 10_000 || s.MaxConcurrency < 0 || s.Window < 0 || s.Window > 5*time.Minute:
		return errors.New("batch size, window or concurrency out of range")
	case s.fifo && (s.Window > 0 || s.BatchSize > receiveMost):
		return errors.New("a FIFO queue has no window and batches of 10 at most")
	case s.BatchSize > receiveMost && s.Window < time.Second:
		return errors.New("a batch of more than 10 needs a window of a second or more")
	case s.p.cfg.Queues == nil:
		return errors.New("no queue service is given")
	}
	return nil
}

// run receives only while one of its places is free: what cannot be worked on stays visible in the queue.
func (s *queueSource) run(ctx context.Context) {
	places := make(chan struct{}, s.MaxConcurrency)
	var batches sync.WaitGroup
	defer batches.Wait()
	wait, down := s.p.pace.retry, false
	for {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		messages, err := s.p.cfg.Queues.Receive(ctx, s.Source, min(s.BatchSize, receiveMost), s.p.pace.longPoll)
		if len(messages) > 0 {
			s.p.begin()
			batch := s.gather(ctx, messages)
			batches.Go(func() {
				defer func() { s.p.end(); <-places }()
				s.handle(ctx, batch)
			})
		} else {
			<-places
		}
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			wait, down = s.p.pace.retry, false
			continue
		}
		if !down {
			s.p.cfg.Log.Error("queue not readable", slog.String("queue", s.Source), slog.String("error", err.Error()))
		}
		down = true
		if pause(ctx, wait) != nil {
			return
		}
		wait = min(2*wait, s.p.pace.retryMost)
	}
}

// gather adds to a batch until it is full or its window ends.
func (s *queueSource) gather(ctx context.Context, batch []Message) []Message {
	if s.Window == 0 {
		return batch
	}
	window, cancel := context.WithTimeout(ctx, s.Window)
	defer cancel()
	for len(batch) < s.BatchSize && window.Err() == nil {
		more, err := s.p.cfg.Queues.Receive(window, s.Source, min(s.BatchSize-len(batch), receiveMost), s.Window)
		batch = append(batch, more...)
		if err != nil {
			break
		}
	}
	return batch
}

// handle gives the messages to the function, in as many events as their size asks for, and deletes what succeeded.
func (s *queueSource) handle(ctx context.Context, messages []Message) {
	ctx = context.WithoutCancel(ctx)
	broken := map[string]bool{} // groups whose order a failure has stopped
	records := make([][]byte, 0, len(messages))
	kept := make([]Message, 0, len(messages))
	for _, m := range messages {
		record, err := sqsRecordJSON(m, s.arn, s.p.cfg.Region)
		if err != nil {
			s.p.cfg.Log.Error("message not readable", slog.String("queue", s.Source), slog.String("error", err.Error()))
			s.abandon(ctx, m)
			continue
		}
		records, kept = append(records, record), append(kept, m)
	}
	for len(kept) > 0 {
		n := fit(len(kept), s.BatchSize, func(i int) int { return len(records[i]) })
		s.invoke(ctx, kept[:n], records[:n], broken)
		records, kept = records[n:], kept[n:]
	}
}

// invoke runs the function once. Messages of a group in broken are left out, and the groups of failed messages join it:
// a later event must not overtake them.
func (s *queueSource) invoke(ctx context.Context, messages []Message, records [][]byte, broken map[string]bool) {
	var open []Message
	var event [][]byte
	for i, m := range messages {
		if s.fifo && broken[m.group()] {
			s.abandon(ctx, m)
			continue
		}
		open, event = append(open, m), append(event, records[i])
	}
	if len(open) == 0 {
		return
	}
	res, err := s.p.invoke(ctx, s.Function, envelope(event))
	failed := s.failed(open, res, err)
	var done []string
	for _, m := range open {
		if failed[m.ID] {
			broken[m.group()] = true
			s.abandon(ctx, m)
			continue
		}
		done = append(done, m.Receipt)
	}
	if len(done) > 0 {
		if err := s.p.cfg.Queues.Delete(ctx, s.Source, done); err != nil {
			// They come again, as they may at any time with SQS.
			s.p.cfg.Log.Warn("messages not deleted", slog.String("queue", s.Source), slog.Int("of", len(done)), slog.String("error", err.Error()))
		}
	}
	if len(failed) > 0 {
		s.p.cfg.Log.Warn("messages failed", slog.String("queue", s.Source), slog.Int("failed", len(failed)), slog.Int("of", len(open)))
	}
}

// failed gives the ids of the messages that must come again.
func (s *queueSource) failed(messages []Message, res lambda.Result, err error) map[string]bool {
	all := make(map[string]bool, len(messages))
	for _, m := range messages {
		all[m.ID] = true
	}
	if err != nil || res.FunctionError != "" {
		return all
	}
	if !s.ReportFailures {
		return nil
	}
	ids, ok := failures(res.Payload)
	if !ok {
		s.p.cfg.Log.Error("answer not understood", slog.String("function", s.Function), slog.String("queue", s.Source))
		return all
	}
	some := map[string]bool{}
	for _, id := range ids {
		if !all[id] {
			s.p.cfg.Log.Error("answer names an unknown message", slog.String("function", s.Function), slog.String("queue", s.Source))
			return all
		}
		some[id] = true
	}
	return some
}

func (s *queueSource) abandon(ctx context.Context, m Message) {
	if err := s.p.cfg.Queues.Abandon(ctx, s.Source, m.Receipt); err != nil {
		s.p.cfg.Log.Warn("message not given back", slog.String("queue", s.Source), slog.String("message_id", m.ID), slog.String("error", err.Error()))
	}
}
