// Package worker is the world a worker of the outbox is tried in: the real store over the real engine, a clock the test
// moves, crashes, and the relay, queue and minute sweep that bring messages to it. Whom the worker calls is the test's own.
// Only tests import it.
package worker

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
)

// Noon is when every test begins: a working Monday, far from midnight in Santiago and in UTC.
func Noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

// Ana is the fictitious person who has the cases.
func Ana() ticket.Actor {
	return ticket.Actor{ID: "ejecutivo1", Name: "Ana Ficticia", Roles: []ticket.Role{ticket.CommunityManager}}
}

// Handler is the worker under test.
type Handler interface {
	Handle(ctx context.Context, now time.Time, body string) error
}

// World is one store with its clock, the worker of the moment and a supply of fictitious cases. Its methods end the test
// when something fails that is not what is tried.
type World struct {
	*testing.T
	Store  *Store
	Worker Handler

	mu   sync.Mutex
	now  time.Time
	made int
}

// New opens an empty world at Noon; Restart gives it its worker.
func New(t *testing.T) *World {
	t.Helper()
	e := engine.Start(t)
	work, bitacora := e.Tables(t)
	w := &World{T: t, now: Noon()}
	w.Store = &Store{Store: dynamo.New(dynamo.Config{Client: e.Client, Table: work, Bitacora: bitacora, Clock: w.Clock})}
	return w
}

// Restart puts another worker in the place of the one before, and ends the crashes; the cases stay.
func (w *World) Restart(h Handler) {
	w.Store.Set(nil, nil)
	w.Worker = h
}

// Clock gives the world's time.
func (w *World) Clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// At sets the world's time.
func (w *World) At(when time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = when
}

// Must commits a step that nothing may refuse, past the crashes, and gives its case.
func (w *World) Must(c ticket.Change, err error) ticket.Ticket {
	w.Helper()
	if err == nil {
		err = w.Store.Store.Commit(w.lasting(), c)
	}
	if err != nil {
		w.Fatal(err)
	}
	return *c.Ticket
}

// Said is a comment under our post, an hour old.
func (w *World) Said(key, text string) mention.Event {
	return mention.Event{
		Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.Comment, Key: key, Thread: "7", Account: "100000000000001",
		Text: text, At: w.Clock().Add(-time.Hour), Author: &mention.Author{Name: "Persona Ficticia"},
	}
}

// Open opens a case of a comment, changed as with says, and gives what was committed.
func (w *World) Open(text string, class classify.Result, policy ticket.Policy, with ...func(*mention.Event)) ticket.Change {
	w.Helper()
	w.made++
	e := w.Said(fmt.Sprintf("7_%d", w.made), text)
	for _, f := range with {
		f(&e)
	}
	c := ticket.Open(ticket.Opening{
		ID: fmt.Sprintf("01TICKET%018d", w.made), Number: fmt.Sprintf("RS-2026-%07d-1", w.made), Conversation: fmt.Sprintf("conv%d", w.made),
		CitizenKey: "clave", Event: e, Excerpt: "texto", DueDate: "2026-12-22", DueAt: w.Clock().AddDate(0, 1, 0), Now: w.Clock(), Class: class,
	}, policy, nil)
	w.Must(c, nil)
	return c
}

// Denounced makes the case a denuncia, as a supervisor does.
func (w *World) Denounced(id string) {
	w.Helper()
	t := w.Ticket(id)
	by := ticket.Actor{ID: "supervisor", Name: "Luz Ficticia", Roles: []ticket.Role{ticket.Supervisor}}
	w.Must(t.Classify(by, ticket.Correction{
		Intent: classify.Denuncia, Reason: "acusa a un OTEC", DueDate: t.DueDate, DueAt: t.DueAt,
	}, ticket.DefaultPolicy(), w.Clock()))
}

// Ticket gives the case as it stands.
func (w *World) Ticket(id string) ticket.Ticket {
	w.Helper()
	t, err := w.Store.Ticket(w.lasting(), id)
	if err != nil {
		w.Fatal(err)
	}
	return t
}

// Proven gives the case with all that hangs on it, once its bitácora has shown to be whole: one entry for each version,
// each chained to the one before.
func (w *World) Proven(id string) ticket.Story {
	w.Helper()
	s, err := w.Store.Story(w.lasting(), id)
	if err != nil {
		w.Fatal(err)
	}
	history, err := w.Store.History(w.lasting(), id)
	if err == nil {
		err = audit.Verify(history)
	}
	if err != nil || len(history) != s.Ticket.Version {
		w.Fatalf("bitácora of %d entries for version %d: %v", len(history), s.Ticket.Version, err)
	}
	return s
}

// Matters gives what of the case waits for a person.
func (w *World) Matters(id string) []ticket.Attention {
	w.Helper()
	var own []ticket.Attention
	for cursor := ""; ; {
		all, next, err := w.Store.Attention(w.lasting(), ticket.Reach{Ordinary: true, Restricted: true, Posts: true}, cursor, 200)
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

// Raised gives the kinds of the case's matters; nil for none.
func (w *World) Raised(id string) []string {
	w.Helper()
	var kinds []string
	for _, a := range w.Matters(id) {
		kinds = append(kinds, a.Kind)
	}
	return kinds
}

// lasting is a context that also serves while the test cleans up.
func (w *World) lasting() context.Context { return context.WithoutCancel(w.Context()) }
