package sim

import (
	"strconv"
	"strings"
	"time"
)

// linkedinSubscriber is the member in whose name our application listens.
const linkedinSubscriber = "urn:li:person:Ficticia-99"

// linkedinWebhook tells of a comment or of a post that names us. One notification spells a comment in two ways, as real
// ones do.
func (w *world) linkedinWebhook(it *item, verb string, now time.Time) []byte {
	n, _ := networkOf(targetLinkedIn)
	action, at := linkedinAction(it, verb), it.At
	if verb != verbAdd {
		at = now
	}
	if action == "" {
		return nil
	}
	decorated := obj{"entity": it.ID, "owner": it.From.ID, "text": it.Text}
	notice := obj{
		"organizationalEntity": n.Account, "action": action, "sourcePost": it.Thread,
		"lastModifiedAt": at.UnixMilli(), "subscriber": linkedinSubscriber,
		"generatedActivity": strings.Replace(it.ID, "(urn:li:", "(", 1),
	}
	notice["notificationId"], _ = strconv.ParseInt(strconv.Itoa(len(w.states)+len(w.pending))+lastNumber(it.ID)[10:], 10, 64)
	if it.Kind == kindComment || it.Parent != "" {
		decorated["object"] = it.Parent
		notice["decoratedGeneratedActivity"] = obj{"comment": decorated}
	} else {
		decorated["entity"] = strings.Replace(it.ID, ":activity:", ":share:", 1)
		notice["decoratedGeneratedActivity"] = obj{"share": decorated}
	}
	if post := w.items[it.Thread]; post != nil {
		notice["decoratedSourcePost"] = obj{
			"entity": strings.Replace(post.ID, ":activity:", ":share:", 1), "owner": post.From.ID, "text": post.Text, "mediaCategory": "NONE",
		}
	}
	return plainJSON(obj{"type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS", "notifications": []any{notice}})
}

// linkedinAction is what the network says happened, empty for what it does not tell of.
func linkedinAction(it *item, verb string) string {
	comment := it.Kind == kindComment || it.Parent != ""
	switch {
	case verb == verbEdited && comment:
		return "COMMENT_EDIT"
	case verb == verbRemove && comment:
		return "COMMENT_DELETE"
	case verb != verbAdd:
		return ""
	case it.Own:
		return "ADMIN_COMMENT"
	case it.Kind == kindMention:
		return "SHARE_MENTION"
	}
	return "COMMENT"
}
