// Package system is the whole local system: what a deployment of the template would be, on one machine and in one
// process group, with everything it acknowledged on disk.
package system

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/clock"
	"sence.gob.cl/gestor/cmd/gestor/internal/issuer"
	"sence.gob.cl/gestor/cmd/gestor/internal/lambda"
	"sence.gob.cl/gestor/cmd/gestor/internal/objects"
	"sence.gob.cl/gestor/cmd/gestor/internal/poller"
	"sence.gob.cl/gestor/cmd/gestor/internal/queue"
	"sence.gob.cl/gestor/cmd/gestor/internal/sim"
	"sence.gob.cl/gestor/cmd/gestor/internal/template"
)

// System is a running local system.
type System struct {
	opts Options
	log  *slog.Logger
	tpl  *template.Template

	clock     *clock.Clock
	queues    *queue.Service
	functions *lambda.Service
	pollers   *poller.Poller
	issuer    *issuer.Issuer
	tables    tables
	engines   map[string]string // AWS_ENDPOINT_URL_… of each emulator
	cross     atomic.Pointer[map[string][]objects.Cross]

	base, simBase string
	// outside is where the functions find the simulated networks, SIAC and the mail service.
	outside string
	ticking sync.Mutex    // one tick at a time
	strict  time.Duration // drainStrict, less in tests

	failed  chan error
	closers []func(context.Context) error
	closing sync.Once
}

// Start brings everything up and answers when it serves. After an error nothing is left running.
func Start(ctx context.Context, o Options) (*System, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &System{opts: o, log: o.Log, failed: make(chan error, 1), engines: map[string]string{}, strict: drainStrict}
	if err := s.start(ctx); err != nil {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return nil, errors.Join(err, s.Close(stop))
	}
	return s, nil
}

func (s *System) start(ctx context.Context) error {
	tpl, err := template.Parse(s.opts.Template)
	if err != nil {
		return err
	}
	s.tpl = tpl
	// Processes are started in directories of their own.
	for _, path := range []*string{&s.opts.DataDir, &s.opts.FunctionsDir, &s.opts.Dynoxide} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(s.opts.DataDir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	unlock, err := lockDir(s.opts.DataDir)
	if err != nil {
		return err
	}
	s.atClose(func(context.Context) error { return unlock() })
	// The addresses come first: a port that is taken should be said at once, and both addresses go into the parameters.
	front, err := listen("GESTOR_ADDR", s.opts.Addr)
	if err != nil {
		return err
	}
	s.atClose(func(context.Context) error { return ignoreClosed(front.Close()) })
	simulator, err := listen("GESTOR_SIM_ADDR", s.opts.SimAddr)
	if err != nil {
		return err
	}
	s.atClose(func(context.Context) error { return ignoreClosed(simulator.Close()) })
	s.base, s.simBase = baseURL(front), baseURL(simulator)
	if err := s.startOutside(); err != nil {
		return err
	}
	if err := s.startEngines(ctx); err != nil {
		return err
	}
	parameters, err := s.opts.parameters(s.base, s.outside)
	if err != nil {
		return err
	}
	if err := s.startSecrets(); err != nil {
		return err
	}
	if err := s.connectSimulated(ctx, parameters["Accounts"]); err != nil {
		return err
	}
	if err := s.startFunctions(parameters); err != nil {
		return err
	}
	if err := s.startPollers(); err != nil {
		return err
	}
	return s.startFronts(front, simulator, parameters)
}

// startFunctions gives every function its environment and its binary.
func (s *System) startFunctions(parameters map[string]string) error {
	if err := s.letPagesIn(parameters); err != nil {
		return err
	}
	locals := s.locals(parameters)
	cfg := lambda.Config{Clock: s.clock.Now, Log: s.log, Output: s.opts.Output, Region: region, Account: account}
	all := map[string]map[string]string{}
	for _, f := range s.tpl.Functions {
		env, err := s.tpl.Environment(f, locals)
		if err != nil {
			return err
		}
		for name, url := range s.engines {
			env[name] = url
		}
		all[f.ID] = env
		cfg.Functions = append(cfg.Functions, lambda.Function{
			Name: f.Name, Bootstrap: filepath.Join(s.opts.FunctionsDir, f.Name, "bootstrap"), Env: env, Timeout: f.Timeout,
			Concurrency: concurrency(f, s.tpl), MemoryMB: f.MemoryMiB,
		})
	}
	if err := s.writeEnvironments(all); err != nil {
		return err
	}
	functions, err := lambda.New(cfg)
	if err != nil {
		return fmt.Errorf("%w (make functions builds them)", err)
	}
	s.functions = functions
	s.atClose(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		return functions.Close(ctx)
	})
	return nil
}

