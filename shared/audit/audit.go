// Package audit is one immutable entry of the bitácora: who did what to a case, when, and the hash that chains it to the
// entry before. It carries no citizen text.
package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Kind is what happened, in the past tense.
type Kind string

// The kinds of entry. Stored for ever: never renamed, only added.
const (
	TicketOpened      Kind = "ticket.opened"
	TicketClaimed     Kind = "ticket.claimed"
	TicketReleased    Kind = "ticket.released"
	TicketClassified  Kind = "ticket.classified"
	TicketReopened    Kind = "ticket.reopened"
	TicketClosed      Kind = "ticket.closed"
	MentionAdded      Kind = "mention.added"
	MentionEdited     Kind = "mention.edited"
	MentionDeleted    Kind = "mention.deleted"
	MentionFilled     Kind = "mention.filled"
	MentionHidden     Kind = "mention.hidden"
	MentionShown      Kind = "mention.shown"
	MentionForgotten  Kind = "mention.forgotten"
	CitizenNamed      Kind = "citizen.named" // what the person is called was read apart
	ReplyPlanned      Kind = "reply.planned"
	ReplySent         Kind = "reply.sent"
	ReplyUnknown      Kind = "reply.unknown"
	ReplyRefused      Kind = "reply.refused"
	ReplyDelayed      Kind = "reply.delayed"
	ReplyCancelled    Kind = "reply.cancelled"
	ReplyNative       Kind = "reply.native"
	ReplyEdited       Kind = "reply.edited"
	ReplyRemoved      Kind = "reply.removed"
	EscalationPlanned Kind = "siac.planned"
	EscalationUndone  Kind = "siac.undone"
	EscalationUnknown Kind = "siac.unknown"
	EscalationDelayed Kind = "siac.delayed"
	EscalationRefused Kind = "siac.refused"
	EscalationFiled   Kind = "siac.filed"
	EscalationSought  Kind = "siac.sought"
	ReplyRecorded     Kind = "reply.recorded"  // a person wrote down what was answered outside
	ReplyConfirmed    Kind = "reply.confirmed" // a person says that it is there
	ReplyRetried      Kind = "reply.retried"   // a person has it said once more
	ReplyDiscarded    Kind = "reply.discarded" // a person leaves unsaid what failed
	ActProposed       Kind = "act.proposed"
	ActPlanned        Kind = "act.planned"
	ActDone           Kind = "act.done"
	ActRefused        Kind = "act.refused"
	ActCancelled      Kind = "act.cancelled"
	ModelAdded        Kind = "model.added"
	ModelTried        Kind = "model.tried"      // in the shadow of the one that decides, or no longer
	ModelUsed         Kind = "model.used"       // it decides from here on
	ModelBack         Kind = "model.rolledback" // the one before decides again
	PostDrafted       Kind = "post.drafted"
	PostEdited        Kind = "post.edited"
	PostSubmitted     Kind = "post.submitted"
	PostApproved      Kind = "post.approved"
	PostRejected      Kind = "post.rejected"
	PostCancelled     Kind = "post.cancelled"
	PostLapsed        Kind = "post.lapsed"
	PostReviewed      Kind = "post.reviewed" // somebody else looked at what one person published in an emergency
	PostPlanned       Kind = "post.planned"  // on one network, and so are those that follow
	PostPrepared      Kind = "post.prepared"
	PostSent          Kind = "post.sent"
	PostUnknown       Kind = "post.unknown"
	PostRefused       Kind = "post.refused"
	PostExpired       Kind = "post.expired"
	PostDelayed       Kind = "post.delayed"
	PostRetried       Kind = "post.retried"
	PostDiscarded     Kind = "post.discarded"
	PostWithdrawn     Kind = "post.withdrawn" // taken back before it went out
	PostConfirmed     Kind = "post.confirmed" // a person says that it is there
	PostRewritten     Kind = "post.rewritten" // in the network's own application
	PostRemoved       Kind = "post.removed"   // in the network's own application
)

// System is the actor of what nobody's hand did.
const System = "sistema"

// Zone is where the acts take place; Decreto 10 (Ley 21.180) wants UTC plus the organ's place.
const Zone = "America/Santiago"

// Scope is who may know that a step happened (domain.md §7, E-4).
type Scope string

// The scopes of a step. Stored for ever: never renamed, only added.
const (
	Ordinary   Scope = ""           // of a case that everybody of the desk may know
	Restricted Scope = "restricted" // of a denuncia
	OfPosts    Scope = "posts"      // of what we publish: no case
	OfModel    Scope = "model"      // of what the classifier learns from: no case, and no change of one
	Crossing   Scope = "crossing"   // by which a case became a denuncia, or stopped being one: both sides must know
)

// Entry is one line of the bitácora. Version is the ticket's version it produced: the lock, the order and the proof that
// no step is missing, in one number. At is UTC. Facts are ids, codes and rule names, never a citizen's words.
type Entry struct {
	V       int       `json:"v"`
	Ticket  string    `json:"ticket"`
	Version int       `json:"version"`
	At      time.Time `json:"at"`
	Zone    string    `json:"zone"`
	Actor   string    `json:"actor"`
	// ActorName is what the person was called when acting; the system has none.
	ActorName string            `json:"actorName,omitempty"`
	Kind      Kind              `json:"kind"`
	From      string            `json:"from,omitempty"`
	To        string            `json:"to,omitempty"`
	Reason    string            `json:"reason,omitempty"`
	Facts     map[string]string `json:"facts,omitempty"`
	Scope     Scope             `json:"scope,omitempty"`
	Prev      string            `json:"prev,omitempty"`
	Hash      string            `json:"hash"`
}

// Seal completes the entry as the successor of the entry whose hash is prev ("" for the first of its chain). What is not
// UTF-8 becomes U+FFFD before it is hashed: JSON would change it on its way to the store, and then the hash is wrong.
func (e Entry) Seal(prev string) Entry {
	e.V, e.Zone, e.Prev = 1, Zone, prev
	e.At = e.At.UTC()
	for _, text := range []*string{&e.Ticket, &e.Actor, &e.ActorName, &e.From, &e.To, &e.Reason} {
		*text = valid(*text)
	}
	e.Kind, e.Facts = Kind(valid(string(e.Kind))), validFacts(e.Facts)
	e.Hash = e.digest()
	return e
}

func valid(text string) string { return strings.ToValidUTF8(text, "\ufffd") }

// validFacts leaves the caller's map alone.
func validFacts(facts map[string]string) map[string]string {
	if facts == nil {
		return nil
	}
	out := make(map[string]string, len(facts))
	for name, value := range facts {
		out[valid(name)] = valid(value)
	}
	return out
}

// digest is SHA-256 over the entry's JSON with an empty hash; map keys are sorted by the encoder, so it is stable.
func (e Entry) digest() string {
	e.Hash = ""
	raw, err := json.Marshal(e)
	if err != nil { // strings, ints and times always encode; only a year beyond 9999 could get here
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Verify checks one ticket's entries in order: no version missing, each hash right and chained to the one before. The
// error names the first version at fault.
func Verify(chain []Entry) error {
	prev := ""
	for i, e := range chain {
		switch {
		case e.Version != i+1:
			return fmt.Errorf("audit: entry %d carries version %d", i+1, e.Version)
		case e.Prev != prev:
			return fmt.Errorf("audit: version %d is not chained to the one before", e.Version)
		case e.Hash == "" || e.digest() != e.Hash:
			return fmt.Errorf("audit: version %d was altered", e.Version)
		}
		prev = e.Hash
	}
	return nil
}
