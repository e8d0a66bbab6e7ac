package post

import "time"

// Campaign is posts that belong together: what they are for, and from which day to which (2026-12-01) they run. Ended closes it for
// new ones.
type Campaign struct {
	ID        string    `json:"id"`
	Rev       int       `json:"rev"`
	Name      string    `json:"name"`
	Goal      string    `json:"goal,omitempty"`
	From      string    `json:"from,omitempty"`
	To        string    `json:"to,omitempty"`
	Ended     bool      `json:"ended,omitempty"`
	By        string    `json:"by"`
	ByName    string    `json:"byName,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
}
