package queue_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"
)

func TestDedupWindow(t *testing.T) {
	b := start(t)
	first := b.send("out.fifo", "uno", "g", "d1")
	repeat := b.send("out.fifo", "uno", "g", "d1")
	if *first.MessageId != *repeat.MessageId || *first.SequenceNumber != *repeat.SequenceNumber {
		t.Error("a repeat must get the first message's identity")
	}
	b.send("out.fifo", "dos", "g", "d2")
	b.depth("out.fifo", 2, 0, 0)
	got := b.receive("out.fifo")
	if diff := cmp.Diff([]string{"uno", "dos"}, bodies(got)); diff != "" {
		t.Fatalf("received (-want +got):\n%s", diff)
	}
	if got[0].Attributes["SequenceNumber"] != *first.SequenceNumber || got[0].Attributes["MessageGroupId"] != "g" || got[0].Attributes["MessageDeduplicationId"] != "d1" {
		t.Errorf("attributes: %v", got[0].Attributes)
	}
	for _, m := range got {
		b.remove("out.fifo", m)
	}
	b.clock.advance(5*time.Minute - time.Second)
	b.send("out.fifo", "uno", "g", "d1")
	b.depth("out.fifo", 0, 0, 0) // deleted, and still a repeat
	b.clock.advance(time.Second)
	later := b.send("out.fifo", "uno", "g", "d1")
	if *later.MessageId == *first.MessageId {
		t.Error("after five minutes a resend is a new message")
	}
	b.depth("out.fifo", 1, 0, 0)
}

func TestGroupLock(t *testing.T) {
	b := start(t)
	for i, group := range []string{"a", "a", "b", "a", "b", "c"} {
		b.send("out.fifo", fmt.Sprint(group, i), group, fmt.Sprint("d", i))
	}
	a := b.receiveUpTo("out.fifo", 2)
	if diff := cmp.Diff([]string{"a0", "a1"}, bodies(a)); diff != "" {
		t.Fatalf("the oldest group first (-want +got):\n%s", diff)
	}
	rest := b.receive("out.fifo")
	if diff := cmp.Diff([]string{"b2", "b4", "c5"}, bodies(rest)); diff != "" {
		t.Fatalf("a's third message must wait (-want +got):\n%s", diff)
	}
	b.remove("out.fifo", a[0])
	if got := b.receive("out.fifo"); len(got) != 0 {
		t.Fatalf("a is still locked by its second message, got %v", bodies(got))
	}
	b.remove("out.fifo", a[1])
	if diff := cmp.Diff([]string{"a3"}, bodies(b.receive("out.fifo"))); diff != "" {
		t.Fatalf("the lock ends with the last delete (-want +got):\n%s", diff)
	}
}

func TestGroupOrderAfterRelease(t *testing.T) {
	b := start(t)
	for i := range 3 {
		b.send("out.fifo", fmt.Sprint("m", i), "g", fmt.Sprint("d", i))
	}
	got, err := b.Receive(t.Context(), "out.fifo", 3, 0)
	if err != nil || len(got) != 3 {
		t.Fatalf("receive: %v, %d messages", err, len(got))
	}
	for _, i := range []int{2, 0} {
		if err := b.Release(got[i].Receipt, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Release(got[1].Receipt, time.Minute); err != nil {
		t.Fatal(err)
	}
	if again := b.receive("out.fifo"); len(again) != 0 {
		t.Fatalf("the group waits for its deferred message, got %v", bodies(again))
	}
	if !b.Idle() {
		t.Error("a message given back for later is no work")
	}
	b.clock.advance(time.Minute)
	again := b.receive("out.fifo")
	if diff := cmp.Diff([]string{"m0", "m1", "m2"}, bodies(again)); diff != "" {
		t.Fatalf("order after release (-want +got):\n%s", diff)
	}
}

func TestExpiredReceiptOfAFifoQueueIsRefused(t *testing.T) {
	b := start(t)
	b.send("out.fifo", "uno", "g", "d")
	got := b.receive("out.fifo")
	b.clock.advance(30 * time.Second)
	_, err := b.sdk.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: b.url("out.fifo"), ReceiptHandle: got[0].ReceiptHandle})
	if code(err) != "InvalidParameterValue" {
		t.Errorf("delete with an expired receipt: %v", err)
	}
	b.depth("out.fifo", 1, 0, 0)
}

