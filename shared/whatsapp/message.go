package whatsapp

import (
	"encoding/json"

	"sence.gob.cl/gestor/shared/mention"
)

// message is one item of the arrays messages and message_echoes (Cloud API, "Webhooks, messages"). Type names the member
// that holds the content. From is who wrote it, To whom we wrote to in an echo.
type message struct {
	ID          ident           `json:"id"`
	From        ident           `json:"from"`
	FromUser    ident           `json:"from_user_id"`
	FromParent  ident           `json:"from_parent_user_id"`
	To          ident           `json:"to"`
	ToUser      ident           `json:"to_user_id"`
	ToParent    ident           `json:"to_parent_user_id"`
	Group       ident           `json:"group_id"`
	Timestamp   stamp           `json:"timestamp"`
	Type        words           `json:"type"`
	Context     json.RawMessage `json:"context"`
	Referral    json.RawMessage `json:"referral"`
	Errors      json.RawMessage `json:"errors"`
	Text        json.RawMessage `json:"text"`
	Image       json.RawMessage `json:"image"`
	Video       json.RawMessage `json:"video"`
	Audio       json.RawMessage `json:"audio"`
	Document    json.RawMessage `json:"document"`
	Sticker     json.RawMessage `json:"sticker"`
	Location    json.RawMessage `json:"location"`
	Contacts    json.RawMessage `json:"contacts"`
	Order       json.RawMessage `json:"order"`
	Button      json.RawMessage `json:"button"`
	Interactive json.RawMessage `json:"interactive"`
	Reaction    json.RawMessage `json:"reaction"`
	System      json.RawMessage `json:"system"`
	Edit        json.RawMessage `json:"edit"`
	Revoke      json.RawMessage `json:"revoke"`
}

// message reads one message. An echo is what we wrote with the telephone's own application.
func (d *decoder) message(e entry, raw []byte, who people, echo bool) {
	var m message
	if !readObject(raw, &m) {
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
		return
	}
	partner := party{User: m.FromUser, Phone: m.From, Parent: m.FromParent}
	if echo {
		partner = party{User: m.ToUser, Phone: m.To, Parent: m.ToParent}
	}
	author := who.author(partner)
	if reason := m.unusable(partner, author); reason != "" {
		d.add(e.blank(mention.Quarantine, reason))
		return
	}
	out := e.blank(mention.Interaction, "")
	out.Kind, out.Key, out.At = mention.DM, m.ID.s, firstOf(m.Timestamp, e.Time)
	out.Author = author
	if author != nil {
		out.Thread = author.ID
	}
	if m.Group.s != "" {
		out.Thread = m.Group.s
		setFlag(&out, mention.FlagGroup, true)
	}
	if echo {
		out.Outcome, out.Author = mention.Own, &mention.Author{ID: e.ID.s}
		if m.From.s != "" && m.From.s != e.ID.s {
			out.Author.Aliases = []string{m.From.s}
		}
	}
	d.add(m.read(e, out))
}

// unusable gives the reason why a message cannot be told from others or be answered, "" when it can. What the system says
// of a person whose id changed names only the new one.
func (m message) unusable(partner party, author *mention.Author) string {
	switch {
	case m.ID.bad || m.Group.bad || partner.bad():
		return mention.ReasonBadID
	case m.ID.s == "":
		return mention.ReasonNoID
	case author == nil && m.Type != "system":
		return mention.ReasonNoSender
	}
	return ""
}

// read completes the event, which knows who, to whom and when, with what happened.
func (m message) read(e entry, out mention.Event) mention.Event {
	switch m.Type {
	case "edit":
		return m.edit(e, out)
	case "revoke":
		return m.revoke(e, out)
	case "reaction":
		return m.reaction(e, out)
	case "system":
		return m.system(out)
	case "request_welcome":
		out.Kind, out.Outcome, out.Reason = mention.Other, mention.Ignore, mention.ReasonUseless
		return out
	}
	own := out.Outcome == mention.Own
	m.context(&out)
	m.referral(&out)
	switch {
	case m.Type == "unsupported" || m.Type == "unknown" || hasCode(m.Errors, codeUnsupported):
		setFlag(&out, mention.FlagUnsupported, true)
	case !m.content(&out):
		out.Outcome, out.Reason = mention.IgnoreUnknown, mention.ReasonUnknownMessage
		return out
	default:
		// The content may be missing although the type names it: that something was said is all we know then.
		setFlag(&out, mention.FlagUnsupported, out.Text == "" && len(out.Attachments) == 0)
	}
	if own {
		out.Outcome = mention.Own
	}
	return out
}

// context reads which message this one answers, and whether its words were passed on.
func (m message) context(out *mention.Event) {
	var c struct {
		ID         ident `json:"id"`
		Forwarded  yes   `json:"forwarded"`
		Frequently yes   `json:"frequently_forwarded"`
	}
	if !readObject(m.Context, &c) {
		return
	}
	setFlag(out, mention.FlagForwarded, bool(c.Forwarded || c.Frequently))
	if out.Parent = c.ID.s; out.Parent != "" {
		out.Outcome = mention.Thread
	}
}

