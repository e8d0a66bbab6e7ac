//go:build unix

package lambda

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/child"
)

// invocation is one event on its way. Its result is set before done is closed.
type invocation struct {
	id      string
	payload []byte
	result  Result
	done    chan struct{}
}

// environment is one process of a function. Everything below work is guarded by Service.mu.
//
// It holds one of its function's slots from its launch, or from the moment work is given to it, until it asks for more
// work or its process is gone. So the slots bound both what runs and what starts.
type environment struct {
	id      string
	fn      *function
	process *child.Process
	ready   chan struct{} // closed when the process has asked for work the first time
	gone    chan struct{} // closed when the process has ended
	work    chan *invocation

	started   bool
	slot      bool
	job       *invocation // given and not answered
	delivered bool        // the process has taken job
	watch     *time.Timer // kills an environment that takes too long
	idleSince time.Time
	initError []byte
	discarded string // why we killed it
}

// launch starts an environment, with job as its first work unless that is nil. The caller holds a slot; when launch
// fails, it is given back.
func (s *Service) launch(fn *function, job *invocation) (*environment, error) {
	env := &environment{
		id:    rand.Text(),
		fn:    fn,
		ready: make(chan struct{}),
		gone:  make(chan struct{}),
		work:  make(chan *invocation, 1),
		slot:  true,
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		<-fn.slots
		return nil, ErrClosed
	}
	// Registered, and given its work, before the process exists: it may call in before Start returns.
	s.environments[env.id] = env
	s.processes.Add(1)
	if job != nil {
		s.assign(env, job)
	} else {
		s.guard(env, nil, s.cfg.InitTimeout)
	}
	s.mu.Unlock()

	out := s.output.lines(fn.Name)
	process, err := child.Start(child.Spec{
		Path: fn.Bootstrap, Env: s.variables(env), Dir: filepath.Dir(fn.Bootstrap), Stdout: out, Stderr: out,
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		given := env.job == job
		env.job = nil
		env.discard("start")
		delete(s.environments, env.id)
		s.processes.Done()
		<-fn.slots
		if !given {
			return env, nil // its watch has already ended the job, and counted it out
		}
		return nil, fmt.Errorf("lambda: function %s: %w", fn.Name, err)
	}
	env.process = process
	if env.discarded != "" {
		process.Kill() // given up while it was starting
	}
	go func() {
		<-process.Done()
		out.flush()
		s.exited(env)
	}()
	return env, nil
}

// assign gives job to env, which is idle or about to start, and with it the caller's slot. The caller holds the lock.
func (s *Service) assign(env *environment, job *invocation) {
	env.slot = true
	env.job, env.delivered = job, false
	// The process has to come for it. A cold one may take as long as an init phase does.
	s.guard(env, job, s.cfg.InitTimeout)
	env.work <- job
}

// guard kills env when nothing has replaced or stopped its watch after limit. The caller holds the lock.
func (s *Service) guard(env *environment, job *invocation, limit time.Duration) {
	if env.watch != nil {
		env.watch.Stop()
	}
	var watch *time.Timer
	watch = time.AfterFunc(limit, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if env.watch != watch {
			return
		}
		if job != nil && env.job == job {
			s.finish(env, timedOut(job, limit))
		}
		env.discard("timeout")
	})
	env.watch = watch
}

// finish ends the job of env with res. The caller holds the lock.
func (s *Service) finish(env *environment, res Result) {
	env.job.result = res
	close(env.job.done)
	env.job = nil
	s.waiting--
	s.jobs.Done()
}

// discard kills the process group; exited does the rest. The caller holds the lock.
func (env *environment) discard(why string) {
	if env.discarded == "" {
		env.discarded = why
	}
	if env.watch != nil {
		env.watch.Stop()
		env.watch = nil
	}
	env.fn.idle = slices.DeleteFunc(env.fn.idle, func(e *environment) bool { return e == env })
	if env.process != nil {
		env.process.Kill()
	}
}

