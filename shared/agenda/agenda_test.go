package agenda_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

func noon() time.Time { return time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC) }

func who(id string, roles ...ticket.Role) ticket.Actor {
	return ticket.Actor{ID: id, Name: "Persona Ficticia " + id, Roles: roles}
}

func accounts() mention.Accounts {
	return mention.Accounts{mention.Facebook: {"100"}, mention.X: {"200"}}
}

func says(text string, at time.Time) post.Content {
	return post.Content{Text: text, Networks: []mention.Network{mention.Facebook, mention.X}, PublishAt: post.Moment{At: at}}
}

// desk plays the store: a plan, and the messages that wait for it.
type desk struct {
	plan     agenda.Plan
	messages map[string]outbox.Message
}

func (d *desk) take(c ticket.Change) {
	if d.messages == nil {
		d.messages = map[string]outbox.Message{}
	}
	if c.Post != nil {
		d.plan.Post = *c.Post
	}
	for _, t := range c.Targets {
		n := slices.IndexFunc(d.plan.Targets, func(was post.Target) bool { return was.Name() == t.Name() })
		if n < 0 {
			d.plan.Targets = append(d.plan.Targets, t)
			continue
		}
		d.plan.Targets[n] = t
	}
	for _, ref := range slices.Concat(c.Done, c.Cancel) {
		delete(d.messages, ref.ID)
	}
	for _, m := range c.Send {
		d.messages[m.ID] = m
	}
}

// fieldOf is the field a refusal names.
func fieldOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Field
	}
	return ""
}

// approved is a post that waits for its moment.
func approved(t *testing.T, at time.Time) *desk {
	t.Helper()
	d := &desk{}
	d.take(must(agenda.Draft("01P", who("ana", ticket.Comunicaciones), says("Hola", at), agenda.About{}, noon()))(t))
	d.take(must(d.plan.Submit(who("ana", ticket.Comunicaciones), noon()))(t))
	d.take(must(d.plan.Approve(who("eva", ticket.Supervisor), agenda.Consent{}, accounts(), noon()))(t))
	return d
}

// must is a step that has to work.
func must(c ticket.Change, err error) func(testing.TB) ticket.Change {
	return func(t testing.TB) ticket.Change {
		t.Helper()
		if err != nil {
			t.Fatalf("step: %v", err)
		}
		return c
	}
}

func TestApprove_WhoMay(t *testing.T) {
	ana, eva := who("ana", ticket.Comunicaciones), who("eva", ticket.Supervisor)
	long := "Corte de luz en la sucursal ficticia: hay que avisar ya."
	for _, tt := range []struct {
		name    string
		by      ticket.Actor
		consent agenda.Consent
		edited  ticket.Actor // somebody else changed a word before
		kind    fault.Kind
	}{
		{"the author", ana, agenda.Consent{}, ticket.Actor{}, fault.Denied},
		{"a second person", eva, agenda.Consent{}, ticket.Actor{}, 0},
		{"a second person of the same role", who("luz", ticket.Comunicaciones), agenda.Consent{}, ticket.Actor{}, 0},
		{"who may only write", who("beto", ticket.CommunityManager), agenda.Consent{}, ticket.Actor{}, fault.Denied},
		{"who changed a word", eva, agenda.Consent{}, eva, fault.Denied},
		{"who only reads", who("aud", ticket.Auditor), agenda.Consent{}, ticket.Actor{}, fault.Denied},
		{"an emergency of who may not", ana, agenda.Consent{Emergency: true, Reason: long}, ticket.Actor{}, fault.Denied},
		{"an emergency without a reason", eva, agenda.Consent{Emergency: true, Reason: "urge"}, eva, fault.Invalid},
		{"an emergency", eva, agenda.Consent{Emergency: true, Reason: long}, eva, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := &desk{}
			d.take(must(agenda.Draft("01P", ana, says("Hola", noon().Add(time.Hour)), agenda.About{}, noon()))(t))
			d.take(must(d.plan.Submit(ana, noon()))(t))
			if tt.edited.ID != "" {
				d.take(must(d.plan.Edit(tt.edited, says("Hola a todos", noon().Add(time.Hour)), agenda.About{}, noon()))(t))
			}
			c, err := d.plan.Approve(tt.by, tt.consent, accounts(), noon())
			if fault.Of(err) != tt.kind {
				t.Fatalf("Approve = %v, want %v", err, tt.kind)
			}
			if err != nil {
				return
			}
			d.take(c)
			if d.plan.State() != post.Planned || len(d.messages) < 2 {
				t.Errorf("state %s with %d messages", d.plan.State(), len(d.messages))
			}
			if told := len(c.Raise) == 1 && c.Raise[0].Kind == agenda.MatterEmergency; told != tt.consent.Emergency {
				t.Errorf("told of an emergency: %v, want %v", told, tt.consent.Emergency)
			}
		})
	}
}

