package intake_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

const person = "80000001"

// ana works cases; dora answers for denuncias.
func ana() ticket.Actor {
	return ticket.Actor{ID: "ejecutivo1", Name: "Ana Ficticia", Roles: []ticket.Role{ticket.CommunityManager}}
}

func dora() ticket.Actor {
	return ticket.Actor{ID: "denuncias", Name: "Dora Ficticia", Roles: []ticket.Role{ticket.EncargadoDenuncia}}
}

// step commits what a transition gives.
func (w *world) step(c ticket.Change, err error) ticket.Ticket {
	w.Helper()
	if err == nil {
		err = w.store.Store.Commit(w.Context(), c)
	}
	if err != nil {
		w.Fatal(err)
	}
	return *c.Ticket
}

// answered gives the case of the item after ana said something in public, which the network has.
func (w *world) answered(key string) ticket.Ticket {
	w.Helper()
	t := w.step(w.must(key).Ticket.Claim(ana(), noon()))
	c, err := t.PlanReply(ana(), "Hola. Ya lo vemos.", post.Public, noon(), noon())
	t = w.step(c, err)
	return w.step(t.ReplySentStep(c.Replies[0], c.Send[0].Ref(), "remoto-1", noon(), noon()), nil)
}

func later(n int) func(*mention.Event) { return at(noon().Add(time.Duration(n-9) * time.Minute)) }

func TestCase_FurtherMention(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", consulta))
	open := w.must("i1").Ticket
	w.hears(said(person, "i2", consulta+" ¿Y dónde?", later(1)))
	s := w.must("i2")
	if s.Ticket.ID != open.ID || s.Ticket.Mentions != 2 || s.Ticket.State != ticket.Ingresado || s.Ticket.Target != "i2" || s.Ticket.First != "i1" {
		t.Errorf("the open case = %+v", s.Ticket)
	}
	if s.Ticket.DueDate != open.DueDate || !s.Ticket.OpenedAt.Equal(open.OpenedAt) {
		t.Errorf("a further mention moved the term to %s, the entry to %s", s.Ticket.DueDate, s.Ticket.OpenedAt)
	}
	for name, other := range map[string]mention.Event{
		"another person": said("80000002", "o1", consulta),
		"another thread": said(person, "o2", consulta, func(e *mention.Event) { e.Thread = "otra publicacion" }),
		"another page":   said(person, "o3", consulta, func(e *mention.Event) { e.Account = "100000000000002" }),
		"nobody known":   said(person, "o4", consulta, func(e *mention.Event) { e.Author = nil }),
		"nobody again":   said(person, "o5", consulta, func(e *mention.Event) { e.Author = nil }),
	} {
		w.hears(other)
		if got := w.must(other.Key).Ticket; got.ID == open.ID || got.Mentions != 1 {
			t.Errorf("%s: case %s with %d mentions", name, got.ID, got.Mentions)
		}
	}
	if n := w.count("OPEN"); n != 6 {
		t.Errorf("%d conversations, want 6", n)
	}
}

func TestCase_FurtherMentionWhileHeld(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", consulta))
	w.step(w.must("i1").Ticket.Claim(ana(), noon()))
	w.hears(said(person, "i2", consulta, later(1)))
	if got := w.must("i1").Ticket; got.State != ticket.EnAnalisis || got.Assignee != ana().ID || got.Mentions != 2 {
		t.Errorf("held case = %s %s with %d mentions", got.State, got.Assignee, got.Mentions)
	}
}

func TestCase_AnsweredComesBack(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", consulta))
	before := w.answered("i1")
	w.hears(said(person, "i2", "No me sirvió", later(1)))
	got := w.must("i1").Ticket
	if got.State != ticket.Reabierto || got.Assignee != "" || got.AssigneeName != "" || !got.AnsweredAt.Equal(before.AnsweredAt) {
		t.Errorf("after the person came back: %s held by %q, answered %s", got.State, got.Assignee, got.AnsweredAt)
	}
	kinds := w.kinds(got.ID)
	if kinds[len(kinds)-1] != "ticket.reopened" {
		t.Errorf("history = %v", kinds)
	}
}

