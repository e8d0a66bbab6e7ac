package whatsapp

import (
	"encoding/json"

	"sence.gob.cl/gestor/shared/mention"
)

// status is one item of the array statuses: what became of a message of ours. Participant is who of a group it is about;
// Callback is what we gave along when we sent it (biz_opaque_callback_data).
type status struct {
	ID                ident           `json:"id"`
	Status            words           `json:"status"`
	Timestamp         stamp           `json:"timestamp"`
	Recipient         ident           `json:"recipient_id"`
	RecipientUser     ident           `json:"recipient_user_id"`
	RecipientParent   ident           `json:"recipient_parent_user_id"`
	RecipientType     words           `json:"recipient_type"`
	Participant       ident           `json:"recipient_participant_id"`
	ParticipantUser   ident           `json:"recipient_participant_user_id"`
	ParticipantParent ident           `json:"recipient_participant_parent_user_id"`
	Callback          ident           `json:"biz_opaque_callback_data"`
	Errors            json.RawMessage `json:"errors"`
}

// status reads one status. Key is the wamid of our message, Author who it was for, Tag our own id of the message where it
// was given along. The words of WhatsApp become flags of the same name. The reason of a failure is its class.
func (d *decoder) status(e entry, raw []byte, who people) {
	var s status
	if !readObject(raw, &s) {
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
		return
	}
	if reason := nameless(s.ID); reason != "" {
		d.add(e.blank(mention.Quarantine, reason))
		return
	}
	flag := flagOf(s.Status)
	if flag == "" {
		d.add(e.blank(mention.IgnoreUnknown, mention.ReasonUnknownVerb))
		return
	}
	out := e.blank(mention.Status, "")
	out.Kind, out.Key, out.Tag, out.At = mention.StatusKind, s.ID.s, s.Callback.s, firstOf(s.Timestamp, e.Time)
	setFlag(&out, flag, true)
	for _, f := range readErrors(s.Errors) {
		out.Reason = f.class()
		break
	}
	if out.Reason == "" && flag == mention.FlagFailed {
		out.Reason = mention.FailedOther
	}
	if s.RecipientType == "group" || s.Participant.s != "" || s.ParticipantUser.s != "" {
		setFlag(&out, mention.FlagGroup, true)
		out.Author = who.author(party{User: s.ParticipantUser, Phone: s.Participant, Parent: s.ParticipantParent})
		out.Thread = s.Recipient.s
		d.add(out)
		return
	}
	if out.Author = who.author(party{User: s.RecipientUser, Phone: s.Recipient, Parent: s.RecipientParent}); out.Author != nil {
		out.Thread = out.Author.ID
	}
	d.add(out)
}

func flagOf(status words) string {
	switch status {
	case "sent":
		return mention.FlagSent
	case "delivered":
		return mention.FlagDelivered
	case "read":
		return mention.FlagRead
	case "played":
		return mention.FlagPlayed
	case "failed":
		return mention.FlagFailed
	case "deleted":
		return mention.FlagDeleted
	case "warning":
		return mention.FlagWarning
	}
	return ""
}

// codeUnsupported says that the network could not hand a message over.
const codeUnsupported = 131051

// failure is an error of Meta ("WhatsApp Cloud API, error codes").
type failure struct {
	Code  code  `json:"code"`
	Title words `json:"title"`
}

// maxErrors is how many errors of one item are read.
const maxErrors = 20

func readErrors(raw json.RawMessage) []failure {
	list, _, _ := elements(raw, maxErrors)
	var out []failure
	for _, item := range list {
		var f failure
		if readObject(item, &f) {
			out = append(out, f)
		}
	}
	return out
}

func hasCode(raw json.RawMessage, code code) bool {
	for _, f := range readErrors(raw) {
		if f.Code == code {
			return true
		}
	}
	return false
}

// class gives what a failure means for whoever wants to send again. Codes that are not listed are FailedOther: a person
// looks at them.
func (f failure) class() string {
	switch c := f.Code; c {
	case 131047:
		return mention.FailedWindow
	case 131021, 131026, 131030, 131050, 130472:
		return mention.FailedRecipient // 130472: an experiment of Meta keeps messages of this kind from the person
	case 4, 17, 32, 613, 80007, 80008, 130429, 131048, 131049, 131056, 133016:
		return mention.FailedThrottle
	case 100, 368, 131008, 131009, 131051, 131052, 131053, 135000:
		return mention.FailedContent
	case 190, 102:
		return mention.FailedAuth
	case 3, 10, 130497, 131005, 131031, 131037, 131042, 131045, 133010:
		return mention.FailedPermission
	case 1, 2, 131000, 131016, 131057:
		return mention.FailedTransient
	default:
		switch {
		case c >= 132_000 && c < 133_000:
			return mention.FailedContent
		case c >= 200 && c <= 299:
			return mention.FailedPermission
		}
		return mention.FailedOther
	}
}

// trouble reads one of the errors that concern no message of ours in particular: what stops the channel alerts, all else
// is for the operator to read. The text is Meta's own name of the error.
func (d *decoder) trouble(e entry, raw []byte) {
	var f failure
	if !readObject(raw, &f) {
		d.add(e.blank(mention.Quarantine, mention.ReasonBadItem))
		return
	}
	out := e.blank(mention.Ops, f.class())
	if out.Reason == mention.FailedAuth || out.Reason == mention.FailedPermission || f.Code == 368 {
		out.Outcome = mention.Alert
	}
	out.Text, _ = f.Title.capped()
	d.add(out)
}
