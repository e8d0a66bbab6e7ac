package ticket

import (
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/model"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
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

	// Open points the conversation and the aliases at Ticket, Names points some of the aliases, each only if it points at no
	// other case, or at Over, one that has ended. Close takes all pointers away.
	Open  bool
	Close bool
	Names []string
	Over  string

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

	// Channel, Grant and Connection are written under their own Rev: stored Rev + 1, 1 for a new one.
	Channel    *channel.Channel
	Grant      *channel.Grant
	Connection *channel.Connection

	// File is written under its own Rev too. One that is ready is found by its Sum from then on, and no other by the same; one that
	// is removed is found no longer.
	File *post.LibraryFile

	// Models is the register of the classifier's models, written over the version before together with its entry.
	Models *model.Step

	// Post is the new state of a post of ours; its Version is one above the stored one. Targets are written under their own Rev,
	// as replies are. Logged are the entries of both, each in its own chain.
	Post    *post.Post
	Targets []post.Target
	Logged  []audit.Entry

	// Campaign is written under its own Rev.
	Campaign *post.Campaign

	// Spend is added to what its channel cost on its day. It stands alone in its step: a figure that is a moment late harms
	// nobody, and a counter inside of transactions would make them wait for each other.
	Spend *channel.Spend
}

// Seen is the permanent memory of one item of a network: which case and mention it became. Ticket is empty for an item
// that opened none: Edited or Deleted came before it, or it was nobody's business.
type Seen struct {
	Network mention.Network `json:"network"`
	Key     string          `json:"key"`
	Ticket  string          `json:"ticket,omitempty"`
	Reply   string          `json:"reply,omitempty"` // of the case: the item is not a citizen's but this answer of ours
	At      time.Time       `json:"at"`              // of the mention: with the key, its address inside the case; of an awaited one, when we first heard of it
	Deleted bool            `json:"deleted,omitempty"`
	Edited  *mention.Event  `json:"edited,omitempty"`  // the newest edit that came before its item
	Awaited *mention.Event  `json:"awaited,omitempty"` // told of by its id alone: fetch reads the rest
	Blank   bool            `json:"blank,omitempty"`   // its words could not be read, or are others by now: they are taken when they come after all
	// Nameless: it was told without what its author is called, which is being asked for.
	Nameless bool `json:"nameless,omitempty"`
	Rev      int  `json:"rev"`
	// Expires is when words are forgotten whose item never came; zero once the item is known (see EarlyExpires).
	Expires time.Time `json:"-"`
}

// Attention is a matter that waits for a person: an unknown outcome, a failure. ID names it inside its case. Where it is no
// case's, Ticket is what it follows from (outbox.IsCase), or empty where it is shown, and Channel the account of ours it is about.
type Attention struct {
	Ticket  string          `json:"ticket"`
	ID      string          `json:"id"`
	Kind    string          `json:"kind"` // reply_unknown, reply_refused, reply_expired, siac_unknown, siac_refused
	Number  string          `json:"number,omitempty"`
	Network mention.Network `json:"network,omitempty"`
	Channel string          `json:"channel,omitempty"`
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
// Expires is when it goes before its time, because of its network's rules; zero where they have none.
type Quarantined struct {
	ID      string          `json:"id"` // hash of network and raw: the same bytes are kept once
	Network mention.Network `json:"network"`
	Reason  string          `json:"reason"`
	At      time.Time       `json:"at"`
	Size    int             `json:"size"`
	Raw     []byte          `json:"raw,omitempty"`
	Expires time.Time       `json:"-"`
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

// system acts where nobody's hand did.
func system() Actor { return Actor{ID: audit.System} }

// Traced marks the messages of the step as following from an arrival, so that the logs of what they cause can be found by
// it. It changes nothing that is decided.
func (c Change) Traced(trace string) Change {
	if len(c.Send) == 0 || trace == "" {
		return c
	}
	send := make([]outbox.Message, len(c.Send))
	for i, m := range c.Send {
		m.Trace = trace
		send[i] = m
	}
	c.Send = send
	return c
}

// With is the step together with what another says of posts and their targets.
func (c Change) With(more Change) Change {
	c.Targets, c.Logged = append(c.Targets, more.Targets...), append(c.Logged, more.Logged...)
	return c
}

// next is the step from t to the given new state with its entry: version, head, clock and expiry move here and nowhere else.
func (t Ticket) next(to Ticket, kind audit.Kind, by Actor, reason string, facts map[string]string, now time.Time) Change {
	to.Version = t.Version + 1
	to.UpdatedAt = now.UTC()
	to.Expires = t.expiryOf(to, now)
	entry := audit.Entry{
		Ticket: to.ID, Version: to.Version, At: now, Actor: by.ID, ActorName: by.Name, Kind: kind, Reason: reason, Facts: facts,
		From: string(t.State), To: string(to.State), Scope: t.scope(to),
	}.Seal(t.Head)
	to.Head = entry.Hash
	return Change{Ticket: &to, Entry: &entry}
}

// scope tells who may know of the step from t to the given new state.
func (t Ticket) scope(to Ticket) audit.Scope {
	was, is := t.Intent.Final == classify.Denuncia, to.Intent.Final == classify.Denuncia
	switch {
	case is && (was || t.Version == 0): // from its first step on
		return audit.Restricted
	case is != was:
		return audit.Crossing
	default:
		return audit.Ordinary
	}
}
