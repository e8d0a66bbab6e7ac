package deliver_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/ticket"
)

// A message whose case is kept no longer says nothing and ends: it would be handed over for ever otherwise.
func TestExpiry_CaseIsGone(t *testing.T) {
	w := newWorld(t)
	c, m := w.planned()
	sara := ticket.Actor{ID: "supervisor", Name: "Sara Ficticia", Roles: []ticket.Role{ticket.Supervisor}}
	c = w.Must(c.Classify(sara, ticket.Correction{Intent: classify.Felicitacion, Reason: "solo agradece"}, ticket.DefaultPolicy(), w.Clock()))
	story, err := w.Store.Story(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	c = w.Must(story.Close(sara, "", w.Clock()))
	w.At(c.Expires.Add(time.Hour))
	if err := w.Handle(m); err != nil {
		t.Fatalf("Handle: %v", err)
	}
	if calls, _ := w.network.times(); calls != 0 {
		t.Errorf("%d calls for a case that is gone", calls)
	}
	if left := w.Waiting(c.ID); len(left) != 0 {
		t.Errorf("still to do: %+v", left)
	}
}
