package queue

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// url is a queue's URL as this client reaches us.
func url(host, name string) string { return "http://" + host + "/000000000000/" + name }

type nameRequest struct {
	QueueName string
}

func (s *Service) getQueueURL(_ context.Context, host string, in nameRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.lookup(in.QueueName)
	if err != nil {
		return nil, err
	}
	return struct {
		QueueURL string `json:"QueueUrl"`
	}{url(host, q.spec.Name)}, nil
}

type listRequest struct {
	QueueNamePrefix string
}

// listQueues answers all queues at once; there are never enough for pages.
func (s *Service) listQueues(_ context.Context, host string, in listRequest) (any, error) {
	urls := []string{}
	for _, name := range s.Names() {
		if strings.HasPrefix(name, in.QueueNamePrefix) {
			urls = append(urls, url(host, name))
		}
	}
	return struct {
		QueueURLs []string `json:"QueueUrls"`
	}{urls}, nil
}

type attributesRequest struct {
	QueueURL       string `json:"QueueUrl"`
	AttributeNames []string
}

func (s *Service) getQueueAttributes(_ context.Context, _ string, in attributesRequest) (any, error) {
	q, err := s.at(in.QueueURL)
	if err != nil {
		return nil, err
	}
	all := s.attributes(q)
	out := make(map[string]string)
	for _, name := range in.AttributeNames {
		if name == "All" {
			out = all
			break
		}
		if value, ok := all[name]; ok {
			out[name] = value
			continue
		}
		// these exist in SQS and have no value in this queue
		optional := []string{"RedrivePolicy", "FifoQueue", "ContentBasedDeduplication", "RedriveAllowPolicy", "Policy", "KmsMasterKeyId"}
		if !slices.Contains(optional, name) {
			return nil, &apiError{shape: "InvalidAttributeName", code: "InvalidAttributeName", message: "a queue has no such attribute here"}
		}
	}
	return struct{ Attributes map[string]string }{out}, nil
}

// attributes are all that the queue tells of itself.
func (s *Service) attributes(q *queue) map[string]string {
	visible, inFlight, delayed := s.Depth(q.spec.Name)
	whole := func(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
	out := map[string]string{
		"ApproximateNumberOfMessages":           strconv.Itoa(visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(inFlight),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(delayed),
		"QueueArn":                              ARN(q.spec.Name),
		"VisibilityTimeout":                     whole(q.spec.Visibility),
		"MessageRetentionPeriod":                whole(q.spec.Retention),
		"MaximumMessageSize":                    strconv.Itoa(maxMessage),
		"DelaySeconds":                          "0",
		"ReceiveMessageWaitTimeSeconds":         "0",
	}
	if q.spec.FIFO {
		out["FifoQueue"] = "true"
		out["ContentBasedDeduplication"] = "false"
	}
	if q.spec.DeadLetters != "" {
		policy, err := json.Marshal(map[string]any{"deadLetterTargetArn": ARN(q.spec.DeadLetters), "maxReceiveCount": q.spec.MaxReceive})
		if err == nil {
			out["RedrivePolicy"] = string(policy)
		}
	}
	return out
}

type receiveRequest struct {
	QueueURL                    string `json:"QueueUrl"`
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             int
	AttributeNames              []string
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
}

// receivedMessage is one message of ReceiveMessage's answer.
type receivedMessage struct {
	MessageID              string `json:"MessageId"`
	ReceiptHandle          string
	Body                   string
	MD5OfBody              string
	Attributes             map[string]string    `json:",omitempty"`
	MessageAttributes      map[string]Attribute `json:",omitempty"`
	MD5OfMessageAttributes string               `json:",omitempty"`
}

func (s *Service) receiveMessage(ctx context.Context, _ string, in receiveRequest) (any, error) {
	q, err := s.at(in.QueueURL)
	if err != nil {
		return nil, err
	}
	limit, visibility := 1, q.spec.Visibility
	if in.MaxNumberOfMessages != nil {
		limit = *in.MaxNumberOfMessages
	}
	if in.VisibilityTimeout != nil {
		visibility = seconds(*in.VisibilityTimeout)
	}
	switch {
	case limit < 1 || limit > 10:
		return nil, badParameter("MaxNumberOfMessages must be 1 to 10")
	case in.WaitTimeSeconds < 0 || in.WaitTimeSeconds > 20:
		return nil, badParameter("WaitTimeSeconds must be 0 to 20")
	case visibility < 0 || visibility > 12*time.Hour:
		return nil, badParameter("VisibilityTimeout must be 0 to 43200")
	}
	got, err := s.receive(ctx, q, limit, visibility, seconds(in.WaitTimeSeconds))
	if err != nil {
		return nil, err
	}
	system := slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames)
	out := []receivedMessage{}
	for _, m := range got {
		r := receivedMessage{MessageID: m.ID, ReceiptHandle: m.Receipt, Body: m.Body, MD5OfBody: m.BodyMD5}
		r.Attributes = choose(m.System, func(name string) bool {
			return slices.Contains(system, "All") || slices.Contains(system, name)
		})
		r.MessageAttributes = choose(m.Attributes, func(name string) bool { return asked(in.MessageAttributeNames, name) })
		r.MD5OfMessageAttributes = attributesMD5(r.MessageAttributes)
		out = append(out, r)
	}
	return struct{ Messages []receivedMessage }{out}, nil
}

// choose keeps what was asked for.
func choose[V any](all map[string]V, wanted func(string) bool) map[string]V {
	out := make(map[string]V)
	for name, value := range all {
		if wanted(name) {
			out[name] = value
		}
	}
	return out
}

// asked reports whether one of the patterns (All, .*, a name, or prefix.*) covers the attribute.
func asked(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		prefix, wild := strings.CutSuffix(p, ".*")
		return p == "All" || p == name || wild && strings.HasPrefix(name, prefix)
	})
}

type purgeRequest struct {
	QueueURL string `json:"QueueUrl"`
}

// purgeQueue deletes all messages the queue has now, the held ones too.
func (s *Service) purgeQueue(_ context.Context, _ string, in purgeRequest) (any, error) {
	q, err := s.at(in.QueueURL)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if err := s.usable(); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	b := s.append(record{Op: opPurge, Queue: q.spec.Name}, true)
	s.mu.Unlock()
	if err := b.await(); err != nil {
		return nil, err
	}
	return struct{}{}, nil
}
