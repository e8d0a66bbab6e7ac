package queue

import (
	"context"
	"strings"
	"time"
)

// seconds is a span as the protocol gives it; a wild number stays out of range instead of overflowing.
func seconds(n int) time.Duration { return time.Duration(min(max(n, -1), 1<<20)) * time.Second }

// at finds the queue that a queue URL names: its last part.
func (s *Service) at(url string) (*queue, error) {
	if url == "" {
		return nil, missing("QueueUrl")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lookup(url[strings.LastIndex(url, "/")+1:])
}

// sendEntry is SendMessage's request, and one entry of a batch.
type sendEntry struct {
	ID                      string `json:"Id"`
	QueueURL                string `json:"QueueUrl"`
	MessageBody             string
	DelaySeconds            int
	MessageGroupID          string `json:"MessageGroupId"`
	MessageDeduplicationID  string `json:"MessageDeduplicationId"`
	MessageAttributes       map[string]Attribute
	MessageSystemAttributes map[string]Attribute
}

func (e sendEntry) outgoing() Outgoing {
	return Outgoing{
		Body: e.MessageBody, Group: e.MessageGroupID, Dedup: e.MessageDeduplicationID, Delay: seconds(e.DelaySeconds),
		Attributes: e.MessageAttributes, Trace: e.MessageSystemAttributes["AWSTraceHeader"].StringValue,
	}
}

// sendAnswer is SendMessage's answer, and one entry of a batch's.
type sendAnswer struct {
	ID                           string `json:"Id,omitempty"`
	MessageID                    string `json:"MessageId"`
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string `json:",omitempty"`
	MD5OfMessageSystemAttributes string `json:",omitempty"`
	SequenceNumber               string `json:",omitempty"`
}

func (e sendEntry) answer(q *queue, sent sighting) sendAnswer {
	out := sendAnswer{
		ID: e.ID, MessageID: sent.ID, MD5OfMessageBody: md5Hex(e.MessageBody),
		MD5OfMessageAttributes:       attributesMD5(e.MessageAttributes),
		MD5OfMessageSystemAttributes: attributesMD5(e.MessageSystemAttributes),
	}
	if q.spec.FIFO {
		out.SequenceNumber = sequence(sent.Seq)
	}
	return out
}

func (s *Service) sendMessage(_ context.Context, _ string, in sendEntry) (any, error) {
	q, err := s.at(in.QueueURL)
	if err != nil {
		return nil, err
	}
	out := in.outgoing()
	if err := q.check(out); err != nil {
		return nil, err
	}
	sent, err := s.send(q, []Outgoing{out})
	if err != nil {
		return nil, err
	}
	in.ID = ""
	return in.answer(q, sent[0]), nil
}

// failure is one failed entry of a batch.
type failure struct {
	ID          string `json:"Id"`
	Code        string
	Message     string
	SenderFault bool
}

// failed makes the entry's failure from its error.
func failed(id string, err error) failure {
	if known, ok := err.(*apiError); ok { //nolint:errorlint // made here, never wrapped
		return failure{ID: id, Code: known.code, Message: known.message, SenderFault: true}
	}
	return failure{ID: id, Code: "InternalFailure", Message: "the queue log failed"}
}

// checkBatch looks at the ids of a batch's entries.
func checkBatch(ids []string) error {
	if len(ids) == 0 {
		return &apiError{shape: "EmptyBatchRequest", code: "AWS.SimpleQueueService.EmptyBatchRequest", message: "the batch has no entries"}
	}
	if len(ids) > maxBatch {
		return &apiError{shape: "TooManyEntriesInBatchRequest", code: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", message: "a batch takes at most 10 entries"}
	}
	seen := make(map[string]bool)
	for _, id := range ids {
		if !legalName(id, 80, "_-") {
			return &apiError{shape: "InvalidBatchEntryId", code: "AWS.SimpleQueueService.InvalidBatchEntryId", message: "an entry has an illegal Id"}
		}
		if seen[id] {
			return &apiError{shape: "BatchEntryIdsNotDistinct", code: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", message: "two entries have the same Id"}
		}
		seen[id] = true
	}
	return nil
}

// batchAnswer is the answer to every batch action.
type batchAnswer struct {
	Successful []any
	Failed     []failure `json:",omitempty"`
}

type sendBatch struct {
	QueueURL string `json:"QueueUrl"`
	Entries  []sendEntry
}

func (s *Service) sendMessageBatch(_ context.Context, _ string, in sendBatch) (any, error) {
	q, err := s.at(in.QueueURL)
	if err != nil {
		return nil, err
	}
	var ids []string
	total := 0
	for _, e := range in.Entries {
		ids = append(ids, e.ID)
		total += e.outgoing().size()
	}
	if err := checkBatch(ids); err != nil {
		return nil, err
	}
	if total > maxMessage {
		return nil, &apiError{shape: "BatchRequestTooLong", code: "AWS.SimpleQueueService.BatchRequestTooLong", message: "the messages together must be no longer than 1048576 bytes"}
	}
	answer := batchAnswer{Successful: []any{}}
	var outs []Outgoing
	var good []sendEntry
	for _, e := range in.Entries {
		if err := q.check(e.outgoing()); err != nil {
			answer.Failed = append(answer.Failed, failed(e.ID, err))
			continue
		}
		outs, good = append(outs, e.outgoing()), append(good, e)
	}
	sent, err := s.send(q, outs)
	if err != nil {
		return nil, err
	}
	for i, e := range good {
		answer.Successful = append(answer.Successful, e.answer(q, sent[i]))
	}
	return answer, nil
}

// handleEntry names a received message in DeleteMessage, ChangeMessageVisibility and their batches.
type handleEntry struct {
	ID                string `json:"Id"`
	QueueURL          string `json:"QueueUrl"`
	ReceiptHandle     string
	VisibilityTimeout int
}

type handleBatch struct {
	QueueURL string `json:"QueueUrl"`
	Entries  []handleEntry
}

func (s *Service) deleteMessage(_ context.Context, _ string, in handleEntry) (any, error) {
	q, err := s.at(in.QueueURL)
	if err != nil {
		return nil, err
	}
	if err := s.remove(q, []string{in.ReceiptHandle})[0]; err != nil {
		return nil, err
	}
	return struct{}{}, nil
}

func (s *Service) deleteMessageBatch(_ context.Context, _ string, in handleBatch) (any, error) {
	return s.handleAll(in, func(q *queue, handles []string) []error { return s.remove(q, handles) })
}

func (s *Service) changeVisibility(_ context.Context, _ string, in handleEntry) (any, error) {
	q, err := s.at(in.QueueURL)
	if err != nil {
		return nil, err
	}
	if err := s.rehide(q, in.ReceiptHandle, seconds(in.VisibilityTimeout), modeHeld); err != nil {
		return nil, err
	}
	return struct{}{}, nil
}

func (s *Service) changeVisibilityBatch(_ context.Context, _ string, in handleBatch) (any, error) {
	return s.handleAll(in, func(q *queue, handles []string) []error {
		errs := make([]error, len(handles))
		for i, handle := range handles {
			errs[i] = s.rehide(q, handle, seconds(in.Entries[i].VisibilityTimeout), modeHeld)
		}
		return errs
	})
}

// handleAll runs a batch of received messages through act, which answers one error per handle.
func (s *Service) handleAll(in handleBatch, act func(*queue, []string) []error) (any, error) {
	q, err := s.at(in.QueueURL)
	if err != nil {
		return nil, err
	}
	var ids, handles []string
	for _, e := range in.Entries {
		ids, handles = append(ids, e.ID), append(handles, e.ReceiptHandle)
	}
	if err := checkBatch(ids); err != nil {
		return nil, err
	}
	answer := batchAnswer{Successful: []any{}}
	for i, err := range act(q, handles) {
		if err != nil {
			answer.Failed = append(answer.Failed, failed(ids[i], err))
			continue
		}
		answer.Successful = append(answer.Successful, struct{ Id string }{ids[i]})
	}
	return answer, nil
}