func TestApprove_Moment(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   post.Moment
		then time.Time // when it is approved
		want string    // field of the refusal
		due  time.Time
	}{
		{"at its moment", post.Moment{At: noon().Add(time.Hour)}, noon(), "", noon().Add(time.Hour)},
		{"too late", post.Moment{At: noon().Add(time.Minute)}, noon().Add(time.Minute), "publishAt", time.Time{}},
		{"as soon as it is approved", post.Moment{Now: true}, noon().Add(time.Minute), "", noon().Add(time.Minute)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := says("Hola", time.Time{})
			c.PublishAt = tt.at
			d := &desk{}
			d.take(must(agenda.Draft("01P", who("ana", ticket.Comunicaciones), c, agenda.About{}, noon()))(t))
			d.take(must(d.plan.Submit(who("ana", ticket.Comunicaciones), noon()))(t))
			change, err := d.plan.Approve(who("eva", ticket.Supervisor), agenda.Consent{}, accounts(), tt.then)
			if field := fieldOf(err); field != tt.want {
				t.Fatalf("Approve = %v (%q), want %q", err, field, tt.want)
			}
			if err != nil {
				return
			}
			for _, m := range change.Send {
				if !m.Due.Equal(tt.due) || !m.First.Equal(tt.due) || m.Topic != outbox.Broadcast {
					t.Errorf("message %+v, want it due at %s", m, tt.due)
				}
			}
		})
	}
}

func TestSubmit_NeedsAMoment(t *testing.T) {
	d := &desk{}
	d.take(must(agenda.Draft("01P", who("ana", ticket.Comunicaciones), says("Hola", time.Time{}), agenda.About{}, noon()))(t))
	if _, err := d.plan.Submit(who("ana", ticket.Comunicaciones), noon()); fieldOf(err) != "publishAt" {
		t.Errorf("Submit = %v", err)
	}
}

// Media is brought to its networks before the moment, and what is late counts from the moment all the same.
func TestApprove_PreparesAhead(t *testing.T) {
	at := noon().Add(time.Hour)
	c := says("Hola", at)
	c.Media = []post.Attached{{ID: "foto", Alt: "Una sala de clases ficticia"}}
	d := &desk{}
	d.take(must(agenda.Draft("01P", who("ana", ticket.Comunicaciones), c, agenda.About{}, noon()))(t))
	d.take(must(d.plan.Submit(who("ana", ticket.Comunicaciones), noon()))(t))
	for _, m := range must(d.plan.Approve(who("eva", ticket.Supervisor), agenda.Consent{}, accounts(), noon()))(t).Send {
		if m.Topic != outbox.Prepare || !m.Due.Equal(at.Add(-agenda.Lead)) || !m.First.Equal(at) {
			t.Errorf("message %+v", m)
		}
	}
}

