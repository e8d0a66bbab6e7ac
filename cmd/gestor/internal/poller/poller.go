// Package poller plays what stands between the sources and the functions: the event source mappings of queues and of a
// table's stream, and the rule that fires every minute. It calls the functions with the events AWS would give them and
// treats their answers as AWS does.
package poller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/lambda"
)

// Invoke runs a function and gives its answer; lambda.Service.Invoke is one.
type Invoke func(ctx context.Context, function string, payload []byte) (lambda.Result, error)

// Queues is what the poller needs of the queue service. A received message stays hidden until it is deleted or its
// visibility ends. In a FIFO queue no message of a group may be received while an earlier one of it is hidden.
type Queues interface {
	// Receive waits up to wait for a first message and gives at most limit (1 to 10).
	Receive(ctx context.Context, queue string, limit int, wait time.Duration) ([]Message, error)
	// Delete ends the stay of messages of one queue. An error says that some may come again.
	Delete(ctx context.Context, queue string, receipts []string) error
	// Abandon says that nobody works on a message any more although it is not done. It comes back when its visibility
	// ends, as it would without this call.
	Abandon(ctx context.Context, queue, receipt string) error
}

// Sender takes the report of stream records that were given up.
type Sender interface {
	Send(ctx context.Context, queue, body string) error
}

// Config says what to poll and with what. Clock is the local clock; Wall, which tells how old a stream record is, the
// real one. Dir keeps how far each stream has been read. Streams, Letters and Dir are needed for streams only, Queues for
// queues only. Region and Account default to us-east-1 and 000000000000.
type Config struct {
	Invoke  Invoke
	Queues  Queues
	Streams StreamAPI
	Letters Sender
	Clock   func() time.Time
	Wall    func() time.Time
	Log     *slog.Logger
	Dir     string
	Region  string
	Account string

	FromQueues  []Queue
	FromStreams []Stream
	// EveryMinute are the rules that fire; none fires without them.
	EveryMinute []Minute
}

// pace holds the waits, so that tests need not take them.
type pace struct {
	longPoll  time.Duration // one wait for a queue's first message
	busy      time.Duration // between looks at a stream that had something
	idle      time.Duration // the longest wait between looks
	retry     time.Duration // before the first repetition of what failed; doubles
	retryMost time.Duration
}

func usualPace() pace {
	return pace{
		longPoll: 20 * time.Second, busy: 20 * time.Millisecond, idle: 200 * time.Millisecond,
		retry: 100 * time.Millisecond, retryMost: 5 * time.Second,
	}
}

// Poller runs the sources. It is safe for concurrent use.
type Poller struct {
	cfg     Config
	pace    pace
	queues  []*queueSource
	streams []*streamSource
	minutes []*minuteSource
	stopped chan struct{} // closed when Run has returned

	mu   sync.Mutex
	busy int    // batches and rule events under way
	seen uint64 // how often a source had something
}

// New checks the sources: a filter with an operator it does not know, or a combination Lambda refuses, is an error.
func New(cfg Config) (*Poller, error) { return newAt(cfg, usualPace()) }

func newAt(cfg Config, at pace) (*Poller, error) {
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	if cfg.Account == "" {
		cfg.Account = "000000000000"
	}
	p := &Poller{cfg: cfg, pace: at, stopped: make(chan struct{})}
	for _, q := range cfg.FromQueues {
		source, err := newQueueSource(p, q)
		if err != nil {
			return nil, fmt.Errorf("poller.New: queue %s: %w", q.Source, err)
		}
		p.queues = append(p.queues, source)
	}
	for _, s := range cfg.FromStreams {
		source, err := newStreamSource(p, s)
		if err != nil {
			return nil, fmt.Errorf("poller.New: stream %s: %w", s.ARN, err)
		}
		p.streams = append(p.streams, source)
	}
	for _, m := range cfg.EveryMinute {
		p.minutes = append(p.minutes, &minuteSource{Minute: m, p: p})
	}
	return p, nil
}

// Run polls until ctx ends, then lets what is under way come to its end: at most the longest timeout of a function,
// unless the functions are closed first. Call it once.
func (p *Poller) Run(ctx context.Context) {
	defer close(p.stopped)
	var sources sync.WaitGroup
	for _, q := range p.queues {
		sources.Go(func() { q.run(ctx) })
	}
	for _, s := range p.streams {
		sources.Go(func() { s.run(ctx) })
	}
	for _, m := range p.minutes {
		sources.Go(func() { m.run(ctx) })
	}
	sources.Wait()
}

