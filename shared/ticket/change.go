package ticket

import (
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
)

// Change is one indivisible step: the new state, its bitácora entry and its consequences are written together or not at
// all. The zero value of each field means "not part of this step".
type Change struct {
	// Ticket is the new state; its Version is one above the stored one (1: it must not exist yet) and its Head is the
	// hash of Entry. Both are nil when the step is not about a case.
	Ticket *Ticket
	Entry  *audit.Entry

	// Seen is written only if its item was not seen before, or stands as Was says (an edit or delete that came first).
	Seen    *Seen
	SeenWas *Seen

	// Mentions and Replies are written under their own Rev: stored Rev + 1, 1 for a new one.
	Mentions []Mention
	Replies  []Reply

	// Open points the conversation at Ticket, only if it points at no open case; Close takes that pointer away.
	Open  bool
	Close bool

	// Send are new messages; Done were carried out and Cancel must not be: both must still exist, and a message to
	// cancel must not be claimed.
	Send   []outbox.Message
	Done   []outbox.Ref
	Cancel []outbox.Ref

	// Claim marks a message as about to be carried out; it must exist and be unclaimed. At the instant ClaimAt.
	Claim   *outbox.Ref
	ClaimAt time.Time

	// HandedOver marks a message as given to its worker's queue at HandedAt; it must exist.
	HandedOver *outbox.Ref
	HandedAt   time.Time

	// Raise are matters for a person; Settle takes them away.
	Raise  []Attention
	Settle []Attention

	// Click remembers the answer to a request with an Idempotency-Key; it must be new.
	Click *Click

	// Quarantine keeps a delivery nobody could understand.
	Quarantine *Quarantined
}

// Seen is the permanent memory of one item of a network: which case and mention it became. Ticket is empty for an item
// that opened none: Edited or Deleted came before it, or it was nobody's business.
type Seen struct {
	Network mention.Network `json:"network"`
	Key     string          `json:"key"`
	Ticket  string          `json:"ticket,omitempty"`
	At      time.Time       `json:"at"` // of the mention: with the key, its address inside the case
	Deleted bool            `json:"deleted,omitempty"`
	Edited  *mention.Event  `json:"edited,omitempty"` // the newest edit that came before its item
	Rev     int             `json:"rev"`
}

// Attention is a matter that waits for a person: an unknown outcome, a failure. ID names it inside its case.
type Attention struct {
	Ticket  string          `json:"ticket"`
	ID      string          `json:"id"`
	Kind    string          `json:"kind"` // reply_unknown, reply_refused, reply_expired, siac_unknown, siac_refused
	Number  string          `json:"number,omitempty"`
	Network mention.Network `json:"network,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	At      time.Time       `json:"at"`
}

// Click is the remembered answer to one request of one user. Body is the answer's JSON.
type Click struct {
	Key    string    `json:"key"`    // hash of user and Idempotency-Key
	Digest string    `json:"digest"` // hash of method, path and body of the request
	Status int       `json:"status"`
	Body   []byte    `json:"body,omitempty"`
	At     time.Time `json:"at"`
}

// Quarantined is a delivery, or one item of it, that could not be understood. Raw is the exact bytes.
type Quarantined struct {
	ID      string          `json:"id"` // hash of network and raw: the same bytes are kept once
	Network mention.Network `json:"network"`
	Reason  string          `json:"reason"`
	At      time.Time       `json:"at"`
	Size    int             `json:"size"`
	Raw     []byte          `json:"raw,omitempty"`
}

// Actor is who acts: a person of the desk, or the system.
type Actor struct {
	ID    string
	Name  string
	Roles []Role
}

// Is reports whether the actor holds one of the roles.
func (a Actor) Is(roles ...Role) bool {
	for _, have := range a.Roles {
		for _, want := range roles {
			if have == want {
				return true
			}
		}
	}
	return false
}

// next is the step from t to the given new state with its entry: version, head and clock move here and nowhere else.
func (t Ticket) next(to Ticket, kind audit.Kind, actor, reason string, facts map[string]string, now time.Time) Change {
	to.Version = t.Version + 1
	to.UpdatedAt = now.UTC()
	entry := audit.Entry{
		Ticket: to.ID, Version: to.Version, At: now, Actor: actor, Kind: kind, Reason: reason, Facts: facts,
		From: string(t.State), To: string(to.State),
	}.Seal(t.Head)
	to.Head = entry.Hash
	return Change{Ticket: &to, Entry: &entry}
}
