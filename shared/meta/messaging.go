package meta

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"sence.gob.cl/gestor/shared/mention"
)

const (
	maxAttachments = 50 // Messenger publishes at most 30 pictures in a message
	maxReceipts    = 200
)

// messageItem is one item of the arrays messaging and standby: who, to whom, when, and one thing that happened (Messenger
// Platform, "Webhook events").
type messageItem struct {
	Sender    person          `json:"sender"`
	Recipient person          `json:"recipient"`
	Timestamp stamp           `json:"timestamp"`
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
	IsDeleted   yes             `json:"is_deleted"`
	Unsupported yes             `json:"is_unsupported"`
	StickerID   ident           `json:"sticker_id"`
	QuickReply  json.RawMessage `json:"quick_reply"`
	ReplyTo     json.RawMessage `json:"reply_to"`
	Attachments json.RawMessage `json:"attachments"`
}

func (m messageItem) message(e entry) mention.Event {
	var w message
	if !readObject(m.Message, &w) {
		return e.blank(mention.Quarantine, mention.ReasonBadItem)
	}
	if reason := m.unusable(w.MID); reason != "" {
		return e.blank(mention.Quarantine, reason)
	}
	out := m.blank(e, mention.DM, mention.Interaction)
	out.Key = w.MID.s
	if w.IsDeleted {
		out.Outcome = mention.Delete
		return out
	}
	var quoted struct {
		MID ident `json:"mid"`
	}
	if readObject(w.ReplyTo, &quoted) {
		out.Parent = quoted.MID.s
	}
	cut := false
	out.Text, cut = w.Text.capped()
	setFlag(&out, mention.FlagTruncated, cut)
	w.attach(&out)
	switch {
	case bool(w.IsEcho) || m.Sender.ID.s == e.ID.s:
		out.Outcome = mention.Own
	case out.Flag(mention.FlagSticker) || out.Parent != "" || present(w.QuickReply):
		out.Outcome = mention.Thread
	case bool(w.Unsupported):
		setFlag(&out, mention.FlagUnsupported, true)
	case out.Text == "" && len(out.Attachments) == 0:
		out.Outcome, out.Reason = mention.IgnoreUnknown, mention.ReasonUnknownMessage
	}
	return out
}

// unusable gives the reason why a message with this id cannot be told from others or be answered, "" when it can.
func (m messageItem) unusable(mid ident) string {
	switch {
	case mid.bad:
		return mention.ReasonBadID
	case mid.s == "":
		return mention.ReasonNoID
	case m.Sender.ID.s == "":
		return mention.ReasonNoSender
	}
	return ""
}

// attach adds what hangs on a message. A sticker without words is not media: the thumb is said as 👍, others keep their
// picture.
func (w message) attach(out *mention.Event) {
	var list []mention.Attachment
	sticker, items := w.StickerID.s, w.items()
	for _, raw := range items {
		var a hung
		if !readObject(raw, &a) {
			continue
		}
		one, id, geo := a.read()
		if sticker == "" {
			sticker = id
		}
		setFlag(out, mention.FlagGeo, geo)
		list = append(list, one)
	}
	if sticker != "" && out.Text == "" {
		setFlag(out, mention.FlagSticker, true)
		if thumb(sticker) {
			out.Text, list = "👍", nil
		}
		for i := range list {
			list[i].Type = "sticker"
		}
	}
	out.Attachments = list
}

func (w message) items() [][]byte {
	items, _, _ := elements(w.Attachments, maxAttachments)
	return items
}

// thumb reports the stickers that Messenger's thumb button sends: small, medium and large.
func thumb(sticker string) bool {
	return sticker == "369239263222822" || sticker == "369239343222814" || sticker == "369239383222810"
}

// hung is one attachment.
type hung struct {
	Type    words           `json:"type"`
	URL     words           `json:"url"`
	Payload json.RawMessage `json:"payload"`
}

// read gives the attachment, its sticker id and whether it is a place, whose address is then a geo URI (RFC 5870). The
// payload of some types is a bare string.
func (a hung) read() (one mention.Attachment, sticker string, geo bool) {
	var payload struct {
		URL         words `json:"url"`
		StickerID   ident `json:"sticker_id"`
		Coordinates struct {
			Lat  json.Number `json:"lat"`
			Long json.Number `json:"long"`
		} `json:"coordinates"`
	}
	kind := "file"
	if plainType(string(a.Type)) {
		kind = string(a.Type)
	}
	if !readObject(a.Payload, &payload) {
		return attachment(kind, a.URL), "", kind == "location"
	}
	if kind == "location" {
		place := mention.Attachment{Type: kind}
		lat, errLat := strconv.ParseFloat(payload.Coordinates.Lat.String(), 64)
		long, errLong := strconv.ParseFloat(payload.Coordinates.Long.String(), 64)
		if errLat == nil && errLong == nil && lat >= -90 && lat <= 90 && long >= -180 && long <= 180 {
			place.URL = "geo:" + strconv.FormatFloat(lat, 'f', -1, 64) + "," + strconv.FormatFloat(long, 'f', -1, 64)
		}
		return place, "", true
	}
	url := payload.URL
	if url == "" {
		url = a.URL
	}
	return attachment(kind, url), payload.StickerID.s, false
}

// plainType reports an attachment type that can be stored and shown: a short word of small letters.
func plainType(kind string) bool {
	for _, r := range kind {
		if r != '_' && (r < 'a' || r > 'z') {
			return false
		}
	}
	return kind != "" && len(kind) <= 32
}

// edit reads a message written anew; the id stays.
func (m messageItem) edit(e entry) mention.Event {
	var w struct {
		MID  ident `json:"mid"`
		Text words `json:"text"`
	}
	if !readObject(m.Edit, &w) {
		return e.blank(mention.Quarantine, mention.ReasonBadItem)
	}
	if reason := m.unusable(w.MID); reason != "" {
		return e.blank(mention.Quarantine, reason)
	}
	out := m.blank(e, mention.DM, mention.Edit)
	cut := false
	out.Key = w.MID.s
	out.Text, cut = w.Text.capped()
	setFlag(&out, mention.FlagTruncated, cut)
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
