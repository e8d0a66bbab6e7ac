package deliver_test

import (
	"slices"
	"testing"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// under plans an answer to a comment that hangs on another one, or on none.
func (w *world) under(parent string) (id string, m outbox.Message) {
	w.Helper()
	c, first := w.planned(func(e *mention.Event) { e.Parent = parent })
	s := w.Proven(c.ID)
	w.Must(s.Ticket.Undo(worker.Ana(), &s.Replies[0], w.Clock()))
	s = w.Proven(c.ID)
	change, err := s.PlanReply(worker.Ana(), answer, post.Public, ticket.DefaultPolicy(), w.Clock(), w.Clock())
	w.Must(change, err)
	if _, _, found, _ := w.Store.Message(w.Context(), first.Ref()); found {
		w.Fatal("the first answer waits still")
	}
	return c.ID, change.Send[0]
}

// The name of an answer whose network tells of it elsewhere is remembered before it is recorded as sent, also when it is found
// only by looking; of other answers nothing is remembered, and what cannot be remembered fails nothing.
func TestPublish_Aside(t *testing.T) {
	for name, tt := range map[string]struct {
		parent string
		script []scripted
		want   []string
	}{
		"under a comment of the post": {"", nil, []string{"sent"}},
		"under an answer":             {"1_7", nil, []string{"name", "sent"}},
		"found by looking":            {"1_7", []scripted{perhaps(true)}, []string{"name", "sent"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.network.script = tt.script
			id, m := w.under(tt.parent)
			var order []string
			w.Store.Set(func(c ticket.Change) error {
				switch {
				case c.Seen != nil:
					order = append(order, "name")
				case len(c.Replies) == 1 && c.Replies[0].State == ticket.ReplySent:
					order = append(order, "sent")
				}
				return nil
			}, nil)
			if err := w.Handle(m); err != nil {
				t.Fatal(err)
			}
			w.Run(id, 20, outbox.Notify)
			if !slices.Equal(order, tt.want) {
				t.Errorf("written: %v, want %v", order, tt.want)
			}
			seen, found, err := w.Store.Seen(t.Context(), mention.Facebook, "remoto-1")
			if err != nil || found != (tt.parent != "") || found && (seen.Ticket != id || seen.Reply != w.Proven(id).Replies[1].ID) {
				t.Errorf("remembered %+v, %t, %v", seen, found, err)
			}
		})
	}
	w := newWorld(t)
	id, m := w.under("1_7")
	w.Store.Set(func(c ticket.Change) error {
		if c.Seen != nil {
			return worker.Crash()
		}
		return nil
	}, nil)
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	if got := w.seen(id); got.State != ticket.ReplySent {
		t.Errorf("the reply is %s", got.State)
	}
}
