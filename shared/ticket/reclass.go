package ticket

import (
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
)

// Correction is a person's word on the class of a case. Mention is the text by which the case has the class it had of the model
// (Story.JudgedBy). DueDate, DueAt and Term are the term of the new class.
type Correction struct {
	Intent  classify.Intent
	Mention string
	Reason  string
	DueDate string
	DueAt   time.Time
	Term    Term
}

// Classify sets the class a person gives. Taking a case out of reclamo or denuncia needs a reason and a role of its own
// (domain.md §2.1: it leaves the indicators). Making it a reclamo plans the escalation; leaving reclamo cancels one that
// is still pending; making it a denuncia gives it to the queue of those who answer for denuncias, and taking it out gives
// it back to everybody's.
func (t Ticket) Classify(by Actor, c Correction, p Policy, now time.Time) (Change, error) {
	const op = "ticket.Classify"
	if err := t.mustNotIntrude(op, by, CanClassify); err != nil {
		return Change{}, err
	}
	if err := t.mayBecome(op, by, c); err != nil {
		return Change{}, err
	}
	from := t.Intent.Final
	to := t
	to.Intent.Gestor, to.Intent.Final = c.Intent, c.Intent
	to.DueDate, to.DueAt, to.Term = c.DueDate, c.DueAt.UTC(), c.Term
	var send []outbox.Message
	var cancel []outbox.Ref
	if from != c.Intent && t.SIAC.State != Filed && t.SIAC.State != FilingUnknown {
		if t.SIAC.State == Pending {
			cancel = append(cancel, t.pendingRef())
		}
		decided := classify.Result{Intent: c.Intent, Probabilities: map[classify.Intent]float64{c.Intent: 1}}
		to, send = to.planByClass(decided, Policy{Undo: p.ByHand(), Threshold: p.Threshold}, now, now, t.Version+1)
		if c.Intent == classify.Reclamo {
			to.SIAC.Reason = RuleByHand
		}
	}
	crosses := (from == classify.Denuncia) != (c.Intent == classify.Denuncia)
	if crosses && !(t.Assignee == by.ID && to.VisibleTo(by)) {
		to = to.freed()
	}
	change := t.next(to, audit.TicketClassified, by, c.Reason, t.decided(c), now)
	change.Send, change.Cancel = send, cancel
	return change, nil
}

func (t Ticket) mayBecome(op string, by Actor, c Correction) error {
	from := t.Intent.Final
	switch {
	case !c.Intent.Known():
		return fault.Reject(op, "intent", "Esa clase no existe.")
	case t.State.Final():
		return fault.Say(fault.Conflict, op, "Este caso está terminado: su clase ya no cambia.")
	case from == c.Intent:
		return nil
	case from != classify.Reclamo && from != classify.Denuncia:
		return nil
	case !Allowed(by, CanReclassify):
		return fault.Say(fault.Denied, op, "Sacar un caso de «"+string(from)+"» le corresponde a tu supervisor o supervisora.")
	case len(c.Reason) < 5:
		return fault.Reject(op, "reason", "Escribe por qué deja de ser «"+string(from)+"».")
	default:
		return nil
	}
}
