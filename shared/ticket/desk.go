package ticket

import (
	"fmt"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
)

// Claim gives a waiting case to the actor. Who comes second is told who holds it.
func (t Ticket) Claim(by Actor, now time.Time) (Change, error) {
	const op = "ticket.Claim"
	if !Allowed(by, CanClaim) {
		return Change{}, fault.Say(fault.Denied, op, "Tu rol no puede tomar casos.")
	}
	switch {
	case t.Assignee == by.ID && t.State == EnAnalisis:
		return Change{}, fault.Say(fault.Conflict, op, "Ya tienes este caso.")
	case t.Assignee != "":
		return Change{}, fault.Say(fault.Conflict, op, "Este caso ya lo tomó "+t.holder()+".")
	case !t.State.Waiting():
		return Change{}, fault.Say(fault.Conflict, op, "Este caso no está en la cola: su estado es «"+string(t.State)+"».")
	}
	to := t
	to.State, to.Assignee, to.AssigneeName = EnAnalisis, by.ID, by.Name
	return t.next(to, audit.TicketClaimed, by, "", nil, now), nil
}

// Release gives a case back to the queue, at the place its entry date gives it.
func (t Ticket) Release(by Actor, now time.Time) (Change, error) {
	const op = "ticket.Release"
	if err := t.mustHold(op, by, CanClaim); err != nil {
		return Change{}, err
	}
	if t.State != EnAnalisis {
		return Change{}, fault.Say(fault.Conflict, op, "Solo se devuelve a la cola un caso en análisis.")
	}
	to := t
	to.State, to.Assignee, to.AssigneeName = Ingresado, "", ""
	return t.next(to, audit.TicketReleased, by, "", map[string]string{"holder": t.Assignee}, now), nil
}

// mayAnswer refuses who may not answer the case, and a case that takes no answer.
func (t Ticket) mayAnswer(op string, by Actor) error {
	if err := t.mustHold(op, by, CanReply); err != nil {
		return err
	}
	switch {
	case t.Intent.Final == classify.Denuncia:
		return fault.Say(fault.Conflict, op, "Una denuncia no se responde en redes: va por su canal reservado.")
	case t.State != EnAnalisis && t.State != Respondido:
		return fault.Say(fault.Conflict, op, "Este caso no admite respuestas en el estado «"+string(t.State)+"».")
	}
	return nil
}

// planReply puts r, of which its author wrote the text and its network's rules gave the rest, into the outbox.
func (t Ticket) planReply(by Actor, r Reply, due, now time.Time) Change {
	version := t.Version + 1
	m := outbox.New(t.messageID(version), outbox.Publish, t.ID, fmt.Sprintf("r%06d", version), t.Conversation, due)
	m.Channel = t.Channel().String()
	r.Ticket, r.ID, r.State, r.Author, r.AuthorName = t.ID, m.Subject, ReplyPlanned, by.ID, by.Name
	r.Message, r.PlannedAt, r.Due, r.Rev = m.ID, now.UTC(), m.Due, 1
	facts := map[string]string{"reply": r.ID, "visibility": string(r.Visibility)}
	if !r.At.IsZero() {
		facts["at"] = r.At.Format(time.RFC3339)
	}
	if r.Template != nil {
		facts["template"] = r.Template.Name
	}
	change := t.next(t.expecting(r, now), audit.ReplyPlanned, by, "", facts, now)
	change.Send = []outbox.Message{m}
	return change.texts(nil, []Reply{r})
}

// Escalate sends the case to SIAC by a person's decision: at once but for the slip-of-the-hand window. A case of which
// nobody knows whether SIAC has it, and which nobody looks for any more, is looked for again first.
func (t Ticket) Escalate(by Actor, p Policy, now time.Time) (Change, error) {
	const op = "ticket.Escalate"
	if err := t.mustNotIntrude(op, by, CanEscalate); err != nil {
		return Change{}, err
	}
	switch {
	case t.SIAC.State == Filed:
		return Change{}, fault.Say(fault.Conflict, op, "Este caso ya está en SIAC con el folio "+t.SIAC.Folio+".")
	case t.SIAC.State == FilingUnknown && t.SIAC.Message != "":
		return Change{}, fault.Say(fault.Conflict, op, "Estamos buscando el caso en SIAC. Espera el resultado.")
	case t.SIAC.Reason == RuleByHand && t.SIAC.State == Pending:
		return Change{}, fault.Say(fault.Conflict, op, "El envío a SIAC ya está en curso.")
	case t.Intent.Final == classify.Denuncia:
		return Change{}, fault.Say(fault.Conflict, op, "Una denuncia no pasa a SIAC: va por su canal reservado.")
	case t.State.Final():
		return Change{}, fault.Say(fault.Conflict, op, "Este caso está terminado.")
	case t.SIAC.State == FilingUnknown:
		return t.seekAgain(by, now), nil
	}
	to, send := t.planFiling(RuleByHand, now.Add(p.ByHand()), t.Version+1)
	change := t.next(to, audit.EscalationPlanned, by, RuleByHand, nil, now)
	change.Send = send
	if t.SIAC.State == Pending {
		change.Cancel = []outbox.Ref{t.pendingRef()}
	}
	return change, nil
}

