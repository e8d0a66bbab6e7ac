//go:build unix

// Package lambda plays the Lambda service for the very bootstrap binaries that are deployed: it speaks the Lambda Runtime
// API (version 2018-06-01, docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) with one process group for each
// execution environment.
package lambda

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// What Result.FunctionError says.
const (
	// Unhandled: the function answered with an error, or its process ended before it answered.
	Unhandled = "Unhandled"
	// Timeout: the function took longer than it may and was killed.
	Timeout = "Timeout"
)

var (
	// ErrClosed answers whoever comes after Close.
	ErrClosed = errors.New("lambda: closed")
	// ErrTooLarge answers an event beyond what Lambda takes in one synchronous invocation.
	ErrTooLarge = errors.New("lambda: the event is larger than 6 MiB")
)

const (
	// MaxPayload is the most bytes of a synchronous invocation's event or answer (Lambda quotas page).
	MaxPayload = 6 << 20

	defaultRegion      = "us-east-1"
	defaultAccount     = "000000000000"
	defaultConcurrency = 10
	defaultTimeout     = 3 * time.Second
	// defaultInit is how long Lambda lets an environment start up.
	defaultInit      = 10 * time.Second
	defaultIdleKeep  = 2
	defaultIdleAfter = 30 * time.Second
)

// Function is one function to play. Env may not set what Lambda reserves (AWS_LAMBDA_…, credentials, region).
// Concurrency bounds its environments, 0 means 10; Timeout 0 means 3 seconds, both as in Lambda.
type Function struct {
	Name        string
	Bootstrap   string
	Env         map[string]string
	Timeout     time.Duration
	Concurrency int
	MemoryMB    int
}

// Config says what to play. Clock is the local clock: it stamps the deadline of an invocation, from which a function
// derives its now; how long a function may really take is measured on the wall clock. Output receives what the functions
// print, as JSON lines with the function's name; nil drops it. The rest has defaults: Region us-east-1, Account
// 000000000000, IdleKeep 2 environments of each function stay when nothing happens for IdleAfter (30 s), InitTimeout
// 10 s.
type Config struct {
	Functions   []Function
	Clock       func() time.Time
	Log         *slog.Logger
	Output      io.Writer
	Region      string
	Account     string
	IdleKeep    int
	IdleAfter   time.Duration
	InitTimeout time.Duration
}

// Result is how an invocation ended. FunctionError is empty when the function answered; otherwise it is Unhandled or
// Timeout, and Payload is an object with errorType and errorMessage.
type Result struct {
	Payload       []byte
	FunctionError string
}

// Service runs the functions. It is safe for concurrent use.
type Service struct {
	cfg       Config
	functions map[string]*function
	output    *output
	server    *http.Server
	address   string
	closing   chan struct{}  // closed by Close
	jobs      sync.WaitGroup // invocations not yet ended
	processes sync.WaitGroup // environments not yet gone

	mu           sync.Mutex // guards what follows, and every environment's state
	closed       bool
	waiting      int // invocations not yet ended
	environments map[string]*environment
}

// function is a Function with its environments.
type function struct {
	Function
	arn   string
	slots chan struct{}  // one token for each environment that works or starts
	idle  []*environment // guarded by Service.mu; the one used last is last
}

