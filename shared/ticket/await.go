package ticket

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
)

// NoText is what lists show of an item whose words its network would not give.
const NoText = "Texto no disponible"

// Await remembers an item of which its network told the id and not all of the rest, and plans to read it: no case is opened
// before that. Key is the name the item is known by here; told is what was told, with everything that names its author
// sealed. Received is when we heard of it: the term counts from there where the network tells no time. Was is what was known
// before: nothing, or an edit that came first.
//
// Whoever carries out mention.fetch finds the item by the network of the message's Channel and its Subject. It is to be read
// while its memory is Awaited or Blank; else the message is done, because the item came by itself.
func Await(key string, told mention.Event, was *Seen, received, now time.Time) Change {
	seen := Seen{Network: told.Network, Key: key, At: received.UTC(), Awaited: &told, Rev: revAfter(was)}
	if told.Text != "" || len(told.Attachments) > 0 {
		seen.Expires = EarlyExpires(told.Network, received)
	}
	if was != nil {
		seen.Edited, seen.Expires = was.Edited, was.Expires
	}
	account := channel.Ref{Network: told.Network, Account: told.Account}
	return Change{Seen: &seen, SeenWas: was, Send: []outbox.Message{toRead(seen, account, now)}}
}

// Outdated remembers that an item of a case has other words by now, which its network did not send, and plans to read them.
// False when that is remembered already.
func (s Seen) Outdated(account channel.Ref, now time.Time) (Change, bool) {
	if s.Blank || s.Ticket == "" || s.Reply != "" {
		return Change{}, false
	}
	was := s
	s.Blank = true
	s.Rev++
	return Change{Seen: &s, SeenWas: &was, Send: []outbox.Message{toRead(s, account, now)}}, true
}

// toRead is the message by which an item is read. Its name follows from the item and its revision: deciding it twice plans it
// once. It waits for nobody and nobody waits for it.
func toRead(s Seen, account channel.Ref, now time.Time) outbox.Message {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", s.Network, s.Key, s.Rev)) // a queue takes no name longer than 128 letters
	id := "fetch-" + hex.EncodeToString(sum[:12])
	m := outbox.New(id, outbox.FetchItem, outbox.ItemCause(string(s.Network), s.Key), s.Key, id, now)
	m.Channel = account.String()
	return m
}

// seenAs is the memory of an item that is now a mention of a case.
func seenAs(e mention.Event, m Mention, was *Seen) *Seen {
	return &Seen{
		Network: e.Network, Key: e.Key, Ticket: m.Ticket, At: m.At, Rev: revAfter(was),
		Blank: e.Flag(mention.FlagUnavailable) && e.Text == "",
	}
}
