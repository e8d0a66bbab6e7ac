package post

// Outgoing is one answer on its way to a network. Target is the network's id of the item it answers; Recipient the network's
// id of the person it goes to, where an answer goes to a person; Tag is our own id of it, for networks that give such a word
// back in an echo or a receipt. Account is ours.
type Outgoing struct {
	Account    string
	Target     string
	Recipient  string
	Visibility Visibility
	Text       string
	Tag        string
}
