package x

import (
	"encoding/json"

	"sence.gob.cl/gestor/shared/mention"
)

// What one delivery may hold. X publishes no limits; what is beyond these was not made by X.
const (
	// MaxBody is the largest body that is read, in bytes.
	MaxBody  = 4 << 20
	maxItems = 5_000
)

// Decode turns the body of a delivery into events, in order: one of the X Activity API, of the Account Activity API before
// it, of a filtered stream, or the end of a replay. It never fails and never gives none: what cannot be read is one event
// of outcome quarantine with its reason, and so is one item that cannot be read among others that can. Events for an
// account that is not ours are ignored without a look at their content.
//
// The key of a post is the same in whichever way it comes, and for all its edits: the id of its first version.
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
	e.Network = mention.X
	if e.Kind == "" {
		e.Kind = mention.Other
	}
	d.events = append(d.events, e)
}

func (d *decoder) quarantine(account, reason string) {
	d.add(mention.Event{Outcome: mention.Quarantine, Account: account, Reason: reason})
}

func (d *decoder) foreign(account string) {
	d.add(mention.Event{Outcome: mention.Ignore, Account: account, Reason: mention.ReasonForeign})
}

// list hands each element of a JSON array on; what is there and no array is one item that cannot be read.
func (d *decoder) list(account string, raw json.RawMessage, read func(item []byte)) {
	if !given(raw) {
		return
	}
	items, more, ok := elements(raw, maxItems)
	if !ok {
		d.quarantine(account, mention.ReasonBadItem)
		return
	}
	for _, item := range items {
		read(item)
	}
	if more {
		d.quarantine(account, mention.ReasonTooMany)
	}
}

// envelope is the outer shape of all deliveries; which members are there says what it is.
type envelope struct {
	Data          json.RawMessage `json:"data"`
	Includes      json.RawMessage `json:"includes"`
	MatchingRules json.RawMessage `json:"matching_rules"`
	Replay        json.RawMessage `json:"replay_job_status"`
	account
}

func (d *decoder) body(body []byte) {
	switch {
	case len(body) == 0:
		d.quarantine("", mention.ReasonEmptyBody)
		return
	case len(body) > MaxBody:
		d.quarantine("", mention.ReasonTooLarge)
		return
	case tooDeep(body):
		d.quarantine("", mention.ReasonTooDeep)
		return
	case !json.Valid(body):
		d.quarantine("", mention.ReasonBadJSON)
		return
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || len(members) == 0 {
		d.quarantine("", mention.ReasonBadEnvelope)
		return
	}
	var outer envelope
	_ = json.Unmarshal(body, &outer) // members of any type are read
	switch {
	case given(outer.MatchingRules):
		d.streamed(outer.Data, outer.Includes)
	case given(outer.Data) && outer.Data[0] == '[':
		d.list("", outer.Data, d.activity)
	case given(outer.Data):
		d.activity(outer.Data)
	case given(outer.Replay):
		d.replay(outer.Replay)
	case outer.known():
		d.account(outer.account)
	default:
		d.add(mention.Event{Outcome: mention.IgnoreUnknown, Reason: mention.ReasonUnknownObject})
	}
}

// replay tells the operator how the replay of lost deliveries ended, which we asked for.
func (d *decoder) replay(raw json.RawMessage) {
	var job struct {
		State words `json:"job_state"`
	}
	e := mention.Event{Outcome: mention.Ops, Reason: mention.ReasonReplayFailed}
	if readObject(raw, &job) && job.State == "Complete" {
		e.Reason = mention.ReasonReplayed
	}
	d.add(e)
}

// streamed reads a post of a filtered stream. It is delivered because it matches a rule of ours, and names no account: it
// is for the one of ours it speaks to, or for none in particular.
func (d *decoder) streamed(raw, includes json.RawMessage) {
	var p v2Post
	if !readObject(raw, &p) {
		d.quarantine("", mention.ReasonBadItem)
		return
	}
	of := p.post(includes)
	account, parties := "", append(of.mentioned, of.replyToUser, of.quotedUser)
	if d.ours != nil {
		parties = append(parties, of.author)
	}
	for _, id := range parties {
		if id.s != "" && d.ours.Ours(mention.X, id.s) {
			account = id.s
			break
		}
	}
	if account == "" && d.ours != nil && len(d.ours[mention.X]) == 0 {
		d.foreign("")
		return
	}
	d.post(of, account, "")
}

// user is a person or an account, as either API writes it.
type user struct {
	ID         ident `json:"id"`
	IDStr      ident `json:"id_str"`
	Name       words `json:"name"`
	Username   words `json:"username"`
	ScreenName words `json:"screen_name"`
}

// readUser reads a user, which the X Activity API wraps in a member "data" now and then.
func readUser(raw json.RawMessage) (u user, ok bool) {
	var wrapped struct {
		Data json.RawMessage `json:"data"`
	}
	if readObject(raw, &wrapped) && given(wrapped.Data) {
		raw = wrapped.Data
	}
	ok = readObject(raw, &u)
	u.ID = either(u.IDStr, u.ID)
	return u, ok
}

// author gives who did something; nil when nothing is known.
func (u user) author() *mention.Author {
	handle := u.Username
	if handle == "" {
		handle = u.ScreenName
	}
	if u.ID.s == "" && u.Name == "" && handle == "" {
		return nil
	}
	a := &mention.Author{ID: u.ID.s}
	a.Name, _ = clean(string(u.Name))
	if handle != "" {
		alias, _ := clean("@" + string(handle))
		a.Aliases = []string{alias}
	}
	return a
}
