package ticket_test

import (
	"testing"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// becomes is the step by which a person gives the case another class.
func becomes(t *testing.T, c ticket.Ticket, by ticket.Actor, i classify.Intent) ticket.Change {
	t.Helper()
	change, err := c.Classify(by, ticket.Correction{Intent: i, Reason: "leí el caso entero", DueDate: c.DueDate, DueAt: c.DueAt}, ticket.DefaultPolicy(), noon)
	if err != nil {
		t.Fatalf("Classify: %v", err)
	}
	return change
}

// Each step tells who may know of it: those who see the case before it, and those who see it after.
func TestScope(t *testing.T) {
	secret := opened(result(classify.Denuncia, 0.99))
	plain := opened(result(classify.Consulta, 0.99))
	in := becomes(t, *plain.Ticket, anna, classify.Denuncia)
	claimed, err := in.Ticket.Claim(denun, noon)
	if err != nil {
		t.Fatal(err)
	}
	out := becomes(t, *claimed.Ticket, denun, classify.Sugerencia)
	again, err := out.Ticket.Claim(anna, noon)
	if err != nil {
		t.Fatalf("given back, and nobody can take it: %v", err)
	}
	raised := plain.Ticket.Append(mention.Event{Kind: mention.Comment, Key: "1_3", Text: "texto", At: noon}, result(classify.Denuncia, 0.99), "texto", ticket.DefaultPolicy(), noon, later, nil)
	tests := []struct {
		name string
		step ticket.Change
		want audit.Scope
	}{
		{"opened", plain, audit.Ordinary},
		{"opened as a denuncia", secret, audit.Restricted},
		{"becomes one", in, audit.Crossing},
		{"becomes one by what the person writes", raised, audit.Crossing},
		{"worked as one", claimed, audit.Restricted},
		{"confirmed as one", becomes(t, *secret.Ticket, denun, classify.Denuncia), audit.Restricted},
		{"stops being one", out, audit.Crossing},
		{"worked by the others", again, audit.Ordinary},
		{"of another class", becomes(t, *plain.Ticket, anna, classify.Sugerencia), audit.Ordinary},
	}
	var chain []audit.Entry
	for _, tt := range tests {
		if tt.step.Entry.Scope != tt.want {
			t.Errorf("%s: scope %q, want %q", tt.name, tt.step.Entry.Scope, tt.want)
		}
	}
	for _, step := range []ticket.Change{plain, in, claimed, out, again} {
		chain = append(chain, *step.Entry)
	}
	if err := audit.Verify(chain); err != nil {
		t.Error(err)
	}
}

// Who gives a case back to everybody does not keep it, unless they see it there too.
func TestClassify_OutOfDenunciaFreesIt(t *testing.T) {
	both := denun
	both.Roles = append([]ticket.Role{ticket.Supervisor}, denun.Roles...)
	for _, tt := range []struct {
		name          string
		holder, by    ticket.Actor
		state         ticket.State
		keepsAssignee bool
	}{
		{"by who holds it", denun, denun, ticket.Ingresado, false},
		{"by who sees both", both, both, ticket.EnAnalisis, true},
		{"by a second person", denun, both, ticket.Ingresado, false},
	} {
		c := held(t, classify.Denuncia, tt.holder)
		if tt.name == "by a second person" {
			tt.by.ID = "otra"
		}
		got := becomes(t, c, tt.by, classify.Consulta).Ticket
		if got.State != tt.state || (got.Assignee != "") != tt.keepsAssignee {
			t.Errorf("%s: %s, held by %q", tt.name, got.State, got.Assignee)
		}
	}
}

// Nobody reaches what they may not know of, and who answers for denuncias reaches nothing else.
func TestVisibleTo(t *testing.T) {
	plain, secret := *opened(result(classify.Consulta, 0.99)).Ticket, *opened(result(classify.Denuncia, 0.99)).Ticket
	for _, role := range ticket.Roles() {
		a := ticket.Actor{ID: "x", Roles: []ticket.Role{role}}
		if secret.VisibleTo(a) != (role == ticket.EncargadoDenuncia) {
			t.Errorf("%s sees a denuncia: %t", role, secret.VisibleTo(a))
		}
		reads := role != ticket.EncargadoDenuncia && role != ticket.Comunicaciones && role != ticket.TIAdmin && role != ticket.LectorPrograma
		if plain.VisibleTo(a) != reads {
			t.Errorf("%s sees a consulta: %t", role, plain.VisibleTo(a))
		}
	}
}

// A filing that nobody knows the outcome of is looked for again by a person only when nobody looks for it any more.
func TestEscalate_Unknown(t *testing.T) {
	c := held(t, classify.Reclamo, anna)
	c.SIAC = ticket.SIAC{State: ticket.FilingUnknown, Reason: ticket.RuleSure, Message: "m", Due: later}
	if _, err := c.Escalate(anna, ticket.DefaultPolicy(), noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("while it is looked for: %v", err)
	}
	c.SIAC.Message = ""
	step, err := c.Escalate(anna, ticket.DefaultPolicy(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if s := step.Ticket.SIAC; s.State != ticket.FilingUnknown || s.Reason != ticket.RuleSure || len(step.Send) != 1 || s.Message != step.Send[0].ID ||
		!step.Send[0].Doubt || step.Send[0].Topic != "siac.check" || !step.Send[0].Due.Equal(noon) || len(step.Settle)+len(step.Cancel) != 0 {
		t.Errorf("planned %+v, %+v", s, step.Send)
	}
	if step.Entry.Kind != audit.EscalationSought || step.Entry.Actor != anna.ID {
		t.Errorf("the bitácora says %+v", step.Entry)
	}
	secret := *becomes(t, c, jefa, classify.Denuncia).Ticket
	for _, by := range []ticket.Actor{anna, jefa, denun} {
		if _, err := secret.Escalate(by, ticket.DefaultPolicy(), noon); err == nil {
			t.Errorf("%s sends a denuncia to SIAC", by.ID)
		}
	}
}
