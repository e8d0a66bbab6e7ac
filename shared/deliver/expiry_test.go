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
	c = w.must(c.Classify(sara, ticket.Correction{Intent: classify.Felicitacion, Reason: "solo agradece"}, ticket.DefaultPolicy(), w.clock()))
	story, err := w.store.Story(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	c = w.must(story.Close(sara, "", w.clock()))
	w.at(c.Expires.Add(time.Hour))
	if err := w.handle(m); err != nil {
		t.Fatalf("Handle: %v", err)
	}
	if calls, _ := w.network.times(); calls != 0 {
		t.Errorf("%d calls for a case that is gone", calls)
	}
	if left := w.waiting(c.ID); len(left) != 0 {
		t.Errorf("still to do: %+v", left)
	}
}
