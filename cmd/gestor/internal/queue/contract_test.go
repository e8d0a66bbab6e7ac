package queue_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
)

func TestBatchOfTenWithAttributes(t *testing.T) {
	b := start(t)
	in := &sqs.SendMessageBatchInput{QueueUrl: b.url("inbox")}
	for i := range 10 {
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprint("e", i)), MessageBody: aws.String(fmt.Sprint("cuerpo ñandú ", i)),
			MessageAttributes: map[string]types.MessageAttributeValue{
				"timestamp": {DataType: aws.String("Number"), StringValue: aws.String("1493147359900")},
			},
		})
	}
	out, err := b.sdk.SendMessageBatch(t.Context(), in)
	if err != nil || len(out.Successful) != 10 || len(out.Failed) != 0 {
		t.Fatalf("batch: %v, %d sent, %d failed", err, len(out.Successful), len(out.Failed))
	}
	// the checksum that AWS gives for this attribute
	const sum = "235c5c510d26fb653d073faed50ae77c"
	if got := aws.ToString(out.Successful[0].MD5OfMessageAttributes); got != sum {
		t.Errorf("checksum of attributes at send: %s, want %s", got, sum)
	}
	got := b.receive("inbox")
	if len(got) != 10 {
		t.Fatalf("received %d, want 10", len(got))
	}
	for i, m := range got {
		if want := fmt.Sprint("cuerpo ñandú ", i); *m.Body != want {
			t.Errorf("message %d: %q, want %q", i, *m.Body, want)
		}
		if *m.MD5OfMessageAttributes != sum || *m.MessageAttributes["timestamp"].StringValue != "1493147359900" {
			t.Errorf("message %d: attributes %v with checksum %s", i, m.MessageAttributes, *m.MD5OfMessageAttributes)
		}
		want := map[string]string{
			"ApproximateReceiveCount": "1", "SenderId": "000000000000",
			"SentTimestamp": "1772452800000", "ApproximateFirstReceiveTimestamp": "1772452800000",
		}
		if diff := cmp.Diff(want, m.Attributes); diff != "" {
			t.Errorf("message %d: system attributes (-want +got):\n%s", i, diff)
		}
	}
	b.depth("inbox", 0, 10, 0)
}

func TestBinaryAndLabelledAttributes(t *testing.T) {
	b := start(t)
	out, err := b.sdk.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: b.url("inbox"), MessageBody: aws.String("x"),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"timestamp": {DataType: aws.String("Number.java.lang.Long"), StringValue: aws.String("1493147359900")},
		},
	})
	// the checksum that AWS gives for this attribute
	if err != nil || aws.ToString(out.MD5OfMessageAttributes) != "2e2e4876d8e0bd6b8c2c8f556831c349" {
		t.Errorf("labelled: %v, checksum %s", err, aws.ToString(out.MD5OfMessageAttributes))
	}
	raw := []byte{0, 1, 2, 255}
	_, err = b.sdk.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: b.url("inbox"), MessageBody: aws.String("y"),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"raw": {DataType: aws.String("Binary"), BinaryValue: raw}, "raw.text": {DataType: aws.String("String"), StringValue: aws.String("z")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.sdk.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: b.url("inbox"), MaxNumberOfMessages: 10, MessageAttributeNames: []string{"raw"},
	})
	if err != nil || len(got.Messages) != 2 {
		t.Fatalf("receive: %v, %d messages", err, len(got.Messages))
	}
	if diff := cmp.Diff(raw, got.Messages[1].MessageAttributes["raw"].BinaryValue); diff != "" {
		t.Errorf("binary attribute (-want +got):\n%s", diff)
	}
	if _, there := got.Messages[1].MessageAttributes["raw.text"]; there || len(got.Messages[1].Attributes) != 0 {
		t.Errorf("attributes nobody asked for: %v, %v", got.Messages[1].MessageAttributes, got.Messages[1].Attributes)
	}
}

func TestRedeliveryAfterVisibility(t *testing.T) {
	b := start(t)
	b.send("inbox", "uno", "", "")
	first := b.receive("inbox")
	if len(first) != 1 || len(b.receive("inbox")) != 0 {
		t.Fatal("a received message must be hidden")
	}
	b.clock.advance(29 * time.Second)
	if len(b.receive("inbox")) != 0 {
		t.Fatal("shown before its visibility timeout passed")
	}
	b.clock.advance(time.Second)
	again := b.receive("inbox")
	if len(again) != 1 || count(again[0]) != 2 {
		t.Fatalf("redelivered %v, want one with receive count 2", again)
	}
	if again[0].Attributes["ApproximateFirstReceiveTimestamp"] != first[0].Attributes["ApproximateFirstReceiveTimestamp"] {
		t.Error("the first receive must stay the first")
	}
	b.remove("inbox", first[0]) // replaced by the second receipt: deletes nothing
	b.depth("inbox", 0, 1, 0)
	b.remove("inbox", again[0])
	b.depth("inbox", 0, 0, 0)
	b.remove("inbox", again[0]) // gone already: no error
}

