package agenda

import (
	"slices"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Plan is a post with its ways out to the networks, by name. People are those its template goes to, as whoever approves it finds
// them; nobody else has to fill them in.
type Plan struct {
	Post    post.Post
	Targets []post.Target
	People  []Person
}

// Person is somebody a template goes to: their case, their sealed id, and the account of ours that they wrote to.
type Person struct{ Case, Recipient, Account string }

// MostPeople is how many people one post's template may go to: all of them are planned in one step.
const MostPeople = 20

// plan gives the approved post of the change its targets.
func (p Plan) plan(change ticket.Change, by ticket.Actor, accounts mention.Accounts, now time.Time) (ticket.Change, error) {
	to := *change.Post
	targets, err := p.ways(to, accounts)
	if err != nil {
		return change, err
	}
	for _, next := range targets {
		was, _ := p.target(next.Name())
		next.Rev, next.Version, next.Head = was.Rev, was.Version, was.Head
		next.Post, next.State, next.Digest, next.At = to.ID, post.Planned, to.Approval.Digest, to.PublishAt.At
		m := first(next, len(to.For(next.Network).Media) > 0, to.Version, now)
		next.Message, next.Due = m.ID, m.Due
		change = change.With(moved(was, next, audit.PostPlanned, by, "", now))
		change.Send = append(change.Send, m)
	}
	return change, nil
}

// ways are the targets of a post: one for each network, and on WhatsApp one for each person.
func (p Plan) ways(to post.Post, accounts mention.Accounts) ([]post.Target, error) {
	const op = "agenda.ways"
	var out []post.Target
	for _, n := range to.Networks {
		if n == mention.WhatsApp {
			if len(p.People) == 0 || len(p.People) > MostPeople {
				return nil, fault.Reject(op, "cases", "Elige a quiénes va la plantilla: entre 1 y 20 casos de WhatsApp.")
			}
			for i, who := range p.People {
				out = append(out, post.Target{Network: n, Account: who.Account, Part: i + 1, Recipient: who.Recipient})
			}
			continue
		}
		account := to.Accounts[n]
		if ours := accounts[n]; account == "" && len(ours) > 0 {
			account = ours[0]
		}
		if account == "" {
			return nil, fault.Reject(op, "networks", "No hay una cuenta de "+n.Title()+" por donde publicar.")
		}
		out = append(out, post.Target{Network: n, Account: account})
	}
	return out, nil
}

// first is the message a target begins with. What it counts its lateness from is the moment it is meant for.
func first(t post.Target, media bool, version int, now time.Time) outbox.Message {
	id := t.Post + "-" + t.Name() + "-" + strconv.Itoa(version)
	m := outbox.New(id, outbox.Broadcast, t.Cause(), t.Name(), t.Chain(), t.At)
	if media {
		m.Topic = outbox.Prepare
		if m.Due = t.At.Add(-Lead); m.Due.Before(now) {
			m.Due = now.UTC()
		}
	}
	m.Channel = channel.Ref{Network: t.Network, Account: t.Account}.String()
	return m
}

// target gives one way out by its name.
func (p Plan) target(name string) (post.Target, bool) {
	for _, t := range p.Targets {
		if t.Name() == name {
			return t, true
		}
	}
	return post.Target{}, false
}

// State is where the post stands as people see it: its own state until it is planned, then what is worst among its targets.
func (p Plan) State() post.State {
	if p.Post.State != post.Planned {
		return p.Post.State
	}
	for _, s := range []post.State{post.Unknown, post.Refused, post.Expired, post.Claimed, post.Planned, post.Sent} {
		if slices.ContainsFunc(p.Targets, func(t post.Target) bool { return t.State == s }) {
			return s
		}
	}
	return post.Cancelled
}
