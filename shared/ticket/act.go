package ticket

import (
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// ActState is where an act stands; stored by its name.
type ActState string

// The states of an act.
const (
	ActProposed  ActState = "proposed"  // somebody who may decide has to
	ActPlanned   ActState = "planned"   // it leaves when its moment to undo is over
	ActDone      ActState = "done"      // the network did it
	ActRefused   ActState = "refused"   // the network will not, or nothing goes out any more; Refused says why
	ActCancelled ActState = "cancelled" // undone in time, or the proposal was turned down
)

// Act is what became of one verb on what somebody wrote, or on an answer of ours. By ordered it, AskedBy proposed it where
// that was somebody else. Reason is why, one of HideReasons; Refused the network's code. Due is when it leaves, At when its
// state was reached. Doubt tells that a try may have done it already.
type Act struct {
	Verb        post.Verb `json:"verb"`
	State       ActState  `json:"state"`
	Reason      string    `json:"reason,omitempty"`
	Refused     string    `json:"refused,omitempty"`
	By          string    `json:"by,omitempty"`
	ByName      string    `json:"byName,omitempty"`
	AskedBy     string    `json:"askedBy,omitempty"`
	AskedByName string    `json:"askedByName,omitempty"`
	At          time.Time `json:"at"`
	Due         time.Time `json:"due,omitzero"`
	Message     string    `json:"message,omitempty"`
	Doubt       bool      `json:"doubt,omitempty"`
}

// Open reports whether something is still to happen.
func (a Act) Open() bool { return a.State == ActProposed || a.State == ActPlanned }

// HideReasons are the only reasons to hide what somebody wrote: a public service hides nothing because it is unkind
// (Contraloría, dictamen E545210 of 2024).
func HideReasons() []string { return []string{"dato_personal", "spam", "delito", "menor"} }

// ConfirmRemove is what a person types who takes an answer of ours away from its network.
const ConfirmRemove = "borrar"

// actUndo is how long every act can be taken back.
const actUndo = 10 * time.Second

// ActOrder is what a person asks for: a verb on a mention, by its key, or Remove on a reply, by its id. Hide needs a Reason,
// Remove the word ConfirmRemove.
type ActOrder struct {
	Verb    post.Verb
	Mention string
	Reply   string
	Reason  string
	Confirm string
}

// Act gives what became of the verb on the mention.
func (m Mention) Act(v post.Verb) (Act, bool) {
	for _, a := range m.Acts {
		if a.Verb == v {
			return a, true
		}
	}
	return Act{}, false
}

// with is the mention with the act in the place of the former one of its verb.
func (m Mention) with(a Act) Mention {
	m.Acts = append(slices.DeleteFunc(slices.Clone(m.Acts), func(was Act) bool { return was.Verb == a.Verb }), a)
	m.Rev++
	return m
}

// Hidden reports whether the public does not see the mention.
func (m Mention) Hidden() bool { return m.flag(mention.FlagHidden) }

// shown is the mention hidden, or not, since an instant: what the network tells later and is older must not undo it.
func (m Mention) shown(hidden bool, at time.Time) Mention {
	m.ModeratedAt = at.UTC()
	m.Flags = slices.DeleteFunc(slices.Clone(m.Flags), func(f string) bool { return f == mention.FlagHidden })
	if hidden {
		m.Flags = append(m.Flags, mention.FlagHidden)
	}
	return m
}

// mention finds what somebody wrote by its key.
func (s Story) mention(key string) (Mention, bool) {
	for _, m := range s.Mentions {
		if m.Key == key && key != "" {
			return m, true
		}
	}
	return Mention{}, false
}

// reply finds an answer of ours by its id.
func (s Story) reply(id string) (Reply, bool) {
	for _, r := range s.Replies {
		if r.ID == id && id != "" {
			return r, true
		}
	}
	return Reply{}, false
}

// mayAct refuses who may not order or propose the verb on the mention, and where it cannot be done.
func (s Story) mayAct(op string, by Actor, m Mention, v post.Verb) error {
	if err := s.mayOrder(op, by, v); err != nil {
		return err
	}
	if rule := post.ActOf(s.Ticket.Network, v); rule.None != "" {
		return fault.Reject(op, "verb", rule.None)
	}
	if err := s.applies(op, m, v); err != nil {
		return err
	}
	was, _ := m.Act(v)
	decides := v != post.Like && Allowed(by, CanHide)
	switch {
	case was.State == ActPlanned:
		return fault.Say(fault.Conflict, op, "Ya está en curso: espera un momento.")
	case was.State == ActProposed && !decides:
		return fault.Say(fault.Conflict, op, "Ya se propuso: lo decide tu supervisor o supervisora.")
	case v == post.Like && was.State == ActDone:
		return fault.Say(fault.Conflict, op, "Ya tiene nuestro «me gusta».")
	case v == post.Hide && m.Hidden():
		return fault.Say(fault.Conflict, op, "Ya está oculto.")
	case v == post.Unhide && !m.Hidden():
		return fault.Say(fault.Conflict, op, "No está oculto.")
	}
	return nil
}

// mayOrder refuses who may never do it.
func (s Story) mayOrder(op string, by Actor, v post.Verb) error {
	switch v {
	case post.Hide, post.Unhide:
		return s.Ticket.mustNotIntrude(op, by, CanPropose)
	case post.Like:
		return s.Ticket.mayAnswer(op, by)
	case post.Remove:
		return fault.Reject(op, "verb", "Solo se borra una respuesta nuestra. Lo que escribió la persona se puede ocultar, con un motivo.")
	default:
		return fault.Reject(op, "verb", "Esa acción no existe.")
	}
}

// applies refuses what the verb cannot be done to, whoever asks.
func (s Story) applies(op string, m Mention, v post.Verb) error {
	n := s.Ticket.Network
	switch {
	case m.Deleted:
		return fault.Say(fault.Conflict, op, "La persona borró lo que escribió.")
	case m.flag(mention.FlagManual):
		return fault.Reject(op, "mention", "Este caso se ingresó a mano. Hazlo en la aplicación de la red.")
	case messaged(m):
		return fault.Reject(op, "mention", "Es un mensaje privado: nadie más lo ve.")
	case v == post.Like && m.Kind != mention.Comment && m.Kind != mention.Post && m.Kind != mention.Mentioned,
		v != post.Like && m.Kind != mention.Comment:
		return fault.Reject(op, "mention", "La red solo permite esto con comentarios bajo nuestras publicaciones.")
	case v != post.Like && n == mention.X && m.Parent == "":
		return fault.Reject(op, "mention", "X solo permite ocultar respuestas a nuestras publicaciones.")
	}
	return nil
}

// mayRemove refuses who may not take an answer of ours away, and an answer that cannot be.
func (s Story) mayRemove(op string, by Actor, r Reply) error {
	if r.Author != by.ID && !Allowed(by, CanRemove) {
		return fault.Say(fault.Denied, op, "Una respuesta la borra quien la escribió, o su supervisor o supervisora.")
	}
	if !Allowed(by, CanReply) {
		return fault.Say(fault.Denied, op, "Tu rol no permite esta acción.")
	}
	if rule := post.ActOf(s.Ticket.Network, post.Remove); rule.None != "" {
		return fault.Reject(op, "verb", rule.None)
	}
	switch {
	case r.Removed.State == ActDone, !r.RemovedAt.IsZero():
		return fault.Say(fault.Conflict, op, "La respuesta ya está borrada en la red.")
	case r.Removed.State == ActPlanned:
		return fault.Say(fault.Conflict, op, "Ya está en curso: espera un momento.")
	case r.State != ReplySent:
		return fault.Say(fault.Conflict, op, "Solo se borra una respuesta que salió.")
	case r.Visibility != post.Public:
		return fault.Reject(op, "reply", "La red no permite borrar un mensaje que la persona ya tiene.")
	case r.RemoteID == "":
		return fault.Reject(op, "reply", "No sabemos qué respuesta es en la red. Bórrala en la aplicación de la red.")
	}
	return nil
}

// mayDecide refuses who may not say yes or no to a proposal, and where there is none.
func (s Story) mayDecide(op string, by Actor, a Act) error {
	switch {
	case !Allowed(by, CanHide):
		return fault.Say(fault.Denied, op, "Esto lo decide tu supervisor o supervisora.")
	case a.State != ActProposed:
		return fault.Say(fault.Conflict, op, "No hay nada propuesto que decidir.")
	}
	return s.Ticket.mustNotIntrude(op, by, CanHide)
}

// mayCancel refuses who may not take an act back, and what can no longer be taken back.
func (s Story) mayCancel(op string, by Actor, a Act, decider Verb) error {
	switch {
	case !a.Open():
		return fault.Say(fault.Conflict, op, "No hay nada por deshacer.")
	case a.Doubt:
		return fault.Say(fault.Conflict, op, "Ya salió a la red: no se puede deshacer.")
	case a.By != by.ID && a.AskedBy != by.ID && !Allowed(by, decider):
		return fault.Say(fault.Denied, op, "Esto lo deshace quien lo pidió, o su supervisor o supervisora.")
	}
	return nil
}

// The keys of MayAct and MayRemove besides the verbs.
const (
	MayApprove = "approve" // say yes or no to what is proposed: What is its verb
	MayCancel  = "cancel"  // take back what is planned or proposed: What is its verb
)

// MayAct tells the actor what may be done with the mention now, besides answering it: by verb, and MayApprove and MayCancel.
func (s Story) MayAct(by Actor, m Mention) map[string]Option {
	const op = "ticket.MayAct"
	may := map[string]Option{}
	for _, v := range []post.Verb{post.Hide, post.Unhide, post.Like} {
		o := option(s.mayAct(op, by, m, v))
		if o.Allowed {
			o.UndoSeconds = actUndo.Seconds()
			o.Proposes = v != post.Like && !Allowed(by, CanHide)
			if v == post.Hide {
				o.Reasons = HideReasons()
			}
		}
		may[string(v)] = o
	}
	may[MayApprove], may[MayCancel] = Option{Why: "No hay nada propuesto que decidir."}, Option{Why: "No hay nada por deshacer."}
	for _, a := range m.Acts {
		if a.State == ActProposed {
			o := option(s.mayDecide(op, by, a))
			o.What = string(a.Verb)
			may[MayApprove] = o
		}
		if a.Open() {
			o := option(s.mayCancel(op, by, a, CanHide))
			o.What, o.Until = string(a.Verb), a.Due
			may[MayCancel] = o
		}
	}
	return may
}

// MayRemove tells the actor whether an answer of ours may be taken away from its network, and whether that can be undone.
func (s Story) MayRemove(by Actor, r Reply) map[string]Option {
	const op = "ticket.MayRemove"
	remove := option(s.mayRemove(op, by, r))
	if remove.Allowed {
		remove.UndoSeconds, remove.Confirm = actUndo.Seconds(), ConfirmRemove
	}
	cancel := option(s.mayCancel(op, by, r.Removed, CanRemove))
	cancel.What, cancel.Until = string(post.Remove), r.Removed.Due
	return map[string]Option{string(post.Remove): remove, MayCancel: cancel}
}

// ActSubject is what the message of an act is about: a verb on a mention, by its address inside the case, or on a reply.
type ActSubject struct {
	Verb  post.Verb
	Key   string
	At    time.Time
	Reply string
}

func (a ActSubject) String() string {
	if a.Reply != "" {
		return string(a.Verb) + "/" + a.Reply
	}
	return string(a.Verb) + "/" + a.At.UTC().Format(time.RFC3339Nano) + " " + a.Key
}

// ParseActSubject reads what String wrote; false for anything else.
func ParseActSubject(text string) (ActSubject, bool) {
	verb, rest, found := strings.Cut(text, "/")
	a := ActSubject{Verb: post.Verb(verb)}
	if !found || rest == "" || !slices.Contains(post.Verbs(), a.Verb) {
		return ActSubject{}, false
	}
	if a.Verb == post.Remove {
		a.Reply = rest
		return a, true
	}
	when, key, found := strings.Cut(rest, " ")
	at, err := time.Parse(time.RFC3339Nano, when)
	if !found || key == "" || err != nil {
		return ActSubject{}, false
	}
	a.At, a.Key = at.UTC(), key
	return a, true
}
