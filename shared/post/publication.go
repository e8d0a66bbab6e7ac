package post

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
)

// State is where a post, or its way out to one network, stands; stored and spoken of by its name.
type State string

// The states of a post until it is planned. From then on each of its targets has its own (Planned to Cancelled).
const (
	Draft     State = "draft"
	Submitted State = "submitted" // waits for a second person
	Approved  State = "approved"  // may go out, and has no moment yet
	Rejected  State = "rejected"
)

// The states of a target, and of a post that is planned or that ended before it was.
const (
	Planned   State = "planned"
	Claimed   State = "claimed" // being said at this moment
	Sent      State = "sent"
	Unknown   State = "unknown" // perhaps said: it is read back, and then a person decides
	Refused   State = "refused"
	Expired   State = "expired" // its moment passed
	Cancelled State = "cancelled"
)

// Known reports whether the state exists.
func (s State) Known() bool {
	switch s {
	case Draft, Submitted, Approved, Rejected, Planned, Claimed, Sent, Unknown, Refused, Expired, Cancelled:
		return true
	default:
		return false
	}
}

// Moment is when something is to happen as a person meant it: what the clock on the wall of Zone shows (Local,
// 2026-12-01T09:00). Later takes the second of two instants at which it shows that, in the night the clocks go back. At is
// the instant that follows, in UTC. Now means as soon as it is approved; At is then when that was.
type Moment struct {
	Now   bool      `json:"now,omitempty"`
	Local string    `json:"local,omitempty"`
	Zone  string    `json:"zone,omitempty"`
	Later bool      `json:"later,omitempty"`
	At    time.Time `json:"at,omitzero"`
}

// Template is a text WhatsApp has approved, with what is filled in, in its order; Language is its code (es_CL).
type Template struct {
	Name     string   `json:"name"`
	Language string   `json:"language"`
	Params   []string `json:"params,omitempty"`
}

// Attached is a file of the library that hangs on a post. Alt says in words what it shows; without it nothing goes out.
type Attached struct {
	ID  string `json:"id"`
	Alt string `json:"alt"`
	File
}

