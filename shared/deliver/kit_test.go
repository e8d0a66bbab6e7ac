package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/dynamo"
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
	usage   channel.Usage
	stands  string
}

// network is a network by a script; what the script does not say goes well.
type network struct {
	mu      sync.Mutex
	clock   func() time.Time
	script  []scripted
	acts    []error        // what acting answers, one after the other; nil acts
	done    []post.Act     // what was asked for and done
	looks   []error        // what looking answers, one after the other; nil looks
	lag     time.Duration  // how long what was said cannot be found
	said    []ticket.Reply // with Target, Text and SentAt
	calls   int
	lookups []time.Time // the since of each look

	stands   string // what the last look was told to look at first
	extended []bool // of what was said: whether the longer window was asked for

	templates []*post.Template // of what was said
}

func (n *network) Send(_ context.Context, o post.Outgoing) (post.Receipt, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	now := worker.Next(&n.script, scripted{applied: true})
	if now.applied {
		n.said = append(n.said, ticket.Reply{Author: o.Account, Target: o.Target, Text: o.Text, SentAt: n.clock(), RemoteID: fmt.Sprintf("remoto-%d", len(n.said)+1)})
		n.extended = append(n.extended, o.Extended)
		n.templates = append(n.templates, o.Template)
	}
	if now.err != nil {
		return post.Receipt{Usage: now.usage, Stands: now.stands}, now.err
	}
	return post.Receipt{ID: n.said[len(n.said)-1].RemoteID, Usage: now.usage}, nil
}

func (n *network) Act(_ context.Context, a post.Act) (post.Receipt, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	if err := worker.Next(&n.acts, nil); err != nil {
		return post.Receipt{}, err
	}
	n.done = append(n.done, a)
	return post.Receipt{}, nil
}

func (n *network) Find(_ context.Context, o post.Outgoing, since time.Time) (string, bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lookups, n.stands = append(n.lookups, since), o.Stands
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

// named is an error that its network gives a reason to.
type named struct{ reason string }

func (e named) Error() string { return e.reason }

// saying makes an error of a kind with a network's reason.
func saying(kind fault.Kind, reason string) *fault.Error {
	return fault.New(kind, "test", named{reason})
}

func (n *network) Reason(err error) string {
	var known named
	if errors.As(err, &known) {
		return known.reason
	}
	return "codigo_" + fault.Of(err).String()
}

// times gives how often something was called and said.
func (n *network) times() (calls, said int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.calls, len(n.said)
}

// accounts is the store as it knows our accounts; writing it can be made to fail, and is counted.
type accounts struct {
	*dynamo.Store
	mu     sync.Mutex
	writes int
	fails  []error // what writing answers, one after the other
}

func (a *accounts) Commit(ctx context.Context, c ticket.Change) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := worker.Next(&a.fails, nil); err != nil {
		return err
	}
	a.writes++
	return a.Store.Commit(ctx, c)
}

// world is the worker's world with a network in it, and our accounts.
type world struct {
	*worker.World
	network  *network
	accounts *accounts
}

// page is the account of the cases of the world.
func page() channel.Ref { return channel.Ref{Network: mention.Facebook, Account: "100000000000001"} }

// page gives what is known of the account, changed first as with says.
func (w *world) page(with ...func(*channel.Channel)) channel.Channel {
	w.Helper()
	c, found, err := w.accounts.Channel(w.Context(), page())
	if err != nil {
		w.Fatal(err)
	}
	if !found {
		c = channel.Channel{Ref: page(), State: channel.Working}
	}
	for _, f := range with {
		f(&c)
		c.Rev++
		if err := w.accounts.Store.Commit(w.Context(), ticket.Change{Channel: &c}); err != nil {
			w.Fatal(err)
		}
	}
	return c
}

// in puts the account into a state.
func in(s channel.State, reason string) func(*channel.Channel) {
	return func(c *channel.Channel) { c.State, c.Reason = s, reason }
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
	w.accounts = &accounts{Store: w.Store.Store}
	w.page(func(c *channel.Channel) { *c = channel.Channel{Ref: page(), State: channel.Working, Rev: c.Rev} })
	w.Restart(deliver.New(deliver.Config{
		Open:  func(_ context.Context, id string) (string, error) { return id, nil },
		Store: w.Store, Platforms: map[mention.Network]deliver.Platform{mention.Facebook: w.network, mention.X: w.network, mention.WhatsApp: w.network}, Jitter: func() float64 { return 0.5 },
		Accounts: deliver.Accounts{
			Store: w.accounts, Limits: map[mention.Network]int64{mention.X: 100_000}, Day: func(now time.Time) string { return now.Format(time.DateOnly) },
		},
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
