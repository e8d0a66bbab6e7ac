package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// buffer is a bytes.Buffer that functions may write to while a test reads it.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// start plays functions whose bootstrap is this test binary.
func start(t *testing.T, cfg Config, functions ...Function) *Service {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for i := range functions {
		functions[i].Bootstrap = self
		if functions[i].Timeout == 0 {
			functions[i].Timeout = time.Minute
		}
	}
	cfg.Functions = functions
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	cfg.Log = slog.New(slog.DiscardHandler)
	if cfg.InitTimeout == 0 {
		cfg.InitTimeout = time.Minute // a loaded machine starts slowly
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

// invoke runs one order and wants an answer.
func invoke(t *testing.T, s *Service, name string, in order) report {
	t.Helper()
	res, err := s.Invoke(t.Context(), name, encode(t, in))
	if err != nil {
		t.Fatal(err)
	}
	if res.FunctionError != "" {
		t.Fatalf("function error %s: %s", res.FunctionError, res.Payload)
	}
	var out report
	if err := json.Unmarshal(res.Payload, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// fails runs one order and wants the error it ends in.
func fails(t *testing.T, s *Service, name string, in order) (kind, errorType, message string) {
	t.Helper()
	res, err := s.Invoke(t.Context(), name, encode(t, in))
	if err != nil {
		t.Fatal(err)
	}
	var out struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(res.Payload, &out); err != nil {
		t.Fatalf("payload %q: %v", res.Payload, err)
	}
	return res.FunctionError, out.ErrorType, out.ErrorMessage
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func processes(s *Service) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.environments)
}

func TestService_Invoke_reusesAWarmEnvironment(t *testing.T) {
	s := start(t, Config{}, Function{Name: "one"}, Function{Name: "other"})
	first := invoke(t, s, "one", order{Do: "echo"})
	second := invoke(t, s, "one", order{Do: "echo"})
	if first.PID != second.PID || second.Calls != 2 {
		t.Errorf("processes %d and %d, call %d: want one process, second call", first.PID, second.PID, second.Calls)
	}
	if first.Request == second.Request || len(first.Request) != 36 {
		t.Errorf("request ids %q and %q: want two different UUIDs", first.Request, second.Request)
	}
	if want := "arn:aws:lambda:us-east-1:000000000000:function:one"; first.ARN != want || s.ARN("one") != want {
		t.Errorf("arn = %q", first.ARN)
	}
	if other := invoke(t, s, "other", order{Do: "echo"}); other.PID == first.PID {
		t.Error("two functions share a process")
	}
	if n := s.InFlight(); n != 0 {
		t.Errorf("%d invocations in flight after the last answer", n)
	}
}

func TestService_Invoke_deadlineComesFromTheLocalClock(t *testing.T) {
	local := time.Date(2031, 5, 4, 3, 2, 1, 0, time.UTC)
	s := start(t, Config{Clock: func() time.Time { return local }}, Function{Name: "f", Timeout: 42 * time.Second})
	if got := time.UnixMilli(invoke(t, s, "f", order{Do: "echo"}).Deadline).UTC(); !got.Equal(local.Add(42 * time.Second)) {
		t.Errorf("deadline = %s, want the local clock plus the timeout", got)
	}
}

func TestService_Invoke_setsTheEnvironmentOfLambda(t *testing.T) {
	t.Setenv("GESTOR_LAMBDA_TEST_LEAK", "leaked")
	s := start(t, Config{}, Function{Name: "f", MemoryMB: 512, Env: map[string]string{
		"GESTOR_TABLE": "work", "AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:1", "AWS_REGION": "elsewhere",
	}})
	env := invoke(t, s, "f", order{Do: "env"}).Env
	for name, want := range map[string]string{
		"GESTOR_TABLE": "work", "AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:1",
		"AWS_REGION": "us-east-1", "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
		"_HANDLER": "bootstrap", "TZ": "UTC", "AWS_ACCESS_KEY_ID": "local", "AWS_SESSION_TOKEN": "local-f", "AWS_CONFIG_FILE": "/dev/null",
	} {
		if env[name] != want {
			t.Errorf("%s = %q, want %q", name, env[name], want)
		}
	}
	if _, leaked := env["GESTOR_LAMBDA_TEST_LEAK"]; leaked {
		t.Error("the developer's environment reaches the function")
	}
	if _, home := env["HOME"]; home {
		t.Error("HOME is set; Lambda sets none")
	}
}

func TestService_Invoke_boundsConcurrency(t *testing.T) {
	const bound, calls = 2, 8
	s := start(t, Config{}, Function{Name: "f", Concurrency: bound})
	var mu sync.Mutex
	pids := map[int]bool{}
	most := 0
	var wg sync.WaitGroup
	for range calls {
		wg.Go(func() {
			out := invoke(t, s, "f", order{Do: "sleep", For: 30})
			mu.Lock()
			defer mu.Unlock()
			pids[out.PID] = true
			most = max(most, processes(s))
		})
	}
	eventually(t, "all calls wait or run", func() bool { return s.InFlight() > bound })
	wg.Wait()
	if len(pids) > bound || most > bound {
		t.Errorf("%d processes answered, %d ran at once, want at most %d", len(pids), most, bound)
	}
}

func TestService_Invoke_runsInParallel(t *testing.T) {
	s := start(t, Config{}, Function{Name: "f", Concurrency: 3})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { invoke(t, s, "f", order{Do: "sleep", For: 300}) })
	}
	eventually(t, "three environments work at once", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		working := 0
		for _, env := range s.environments {
			if env.delivered && env.job != nil {
				working++
			}
		}
		return working == 3
	})
	wg.Wait()
}