func TestCase_AfterClosingANewOne(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", felicitacion))
	closed := w.step(w.must("i1").Close(ana(), "", noon()))
	w.hears(said(person, "i2", consulta, later(1)))
	if got := w.must("i2").Ticket; got.ID == closed.ID || got.State != ticket.Ingresado {
		t.Errorf("after closing: case %s in %s", got.ID, got.State)
	}
	w.hears(said(person, "i1", felicitacion)) // the old item again
	if n := w.count("T"); n != 2 {
		t.Errorf("%d cases, want 2", n)
	}
}

// A case is raised when the person says something graver, never lowered; what a person decided stays.
func TestCase_Raised(t *testing.T) {
	tests := []struct {
		name   string
		first  string
		meanwh func(*world, ticket.Ticket)
		then   string
		class  classify.Intent
		filing ticket.Filing
		reason string
		left   int // messages planned at the end
	}{
		{"a question, then a complaint", consulta, nil, reclamo, classify.Reclamo, ticket.Pending, ticket.RuleSure, 1},
		{"a question, then a doubtful complaint", consulta, nil, dudoso, classify.Reclamo, ticket.Pending, ticket.RuleDoubt, 1},
		{"a complaint, then a question", reclamo, nil, consulta, classify.Reclamo, ticket.Pending, ticket.RuleSure, 1},
		{"a complaint, then a complaint", reclamo, nil, reclamo, classify.Reclamo, ticket.Pending, ticket.RuleSure, 1},
		{"a complaint, then a denuncia", reclamo, nil, denuncia, classify.Denuncia, ticket.NotApplicable, ticket.NotDenuncia, 0},
		{"a denuncia, then a complaint", denuncia, nil, reclamo, classify.Denuncia, ticket.NotApplicable, ticket.NotDenuncia, 0},
		{"praise, then a question", felicitacion, nil, consulta, classify.Felicitacion, ticket.NotFiled, "", 0},
		{
			"undone by a person", reclamo, func(w *world, t ticket.Ticket) { w.step(t.Undo(ana(), nil, noon())) }, reclamo,
			classify.Reclamo, ticket.NotFiled, ticket.Undone, 0,
		},
		{
			"sent by a person and undone", consulta, func(w *world, t ticket.Ticket) {
				t = w.step(t.Escalate(ana(), ticket.DefaultPolicy(), noon()))
				w.step(t.Undo(ana(), nil, noon()))
			}, reclamo,
			classify.Consulta, ticket.NotFiled, ticket.Undone, 0,
		},
		{"decided by a person", consulta, func(w *world, t ticket.Ticket) {
			w.step(t.Classify(ana(), ticket.Correction{Intent: classify.Sugerencia, DueDate: t.DueDate, DueAt: t.DueAt}, ticket.DefaultPolicy(), noon()))
		}, reclamo, classify.Sugerencia, ticket.NotFiled, "", 0},
		{"filed already", reclamo, func(w *world, t ticket.Ticket) {
			w.step(t.FiledStep(outbox.Ref{Ticket: t.ID, ID: t.SIAC.Message}, "F-1", noon()), nil)
		}, denuncia, classify.Reclamo, ticket.Filed, ticket.RuleSure, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.hears(said(person, "i1", tt.first))
			if tt.meanwh != nil {
				tt.meanwh(w, w.must("i1").Ticket)
			}
			w.hears(said(person, "i2", tt.then, later(1)))
			got := w.must("i1").Ticket
			if got.Intent.Final != tt.class || got.SIAC.State != tt.filing || got.SIAC.Reason != tt.reason || got.Mentions != 2 {
				t.Errorf("case = %s, SIAC %+v, %d mentions; want %s %s %q", got.Intent.Final, got.SIAC, got.Mentions, tt.class, tt.filing, tt.reason)
			}
			due, err := w.store.Due(t.Context(), noon().AddDate(1, 0, 0), 0)
			if err != nil || len(due) != tt.left {
				t.Fatalf("%d messages planned, want %d; %v", len(due), tt.left, err)
			}
			if tt.left == 1 && (due[0].Topic != outbox.File || due[0].ID != got.SIAC.Message || !due[0].Due.Equal(got.SIAC.Due)) {
				t.Errorf("planned %+v, the case says %+v", due[0], got.SIAC)
			}
			w.kinds(got.ID)
		})
	}
}

