package queue

import (
	"context"
	"time"
)

// arnPrefix is what every queue's ARN begins with.
const arnPrefix = "arn:aws:sqs:us-east-1:000000000000:"

// ARN gives the ARN of the queue with this name.
func ARN(name string) string { return arnPrefix + name }

// Attribute is a message attribute: DataType String, Number or Binary (each may have a ".label"), and the value that
// goes with it.
type Attribute struct {
	DataType    string
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

// Outgoing is a message to send. Delay is for standard queues only, 0 to 15 minutes in whole seconds. Group is required
// and Dedup too in a FIFO queue; a standard queue takes no Dedup.
type Outgoing struct {
	Body       string
	Group      string
	Dedup      string
	Delay      time.Duration
	Attributes map[string]Attribute
	Trace      string // AWSTraceHeader
}

// Message is a received message. System holds the attributes SQS adds (ApproximateReceiveCount, SentTimestamp, …) under
// the names, and in the form, that a Lambda event carries; Receipt is what Delete and Release ask for.
type Message struct {
	ID         string
	Receipt    string
	Body       string
	BodyMD5    string
	System     map[string]string
	Attributes map[string]Attribute
}

// Send puts one message in a queue and returns its id when it is on disk.
func (s *Service) Send(_ context.Context, name string, out Outgoing) (string, error) {
	s.mu.Lock()
	q, err := s.lookup(name)
	s.mu.Unlock()
	if err != nil {
		return "", err
	}
	if err := q.check(out); err != nil {
		return "", err
	}
	sent, err := s.send(q, []Outgoing{out})
	if err != nil {
		return "", err
	}
	return sent[0].ID, nil
}

// send appends checked messages and waits until they are on disk. A repeat inside the deduplication window gets the
// first message's identity, when that one is on disk too.
func (s *Service) send(q *queue, outs []Outgoing) ([]sighting, error) {
	s.mu.Lock()
	if err := s.usable(); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	now := s.clock()
	sent := make([]sighting, 0, len(outs))
	for _, out := range outs {
		if out.Dedup != "" {
			if known := q.saw(out.Dedup, now); known != nil {
				sent = append(sent, *known)
				continue
			}
		}
		s.seq++
		st := &stored{
			ID: newID(), Body: out.Body, Attributes: out.Attributes, Trace: out.Trace,
			Group: out.Group, Dedup: out.Dedup, Sent: now, Seq: s.seq,
		}
		if out.Delay > 0 {
			st.Ready = now.Add(out.Delay)
		}
		b := s.append(record{Op: opPut, Queue: q.spec.Name, Message: st}, true)
		it := sighting{ID: st.ID, Seq: st.Seq, At: now, batch: b}
		if out.Dedup != "" {
			noted := it
			q.note(out.Dedup, &noted)
		}
		sent = append(sent, it)
	}
	s.mu.Unlock()
	for _, it := range sent {
		if it.batch == nil {
			continue
		}
		if err := it.batch.await(); err != nil {
			return nil, err
		}
	}
	return sent, nil
}
