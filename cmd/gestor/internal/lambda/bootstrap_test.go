package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	runtime "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// The test binary is also the bootstrap it tests: started with a Runtime API in its environment, it is a function.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		bootstrap()
		return
	}
	os.Exit(m.Run())
}

// order is what a test asks its function to do.
type order struct {
	Do   string `json:"do"`
	Text string `json:"text,omitempty"`
	For  int64  `json:"for_ms,omitempty"`
}

// report is what the function answers.
type report struct {
	PID      int               `json:"pid"`
	Calls    int64             `json:"calls"`
	Request  string            `json:"request"`
	ARN      string            `json:"arn"`
	Deadline int64             `json:"deadline_ms"`
	Env      map[string]string `json:"env,omitempty"`
	Text     string            `json:"text,omitempty"`
}

func bootstrap() {
	switch os.Getenv("TEST_INIT") {
	case "exit":
		os.Exit(7)
	case "error":
		url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
		if post(url, `{"errorType":"Init.Broken","errorMessage":"no configuration"}`) != "202 Accepted" {
			os.Exit(9)
		}
		os.Exit(1)
	case "hang":
		select {}
	case "crash-once":
		marker := os.Getenv("TEST_MARKER")
		if _, err := os.Stat(marker); errors.Is(err, os.ErrNotExist) {
			_ = os.WriteFile(marker, nil, 0o600)
			os.Exit(3)
		}
	}
	if os.Getenv("TEST_INIT") == "leave" {
		leave()
	}
	var calls atomic.Int64
	runtime.Start(func(ctx context.Context, in order) (report, error) { return obey(ctx, in, calls.Add(1)) })
}

// leave answers one invocation and ends a while later without asking for more.
func leave() {
	root := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	resp, err := http.Get(root + "next")
	if err != nil {
		os.Exit(9)
	}
	_ = resp.Body.Close()
	post(root+resp.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", fmt.Sprintf(`{"pid":%d}`, os.Getpid()))
	time.Sleep(100 * time.Millisecond)
	os.Exit(4)
}

func obey(ctx context.Context, in order, calls int64) (report, error) {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	out := report{PID: os.Getpid(), Calls: calls, Request: lc.AwsRequestID, ARN: lc.InvokedFunctionArn, Deadline: deadline.UnixMilli()}
	switch in.Do {
	case "sleep":
		time.Sleep(time.Duration(in.For) * time.Millisecond)
	case "fail":
		return report{}, errors.New("refused on purpose")
	case "panic":
		panic("on purpose")
	case "exit":
		os.Exit(5)
	case "print":
		fmt.Print(in.Text)
		_ = os.Stdout.Sync()
	case "env":
		out.Env = map[string]string{}
		for _, pair := range os.Environ() {
			name, value, _ := strings.Cut(pair, "=")
			out.Env[name] = value
		}
	case "big":
		out.Text = strings.Repeat("x", MaxPayload)
	case "steal":
		// Answers an invocation that is not its own.
		url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/" + in.Text + "/response"
		out.Text = post(url, `{}`)
	}
	return out, nil
}

// post gives the status of the answer.
func post(url, body string) string {
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.Status
}

func encode(t *testing.T, in order) []byte {
	t.Helper()
	payload, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}