// New opens the Runtime API on a free port of 127.0.0.1. No process starts before it is needed. Every bootstrap must
// exist and be executable.
func New(cfg Config) (*Service, error) {
	cfg.Region = orDefault(cfg.Region, defaultRegion)
	cfg.Account = orDefault(cfg.Account, defaultAccount)
	cfg.IdleKeep = orDefault(cfg.IdleKeep, defaultIdleKeep)
	cfg.IdleAfter = orDefault(cfg.IdleAfter, defaultIdleAfter)
	cfg.InitTimeout = orDefault(cfg.InitTimeout, defaultInit)
	s := &Service{
		cfg:          cfg,
		functions:    map[string]*function{},
		output:       newOutput(cfg.Output, cfg.Clock),
		closing:      make(chan struct{}),
		environments: map[string]*environment{},
	}
	for _, f := range cfg.Functions {
		if err := s.declare(f); err != nil {
			return nil, err
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("lambda.New: %w", err)
	}
	s.address = listener.Addr().String()
	s.server = &http.Server{Handler: s.runtimeAPI(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			cfg.Log.Error("runtime api stopped", slog.String("error", err.Error()))
		}
	}()
	go s.reap()
	return s, nil
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func (s *Service) declare(f Function) error {
	if f.Name == "" || s.functions[f.Name] != nil {
		return fmt.Errorf("lambda.New: function %q has no name or comes twice", f.Name)
	}
	info, err := os.Stat(f.Bootstrap)
	if err != nil {
		return fmt.Errorf("lambda.New: function %s: %w", f.Name, err)
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("lambda.New: function %s: %s is not an executable file", f.Name, f.Bootstrap)
	}
	f.Timeout = orDefault(f.Timeout, defaultTimeout)
	f.Concurrency = orDefault(f.Concurrency, defaultConcurrency)
	s.functions[f.Name] = &function{
		Function: f,
		arn:      "arn:aws:lambda:" + s.cfg.Region + ":" + s.cfg.Account + ":function:" + f.Name,
		slots:    make(chan struct{}, f.Concurrency),
	}
	return nil
}

// ARN gives the ARN under which the function name is invoked.
func (s *Service) ARN(name string) string {
	if fn := s.functions[name]; fn != nil {
		return fn.arn
	}
	return ""
}

// InFlight counts the invocations that have not ended, those that wait for an environment included.
func (s *Service) InFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting
}

// Invoke runs the function with payload as its event and gives its answer. When all its environments work, the call
// waits its turn. An error means that there is no answer to give: the function is unknown, the event too large, the
// service closed, or ctx ended; in the last case an invocation that had begun goes on to its end, as in Lambda.
func (s *Service) Invoke(ctx context.Context, name string, payload []byte) (Result, error) {
	if len(payload) > MaxPayload {
		return Result{}, fmt.Errorf("lambda.Invoke: %s: %w", name, ErrTooLarge)
	}
	fn, err := s.begin(name)
	if err != nil {
		return Result{}, err
	}
	if err := s.take(ctx, fn); err != nil {
		s.end()
		return Result{}, err
	}
	job := &invocation{id: requestID(), payload: payload, done: make(chan struct{})}
	if err := s.dispatch(fn, job); err != nil {
		s.end()
		return Result{}, err
	}
	select {
	case <-job.done:
		return job.result, nil
	case <-ctx.Done():
		return Result{}, fmt.Errorf("lambda.Invoke: %s: %w", name, ctx.Err())
	}
}

// Warm sees to it that one environment of the function has started. An environment that cannot start is an error.
func (s *Service) Warm(ctx context.Context, name string) error {
	fn, err := s.begin(name)
	if err != nil {
		return err
	}
	defer s.end()
	s.mu.Lock()
	warm := len(fn.idle) > 0
	s.mu.Unlock()
	if warm {
		return nil
	}
	if err := s.take(ctx, fn); err != nil {
		return err
	}
	env, err := s.launch(fn, nil)
	if err != nil {
		return err
	}
	select {
	case <-env.ready:
		return nil
	case <-env.gone:
		return fmt.Errorf("lambda.Warm: %s: the environment ended before it was ready", name)
	case <-ctx.Done():
		return fmt.Errorf("lambda.Warm: %s: %w", name, ctx.Err())
	}
}

// begin counts a call in; end counts it out.
func (s *Service) begin(name string) (*function, error) {
	fn := s.functions[name]
	if fn == nil {
		return nil, fmt.Errorf("lambda: no function is named %q", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	s.waiting++
	s.jobs.Add(1)
	return fn, nil
}

func (s *Service) end() {
	s.mu.Lock()
	s.waiting--
	s.mu.Unlock()
	s.jobs.Done()
}

// take waits for the right to use one environment of fn.
func (s *Service) take(ctx context.Context, fn *function) error {
	select {
	case fn.slots <- struct{}{}:
		return nil
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("lambda: waiting for an environment of %s: %w", fn.Name, ctx.Err())
	}
}

// dispatch gives job to an environment that has nothing to do, or to a new one. The caller holds a slot, so one of both is
// possible; the slot belongs to the environment from here on.
func (s *Service) dispatch(fn *function, job *invocation) error {
	s.mu.Lock()
	if n := len(fn.idle); n > 0 {
		env := fn.idle[n-1]
		fn.idle = fn.idle[:n-1]
		s.assign(env, job)
		s.mu.Unlock()
		return nil
	}
	// One that has just answered still holds its slot until it asks for more, which is a moment away: it gets the job
	// now, and the caller's slot is free again. Without this, calls in a row would each find nobody idle.
	for _, env := range s.environments {
		if env.fn == fn && env.started && env.slot && env.job == nil && env.discarded == "" {
			<-fn.slots
			s.assign(env, job)
			s.mu.Unlock()
			return nil
		}
	}
	s.mu.Unlock()
	_, err := s.launch(fn, job)
	return err
}

// Close refuses new invocations, lets the running ones end until ctx does, and kills every process. It may be called
// twice.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	over := make(chan struct{})
	go func() {
		s.jobs.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-ctx.Done():
	}
	s.mu.Lock()
	for _, env := range s.environments {
		env.discard("closing")
	}
	s.mu.Unlock()
	s.processes.Wait()
	<-over
	return s.server.Close()
}
