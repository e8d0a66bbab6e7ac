package meta

import (
	"encoding/json"
	"slices"

	"sence.gob.cl/gestor/shared/mention"
)

// What one delivery may hold. Meta publishes at most 1 000 updates in a delivery and no size for Facebook (3 MB for
// WhatsApp); what is beyond these limits was not made by Meta.
const (
	// MaxBody is the largest body that is read, in bytes.
	MaxBody  = 4 << 20
	maxItems = 5_000
)

// Decode turns the body of a Facebook delivery into events, in order: those of a page's feed and of Messenger. It never
// fails and never gives none: a body that cannot be read is one event of outcome quarantine with its reason, and so is one
// item that cannot be read among others that can. Events for an account that is not ours are ignored without a look at
// their content.
func Decode(body []byte, ours mention.Accounts) []mention.Event {
	return decode(body, mention.Facebook, "page", ours)
}

// DecodeInstagram does the same with a delivery of Instagram: comments, mentions and direct messages, in the shapes of both
// its logins. What the App Dashboard sends to try an address comes for account "0"; it is dropped, unless "0" is said to be
// an account of ours.
func DecodeInstagram(body []byte, ours mention.Accounts) []mention.Event {
	return decode(body, mention.Instagram, "instagram", ours)
}

func decode(body []byte, network mention.Network, object words, ours mention.Accounts) []mention.Event {
	d := &decoder{network: network, object: object, ours: ours}
	d.body(body)
	if len(d.events) == 0 {
		d.add(mention.Event{Outcome: mention.Ignore, Reason: mention.ReasonNoItems})
	}
	return d.events
}

// decoder collects the events of one delivery about one sort of object.
type decoder struct {
	network mention.Network
	object  words
	ours    mention.Accounts
	events  []mention.Event
	full    bool // the limit of items was reached and said
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
	e.Network = d.network
	if e.Kind == "" {
		e.Kind = mention.Other
	}
	d.events = append(d.events, e)
}

// setFlag adds a flag or takes it away.
func setFlag(e *mention.Event, name string, on bool) {
	switch at := slices.Index(e.Flags, name); {
	case on && at < 0:
		e.Flags = append(e.Flags, name)
	case !on && at >= 0 && len(e.Flags) == 1:
		e.Flags = nil
	case !on && at >= 0:
		e.Flags = slices.Delete(slices.Clone(e.Flags), at, at+1)
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
	case outer.Object != d.object && outer.Object != "permissions":
		d.add(mention.Event{Outcome: mention.IgnoreUnknown, Reason: mention.ReasonUnknownObject})
		return
	}
	for _, raw := range entries {
		d.entry(raw, outer.Object == "permissions")
	}
	if more && !d.full {
		d.quarantine(mention.ReasonTooMany)
	}
}

// entry is what one account is told. Field and Value are a change that stands on the entry itself, as Instagram's own login
// has it.
type entry struct {
	ID            ident           `json:"id"`
	Time          stamp           `json:"time"`
	Field         words           `json:"field"`
	Value         json.RawMessage `json:"value"`
	Changes       json.RawMessage `json:"changes"`
	ChangedFields json.RawMessage `json:"changed_fields"`
	Messaging     json.RawMessage `json:"messaging"`
	Standby       json.RawMessage `json:"standby"`
}

// silent reports an entry that tells nothing of any known sort.
func (e entry) silent() bool {
	return !e.direct() && e.Changes == nil && e.ChangedFields == nil && e.Messaging == nil && e.Standby == nil
}

// direct reports an entry that is its own and only change.
func (e entry) direct() bool { return e.Field != "" }

// blank is an event that knows its account and when it was told.
func (e entry) blank(outcome mention.Outcome, reason string) mention.Event {
	return mention.Event{Outcome: outcome, Account: e.ID.s, At: e.Time.Time, Reason: reason}
}

