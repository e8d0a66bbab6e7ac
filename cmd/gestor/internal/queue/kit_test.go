package queue_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"sence.gob.cl/gestor/cmd/gestor/internal/queue"
)

// monday is when every test begins.
var monday = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// testClock stands still until it is moved.
type testClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// specs are the queues of most tests: one of each kind with dead letters.
func specs() []queue.Spec {
	return []queue.Spec{
		{Name: "inbox", Visibility: 30 * time.Second, MaxReceive: 2, DeadLetters: "inbox-dead"},
		{Name: "inbox-dead"},
		{Name: "out.fifo", FIFO: true, Visibility: 30 * time.Second, MaxReceive: 2, DeadLetters: "out-dead.fifo"},
		{Name: "out-dead.fifo", FIFO: true},
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func open(t testing.TB, dir string, clock *testClock) *queue.Service {
	t.Helper()
	s, err := queue.Open(dir, specs(), clock.now, discard())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// bench is a running service with a real SDK client.
type bench struct {
	*queue.Service
	t     testing.TB
	clock *testClock
	dir   string
	sdk   *sqs.Client
	host  string
}

func start(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, clock: &testClock{at: monday}, dir: t.TempDir()}
	b.Service = open(t, b.dir, b.clock)
	server := httptest.NewServer(b.Service)
	t.Cleanup(server.Close)
	b.host = server.Listener.Addr().String()
	b.sdk = client(server)
	return b
}

// client is a real SDK client of the server, without retries.
func client(server *httptest.Server) *sqs.Client {
	return sqs.New(sqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

func (b *bench) url(name string) *string {
	return aws.String("http://" + b.host + "/000000000000/" + name)
}

// send sends over the SDK; group and dedup go to FIFO queues only.
func (b *bench) send(name, body, group, dedup string) *sqs.SendMessageOutput {
	b.t.Helper()
	in := &sqs.SendMessageInput{QueueUrl: b.url(name), MessageBody: &body}
	if group != "" {
		in.MessageGroupId = &group
	}
	if dedup != "" {
		in.MessageDeduplicationId = &dedup
	}
	out, err := b.sdk.SendMessage(b.t.Context(), in)
	if err != nil {
		b.t.Fatalf("send %s: %v", name, err)
	}
	return out
}

// receive asks once over the SDK for up to ten messages with all their attributes.
func (b *bench) receive(name string) []types.Message {
	b.t.Helper()
	return b.receiveUpTo(name, 10)
}

func (b *bench) receiveUpTo(name string, most int32) []types.Message {
	b.t.Helper()
	out, err := b.sdk.ReceiveMessage(b.t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: b.url(name), MaxNumberOfMessages: most, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		b.t.Fatalf("receive %s: %v", name, err)
	}
	return out.Messages
}

func (b *bench) remove(name string, m types.Message) {
	b.t.Helper()
	if _, err := b.sdk.DeleteMessage(b.t.Context(), &sqs.DeleteMessageInput{QueueUrl: b.url(name), ReceiptHandle: m.ReceiptHandle}); err != nil {
		b.t.Fatalf("delete %s: %v", name, err)
	}
}

// depth checks the three counts of a queue.
func (b *bench) depth(name string, visible, inFlight, delayed int) {
	b.t.Helper()
	v, f, d := b.Depth(name)
	if v != visible || f != inFlight || d != delayed {
		b.t.Errorf("depth of %s: visible %d, in flight %d, delayed %d; want %d, %d, %d", name, v, f, d, visible, inFlight, delayed)
	}
}

// bodies gives the messages' bodies in order.
func bodies(messages []types.Message) []string {
	out := []string{}
	for _, m := range messages {
		out = append(out, *m.Body)
	}
	return out
}

func count(m types.Message) int {
	n, _ := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
	return n
}

// code is the error code the SDK reports, empty without an API error.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// crash copies what is on disk now: what a kill would leave behind.
func crash(t testing.TB, dir string) string {
	t.Helper()
	image := t.TempDir()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a compaction's draft, renamed meanwhile
		}
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(image, entry.Name()), text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return image
}
