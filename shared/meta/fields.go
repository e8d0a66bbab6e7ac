package meta

import "sence.gob.cl/gestor/shared/mention"

// Fields of a subscription that the code asks for by name.
const (
	fieldStandby  = "standby"
	fieldLive     = "live_comments"
	fieldMentions = "mentions"
)

// carriesWords reports a field under which citizens' words come: a change of it that gives no value has to be fetched.
func (d *decoder) carriesWords(field string) bool {
	switch field {
	case "messages", "message_edit", "message_edits", "messaging_postbacks", fieldStandby:
		return true
	case "feed", "mention", "ratings":
		return d.network == mention.Facebook
	case "comments", fieldLive, fieldMentions:
		return d.network == mention.Instagram
	}
	return false
}

// messagingField reports a field whose value is one item of the array messaging. Messages come so when the App Dashboard
// tries an address, and both networks name some of these fields differently.
func messagingField(field string) bool {
	switch field {
	case "messages", "message_deliveries", "message_echoes", "message_edit", "message_edits", "message_reactions",
		"message_reads", "messaging_account_linking", "messaging_feedback", "messaging_handover", "messaging_handovers",
		"messaging_optins", "messaging_policy_enforcement", "messaging_postbacks", "messaging_referral",
		"messaging_referrals", "messaging_seen", fieldStandby:
		return true
	}
	return false
}

// uselessField reports a field that may be subscribed by mistake: news about the account's own profile and media, and
// counts, which nobody answers.
func (d *decoder) uselessField(field string) bool {
	if d.network == mention.Instagram {
		return uselessInstagramField(field)
	}
	switch field {
	case "about", "affiliation", "attire", "awards", "bio", "birthday", "category", "checkins", "company_overview",
		"conversations", "culinary_team", "current_location", "description", "email", "founded", "general_info",
		"general_manager", "group_feed", "hometown", "hours", "leadgen", "live_videos", "location", "members", "mission",
		"name", "page_about_story", "page_change_proposal", "page_upcoming_change", "parking", "payment_options",
		"personal_info", "personal_interests", "phone", "picture", "price_range", "product_review", "products",
		"public_transit", "publisher_subscriptions", "videos", "website":
		return true
	}
	return false
}

func uselessInstagramField(field string) bool {
	switch field {
	case "comment_poll_response", "follow", "onboarding_welcome_message_series", "share_to_story", "story_insights",
		"story_poll_response":
		return true
	}
	return false
}