func TestDeadLettersAndRedrive(t *testing.T) {
	b := start(t)
	sent := b.send("inbox", "malo", "", "")
	for range 2 {
		if len(b.receive("inbox")) != 1 {
			t.Fatal("not received")
		}
		b.clock.advance(30 * time.Second)
	}
	b.depth("inbox", 1, 0, 0)
	if len(b.receive("inbox")) != 0 {
		t.Fatal("received once more than allowed")
	}
	dead := receiveOne(t, b, "inbox-dead")
	if dead.ID != *sent.MessageId || dead.System["DeadLetterQueueSourceArn"] != "arn:aws:sqs:us-east-1:000000000000:inbox" {
		t.Errorf("dead letter: %+v", dead)
	}
	if n, err := b.Redrive(t.Context(), "inbox-dead"); n != 0 || err != nil {
		t.Errorf("a held letter stays: moved %d, %v", n, err)
	}
	if err := b.Release(dead.Receipt, 0); err != nil {
		t.Fatal(err)
	}
	if n, err := b.Redrive(t.Context(), "inbox-dead"); n != 1 || err != nil {
		t.Fatalf("redrive: moved %d, %v", n, err)
	}
	b.depth("inbox-dead", 0, 0, 0)
	back := b.receive("inbox")
	if len(back) != 1 || count(back[0]) != 1 || *back[0].MessageId == *sent.MessageId {
		t.Errorf("redriven: %v, want a new message received for the first time", back)
	}
}

// receiveOne gets the one message of a queue, also when it is about to arrive.
func receiveOne(t *testing.T, b *bench, name string) queueMessage {
	t.Helper()
	got, err := b.Receive(t.Context(), name, 10, time.Minute)
	if err != nil || len(got) != 1 {
		t.Fatalf("receive %s: %v, %d messages, want 1", name, err, len(got))
	}
	return got[0]
}

func TestDeadLettersOfAGroup(t *testing.T) {
	b := start(t)
	b.send("out.fifo", "malo", "g", "d1")
	for range 2 {
		if diff := cmp.Diff([]string{"malo"}, bodies(b.receiveUpTo("out.fifo", 1))); diff != "" {
			t.Fatalf("head of the group (-want +got):\n%s", diff)
		}
		b.clock.advance(30 * time.Second)
	}
	b.send("out.fifo", "bueno", "g", "d2")
	if diff := cmp.Diff([]string{"bueno"}, bodies(b.receive("out.fifo"))); diff != "" {
		t.Fatalf("the group goes on without its dead head (-want +got):\n%s", diff)
	}
	if dead := receiveOne(t, b, "out-dead.fifo"); dead.Body != "malo" || dead.System["MessageGroupId"] != "g" {
		t.Errorf("dead letter: %+v", dead)
	}
}

func TestDeleteAfterDeathLeavesTheLetter(t *testing.T) {
	b := start(t)
	b.send("inbox", "malo", "", "")
	b.receive("inbox")
	b.clock.advance(30 * time.Second)
	last := b.receive("inbox")
	b.clock.advance(30 * time.Second)
	b.receive("inbox") // moves it
	for visible := 0; visible == 0; visible, _, _ = b.Depth("inbox-dead") {
		runtime.Gosched()
	}
	b.remove("inbox", last[0])
	receiveOne(t, b, "inbox-dead")
}

func TestRedriveWithoutOrigin(t *testing.T) {
	b := start(t)
	b.send("inbox", "x", "", "")
	if n, err := b.Redrive(t.Context(), "inbox"); n != 0 || err == nil {
		t.Errorf("moved %d, %v; want an error: no queue has this one as dead letters", n, err)
	}
	b.send("inbox-dead", "enviado directo", "", "")
	if n, err := b.Redrive(t.Context(), "inbox-dead"); n != 1 || err != nil {
		t.Errorf("moved %d, %v; want 1: only inbox has it as dead letters", n, err)
	}
	b.depth("inbox", 2, 0, 0)
	if _, err := b.Redrive(t.Context(), "nowhere"); err == nil {
		t.Error("redrive of an unknown queue: no error")
	}
}

func TestFairGroupOfAStandardQueueLocksNothing(t *testing.T) {
	b := start(t)
	for i := range 2 {
		if _, err := b.sdk.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: b.url("inbox"), MessageBody: aws.String(fmt.Sprint(i)), MessageGroupId: aws.String("tenant"),
		}); err != nil {
			t.Fatal(err)
		}
	}
	b.receiveUpTo("inbox", 1)
	if got := b.receive("inbox"); len(got) != 1 || got[0].Attributes["MessageGroupId"] != "tenant" {
		t.Errorf("second message of the group: %v", got)
	}
}
