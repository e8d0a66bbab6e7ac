// Package whatsapp reads the deliveries of WhatsApp's Cloud API, and sends texts through it.
package whatsapp

import (
	"encoding/json"
	"slices"

	"sence.gob.cl/gestor/shared/mention"
)

// What one delivery may hold. Meta publishes at most 3 MB and 1 000 updates; what is beyond these limits was not made by
// Meta.
const (
	// MaxBody is the largest body that is read, in bytes.
	MaxBody  = 4 << 20
	maxItems = 5_000
)

// Decode turns the body of a WhatsApp delivery into events, in order. It never fails and never gives none: a body that
// cannot be read is one event of outcome quarantine with its reason, and so is one item that cannot be read among others
// that can. Accounts are phone number ids (metadata.phone_number_id); events for one that is not ours are ignored without
// a look at their content. News about the business account as a whole names no phone number: Account is then the id of the
// business account, which is not held against ours.
//
// A message is named by its wamid, a status by Account, Key, its flag and Author together (mention.Event.Rank says which
// of several statuses stands). Wamids are not secret: they carry the person's phone number in base64.
func Decode(body []byte, ours mention.Accounts) []mention.Event {
	d := &decoder{ours: ours}
	d.body(body)
	if len(d.events) == 0 {
		d.add(mention.Event{Outcome: mention.Ignore, Reason: mention.ReasonNoItems})
	}
	return d.events
}

// decoder collects the events of one delivery.
type decoder struct {
	ours   mention.Accounts
	events []mention.Event
	full   bool // the limit of items was reached and said
}

// add keeps an event; what it does not say about itself is filled in.
func (d *decoder) add(e mention.Event) {
	if d.full {
		return
	}
	if len(d.events) == maxItems {
		d.full = true
		e = mention.Event{Outcome: mention.Quarantine, Account: e.Account, At: e.At, Reason: mention.ReasonTooMany}
	}
	e.Network = mention.WhatsApp
	if e.Kind == "" {
		e.Kind = mention.Other
	}
	d.events = append(d.events, e)
}

// setFlag adds a flag when on says so.
func setFlag(e *mention.Event, name string, on bool) {
	if on && !slices.Contains(e.Flags, name) {
		e.Flags = append(e.Flags, name)
	}
}

func (d *decoder) quarantine(reason string) {
	d.add(mention.Event{Outcome: mention.Quarantine, Reason: reason})
}

// envelope is the outer shape of every delivery of Meta.
type envelope struct {
	Object words           `json:"object"`
	Entry  json.RawMessage `json:"entry"`
}

func (d *decoder) body(body []byte) {
	var outer envelope
	switch {
	case len(body) == 0:
		d.quarantine(mention.ReasonEmptyBody)
		return
	case len(body) > MaxBody:
		d.quarantine(mention.ReasonTooLarge)
		return
	case tooDeep(body):
		d.quarantine(mention.ReasonTooDeep)
		return
	}
	if err := json.Unmarshal(body, &outer); err != nil {
		d.quarantine(mention.ReasonBadJSON)
		return
	}
	entries, more, ok := elements(outer.Entry, maxItems)
	switch {
	case outer.Object == "" || !ok:
		d.quarantine(mention.ReasonBadEnvelope)
		return
	case outer.Object != "whatsapp_business_account":
		d.add(mention.Event{Outcome: mention.IgnoreUnknown, Reason: mention.ReasonUnknownObject})
		return
	}
	for _, raw := range entries {
		d.entry(raw)
	}
	if more && !d.full {
		d.quarantine(mention.ReasonTooMany)
	}
}

// entry is what one business account is told. ID is that account's; to whom of its phone numbers something was said stands
// in each change.
type entry struct {
	ID      ident           `json:"id"`
	Time    stamp           `json:"time"`
	Changes json.RawMessage `json:"changes"`
}

