package sim

import (
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// linkedinSubscriber is the member in whose name our application listens.
const linkedinSubscriber = "urn:li:person:Ficticia-99"

// linkedinWebhook tells of a comment or of a post that names us.
func (w *world) linkedinWebhook(it *item, verb string, now time.Time) []byte {
	action, at := linkedinAction(it, verb), it.At
	if verb != verbAdd {
		at = now
	}
	if action == "" {
		return nil
	}
	return plainJSON(obj{"type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS", "notifications": []any{w.linkedinNotice(it, action, at)}})
}

// linkedinNotice is one notification, as it is delivered and as it stands in the list of those of the last 60 days. It spells
// a comment in two ways, as real ones do.
func (w *world) linkedinNotice(it *item, action string, at time.Time) obj {
	n, _ := networkOf(targetLinkedIn)
	h := fnv.New64a()
	_, _ = h.Write([]byte(action + it.ID + strconv.Itoa(it.Edits))) // a hash never fails to write
	notice := obj{
		"notificationId": 1_000_000_000_000 + h.Sum64()%9_000_000_000_000_000, "organizationalEntity": n.Account, "action": action,
		"sourcePost": it.Thread, "lastModifiedAt": at.UnixMilli(), "subscriber": linkedinSubscriber,
		"generatedActivity": strings.Replace(it.ID, "(urn:li:", "(", 1),
	}
	decorated := obj{"entity": it.ID, "owner": it.From.ID, "text": it.Text}
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
	return notice
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
	case it.Own && !comment:
		return "" // of posts of ours nobody is told
	case it.Own:
		return "ADMIN_COMMENT"
	case it.Kind == kindMention:
		return "SHARE_MENTION"
	}
	return "COMMENT"
}