// concurrency is how many environments of a function this machine runs at most: what its sources may use at once and one
// for the minute, or, behind HTTP, what is reserved for it; never more than a few for each core, since more processes
// than cores only wait for each other.
func concurrency(f template.Function, tpl *template.Template) int {
	wanted := f.Concurrency
	for _, source := range tpl.Sources {
		if source.Function == f.Name {
			wanted = max(wanted, source.MaxConcurrency, source.Parallel) + 1
		}
	}
	most := 4 * runtime.GOMAXPROCS(0)
	if wanted == 0 || wanted > most {
		return most
	}
	return wanted
}

func (s *System) startPollers() error {
	fromQueues, fromStreams, err := sourcesOf(s.tpl, s.tables.streams)
	if err != nil {
		return err
	}
	visibility := map[string]time.Duration{}
	for _, q := range s.tpl.Queues {
		visibility[q.Name()] = q.Visibility
	}
	service := queues{service: s.queues, visibility: visibility, received: new(sync.Map)}
	s.pollers, err = poller.New(poller.Config{
		Invoke: s.functions.Invoke, Queues: service, Letters: service, Streams: s.tables.client, Clock: s.clock.Now, Wall: s.opts.Wall,
		Log: s.log, Dir: filepath.Join(s.opts.DataDir, "streams"), Region: region, Account: account,
		FromQueues: fromQueues, FromStreams: fromStreams, EveryMinute: minutesOf(s.tpl),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.pollers.Run(ctx)
	}()
	s.atClose(func(stop context.Context) error {
		cancel()
		// What is under way gets a moment to end; what does not is tried again after the restart.
		select {
		case <-ended:
		case <-time.After(3 * time.Second):
		case <-stop.Done():
		}
		return nil
	})
	return nil
}

// startFronts serves the simulator and the main address.
func (s *System) startFronts(front, simulator net.Listener, parameters map[string]string) error {
	world, err := sim.New(sim.Config{
		Dir: filepath.Join(s.opts.DataDir, "sim"), WebhookBase: s.base, Base: s.outside,
		AppSecret: func() string { return s.opts.Secrets.MetaApp }, VerifyToken: s.opts.Secrets.MetaVerify,
		XConsumerSecret: s.opts.Secrets.X, LinkedInClientSecret: s.opts.Secrets.LinkedIn, XToken: xToken, LinkedInToken: linkedInToken,
		PageToken: pageToken, SiacToken: siacToken, SiacCallbackSecret: s.opts.Secrets.SiacCallback, Clock: s.clock.Now,
		Tick: func(ctx context.Context, at time.Time) error {
			_, _, err := machine{s}.Tick(ctx, at)
			return err
		},
		Log: s.log,
	})
	if err != nil {
		return err
	}
	s.serve("the simulator", simulator, world.Handler())
	s.atClose(func(context.Context) error { return world.Close() })
	if err := s.signIn(s.base, filepath.Join(s.opts.DataDir, "oidc-key.pem")); err != nil {
		return err
	}
	g, err := s.gateway(parameters)
	if err != nil {
		return err
	}
	s.serve("the system", front, s.front(g))
	return nil
}

// URL is where the system serves; SimURL is where the simulator does.
func (s *System) URL() string { return s.base }

// SimURL is where the simulator serves.
func (s *System) SimURL() string { return s.simBase }

// Failed gives the reason when the system cannot go on by itself; whoever started it should close it.
func (s *System) Failed() <-chan error { return s.failed }

func (s *System) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// atClose has f called when the system closes, last registered first.
func (s *System) atClose(f func(context.Context) error) { s.closers = append(s.closers, f) }

// Close stops everything in the reverse order of its start, within ctx. It may be called twice.
func (s *System) Close(ctx context.Context) error {
	var errs []error
	s.closing.Do(func() {
		for _, f := range slices.Backward(s.closers) {
			if err := f(ctx); err != nil {
				errs = append(errs, err)
			}
		}
	})
	return errors.Join(errs...)
}

// ignoreClosed drops the complaint that a listener is closed already, as its server does when it stops.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// newID makes a request id.
func newID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails; see crypto/rand
	return hex.EncodeToString(b[:])
}
