package channel

import (
	"time"

	"sence.gob.cl/gestor/shared/mention"
)

// ListQuery asks for one page of a list of a network, as its adapter names it. Cursor is what the page before gave; where it
// is empty, the page begins with what was written at Since or later.
type ListQuery struct {
	List   string
	Cursor string
	Since  time.Time
}

// Page is one page of a list: what people wrote, and what we wrote outside of our system. Cursor goes into the next query
// and stays good after the last page, for what comes later; More says that a next page has something now. Cost is how many
// objects the network bills for it.
type Page struct {
	Events []mention.Event
	Cursor string
	More   bool
	Usage  Usage
	Cost   int
}

// Download is where the bytes of an attachment are, and what opens them: headers by name.
type Download struct {
	URL    string
	Header map[string]string
}

// Health is what a network says of an account of ours. Missing are rights it did not give, in the network's own names.
// Mended are subscriptions that were gone and were made anew.
type Health struct {
	Name          string
	Missing       []string
	Subscriptions []Subscription
	Mended        []string
	Expiries      []Expiry
	Usage         Usage
}

// Candidate is an account that somebody's grant lets us act as, with its own keys.
type Candidate struct {
	Choice
	Network mention.Network
	Tokens  Tokens
}