// blank is an event that knows its account and when it was told.
func (e entry) blank(outcome mention.Outcome, reason string) mention.Event {
	return mention.Event{Outcome: outcome, Account: e.ID.s, At: e.Time.Time, Reason: reason}
}

func (d *decoder) entry(raw []byte) {
	var e entry
	if !readObject(raw, &e) {
		d.quarantine(mention.ReasonBadItem)
		return
	}
	before := len(d.events)
	d.list(e, e.Changes, d.change)
	switch {
	case len(d.events) > before || d.full:
	case e.Changes == nil:
		d.add(e.blank(mention.IgnoreUnknown, mention.ReasonUnknownField))
	default:
		d.add(e.blank(mention.Ignore, mention.ReasonNoItems))
	}
}

// list hands each element of a JSON array on; what is there and no array is one item that cannot be read.
func (d *decoder) list(e entry, raw json.RawMessage, read func(entry, []byte)) {
	if !present(raw) {
		return
	}
	items, more, ok := elements(raw, maxItems)
	if !ok {
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
		return
	}
	for _, item := range items {
		if d.full {
			return
		}
		read(e, item)
	}
	if more && !d.full {
		d.add(e.blank(mention.Quarantine, mention.ReasonTooMany))
	}
}

// change is one item of the array changes.
type change struct {
	Field words           `json:"field"`
	Value json.RawMessage `json:"value"`
}

// value is what a change says. All that concerns a conversation has the metadata and any of the lists; other fields have
// their own members (notice.go).
type value struct {
	Metadata struct {
		ID ident `json:"phone_number_id"`
	} `json:"metadata"`
	Contacts json.RawMessage `json:"contacts"`
	Messages json.RawMessage `json:"messages"`
	Echoes   json.RawMessage `json:"message_echoes"`
	Statuses json.RawMessage `json:"statuses"`
	Errors   json.RawMessage `json:"errors"`
	UserIDs  json.RawMessage `json:"user_id_update"`
}

func (d *decoder) change(e entry, raw []byte) {
	var c change
	if !readObject(raw, &c) {
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
		return
	}
	switch c.Field {
	case "messages", "smb_message_echoes", "message_echoes", "user_id_update":
		d.conversation(e, c.Value)
	default:
		d.notice(e, c)
	}
}

// conversation reads the lists of a change that is about persons. From here on the account is the phone number, not the
// business account.
func (d *decoder) conversation(e entry, raw json.RawMessage) {
	var v value
	if !readObject(raw, &v) {
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
		return
	}
	e.ID = v.Metadata.ID
	if e.ID.s == "" {
		d.add(e.blank(mention.Quarantine, mention.ReasonNoAccount))
		return
	}
	foreign := !d.ours.Ours(mention.WhatsApp, e.ID.s)
	var who people
	if !foreign {
		who = readPeople(v.Contacts)
	}
	before := len(d.events)
	for _, list := range []struct {
		raw  json.RawMessage
		read func(entry, []byte)
	}{
		{v.Messages, func(e entry, item []byte) { d.message(e, item, who, false) }},
		{v.Echoes, func(e entry, item []byte) { d.message(e, item, who, true) }},
		{v.Statuses, func(e entry, item []byte) { d.status(e, item, who) }},
		{v.Errors, d.trouble},
		{v.UserIDs, d.renamed},
	} {
		if foreign {
			list.read = d.foreign
		}
		d.list(e, list.raw, list.read)
	}
	switch {
	case len(d.events) > before || d.full:
	case foreign:
		d.foreign(e, nil)
	case v.Messages == nil && v.Echoes == nil && v.Statuses == nil && v.Errors == nil && v.UserIDs == nil:
		d.add(e.blank(mention.IgnoreUnknown, mention.ReasonUnknownItem))
	default:
		d.add(e.blank(mention.Ignore, mention.ReasonNoItems))
	}
}

// foreign says that an item was for somebody else. Its content is none of our business.
func (d *decoder) foreign(e entry, _ []byte) {
	d.add(e.blank(mention.Ignore, mention.ReasonForeign))
}
