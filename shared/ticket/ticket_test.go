package ticket_test

import (
	"errors"
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

var (
	noon  = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) // a Monday, noon in Santiago
	later = noon.Add(4 * time.Hour)
	anna  = ticket.Actor{ID: "ejecutivo1", Name: "Ana Ficticia", Roles: []ticket.Role{ticket.CommunityManager}}
	beto  = ticket.Actor{ID: "ejecutivo2", Name: "Beto Ficticio", Roles: []ticket.Role{ticket.CommunityManager}}
	jefa  = ticket.Actor{ID: "supervisor", Name: "Sara Ficticia", Roles: []ticket.Role{ticket.Supervisor}}
	denun = ticket.Actor{ID: "denuncias", Name: "Dora Ficticia", Roles: []ticket.Role{ticket.EncargadoDenuncia}}
)

func result(i classify.Intent, p float64) classify.Result {
	r := classify.Result{Intent: i, Urgency: classify.Media, Model: "prueba", Probabilities: map[classify.Intent]float64{i: p}}
	return r
}

// opened gives the step that opens a case of the class, written by somebody an hour before noon.
func opened(r classify.Result) ticket.Change {
	return ticket.Open(ticket.Opening{
		ID: "01TICKET", Number: "RS-2026-0000001-1", Conversation: "conv", CitizenKey: "key",
		Event: mention.Event{
			Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.Comment, Key: "1_2", Thread: "1", Account: "9",
			Text: "texto", At: noon.Add(-time.Hour), Author: &mention.Author{Name: "Persona Ficticia"},
		},
		Class: r, Excerpt: "texto", DueDate: "2026-12-22", DueAt: noon.AddDate(0, 1, 0), DoubtAt: later, Now: noon,
	}, ticket.DefaultPolicy(), nil)
}

// held gives a case of the class that the actor holds.
func held(t *testing.T, i classify.Intent, by ticket.Actor) ticket.Ticket {
	t.Helper()
	c, err := opened(result(i, 0.99)).Ticket.Claim(by, noon)
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	return *c.Ticket
}

func TestOpen(t *testing.T) {
	tests := []struct {
		name   string
		class  classify.Result
		state  ticket.Filing
		reason string
		due    time.Time
	}{
		{"a sure reclamo leaves after the undo window", result(classify.Reclamo, 0.95), ticket.Pending, ticket.RuleSure, noon.Add(10 * time.Minute)},
		{"at the threshold it is sure", result(classify.Reclamo, 0.85), ticket.Pending, ticket.RuleSure, noon.Add(10 * time.Minute)},
		{"just under the threshold a person has hours to decide", result(classify.Reclamo, 0.8499), ticket.Pending, ticket.RuleDoubt, later},
		{"a denuncia never goes by itself", result(classify.Denuncia, 0.99), ticket.NotApplicable, ticket.NotDenuncia, time.Time{}},
		{"spam does not apply", result(classify.Spam, 0.99), ticket.NotApplicable, ticket.NotSpam, time.Time{}},
		{"a consulta stays with us", result(classify.Consulta, 0.99), ticket.NotFiled, "", time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := opened(tt.class)
			got := c.Ticket.SIAC
			if got.State != tt.state || got.Reason != tt.reason || !got.Due.Equal(tt.due) {
				t.Errorf("SIAC = %+v, want %s %s %s", got, tt.state, tt.reason, tt.due)
			}
			if (len(c.Send) == 1) != (tt.state == ticket.Pending) {
				t.Errorf("messages = %d for state %s", len(c.Send), tt.state)
			}
			if len(c.Send) == 1 && (c.Send[0].Topic != outbox.File || c.Send[0].ID != got.Message || !c.Send[0].Due.Equal(tt.due)) {
				t.Errorf("message = %+v", c.Send[0])
			}
		})
	}
}

