package deliver_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

const answer = "Hola. Ya lo estamos viendo."

// scripted is one answer of the network: what it says, and whether it did what it was asked.
type scripted struct {
	err     error
	applied bool
}

// network is a network by a script; what the script does not say goes well.
type network struct {
	mu      sync.Mutex
	clock   func() time.Time
	script  []scripted
	looks   []error        // what looking answers, one after the other; nil looks
	lag     time.Duration  // how long what was said cannot be found
	said    []ticket.Reply // with Target, Text and SentAt
	calls   int
	lookups []time.Time // the since of each look
}

func (n *network) Send(_ context.Context, o post.Outgoing) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	now := worker.Next(&n.script, scripted{applied: true})
	if now.applied {
		n.said = append(n.said, ticket.Reply{Author: o.Account, Target: o.Target, Text: o.Text, SentAt: n.clock(), RemoteID: fmt.Sprintf("remoto-%d", len(n.said)+1)})
	}
	if now.err != nil {
		return "", now.err
	}
	return n.said[len(n.said)-1].RemoteID, nil
}

func (n *network) Find(_ context.Context, o post.Outgoing, since time.Time) (string, bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lookups = append(n.lookups, since)
	if err := worker.Next(&n.looks, nil); err != nil {
		return "", false, err
	}
	for _, s := range n.said {
		if s.Author == o.Account && s.Target == o.Target && s.Text == o.Text && !s.SentAt.Before(since) && !s.SentAt.Add(n.lag).After(n.clock()) {
			return s.RemoteID, true, nil
		}
	}
	return "", false, nil
}

func (n *network) Reason(err error) string { return "codigo_" + fault.Of(err).String() }

// times gives how often something was called and said.
func (n *network) times() (calls, said int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.calls, len(n.said)
}

// world is the worker's world with a network in it.
type world struct {
	*worker.World
	network *network
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: worker.New(t)}
	w.reset()
	return w
}

// reset gives the world a new network, and a worker that speaks to it.
func (w *world) reset() {
	w.network = &network{clock: w.Clock}
	w.Restart(deliver.New(deliver.Config{
		Open:  func(_ context.Context, id string) (string, error) { return id, nil },
		Store: w.Store, Platforms: map[mention.Network]deliver.Platform{mention.Facebook: w.network}, Jitter: func() float64 { return 0.5 },
	}))
}

// planned opens a case that ana holds and answered: the reply waits, due now.
func (w *world) planned(with ...func(*mention.Event)) (ticket.Ticket, outbox.Message) {
	w.Helper()
	consulta := classify.Result{Intent: classify.Consulta, Probabilities: map[classify.Intent]float64{classify.Consulta: 1}}
	t := *w.Open("texto", consulta, ticket.DefaultPolicy(), with...).Ticket
	t = w.Must(t.Claim(worker.Ana(), w.Clock()))
	v := post.Public
	if !t.Public {
		v = post.Private
	}
	c, err := t.PlanReply(worker.Ana(), answer, v, w.Clock(), w.Clock())
	return w.Must(c, err), c.Send[0]
}

// next gives what is still to be said or looked for in a case: what waits without the letters about it.
func (w *world) next(id string) []outbox.Message {
	w.Helper()
	return w.Waiting(id, outbox.Notify)
}

// seen is what is left to be seen of one reply.
type seen struct {
	State  ticket.ReplyState
	Reason string
	Remote string
	Case   ticket.State
	Raised []string // the kinds of matter that wait for a person
}

func (w *world) seen(id string) seen {
	w.Helper()
	s := w.Proven(id)
	r := s.Replies[len(s.Replies)-1]
	return seen{State: r.State, Reason: r.Reason, Remote: r.RemoteID, Case: s.Ticket.State, Raised: w.Raised(id)}
}
