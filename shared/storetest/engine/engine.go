// Package engine starts a local DynamoDB for tests and makes tables of the deployed shape in it. Only tests import it.
package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Variable names the environment variable that gives another engine's endpoint, http://host:port.
const Variable = "GESTOR_DYNAMODB"

// binary is where `make tools` puts the engine, seen from the root of the repository.
const binary = "web/node_modules/@dynoxide/linux-x64/dynoxide"

// Engine is a DynamoDB that lives as long as the test that started it. Own tells that it is the one of `make tools`, whose
// figures of consumed capacity follow the service's.
type Engine struct {
	Endpoint string
	Client   *dynamodb.Client
	Own      bool
}

// Start gives the engine of GESTOR_DYNAMODB, or starts one in memory on a free port of the loopback address and stops it
// when the test ends. Without either the test fails with the line to type: a store that was not tried is not tested.
func Start(t testing.TB) *Engine {
	t.Helper()
	if endpoint := os.Getenv(Variable); endpoint != "" {
		return &Engine{Endpoint: endpoint, Client: client(endpoint)}
	}
	endpoint := start(t)
	return &Engine{Endpoint: endpoint, Client: client(endpoint), Own: true}
}

// start runs the binary. Another process may take the free port first, so it tries a few.
func start(t testing.TB) string {
	t.Helper()
	path, err := find()
	if err != nil {
		t.Fatalf("no DynamoDB engine: %v\nmake tools\n(or set %s=http://host:port)", err, Variable)
	}
	var last error
	for range 5 {
		port, err := freePort(t.Context())
		if err != nil {
			t.Fatalf("free port: %v", err)
		}
		if last = launch(t, path, port); last == nil {
			return "http://127.0.0.1:" + port
		}
	}
	t.Fatalf("start %s: %v", filepath.Base(path), last)
	return ""
}

// find looks for the binary in the repository the test runs in.
func find() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no go.mod above the working directory")
		}
		dir = parent
	}
	path := filepath.Join(dir, binary)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not there", binary)
	}
	return path, nil
}

func freePort(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// launch starts one process and waits until it answers. The thread that started it stays with it, because the kernel
// ends the process when that thread ends: a killed test leaves nothing behind.
func launch(t testing.TB, path, port string) error {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	cmd := exec.CommandContext(ctx, path, "--host", "127.0.0.1", "--port", port)
	cmd.SysProcAttr = dieWithParent()
	started, ended := make(chan error, 1), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	stop := func() {
		_ = cmd.Process.Kill()
		<-ended
	}
	if err := answers(ctx, "127.0.0.1:"+port, ended); err != nil {
		stop()
		return err
	}
	t.Cleanup(stop)
	return nil
}

// answers waits until the address accepts a connection while the process lives.
func answers(ctx context.Context, address string, ended <-chan struct{}) error {
	giveUp := time.After(10 * time.Second)
	dial := net.Dialer{Timeout: time.Second}
	for {
		select {
		case <-ended:
			return fmt.Errorf("the engine ended by itself")
		case <-giveUp:
			return fmt.Errorf("no answer at %s", address)
		case <-time.After(5 * time.Millisecond):
		}
		conn, err := dial.DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
	}
}

// client reaches the endpoint with keys no real service knows.
func client(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
		HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = 64
			t.Proxy = nil
		}),
	})
}

// uniqueName makes a name for a table of one test.
func uniqueName(kind string) string { return kind + "-" + strings.ToLower(rand.Text()[:12]) }