// A text that speaks to the classifier, or hints at a denuncia, is never sure.
func TestOpen_DoubtfulDespiteProbability(t *testing.T) {
	injected := result(classify.Reclamo, 0.99)
	injected.Flags = []string{classify.FlagInjection}
	hinted := result(classify.Reclamo, 0.94)
	hinted.Probabilities[classify.Denuncia] = 0.05
	for name, class := range map[string]classify.Result{"injection": injected, "denuncia at 0.05": hinted} {
		if got := opened(class).Ticket.SIAC.Reason; got != ticket.RuleDoubt {
			t.Errorf("%s: rule = %s, want %s", name, got, ticket.RuleDoubt)
		}
	}
}

func TestOpen_EntryIsWhenThePersonWrote(t *testing.T) {
	c := opened(result(classify.Consulta, 0.9))
	if !c.Ticket.OpenedAt.Equal(noon.Add(-time.Hour)) {
		t.Errorf("OpenedAt = %s, want the network's time", c.Ticket.OpenedAt)
	}
	future := ticket.Open(ticket.Opening{ID: "x", Event: mention.Event{At: noon.AddDate(74, 0, 0)}, Now: noon}, ticket.DefaultPolicy(), nil)
	if !future.Ticket.OpenedAt.Equal(noon) {
		t.Errorf("OpenedAt = %s: a network time in the future may not move the clock", future.Ticket.OpenedAt)
	}
}

func TestTicket_Claim(t *testing.T) {
	waiting := *opened(result(classify.Consulta, 0.9)).Ticket
	taken, err := waiting.Claim(anna, noon)
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	if taken.Ticket.Assignee != anna.ID || taken.Ticket.State != ticket.EnAnalisis || taken.Ticket.Version != 2 {
		t.Errorf("claimed = %s %s v%d", taken.Ticket.Assignee, taken.Ticket.State, taken.Ticket.Version)
	}
	_, err = taken.Ticket.Claim(beto, noon)
	if fault.Of(err) != fault.Conflict || !strings.Contains(public(err), anna.Name) {
		t.Errorf("second claim = %v %q, want a conflict that names who holds it", err, public(err))
	}
	if _, err := waiting.Claim(ticket.Actor{ID: "ti", Roles: []ticket.Role{ticket.TIAdmin}}, noon); fault.Of(err) != fault.Denied {
		t.Errorf("a role that reads no cases claimed one: %v", err)
	}
}

func TestTicket_PlanReply(t *testing.T) {
	mine := held(t, classify.Consulta, anna)
	c, err := mine.PlanReply(anna, "Hola", post.Public, noon, noon)
	if err != nil {
		t.Fatalf("PlanReply: %v", err)
	}
	if len(c.Replies) != 1 || c.Replies[0].State != ticket.ReplyPlanned || c.Replies[0].Target != "1_2" {
		t.Errorf("reply = %+v", c.Replies)
	}
	if len(c.Send) != 1 || c.Send[0].Topic != outbox.Publish || c.Send[0].Subject != c.Replies[0].ID || c.Send[0].Group != "conv" {
		t.Errorf("message = %+v", c.Send)
	}
	if _, err := mine.PlanReply(beto, "Hola", post.Public, noon, noon); fault.Of(err) != fault.Denied {
		t.Errorf("somebody else's case was answered: %v", err)
	}
	if _, err := opened(result(classify.Consulta, 0.9)).Ticket.PlanReply(anna, "Hola", post.Public, noon, noon); fault.Of(err) != fault.Conflict {
		t.Errorf("an unclaimed case was answered: %v", err)
	}
}

func TestTicket_AnsweredOnce(t *testing.T) {
	mine := held(t, classify.Consulta, anna)
	c, err := mine.PlanReply(anna, "Hola", post.Public, noon, noon)
	if err != nil {
		t.Fatalf("PlanReply: %v", err)
	}
	first := c.Ticket.ReplySentStep(c.Replies[0], c.Send[0].Ref(), "remote-1", noon.Add(time.Minute), noon.Add(time.Minute))
	if first.Ticket.State != ticket.Respondido || !first.Ticket.AnsweredAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("after the first reply: %s answered %s", first.Ticket.State, first.Ticket.AnsweredAt)
	}
	again, err := first.Ticket.PlanReply(anna, "Otra", post.Public, later, later)
	if err != nil {
		t.Fatalf("second reply: %v", err)
	}
	second := again.Ticket.ReplySentStep(again.Replies[0], again.Send[0].Ref(), "remote-2", later, later)
	if !second.Ticket.AnsweredAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("the first answer's time moved to %s", second.Ticket.AnsweredAt)
	}
}

