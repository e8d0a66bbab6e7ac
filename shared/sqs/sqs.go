// Package sqs sends messages to the queues between our functions and says of each failure whether sending again helps.
package sqs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"sence.gob.cl/gestor/shared/fault"
)

// The limits of a queue (Amazon SQS developer guide, "Message quotas").
const (
	// MaxBytes is the longest body of a message, and of all messages of one batch together.
	MaxBytes = 1 << 20
	// MaxDelay is the longest delay of a message.
	MaxDelay = 15 * time.Minute

	batchLimit = 10
)

// API is what Client needs of the SDK's client.
type API interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Message is one message to send. A FIFO queue needs Group (what keeps its order) and Dedup (what is one message for
// five minutes), and takes no Delay; a standard queue takes neither Group nor Dedup, and Delay up to MaxDelay, rounded up
// to whole seconds so that nothing arrives early.
type Message struct {
	Body  string
	Group string
	Dedup string
	Delay time.Duration
}

// Client sends messages.
type Client struct {
	api API
}

// New makes a Client on the SDK's client.
func New(api API) *Client { return &Client{api: api} }

// Send puts one message in the queue with this URL. Its errors are Transient when the same message may go through later
// (throttled, no connection, a fault of the service, a missing permission) and Permanent when it never will (too long, a
// character or an id SQS does not take, no such queue). After a Transient the message may be in the queue all the same.
func (c *Client) Send(ctx context.Context, queueURL string, m Message) error {
	const op = "sqs.Send"
	if err := m.check(op); err != nil {
		return err
	}
	_, err := c.api.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &queueURL, MessageBody: &m.Body, DelaySeconds: m.seconds(),
		MessageGroupId: optional(m.Group), MessageDeduplicationId: optional(m.Dedup),
	})
	if err != nil {
		return classify(op, err)
	}
	return nil
}

// check refuses what SQS would refuse, before it travels.
func (m Message) check(op string) error {
	if len(m.Body) > MaxBytes {
		return fault.New(fault.Permanent, op, fmt.Errorf("body of %d bytes, a message takes %d", len(m.Body), MaxBytes))
	}
	if m.Delay < 0 || m.Delay > MaxDelay {
		return fault.New(fault.Permanent, op, fmt.Errorf("delay of %s, a message takes 0 to %s", m.Delay, MaxDelay))
	}
	return nil
}

// seconds is the delay in whole seconds, rounded up.
func (m Message) seconds() int32 {
	return int32((min(max(m.Delay, 0), MaxDelay) + time.Second - 1) / time.Second) //nolint:gosec // 0 to 900
}

// optional is nil for an empty text.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Failed is one message that SendBatch did not send. Index is its place in the call.
type Failed struct {
	Index int
	Err   error
}

// BatchError says which messages of a batch were not sent, in the order of their places; all others were.
type BatchError struct {
	Failed []Failed
}

// Error gives the number of failures and the first one.
func (e *BatchError) Error() string {
	return fmt.Sprintf("%d messages not sent, the first: %v", len(e.Failed), e.Failed[0].Err)
}

// SendBatch puts messages in the queue with this URL, ten and 1 MiB a call. When some fail, the error carries a
// *BatchError (errors.As) and is Transient if any of them may go through later, else Permanent.
//
// Messages of one group arrive in their order: two of them never share a call, and once one fails those behind it are
// not sent, and fail as Transient. After a call that fails as a whole, no more calls are made.
func (c *Client) SendBatch(ctx context.Context, queueURL string, messages []Message) error {
	const op = "sqs.SendBatch"
	b := batch{client: c, url: queueURL, messages: messages, failed: make([]error, len(messages)), stuck: make(map[string]bool)}
	var left []int
	for i, m := range messages {
		if err := m.check(op); err != nil {
			b.fail(i, err)
			continue
		}
		left = append(left, i)
	}
	for len(left) > 0 {
		var now []int
		now, left = b.next(left)
		if err := b.send(ctx, now); err != nil {
			for _, i := range append(now, left...) {
				b.fail(i, classify(op, err))
			}
			break
		}
	}
	return b.result(op)
}