func TestService_Invoke_failures(t *testing.T) {
	s := start(t, Config{}, Function{Name: "f", Concurrency: 1})
	before := invoke(t, s, "f", order{Do: "echo"})

	kind, errorType, message := fails(t, s, "f", order{Do: "fail"})
	if kind != Unhandled || errorType != "errorString" || message != "refused on purpose" {
		t.Errorf("failure = %s %s %q", kind, errorType, message)
	}
	after := invoke(t, s, "f", order{Do: "echo"})
	if after.PID != before.PID {
		t.Error("an error the function returned cost it its environment")
	}

	if kind, errorType, _ = fails(t, s, "f", order{Do: "panic"}); kind != Unhandled || errorType != "string" {
		t.Errorf("panic = %s %s", kind, errorType)
	}
	if kind, errorType, message = fails(t, s, "f", order{Do: "exit"}); kind != Unhandled || errorType != "Runtime.ExitError" || !strings.Contains(message, "exit status 5") {
		t.Errorf("exit = %s %s %q", kind, errorType, message)
	}
	if out := invoke(t, s, "f", order{Do: "echo"}); out.PID == before.PID || out.Calls != 1 {
		t.Errorf("after a crash call %d of process %d answered, want a new process", out.Calls, out.PID)
	}
	if kind, errorType, _ = fails(t, s, "f", order{Do: "big"}); kind != Unhandled || errorType != "Function.ResponseSizeTooLarge" {
		t.Errorf("too large an answer = %s %s", kind, errorType)
	}
	if out := invoke(t, s, "f", order{Do: "steal", Text: "00000000-0000-4000-8000-000000000000"}); out.Text != "400 Bad Request" {
		t.Errorf("answering another's invocation = %q, want it refused", out.Text)
	}
}

func TestService_Invoke_killsWhatTakesTooLong(t *testing.T) {
	s := start(t, Config{}, Function{Name: "f", Timeout: time.Second, Concurrency: 1})
	kind, errorType, message := fails(t, s, "f", order{Do: "sleep", For: 60_000})
	if kind != Timeout || errorType != "Sandbox.Timedout" || !strings.Contains(message, "1.00 seconds") {
		t.Errorf("timeout = %s %s %q", kind, errorType, message)
	}
	eventually(t, "the slow process is gone", func() bool { return processes(s) == 0 })
	// With Concurrency 1 this waits until the killed process has given its slot back.
	if out := invoke(t, s, "f", order{Do: "echo"}); out.Calls != 1 {
		t.Errorf("call %d, want a new process", out.Calls)
	}
}

