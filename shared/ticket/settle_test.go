package ticket_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// doubtful gives a case that anna holds, with one reply in a state of failure.
func doubtful(t *testing.T, state ticket.ReplyState) ticket.Story {
	t.Helper()
	s := ticket.Story{Ticket: held(t, classify.Consulta, anna)}
	s.Replies = []ticket.Reply{{
		Ticket: s.Ticket.ID, ID: "r000002", Text: "Hola.", Visibility: post.Public, State: state, Message: "m2", Reason: "x", ClaimedAt: noon.Add(time.Minute),
		PlannedAt: noon, Due: noon, At: noon, Rev: 3,
	}}
	return s
}

// A person ends the doubt about a reply: it is there, it is said again, or it is left.
func TestStory_Settle(t *testing.T) {
	for _, state := range []ticket.ReplyState{ticket.ReplyUnknown, ticket.ReplyRefused, ticket.ReplyExpired} {
		for outcome, want := range map[ticket.Outcome]struct {
			state ticket.ReplyState
			kind  audit.Kind
			is    ticket.State
		}{
			ticket.OutcomePublished: {ticket.ReplySent, audit.ReplyConfirmed, ticket.Respondido},
			ticket.OutcomeRetry:     {ticket.ReplyPlanned, audit.ReplyRetried, ticket.EnAnalisis},
			ticket.OutcomeDiscard:   {ticket.ReplyCancelled, audit.ReplyDiscarded, ticket.EnAnalisis},
		} {
			s := doubtful(t, state)
			c, err := s.Settle(anna, ticket.Settlement{Reply: "r000002", Outcome: outcome, URL: "https://red.example/1"}, ticket.DefaultPolicy(), later)
			if err != nil {
				t.Fatalf("%s %s: %v", state, outcome, err)
			}
			r := c.Replies[0]
			if r.State != want.state || r.Rev != 4 || c.Entry.Kind != want.kind || c.Entry.Actor != anna.ID || c.Ticket.State != want.is || len(c.Settle) != 3 {
				t.Errorf("%s %s: %+v, %+v", state, outcome, r, c.Entry)
			}
			if looked := len(c.Cancel) == 1 && c.Cancel[0].ID == "m2"; looked != (state == ticket.ReplyUnknown) || !looked && len(c.Cancel) > 0 {
				t.Errorf("%s %s: cancels %v", state, outcome, c.Cancel)
			}
			switch outcome {
			case ticket.OutcomePublished:
				if !r.SentAt.Equal(noon.Add(time.Minute)) || r.URL != "https://red.example/1" || c.Ticket.AnsweredAt.IsZero() {
					t.Errorf("%s: %+v", state, r)
				}
			case ticket.OutcomeRetry:
				if len(c.Send) != 1 || c.Send[0].Topic != outbox.Publish || c.Send[0].ID != r.Message || c.Send[0].Subject != r.ID || !r.Due.Equal(later) || !r.ClaimedAt.IsZero() || !r.At.IsZero() {
					t.Errorf("%s: %+v %+v", state, r, c.Send)
				}
			case ticket.OutcomeDiscard:
				if r.Reason != ticket.ReplyDiscarded {
					t.Errorf("%s: %+v", state, r)
				}
			}
		}
	}
}

func TestStory_Settle_refuses(t *testing.T) {
	good := ticket.Settlement{Reply: "r000002", Outcome: ticket.OutcomeRetry}
	gone := doubtful(t, ticket.ReplyRefused)
	gone.Mentions = []ticket.Mention{{Key: "1_2", Kind: mention.Comment, At: noon, Public: true, Deleted: true}}
	over := doubtful(t, ticket.ReplyRefused)
	over.Ticket.State = ticket.Cerrado
	free := doubtful(t, ticket.ReplyRefused)
	free.Ticket.Assignee = ""
	for name, tt := range map[string]struct {
		s    ticket.Story
		by   ticket.Actor
		o    ticket.Settlement
		kind fault.Kind
	}{
		"a reply of nobody":       {doubtful(t, ticket.ReplyRefused), anna, ticket.Settlement{Reply: "r9", Outcome: ticket.OutcomeRetry}, fault.Invalid},
		"an outcome of nobody":    {doubtful(t, ticket.ReplyRefused), anna, ticket.Settlement{Reply: "r000002"}, fault.Invalid},
		"no address":              {doubtful(t, ticket.ReplyRefused), anna, ticket.Settlement{Reply: "r000002", Outcome: ticket.OutcomePublished, URL: "aquí"}, fault.Invalid},
		"nothing failed":          {doubtful(t, ticket.ReplySent), anna, good, fault.Conflict},
		"it waits":                {doubtful(t, ticket.ReplyPlanned), anna, good, fault.Conflict},
		"somebody else's":         {doubtful(t, ticket.ReplyRefused), beto, good, fault.Denied},
		"a role that answers not": {doubtful(t, ticket.ReplyRefused), denun, good, fault.Denied},
		"a case of nobody":        {free, anna, good, fault.Conflict},
		"the case has ended":      {over, anna, good, fault.Conflict},
		"nothing to answer":       {gone, anna, good, fault.Invalid},
	} {
		if _, err := tt.s.Settle(tt.by, tt.o, ticket.DefaultPolicy(), later); !fault.Is(err, tt.kind) {
			t.Errorf("%s: %v, want %s", name, err, tt.kind)
		}
	}
	if o := gone.MaySettle(anna, gone.Replies[0], ticket.DefaultPolicy(), later); !o.Allowed || !slices.Equal(o.Reasons, []string{"discard", "published"}) {
		t.Errorf("%+v", o)
	}
	if o := over.MaySettle(anna, over.Replies[0], ticket.DefaultPolicy(), later); o.Allowed || o.Why == "" || len(o.Reasons) > 0 {
		t.Errorf("%+v", o)
	}
}

