package sqs_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/sqs"
)

func TestHandOver(t *testing.T) {
	l := &line{}
	h := sqs.NewHandOver(l, map[outbox.Worker]string{outbox.Deliver: "work"}, "soon")
	if err := h.Work(t.Context(), outbox.Deliver, outbox.Message{ID: "m1", Group: "g", Attempt: 2}, "body"); err != nil {
		t.Fatal(err)
	}
	if err := h.Wait(t.Context(), "later", 1500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	work, soon := l.single[0], l.single[1]
	if *work.QueueUrl != "work" || *work.MessageBody != "body" || aws.ToString(work.MessageGroupId) != "g" || aws.ToString(work.MessageDeduplicationId) != "m1.2" {
		t.Errorf("to the worker: %+v", work)
	}
	if *soon.QueueUrl != "soon" || *soon.MessageBody != "later" || soon.DelaySeconds != 2 || soon.MessageGroupId != nil {
		t.Errorf("to the waiting queue: %+v", soon)
	}
	if err := h.Work(t.Context(), outbox.Escalate, outbox.Message{ID: "m1", Group: "g"}, "body"); !fault.Is(err, fault.Permanent) {
		t.Errorf("a worker without a queue: %v", err)
	}
}

func TestQueuePut(t *testing.T) {
	l := &line{}
	if err := sqs.NewQueue(l, "inbox").Put(t.Context(), "body"); err != nil {
		t.Fatal(err)
	}
	if in := l.single[0]; *in.QueueUrl != "inbox" || *in.MessageBody != "body" {
		t.Errorf("sent %+v", in)
	}
}
