package deliver_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// message opens a case of a message that ana holds and answered in private: the reply waits, due now.
func (w *world) message() (ticket.Reply, outbox.Message) {
	w.Helper()
	t, _ := w.planned(func(e *mention.Event) { e.Kind, e.Recipient = mention.DM, "persona-9" })
	story, err := w.Store.Story(w.Context(), t.ID)
	if err != nil {
		w.Fatal(err)
	}
	return story.Replies[0], w.next(t.ID)[0]
}

// A private answer is called while its window is open, to the person; after it, nothing is called, the text goes back to
// who wrote it, and no second try changes that.
func TestPublish_Window(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name  string
		after time.Duration // of the end of the window
		want  seen
		calls int
	}{
		{"a second before", -time.Second, seen{State: ticket.ReplySent, Remote: "remoto-1", Case: ticket.Respondido}, 1},
		{"at its end", 0, seen{State: ticket.ReplyExpired, Reason: "window", Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyExpired}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.reset()
			r, m := w.message()
			if r.Visibility != post.Private || r.Recipient != "persona-9" || r.Until.IsZero() {
				t.Fatalf("planned %+v", r)
			}
			w.At(r.Until.Add(tt.after))
			for range 2 {
				if err := w.Handle(m); err != nil {
					t.Fatalf("Handle: %v", err)
				}
			}
			if diff := cmp.Diff(tt.want, w.seen(r.Ticket)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if calls, _ := w.network.times(); calls != tt.calls {
				t.Errorf("%d calls, want %d", calls, tt.calls)
			}
			if left := w.next(r.Ticket); len(left) != 0 {
				t.Errorf("still to do: %+v", left)
			}
		})
	}
}
