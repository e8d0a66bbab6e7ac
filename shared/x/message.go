package x

import (
	"encoding/json"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// messageIDs is who and when of a direct message, typing and reading; both APIs write them the same.
type messageIDs struct {
	ID       ident  `json:"id"`
	Type     words  `json:"type"`
	At       stamp  `json:"created_timestamp"`
	SenderID ident  `json:"sender_id"`
	LastRead ident  `json:"last_read_event_id"`
	Target   target `json:"target"`
	Create   struct {
		SenderID ident  `json:"sender_id"`
		Target   target `json:"target"`
	} `json:"message_create"`
}

type target struct {
	RecipientID ident `json:"recipient_id"`
}

// people are the users beside messages, by id.
type people map[string]json.RawMessage

func (p people) author(id ident) *mention.Author {
	u, _ := readUser(p[id.s])
	u.ID = id
	return u.author()
}

// messages reads direct messages that are not encrypted.
func (d *decoder) messages(account string, a activity) {
	var p struct {
		Messages json.RawMessage `json:"direct_message_events"`
		Users    json.RawMessage `json:"users"`
	}
	_ = readObject(a.Payload, &p) // is an object
	if !given(p.Messages) {
		d.add(mention.Event{Outcome: mention.IgnoreUnknown, Account: account, Reason: mention.ReasonUnknownMessage})
		return
	}
	d.messageList(account, p.Messages, p.Users)
}

func (d *decoder) messageList(account string, list, users json.RawMessage) {
	known := people{}
	_ = readObject(users, &known) // without it there are no names
	d.list(account, list, func(item []byte) { d.message(account, item, known) })
}

// message reads one direct message.
func (d *decoder) message(account string, raw []byte, known people) {
	var m messageIDs
	if !readObject(raw, &m) {
		d.quarantine(account, mention.ReasonBadItem)
		return
	}
	sender, recipient := either(m.Create.SenderID, m.SenderID), either(m.Create.Target.RecipientID, m.Target.RecipientID)
	switch {
	case m.Type != "message_create" && m.Type != "":
		d.add(mention.Event{Outcome: mention.IgnoreUnknown, Account: account, At: m.At.Time, Reason: mention.ReasonUnknownMessage})
		return
	case anyBad(m.ID, sender, recipient):
		d.quarantine(account, mention.ReasonBadID)
		return
	case m.ID.s == "":
		d.quarantine(account, mention.ReasonNoID)
		return
	case sender.s == "":
		d.quarantine(account, mention.ReasonNoSender)
		return
	}
	e := mention.Event{
		Outcome: mention.Interaction, Kind: mention.DM, Account: account, Key: m.ID.s, At: m.At.Time,
		Author: known.author(sender), Thread: sender.s,
	}
	written(&e, raw)
	switch {
	case sender.s == account:
		e.Outcome, e.Thread = mention.Own, recipient.s
	case e.Text == "" && len(e.Attachments) == 0:
		e.Outcome, e.Reason = mention.Fetch, mention.ReasonFetchText
	}
	d.add(e)
}

// typing counts that somebody is writing to us.
func (d *decoder) typing(account string, raw []byte) { d.signal(account, raw, mention.Metric) }

// seen says that somebody read what we wrote.
func (d *decoder) seen(account string, raw []byte) { d.signal(account, raw, mention.Status) }

func (d *decoder) signal(account string, raw []byte, outcome mention.Outcome) {
	var m messageIDs
	if !readObject(raw, &m) {
		d.quarantine(account, mention.ReasonBadItem)
		return
	}
	e := mention.Event{
		Outcome: outcome, Kind: mention.StatusKind, Account: account, Key: m.LastRead.s, Thread: m.SenderID.s, At: m.At.Time,
		Author: user{ID: m.SenderID}.author(),
	}
	if outcome == mention.Status {
		e.Flags = []string{mention.FlagRead}
	}
	d.add(e)
}

// chat reads an encrypted message: that it came is all we can know, and somebody has to answer it in X.
func (d *decoder) chat(account string, a activity) {
	var p struct {
		ID           ident `json:"id"`
		SenderID     ident `json:"sender_id"`
		Conversation ident `json:"conversation_id"` // both ids, with a colon between
		At           stamp `json:"created_at_msec"`
	}
	_ = readObject(a.Payload, &p) // is an object
	e := mention.Event{
		Outcome: mention.Interaction, Kind: mention.DM, Account: account, Key: p.ID.s, Thread: p.SenderID.s, At: p.At.Time,
		Author: user{ID: p.SenderID}.author(), Flags: []string{mention.FlagEncrypted},
	}
	switch {
	case anyBad(p.ID, p.SenderID):
		d.quarantine(account, mention.ReasonBadID)
		return
	case p.ID.s == "":
		d.quarantine(account, mention.ReasonNoID)
		return
	case p.SenderID.s == account, a.Type == "chat.sent":
		e.Outcome, e.Thread = mention.Own, partner(p.Conversation.s, account)
	case p.SenderID.s == "":
		d.quarantine(account, mention.ReasonNoSender)
		return
	}
	d.add(e)
}

// partner gives who else is in a conversation of two.
func partner(conversation, account string) string {
	for id := range strings.SplitSeq(conversation, ":") {
		if id != account {
			return id
		}
	}
	return ""
}
