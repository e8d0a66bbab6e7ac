package poller

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/cmd/gestor/internal/lambda"
)

func message(id, body string) Message {
	sum := md5.Sum([]byte(body))
	return Message{ID: id, Body: body, BodyMD5: hex.EncodeToString(sum[:]), Attributes: map[string]string{"ApproximateReceiveCount": "1"}}
}

func grouped(group string, i int) Message {
	m := message(group+strconv.Itoa(i), strconv.Itoa(i))
	m.Attributes["MessageGroupId"] = group
	return m
}

func TestQueue_event(t *testing.T) {
	shelf := newShelf()
	m := message("m1", `{"text":"<b>¿qué?</b> & más"}`)
	m.AttributesMD5 = "0123"
	m.MessageAttributes = map[string]Attribute{"kind": {DataType: "String", Text: "a"}, "raw": {DataType: "Binary", Binary: []byte{0, 1}}}
	shelf.put("inbox", m)
	got := make(chan []byte, 1)
	run(t, Config{
		Queues: shelf, FromQueues: []Queue{{Source: "inbox", Function: "intake"}},
		Invoke: func(_ context.Context, name string, payload []byte) (lambda.Result, error) {
			if name != "intake" {
				t.Errorf("function %q was invoked", name)
			}
			got <- payload
			return lambda.Result{}, nil
		},
	})
	payload := <-got
	if strings.Contains(string(payload), `\u003c`) {
		t.Error("the body is escaped for HTML; SQS's is not")
	}
	text := "a"
	want := events.SQSEvent{Records: []events.SQSMessage{{
		MessageId: "m1", ReceiptHandle: "r1", Body: m.Body, Md5OfBody: m.BodyMD5, Md5OfMessageAttributes: "0123",
		Attributes: map[string]string{"ApproximateReceiveCount": "1"},
		MessageAttributes: map[string]events.SQSMessageAttribute{
			"kind": {DataType: "String", StringValue: &text, StringListValues: []string{}, BinaryListValues: [][]byte{}},
			"raw":  {DataType: "Binary", BinaryValue: []byte{0, 1}, StringListValues: []string{}, BinaryListValues: [][]byte{}},
		},
		EventSourceARN: "arn:aws:sqs:us-east-1:000000000000:inbox", EventSource: "aws:sqs", AWSRegion: "us-east-1",
	}}}
	if diff := cmp.Diff(want, sqsEvent(t, payload)); diff != "" {
		t.Error(diff)
	}
}

// Every answer decides which of the messages a, b and c are deleted; the rest comes again.
func TestQueue_answers(t *testing.T) {
	all, none := "a b c", ""
	for name, c := range map[string]struct {
		payload string
		failure string
		deleted string
	}{
		"nothing":                 {payload: "", deleted: all},
		"null":                    {payload: `null`, deleted: all},
		"empty object":            {payload: `{}`, deleted: all},
		"null list":               {payload: `{"batchItemFailures":null}`, deleted: all},
		"empty list":              {payload: `{"batchItemFailures":[]}`, deleted: all},
		"one failed":              {payload: `{"batchItemFailures":[{"itemIdentifier":"b"}]}`, deleted: "a c"},
		"two failed, one twice":   {payload: `{"batchItemFailures":[{"itemIdentifier":"c"},{"itemIdentifier":"a"},{"itemIdentifier":"c"}]}`, deleted: "b"},
		"unknown identifier":      {payload: `{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"z"}]}`, deleted: none},
		"empty identifier":        {payload: `{"batchItemFailures":[{"itemIdentifier":""}]}`, deleted: none},
		"null identifier":         {payload: `{"batchItemFailures":[{"itemIdentifier":null}]}`, deleted: none},
		"wrong name of the field": {payload: `{"batchItemFailures":[{"ItemIdentifier":"b"}]}`, deleted: none},
		"identifier not a text":   {payload: `{"batchItemFailures":[{"itemIdentifier":7}]}`, deleted: none},
		"not a list":              {payload: `{"batchItemFailures":"b"}`, deleted: none},
		"a text":                  {payload: `"ok"`, deleted: none},
		"no JSON":                 {payload: `{"batchItemFailures":[`, deleted: none},
		"function error":          {payload: `{}`, failure: lambda.Unhandled, deleted: none},
		"timeout":                 {payload: `{}`, failure: lambda.Timeout, deleted: none},
	} {
		t.Run(name, func(t *testing.T) {
			shelf := newShelf()
			shelf.put("inbox", message("a", "1"), message("b", "2"), message("c", "3"))
			p, _ := run(t, Config{
				Queues: shelf, FromQueues: []Queue{{Source: "inbox", Function: "f", ReportFailures: true}},
				Invoke: func(context.Context, string, []byte) (lambda.Result, error) {
					return lambda.Result{Payload: []byte(c.payload), FunctionError: c.failure}, nil
				},
			})
			drain(t, p, shelf.quiet)
			if got := strings.Join(shelf.deleted, " "); got != c.deleted {
				t.Errorf("deleted %q, want %q", got, c.deleted)
			}
			if _, hidden := shelf.left(); hidden+len(shelf.deleted) != 3 {
				t.Errorf("%d messages hidden and %d deleted, want 3 in all", hidden, len(shelf.deleted))
			}
		})
	}
}