func TestTicket_Undo(t *testing.T) {
	pending := *opened(result(classify.Reclamo, 0.95)).Ticket
	c, err := pending.Undo(anna, nil, noon)
	if err != nil {
		t.Fatalf("Undo: %v", err)
	}
	if c.Ticket.SIAC.State != ticket.NotFiled || c.Ticket.SIAC.Reason != ticket.Undone {
		t.Errorf("SIAC = %+v", c.Ticket.SIAC)
	}
	if len(c.Cancel) != 1 || c.Cancel[0].ID != pending.SIAC.Message {
		t.Errorf("cancelled = %+v, want the pending filing", c.Cancel)
	}
	if _, err := c.Ticket.Undo(anna, nil, noon); fault.Of(err) != fault.Conflict {
		t.Errorf("undone twice: %v", err)
	}
	mine := held(t, classify.Consulta, anna)
	planned, err := mine.PlanReply(anna, "Hola", post.Public, later, noon)
	if err != nil {
		t.Fatalf("PlanReply: %v", err)
	}
	back, err := planned.Ticket.Undo(anna, &planned.Replies[0], noon)
	if err != nil || back.Replies[0].State != ticket.ReplyCancelled || back.Cancel[0] != planned.Send[0].Ref() {
		t.Errorf("undone reply = %+v, %v", back.Replies, err)
	}
	p := ticket.DefaultPolicy()
	if got := story(pending).May(anna, nil, p, noon)["undo"]; got.What != ticket.WhatSIAC || !got.Until.Equal(pending.SIAC.Due) {
		t.Errorf("may undo the filing: %+v", got)
	}
	if got := story(*planned.Ticket).May(anna, &planned.Replies[0], p, noon)["undo"]; got.What != ticket.WhatReply || !got.Until.Equal(later) {
		t.Errorf("may undo the reply: %+v", got)
	}
	if got := story(mine).May(anna, nil, p, noon); got["undo"].What != "" || got["escalate"].UndoSeconds != 10 {
		t.Errorf("nothing to undo, ten seconds to take an escalation back: %+v", got)
	}
}

func TestTicket_Escalate(t *testing.T) {
	doubtful := *opened(result(classify.Reclamo, 0.5)).Ticket
	c, err := doubtful.Escalate(anna, ticket.DefaultPolicy(), noon)
	if err != nil {
		t.Fatalf("Escalate: %v", err)
	}
	if c.Ticket.SIAC.Reason != ticket.RuleByHand || !c.Ticket.SIAC.Due.Equal(noon.Add(10*time.Second)) {
		t.Errorf("SIAC = %+v", c.Ticket.SIAC)
	}
	if len(c.Cancel) != 1 || c.Cancel[0].ID != doubtful.SIAC.Message {
		t.Errorf("the waiting filing stays beside the new one: %+v", c.Cancel)
	}
	if _, err := c.Ticket.Escalate(anna, ticket.DefaultPolicy(), noon); fault.Of(err) != fault.Conflict {
		t.Errorf("escalated twice: %v", err)
	}
	if _, err := opened(result(classify.Denuncia, 0.9)).Ticket.Escalate(jefa, ticket.DefaultPolicy(), noon); fault.Of(err) != fault.Conflict {
		t.Errorf("a denuncia was escalated: %v", err)
	}
}

