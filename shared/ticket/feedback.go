package ticket

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

// Reading is what was said of one mention, as the index of a day tells it: no words and nobody's name.
type Reading struct {
	Ticket  string
	Mention string
	Network mention.Network
	At      time.Time
	Said    classify.Judgement
	Shadow  *classify.Judgement
}

// Decision is a person's word on the class of a case: a confirmation where To is Model, a correction where it is not. Version is
// the model's, Mention the text by which the model had given the class.
type Decision struct {
	Ticket     string
	Mention    string
	Network    mention.Network
	Version    string
	Model      classify.Intent
	Confidence float64
	From, To   classify.Intent
	By         string
	At         time.Time
}

// Corrects reports whether the person said something else than the model.
func (d Decision) Corrects() bool { return d.To != d.Model }

// DecisionOf reads a decision out of its entry of the bitácora; false for another entry, and for one of before entries told all of it.
func DecisionOf(e audit.Entry) (Decision, bool) {
	if !decides(e) || e.Facts["mention"] == "" {
		return Decision{}, false
	}
	sure, err := strconv.ParseFloat(e.Facts["confidence"], 64)
	return Decision{
		Ticket: e.Ticket, Mention: e.Facts["mention"], Network: mention.Network(e.Facts["network"]), Version: e.Facts["version"],
		Model: classify.Intent(e.Facts["model"]), Confidence: sure, From: classify.Intent(e.Facts["from"]), To: classify.Intent(e.Facts["to"]),
		By: e.Actor, At: e.At,
	}, err == nil
}

// decides reports whether a person gave a class in the step of the entry.
func decides(e audit.Entry) bool { return e.Kind == audit.TicketClassified && e.Actor != audit.System }

// decided are the facts of a decision, from which DecisionOf reads it back.
func (t Ticket) decided(c Correction) map[string]string {
	return map[string]string{
		"from": string(t.Intent.Final), "to": string(c.Intent), "model": string(t.Intent.Model), "network": string(t.Network), "mention": c.Mention,
		"version": t.Intent.Version, "confidence": fmt.Sprintf("%.2f", t.Intent.Confidence),
	}
}

// JudgedBy is the key of the mention by which the case has the model's class: the latest of which the model said the same.
func (s Story) JudgedBy() string {
	for _, m := range slices.Backward(s.Mentions) {
		if m.Judged != nil && m.Judged.Intent == s.Ticket.Intent.Model {
			return m.Key
		}
	}
	return s.Ticket.First
}

// oneIn is how many mentions there are for each one of the blind audit.
const oneIn = 20

// Blind reports whether a mention is of the blind audit: one in twenty, by a hash of its id alone, so that nobody chooses and
// everybody can check. What is of the audit is never trained on.
func Blind(item string) bool {
	sum := sha256.Sum256([]byte("auditoria-ciega\x00" + item))
	return binary.BigEndian.Uint64(sum[:8])%oneIn == 0
}

// LabelKind is why a person was asked what a mention says.
type LabelKind string

// The kinds of label. Stored: never renamed, only added.
const (
	LabelBlind  LabelKind = "blind"  // of the blind audit: what the model is measured by
	LabelMargin LabelKind = "margin" // of those the model was least sure of: what it learns most from
)

// Label is what a person said of a mention without knowing what the model had said; Model is that. At is the mention's time,
// LabelledAt the label's. A label that was taken back keeps its place until it is given anew. It holds no words.
type Label struct {
	Ticket     string             `json:"ticket"`
	Mention    string             `json:"mention"`
	At         time.Time          `json:"at"`
	Network    mention.Network    `json:"network"`
	Kind       LabelKind          `json:"kind"`
	Model      classify.Judgement `json:"model"`
	Intent     classify.Intent    `json:"intent"`
	Urgency    classify.Urgency   `json:"urgency"`
	By         string             `json:"by"`
	ByName     string             `json:"byName,omitempty"`
	LabelledAt time.Time          `json:"labelledAt"`
	Undone     time.Time          `json:"undone,omitzero"`
	Rev        int                `json:"rev"`
	Expires    time.Time          `json:"-"`
}

// Stands reports whether the label was given and not taken back.
func (l Label) Stands() bool { return l.Rev > 0 && l.Undone.IsZero() }

// LabelOrder is what a person says of a mention.
type LabelOrder struct {
	Mention string
	Kind    LabelKind
	Intent  classify.Intent
	Urgency classify.Urgency
}

// How long things about labels last: a label is kept as the figures of a year ago are asked for; one may be taken back for ten
// minutes; and a doubtful mention is asked about until two days after it came, a day after it was chosen.
const (
	labelLife   = 400 * day
	labelUndo   = 10 * time.Minute
	marginFresh = 2 * day
)

// BlindFor is how long a mention of the blind audit waits for its label.
const BlindFor = 30 * day

