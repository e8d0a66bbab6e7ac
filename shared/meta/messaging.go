package meta

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"sence.gob.cl/gestor/shared/mention"
)

const maxReceipts = 200

// messageItem is one item of the arrays messaging and standby, the same on Messenger and on Instagram: who, to whom, when,
// and one thing that happened (Messenger Platform, "Webhook events"; Instagram Platform, webhook examples).
type messageItem struct {
	Sender    person          `json:"sender"`
	Recipient person          `json:"recipient"`
	Timestamp stamp           `json:"timestamp"`
	IsSelf    yes             `json:"is_self"`
	Message   json.RawMessage `json:"message"`
	Edit      json.RawMessage `json:"message_edit"`
	Reaction  json.RawMessage `json:"reaction"`
	Postback  json.RawMessage `json:"postback"`
	Delivery  json.RawMessage `json:"delivery"`
	Read      json.RawMessage `json:"read"`
	Policy    json.RawMessage `json:"policy-enforcement"`
	Optin     json.RawMessage `json:"optin"`
	Referral  json.RawMessage `json:"referral"`
	Linking   json.RawMessage `json:"account_linking"`
	Pass      json.RawMessage `json:"pass_thread_control"`
	Take      json.RawMessage `json:"take_thread_control"`
	Request   json.RawMessage `json:"request_thread_control"`
	Roles     json.RawMessage `json:"app_roles"`
	Feedback  json.RawMessage `json:"messaging_feedback"`
}

func (d *decoder) messaging(e entry, raw []byte, standby bool) {
	var m messageItem
	switch {
	case !readObject(raw, &m):
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
		return
	case m.Sender.ID.bad || m.Recipient.ID.bad:
		d.add(e.blank(mention.Quarantine, mention.ReasonBadID))
		return
	}
	for _, out := range m.events(e) {
		setFlag(&out, mention.FlagStandby, standby)
		d.add(out)
	}
}

// partner is the person at the other end. Echoes go from us to the person, everything else comes from the person; samples
// are known in which an echo has it the other way round.
func (m messageItem) partner(account string) string {
	if m.Sender.ID.s != account {
		return m.Sender.ID.s
	}
	return m.Recipient.ID.s
}

// blank is an event that knows the conversation it belongs to.
func (m messageItem) blank(e entry, kind mention.Kind, outcome mention.Outcome) mention.Event {
	out := e.blank(outcome, "")
	out.Kind, out.At, out.Thread = kind, firstOf(m.Timestamp, e.Time), m.partner(e.ID.s)
	if m.Sender.ID.s != "" {
		name, _ := m.Sender.Name.capped()
		out.Author = &mention.Author{ID: m.Sender.ID.s, Name: name}
	}
	return out
}

