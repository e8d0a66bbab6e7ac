package deliver_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// An approved text goes out whenever the person last wrote, said as one and billed as one.
func TestPublish_Template(t *testing.T) {
	w := newWorld(t)
	c, _ := w.planned(func(e *mention.Event) { e.Network, e.Kind, e.Recipient = mention.WhatsApp, mention.DM, "persona-9" })
	s := w.Proven(c.ID)
	w.Must(s.Ticket.Undo(worker.Ana(), &s.Replies[0], w.Clock()))
	w.At(w.Clock().Add(48 * time.Hour))
	s = w.Proven(c.ID)
	if _, err := s.PlanReply(worker.Ana(), answer, post.Private, ticket.DefaultPolicy(), w.Clock(), w.Clock()); err == nil {
		t.Fatal("a text of ours was planned after the window")
	}
	says := post.Template{Name: "aviso_curso", Language: "es_CL", Params: []string{"Ana"}}
	change, err := s.PlanTemplate(worker.Ana(), says, "Hola Ana.", ticket.DefaultPolicy(), w.Clock(), w.Clock())
	w.Must(change, err)
	m := change.Send[0]
	for range 2 {
		if err := w.Handle(m); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.seen(c.ID); got.State != ticket.ReplySent || got.Case != ticket.Respondido {
		t.Errorf("seen %+v", got)
	}
	if calls, _ := w.network.times(); calls != 1 || len(w.network.templates) != 1 || w.network.templates[0] == nil || w.network.templates[0].Name != says.Name {
		t.Errorf("%d calls, said as %+v", calls, w.network.templates)
	}
	ref := channel.Ref{Network: mention.WhatsApp, Account: page().Account}
	if day, _ := w.accounts.Spent(t.Context(), ref, w.Clock().Format(time.DateOnly)); day.Total() != channel.Price(mention.WhatsApp, channel.CostTemplate) || day.Total() == 0 {
		t.Errorf("spent %+v", day)
	}
}
