// Package mention is what a citizen wrote, where, and its identity across deliveries.
package mention

import (
	"slices"
	"strings"
	"time"
)

// Network is a social network ("red"); stored and spoken of by its lower-case name.
type Network string

// The networks.
const (
	Facebook  Network = "facebook"
	Instagram Network = "instagram"
	WhatsApp  Network = "whatsapp"
	X         Network = "x"
	LinkedIn  Network = "linkedin"
)

// Networks lists every network in the order the console shows them.
func Networks() []Network { return []Network{Facebook, Instagram, X, LinkedIn, WhatsApp} }

// Title is how people call the network.
func (n Network) Title() string {
	switch n {
	case Facebook:
		return "Facebook"
	case Instagram:
		return "Instagram"
	case WhatsApp:
		return "WhatsApp"
	case X:
		return "X"
	case LinkedIn:
		return "LinkedIn"
	default:
		return "esa red"
	}
}

// Known reports whether n is one of Networks.
func (n Network) Known() bool {
	for _, known := range Networks() {
		if n == known {
			return true
		}
	}
	return false
}

// Outcome is what a delivered item asks of us.
type Outcome string

// The outcomes of decoding one item of a delivery.
const (
	Interaction   Outcome = "interaction"    // candidate for a ticket
	Thread        Outcome = "thread"         // belongs to an open thread
	Own           Outcome = "own"            // our own activity
	Edit          Outcome = "edit"           // new version of a known text
	Delete        Outcome = "delete"         // withdrawn: tombstone, text redacted
	Moderation    Outcome = "moderation"     // hidden or shown again
	Reaction      Outcome = "reaction"       // a reaction set, replaced or removed
	Metric        Outcome = "metric"         // counted, never a ticket
	Status        Outcome = "status"         // delivery or read receipt
	Fetch         Outcome = "fetch"          // text or author must be read first
	Ops           Outcome = "ops"            // for the operator
	Alert         Outcome = "alert"          // for the operator, at once
	Ignore        Outcome = "ignore"         // known and useless
	IgnoreUnknown Outcome = "ignore_unknown" // unknown shape: raw kept
	Quarantine    Outcome = "quarantine"     // cannot be understood: raw kept with a reason
)

// Kind is the sort of item.
type Kind string

// The kinds of item.
const (
	Comment      Kind = "comment"
	Post         Kind = "post"
	Mentioned    Kind = "mention"
	StoryMention Kind = "story_mention"
	StoryReply   Kind = "story_reply"
	DM           Kind = "dm"
	Review       Kind = "review"
	Reacted      Kind = "reaction"
	StatusKind   Kind = "status"
	Other        Kind = "other"
)

// Author is who wrote an item, as the network names them; ids are scoped to the network and often to our account. Aliases are
// further names: other ids of the same person, and, begun with @, the name the person chose, which another may choose later.
type Author struct {
	ID      string   `json:"id,omitempty"`
	Name    string   `json:"name,omitempty"`
	Aliases []string `json:"aliases,omitempty"`
}

// IDs gives the ids by which the network knows the person, the one it should be known by first.
func (a Author) IDs() []string {
	var ids []string
	if a.ID != "" {
		ids = append(ids, a.ID)
	}
	for _, id := range a.Aliases {
		if id != "" && !strings.HasPrefix(id, "@") && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Attachment is a media item hung on a text; URL is the network's own and may expire. ID is the network's id of the item,
// of those whose address has to be asked for. Stored is where our own copy lies, with what it is and its bytes; Lost says in
// one word why there will be none. No decoder fills these four.
type Attachment struct {
	Type        string `json:"type"`
	ID          string `json:"id,omitempty"`
	URL         string `json:"url,omitempty"`
	Stored      string `json:"stored,omitempty"`
	ContentType string `json:"contentType,omitempty"`
	Size        int    `json:"size,omitempty"`
	Lost        string `json:"lost,omitempty"`
}

// Event is one item of a delivery in our own words, the same for every network.
// Key is the network's id of the item; Thread the id of what it hangs on (post, or conversation partner for a DM);
// Parent the item it answers, when the network says so. At is the network's time in UTC. Link is where people see the item,
// when the network or a person told it. Tag is our own word for what we sent, where the network gives it back with an echo or
// a status.
type Event struct {
	Outcome     Outcome      `json:"outcome"`
	Network     Network      `json:"channel"`
	Kind        Kind         `json:"kind,omitempty"`
	Key         string       `json:"key,omitempty"`
	Thread      string       `json:"thread,omitempty"`
	Parent      string       `json:"parent,omitempty"`
	Author      *Author      `json:"author,omitempty"`
	Account     string       `json:"account,omitempty"`
	Text        string       `json:"text,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	At          time.Time    `json:"at,omitzero"`
	Flags       []string     `json:"flags,omitempty"`
	Reason      string       `json:"reason,omitempty"`
	Link        string       `json:"link,omitempty"`
	Tag         string       `json:"tag,omitempty"`

	// Remote and Recipient are what an answer needs, sealed (package citizen): the network's own name of the item where Key
	// is not it, and the person an answer may go to. Received is when it reached us. No decoder fills them.
	Remote    string    `json:"-"`
	Recipient string    `json:"-"`
	Received  time.Time `json:"-"`
}

// Flag reports whether the event carries the flag.
func (e Event) Flag(name string) bool {
	for _, f := range e.Flags {
		if f == name {
			return true
		}
	}
	return false
}

// Public reports whether everybody can read the item: all but direct messages and answers to stories.
func (e Event) Public() bool { return e.Kind != DM && e.Kind != StoryReply }
