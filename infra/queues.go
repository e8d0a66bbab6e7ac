package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

const (
	// maxReceives is how often a message may fail before it is set aside for a person.
	maxReceives = 5
	// visibilityTimeouts is AWS's advice for a queue that Lambda reads: six times the function's timeout, so that a
	// throttled batch is not handed out again while it is still being worked on.
	visibilityTimeouts = 6
	// largestMessage is what SQS carries (1 MiB); raw deliveries above 900 KiB travel through the bucket.
	largestMessage = 1 << 20

	day = 24 * 60 * 60
	// A dead letter keeps the time of its first arrival (standard queues), so dead letters must outlive their queue:
	// four days to be worked, ten more to be looked at.
	workedFor = 4 * day
	deadFor   = 14 * day
)

// queue is a queue with its dead letters, as the alarms see it.
type queue struct {
	name       string
	main, dead awssqs.CfnQueue
}

// newQueues declares the queues; each takes its visibility from the function that reads it.
func newQueues(stack awscdk.Stack, r *resources) {
	r.inbox = newQueue(stack, r, "Inbox", false, functionNamed("intake"))
	r.outbound = newQueue(stack, r, "Outbound", true, functionNamed("deliver"))
	r.siac = newQueue(stack, r, "Siac", true, functionNamed("escalate"))
	r.fetching = newQueue(stack, r, "Fetch", true, functionNamed("fetch"))
	r.soon = newQueue(stack, r, "Soon", false, functionNamed("tick"))
	// What relay could not hand over: pointers to records of the stream. The items themselves stay in the outbox, where
	// tick finds them.
	r.relayDeadLetters = deadLetters(stack, r, "Relay", false)
}

// newQueue declares <name>Queue and <name>DeadLetters. On a FIFO queue whoever sends gives the group and the
// deduplication id: they are made of message and attempt, so that a real retry is never swallowed.
func newQueue(stack awscdk.Stack, r *resources, name string, fifo bool, reader function) awssqs.CfnQueue {
	dead := deadLetters(stack, r, name, fifo)
	props := queueProps(r, fifo, workedFor)
	props.RedrivePolicy = map[string]any{"deadLetterTargetArn": dead.AttrArn(), "maxReceiveCount": maxReceives}
	props.VisibilityTimeout = jsii.Number(visibilityTimeouts * reader.timeout)
	main := awssqs.NewCfnQueue(stack, jsii.String(name+"Queue"), props)
	refusePlain(stack, name+"QueuePolicy", main)
	r.queues = append(r.queues, queue{name: name, main: main, dead: dead})
	return main
}

func deadLetters(stack awscdk.Stack, r *resources, name string, fifo bool) awssqs.CfnQueue {
	dead := awssqs.NewCfnQueue(stack, jsii.String(name+"DeadLetters"), queueProps(r, fifo, deadFor))
	refusePlain(stack, name+"DeadLettersPolicy", dead)
	return dead
}

func queueProps(r *resources, fifo bool, retention int) *awssqs.CfnQueueProps {
	props := &awssqs.CfnQueueProps{
		KmsDataKeyReusePeriodSeconds: jsii.Number(dataKeyReuse),
		KmsMasterKeyId:               r.key.AttrArn(),
		MaximumMessageSize:           jsii.Number(largestMessage),
		MessageRetentionPeriod:       jsii.Number(retention),
	}
	if fifo {
		props.FifoQueue = jsii.Bool(true)
		props.ContentBasedDeduplication = jsii.Bool(false)
	}
	return props
}

// refusePlain denies whoever does not come over TLS. SQS wants one policy per queue that names this queue alone.
func refusePlain(stack awscdk.Stack, id string, q awssqs.CfnQueue) {
	awssqs.NewCfnQueuePolicy(stack, jsii.String(id), &awssqs.CfnQueuePolicyProps{
		PolicyDocument: tlsOnly("sqs:*", q.AttrArn()),
		Queues:         &[]*string{q.Ref()},
	})
}
