package ticket

import (
	"time"

	"sence.gob.cl/gestor/shared/classify"
)

// Policy is what SENCE may tune. HumanAgent says that Meta has approved the longer window for words a person typed: without its
// approval such a message is refused. The rest is about escalation. Undo is how long an automatic escalation can be taken back;
// DoubtHours the business hours a person has to decide a doubtful one; Threshold the probability from which a reclamo is
// not doubtful. The default threshold is cautious: no precision has been measured on real cases yet.
type Policy struct {
	Undo       time.Duration
	DoubtHours int
	Threshold  float64
	HumanAgent bool
}

// DefaultPolicy is the policy of contract.md §2.
func DefaultPolicy() Policy {
	return Policy{Undo: 10 * time.Minute, DoubtHours: 4, Threshold: 0.85}
}

// ByHand is the window in which an escalation a person asked for can be taken back: long enough for a slip of the hand.
func (p Policy) ByHand() time.Duration { return min(p.Undo, 10*time.Second) }

// The reasons of a filing, as stored.
const (
	RuleSure    = "E-1" // reclamo, sure: by itself after the undo window
	RuleDoubt   = "E-2" // reclamo, doubtful: by itself after the business hours nobody used
	RuleByHand  = "por_persona"
	NotDenuncia = "denuncia_reservada"
	NotSpam     = "spam"
	Undone      = "deshecho"
)

// Basis is where a term counts from; stored and spoken of by its Spanish name.
type Basis string

// The bases of a term.
const (
	FromWritten  Basis = "escrito"  // when the person wrote (Ley 19.880 art. 25)
	FromReceived Basis = "recibido" // when we received it: the network told no time, or one outside the holiday table
)

// Term is how the deadline of a case was counted: Days días hábiles from the instant that From names.
type Term struct {
	Days int   `json:"days"`
	From Basis `json:"from"`
}

// TermStart is the instant the term of the case counts from.
func (t Ticket) TermStart() time.Time {
	if t.Term.From == FromReceived {
		return t.ReceivedAt
	}
	return t.OpenedAt
}

// TermDays is the limit in días hábiles to answer a case of this class: consulta 3 (domain.md §6.4, proposed), the rest
// the 20 of the CSEU measure.
func TermDays(i classify.Intent) int {
	if i == classify.Consulta {
		return 3
	}
	return 20
}

// Sure reports whether a reclamo escalates without anybody's decision (rule E-1): over the threshold, nearly free of
// denuncia, and nothing in the text that makes its class doubtful.
func (p Policy) Sure(r classify.Result) bool {
	return r.Intent == classify.Reclamo && r.Confident(p.Threshold)
}
