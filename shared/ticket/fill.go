package ticket

import (
	"cmp"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
)

// Filling is what taking words that came late needs to know, beside the words. Read says that they were read from the network
// now, and not delivered again as they once were. CitizenKey, DueDate, DueAt, Term and DoubtAt are as in Opening.
type Filling struct {
	Class      classify.Result
	Excerpt    string
	CitizenKey string
	Read       bool
	DueDate    string
	DueAt      time.Time
	Term       Term
	DoubtAt    time.Time
	Now        time.Time
}

// FillMention takes the words of a mention whose words could not be read, or are others by now (Seen.Blank). A case that was
// opened without words has its class decided by them, as if it were opened now, unless a person decided it or it has others; else
// they can only raise it. False when there is nothing to take.
func (t Ticket) FillMention(m Mention, e mention.Event, seen Seen, in Filling, p Policy) (Change, bool) {
	missing := m.flag(mention.FlagUnavailable)
	wordless := e.Text == "" && len(e.Attachments) == 0
	if m.Deleted || !seen.Blank || wordless || !missing && !in.Read {
		return Change{}, false
	}
	was := seen
	seen.Blank = false
	seen.Rev++
	if !missing && e.Text == m.Text {
		return Change{Seen: &seen, SeenWas: &was}, true
	}
	kind := audit.MentionFilled
	if !missing {
		kind, m.EditedAt = audit.MentionEdited, cmp.Or(e.Received, in.Now).UTC()
	}
	to := t
	m = m.filled(e, in.Now).judged(in.Class)
	to = to.named(e, in.CitizenKey)
	seen.Nameless = seen.Nameless && to.Citizen.Name == ""
	to.Excerpt = in.Excerpt
	facts := map[string]string{"mention": m.Key, "intent": string(in.Class.Intent)}
	var send []outbox.Message
	var cancel []outbox.Ref
	switch {
	case t.State.Final():
	case missing && t.undecided():
		to, send, cancel = t.decideAnew(to, in, p, facts)
	default:
		to, send, cancel = t.raise(to, in.Class, p, in.Now, in.DoubtAt, facts)
	}
	to, m, forget := to.lendAgain(m, cmp.Or(e.Received, in.Now), in.Now, t.Version+1)
	change := t.next(to, kind, system(), "", facts, in.Now)
	change.Send, change.Cancel = slices.Concat(send, forget, MediaToCopy(m, t.Channel(), in.Now)), cancel
	change = change.texts([]Mention{m}, nil)
	change.Seen, change.SeenWas = &seen, &was
	return change, true
}

// filled is the mention with the words of e.
func (m Mention) filled(e mention.Event, now time.Time) Mention {
	if e.Outcome == mention.Edit {
		m.EditedAt = entryTime(e.At, now)
	}
	flags := slices.DeleteFunc(slices.Clone(m.Flags), func(f string) bool { return f == mention.FlagUnavailable })
	for _, f := range e.Flags {
		if !slices.Contains(flags, f) {
			flags = append(flags, f)
		}
	}
	m.Flags = flags
	m.Text = cmp.Or(e.Text, m.Text)
	if len(e.Attachments) > 0 {
		m.Attachments = e.Attachments
	}
	m.Parent = cmp.Or(m.Parent, e.Parent)
	m.Rev++
	return m
}

// named is the case with the person's name, and whom to answer, where it did not know them yet.
func (t Ticket) named(e mention.Event, key string) Ticket {
	if e.Author == nil {
		return t
	}
	if t.Citizen.Name == "" && t.Citizen.Handle == "" {
		t.Citizen = t.Citizen.told(e, key)
	}
	t.Recipient = cmp.Or(t.Recipient, e.Recipient)
	return t
}

// undecided reports whether the class of the case still is what nothing but its first mention says.
func (t Ticket) undecided() bool {
	open := t.SIAC.State == NotFiled || t.SIAC.State == Pending || t.SIAC.State == NotApplicable
	return t.Mentions == 1 && t.Intent.Gestor == "" && open && t.SIAC.Reason != Undone && t.SIAC.Reason != RuleByHand
}

// decideAnew gives the case the class, the term and the filing of words that came late.
func (t Ticket) decideAnew(to Ticket, in Filling, p Policy, facts map[string]string) (Ticket, []outbox.Message, []outbox.Ref) {
	c := in.Class
	var cancel []outbox.Ref
	if t.SIAC.State == Pending {
		cancel = append(cancel, t.pendingRef())
	}
	to.Intent = intentOf(c)
	to.Urgency, to.Topics, to.Flags = c.Urgency, c.Topics, c.Flags
	to.DueDate, to.DueAt, to.Term = in.DueDate, in.DueAt.UTC(), in.Term
	to, send := to.planByClass(c, p, in.Now, in.DoubtAt, t.Version+1)
	if to.SIAC.Reason != "" {
		facts["siac"], facts["rule"] = string(to.SIAC.State), to.SIAC.Reason
	}
	if c.Intent == classify.Denuncia {
		to = to.freed()
	}
	return to, send, cancel
}
