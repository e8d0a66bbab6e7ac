package deliver_test

import (
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// What its network does not take any more when its time comes goes back to the person without a call.
func TestPublish_TextNoLongerTaken(t *testing.T) {
	w := newWorld(t)
	consulta := classify.Result{Intent: classify.Consulta, Probabilities: map[classify.Intent]float64{classify.Consulta: 1}}
	c := *w.Open("texto", consulta, ticket.DefaultPolicy()).Ticket
	c = w.Must(c.Claim(worker.Ana(), w.Clock()))
	plan, err := c.PlanReply(worker.Ana(), strings.Repeat("a", 8001), post.Public, w.Clock(), w.Clock())
	c = w.Must(plan, err)
	w.Run(c.ID, 5)
	ends(w, c.ID, seen{State: ticket.ReplyRefused, Reason: "text", Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyRefused}}, 0)
}