// A change after approval takes the approval back, and what waited to go out with it.
func TestEdit_WithdrawsTheApproval(t *testing.T) {
	d := approved(t, noon().Add(time.Hour))
	d.take(must(d.plan.Edit(who("ana", ticket.Comunicaciones), says("Hola, cambiada", noon().Add(2*time.Hour)), agenda.About{}, noon()))(t))
	if d.plan.State() != post.Submitted || d.plan.Post.Approval != nil {
		t.Errorf("state %s, approval %v", d.plan.State(), d.plan.Post.Approval)
	}
	if len(d.messages) != 1 || !strings.HasPrefix(d.plan.Post.Lapse, "01P-vence-") {
		t.Errorf("messages that wait: %v", d.messages)
	}
	for _, target := range d.plan.Targets {
		if target.State != post.Cancelled {
			t.Errorf("%s is %s", target.Name(), target.State)
		}
	}
	d.take(must(d.plan.Approve(who("eva", ticket.Supervisor), agenda.Consent{}, accounts(), noon()))(t))
	if d.plan.State() != post.Planned || len(d.messages) != 2 {
		t.Errorf("approved again: %s, %v", d.plan.State(), d.messages)
	}
}

// What went out, or may have, is not changed and not taken back.
func TestEdit_NotWhatWentOut(t *testing.T) {
	d := approved(t, noon().Add(time.Hour))
	target := d.plan.Targets[0]
	d.take(agenda.Step{Target: target, Done: outbox.Ref{Ticket: target.Cause(), ID: target.Message}, Now: noon()}.Sent("1", "", noon()))
	if _, err := d.plan.Edit(who("ana", ticket.Comunicaciones), says("Otra", noon().Add(2*time.Hour)), agenda.About{}, noon()); !fault.Is(err, fault.Conflict) {
		t.Errorf("Edit = %v", err)
	}
	if _, err := d.plan.Cancel(who("ana", ticket.Comunicaciones), noon()); !fault.Is(err, fault.Conflict) {
		t.Errorf("Cancel = %v", err)
	}
}

func TestState_WorstFirst(t *testing.T) {
	for _, tt := range []struct {
		states []post.State
		want   post.State
	}{
		{[]post.State{post.Sent, post.Sent}, post.Sent},
		{[]post.State{post.Sent, post.Planned}, post.Planned},
		{[]post.State{post.Sent, post.Cancelled}, post.Sent},
		{[]post.State{post.Cancelled, post.Cancelled}, post.Cancelled},
		{[]post.State{post.Refused, post.Sent}, post.Refused},
		{[]post.State{post.Refused, post.Unknown}, post.Unknown},
		{[]post.State{post.Expired, post.Planned}, post.Expired},
	} {
		p := agenda.Plan{Post: post.Post{State: post.Planned}}
		for _, s := range tt.states {
			p.Targets = append(p.Targets, post.Target{State: s})
		}
		if got := p.State(); got != tt.want {
			t.Errorf("State of %v = %s, want %s", tt.states, got, tt.want)
		}
	}
}

// Nobody approves a post in time: it ends, and people are told; an approval that came first wins.
func TestLapsed(t *testing.T) {
	d := &desk{}
	d.take(must(agenda.Draft("01P", who("ana", ticket.Comunicaciones), says("Hola", noon().Add(time.Hour)), agenda.About{}, noon()))(t))
	d.take(must(d.plan.Submit(who("ana", ticket.Comunicaciones), noon()))(t))
	ref := outbox.Ref{Ticket: d.plan.Post.Cause(), ID: d.plan.Post.Lapse}
	late := approved(t, noon().Add(time.Hour)).plan.Lapsed(ref, noon().Add(time.Hour))
	if late.Post != nil || len(late.Done) != 1 {
		t.Errorf("an approved post lapsed: %+v", late)
	}
	c := d.plan.Lapsed(ref, noon().Add(time.Hour))
	d.take(c)
	if d.plan.State() != post.Expired || len(c.Raise) != 1 || c.Raise[0].Kind != agenda.MatterLapsed {
		t.Errorf("state %s, told %v", d.plan.State(), c.Raise)
	}
}