func TestExpiredReceiptOfAStandardQueueDeletes(t *testing.T) {
	b := start(t)
	b.send("inbox", "uno", "", "")
	got := b.receive("inbox")
	b.clock.advance(time.Hour)
	b.remove("inbox", got[0])
	b.depth("inbox", 0, 0, 0)
}

func TestChangeVisibility(t *testing.T) {
	b := start(t)
	b.send("inbox", "uno", "", "")
	b.send("inbox", "dos", "", "")
	got := b.receive("inbox")
	out, err := b.sdk.ChangeMessageVisibilityBatch(t.Context(), &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: b.url("inbox"),
		Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			{Id: aws.String("a"), ReceiptHandle: got[0].ReceiptHandle, VisibilityTimeout: 0},
			{Id: aws.String("b"), ReceiptHandle: got[1].ReceiptHandle, VisibilityTimeout: 600},
			{Id: aws.String("c"), ReceiptHandle: aws.String("nonsense"), VisibilityTimeout: 0},
		},
	})
	if err != nil || len(out.Successful) != 2 || len(out.Failed) != 1 || *out.Failed[0].Id != "c" {
		t.Fatalf("batch: %v, %+v", err, out)
	}
	b.depth("inbox", 1, 1, 0)
	b.clock.advance(599 * time.Second)
	if diff := cmp.Diff([]string{"uno"}, bodies(b.receive("inbox"))); diff != "" {
		t.Errorf("shown again (-want +got):\n%s", diff)
	}
	_, err = b.sdk.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{
		QueueUrl: b.url("inbox"), ReceiptHandle: got[0].ReceiptHandle, VisibilityTimeout: 0,
	})
	if code(err) != "AWS.SimpleQueueService.MessageNotInflight" {
		t.Errorf("change by a replaced receipt: %v", err)
	}
}

func TestDeleteBatchAndAttributes(t *testing.T) {
	b := start(t)
	for i := range 5 {
		b.send("inbox", fmt.Sprint("m", i), "", "")
	}
	got := b.receiveUpTo("inbox", 4)
	in := &sqs.DeleteMessageBatchInput{QueueUrl: b.url("inbox")}
	for i, m := range got[:3] {
		in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), ReceiptHandle: m.ReceiptHandle})
	}
	if out, err := b.sdk.DeleteMessageBatch(t.Context(), in); err != nil || len(out.Successful) != 3 {
		t.Fatalf("delete batch: %v", err)
	}
	out, err := b.sdk.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: b.url("inbox"), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"ApproximateNumberOfMessages": "1", "ApproximateNumberOfMessagesNotVisible": "1", "ApproximateNumberOfMessagesDelayed": "0",
		"QueueArn": "arn:aws:sqs:us-east-1:000000000000:inbox", "VisibilityTimeout": "30", "MessageRetentionPeriod": "345600",
		"MaximumMessageSize": "1048576", "DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "0",
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:inbox-dead","maxReceiveCount":2}`,
	}
	if diff := cmp.Diff(want, out.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	some, err := b.sdk.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: b.url("out.fifo"), AttributeNames: []types.QueueAttributeName{"FifoQueue", "QueueArn"},
	})
	if diff := cmp.Diff(map[string]string{"FifoQueue": "true", "QueueArn": "arn:aws:sqs:us-east-1:000000000000:out.fifo"}, some.Attributes); err != nil || diff != "" {
		t.Errorf("asked attributes: %v (-want +got):\n%s", err, diff)
	}
}

func TestDelay(t *testing.T) {
	b := start(t)
	if _, err := b.sdk.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: b.url("inbox"), MessageBody: aws.String("luego"), DelaySeconds: 10}); err != nil {
		t.Fatal(err)
	}
	b.depth("inbox", 0, 0, 1)
	if !b.Idle() {
		t.Error("a delayed message is no work")
	}
	b.clock.advance(9 * time.Second)
	if len(b.receive("inbox")) != 0 {
		t.Fatal("received before its delay passed")
	}
	b.clock.advance(time.Second)
	if len(b.receive("inbox")) != 1 {
		t.Fatal("not received after its delay")
	}
}

func TestQueuesByName(t *testing.T) {
	b := start(t)
	got, err := b.sdk.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("inbox")})
	if err != nil || *got.QueueUrl != *b.url("inbox") {
		t.Errorf("url: %v, %v", got, err)
	}
	list, err := b.sdk.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: aws.String("out")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{*b.url("out-dead.fifo"), *b.url("out.fifo")}, list.QueueUrls); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}

