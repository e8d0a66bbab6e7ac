package ticket

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
)

// Opening is all that opening a case needs to know. DueDate is the civil date the term ends on, DueAt its last instant, Term how they were counted;
// DoubtAt when a doubtful escalation leaves. Aliases are the conversations of the person's other names that lead nowhere yet, Over an
// ended case that may still stand where one of them leads. Received is when we took the item (Now, when it is zero): it can be long before
// Now, when the case is decided. The entry and the window to undo count from Now: readers of changes would not look for an
// older entry, and nobody can undo in a window that is over.
type Opening struct {
	ID           string
	Number       string
	Conversation string
	Aliases      []string
	Over         string
	CitizenKey   string
	Event        mention.Event
	Class        classify.Result
	Excerpt      string
	DueDate      string
	DueAt        time.Time
	Term         Term
	DoubtAt      time.Time
	Received     time.Time
	Now          time.Time
}

// Open makes the case of a first mention. A reclamo plans its own escalation: sure after the undo window, doubtful when
// the business hours to decide have passed.
func Open(in Opening, p Policy, seenWas *Seen) Change {
	e, c := in.Event, in.Class
	if in.Received.IsZero() {
		in.Received = in.Now
	}
	opened := entryTime(e.At, in.Received)
	t := Ticket{
		ID: in.ID, Number: in.Number, Network: e.Network, Account: e.Account, Conversation: in.Conversation,
		Public: e.Public(), Kind: e.Kind, State: Ingresado, Urgency: c.Urgency, Topics: c.Topics, Flags: c.Flags,
		Intent:      intentOf(c),
		TipoPersona: "desconocido", OpenedAt: opened, ReceivedAt: in.Received.UTC(), DueDate: in.DueDate, DueAt: in.DueAt.UTC(),
		Term: in.Term, Citizen: citizen(e, in.CitizenKey), First: e.Key, Target: target(e), Recipient: e.Recipient, Mentions: 1, Excerpt: in.Excerpt,
	}
	facts := map[string]string{
		"mention": e.Key, "intent": string(c.Intent), "confidence": fmt.Sprintf("%.2f", c.Probabilities[c.Intent]), "model": c.Model,
	}
	t, _ = t.KnownAs(in.Aliases)
	var send, forget []outbox.Message
	t, send = t.planByClass(c, p, in.Now, in.DoubtAt, 1)
	if t.SIAC.Reason != "" {
		facts["siac"], facts["rule"] = string(t.SIAC.State), t.SIAC.Reason
	}
	m := newMention(t.ID, e, opened, seenWas, in.Now).judged(c)
	t, m, forget = t.lend(m, seenWas, in.Received, in.Now, 1)
	change := Ticket{}.next(t, audit.TicketOpened, system(), "", facts, in.Now)
	change.Open, change.Over = true, in.Over
	change.Send = slices.Concat(send, forget, MediaToCopy(m, t.Channel(), in.Now))
	change = change.texts([]Mention{m}, nil)
	change.Seen, change.SeenWas = seenAs(e, m, seenWas), seenWas
	return change
}

// planByClass sets what the class means for SIAC and gives the message that files it, if any.
func (t Ticket) planByClass(c classify.Result, p Policy, now, doubtAt time.Time, version int) (Ticket, []outbox.Message) {
	switch c.Intent {
	case classify.Denuncia:
		t.SIAC = SIAC{State: NotApplicable, Reason: NotDenuncia}
	case classify.Spam:
		t.SIAC = SIAC{State: NotApplicable, Reason: NotSpam}
	case classify.Reclamo:
		rule, due := RuleDoubt, doubtAt
		if p.Sure(c) {
			rule, due = RuleSure, now.Add(p.Undo)
		}
		return t.planFiling(rule, due, version)
	case classify.Consulta, classify.Sugerencia, classify.Felicitacion:
		t.SIAC = SIAC{State: NotFiled}
	default:
		t.SIAC = SIAC{State: NotFiled}
	}
	return t, nil
}

// planFiling puts the filing into the outbox of the version being made.
func (t Ticket) planFiling(rule string, due time.Time, version int) (Ticket, []outbox.Message) {
	m := outbox.New(t.messageID(version), outbox.File, t.ID, "", t.Conversation, due)
	t.SIAC = SIAC{State: Pending, Reason: rule, Message: m.ID, Due: m.Due}
	return t, []outbox.Message{m}
}

// messageID names the message planned by the step to version: unique, and the same when the step is decided again.
func (t Ticket) messageID(version int) string { return fmt.Sprintf("%s-%06d", t.ID, version) }

// entryTime is when the person wrote: the network's time, unless it lies in the future or is missing.
func entryTime(at, now time.Time) time.Time {
	if at.IsZero() || at.After(now) {
		return now.UTC()
	}
	return at.UTC()
}

func citizen(e mention.Event, key string) Citizen {
	c := Citizen{Key: key}
	if e.Author == nil {
		return c
	}
	c.Name = e.Author.Name
	if len(e.Author.Aliases) > 0 {
		c.Handle = e.Author.Aliases[0]
	}
	return c
}

// newMention makes the mention of an item. Its text may be that of an edit that came before it (was): then it is as new as
// that edit, and an older edit that comes later changes nothing.
func newMention(id string, e mention.Event, at time.Time, was *Seen, now time.Time) Mention {
	m := Mention{
		Ticket: id, Key: e.Key, Network: e.Network, Kind: e.Kind, Text: e.Text, At: at, Public: e.Public(), Parent: e.Parent,
		Attachments: e.Attachments, Flags: e.Flags, URL: e.Link, Rev: 1,
	}
	if m.Attachments == nil {
		m.Attachments = []mention.Attachment{}
	}
	if was != nil && was.Edited != nil {
		m.EditedAt = entryTime(was.Edited.At, now)
	}
	return m
}

// target is what an answer to an item hangs on. A mention on Instagram is answered by its media and comment; one in a
// caption has no comment, and its colon tells it from a comment's id.
func target(e mention.Event) string {
	if e.Network == mention.Instagram && e.Kind == mention.Mentioned && !strings.Contains(e.Key, ":") {
		return e.Key + ":"
	}
	return cmp.Or(e.Remote, e.Key)
}

func revAfter(was *Seen) int {
	if was == nil {
		return 1
	}
	return was.Rev + 1
}
