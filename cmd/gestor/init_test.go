package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// empty is the least a function can be: what all of them share of the time to start.
const empty = `package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() { lambda.Start(func(context.Context) error { return nil }) }
`

// BenchmarkInit tells how long each function takes from its start to its first question for work, as a ratio to an empty
// function's in the same run: the ratio is ours, the milliseconds are the machine's. The functions are started with the
// settings of a running local system, by turns, so that what else the machine does falls on all alike.
func BenchmarkInit(b *testing.B) {
	w := start(b)
	raw, err := os.ReadFile(filepath.Join(w.data, "functions.json"))
	if err != nil {
		b.Fatal(err)
	}
	var settings map[string]map[string]string
	if err := json.Unmarshal(raw, &settings); err != nil {
		b.Fatal(err)
	}
	programs := map[string]string{"empty": buildEmpty(b)}
	for id := range settings {
		name := strings.ToLower(strings.TrimSuffix(id, "Function"))
		programs[id] = filepath.Join("..", "..", "build", runtime.GOARCH, name, "bootstrap")
	}
	polls := make(chan time.Time, 1)
	api := runtimeAPI(b, polls)
	const rounds = 21
	took := map[string][]time.Duration{}
	for range rounds {
		for _, id := range slices.Sorted(maps.Keys(programs)) {
			took[id] = append(took[id], firstPoll(b, programs[id], api, settings[id], polls))
		}
	}
	median := func(id string) time.Duration {
		slices.Sort(took[id])
		return took[id][rounds/2]
	}
	base := median("empty")
	for _, id := range slices.Sorted(maps.Keys(programs)) {
		fmt.Printf("  %-18s %8.2f ms to the first poll, %5.2f of an empty function\n",
			id, float64(median(id).Microseconds())/1000, float64(median(id))/float64(base))
	}
}

// buildEmpty builds the empty function with the flags of the real ones and the modules of this one.
func buildEmpty(b *testing.B) string {
	b.Helper()
	folder := b.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "main.go"), []byte(empty), 0o600); err != nil {
		b.Fatal(err)
	}
	program := filepath.Join(folder, "bootstrap")
	cmd := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc",
		"-ldflags", "-s -w -buildid=", "-o", program, filepath.Join(folder, "main.go"))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// runtimeAPI answers a function's first question for work with the instant it came, to us, and with nothing, to it.
func runtimeAPI(b *testing.B, polls chan<- time.Time) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, "/invocation/next") {
			polls <- time.Now()
		}
		<-req.Context().Done()
	})}
	go func() { _ = server.Serve(l) }()
	b.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

func firstPoll(b *testing.B, program, api string, settings map[string]string, polls <-chan time.Time) time.Duration {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program)
	cmd.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + api, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
	}
	for name, value := range settings {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stdout = os.Stderr
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	select {
	case at := <-polls:
		return at.Sub(began)
	case <-time.After(patience):
		b.Fatalf("%s never asked for work", program)
		return 0
	}
}
