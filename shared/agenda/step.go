package agenda

import (
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// system acts where nobody's hand did.
func system() ticket.Actor { return ticket.Actor{ID: audit.System} }

// step is the step from one state of a post to another, with its entry.
func step(was, to post.Post, kind audit.Kind, by ticket.Actor, reason string, facts map[string]string, now time.Time) ticket.Change {
	to.Version = was.Version + 1
	to.UpdatedAt = now.UTC()
	entry := audit.Entry{
		Ticket: to.Cause(), Version: to.Version, At: now, Actor: by.ID, ActorName: by.Name, Kind: kind, Reason: reason, Facts: facts,
		From: string(was.State), To: string(to.State), Scope: audit.OfPosts,
	}.Seal(was.Head)
	to.Head = entry.Hash
	return ticket.Change{Post: &to, Logged: []audit.Entry{entry}}
}

// moved is the step of one target, with its entry.
func moved(was, to post.Target, kind audit.Kind, by ticket.Actor, reason string, now time.Time) ticket.Change {
	to.Rev, to.Version = was.Rev+1, was.Version+1
	facts := map[string]string{}
	if to.RemoteID != "" && to.RemoteID != was.RemoteID {
		facts["remote"] = to.RemoteID
	}
	entry := audit.Entry{
		Ticket: to.Chain(), Version: to.Version, At: now, Actor: by.ID, ActorName: by.Name, Kind: kind, Reason: reason, Facts: facts,
		From: string(was.State), To: string(to.State), Scope: audit.OfPosts,
	}.Seal(was.Head)
	to.Head = entry.Hash
	return ticket.Change{Targets: []post.Target{to}, Logged: []audit.Entry{entry}}
}

// matter is something about a post, or one of its targets, that waits for a person.
func matter(p post.Post, kind, target, reason string, now time.Time) ticket.Attention {
	return about(p.Cause(), kind, target, reason, now)
}

func about(cause, kind, target, reason string, now time.Time) ticket.Attention {
	id := kind + "-post"
	if target != "" {
		id = kind + "-" + target
	}
	return ticket.Attention{Ticket: cause, ID: id, Kind: kind, Reason: reason, At: now.UTC()}
}

// raise gives a matter to a person, who is told of it by e-mail; word makes the message's id one of its own. Its id names the post,
// like that of every message: a queue knows messages apart by their ids alone.
func raise(change ticket.Change, a ticket.Attention, word string) ticket.Change {
	id, _ := outbox.PostOf(a.Ticket)
	m := outbox.New(id+"-aviso-"+word, outbox.Notify, a.Ticket, a.ID, a.Ticket+"/avisos", a.At)
	m.Channel = a.Channel
	change.Raise, change.Send = append(change.Raise, a), append(change.Send, m)
	return change
}
