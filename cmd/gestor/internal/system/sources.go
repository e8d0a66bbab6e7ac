package system

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/poller"
	"sence.gob.cl/gestor/cmd/gestor/internal/queue"
	"sence.gob.cl/gestor/cmd/gestor/internal/template"
)

// firstRetry is when a message that failed comes again; the wait doubles with each failure. In the cloud it is the
// queue's visibility, minutes by which a person at a laptop would think that everything stands still.
const firstRetry = 5 * time.Second

// queues is the queue service as the pollers want it.
type queues struct {
	service *queue.Service
	// visibility bounds the wait of each queue, by name.
	visibility map[string]time.Duration
	// received remembers how often each message under way was handed out, by receipt.
	received *sync.Map
}

// queueSpecs turns the template's queues into the emulator's. What the emulator does not play is an error.
func queueSpecs(tpl *template.Template) ([]queue.Spec, error) {
	var specs []queue.Spec
	for _, q := range tpl.Queues {
		if q.Delay != 0 || q.ContentDedup {
			return nil, fmt.Errorf("template: %s: a queue's own delay and content deduplication are not played", q.ID)
		}
		spec := queue.Spec{Name: q.Name(), FIFO: q.FIFO, Visibility: q.Visibility, Retention: q.Retention}
		if dead, ok := tpl.Queue(q.DeadLetters); ok {
			spec.DeadLetters, spec.MaxReceive = dead.Name(), q.MaxReceives
		}
		specs = append(specs, spec)
	}
	return specs, nil
}

// Receive implements poller.Queues.
func (q queues) Receive(ctx context.Context, name string, limit int, wait time.Duration) ([]poller.Message, error) {
	found, err := q.service.Receive(ctx, name, limit, wait)
	out := make([]poller.Message, 0, len(found))
	for _, m := range found {
		attributes := make(map[string]poller.Attribute, len(m.Attributes))
		for key, a := range m.Attributes {
			attributes[key] = poller.Attribute{DataType: a.DataType, Text: a.StringValue, Binary: a.BinaryValue}
		}
		q.received.Store(m.Receipt, m.System["ApproximateReceiveCount"])
		out = append(out, poller.Message{
			ID: m.ID, Receipt: m.Receipt, Body: m.Body, BodyMD5: m.BodyMD5, Attributes: m.System, MessageAttributes: attributes,
		})
	}
	return out, err
}

// Delete implements poller.Queues.
func (q queues) Delete(_ context.Context, _ string, receipts []string) error {
	for _, receipt := range receipts {
		q.received.Delete(receipt)
	}
	return q.service.Delete(receipts...)
}

// Abandon implements poller.Queues.
func (q queues) Abandon(_ context.Context, name, receipt string) error {
	times, _ := q.received.LoadAndDelete(receipt)
	return q.service.Release(receipt, retryAfter(times, q.visibility[name]))
}

// retryAfter doubles with each time a message was handed out, and never exceeds the queue's visibility.
func retryAfter(received any, visibility time.Duration) time.Duration {
	text, _ := received.(string)
	n, err := strconv.Atoi(text)
	if err != nil {
		n = 1
	}
	return min(firstRetry<<min(max(n-1, 0), 10), visibility)
}

// Send implements poller.Sender: the report of stream records that were given up.
func (q queues) Send(ctx context.Context, name, body string) error {
	_, err := q.service.Send(ctx, name, queue.Outgoing{Body: body})
	return err
}

// sourcesOf turns the template's event source mappings into the pollers'. streams gives a table's stream ARN.
func sourcesOf(tpl *template.Template, streams map[string]string) ([]poller.Queue, []poller.Stream, error) {
	var fromQueues []poller.Queue
	var fromStreams []poller.Stream
	for _, s := range tpl.Sources {
		if s.Table != "" {
			stream, err := streamOf(tpl, s, streams[s.Table])
			if err != nil {
				return nil, nil, err
			}
			fromStreams = append(fromStreams, stream)
			continue
		}
		if len(s.Filters) > 0 {
			return nil, nil, fmt.Errorf("template: %s: filters on a queue are not played", s.ID)
		}
		q, _ := tpl.Queue(s.Queue)
		fromQueues = append(fromQueues, poller.Queue{
			Source: q.Name(), Function: s.Function, BatchSize: s.BatchSize, Window: s.Window, MaxConcurrency: s.MaxConcurrency,
			ReportFailures: s.ReportFailures,
		})
	}
	return fromQueues, fromStreams, nil
}

// minutesOf gives the pollers' rules, one for each function that is started every minute.
func minutesOf(tpl *template.Template) []poller.Minute {
	var minutes []poller.Minute
	for _, r := range tpl.Rules {
		for _, function := range r.Functions {
			if r.Enabled {
				minutes = append(minutes, poller.Minute{Function: function, Rule: r.ID})
			}
		}
	}
	return minutes
}

func streamOf(tpl *template.Template, s template.Source, arn string) (poller.Stream, error) {
	if !s.FromStart {
		return poller.Stream{}, fmt.Errorf("template: %s: a stream that does not begin at TRIM_HORIZON is not played", s.ID)
	}
	stream := poller.Stream{
		ARN: arn, Function: s.Function, BatchSize: s.BatchSize, Parallel: s.Parallel, Bisect: s.Bisect, Retries: s.Retries,
		MaxAge: s.MaxAge, ReportFailures: s.ReportFailures, Filters: s.Filters,
	}
	if q, ok := tpl.Queue(s.OnFailureTo); ok {
		stream.OnFailure = q.Name()
	}
	for _, t := range tpl.Tables {
		if t.ID == s.Table {
			stream.PartitionKey = t.Partition.Name
		}
	}
	return stream, nil
}
