package escalate_test

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
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/escalate"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
)

const words = "Llevo tres meses esperando el pago"

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

func ana() ticket.Actor {
	return ticket.Actor{ID: "ejecutivo1", Name: "Ana Ficticia", Roles: []ticket.Role{ticket.CommunityManager}}
}

// scripted is one answer of SIAC: what it says, and whether it did what it was asked.
type scripted struct {
	err     error
	applied bool
	folio   string // instead of the case's own
}

// filed is a case SIAC has.
type filed struct {
	folio string
	c     escalate.Case
	at    time.Time
}

// siac keeps cases by Idempotency-Key as domain.md §6.2 says, and answers by a script; what the script does not say goes
// well.
type siac struct {
	mu     sync.Mutex
	clock  func() time.Time
	script []scripted
	looks  []error
	lag    time.Duration // how long a case cannot be found
	cases  []filed
	posts  []escalate.Case
	finds  int
	number int // of the last folio
}

func (s *siac) File(_ context.Context, c escalate.Case) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = append(s.posts, c)
	now := scripted{applied: true}
	if len(s.script) > 0 {
		now, s.script = s.script[0], s.script[1:]
	}
	var folio string
	var refused error
	if now.applied {
		folio, refused = s.keep(c)
	}
	switch {
	case now.err != nil:
		return "", now.err
	case refused != nil:
		return "", refused
	case now.folio != "":
		return now.folio, nil
	default:
		return folio, nil
	}
}

// keep files the case once for each key.
func (s *siac) keep(c escalate.Case) (string, error) {
	for _, f := range s.cases {
		switch {
		case f.c.IdempotencyKey != c.IdempotencyKey:
		case f.c != c:
			return "", fault.New(fault.Conflict, "test", errors.New("status 409"))
		default:
			return f.folio, nil
		}
	}
	s.number++
	f := filed{folio: fmt.Sprintf("SIAC-%d", s.number), c: c, at: s.clock()}
	s.cases = append(s.cases, f)
	return f.folio, nil
}

func (s *siac) Find(_ context.Context, ref string) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finds++
	if len(s.looks) > 0 {
		err := s.looks[0]
		s.looks = s.looks[1:]
		if err != nil {
			return "", false, err
		}
	}
	for _, f := range s.cases {
		if f.c.ExternalRef == ref && !f.at.Add(s.lag).After(s.clock()) {
			return f.folio, true, nil
		}
	}
	return "", false, nil
}

// folios gives those of the case.
func (s *siac) folios(ref string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, f := range s.cases {
		if f.c.ExternalRef == ref {
			all = append(all, f.folio)
		}
	}
	return all
}

// store is the real store with a crash now and then, before a commit or after it.
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
	store  *store
	siac   *siac
	worker *escalate.Worker

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

// reset gives the world a new SIAC, which goes on counting, and a worker that speaks to it.
func (w *world) reset() {
	number := 0
	if w.siac != nil {
		number = w.siac.number
	}
	w.siac = &siac{clock: w.clock, number: number}
	w.store.set(nil, nil)
	w.worker = escalate.New(escalate.Config{Store: w.store, Filer: w.siac, Jitter: func() float64 { return 0.5 }})
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

// said is a comment under our post.
func (w *world) said(key, text string) mention.Event {
	return mention.Event{
		Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.Comment, Key: key, Thread: "7", Account: "100000000000001",
		Text: text, At: w.clock().Add(-time.Hour), Author: &mention.Author{Name: "Persona Ficticia"},
	}
}

func reclamo() classify.Result {
	return classify.Result{Intent: classify.Reclamo, Probabilities: map[classify.Intent]float64{classify.Reclamo: 0.99}}
}

// planned opens a complaint whose filing is due now.
func (w *world) planned(with ...func(*mention.Event)) (ticket.Ticket, outbox.Message) {
	w.Helper()
	w.made++
	e := w.said(fmt.Sprintf("7_%d", w.made), words)
	for _, f := range with {
		f(&e)
	}
	policy := ticket.DefaultPolicy()
	policy.Undo = 0
	c := ticket.Open(ticket.Opening{
		ID: fmt.Sprintf("01TICKET%018d", w.made), Number: fmt.Sprintf("RS-2026-%07d-1", w.made), Conversation: fmt.Sprintf("conv%d", w.made),
		CitizenKey: "clave", Event: e, Excerpt: "texto", DueDate: "2026-12-22", DueAt: w.clock().AddDate(0, 1, 0), Now: w.clock(), Class: reclamo(),
	}, policy, nil)
	return w.must(c, nil), c.Send[0]
}

// adds hangs a further mention on the case.
func (w *world) adds(id, key, text string) {
	w.Helper()
	t, err := w.store.Ticket(context.WithoutCancel(w.Context()), id)
	if err != nil {
		w.Fatal(err)
	}
	w.must(t.Append(w.said(key, text), reclamo(), "texto", ticket.DefaultPolicy(), w.clock(), w.clock(), nil), nil)
}

func (w *world) handle(m outbox.Message) error {
	w.Helper()
	body, err := json.Marshal(m)
	if err != nil {
		w.Fatal(err)
	}
	return w.worker.Handle(context.WithoutCancel(w.Context()), w.clock(), string(body))
}

// next gives what is still to be filed or looked up for the case: everything planned without the letters about it.
func (w *world) next(id string) []outbox.Message {
	w.Helper()
	all, err := w.store.Due(context.WithoutCancel(w.Context()), w.clock().AddDate(1, 0, 0), 5000)
	if err != nil {
		w.Fatal(err)
	}
	var own []outbox.Message
	for _, m := range all {
		if m.Ticket == id && m.Topic != outbox.Notify {
			own = append(own, m)
		}
	}
	return own
}

// run works everything the case has to do, each at its time, bringing back what fails.
func (w *world) run(id string, steps int) {
	w.Helper()
	for range steps {
		todo := w.next(id)
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
	w.Fatalf("after %d steps the case still has to do %+v", steps, w.next(id))
}

// seen is what is left to be seen of the filing.
type seen struct {
	State  ticket.Filing
	Folio  string
	Reason string
	Raised []string
}

func (w *world) seen(id string) seen {
	w.Helper()
	ctx := context.WithoutCancel(w.Context())
	t, err := w.store.Ticket(ctx, id)
	if err != nil {
		w.Fatal(err)
	}
	history, err := w.store.History(ctx, id)
	if err == nil {
		err = audit.Verify(history)
	}
	if err != nil || len(history) != t.Version {
		w.Fatalf("bitácora of %d entries for version %d: %v", len(history), t.Version, err)
	}
	out := seen{State: t.SIAC.State, Folio: t.SIAC.Folio, Reason: t.SIAC.Reason}
	for cursor := ""; ; {
		all, next, err := w.store.Attention(ctx, ticket.Reach{Ordinary: true, Restricted: true}, cursor, 200)
		if err != nil {
			w.Fatal(err)
		}
		for _, a := range all {
			if a.Ticket == id {
				out.Raised = append(out.Raised, a.Kind)
			}
		}
		if cursor = next; cursor == "" {
			return out
		}
	}
}