// What somebody asks within an open case is about that case: it is somebody's own matter, whatever little the words say.
func TestCase_AskedWithin(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", "¿Cuándo es la feria laboral?"))
	if got := w.must("i1").Ticket.Urgency; got != classify.Baja {
		t.Fatalf("alone: %s", got)
	}
	w.hears(said(person, "i2", "¿Y la feria de Talca?", later(1)))
	if got := w.must("i1").Ticket.Urgency; got != classify.Media {
		t.Errorf("within the case: %s", got)
	}
}

// What becomes a denuncia leaves the hands it was in: who held it may not see it, and who answers for denuncias takes it.
func TestCase_RaisedToDenunciaWhileHeld(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"held":     func(w *world) { w.step(w.must("i1").Ticket.Claim(ana(), noon())) },
		"answered": func(w *world) { w.answered("i1") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.hears(said(person, "i1", consulta))
			prepare(w)
			w.hears(said(person, "i2", denuncia, later(1)))
			got := w.must("i1").Ticket
			if !got.State.Waiting() || got.Assignee != "" || got.VisibleTo(ana()) {
				t.Errorf("the denuncia is %s, held by %q", got.State, got.Assignee)
			}
			if _, err := got.Claim(dora(), noon()); err != nil {
				t.Errorf("who answers for denuncias cannot take it: %v", err)
			}
		})
	}
}

// A denuncia is never filed by itself, and neither is praise.
func TestCase_NotFiled(t *testing.T) {
	w := newWorld(t)
	w.hears(said(person, "i1", denuncia), said("80000002", "i2", felicitacion), said("80000003", "i3", consulta))
	if n := w.count("O#"); n != 0 {
		t.Errorf("%d messages planned", n)
	}
	if got := w.must("i1").Ticket; got.Intent.Final != classify.Denuncia || got.SIAC.State != ticket.NotApplicable {
		t.Errorf("denuncia = %s, SIAC %+v", got.Intent.Final, got.SIAC)
	}
}

// What is no word of a person opens nothing by itself; on an open case it is shown.
func TestCase_StickersAndButtons(t *testing.T) {
	private := func(e *mention.Event) { e.Kind = mention.DM }
	silent := map[string]mention.Event{
		"a sticker":        said(person, "s1", "👍", is(mention.Thread), private, func(e *mention.Event) { e.Flags = []string{mention.FlagSticker} }),
		"a pressed button": said(person, "s2", "Empezar", is(mention.Thread), private, func(e *mention.Event) { e.Flags = []string{mention.FlagPostback} }),
		"nothing written":  said(person, "s3", "", is(mention.Thread), private),
	}
	w := newWorld(t)
	for name, e := range silent {
		w.hears(e)
		if n := len(w.items()); n != 0 {
			t.Errorf("%s wrote %d items", name, n)
		}
	}
	w.hears(said(person, "i1", consulta, private))
	for name, e := range silent {
		w.hears(e)
		if got := w.must(e.Key); got.Ticket.ID != w.must("i1").Ticket.ID {
			t.Errorf("%s did not reach the open case", name)
		}
	}
	spoken := said("80000002", "t1", consulta, is(mention.Thread), private)
	w.hears(spoken)
	if _, has := w.story("t1"); !has {
		t.Error("words in a thread without a case opened none")
	}
}

// What nobody said to us is counted and writes nothing.
func TestCase_WritesNothing(t *testing.T) {
	w := newWorld(t)
	for _, o := range []mention.Outcome{
		mention.Own, mention.Reaction, mention.Metric, mention.Moderation, mention.Status, mention.Ops, mention.Alert, mention.Ignore,
	} {
		w.hears(said(person, "n-"+string(o), reclamo, is(o)))
		if got := w.outcomes(o); got != 1 {
			t.Errorf("%s counted %d times", o, got)
		}
	}
	if n := len(w.items()); n != 0 {
		t.Errorf("%d items written", n)
	}
}

// Events of one delivery are worked in the order of the network's time, an item before its edit, its edit before its
// withdrawal.
func TestOrder(t *testing.T) {
	w := newWorld(t)
	v := item(person, "i1", consulta, consulta+" 1")
	for i := range v {
		v[i].At = noon().Add(-time.Hour) // the same second
	}
	gone := withdrawal(person, "i1")
	gone.At = v[0].At
	events := append(v, gone)
	slices.Reverse(events)
	w.hears(events...)
	if diff := cmp.Diff([]string{"ticket.opened", "mention.edited", "mention.deleted"}, w.kinds(w.must("i1").Ticket.ID)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}
