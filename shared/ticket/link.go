package ticket

import (
	"net/url"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// Link gives the address at which people see the mention on its network, for what can only be done there: where a network or
// a person told it, or where it follows from the mention's id. It is "" for what has none: messages, and what Instagram and
// WhatsApp name by ids of their own. account is ours.
func (m Mention) Link(n mention.Network, account string) string {
	switch {
	case m.URL != "":
		return m.URL
	case m.Deleted || messaged(m) || m.flag(mention.FlagManual):
		return ""
	}
	switch n {
	case mention.Facebook:
		return facebookLink(m.Key, m.Kind, account)
	case mention.X:
		if !digits(m.Key) {
			return ""
		}
		return "https://x.com/i/status/" + m.Key
	case mention.LinkedIn:
		return linkedInLink(m.Key)
	case mention.Instagram, mention.WhatsApp:
		return ""
	default:
		return ""
	}
}

// facebookLink is made of the ids of page, post and comment: a comment's id begins with that of its post, a post's with that
// of its page.
func facebookLink(key string, kind mention.Kind, account string) string {
	first, second, both := strings.Cut(key, "_")
	if !both || !digits(first) || !digits(second) || !digits(account) {
		return ""
	}
	if kind == mention.Comment {
		return "https://www.facebook.com/permalink.php?story_fbid=" + first + "&id=" + account + "&comment_id=" + second
	}
	return "https://www.facebook.com/permalink.php?story_fbid=" + second + "&id=" + first
}

// linkedInLink is made of the post's URN, which a comment's URN holds: urn:li:comment:(urn:li:activity:1,2).
func linkedInLink(key string) string {
	const update, comment = "https://www.linkedin.com/feed/update/", "urn:li:comment:("
	inner, isComment := strings.CutPrefix(key, comment)
	if !isComment {
		if !urn(key) {
			return ""
		}
		return update + key
	}
	under, id, both := strings.Cut(strings.TrimSuffix(inner, ")"), ",")
	if !both || !urn(under) || !digits(id) {
		return ""
	}
	return update + under + "?commentUrn=" + url.QueryEscape(comment+strings.TrimPrefix(under, "urn:li:")+","+id+")")
}

// urn reports the name of a thing of LinkedIn that has a number: urn:li:activity:1.
func urn(text string) bool {
	rest, is := strings.CutPrefix(text, "urn:li:")
	kind, id, both := strings.Cut(rest, ":")
	return is && both && kind != "" && digits(id) && strings.Trim(kind, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func digits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// webAddress reports an address that a person may be sent to.
func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && len(text) <= 2000
}