// Reserved reports whether the case is, or ever was, a denuncia: who may read those alone may look at its texts apart from it.
func (s Story) Reserved(past []audit.Entry) bool {
	return s.Ticket.Intent.Final == classify.Denuncia || slices.ContainsFunc(past, func(e audit.Entry) bool {
		return e.Scope == audit.Restricted || e.Scope == audit.Crossing
	})
}

// Within reports whether the texts of the case, which has this past, are within a reach.
func (s Story) Within(r Reach, past []audit.Entry) bool {
	if s.Reserved(past) {
		return r.Restricted
	}
	return r.Ordinary
}

// Labelled gives the label of a mention, and whether it was ever given.
func (s Story) Labelled(item string, kind LabelKind) (Label, bool) {
	for _, l := range s.Labels {
		if l.Mention == item && l.Kind == kind {
			return l, true
		}
	}
	return Label{}, false
}

// MayLabel gives the mention that a person may say the class of, or why not: NotFound where they may not know of it or there are
// no words any more, Denied where they have seen what the model said, Conflict where somebody was faster.
func (s Story) MayLabel(by Actor, item string, kind LabelKind, past []audit.Entry, now time.Time) (Mention, error) {
	const op = "ticket.MayLabel"
	if !Allowed(by, CanLabel) {
		return Mention{}, fault.Say(fault.Denied, op, "Tu rol no revisa el clasificador.")
	}
	m, found := s.mention(item)
	if !found || m.Deleted || m.Text == "" || m.Judged == nil || !s.Within(ReachOf(by), past) {
		return Mention{}, fault.New(fault.NotFound, op, ErrGone)
	}
	l, _ := s.Labelled(item, kind)
	switch {
	case !m.askedAbout(kind, now):
		return Mention{}, fault.New(fault.NotFound, op, ErrGone)
	case kind == LabelBlind && s.handled(by, past):
		return Mention{}, fault.Say(fault.Denied, op, "Tuviste este caso o decidiste su clase: otra persona la revisa a ciegas.")
	case l.Stands():
		return Mention{}, fault.Say(fault.Conflict, op, "Otra persona ya revisó este mensaje.")
	default:
		return m, nil
	}
}

// askedAbout reports whether people are asked about the mention, and for how long: what measures the model never teaches it.
func (m Mention) askedAbout(kind LabelKind, now time.Time) bool {
	switch kind {
	case LabelBlind:
		return Blind(m.Key) && now.Sub(m.At) < BlindFor
	case LabelMargin:
		return !Blind(m.Key) && now.Sub(m.At) < marginFresh
	default:
		return false
	}
}

// handled reports whether a person held the case or gave it a class: they saw what the model said of it.
func (s Story) handled(by Actor, past []audit.Entry) bool {
	return s.Ticket.Assignee == by.ID || slices.ContainsFunc(past, func(e audit.Entry) bool { return e.Actor == by.ID })
}

// Label is the step by which a person says what a mention asks for.
func (s Story) Label(by Actor, o LabelOrder, past []audit.Entry, now time.Time) (Change, error) {
	const op = "ticket.Label"
	m, err := s.MayLabel(by, o.Mention, o.Kind, past, now)
	switch {
	case err != nil:
		return Change{}, err
	case !o.Intent.Known():
		return Change{}, fault.Reject(op, "intent", "Esa clase no existe.")
	case urgencyRank(o.Urgency) > urgencyRank(classify.Baja):
		return Change{}, fault.Reject(op, "urgency", "Esa urgencia no existe.")
	}
	was, _ := s.Labelled(o.Mention, o.Kind)
	return Change{Label: &Label{
		Ticket: s.Ticket.ID, Mention: m.Key, At: m.At, Network: s.Ticket.Network, Kind: o.Kind, Model: *m.Judged, Intent: o.Intent, Urgency: o.Urgency,
		By: by.ID, ByName: by.Name, LabelledAt: now.UTC(), Rev: was.Rev + 1, Expires: now.UTC().Add(labelLife).Truncate(time.Second),
	}}, nil
}

// Unlabel is the step by which a person takes back what they said a moment ago.
func (s Story) Unlabel(by Actor, item string, kind LabelKind, now time.Time) (Change, error) {
	const op = "ticket.Unlabel"
	l, _ := s.Labelled(item, kind)
	switch {
	case !l.Stands() || l.By != by.ID:
		return Change{}, fault.New(fault.NotFound, op, ErrGone)
	case now.Sub(l.LabelledAt) > labelUndo:
		return Change{}, fault.Say(fault.Conflict, op, "Pasaron más de 10 minutos: esta etiqueta ya no se deshace.")
	}
	l.Undone, l.Rev = now.UTC(), l.Rev+1
	return Change{Label: &l}, nil
}