func TestService_Invoke_initErrors(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "crashed")
	s := start(t, Config{},
		Function{Name: "error", Env: map[string]string{"TEST_INIT": "error"}},
		Function{Name: "exit", Env: map[string]string{"TEST_INIT": "exit"}},
		Function{Name: "once", Env: map[string]string{"TEST_INIT": "crash-once", "TEST_MARKER": marker}})
	if kind, errorType, message := fails(t, s, "error", order{}); kind != Unhandled || errorType != "Init.Broken" || message != "no configuration" {
		t.Errorf("reported = %s %s %q", kind, errorType, message)
	}
	if kind, errorType, message := fails(t, s, "exit", order{}); kind != Unhandled || errorType != "Runtime.ExitError" || !strings.Contains(message, "exit status 7") {
		t.Errorf("exit = %s %s %q", kind, errorType, message)
	}
	slow := start(t, Config{InitTimeout: 200 * time.Millisecond}, Function{Name: "hang", Env: map[string]string{"TEST_INIT": "hang"}})
	if kind, _, _ := fails(t, slow, "hang", order{}); kind != Timeout {
		t.Errorf("hang = %s", kind)
	}
	if kind, _, _ := fails(t, s, "once", order{}); kind != Unhandled {
		t.Errorf("first start = %s", kind)
	}
	invoke(t, s, "once", order{Do: "echo"})
	if err := s.Warm(t.Context(), "exit"); err == nil {
		t.Error("Warm of a function that cannot start: no error")
	}
	eventually(t, "no broken environment stays", func() bool { return processes(s) == 1 })
}

// What dies with no work of its own must not take the next caller's down.
func TestService_Invoke_survivesAnEnvironmentThatDiesBetweenCalls(t *testing.T) {
	s := start(t, Config{},
		Function{Name: "panics", Concurrency: 2},
		Function{Name: "leaves", Concurrency: 2, Env: map[string]string{"TEST_INIT": "leave"}})
	pids := map[int]bool{}
	for range 4 {
		if kind, _, _ := fails(t, s, "panics", order{Do: "panic"}); kind != Unhandled {
			t.Fatalf("panic = %s", kind)
		}
		invoke(t, s, "panics", order{Do: "echo"})
		// The process of the call before still stands there, and gets this call, but will never ask for it.
		pids[invoke(t, s, "leaves", order{}).PID] = true
	}
	if len(pids) != 4 {
		t.Errorf("%d processes answered 4 calls, want one each", len(pids))
	}
}

func TestService_Warm(t *testing.T) {
	s := start(t, Config{}, Function{Name: "f"})
	for range 2 {
		if err := s.Warm(t.Context(), "f"); err != nil {
			t.Fatal(err)
		}
	}
	if n := processes(s); n != 1 {
		t.Errorf("%d processes after two warm-ups, want 1", n)
	}
	if out := invoke(t, s, "f", order{Do: "echo"}); out.Calls != 1 || processes(s) != 1 {
		t.Errorf("call %d with %d processes, want the warm one's first", out.Calls, processes(s))
	}
	if err := s.Warm(t.Context(), "unknown"); err == nil {
		t.Error("Warm of an unknown function: no error")
	}
}

func TestService_Invoke_callerLeaves(t *testing.T) {
	s := start(t, Config{}, Function{Name: "f", Concurrency: 1})
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := s.Invoke(ctx, "f", encode(t, order{Do: "sleep", For: 200}))
		left <- err
	}()
	eventually(t, "the function works", func() bool { return processes(s) == 1 })
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("Invoke = %v, want the caller's own end", err)
	}
	// The invocation goes on and the same process serves the next caller, who waits for it.
	if out := invoke(t, s, "f", order{Do: "echo"}); out.Calls != 2 {
		t.Errorf("call %d, want the second of the same process", out.Calls)
	}
}
