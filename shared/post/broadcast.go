package post

import (
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
)

// Broadcast is one post on its way to a network. Tag is our own id of it, for networks that give such a word back; Recipient
// the network's id of the person a template goes to. Prepared is what Prepare brought there before; Stands what the Receipt of
// an earlier attempt named.
type Broadcast struct {
	Account   string
	Text      string
	Link      string
	Media     []Attached
	Template  *Template
	Recipient string
	Tag       string
	Prepared  Prepared
	Stands    string
}

// Whole is the text as network n shows it, which is what was counted when it was approved.
func (b Broadcast) Whole(n mention.Network) string {
	return Compose(n, Piece{Text: b.Text, Link: b.Link, Media: b.Media})
}

// Prepared is what was brought to a network for a post and that nobody sees there yet: by name, ids and counts as the adapter
// needs them. Ready says that the post can be published; until then it is to be asked again after Wait. Until is when the network
// throws it away; zero where it does not.
type Prepared struct {
	Ready bool              `json:"ready,omitempty"`
	Has   map[string]string `json:"has,omitempty"`
	Until time.Time         `json:"until,omitzero"`
	Wait  time.Duration     `json:"-"`
	Usage channel.Usage     `json:"-"`
}

// Good reports whether what was prepared can still be published at the instant.
func (p Prepared) Good(at time.Time) bool { return p.Ready && (p.Until.IsZero() || at.Before(p.Until)) }

// Figures is what a network counts of a post of ours at an instant: absent what it does not tell.
type Figures struct {
	At        time.Time `json:"at"`
	Views     *int64    `json:"views,omitempty"`
	Reactions *int64    `json:"reactions,omitempty"`
	Comments  *int64    `json:"comments,omitempty"`
	Shares    *int64    `json:"shares,omitempty"`
	Clicks    *int64    `json:"clicks,omitempty"`
}
