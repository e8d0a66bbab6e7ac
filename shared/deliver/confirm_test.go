package deliver_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// The longer window is asked for when it is needed, and decided when the reply leaves.
func TestPublish_Extended(t *testing.T) {
	policy := ticket.DefaultPolicy()
	policy.HumanAgent = true
	for name, after := range map[string]time.Duration{"within the day": 22 * time.Hour, "later": 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r, _ := w.message()
			s := w.Proven(r.Ticket)
			w.Must(s.Ticket.Undo(worker.Ana(), &s.Replies[0], w.Clock()))
			w.At(worker.Noon().Add(after))
			s = w.Proven(r.Ticket)
			c, err := s.PlanReply(worker.Ana(), "Hola.", post.Private, policy, w.Clock(), w.Clock())
			w.Must(c, err)
			if err := w.Handle(c.Send[0]); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]bool{name == "later"}, w.network.extended); diff != "" {
				t.Errorf("%s (-want +got)\n%s", fmt.Sprint(w.seen(r.Ticket)), diff)
			}
		})
	}
}

// The network tells of a reply before its call has returned: it is sent, and stays so whatever the call says afterwards.
func TestPublish_ConfirmedMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.network.script = []scripted{perhaps(true)}
	c, m := w.planned()
	w.Store.Set(worker.First(worker.Settles, func() error {
		s := w.Proven(c.ID)
		echo := s.Ticket.ReplySentStep(s.Replies[0], m.Ref(), "remoto-1", w.Clock(), w.Clock())
		echo.Replies[0].ClaimedAt = time.Time{}
		echo.Done = nil
		w.Must(echo, nil)
		return nil
	}), nil)
	if err := w.Handle(m); err != nil {
		t.Fatal(err)
	}
	ends(w, c.ID, seen{State: ticket.ReplySent, Remote: "remoto-1", Case: ticket.Respondido}, 1)
}

// A network says that it has the text already: what stood there before the call is found too, or a person looks.
func TestVerify_Duplicate(t *testing.T) {
	for _, tt := range []struct {
		name  string
		there bool
		want  seen
	}{
		{"it is ours, from an earlier try", true, seen{State: ticket.ReplySent, Remote: "remoto-1", Case: ticket.Respondido}},
		{"it is not there", false, seen{State: ticket.ReplyUnknown, Reason: "duplicate", Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyUnknown}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			c, m := w.planned()
			if tt.there {
				w.network.said = []ticket.Reply{{Author: c.Account, Target: c.Target, Text: answer, SentAt: w.Clock().Add(-time.Hour), RemoteID: "remoto-1"}}
			}
			w.network.script = []scripted{{err: saying(fault.Uncertain, "duplicate"), stands: "remoto-1"}}
			if err := w.Handle(m); err != nil {
				t.Fatal(err)
			}
			w.Run(c.ID, 50)
			ends(w, c.ID, tt.want, 1)
			if w.network.stands != "remoto-1" {
				t.Errorf("looked first at %q", w.network.stands)
			}
		})
	}
}

// Nobody looks through an account that is paused or gone: the first waits for it, the second is a person's.
func TestVerify_Account(t *testing.T) {
	w := newWorld(t)
	c := w.lost(true)
	w.page(in(channel.Paused, channel.ReasonAuth))
	w.pass(c.ID, time.Hour)
	if len(w.network.lookups) != 0 || w.seen(c.ID).State != ticket.ReplyUnknown || len(w.seen(c.ID).Raised) != 0 {
		t.Errorf("paused: %d looks, %+v", len(w.network.lookups), w.seen(c.ID))
	}
	w.page(in(channel.Working, ""))
	w.pass(c.ID, time.Hour)
	ends(w, c.ID, seen{State: ticket.ReplySent, Remote: "remoto-1", Case: ticket.Respondido}, 1)

	c = w.lost(true)
	w.page(in(channel.Closed, channel.ReasonByHand))
	w.pass(c.ID, 10*time.Minute)
	w.Run(c.ID, 5)
	ends(w, c.ID, seen{State: ticket.ReplyUnknown, Reason: "codigo_uncertain", Case: ticket.EnAnalisis, Raised: []string{ticket.MatterReplyUnknown}}, 1)
	if len(w.network.lookups) != 0 {
		t.Errorf("closed: %d looks", len(w.network.lookups))
	}
}

// A look that the network does not let in pauses the account too.
func TestVerify_Auth(t *testing.T) {
	w := newWorld(t)
	c := w.lost(true)
	w.network.looks = []error{saying(fault.Denied, "auth")}
	w.pass(c.ID, time.Minute)
	if w.page().State != channel.Paused || w.seen(c.ID).State != ticket.ReplyUnknown {
		t.Errorf("%+v, %+v", w.page(), w.seen(c.ID))
	}
}
