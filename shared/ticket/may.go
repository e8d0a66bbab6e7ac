package ticket

import (
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

// Option says whether an act may be done now and, when not, why, in a sentence for the person.
type Option struct {
	Allowed bool   `json:"allowed"`
	Why     string `json:"why,omitempty"`
	// Limit is the longest text of an act that takes one, counted in Unit; of reply, that of its first allowed answer.
	Limit int       `json:"limit,omitempty"`
	Unit  post.Unit `json:"unit,omitempty"`
	// Until is when the act stops being possible; absent when it does not.
	Until time.Time `json:"until,omitzero"`
	// What is what undo would take back: WhatReply or WhatSIAC.
	What string `json:"what,omitempty"`
	// UndoSeconds is how long the act, once done, can be taken back; 0 when it cannot.
	UndoSeconds float64 `json:"undoSeconds,omitempty"`
	// Proposes says that the act needs somebody else's yes; Reasons are those it takes, Confirm the word it asks for.
	Proposes bool     `json:"proposes,omitempty"`
	Reasons  []string `json:"reasons,omitempty"`
	Confirm  string   `json:"confirm,omitempty"`
	// Public and Private are the two answers of reply.
	Public  *Answer `json:"public,omitempty"`
	Private *Answer `json:"private,omitempty"`
}

// What undo would take back.
const (
	WhatReply = "reply"
	WhatSIAC  = "siac"
)

// May tells the actor what may be done with the case now: each act is decided exactly as it would be if it were asked for.
func (s Story) May(by Actor, planned *Reply, p Policy, now time.Time) map[string]Option {
	t := s.Ticket
	may := map[string]Option{}
	put := func(act string, err error) { may[act] = option(err) }
	_, err := t.Claim(by, now)
	put("claim", err)
	_, err = t.Release(by, now)
	put("release", err)
	may["reply"] = s.mayReply(by, p, now)
	_, err = t.Escalate(by, p, now)
	escalate := option(err)
	if escalate.Allowed && t.SIAC.State != FilingUnknown { // what is looked for again is not sent
		escalate.UndoSeconds = p.ByHand().Seconds()
	}
	may["escalate"] = escalate
	_, err = t.Undo(by, planned, now)
	undo := option(err)
	if undo.Allowed {
		undo.What, undo.Until = WhatSIAC, t.SIAC.Due
		if planned != nil {
			undo.What, undo.Until = WhatReply, planned.Due
		}
	}
	may["undo"] = undo
	_, err = t.Classify(by, Correction{Intent: t.Intent.Final}, p, now)
	put("classify", err)
	_, err = t.end(by, "", now)
	put("close", err)
	return may
}

// mayReply is the option to reply: allowed when one of its two answers is. It says the rest of the first of them that is, or
// of the one that what was written asks for.
func (s Story) mayReply(by Actor, p Policy, now time.Time) Option {
	answers := s.Answers(p, now)
	public, private := answers[post.Public], answers[post.Private]
	if err := s.Ticket.mayAnswer("ticket.May", by); err != nil {
		public.Allowed, private.Allowed = false, false
		public.Template, private.Template = false, false
		public.Note, private.Note = "", ""
		public.Link, private.Link = "", ""
		public.Why, private.Why = option(err).Why, option(err).Why
	}
	first := public
	if !public.Allowed && (private.Allowed || !s.Ticket.Public) || public.Limit == 0 {
		first = private
	}
	return Option{
		Allowed: first.Allowed, Why: first.Why, Limit: first.Limit, Unit: first.Unit, Until: first.Until, Public: &public, Private: &private,
	}
}

func option(err error) Option {
	if err == nil {
		return Option{Allowed: true}
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return Option{Why: f.Public}
	}
	return Option{Why: "No se puede ahora."}
}
