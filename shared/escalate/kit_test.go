package escalate_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/escalate"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

const words = "Llevo tres meses esperando el pago"

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
	now := worker.Next(&s.script, scripted{applied: true})
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
	if err := worker.Next(&s.looks, nil); err != nil {
		return "", false, err
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

// world is the worker's world with a SIAC in it.
type world struct {
	*worker.World
	siac *siac
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: worker.New(t), siac: &siac{}}
	w.reset()
	return w
}

// reset gives the world a new SIAC, which goes on counting, and a worker that speaks to it.
func (w *world) reset() {
	w.siac = &siac{clock: w.Clock, number: w.siac.number}
	w.Restart(escalate.New(escalate.Config{Store: w.Store, Filer: w.siac, Jitter: func() float64 { return 0.5 }}))
}

func reclamo() classify.Result {
	return classify.Result{Intent: classify.Reclamo, Probabilities: map[classify.Intent]float64{classify.Reclamo: 0.99}}
}

// planned opens a complaint whose filing is due now.
func (w *world) planned(with ...func(*mention.Event)) (ticket.Ticket, outbox.Message) {
	w.Helper()
	policy := ticket.DefaultPolicy()
	policy.Undo = 0
	c := w.Open(words, reclamo(), policy, with...)
	return *c.Ticket, c.Send[0]
}

// adds hangs a further mention on the case.
func (w *world) adds(id, key, text string) {
	w.Helper()
	w.Must(w.Ticket(id).Append(w.Said(key, text), reclamo(), "texto", ticket.DefaultPolicy(), w.Clock(), w.Clock(), nil), nil)
}

// next gives what is still to be filed or looked up for the case: what waits without the letters about it, which are sent by
// another worker.
func (w *world) next(id string) []outbox.Message {
	w.Helper()
	return w.Waiting(id, outbox.Notify)
}

// run works everything the case has to do, each at its time, bringing back what fails.
func (w *world) run(id string, steps int) {
	w.Helper()
	w.Run(id, steps, outbox.Notify)
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
	siac := w.Proven(id).Ticket.SIAC
	return seen{State: siac.State, Folio: siac.Folio, Reason: siac.Reason, Raised: w.Raised(id)}
}

// oneFolio gives what is left to be seen of a filing that has come to its end, once it has shown to agree with SIAC, which
// has one folio at most: a filed case has SIAC's, and leaves no matter; of one that nobody knows a person is told.
func (w *world) oneFolio(rt *rapid.T, c ticket.Ticket) seen {
	folios, got := w.siac.folios(c.Number), w.seen(c.ID)
	switch {
	case len(folios) > 1:
		rt.Fatalf("folios %v", folios)
	case got.State == ticket.Filed && (len(folios) != 1 || got.Folio != folios[0] || len(got.Raised) != 0):
		rt.Fatalf("SIAC has %v, the case says %+v", folios, got)
	case got.State == ticket.FilingUnknown && len(got.Raised) != 1:
		rt.Fatalf("nobody is told: %+v", got)
	}
	return got
}