func (d *decoder) entry(raw []byte, permissions bool) {
	var e entry
	if !readObject(raw, &e) {
		d.quarantine(mention.ReasonBadItem)
		return
	}
	if e.ID.s == "" {
		d.add(e.blank(mention.Quarantine, mention.ReasonNoAccount))
		return
	}
	// Permissions are told of a user of the application, not of an account.
	foreign := !permissions && !d.ours.Ours(d.network, e.ID.s)
	before := len(d.events)
	change, changed := d.change, d.changedField
	if permissions {
		change, changed = d.permission, d.permission
	}
	ours := func(read func(entry, []byte)) func(entry, []byte) {
		if foreign {
			return d.foreign
		}
		return read
	}
	if e.direct() {
		ours(change)(e, raw)
	}
	d.list(e, e.Changes, ours(change))
	d.list(e, e.ChangedFields, ours(changed))
	d.list(e, e.Messaging, ours(func(e entry, item []byte) { d.messaging(e, item, false) }))
	d.list(e, e.Standby, ours(func(e entry, item []byte) { d.messaging(e, item, true) }))
	if len(d.events) > before || d.full {
		return
	}
	switch {
	case foreign:
		d.foreign(e, nil)
	case e.silent():
		d.add(e.blank(mention.IgnoreUnknown, mention.ReasonUnknownField))
	default:
		d.add(e.blank(mention.Ignore, mention.ReasonNoItems))
	}
}

// list hands each element of a JSON array on; what is there and no array is one item that cannot be read.
func (d *decoder) list(e entry, raw json.RawMessage, read func(entry, []byte)) {
	if len(raw) == 0 || string(raw) == "null" {
		return
	}
	items, more, ok := elements(raw, maxItems)
	if !ok {
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
		return
	}
	for _, item := range items {
		read(e, item)
	}
	if more && !d.full {
		d.add(e.blank(mention.Quarantine, mention.ReasonTooMany))
	}
}

// foreign says that an item was for somebody else. Its content is none of our business.
func (d *decoder) foreign(e entry, _ []byte) {
	reason := mention.ReasonForeign
	if e.ID.s == testAccount {
		reason = mention.ReasonTest
	}
	d.add(e.blank(mention.Ignore, reason))
}

// testAccount is whom the App Dashboard's button "Test" speaks of.
const testAccount = "0"

// permission tells the operator that somebody changed what the application may do.
func (d *decoder) permission(e entry, _ []byte) {
	d.add(e.blank(mention.Ops, mention.ReasonPermission))
}

// changedField is all that is told of a change when "Include Values" is off in the application's settings: the content has
// to be fetched.
func (d *decoder) changedField(e entry, raw []byte) {
	var field words
	_ = json.Unmarshal(raw, &field) // words read any value
	d.withoutValue(e, string(field))
}

// withoutValue reads a change that names its field and gives no value.
func (d *decoder) withoutValue(e entry, field string) {
	switch {
	case d.carriesWords(field):
		d.add(e.blank(mention.Fetch, mention.ReasonFetchAll))
	case messagingField(field) || d.uselessField(field):
		d.add(e.blank(mention.Ignore, mention.ReasonUseless))
	default:
		d.add(e.blank(mention.IgnoreUnknown, mention.ReasonUnknownField))
	}
}

// change is one item of the array changes.
type change struct {
	Field words           `json:"field"`
	Value json.RawMessage `json:"value"`
}

func (d *decoder) change(e entry, raw []byte) {
	var c change
	if !readObject(raw, &c) {
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
		return
	}
	field := string(c.Field)
	switch {
	case !present(c.Value):
		d.withoutValue(e, field)
	case messagingField(field):
		d.messaging(e, c.Value, field == fieldStandby)
	case !d.carriesWords(field):
		d.withoutValue(e, field)
	case d.network == mention.Instagram:
		d.spoken(e, field, c.Value)
	default:
		d.feed(e, field, c.Value)
	}
}

// feed reads a change of a page's feed, mention or ratings.
func (d *decoder) feed(e entry, field string, raw []byte) {
	var v value
	switch {
	case !readObject(raw, &v):
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
	case v.malformed():
		d.add(e.blank(mention.Quarantine, mention.ReasonBadID))
	default:
		d.add(v.event(e, field))
	}
}
