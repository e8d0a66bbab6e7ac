package sqs_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/sqs"
)

func TestHandOver(t *testing.T) {
	l := &line{}
	h := sqs.NewHandOver(l, map[outbox.Worker]string{outbox.Deliver: "work", outbox.Fetch: "fetch"}, "soon")
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
	if err := h.Work(t.Context(), outbox.Fetch, outbox.Message{ID: "item-1", Group: "facebook/100", Attempt: 1}, "body"); err != nil {
		t.Fatal(err)
	}
	if fetch := l.single[2]; *fetch.QueueUrl != "fetch" || *fetch.MessageGroupId != "facebook/100" {
		t.Errorf("to fetch: %+v", fetch)
	}
	if err := h.Work(t.Context(), outbox.Escalate, outbox.Message{ID: "m1", Group: "g"}, "body"); !fault.Is(err, fault.Permanent) {
		t.Errorf("a worker without a queue: %v", err)
	}
}

// Whatever a network calls its item, its message can be handed over, and two of them stay two.
func TestHandOver_OddNames(t *testing.T) {
	taken := regexp.MustCompile("^[!-~]{1,128}$")
	l := &line{}
	h := sqs.NewHandOver(l, map[outbox.Worker]string{outbox.Fetch: "fetch"}, "")
	odd := []string{"", " ", "ñandú", "a\nb", strings.Repeat("a", 126), strings.Repeat("a", 127), strings.Repeat("a", 4000)}
	for _, id := range odd {
		if err := h.Work(t.Context(), outbox.Fetch, outbox.Message{ID: id, Group: "g" + id, Attempt: 1}, "body"); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for i, in := range l.single {
		group, dedup := aws.ToString(in.MessageGroupId), aws.ToString(in.MessageDeduplicationId)
		if !taken.MatchString(group) || !taken.MatchString(dedup) {
			t.Errorf("%q goes as group %q and id %q", odd[i], group, dedup)
		}
		seen[group], seen[dedup] = true, true
	}
	if len(seen) != 2*len(odd) {
		t.Errorf("%d names of %d", len(seen), 2*len(odd))
	}
	if got := aws.ToString(l.single[4].MessageDeduplicationId); got != odd[4]+".1" {
		t.Errorf("a name that is taken as it is goes as %q", got)
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
