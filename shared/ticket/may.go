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
	// Limit is the longest text, in characters, of an act that takes one.
	Limit int `json:"limit,omitempty"`
	// Until is when the act stops being possible; absent when it does not.
	Until time.Time `json:"until,omitzero"`
	// What is what undo would take back: WhatReply or WhatSIAC.
	What string `json:"what,omitempty"`
	// UndoSeconds is how long the act, once done, can be taken back; 0 when it cannot.
	UndoSeconds float64 `json:"undoSeconds,omitempty"`
}

// What undo would take back.
const (
	WhatReply = "reply"
	WhatSIAC  = "siac"
)

// May tells the actor what may be done with the case now: each act is decided exactly as it would be if it were asked for.
func (t Ticket) May(by Actor, planned *Reply, p Policy, now time.Time) map[string]Option {
	may := map[string]Option{}
	put := func(act string, err error) { may[act] = option(err) }
	_, err := t.Claim(by, now)
	put("claim", err)
	_, err = t.Release(by, now)
	put("release", err)
	_, err = t.PlanReply(by, "", post.Public, now, now)
	reply := option(err)
	if limits, known := post.For(t.Network, post.Public); !t.Public || !known {
		reply = Option{Why: "A este mensaje no se le puede responder en público desde aquí. Responde en la aplicación de la red."}
	} else {
		reply.Limit = limits.Runes
	}
	may["reply"] = reply
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