func TestTicket_Classify(t *testing.T) {
	reclamo := *opened(result(classify.Reclamo, 0.95)).Ticket
	down := ticket.Correction{Intent: classify.Consulta, Reason: "solo pregunta la fecha", DueDate: "2026-11-26", DueAt: later}
	if _, err := reclamo.Classify(anna, down, ticket.DefaultPolicy(), noon); fault.Of(err) != fault.Denied {
		t.Errorf("a community manager took a case out of reclamo: %v", err)
	}
	if _, err := reclamo.Classify(jefa, ticket.Correction{Intent: classify.Consulta}, ticket.DefaultPolicy(), noon); fault.Of(err) != fault.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	c, err := reclamo.Classify(jefa, down, ticket.DefaultPolicy(), noon)
	if err != nil {
		t.Fatalf("Classify: %v", err)
	}
	if c.Ticket.Intent.Final != classify.Consulta || c.Ticket.Intent.Model != classify.Reclamo || len(c.Cancel) != 1 || len(c.Send) != 0 {
		t.Errorf("after = %+v cancel %v send %v", c.Ticket.Intent, c.Cancel, c.Send)
	}
	up, err := opened(result(classify.Consulta, 0.9)).Ticket.Classify(anna, ticket.Correction{Intent: classify.Reclamo}, ticket.DefaultPolicy(), noon)
	if err != nil || len(up.Send) != 1 || up.Ticket.SIAC.Reason != ticket.RuleByHand {
		t.Errorf("consulta to reclamo = %v send %v siac %+v", err, up.Send, up.Ticket)
	}
}

func TestTicket_Close(t *testing.T) {
	open := held(t, classify.Consulta, anna)
	if _, err := (ticket.Story{Ticket: open}).Close(anna, "", noon); fault.Of(err) != fault.Conflict {
		t.Errorf("an unanswered consulta was closed: %v", err)
	}
	praise := held(t, classify.Felicitacion, anna)
	if c, err := (ticket.Story{Ticket: praise}).Close(anna, "", noon); err != nil || !c.Close || c.Ticket.State != ticket.Cerrado {
		t.Errorf("praise without an answer = %v", err)
	}
	answered := open
	answered.State = ticket.Respondido
	if _, err := (ticket.Story{Ticket: answered}).Close(anna, "", noon); err != nil {
		t.Errorf("an answered consulta does not close: %v", err)
	}
	reclamo := answered
	reclamo.Intent.Final = classify.Reclamo
	if _, err := (ticket.Story{Ticket: reclamo}).Close(anna, "", noon); fault.Of(err) != fault.Denied {
		t.Errorf("a community manager closed a reclamo: %v", err)
	}
}

func TestTicket_VisibleTo(t *testing.T) {
	d := *opened(result(classify.Denuncia, 0.9)).Ticket
	if d.VisibleTo(anna) || d.VisibleTo(jefa) || !d.VisibleTo(denun) {
		t.Error("a denuncia is for who answers for denuncias, and for nobody else")
	}
}

// Whatever steps are taken, the bitácora they leave is whole and chained.
func TestSteps_LeaveAChainedBitacora(t *testing.T) {
	first := opened(result(classify.Reclamo, 0.95))
	chain := []audit.Entry{*first.Entry}
	now := *first.Ticket
	step := func(c ticket.Change, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("step %d: %v", len(chain)+1, err)
		}
		chain = append(chain, *c.Entry)
		now = *c.Ticket
	}
	step(now.Claim(anna, noon))
	step(now.Undo(anna, nil, noon))
	step(now.PlanReply(anna, "Hola", post.Public, noon, noon))
	step(now.Escalate(anna, ticket.DefaultPolicy(), noon))
	step(now.FiledStep(outbox.Ref{}, "F-1", noon), nil)
	if err := audit.Verify(chain); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	if chain[1].ActorName != anna.Name || chain[0].ActorName != "" {
		t.Errorf("entries name %q and %q: a person bears a name, the system none", chain[1].ActorName, chain[0].ActorName)
	}
	chain[2].ActorName = "otra persona"
	if err := audit.Verify(chain); err == nil {
		t.Error("an altered entry passes")
	}
}

func public(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Public
	}
	return ""
}
