//go:build unix

// Package dynoxide runs the DynamoDB of the local system: the Dynoxide binary (npm @dynoxide/linux-x64, version 1.2.1) on
// a file in the data directory, with its tables.
//
// What Dynoxide does with streams, tried with 1.2.1: records are rows of the same SQLite file, written in the same
// transaction as the item, so they survive kill -9 and a restart; the stream's ARN and the shard's id (one shard for each
// table) stay the same, iterators hold no state and stay valid, sequence numbers are 1, 2, 3, … for each table and go on
// after a restart. An EndingSequenceNumber is listed although the shard is open. Records are never trimmed; see seed.go.
// A table that is deleted and made again gets a new ARN and still shows the records of the old one. A put that changes
// nothing gives a MODIFY record, where DynamoDB gives none.
package dynoxide

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/child"
	"sence.gob.cl/gestor/cmd/gestor/internal/durable"
)

const (
	// versionHeader is what tells Dynoxide from another server that was quicker to take the port.
	versionHeader = "X-Dynoxide-Version"
	fileName      = "dynamodb.sqlite"
	startTries    = 5
	healthPause   = 3 * time.Millisecond
)

// BinaryIn gives the path of the binary that npm installs below root, the top of the repository. There is one for Linux
// on x86-64 only; elsewhere the local system uses an endpoint the developer names.
func BinaryIn(root string) string {
	return filepath.Join(root, "web", "node_modules", "@dynoxide", "linux-x64", "dynoxide")
}

// Config says what to start. Dir is made when missing and belongs to one engine at a time.
type Config struct {
	Binary string
	Dir    string
	Log    *slog.Logger
}

// Engine is a running Dynoxide. It dies with this process.
type Engine struct {
	process  *child.Process
	endpoint string
	said     *tail
}

// Start runs Dynoxide on a free port of 127.0.0.1 and returns when it answers. Data of an earlier run is there again.
func Start(ctx context.Context, cfg Config) (*Engine, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("dynoxide.Start: %w", err)
	}
	path := filepath.Join(cfg.Dir, fileName)
	if err := plant(path, streamRetention); err != nil {
		return nil, fmt.Errorf("dynoxide.Start: %w", err)
	}
	var err error
	for range startTries {
		// The port may be taken between the moment we find it free and the moment Dynoxide binds it.
		var engine *Engine
		engine, err = start(ctx, cfg, path)
		if err == nil {
			return engine, nil
		}
		if ctx.Err() != nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			break
		}
	}
	return nil, fmt.Errorf("dynoxide.Start: %s: %w", cfg.Binary, err)
}

// plant puts the seed where no database is yet.
func plant(path string, keep time.Duration) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := seed(keep)
	if err != nil {
		return err
	}
	return durable.WriteFile(path, file)
}

func start(ctx context.Context, cfg Config, path string) (*Engine, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	e := &Engine{endpoint: "http://127.0.0.1:" + strconv.Itoa(port), said: &tail{}}
	e.process, err = child.Start(child.Spec{
		Path:   cfg.Binary,
		Args:   []string{"--host", "127.0.0.1", "--port", strconv.Itoa(port), "--db-path", path},
		Dir:    cfg.Dir,
		Stdout: e.said,
		Stderr: e.said,
	})
	if err != nil {
		return nil, err
	}
	version, err := e.await(ctx)
	if err != nil {
		e.process.Kill()
		<-e.process.Done()
		return nil, err
	}
	cfg.Log.Info("dynoxide started", slog.String("version", version), slog.String("endpoint", e.endpoint), slog.Int("pid", e.process.PID()))
	return e, nil
}

func freePort(ctx context.Context) (int, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("%s is no TCP address", listener.Addr())
	}
	return address.Port, nil
}

// await asks until Dynoxide answers, and gives its version.
func (e *Engine) await(ctx context.Context) (string, error) {
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport, Timeout: 2 * time.Second}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.endpoint+"/", nil)
		if err != nil {
			return "", err
		}
		if response, err := client.Do(request); err == nil {
			_ = response.Body.Close()
			if version := response.Header.Get(versionHeader); version != "" && response.StatusCode == http.StatusOK {
				return version, nil
			}
		}
		select {
		case <-e.process.Done():
			return "", fmt.Errorf("ended before it answered: %w: %s", e.exit(), e.said)
		case <-ctx.Done():
			return "", fmt.Errorf("no answer: %w", ctx.Err())
		case <-time.After(healthPause):
		}
	}
}

// Endpoint is the base URL for AWS_ENDPOINT_URL_DYNAMODB; streams answer there too.
func (e *Engine) Endpoint() string { return e.endpoint }

// Done is closed when the engine has ended, by Close or by itself.
func (e *Engine) Done() <-chan struct{} { return e.process.Done() }

// Err says how an engine that has ended by itself did so, with the last it printed. Call it after Done.
func (e *Engine) Err() error {
	<-e.process.Done()
	return fmt.Errorf("dynoxide: %w: %s", e.exit(), e.said)
}

func (e *Engine) exit() error {
	if err := e.process.Err(); err != nil {
		return err
	}
	return errors.New("exit status 0")
}

// Close asks the engine to end and kills it when ctx ends first; nothing that was acknowledged is lost either way.
func (e *Engine) Close(ctx context.Context) error {
	if err := e.process.Stop(ctx); err != nil {
		return fmt.Errorf("dynoxide.Close: %w", err)
	}
	return nil
}

// tail keeps the end of what the process prints.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const tailSize = 2 << 10

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	if over := len(t.last) - tailSize; over > 0 {
		t.last = append(t.last[:0:0], t.last[over:]...)
	}
	return len(p), nil
}

// String gives it in one line.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.Join(bytes.Fields(t.last), []byte(" ")))
}