// batch is one SendBatch on its way.
type batch struct {
	client   *Client
	url      string
	messages []Message
	failed   []error         // by place; nil while not failed
	stuck    map[string]bool // groups one of whose messages failed
}

// fail notes why a message was not sent, and that its group cannot go on.
func (b *batch) fail(i int, err error) {
	b.failed[i] = err
	if group := b.messages[i].Group; group != "" {
		b.stuck[group] = true
	}
}

// next chooses the messages of the next call, in order, at most one of each group, and gives the others.
func (b *batch) next(left []int) (now, later []int) {
	size, full := 0, false
	taken := make(map[string]bool)
	for _, i := range left {
		m := b.messages[i]
		full = full || len(now) == batchLimit || size+len(m.Body) > MaxBytes
		switch {
		case b.stuck[m.Group]:
			b.fail(i, fault.New(fault.Transient, "sqs.SendBatch", errors.New("a message before it in its group was not sent")))
		case full || taken[m.Group]:
			later = append(later, i)
		default:
			now = append(now, i)
			size += len(m.Body)
			if m.Group != "" {
				taken[m.Group] = true
			}
		}
	}
	return now, later
}

// send makes one call; an error means that none of its messages is known to be sent.
func (b *batch) send(ctx context.Context, places []int) error {
	if len(places) == 0 {
		return nil
	}
	in := &sqs.SendMessageBatchInput{QueueUrl: &b.url}
	for _, i := range places {
		m := b.messages[i]
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: &m.Body, DelaySeconds: m.seconds(),
			MessageGroupId: optional(m.Group), MessageDeduplicationId: optional(m.Dedup),
		})
	}
	out, err := b.client.api.SendMessageBatch(ctx, in)
	if err != nil {
		return err
	}
	answered := make(map[string]error)
	for _, s := range out.Successful {
		answered[aws.ToString(s.Id)] = nil
	}
	for _, f := range out.Failed {
		answered[aws.ToString(f.Id)] = &smithy.GenericAPIError{Code: aws.ToString(f.Code), Message: aws.ToString(f.Message)}
	}
	for _, i := range places {
		err, ok := answered[strconv.Itoa(i)]
		if !ok {
			err = errors.New("the answer does not mention the message")
		}
		if err != nil {
			b.fail(i, classify("sqs.SendBatch", err))
		}
	}
	return nil
}

// result makes the call's error out of the messages' errors.
func (b *batch) result(op string) error {
	list := &BatchError{}
	kind := fault.Permanent
	for i, err := range b.failed {
		if err == nil {
			continue
		}
		list.Failed = append(list.Failed, Failed{Index: i, Err: err})
		if fault.Is(err, fault.Transient) {
			kind = fault.Transient
		}
	}
	if len(list.Failed) == 0 {
		return nil
	}
	return fault.New(kind, op, list)
}

// classify gives an SDK error its kind. What a deployment or an operator can mend (permissions, keys, throttles) is
// Transient: the message itself is good.
func classify(op string, err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && permanent(api.ErrorCode()) {
		return fault.New(fault.Permanent, op, err)
	}
	return fault.New(fault.Transient, op, err)
}

// permanent reports whether the code says that this message will never go to this queue. SQS has two names for some
// errors, from its older query protocol and from the JSON one.
func permanent(code string) bool {
	switch code {
	case "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "InvalidAddress",
		"InvalidParameterValue", "InvalidParameterValueException",
		"MissingParameter", "MissingRequiredParameterException",
		"InvalidMessageContents", "InvalidAttributeValue", "UnsupportedOperation",
		"AWS.SimpleQueueService.UnsupportedOperation",
		"BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong":
		return true
	}
	return false
}
