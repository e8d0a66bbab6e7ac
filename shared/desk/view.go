package desk

import (
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// History is the bitácora of one case, oldest first.
type History = []audit.Entry

// ticketJSON is a case as the API shows it. Lists carry one masked preview in Mentions and neither replies nor events.
// DaysLeft is in días hábiles, negative when the term has passed; absent when the case is answered.
type ticketJSON struct {
	ID           string                   `json:"id"`
	Number       string                   `json:"number"`
	Version      int                      `json:"version"`
	Network      mention.Network          `json:"network"`
	Account      string                   `json:"account"`
	Kind         mention.Kind             `json:"kind"`
	Public       bool                     `json:"public"`
	State        ticket.State             `json:"state"`
	SIAC         siacJSON                 `json:"siac"`
	Intent       intentJSON               `json:"intent"`
	Urgency      classify.Urgency         `json:"urgency"`
	Topics       []string                 `json:"topics"`
	Flags        []string                 `json:"flags"`
	Etapa        string                   `json:"etapa"`
	TipoPersona  string                   `json:"tipoPersona"`
	Region       string                   `json:"region"`
	OpenedAt     time.Time                `json:"openedAt"`
	DueAt        time.Time                `json:"dueAt"`
	DueDate      string                   `json:"dueDate"`
	DaysLeft     *int                     `json:"daysLeft,omitempty"`
	Term         *termJSON                `json:"term,omitempty"`
	AnsweredAt   *time.Time               `json:"answeredAt,omitempty"`
	UpdatedAt    time.Time                `json:"updatedAt"`
	Assignee     string                   `json:"assignee,omitempty"`
	AssigneeName string                   `json:"assigneeName,omitempty"`
	Citizen      citizenJSON              `json:"citizen"`
	Masked       bool                     `json:"masked"`
	MentionCount int                      `json:"mentionCount"`
	Mentions     []mentionJSON            `json:"mentions"`
	Replies      []replyJSON              `json:"replies"`
	Events       []audit.Entry            `json:"events,omitempty"`
	May          map[string]ticket.Option `json:"may,omitempty"`
}

// termJSON is how the deadline of a case was counted; lists do not carry it. Days are hábiles.
type termJSON struct {
	Days  int          `json:"days"`
	From  time.Time    `json:"from"`
	Basis ticket.Basis `json:"basis"`
}

type siacJSON struct {
	State   ticket.Filing `json:"state"`
	Folio   string        `json:"folio,omitempty"`
	Reason  string        `json:"reason,omitempty"`
	DueAt   *time.Time    `json:"dueAt,omitempty"`
	FiledAt *time.Time    `json:"filedAt,omitempty"`
}

type intentJSON struct {
	Model      classify.Intent   `json:"model"`
	Gestor     classify.Intent   `json:"gestor,omitempty"`
	Final      classify.Intent   `json:"final"`
	Confidence float64           `json:"confidence"`
	Set        []classify.Intent `json:"set"`
	Reasons    []string          `json:"reasons,omitempty"`
	Folded     bool              `json:"folded"`
	Subtype    classify.Subtype  `json:"subtype,omitempty"`
}

type citizenJSON struct {
	Name   string `json:"name"`
	Handle string `json:"handle"`
}

type mentionJSON struct {
	ID          string           `json:"id"`
	Text        string           `json:"text"`
	At          time.Time        `json:"at"`
	EditedAt    *time.Time       `json:"editedAt,omitempty"`
	Public      bool             `json:"public"`
	Deleted     bool             `json:"deleted,omitempty"`
	Kind        mention.Kind     `json:"kind,omitempty"`
	Attachments []attachmentJSON `json:"attachments"`
	// Flags are small facts (shared/mention): hidden, unavailable, manual … Link is where to see it on its network.
	Flags []string                 `json:"flags,omitempty"`
	Link  string                   `json:"link,omitempty"`
	Acts  []actJSON                `json:"acts,omitempty"`
	May   map[string]ticket.Option `json:"may,omitempty"`
}

type replyJSON struct {
	ID         string            `json:"id"`
	Text       string            `json:"text"`
	Visibility post.Visibility   `json:"visibility"`
	State      ticket.ReplyState `json:"state"`
	Author     string            `json:"author"`
	AuthorName string            `json:"authorName,omitempty"`
	PlannedAt  time.Time         `json:"plannedAt"`
	// SendAt is when it is meant to go out, where a person chose that; Note explains an hour that comes twice that night.
	SendAt   *time.Time `json:"sendAt,omitempty"`
	Note     string     `json:"note,omitempty"`
	DueAt    time.Time  `json:"dueAt"`
	SentAt   *time.Time `json:"sentAt"`
	RemoteID string     `json:"remoteId"`
	Reason   string     `json:"reason,omitempty"`
	// Origin tells where an answer was given that did not leave from here; Template is the name of the approved text it says; Link is where people see it. Receipt is how far it
	// came on its way to the person. EditedAt and RemovedAt are when it was written anew or taken away on its network, Removed
	// what became of our taking it away.
	Origin    string                   `json:"origin,omitempty"`
	Template  string                   `json:"template,omitempty"`
	Link      string                   `json:"link,omitempty"`
	Receipt   string                   `json:"receipt,omitempty"`
	ReceiptAt *time.Time               `json:"receiptAt,omitempty"`
	EditedAt  *time.Time               `json:"editedAt,omitempty"`
	RemovedAt *time.Time               `json:"removedAt,omitempty"`
	Removed   *actJSON                 `json:"removed,omitempty"`
	May       map[string]ticket.Option `json:"may,omitempty"`
}

// render shows a case to the actor: a citizen's words as written only to who may read them.
func (d *Desk) render(s ticket.Story, by ticket.Actor, now time.Time) ticketJSON {
	t := s.Ticket
	out := d.row(t.Row(), now)
	out.Flags, out.Intent.Reasons, out.AnsweredAt = list(t.Flags), t.Intent.Reasons, optional(t.AnsweredAt)
	if !t.AnsweredAt.IsZero() {
		out.DaysLeft = nil
	}
	if t.Term.Days > 0 {
		out.Term = &termJSON{Days: t.Term.Days, From: t.TermStart(), Basis: t.Term.From}
	}
	out.Masked = !readsText(t, by)
	out.Mentions = make([]mentionJSON, 0, len(s.Mentions))
	for _, m := range s.Mentions {
		text := m.Text
		if out.Masked {
			text = classify.Mask(text)
		}
		shown := mentionJSON{
			ID: m.Key, Text: text, At: m.At, EditedAt: optional(m.EditedAt), Public: m.Public, Deleted: m.Deleted, Kind: m.Kind,
			Attachments: showAttachments(m), Flags: m.Flags, Link: m.Link(t.Network, t.Account), May: mayMention(s, by, m),
		}
		for _, a := range m.Acts {
			shown.Acts = append(shown.Acts, showAct(a))
		}
		out.Mentions = append(out.Mentions, shown)
	}
	for _, r := range s.Replies {
		out.Replies = append(out.Replies, showReply(r, d.mayReply(s, by, r, now)))
	}
	out.May = s.May(by, undoable(s), d.cfg.Policy, now)
	out.May["recorded"] = s.MayRecord(by)
	return out
}

func showReply(r ticket.Reply, may map[string]ticket.Option) replyJSON {
	out := replyJSON{
		ID: r.ID, Text: r.Text, Visibility: r.Visibility, State: r.State, Author: r.Author, AuthorName: r.AuthorName,
		PlannedAt: r.PlannedAt, SendAt: optional(r.At), Note: laterNote(r), DueAt: r.Due, SentAt: optional(r.SentAt), RemoteID: r.RemoteID, Reason: r.Reason,
		Origin: originOf(r), Link: r.URL, Receipt: r.Receipt, ReceiptAt: optional(r.ReceiptAt), EditedAt: optional(r.EditedAt),
		RemovedAt: optional(r.RemovedAt), Removed: showRemoved(r.Removed), May: may,
	}
	if r.Template != nil {
		out.Template = r.Template.Name
	}
	return out
}

// row shows a case in a list.
func (d *Desk) row(t ticket.Row, now time.Time) ticketJSON {
	out := ticketJSON{
		ID: t.ID, Number: t.Number, Version: t.Version, Network: t.Network, Account: t.Account, Kind: t.Kind,
		Public: t.Public, State: t.State, Urgency: t.Urgency, Topics: list(t.Topics), Flags: []string{}, Etapa: t.Etapa,
		TipoPersona: t.TipoPersona, Region: t.Region, OpenedAt: t.OpenedAt, DueAt: t.DueAt, DueDate: t.DueDate,
		UpdatedAt: t.UpdatedAt, Assignee: t.Assignee, AssigneeName: t.AssigneeName,
		Citizen: citizenJSON{Name: t.Citizen.Name, Handle: t.Citizen.Handle}, Masked: true, MentionCount: t.Mentions,
		SIAC: siacJSON{
			State: t.SIAC.State, Folio: t.SIAC.Folio, Reason: t.SIAC.Reason, DueAt: optional(t.SIAC.Due),
			FiledAt: optional(t.SIAC.FiledAt),
		},
		Intent: intentJSON{
			Model: t.Intent.Model, Gestor: t.Intent.Gestor, Final: t.Intent.Final, Confidence: t.Intent.Confidence,
			Set: list(t.Intent.Set), Folded: t.Intent.Folds(), Subtype: t.Intent.Kind(),
		},
		Mentions: []mentionJSON{{
			ID: t.First, Text: t.Excerpt, At: t.OpenedAt, Public: t.Public, Kind: t.Kind, Attachments: []attachmentJSON{},
		}},
		Replies: []replyJSON{},
	}
	if due, err := calendar.ParseDate(t.DueDate); err == nil && t.State != ticket.Respondido && !t.State.Final() {
		if left, err := d.cfg.Calendar.BusinessLeft(now, due); err == nil {
			out.DaysLeft = &left
		}
	}
	return out
}

// readsText reports whether the actor may read the citizen's words unmasked (domain.md §6.5): a community manager only in
// the cases held.
func readsText(t ticket.Ticket, by ticket.Actor) bool {
	if !ticket.Allowed(by, ticket.CanReadText) {
		return false
	}
	return t.Assignee == by.ID || by.Is(ticket.Supervisor, ticket.AnalistaSIAC, ticket.OIRSRegional, ticket.EncargadoDenuncia)
}

func optional(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// list keeps an absent list from becoming null.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
