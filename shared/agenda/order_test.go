package agenda_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Whatever people do in whatever order: a message that publishes exists only for a content that somebody approved who had no hand in
// it, or alone in an emergency; and a post that waits for approval has the message that ends it.
func TestPlan_AnyOrder(t *testing.T) {
	people := []ticket.Actor{
		who("ana", ticket.Comunicaciones), who("eva", ticket.Supervisor), who("beto", ticket.CommunityManager), who("jefa", ticket.JefaturaUnidad),
		who("aud", ticket.Auditor),
	}
	first := must(agenda.Draft("01P", people[0], says("0", noon().Add(time.Hour)), agenda.About{}, noon()))(t)
	rapid.Check(t, func(t *rapid.T) {
		now, d := noon(), &desk{}
		d.take(first)
		approvedBy := map[string]string{} // digest → who
		for i := range rapid.IntRange(1, 25).Draw(t, "steps") {
			by := rapid.SampledFrom(people).Draw(t, "by")
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "minutes")) * time.Minute)
			c, did, err := act(t, d, by, now, i)
			if err != nil {
				continue
			}
			if did == "approve" {
				approvedBy[c.Post.Digest()] = by.ID
				if !c.Post.Approval.Emergency && slices.Contains(c.Post.Hands, by.ID) {
					t.Fatalf("%s approved their own words", by.ID)
				}
			}
			d.take(c)
			for _, m := range d.messages {
				if !strings.HasPrefix(m.ID, "01P-") || len(m.ID) > 100 {
					t.Fatalf("message %q does not name its post", m.ID)
				}
				switch m.Topic {
				case outbox.Broadcast, outbox.Prepare:
					if d.plan.Post.Approval == nil || approvedBy[d.plan.Post.Digest()] == "" || d.plan.Post.Approval.Digest != d.plan.Post.Digest() {
						t.Fatalf("after %s a message publishes what nobody approved", did)
					}
				default:
				}
			}
			if waits := d.messages[d.plan.Post.Lapse].Topic == outbox.Lapse; waits != (d.plan.Post.State == post.Submitted) {
				t.Fatalf("after %s a %s post has its end: %v", did, d.plan.Post.State, waits)
			}
		}
	})
}

func act(t *rapid.T, d *desk, by ticket.Actor, now time.Time, n int) (ticket.Change, string, error) {
	did := rapid.SampledFrom([]string{"edit", "submit", "approve", "reject", "cancel", "move", "lapse"}).Draw(t, "act")
	var c ticket.Change
	var err error
	switch did {
	case "edit":
		content := d.plan.Post.Content
		content.Text = fmt.Sprint(n)
		c, err = d.plan.Edit(by, content, agenda.About{}, now)
	case "move":
		content := d.plan.Post.Content
		content.PublishAt.At = now.Add(time.Hour)
		c, err = d.plan.Edit(by, content, agenda.About{}, now)
	case "submit":
		c, err = d.plan.Submit(by, now)
	case "approve":
		c, err = d.plan.Approve(by, agenda.Consent{Emergency: rapid.Bool().Draw(t, "emergency"), Reason: "una emergencia de verdad ficticia"}, accounts(), now)
	case "reject":
		c, err = d.plan.Reject(by, "no", now)
	case "cancel":
		c, err = d.plan.Cancel(by, now)
	default:
		c = d.plan.Lapsed(outbox.Ref{Ticket: d.plan.Post.Cause(), ID: d.plan.Post.Lapse}, now)
	}
	return c, did, err
}