// File is what is known of a file of the library by its own bytes. Kind is image, gif or video; Size is in bytes, Width and
// Height in pixels as it is shown, Millis how long a video lasts.
type File struct {
	Kind   string `json:"kind,omitempty"`
	Type   string `json:"type,omitempty"`
	Size   int64  `json:"size,omitempty"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	Millis int64  `json:"millis,omitempty"`
}

// The kinds of file.
const (
	Image = "image"
	GIF   = "gif"
	Video = "video"
)

// Variant is what one network says differently; what is nil is as in the post.
type Variant struct {
	Text     *string     `json:"text,omitempty"`
	Link     *string     `json:"link,omitempty"`
	Media    *[]Attached `json:"media,omitempty"`
	Template *Template   `json:"template,omitempty"`
}

// Approval is who let a post out, and what exactly: Digest is that of the content then (Post.Digest). Emergency is a single
// person's, logged as such, with its reason.
type Approval struct {
	By        string    `json:"by"`
	Name      string    `json:"name,omitempty"`
	At        time.Time `json:"at"`
	Digest    string    `json:"digest"`
	Emergency bool      `json:"emergency,omitempty"`
	Reason    string    `json:"reason,omitempty"`
}

// Post is one text of ours for one or more networks, at one moment. Content is what a second person approves; the rest moves
// around it. Version counts its steps; Head is the hash of its last entry in the bitácora. Series names the posts that come
// from one recurrence, Campaign those that belong together. Resend lets it be said once more by itself when nobody can find
// it a quarter of an hour later. Reason is why it was rejected, or ended.
type Post struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Head    string `json:"head"`
	State   State  `json:"state"`
	Content
	Series      string      `json:"series,omitempty"`
	Place       int         `json:"place,omitempty"` // in its series, from 1
	Of          int         `json:"of,omitempty"`    // how many its series has
	Recurrence  *Recurrence `json:"recurrence,omitempty"`
	Campaign    string      `json:"campaign,omitempty"`
	Author      string      `json:"author"`
	AuthorName  string      `json:"authorName,omitempty"`
	Approval    *Approval   `json:"approval,omitempty"`
	Reason      string      `json:"reason,omitempty"`
	Lapse       string      `json:"lapse,omitempty"` // id of the message that ends it when nobody approves it in time
	Hands       []string    `json:"hands,omitempty"` // who had a hand in what it says: none of them approves it
	CreatedAt   time.Time   `json:"createdAt"`
	UpdatedAt   time.Time   `json:"updatedAt"`
	SubmittedAt time.Time   `json:"submittedAt,omitzero"`
	Expires     time.Time   `json:"-"`
}

// Content is what a post says, where and when. Accounts are those of ours it goes through, by network; without one, the first
// of the network. Cases are those of WhatsApp whose people a template goes to: WhatsApp has no posts.
type Content struct {
	Text      string                      `json:"text"`
	Link      string                      `json:"link,omitempty"`
	Media     []Attached                  `json:"media,omitempty"`
	Variants  map[mention.Network]Variant `json:"variants,omitempty"`
	Networks  []mention.Network           `json:"networks"`
	Accounts  map[mention.Network]string  `json:"accounts,omitempty"`
	Cases     []string                    `json:"cases,omitempty"`
	PublishAt Moment                      `json:"publishAt,omitzero"`
	Resend    bool                        `json:"resend,omitempty"`
}

// Piece is what one network says of a post.
type Piece struct {
	Text     string
	Link     string
	Media    []Attached
	Template *Template
}

// For gives what the content says on network n.
func (c Content) For(n mention.Network) Piece {
	p := Piece{Text: c.Text, Link: c.Link, Media: c.Media}
	v := c.Variants[n]
	if v.Text != nil {
		p.Text = *v.Text
	}
	if v.Link != nil {
		p.Link = *v.Link
	}
	if v.Media != nil {
		p.Media = *v.Media
	}
	p.Template = v.Template
	return p
}

// Target is a post on its way to one network. Digest is that of the content that was approved: with any other it does not go
// out. Due is when it is tried next, At when it was meant to go out. Prepared is what was brought to the network before; RemoteID
// and URL what it became there. Part counts, from 1, the people a template goes to, each a target of their own; Recipient is
// then their sealed id. Version and Head are of its own chain in the bitácora. Late is when people were told that it takes long; Stands is what a duplicate's refusal named; Resent that it was said again by itself, once.
// EditedAt and RemovedAt tell what was done to it in the network's own application; Figures what the network counts.
type Target struct {
	Post      string          `json:"post"`
	Network   mention.Network `json:"network"`
	Account   string          `json:"account"`
	Part      int             `json:"part,omitempty"`
	Recipient string          `json:"recipient,omitempty"`
	Rev       int             `json:"rev"`
	Version   int             `json:"version"`
	Head      string          `json:"head"`
	State     State           `json:"state"`
	Digest    string          `json:"digest"`
	Due       time.Time       `json:"due"`
	At        time.Time       `json:"at"`
	Message   string          `json:"message,omitempty"`
	Attempt   int             `json:"attempt,omitempty"`
	ClaimedAt time.Time       `json:"claimedAt,omitzero"`
	SentAt    time.Time       `json:"sentAt,omitzero"`
	RemoteID  string          `json:"remoteId,omitempty"`
	URL       string          `json:"url,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Stands    string          `json:"stands,omitempty"`
	Resent    bool            `json:"resent,omitempty"`
	Prepared  Prepared        `json:"prepared,omitzero"`
	Late      time.Time       `json:"late,omitzero"`
	EditedAt  time.Time       `json:"editedAt,omitzero"`
	RemovedAt time.Time       `json:"removedAt,omitzero"`
	Figures   *Figures        `json:"figures,omitempty"`
	Expires   time.Time       `json:"-"`
}

// Name is the target's name inside its post: its network, and its part where a post goes to several people.
func (t Target) Name() string {
	if t.Part == 0 {
		return string(t.Network)
	}
	return string(t.Network) + "-" + strconv.Itoa(t.Part)
}

// Cause is what messages and matters about the post follow from, and what its part of the bitácora is called.
func (p Post) Cause() string { return outbox.PostCause(p.ID) }

// Cause is the same of the post it belongs to.
func (t Target) Cause() string { return outbox.PostCause(t.Post) }

// Chain names the target's own chain of entries in the bitácora.
func (t Target) Chain() string { return t.Cause() + "/" + t.Name() }

// Digest is a hash of all that a second person approves.
func (c Content) Digest() string {
	raw, err := json.Marshal(c)
	if err != nil { // strings, ints and times always encode
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Ended reports whether nothing is to be done any more about saying it.
func (s State) Ended() bool {
	switch s {
	case Sent, Refused, Expired, Cancelled:
		return true
	case Draft, Submitted, Approved, Rejected, Planned, Claimed, Unknown:
		return false
	default:
		return false
	}
}
