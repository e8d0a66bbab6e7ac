// Package channel is an account of ours on a network: whether it works, until when its keys are good, and what it may still
// spend.
package channel

import (
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/mention"
)

// Ref names a channel: our account on one network, by that network's id of it.
type Ref struct {
	Network mention.Network `json:"network"`
	Account string          `json:"account"`
}

// String gives the channel's name in messages and logs, as ParseRef reads it.
func (r Ref) String() string { return string(r.Network) + "/" + r.Account }

// ParseRef reads what String wrote; false for anything else.
func ParseRef(text string) (Ref, bool) {
	network, account, found := strings.Cut(text, "/")
	ref := Ref{Network: mention.Network(network), Account: account}
	return ref, found && account != "" && ref.Network.Known()
}

// State is whether a channel works; stored by its lower-case name.
type State string

// The states of a channel.
const (
	Working State = "ok"     // calls go out
	Paused  State = "paused" // nothing goes out until somebody mends what Reason says; what waits is kept
	Closed  State = "closed" // a person took the account away: nothing goes out, and what waited was told to a person
)

// Why a channel is paused, or what is not as it should be.
const (
	ReasonAuth       = "auth"      // the network no longer takes our key: connect again
	ReasonRevoked    = "revocado"  // the account took our access away: connect again
	ReasonBlocked    = "bloqueado" // the network stopped us
	ReasonByHand     = "por_persona"
	ReasonPermission = "permission" // a right is missing: Missing says which
	ReasonBudget     = "presupuesto"
)

// Subscription is what a network tells us of by itself for this account. Until is when it ends by itself; zero: never.
type Subscription struct {
	Name    string    `json:"name"`
	Working bool      `json:"working"`
	Until   time.Time `json:"until,omitzero"`
	Checked time.Time `json:"checked,omitzero"`
}

// Channel is what is known of an account of ours. Instants are UTC; those that never happened are zero. Its keys are not
// in it: they are its Grant. Cursors are how far each list of the network has been read, by the list's name. Next is when
// the account is to be looked at again, Checked when its rights and subscriptions were last looked at, Listed when all its
// lists were last read to their end. Repaired counts the items that came by looking because no delivery had brought them.
// Rev is its lock.
type Channel struct {
	Ref
	Name          string            `json:"name,omitempty"`
	State         State             `json:"state"`
	Reason        string            `json:"reason,omitempty"`
	Since         time.Time         `json:"since,omitzero"`        // of State
	By            string            `json:"by,omitempty"`          // who set State; empty: the system
	ConnectedAt   time.Time         `json:"connectedAt,omitzero"`  // since when we answer for what is written to it
	ConnectedBy   string            `json:"connectedBy,omitempty"` // who gave its keys
	Expiries      []Expiry          `json:"expiries,omitempty"`
	Missing       []string          `json:"missing,omitempty"` // rights, in the network's own names
	Subscriptions []Subscription    `json:"subscriptions,omitempty"`
	Delivered     time.Time         `json:"delivered,omitzero"` // last delivery of the network
	Called        time.Time         `json:"called,omitzero"`    // last call the network took
	Failed        string            `json:"failed,omitempty"`   // reason of the last call it did not take; empty after one it took
	Checked       time.Time         `json:"checked,omitzero"`
	Listed        time.Time         `json:"listed,omitzero"`
	Next          time.Time         `json:"next,omitzero"`
	Cursors       map[string]string `json:"cursors,omitempty"`
	Usage         Usage             `json:"usage,omitzero"`
	Repaired      int               `json:"repaired,omitempty"`
	RepairedBy    string            `json:"repairedBy,omitempty"` // the delivery counted last
	Templates     []KnownTemplate   `json:"templates,omitempty"`  // texts its network has approved, by name
	Rev           int               `json:"rev"`
}

// Expiry is something of a channel that ends by itself, and the day on which somebody must know.
type Expiry struct {
	Kind  string    `json:"kind"` // one of the Expires… constants
	At    time.Time `json:"at"`
	Warn  time.Time `json:"warn"`            // from here on people are told
	Hands bool      `json:"hands,omitempty"` // only a person can prolong it, by connecting again
}

// What ends by itself.
const (
	ExpiresAccess       = "acceso"      // the key of calls: renewed by itself where the network lets us
	ExpiresRefresh      = "renovacion"  // the key that renews it (LinkedIn: 365 days from the first grant, never prolonged)
	ExpiresData         = "datos"       // access to data (Meta: 90 days without the person's sign-in)
	ExpiresSubscription = "suscripcion" // a subscription (LinkedIn)
)

// Usage is how much of what a network lets us call is used up, as its own headers say. Share is of 1; Until is when it is
// counted anew, or when a network that refused lets us in again; At when it said so.
type Usage struct {
	Share float64   `json:"share,omitempty"`
	Until time.Time `json:"until,omitzero"`
	At    time.Time `json:"at,omitzero"`
}

// The shares at which we slow down and stop (platforms.md §5): what is left belongs to the answers of people.
const (
	SlowFrom = 0.75
	StopFrom = 0.95
)

// Known reports whether a network said anything.
func (u Usage) Known() bool { return !u.At.IsZero() }

// Pace is what a channel's use allows at an instant.
type Pace int

// The paces, from free to none.
const (
	Free Pace = iota + 1
	Slow      // looking waits; answers go on
	Stop      // nothing goes out before Until
)

// unsaid is how long a use holds of which the network did not say when it is counted anew. It must end: what has stopped
// makes no call that could tell us of a better one.
const unsaid = 5 * time.Minute

// Ends is when what was said of the use is over.
func (u Usage) Ends() time.Time {
	if u.Until.IsZero() {
		return u.At.Add(unsaid)
	}
	return u.Until
}

// Pace judges the use at the instant now: what was said before the count began anew is over.
func (u Usage) Pace(now time.Time) Pace {
	switch {
	case !u.Known(), !now.Before(u.Ends()):
		return Free
	case u.Share >= StopFrom:
		return Stop
	case u.Share >= SlowFrom:
		return Slow
	default:
		return Free
	}
}
