package queue_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"sence.gob.cl/gestor/shared/sqs"
)

// opinions are the parts of the second opinion, by name.
func opinions() map[string]func(context.Context, *service) error {
	return map[string]func(context.Context, *service) error{
		"a batch of ten keeps bodies and checksums":   batchOfTen,
		"a message given back is counted":             givenBack,
		"a batch of changes tells which failed":       changesByBatch,
		"counters":                                    counters,
		"a delayed message comes later":               delayed,
		"a waiting receive wakes on a send":           wakes,
		"a repeat is one message":                     repeats,
		"a repeat of what was deleted is none":        repeatsTheDeleted,
		"a repeat gets the first's identity":          identity,
		"a group waits for its first":                 groupWaits,
		"a released group keeps its order":            groupOrder,
		"received too often ends in the dead letters": deadLetters,
		"one of a batch fails":                        partOfABatch,
		"refusals":                                    refusals,
		"refused control characters":                  controlCharacters,
		"a queue of nobody":                           unknownQueue,
		"the adapter sends in order":                  throughTheAdapter,
	}
}

func batchOfTen(ctx context.Context, s *service) error {
	in := &awssqs.SendMessageBatchInput{QueueUrl: s.url("inbox")}
	for i := range 10 {
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprint("e", i)), MessageBody: aws.String(fmt.Sprint("cuerpo ñandú ", i)),
			MessageAttributes: map[string]types.MessageAttributeValue{
				"timestamp": {DataType: aws.String("Number"), StringValue: aws.String("1493147359900")},
			},
		})
	}
	out, err := s.sdk.SendMessageBatch(ctx, in)
	if err != nil {
		return err
	}
	// the checksum that AWS gives for this attribute
	const sum = "235c5c510d26fb653d073faed50ae77c"
	if len(out.Successful) != 10 || aws.ToString(out.Successful[0].MD5OfMessageAttributes) != sum {
		return fmt.Errorf("%d sent, checksum %s", len(out.Successful), aws.ToString(out.Successful[0].MD5OfMessageAttributes))
	}
	seen := map[string]bool{}
	got, err := s.receive(ctx, "inbox", 10, 0)
	for _, m := range got {
		seen[aws.ToString(m.Body)] = aws.ToString(m.MD5OfMessageAttributes) == sum && count(m) == 1
	}
	for i := range 10 {
		if err == nil && !seen[fmt.Sprint("cuerpo ñandú ", i)] {
			err = fmt.Errorf("message %d did not come as it was sent", i)
		}
	}
	return err
}

func givenBack(ctx context.Context, s *service) error {
	if _, err := s.send(ctx, "inbox", "uno", "", ""); err != nil {
		return err
	}
	first, err := s.expect(ctx, "inbox", 10, "uno")
	if err != nil {
		return err
	}
	if _, err := s.expect(ctx, "inbox", 10); err != nil {
		return fmt.Errorf("while it is worked: %w", err)
	}
	if err := s.show(ctx, "inbox", first[0]); err != nil {
		return err
	}
	again, err := s.expect(ctx, "inbox", 10, "uno")
	if err != nil {
		return err
	}
	if count(again[0]) != 2 {
		return fmt.Errorf("received %d times, want 2", count(again[0]))
	}
	return s.remove(ctx, "inbox", again[0])
}

func changesByBatch(ctx context.Context, s *service) error {
	if _, err := s.send(ctx, "inbox", "uno", "", ""); err != nil {
		return err
	}
	got, err := s.expect(ctx, "inbox", 10, "uno")
	if err != nil {
		return err
	}
	out, err := s.sdk.ChangeMessageVisibilityBatch(ctx, &awssqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: s.url("inbox"),
		Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			{Id: aws.String("a"), ReceiptHandle: got[0].ReceiptHandle}, {Id: aws.String("b"), ReceiptHandle: aws.String("nonsense")},
		},
	})
	if err != nil {
		return err
	}
	if len(out.Successful) != 1 || len(out.Failed) != 1 || aws.ToString(out.Failed[0].Id) != "b" {
		return fmt.Errorf("changed %+v, failed %+v", out.Successful, out.Failed)
	}
	_, err = s.expect(ctx, "inbox", 10, "uno")
	return err
}

