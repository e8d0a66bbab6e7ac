package channel

import (
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/fault"
)

// Pause stops what goes out by the word of a person; what waits is kept.
func (c Channel) Pause(by string, now time.Time) (Channel, error) {
	const op = "channel.Pause"
	switch c.State {
	case Paused:
		return c, fault.Say(fault.Conflict, op, "La cuenta ya está en pausa.")
	case Closed:
		return c, fault.Say(fault.Conflict, op, "La cuenta está desconectada: no sale nada por ella.")
	case Working:
		return c.put(Paused, ReasonByHand, by, now), nil
	default:
		return c, unconnected(op)
	}
}

// Resume lets things go out again. What the network itself must mend first is mended by connecting again, not by a word.
func (c Channel) Resume(by string, now time.Time) (Channel, error) {
	const op = "channel.Resume"
	switch c.State {
	case Working:
		return c, fault.Say(fault.Conflict, op, "La cuenta no está en pausa.")
	case Closed:
		return c, fault.Say(fault.Conflict, op, "La cuenta está desconectada: conéctala de nuevo.")
	case Paused:
		if c.NeedsHands() {
			return c, fault.Say(fault.Conflict, op, "La red no aceptará nada hasta que conectes la cuenta de nuevo.")
		}
		return c.put(Working, "", by, now), nil
	default:
		return c, unconnected(op)
	}
}

// Close takes the account away: nothing goes out any more, and its keys are to be dropped.
func (c Channel) Close(by string, now time.Time) (Channel, error) {
	const op = "channel.Close"
	switch c.State {
	case Closed:
		return c, fault.Say(fault.Conflict, op, "La cuenta ya está desconectada.")
	case Working, Paused:
		return c.put(Closed, ReasonByHand, by, now), nil
	default:
		return c, unconnected(op)
	}
}

// Look reports whether it makes sense to look at the account now.
func (c Channel) Look() error {
	const op = "channel.Look"
	switch c.State {
	case Working, Paused:
		return nil
	case Closed:
		return fault.Say(fault.Conflict, op, "La cuenta está desconectada: no hay qué revisar.")
	default:
		return unconnected(op)
	}
}

// NeedsHands reports whether the account works again only after a person has connected it anew.
func (c Channel) NeedsHands() bool {
	return c.State == Paused && slices.Contains([]string{ReasonAuth, ReasonRevoked, ReasonPermission}, c.Reason)
}

func (c Channel) put(to State, reason, by string, now time.Time) Channel {
	c.State, c.Reason, c.By, c.Since = to, reason, by, now.UTC()
	c.Rev++
	return c
}

// unconnected is the answer for an account of which nothing is known yet.
func unconnected(op string) error {
	return fault.Say(fault.Conflict, op, "La cuenta todavía no está conectada.")
}
