package lambda

import (
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

func TestService_Close(t *testing.T) {
	t.Run("lets running invocations end", func(t *testing.T) {
		s := start(t, Config{}, Function{Name: "f", Concurrency: 1})
		var wg sync.WaitGroup
		wg.Go(func() { invoke(t, s, "f", order{Do: "sleep", For: 300}) })
		eventually(t, "the call has begun", func() bool { return s.InFlight() == 1 })
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		if _, err := s.Invoke(t.Context(), "f", []byte(`{}`)); !errors.Is(err, ErrClosed) {
			t.Errorf("Invoke after Close = %v, want ErrClosed", err)
		}
		if n := processes(s); n != 0 {
			t.Errorf("%d processes left", n)
		}
	})
	t.Run("kills them when its time is over, and nobody hangs", func(t *testing.T) {
		s := start(t, Config{}, Function{Name: "f", Concurrency: 1})
		if err := s.Warm(t.Context(), "f"); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{}, 2)
		for range 2 { // one runs, one waits for its turn
			go func() {
				_, _ = s.Invoke(context.WithoutCancel(t.Context()), "f", encode(t, order{Do: "sleep", For: 600_000}))
				ended <- struct{}{}
			}()
		}
		eventually(t, "both calls are in", func() bool { return s.InFlight() == 2 })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Close(ctx); err != nil {
			t.Fatal(err)
		}
		<-ended
		<-ended
		if n := processes(s); n != 0 {
			t.Errorf("%d processes left", n)
		}
	})
}

func TestService_reapsWhatABurstLeft(t *testing.T) {
	s := start(t, Config{IdleKeep: 1, IdleAfter: 20 * time.Millisecond}, Function{Name: "f", Concurrency: 4})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { invoke(t, s, "f", order{Do: "sleep", For: 100}) })
	}
	wg.Wait()
	eventually(t, "one environment stays", func() bool { return processes(s) == 1 })
	time.Sleep(100 * time.Millisecond)
	if n := processes(s); n != 1 {
		t.Errorf("%d environments, want 1 to stay", n)
	}
	invoke(t, s, "f", order{Do: "echo"})
}

func TestService_passesOutputOn(t *testing.T) {
	var out buffer
	local := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	s := start(t, Config{Output: &out, Clock: func() time.Time { return local }}, Function{Name: "f"})
	invoke(t, s, "f", order{Do: "print", Text: "{\"level\":\"INFO\",\"msg\":\"one\"}\n\n  plain <words>\n{\"function\":\"own\",\"msg\":\"two\"}\n{}\n{broken\nno end"})
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"function":"f","level":"INFO","msg":"one"}`,
		`{"function":"f","time":"2026-11-21T12:00:00Z","msg":"plain \u003cwords\u003e"}`,
		`{"function":"own","msg":"two"}`,
		`{"function":"f","time":"2026-11-21T12:00:00Z","msg":"{}"}`,
		`{"function":"f","time":"2026-11-21T12:00:00Z","msg":"{broken"}`,
		`{"function":"f","time":"2026-11-21T12:00:00Z","msg":"no end"}`,
	}
	got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("output\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, line := range got {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

func TestLines_cutsEndlessLines(t *testing.T) {
	var out buffer
	l := newOutput(&out, time.Now).lines("f")
	long := strings.Repeat("x", maxLine+10)
	for i := 0; i < len(long); i += 1000 {
		if _, err := l.Write([]byte(long[i:min(i+1000, len(long))])); err != nil {
			t.Fatal(err)
		}
	}
	l.flush()
	if got := strings.Count(out.String(), "x"); got != len(long) {
		t.Errorf("%d bytes came through, want %d", got, len(long))
	}
	if got := strings.Count(out.String(), "\n"); got != 2 {
		t.Errorf("%d lines, want 2", got)
	}
}

func TestNew_refuses(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	good, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, functions := range map[string][]Function{
		"missing":        {{Name: "f", Bootstrap: filepath.Join(dir, "none")}},
		"not executable": {{Name: "f", Bootstrap: plain}},
		"a directory":    {{Name: "f", Bootstrap: dir}},
		"no name":        {{Bootstrap: good}},
		"twice":          {{Name: "f", Bootstrap: good}, {Name: "f", Bootstrap: good}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := New(Config{Functions: functions, Clock: time.Now, Log: slog.New(slog.DiscardHandler)}); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestService_Invoke_refuses(t *testing.T) {
	s := start(t, Config{}, Function{Name: "f"})
	if _, err := s.Invoke(t.Context(), "unknown", nil); err == nil {
		t.Error("unknown function: no error")
	}
	if _, err := s.Invoke(t.Context(), "f", make([]byte, MaxPayload+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large = %v", err)
	}
	if n := processes(s); n != 0 {
		t.Errorf("%d processes for invocations that were refused", n)
	}
}

func BenchmarkService_Invoke(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	if other := os.Getenv("GESTOR_BENCH_BOOTSTRAP"); other != "" {
		self = other
	}
	bench := func(b *testing.B, cold bool) {
		payload := []byte(`{"do":"echo"}`)
		open := func() *Service {
			s, err := New(Config{
				Clock: time.Now, Log: slog.New(slog.DiscardHandler),
				Functions: []Function{{Name: "f", Bootstrap: self, Timeout: time.Minute}},
			})
			if err != nil {
				b.Fatal(err)
			}
			return s
		}
		s := open()
		defer func() { _ = s.Close(b.Context()) }()
		if err := s.Warm(b.Context(), "f"); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if cold {
				b.StopTimer()
				_ = s.Close(b.Context())
				s = open()
				b.StartTimer()
			}
			if res, err := s.Invoke(b.Context(), "f", payload); err != nil || res.FunctionError != "" {
				b.Fatal(err, res.FunctionError)
			}
		}
	}
	b.Run("warm", func(b *testing.B) { bench(b, false) })
	b.Run("cold", func(b *testing.B) { bench(b, true) })
}
