package queue_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"sence.gob.cl/gestor/cmd/gestor/internal/queue"
)

// ledger checks that the messages of each group, which are numbered, are finished once and in their order.
type ledger struct {
	t    *testing.T
	b    *bench
	mu   sync.Mutex
	next map[string]int
	left int
}

// consume works until nothing is left. A batch that begins with an odd number fails as a whole the first time.
func (l *ledger) consume() {
	for !l.over() {
		got, err := l.b.Receive(l.t.Context(), "out.fifo", 3, 10*time.Millisecond)
		if err != nil {
			l.t.Error(err)
			return
		}
		fails := len(got) > 0 && got[0].System["ApproximateReceiveCount"] == "1" && strings.ContainsAny(got[0].Body[len(got[0].Body)-1:], "13579")
		for _, m := range got {
			if fails {
				err = l.b.Release(m.Receipt, 0)
			} else {
				l.finish(m)
				err = l.b.Delete(m.Receipt)
			}
			if err != nil {
				l.t.Error(err)
			}
		}
	}
}

func (l *ledger) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.left == 0 || l.t.Failed()
}

func (l *ledger) finish(m queue.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	group := m.System["MessageGroupId"]
	if m.Body != fmt.Sprint(l.next[group]) {
		l.t.Errorf("group %s: finished %s, want %d", group, m.Body, l.next[group])
	}
	l.next[group]++
	l.left--
}

// TestManyConsumersKeepOrder sends to 20 groups from as many goroutines and consumes from six, with failures on the way.
func TestManyConsumersKeepOrder(t *testing.T) {
	b := start(t)
	const groups, each = 20, 30
	l := &ledger{t: t, b: b, next: make(map[string]int), left: groups * each}
	var all sync.WaitGroup
	for g := range groups {
		all.Go(func() {
			for i := range each {
				out := queue.Outgoing{Body: fmt.Sprint(i), Group: fmt.Sprint("g", g), Dedup: fmt.Sprintf("%d-%d", g, i)}
				if _, err := b.Send(t.Context(), "out.fifo", out); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 6 {
		all.Go(l.consume)
	}
	all.Wait()
	b.depth("out.fifo", 0, 0, 0)
	b.depth("out-dead.fifo", 0, 0, 0)
}

func TestSameDedupFromManySenders(t *testing.T) {
	b := start(t)
	var senders sync.WaitGroup
	ids := make([]string, 16)
	for i := range ids {
		senders.Go(func() {
			id, err := b.Send(t.Context(), "out.fifo", queue.Outgoing{Body: "x", Group: "g", Dedup: "d"})
			if err != nil {
				t.Error(err)
			}
			ids[i] = id
		})
	}
	senders.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("16 senders of one id got different messages: %v", ids)
		}
	}
	b.depth("out.fifo", 1, 0, 0)
}

// BenchmarkSend sends 1 KB from 16 clients, each waiting for its answer.
func BenchmarkSend(b *testing.B) {
	body := string(make1KB())
	b.Run("go", func(b *testing.B) {
		k := start(b)
		parallel(b, k, func() error {
			_, err := k.Send(b.Context(), "inbox", queue.Outgoing{Body: body})
			return err
		})
	})
	b.Run("sdk", func(b *testing.B) {
		k := start(b)
		in := &sqs.SendMessageInput{QueueUrl: k.url("inbox"), MessageBody: aws.String(body)}
		parallel(b, k, func() error {
			_, err := k.sdk.SendMessage(b.Context(), in)
			return err
		})
	})
}

// BenchmarkCycle sends, receives and deletes 1 KB from 16 clients through the Go methods.
func BenchmarkCycle(b *testing.B) {
	body := string(make1KB())
	k := start(b)
	parallel(b, k, func() error {
		if _, err := k.Send(b.Context(), "inbox", queue.Outgoing{Body: body}); err != nil {
			return err
		}
		got, err := k.Receive(b.Context(), "inbox", 1, time.Minute)
		if err != nil || len(got) == 0 {
			return err
		}
		return k.Delete(got[0].Receipt)
	})
}

// parallel runs act b.N times from 16 goroutines and reports how many acts shared one sync of the disk.
func parallel(b *testing.B, k *bench, act func() error) {
	b.Helper()
	work := make(chan struct{}, b.N)
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	var clients sync.WaitGroup
	b.ResetTimer()
	for range 16 {
		clients.Go(func() {
			for range work {
				if err := act(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	clients.Wait()
	b.StopTimer()
	if err := k.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
	b.ReportMetric(float64(b.N)/float64(k.Syncs()), "acts/sync")
}

func make1KB() []byte {
	text := make([]byte, 1000)
	for i := range text {
		text[i] = 'a' + byte(i%26)
	}
	return text
}