func TestQueue_withoutReportsOnlyErrorsCount(t *testing.T) {
	shelf := newShelf()
	shelf.put("inbox", message("a", "1"))
	p, _ := run(t, Config{
		Queues: shelf, FromQueues: []Queue{{Source: "inbox", Function: "f"}},
		Invoke: func(context.Context, string, []byte) (lambda.Result, error) {
			return lambda.Result{Payload: []byte(`{"batchItemFailures":[{"itemIdentifier":"a"}]}`)}, nil
		},
	})
	drain(t, p, shelf.quiet)
	if len(shelf.deleted) != 1 {
		t.Error("the answer of a source without ReportBatchItemFailures was read")
	}
}

func TestQueue_invocationThatNeverHappenedKeepsItsMessages(t *testing.T) {
	shelf := newShelf()
	shelf.put("inbox", message("a", "1"))
	p, _ := run(t, Config{
		Queues: shelf, FromQueues: []Queue{{Source: "inbox", Function: "f"}},
		Invoke: func(context.Context, string, []byte) (lambda.Result, error) { return lambda.Result{}, lambda.ErrClosed },
	})
	drain(t, p, shelf.quiet)
	if len(shelf.deleted) != 0 {
		t.Error("a message was deleted although its function did not run")
	}
}

func TestQueue_boundsConcurrency(t *testing.T) {
	const bound = 3
	shelf := newShelf()
	for i := range 12 {
		shelf.put("inbox", message(strconv.Itoa(i), "x"))
	}
	var mu sync.Mutex
	running, most := 0, 0
	full := make(chan struct{})
	visible := 0
	p, _ := run(t, Config{
		Queues: shelf, FromQueues: []Queue{{Source: "inbox", Function: "f", BatchSize: 1, MaxConcurrency: bound}},
		Invoke: func(context.Context, string, []byte) (lambda.Result, error) {
			mu.Lock()
			running++
			most = max(most, running)
			if running == bound {
				select {
				case <-full:
				default:
					visible, _ = shelf.left()
					close(full)
				}
			}
			mu.Unlock()
			<-full // nobody leaves before all places were taken once
			mu.Lock()
			running--
			mu.Unlock()
			return lambda.Result{}, nil
		},
	})
	<-full
	drain(t, p, shelf.quiet)
	if visible != 12-bound {
		t.Errorf("%d messages still visible while all places were taken, want %d", visible, 12-bound)
	}
	if most != bound || len(shelf.deleted) != 12 {
		t.Errorf("%d invocations at once, %d messages done; want %d and 12", most, len(shelf.deleted), bound)
	}
}