func TestPurge(t *testing.T) {
	b := start(t)
	for i := range 4 {
		b.send("inbox", fmt.Sprint("m", i), "", "")
	}
	b.send("inbox-dead", "queda", "", "")
	b.receiveUpTo("inbox", 2)
	if _, err := b.sdk.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: b.url("inbox")}); err != nil {
		t.Fatal(err)
	}
	b.depth("inbox", 0, 0, 0)
	b.depth("inbox-dead", 1, 0, 0)
	b.send("inbox", "nuevo", "", "")
	if diff := cmp.Diff([]string{"nuevo"}, bodies(b.receive("inbox"))); diff != "" {
		t.Errorf("after the purge (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	b := start(t)
	full := strings.Repeat("a", 1<<20)
	fifo := func(group, dedup string, delay int32) error {
		in := &sqs.SendMessageInput{QueueUrl: b.url("out.fifo"), MessageBody: aws.String("x"), DelaySeconds: delay}
		if group != "" {
			in.MessageGroupId = &group
		}
		if dedup != "" {
			in.MessageDeduplicationId = &dedup
		}
		_, err := b.sdk.SendMessage(t.Context(), in)
		return err
	}
	plain := func(body string, delay int32) error {
		_, err := b.sdk.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: b.url("inbox"), MessageBody: &body, DelaySeconds: delay})
		return err
	}
	batch := func(entries ...types.SendMessageBatchRequestEntry) error {
		_, err := b.sdk.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: b.url("inbox"), Entries: append([]types.SendMessageBatchRequestEntry{}, entries...)})
		return err
	}
	entry := func(id, body string) types.SendMessageBatchRequestEntry {
		return types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &body}
	}
	_, unknown := b.sdk.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: b.url("nowhere"), MessageBody: aws.String("x")})
	_, tooMany := b.sdk.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: b.url("inbox"), MaxNumberOfMessages: 11})
	_, unserved := b.sdk.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: b.url("inbox")})
	_, otherQueue := b.sdk.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: b.url("inbox"), ReceiptHandle: aws.String("b3RoZXI6eDox")})
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"one byte over 1 MiB", plain(full+"a", 0), "InvalidParameterValue"},
		{"control character", plain("a\x00b", 0), "InvalidMessageContents"},
		{"delay over 900", plain("x", 901), "InvalidParameterValue"},
		{"empty body", plain("", 0), "MissingParameter"},
		{"fifo without group", fifo("", "d", 0), "MissingParameter"},
		{"fifo without dedup", fifo("g", "", 0), "InvalidParameterValue"},
		{"fifo with delay", fifo("g", "d", 1), "InvalidParameterValue"},
		{"group of 129", fifo(strings.Repeat("g", 129), "d", 0), "InvalidParameterValue"},
		{"dedup with space", fifo("g", "a b", 0), "InvalidParameterValue"},
		{"unknown queue", unknown, "AWS.SimpleQueueService.NonExistentQueue"},
		{"eleven at once", tooMany, "InvalidParameterValue"},
		{"action not served", unserved, "AWS.SimpleQueueService.UnsupportedOperation"},
		{"receipt of another queue", otherQueue, "ReceiptHandleIsInvalid"},
		{"empty batch", batch(), "AWS.SimpleQueueService.EmptyBatchRequest"},
		{"same ids", batch(entry("a", "x"), entry("a", "y")), "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
		{"batch over 1 MiB", batch(entry("a", full), entry("b", "y")), "AWS.SimpleQueueService.BatchRequestTooLong"},
	} {
		if code(c.err) != c.want {
			t.Errorf("%s: %v, want code %s", c.name, c.err, c.want)
		}
	}
	b.depth("inbox", 0, 0, 0)
	b.depth("out.fifo", 0, 0, 0)
	if err := plain(full, 900); err != nil {
		t.Errorf("exactly 1 MiB and 900 seconds: %v", err)
	}
}

func TestPartOfABatchFails(t *testing.T) {
	b := start(t)
	out, err := b.sdk.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: b.url("inbox"), Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("bad"), MessageBody: aws.String("a\x01b")}, {Id: aws.String("good"), MessageBody: aws.String("bien")},
	}})
	if err != nil || len(out.Failed) != 1 || len(out.Successful) != 1 {
		t.Fatalf("batch: %v, %+v", err, out)
	}
	if f := out.Failed[0]; *f.Id != "bad" || *f.Code != "InvalidMessageContents" || !f.SenderFault {
		t.Errorf("failure: %+v", f)
	}
	if diff := cmp.Diff([]string{"bien"}, bodies(b.receive("inbox"))); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
}
