package queue_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"sence.gob.cl/gestor/cmd/gestor/internal/queue"
)

type queueMessage = queue.Message

// result is what a receiver in the background got.
type result struct {
	messages []queue.Message
	err      error
}

// wait starts a receiver that answers on the channel. It waits less than the visibility timeout, whose end would wake it
// too.
func wait(ctx context.Context, b *bench, name string) <-chan result {
	got := make(chan result, 1)
	go func() {
		messages, err := b.Receive(ctx, name, 10, 20*time.Second)
		got <- result{messages, err}
	}()
	return got
}

func TestLongPollWakesOnSend(t *testing.T) {
	b := start(t)
	got := make(chan []string, 1)
	go func() {
		out, err := b.sdk.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: b.url("inbox"), WaitTimeSeconds: 20})
		if err != nil {
			t.Error(err)
			got <- nil
			return
		}
		got <- bodies(out.Messages)
	}()
	b.Await("inbox", 1)
	b.send("inbox", "hola", "", "")
	if bodies := <-got; len(bodies) != 1 || bodies[0] != "hola" {
		t.Errorf("long poll answered %v, want the message", bodies)
	}
}

func TestEveryWaiterGetsOne(t *testing.T) {
	b := start(t)
	var waiters []<-chan result
	for range 4 {
		waiters = append(waiters, wait(t.Context(), b, "inbox"))
	}
	b.Await("inbox", 4)
	seen := make(map[string]bool)
	for range waiters {
		b.send("inbox", "m", "", "")
	}
	for _, w := range waiters {
		r := <-w
		for _, m := range r.messages {
			if seen[m.ID] {
				t.Errorf("message %s handed out twice", m.ID)
			}
			seen[m.ID] = true
		}
	}
	rest, _ := b.Receive(t.Context(), "inbox", 10, 0)
	if len(seen)+len(rest) != 4 {
		t.Errorf("%d messages received and %d left, want 4 in all", len(seen), len(rest))
	}
}

func TestClockJumpWakesReceivers(t *testing.T) {
	b := start(t)
	if _, err := b.Send(t.Context(), "inbox", queue.Outgoing{Body: "en 15 minutos", Delay: 15 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	waiter := wait(t.Context(), b, "inbox")
	b.Await("inbox", 1)
	b.clock.advance(15 * time.Minute)
	b.Wake()
	if r := <-waiter; r.err != nil || len(r.messages) != 1 {
		t.Errorf("after the jump: %v, %d messages, want 1", r.err, len(r.messages))
	}
}

func TestDelayEndsByItself(t *testing.T) {
	clock := time.Now // the one test on the machine's clock: a waiting receiver needs no Wake when time just passes
	s, err := queue.Open(t.TempDir(), specs(), clock, discard())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Send(t.Context(), "inbox", queue.Outgoing{Body: "x", Delay: 50 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Receive(t.Context(), "inbox", 1, time.Minute)
	if err != nil || len(got) != 1 {
		t.Errorf("got %d messages, %v; want 1", len(got), err)
	}
}

func TestReleaseWakesReceivers(t *testing.T) {
	b := start(t)
	b.send("inbox", "x", "", "")
	first := receiveOne(t, b, "inbox")
	waiter := wait(t.Context(), b, "inbox")
	b.Await("inbox", 1)
	if err := b.Release(first.Receipt, 0); err != nil {
		t.Fatal(err)
	}
	if r := <-waiter; len(r.messages) != 1 || r.messages[0].System["ApproximateReceiveCount"] != "2" {
		t.Errorf("after the release: %+v", r)
	}
}

func TestDeleteUnlocksTheGroupForAWaiter(t *testing.T) {
	b := start(t)
	b.send("out.fifo", "uno", "g", "d1")
	first := receiveOne(t, b, "out.fifo")
	b.send("out.fifo", "dos", "g", "d2")
	waiter := wait(t.Context(), b, "out.fifo")
	b.Await("out.fifo", 1)
	if err := b.Delete(first.Receipt); err != nil {
		t.Fatal(err)
	}
	if r := <-waiter; len(r.messages) != 1 || r.messages[0].Body != "dos" {
		t.Errorf("after the delete: %+v", r)
	}
}

func TestPollEndsWithTheClient(t *testing.T) {
	b := start(t)
	ctx, leave := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() {
		_, err := b.sdk.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: b.url("inbox"), WaitTimeSeconds: 20})
		over <- err
	}()
	b.Await("inbox", 1)
	leave()
	if err := <-over; !errors.Is(err, context.Canceled) {
		t.Errorf("client: %v", err)
	}
	b.Await("inbox", 0) // the server side has gone too
	b.send("inbox", "para otro", "", "")
	b.depth("inbox", 1, 0, 0)
}

func TestPollEndsWithTheContext(t *testing.T) {
	b := start(t)
	ctx, leave := context.WithCancel(t.Context())
	waiter := wait(ctx, b, "inbox")
	b.Await("inbox", 1)
	leave()
	if r := <-waiter; !errors.Is(r.err, context.Canceled) {
		t.Errorf("receive: %v", r.err)
	}
}

func TestCloseEndsPolls(t *testing.T) {
	b := start(t)
	waiter := wait(t.Context(), b, "inbox")
	b.Await("inbox", 1)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if r := <-waiter; r.err != nil || len(r.messages) != 0 {
		t.Errorf("receive on close: %+v, want nothing", r)
	}
	if _, err := b.Send(t.Context(), "inbox", queue.Outgoing{Body: "x"}); err == nil {
		t.Error("send after close: no error")
	}
	if _, err := b.Receive(t.Context(), "inbox", 1, 0); err == nil {
		t.Error("receive after close: no error")
	}
}

func TestIdle(t *testing.T) {
	b := start(t)
	expect := func(want bool, when string) {
		t.Helper()
		if b.Idle() != want {
			t.Errorf("idle %s: %t, want %t", when, !want, want)
		}
	}
	expect(true, "empty")
	b.send("inbox", "x", "", "")
	expect(false, "with a message")
	m := receiveOne(t, b, "inbox")
	expect(false, "while it is worked on")
	if err := b.Release(m.Receipt, time.Minute); err != nil {
		t.Fatal(err)
	}
	expect(true, "while it is put off")
	b.clock.advance(time.Minute)
	expect(false, "when its time has come")
	m = receiveOne(t, b, "inbox")
	if err := b.Delete(m.Receipt); err != nil {
		t.Fatal(err)
	}
	expect(true, "after the delete")
	b.send("inbox-dead", "x", "", "")
	expect(true, "with a dead letter")
}
