package whatsapp

import (
	"encoding/json"

	"sence.gob.cl/gestor/shared/mention"
)

// notice reads what is said to the operator of the business account: fields that are about no conversation. Most name no
// phone number, and then the account is the business account. Text is the event's name, where it is a plain word.
func (d *decoder) notice(e entry, c change) {
	var w struct {
		Metadata struct {
			ID ident `json:"phone_number_id"`
		} `json:"metadata"`
		Event    words           `json:"event"`
		Severity words           `json:"alert_severity"`
		Ban      json.RawMessage `json:"ban_info"`
	}
	_ = readObject(c.Value, &w) // news without words is still news
	if id := w.Metadata.ID; id.s != "" {
		e.ID = id
		if !d.ours.Ours(mention.WhatsApp, id.s) {
			d.foreign(e, nil)
			return
		}
	}
	out := e.blank(mention.Ops, "")
	switch c.Field {
	case "account_update":
		var ban struct {
			State words `json:"waba_ban_state"`
		}
		_ = readObject(w.Ban, &ban) // only one event has it
		out.Outcome, out.Reason = accountUpdate(w.Event, ban.State)
	case "phone_number_quality_update":
		out.Reason = mention.ReasonAccount
		if w.Event == "FLAGGED" || w.Event == "DOWNGRADE" {
			out.Outcome, out.Reason = mention.Alert, mention.ReasonWarned
		}
	case "account_alerts":
		out.Reason = mention.ReasonAccount
		if w.Severity == "WARNING" || w.Severity == "CRITICAL" {
			out.Outcome, out.Reason = mention.Alert, mention.ReasonWarned
		}
	case "message_template_status_update", "message_template_quality_update", "message_template_components_update",
		"template_category_update", "template_correct_category_detection":
		out.Reason = mention.ReasonTemplate
	case "account_review_update", "account_settings_update", "business_capability_update", "business_status_update",
		"partner_solutions", "payment_configuration_update", "phone_number_name_update", "security", "flows",
		"business_username_update":
		out.Reason = mention.ReasonAccount
	case "history", "smb_app_state_sync", "tracking_events", "automatic_events", "user_preferences",
		"user_marketing_preferences", "group_lifecycle_update", "group_participants_update", "group_settings_update",
		"group_status_update":
		out.Outcome, out.Reason = mention.Ignore, mention.ReasonUseless
		d.add(out)
		return
	default:
		d.add(e.blank(mention.IgnoreUnknown, mention.ReasonUnknownField))
		return
	}
	out.Text = w.Event.plain()
	d.add(out)
}

// accountUpdate says what a change of the business account means: whether we may go on using the channel.
func accountUpdate(event, ban words) (mention.Outcome, string) {
	switch event {
	case "DISABLED_UPDATE":
		switch ban {
		case "REINSTATE":
			return mention.Alert, mention.ReasonUnblocked
		case "SCHEDULE_FOR_DISABLE":
			return mention.Alert, mention.ReasonWarned
		}
		return mention.Alert, mention.ReasonBlocked
	case "ACCOUNT_RESTRICTION", "ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED", "PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED":
		return mention.Alert, mention.ReasonBlocked
	case "ACCOUNT_VIOLATION":
		return mention.Alert, mention.ReasonWarned
	case "ACCOUNT_RECONNECTED":
		return mention.Alert, mention.ReasonUnblocked
	}
	return mention.Ops, mention.ReasonAccount
}