// exited forgets an environment whose process has ended and fails what it was working on.
func (s *Service) exited(env *environment) {
	defer s.processes.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	if env.watch != nil {
		env.watch.Stop()
		env.watch = nil
	}
	delete(s.environments, env.id)
	env.fn.idle = slices.DeleteFunc(env.fn.idle, func(e *environment) bool { return e == env })
	switch {
	case env.job == nil:
	case env.started && !env.delivered && env.discarded == "":
		// It died of something else and never saw this job, which moves on with the slot.
		job := env.job
		env.job, env.slot = nil, false
		go s.moveOn(env.fn, job)
	default:
		s.finish(env, env.crashed())
	}
	if env.slot {
		env.slot = false
		<-env.fn.slots
	}
	if env.discarded != "idle" && env.discarded != "closing" {
		s.cfg.Log.Warn("function environment ended", slog.String("function", env.fn.Name), slog.Int("pid", env.process.PID()),
			slog.String("exit", env.exit()), slog.String("killed_for", env.discarded), slog.Bool("was_ready", env.started))
	}
	close(env.gone)
}

// moveOn gives job, which holds a slot of fn, to a new environment.
func (s *Service) moveOn(fn *function, job *invocation) {
	if _, err := s.launch(fn, job); err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.finish(&environment{job: job}, failure(Unhandled, "Runtime.Unavailable", "no environment could be started"))
	}
}

func (env *environment) exit() string {
	if err := env.process.Err(); err != nil {
		return err.Error()
	}
	return "exit status 0"
}

// crashed is the result of an invocation whose environment ended. The caller holds the lock.
func (env *environment) crashed() Result {
	if env.initError != nil {
		return Result{Payload: env.initError, FunctionError: Unhandled}
	}
	return failure(Unhandled, "Runtime.ExitError", "RequestId: "+env.job.id+" Error: Runtime exited with error: "+env.exit())
}

func timedOut(job *invocation, limit time.Duration) Result {
	seconds := strconv.FormatFloat(limit.Seconds(), 'f', 2, 64)
	return failure(Timeout, "Sandbox.Timedout", "RequestId: "+job.id+" Error: Task timed out after "+seconds+" seconds")
}

func failure(kind, errorType, message string) Result {
	payload, err := json.Marshal(struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}{errorType, message})
	if err != nil {
		payload = []byte(`{"errorType":"Runtime.Unknown"}`)
	}
	return Result{Payload: payload, FunctionError: kind}
}

// variables is the environment of a process: the function's own, then what Lambda sets for runtime provided.al2023 and
// no function may change. Nothing of the developer's shell leaks in, nor do the files of an AWS account.
func (s *Service) variables(env *environment) []string {
	fn := env.fn
	memory := orDefault(fn.MemoryMB, 128)
	reserved := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          s.address + "/" + env.id,
		"AWS_LAMBDA_FUNCTION_NAME":        fn.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(memory),
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + fn.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "local/[$LATEST]" + env.id,
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_REGION":                      s.cfg.Region,
		"AWS_DEFAULT_REGION":              s.cfg.Region,
		"AWS_ACCESS_KEY_ID":               "local",
		"AWS_SECRET_ACCESS_KEY":           "local",
		"AWS_SESSION_TOKEN":               "local-" + fn.Name, // as each function has a token of its own, so has its role
		"AWS_EC2_METADATA_DISABLED":       "true",
		"AWS_CONFIG_FILE":                 "/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE":     "/dev/null",
		"LAMBDA_TASK_ROOT":                filepath.Dir(fn.Bootstrap),
		"LAMBDA_RUNTIME_DIR":              filepath.Dir(fn.Bootstrap),
		"_HANDLER":                        "bootstrap",
		"TZ":                              "UTC",
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin",
	}
	list := make([]string, 0, len(fn.Env)+len(reserved))
	for name, value := range fn.Env {
		if _, taken := reserved[name]; !taken {
			list = append(list, name+"="+value)
		}
	}
	for name, value := range reserved {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// reap ends environments that a burst left behind: of each function, those beyond IdleKeep that have been idle for
// IdleAfter, oldest first.
func (s *Service) reap() {
	tick := time.NewTicker(max(s.cfg.IdleAfter/4, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-s.closing:
			return
		case now := <-tick.C:
			s.mu.Lock()
			for _, fn := range s.functions {
				for len(fn.idle) > s.cfg.IdleKeep && now.Sub(fn.idle[0].idleSince) >= s.cfg.IdleAfter {
					fn.idle[0].discard("idle")
				}
			}
			s.mu.Unlock()
		}
	}
}

// requestID makes the id of an invocation, in the form of a UUID as Lambda's are.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails; see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