// A reply meant for later holds back none before it; when the person writes meanwhile people are told, once, and whatever becomes
// of the reply settles that.
func TestAhead(t *testing.T) {
	s := ticket.Story{Ticket: held(t, classify.Consulta, anna)}
	plan := func(due time.Time) ticket.Reply {
		t.Helper()
		c, err := s.PlanReply(anna, "Hola.", post.Public, ticket.DefaultPolicy(), due, later)
		s = after(t, s, c, err)
		return s.Replies[len(s.Replies)-1]
	}
	tomorrow, now := plan(later.Add(24*time.Hour)), plan(later.Add(10*time.Second))
	next := plan(later.Add(25 * time.Hour))
	if tomorrow.At.IsZero() || !now.At.IsZero() || now.After != "" || next.After != now.ID || len(s.Ticket.Ahead) != 2 {
		t.Errorf("%+v\n%+v\n%+v\n%v", tomorrow, now, next, s.Ticket.Ahead)
	}
	if _, err := s.Close(jefa, "", later); !fault.Is(err, fault.Conflict) {
		t.Errorf("closed over what is still to go out: %v", err)
	}
	e := mention.Event{Network: mention.Facebook, Kind: mention.Comment, Key: "1_3", Thread: "1", Text: "Ya lo resolví.", At: later}
	write := func(class classify.Intent) ticket.Change {
		return s.Ticket.Append(e, result(class, 0.9), "", ticket.DefaultPolicy(), later, later, nil)
	}
	c := write(classify.Consulta)
	letters := 0
	for _, m := range c.Send {
		if m.Topic == outbox.Notify && strings.HasPrefix(m.Subject, ticket.MatterReplyOvertaken) {
			letters++
		}
	}
	if len(c.Raise) != 2 || c.Raise[0].ID != ticket.MatterReplyOvertaken+"-"+tomorrow.ID || letters != 1 {
		t.Errorf("%+v %+v", c.Raise, c.Send)
	}
	if d := write(classify.Denuncia); len(d.Raise) != 0 {
		t.Errorf("of a denuncia nothing goes out: %+v", d.Raise)
	}
	s.Ticket = *c.Ticket
	if c := write(classify.Consulta); len(c.Raise) != 0 {
		t.Errorf("told again: %+v", c.Raise)
	}
	ref := outbox.Ref{Ticket: s.Ticket.ID, ID: "m"}
	undone, err := s.Ticket.Undo(anna, &tomorrow, later)
	for name, c := range map[string]ticket.Change{
		"sent": s.Ticket.ReplySentStep(tomorrow, ref, "x", later, later), "undone": undone,
		"refused": s.Ticket.ReplyRefusedStep(tomorrow, ref, ticket.ReplyExpired, "x", later),
		"unknown": s.Ticket.ReplyUnknownStep(tomorrow, ref, outbox.Message{}, "x", later),
		"told":    s.ConfirmStep(tomorrow, "x", nil, later, later),
	} {
		if err != nil || len(c.Settle) != 1 || c.Settle[0].ID != ticket.MatterReplyOvertaken+"-"+tomorrow.ID || len(c.Ticket.Ahead) != 1 {
			t.Errorf("%s: %+v, ahead %v, %v", name, c.Settle, c.Ticket.Ahead, err)
		}
	}
}
