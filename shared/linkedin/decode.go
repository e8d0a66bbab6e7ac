package linkedin

import (
	"encoding/json"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// What one delivery may hold. LinkedIn sends at most ten notifications and publishes no size; what is beyond these limits
// was not made by LinkedIn.
const (
	// MaxBody is the largest body that is read, in bytes.
	MaxBody  = 4 << 20
	maxItems = 5_000
)

// Decode turns the body of a delivery into events, in order. It never fails and never gives none: what cannot be read is
// one event of outcome quarantine with its reason, and so is one notification that cannot be read among others that can.
// Events for an organization that is not ours are ignored without a look at their content; ours are listed by the number
// in their URN, or by the whole URN.
//
// Authors are person URNs: LinkedIn tells no names here.
func Decode(body []byte, ours mention.Accounts) []mention.Event {
	d := &decoder{ours: ours}
	d.body(body)
	if len(d.events) == 0 {
		d.add(mention.Event{Outcome: mention.Ignore, Reason: mention.ReasonNoItems})
	}
	return d.events
}

// decoder collects the events of one delivery.
type decoder struct {
	ours   mention.Accounts
	events []mention.Event
}

// add keeps an event; what it does not say about itself is filled in.
func (d *decoder) add(e mention.Event) {
	e.Network = mention.LinkedIn
	if e.Kind == "" {
		e.Kind = mention.Other
	}
	d.events = append(d.events, e)
}

func (d *decoder) quarantine(account, reason string) {
	d.add(mention.Event{Outcome: mention.Quarantine, Account: account, Reason: reason})
}

func (d *decoder) body(body []byte) {
	var outer struct {
		Type          words           `json:"type"`
		Notifications json.RawMessage `json:"notifications"`
	}
	switch {
	case len(body) == 0:
		d.quarantine("", mention.ReasonEmptyBody)
		return
	case len(body) > MaxBody:
		d.quarantine("", mention.ReasonTooLarge)
		return
	case tooDeep(body):
		d.quarantine("", mention.ReasonTooDeep)
		return
	case !json.Valid(body):
		d.quarantine("", mention.ReasonBadJSON)
		return
	}
	known := json.Unmarshal(body, &outer) == nil && outer.Type != ""
	items, more, ok := elements(outer.Notifications, maxItems)
	switch {
	case known && outer.Type != "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS":
		d.add(mention.Event{Outcome: mention.IgnoreUnknown, Reason: mention.ReasonUnknownObject})
		return
	case !known || !ok:
		d.quarantine("", mention.ReasonBadEnvelope)
		return
	}
	for _, item := range items {
		d.notification(item)
	}
	if more {
		d.quarantine("", mention.ReasonTooMany)
	}
}

// notification is what somebody did. The decorations are the thing itself; LinkedIn leaves them out now and then.
type notification struct {
	ID           ident  `json:"notificationId"`
	Organization ident  `json:"organizationalEntity"`
	Action       words  `json:"action"`
	SourcePost   ident  `json:"sourcePost"`
	Generated    ident  `json:"generatedActivity"`
	At           stamp  `json:"lastModifiedAt"`
	Post         entity `json:"decoratedSourcePost"`
	Decorated    struct {
		Comment entity `json:"comment"`
		Share   entity `json:"share"`
	} `json:"decoratedGeneratedActivity"`
}

// entity is a comment or a post.
type entity struct {
	URN     ident `json:"entity"`
	Owner   ident `json:"owner"`
	Object  ident `json:"object"`
	Text    prose `json:"text"`
	Message prose `json:"message"`
}

func (d *decoder) notification(raw json.RawMessage) {
	var n notification
	if !readObject(raw, &n) {
		d.quarantine("", mention.ReasonBadItem)
		return
	}
	account := n.Organization.s
	switch {
	case n.Organization.bad:
		d.quarantine("", mention.ReasonBadID)
		return
	case account == "":
		d.quarantine("", mention.ReasonNoAccount)
		return
	case !d.ours.Ours(mention.LinkedIn, account) && !d.ours.Ours(mention.LinkedIn, account[strings.LastIndexByte(account, ':')+1:]):
		d.add(mention.Event{Outcome: mention.Ignore, Account: account, At: n.At.Time, Reason: mention.ReasonForeign})
		return
	}
	switch n.Action {
	case "COMMENT", "ADMIN_COMMENT", "COMMENT_EDIT", "COMMENT_DELETE":
		d.comment(n)
	case "SHARE_MENTION":
		d.mentioned(n)
	case "LIKE", "SHARE":
		d.counted(n)
	default:
		d.add(n.blank(mention.IgnoreUnknown, mention.ReasonUnknownVerb))
	}
}

// blank is an event that knows its account and when it was told.
func (n notification) blank(outcome mention.Outcome, reason string) mention.Event {
	return mention.Event{Outcome: outcome, Account: n.Organization.s, At: n.At.Time, Reason: reason}
}

// counted reads a like or a share, of which only the number matters: they are told apart by their notifications.
func (d *decoder) counted(n notification) {
	e := n.blank(mention.Metric, "")
	e.Kind, e.Key, e.Thread = mention.Reacted, either(n.ID, n.Generated).s, normalise(either(n.SourcePost, n.Post.URN))
	if n.Action == "SHARE" {
		e.Kind = mention.Post
	}
	d.add(e)
}

// comment reads a comment, its edit or its withdrawal.
func (d *decoder) comment(n notification) {
	c := n.Decorated.Comment
	urn, ok := parseComment(n.Generated.s)
	if !ok {
		urn, ok = parseComment(c.URN.s)
	}
	if !ok {
		reason := mention.ReasonNoID
		if n.Generated != (ident{}) || c.URN != (ident{}) {
			reason = mention.ReasonBadID
		}
		d.quarantine(n.Organization.s, reason)
		return
	}
	e := n.blank(mention.Interaction, "")
	e.Kind, e.Key, e.Thread = mention.Comment, urn.String(), normalise(n.SourcePost)
	if e.Thread == "" {
		e.Thread = urn.post
	}
	if parent, nested := parseComment(c.Object.s); nested {
		e.Parent = parent.String()
	}
	switch n.Action {
	case "COMMENT_DELETE":
		e.Outcome = mention.Delete
	case "COMMENT_EDIT":
		fill(&e, c)
		e.Outcome = mention.Edit
		if e.Text == "" {
			e.Outcome, e.Reason = mention.Fetch, mention.ReasonFetchText // an edit without a text would empty the old one
			e.Flags = append(e.Flags, mention.FlagRevised)
		}
	case "ADMIN_COMMENT":
		fill(&e, c)
		e.Outcome = mention.Own
	default:
		fill(&e, c)
		judge(&e)
	}
	d.add(e)
}

// mentioned reads a post, or a comment, that names our organization.
func (d *decoder) mentioned(n notification) {
	what := n.Decorated.Share
	if what == (entity{}) {
		what = n.Decorated.Comment
	}
	urn := either(n.Generated, what.URN, n.SourcePost, n.Post.URN)
	switch {
	case urn.bad || urn.s != "" && !isURN(normalise(urn)):
		d.quarantine(n.Organization.s, mention.ReasonBadID)
		return
	case urn.s == "":
		d.quarantine(n.Organization.s, mention.ReasonNoID)
		return
	}
	e := n.blank(mention.Interaction, "")
	e.Kind, e.Key = mention.Mentioned, normalise(urn)
	e.Thread = e.Key
	if c, ok := parseComment(urn.s); ok {
		e.Thread = c.post
	}
	fill(&e, what)
	judge(&e)
	d.add(e)
}

// fill adds who wrote what.
func fill(e *mention.Event, of entity) {
	if of.Owner.s != "" {
		e.Author = &mention.Author{ID: of.Owner.s}
	}
	text := of.Text
	if text == "" {
		text = of.Message
	}
	long := false
	if e.Text, long = text.capped(); long {
		e.Flags = []string{mention.FlagTruncated}
	}
}

// judge says what a new item asks of us.
func judge(e *mention.Event) {
	switch {
	case e.Author != nil && e.Author.ID == e.Account:
		e.Outcome = mention.Own
	case e.Author == nil && e.Text == "":
		e.Outcome, e.Reason = mention.Fetch, mention.ReasonFetchAll
	case e.Text == "":
		e.Outcome, e.Reason = mention.Fetch, mention.ReasonFetchText
	case e.Author == nil:
		e.Outcome, e.Reason = mention.Fetch, mention.ReasonFetchAuthor
	}
}
