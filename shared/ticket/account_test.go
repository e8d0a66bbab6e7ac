package ticket_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// People are told once when an account stops by itself, and the matter goes when it goes on; what a person did they know.
func TestAccountStep(t *testing.T) {
	now := time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	working := channel.Channel{Ref: channel.Ref{Network: mention.LinkedIn, Account: "urn:li:organization:1"}, State: channel.Working, Rev: 3}
	with := func(change func(*channel.Channel)) channel.Channel {
		c := working
		c.Rev++
		change(&c)
		return c
	}
	dead := with(func(c *channel.Channel) { c.State, c.Reason = channel.Paused, channel.ReasonAuth })
	byHand := with(func(c *channel.Channel) { c.State, c.Reason, c.By = channel.Paused, channel.ReasonByHand, "supervisor" })
	closed := with(func(c *channel.Channel) { c.State, c.By = channel.Closed, "supervisor" })
	for _, c := range []struct {
		name           string
		was, is        channel.Channel
		raises, settle bool
	}{
		{"stops by itself", working, dead, true, false},
		{"never seen before, and stops", channel.Channel{}, dead, true, false},
		{"still stands still", dead, dead, false, false},
		{"goes on", dead, working, false, true},
		{"taken away", dead, closed, false, true},
		{"stopped by hand", working, byHand, false, false},
		{"stopped by hand, then by the network", byHand, dead, true, false},
		{"goes on as before", working, working, false, false},
	} {
		step := ticket.AccountStep(c.was, c.is, now)
		if step.Channel == nil || step.Channel.State != c.is.State || len(step.Raise) > 0 != c.raises || len(step.Send) > 0 != c.raises || len(step.Settle) > 0 != c.settle {
			t.Errorf("%s: %+v", c.name, step)
			continue
		}
		if !c.raises {
			continue
		}
		a, m := step.Raise[0], step.Send[0]
		if outbox.IsCase(a.Ticket) || a.Channel != c.is.String() || a.Reason != c.is.Reason || m.Subject != a.ID || m.Ticket != a.Ticket || m.Topic != outbox.Notify {
			t.Errorf("%s: the matter is %+v, its notice %+v", c.name, a, m)
		}
	}
	// What settles a matter names the one that was raised.
	raised, settled := ticket.AccountStep(working, dead, now).Raise[0], ticket.AccountStep(dead, working, now).Settle[0]
	if raised.Ticket != settled.Ticket || raised.ID != settled.ID {
		t.Errorf("raised as %s %s, settled as %s %s", raised.Ticket, raised.ID, settled.Ticket, settled.ID)
	}
}
