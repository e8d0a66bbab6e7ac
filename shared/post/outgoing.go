package post

import "sence.gob.cl/gestor/shared/channel"

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
	// Extended asks for the longer window that Meta gives to words a person typed (HUMAN_AGENT).
	Extended bool
	// Template is said instead of Text, where the network takes nothing else any more (WhatsApp after 24 hours); Text is then
	// what it reads as.
	Template *Template
	// Stands is what the Receipt of an earlier attempt named: Find looks at it first.
	Stands string
}

// Receipt is what a network gave back for one call: its id of what it made, and how much of our quota is used up. Stands
// comes with the error of a duplicate only: the network's id of what it says stands there already, which may be ours.
type Receipt struct {
	ID     string
	Usage  channel.Usage
	Stands string
}

// Verb is what may be done with something on a network besides answering it; stored by its name.
type Verb string

// The verbs. Doing one twice is doing it once, so that an unknown outcome is simply done again.
const (
	Hide   Verb = "hide"   // the public no longer sees it
	Unhide Verb = "unhide" // and sees it again
	Like   Verb = "like"
	Remove Verb = "remove" // take away something of our own
)

// Act is one verb on its way to a network. Target is the network's id of what it is done to, Parent of what that hangs on.
type Act struct {
	Account string
	Target  string
	Parent  string
	Verb    Verb
}
