package sqs

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
)

// Queue is one queue to put things into: the inbox.
type Queue struct {
	client *Client
	url    string
}

// NewQueue makes the way into one standard queue.
func NewQueue(api API, url string) Queue { return Queue{client: New(api), url: url} }

// Put gives the body to the queue; nil means that it is held.
func (q Queue) Put(ctx context.Context, body string) error {
	return q.client.Send(ctx, q.url, Message{Body: body})
}

// HandOver is the way from the outbox to the workers: one FIFO queue for each, and the queue that waits.
type HandOver struct {
	client *Client
	work   map[outbox.Worker]string
	soon   string
}

// NewHandOver makes the way; work maps workers to the URLs of their queues (empty for one that has none), soon is the URL of
// the waiting queue (empty for who never waits).
func NewHandOver(api API, work map[outbox.Worker]string, soon string) HandOver {
	return HandOver{client: New(api), work: work, soon: soon}
}

// Work gives a message to its worker, in the order of its group, once per attempt.
func (h HandOver) Work(ctx context.Context, to outbox.Worker, m outbox.Message, body string) error {
	url := h.work[to]
	if url == "" {
		return fault.New(fault.Permanent, "sqs.Work", nil)
	}
	return h.client.Send(ctx, url, Message{Body: body, Group: name(m.Group), Dedup: name(m.Dedup())})
}

// longestName is how long a group or deduplication id may be; it takes visible ASCII alone (Amazon SQS API reference,
// SendMessage).
const longestName = 128

// name gives an id as a queue takes it. Ids of ours are taken as they are; one made of what a network calls its item may be
// too long or hold other letters, and then its digest stands for it.
func name(id string) string {
	if len(id) <= longestName && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Wait gives a body to the waiting queue, to come back after delay.
func (h HandOver) Wait(ctx context.Context, body string, delay time.Duration) error {
	return h.client.Send(ctx, h.soon, Message{Body: body, Delay: delay})
}