func counters(ctx context.Context, s *service) error {
	for _, body := range []string{"uno", "dos", "tres"} {
		if _, err := s.send(ctx, "inbox", body, "", ""); err != nil {
			return err
		}
	}
	if _, err := s.receive(ctx, "inbox", 1, 0); err != nil {
		return err
	}
	out, err := s.sdk.GetQueueAttributes(ctx, &awssqs.GetQueueAttributesInput{
		QueueUrl: s.url("inbox"), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return err
	}
	for name, want := range map[string]string{
		"ApproximateNumberOfMessages": "2", "ApproximateNumberOfMessagesNotVisible": "1", "ApproximateNumberOfMessagesDelayed": "0",
		"VisibilityTimeout": "30", "MessageRetentionPeriod": "345600", "DelaySeconds": "0",
	} {
		if out.Attributes[name] != want {
			err = errors.Join(err, fmt.Errorf("%s is %q, want %q", name, out.Attributes[name], want))
		}
	}
	return err
}

func delayed(ctx context.Context, s *service) error {
	in := &awssqs.SendMessageInput{QueueUrl: s.url("inbox"), MessageBody: aws.String("luego"), DelaySeconds: 2}
	if _, err := s.sdk.SendMessage(ctx, in); err != nil {
		return err
	}
	if _, err := s.expect(ctx, "inbox", 10); err != nil {
		return fmt.Errorf("before its time: %w", err)
	}
	got, err := s.receive(ctx, "inbox", 10, 20)
	if err == nil && len(got) != 1 {
		err = fmt.Errorf("%d messages after the delay, want 1", len(got))
	}
	return err
}

func wakes(ctx context.Context, s *service) error {
	sent := make(chan error, 1)
	go func() {
		_, err := s.send(ctx, "inbox", "hola", "", "")
		sent <- err
	}()
	got, err := s.receive(ctx, "inbox", 10, 20)
	if err == nil && len(got) != 1 {
		err = fmt.Errorf("%d messages, want 1", len(got))
	}
	return errors.Join(err, <-sent)
}

func repeats(ctx context.Context, s *service) error {
	for range 2 {
		if _, err := s.send(ctx, "out.fifo", "uno", "g", "d1"); err != nil {
			return err
		}
	}
	got, err := s.expect(ctx, "out.fifo", 10, "uno")
	if err != nil {
		return err
	}
	return s.remove(ctx, "out.fifo", got[0])
}

func repeatsTheDeleted(ctx context.Context, s *service) error {
	if err := repeats(ctx, s); err != nil {
		return err
	}
	if _, err := s.send(ctx, "out.fifo", "uno", "g", "d1"); err != nil {
		return err
	}
	_, err := s.expect(ctx, "out.fifo", 10)
	return err
}

func identity(ctx context.Context, s *service) error {
	first, err := s.send(ctx, "out.fifo", "uno", "g", "d1")
	if err != nil {
		return err
	}
	repeat, err := s.send(ctx, "out.fifo", "uno", "g", "d1")
	if err == nil && aws.ToString(first.MessageId) != aws.ToString(repeat.MessageId) {
		err = errors.New("a repeat got an identity of its own")
	}
	return err
}

func groupWaits(ctx context.Context, s *service) error {
	for i, group := range []string{"a", "a", "b"} {
		if _, err := s.send(ctx, "out.fifo", fmt.Sprint(group, i), group, fmt.Sprint("d", i)); err != nil {
			return err
		}
	}
	head, err := s.expect(ctx, "out.fifo", 1, "a0")
	if err != nil {
		return err
	}
	if _, err := s.expect(ctx, "out.fifo", 10, "b2"); err != nil {
		return fmt.Errorf("while a's first is worked: %w", err)
	}
	if err := s.remove(ctx, "out.fifo", head[0]); err != nil {
		return err
	}
	_, err = s.expect(ctx, "out.fifo", 10, "a1")
	return err
}

func groupOrder(ctx context.Context, s *service) error {
	for i := range 3 {
		if _, err := s.send(ctx, "out.fifo", fmt.Sprint("m", i), "g", fmt.Sprint("d", i)); err != nil {
			return err
		}
	}
	got, err := s.expect(ctx, "out.fifo", 3, "m0", "m1", "m2")
	if err != nil {
		return err
	}
	for _, i := range []int{2, 0, 1} {
		if err := s.show(ctx, "out.fifo", got[i]); err != nil {
			return err
		}
	}
	_, err = s.expect(ctx, "out.fifo", 10, "m0", "m1", "m2")
	return err
}

func deadLetters(ctx context.Context, s *service) error {
	if _, err := s.send(ctx, "inbox", "malo", "", ""); err != nil {
		return err
	}
	for range 2 {
		got, err := s.expect(ctx, "inbox", 10, "malo")
		if err != nil {
			return err
		}
		if err := s.show(ctx, "inbox", got[0]); err != nil {
			return err
		}
	}
	if _, err := s.expect(ctx, "inbox", 10); err != nil {
		return fmt.Errorf("once more than allowed: %w", err)
	}
	got, err := s.receive(ctx, "inbox-dead", 10, 20)
	if err == nil && (len(got) != 1 || aws.ToString(got[0].Body) != "malo") {
		err = fmt.Errorf("dead letters %q", bodies(got))
	}
	return err
}

func partOfABatch(ctx context.Context, s *service) error {
	out, err := s.sdk.SendMessageBatch(ctx, &awssqs.SendMessageBatchInput{QueueUrl: s.url("inbox"), Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("bad"), MessageBody: aws.String("a\x01b")}, {Id: aws.String("good"), MessageBody: aws.String("bien")},
	}})
	if err != nil {
		return err
	}
	if len(out.Failed) != 1 || len(out.Successful) != 1 || aws.ToString(out.Failed[0].Id) != "bad" {
		return fmt.Errorf("sent %+v, failed %+v", out.Successful, out.Failed)
	}
	_, err = s.expect(ctx, "inbox", 10, "bien")
	return err
}