// referral keeps by which advertisement or post of ours the person came: an attachment of type referral with its id and
// its address, so that it is stored and forgotten together with the message.
func (m message) referral(out *mention.Event) {
	var r struct {
		ID  ident `json:"source_id"`
		URL words `json:"source_url"`
	}
	if !readObject(m.Referral, &r) {
		return
	}
	setFlag(out, mention.FlagCampaign, true)
	out.Attachments = append(out.Attachments, mention.Attachment{Type: "referral", ID: r.ID.s, URL: address(r.URL)})
}

// edit reads a message written anew; the key is that of the message, not of the news about it.
func (m message) edit(e entry, out mention.Event) mention.Event {
	var w struct {
		Original ident           `json:"original_message_id"`
		Message  json.RawMessage `json:"message"`
	}
	var inner message
	if !readObject(m.Edit, &w) || !readObject(w.Message, &inner) {
		return e.blank(mention.Quarantine, mention.ReasonBadItem)
	}
	if reason := nameless(w.Original); reason != "" {
		return e.blank(mention.Quarantine, reason)
	}
	out.Key = w.Original.s
	if !inner.content(&out) || out.Text == "" && len(out.Attachments) == 0 {
		// An edit without its content would take away the one we have.
		out.Outcome, out.Reason = mention.IgnoreUnknown, mention.ReasonUnknownMessage
		return out
	}
	out.Outcome = mention.Edit
	return out
}

// revoke reads that a message was withdrawn for everybody.
func (m message) revoke(e entry, out mention.Event) mention.Event {
	var w struct {
		Original ident `json:"original_message_id"`
	}
	if !readObject(m.Revoke, &w) {
		return e.blank(mention.Quarantine, mention.ReasonBadItem)
	}
	if reason := nameless(w.Original); reason != "" {
		return e.blank(mention.Quarantine, reason)
	}
	out.Outcome, out.Key = mention.Delete, w.Original.s
	return out
}

// reaction reads a reaction to a message: the key is the message's, the text the emoji as it came. One without an emoji
// was taken back.
func (m message) reaction(e entry, out mention.Event) mention.Event {
	var w struct {
		Message ident `json:"message_id"`
		Emoji   words `json:"emoji"`
	}
	if !readObject(m.Reaction, &w) {
		return e.blank(mention.Quarantine, mention.ReasonBadItem)
	}
	if reason := nameless(w.Message); reason != "" {
		return e.blank(mention.Quarantine, reason)
	}
	out.Kind, out.Outcome, out.Key = mention.Reacted, mention.Reaction, w.Message.s
	out.Text, _ = w.Emoji.capped()
	setFlag(&out, mention.FlagRemoved, out.Text == "")
	return out
}

// nameless gives the reason why an id names nothing, "" when it does.
func nameless(id ident) string {
	switch {
	case id.bad:
		return mention.ReasonBadID
	case id.s == "":
		return mention.ReasonNoID
	}
	return ""
}

// system tells the operator that a person goes on under another name: Author is who they were, as far as it is told, and
// Thread the id under which they go on. Its text is prose in changing words and is not read. Nobody's conversations are
// joined by it, because what Meta says about such changes contradicts itself.
func (m message) system(out mention.Event) mention.Event {
	var w struct {
		WaID     ident `json:"wa_id"`
		NewWaID  ident `json:"new_wa_id"`
		UserID   ident `json:"user_id"`
		Previous ident `json:"previous_user_id"`
	}
	_ = readObject(m.System, &w) // without its content it is still news
	out.Kind, out.Outcome, out.Reason = mention.Other, mention.Ops, mention.ReasonIdentity
	if out.Author == nil && w.Previous.s != "" {
		out.Author = &mention.Author{ID: w.Previous.s}
	}
	for _, id := range []ident{w.UserID, w.NewWaID, w.WaID} {
		if id.s != "" {
			out.Thread = id.s
			break
		}
	}
	return out
}

// renamed reads one item of user_id_update: as system.
func (d *decoder) renamed(e entry, raw []byte) {
	var w struct {
		WaID      ident           `json:"wa_id"`
		UserID    json.RawMessage `json:"user_id"`
		Timestamp stamp           `json:"timestamp"`
	}
	var id struct {
		Previous ident `json:"previous"`
		Current  ident `json:"current"`
	}
	if !readObject(raw, &w) {
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
		return
	}
	_ = readObject(w.UserID, &id) // without the ids it is still news
	out := e.blank(mention.Ops, mention.ReasonIdentity)
	out.Thread, out.At = id.Current.s, firstOf(w.Timestamp, e.Time)
	if id.Previous.s != "" {
		out.Author = &mention.Author{ID: id.Previous.s}
	}
	d.add(out)
}
