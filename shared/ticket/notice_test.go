package ticket_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Whatever waits for a person is told by mail, in the step that makes it wait.
func TestRaise_PlansOneNotice(t *testing.T) {
	mine := held(t, classify.Reclamo, anna)
	planned, err := mine.PlanReply(anna, "Hola", post.Public, noon, noon)
	if err != nil {
		t.Fatalf("PlanReply: %v", err)
	}
	c, r, done := *planned.Ticket, planned.Replies[0], planned.Send[0].Ref()
	for name, tt := range map[string]struct {
		step   ticket.Change
		matter string
		kind   string
	}{
		"refused":      {c.ReplyRefusedStep(r, done, ticket.ReplyRefused, "auth", later), "reply_refused-" + r.ID, ticket.MatterReplyRefused},
		"expired":      {c.ReplyRefusedStep(r, done, ticket.ReplyExpired, "throttle", later), "reply_expired-" + r.ID, ticket.MatterReplyExpired},
		"unresolved":   {c.ReplyUnresolvedStep(r, done, later), "reply_unknown-" + r.ID, ticket.MatterReplyUnknown},
		"siac refused": {c.FilingStuckStep(done, ticket.NotFiled, ticket.MatterSIACRefused, "permanent", later), "siac_refused-siac", ticket.MatterSIACRefused},
		"siac unknown": {c.FilingStuckStep(done, ticket.FilingUnknown, ticket.MatterSIACUnknown, "uncertain", later), "siac_unknown-siac", ticket.MatterSIACUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			if len(tt.step.Raise) != 1 || tt.step.Raise[0].ID != tt.matter || tt.step.Raise[0].Kind != tt.kind {
				t.Fatalf("raised %+v, want %s", tt.step.Raise, tt.matter)
			}
			// Not the id of the step's version alone, which a message of the step itself would have; not the group of the
			// conversation, which is the replies' way out.
			want := []outbox.Message{{
				V: 1, ID: "01TICKET-000004-n", Topic: outbox.Notify, Ticket: c.ID, Subject: tt.matter, Group: c.ID, Due: later,
				First: later, Attempt: 1,
			}}
			if diff := cmp.Diff(want, tt.step.Send); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if got := ticket.MatterKind(tt.matter); got != tt.kind {
				t.Errorf("MatterKind = %q, want %q", got, tt.kind)
			}
		})
	}
	if got := ticket.MatterKind("siac"); got != "" {
		t.Errorf("MatterKind of no matter = %q", got)
	}
	if worker, ok := outbox.Notify.Worker(); worker != outbox.Deliver || !ok {
		t.Errorf("%s is worked by %q", outbox.Notify, worker)
	}
}

// A retry of a notice never takes the id of another message, however often either is tried again.
func TestRaise_NoticeKeepsItsOwnIDs(t *testing.T) {
	mine := held(t, classify.Reclamo, anna)
	planned, err := mine.PlanReply(anna, "Hola", post.Public, noon, noon)
	if err != nil {
		t.Fatalf("PlanReply: %v", err)
	}
	reply := planned.Send[0]
	notice := planned.Ticket.ReplyUnresolvedStep(planned.Replies[0], reply.Ref(), later).Send[0]
	seen := map[string]bool{}
	for range 4 {
		for _, m := range []outbox.Message{reply, notice} {
			if seen[m.ID] {
				t.Errorf("%s twice", m.ID)
			}
			seen[m.ID] = true
		}
		reply, notice = reply.Again(outbox.Verify, later), notice.Again(outbox.Notify, later)
	}
}