func refusals(ctx context.Context, s *service) error {
	full := strings.Repeat("a", sqs.MaxBytes)
	send := func(name, body, group, dedup string, delay int32) error {
		in := &awssqs.SendMessageInput{QueueUrl: s.url(name), MessageBody: &body, DelaySeconds: delay}
		if group != "" {
			in.MessageGroupId = &group
		}
		if dedup != "" {
			in.MessageDeduplicationId = &dedup
		}
		_, err := s.sdk.SendMessage(ctx, in)
		return err
	}
	_, tooMany := s.receive(ctx, "inbox", 11, 0)
	var wrong error
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"one byte over 1 MiB", send("inbox", full+"a", "", "", 0), "InvalidParameterValue"},
		{"delay over 900", send("inbox", "x", "", "", 901), "InvalidParameterValue"},
		{"fifo without group", send("out.fifo", "x", "", "d", 0), "MissingParameter"},
		{"fifo without dedup", send("out.fifo", "x", "g", "", 0), "InvalidParameterValue"},
		{"eleven at once", tooMany, "InvalidParameterValue"},
	} {
		if code(c.err) != c.want {
			wrong = errors.Join(wrong, fmt.Errorf("%s: code %q, want %s", c.name, code(c.err), c.want))
		}
	}
	return errors.Join(wrong, send("inbox", full, "", "", 900))
}

func controlCharacters(ctx context.Context, s *service) error {
	if _, err := s.send(ctx, "inbox", "a\x00b", "", ""); code(err) != "InvalidMessageContents" {
		return fmt.Errorf("a control character: code %q, want InvalidMessageContents", code(err))
	}
	return nil
}

func unknownQueue(ctx context.Context, s *service) error {
	_, err := s.sdk.SendMessage(ctx, &awssqs.SendMessageInput{QueueUrl: aws.String(s.urls["inbox"] + "-no"), MessageBody: aws.String("x")})
	if code(err) != "AWS.SimpleQueueService.NonExistentQueue" {
		return fmt.Errorf("unknown queue: code %q", code(err))
	}
	return nil
}

func throughTheAdapter(ctx context.Context, s *service) error {
	var messages []sqs.Message
	for i, group := range []string{"a", "b", "a", "a", "c", "b"} {
		messages = append(messages, sqs.Message{Body: fmt.Sprint(group, i), Group: group, Dedup: fmt.Sprint(i)})
	}
	if err := sqs.New(s.sdk).SendBatch(ctx, s.urls["out.fifo"], messages); err != nil {
		return err
	}
	order := map[string]string{}
	for range len(messages) {
		got, err := s.receive(ctx, "out.fifo", 10, 0)
		if err != nil {
			return err
		}
		for _, m := range got {
			body := aws.ToString(m.Body)
			order[body[:1]] += body
			if err := s.remove(ctx, "out.fifo", m); err != nil {
				return err
			}
		}
	}
	if order["a"] != "a0a2a3" || order["b"] != "b1b5" || order["c"] != "c4" {
		return fmt.Errorf("groups came as %v", order)
	}
	return nil
}
