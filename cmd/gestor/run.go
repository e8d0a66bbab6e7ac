package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/system"
	"sence.gob.cl/gestor/infra/golden"
)

const runHelp = `usage: gestor run

Starts the whole local system in the foreground: console, API and webhooks on 127.0.0.1:8080, simulated networks and SIAC
on 127.0.0.1:8090, data in .gestor. SIGTERM or Ctrl-C stops it; a restart finds its data. The functions must be built
(make run builds them).

Environment:
  GESTOR_ADDR, GESTOR_SIM_ADDR   addresses to serve on
  GESTOR_DATA                    folder of everything that survives a restart
  GESTOR_FUNCTIONS               folder of <function>/bootstrap (default build/ARCH)
  GESTOR_DYNAMODB                endpoint of another DynamoDB than the one from npm
  GESTOR_ACCOUNTS                file with our accounts, {"facebook":["<id>",…],…}
  GESTOR_ESCALATE_UNDO           how long an escalation may be undone (default 10m)
  GESTOR_DOUBT_HOURS             business hours a doubt may wait for a person (default 4)
  GESTOR_X_DAILY_USD             what a day on X may cost (default 5)
  GESTOR_META_APP_SECRET, GESTOR_META_APP_SECRET_PREVIOUS, GESTOR_META_VERIFY_TOKEN, GESTOR_SIAC_CALLBACK_SECRET
  GESTOR_OIDC_ISSUER, GESTOR_OIDC_AUDIENCE, GESTOR_OIDC_CLIENT_ID, GESTOR_OIDC_DOMAIN
                                 another issuer of tokens than the local one, and the origin of its token endpoint if another
  GESTOR_ENGINE_HOST             address of the emulators, for containers on a private bridge (default 127.0.0.1)
  GESTOR_LOG                     debug, info, warn (default) or error
`

// stopTimeout is how long a stop may take; a service manager kills after 10 s.
const stopTimeout = 8 * time.Second

func runLocal(ctx context.Context, args []string, term terminal) int {
	set := flag.NewFlagSet("run", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprint(term.out, runHelp)
		return exitDone
	} else if err != nil {
		return term.misuse("run", err)
	}
	if set.NArg() > 0 {
		return term.misuse("run", fmt.Errorf("unexpected argument %q", set.Arg(0)))
	}
	options, err := runOptions(term)
	if err != nil {
		return term.fail("run", err)
	}
	if err := os.MkdirAll(options.DataDir, 0o700); err != nil {
		return term.fail("run", err)
	}
	output, err := openOutput(filepath.Join(options.DataDir, "functions.log"))
	if err != nil {
		return term.fail("run", err)
	}
	defer func() { _ = output.Close() }()
	options.Output = output
	s, err := system.Start(ctx, options)
	if err != nil {
		return term.fail("run", err)
	}
	_, _ = fmt.Fprintf(term.out, "gestor ready: %s  (simulador: %s)\n", s.URL(), s.SimURL())
	select {
	case <-ctx.Done():
		err = nil
	case err = <-s.Failed():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err = errors.Join(err, s.Close(stop)); err != nil {
		return term.fail("run", err)
	}
	return exitDone
}

// runOptions reads the environment.
func runOptions(term terminal) (system.Options, error) {
	level := slog.LevelWarn
	if text := term.env("GESTOR_LOG"); text != "" {
		if err := level.UnmarshalText([]byte(text)); err != nil {
			return system.Options{}, fmt.Errorf("GESTOR_LOG %q is not debug, info, warn or error", text)
		}
	}
	o := system.Options{
		Addr:         term.setting("GESTOR_ADDR", "127.0.0.1:8080"),
		SimAddr:      term.setting("GESTOR_SIM_ADDR", "127.0.0.1:8090"),
		EngineHost:   term.setting("GESTOR_ENGINE_HOST", "127.0.0.1"),
		DataDir:      term.setting("GESTOR_DATA", ".gestor"),
		FunctionsDir: term.setting("GESTOR_FUNCTIONS", beside(filepath.Join("build", runtime.GOARCH))),
		Dynoxide:     beside(dynoxidePath),
		DynamoDB:     term.env("GESTOR_DYNAMODB"),
		Template:     golden.Template(),
		EscalateUndo: term.env("GESTOR_ESCALATE_UNDO"),
		DoubtHours:   term.env("GESTOR_DOUBT_HOURS"),
		XDailyUSD:    term.env("GESTOR_X_DAILY_USD"),
		Secrets: system.Secrets{
			MetaApp: term.secret("GESTOR_META_APP_SECRET"), MetaAppPrevious: term.env("GESTOR_META_APP_SECRET_PREVIOUS"),
			X: term.secret("GESTOR_X_CONSUMER_SECRET"), XPrevious: term.env("GESTOR_X_CONSUMER_SECRET_PREVIOUS"),
			LinkedIn: term.secret("GESTOR_LINKEDIN_CLIENT_SECRET"), LinkedInPrevious: term.env("GESTOR_LINKEDIN_CLIENT_SECRET_PREVIOUS"),
			MetaVerify: term.secret("GESTOR_META_VERIFY_TOKEN"), SiacCallback: term.secret("GESTOR_SIAC_CALLBACK_SECRET"),
		},
		OIDC: system.OIDC{
			Issuer: term.env("GESTOR_OIDC_ISSUER"), Audience: term.env("GESTOR_OIDC_AUDIENCE"), Client: term.env("GESTOR_OIDC_CLIENT_ID"),
			Domain: term.env("GESTOR_OIDC_DOMAIN"),
		},
		Wall: time.Now,
		Log:  slog.New(slog.NewTextHandler(term.err, &slog.HandlerOptions{Level: level})),
	}
	for _, known := range secretNames() {
		o.Known = append(o.Known, known)
	}
	if file := term.env("GESTOR_ACCOUNTS"); file != "" {
		text, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			return system.Options{}, fmt.Errorf("GESTOR_ACCOUNTS: %w", err)
		}
		o.Accounts = string(text)
	}
	return o, nil
}

// dynoxidePath is where npm puts the DynamoDB engine, from the root of the repository.
const dynoxidePath = "web/node_modules/@dynoxide/linux-x64/dynoxide"

// beside finds a path of the repository: from the working directory, else from where bin/gestor is.
func beside(path string) string {
	if _, err := os.Stat(path); err == nil {
		if whole, err := filepath.Abs(path); err == nil {
			return whole // functions start in folders of their own
		}
	}
	if program, err := os.Executable(); err == nil {
		near := filepath.Join(filepath.Dir(filepath.Dir(program)), path)
		if _, err := os.Stat(near); err == nil {
			return near
		}
	}
	return path
}

// maxOutput is how large the functions' log grows before it begins anew; the one before is kept.
const maxOutput = 64 << 20

// rotating is the functions' log. Its writer, the Lambda service, writes whole lines one at a time.
type rotating struct {
	path string
	file *os.File
	size int64
}

func openOutput(path string) (*rotating, error) {
	r := &rotating{path: path}
	return r, r.open()
}

func (r *rotating) open() error {
	f, err := os.OpenFile(r.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	r.file, r.size = f, info.Size()
	return nil
}

// Write appends to the log.
func (r *rotating) Write(p []byte) (int, error) {
	if r.size+int64(len(p)) > maxOutput {
		if err := errors.Join(r.file.Close(), os.Rename(r.path, r.path+".1"), r.open()); err != nil {
			return 0, err
		}
	}
	n, err := r.file.Write(p)
	r.size += int64(n)
	return n, err
}

// Close closes the log.
func (r *rotating) Close() error { return r.file.Close() }
