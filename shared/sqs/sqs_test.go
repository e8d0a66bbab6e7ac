package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/sqs"
)

// These tests fake the SDK's client or its server. The same package over the queue emulator is tested with the emulator.

// line is an SDK client that takes messages. It refuses bodies that refuse names, with that code, and whole calls from
// the downAt-th on (counted from 1).
type line struct {
	single []*awssqs.SendMessageInput
	calls  [][]string
	refuse map[string]string
	downAt int
	mute   bool
}

func (l *line) SendMessage(_ context.Context, in *awssqs.SendMessageInput, _ ...func(*awssqs.Options)) (*awssqs.SendMessageOutput, error) {
	l.single = append(l.single, in)
	return &awssqs.SendMessageOutput{}, nil
}

func (l *line) SendMessageBatch(_ context.Context, in *awssqs.SendMessageBatchInput, _ ...func(*awssqs.Options)) (*awssqs.SendMessageBatchOutput, error) {
	var bodies []string
	out := &awssqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		bodies = append(bodies, *e.MessageBody)
		switch code, bad := l.refuse[*e.MessageBody]; {
		case bad:
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: &code})
		case !l.mute:
			out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
		}
	}
	l.calls = append(l.calls, bodies)
	if l.downAt > 0 && len(l.calls) >= l.downAt {
		return nil, errors.New("no connection")
	}
	return out, nil
}

// failures lists what SendBatch reports: place and kind.
func failures(t *testing.T, err error) map[int]fault.Kind {
	t.Helper()
	got := map[int]fault.Kind{}
	var list *sqs.BatchError
	if err != nil && !errors.As(err, &list) {
		t.Fatalf("%v carries no BatchError", err)
	}
	if list != nil {
		for _, f := range list.Failed {
			got[f.Index] = fault.Of(f.Err)
		}
	}
	return got
}

func TestDelayIsRoundedUp(t *testing.T) {
	for delay, want := range map[time.Duration]int32{
		0: 0, time.Millisecond: 1, time.Second: 1, 10*time.Second + 1: 11, 15 * time.Minute: 900,
	} {
		l := &line{}
		if err := sqs.New(l).Send(t.Context(), "u", sqs.Message{Body: "x", Delay: delay}); err != nil {
			t.Fatal(err)
		}
		in := l.single[0]
		if in.DelaySeconds != want || in.MessageGroupId != nil || in.MessageDeduplicationId != nil {
			t.Errorf("delay %s: %d seconds, want %d, and no group or deduplication id", delay, in.DelaySeconds, want)
		}
	}
}

func TestRefusedBeforeItTravels(t *testing.T) {
	for name, m := range map[string]sqs.Message{
		"too long":   {Body: strings.Repeat("a", sqs.MaxBytes+1)},
		"too late":   {Body: "x", Delay: sqs.MaxDelay + 1},
		"before now": {Body: "x", Delay: -1},
	} {
		l := &line{}
		if err := sqs.New(l).Send(t.Context(), "u", m); !fault.Is(err, fault.Permanent) {
			t.Errorf("%s: Send: %v", name, err)
		}
		if err := sqs.New(l).SendBatch(t.Context(), "u", []sqs.Message{m}); !fault.Is(err, fault.Permanent) {
			t.Errorf("%s: SendBatch: %v", name, err)
		}
		if len(l.single)+len(l.calls) != 0 {
			t.Errorf("%s: a call was made", name)
		}
	}
}

// client is a Client over the real SDK client of a server.
func client(address string) *sqs.Client {
	return sqs.New(awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(address), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}))
}

func TestKindsOfAnswers(t *testing.T) {
	for _, c := range []struct {
		status      int
		shape, code string
		want        fault.Kind
	}{
		{400, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", fault.Permanent},
		{400, "InvalidParameterValueException", "InvalidParameterValue", fault.Permanent},
		{400, "InvalidMessageContents", "InvalidMessageContents", fault.Permanent},
		{400, "BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong", fault.Permanent},
		{400, "RequestThrottled", "RequestThrottled", fault.Transient},
		{400, "KmsDisabled", "KMS.DisabledException", fault.Transient},
		{403, "AccessDenied", "AccessDenied", fault.Transient},
		{500, "InternalFailure", "InternalFailure", fault.Transient},
		{503, "ServiceUnavailable", "ServiceUnavailable", fault.Transient},
		{418, "SomethingNew", "SomethingNew", fault.Transient},
	} {
		for _, old := range []bool{true, false} { // with the name of the older protocol, and without
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if old {
					w.Header().Set("X-Amzn-Query-Error", c.code+";Sender")
				}
				w.WriteHeader(c.status)
				_, _ = fmt.Fprintf(w, `{"__type":"com.amazonaws.sqs#%s","message":"m"}`, c.shape)
			}))
			one := client(server.URL).Send(t.Context(), server.URL+"/0/q", sqs.Message{Body: "palabras"})
			many := client(server.URL).SendBatch(t.Context(), server.URL+"/0/q", []sqs.Message{{Body: "palabras"}})
			server.Close()
			if fault.Of(one) != c.want || fault.Of(many) != c.want {
				t.Errorf("%s: Send: %v; SendBatch: %v; want %v", c.shape, one, many, c.want)
			}
			if strings.Contains(one.Error()+many.Error(), "palabras") {
				t.Errorf("%s: the error quotes the body", c.shape)
			}
		}
	}
}