// seekAgain plans a new look for a filing that nobody knows the outcome of. It stays unknown until SIAC tells: what is not
// found is posted again under the same Idempotency-Key, and the matter waits until then.
func (t Ticket) seekAgain(by Actor, now time.Time) Change {
	to := t
	m := outbox.New(t.messageID(t.Version+1), outbox.Check, t.ID, "", t.Conversation, now)
	m.Doubt = true
	to.SIAC.Message, to.SIAC.Due = m.ID, m.Due
	change := t.next(to, audit.EscalationSought, by, RuleByHand, nil, now)
	change.Send = []outbox.Message{m}
	return change
}

// Undo takes back what has not happened yet: the planned reply given, or else the pending escalation.
func (t Ticket) Undo(by Actor, planned *Reply, now time.Time) (Change, error) {
	const op = "ticket.Undo"
	if planned != nil {
		if err := t.mustHold(op, by, CanReply); err != nil {
			return Change{}, err
		}
		r := *planned
		if r.State != ReplyPlanned {
			return Change{}, fault.Say(fault.Conflict, op, "Esa respuesta ya salió: no se puede deshacer.")
		}
		r.State = ReplyCancelled
		r.Rev++
		to, settled := t.passed(r.ID)
		change := t.next(to, audit.ReplyCancelled, by, "", map[string]string{"reply": r.ID}, now)
		change.Settle = settled
		change.Cancel = []outbox.Ref{{Ticket: t.ID, ID: r.Message}}
		return change.texts(nil, []Reply{r}), nil
	}
	if err := t.mustNotIntrude(op, by, CanEscalate); err != nil {
		return Change{}, err
	}
	if t.SIAC.State != Pending {
		return Change{}, fault.Say(fault.Conflict, op, "No hay nada por deshacer en este caso.")
	}
	to := t
	to.SIAC = SIAC{State: NotFiled, Reason: Undone}
	change := t.next(to, audit.EscalationUndone, by, t.SIAC.Reason, nil, now)
	change.Cancel = []outbox.Ref{t.pendingRef()}
	return change, nil
}

// end closes an answered case; sugerencia, felicitación and spam may end without an answer. Story.Close makes the whole step.
func (t Ticket) end(by Actor, reason string, now time.Time) (Change, error) {
	const op = "ticket.Close"
	verb := CanClose
	if t.Intent.Final == classify.Reclamo || t.Intent.Final == classify.Denuncia {
		verb = CanCloseClaim
	}
	if err := t.mustNotIntrude(op, by, verb); err != nil {
		return Change{}, err
	}
	answerable := t.Intent.Final == classify.Reclamo || t.Intent.Final == classify.Consulta
	switch {
	case t.State.Final():
		return Change{}, fault.Say(fault.Conflict, op, "Este caso ya está terminado.")
	case answerable && t.State != Respondido:
		return Change{}, fault.Say(fault.Conflict, op, "Un reclamo o una consulta se cierra después de responder.")
	case t.SIAC.State == Pending || t.SIAC.State == FilingUnknown && !t.filingLeft():
		return Change{}, fault.Say(fault.Conflict, op, "El envío a SIAC está en curso: espera el folio o deshazlo antes de cerrar.")
	}
	if len(t.Ahead) > 0 {
		return Change{}, fault.Say(fault.Conflict, op, "Hay una respuesta programada: espera a que salga o cancélala antes de cerrar.")
	}
	to := t
	to.State = Cerrado
	change := t.next(to, audit.TicketClosed, by, reason, nil, now)
	change.Close = true
	return change, nil
}

// mustHold refuses who may not do verb, and who does not hold the case.
func (t Ticket) mustHold(op string, by Actor, verb Verb) error {
	if !Allowed(by, verb) {
		return fault.Say(fault.Denied, op, "Tu rol no permite esta acción.")
	}
	switch {
	case t.Assignee == by.ID:
		return nil
	case t.Assignee == "":
		return fault.Say(fault.Conflict, op, "Toma el caso antes de trabajarlo.")
	case verb != CanReply && Allowed(by, CanOverrideOwn):
		return nil
	default:
		return fault.Say(fault.Denied, op, "Este caso lo tiene "+t.holder()+".")
	}
}

// mustNotIntrude refuses who may not do verb, and who would act on a case somebody else holds.
func (t Ticket) mustNotIntrude(op string, by Actor, verb Verb) error {
	if !Allowed(by, verb) {
		return fault.Say(fault.Denied, op, "Tu rol no permite esta acción.")
	}
	if t.Assignee == "" || t.Assignee == by.ID || Allowed(by, CanOverrideOwn) || by.Is(AnalistaSIAC) {
		return nil
	}
	return fault.Say(fault.Denied, op, "Este caso lo tiene "+t.holder()+".")
}

// holder names who holds the case for a sentence.
func (t Ticket) holder() string {
	if t.AssigneeName != "" {
		return t.AssigneeName
	}
	return t.Assignee
}

// pendingRef finds the message of the pending escalation.
func (t Ticket) pendingRef() outbox.Ref { return outbox.Ref{Ticket: t.ID, ID: t.SIAC.Message} }
