// Package outbox is a message about something that must happen, at or after a due time.
package outbox

import (
	"strconv"
	"strings"
	"time"
)

// Topic is what must happen, as noun.verb in the imperative.
type Topic string

// The topics.
const (
	Publish Topic = "post.publish" // say a reply on its network
	Verify  Topic = "post.verify"  // read back whether a reply was said
	File    Topic = "siac.file"    // open the case in SIAC
	Check   Topic = "siac.check"   // look up whether the case was opened
	Notify  Topic = "notice.send"  // tell people by e-mail that a matter waits for them

	Prepare   Topic = "post.prepare"   // bring to a network what a post needs there before it can be seen
	Broadcast Topic = "post.broadcast" // publish a post of ours on its network
	Confirm   Topic = "post.confirm"   // read back whether a post of ours is there
	Lapse     Topic = "post.lapse"     // end a post that nobody approved in time

	Act       Topic = "post.act"        // hide, show, like or take away something on its network
	FetchItem Topic = "mention.fetch"   // read an item that its network told of by its id alone
	CopyMedia Topic = "media.copy"      // keep media that will be gone from the network
	Forget    Topic = "mention.forget"  // take away words that a network does not let us keep
	Connect   Topic = "channel.connect" // take the next step of connecting an account
	Look      Topic = "channel.look"    // look at an account now, because a person asked
)

// Worker is who does the work of a topic.
type Worker string

// The workers, named after the functions.
const (
	Deliver  Worker = "deliver"
	Escalate Worker = "escalate"
	Fetch    Worker = "fetch"
)

// Worker tells who does this topic's work; false for a topic nobody knows.
func (t Topic) Worker() (Worker, bool) {
	switch t {
	case Publish, Verify, Notify, Act, Prepare, Broadcast, Confirm, Lapse:
		return Deliver, true
	case File, Check:
		return Escalate, true
	case FetchItem, CopyMedia, Forget, Connect, Look:
		return Fetch, true
	default:
		return "", false
	}
}

// Soon is the longest wait that a queue's own delay can carry (SQS: 900 seconds).
const Soon = 15 * time.Minute

// Ref finds a message: its ticket is its partition.
type Ref struct {
	Ticket string `json:"ticket"`
	ID     string `json:"id"`
}

// Causes that are no case have a colon in their name, which no case has; each is made here and nowhere else.

// ItemCause names an item that a network told of and that is in no case yet.
func ItemCause(network, key string) string { return "item:" + network + "/" + key }

// ChannelCause names an account of ours, by its channel.Ref in text.
func ChannelCause(ref string) string { return "channel:" + ref }

// ConnectionCause names a connection being made.
func ConnectionCause(id string) string { return "connection:" + id }

const postCause = "post:"

// PostCause names a post of ours.
func PostCause(id string) string { return postCause + id }

// PostOf gives the post that a cause names; false when it names none.
func PostOf(cause string) (id string, ok bool) { return strings.CutPrefix(cause, postCause) }

// IsCase reports whether what a message follows from is a case.
func IsCase(cause string) bool { return cause != "" && !strings.Contains(cause, ":") }

// Message is something to do. What it is about stands in Subject: the id of a reply, of the matter of a notice, nothing for
// SIAC. Group keeps order among messages of one conversation; notices keep theirs, by case, apart from it. Attempt counts
// from 1; a new attempt is a new message with a new ID, so that no deduplication window swallows a real retry. First is when
// the first attempt was due: give-up times count from it. Doubt tells that an earlier attempt may have been carried out,
// although nobody could find it: what follows can no longer prove that it was not. Trace is the arrival it follows from, for
// the logs. Waits counts the attempts that only waited, because of the account and not of the message. Channel names the
// account of ours it goes through, where it goes through one. Ticket is the partition of its cause: a case, or an item not yet
// known, an account or a connection (IsCase tells which). Person is the network's id of whom it is about, sealed (package citizen),
// where it cannot be carried out without and nothing else keeps it.
type Message struct {
	V       int       `json:"v"`
	ID      string    `json:"id"`
	Topic   Topic     `json:"topic"`
	Ticket  string    `json:"ticket"`
	Subject string    `json:"subject,omitempty"`
	Group   string    `json:"group"`
	Due     time.Time `json:"due"`
	First   time.Time `json:"first"`
	Attempt int       `json:"attempt"`
	Doubt   bool      `json:"doubt,omitempty"`
	Waits   int       `json:"waits,omitempty"`
	Trace   string    `json:"trace,omitempty"`
	Channel string    `json:"channel,omitempty"`
	Person  string    `json:"person,omitempty"`
}

// New makes the first attempt at topic for a ticket, due at the given instant.
func New(id string, topic Topic, ticket, subject, group string, due time.Time) Message {
	due = due.UTC()
	return Message{V: 1, ID: id, Topic: topic, Ticket: ticket, Subject: subject, Group: group, Due: due, First: due, Attempt: 1}
}

// Case gives the case the message follows from, "" when it follows from none.
func (m Message) Case() string {
	if !IsCase(m.Ticket) {
		return ""
	}
	return m.Ticket
}

// Ref gives the message's address.
func (m Message) Ref() Ref { return Ref{Ticket: m.Ticket, ID: m.ID} }

// Dedup is the deduplication id of handing this attempt over.
func (m Message) Dedup() string { return m.ID + "." + strconv.Itoa(m.Attempt) }

// Again is the next attempt, perhaps at another topic (a check after a file), due at the given instant. Its id is
// derived, so deciding the same retry twice plans it once.
func (m Message) Again(topic Topic, due time.Time) Message {
	base := m.ID
	for i := range len(base) {
		if base[i] == '~' {
			base = base[:i]
			break
		}
	}
	next := m
	next.Attempt++
	next.ID = base + "~" + strconv.Itoa(next.Attempt)
	next.Topic, next.Due = topic, due.UTC()
	return next
}

// Later is the next attempt of what was not tried and only waits.
func (m Message) Later(due time.Time) Message {
	next := m.Again(m.Topic, due)
	next.Waits++
	return next
}

// Tried is how often it was tried, with this attempt.
func (m Message) Tried() int { return m.Attempt - m.Waits }

// Backoff is the wait before attempt n+1: 1 s, 4 s, 16 s, 64 s … up to 15 minutes, spread by jitter in [0,1) to between
// half and the whole of it (domain.md §6.2: 1 s → 15 min with jitter).
func Backoff(n int, jitter float64) time.Duration {
	wait := time.Second
	for range min(max(n-1, 0), 6) {
		wait *= 4
	}
	wait = min(wait, Soon)
	return wait/2 + time.Duration(jitter*float64(wait/2))
}
