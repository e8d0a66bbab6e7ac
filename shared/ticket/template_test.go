package ticket_test

import (
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

func notice() post.Template {
	return post.Template{Name: "aviso_curso", Language: "es_CL", Params: []string{"Ana"}}
}

// On WhatsApp an approved text may be sent whenever the person last wrote; nowhere else, and not by who may not answer.
func TestStory_PlanTemplate(t *testing.T) {
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	denounced := wrote(mention.WhatsApp, mention.DM, ago(time.Hour))
	denounced.Ticket.Intent.Final = classify.Denuncia
	for _, tt := range []struct {
		name  string
		story ticket.Story
		by    ticket.Actor
		kind  fault.Kind
		says  string
		told  bool // the answer says that a template may be sent
	}{
		{"within the window", wrote(mention.WhatsApp, mention.DM, ago(time.Hour)), anna, 0, "", true},
		{"long after it", wrote(mention.WhatsApp, mention.DM, ago(90*24*time.Hour)), anna, 0, "", true},
		{"a group", wrote(mention.WhatsApp, mention.DM, ago(time.Hour), mention.FlagGroup), anna, fault.Invalid, "grupo", false},
		{"nobody to write to", nobody(wrote(mention.WhatsApp, mention.DM, ago(time.Hour))), anna, fault.Invalid, "a quién", false},
		{"typed in by hand", wrote(mention.WhatsApp, mention.DM, ago(time.Hour), mention.FlagManual), anna, fault.Invalid, "a mano", false},
		{"another network", wrote(mention.Facebook, mention.DM, ago(time.Hour)), anna, fault.Invalid, "son de WhatsApp", false},
		{"another network, after its window", wrote(mention.Instagram, mention.DM, ago(25*time.Hour)), anna, fault.Invalid, "24 horas", false},
		{"somebody else's case", wrote(mention.WhatsApp, mention.DM, ago(time.Hour)), beto, fault.Denied, "lo tiene", false},
		{"a denuncia", denounced, anna, fault.Conflict, "denuncia", false},
	} {
		may := tt.story.May(tt.by, nil, ticket.DefaultPolicy(), noon)["reply"].Private
		if may.Template != tt.told {
			t.Errorf("%s: told %t", tt.name, may.Template)
		}
		c, err := tt.story.PlanTemplate(tt.by, notice(), "Hola Ana.", ticket.DefaultPolicy(), noon, noon)
		if tt.says != "" {
			if fault.Of(err) != tt.kind || !strings.Contains(ticket.OptionOf(err).Why, tt.says) {
				t.Errorf("%s: %v, %q", tt.name, err, ticket.OptionOf(err).Why)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		r := c.Replies[0]
		if r.Text != "Hola Ana." || r.Template == nil || r.Template.Params[0] != "Ana" || r.Recipient != "s1.persona" || r.Visibility != post.Private || !r.Until.IsZero() {
			t.Errorf("%s: planned %+v", tt.name, r)
		}
		if c.Entry.Facts["template"] != "aviso_curso" || r.Over(noon.AddDate(1, 0, 0)) {
			t.Errorf("%s: entry %+v", tt.name, c.Entry)
		}
	}
}

// After the window the sentence says what is left to do; a template that failed may be tried again, where a text may not.
func TestStory_TemplateAfterTheWindow(t *testing.T) {
	s := wrote(mention.WhatsApp, mention.DM, noon.Add(-25*time.Hour))
	a := s.Answers(ticket.DefaultPolicy(), noon)[post.Private]
	if a.Allowed || !a.Template || !strings.Contains(a.Why, "24 horas") || !strings.Contains(a.Why, "plantilla") {
		t.Errorf("answer %+v", a)
	}
	says := notice()
	for _, tt := range []struct {
		template *post.Template
		allowed  bool
	}{{&says, true}, {nil, false}} {
		s.Replies = []ticket.Reply{{
			Ticket: s.Ticket.ID, ID: "r000002", Text: "Hola Ana.", Visibility: post.Private, State: ticket.ReplyRefused, Message: "m2", Template: tt.template, Rev: 3,
		}}
		c, err := s.Settle(anna, ticket.Settlement{Reply: "r000002", Outcome: ticket.OutcomeRetry}, ticket.DefaultPolicy(), noon)
		if (err == nil) != tt.allowed {
			t.Errorf("retried: %v", err)
		}
		if tt.allowed && (c.Replies[0].Template == nil || c.Replies[0].State != ticket.ReplyPlanned) {
			t.Errorf("retried as %+v", c.Replies[0])
		}
	}
}