// events reads what happened; only receipts can be more than one.
func (m messageItem) events(e entry) []mention.Event {
	for _, part := range []struct {
		raw  json.RawMessage
		read func(entry) mention.Event
	}{
		{m.Message, m.message},
		{m.Edit, m.edit},
		{m.Reaction, m.reaction},
		{m.Postback, m.postback},
		{m.Policy, m.policy},
	} {
		if present(part.raw) {
			return []mention.Event{part.read(e)}
		}
	}
	switch {
	case present(m.Delivery):
		return m.receipts(e, m.Delivery, mention.FlagDelivered)
	case present(m.Read):
		return m.receipts(e, m.Read, mention.FlagRead)
	}
	for _, useless := range []json.RawMessage{m.Optin, m.Referral, m.Linking, m.Pass, m.Take, m.Request, m.Roles, m.Feedback} {
		if present(useless) {
			out := m.blank(e, mention.Other, mention.Ignore)
			out.Reason = mention.ReasonUseless
			return []mention.Event{out}
		}
	}
	out := m.blank(e, mention.Other, mention.IgnoreUnknown)
	out.Reason = mention.ReasonUnknownMessage
	return []mention.Event{out}
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// message is what was written.
type message struct {
	MID         ident           `json:"mid"`
	Text        words           `json:"text"`
	IsEcho      yes             `json:"is_echo"`
	IsSelf      yes             `json:"is_self"`
	IsDeleted   yes             `json:"is_deleted"`
	Unsupported yes             `json:"is_unsupported"`
	StickerID   ident           `json:"sticker_id"`
	QuickReply  json.RawMessage `json:"quick_reply"`
	ReplyTo     json.RawMessage `json:"reply_to"`
	Attachments json.RawMessage `json:"attachments"`
	Metadata    ident           `json:"metadata"` // of an echo: what was given along when it was sent
}

func (m messageItem) message(e entry) mention.Event {
	var w message
	if !readObject(m.Message, &w) {
		return e.blank(mention.Quarantine, mention.ReasonBadItem)
	}
	if reason := m.unusable(w.MID, bool(w.IsDeleted)); reason != "" {
		return e.blank(mention.Quarantine, reason)
	}
	out := m.blank(e, mention.DM, mention.Interaction)
	out.Key = w.MID.s
	if w.IsDeleted {
		out.Outcome = mention.Delete
		return out
	}
	cut := false
	out.Text, cut = w.Text.capped()
	setFlag(&out, mention.FlagTruncated, cut)
	w.attach(&out)
	w.answers(&out)
	if w.Unsupported {
		setFlag(&out, mention.FlagUnsupported, true)
	}
	switch {
	case bool(w.IsEcho) || bool(w.IsSelf) || m.ours(e):
		out.Outcome, out.Tag = mention.Own, w.Metadata.s
	case out.Flag(mention.FlagSticker) || out.Parent != "" && out.Kind == mention.DM || present(w.QuickReply):
		out.Outcome = mention.Thread
	case out.Text == "" && len(out.Attachments) == 0 && !out.Flag(mention.FlagUnsupported):
		out.Outcome, out.Reason = mention.IgnoreUnknown, mention.ReasonUnknownMessage
	}
	return out
}

// ours reports what we did ourselves: an answer from the network's own application, or a try of our own buttons.
func (m messageItem) ours(e entry) bool { return bool(m.IsSelf) || m.Sender.ID.s == e.ID.s }

// answers says what a message is the answer to: another message, or a story of ours, which then hangs on it as long as its
// picture lasts.
func (w message) answers(out *mention.Event) {
	var to struct {
		MID   ident           `json:"mid"`
		Story json.RawMessage `json:"story"`
	}
	if !readObject(w.ReplyTo, &to) {
		return
	}
	out.Parent = to.MID.s
	if !present(to.Story) {
		return
	}
	var story struct {
		ID  ident `json:"id"`
		URL words `json:"url"`
	}
	_ = readObject(to.Story, &story) // whatever it is, it was a story
	out.Kind, out.Parent = mention.StoryReply, story.ID.s
	if story.URL != "" {
		out.Attachments = append(out.Attachments, attachment("story", story.URL))
		setFlag(out, mention.FlagEphemeral, true)
	}
}

// unusable gives the reason why a message with this id cannot be told from others or be answered, "" when it can. What
// happens to a known message needs no sender.
func (m messageItem) unusable(mid ident, known bool) string {
	switch {
	case mid.bad:
		return mention.ReasonBadID
	case mid.s == "":
		return mention.ReasonNoID
	case m.Sender.ID.s == "" && !known:
		return mention.ReasonNoSender
	}
	return ""
}

// edit reads a message written anew; the id stays. Without its text it is Instagram's way to say that there is a message
// (its num_edit is then 0), or that there is another text: either has to be fetched, and must not empty what is known.
func (m messageItem) edit(e entry) mention.Event {
	var w struct {
		MID   ident `json:"mid"`
		Text  words `json:"text"`
		Count ident `json:"num_edit"`
	}
	if !readObject(m.Edit, &w) {
		return e.blank(mention.Quarantine, mention.ReasonBadItem)
	}
	if reason := m.unusable(w.MID, true); reason != "" {
		return e.blank(mention.Quarantine, reason)
	}
	out := m.blank(e, mention.DM, mention.Edit)
	cut := false
	out.Key = w.MID.s
	out.Text, cut = w.Text.capped()
	setFlag(&out, mention.FlagTruncated, cut)
	switch {
	case out.Text != "":
	case m.ours(e):
		out.Outcome = mention.Own
	default:
		out.Outcome, out.Reason = mention.Fetch, mention.ReasonFetchText
		setFlag(&out, mention.FlagRevised, w.Count.s != "0")
	}
	return out
}

// reaction reads a reaction to a message: the id is the message's, the text the emoji as it came.
func (m messageItem) reaction(e entry) mention.Event {
	var w struct {
		MID    ident `json:"mid"`
		Action words `json:"action"`
		Emoji  words `json:"emoji"`
		Name   words `json:"reaction"`
	}
	switch {
	case !readObject(m.Reaction, &w):
		return e.blank(mention.Quarantine, mention.ReasonBadItem)
	case w.MID.bad:
		return e.blank(mention.Quarantine, mention.ReasonBadID)
	}
	out := m.blank(e, mention.Reacted, mention.Reaction)
	out.Key = w.MID.s
	if out.Text, _ = w.Emoji.capped(); out.Text == "" {
		out.Text, _ = w.Name.capped()
	}
	setFlag(&out, mention.FlagRemoved, w.Action == "unreact")
	return out
}

// postback reads a pressed button. Old deliveries give it no id; then person, instant and content together name it, so that
// the same press delivered twice is one.
func (m messageItem) postback(e entry) mention.Event {
	var w struct {
		MID     ident `json:"mid"`
		Title   words `json:"title"`
		Payload words `json:"payload"`
	}
	switch {
	case !readObject(m.Postback, &w):
		return e.blank(mention.Quarantine, mention.ReasonBadItem)
	case w.MID.bad:
		return e.blank(mention.Quarantine, mention.ReasonBadID)
	case m.Sender.ID.s == "":
		return e.blank(mention.Quarantine, mention.ReasonNoSender)
	}
	out := m.blank(e, mention.DM, mention.Thread)
	out.Key = w.MID.s
	if out.Key == "" {
		content := sha256.Sum256([]byte(string(w.Title) + "\x00" + string(w.Payload)))
		out.Key = m.Sender.ID.s + ":" + strconv.FormatInt(out.At.UnixMilli(), 10) + ":" + hex.EncodeToString(content[:8])
	}
	out.Text, _ = w.Title.capped()
	setFlag(&out, mention.FlagPostback, true)
	if m.ours(e) {
		out.Outcome = mention.Own
	}
	return out
}

// policy tells the operator that Meta acts against the page, with Meta's own words.
func (m messageItem) policy(e entry) mention.Event {
	var w struct {
		Action words `json:"action"`
		Reason words `json:"reason"`
	}
	out := m.blank(e, mention.Other, mention.Alert)
	_ = readObject(m.Policy, &w) // an alert without words is still an alert
	out.Text, _ = w.Reason.capped()
	switch w.Action {
	case "warning":
		out.Reason = mention.ReasonWarned
	case "unblock":
		out.Reason = mention.ReasonUnblocked
	default:
		out.Reason = mention.ReasonBlocked
	}
	return out
}

// receipts reads that messages of ours arrived or were seen: one event for each message named, or one for all when only
// the instant up to which is given.
func (m messageItem) receipts(e entry, raw json.RawMessage, flag string) []mention.Event {
	var w struct {
		MID  ident           `json:"mid"`
		MIDs json.RawMessage `json:"mids"`
	}
	if !readObject(raw, &w) {
		return []mention.Event{e.blank(mention.Quarantine, mention.ReasonBadItem)}
	}
	base := m.blank(e, mention.StatusKind, mention.Status)
	base.Flags = []string{flag}
	base.Key = w.MID.s
	listed, _, _ := elements(w.MIDs, maxReceipts)
	var out []mention.Event
	for _, raw := range listed {
		var mid ident
		_ = json.Unmarshal(raw, &mid) // ident reads any value
		if mid.s == "" {
			continue
		}
		one := base
		one.Key = mid.s
		out = append(out, one)
	}
	if len(out) == 0 {
		out = append(out, base)
	}
	return out
}
