package deliver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
)

const answer = "Hola. Ya lo estamos viendo."

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

func ana() ticket.Actor {
	return ticket.Actor{ID: "ejecutivo1", Name: "Ana Ficticia", Roles: []ticket.Role{ticket.CommunityManager}}
}

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

func (n *network) Reply(_ context.Context, account, target, text string) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls++
	now := scripted{applied: true}
	if len(n.script) > 0 {
		now, n.script = n.script[0], n.script[1:]
	}
	if now.applied {
		n.said = append(n.said, ticket.Reply{Author: account, Target: target, Text: text, SentAt: n.clock(), RemoteID: fmt.Sprintf("remoto-%d", len(n.said)+1)})
	}
	if now.err != nil {
		return "", now.err
	}
	return n.said[len(n.said)-1].RemoteID, nil
}

func (n *network) Find(_ context.Context, account, target, text string, since time.Time) (string, bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lookups = append(n.lookups, since)
	if len(n.looks) > 0 {
		err := n.looks[0]
		n.looks = n.looks[1:]
		if err != nil {
			return "", false, err
		}
	}
	for _, s := range n.said {
		if s.Author == account && s.Target == target && s.Text == text && !s.SentAt.Before(since) && !s.SentAt.Add(n.lag).After(n.clock()) {
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

// store is the real store with a crash now and then: before a commit (nothing is written) or after it (it is, and nobody
// is told).
type store struct {
	*dynamo.Store
	mu     sync.Mutex
	before func(ticket.Change) error
	after  func(ticket.Change) error
}

func (s *store) Commit(ctx context.Context, c ticket.Change) error {
	s.mu.Lock()
	before, after := s.before, s.after
	s.mu.Unlock()
	if before != nil {
		if err := before(c); err != nil {
			return err
		}
	}
	err := s.Store.Commit(ctx, c)
	if err == nil && after != nil {
		err = after(c)
	}
	return err
}

// set arms the crashes; nil disarms them.
func (s *store) set(before, after func(ticket.Change) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before, s.after = before, after
}

func crash() error { return fault.New(fault.Transient, "test", errors.New("crash")) }

// once fails the first time yes says so.
func once(yes func(ticket.Change) bool) func(ticket.Change) error {
	done := false
	return func(c ticket.Change) error {
		if done || !yes(c) {
			return nil
		}
		done = true
		return crash()
	}
}

func claims(c ticket.Change) bool  { return c.Claim != nil }
func settles(c ticket.Change) bool { return len(c.Done) > 0 }

type world struct {
	*testing.T
	store   *store
	network *network
	worker  *deliver.Worker

	mu   sync.Mutex
	now  time.Time
	made int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	e := engine.Start(t)
	work, bitacora := e.Tables(t)
	w := &world{T: t, now: noon()}
	w.store = &store{Store: dynamo.New(dynamo.Config{Client: e.Client, Table: work, Bitacora: bitacora, Clock: w.clock})}
	w.reset()
	return w
}

// reset gives the world a new network, and a worker that speaks to it.
func (w *world) reset() {
	w.network = &network{clock: w.clock}
	w.store.set(nil, nil)
	w.worker = deliver.New(deliver.Config{
		Store: w.store, Platforms: map[mention.Network]deliver.Platform{mention.Facebook: w.network}, Jitter: func() float64 { return 0.5 },
	})
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) at(when time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = when
}

// must commits a step that nothing may refuse, past the crashes.
func (w *world) must(c ticket.Change, err error) ticket.Ticket {
	w.Helper()
	if err == nil {
		err = w.store.Store.Commit(context.WithoutCancel(w.Context()), c)
	}
	if err != nil {
		w.Fatal(err)
	}
	return *c.Ticket
}

// planned opens a case that ana holds and answered: the reply waits, due now.
func (w *world) planned(with ...func(*mention.Event)) (ticket.Ticket, outbox.Message) {
	w.Helper()
	w.made++
	e := mention.Event{
		Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.Comment, Key: fmt.Sprintf("7_%d", w.made), Thread: "7",
		Account: "100000000000001", Text: "texto", At: w.clock().Add(-time.Hour), Author: &mention.Author{Name: "Persona Ficticia"},
	}
	for _, f := range with {
		f(&e)
	}
	t := w.must(ticket.Open(ticket.Opening{
		ID: fmt.Sprintf("01TICKET%018d", w.made), Number: fmt.Sprintf("RS-2026-%07d-1", w.made), Conversation: fmt.Sprintf("conv%d", w.made),
		CitizenKey: "clave", Event: e, Excerpt: "texto", DueDate: "2026-12-22", DueAt: w.clock().AddDate(0, 1, 0), Now: w.clock(),
		Class: classify.Result{Intent: classify.Consulta, Probabilities: map[classify.Intent]float64{classify.Consulta: 1}},
	}, ticket.DefaultPolicy(), nil), nil)
	t = w.must(t.Claim(ana(), w.clock()))
	c, err := t.PlanReply(ana(), answer, post.Public, w.clock(), w.clock())
	return w.must(c, err), c.Send[0]
}

// handle gives a message to the worker as the queue does.
func (w *world) handle(m outbox.Message) error {
	w.Helper()
	body, err := json.Marshal(m)
	if err != nil {
		w.Fatal(err)
	}
	return w.worker.Handle(context.WithoutCancel(w.Context()), w.clock(), string(body))
}

// waiting gives what the case still has to do, the next first.
func (w *world) waiting(id string) []outbox.Message {
	w.Helper()
	all, err := w.store.Due(context.WithoutCancel(w.Context()), w.clock().AddDate(1, 0, 0), 0)
	if err != nil {
		w.Fatal(err)
	}
	var own []outbox.Message
	for _, m := range all {
		if m.Ticket == id {
			own = append(own, m)
		}
	}
	return own
}

// next gives what is still to be said or looked for in a case: waiting without the letters about it.
func (w *world) next(id string) []outbox.Message {
	w.Helper()
	var own []outbox.Message
	for _, m := range w.waiting(id) {
		if m.Topic != outbox.Notify {
			own = append(own, m)
		}
	}
	return own
}

// run works everything the case has to do, each at its time, bringing back what fails, until nothing is left; it gives up
// after steps.
func (w *world) run(id string, steps int) {
	w.Helper()
	for range steps {
		todo := w.waiting(id)
		if len(todo) == 0 {
			return
		}
		if todo[0].Due.After(w.clock()) {
			w.at(todo[0].Due)
		}
		if err := w.handle(todo[0]); err != nil {
			w.at(w.clock().Add(time.Minute)) // the queue's visibility
		}
	}
	w.Fatalf("after %d steps the case still has to do %+v", steps, w.waiting(id))
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
	ctx := context.WithoutCancel(w.Context())
	s, err := w.store.Story(ctx, id)
	if err != nil {
		w.Fatal(err)
	}
	history, err := w.store.History(ctx, id)
	if err == nil {
		err = audit.Verify(history)
	}
	if err != nil || len(history) != s.Ticket.Version {
		w.Fatalf("bitácora of %d entries for version %d: %v", len(history), s.Ticket.Version, err)
	}
	r := s.Replies[len(s.Replies)-1]
	out := seen{State: r.State, Reason: r.Reason, Remote: r.RemoteID, Case: s.Ticket.State}
	for _, a := range w.matters(id) {
		out.Raised = append(out.Raised, a.Kind)
	}
	return out
}

func (w *world) matters(id string) []ticket.Attention {
	w.Helper()
	var own []ticket.Attention
	cursor := ""
	for {
		all, next, err := w.store.Attention(context.WithoutCancel(w.Context()), ticket.Reach{Ordinary: true, Restricted: true}, cursor, 200)
		if err != nil {
			w.Fatal(err)
		}
		for _, a := range all {
			if a.Ticket == id {
				own = append(own, a)
			}
		}
		if cursor = next; cursor == "" {
			return own
		}
	}
}