// Wake makes the streams look again at once. The poller does so itself after each function it ran; whoever else ran one
// that may have written saves the wait for the next look.
func (p *Poller) Wake() {
	for _, s := range p.streams {
		select {
		case s.bell <- struct{}{}:
		default:
		}
	}
}

// Fire invokes the functions of all minute rules for the instant at, now and side by side, as EventBridge does, and waits for
// their end. One that fails keeps no other from its work.
func (p *Poller) Fire(ctx context.Context, at time.Time) error {
	if len(p.minutes) == 0 {
		return errors.New("poller.Fire: no rule fires every minute")
	}
	errs := make([]error, len(p.minutes))
	var all sync.WaitGroup
	for i, m := range p.minutes {
		all.Go(func() { errs[i] = m.fire(ctx, at) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// InFlight counts the batches and rule events under way.
func (p *Poller) InFlight() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busy
}

// Idle reports whether nothing is under way and no stream had anything at the last look. Something may already have been
// written that the next look finds: Drain knows better.
func (p *Poller) Idle() bool {
	if p.InFlight() > 0 {
		return false
	}
	for _, s := range p.streams {
		if !s.caughtUp.Load() {
			return false
		}
	}
	return true
}

// Drain waits until there is nothing left to do: no batch under way, every stream read to its end after the last batch
// ended, and quiet (may be nil), the word of whoever knows the queues and the other callers of functions, is true
// throughout. It needs Run to be running. The error is the context's.
func (p *Poller) Drain(ctx context.Context, quiet func() bool) error {
	const looks = 2
	for still := 0; still < looks; {
		p.mu.Lock()
		before := p.seen
		p.mu.Unlock()
		ok := p.Idle() && (quiet == nil || quiet())
		if err := p.readStreams(ctx); err != nil {
			return err
		}
		p.mu.Lock()
		same := p.seen == before
		p.mu.Unlock()
		if ok && same && p.Idle() && (quiet == nil || quiet()) {
			still++
			continue
		}
		still = 0
		if err := pause(ctx, 2*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// readStreams waits until each stream has been looked at once more.
func (p *Poller) readStreams(ctx context.Context) error {
	for _, s := range p.streams {
		looked := make(chan struct{})
		select {
		case s.asked <- looked:
		case <-p.stopped:
			return errors.New("poller.Drain: the poller has stopped")
		case <-ctx.Done():
			return fmt.Errorf("poller.Drain: %w", ctx.Err())
		}
		select {
		case <-looked:
		case <-p.stopped:
			return errors.New("poller.Drain: the poller has stopped")
		case <-ctx.Done():
			return fmt.Errorf("poller.Drain: %w", ctx.Err())
		}
	}
	return nil
}

// begin notes that a source had something and works on it; end, that it does so no longer.
func (p *Poller) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy++
	p.seen++
}

func (p *Poller) end() {
	p.mu.Lock()
	p.busy--
	p.mu.Unlock()
	p.Wake()
}

// invoke runs a function to its end, even when ctx ends meanwhile: an event that was handed over is not taken back.
func (p *Poller) invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error) {
	res, err := p.cfg.Invoke(context.WithoutCancel(ctx), function, payload)
	if err != nil {
		p.cfg.Log.Warn("function not invoked", slog.String("function", function), slog.String("error", err.Error()))
		return res, err
	}
	if res.FunctionError != "" {
		p.cfg.Log.Warn("function failed", slog.String("function", function), slog.String("function_error", res.FunctionError),
			slog.String("error_type", errorType(res.Payload)))
	}
	return res, nil
}

// errorType gives the kind of a function's error without its message, which is the function's business.
func errorType(payload []byte) string {
	var e struct {
		Type string `json:"errorType"`
	}
	if json.Unmarshal(payload, &e) != nil {
		return ""
	}
	return e.Type
}

func (p *Poller) functionARN(name string) string {
	return "arn:aws:lambda:" + p.cfg.Region + ":" + p.cfg.Account + ":function:" + name
}

// pause waits for d; the error is the context's.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("poller: %w", ctx.Err())
	}
}