// A person decides what nobody knows: each decision ends the doubt, its matters and the looking.
func TestDecisions(t *testing.T) {
	eva := who("eva", ticket.Supervisor)
	for _, tt := range []struct {
		name   string
		decide func(agenda.Plan) (ticket.Change, error)
		want   post.State
	}{
		{"retry", func(p agenda.Plan) (ticket.Change, error) { return p.Retry(eva, "x", noon()) }, post.Planned},
		{"discard", func(p agenda.Plan) (ticket.Change, error) { return p.Discard(eva, "x", noon()) }, post.Cancelled},
		{"it is there", func(p agenda.Plan) (ticket.Change, error) {
			return p.Published(eva, "x", "https://x.example/1", noon())
		}, post.Sent},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := approved(t, noon().Add(time.Hour))
			if _, err := tt.decide(d.plan); !fault.Is(err, fault.Conflict) {
				t.Errorf("while nothing failed: %v", err)
			}
			n := slices.IndexFunc(d.plan.Targets, func(t post.Target) bool { return t.Name() == "x" })
			target := d.plan.Targets[n]
			m := d.messages[target.Message]
			d.take(agenda.Step{Target: target, Done: m.Ref(), Now: noon()}.Unknown(m.Again(outbox.Confirm, noon().Add(time.Second)), noon(), "timeout"))
			c := must(tt.decide(d.plan))(t)
			d.take(c)
			if got := d.plan.Targets[n]; got.State != tt.want || len(c.Cancel) != 1 || len(c.Settle) == 0 {
				t.Errorf("target %s, cancelled %v, settled %v", got.State, c.Cancel, c.Settle)
			}
			if _, err := tt.decide(agenda.Plan{Post: d.plan.Post}); !fault.Is(err, fault.Invalid) {
				t.Errorf("of a network it does not go to: %v", err)
			}
		})
	}
}

// WhatsApp has no posts: a template goes to the people of cases, each a target of its own.
func TestApprove_Template(t *testing.T) {
	c := says("", noon().Add(time.Hour))
	c.Networks, c.Cases = []mention.Network{mention.WhatsApp}, []string{"01A", "01B"}
	d := &desk{}
	d.take(must(agenda.Draft("01P", who("ana", ticket.Comunicaciones), c, agenda.About{}, noon()))(t))
	d.take(must(d.plan.Submit(who("ana", ticket.Comunicaciones), noon()))(t))
	eva := who("eva", ticket.Supervisor)
	if _, err := d.plan.Approve(eva, agenda.Consent{}, accounts(), noon()); fieldOf(err) != "cases" {
		t.Errorf("to nobody: %v", err)
	}
	d.plan.People = []agenda.Person{{Case: "01A", Recipient: "s1", Account: "300"}, {Case: "01B", Recipient: "s2", Account: "300"}}
	d.take(must(d.plan.Approve(eva, agenda.Consent{}, accounts(), noon()))(t))
	for i, target := range d.plan.Targets {
		if target.Name() != fmt.Sprintf("whatsapp-%d", i+1) || target.Recipient != d.plan.People[i].Recipient || target.Account != "300" {
			t.Errorf("target %+v", target)
		}
	}
	if len(d.plan.Targets) != 2 || len(d.messages) != 2 {
		t.Errorf("%d targets, %d messages", len(d.plan.Targets), len(d.messages))
	}
	d.plan.People = make([]agenda.Person, agenda.MostPeople+1)
	d.plan.Post.State, d.plan.Targets = post.Submitted, nil
	if _, err := d.plan.Approve(eva, agenda.Consent{}, accounts(), noon()); fieldOf(err) != "cases" {
		t.Errorf("to too many: %v", err)
	}
}