func TestNoAnswer(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if err := client(gone.URL).Send(t.Context(), gone.URL+"/0/q", sqs.Message{Body: "x"}); !fault.Is(err, fault.Transient) {
		t.Errorf("no connection: %v", err)
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html>"))
	}))
	defer page.Close()
	if err := client(page.URL).Send(t.Context(), page.URL+"/0/q", sqs.Message{Body: "x"}); !fault.Is(err, fault.Transient) {
		t.Errorf("an answer we do not know: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := client(page.URL).Send(ctx, page.URL+"/0/q", sqs.Message{Body: "x"})
	if !fault.Is(err, fault.Transient) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestChunks(t *testing.T) {
	l := &line{}
	var messages []sqs.Message
	for i := range 25 {
		messages = append(messages, sqs.Message{Body: fmt.Sprint(i)})
	}
	if err := sqs.New(l).SendBatch(t.Context(), "u", messages); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, call := range l.calls {
		sizes = append(sizes, len(call))
	}
	if diff := cmp.Diff([]int{10, 10, 5}, sizes); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	half := sqs.Message{Body: strings.Repeat("a", sqs.MaxBytes/2)}
	l = &line{}
	if err := sqs.New(l).SendBatch(t.Context(), "u", []sqs.Message{half, half, half}); err != nil || len(l.calls) != 2 {
		t.Errorf("three halves of 1 MiB: %d calls, %v; want 2", len(l.calls), err)
	}
	l = &line{}
	if err := sqs.New(l).SendBatch(t.Context(), "u", nil); err != nil || len(l.calls) != 0 {
		t.Errorf("nothing to send: %d calls, %v", len(l.calls), err)
	}
}

func TestGroupsDoNotShareACall(t *testing.T) {
	l := &line{}
	var messages []sqs.Message
	for i, group := range []string{"a", "b", "a", "a", "c", "b"} {
		messages = append(messages, sqs.Message{Body: fmt.Sprint(group, i), Group: group, Dedup: fmt.Sprint(i)})
	}
	if err := sqs.New(l).SendBatch(t.Context(), "u", messages); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"a0", "b1", "c4"}, {"a2", "b5"}, {"a3"}}, l.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestFailureStopsItsGroupOnly(t *testing.T) {
	l := &line{refuse: map[string]string{"a0": "InvalidMessageContents", "b3": "InternalError"}}
	err := sqs.New(l).SendBatch(t.Context(), "u", []sqs.Message{
		{Body: "a0", Group: "a"}, {Body: "b1", Group: "b"}, {Body: "a2", Group: "a"}, {Body: "b3", Group: "b"}, {Body: "b4", Group: "b"},
	})
	want := map[int]fault.Kind{0: fault.Permanent, 2: fault.Transient, 3: fault.Transient, 4: fault.Transient}
	if diff := cmp.Diff(want, failures(t, err)); diff != "" || !fault.Is(err, fault.Transient) {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([][]string{{"a0", "b1"}, {"b3"}}, l.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	all := sqs.New(&line{refuse: map[string]string{"x": "InvalidMessageContents"}}).SendBatch(t.Context(), "u", []sqs.Message{{Body: "x"}, {Body: "y"}})
	if !fault.Is(all, fault.Permanent) {
		t.Errorf("only what never works failed: %v, want Permanent", all)
	}
}

func TestNoMoreCallsAfterOneThatFails(t *testing.T) {
	l := &line{downAt: 2}
	messages := make([]sqs.Message, 35)
	for i := range messages {
		messages[i].Body = fmt.Sprint(i)
	}
	got := failures(t, sqs.New(l).SendBatch(t.Context(), "u", messages))
	if _, first := got[9]; first || len(got) != 25 || got[34] != fault.Transient || len(l.calls) != 2 {
		t.Errorf("%d failures, %d calls: %v; want places 10 to 34 and 2 calls", len(got), len(l.calls), got)
	}
}

func TestUnmentionedMessageIsNotSent(t *testing.T) {
	err := sqs.New(&line{mute: true, refuse: map[string]string{"a": "InternalError"}}).SendBatch(t.Context(), "u", []sqs.Message{{Body: "a"}, {Body: "b"}})
	if diff := cmp.Diff(map[int]fault.Kind{0: fault.Transient, 1: fault.Transient}, failures(t, err)); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
	var api smithy.APIError
	if !errors.As(err, &api) && !strings.Contains(err.Error(), "InternalError") {
		t.Errorf("the error does not say why: %v", err)
	}
}
