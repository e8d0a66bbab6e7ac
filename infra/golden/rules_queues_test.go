package golden

import (
	"slices"
	"strings"
)

const fourteenDays = 14 * 24 * 60 * 60

// queuesHaveDeadLetters: each queue moves a message that failed five times to dead letters of its own kind, which keep
// it fourteen days and longer than the queue does.
func queuesHaveDeadLetters(t tmpl) []finding {
	var out []finding
	for _, id := range t.of("SQS::Queue") {
		fifo := t.prop(id, "FifoQueue") == true
		if fifo && t.prop(id, "ContentBasedDeduplication") != false {
			out = append(out, found(id, "deduplicates by content: a real retry would be swallowed"))
		}
		if strings.HasSuffix(id, "DeadLetters") {
			if number(t.prop(id, "MessageRetentionPeriod")) != fourteenDays {
				out = append(out, found(id, "does not keep dead letters for fourteen days"))
			}
			continue
		}
		dead := resourceOf(t.prop(id, "RedrivePolicy", "deadLetterTargetArn"))
		if want := strings.TrimSuffix(id, "Queue") + "DeadLetters"; dead != want || t.Resources[want] == nil {
			out = append(out, found(id, "has dead letters %q, want %s", dead, want))
			continue
		}
		if number(t.prop(id, "RedrivePolicy", "maxReceiveCount")) != 5 {
			out = append(out, found(id, "does not give up after five receives"))
		}
		if (t.prop(dead, "FifoQueue") == true) != fifo {
			out = append(out, found(dead, "is not of the kind of its queue"))
		}
		if number(t.prop(id, "MessageRetentionPeriod")) >= fourteenDays {
			out = append(out, found(id, "keeps messages as long as its dead letters do"))
		}
	}
	return out
}

// visibilityIsLong: six times the timeout of the function that reads the queue.
func visibilityIsLong(t tmpl) []finding {
	var out []finding
	read := map[string]bool{}
	for _, id := range t.of("Lambda::EventSourceMapping") {
		source := resourceOf(t.prop(id, "EventSourceArn"))
		if t.Resources[source] == nil || t.Resources[source].Type != "AWS::SQS::Queue" {
			continue
		}
		read[source] = true
		visible, timeout := number(t.prop(source, "VisibilityTimeout")), number(t.prop(resourceOf(t.prop(id, "FunctionName")), "Timeout"))
		if timeout <= 0 || visible < 6*timeout {
			out = append(out, found(source, "shows a message again after %v s; its reader may take %v s", visible, timeout))
		}
	}
	for _, id := range t.of("SQS::Queue") {
		if !strings.HasSuffix(id, "DeadLetters") && !read[id] {
			out = append(out, found(id, "is read by nobody"))
		}
	}
	return out
}

// sourcesAreBounded: the right function, failed items alone, at most so many at once, and no waiting for a batch (an
// undo window of ten seconds means ten seconds).
func sourcesAreBounded(t tmpl) []finding {
	var out []finding
	got := map[string]string{}
	for _, id := range t.of("Lambda::EventSourceMapping") {
		source, reader := render(t.prop(id, "EventSourceArn")), resourceOf(t.prop(id, "FunctionName"))
		got[reader] = source
		if !slices.Equal(texts(t.prop(id, "FunctionResponseTypes")), []string{"ReportBatchItemFailures"}) {
			out = append(out, found(id, "retries whole batches"))
		}
		bound := number(t.prop(id, "ScalingConfig", "MaximumConcurrency"))
		if strings.HasSuffix(source, ".StreamArn}") {
			bound = number(t.prop(id, "ParallelizationFactor"))
		}
		if bound < 1 || bound > 50 {
			out = append(out, found(id, "runs %v at once", bound))
		}
		if t.prop(id, "MaximumBatchingWindowInSeconds") != nil {
			out = append(out, found(id, "waits for its batch"))
		}
		if t.prop(id, "Enabled") == false {
			out = append(out, found(id, "is switched off"))
		}
	}
	return append(out, compare(map[string]string{
		"IntakeFunction": "${InboxQueue.Arn}", "DeliverFunction": "${OutboundQueue.Arn}",
		"EscalateFunction": "${SiacQueue.Arn}", "FetchFunction": "${FetchQueue.Arn}", "TickFunction": "${SoonQueue.Arn}", "RelayFunction": "${WorkTable.StreamArn}",
	}, got)...)
}

// streamGivesUp: a record that keeps failing must not hold up its shard for ever, and must not be lost.
func streamGivesUp(t tmpl) []finding {
	var out []finding
	const id = "RelaySource"
	const filter = `{"eventName":["INSERT"],"dynamodb":{"Keys":{"SK":{"S":[{"prefix":"O#"}]}}}}`
	if filters := list(t.prop(id, "FilterCriteria", "Filters")); len(filters) != 1 || text(dig(filters, 0, "Pattern")) != filter {
		out = append(out, found(id, "lets through %v", filters))
	}
	if t.prop(id, "StartingPosition") != "TRIM_HORIZON" {
		out = append(out, found(id, "starts at %v", t.prop(id, "StartingPosition")))
	}
	if t.prop(id, "BisectBatchOnFunctionError") != true {
		out = append(out, found(id, "does not halve a batch that fails"))
	}
	if tries := number(t.prop(id, "MaximumRetryAttempts")); tries < 1 || tries > 10 {
		out = append(out, found(id, "tries %v times", tries))
	}
	if age := number(t.prop(id, "MaximumRecordAgeInSeconds")); age < 60 || age > 6*60*60 {
		out = append(out, found(id, "tries for %v s", age))
	}
	const dead = "${RelayDeadLetters.Arn}"
	if on := render(t.prop(id, "DestinationConfig", "OnFailure", "Destination")); on != dead {
		out = append(out, found(id, "sends what failed to %s", on))
	}
	if !t.may("RelayRole", "sqs:SendMessage", dead) {
		out = append(out, found("RelayRole", "may not send what failed to %s", dead))
	}
	return out
}