// Messages of a group reach the function in order and never two events of one group at once, whatever fails; different
// groups do run at once.
func TestQueue_fifoKeepsTheOrderOfAGroup(t *testing.T) {
	const groups, each = 4, 12
	shelf := newShelf()
	shelf.atOnce = 3
	for i := range each {
		for g := range groups {
			shelf.put("out.fifo", grouped(string(rune('a'+g)), i))
		}
	}
	var mu sync.Mutex
	next := map[string]int{}
	inside := map[string]int{}
	tried := map[string]int{}
	invoke := func(_ context.Context, _ string, payload []byte) (lambda.Result, error) {
		e := sqsEvent(t, payload)
		mu.Lock()
		here := map[string]bool{}
		for _, r := range e.Records {
			here[r.Attributes["MessageGroupId"]] = true
		}
		for g := range here {
			inside[g]++
			if inside[g] > 1 {
				t.Errorf("two events of group %s at once", g)
			}
		}
		mu.Unlock()
		time.Sleep(time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		var failed events.SQSEventResponse
		stopped := map[string]bool{}
		for _, r := range e.Records {
			g := r.Attributes["MessageGroupId"]
			tried[r.MessageId]++
			// Every third message fails the first time, and with it the rest of its group, as the contract with the
			// function says.
			number, err := strconv.Atoi(r.Body)
			if stopped[g] || err != nil || number%3 == 1 && tried[r.MessageId] == 1 {
				stopped[g] = true
				failed.BatchItemFailures = append(failed.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
				continue
			}
			if r.Body != strconv.Itoa(next[g]) {
				t.Errorf("group %s: message %s came when %d was next", g, r.Body, next[g])
			}
			next[g]++
		}
		for g := range here {
			inside[g]--
		}
		return answer(failed)
	}
	run(t, Config{
		Queues: shelf, Invoke: invoke,
		FromQueues: []Queue{{Source: "out.fifo", Function: "f", BatchSize: 3, MaxConcurrency: 3, ReportFailures: true}},
	})
	eventually(t, "every message is done", func() bool {
		shelf.giveBack("out.fifo")
		shelf.mu.Lock()
		defer shelf.mu.Unlock()
		return len(shelf.deleted) == groups*each
	})
}

func TestQueue_largeMessagesGoInSeveralEvents(t *testing.T) {
	for _, c := range []struct {
		queue   string
		failed  bool
		events  []string
		deleted int
	}{
		{queue: "inbox", events: []string{"a0 a1 a2 a3 a4", "a5 a6 a7"}, deleted: 8},
		{queue: "inbox", failed: true, events: []string{"a0 a1 a2 a3 a4", "a5 a6 a7"}, deleted: 7},
		{queue: "out.fifo", failed: true, events: []string{"a0 a1 a2 a3 a4"}, deleted: 4},
	} {
		t.Run(fmt.Sprint(c.queue, c.failed), func(t *testing.T) {
			shelf := newShelf()
			for i := range 8 {
				m := grouped("a", i)
				m.Body = strings.Repeat("x", 1<<20)
				shelf.put(c.queue, m)
			}
			var got []string
			p, _ := run(t, Config{
				Queues: shelf, FromQueues: []Queue{{Source: c.queue, Function: "f", ReportFailures: true}},
				Invoke: func(_ context.Context, _ string, payload []byte) (lambda.Result, error) {
					if len(payload) > lambda.MaxPayload {
						t.Errorf("an event of %d bytes", len(payload))
					}
					var ids []string
					var failed events.SQSEventResponse
					for _, r := range sqsEvent(t, payload).Records {
						ids = append(ids, r.MessageId)
						if c.failed && r.MessageId == "a4" {
							failed.BatchItemFailures = append(failed.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
						}
					}
					got = append(got, strings.Join(ids, " "))
					return answer(failed)
				},
			})
			drain(t, p, shelf.quiet)
			if diff := cmp.Diff(c.events, got); diff != "" {
				t.Error(diff)
			}
			if len(shelf.deleted) != c.deleted {
				t.Errorf("%d messages deleted, want %d", len(shelf.deleted), c.deleted)
			}
		})
	}
}

func TestQueue_windowFillsABatch(t *testing.T) {
	shelf := newShelf()
	shelf.atOnce = 2
	for i := range 24 {
		shelf.put("inbox", message(strconv.Itoa(i), "x"))
	}
	var mu sync.Mutex
	var sizes []int
	p, _ := run(t, Config{
		// The window never ends within the test: batches go because they are full.
		Queues: shelf, FromQueues: []Queue{{Source: "inbox", Function: "f", BatchSize: 12, Window: 5 * time.Minute}},
		Invoke: func(_ context.Context, _ string, payload []byte) (lambda.Result, error) {
			mu.Lock()
			defer mu.Unlock()
			sizes = append(sizes, len(sqsEvent(t, payload).Records))
			return lambda.Result{}, nil
		},
	})
	drain(t, p, shelf.quiet)
	if !slices.Equal(sizes, []int{12, 12}) {
		t.Errorf("batches of %v, want two of 12", sizes)
	}
}

func TestQueue_comesBackAfterAnErrorOfTheQueue(t *testing.T) {
	shelf := newShelf()
	shelf.fail(errors.New("down"))
	p, _ := run(t, Config{
		Queues: shelf, FromQueues: []Queue{{Source: "inbox", Function: "f"}},
		Invoke: func(context.Context, string, []byte) (lambda.Result, error) { return lambda.Result{}, nil },
	})
	time.Sleep(10 * time.Millisecond)
	shelf.fail(nil)
	shelf.put("inbox", message("a", "1"))
	drain(t, p, shelf.quiet)
	if len(shelf.deleted) != 1 {
		t.Error("the message was not handled")
	}
}

func TestNew_refusesQueues(t *testing.T) {
	for name, q := range map[string]Queue{
		"no function":           {Source: "q"},
		"no queue":              {Function: "f"},
		"FIFO with a window":    {Source: "q.fifo", Function: "f", Window: time.Second},
		"FIFO batch over 10":    {Source: "q.fifo", Function: "f", BatchSize: 11},
		"batch without window":  {Source: "q", Function: "f", BatchSize: 11},
		"batch over 10000":      {Source: "q", Function: "f", BatchSize: 10_001, Window: time.Second},
		"window over 5 minutes": {Source: "q", Function: "f", Window: 6 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := New(Config{Queues: newShelf(), FromQueues: []Queue{q}}); err == nil {
				t.Error("no error")
			}
		})
	}
}
