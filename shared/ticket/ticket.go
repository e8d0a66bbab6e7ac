// Package ticket is a case: what a citizen brought to SENCE over a social network, its states, and the transitions that
// may be made of it. Every transition is pure and returns a Change.
package ticket

import (
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// State is where a case stands; stored and spoken of by its Spanish name.
type State string

// The states of a case in the order of its life.
const (
	Ingresado             State = "ingresado"
	EnAnalisis            State = "en_analisis"
	PendienteAntecedentes State = "pendiente_antecedentes"
	Desistido             State = "desistido"
	Derivado              State = "derivado"
	NoCompetencia         State = "no_competencia"
	Respondido            State = "respondido"
	Cerrado               State = "cerrado"
	Reabierto             State = "reabierto"
	Apelado               State = "apelado"
	Duplicado             State = "duplicado"
	EsSpam                State = "spam"
	Anulado               State = "anulado"
)

// States lists every state.
func States() []State {
	return []State{
		Ingresado, EnAnalisis, PendienteAntecedentes, Desistido, Derivado, NoCompetencia, Respondido, Cerrado, Reabierto,
		Apelado, Duplicado, EsSpam, Anulado,
	}
}

// Known reports whether s is one of States.
func (s State) Known() bool {
	for _, known := range States() {
		if s == known {
			return true
		}
	}
	return false
}

// Waiting reports whether the case waits for somebody to take it.
func (s State) Waiting() bool { return s == Ingresado || s == Reabierto }

// Final reports whether nothing more is expected of the case.
func (s State) Final() bool {
	switch s {
	case Cerrado, Desistido, NoCompetencia, Duplicado, EsSpam, Anulado:
		return true
	case Ingresado, EnAnalisis, PendienteAntecedentes, Derivado, Respondido, Reabierto, Apelado:
		return false
	default:
		return false
	}
}

// Filing is how far the case is in SIAC.
type Filing string

// The states of filing.
const (
	NotFiled      Filing = "none"
	Pending       Filing = "pending"
	Filed         Filing = "filed"
	FilingUnknown Filing = "unknown"
	NotApplicable Filing = "not_applicable"
)

// SIAC is the case's side in SIAC. Due is when a pending filing leaves; Message the outbox message that carries it;
// Reason says why it is pending, why it is not applicable, or why it failed, as a code.
type SIAC struct {
	State   Filing    `json:"state"`
	Folio   string    `json:"folio,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Message string    `json:"message,omitempty"`
	Due     time.Time `json:"due,omitzero"`
	FiledAt time.Time `json:"filedAt,omitzero"`
}

// Intent is the class of a case: what the model said, what a person said, and which one holds. Confidence is the model's
// probability of Model; Set the intents it could not rule out; Reasons the rules that spoke; Subtype the kind of Model, where that matters. Surely says of a spam that the model
// holds it for nobody's case (classify.Result.Collapsible).
type Intent struct {
	Model      classify.Intent   `json:"model"`
	Gestor     classify.Intent   `json:"gestor,omitempty"`
	Final      classify.Intent   `json:"final"`
	Confidence float64           `json:"confidence"`
	Set        []classify.Intent `json:"set,omitempty"`
	Reasons    []string          `json:"reasons,omitempty"`
	Version    string            `json:"version,omitempty"`
	Surely     bool              `json:"surely,omitempty"`
	Subtype    classify.Subtype  `json:"subtype,omitempty"`
}

// Folds reports whether the case may lie folded among the spam: a person called it that, or the model is sure of it.
func (i Intent) Folds() bool {
	return i.Final == classify.Spam && (i.Gestor == classify.Spam || i.Surely)
}

// Kind is the subtype, while the intent is still the one it is a kind of.
func (i Intent) Kind() classify.Subtype {
	if i.Final != i.Model {
		return ""
	}
	return i.Subtype
}

// intentOf is what the model says of words.
func intentOf(c classify.Result) Intent {
	return Intent{
		Model: c.Intent, Final: c.Intent, Confidence: c.Probabilities[c.Intent], Set: c.Set, Reasons: c.Reasons, Version: c.Model,
		Surely: c.Collapsible(), Subtype: c.Subtype,
	}
}

// Citizen is how the network names the person. Key is the HMAC of the network's id: the id itself stands nowhere. Until is
// when the network's rules end our right to the name; zero where they do not. Asked is when the name was last asked for, where the
// network tells it only to who asks.
type Citizen struct {
	Name   string    `json:"name,omitempty"`
	Handle string    `json:"handle,omitempty"`
	Key    string    `json:"key"`
	Until  time.Time `json:"until,omitzero"`
	Asked  time.Time `json:"asked,omitzero"`
}

// Ticket is a case as it is stored. Instants are UTC. OpenedAt is the network's time of the first mention (Ley 19.880
// art. 25: entry is when the person wrote), never later than when we received it. DueDate is a civil date in Chile,
// DueAt its last instant, Term how they were counted. ExcerptUntil is Mention.Until of what the excerpt is of. Head is the hash
// of the last bitácora entry. Aliases are further conversations that lead to the case while it is open: the same person's, under
// the person's other names (ADR 0027).
type Ticket struct {
	ID           string            `json:"id"`
	Number       string            `json:"number"`
	Version      int               `json:"version"`
	Head         string            `json:"head"`
	Network      mention.Network   `json:"network"`
	Account      string            `json:"account"`
	Conversation string            `json:"conversation"`
	Aliases      []string          `json:"aliases,omitempty"`
	Public       bool              `json:"public"`
	Kind         mention.Kind      `json:"kind"`
	State        State             `json:"state"`
	Intent       Intent            `json:"intent"`
	Urgency      classify.Urgency  `json:"urgency"`
	Topics       []string          `json:"topics,omitempty"`
	Flags        []string          `json:"flags,omitempty"`
	Etapa        string            `json:"etapa,omitempty"`
	TipoPersona  string            `json:"tipoPersona"`
	Region       string            `json:"region,omitempty"`
	OpenedAt     time.Time         `json:"openedAt"`
	ReceivedAt   time.Time         `json:"receivedAt"`
	DueDate      string            `json:"dueDate"`
	DueAt        time.Time         `json:"dueAt"`
	Term         Term              `json:"term,omitzero"`
	AnsweredAt   time.Time         `json:"answeredAt,omitzero"`
	UpdatedAt    time.Time         `json:"updatedAt"`
	Assignee     string            `json:"assignee,omitempty"`
	AssigneeName string            `json:"assigneeName,omitempty"`
	Citizen      Citizen           `json:"citizen"`
	SIAC         SIAC              `json:"siac"`
	First        string            `json:"first"`               // key of the mention that opened the case
	Target       string            `json:"target,omitempty"`    // network id an answer hangs on; sealed where it names a person
	Recipient    string            `json:"recipient,omitempty"` // sealed network id of the person a private answer goes to
	Mentions     int               `json:"mentions"`
	Excerpt      string            `json:"excerpt,omitempty"` // masked beginning of the latest mention, for lists
	ExcerptUntil time.Time         `json:"excerptUntil,omitzero"`
	Facts        map[string]string `json:"facts,omitempty"`
	Ahead        []Ahead           `json:"ahead,omitempty"`
	Expires      time.Time         `json:"-"` // zero while the case is open; the store keeps it beside the document
}

// Channel is the account of ours that the case came through.
func (t Ticket) Channel() channel.Ref { return channel.Ref{Network: t.Network, Account: t.Account} }

// Mention is one text of the citizen inside a case. Version counts its edits; Deleted keeps the tombstone. URL is where people
// see it, when the network or a person told; Link knows more. Acts is what we did with it besides answering, one for each verb.
// Until is when the network's rules end our right to the words (zero: they do not), ModeratedAt when it was last hidden or
// shown. Expires is that of its case. Judged is what the classifier said of these words, Shadow what the one beside it said, where
// one runs.
type Mention struct {
	Ticket      string               `json:"ticket"`
	Key         string               `json:"id"`
	Network     mention.Network      `json:"network,omitempty"`
	Kind        mention.Kind         `json:"kind"`
	Text        string               `json:"text"`
	At          time.Time            `json:"at"`
	EditedAt    time.Time            `json:"editedAt,omitzero"`
	Public      bool                 `json:"public"`
	Deleted     bool                 `json:"deleted,omitempty"`
	Parent      string               `json:"parent,omitempty"`
	Attachments []mention.Attachment `json:"attachments"`
	Flags       []string             `json:"flags,omitempty"`
	URL         string               `json:"url,omitempty"`
	Acts        []Act                `json:"acts,omitempty"`
	Until       time.Time            `json:"until,omitzero"`
	ModeratedAt time.Time            `json:"moderatedAt,omitzero"`
	Judged      *classify.Judgement  `json:"judged,omitempty"`
	Shadow      *classify.Judgement  `json:"shadow,omitempty"`
	Rev         int                  `json:"rev"`
	Expires     time.Time            `json:"-"`
}

// judged keeps what was said of the words as they are now.
func (m Mention) judged(c classify.Result) Mention {
	said := c.Judgement()
	m.Judged, m.Shadow = &said, c.Shadow
	return m
}

// ReplyState is where a reply stands.
type ReplyState string

// The states of a reply. Claimed is shown while its message is claimed; it is never stored in the reply itself.
const (
	ReplyPlanned   ReplyState = "planned"
	ReplyClaimed   ReplyState = "claimed"
	ReplySent      ReplyState = "sent"
	ReplyUnknown   ReplyState = "unknown"
	ReplyRefused   ReplyState = "refused"
	ReplyExpired   ReplyState = "expired"
	ReplyCancelled ReplyState = "cancelled"
)

// Reply is one answer of ours. Target is the network id it hangs on; Recipient the network id of the person a private one goes
// to; Message the outbox message that carries it; Until when its network stops taking it (zero: never);
// ClaimedAt when the network call was about to begin: a read-back looks from there on. After is the reply of the same case that
// waited when this one was planned: it goes first. Summoned tells that who is answered had named us, ExtendedFrom from when on
// only the longer window lets it go. Removed is our taking it back from the network. Receipt is the furthest it came on its way
// to the person, as a flag of a status (package mention), ReceiptAt when; EditedAt and RemovedAt when it was written anew or
// taken away on its network. Aside says that its network will tell of it under something else than this case. Rev is its own
// lock; Expires is that of its case.
type Reply struct {
	Ticket     string          `json:"ticket"`
	ID         string          `json:"id"`
	Text       string          `json:"text"`
	Visibility post.Visibility `json:"visibility"`
	State      ReplyState      `json:"state"`
	Author     string          `json:"author"`
	AuthorName string          `json:"authorName,omitempty"`
	Target     string          `json:"target"`
	Recipient  string          `json:"recipient,omitempty"`
	Message    string          `json:"message,omitempty"`
	PlannedAt  time.Time       `json:"plannedAt"`
	Due        time.Time       `json:"due"`
	Until      time.Time       `json:"until,omitzero"`
	ClaimedAt  time.Time       `json:"claimedAt,omitzero"`
	SentAt     time.Time       `json:"sentAt,omitzero"`
	RemoteID   string          `json:"remoteId,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	After      string          `json:"after,omitempty"`
	Summoned   bool            `json:"summoned,omitempty"`
	Stands     string          `json:"stands,omitempty"` // of a duplicate: what the network named
	Receipt    string          `json:"receipt,omitempty"`
	ReceiptAt  time.Time       `json:"receiptAt,omitzero"`
	EditedAt   time.Time       `json:"editedAt,omitzero"`
	RemovedAt  time.Time       `json:"removedAt,omitzero"`
	Aside      bool            `json:"aside,omitempty"`
	Rev        int             `json:"rev"`
	Expires    time.Time       `json:"-"`

	ExtendedFrom time.Time `json:"extendedFrom,omitzero"`
	URL          string    `json:"url,omitempty"` // where people see it, as the person told who recorded it
	At           time.Time `json:"at,omitzero"`   // when it is meant to go out, where a person chose that
	Removed      Act       `json:"removed,omitzero"`

	// Template is what goes out where only a text the network has approved may; Text is then what it reads as.
	Template *post.Template `json:"template,omitempty"`
}

// Story is a case with all that hangs on it, in order of time.
type Story struct {
	Ticket   Ticket
	Mentions []Mention
	Replies  []Reply
	Labels   []Label
}
