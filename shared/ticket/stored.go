package ticket

import (
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
)

// Why a store refuses a Change, or does not find what was asked for. Each is the cause of an error with a kind of
// package fault, named beside it.
var (
	// ErrSeen (Duplicate): the item of the network is known already.
	ErrSeen = errors.New("item seen before")
	// ErrNumberTaken (Conflict): another case carries the number; take the next one.
	ErrNumberTaken = errors.New("number taken")
	// ErrConversationOpen (Conflict): the conversation points at another open case.
	ErrConversationOpen = errors.New("conversation has another open case")
	// ErrStale (Conflict): a version or revision has moved; read again and decide again.
	ErrStale = errors.New("version moved")
	// ErrClaimed: the message is being carried out. Duplicate for who would claim it, Conflict for who would cancel it.
	ErrClaimed = errors.New("message claimed")
	// ErrGone (NotFound): the message, case or other item does not exist, or exists no longer.
	ErrGone = errors.New("does not exist")
	// ErrClickUsed (Duplicate): the request was answered already; the answer can be read.
	ErrClickUsed = errors.New("request answered before")
	// ErrFolioTaken (Permanent): SIAC's folio belongs to another case; a person must look.
	ErrFolioTaken = errors.New("folio belongs to another case")
	// ErrSameFile (Conflict): the library has a file of the very same bytes.
	ErrSameFile = errors.New("library has the same file")
)

// View is a way to look at the cases.
type View string

// The views.
const (
	ViewWaiting  View = "waiting"  // nobody has them: by class, first in first out inside each (Ley 19.880 art. 7)
	ViewState    View = "state"    // in one state, in the same order
	ViewAssigned View = "assigned" // held by one person and not final, by the end of their term
)

// Query asks for one page of a list. State belongs to ViewState, Assignee to ViewAssigned. Restricted asks for the
// denuncias: in the first two views instead of all other cases, in ViewAssigned together with them. Intent, when set,
// keeps one class; Match, when set, what it says yes to. Cursor is what the page before answered; Limit is 1 to 200, 50
// when it is 0.
type Query struct {
	View       View
	State      State
	Assignee   string
	Restricted bool
	Intent     classify.Intent
	Match      func(Row) bool
	Cursor     string
	Limit      int
}

// Row is a case as lists show it: a part of Ticket under the same JSON names. What follows from it may be late; the
// highest Version wins.
type Row struct {
	ID           string           `json:"id"`
	Number       string           `json:"number"`
	Version      int              `json:"version"`
	Network      mention.Network  `json:"network"`
	Account      string           `json:"account"`
	Public       bool             `json:"public"`
	Kind         mention.Kind     `json:"kind"`
	State        State            `json:"state"`
	Intent       Intent           `json:"intent"` // without Reasons and Version
	Urgency      classify.Urgency `json:"urgency"`
	Topics       []string         `json:"topics,omitempty"`
	Etapa        string           `json:"etapa,omitempty"`
	TipoPersona  string           `json:"tipoPersona"`
	Region       string           `json:"region,omitempty"`
	OpenedAt     time.Time        `json:"openedAt"`
	DueDate      string           `json:"dueDate"`
	DueAt        time.Time        `json:"dueAt"`
	UpdatedAt    time.Time        `json:"updatedAt"`
	Assignee     string           `json:"assignee,omitempty"`
	AssigneeName string           `json:"assigneeName,omitempty"`
	Citizen      Named            `json:"citizen"`
	SIAC         SIAC             `json:"siac"`
	First        string           `json:"first"`
	Target       string           `json:"target,omitempty"`
	Mentions     int              `json:"mentions"`
	Excerpt      string           `json:"excerpt,omitempty"`
	ExcerptUntil time.Time        `json:"excerptUntil,omitzero"`
}

// Named is a Citizen without the key.
type Named struct {
	Name   string    `json:"name,omitempty"`
	Handle string    `json:"handle,omitempty"`
	Until  time.Time `json:"until,omitzero"`
}

// Row gives the part of the case that lists show.
func (t Ticket) Row() Row {
	intent := t.Intent
	intent.Reasons, intent.Version = nil, ""
	return Row{
		ID: t.ID, Number: t.Number, Version: t.Version, Network: t.Network, Account: t.Account, Public: t.Public,
		Kind: t.Kind, State: t.State, Intent: intent, Urgency: t.Urgency, Topics: t.Topics, Etapa: t.Etapa,
		TipoPersona: t.TipoPersona, Region: t.Region, OpenedAt: t.OpenedAt, DueDate: t.DueDate, DueAt: t.DueAt,
		UpdatedAt: t.UpdatedAt, Assignee: t.Assignee, AssigneeName: t.AssigneeName,
		Citizen: Named{Name: t.Citizen.Name, Handle: t.Citizen.Handle, Until: t.Citizen.Until}, SIAC: t.SIAC, First: t.First,
		Target: t.Target, Mentions: t.Mentions, Excerpt: t.Excerpt, ExcerptUntil: t.ExcerptUntil,
	}
}

// ChangeRow says that a case reached a version, at the instant of its bitácora entry.
type ChangeRow struct {
	Ticket  string    `json:"ticket"`
	Version int       `json:"version"`
	At      time.Time `json:"at"`
}

// ChangeOverlap is how far a reader of changes goes back over what it has read. An entry carries the instant its
// invocation began, so it can become visible as much later as that function may run; every timeout of a function that
// commits must stay well below it.
const ChangeOverlap = 90 * time.Second
