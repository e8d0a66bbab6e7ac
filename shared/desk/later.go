package desk

import (
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// mostAhead is how far ahead a reply may be meant to go out.
const mostAhead = 90 * 24 * time.Hour

// fieldSendAt is what a wrong moment of a reply is told under.
const fieldSendAt = "sendAt"

// sendAt is when a reply leaves: when it was asked for, or once it can no longer be undone. Its network must still take it then.
func (d *Desk) sendAt(s ticket.Story, o order, now time.Time) (time.Time, error) {
	const op = "desk.sendAt"
	m, err := readMoment(fieldSendAt, o.SendAt)
	switch {
	case err != nil:
		return time.Time{}, err
	case m.Now || m.At.IsZero():
		return now.Add(time.Duration(o.UndoSeconds) * time.Second), nil
	case !m.At.After(now):
		return time.Time{}, fault.Reject(op, fieldSendAt, "La hora elegida ya pasó. Elige otra.")
	case m.At.After(now.Add(mostAhead)):
		return time.Time{}, fault.Reject(op, fieldSendAt, "Una respuesta se programa con hasta 90 días de anticipación.")
	}
	a := s.Answers(d.cfg.Policy, now)[o.Visibility]
	if o.Template == nil && a.Allowed && !a.Until.IsZero() && !m.At.Before(a.Until) {
		zone, err := calendar.ZoneOf(fieldSendAt, "")
		if err != nil {
			return time.Time{}, err
		}
		return time.Time{}, fault.Reject(op, fieldSendAt, "A esa hora la red ya no deja responder: se puede hasta el "+
			a.Until.In(zone).Format("02-01-2006")+" a las "+a.Until.In(zone).Format("15:04")+" (hora de Santiago). Elige una hora anterior.")
	}
	return m.At, nil
}

// laterNote explains the hour of a reply that is meant for later, where the clock shows it twice that night.
func laterNote(r ticket.Reply) string {
	if r.At.IsZero() || r.State != ticket.ReplyPlanned {
		return ""
	}
	zone, err := calendar.ZoneOf(fieldSendAt, "")
	if err != nil {
		return ""
	}
	_, fold, err := calendar.Resolve(fieldSendAt, r.At.In(zone).Format(calendar.WallSecond), zone, false)
	if err != nil {
		return ""
	}
	return fold.Note(zone, fold.Twice() && !r.At.Before(fold.Second))
}

// undoable gives the reply that undo is about when nobody says which. One that is on its way counts: it can no longer be undone,
// but neither may undo fall through to the filing, which the person did not mean. One that is meant for later counts only when
// there is no filing to undo: it was not the last thing the person did.
func undoable(s ticket.Story) *ticket.Reply {
	var later *ticket.Reply
	for i := len(s.Replies) - 1; i >= 0; i-- {
		r := &s.Replies[i]
		switch waits := r.State == ticket.ReplyPlanned || r.State == ticket.ReplyClaimed; {
		case waits && r.At.IsZero():
			return r
		case waits && later == nil:
			later = r
		}
	}
	if s.Ticket.SIAC.State == ticket.Pending {
		return nil
	}
	return later
}

// cancelled takes back a reply that waits, by its id.
func cancelled(s ticket.Story, by ticket.Actor, id string, now time.Time) (ticket.Change, error) {
	i := slices.IndexFunc(s.Replies, func(r ticket.Reply) bool { return r.ID == id })
	if i < 0 {
		return ticket.Change{}, fault.Reject("desk.cancelled", "reply", "Esa respuesta no está en el caso.")
	}
	return s.Ticket.Undo(by, &s.Replies[i], now)
}
