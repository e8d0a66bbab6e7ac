package desk

import (
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// deeds are the writes on a case that are about one of its mentions, or one of our own answers.
func (d *Desk) deeds() map[string]action {
	verb := func(v post.Verb) action {
		return func(s ticket.Story, by ticket.Actor, o order, now time.Time) (ticket.Change, error) {
			return s.PlanAct(by, ticket.ActOrder{Verb: v, Mention: o.Mention, Reply: o.Reply, Reason: o.Reason, Confirm: o.Confirm}, now)
		}
	}
	decided := func(yes bool) action {
		return func(s ticket.Story, by ticket.Actor, o order, now time.Time) (ticket.Change, error) {
			return s.DecideAct(by, ticket.ActOrder{Verb: o.Verb, Mention: o.Mention}, yes, now)
		}
	}
	return map[string]action{
		"hide": verb(post.Hide), "unhide": verb(post.Unhide), "like": verb(post.Like), "remove": verb(post.Remove),
		"approve-act": decided(true), "reject-act": decided(false),
		"cancel-act": func(s ticket.Story, by ticket.Actor, o order, now time.Time) (ticket.Change, error) {
			return s.CancelAct(by, ticket.ActOrder{Verb: o.Verb, Mention: o.Mention, Reply: o.Reply}, now)
		},
		"recorded": recorded,
	}
}

// recorded writes down an answer that was given outside.
func recorded(s ticket.Story, by ticket.Actor, o order, now time.Time) (ticket.Change, error) {
	in := ticket.Recording{Text: o.Text, Visibility: o.Visibility, Link: o.Link}
	if o.At != "" {
		at, err := time.Parse(time.RFC3339, o.At)
		if err != nil {
			return ticket.Change{}, fault.Reject("desk.recorded", "at", "La fecha no se entiende: va como 2026-12-01T09:00:00-03:00.")
		}
		in.At = at
	}
	return s.Recorded(by, in, now)
}

// actJSON is what became of one verb on a mention or a reply.
type actJSON struct {
	Verb        post.Verb       `json:"verb"`
	State       ticket.ActState `json:"state"`
	Reason      string          `json:"reason,omitempty"`
	Refused     string          `json:"refused,omitempty"`
	By          string          `json:"by,omitempty"`
	ByName      string          `json:"byName,omitempty"`
	AskedBy     string          `json:"askedBy,omitempty"`
	AskedByName string          `json:"askedByName,omitempty"`
	At          time.Time       `json:"at"`
	DueAt       *time.Time      `json:"dueAt,omitempty"`
}

func showAct(a ticket.Act) actJSON {
	return actJSON{
		Verb: a.Verb, State: a.State, Reason: a.Reason, Refused: a.Refused, By: a.By, ByName: a.ByName, AskedBy: a.AskedBy,
		AskedByName: a.AskedByName, At: a.At, DueAt: optional(a.Due),
	}
}

// showRemoved shows what became of taking an answer of ours away; nil when nobody asked for it.
func showRemoved(a ticket.Act) *actJSON {
	if a.State == "" {
		return nil
	}
	shown := showAct(a)
	return &shown
}

// Origins of an answer that did not leave from here.
const (
	originNative     = "native"     // it was given in the network's own application
	originRegistered = "registered" // a person wrote down what was answered outside
)

// originOf tells where an answer of ours was given; "" for one that left from here.
func originOf(r ticket.Reply) string {
	switch {
	case r.Author == ticket.NativeAuthor:
		return originNative
	case r.State == ticket.ReplySent && r.Reason == ticket.ReplyRecorded:
		return originRegistered
	default:
		return ""
	}
}

// mayMention tells what the actor may do with a mention, without what nobody could mean: to show again what everybody sees, to
// decide or take back what nobody asked for. There may be thousands of mentions in one answer.
func mayMention(s ticket.Story, by ticket.Actor, m ticket.Mention) map[string]ticket.Option {
	may := s.MayAct(by, m)
	for _, idle := range []string{ticket.MayApprove, ticket.MayCancel} {
		if may[idle].What == "" {
			delete(may, idle)
		}
	}
	if m.Hidden() {
		delete(may, string(post.Hide))
	} else {
		delete(may, string(post.Unhide))
	}
	return may
}

// mayReply is mayMention for an answer of ours: one that waits can be cancelled, one that failed can be decided about.
func (d *Desk) mayReply(s ticket.Story, by ticket.Actor, r ticket.Reply, now time.Time) map[string]ticket.Option {
	may := s.MayRemove(by, r)
	if !r.Removed.Open() {
		delete(may, ticket.MayCancel)
	}
	switch r.State {
	case ticket.ReplyPlanned:
		_, err := s.Ticket.Undo(by, &r, now)
		o := ticket.OptionOf(err)
		o.What, o.Until = ticket.WhatReply, r.Due
		may[ticket.MayCancel] = o
	case ticket.ReplyUnknown, ticket.ReplyRefused, ticket.ReplyExpired:
		may["settle"] = s.MaySettle(by, r, d.cfg.Policy, now)
	case ticket.ReplyClaimed, ticket.ReplySent, ticket.ReplyCancelled:
	}
	return may
}
