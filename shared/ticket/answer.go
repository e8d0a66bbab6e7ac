package ticket

import (
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// How long the networks let us write in private: after the person's last message, and after a comment (platforms.md §5).
// extendedWindow is Meta's for words a person typed, where it has approved that (Policy.HumanAgent).
const (
	messageWindow  = 24 * time.Hour
	extendedWindow = 7 * 24 * time.Hour
	commentWindow  = 7 * 24 * time.Hour
)

// Answer says whether an answer of one visibility may be given now and, when not, why and what to do instead. Note is what
// to know of an answer that may be given all the same. Until is when it stops being possible; absent when it does not.
// Limit is the longest text, counted in Unit; both absent where there is no such answer at all. ExtendedFrom is from when on the
// network lets only a person's words through; Link is where to answer, or to read, in the network's own application. Template
// says that a text the network has approved may be sent, whether or not the person's own words may.
type Answer struct {
	Allowed bool      `json:"allowed"`
	Why     string    `json:"why,omitempty"`
	Note    string    `json:"note,omitempty"`
	Until   time.Time `json:"until,omitzero"`
	Limit   int       `json:"limit,omitempty"`
	Unit    post.Unit `json:"unit,omitempty"`
	Link    string    `json:"link,omitempty"`

	Template     bool      `json:"template,omitempty"`
	ExtendedFrom time.Time `json:"extendedFrom,omitzero"`

	target, recipient string // what an allowed answer hangs on, and who it goes to
	summoned          bool   // the person answered had named us
	aside             bool   // its network will tell of it under something else than the case: see Reply.Aside
}

func (a Answer) no(why string) Answer { a.Why = why; return a }

// noting adds a sentence to what is to be known of the answer.
func (a Answer) noting(note string) Answer {
	if a.Note != "" {
		note = a.Note + " " + note
	}
	a.Note = note
	return a
}

// Answers tells which answers the network of the case lets a person of ours give at the instant now, whoever it is. A story
// without its mentions is judged by what the case knows of the first.
func (s Story) Answers(p Policy, now time.Time) map[post.Visibility]Answer {
	return map[post.Visibility]Answer{post.Public: s.answer(post.Public, p, now), post.Private: s.answer(post.Private, p, now)}
}

func (s Story) answer(v post.Visibility, p Policy, now time.Time) Answer {
	m, there := s.latest()
	rule := post.Of(s.Ticket.Network, v)
	if rule.None != "" && !m.flag(mention.FlagManual) {
		return Answer{Why: rule.None}
	}
	a := s.judge(Answer{Limit: rule.Max, Unit: rule.Unit}, m, there, v, p, now)
	unread := a.Allowed && m.flag(mention.FlagUnavailable)
	if unread {
		a = a.noting("La red no entregó el texto: léelo en su aplicación antes de responder.")
	}
	if unread || !a.Allowed || s.gate(m) != open {
		a.Link = m.Link(s.Ticket.Network, s.Ticket.Account)
	}
	return a
}

func (s Story) judge(a Answer, m Mention, there bool, v post.Visibility, p Policy, now time.Time) Answer {
	switch {
	case m.flag(mention.FlagManual):
		return a.no("Este caso se ingresó a mano, así que no sale nada desde aquí. Responde donde la persona escribió y registra aquí lo que dijiste.")
	case m.flag(mention.FlagStandby):
		return a.no("Otra aplicación lleva esta conversación. Responde en ella.")
	case v == post.Public:
		return s.public(a, m, there)
	case messaged(m):
		return s.private(a, m, p, now)
	default:
		return s.inPrivate(a, m, there, now)
	}
}

// messaged reports whether a mention reached us as a message: only a private answer can follow it.
func messaged(m Mention) bool { return !m.Public || m.Kind == mention.StoryMention }

// latest gives the latest mention that its author has not taken back, and whether there is one: without it, the last.
func (s Story) latest() (m Mention, there bool) {
	m = Mention{Key: s.Ticket.Target, Kind: s.Ticket.Kind, At: s.Ticket.OpenedAt, Public: s.Ticket.Public}
	for i := len(s.Mentions) - 1; i >= 0; i-- {
		if !s.Mentions[i].Deleted {
			return s.Mentions[i], true
		}
	}
	if len(s.Mentions) > 0 {
		return s.Mentions[len(s.Mentions)-1], false
	}
	return m, m.Key != ""
}

func (m Mention) flag(name string) bool { return slices.Contains(m.Flags, name) }

const nothingLeft = "La persona borró lo que escribió: ya no hay a qué responder."

// public judges the answer everybody reads, under what the person wrote.
func (s Story) public(a Answer, m Mention, there bool) Answer {
	switch {
	case messaged(m):
		return a.no("A un mensaje privado no se le responde en público.")
	case !there:
		return a.no(nothingLeft)
	case m.flag(mention.FlagLive):
		return a.no("A un comentario de una transmisión en vivo no se le puede responder en público desde aquí. Responde en privado o en la aplicación de la red.")
	case s.Ticket.Network == mention.Instagram && m.flag(mention.FlagHidden):
		return a.no("El comentario está oculto y la red no permite responderle. Muéstralo de nuevo y podrás responder.")
	}
	a.Allowed, a.target, a.aside, a.summoned = true, m.Key, m.Parent != "", m.flag(mention.FlagSummoned)
	switch s.gate(m) {
	case shut:
		a.Allowed = false
		return a.no("X no acepta la respuesta desde aquí, porque la persona no nombró la cuenta. Responde en la aplicación de X" + s.orInPrivate() + ".")
	case ajar:
		return a.noting("La persona no nombró la cuenta, así que X puede rechazar la respuesta. Si la rechaza, responde en la aplicación de X.")
	case open:
	}
	return a
}

// gate is what is known of whether X takes an answer by API: since 2026 only to who named or quoted us (platforms.md §3).
type gate int

const (
	open gate = iota // yes; and every other network has no gate
	ajar             // nobody knows
	shut             // X has refused one already
)

func (s Story) gate(m Mention) gate {
	if s.Ticket.Network != mention.X || messaged(m) {
		return open
	}
	refused := slices.ContainsFunc(s.Replies, func(r Reply) bool {
		return r.Visibility == post.Public && r.Target == m.Key && r.State == ReplyRefused && r.Reason == reasonNotSummoned
	})
	switch {
	case refused:
		return shut
	case m.flag(mention.FlagSummoned):
		return open
	default:
		return ajar
	}
}

// reasonNotSummoned is X's refusal of an answer to somebody who did not name us.
const reasonNotSummoned = "not_summoned"

func (s Story) orInPrivate() string {
	if s.Ticket.Recipient == "" {
		return ""
	}
	return " o en privado"
}

// private judges the answer to a message.
func (s Story) private(a Answer, m Mention, p Policy, now time.Time) Answer {
	t := s.Ticket
	switch {
	case m.flag(mention.FlagEncrypted):
		return a.no("Es un mensaje cifrado. Respóndelo en la aplicación de la red.")
	case m.flag(mention.FlagGroup):
		return a.no("Es una conversación de grupo. Responde en la aplicación de la red.")
	case t.Recipient == "":
		return a.no("La red no dijo a quién escribirle. Responde en la aplicación de la red.")
	}
	a.target, a.recipient, a.Template = t.Target, t.Recipient, t.Network == mention.WhatsApp
	a = a.within(s.heard(), t.extends(p), t.Network != mention.X, now)
	a.Allowed = a.Why == ""
	return a
}

// extends reports whether the network lets what a person typed through for longer than its usual window.
func (t Ticket) extends(p Policy) bool {
	return p.HumanAgent && (t.Network == mention.Facebook || t.Network == mention.Instagram)
}

// within judges the window of an answer to a message: the usual one since the person was heard, and the longer one.
func (a Answer) within(heard time.Time, extended, limited bool, now time.Time) Answer {
	const after = " y la red ya no deja escribirle. Podrás responder cuando vuelva a escribir; si no puede esperar, usa otro canal."
	if !limited {
		return a
	}
	usual := heard.Add(messageWindow).UTC()
	a.Until = usual
	if extended {
		a.Until, a.ExtendedFrom = heard.Add(extendedWindow).UTC(), usual
	}
	switch {
	case now.Before(usual):
		return a
	case now.Before(a.Until):
		return a.noting("Pasaron más de 24 horas desde su último mensaje. La red la deja salir porque la escribe una persona: responde solo lo que preguntó.")
	case extended:
		return a.no("Pasaron más de 7 días desde su último mensaje" + after)
	case a.Template:
		return a.no("Pasaron más de 24 horas desde su último mensaje y WhatsApp ya no deja salir un texto tuyo. Envíale una plantilla aprobada, o espera a que vuelva a escribir.")
	default:
		return a.no("Pasaron más de 24 horas desde su último mensaje" + after)
	}
}

// heard is when the person last wrote to us; a message taken back was written all the same.
func (s Story) heard() time.Time {
	last := s.Ticket.OpenedAt
	for _, m := range s.Mentions {
		if messaged(m) && m.At.After(last) {
			last = m.At
		}
	}
	return last
}

// inPrivate judges the private answer to what was written in public.
func (s Story) inPrivate(a Answer, m Mention, there bool, now time.Time) Answer {
	t := s.Ticket
	if t.Network == mention.X {
		if t.Recipient == "" {
			return a.no("X no dijo a quién escribirle. Responde en público o en la aplicación de X.")
		}
		a.Allowed, a.recipient, a.aside = true, t.Recipient, true
		a.Note = "Llegará solo si la persona acepta mensajes de cuentas que no sigue."
		return a
	}
	if !there {
		return a.no(nothingLeft)
	}
	if m.Kind != mention.Comment && (m.Kind != mention.Post || t.Network != mention.Facebook) {
		return a.no("La red solo deja responder en privado a comentarios. Responde en público.")
	}
	a.Until = m.At.Add(commentWindow).UTC()
	switch {
	case s.answeredInPrivate(m.Key):
		return a.no("Ya respondiste en privado a este comentario, y la red lo permite una sola vez. Para seguir, la persona tiene que contestarte.")
	case !now.Before(a.Until):
		return a.no("Pasaron más de 7 días desde el comentario y la red ya no deja responderlo en privado. Responde en público.")
	}
	a.Allowed, a.target, a.aside = true, m.Key, true
	a.Note = "La red permite una sola respuesta privada por comentario."
	if m.flag(mention.FlagLive) {
		a.Note = "La red permite una sola respuesta privada, y solo mientras dure la transmisión en vivo."
	}
	return a
}

// answeredInPrivate reports whether the one private answer to a comment was given, or may have been.
func (s Story) answeredInPrivate(comment string) bool {
	return slices.ContainsFunc(s.Replies, func(r Reply) bool {
		spent := r.State == ReplyPlanned || r.State == ReplyClaimed || r.State == ReplySent || r.State == ReplyUnknown
		return r.Visibility == post.Private && r.Target == comment && spent
	})
}

// PlanReply puts an answer into the outbox, due at the given instant: its network must still allow it then. The text was
// checked against its network before. It leaves after the replies of the case that wait still, but for those that are meant for
// later than it.
func (s Story) PlanReply(by Actor, text string, v post.Visibility, p Policy, due, now time.Time) (Change, error) {
	return s.plan(by, Reply{Text: text, Visibility: v}, p, due, now)
}

// PlanTemplate puts an answer into the outbox that says a text its network has approved, filled in, and reads as text: those go
// to the person whenever they last wrote.
func (s Story) PlanTemplate(by Actor, says post.Template, text string, p Policy, due, now time.Time) (Change, error) {
	return s.plan(by, Reply{Text: text, Visibility: post.Private, Template: &says}, p, due, now)
}

// plan plans a reply of which its author gave the words and who is to read them.
func (s Story) plan(by Actor, r Reply, p Policy, due, now time.Time) (Change, error) {
	const op = "ticket.PlanReply"
	if err := s.Ticket.mayAnswer(op, by); err != nil {
		return Change{}, err
	}
	if rule := post.Of(s.Ticket.Network, r.Visibility); rule.None != "" {
		return Change{}, fault.Reject(op, "visibility", rule.None)
	}
	p.HumanAgent = p.HumanAgent && by.ID != audit.System // the longer window is for what a person typed
	r, err := s.leading(op, "visibility", r, p, due)
	if err != nil {
		return Change{}, err
	}
	r.After = s.waits(due)
	if due.Sub(now) > forUndoing {
		r.At = due.UTC()
	}
	return s.Ticket.planReply(by, r, due, now), nil
}

// leading is the reply with what it hangs on, who it goes to and until when its network takes it; an error under field when it
// does not take it at the instant.
func (s Story) leading(op, field string, r Reply, p Policy, at time.Time) (Reply, error) {
	a := s.answer(r.Visibility, p, at)
	switch {
	case r.Template != nil && a.Template:
		a.Until = time.Time{}
	case r.Template != nil && a.Allowed:
		return Reply{}, fault.Reject(op, "template", "Las plantillas son de WhatsApp: aquí responde con un texto.")
	case !a.Allowed:
		return Reply{}, fault.Reject(op, field, a.Why)
	}
	r.Target, r.Recipient, r.Until, r.ExtendedFrom, r.Summoned, r.Aside = a.target, a.recipient, a.Until, a.ExtendedFrom, a.summoned, a.aside
	return r, nil
}

// waits is the last reply that is not said yet and is meant for no later than due, "" for none.
func (s Story) waits(due time.Time) string {
	for i := len(s.Replies) - 1; i >= 0; i-- {
		if r := s.Replies[i]; (r.State == ReplyPlanned || r.State == ReplyClaimed) && !r.At.After(due) {
			return r.ID
		}
	}
	return ""
}

// PlanReply is that of a story of which only the case is at hand, under the policy nobody has tuned.
func (t Ticket) PlanReply(by Actor, text string, v post.Visibility, due, now time.Time) (Change, error) {
	return Story{Ticket: t}.PlanReply(by, text, v, DefaultPolicy(), due, now)
}

// Over reports whether the network no longer takes the reply at the instant now.
func (r Reply) Over(now time.Time) bool { return !r.Until.IsZero() && !now.Before(r.Until) }
